"""门口的计数：每种意外一个数，日志里一分钟至多说一次。"""

import logging
import time
from collections import Counter

from bot.gateway.frames import Fault

#: 同一种意外隔多久才在日志里再说一次，秒
_QUIET = 60.0
#: 平常事，只计数不进日志
_ORDINARY = {Fault.DUPLICATE, Fault.ECHO, Fault.ELSEWHERE, Fault.UNKNOWN, Fault.INCOMPLETE, Fault.UNREADABLE}

_counts: Counter[Fault] = Counter()
_spoken_at: dict[Fault, float] = {}


def note(fault: Fault, detail: str = "") -> None:
    """记一笔；`detail` 只能是类型名之类，不能是帧里的内容。"""
    _counts[fault] += 1
    if fault in _ORDINARY or time.monotonic() - _spoken_at.get(fault, -_QUIET) < _QUIET:
        return
    _spoken_at[fault] = time.monotonic()
    logging.getLogger("tuanbot").warning("%s%s，已跳过（累计 %d）", fault, detail and f" {detail}", _counts[fault])


def counts() -> dict[str, int]:
    """每种意外累计多少次。"""
    return {fault.name.lower(): number for fault, number in _counts.items()}
