"""人说的时间：几种说法都认得，认不出就说认不出。"""

from datetime import date, datetime

import pytest

from bot.league import moments
from bot.league.errors import Refusal
from bot.league.periods import on

#: 2026 年 11 月 18 日，星期三
NOW = on(date(2026, 11, 18)).replace(hour=14)


def said(text: str, *, past: bool = False) -> str | None:
    found = moments.find(text, at=NOW, past=past)
    return f"{found.at:%Y-%m-%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天下午3点", "2026-11-19 15:00"),
        ("周五19:30", "2026-11-20 19:30"),
        ("周三 20:00", "2026-11-18 20:00"),
        ("10-03 15:00", "2027-10-03 15:00"),
        ("12月3日15:00", "2026-12-03 15:00"),
        ("１２月３号１５：００", "2026-12-03 15:00"),
        ("12/3 9点", "2026-12-03 09:00"),
        ("2027年1月2日 上午9点", "2027-01-02 09:00"),
        ("2027-01-02 09:05", "2027-01-02 09:05"),
        ("下周一晚上7点半", "2026-11-23 19:30"),
        ("下下周日 10点", "2026-12-06 10:00"),
        ("这周日 10点", "2026-11-22 10:00"),
        ("星期天10点", "2026-11-22 10:00"),
        ("今晚8点", "2026-11-18 20:00"),
        ("明早8点", "2026-11-19 08:00"),
        ("后天三点半", "2026-11-20 15:30"),
        ("大后天中午12点", "2026-11-21 12:00"),
        ("明天中午1点", "2026-11-19 13:00"),
        ("明天 3:00", "2026-11-19 03:00"),
        ("明天15点20分", "2026-11-19 15:20"),
        ("明天十二点", "2026-11-19 12:00"),
        ("2月29日 8点", "2028-02-29 08:00"),
    ],
)
def test_the_ways_people_say_when(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昨天", "2026-11-17 00:00"),
        ("前天", "2026-11-16 00:00"),
        ("11-10", "2026-11-10 00:00"),
        ("11月19日", "2026-11-19 00:00"),
        ("12-18", "2026-12-18 00:00"),
        ("12-19", "2025-12-19 00:00"),
        ("周五", "2026-11-13 00:00"),
        ("上周五", "2026-11-13 00:00"),
        ("周三", "2026-11-18 00:00"),
    ],
)
def test_what_happened_lies_behind_or_is_a_day_written_too_early(text: str, expected: str) -> None:
    assert said(text, past=True) == expected


@pytest.mark.parametrize("text", ["篮球赛", "3-5人", "15:00", "", "3人制", "校园2.0", "下周再说"])
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("text", ["2月30日", "13月1日", "11-31 15:00", "明天25点"])
def test_a_day_or_hour_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        said(text)


def test_the_place_in_the_text_is_told_so_the_rest_can_be_read() -> None:
    text = "篮球赛 12月3日15:00 东操场"
    found = moments.find(text, at=NOW)
    assert found
    assert (text[: found.start], text[found.end :]) == ("篮球赛 ", " 东操场")


def test_saying_no_hour_is_not_the_same_as_midnight() -> None:
    day = moments.find("明天", at=NOW)
    midnight = moments.find("明天 0:00", at=NOW)
    assert day
    assert midnight
    assert (day.clock, midnight.clock) == (None, datetime.min.time())
