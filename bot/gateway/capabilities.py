"""各家 OneBot 实现会什么。连上时问一声它叫什么名字，`tuanbot doctor` 与健康页照着说。

没列在这里的也能用：不知道会不会的事，先试，不行就换一条路。
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway.speaker import Bot, scope_of
from bot.league.notices import BotAccount

_log = logging.getLogger("tuanbot")


class Ability(StrEnum):
    """一样本事。"""

    HISTORY = "补记断线时的群聊"
    FORWARD = "合并转发"
    PICTURE = "发图片"
    FILE = "发文件"
    MENTION = "在群里@人"
    INITIATE = "主动私聊"


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
)


@dataclass(frozen=True)
class Connected:
    """连着的一个账号背后是谁。"""

    name: str
    version: str
    known: Implementation | None

    @property
    def missing(self) -> list[Ability]:
        """确实不会的几样；不认识的实现说不准，当都会。"""
        return [ability for ability in Ability if self.known and ability not in self.known.able]


#: 此刻连着的
CONNECTED: dict[BotAccount, Connected] = {}


async def learn(bot: Bot) -> Connected:
    """问一声它是哪家的，记下；不答就算没有名字。"""
    try:
        told = await (bot.get_version_info() if isinstance(bot, v11.Bot) else bot.get_version())
    except (ActionFailed, ApiNotAvailable, NetworkError):
        told = {}
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
