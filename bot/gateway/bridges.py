"""桥：说别的协议的平台，在连接这一头翻成 OneBot V12；门里别处只认得 V11 与 V12。"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from nonebot.adapters.onebot import v12

from bot.gateway.links import Link

#: 正在说的这一句必须整句送到：等着他的通知，说一半就算送到是不行的
_whole: ContextVar[bool] = ContextVar("whole", default=False)


class Bridge(Link):
    """一条说别的协议的连接：进来的由 `read` 翻成 V12 的帧，出去的动作由 `act` 翻回去。"""

    async def act(self, bot: v12.Bot, action: str, params: Mapping[str, Any]) -> Any:
        """做一个 V12 的动作；做不成就抛 V12 的异常。"""
        raise NotImplementedError


@contextmanager
def whole() -> Iterator[None]:
    """里面说的话要么整句送到，要么抛错，不先欠着。"""
    token = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(token)


def must_be_whole() -> bool:
    """这一句能不能先欠着。"""
    return _whole.get()


def unsupported(action: str) -> v12.exception.ActionFailedWithRetcode:
    """没有这个动作。"""
    return v12.exception.UnsupportedAction("failed", 10002, action, None)


def refused(retcode: int, why: str) -> v12.exception.ActionFailedWithRetcode:
    """平台明确没收。"""
    return v12.exception.ActionFailedWithRetcode("failed", retcode, why, None)


def plain(message: Any) -> str:
    """V12 的消息里的文字。"""
    return "".join(str(segment.data.get("text") or "") for segment in message if segment.type == "text")
