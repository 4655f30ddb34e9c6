"""演完之后，来的人接着玩：换谁说话都行，钟只往前拨，拨的一路上照样到点看一眼。"""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot import clock
from bot.gateway.delivery import deliver_due
from bot.gateway.hearing import interaction_log
from bot.league.errors import Refusal
from bot.league.periods import on
from bot.ticks import run_ticks
from db.models import Notice, NoticeState
from plugins.sandbox import footprints, ledger
from plugins.sandbox.people import Member, Place
from plugins.sandbox.screen import Sheet
from plugins.sandbox.stage import OPERATOR, Stage
from plugins.sandbox.transcripts import File, Line

#: 往后拨时一天看这几眼：静默时段一过、各样提醒的钟点、晚上
STOPS = tuple(time(hour, minute) for hour, minute in ((8, 0), (9, 30), (14, 0), (18, 0), (21, 0)))
#: 一眼之后等手上那一条送完，至多几秒
PATIENCE = 3.0
#: 一句话至多多少字
LONGEST = 2000
#: 文件名至多多少字，文件至多多大（比机器人肯收的多一点，让它自己来说收不了）
LONGEST_NAME, BIGGEST = 120, 11 * 1024 * 1024


class Jump(StrEnum):
    """钟往后拨到哪里。"""

    MINUTE = "过一分钟"
    HOUR = "过一小时"
    MORNING = "明早 9:30"
    MONDAY = "下周一 9:30"
    FORTNIGHT = "两周后"

    def landing(self, at: datetime) -> datetime:
        """从 `at` 拨到哪一刻。"""
        match self:
            case Jump.MINUTE:
                return at + timedelta(minutes=1)
            case Jump.HOUR:
                return at + timedelta(hours=1)
            case Jump.MORNING:
                return on(at.date() + timedelta(days=1), time(9, 30))
            case Jump.MONDAY:
                return on(at.date() + timedelta(days=7 - at.weekday()), time(9, 30))
            case Jump.FORTNIGHT:
                return at + timedelta(days=14)


def stops(since: datetime, until: datetime) -> Iterator[datetime]:
    """路上在哪些时刻看一眼，最后一眼在 `until`。"""
    day = since.date()
    while day <= until.date():
        for stop in STOPS:
            if since < (moment := on(day, stop)) < until:
                yield moment
        day += timedelta(days=1)
    yield until


@dataclass
class Visit:
    """一次接着玩。"""

    stage: Stage
    travelling: bool = False
    #: 哪一场；重新运行了就不同，开着的网页据此从头来
    play: str = field(default_factory=lambda: secrets.token_hex(4))
    #: 上一次开口或拨钟之前，库里各有几行
    _before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._since = self.stage.now.date()

    @property
    def people(self) -> list[Member]:
        """可以扮演的人。"""
        return [*self.stage.town.everyone, OPERATOR]

    def lines(self, *, after: int = 0) -> list[Line]:
        """第 `after` 句以后的，幕后对表的那一问一答不算。"""
        return [line for line in self.stage.platform.transcript.lines[after:] if not _is_backstage(line)]

    def line(self, number: int) -> Line | None:
        """第几句。"""
        lines = self.stage.platform.transcript.lines
        return lines[number - 1] if 0 < number <= len(lines) else None

    def member(self, user_id: str) -> Member:
        """账号是谁。"""
        for member in self.people:
            if member.user_id == user_id:
                return member
        raise Refusal("没有这个人，刷新一下网页再试。")

    def place(self, group_id: str | None) -> Place | None:
        """群号是哪个群；空是私聊。"""
        for place in self.stage.town.places:
            if place.group_id == group_id:
                return place
        if group_id is None:
            return None
        raise Refusal("没有这个群，刷新一下网页再试。")

    async def say(self, user_id: str, group_id: str | None, text: str) -> None:
        """谁在哪里说一句；`@名字` 就是提到那个人。"""
        by, place = self.member(user_id), self.place(group_id)
        text = text.strip()
        if not text:
            raise Refusal("先写点什么再发，比如 /帮助")
        if len(text) > LONGEST:
            raise Refusal(f"太长了，{LONGEST} 字以内吧。")
        if place and by not in place.members:
            raise Refusal(f"{by.name}不在{place.name}里，换个身份再说。")
        if not place and by.user_id in self.stage.town.strangers:
            raise Refusal(f"{by.name}没加团团好友，私聊说不了；在群里说吧。")
        await self._mark()
        self.stage.now = clock.now()
        await self.stage.platform.say(by, self._mentioning(text, place), place=place, at=self.stage.now)

    async def hand(self, user_id: str, name: str, data: bytes) -> None:
        """谁私聊发来一个文件。"""
        by = self.member(user_id)
        if by.user_id in self.stage.town.strangers:
            raise Refusal(f"{by.name}没加团团好友，文件发不过去。")
        if len(data) > BIGGEST:
            raise Refusal("文件太大了，10 MB 以内吧。")
        await self._mark()
        self.stage.now = clock.now()
        file = File(name.strip()[:LONGEST_NAME] or "没有名字的文件", data)
        await self.stage.platform.hand(by, file, at=self.stage.now)

    async def travel(self, jump: Jump) -> None:
        """钟往后拨，一路到点看一眼，送到的话随到随显示。"""
        if self.travelling:
            raise Refusal("钟正在走，等它停下来。")
        self.travelling = True
        try:
            await self._mark()
            await self._flush()
            now = clock.now()
            for stop in stops(now, jump.landing(now)):
                self.stage.travel(stop)
                self.stage.platform.transcript.stir()
                await run_ticks(stop)
                await deliver_due(stop)
                await _quiet()
        finally:
            self.travelling = False
            self.stage.platform.transcript.stir()

    async def sheets(self) -> list[Sheet]:
        """记了什么、为什么；最上面是刚才这一下。"""
        await self._flush()
        self.stage.now = clock.now()
        fresh = footprints.fresh(self._before, await footprints.counted())
        return [fresh, *await ledger.lately(self.stage, self._since), *await ledger.sheets(self.stage)]

    async def _mark(self) -> None:
        await self._flush()
        self._before = await footprints.counted()

    async def _flush(self) -> None:
        if log := interaction_log():
            await log.flush()

    def _mentioning(self, text: str, place: Place | None) -> str:
        for member in place.members if place else self.people:
            text = text.replace(f"@{member.name}", f"[@{member.user_id}]")
        return text.replace("@团团", f"[@{self.stage.platform.self_id}]")


async def _quiet() -> None:
    """机器人自己也在送：等它把领走的那一条送完，钟才接着走。"""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while await Notice.exists(state=NoticeState.CLAIMED) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _is_backstage(line: Line) -> bool:
    return line.user_id == OPERATOR.user_id and line.text.startswith(("/ping ", "pong "))
