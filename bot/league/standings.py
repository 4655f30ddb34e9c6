"""一位团干部此刻的样子：联系、心愿、很久没聊的人。提醒、`/进度`、`/待办` 说的都是这一份。"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Q
from tortoise.functions import Count

from bot.league import calendars, five_ones, onboarding
from bot.league.calendars import Calendars
from bot.league.callings import called
from bot.league.five_ones import FiveOnesNow
from bot.league.onboarding import Step
from bot.league.periods import add_working_days, local, on
from bot.league.voices import ANSWER_DAYS
from bot.league.wish_deadlines import ESCALATE_AFTER_DAYS, WARN_AFTER
from db import sql
from db.models import (
    Cadre,
    Contact,
    ContactState,
    Interaction,
    Voice,
    VoiceKind,
    VoiceState,
    Wish,
    WishLane,
    WishState,
)

#: 30 天没真联系的才算“很久没联系”；摘要里至多说三位（产品说明第 8 节）
SILENT = timedelta(days=30)
SILENT_SHOWN = 3


@dataclass(frozen=True)
class OpenWish:
    """一个没办完的心愿。"""

    id: int
    #: 认领后多少天没有进展；没人认领的是提交了多少天
    days: int
    overdue: bool


@dataclass(frozen=True)
class OpenVoice:
    """一条等他回的心声。"""

    id: int
    #: 说了多少天
    days: int
    overdue: bool


@dataclass(frozen=True)
class SilentYouth:
    """一位很久没真联系的青年。"""

    name: str
    #: 距上一次有效互动的天数；从来没有过则为空
    days: int | None


@dataclass(frozen=True)
class Standing:
    """一位团干部此刻的样子：提醒里说的全部事实。"""

    cadre_id: int
    person_id: int
    #: 应联系多少名
    quota: int
    #: 已经 `/加入` 的，人
    joined: int
    #: 本月有过有效互动的，人
    reached: int
    #: 本季五件事与本月活动
    fives: FiveOnesNow
    claimed: tuple[OpenWish, ...] = ()
    #: 该他回应、还没人认领的
    waiting: tuple[OpenWish, ...] = ()
    #: 本单位心愿墙上待认领的，个；不算该他回应的那些
    unclaimed: int = 0
    silent: tuple[SilentYouth, ...] = ()
    voices: tuple[OpenVoice, ...] = ()
    #: 头一季里上手还没走完的下一步
    next_step: Step | None = None
    unit_id: int = 0
    since: datetime | None = None

    @property
    def overdue(self) -> tuple[OpenWish, ...]:
        """拖久了的心愿。"""
        return tuple(wish for wish in self.claimed + self.waiting if wish.overdue)


async def survey(at: datetime, *, cadre_id: int | None = None) -> list[Standing]:
    """在任团干部此刻的样子；每种事实一条查询，不随人数变多。"""
    chosen = Cadre.filter(left_at=None)
    if cadre_id is not None:
        chosen = chosen.filter(id=cadre_id)
    cadres = await chosen.order_by("id").values_list("id", "person_id", "quota", "unit_id", "since", "unit__path")
    only = Q() if cadre_id is None else Q(cadre_id=cadre_id)
    book = await calendars.load()
    joined = await _joined(only)
    reached = await _reached(only, local(at).date())
    claimed, waiting, unclaimed, assigned = await _wishes(at, book)
    silent = await _silent(at, cadre_id)
    voices = await _voices(at, only, book)
    fives = await five_ones.survey({cadre: path for cadre, *_, path in cadres}, at=at)
    steps = await onboarding.next_steps(at, cadre_id=cadre_id)
    return [
        Standing(
            cadre_id=cadre,
            person_id=person,
            quota=quota,
            joined=joined.get(cadre, 0),
            reached=reached.get(cadre, 0),
            fives=fives[cadre],
            claimed=tuple(claimed[cadre]),
            waiting=tuple(waiting[cadre]),
            unclaimed=unclaimed[unit] - assigned[cadre, unit],
            silent=tuple(silent[cadre]),
            voices=tuple(voices[cadre]),
            next_step=steps.get(cadre),
            unit_id=unit,
            since=since,
        )
        for cadre, person, quota, unit, since, _ in cadres
    ]


async def _joined(only: Q) -> dict[int, int]:
    rows = Contact.filter(only, state=ContactState.ACTIVE).annotate(count=Count("id")).group_by("cadre_id")
    return dict(await rows.values_list("cadre_id", "count"))


async def _reached(only: Q, today: date) -> dict[int, int]:
    rows = Interaction.filter(only, sessions__gt=0, day__gte=today.replace(day=1), day__lte=today)
    counted = rows.annotate(count=Count("youth_id", distinct=True)).group_by("cadre_id")
    return dict(await counted.values_list("cadre_id", "count"))


async def _voices(at: datetime, only: Q, book: Calendars) -> dict[int, list[OpenVoice]]:
    """团干部 → 还没回的心声，等得久的在前。"""
    found: dict[int, list[OpenVoice]] = defaultdict(list)
    rows = Voice.filter(only, kind=VoiceKind.HEART, state=VoiceState.RECEIVED, cadre_id__isnull=False)
    for voice in await rows.order_by("submitted_at", "id").only("id", "cadre_id", "unit_id", "submitted_at"):
        due = add_working_days(voice.submitted_at, ANSWER_DAYS[VoiceKind.HEART], book.of(voice.unit_id))
        found[voice.cadre_id or 0].append(OpenVoice(voice.id, (at - voice.submitted_at).days, at >= due))
    return found


async def _wishes(
    at: datetime, book: Calendars
) -> tuple[dict[int, list[OpenWish]], dict[int, list[OpenWish]], dict[int, int], dict[tuple[int, int], int]]:
    """(认领人 → 在办的, 该回应的人 → 没人认领的, 单位 → 墙上待认领几个, 其中该某人回应的几个)。

    危机求助只到值守人，这里没有。
    """
    claimed: dict[int, list[OpenWish]] = defaultdict(list)
    waiting: dict[int, list[OpenWish]] = defaultdict(list)
    unclaimed: dict[int, int] = defaultdict(int)
    assigned: dict[tuple[int, int], int] = defaultdict(int)
    rows = Wish.filter(state__in=[WishState.OPEN, WishState.CLAIMED]).exclude(lane=WishLane.CRISIS)
    for wish in await rows.order_by("submitted_at", "id").only(
        "id", "state", "lane", "cadre_id", "unit_id", "claimer_id", "submitted_at", "claimed_at", "progressed_at"
    ):
        if wish.state is WishState.CLAIMED and wish.claimer_id:
            idle = at - (wish.progressed_at or wish.claimed_at or wish.submitted_at)
            claimed[wish.claimer_id].append(OpenWish(wish.id, idle.days, idle >= WARN_AFTER))
            continue
        if wish.cadre_id:
            overdue = at >= add_working_days(wish.submitted_at, ESCALATE_AFTER_DAYS, book.of(wish.unit_id))
            waiting[wish.cadre_id].append(OpenWish(wish.id, (at - wish.submitted_at).days, overdue))
        if wish.unit_id and wish.lane is WishLane.WALL:
            unclaimed[wish.unit_id] += 1
            assigned[wish.cadre_id or 0, wish.unit_id] += 1
    return claimed, waiting, unclaimed, assigned


#: 每位团干部最久没真联系的几位。ORM 写不出窗口查询；逐对用 (cadre, youth, day) 索引取最近一天，没有统计信息时也不会走偏
_SILENT = """
SELECT cadre_id, last_day, person.name,
    (SELECT min(account.scope || '/' || account.user_id) FROM account WHERE account.person_id = youth_id) AS account
FROM (
    SELECT cadre_id, youth_id, last_day,
        row_number() OVER (PARTITION BY cadre_id ORDER BY last_day ASC NULLS FIRST, since, youth_id) AS place
    FROM (
        SELECT c.cadre_id, c.youth_id, c.since, (
            SELECT max(i.day) FROM interaction i
            WHERE i.cadre_id = c.cadre_id AND i.youth_id = c.youth_id AND i.sessions > 0
        ) AS last_day
        FROM contact c WHERE c.state = 'active' AND c.since < $1 {mine}
    ) AS met WHERE last_day IS NULL OR last_day <= $2
) AS quiet JOIN person ON person.id = youth_id WHERE place <= $3 ORDER BY cadre_id, place
"""


async def _silent(at: datetime, cadre_id: int | None) -> dict[int, list[SilentYouth]]:
    """团干部 → 最久没真联系的几位；加入不满 30 天的不算。"""
    today = local(at).date()
    since = today - SILENT
    mine = "" if cadre_id is None else "AND c.cadre_id = $4"
    values = (on(since + timedelta(days=1)), since, SILENT_SHOWN, *([cadre_id] if mine else []))
    rows = await sql.query(_SILENT.format(mine=mine), *values)
    found: dict[int, list[SilentYouth]] = defaultdict(list)
    for row in rows:
        last = row["last_day"] and date.fromisoformat(str(row["last_day"]))
        name = called(row["name"], row["account"])
        found[row["cadre_id"]].append(SilentYouth(name, (today - last).days if last else None))
    return found
