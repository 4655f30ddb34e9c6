"""日志：聊天里的字一个也不进日志，任何级别都不行。

NoneBot 在 SUCCESS 级记下每条消息的原文，在 TRACE 级记下整个事件；Alconna、websockets 在 DEBUG 级也记。
所以别人的 DEBUG 与 TRACE 一概不要，异常只留类型与位置，不留说明（说明里常带着原文）。
"""

import logging
import os
import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from nonebot.adapters import Event
from nonebot.exception import NoLogException
from nonebot.log import logger

if TYPE_CHECKING:
    from loguru import Record

_FORMAT = "<g>{time:MM-DD HH:mm:ss}</g> [<lvl>{level}</lvl>] <c>{extra[source]}</c> | {message}{extra[where]}\n"


_hushed = False


def install(level: str | int | None = None) -> None:
    """接管 NoneBot 与标准库的日志；不给级别就看环境变量 `LOG_LEVEL`（NoneBot 读到设置之前）。"""
    level = level or os.environ.get("LOG_LEVEL") or "INFO"
    level = int(level) if str(level).isdecimal() else str(level).upper()
    Event.get_log_string = _unlogged  # pyright: ignore[reportAttributeAccessIssue]
    logger.remove()
    logger.add(sys.stdout, level=level, format=_shape, filter=_wanted, diagnose=False, backtrace=False)
    logger.disable("nonebot.internal.matcher")  # 只有每条命令一行的流水账
    logging.basicConfig(handlers=[Bridge()], level=logging.WARNING, force=True)
    logging.getLogger("tuanbot").setLevel(1)
    for name in ("uvicorn.error", "apscheduler"):  # 自己已经接到 loguru，再往上传会说两遍
        logging.getLogger(name).propagate = False


def hush() -> None:
    """从此异常只留类型与位置；启动之前还没有人说话，照常说明原因。"""
    global _hushed
    _hushed = True


class Bridge(logging.Handler):
    """标准库的日志 → loguru。"""

    def emit(self, record: logging.LogRecord) -> None:
        """标准库的 asyncio 把没人接的异常整个印在后面几行里，只留第一行。"""
        message = record.getMessage()
        if record.name == "asyncio":
            message = message.partition("\n")[0]
        level = record.levelname if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else "DEBUG"
        logger.bind(source=record.name).opt(exception=record.exc_info).log(level, "{}", message)


def _unlogged(_: Event) -> NoReturn:
    raise NoLogException("tuanbot")


def _wanted(record: "Record") -> bool:
    if record["extra"].get("source") == "tuanbot":
        return True
    # 每条命令一行的流水账（哪个响应器来办、事件被路由器拦下）也不要
    lowest = 30 if record["module"] == "message" and record["name"] == "nonebot" else 20
    return record["level"].no >= lowest


def _shape(record: "Record") -> str:
    record["extra"].setdefault("source", record["name"])
    record["extra"]["where"] = ""
    if failure := record["exception"]:
        record["extra"]["where"] = "\n" + "\n".join(trace(failure.value, failure.traceback))
    return _FORMAT


def trace(error: BaseException | None, at: TracebackType | None = None) -> list[str]:
    """异常的类型与经过，没有它的说明。"""
    if error is None:
        return []
    lines = trace(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    lines += [line.rstrip() for line in traceback.format_tb(at or error.__traceback__)]
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}" + ("" if _hushed else f": {error}"))
    if isinstance(error, BaseExceptionGroup):
        lines += [f"  {line}" for one in error.exceptions for line in trace(one)]
    return lines
