"""回答：处理函数返回什么就回什么。图片画不出、发不动时退回文字，发送失败只记一行。"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec

from nonebot import require
from nonebot.adapters.onebot import v11, v12
from nonebot.exception import ActionFailed
from nonebot.matcher import current_bot, current_event

from bot.cards import Card, draw
from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.delivery import ride
from bot.gateway.sending import FAILURES, spread, upload
from bot.gateway.speaker import Bot, MessageEvent, Said
from bot.league.errors import Refusal

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import Image, SerializeFailed, UniMessage  # noqa: E402

P = ParamSpec("P")

#: 处理函数的返回值：一句话、一张卡片、一条消息，或什么都不说
Answer = str | Card | UniMessage[Any] | None

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
        text_only = said is not None and said.text_only
        if isinstance(reply, Card) and text_only:
            reply = reply.text
        if reply is not None:
            await say(reply, words_only=text_only)
        if said and said.private:
            await ride(said, tell)

    return answer


async def answer_to(bot: Bot, event: MessageEvent, text: str) -> None:
    """响应器之外，对说这一句的人回一句；同 `say`，从不抛错。"""
    talking, to = current_bot.set(bot), current_event.set(event)
    try:
        await say(text)
    finally:
        current_event.reset(to)
        current_bot.reset(talking)


async def say(answer: str | Card | UniMessage[Any], *, words_only: bool = False) -> None:
    """对正在说话的人回一句；发不出去只记一行，从不抛错。`words_only` 时再长的文字也不画成图。"""
    if isinstance(answer, Card):
        await _show(answer)
    elif isinstance(answer, str):
        await _try(tell(answer, words_only=words_only))
    else:
        await _send(answer)


async def _show(card: Card) -> None:
    """先试图片；平台不会发图、画不出、平台明确不收，就发文字版。"""
    if not capabilities.able(_bot(), Ability.PICTURE):
        await say(card.text, words_only=True)
        return
    try:
        picture = await _picture(await asyncio.to_thread(draw, card))
    except Exception:
        _log.exception("卡片 %s 画不出来", card.template)
        picture = None
    if picture is None or not await _send(picture):
        await say(card.text, words_only=True)


async def _picture(png: bytes) -> UniMessage[Any] | None:
    """V12 先传上去；传不上去是空，什么都还没说。"""
    bot = _bot()
    if isinstance(bot, v11.Bot):
        return UniMessage.image(raw=png, name="card.png")
    file_id = await upload(bot, png, name="card.png", ability=Ability.PICTURE)
    return UniMessage.image(file_id) if file_id else None


async def tell(text: str, *, words_only: bool = False) -> None:
    """对正在说话的人说一段文字，太长的照 `spread` 的办法；发不出去照抛。"""
    bot, event = _bot(), current_event.get()

    async def send(part: str) -> object:
        return await UniMessage.text(part).send(event, bot)

    # 认消息的种类，不认有没有群号：有的实现在私聊里也带着群号
    if isinstance(event, v11.GroupMessageEvent | v12.GroupMessageEvent):
        await spread(bot, text, send, group_id=str(event.group_id), words_only=words_only)
    else:
        await spread(bot, text, send, user_id=event.get_user_id(), words_only=words_only)


def _bot() -> Bot:
    """正在答话的账号；命令只从 V11、V12 来。"""
    bot = current_bot.get()
    assert isinstance(bot, Bot)
    return bot


async def _send(message: UniMessage[Any]) -> bool:
    return await _try(message.send(current_event.get(), current_bot.get()), picture=message.has(Image))


async def _try(sending: Awaitable[object], *, picture: bool = False) -> bool:
    """`False` 是平台明确不收；超时之类说不清发没发的算发了，重发可能说两遍。"""
    try:
        await sending
    except (*FAILURES, SerializeFailed) as error:
        if picture:
            capabilities.tried(_bot(), Ability.PICTURE, error)
        # 平台返回的说明里可能带着消息原文，只记种类与代码
        info: dict[str, Any] = getattr(error, "info", {})
        _log.warning("回答没发出去：%s %s", type(error).__name__, info.get("retcode", ""))
        return not isinstance(error, ActionFailed | SerializeFailed) or "imeout" in str(info)
    return True
