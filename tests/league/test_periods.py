from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.league.errors import Refusal
from bot.league.occasions import MONTHLY, occasions
from bot.league.periods import (
    Quarter,
    add_working_days,
    after_quiet,
    is_quiet,
    is_working_day,
    local,
    may_remind,
    month_end,
    next_working_day,
    on,
    previous_working_day,
)


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:] or "00:00"))


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2026-02-01", "2026-02-28"),
        ("2028-02-01", "2028-02-29"),
        ("2028-02-29", "2028-02-29"),
        ("2026-01-31", "2026-01-31"),
        ("2026-04-30", "2026-04-30"),
        ("2026-12-15", "2026-12-31"),
    ],
)
def test_the_month_ends_on_its_last_day_leap_years_too(day: str, last: str) -> None:
    assert month_end(date.fromisoformat(day)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-11-18", True),
        ("2026-11-21", False),  # 普通周六
        ("2026-02-17", False),  # 春节，周二
        ("2026-02-14", True),  # 春节调休，周六上班
        ("2026-10-01", False),
        ("2028-02-29", True),  # 日历没收录的年份：周二
        ("2027-01-01", False),  # 没收录：元旦固定放假
        ("2027-01-02", False),
        ("2027-10-01", False),
        ("2027-10-04", True),  # 没收录的年份不知道怎么调休，管理员用 /校历 补
    ],
)
def test_working_days_with_holidays_and_unknown_years(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is working


def test_next_and_previous_working_day_step_over_spring_festival() -> None:
    assert next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)
    assert previous_working_day(date(2026, 2, 23)) == date(2026, 2, 14)
    assert next_working_day(date(2026, 11, 18)) == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-18 14:00", 2, "2026-11-20 14:00"),
        ("2026-11-20 14:00", 2, "2026-11-24 14:00"),
        ("2026-11-21 14:00", 2, "2026-11-25 00:00"),
        ("2026-02-13 10:00", 2, "2026-02-24 10:00"),  # 中间隔着春节，14 日补班算一天
        ("2026-12-31 10:00", 1, "2027-01-04 10:00"),  # 2027 没收录：元旦与周末不算
    ],
)
def test_add_working_days(start: str, days: int, end: str) -> None:
    assert add_working_days(at(start), days) == at(end)


@pytest.mark.parametrize(
    ("moment", "quiet", "after"),
    [
        ("2026-11-18 21:59", False, "2026-11-18 21:59"),
        ("2026-11-18 22:00", True, "2026-11-19 08:00"),
        ("2026-11-18 07:59", True, "2026-11-18 08:00"),
        ("2026-11-18 08:00", False, "2026-11-18 08:00"),
        ("2026-12-31 23:30", True, "2027-01-01 08:00"),
        ("2028-02-28 22:30", True, "2028-02-29 08:00"),
    ],
)
def test_what_falls_in_the_quiet_hours_waits_for_their_end(moment: str, quiet: bool, after: str) -> None:
    assert is_quiet(at(moment)) is quiet
    assert after_quiet(at(moment)) == at(after)


def test_everything_is_reckoned_in_local_time_whatever_zone_comes_in() -> None:
    utc = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert local(utc) == at("2027-01-01 00:30")
    assert str(Quarter.of(utc)) == "2027Q1"
    assert is_quiet(utc)


def test_a_quarter_is_read_however_it_is_written() -> None:
    quarter = Quarter.of(date(2026, 11, 18))
    assert (str(quarter), str(quarter.previous), str(quarter.next)) == ("2026Q4", "2026Q3", "2027Q1")
    assert (quarter.first_day, quarter.end_day) == (date(2026, 10, 1), date(2027, 1, 1))
    assert Quarter.of(quarter.end) == quarter.next
    for text in ("2026Q3", "2026q3", "2026年三季度", "2026年第3季度", "上季度"):
        assert str(Quarter.parse(text, at=at("2026-11-18 14:00"))) == "2026Q3"
    for text in ("去年", "0000Q1", "9999Q4"):
        with pytest.raises(Refusal, match=f"没看懂“{text}”是哪个季度"):
            Quarter.parse(text, at=at("2026-11-18 14:00"))


def due_in(month: str) -> list[tuple[str, str]]:
    """某月的月度提醒：(期, 该看的时刻)。"""
    moment = on(month_end(date.fromisoformat(f"{month}-01")), time(23, 59))
    return [
        (one.period, f"{one.due_at:%m-%d %H:%M}")
        for one in occasions(moment)
        if one.kind == MONTHLY and one.period.startswith(month)
    ]


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2026-11", [("2026-11/20", "11-20 09:30"), ("2026-11/27", "11-27 09:30")]),
        ("2026-06", [("2026-06/20", "06-22 09:30"), ("2026-06/27", "06-29 09:30")]),  # 周六顺延到周一，期号不变
        ("2026-02", [("2026-02/20", "02-24 09:30"), ("2026-02/25", "02-25 09:30")]),  # 春节
        ("2028-02", [("2028-02/20", "02-21 09:30"), ("2028-02/26", "02-28 09:30")]),  # 闰年
        ("2025-09", [("2025-09/20", "09-22 09:30"), ("2025-09/27", "09-28 09:30")]),  # 周日补班
        ("2025-01", [("2025-01/20", "01-20 09:30"), ("2025-01/28", "01-27 09:30")]),  # 顺延会出月，就提前
        ("2015-02", [("2015-02/25", "02-25 09:30")]),  # 两轮挤到一天，只说一遍
        ("2027-03", [("2027-03/20", "03-22 09:30"), ("2027-03/28", "03-29 09:30")]),  # 没收录的年份
    ],
)
def test_monthly_reminders_fall_on_working_mornings(month: str, due: list[tuple[str, str]]) -> None:
    assert due_in(month) == due


@pytest.mark.parametrize(
    ("monday", "due", "until"),
    [
        ("2026-11-16", "11-16 09:30", "11-17 22:00"),
        ("2026-04-06", "04-07 09:30", "04-08 22:00"),  # 清明放到周一
        ("2026-10-05", "10-08 09:30", "10-09 22:00"),  # 国庆到周三
        ("2026-02-16", None, None),  # 整周春节，没有这一期
    ],
)
def test_weekly_digest_waits_for_the_first_working_morning(monday: str, due: str | None, until: str | None) -> None:
    day = date.fromisoformat(monday)
    period = "{}-W{:02d}".format(*day.isocalendar())
    seen = occasions(on(day + timedelta(days=7)))
    found = [(f"{one.due_at:%m-%d %H:%M}", f"{one.until:%m-%d %H:%M}") for one in seen if one.period == period]
    assert found == ([(due, until)] if due else [])


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-11-18 09:29", False),
        ("2026-11-18 09:30", True),
        ("2026-11-18 21:59", True),
        ("2026-11-18 22:00", False),
        ("2026-11-21 10:00", False),  # 周六
        ("2026-02-14 10:00", True),  # 补班的周六
    ],
)
def test_reminders_are_only_raised_in_working_hours(moment: str, may: bool) -> None:
    assert may_remind(at(moment)) is may
