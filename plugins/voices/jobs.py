"""每分钟看一遍哪条还没有回音。"""

from datetime import datetime

from bot.league import voices
from bot.ticks import tick


@tick
async def keep_voices(at: datetime) -> None:
    """往上报、到期清空。"""
    await voices.keep(at)
