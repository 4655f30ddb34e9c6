from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from bot.league import rating_rounds
from bot.league.periods import Quarter, local, on
from bot.league.rating_rounds import SAMPLE, choose
from db.models import (
    Absence,
    AbsenceKind,
    Cadre,
    CadreKind,
    Consent,
    Contact,
    ContactState,
    Erasure,
    Notice,
    Person,
    RatingAsk,
    RatingRound,
    Unit,
)
from tests import factories

Q4 = Quarter(2026, 4)
FIRST, SECOND = (rating_rounds.opening(Q4, number) for number in (1, 2))
SEED = "ab" * 16


@pytest.fixture
async def unit(database: str) -> Unit:
    """种子固定，免得偶然抽到同样的人。"""
    for number, opens_at in ((1, FIRST), (2, SECOND)):
        closes_at = rating_rounds.closing(opens_at)
        await RatingRound.create(quarter="2026Q4", number=number, seed=SEED, opens_at=opens_at, closes_at=closes_at)
    return await factories.school()


@pytest.fixture
async def cadre(unit: Unit) -> Cadre:
    return await factories.cadre(1, "张三", unit)


async def youths(cadre: Cadre, count: int, first: int = 1000, **more: datetime) -> list[Person]:
    return [await factories.youth(first + n, cadre, **more) for n in range(count)]


async def drawn(**where: object) -> list[int]:
    rows = RatingAsk.filter(**where).order_by("ask_at", "youth_id")
    return [int(str(one)) for one in await rows.values_list("youth_id", flat=True)]


async def asked() -> list[int]:
    rows = Notice.filter(kind="rating.ask").order_by("person_id")
    return [int(str(one)) for one in await rows.values_list("person_id", flat=True)]


# ---- 抽签


def test_the_lot_depends_on_the_seed_and_not_on_the_order() -> None:
    pairs = [(1, youth) for youth in range(100, 200)]
    chosen = choose(SEED, pairs)
    assert len(chosen[1]) == SAMPLE
    assert choose(SEED, reversed(pairs)) == chosen
    assert choose("cd" * 16, pairs) != chosen


def test_a_youth_of_several_cadres_is_drawn_for_one_of_them_only() -> None:
    pairs = [(cadre, youth) for cadre in (1, 2, 3) for youth in range(100, 130)]
    chosen = choose(SEED, pairs)
    counted = Counter(youth for youths in chosen.values() for youth in youths)
    assert set(chosen) == {1, 2, 3}
    assert max(counted.values()) == 1


def test_nobody_is_bothered_where_five_answers_can_never_come() -> None:
    assert choose(SEED, [(1, youth) for youth in range(4)]) == {}
    assert len(choose(SEED, [(1, youth) for youth in range(5)])[1]) == 5


@pytest.mark.parametrize(
    "quarter", [Quarter(year, number) for year in (2026, 2028) for number in (1, 2, 3, 4)], ids=str
)
def test_a_round_opens_and_closes_inside_its_quarter(quarter: Quarter) -> None:
    for number in rating_rounds.ROUNDS:
        opens_at = rating_rounds.opening(quarter, number)
        assert quarter.start < opens_at < rating_rounds.closing(opens_at) < quarter.end


async def test_drawing_again_with_the_same_seed_gives_the_same_people(cadre: Cadre) -> None:
    await youths(cadre, 40)
    await rating_rounds.draw(FIRST)
    first = await drawn()
    assert len(first) == SAMPLE
    await rating_rounds.draw(FIRST + timedelta(minutes=1))
    assert await drawn() == first, "抽过了，再看一遍不再抽"
    await RatingAsk.all().limit(5).delete()
    await RatingRound.filter(number=1).update(drawn_at=None)
    await rating_rounds.draw(FIRST + timedelta(hours=1))
    assert await drawn() == first, "抽到一半断了，重来是同样的人"


async def test_whom_he_talks_with_and_whom_he_removes_changes_nothing(cadre: Cadre) -> None:
    people = await youths(cadre, 40)
    await rating_rounds.draw(FIRST)
    before = await drawn()
    await RatingAsk.all().delete()
    await RatingRound.filter(number=1).update(drawn_at=None)
    for person in people[:6]:
        await factories.interaction(cadre, person, FIRST.date())
    unhappy = Contact.filter(youth_id=before[0])
    await unhappy.update(state=ContactState.ENDED, ended_at=FIRST - timedelta(days=1), removed_by_cadre=True)
    await rating_rounds.draw(FIRST)
    assert await drawn() == before


async def test_those_who_left_muted_or_joined_this_week_are_not_drawn(cadre: Cadre) -> None:
    gone, away, paused, erasing, withdrawn, *rest = await youths(cadre, 10)
    fresh = await factories.youth(2000, cadre, since=FIRST - timedelta(days=6))
    await Contact.filter(youth=gone).update(state=ContactState.ENDED, ended_at=FIRST - timedelta(days=3))
    await Contact.filter(youth=paused).update(state=ContactState.PAUSED, paused_at=FIRST)
    await Consent.filter(person=withdrawn).update(withdrawn_at=FIRST)
    await Erasure.create(person=erasing, asked_at=FIRST, due_at=FIRST + timedelta(days=1))
    span = {"since": FIRST - timedelta(days=1), "until": FIRST + timedelta(days=3)}
    await Absence.create(person=away, kind=AbsenceKind.MUTE, **span)
    await rating_rounds.draw(FIRST)
    assert sorted(await drawn()) == [person.id for person in rest]
    assert fresh.id not in await drawn()


async def test_a_missed_draw_is_made_up_for_two_weeks_and_then_dropped(cadre: Cadre) -> None:
    await youths(cadre, 6)
    await rating_rounds.draw(FIRST - timedelta(minutes=1))
    await rating_rounds.draw(FIRST + rating_rounds.ASKING)
    assert await drawn() == []
    await rating_rounds.draw(FIRST + rating_rounds.ASKING - timedelta(minutes=1))
    assert len(await drawn()) == 6


async def test_the_second_round_is_for_those_the_first_did_not_reach(cadre: Cadre, unit: Unit) -> None:
    await youths(cadre, 20)
    shared = await youths(cadre, 6, 2000)
    other = await factories.cadre(2, "李四", unit, CadreKind.PART_TIME)
    await rating_rounds.draw(FIRST)
    first = await drawn()
    for person in shared:
        await Contact.create(cadre=other, youth=person, state=ContactState.ACTIVE, since=FIRST)
    alone = await youths(other, 4, 3000, since=FIRST)
    await rating_rounds.draw(SECOND)
    assert len(await drawn(cadre=cadre)) == SAMPLE, "头一回抽过他了，第二回不再抽"
    assert await drawn(cadre=cadre) == first
    expected = {person.id for person in (*shared, *alone)} - set(first)
    assert set(await drawn(cadre=other)) == expected, "头一回问过的青年，本季不再问"
    assert len(expected) >= 5


# ---- 去问


async def test_each_is_asked_once_privately_by_day_and_told_it_is_up_to_him(cadre: Cadre) -> None:
    await youths(cadre, 8)
    await rating_rounds.draw(FIRST)
    times = [local(row.ask_at) for row in await RatingAsk.all()]
    assert len(set(times)) == 8, "一个班的人不在同一刻收到"
    assert all(10 <= time.hour < 20 and FIRST <= time < FIRST + timedelta(days=14) for time in times)
    await rating_rounds.ask(min(times) - timedelta(minutes=1))
    assert await asked() == []
    end = FIRST + timedelta(days=14)
    await rating_rounds.ask(end.replace(hour=22))
    assert await asked() == [], "夜里不问"
    for hour in (9, 10):
        await rating_rounds.ask(end.replace(hour=hour))
    assert len(await asked()) == 8
    notice = await Notice.filter(kind="rating.ask").first()
    assert notice
    assert notice.discreet
    assert notice.expires_at == on(date(2026, 11, 29))
    assert notice.text == (
        "悄悄问你一句：这一季张三和你们联系得怎么样？1 到 5 分，5 分最好，私聊我发 /评价 4，后面想说一句也行。\n"
        "随机问到了你，几分不会告诉任何人，满 5 个人才合起来说个大概。11月28日前都可以，不想答就不用管，不会再问。"
    )


async def test_those_who_left_or_muted_after_the_draw_are_not_asked(cadre: Cadre) -> None:
    gone, away, removed, *rest = await youths(cadre, 8)
    await rating_rounds.draw(FIRST)
    end = FIRST + timedelta(days=14)
    await Contact.filter(youth=gone).update(state=ContactState.ENDED, ended_at=end)
    await Contact.filter(youth=removed).update(state=ContactState.ENDED, ended_at=end, removed_by_cadre=True)
    await Absence.create(person=away, kind=AbsenceKind.MUTE, since=FIRST, until=end + timedelta(days=2))
    await rating_rounds.ask(end)
    assert await asked() == [person.id for person in (removed, *rest)]
    await rating_rounds.ask(end + timedelta(days=3))
    assert gone.id not in await asked()
    assert away.id in await asked(), "静音过去了，还来得及就问"


async def test_too_near_the_end_nobody_is_asked_any_more(cadre: Cadre) -> None:
    await youths(cadre, 8)
    await rating_rounds.draw(FIRST)
    await rating_rounds.ask(rating_rounds.closing(FIRST) - rating_rounds.LEAST)
    assert await asked() == []
