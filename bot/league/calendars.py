"""校历：法定日历之外的放假、上班、考试周，各单位照哪一份算。怎么定见 `calendar_marks`。"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tortoise.expressions import Q

from bot.league import roster
from bot.league.periods import NATIONAL, Calendar
from db.models import CalendarMark, MarkKind, Unit


@dataclass(frozen=True)
class Calendars:
    """各单位照的校历；没有校历的单位照法定日历。"""

    #: 有校历的单位：path → 自己定的
    marked: dict[str, tuple[CalendarMark, ...]] = field(default_factory=dict)
    #: 有校历的单位及其下级：Unit.id → path
    paths: dict[int, str] = field(default_factory=dict)
    _made: dict[str, Calendar] = field(default_factory=dict, compare=False)

    def of(self, unit_id: int | None) -> Calendar:
        """某单位照的日历：上级定的先算，自己定的盖过上级，后定的盖过先定的。"""
        path = self.paths.get(unit_id or 0, "")
        chain = [path[:end] for end in range(6, len(path) + 1, 6) if path[:end] in self.marked]
        if not chain:
            return NATIONAL
        if chain[-1] not in self._made:
            rows = [row for unit in chain for row in self.marked[unit] if row.cancelled_at is None]
            self._made[chain[-1]] = _calendar(rows, owner=int(chain[-1][-6:]))
        return self._made[chain[-1]]

    def every(self) -> list[Calendar]:
        """用着的全部日历，法定的在前。"""
        return [NATIONAL, *(self.of(int(path[-6:])) for path in sorted(self.marked))]


_NOBODY = Calendars()
#: 上次读到的；行、名册都没变就接着用
_loaded: tuple[object, Calendars] = (None, _NOBODY)


async def load() -> Calendars:
    """现在的校历。没有人定过时只是一条查询；别的进程改的也马上看得到。"""
    global _loaded
    rows = await CalendarMark.all().order_by("id").select_related("unit")
    if not rows:
        return _NOBODY
    stamp = [(row.id, row.last_day, row.cancelled_at) for row in rows], roster.revision(), await Unit.all().count()
    if _loaded[0] != stamp:
        _loaded = stamp, await _read(rows)
    return _loaded[1]


async def _read(rows: Sequence[CalendarMark]) -> Calendars:
    marked: dict[str, list[CalendarMark]] = {}
    for row in rows:
        marked.setdefault(row.unit.path or "", []).append(row)
    ranges = [Q(path__gte=row.unit.path, path__lt=row.unit.path_end) for row in rows]
    below = await Unit.filter(Q(*ranges, join_type=Q.OR)).values_list("id", "path")
    return Calendars({path: tuple(own) for path, own in marked.items()}, {int(one): str(path) for one, path in below})


def _calendar(rows: Sequence[CalendarMark], *, owner: int) -> Calendar:
    working: dict[date, bool] = {}
    exams: set[date] = set()
    for row in rows:
        for day in days_of(row.first_day, row.last_day):
            if row.kind is MarkKind.EXAMS:
                exams.add(day)
            else:
                working[day] = row.kind is MarkKind.WORKING
    return Calendar(working, frozenset(exams), owner)


def days_of(first: date, last: date) -> list[date]:
    """首尾都算的每一天。"""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
