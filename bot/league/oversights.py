"""督办：一位管理员、督导管的单位里，到点了没动的、等着他的。只有编号与单位，没有内容，也没有青年。"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from bot.league import calendars, check_cases, reports, voice_sights
from bot.league.check_steps import CASES
from bot.league.errors import Refusal
from bot.league.periods import Quarter, add_working_days, local
from bot.league.roster import Duty, Speaker
from bot.league.scored_wishes import ANSWER_DAYS
from bot.league.wish_deadlines import WARN_AFTER
from db.models import (
    Activity,
    ActivityState,
    CheckRound,
    RoleKind,
    SpotCheck,
    Unit,
    Voice,
    Wish,
    WishLane,
    WishState,
)


@dataclass(frozen=True)
class Oversight:
    """此刻的一份；都是等得久的在前。"""

    #: 没人认领，过了两个工作日
    unclaimed: tuple[Wish, ...] = ()
    #: 认领了，五天没进展
    stalled: tuple[Wish, ...] = ()
    #: 等他答、过了两个工作日的心声、建议、投诉
    voices: tuple[Voice, ...] = ()
    #: 没交的季报，过了该交的日子
    reports: tuple[Unit, ...] = ()
    #: 有青年提了异议、等他看的记录
    disputes: tuple[Activity, ...] = ()
    #: 等他裁定的案
    to_rule: tuple[SpotCheck, ...] = ()
    #: 他管的单位里开着的案（连同异常），别人来裁定
    cases: tuple[SpotCheck, ...] = ()
    #: 没收完的抽查
    rounds: tuple[CheckRound, ...] = ()


async def oversight(by: Speaker, *, at: datetime) -> Oversight:
    """管理员看自己管的，督导看自己督的；都不是就 `Refusal`。"""
    if not (by.is_admin or by.is_inspector):
        raise Refusal("督办是给管理员和督导看的。自己手上的事，发 /进度 或 /心愿墙 看。")
    managed = _within(by, RoleKind.ADMIN)
    book = await calendars.load()

    def is_late(row: Wish | Voice) -> bool:
        return add_working_days(row.submitted_at, ANSWER_DAYS, book.of(row.unit_id)) <= at

    wishes = Wish.filter(managed).exclude(lane=WishLane.CRISIS).order_by("submitted_at", "id").select_related("unit")
    stalled = wishes.filter(state=WishState.CLAIMED, progressed_at__lte=at - WARN_AFTER)
    to_rule = await check_cases.to_rule(by)
    ours = SpotCheck.filter(managed | _within(by, RoleKind.INSPECTOR), state__in=CASES).order_by("opened_at", "id")
    mine = {row.id for row in to_rule}
    return Oversight(
        unclaimed=tuple(row for row in await wishes.filter(state=WishState.OPEN) if is_late(row)),
        stalled=tuple(await stalled),
        voices=tuple(row for row in await voice_sights.inbox(by) if is_late(row)),
        reports=await _reports(by, at=at),
        disputes=await disputes(by),
        to_rule=tuple(to_rule),
        cases=tuple([row for row in await ours.select_related("unit") if row.id not in mine]),
        rounds=tuple(await _rounds(managed | _within(by, RoleKind.INSPECTOR))),
    )


def _within(by: Speaker, kind: RoleKind) -> Q:
    """`unit` 在他这份职责管的范围里；超级管理员管全部。"""
    if by.superuser and kind is RoleKind.ADMIN:
        return Q(id__gt=0)
    return Q(*(_span(duty) for duty in by.duties if duty.kind is kind), Q(id=0), join_type=Q.OR)


def _span(duty: Duty) -> Q:
    return Q(unit__path__gte=duty.unit_path, unit__path__lt=duty.unit_path_end)


async def _reports(by: Speaker, *, at: datetime) -> tuple[Unit, ...]:
    """本季该交的日子过了还没交的。"""
    quarter = Quarter.of(at)
    if local(at).date() <= reports.due_day(quarter):
        return ()
    return tuple(unit for unit, _ in await reports.owing(quarter) if by.administers(unit.path or ""))


async def disputes(by: Speaker) -> tuple[Activity, ...]:
    """有青年提了异议、等这位督导看的记录，等得久的在前；已经在案里的、他自己记的不算。"""
    rows = Activity.filter(_within(by, RoleKind.INSPECTOR), state=ActivityState.SUSPENDED)
    rows = rows.exclude(organiser__person_id=by.person_id).order_by("graded_at", "id")
    in_cases = set(await SpotCheck.filter(state__in=CASES).values_list("activity_id", flat=True))
    return tuple([row for row in await rows.select_related("unit", "organiser__person") if row.id not in in_cases])


async def _rounds(seen: Q) -> list[CheckRound]:
    rows = CheckRound.filter(seen, closed_at=None).order_by("id").select_related("unit")
    return await rows.only("id", "unit_id", "quarter", "size", "closes_at", "unit__id", "unit__name")
