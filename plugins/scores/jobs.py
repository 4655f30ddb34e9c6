"""让积分与名次跟上事实。"""

from datetime import datetime

from bot.league import rankings
from bot.ticks import tick


@tick
async def keep_ranking(at: datetime) -> None:
    """没有变化就什么也不写。"""
    await rankings.refresh(at=at)
