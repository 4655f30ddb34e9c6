"""季报交没交：由团总支交，季度结束前两周该交到（校青字〔2017〕10号 末段）。写什么、怎么写不在这里。"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import audits, roster
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from db.models import Cadre, ReportState, Role, RoleKind, Unit, UnitKind, UnitReport

#: 季度结束前两周
DUE_BEFORE_END = timedelta(days=14)
#: 谁要交
OWES = (UnitKind.BRANCH_COMMITTEE,)
EXAMPLE = "/季报 已报"

#: 走法：表里没有的都不行
STEPS = frozenset(
    {
        (ReportState.MISSING, ReportState.SENT),
        (ReportState.RETURNED, ReportState.SENT),
        (ReportState.SENT, ReportState.RETURNED),
    }
)


def due_day(quarter: Quarter) -> date:
    """哪天该交到。"""
    return quarter.end_day - timedelta(days=1) - DUE_BEFORE_END


async def report_due(unit: Unit, quarter: Quarter) -> bool:
    """这个单位这一季的季报还没交（或被退回）。"""
    return unit.kind in OWES and await state_of(unit.id, quarter) is not ReportState.SENT


async def state_of(unit_id: int, quarter: Quarter) -> ReportState:
    """到哪一步了。"""
    row = await UnitReport.get_or_none(unit_id=unit_id, quarter=str(quarter))
    return row.state if row else ReportState.MISSING


async def owing(quarter: Quarter) -> list[tuple[Unit, ReportState]]:
    """这一季还没交的全部单位，与各自到哪一步；没有在任团干部的不催。"""
    rows = await UnitReport.filter(quarter=str(quarter))
    states = {row.unit_id: row.state for row in rows}
    staffed = set(await Cadre.filter(left_at=None).distinct().values_list("unit_id", flat=True))
    units = await Unit.filter(kind__in=OWES).order_by("path")
    found = [(unit, states.get(unit.id, ReportState.MISSING)) for unit in units if unit.id in staffed]
    return [(unit, state) for unit, state in found if state is not ReportState.SENT]


async def settle(by: Speaker, unit: Unit, quarter: Quarter, state: ReportState, *, at: datetime) -> UnitReport:
    """记下已报或退回：已报由本单位或上级的管理员说，退回只由上级说。"""
    if unit.kind not in OWES:
        raise Refusal(f"季报由团总支来交，{unit.name}不用交。")
    path = unit.path or ""
    above = path[:-6] if state is ReportState.RETURNED else path
    if not by.administers(above or "-"):
        who = "上级的管理员" if state is ReportState.RETURNED else "它自己或上级的管理员"
        raise Refusal(f"{unit.name}的季报要由{who}来说{state}。")
    if quarter > Quarter.of(at):
        raise Refusal(f"{quarter} 还没开始，季报先不用交。")
    async with in_transaction():
        now = await state_of(unit.id, quarter)
        if (now, state) not in STEPS:
            raise Refusal(f"{unit.name} {quarter} 的季报现在是“{now}”，不用再说{state}。")
        row, _ = await UnitReport.update_or_create(
            unit=unit, quarter=str(quarter), defaults={"state": state, "by": by.person_id, "at": at}
        )
        detail = f"{quarter} {state}"
        await audits.record("report.settle", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    return row


async def admins_of(units: list[Unit]) -> dict[int, list[int]]:
    """单位 → 它自己的管理员（`Person.id`）。"""
    rows = await Role.filter(kind=RoleKind.ADMIN, unit_id__in=[unit.id for unit in units]).order_by("id")
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.unit_id, []).append(row.person_id)
    return found


@dataclass(frozen=True)
class Order:
    """`/季报 已报 某团总支 2026Q3` 的意思；没说到的，单位为空、季度是这一季。"""

    state: ReportState
    quarter: Quarter
    unit_name: str | None


def read(words: Sequence[str], *, at: datetime) -> Order:
    """词序随意；看不懂就 `Refusal`。"""
    states = [state for state in (ReportState.SENT, ReportState.RETURNED) if state in words]
    rest = [word for word in words if word not in states]
    quarters = [word for word in rest if re.match(r"\d{4}|[本这上]个?季", word)]
    names = [word for word in rest if word not in quarters]
    if len(states) != 1 or len(quarters) > 1 or len(names) > 1:
        raise Refusal(f"季报交了发 {EXAMPLE}，要退回发 /季报 退回 某团总支；看谁还没交发 /季报")
    return Order(states[0], Quarter.parse("".join(quarters), at=at), names[0] if names else None)


async def unit_for(by: Speaker, order: Order) -> Unit:
    """说的是哪个单位：写了就是它，没写就是自己管的那一个团总支。"""
    if order.unit_name:
        return await roster.find_unit(order.unit_name)
    mine = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    units = await Unit.filter(id__in=mine, kind__in=OWES)
    if len(units) != 1:
        raise Refusal(f"说的是哪个团总支？把全名写在后面，例如：/季报 {order.state} 某团总支")
    return units[0]


async def seen_by(by: Speaker, quarter: Quarter) -> list[tuple[Unit, ReportState]]:
    """他管得到的、该交的单位，各到哪一步。"""
    if not by.is_admin:
        raise Refusal("季报是单位管理员的事。想看自己的进度，发 /进度")
    rows = {row.unit_id: row.state for row in await UnitReport.filter(quarter=str(quarter))}
    units = [unit for unit in await Unit.filter(kind__in=OWES).order_by("path") if by.administers(unit.path or "")]
    return [(unit, rows.get(unit.id, ReportState.MISSING)) for unit in units]
