"""退群满七天的，当作退出。"""

from datetime import datetime

from bot.league import consents
from bot.ticks import tick


@tick
async def end_paused(at: datetime) -> None:
    """每分钟看一眼。"""
    await consents.end_paused(at)
