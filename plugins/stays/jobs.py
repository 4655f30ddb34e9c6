"""每分钟看一遍：到期的原因清空。"""

from datetime import datetime

from bot.league import stays
from bot.ticks import tick


@tick
async def forget_reasons(at: datetime) -> None:
    """可以随便重复。"""
    await stays.forget(at)
