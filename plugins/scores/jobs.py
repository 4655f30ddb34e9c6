"""让积分与名次跟上事实。"""

from datetime import datetime

from bot.league import rankings
from bot.ticks import tick


@tick
async def keep_ranking(at: datetime) -> None:
    """每十分钟看一遍，没有变化就什么也不写；有人问榜而好久没看过，也会当场看，所以错过一次不要紧。"""
    if at.minute % (rankings.LOOK_EVERY.seconds // 60) == 0:
        await rankings.refresh(at=at)
