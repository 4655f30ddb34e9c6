"""每分钟看一眼：到期的交接收起来。"""

from datetime import datetime

from bot.league import handovers
from bot.ticks import tick


@tick
async def keep_handovers(at: datetime) -> None:
    """可以随便重复。"""
    await handovers.keep(at)
