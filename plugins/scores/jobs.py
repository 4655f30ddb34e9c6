"""让积分与名次跟上事实。"""

from datetime import datetime

from bot.league import rankings
from bot.ticks import tick

#: 每十分钟跟一次；有人问 /排名 时也会当场跟上，错过一次不要紧
EVERY_MINUTES = 10


@tick
async def keep_ranking(at: datetime) -> None:
    """没有变化就什么也不写。"""
    if at.minute % EVERY_MINUTES == 0:
        await rankings.refresh(at=at)
