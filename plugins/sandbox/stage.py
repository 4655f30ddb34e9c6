"""舞台：台词怎么说、钟怎么走、期望怎么核对。剧本在 `afternoon.py`。"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot import clock
from bot.gateway.delivery import deliver_due
from bot.gateway.hearing import interaction_log
from bot.ticks import run_ticks
from db.models import Notice, NoticeState
from plugins.sandbox.onebot import Platform, Sent
from plugins.sandbox.people import SELF_ID, Member, Part, Place, University
from plugins.sandbox.screen import Screen

#: 等一句回答、等一行落库，最多等几秒；已经有三件事没如期，就不再这么耐心
PATIENCE, IMPATIENCE = 5.0, 0.3
#: 超级管理员兼值守人；幕后用 `/ping` 确认前面的话都收到了，那一问一答不印出来
OPERATOR = Member("10001", "值守老师", Part.ADMIN)


_CODE = re.compile(r"(?<=/到场 )\d{4}|(?<=签到码：)\d{4}")


@dataclass(frozen=True)
class Check:
    """一条期望和它有没有发生。"""

    title: str
    met: bool


@dataclass(frozen=True)
class Talk:
    """一段聊天，以及它为什么算、为什么不算有效互动。"""

    cadre: Member
    youth: Member
    why: str


@dataclass
class Stage:
    """一场演出的全部状态。"""

    town: University
    screen: Screen
    now: datetime
    out: Path
    chance: random.Random
    checks: list[Check] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    #: 各群说过几条（不含机器人的）
    spoken: Counter[str] = field(default_factory=Counter)
    _command: str = "通知"
    _printed: int = 0
    _pings: int = 0

    def __post_init__(self) -> None:
        self.platform = Platform(SELF_ID, self.town.places, (*self.town.everyone, OPERATOR), self.town.strangers)
        clock.travel(self.now)

    @property
    def patience(self) -> float:
        """等多久。"""
        return PATIENCE if sum(not check.met for check in self.checks) < 3 else IMPATIENCE

    def scene(self, title: str) -> None:
        """开一场。"""
        self.screen.scene(title, self.now)

    async def say(
        self, by: Member, text: str, *, to: Place | None = None, hears: str | None = None, after: float | None = None
    ) -> Sent | None:
        """`by` 在群里（`to` 为空是私聊）说一句；`hears` 是同一处该听到的话（空串是一张图），返回那条回答。

        钟先走 `after` 秒，不给就走几秒到十几秒。
        """
        self.later(seconds=self.chance.randint(4, 15) if after is None else after)
        since = len(self.platform.sent)
        self._command = text.lstrip("/").split()[0] if text.startswith("/") else "通知"
        shown = self._readable(text)
        self.screen.said(by, self._where(to.group_id if to else None, by.user_id), shown, self.now)
        await self.platform.say(by, text, place=to, at=self.now)
        if to:
            self.spoken[to.group_id] += 1
        if hears is None:
            return None
        answer = await self.platform.heard(_in(to, by, hears), since=since, within=self.patience)
        await self._delivered()
        self._print(first=lambda sent: _same_place(sent, to, by))
        got = "；".join(sent.text[:60] or "〔图片〕" for sent in self.platform.sent[since:])
        wanted = f"听到“{hears}”" if hears else "收到一张图"
        self.expect(f"{by.name}说“{shown[:16]}”，{wanted}", answer is not None, f"听到的是“{got}”", minor=True)
        return answer

    async def chat(self, to: Place, lines: Iterable[tuple[Member, str, float]]) -> None:
        """一段闲聊：(谁, 说什么, 隔几秒)；机器人不该插嘴。"""
        since = len(self.platform.sent)
        for by, text, after in lines:
            await self.say(by, text, to=to, after=after)
        await self.settle()
        self._print()
        spoken = [sent.text for sent in self.platform.sent[since:] if sent.group_id == to.group_id]
        if spoken:
            self.expect("闲聊时团团不插嘴", False, spoken[0])

    async def settle(self) -> None:
        """等机器人把前面的话都收下、写下：同一条连接先来后到，答了这声 `/ping` 就是都收下了。"""
        self._pings += 1
        since = len(self.platform.sent)
        await self.platform.say(OPERATOR, f"/ping {self._pings}", place=None, at=self.now)
        pong = _in(None, OPERATOR, f"pong {self._pings}")
        if await self.platform.heard(pong, since=since, within=self.patience) is None:
            self.expect("机器人还在答话", False, "没听到 pong")
        if log := interaction_log():
            await log.flush()

    async def look(self) -> list[Sent]:
        """到点看一眼、把该送的送出去，返回送了什么。"""
        since = len(self.platform.sent)
        self._command = "通知"
        await run_ticks(self.now)
        await self._delivered()
        self._print()
        return self.platform.sent[since:]

    def later(self, **delta: float) -> None:
        """钟往后走（timedelta 的参数）。"""
        self.travel(self.now + timedelta(**delta))

    def travel(self, to: datetime) -> None:
        """钟拨到 `to`。"""
        self.now = to
        clock.travel(to)

    def expect(self, title: str, met: bool, detail: str = "", *, minor: bool = False) -> None:
        """记下一条期望；`minor` 的如期发生了就不打断聊天。"""
        self.checks.append(Check(title, met))
        if met:
            self.screen.met(title, minor=minor)
        else:
            self.screen.unmet(title, detail)

    async def _delivered(self) -> None:
        """等到点的通知都送完：机器人自己也在送，谁先领到算谁的。"""
        await deliver_due(self.now)
        due = Notice.filter(state=NoticeState.DUE, due_at__lte=self.now)
        deadline = asyncio.get_running_loop().time() + self.patience
        while await due.exists() or await Notice.exists(state=NoticeState.CLAIMED):
            if asyncio.get_running_loop().time() > deadline:
                self.expect("到点的通知都送出去了", False)
                return
            await asyncio.sleep(0.02)

    def _print(self, first: Callable[[Sent], bool] = lambda _: False) -> None:
        """印出还没印的；先是回答，再是通知，通知按收的人排，同一个种子次序才一样。"""
        fresh = [sent for sent in self.platform.sent[self._printed :] if not _is_pong(sent)]
        self._printed = len(self.platform.sent)
        for sent in sorted(fresh, key=lambda sent: (not first(sent), sent.group_id or "", sent.user_id or "")):
            saved = [self._save(picture) for picture in sent.pictures]
            self.screen.answered(self._where(sent.group_id, sent.user_id), self._readable(sent.text), saved, self.now)

    def _save(self, picture: bytes) -> Path:
        path = self.out / f"{len(self.pictures) + 1:02d}-{self._command}.png"
        path.write_bytes(picture)
        self.pictures.append(path)
        return path

    def _where(self, group_id: str | None, user_id: str | None) -> str:
        for place in self.town.places:
            if place.group_id == group_id:
                return place.name
        names = {member.user_id: member.name for member in (*self.town.everyone, OPERATOR)}
        return f"私聊 {names.get(user_id or '', '')}"

    def _readable(self, text: str) -> str:
        """账号换成名字；签到码每次不同，遮住才能同一个种子同样的输出。"""
        for member in self.town.everyone:
            text = text.replace(f"[@{member.user_id}]", f"@{member.name} ")
        return _CODE.sub("〇〇〇〇", text)


def _same_place(sent: Sent, place: Place | None, by: Member) -> bool:
    return sent.group_id == place.group_id if place else sent.user_id == by.user_id


def _in(place: Place | None, by: Member, words: str) -> Callable[[Sent], bool]:
    """同一处说的、含有 `words` 的一条；`words` 为空则有图就行。"""

    def match(sent: Sent) -> bool:
        return _same_place(sent, place, by) and (words in sent.text if words else bool(sent.pictures))

    return match


def _is_pong(sent: Sent) -> bool:
    return sent.user_id == OPERATOR.user_id and sent.text.startswith("pong ")
