"""每分钟看一遍：到期的话清空，题目留着。"""

from datetime import datetime

from bot.league import studies
from bot.ticks import tick


@tick
async def forget_words(at: datetime) -> None:
    """可以随便重复。"""
    await studies.forget(at)
