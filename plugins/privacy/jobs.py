"""冷静期过了的，执行删除。"""

from datetime import datetime

from bot.league import erasures
from bot.ticks import tick


@tick
async def erase_due(at: datetime) -> None:
    """每分钟看一眼。"""
    await erasures.erase_due(at)
