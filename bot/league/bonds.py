"""联系得怎么样：本季参加过活动没有、今年见过面没有、关系走到哪一步。

全由事实现算，不存，不进积分；只给联系他的那位团干部看，从不拿去催青年。
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bot.league.evidence import STANDING, VOUCHED
from bot.league.periods import Quarter, local, on
from db.models import ActivityKind, Cadre, ContactState, EvidenceGrade, Interaction, Mode, Participation

#: 关系看近一年：一年见一次面（全团要讯2017第2期）是最长的一拍
YEAR = timedelta(days=365)
#: 常聊看近 90 天，约一季；隔周才算两回（积分的深度也按 ISO 周数），三周就不是一时热闹
OFTEN_WITHIN, OFTEN_WEEKS = timedelta(days=90), 3
#: 朋友要近一年里有半年的月份都聊过，还得见过面：短时间刷不出来
FRIEND_MONTHS = 6
#: 青年说的话不到三成，是一边在说，不算常聊（证据等级的本人确认也要三成）
YOUTH_PERCENT = 30
#: 活动的地点写着这些，是隔着屏幕，不算见面
_ONLINE = re.compile("线上|网上|云端|直播|会议号|腾讯会议|钉钉|飞书|zoom", re.IGNORECASE)


class Stage(StrEnum):
    """关系走到哪一步；只凭两个人你来我往的事实。"""

    NEW = "初识"  # 还没有过有效互动
    TALKED = "聊过"
    OFTEN = "常聊"
    FRIEND = "朋友"


class Talk(NamedTuple):
    """有过有效互动的一天，双方各几条。"""

    day: date
    cadre: int
    youth: int


@dataclass(frozen=True)
class Bond:
    """一位青年与联系他的团干部。"""

    stage: Stage = Stage.NEW
    #: 本季参加过活动（全团要讯2017第2期：每季一次）
    active: bool = False
    #: 今年见过面（全团要讯2017第2期：每年一次）
    met: bool = False


@dataclass(frozen=True)
class Bonds:
    """一位团干部的全部联系青年；`Person.id` → 事实。"""

    today: date
    talks: dict[int, list[Talk]] = field(default_factory=dict)
    #: 最近一次见面
    met_on: dict[int, date] = field(default_factory=dict)
    active: set[int] = field(default_factory=set)

    def of(self, youth_id: int, last: date | None) -> Bond:
        """`last` 是最近一次有效互动，多早的都算。"""
        met_on = self.met_on.get(youth_id)
        stage = stage_of(self.talks.get(youth_id, []), met_on is not None, ever=last is not None, today=self.today)
        return Bond(stage, youth_id in self.active, met_on is not None and met_on.year == self.today.year)


def stage_of(talks: Sequence[Talk], met: bool, *, ever: bool, today: date) -> Stage:
    """`talks` 是近一年有过有效互动的日子，`met` 是近一年见过面。"""
    if not talks:
        return Stage.TALKED if ever else Stage.NEW
    said, heard = sum(talk.cadre for talk in talks), sum(talk.youth for talk in talks)
    if heard * 100 < (said + heard) * YOUTH_PERCENT:
        return Stage.TALKED
    if met and len({(talk.day.year, talk.day.month) for talk in talks}) >= FRIEND_MONTHS:
        return Stage.FRIEND
    weeks = {talk.day.isocalendar()[:2] for talk in talks if talk.day > today - OFTEN_WITHIN}
    return Stage.OFTEN if len(weeks) >= OFTEN_WEEKS else Stage.TALKED


async def bonds_of(cadre_id: int, *, at: datetime) -> Bonds:
    """三条查询，不随青年人数变多。"""
    today = local(at).date()
    talks: dict[int, list[Talk]] = defaultdict(list)
    rows = Interaction.filter(cadre_id=cadre_id, sessions__gt=0, day__gt=today - YEAR, day__lte=today)
    for youth_id, *talk in await rows.values_list("youth_id", "day", "cadre_messages", "youth_messages"):
        talks[youth_id].append(Talk(*talk))
    return Bonds(today, talks, await _met(cadre_id, at=at), await _active(cadre_id, at=at))


async def _met(cadre_id: int, *, at: datetime) -> dict[int, date]:
    """见过面：他办的、不在线上的活动本人到了场，或他记的面对面本人说“有”。"""
    together = Q(activity__kind=ActivityKind.ACTIVITY) | Q(activity__mode=Mode.FACE)
    since = on(min(local(at).date() - YEAR, date(local(at).year, 1, 1)))
    rows = _vouched(cadre_id, since, at).filter(together, activity__organiser_id=cadre_id)
    met: dict[int, date] = {}
    for person_id, starts_at, place in await rows.values_list("person_id", "activity__starts_at", "activity__place"):
        if not _ONLINE.search(place or ""):
            met[person_id] = max(met.get(person_id, date.min), local(starts_at).date())
    return met


async def _active(cadre_id: int, *, at: datetime) -> set[int]:
    """本季参加过活动：他自己、他那个单位或上级办的，本人到了场；写成记录的要够 L2。"""
    cadre = await Cadre.get(id=cadre_id).select_related("unit")
    path = cadre.unit.path or ""
    near = [path[:end] for end in range(6, len(path) + 1, 6)]
    real = Q(activity__kind=ActivityKind.ACTIVITY) | ~Q(activity__grade__in=(EvidenceGrade.L0, EvidenceGrade.L1))
    ours = Q(activity__organiser_id=cadre_id) | Q(activity__unit__path__in=near)
    rows = _vouched(cadre_id, Quarter.of(at).start, at).filter(real, ours)
    return {int(str(person_id)) for person_id in await rows.values_list("person_id", flat=True)}


def _vouched(cadre_id: int, since: datetime, until: datetime) -> QuerySet[Participation]:
    """自己的联系青年本人作了证、眼下还算数的。"""
    return Participation.filter(
        person__contacts__cadre_id=cadre_id,
        person__contacts__state=ContactState.ACTIVE,
        state__in=VOUCHED,
        activity__state__in=STANDING,
        activity__starts_at__gte=since,
        activity__starts_at__lte=until,
    )
