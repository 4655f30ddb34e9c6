"""回答：处理函数返回什么就回什么。图片画不出、发不动时退回文字，发送失败只记一行。"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec

from nonebot import require
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError
from nonebot.matcher import current_bot, current_event

from bot.cards import Card, draw
from bot.gateway.delivery import ride
from bot.gateway.speaker import Said
from bot.league.errors import Refusal

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import SerializeFailed, UniMessage  # noqa: E402

P = ParamSpec("P")

#: 处理函数的返回值：一句话、一张卡片、一条消息，或什么都不说
Answer = str | Card | UniMessage[Any] | None

#: 一条消息最多多少字，更长的按行分开发
LONGEST = 1_500

_log = logging.getLogger("tuanbot")


def answers(handler: Callable[P, Awaitable[Answer]]) -> Callable[P, Awaitable[None]]:
    """处理函数返回什么就回什么；抛 `Refusal` 就回那一句话。"""

    @wraps(handler)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> None:
        said = next((value for value in (*args, *kwargs.values()) if isinstance(value, Said)), None)
        try:
            reply = await handler(*args, **kwargs)
        except Refusal as refusal:
            reply = refusal.sentence
        if isinstance(reply, Card) and said and said.text_only:
            reply = reply.text
        if reply is not None:
            await say(reply)
        if said and said.private:
            await ride(said, lambda text: UniMessage.text(text).send(current_event.get(), current_bot.get()))

    return answer


async def say(answer: str | Card | UniMessage[Any]) -> None:
    """对正在说话的人回一句；发不出去只记一行，从不抛错。"""
    if isinstance(answer, Card):
        await _show(answer)
    elif isinstance(answer, str):
        for part in paragraphs(answer):
            await _send(UniMessage.text(part))
    else:
        await _send(answer)


async def _show(card: Card) -> None:
    """先试图片；画不出，或平台明确不收，就发文字版。"""
    try:
        picture = await asyncio.to_thread(compose, card)
    except Exception:
        _log.exception("卡片 %s 画不出来", card.template)
        picture = None
    if picture is None or not await _send(picture):
        await say(card.text)


async def _send(message: UniMessage[Any]) -> bool:
    """`False` 是平台明确不收；超时之类说不清发没发的算发了，重发可能说两遍。"""
    try:
        await message.send(current_event.get(), current_bot.get())
    except (ActionFailed, ApiNotAvailable, NetworkError, SerializeFailed) as error:
        # 平台返回的说明里可能带着消息原文，只记种类与代码
        info: dict[str, Any] = getattr(error, "info", {})
        _log.warning("回答没发出去：%s %s", type(error).__name__, info.get("retcode", ""))
        return isinstance(error, NetworkError | ApiNotAvailable) or "imeout" in str(info)
    return True


def compose(answer: str | Card | UniMessage[Any]) -> UniMessage[Any]:
    """回答 → 可以发出去的消息（文字段，不解析 CQ 码）。"""
    if isinstance(answer, Card):
        return UniMessage.image(raw=draw(answer), name="card.png")
    return UniMessage.text(answer) if isinstance(answer, str) else answer


def paragraphs(text: str) -> Iterator[str]:
    """长文字按行切成几条，每条不超过 `LONGEST` 字；一行就超过的硬切。"""
    part = ""
    for line in text.splitlines() or [""]:
        for start in range(0, len(line) or 1, LONGEST):
            piece = line[start : start + LONGEST]
            if part and len(part) + len(piece) + 1 > LONGEST:
                yield part
                part = piece
            else:
                part = f"{part}\n{piece}" if part else piece
    yield part
