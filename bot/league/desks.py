"""管理员桌上的事：季报没交的单位、该起草的通报；与工作群看的单位进度。"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.league import reports
from bot.league.calendars import Calendars
from bot.league.occasions import REPORT, Occasion
from bot.league.periods import Calendar, Quarter
from bot.league.summaries import Summary, summary_of
from db.models import Group, GroupKind, ReportState, Role, RoleKind, Unit


@dataclass(frozen=True)
class Desk:
    """一位管理员此刻该知道的；没有就全空。"""

    occasions: tuple[Occasion, ...] = ()
    #: 他管的、季报还没交的单位
    owing: tuple[tuple[Unit, ReportState], ...] = ()
    #: 他管的最上一级单位的合计，起草通报用；不足 5 人为空
    drafts: tuple[Summary, ...] = ()
    #: 该起草通报的单位
    drafting: tuple[Unit, ...] = ()
    #: 说的是哪一季
    quarter: Quarter | None = field(default=None)

    @property
    def first_unit(self) -> int:
        """头一个单位的编号。"""
        return min(unit.id for unit in (*(unit for unit, _ in self.owing), *self.drafting))


async def desks_of(opened: Sequence[tuple[Occasion, Calendar]], book: Calendars, *, at: datetime) -> dict[int, Desk]:
    """管理员（`Person.id`）→ 桌上的事。"""
    found: dict[int, Desk] = {}
    for occasion, calendar in opened:
        if occasion.kind == REPORT:
            theirs = await _owing(occasion, calendar, book)
        else:
            theirs = await _drafting(occasion, calendar, book, at=at)
        for person, desk in theirs.items():
            before = found.get(person, Desk())
            found[person] = replace(
                before,
                occasions=(*before.occasions, *(one for one in desk.occasions if one not in before.occasions)),
                owing=before.owing + desk.owing,
                drafts=before.drafts + desk.drafts,
                drafting=before.drafting + desk.drafting,
                quarter=desk.quarter,
            )
    return found


async def _owing(occasion: Occasion, calendar: Calendar, book: Calendars) -> dict[int, Desk]:
    """季报没交的单位，只催它自己的管理员。"""
    units = [(unit, state) for unit, state in await reports.owing(occasion.quarter) if book.of(unit.id) is calendar]
    admins = await reports.admins_of([unit for unit, _ in units])
    found: dict[int, Desk] = {}
    for unit, state in units:
        for person in admins.get(unit.id, []):
            before = found.get(person, Desk((occasion,), quarter=occasion.quarter))
            found[person] = replace(before, owing=(*before.owing, (unit, state)))
    return found


async def _drafting(occasion: Occasion, calendar: Calendar, book: Calendars, *, at: datetime) -> dict[int, Desk]:
    """过去那一季的通报该起草了：有下级的单位的管理员；一人管着上下几级的，只说最上一级。"""
    quarter = occasion.quarter
    tops: dict[int, list[Unit]] = {}
    parents = set(await Unit.filter(parent_id__isnull=False).distinct().values_list("parent_id", flat=True))
    for role in await Role.filter(kind=RoleKind.ADMIN).order_by("unit__path", "id").select_related("unit"):
        mine = tops.setdefault(role.person_id, [])
        if role.unit_id in parents and not any((role.unit.path or "").startswith(top.path or "-") for top in mine):
            mine.append(role.unit)
    here = {person: [unit for unit in units if book.of(unit.id) is calendar] for person, units in tops.items()}
    units = {unit.id: unit for drafting in here.values() for unit in drafting}
    summaries = {unit.id: await summary_of(unit, quarter, at=at) for unit in units.values()}
    return {
        person: Desk(
            (occasion,),
            drafts=tuple(summary for unit in drafting if (summary := summaries[unit.id])),
            drafting=tuple(drafting),
            quarter=quarter,
        )
        for person, drafting in here.items()
        if drafting
    }


async def summaries_for_groups(
    occasion: Occasion, calendar: Calendar, book: Calendars, *, at: datetime
) -> list[tuple[int, Summary]]:
    """(工作群, 它那个单位的合计)；不足 5 人的单位没有可说的。"""
    groups = (
        await Group.filter(kind=GroupKind.WORK, unbound_at=None, bound_at__lte=occasion.due_at)
        .order_by("id")
        .select_related("unit")
    )
    here = [group for group in groups if book.of(group.unit_id) is calendar]
    units = {group.unit_id: group.unit for group in here}
    summaries = {unit_id: await summary_of(unit, occasion.quarter, at=at) for unit_id, unit in units.items()}
    return [(group.id, summary) for group in here if (summary := summaries[group.unit_id])]
