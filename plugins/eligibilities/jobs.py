"""过了期的理由与申诉清空。"""

from datetime import datetime

from bot.league import eligibilities
from bot.ticks import tick


@tick
async def forget_words(at: datetime) -> None:
    """可以随便重复。"""
    await eligibilities.forget(at)
