"""季报交没交：由团总支交，季度结束前两周该交到（校青字〔2017〕10号 末段）。怎么写、怎么签发见 `report_papers`。"""

from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import audits, notices, roster, words
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from db.models import Cadre, ReportState, Role, RoleKind, Unit, UnitKind, UnitReport

#: 季度结束前两周
DUE_BEFORE_END = timedelta(days=14)
#: 谁要交
OWES = (UnitKind.BRANCH_COMMITTEE,)
EXAMPLE = "/季报"
RETURN_EXAMPLE = "/季报 退回 某团总支 存在问题写得太少"

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


async def state_of(unit_id: int, quarter: Quarter) -> ReportState:
    """到哪一步了。"""
    row = await UnitReport.get_or_none(unit_id=unit_id, quarter=str(quarter))
    return row.state if row else ReportState.MISSING


async def row_of(unit: Unit, quarter: Quarter, *, at: datetime) -> UnitReport:
    """这一季的那一行；没有就建一个未报的。"""
    try:
        async with in_transaction():
            row, _ = await UnitReport.get_or_create(
                unit=unit, quarter=str(quarter), defaults={"state": ReportState.MISSING, "at": at}
            )
    except IntegrityError:  # 别处抢先建好了
        row = await UnitReport.get(unit=unit, quarter=str(quarter))
    return row


async def owing(quarter: Quarter) -> list[tuple[Unit, ReportState]]:
    """这一季还没交的全部单位，与各自到哪一步；没有在任团干部的不催。"""
    rows = await UnitReport.filter(quarter=str(quarter))
    states = {row.unit_id: row.state for row in rows}
    staffed = set(await Cadre.filter(left_at=None).distinct().values_list("unit_id", flat=True))
    units = await Unit.filter(kind__in=OWES).order_by("path")
    found = [(unit, states.get(unit.id, ReportState.MISSING)) for unit in units if unit.id in staffed]
    return [(unit, state) for unit, state in found if state is not ReportState.SENT]


async def settle(
    by: Speaker, unit: Unit, quarter: Quarter, state: ReportState, reason: str = "", *, at: datetime
) -> UnitReport:
    """记下线下交来的，或退回：已报由本单位或上级的管理员说，退回只由上级说，要写原因。"""
    check_owes(unit, quarter, at=at)
    path = unit.path or ""
    above = path[:-6] if state is ReportState.RETURNED else path
    if not by.administers(above or "-"):
        who = "上级的管理员" if state is ReportState.RETURNED else "它自己或上级的管理员"
        raise Refusal(f"{unit.name}的季报要由{who}来说{state}。")
    why = words.sentence(reason) or None
    if state is ReportState.RETURNED and why is None:
        raise Refusal(f"退回请说一声为什么，那边好改，例如：{RETURN_EXAMPLE}")
    async with in_transaction():
        row = await row_of(unit, quarter, at=at)
        await step(row, unit, state, by=by, at=at, reason=why if state is ReportState.RETURNED else None)
        if why and state is ReportState.RETURNED:
            await _tell_returned(row, unit, why, at=at)
    return row


def check_owes(unit: Unit, quarter: Quarter, *, at: datetime) -> None:
    """该它交、到时候了；不是就 `Refusal`。"""
    if unit.kind not in OWES:
        raise Refusal(f"季报由团总支来交，{unit.name}不用交。")
    if quarter > Quarter.of(at):
        raise Refusal(f"{quarter} 还没开始，季报先不用交。")


async def step(
    row: UnitReport, unit: Unit, state: ReportState, *, by: Speaker, at: datetime, **changes: str | int | None
) -> None:
    """走一步并留痕，要在事务里调用；走不了，或别人先走了一步，就 `Refusal`。"""
    before = row.state
    same = UnitReport.filter(id=row.id, state=before, version=row.version)
    changes = {"reason": None, "version": row.version} | changes
    allowed = (before, state) in STEPS
    if not allowed or not await same.update(state=state, by=by.person_id, at=at, **changes):
        now = await state_of(row.unit_id, Quarter.parse(row.quarter, at=at))
        raise Refusal(f"{unit.name} {row.quarter} 的季报现在是“{now}”，不用再说{state}。")
    row.update_from_dict({"state": state, "by": by.person_id, "at": at, **changes})
    detail = f"{row.quarter} {state}"
    await audits.record("report.settle", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)


async def _tell_returned(row: UnitReport, unit: Unit, why: str, *, at: datetime) -> None:
    """告诉那边的管理员为什么退回。"""
    for person in (await admins_of([unit])).get(unit.id, []):
        await notices.post(
            "report.returned",
            period=f"{row.quarter}/u{unit.id}/{int(at.timestamp())}",
            person_id=person,
            text=f"{unit.name} {row.quarter} 的季报退回来了：{why}\n改好再发 /季报 签发。看看现在的样子，发 /季报",
            at=at,
        )


async def admins_of(units: list[Unit]) -> dict[int, list[int]]:
    """单位 → 它自己的管理员（`Person.id`）。"""
    rows = await Role.filter(kind=RoleKind.ADMIN, unit_id__in=[unit.id for unit in units]).order_by("id")
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.unit_id, []).append(row.person_id)
    return found


async def committees_of(by: Speaker) -> list[Unit]:
    """他自己任管理员的团总支。"""
    mine = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    return await Unit.filter(id__in=mine, kind__in=OWES).order_by("path")


async def unit_for(by: Speaker, name: str | None, *, example: str) -> Unit:
    """说的是哪个单位：写了就是它，没写就是自己管的那一个团总支。"""
    if name:
        return await roster.find_unit(name)
    units = await committees_of(by)
    if len(units) != 1:
        raise Refusal(f"说的是哪个团总支？把全名写在后面，例如：{example}")
    return units[0]


async def seen_by(by: Speaker, quarter: Quarter) -> list[tuple[Unit, UnitReport | None]]:
    """他管得到的、该交的单位，各自的那一行；没有行就是未报。"""
    if not by.is_admin:
        raise Refusal("季报是单位管理员的事。想看自己的进度，发 /进度")
    rows = {row.unit_id: row for row in await UnitReport.filter(quarter=str(quarter))}
    units = [unit for unit in await Unit.filter(kind__in=OWES).order_by("path") if by.administers(unit.path or "")]
    return [(unit, rows.get(unit.id)) for unit in units]
