"""命令的登记与回答。每条命令都是普通的 `on_alconna` 响应器；路由器按命令词直接找到它，只运行那一个。"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec

from arclet.alconna import Alconna, AllParam, Args, CommandMeta
from nonebot import require
from nonebot.matcher import current_matcher

from bot.cards import Card, draw
from bot.league.errors import Refusal

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import AlconnaMatcher, UniMessage, on_alconna  # noqa: E402

P = ParamSpec("P")

#: 处理函数的返回值：一句话、一张卡片、一条消息，或什么都不说
Answer = str | Card | UniMessage[Any] | None


class Audience(StrEnum):
    """命令给谁用；`/帮助` 据此分组。"""

    YOUTH = "青年"
    CADRE = "团干部"
    ADMIN = "管理员"
    SUPERUSER = "超级管理员"


@dataclass(frozen=True)
class Command:
    """一条命令的说明。"""

    head: str
    about: str
    example: str
    audience: Audience
    matcher: type[AlconnaMatcher]
    aliases: tuple[str, ...] = ()


#: 全部命令，按命令词；帮助、README 的命令表与测试都从这里来
COMMANDS: dict[str, Command] = {}


def command(
    head: str,
    *,
    about: str,
    example: str,
    audience: Audience,
    aliases: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
) -> type[AlconnaMatcher]:
    """登记一条命令。`about` 是帮助里的一句话，`example` 是写错时给人看的例子，`phrases` 是不带斜杠也算数的开头。"""
    alconna = Alconna(
        head, Args["content?", AllParam], meta=CommandMeta(description=about, example=example, keep_crlf=True)
    )
    matcher = on_alconna(alconna, use_cmd_start=True, aliases=aliases or None, priority=10, block=True)
    for phrase in phrases:
        alconna.shortcut(phrase, command=f"/{head}", prefix=False)
    COMMANDS[head] = Command(head, about, example, audience, matcher, aliases)
    return matcher


def answers(handler: Callable[P, Awaitable[Answer]]) -> Callable[P, Awaitable[None]]:
    """处理函数返回什么就回什么；抛 `Refusal` 就回那一句话。"""

    @wraps(handler)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            reply = await handler(*args, **kwargs)
        except Refusal as refusal:
            reply = refusal.sentence
        if reply is not None:
            await current_matcher.get().send(compose(reply))

    return answer


def compose(answer: str | Card | UniMessage[Any]) -> UniMessage[Any]:
    """回答 → 可以发出去的消息（文字段，不解析 CQ 码）。"""
    if isinstance(answer, Card):
        return UniMessage.image(raw=draw(answer), name="card.png")
    return UniMessage.text(answer) if isinstance(answer, str) else answer
