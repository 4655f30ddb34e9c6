"""提醒的日历：每周、每月、每季各在哪天早上，错过了补到什么时候。只算日子，不看数据库（产品说明第 8 节）。"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.league.periods import (
    MORNING,
    NATIONAL,
    QUIET_FROM,
    Calendar,
    Quarter,
    local,
    month_end,
    next_working_day,
    on,
    previous_working_day,
)

# 对团干部
DIGEST = "reminder.digest"
MONTHLY = "reminder.monthly"
QUARTER = "reminder.quarter"
# 对单位管理员
REPORT = "reminder.report"
BULLETIN = "reminder.bulletin"
# 对工作群
UNITS = "reminder.units"

#: 往回看这么远：停机再久，更早的也不必补、不必记
LOOKBACK = timedelta(days=62)
#: 季初的话补两周，季末的通报起草补两周，单位进度补五天
START_FOR, BULLETIN_FOR, UNITS_FOR = timedelta(days=14), timedelta(days=14), timedelta(days=5)
#: 考试周不催的两样，考完还在窗口里就补上
_HELD_IN_EXAMS = "考试周，不催"


@dataclass(frozen=True)
class Occasion:
    """一轮提醒：`due_at` 该看，`until`（不含）之前都还能补。"""

    kind: str
    #: 按名义上的日子起名，节假日顺延不改名：2026-11/20、2026-W47、2026Q4/T-14
    period: str
    due_at: datetime
    until: datetime
    #: 这一轮不说了，为什么
    held: str | None = None

    @property
    def quarter(self) -> Quarter:
        """按季的提醒说的是哪一季。"""
        return Quarter(int(self.period[:4]), int(self.period[5]))

    @property
    def stage(self) -> str:
        """期号斜杠后面的：start、middle、end、T-14，或月里的几号。"""
        return self.period.partition("/")[2]


def occasions(at: datetime, calendar: Calendar = NATIONAL) -> list[Occasion]:
    """到 `at` 为止 62 天内轮到的，按时间排；还没到点的不算。"""
    return [one for one in _around(local(at).date(), calendar) if one.due_at <= at]


def next_look(at: datetime) -> datetime:
    """看过之后，最早什么时候才可能又有该说的：下一个 9:30。"""
    morning = on(local(at).date(), MORNING)
    return morning if at < morning else morning + timedelta(days=1)


@lru_cache(512)
def _around(today: date, calendar: Calendar) -> tuple[Occasion, ...]:
    first_day = today - LOOKBACK
    days = [first_day + timedelta(days=offset) for offset in range(LOOKBACK.days + 1)]
    found = [one for day in days if day.day == 1 for one in _monthly(day, calendar)]
    found += [one for day in days if day.weekday() == 0 for one in _digest(day, calendar)]
    for quarter in sorted({Quarter.of(day) for day in (first_day, today)} | {Quarter.of(first_day).next}):
        found += _quarterly(quarter, calendar)
    recent = (one for one in found if one.due_at >= on(first_day))
    return tuple(sorted(recent, key=lambda one: (one.due_at, one.kind != MONTHLY)))


def _digest(monday: date, calendar: Calendar) -> Iterator[Occasion]:
    """周一摘要，补到次日 22:00；整周放假就没有这一期。"""
    day = next_working_day(monday, calendar)
    if day < monday + timedelta(days=7):
        year, week, _ = monday.isocalendar()
        yield Occasion(DIGEST, f"{year}-W{week:02d}", on(day, MORNING), on(day + timedelta(days=1), QUIET_FROM))


def _monthly(first: date, calendar: Calendar) -> Iterator[Occasion]:
    """20 日与月底前三天，补到月底。"""
    end = month_end(first)
    days = (first.replace(day=20), end - timedelta(days=3))
    named = [(f"{first:%Y-%m}/{day.day}", day) for day in days]
    yield from _series(MONTHLY, named, first, end, calendar, exams=False)


def _quarterly(quarter: Quarter, calendar: Calendar) -> Iterator[Occasion]:
    first, end = quarter.first_day, quarter.end_day - timedelta(days=1)
    middle = date(first.year, first.month + 1, 15)

    def before(*days: int) -> list[tuple[str, date]]:
        return [(f"{quarter}/T-{n}", end - timedelta(days=n)) for n in days]

    opening = first + START_FOR - timedelta(days=1)
    yield from _series(QUARTER, [(f"{quarter}/start", first)], first, opening, calendar)
    half = [(f"{quarter}/middle", middle)]
    yield from _series(QUARTER, half, middle.replace(day=1), month_end(middle), calendar, exams=False)
    yield from _series(QUARTER, before(14, 3), first, end, calendar)
    yield from _series(REPORT, before(14, 7, 2, 0), first, end, calendar)
    yield from _series(UNITS, half, middle.replace(day=1), month_end(middle), calendar)
    for last in _series(UNITS, [(f"{quarter}/end", end)], first, end, calendar):
        yield replace(last, until=last.until + UNITS_FOR)
    after = quarter.end_day + BULLETIN_FOR - timedelta(days=1)
    yield from _series(BULLETIN, [(f"{quarter}/draft", quarter.end_day)], quarter.end_day, after, calendar)


def _series(
    kind: str, named: list[tuple[str, date]], first: date, last: date, calendar: Calendar, *, exams: bool = True
) -> Iterator[Occasion]:
    """一串越来越紧的提醒：前一轮补到后一轮到点为止，挤到同一天的只说后一轮；`exams` 为否的躲开考试周。"""
    until = on(last + timedelta(days=1))
    for period, nominal in reversed(named):
        day = _within(nominal, first, last, calendar)
        if day is None:
            continue
        spoken = day if exams else next((d for d in _days(day, last) if _is_free(d, calendar)), None)
        if spoken is None:
            yield Occasion(kind, period, on(day, MORNING), on(day, MORNING), held=_HELD_IN_EXAMS)
        elif on(spoken, MORNING) < until:
            until_then, until = until, on(spoken, MORNING)
            yield Occasion(kind, period, until, until_then)


def _within(day: date, first: date, last: date, calendar: Calendar) -> date | None:
    """往后最近的工作日；顺延会出了窗口（如春节），就提前到放假前最后一个工作日。窗口里全是假就没有。"""
    later = next_working_day(day, calendar)
    if later > last:
        later = previous_working_day(day, calendar)
    return later if later >= first else None


def _is_free(day: date, calendar: Calendar) -> bool:
    return calendar.is_working(day) and day not in calendar.exams


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
