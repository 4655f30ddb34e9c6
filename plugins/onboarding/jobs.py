"""刚上任的团干部，说一声先做什么。"""

from datetime import datetime

from bot.league import onboarding, roster
from bot.ticks import tick

_looked: tuple[int, datetime] | None = None


@tick
async def greet_appointed(at: datetime) -> None:
    """名册变了才看，另外一小时看一次（命令行导入的，本进程不知道）。"""
    global _looked
    now = roster.revision(), at.replace(minute=0, second=0, microsecond=0)
    if now != _looked:
        await onboarding.greet(at=at)
        _looked = now
