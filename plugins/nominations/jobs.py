"""每分钟看一遍：请被推荐的本人回话，过了年的删掉。"""

from datetime import datetime

from bot.league import nominations
from bot.ticks import tick


@tick
async def keep_nominations(at: datetime) -> None:
    """可以随便重复。"""
    await nominations.keep(at)
