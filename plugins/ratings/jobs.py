"""每分钟看一遍：该抽的抽，排到的问，到期的话清空。"""

from datetime import datetime

from bot.league import rating_rounds, ratings
from bot.ticks import tick

#: 清空按天算，一小时看一回就够
CLEARING_MINUTE = 7


@tick
async def keep_ratings(at: datetime) -> None:
    """可以随便重复。"""
    await rating_rounds.draw(at)
    await rating_rounds.ask(at)
    if at.minute == CLEARING_MINUTE:
        await ratings.forget(at)
