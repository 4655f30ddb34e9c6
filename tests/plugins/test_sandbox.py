"""接着玩的规矩：钟怎么拨、现成的话是不是真有这些命令、平时有没有这张网页。"""

from datetime import date, datetime, time, timedelta

import nonebot
import pytest

from bot.gateway.heads import HEADS
from bot.league.periods import on
from plugins.sandbox import footprints, suggestions
from plugins.sandbox.people import Part
from plugins.sandbox.transcripts import Transcript
from plugins.sandbox.visits import Jump, stops

TUESDAY = on(date(2026, 12, 29), time(10))


@pytest.mark.parametrize(
    ("jump", "landing"),
    [
        (Jump.MINUTE, TUESDAY + timedelta(minutes=1)),
        (Jump.HOUR, TUESDAY + timedelta(hours=1)),
        (Jump.MORNING, on(date(2026, 12, 30), time(9, 30))),
        (Jump.MONDAY, on(date(2027, 1, 4), time(9, 30))),
        (Jump.FORTNIGHT, on(date(2027, 1, 12), time(10))),
    ],
)
def test_the_clock_lands_where_the_button_says(jump: Jump, landing: datetime) -> None:
    assert jump.landing(TUESDAY) == landing


def test_on_a_monday_next_monday_is_a_week_away() -> None:
    assert Jump.MONDAY.landing(on(date(2027, 1, 4), time(8))) == on(date(2027, 1, 11), time(9, 30))


def test_every_morning_on_the_way_is_looked_at_and_the_last_look_is_at_the_landing() -> None:
    seen = list(stops(TUESDAY, TUESDAY + timedelta(days=14)))
    assert seen == sorted(set(seen))
    assert seen[-1] == TUESDAY + timedelta(days=14)
    assert sum(moment.time() == time(9, 30) for moment in seen) == 14
    assert list(stops(TUESDAY, TUESDAY + timedelta(minutes=1))) == [TUESDAY + timedelta(minutes=1)]


def test_every_ready_made_word_is_a_real_command() -> None:
    tables = (*suggestions._PRIVATE.values(), *suggestions._GROUP.values(), suggestions._WORK_GROUP)
    said = {text for table in tables for text in table if text.startswith("/")}
    assert [text for text in said if HEADS.find(text) is None] == []
    assert set(suggestions._PRIVATE) == set(Part), "每种身份私聊时都有话可点"


def test_what_was_just_kept_is_the_difference_of_two_counts() -> None:
    assert footprints.fresh({}, {"心愿": 3}).rows[0][0] == "你还没开口"
    assert footprints.fresh({"心愿": 3}, {"心愿": 3}).rows[0][0] == "什么也没多记"
    [row] = footprints.fresh({"心愿": 3, "话题": 1}, {"心愿": 4, "话题": 1}).rows
    assert row[:2] == ("心愿", "+1")


async def test_a_new_line_wakes_everyone_who_waits() -> None:
    transcript = Transcript()
    transcript.add("1", "你好", group_id=None, user_id="1", at=TUESDAY)
    await transcript.stirred(within=0)  # 来晚的不会被旧的一声叫醒，只等到超时
    assert [line.number for line in transcript.lines] == [1]


def test_the_page_is_not_there_outside_tuanbot_try() -> None:
    assert [route for route in nonebot.get_app().routes if str(getattr(route, "path", "")).startswith("/try")] == []
