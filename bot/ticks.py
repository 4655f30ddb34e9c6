"""到点看一眼的事。调度器只管“什么时候看”，看什么、做没做过由数据库决定，所以多看几次也无妨。"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

Tick = Callable[[datetime], Awaitable[None]]

_ticks: dict[str, Tick] = {}
_looked_at: datetime | None = None
#: 一直出错的：名字 → 从哪一次起
_failing: dict[str, datetime] = {}


def tick(function: Tick) -> Tick:
    """登记一件每分钟看一次的事；函数收此刻 `at`，必须可重复执行。"""
    _ticks[f"{function.__module__}.{function.__name__}"] = function
    return function


async def run_ticks(at: datetime) -> None:
    """挨个看一遍；一件出错不耽误别的。"""
    global _looked_at
    for name, function in _ticks.items():
        try:
            await function(at)
            _failing.pop(name, None)
        except Exception:
            _failing.setdefault(name, at)
            logging.getLogger("tuanbot").exception("定时检查 %s 出错", name)
    _looked_at = at


def last_look() -> datetime | None:
    """上一次看完是什么时候看的；还没看过为空。"""
    return _looked_at


def failing() -> dict[str, datetime]:
    """上一次看时出了错的：名字 → 从什么时候起一直出错。"""
    return dict(_failing)
