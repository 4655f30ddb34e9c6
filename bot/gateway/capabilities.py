"""各家实现会什么：整个门里只看这一张表，不会的事换一条路走。

连上时问一声它叫什么名字；没列在这里的先试，平台说没有这个接口就记住，断开以前不再试。
"""

import asyncio
import logging
from dataclasses import dataclass, field
from enum import StrEnum
from weakref import WeakKeyDictionary

from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway.speaker import Bot, scope_of
from bot.league.notices import BotAccount

#: 问名字等多久，秒；不答就当没有名字
PATIENCE = 5.0
#: “没有这个接口”“没有这种消息段”：V11 各家多用 1404，V12 是 10002 与 10005，Satori 是 HTTP 的 404 与 501
_UNSUPPORTED = {404, 501, 1404, 10002, 10005}

_log = logging.getLogger("tuanbot")


class Ability(StrEnum):
    """一样本事。"""

    HISTORY = "补记断线时的群聊"
    FORWARD = "合并转发"
    PICTURE = "发图片"
    FILE = "发文件"
    MENTION = "在群里@人"
    INITIATE = "主动私聊"
    MEMBERS = "群成员名单"


_ALL = frozenset(Ability)


@dataclass(frozen=True)
class Implementation:
    """一家实现；`name` 是它自报的 `app_name`（V11）或 `impl`（V12）的开头，不分大小写。"""

    name: str
    title: str
    able: frozenset[Ability]


#: docs/deploy.md 里的表就是它，测试比对
IMPLEMENTATIONS = (
    Implementation("napcat", "NapCat（QQ）", _ALL),
    Implementation("llonebot", "LLOneBot / LLBot（QQ）", _ALL),
    Implementation("llbot", "LLOneBot / LLBot（QQ）", _ALL),
    Implementation("lagrange", "Lagrange.OneBot（QQ）", _ALL),
    Implementation("go-cqhttp", "go-cqhttp（QQ，已停更）", _ALL),
    # QQ 官方接口：没有历史，不能主动说话，也不能 @
    Implementation("gensokyo", "Gensokyo（QQ 官方机器人）", frozenset({Ability.PICTURE})),
    Implementation("comwechat", "ComWeChatBotClient（微信）", _ALL - {Ability.HISTORY, Ability.FORWARD}),
    # 协议本身有的；断线时漏下的由服务端补发，不用去取
    Implementation(
        "satori", "Satori（LLBot、Koishi 等）", frozenset({Ability.PICTURE, Ability.MENTION, Ability.INITIATE})
    ),
    # 只能在对方说话后几秒里回一句文字
    Implementation("wxmp", "微信公众号", frozenset()),
)


@dataclass(frozen=True)
class Connected:
    """连着的一个账号背后是谁。"""

    name: str
    version: str
    known: Implementation | None
    #: 试过，平台说没有
    lacking: set[Ability] = field(default_factory=set)

    @property
    def missing(self) -> list[Ability]:
        """确实不会的几样；不认识的实现没试过的，当都会。"""
        able = self.known.able if self.known else _ALL
        return [ability for ability in Ability if ability not in able or ability in self.lacking]


#: 此刻连着的
CONNECTED: dict[BotAccount, Connected] = {}
#: 问过的，只问一次
_asked: WeakKeyDictionary[Bot, "asyncio.Task[Connected]"] = WeakKeyDictionary()


def able(bot: Bot, ability: Ability) -> bool:
    """值不值得试：确实不会才是否。"""
    found = CONNECTED.get((scope_of(bot), bot.self_id))
    return found is None or ability not in found.missing


def tried(bot: Bot, ability: Ability, error: Exception) -> None:
    """试了一次，出了错：若是平台说没有这样本事，就记住。"""
    if not isinstance(error, ActionFailed) or retcode(error) not in _UNSUPPORTED or not able(bot, ability):
        return
    if found := CONNECTED.get((scope_of(bot), bot.self_id)):
        found.lacking.add(ability)
        _log.warning("%s 不会：%s，记住了", found.name, ability)


def retcode(error: ActionFailed) -> int:
    """平台给的错误码；没有就 0。"""
    info = error.info if isinstance(error, v11.ActionFailed) else {}
    code = info.get("retcode", getattr(error, "retcode", 0))
    return code if isinstance(code, int) else 0


async def learn(bot: Bot) -> Connected:
    """问一声它是哪家的，记下；不答就算没有名字。问着的时候再来问，等同一个回答。"""
    if bot not in _asked:
        _asked[bot] = asyncio.create_task(_ask(bot))
    return await asyncio.shield(_asked[bot])


async def _ask(bot: Bot) -> Connected:
    try:
        async with asyncio.timeout(PATIENCE):
            told = await (bot.get_version_info() if isinstance(bot, v11.Bot) else bot.get_version())
    except (ActionFailed, ApiNotAvailable, NetworkError, TimeoutError):
        told = {}
    told = told if isinstance(told, dict) else {}
    name = str(told.get("app_name") or told.get("impl") or "没有报名字")[:40]
    version = str(told.get("app_version") or told.get("version") or "")[:20]
    found = Connected(name, version, recognise(name))
    CONNECTED[scope_of(bot), bot.self_id] = found
    if found.missing:
        _log.warning("%s 不会：%s", name, "、".join(found.missing))
    return found


def recognise(name: str) -> Implementation | None:
    """按名字的开头认。"""
    name = name.casefold()
    return next((one for one in IMPLEMENTATIONS if name.startswith(one.name)), None)


def forget(bot: Bot) -> None:
    """断开了。"""
    CONNECTED.pop((scope_of(bot), bot.self_id), None)
