"""提醒的日历：每月哪两天、每周哪一天、错过了补到什么时候。只算日子，不看数据库。"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.league.periods import (
    MORNING,
    QUIET_FROM,
    is_working_day,
    local,
    month_end,
    next_working_day,
    on,
    previous_working_day,
)

MONTHLY = "reminder.monthly"
DIGEST = "reminder.digest"

#: 往回看这么远：停机再久，更早的也不必补、不必记
LOOKBACK = timedelta(days=62)


@dataclass(frozen=True)
class Occasion:
    """一轮提醒：`due_at` 该看，`until`（不含）之前都还能补。"""

    kind: str
    #: 按名义上的日子起名，节假日顺延不改名：2026-11/20、2026-W47
    period: str
    due_at: datetime
    until: datetime


def occasions(at: datetime) -> list[Occasion]:
    """到 `at` 为止 62 天内轮到的，按时间排；还没到点的不算。"""
    today = local(at).date()
    first_day = today - LOOKBACK
    days = [first_day + timedelta(days=offset) for offset in range(LOOKBACK.days + 1)]
    found = [occasion for day in days if day.day == 1 for occasion in _monthly(day)]
    found += [occasion for day in days if day.weekday() == 0 if (occasion := _digest(day))]
    return sorted((one for one in found if one.due_at <= at), key=lambda one: (one.due_at, one.kind != MONTHLY))


def may_remind(at: datetime) -> bool:
    """此刻能不能看提醒：工作日 9:30 以后、静默时段以前；补发也守这一条。"""
    at = local(at)
    return is_working_day(at.date()) and MORNING <= at.time() < QUIET_FROM


def _monthly(first: date) -> list[Occasion]:
    """20 日与月底前三天（产品说明第 8 节），补到月底；后一轮到点，前一轮就由它接着说，不连着说两遍。"""
    end = month_end(first)
    closing = on(end + timedelta(days=1))
    early, late = first.replace(day=20), end - timedelta(days=3)
    early_morning, late_morning = (on(_within(day, end), MORNING) for day in (early, late))
    found = [Occasion(MONTHLY, f"{late:%Y-%m}/{late.day}", late_morning, closing)]
    if early_morning < late_morning:
        found.insert(0, Occasion(MONTHLY, f"{early:%Y-%m}/{early.day}", early_morning, late_morning))
    return found


def _digest(monday: date) -> Occasion | None:
    """周一摘要，补到次日 22:00；整周放假就没有这一期。"""
    day = next_working_day(monday)
    if day >= monday + timedelta(days=7):
        return None
    year, week, _ = monday.isocalendar()
    return Occasion(DIGEST, f"{year}-W{week:02d}", on(day, MORNING), on(day + timedelta(days=1), QUIET_FROM))


def _within(day: date, last: date) -> date:
    """往后最近的工作日；顺延会出了本月（如春节），就提前到放假前最后一个工作日。"""
    later = next_working_day(day)
    return later if later <= last else previous_working_day(day)
