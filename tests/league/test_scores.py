import logging
import re
from datetime import date, datetime, timedelta

import pytest

from bot.league import formula, rankings, scores
from bot.league.formula import WishFacts
from bot.league.periods import Quarter, on
from bot.league.scored_wishes import confirmed_share, wishes_of
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    Contact,
    ContactState,
    EvidenceGrade,
    Participation,
    PartState,
    Person,
    Score,
    Slot,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories

Q4 = Quarter(2026, 4)
DAY = date(2026, 11, 18)


@pytest.fixture
async def unit(database: str) -> Unit:
    return await factories.branch("计算机学院团总支", await factories.school())


@pytest.fixture
async def cadre(unit: Unit) -> Cadre:
    return await factories.cadre(1, "张三", unit)


async def youths(cadre: Cadre, count: int, first: int = 1000) -> list[Person]:
    return [await factories.youth(first + n, cadre) for n in range(count)]


async def wish(
    cadre: Cadre,
    submitted: datetime,
    *,
    answered: timedelta | None = None,
    ending: WishEnding | None = None,
    accepted: bool = False,
    claimer: Cadre | None = None,
    lane: WishLane = WishLane.WALL,
) -> Wish:
    answered_at = submitted + answered if answered is not None else None
    return await Wish.create(
        cadre=cadre,
        unit_id=cadre.unit_id,
        text="想学修车",
        digest="d",
        lane=lane,
        state=WishState.ENDED if ending else WishState.CLAIMED if answered_at else WishState.OPEN,
        ending=ending,
        accepted=accepted,
        claimer=claimer or (cadre if answered_at else None),
        submitted_at=submitted,
        answered_at=answered_at,
        claimed_at=answered_at,
        ended_at=(answered_at or submitted) + timedelta(hours=1) if ending else None,
    )


async def facts(cadre: Cadre, at: datetime, quarter: Quarter = Q4) -> dict[str, float]:
    await scores.recompute(quarter, at=at)
    return (await Score.get(quarter=str(quarter), cadre=cadre)).facts


async def service(cadre: Cadre, at: datetime) -> WishFacts:
    return (await wishes_of(Q4, [cadre.id], at=at)).get(cadre.id, WishFacts())


async def test_reached_counts_distinct_youths_with_an_effective_day_in_the_quarter(cadre: Cadre, at: datetime) -> None:
    a, b, c, d = await youths(cadre, 4)
    for day in (DAY, DAY - timedelta(days=1)):
        await factories.interaction(cadre, a, day)
    await factories.interaction(cadre, b, Q4.first_day)
    await factories.interaction(cadre, c, DAY, sessions=0, messages=500)
    await factories.interaction(cadre, d, Q4.first_day - timedelta(days=1))
    found = await facts(cadre, at)
    assert (found["reached"], found["twice"], found["roster"], found["base"]) == (2, 0, 4, 60)


async def test_twice_needs_two_iso_weeks_even_across_sunday(cadre: Cadre, at: datetime) -> None:
    a, b, c = await youths(cadre, 3)
    for day, sessions in ((date(2026, 11, 16), 1), (date(2026, 11, 9), 0)):  # 另一周没够上有效
        await factories.interaction(cadre, c, day, sessions=sessions)
    for day in (date(2026, 11, 16), date(2026, 11, 22)):  # 同一周的周一与周日
        await factories.interaction(cadre, a, day)
    for day in (date(2026, 11, 22), date(2026, 11, 23)):  # 周日与下周一
        await factories.interaction(cadre, b, day)
    assert (await facts(cadre, at))["twice"] == 1


async def test_an_evening_with_witnesses_is_a_week_of_contact_like_a_talk(cadre: Cadre, at: datetime) -> None:
    """联系到的算法 U 与 M 一样：聊过，或在 L2 的活动、记录里作了证。周一零点（北京时间）起算下一周。"""
    a, b, c, d = await youths(cadre, 4)
    for person in (a, b, c):
        await factories.interaction(cadre, person, date(2026, 11, 18))
    for day, grade, person in (
        (date(2026, 11, 23), EvidenceGrade.L2, a),
        (date(2026, 11, 22), EvidenceGrade.L2, b),  # 同一周的周日
        (date(2026, 11, 30), EvidenceGrade.L1, c),
        (date(2026, 11, 9), EvidenceGrade.L3, d),
    ):
        held = await factories.record(cadre, day, grade=grade)
        when = on(day)
        await Participation.create(activity=held, person=person, state=PartState.CONFIRMED, at=when, turn=1)
    found = await facts(cadre, at)
    assert (found["reached"], found["twice"]) == (4, 1)


async def test_the_score_is_the_formula_of_the_facts(cadre: Cadre, at: datetime) -> None:
    people = await youths(cadre, 20)
    for person in people[:15]:
        await factories.interaction(cadre, person, DAY)
    for person in people[:6]:
        await factories.interaction(cadre, person, DAY - timedelta(days=7))
    await wish(cadre, at - timedelta(days=10), answered=timedelta(hours=3), ending=WishEnding.FULFILLED)
    await scores.recompute(Q4, at=at)
    row = await Score.get(cadre=cadre)
    assert row.coverage == pytest.approx((15 / 60) ** 0.5)
    assert row.depth == pytest.approx(6 / 18)
    assert row.service == pytest.approx(0.5 + 0.5 * (1 + 2.1) / 4)
    assert (row.five_ones, row.ratings, row.integrity) == (None, None, 1.0)
    assert row.total == 61.1  # (12.5 + 5 + 22.19) ÷ 65


# ---- 名册；想钻空子的在 test_score_cases


async def test_those_the_cadre_removed_stay_on_the_roster_and_those_who_left_do_not(cadre: Cadre, at: datetime) -> None:
    people = await youths(cadre, 3)
    gone = Contact.filter(youth_id__in=[person.id for person in people[:2]])
    await gone.update(state=ContactState.ENDED, ended_at=at, removed_by_cadre=True)
    assert (await facts(cadre, at))["roster"] == 3
    await gone.update(removed_by_cadre=False)
    assert (await facts(cadre, at))["roster"] == 1


async def test_youths_removed_last_quarter_and_those_only_invited_are_not_on_the_roster(
    cadre: Cadre, at: datetime
) -> None:
    gone, invited, paused = await youths(cadre, 3)
    await Contact.filter(youth=gone).update(
        state=ContactState.ENDED, ended_at=Q4.start - timedelta(seconds=1), removed_by_cadre=True
    )
    await Contact.filter(youth=invited).update(state=ContactState.INVITED)
    await Contact.filter(youth=paused).update(state=ContactState.PAUSED, paused_at=at)
    assert (await facts(cadre, at))["roster"] == 1


# ---- 服务：哪些心愿算


async def test_two_working_days_are_the_deadline_and_before_it_an_open_wish_does_not_count(cadre: Cadre) -> None:
    friday = on(date(2026, 11, 13)).replace(hour=15)
    await wish(cadre, friday)
    assert await service(cadre, on(date(2026, 11, 17)).replace(hour=15)) == WishFacts()
    overdue = on(date(2026, 11, 17)).replace(hour=15, minute=1)
    assert await service(cadre, overdue) == WishFacts(count=1, effective=1)


async def test_answered_late_is_answered_but_not_in_time(cadre: Cadre, at: datetime) -> None:
    monday = on(date(2026, 11, 9)).replace(hour=10)
    await wish(cadre, monday, answered=timedelta(days=2))
    await wish(cadre, monday, answered=timedelta(days=2, seconds=1))
    assert await service(cadre, at) == WishFacts(count=2, answered=2, in_time=1, effective=2)


async def test_endings_are_kept_apart(cadre: Cadre, unit: Unit, at: datetime) -> None:
    other = await factories.cadre(2, "李四", unit)
    start, soon = at - timedelta(days=12), timedelta(hours=1)
    await wish(cadre, start, answered=soon, ending=WishEnding.FULFILLED)
    await wish(cadre, start, answered=soon, ending=WishEnding.PARTLY)
    await wish(cadre, start, answered=soon, ending=WishEnding.UNCONFIRMED)
    await wish(cadre, start, answered=soon, ending=WishEnding.IMPOSSIBLE)
    assert await service(cadre, at) == WishFacts(count=4, answered=4, in_time=4, confirmed=1.5, effective=4)
    # 以下不进 n_eff
    await wish(cadre, start, answered=soon, ending=WishEnding.IMPOSSIBLE, accepted=True)
    await wish(cadre, start, answered=soon, ending=WishEnding.WITHDRAWN)
    await wish(cadre, start, answered=soon, ending=WishEnding.FULFILLED, claimer=other)
    assert await service(cadre, at) == WishFacts(count=7, answered=7, in_time=7, confirmed=1.5, effective=4)
    assert await service(other, at) == WishFacts()


async def test_withdrawn_before_the_deadline_and_crisis_never_count(cadre: Cadre, at: datetime) -> None:
    await wish(cadre, at - timedelta(days=9), ending=WishEnding.WITHDRAWN)
    await wish(cadre, at - timedelta(days=9), lane=WishLane.CRISIS)
    assert await service(cadre, at) == WishFacts()
    await wish(cadre, at - timedelta(days=9), lane=WishLane.PRIVATE)
    assert (await service(cadre, at)).count == 1


async def test_a_wish_belongs_to_the_quarter_it_was_submitted_in(cadre: Cadre, at: datetime) -> None:
    await wish(cadre, Q4.start - timedelta(minutes=1), answered=timedelta(hours=30))
    assert await service(cadre, at) == WishFacts()
    assert (await wishes_of(Q4.previous, [cadre.id], at=at))[cadre.id].answered == 1


async def test_confirmed_share_is_the_installations_own_from_thirty_on(cadre: Cadre, at: datetime) -> None:
    for n in range(29):
        ending = WishEnding.FULFILLED if n < 14 else WishEnding.UNCONFIRMED
        await wish(cadre, at - timedelta(days=90), answered=timedelta(hours=1), ending=ending)
    assert await confirmed_share(Q4) == 0.7
    other = await factories.cadre(2, "李四", await Unit.get(id=cadre.unit_id))
    start, soon = at - timedelta(days=90), timedelta(hours=1)
    await wish(cadre, start, answered=soon, ending=WishEnding.WITHDRAWN)
    await wish(cadre, start, answered=soon, ending=WishEnding.IMPOSSIBLE, accepted=True)
    await wish(cadre, start, answered=soon, ending=WishEnding.FULFILLED, claimer=other)
    await wish(cadre, start, answered=soon, ending=WishEnding.FULFILLED, lane=WishLane.CRISIS)
    assert await confirmed_share(Q4) == 0.7
    await wish(cadre, at - timedelta(days=90), answered=timedelta(hours=1), ending=WishEnding.PARTLY)
    assert await confirmed_share(Q4) == pytest.approx(14.5 / 30)
    # 季内结束的不动它，随时重算都一样
    await wish(cadre, at - timedelta(days=3), answered=timedelta(hours=1), ending=WishEnding.FULFILLED)
    assert await confirmed_share(Q4) == pytest.approx(14.5 / 30)
    await scores.recompute(Q4, at=at)
    service_part = (await Score.get(cadre=cadre)).service
    assert service_part == pytest.approx(0.5 + 0.5 * (1 + 3 * 14.5 / 30) / 4)


# ---- 输入与重算


async def test_only_listed_tables_and_columns_feed_the_score(cadre: Cadre, at: datetime) -> None:
    assert scores.SCORE_INPUTS == {
        "cadre": ("id", "person_id", "unit_id", "quota", "since", "left_at"),
        "cadre_past": ("cadre_id", "unit_id", "quota", "since", "until"),
        "unit": ("path",),
        "contact": ("cadre_id", "state", "since", "ended_at", "removed_by_cadre"),
        "contact_past": ("contact_id", "since", "ended_at", "removed_by_cadre"),
        "interaction": ("cadre_id", "youth_id", "day", "sessions"),
        "calendar_mark": ("unit_id", "kind", "first_day", "last_day", "cancelled_at"),
        "activity": ("organiser_id", "slot", "state", "starts_at", "grade", "graded_at", "created_at", "ended_at"),
        "five_ones": ("unit_id", "quarter", "names", "set_at"),
        "participation": ("activity_id", "person_id", "state", "at"),
        "wish": (
            "author_id",
            "cadre_id",
            "claimer_id",
            "lane",
            "ending",
            "accepted",
            "submitted_at",
            "answered_at",
            "ended_at",
        ),
        "voice": ("author_id", "cadre_id", "kind", "submitted_at", "answered_at", "ended_at"),
        "rating": ("quarter", "cadre_id", "round_id", "stars"),
        "rating_round": ("closes_at",),
        "spot_check": ("quarter", "cadre_id", "wish_id", "kind", "state", "settled_at"),
    }
    await Activity.create(  # 有了第一场活动，五个一才开始算
        kind=ActivityKind.RECORD,
        organiser=cadre,
        unit_id=cadre.unit_id,
        slot=Slot.TALK,
        starts_at=at,
        state=ActivityState.KEPT,
        graded_at=at,
        created_at=at,
        asked_from=at,
    )
    statements: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: statements.append(record.getMessage().partition(": [")[0])  # type: ignore[method-assign]
    logger = logging.getLogger("tortoise.db_client")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        await scores.recompute(Q4, at=at)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    tables = {name for text in statements for name in re.findall(r'(?:FROM|JOIN) "?(\w+)"?', text)}
    assert tables == {"score", *scores.SCORE_INPUTS}
    grouped = " ".join(text for text in statements if "FROM interaction" in text)
    assert "messages" not in grouped
    assert "sessions > 0" in grouped


async def test_recomputing_writes_only_what_changed(cadre: Cadre, unit: Unit, at: datetime) -> None:
    other = await factories.cadre(2, "李四", unit)
    [person] = await youths(other, 1)
    assert await scores.recompute(Q4, at=at) == 2
    assert await scores.recompute(Q4, at=at + timedelta(hours=1)) == 0
    await factories.interaction(other, person, DAY)
    assert await scores.recompute(Q4, at=at + timedelta(hours=1)) == 1
    assert (await Score.get(cadre=cadre)).computed_at == at


async def test_changed_since_finds_every_kind_of_change(unit: Unit, at: datetime) -> None:
    old = at - timedelta(days=20)
    talker, joiner, asked, waiting, still = [await factories.cadre(n, f"干部{n}", unit) for n in range(1, 6)]
    [person] = await youths(talker, 1)
    await factories.interaction(talker, person, DAY)
    await factories.youth(2000, joiner, since=at)
    await wish(asked, at, answered=timedelta())
    await wish(waiting, old)
    await wish(still, old, answered=timedelta(hours=1))
    found = await scores.changed_since(Q4, at - timedelta(minutes=5))
    assert found == {talker.id, joiner.id, asked.id, waiting.id}


async def test_those_who_left_before_the_quarter_have_no_score(unit: Unit, at: datetime) -> None:
    left, leaving = [await factories.cadre(n, f"干部{n}", unit, CadreKind.PART_TIME) for n in (1, 2)]
    await Cadre.filter(id=left.id).update(left_at=Q4.start - timedelta(days=1))
    await Cadre.filter(id=leaving.id).update(left_at=at)
    await scores.recompute(Q4, at=at)
    assert await Score.all().values_list("cadre_id", flat=True) == [leaving.id]


async def test_dropping_everything_and_rebuilding_comes_out_equal(unit: Unit, at: datetime) -> None:
    school = await Unit.get(id=unit.parent_id)
    cadres = [await factories.cadre(n, f"干部{n}", unit if n % 2 else school) for n in range(1, 8)]
    people = {cadre.id: await youths(cadre, n + 3, 1000 * (n + 1)) for n, cadre in enumerate(cadres)}
    for n, cadre in enumerate(cadres):
        for person in people[cadre.id]:
            await factories.interaction(cadre, person, date(2026, 9, 10 + n))
            await factories.interaction(cadre, person, date(2026, 11, 2 + n))
    # 之后一点一点地来，每分钟跟一次
    for n, cadre in enumerate(cadres):
        now = at + timedelta(minutes=n)
        await rankings.refresh(at=now)
        for person in people[cadre.id][: n + 1]:
            await factories.interaction(cadre, person, DAY)
        await wish(cadre, now - timedelta(days=20), answered=timedelta(days=n), ending=WishEnding.FULFILLED)
        await Wish.filter(cadre=cadre).update(ended_at=now)
    at += timedelta(minutes=30)
    await rankings.refresh(at=at)
    before = await everything()
    await rankings.rebuild(at=at)
    assert await everything() == before
    assert len(before) == 2 * 2 * 7


async def everything() -> list[tuple[object, ...]]:
    figures = [*(part.value for part in formula.Part), "integrity", "total", "facts"]
    places = ["unit_id", "quota", "total", "place", "size", "unit_place", "unit_size"]
    return [
        *await Score.all().order_by("quarter", "cadre_id").values_list("quarter", "cadre_id", *figures),
        *await rankings.Ranking.all().order_by("quarter", "cadre_id").values_list("quarter", "cadre_id", *places),
    ]
