"""机器的时区与日子无关：容器里是 UTC、没设、纽约，每一期的名字与钟点都按设置里的时区（默认北京时间）。"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.league.occasions import occasions
from bot.league.periods import Quarter, local

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["UTC", None, "Asia/Shanghai", "America/New_York"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param:
        monkeypatch.setenv("TZ", request.param)
    else:
        monkeypatch.delenv("TZ", raising=False)
    time.tzset()
    yield
    clock.travel(None)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("last_second", "day", "next_day", "quarters"),
    [
        ("2026-10-31T15:59:59", "2026-10-31", "2026-11-01", ("2026Q4", "2026Q4")),
        ("2026-12-31T15:59:59", "2026-12-31", "2027-01-01", ("2026Q4", "2027Q1")),  # 跨年
        ("2028-02-28T15:59:59", "2028-02-28", "2028-02-29", ("2028Q1", "2028Q1")),  # 闰日
        ("2028-02-29T15:59:59", "2028-02-29", "2028-03-01", ("2028Q1", "2028Q1")),
        ("2026-03-31T15:59:59", "2026-03-31", "2026-04-01", ("2026Q1", "2026Q2")),
    ],
)
def test_the_day_turns_at_local_midnight_wherever_the_machine_thinks_it_is(
    machine: None, last_second: str, day: str, next_day: str, quarters: tuple[str, str]
) -> None:
    before = datetime.fromisoformat(last_second).replace(tzinfo=UTC)
    clock.travel(before)
    assert str(clock.now().date()) == day
    assert (str(local(before).date()), str(local(before + SECOND).date())) == (day, next_day)
    assert (str(Quarter.of(before)), str(Quarter.of(before + SECOND))) == quarters


def test_a_whole_years_rounds_have_the_same_names_and_hours_in_every_zone(machine: None) -> None:
    named: dict[tuple[str, str], datetime] = {}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year < 2027:
        for one in occasions(moment):
            assert named.setdefault((one.kind, one.period), one.due_at) == one.due_at, "同一期只有一个该说的时刻"
            assert one.due_at.utcoffset() == timedelta(hours=8)
        moment += timedelta(days=9)
    assert len(named) > 60
