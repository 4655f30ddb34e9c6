"""定校历：校级以上的管理员定，下级照着走；只往后定，过去的日子不改。算日子见 `calendars`。"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import audits, calendars, moments, roster
from bot.league.absences import length, read_days
from bot.league.calendars import days_of
from bot.league.errors import Refusal
from bot.league.periods import is_working_day, local
from bot.league.roster import Speaker
from db.models import CalendarMark, MarkKind, RoleKind, Round, Unit, UnitKind

EXAMPLE = "/校历 10-01~10-07 放假"
#: 一段至多这么多天：一个暑假的长短
DAYS_MAX = 62
#: 至多定到一年以后：再远的校历还没出来，多半是写错了年份
AHEAD = timedelta(days=366)
#: 校历由校级以上定：团总支自己放假，就能把心愿的期限往后拖
_BELOW = (UnitKind.BRANCH_COMMITTEE, UnitKind.BRANCH)

#: 看过的提醒抄这么久以内的；更早的一轮也补不着了
_ROUNDS_SINCE = timedelta(days=93)

_KINDS = {
    MarkKind.EXAMS: r"考试(?:周|月|期间)?|期末(?:考试)?(?:周)?",
    MarkKind.WORKING: r"(?:调休)?(?:上班|补班|上课|补课)",
    MarkKind.OFF: r"放?[寒暑]?假期?|休息|放假",
}
#: 像单位名的词
_NAME = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True)
class Order:
    """`/校历` 后面几个词的意思。"""

    kind: MarkKind
    first: date
    last: date
    unit_name: str | None


def read(text: str, *, at: datetime) -> Order:
    """`10-01~10-07 放假 [单位]`，词序随意；看不懂就 `Refusal`。"""
    names = [word for word in text.split() if _NAME.search(word) and not _says_when(word, at) and not _kinds(word)]
    dates = " ".join(word for word in text.split() if word not in names)
    kinds = _kinds(dates)
    if len(kinds) != 1:
        raise Refusal(f"这几天怎么算？后面写 放假、上班 或 考试周，例如：{EXAMPLE}")
    if len(names) > 1:
        raise Refusal(f"没看懂“{names[0][:12]}”和“{names[1][:12]}”，单位只写一个。例如：{EXAMPLE}")
    dates = re.sub(_KINDS[kinds[0]], " ", dates).strip(" ：:，,")
    first, last = read_days(dates, at=at, example=EXAMPLE)
    return Order(kinds[0], first, last, names[0] if names else None)


def _kinds(text: str) -> list[MarkKind]:
    return [kind for kind, pattern in _KINDS.items() if re.search(pattern, text)]


def _says_when(word: str, at: datetime) -> bool:
    return moments.find(word, at=at) is not None or length(word) is not None


async def add(by: Speaker, order: Order, *, at: datetime) -> CalendarMark:
    """定一段；从今天之前开始的只从今天算起。写反了的、没有用的都不收。"""
    unit = await _unit(by, order.unit_name)
    today = local(at).date()
    first = max(order.first, today)
    if order.last < today:
        raise Refusal("这几天已经过去了，算过的期限不改。只能定今天和以后的。")
    if (order.last - first).days >= DAYS_MAX:
        raise Refusal(f"一段至多 {DAYS_MAX} 天，再长的分几段写。例如：{EXAMPLE}")
    if order.last - today > AHEAD:
        raise Refusal(f"{order.last:%Y-%m-%d} 太远了，只能定到一年以后，看看年份对不对？")
    calendar = (await calendars.load()).of(unit.id)
    days = days_of(first, order.last)
    if order.kind is not MarkKind.EXAMS and all(
        is_working_day(day, calendar) is (order.kind is MarkKind.WORKING) for day in days
    ):
        raise Refusal(f"{'这天' if len(days) == 1 else '这几天'}本来就{_already(order.kind)}，不用另记。")
    async with in_transaction():
        if not await CalendarMark.exists(unit=unit):
            await _inherit(calendar.owner, unit.id, at=at)
        mark = await CalendarMark.create(
            unit=unit, kind=order.kind, first_day=first, last_day=order.last, set_by=by.person_id, set_at=at
        )
        await _note(mark, "calendar.add", by, at)
    roster.touch()
    return mark


def _already(kind: MarkKind) -> str:
    return "上班" if kind is MarkKind.WORKING else "休息"


async def remove(by: Speaker, number: int, *, at: datetime) -> CalendarMark:
    """删一段；已经过了的那几天留着，只删今天和以后的。"""
    mark = await CalendarMark.get_or_none(id=number, cancelled_at=None).select_related("unit")
    if mark is None or not _may(by, mark.unit):
        raise Refusal(f"没找到第 {number} 条，发 /校历 看看编号。")
    today = local(at).date()
    if mark.last_day < today:
        raise Refusal(f"第 {number} 条已经过去了，算过的期限不改，留着它。")
    if mark.first_day < today:
        mark.last_day = today - timedelta(days=1)
    else:
        mark.cancelled_at = at
    async with in_transaction():
        await mark.save(update_fields=["last_day", "cancelled_at"])
        await _note(mark, "calendar.remove", by, at)
    roster.touch()
    return mark


async def _note(mark: CalendarMark, action: str, by: Speaker, at: datetime) -> None:
    detail = f"第 {mark.id} 条 {mark.first_day:%Y-%m-%d}~{mark.last_day:%Y-%m-%d} {mark.kind}"
    await audits.record(action, subject=f"u{mark.unit_id}", at=at, actor_id=by.person_id, detail=detail)


async def ahead(by: Speaker, *, at: datetime) -> list[CalendarMark]:
    """对他算数的、还没过去的，按日子排：自己单位与上级的；管理员连同下级的。"""
    rows = CalendarMark.filter(cancelled_at=None, last_day__gte=local(at).date()).order_by("first_day", "id")
    paths = [duty.unit_path for duty in by.duties] + ([by.unit_path] if by.unit_path else [])
    if not by.superuser and not paths:
        raise Refusal("校历是给团干部和管理员看的。")
    return [
        row
        for row in await rows.select_related("unit")
        if _may(by, row.unit) or any(path.startswith(row.unit.path or "-") for path in paths)
    ]


def _may(by: Speaker, unit: Unit) -> bool:
    return by.administers(unit.path or "") and unit.kind not in _BELOW


async def _unit(by: Speaker, name: str | None) -> Unit:
    """给哪个单位定：写了就是它，没写就是自己管的最上一级。"""
    if not by.is_admin:
        raise Refusal("校历由校级以上的管理员来定。看已经定了哪些，发 /校历")
    duties = [duty for duty in by.duties if duty.kind is RoleKind.ADMIN]
    top = min(duties, key=lambda duty: len(duty.unit_path), default=None)
    if name is None and top is None:
        raise Refusal(f"给哪个单位定？把单位全名写在后面，例如：{EXAMPLE} 示例大学团委")
    unit = await roster.find_unit(name) if name else await Unit.get(id=top.unit_id if top else 0)
    if not by.administers(unit.path or ""):
        raise Refusal(f"你管不到{unit.name}，请那边或上级的管理员来定。")
    if unit.kind in _BELOW:
        raise Refusal(f"校历由校级以上定，{unit.name}照上级的走。要改请找上级管理员。")
    return unit


def removal(text: str) -> int | None:
    """`删 3`、`删除第3条` → 3；不是要删就 `None`，要删没写编号 `Refusal`。"""
    if not re.match(r"删|取消|撤", text):
        return None
    number = re.fullmatch(r"(?:删除?|取消|撤销?|撤回)\s*第?\s*(\d{1,9})\s*条?", text.strip())
    if not number:
        raise Refusal("删哪一条？发 /校历 看编号，再发 /校历 删 3 这样。")
    return int(number[1])


async def _inherit(before: int | None, after: int, *, at: datetime) -> None:
    """一个单位第一次有了自己的校历：从前照别人的日历看过的提醒，都算看过（见 `reminder_rounds`）。"""
    rows = await Round.filter(due_at__gte=at - _ROUNDS_SINCE)
    old = f"u{before}" if before else ""
    copies = [
        Round(
            kind=row.kind,
            period=f"{row.period.partition('@')[0]}@u{after}",
            due_at=row.due_at,
            done_at=row.done_at,
            reason=row.reason,
        )
        for row in rows
        if row.period.partition("@")[2] == old
    ]
    await Round.bulk_create(copies, ignore_conflicts=True)
