"""每分钟看一眼：过了十分钟的六位码删掉。"""

from datetime import datetime

from bot.league import accounts
from bot.ticks import tick


@tick
async def forget_codes(at: datetime) -> None:
    """可以随便重复。"""
    await accounts.forget(at)
