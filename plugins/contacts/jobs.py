"""每分钟看一眼：过了十分钟的标签改动经过删掉。"""

from datetime import datetime

from bot.league import tag_batches
from bot.ticks import tick


@tick
async def forget_tag_batches(at: datetime) -> None:
    """可以随便重复。"""
    await tag_batches.forget(at)
