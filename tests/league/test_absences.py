"""请的是哪几天：几种说法都认得，认不出就给个例子。"""

from datetime import date

import pytest

from bot.league.absences import ANYWAY, read_days
from bot.league.errors import Refusal
from bot.league.periods import on

#: 2026 年 11 月 18 日，星期三
NOW = on(date(2026, 11, 18)).replace(hour=14)


def days(text: str, today: str = "2026-11-18") -> str:
    first, last = read_days(text, at=on(date.fromisoformat(today)).replace(hour=14))
    return f"{first}~{last}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12-01~12-07", "2026-12-01~2026-12-07"),
        ("12-01 ～ 12-07", "2026-12-01~2026-12-07"),
        ("12-1-12-7", "2026-12-01~2026-12-07"),
        ("12.1-12.7", "2026-12-01~2026-12-07"),
        ("12/1 12/7", "2026-12-01~2026-12-07"),
        ("12月1日到12月7日", "2026-12-01~2026-12-07"),
        ("12月1日到7日", "2026-12-01~2026-12-07"),
        ("12月1号至7号 回老家", "2026-12-01~2026-12-07"),
        ("2026-12-01~2027-01-02", "2026-12-01~2027-01-02"),
        ("12-30~01-02", "2026-12-30~2027-01-02"),
        ("明天到周五", "2026-11-19~2026-11-20"),
        ("周五到下周三", "2026-11-20~2026-11-25"),
        ("下周一到周五", "2026-11-23~2026-11-27"),
        ("下周一到下周五", "2026-11-23~2026-11-27"),
        ("周五到25日", "2026-11-20~2026-11-25"),
        ("3天", "2026-11-18~2026-11-20"),
        ("三天", "2026-11-18~2026-11-20"),
        ("一周", "2026-11-18~2026-11-24"),
        ("明天起3天", "2026-11-19~2026-11-21"),
        ("12-01 3天", "2026-12-01~2026-12-03"),
        ("明天", "2026-11-19~2026-11-19"),
        ("明天 家里有事", "2026-11-19~2026-11-19"),
        ("昨天到周五", "2026-11-17~2026-11-20"),
    ],
)
def test_days_read_the_way_people_write_them(text: str, expected: str) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("10-01~10-07", "2026-10-03", "2026-10-01~2026-10-07"),
        ("10-01~10-07", "2026-10-07", "2026-10-01~2026-10-07"),
        ("10-01~10-07", "2026-10-08", "2027-10-01~2027-10-07"),
        ("10月1日到7日", "2026-10-03", "2026-10-01~2026-10-07"),
        ("12-30~01-02", "2026-12-31", "2026-12-30~2027-01-02"),
        ("12-30~01-02", "2027-01-01", "2026-12-30~2027-01-02"),
        ("明天到周五", "2026-11-20", "2026-11-21~2026-11-27"),
    ],
)
def test_a_leave_already_begun_is_not_put_off_to_next_year(text: str, today: str, expected: str) -> None:
    assert days(text, today) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请哪几天？例如：/请假 10-01~10-07，也可以写 明天到周五、3天。"),
        ("家里有事", "请哪几天？例如：/请假 10-01~10-07，也可以写 明天到周五、3天。"),
        ("明天到国庆", "请到哪天？例如：/请假 10-01~10-07，也可以写 明天到周五、3天。"),
        ("13-01~13-07", "没有“13-01”这一天，再看看日期？"),
        ("2月1日到31日", "没有“2月31日”这一天，再看看日期？例如：/请假 10-01~10-07"),
        ("12月7日到1日", "结束的日子在开始前面了，再看看？例如：/请假 10-01~10-07"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_days(text, at=NOW)
    assert refused.value.sentence == sentence


def test_only_what_he_is_awaited_for_or_asked_for_gets_through() -> None:
    """提醒、抽问之类新添的通知，默认都收着。"""
    kinds = ("reminder.monthly", "reminder.digest", "record.ask", "bulletin", "rating.ask", "push")
    assert not [kind for kind in kinds if kind.startswith(ANYWAY)]
    assert all(kind.startswith(ANYWAY) for kind in ("wish.claimed", "voice.answered", "activity.soon"))
