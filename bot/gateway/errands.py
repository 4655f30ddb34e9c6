"""要交给 NoneBot 的一件事。帧到这时才变成事件：在工人手里变，不占收帧的时间。"""

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from nonebot.adapters.onebot import v11, v12
from nonebot.compat import type_validate_python
from pydantic import ValidationError

from bot.gateway import tally
from bot.gateway.frames import Fault, Frame

E = TypeVar("E", v11.Event, v12.Event)


@dataclass(frozen=True)
class Errand:
    """要交给 NoneBot 的一件事；`queue` 是排哪条队（群，或私聊的人）。"""

    queue: str
    run: Callable[[], Awaitable[None]]


def queue_of(frame: Frame) -> str:
    """排哪条队。"""
    return str(frame.get("group_id") or frame.get("user_id") or "")


def first_valid(models: Iterable[type[E]], frame: Frame) -> E | None:
    """第一个读得了的模型；都读不了只计数，上游会把原文写进日志。"""
    for model in models:
        with contextlib.suppress(ValidationError):
            return type_validate_python(model, frame)
    tally.note(Fault.UNREADABLE)
    return None
