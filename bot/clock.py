"""进程的钟。规则只收 `at=`，只有最外层问这里“现在几点”。"""

from datetime import datetime, timedelta

from bot.settings import settings

_offset = timedelta()


def now() -> datetime:
    """此刻，带本地时区；演示时可由 `travel` 拨快。"""
    return datetime.now(settings().zone) + _offset


def travel(to: datetime | None) -> None:
    """把进程的钟拨到 `to`（`None` 拨回真实时间）；只有沙盒和测试用。"""
    global _offset
    _offset = timedelta() if to is None else to - datetime.now(settings().zone)
