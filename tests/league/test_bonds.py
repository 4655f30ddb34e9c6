"""本季活动、今年见面、关系：都由双方的事实现算。"""

from datetime import date, datetime, timedelta

import pytest

from bot.league import bonds, roster
from bot.league.bonds import Bond, Stage, Talk, stage_of
from bot.league.scores import SCORE_INPUTS
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    EvidenceGrade,
    Mode,
    Participation,
    PartState,
    Person,
    Slot,
    UnitKind,
)
from tests import factories

DAY = date(2026, 11, 18)


def talks(*ago: int, cadre: int = 3, youth: int = 3) -> list[Talk]:
    return [Talk(DAY - timedelta(days=days), cadre, youth) for days in ago]


MONTHLY = (1, 32, 63, 94, 125, 156)


@pytest.mark.parametrize(
    ("said", "met", "stage"),
    [
        (talks(), False, Stage.NEW),
        (talks(), True, Stage.NEW),
        (talks(1), True, Stage.TALKED),
        (talks(1, 2, 3), False, Stage.TALKED),
        (talks(1, 8), False, Stage.TALKED),
        (talks(1, 8, 15), False, Stage.OFTEN),
        (talks(1, 8, 90), False, Stage.TALKED),
        (talks(1, 8, 89), False, Stage.OFTEN),
        (talks(1, 8, 15, cadre=7, youth=3), False, Stage.OFTEN),
        (talks(1, 8, 15, cadre=8, youth=3), False, Stage.TALKED),
        (talks(*MONTHLY), True, Stage.FRIEND),
        (talks(*MONTHLY), False, Stage.OFTEN),
        (talks(*MONTHLY[1:]), True, Stage.TALKED),
        (talks(*MONTHLY, cadre=8, youth=3), True, Stage.TALKED),
    ],
)
def test_a_relation_grows_only_by_what_both_sides_did(said: list[Talk], met: bool, stage: Stage) -> None:
    assert stage_of(said, met, ever=bool(said), today=DAY) is stage


def test_who_talked_long_ago_is_no_stranger() -> None:
    assert stage_of([], False, ever=True, today=DAY) is Stage.TALKED


def test_a_relation_is_no_part_of_the_score() -> None:
    assert not any("stage" in column or "met" in column for columns in SCORE_INPUTS.values() for column in columns)


@pytest.fixture
async def cadre(database: str) -> Cadre:
    top = await factories.school()
    return await factories.cadre(1, "张三", await factories.branch("示例学院团总支", top))


async def event(cadre: Cadre, when: datetime, people: dict[Person, PartState], **more: object) -> Activity:
    facts: dict[str, object] = {
        "kind": ActivityKind.ACTIVITY,
        "organiser": cadre,
        "unit_id": cadre.unit_id,
        "slot": Slot.CULTURE,
        "place": "东操场",
        "state": ActivityState.CLOSED,
        "starts_at": when,
        "graded_at": when,
        "created_at": when,
        "asked_from": when,
    }
    row = await Activity.create(**facts | more)
    for turn, (person, state) in enumerate(people.items()):
        await Participation.create(activity=row, person=person, state=state, turn=turn, at=when)
    return row


async def bond(cadre: Cadre, youth: Person, at: datetime) -> Bond:
    return (await bonds.bonds_of(cadre.id, at=at)).of(youth.id, None)


RECORD = {"kind": ActivityKind.RECORD, "state": ActivityState.KEPT, "mode": Mode.FACE, "slot": Slot.TALK}


@pytest.mark.parametrize(
    ("part", "more", "active", "met"),
    [
        (PartState.ARRIVED, {}, True, True),
        (PartState.ARRIVED, {"state": ActivityState.OPEN}, True, True),
        (PartState.ARRIVED, {"place": "腾讯会议"}, True, False),
        (PartState.ARRIVED, {"state": ActivityState.CANCELLED}, False, False),
        (PartState.SIGNED, {}, False, False),
        (PartState.CONFIRMED, {}, True, True),
        # 一对一的面对面：本人说有就是见过面，但不是活动
        (PartState.CONFIRMED, RECORD, False, True),
        (PartState.CONFIRMED, RECORD | {"mode": Mode.PHONE}, False, False),
        (PartState.CONFIRMED, RECORD | {"state": ActivityState.SUSPENDED}, False, False),
        (PartState.CONFIRMED, RECORD | {"grade": EvidenceGrade.L1}, False, True),
        (PartState.CONFIRMED, RECORD | {"grade": EvidenceGrade.L2, "slot": Slot.VOLUNTEER}, True, True),
        (PartState.NAMED, RECORD, False, False),
        (PartState.DENIED, RECORD, False, False),
    ],
)
async def test_only_what_the_youth_vouched_for_is_ticked(
    cadre: Cadre, at: datetime, part: PartState, more: dict[str, object], active: bool, met: bool
) -> None:
    youth = await factories.youth(1001, cadre)
    await event(cadre, at - timedelta(days=3), {youth: part}, **more)
    assert await bond(cadre, youth, at) == Bond(Stage.NEW, active, met)


async def test_an_activity_is_for_the_quarter_and_a_meeting_for_the_year(cadre: Cadre, at: datetime) -> None:
    youth = await factories.youth(1001, cadre)
    await event(cadre, at.replace(month=9, day=30), {youth: PartState.ARRIVED})
    assert await bond(cadre, youth, at) == Bond(Stage.NEW, active=False, met=True)
    assert await bond(cadre, youth, at.replace(month=9, day=30, hour=20)) == Bond(Stage.NEW, active=True, met=True)
    assert await bond(cadre, youth, at.replace(month=9, day=29)) == Bond()
    new_year = at.replace(year=2027, month=1, day=1)
    assert (await bond(cadre, youth, new_year)).met is False


async def test_activities_of_his_unit_and_above_count_but_meeting_is_between_the_two(
    cadre: Cadre, at: datetime
) -> None:
    youth = await factories.youth(1001, cadre)
    above = await factories.cadre(2, "李四", await roster.find_unit("示例大学团委"))
    elsewhere = await factories.cadre(3, "王五", await roster.add_unit("另一所大学团委", UnitKind.SCHOOL))
    await event(elsewhere, at, {youth: PartState.ARRIVED})
    assert await bond(cadre, youth, at) == Bond()
    await event(above, at, {youth: PartState.ARRIVED})
    assert await bond(cadre, youth, at) == Bond(Stage.NEW, active=True, met=False)


async def test_friends_met_within_a_year_even_if_not_this_year(cadre: Cadre, at: datetime) -> None:
    youth = await factories.youth(1001, cadre)
    spring = at.replace(year=2027, month=3, day=1)
    await event(cadre, at, {youth: PartState.ARRIVED})
    for month in (10, 11, 12):
        await factories.interaction(cadre, youth, date(2026, month, 5))
    for month in (1, 2):
        await factories.interaction(cadre, youth, date(2027, month, 5))
    await factories.interaction(cadre, youth, date(2027, 3, 1), sessions=0, messages=99)
    found = await bonds.bonds_of(cadre.id, at=spring)
    assert found.of(youth.id, date(2027, 2, 5)) == Bond(Stage.OFTEN)
    await factories.interaction(cadre, youth, date(2026, 9, 5))
    found = await bonds.bonds_of(cadre.id, at=spring)
    assert found.of(youth.id, date(2027, 2, 5)) == Bond(Stage.FRIEND)
