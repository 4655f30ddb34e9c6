"""命令的登记与寻路。每条命令都是普通的 `on_alconna` 响应器；路由器按命令词直接找到它，只运行那一个。"""

import logging
import re
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum

from arclet.alconna import Alconna, AllParam, Args, CommandMeta
from nonebot import require
from nonebot.typing import T_DependencyCache, T_State

from bot.gateway.answers import Answer, answer_to, answers, tell
from bot.gateway.heads import HEADS, SLASHES
from bot.gateway.speaker import Bot, MessageEvent, reading_of, scope_of, speaker
from bot.gateway.waiting import awaited
from bot.league.roster import Speaker
from db.outages import is_outage

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import AlconnaMatcher, on_alconna  # noqa: E402

__all__ = ["COMMANDS", "Answer", "Audience", "Command", "answers", "audiences", "command", "tell"]

#: 命令出错时对人说的话
SORRY = "出了点问题，我记下了，过一会儿再试试。"
#: 库一时写不进去（锁住了、断开了、磁盘满）时对人说的话
BUSY = "我这会儿记不了东西，刚才那句没能记下，过一两分钟再发一次。"
#: 同一个群里同一个打错的词，隔这么久才再提醒一次，秒
_HINT_EVERY = 86_400.0


class Audience(StrEnum):
    """命令给谁用；`/帮助` 据此分组。"""

    YOUTH = "青年"
    CADRE = "团干部"
    INSPECTOR = "督导"
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
    #: 督导也用得上
    inspectors: bool = False

    def within(self, whose: Collection[Audience]) -> bool:
        """是不是给这几种身份用的。"""
        return self.audience in whose or (self.inspectors and Audience.INSPECTOR in whose)


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
    glued: bool = False,
    inspectors: bool = False,
) -> type[AlconnaMatcher]:
    """登记一条命令。`about` 是帮助里的一句话，`example` 是写错时给人看的例子。

    `phrases` 是不带斜杠也算数的开头，`glued` 是后面跟整段话、可以忘了打空格的命令（`/心愿想学车`），
    `inspectors` 是督导不任别的职也用得上的。
    """
    alconna = Alconna(
        head, Args["content?", AllParam], meta=CommandMeta(description=about, example=example, keep_crlf=True)
    )
    matcher = on_alconna(alconna, use_cmd_start=True, aliases=aliases or None, priority=10, block=True)
    matcher.type = "message"  # 上游登记成什么事件都听，通知来了也挨个问一遍
    for phrase in phrases:
        alconna.shortcut(re.escape(phrase), command=f"/{head}", prefix=False)
    COMMANDS[head] = Command(head, about, example, audience, matcher, aliases, inspectors)
    HEADS.add(head, aliases=aliases, phrases=phrases, glued=glued, guessable=audience is not Audience.SUPERUSER)
    return matcher


async def route(bot: Bot, event: MessageEvent) -> bool:
    """是我们的命令就只运行那一个响应器，打错的提醒一句；返回 NoneBot 是否不必再看了。"""
    if awaited(event.get_session_id()):
        return False
    opening = reading_of(event).opening
    if match := HEADS.find(opening):
        await _run(COMMANDS[match.head], bot, event)
        return True
    if hint := await _hint(bot, event):
        await answer_to(bot, event, hint)
        return True
    return False


async def _run(known: Command, bot: Bot, event: MessageEvent) -> None:
    """命令出了错，细节进日志，对人只说一句。"""
    # 后面的话由 `Said` 从原文读；给 Alconna 的只留命令词，话里的引号、`--help` 之类就不会被当成语法
    event.message = type(event.message)(f"/{known.head}")  # pyright: ignore[reportAttributeAccessIssue]
    state: T_State = {}
    cache: T_DependencyCache = {}
    async with AsyncExitStack() as stack:
        if not await known.matcher.check_rule(bot, event, state, stack, cache):
            return
        try:
            await known.matcher().run(bot, event, state, stack, cache)
        except Exception as error:
            logging.getLogger("tuanbot").exception("命令 /%s 出错", known.head)
            await answer_to(bot, event, BUSY if is_outage(error) else SORRY)


_hinted: dict[tuple[str, str], float] = {}


async def _hint(bot: Bot, event: MessageEvent) -> str | None:
    """打错的命令该提醒什么；只提他用得上的。群里同一个词一天只提醒一次，免得跟别的机器人的命令较劲。"""
    reading, group_id = reading_of(event), str(getattr(event, "group_id", "") or "")
    opening = reading.opening
    slip = HEADS.slip(opening, bare=not group_id or reading.called)
    if not slip and (not opening.startswith(SLASHES) or len(opening) < 2):
        return None
    usable = audiences(await speaker(scope_of(bot), str(event.user_id)))
    near = [name for name in HEADS.near(opening) if COMMANDS[HEADS.head(name)].within(usable)]
    word = slip or (opening[1:].split(None, 1) or [""])[0]
    if not slip and not near:
        return None if group_id else "没有这条命令。发 /帮助 看看我能做什么。"
    if group_id and _said_today(group_id, word):
        return None
    if slip:
        return f"就差一点，像这样发：{COMMANDS[slip].example}"
    if (asked := word.rstrip("？?")) in near:  # `/加入？` 不是加入，也不是打错
        return f"后面不带问号，像这样发：{COMMANDS[HEADS.head(asked)].example}"
    guess = " 或 ".join(f"/{name}" for name in near)
    example = COMMANDS[HEADS.head(near[0])].example
    more = f"像这样发：{example}" if len(near) == 1 and example != f"/{near[0]}" else ""
    return f"没有 /{word} 这条命令，是不是想说 {guess}？{more}"


def _said_today(group_id: str, word: str) -> bool:
    if time.monotonic() - _hinted.get((group_id, word), -_HINT_EVERY) < _HINT_EVERY:
        return True
    if len(_hinted) > 10_000:
        _hinted.clear()
    _hinted[group_id, word] = time.monotonic()
    return False


def audiences(by: Speaker) -> list[Audience]:
    """按身份用得上哪几组命令。"""
    allowed = {
        Audience.YOUTH: True,
        Audience.CADRE: by.is_cadre or by.is_admin,
        Audience.INSPECTOR: by.is_inspector,
        Audience.ADMIN: by.is_admin,
        Audience.SUPERUSER: by.superuser,
    }
    return [audience for audience in Audience if allowed[audience]]
