"""一个单位（连同下级）一季的事实，每条都带编号：季报照它起草，反馈照它列。没有人的姓名，私密道的心愿不在内。"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count

from bot.league import calendars, five_ones, unit_five_ones
from bot.league.boards import Span
from bot.league.periods import Quarter, add_working_days
from bot.league.postings import posts
from bot.league.unit_five_ones import UnitNow
from bot.league.wish_deadlines import ESCALATE_AFTER_DAYS
from db import sql
from db.models import (
    Activity,
    ActivityState,
    Participation,
    PartState,
    Unit,
    Voice,
    VoiceKind,
    VoiceState,
    Wish,
    WishAction,
    WishEnding,
    WishEvent,
    WishLane,
)

_ADOPTED = (VoiceState.ADOPTED, VoiceState.PARTLY, VoiceState.REALISED)
_WAS_THERE = (PartState.ARRIVED, PartState.CONFIRMED)


@dataclass(frozen=True)
class UnitFacts:
    """一季的事实；`at` 之后的不算。"""

    unit: Unit
    quarter: Quarter
    #: 办过的活动与记录
    held: tuple[Activity, ...]
    #: 有异议、正在核实，或已经作废的
    disputed: tuple[Activity, ...]
    #: 活动编号 → 到场或说“有”的，人
    came: Counter[int]
    #: 本季提的心愿（墙上的）
    received: tuple[Wish, ...]
    #: 本季结束的
    ended: tuple[Wish, ...]
    #: 过了期限才有回音，或到现在还没有
    late: tuple[Wish, ...]
    #: 认领后没有进展、被放回墙上的
    released: tuple[Wish, ...]
    #: 采纳了的建议
    adopted: tuple[Voice, ...]
    #: 过了期限才有回音的建议
    late_voices: tuple[Voice, ...]
    #: 联系着的青年，本季联系到的青年，人
    joined: int
    reached: int
    fives: UnitNow

    def ended_as(self, *endings: WishEnding) -> tuple[Wish, ...]:
        """本季这样结束的心愿。"""
        return tuple(wish for wish in self.ended if wish.ending in endings)

    @property
    def reopened(self) -> tuple[Wish, ...]:
        """说办结了、青年说没办成，又重办过的。"""
        seen = {wish.id: wish for wish in self.received + self.ended}
        return tuple(wish for wish in seen.values() if wish.reopened)


async def gather(unit: Unit, quarter: Quarter, *, at: datetime) -> UnitFacts:
    """到 `at` 为止的事实。"""
    span, until = Span.of(unit), min(at, quarter.end)
    within = {"unit__path__gte": span.path, "unit__path__lt": span.path_end}
    held = await five_ones.held(quarter).filter(**within, starts_at__lt=until).order_by("id")
    disputed = Activity.filter(**within, state__in=(ActivityState.SUSPENDED, ActivityState.VOIDED))
    wall = Wish.filter(**within, lane=WishLane.WALL).order_by("id")
    received = await wall.filter(submitted_at__gte=quarter.start, submitted_at__lt=until)
    ended = await wall.filter(ended_at__gte=quarter.start, ended_at__lt=until)
    book = await calendars.load()
    voices = Voice.filter(**within, kind=VoiceKind.SUGGESTION, submitted_at__gte=quarter.start, submitted_at__lt=until)
    suggestions = await voices.order_by("id")
    joined, reached = await _people(span, quarter)
    [fives] = await unit_five_ones.of_units(quarter, [unit])
    return UnitFacts(
        unit=unit,
        quarter=quarter,
        held=tuple(held),
        disputed=tuple(
            await disputed.filter(starts_at__gte=quarter.start, starts_at__lt=until).order_by("id"),
        ),
        came=await _came(held),
        received=tuple(received),
        ended=tuple(ended),
        late=tuple(wish for wish in received if _is_late(wish, book.of(wish.unit_id), at)),
        released=await _released(span, quarter, until),
        adopted=tuple(voice for voice in suggestions if voice.state in _ADOPTED),
        late_voices=tuple(voice for voice in suggestions if voice.level),
        joined=joined,
        reached=reached,
        fives=fives,
    )


def _is_late(wish: Wish, calendar: calendars.Calendar, at: datetime) -> bool:
    if wish.ending is WishEnding.WITHDRAWN and wish.answered_at is None:
        return False
    due = add_working_days(wish.submitted_at, ESCALATE_AFTER_DAYS, calendar)
    return (wish.answered_at or at) > due


async def _came(held: list[Activity]) -> Counter[int]:
    there = Participation.filter(activity_id__in=[one.id for one in held], state__in=_WAS_THERE)
    counted = there.annotate(count=Count("id")).group_by("activity_id")
    return Counter(dict(await counted.values_list("activity_id", "count")))


async def _released(span: Span, quarter: Quarter, until: datetime) -> tuple[Wish, ...]:
    steps = WishEvent.filter(kind=WishAction.RELEASE, at__gte=quarter.start, at__lt=until, wish__lane=WishLane.WALL)
    steps = steps.filter(wish__unit__path__gte=span.path, wish__unit__path__lt=span.path_end)
    ids = set(await steps.values_list("wish_id", flat=True))
    return tuple(await Wish.filter(id__in=list(ids)).order_by("id"))


async def _people(span: Span, quarter: Quarter) -> tuple[int, int]:
    """（联系着的，联系到的）青年，人。"""
    inside = f"""JOIN {posts("$3")} d ON d.id = x.cadre_id JOIN unit u ON u.id = d.unit_id
        WHERE u.path >= $1 AND u.path < $2"""
    [joined] = await sql.query(
        f"SELECT COUNT(DISTINCT x.youth_id) AS n FROM contact x {inside} AND x.state = 'active'",
        span.path,
        span.path_end,
        quarter.end,
    )
    [reached] = await sql.query(
        f"""SELECT COUNT(DISTINCT x.youth_id) AS n FROM interaction x
        JOIN contact c ON c.cadre_id = x.cadre_id AND c.youth_id = x.youth_id AND c.state = 'active'
        {inside} AND x.sessions > 0 AND x.day >= $4 AND x.day < $5""",
        span.path,
        span.path_end,
        quarter.end,
        quarter.first_day,
        quarter.end_day,
    )
    return int(joined["n"]), int(reached["n"])
