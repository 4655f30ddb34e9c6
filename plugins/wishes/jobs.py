"""每分钟看一遍心愿的期限。"""

from datetime import datetime

from bot.league import crisis_rings, wish_deadlines
from bot.ticks import tick


@tick
async def keep_deadlines(at: datetime) -> None:
    """提醒、放回、上报、再问、结案、到期清空。"""
    await wish_deadlines.keep(at)


@tick
async def ring_again(at: datetime) -> None:
    """没有人看过的求助，接着响。"""
    await crisis_rings.keep(at)
