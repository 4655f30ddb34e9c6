"""提醒的日历：三十个别扭的日子，一张写死的表；考试周躲开，放假提前，没收录的年份也有着落。"""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from bot.league.calendars import days_of
from bot.league.occasions import BULLETIN, DIGEST, MONTHLY, QUARTER, REPORT, UNITS, next_look, occasions
from bot.league.periods import NATIONAL, Calendar, on


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:] or "00:00"))


def days(first: str, last: str) -> list[date]:
    return days_of(date.fromisoformat(first), date.fromisoformat(last))


def found(kind: str, period: str, calendar: Calendar = NATIONAL) -> tuple[str, str] | str | None:
    """这一轮哪天 9:30 说、补到什么时候；不说了的是原因，没有这一轮是空。"""
    year = int(period[:4])
    moments = (on(date(year, 1, 1)) + timedelta(days=30 * n) for n in range(15))
    seen = {
        one for moment in moments for one in occasions(moment, calendar) if (one.kind, one.period) == (kind, period)
    }
    assert len(seen) <= 1
    for one in seen:
        assert one.due_at.time() == time(9, 30)
        return one.held or (f"{one.due_at:%Y-%m-%d}", f"{one.until:%m-%d %H:%M}")
    return None


@pytest.mark.parametrize(
    ("kind", "period", "day", "until"),
    [
        # 月底与闰年
        (MONTHLY, "2024-02/26", "2024-02-26", "03-01 00:00"),  # 29 日结束
        (MONTHLY, "2026-02/25", "2026-02-25", "03-01 00:00"),  # 28 日结束
        (MONTHLY, "2028-02/26", "2028-02-28", "03-01 00:00"),  # 闰年，26 日是周六
        (MONTHLY, "2026-04/27", "2026-04-27", "05-01 00:00"),  # 30 日结束
        (MONTHLY, "2026-12/28", "2026-12-28", "01-01 00:00"),  # 跨年
        (MONTHLY, "2026-06/20", "2026-06-22", "06-29 09:30"),  # 20 日是周六
        # 春节
        (MONTHLY, "2026-02/20", "2026-02-24", "02-25 09:30"),  # 放到 23 日，只隔一天，各说各的
        (MONTHLY, "2025-01/28", "2025-01-27", "02-01 00:00"),  # 28 日起放假，顺延会出月，提前
        (QUARTER, "2026Q1/middle", "2026-02-24", "03-01 00:00"),  # 15 日在春节里
        (UNITS, "2024Q1/middle", "2024-02-18", "03-01 00:00"),  # 15 日在春节里，18 日是周日补班
        (DIGEST, "2026-W08", None, None),  # 整周放假
        # 调休上班的周末
        (MONTHLY, "2026-09/20", "2026-09-20", "09-28 09:30"),  # 20 日是补班的周日
        (MONTHLY, "2025-09/27", "2025-09-28", "10-01 00:00"),  # 27 日是周六，次日周日补班
        (QUARTER, "2026Q1/start", "2026-01-04", "01-15 00:00"),  # 元旦放到 3 日，4 日是周日补班
        # 清明、劳动节、端午、国庆
        (DIGEST, "2026-W15", "2026-04-07", "04-08 22:00"),  # 周一是清明
        (DIGEST, "2026-W41", "2026-10-08", "10-09 22:00"),  # 国庆到周三
        (QUARTER, "2025Q4/start", "2025-10-09", "10-15 00:00"),  # 国庆连中秋放到 8 日
        (BULLETIN, "2026Q3/draft", "2026-10-08", "10-15 00:00"),  # 季度后头一个工作日
        (BULLETIN, "2025Q4/draft", "2026-01-04", "01-15 00:00"),
        # 季末在周末
        (REPORT, "2024Q2/T-0", "2024-06-28", "07-01 00:00"),  # 30 日是周日，提前到周五
        (REPORT, "2024Q2/T-2", None, None),  # 也挤到那个周五，只说 T-0
        (REPORT, "2024Q1/T-0", "2024-03-29", "04-01 00:00"),  # 31 日是周日
        (UNITS, "2024Q1/end", "2024-03-29", "04-06 00:00"),
        (QUARTER, "2024Q1/T-3", "2024-03-28", "04-01 00:00"),
        # 平常的一季
        (REPORT, "2026Q4/T-14", "2026-12-17", "12-24 09:30"),
        (REPORT, "2026Q4/T-7", "2026-12-24", "12-29 09:30"),
        (REPORT, "2026Q4/T-2", "2026-12-29", "12-31 09:30"),
        (REPORT, "2026Q4/T-0", "2026-12-31", "01-01 00:00"),
        # 日历没收录的年份
        (BULLETIN, "2026Q4/draft", "2027-01-04", "01-15 00:00"),  # 元旦固定放假，接着周末
        (QUARTER, "2027Q4/start", "2027-10-04", "10-15 00:00"),  # 国庆只知道放三天
        (MONTHLY, "2027-03/20", "2027-03-22", "03-29 09:30"),
        (DIGEST, "2028-W09", "2028-02-28", "02-29 22:00"),  # 补到 29 日
    ],
)
def test_thirty_awkward_dates(kind: str, period: str, day: str | None, until: str | None) -> None:
    assert found(kind, period) == ((day, until) if day and until else None)


OWN = Calendar(
    working={
        **dict.fromkeys(days("2026-11-16", "2026-11-20"), False),  # 校庆放一周
        **dict.fromkeys(days("2026-12-28", "2026-12-31"), False),  # 提前放寒假
        date(2026, 12, 26): True,  # 周六补班
    },
    exams=frozenset(days("2026-10-26", "2026-10-31") + days("2026-06-15", "2026-07-03")),
    owner=1,
)


@pytest.mark.parametrize(
    ("kind", "period", "expected"),
    [
        (DIGEST, "2026-W47", None),  # 校庆整周
        (MONTHLY, "2026-11/20", ("2026-11-23", "11-27 09:30")),
        (QUARTER, "2026Q4/middle", ("2026-11-23", "12-01 00:00")),
        (REPORT, "2026Q4/T-0", ("2026-12-26", "01-01 00:00")),  # 后面都放假，提前到补班的周六
        (REPORT, "2026Q4/T-2", None),
        (QUARTER, "2026Q4/T-3", ("2026-12-26", "01-01 00:00")),
        (MONTHLY, "2026-10/28", "考试周，不催"),
        (MONTHLY, "2026-10/20", ("2026-10-20", "11-01 00:00")),
        (MONTHLY, "2026-06/20", "考试周，不催"),
        (QUARTER, "2026Q2/T-14", ("2026-06-16", "06-29 09:30")),  # 季末的照说，话说得软些
        (QUARTER, "2026Q2/middle", ("2026-05-15", "06-01 00:00")),
        (DIGEST, "2026-W25", ("2026-06-15", "06-16 22:00")),  # 心愿、心声照样在等
        (REPORT, "2026Q2/T-14", ("2026-06-16", "06-23 09:30")),  # 季报是管理员的事，不找青年
    ],
)
def test_a_units_own_calendar_and_exam_weeks(kind: str, period: str, expected: tuple[str, str] | str | None) -> None:
    assert found(kind, period, OWN) == expected


def test_an_exam_week_that_ends_in_time_only_delays() -> None:
    calendar = Calendar(exams=frozenset(days("2026-11-16", "2026-11-24")), owner=1)
    assert found(MONTHLY, "2026-11/20", calendar) == ("2026-11-25", "11-27 09:30")
    assert found(QUARTER, "2026Q4/middle", calendar) == ("2026-11-25", "12-01 00:00")


def test_a_quarter_all_holiday_has_nothing_to_say() -> None:
    calendar = Calendar(dict.fromkeys(days("2026-09-01", "2027-02-01"), False), owner=1)
    moment = at("2026-12-31 12:00")
    assert [one for one in occasions(moment, calendar) if one.due_at >= at("2026-11-01")] == []


def test_rounds_of_one_kind_never_overlap() -> None:
    """前一轮到后一轮到点为止：四年里同一种、同一串的从不同时开着两轮。"""
    for kind in (MONTHLY, QUARTER, REPORT):
        every = {
            one for n in range(50) for one in occasions(at("2024-03-01") + timedelta(days=30 * n)) if one.kind == kind
        }
        for before, after in pairwise(sorted(every, key=lambda one: one.due_at)):
            assert before.due_at < before.until <= after.due_at


def test_the_next_look_is_the_next_half_past_nine() -> None:
    assert next_look(at("2026-11-18 08:00")) == at("2026-11-18 09:30")
    assert next_look(at("2026-11-18 09:30")) == at("2026-11-19 09:30")
    assert next_look(at("2026-12-31 23:59")) == at("2027-01-01 09:30")


def test_nothing_comes_due_between_two_looks() -> None:
    """看完可以歇到下一个 9:30，全靠这一条。"""
    for n in range(400):
        morning = at("2026-01-01 09:30") + timedelta(days=n)
        evening = morning + timedelta(days=1, minutes=-1)
        new = {one for one in occasions(evening) if one.due_at > morning}
        assert new == set()
