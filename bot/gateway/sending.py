"""把一句话交给平台，并把平台的各种失败归成三类：拒收、说不清、连不上。

平台的报错原文可能带着消息内容，所以只归类，不存、不记日志。
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from nonebot.adapters.onebot import v11, v12
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError, WebSocketClosed

from bot.cards import draw, written
from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.long_texts import DRAWN, forward, paragraphs
from bot.gateway.speaker import Bot

#: 发送时平台可能抛的
FAILURES = (ActionFailed, ApiNotAvailable, NetworkError, WebSocketClosed)
REJECTED = "平台拒收"

_log = logging.getLogger("tuanbot")


class Refused(Exception):
    """平台明确没收：不是好友、被禁言、不在群里。可以换条路。"""

    def __init__(self, reason: str, *, muted: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.muted = muted


class Ambiguous(Exception):
    """可能发出去了，可能没有；绝不盲目重发。"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(Exception):
    """根本没交出去。"""


async def send_private(bot: Bot, user_id: str, text: str) -> None:
    """发私聊。从不带群号：有的实现会把带群号的私聊发进群里。"""

    async def say(part: str) -> object:
        if isinstance(bot, v11.Bot):
            message = v11.Message(v11.MessageSegment.text(part))
            return await bot.send_private_msg(user_id=_number(user_id), message=message)
        message = v12.Message(v12.MessageSegment.text(part))
        return await bot.send_message(detail_type="private", user_id=user_id, message=message)

    try:
        await spread(bot, text, say, user_id=user_id)
    except FAILURES as error:
        raise explain(error) from None


async def send_group(
    bot: Bot, group_id: str, text: str, *, mention: str | None = None, called: str | None = None
) -> str | None:
    """发到群里，可以提到一个人（提到人的话都短）；实现不会 @ 的，写他的名字 `called`。返回平台给的消息号，没给为空。"""
    if mention and not capabilities.able(bot, Ability.MENTION):
        mention, text = None, f"{called}，{text}" if called else text

    async def say(part: str) -> object:
        words = f" {part}" if mention else part
        if isinstance(bot, v11.Bot):
            at = [v11.MessageSegment.at(mention)] if mention else []
            message = v11.Message([*at, v11.MessageSegment.text(words)])
            return await bot.send_group_msg(group_id=_number(group_id), message=message)
        at = [v12.MessageSegment.mention(mention)] if mention else []
        message = v12.Message([*at, v12.MessageSegment.text(words)])
        return await bot.send_message(detail_type="group", group_id=group_id, message=message)

    try:
        return _message_id(await spread(bot, text, say, group_id=group_id))
    except FAILURES as error:
        raise explain(error) from None


def _message_id(result: object) -> str | None:
    """平台的回答里的消息号；0 与空的不算。"""
    found = result.get("message_id") if isinstance(result, Mapping) else None
    return str(found) if isinstance(found, int | str) and found else None


async def show_group(bot: Bot, group_id: str, picture: bytes) -> bool:
    """把一张图发到群里；`False` 是平台不会发图、明确不收、传不上去，图肯定没到，可以改说文字。"""
    try:
        return await _shown(bot, picture, group_id, None)
    except FAILURES as error:
        raise explain(error) from None


async def _shown(bot: Bot, picture: bytes, group_id: str | None, user_id: str | None) -> bool:
    """把一张图发到群里或私聊，恰给一个；`False` 同 `show_group`，说不清的、换成文字也一样的照抛。"""
    if not capabilities.able(bot, Ability.PICTURE):
        return False
    try:
        if isinstance(bot, v11.Bot):
            message = v11.Message(v11.MessageSegment.image(picture))
            if group_id is not None:
                await bot.send_group_msg(group_id=_number(group_id), message=message)
            else:
                await bot.send_private_msg(user_id=_number(str(user_id)), message=message)
        elif file_id := await upload(bot, picture, name="card.png", ability=Ability.PICTURE):
            there = {"group_id": group_id} if group_id is not None else {"user_id": str(user_id)}
            message = v12.Message(v12.MessageSegment.image(file_id))
            await bot.send_message(detail_type="private" if group_id is None else "group", message=message, **there)
        else:
            return False
    except ActionFailed as error:
        return _must_do_without(bot, Ability.PICTURE, error)
    return True


def _must_do_without(bot: Bot, ability: Ability, error: ActionFailed) -> bool:
    """`False` 是实现不会、不收这个样子，可以换一个样子说。说不清的不能再说一遍，不是好友、禁言的换了也一样：照抛。"""
    capabilities.tried(bot, ability, error)
    verdict = explain(error)
    if isinstance(verdict, Refused) and verdict.reason.startswith(REJECTED):
        return False
    raise error


async def upload(bot: v12.Bot, data: bytes, *, name: str, ability: Ability) -> str | None:
    """V12 先传文件再发；传不上去为空，那时什么都还没说。`ability` 是为了做哪件事。"""
    try:
        file = await bot.upload_file(type="data", name=name, data=data)
    except (ActionFailed, NetworkError) as error:
        capabilities.tried(bot, ability, error)
        return None
    return str((file or {}).get("file_id") or "") or None


async def spread(
    bot: Bot,
    text: str,
    say: Callable[[str], Awaitable[object]],
    *,
    group_id: str | None = None,
    user_id: str | None = None,
    words_only: bool = False,
) -> object:
    """一条放得下就 `say`；太长的，先并成一份转发，不收就画成一张图（`words_only` 时不画），再不收才挨个 `say`。

    返回平台对最后一条的回答；并成一份、画成图的没有。出错照抛。
    拆开说到一半才断的，当作说不清：前面的已经到了，整段重来就说了两遍。
    """
    parts = list(paragraphs(text))
    if len(parts) > 1:
        if isinstance(bot, v11.Bot) and await _forwarded(bot, parts, group_id, user_id):
            return None
        if not words_only and (picture := await _drawn(text)) and await _shown(bot, picture, group_id, user_id):
            return None
    answer = None
    for count, part in enumerate(parts):
        try:
            answer = await say(part)
        except FAILURES:
            if count:
                raise NetworkError("说到一半断了") from None
            raise
    return answer


async def _forwarded(bot: v11.Bot, parts: list[str], group_id: str | None, user_id: str | None) -> bool:
    """`False` 是实现不会、不收这个样子。"""
    if not capabilities.able(bot, Ability.FORWARD):
        return False
    try:
        await forward(bot, parts, group_id=group_id, user_id=user_id)
    except ActionFailed as error:
        return _must_do_without(bot, Ability.FORWARD, error)
    return True


async def _drawn(text: str) -> bytes | None:
    """画成一张图；太长、画不出就没有。"""
    if len(text) > DRAWN:
        return None
    try:
        return await asyncio.to_thread(draw, written(text))
    except Exception:
        _log.exception("一段 %d 字的话画不出来", len(text))
        return None


def explain(error: Exception) -> Refused | Ambiguous | Unreachable:
    """平台的异常 → 三类之一。"""
    if isinstance(error, ApiNotAvailable):
        return Unreachable()
    if not isinstance(error, ActionFailed):
        return Ambiguous("连接断了或超时")
    code, words = _read(error)
    if "禁言" in words or '"result": 120' in words or "muted" in words:
        return Refused("被禁言", muted=True)
    if "好友" in words or "friend" in words:
        return Refused("不是好友")
    if "移出" in words or "不在群" in words or "not in group" in words:
        return Refused("机器人不在群里")
    # NapCat 的 1200 多半是超时，消息常常其实到了；带 EventChecker 的是服务器明确拒绝
    timeout = "timeout" in words or "超时" in words or (code == 1200 and "eventchecker" not in words)
    # OneBot 12：2xxxx 实现自己出错、33xxx 网络错误，都不知道发没发
    if timeout or 20000 <= code < 30000 or 33000 <= code < 34000:
        return Ambiguous(f"平台没说清（{code}）")
    return Refused(f"{REJECTED}（{code}）")


def _read(error: ActionFailed) -> tuple[int, str]:
    if isinstance(error, v11.ActionFailed):
        info = error.info
        words = " ".join(str(info.get(key) or "") for key in ("msg", "message", "wording"))
    else:
        words = str(getattr(error, "message", ""))
    return capabilities.retcode(error), words.lower()


def _number(value: str) -> int:
    """V11 的号码是数字；个别实现用字符串，原样给。"""
    return int(value) if value.isdigit() else value  # type: ignore[return-value]
