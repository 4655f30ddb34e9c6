"""一句话里读出来的活动：名字、时间、地点、名额、算谁的哪一类。只认字，不碰库。"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.league import campaigns, moments, words
from bot.league.campaigns import WORKS, Work
from bot.league.errors import Refusal
from bot.league.five_ones_sets import slot_named
from db.models import Campaign, Side, Slot, WishLane

T = TypeVar("T")

#: 名字、地点至多几个字：卡片一行放得下
TEXT_MAX = 30
#: 名额至多多少，人；再多多半是写错了
CAP_MAX = 5000
#: 至多提前多久发起：不写年份的日子已经过了，会被当成明年
AHEAD_MAX = timedelta(days=180)
EXAMPLE = "/活动 发起 篮球赛 10月3日15:00 东操场 限20人 文体"

_CAP = re.compile(r"限\s*(\d{1,9})\s*[人名个位]?")
_NO_CAP = re.compile(r"(?<!\S)(?:人数|名额)?不限(?:人数|名额|人)?(?!\S)")
_DEADLINE = re.compile(r"(?:报名)?截止(?:到|时间)?[:：]?\s*")
_UNIT = re.compile(r"(?:^|\s)单位[:：]\s*(\S+)")
_BRANCHES = re.compile(r"(?:^|\s)到[:：]\s*([^\s、，,]+(?:\s*[、，,]+\s*[^\s、，,]+)*)")
_SIDES = {"单位": Side.UNIT, "个人": Side.CADRE}


@dataclass(frozen=True)
class Plan:
    """一句话里读出来的活动；没说到的为空。"""

    title: str = ""
    starts_at: datetime | None = None
    place: str = ""
    cap: int | None = None
    deadline: datetime | None = None
    slot: Slot | None = None
    #: 写了 单位 或 个人
    side: Side | None = None
    #: 单位：后面的全名
    unit_name: str | None = None
    campaign: Campaign | None = None
    #: 到：后面的各团支部
    branches: tuple[str, ...] = ()
    #: 写了 不限人
    uncapped: bool = False


def read(text: str, *, at: datetime, naming: bool = True) -> Plan:
    """`篮球赛 10月3日15:00 东操场 限20人 文体` → `Plan`；词序里只有“名字在时间前、地点在时间后”要紧。

    不在起名字（`naming` 为假）时，没有时间的一串词是地点。
    """
    cap = _CAP.search(text)
    uncapped = cap is None and _NO_CAP.search(text) is not None
    deadline, text = _cut_deadline(_NO_CAP.sub(" ", _CAP.sub(" ", text)), at=at)
    unit_name, text = _cut(_UNIT, text)
    listed, text = _cut(_BRANCHES, text)
    branches = tuple(filter(None, re.split(r"[、，,\s]+", listed or "")))
    moment = moments.find(text, at=at)
    if moment and moment.clock is None:
        raise Refusal("几点开始？时间写成 10月3日15:00、明天下午3点 这样。")
    before, after = (text[: moment.start], text[moment.end :]) if moment else (text, "")
    name, where = before.split(), after.split()
    first = [name.pop(0)] if naming and name else []  # 名字的头一个词再像什么，也是名字
    side = Side.UNIT if unit_name else _pick(where, name, _SIDES.get)
    slot = _pick(where, name, lambda word: _slot(word, side or Side.CADRE))
    work = None if naming else _pick(where, name, campaigns.named)
    name = first + name
    if naming and not name:  # 时间写在最前面
        name, where = where[:1], where[1:]
    if naming and not where:
        name, where = name[:1], name[1:]
    if not naming and moment is None:
        name, where = [], name
    starts_at = moment.at if moment else None
    return Plan(
        " ".join(name),
        starts_at,
        " ".join(where),
        int(cap[1]) if cap else None,
        deadline,
        slot,
        side or (Side.UNIT if unit_name else None),
        unit_name,
        work.campaign if work else None,
        branches,
        uncapped,
    )


def _cut_deadline(text: str, *, at: datetime) -> tuple[datetime | None, str]:
    """报名截止到哪一刻（只写日子的，当天都算）；剪下这一段。"""
    found = _DEADLINE.search(text)
    if not found:
        return None, text
    until = moments.find(text[found.end() :], at=at)
    if until is None or until.start > 0:
        raise Refusal(f"截止到什么时候？例如：{EXAMPLE} 截止10月2日18:00")
    deadline = until.at if until.clock else until.at + timedelta(days=1)
    return deadline, f"{text[: found.start()]} {text[found.end() + until.end :]}"


def _cut(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    """剪下找到的那一段。"""
    found = pattern.search(text)
    return (found[1], f"{text[: found.start()]} {text[found.end() :]}") if found else (None, text)


def _pick(where: list[str], name: list[str], test: Callable[[str], T | None]) -> T | None:
    """从后往前第一个认得的词，拿走它。"""
    for line in (where, name):
        for place in reversed(range(len(line))):
            if (found := test(line[place])) is not None:
                del line[place]
                return found
    return None


def _slot(word: str, side: Side) -> Slot | None:
    """类别；说了是单位的、又写了团干部那一套里的词，算自主设计。"""
    found = slot_named(word, side)
    if found is None and side is Side.UNIT and slot_named(word, Side.CADRE):
        return Slot.OWN_DESIGN
    return found


class Ask(StrEnum):
    """一句一句问的时候，问到哪一样。"""

    TITLE = "title"
    WHEN = "starts_at"
    PLACE = "place"
    REST = "rest"


def fill(plan: Plan, ask: Ask, reply: str, *, at: datetime) -> Plan:
    """把一句回答填进去；没听懂就 `Refusal`。名字、地点里的数字不当成时间。"""
    if ask is Ask.TITLE:
        work = _work_in(reply)
        if work and work.slot is None:
            campaigns.check(work, at)
        return replace(plan, title=reply)
    if ask is Ask.PLACE:
        return replace(plan, place=reply)
    heard = read(reply, at=at, naming=False)
    if ask is Ask.REST:
        return replace(heard, title=plan.title, starts_at=plan.starts_at, place=plan.place)
    if heard.starts_at is None:
        raise Refusal("没听懂是什么时候，再说一次？比如 10月3日15:00、周五19:30、明天下午3点")
    _check_start(heard.starts_at, at=at)
    if work := _work_in(plan.title):
        campaigns.check(work, heard.starts_at)
    return replace(plan, starts_at=heard.starts_at)


def _check_start(starts_at: datetime, *, at: datetime) -> None:
    if starts_at <= at:
        raise Refusal("这个时间已经过了。办过的事用 /记 记下来。")
    if starts_at > at + AHEAD_MAX:
        raise Refusal(f"那是 {starts_at.year} 年了，半年以内的活动才好发起。日子是不是写错了？")


def checked(plan: Plan, *, at: datetime, closed: datetime | None = None) -> Plan:
    """名字、时间、地点齐全，数目合理；不然 `Refusal`。号码隐去。`closed` 是从前定的截止：没动它，过了也不用再改。"""
    title, place = (words.mask(words.tidy(text)) for text in (plan.title, plan.place))
    if not title:
        raise Refusal(f"活动叫什么？例如：{EXAMPLE}")
    if plan.starts_at is None:
        raise Refusal(f"什么时候开始？例如：{EXAMPLE}")
    if not place:
        raise Refusal(f"在哪里？例如：{EXAMPLE}")
    if len(title) > TEXT_MAX or len(place) > TEXT_MAX:
        raise Refusal(f"名字和地点各 {TEXT_MAX} 个字以内，细节到群里说。")
    _check_start(plan.starts_at, at=at)
    if plan.cap is not None and not 1 <= plan.cap <= CAP_MAX:
        raise Refusal(f"名额写 1 到 {CAP_MAX}，不限就不用写。")
    if plan.deadline and plan.deadline != closed and not at < plan.deadline <= plan.starts_at:
        raise Refusal("报名截止要在现在之后、开始之前。")
    plan = replace(plan, title=title, place=place)
    work = WORKS[plan.campaign] if plan.campaign else _work_in(title)
    return _as_work(plan, work) if work else plan


def _work_in(title: str) -> Work | None:
    """名字的头一个词是哪项有窗口期的工作。"""
    return campaigns.named(title.split()[0]) if title.split() else None


def _as_work(plan: Plan, work: Work) -> Plan:
    """照这项工作的样子：在窗口里，类别由它定。"""
    assert plan.starts_at
    campaigns.check(work, plan.starts_at)
    if work.hushed and words.lane_of(f"{plan.title} {plan.place}") is not WishLane.WALL:
        raise Refusal("名字和地点大家都看得见，谁家有难处别写在里面；写成 走访青年 就好，有难处的请他私聊我 /心愿。")
    return replace(plan, campaign=work.campaign, slot=work.slot)
