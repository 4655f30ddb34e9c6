"""每分钟看一遍：该问的问，到期的文字清空。"""

from datetime import datetime

from bot.league import record_asks, records
from bot.ticks import tick


@tick
async def keep_records(at: datetime) -> None:
    """可以随便重复。"""
    await record_asks.ask(at)
    await records.forget(at)
