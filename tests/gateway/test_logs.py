"""日志里没有人说过的话：异常只留类型与位置，别人的细账不要。黑盒的一半在 `test_socket.py`。"""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from nonebot.adapters.onebot import v11
from nonebot.exception import NoLogException
from nonebot.log import logger

from bot.gateway import logs
from bot.gateway.onebot import V11Adapter

SECRET = "说过的话"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """此刻起打印的每一行，级别开到最细。"""
    lines: list[str] = []
    monkeypatch.setattr(logs, "_hushed", True)
    handler = logger.add(lambda message: lines.append(str(message)), level=0, format=logs._shape, filter=logs._wanted)
    yield lines
    logger.remove(handler)


def test_an_exception_keeps_its_place_and_loses_its_words(lines: list[str]) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise ExceptionGroup(SECRET, [ValueError(SECRET)]) from cause
    except ExceptionGroup as error:
        logger.opt(exception=error).error("出错")
    text = "".join(lines)
    assert SECRET not in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py" in text


def test_others_details_are_dropped_and_ours_kept(lines: list[str]) -> None:
    logger.debug(SECRET)
    logger.trace(SECRET)
    bridge = logs.Bridge()
    for name in ("websockets.server", "tuanbot"):
        bridge.handle(logging.LogRecord(name, logging.DEBUG, __file__, 1, f"{name} 的细账 {{0}}", (), None))
    assert [line.partition("| ")[2] for line in lines] == ["tuanbot 的细账 {0}\n"]


def test_a_lost_exception_of_asyncio_keeps_its_first_line(lines: list[str]) -> None:
    message = f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{SECRET}')>"
    logs.Bridge().handle(logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, (), None))
    assert "never retrieved" in lines[0]
    assert SECRET not in "".join(lines)


def test_no_event_tells_nonebot_its_words() -> None:
    frame = {"post_type": "message", "message_type": "private", "user_id": 1, "message_id": 2, "self_id": 3}
    event = V11Adapter.json_to_event(frame | {"message": SECRET})
    assert isinstance(event, v11.PrivateMessageEvent)
    with pytest.raises(NoLogException):
        event.get_log_string()


async def test_before_the_start_a_reason_is_told(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_hushed", False)
    try:
        raise ImportError("没有这个模块")
    except ImportError as error:
        logger.opt(exception=error).error("插件装不上")
    assert "没有这个模块" in lines[0]
    await asyncio.sleep(0)
