"""换了单位、换了类别、离任又回来：过完的季度怎么重算都是那个数，没过完的跟着新的走。"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.league import (
    appointments,
    boards,
    bulletin_counts,
    bulletin_effects,
    claims,
    erasures,
    evaluation_figures,
    exports,
    five_ones,
    postings,
    rankings,
    reached,
    report_facts,
    roster,
    studies,
    summaries,
)
from bot.league.bulletin_frames import Frame
from bot.league.evaluation_figures import Term
from bot.league.formula import Grade
from bot.league.periods import Quarter, on
from bot.league.spans import Span
from db.models import (
    Cadre,
    CadreKind,
    CadrePast,
    EvidenceGrade,
    FiveOnes,
    Ranking,
    Rating,
    RatingRound,
    Scope,
    Score,
    Slot,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
#: 都在九月二日上任；十月里换岗
MOVED = on(date(2026, 10, 20)).replace(hour=10)
NOW = on(date(2026, 11, 18)).replace(hour=10)
BOSS = roster.Speaker(Scope.QQ, "10", superuser=True)


class Town:
    """甲、乙两个学院团总支；甲有五位专职（1–5），张三（1）三季度聊过一位青年。"""

    def __init__(self, school: Unit, a: Unit, b: Unit, zhang: Cadre) -> None:
        self.school, self.a, self.b, self.zhang = school, a, b, zhang


@pytest.fixture
async def town(database: str) -> Town:
    school = await factories.school()
    a, b = [await factories.branch(name, school) for name in ("甲", "乙")]
    zhang, *_ = [await factories.cadre(n, f"干部{n}", a) for n in range(1, 6)]
    await factories.interaction(zhang, await factories.youth(1000, zhang), date(2026, 9, 10))
    return Town(school, a, b, zhang)


async def say(words: str, *, at: datetime) -> None:
    """管理员的一句 `/任命`，头一个词是 @ 的那位。"""
    who, *rest = words.split()
    order = appointments.read_order(rest, [who])
    if order.leaving:
        await appointments.dismiss(order.user_id, scope=Scope.QQ, by=BOSS, at=at)
    else:
        await appointments.appoint(order, scope=Scope.QQ, by=BOSS, at=at)


async def everything(quarter: Quarter) -> list[tuple[object, ...]]:
    """一季的积分与名次，除了何时算的。"""
    places = ("cadre_id", "unit_id", "quota", "total", "place", "size", "unit_place", "unit_size")
    return [
        *await Score.filter(quarter=str(quarter)).order_by("cadre_id").values_list("cadre_id", "total", "facts"),
        *await Ranking.filter(quarter=str(quarter)).order_by("cadre_id").values_list(*places),
    ]


async def terms() -> list[tuple[object, ...]]:
    rows = await CadrePast.all().order_by("since").values_list("unit__name", "kind", "quota", "since", "until")
    return [tuple(row) for row in rows]


async def test_a_new_kind_and_unit_leave_a_past_quarters_score_rank_and_median_alone(town: Town) -> None:
    await rankings.rebuild(at=MOVED)
    before, medians = await everything(Q3), await boards.units(Q3, Span.of(town.school))
    assert (medians[0].unit, medians[0].size, medians[0].place) == ("甲", 5, 1)
    await say("1 其他兼职 乙", at=MOVED)
    await rankings.refresh(at=NOW)
    assert await everything(Q3) == before
    await rankings.rebuild(at=NOW)
    assert await everything(Q3) == before
    assert await boards.units(Q3, Span.of(town.school)) == medians
    row = await Ranking.get(quarter=str(Q4), cadre=town.zhang)
    assert (row.unit_id, row.quota, row.size) == (town.b.id, 10, 1), "这一季跟着新的走"
    assert (await Score.get(quarter=str(Q4), cadre=town.zhang)).facts["quota"] == 10


async def test_leaving_and_coming_back_keeps_the_earlier_quarter(town: Town) -> None:
    await rankings.rebuild(at=MOVED)
    before = await everything(Q3)
    await say("1 离任", at=MOVED)
    later = Quarter(2027, 1).start + timedelta(days=20)
    await say("1 专职 乙", at=later)
    await rankings.rebuild(at=later)
    assert await everything(Q3) == before
    assert await Score.filter(cadre=town.zhang).order_by("quarter").values_list("quarter", flat=True) == [
        "2026Q3",
        "2026Q4",
        "2027Q1",
    ]
    ranked = await Ranking.filter(cadre=town.zhang).order_by("quarter").values_list("quarter", "unit_id")
    assert ranked == [("2026Q3", town.a.id), ("2027Q1", town.b.id)], "四季度末不在任，不排"
    assert await terms() == [("甲", "专职", 100, factories.AT, MOVED)]
    assert (await Cadre.get(id=town.zhang.id)).since == later


async def test_between_leaving_and_coming_back_the_last_of_several_terms_counts(town: Town) -> None:
    await say("1 其他兼职 乙", at=MOVED)
    await say("1 离任", at=NOW)
    later = Quarter(2027, 1).start + timedelta(days=20)
    await say("1 专职 甲", at=later)
    assert [(post.unit_id, post.quota) for post in await postings.served(Q4, [town.zhang.id])] == [(town.b.id, 10)]
    await Cadre.exclude(id=town.zhang.id).update(since=later)
    assert await postings.first_since() == factories.AT, "从他头一回上任的那一季算起"


async def test_each_quarter_follows_the_post_at_its_own_end(town: Town) -> None:
    await say("1 挂职 乙", at=MOVED)
    await say("1 其他兼职 甲", at=MOVED + timedelta(days=100))
    found = {quarter: await postings.served(quarter, [town.zhang.id]) for quarter in (Q3, Q4, Q4.next)}
    assert {str(quarter): (post.unit_id, post.quota) for quarter, [post] in found.items()} == {
        "2026Q3": (town.a.id, 100),
        "2026Q4": (town.b.id, 100),
        "2027Q1": (town.a.id, 10),
    }
    [_, (*_, since, until)] = await terms()
    assert (since, until) == (MOVED, MOVED + timedelta(days=100))
    assert await postings.served(Quarter(2026, 2)) == [], "那时还没上任"
    assert await postings.first_since() == factories.AT


async def test_a_correction_on_the_day_it_began_replaces(town: Town) -> None:
    await say("1 其他兼职 乙", at=MOVED)
    await say("1 挂职 乙", at=MOVED + timedelta(hours=3))
    assert await terms() == [("甲", "专职", 100, factories.AT, MOVED)]
    await say("1 挂职 甲", at=MOVED + timedelta(days=1))
    assert await CadrePast.all().count() == 2
    await say("7 李四 专职 甲", at=MOVED)
    await say("7 其他兼职 甲", at=MOVED + timedelta(hours=1))
    assert not await CadrePast.exists(cadre__person__name="李四")


async def test_a_new_name_is_no_new_term(town: Town) -> None:
    await say("1 张三 专职 甲", at=MOVED)
    assert not await CadrePast.exists()
    assert (await Cadre.get(id=town.zhang.id)).since == factories.AT


async def test_the_five_things_are_those_of_the_unit_he_was_in(town: Town) -> None:
    names = ["实事", "实事二", "实事三", "实事四", "实事五"]
    told = {"issuer": "乙", "document": "一号", "monthly": 3}
    await FiveOnes.create(unit=town.b, quarter=str(Q3), names=names, set_at=factories.AT, **told)
    row = await factories.record(town.zhang, date(2026, 9, 10), Slot.TALK, EvidenceGrade.L2)
    await type(row).filter(id=row.id).update(created_at=on(date(2026, 9, 10)))
    before = (await five_ones.slots_of(town.zhang.id, Q3, at=MOVED)).items
    assert any(item.grade is Grade.L2 for item in before)
    await rankings.rebuild(at=MOVED)
    scored = await everything(Q3)
    await say("1 专职 乙", at=MOVED)
    assert (await five_ones.slots_of(town.zhang.id, Q3, at=NOW)).items == before
    await rankings.rebuild(at=NOW)
    assert await everything(Q3) == scored


async def test_bulletins_and_totals_of_a_past_quarter_stay_with_the_old_unit(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bulletin_counts, bulletin_effects):
        monkeypatch.setattr(module, "by_unit", lambda *given: given[3])  # 不足 5 人的也要看

    async def told(quarter: Quarter) -> list[object]:
        frame = Frame(Span.of(town.school), quarter, min(quarter.end, NOW), min(quarter.end, NOW).date(), {})
        tables: list[Any] = [await bulletin_counts.participation(frame), await bulletin_counts.interactions(frame)]
        people = await reached.reached_within(quarter.first_day, quarter.end_day, Span.of(town.a))
        summary = await summaries.summary_of(town.a, quarter, at=NOW)
        tables.append(await bulletin_effects.left_out(frame))
        report = await report_facts.gather(town.a, quarter, at=NOW)
        return [*tables, report.joined, report.reached, people, summary and summary.cadres]

    before, now = await told(Q3), await told(Q4)
    await say("1 专职 乙", at=MOVED)
    assert await told(Q3) == before
    assert before[3:] == [1, 1, 1, 5]
    assert await told(Q4) != now
    assert (await told(Q4))[3:] == [0, 0, 0, None], "这一季甲只剩四位"


async def test_a_wish_granted_in_a_past_quarter_is_drawn_where_he_was(town: Town) -> None:
    youth, day = await factories.youth(3000, town.zhang), on(date(2026, 9, 10))
    await Wish.create(
        author=youth,
        cadre=town.zhang,
        claimer=town.zhang,
        unit=town.a,
        text="想学修车",
        digest="d",
        lane=WishLane.WALL,
        state=WishState.ENDED,
        ending=WishEnding.FULFILLED,
        submitted_at=day,
        ended_at=day,
    )
    await say("1 专职 乙", at=MOVED)
    drawn = {unit.name: await claims.claims_in(unit, Q3, at=NOW) for unit in (town.a, town.b)}
    assert {name: [claim.unit_id for claim in found] for name, found in drawn.items()} == {"甲": [town.a.id], "乙": []}


async def test_his_own_copy_lists_the_former_terms(town: Town) -> None:
    await say("1 其他兼职 乙", at=MOVED)
    [row] = (await exports.everything(await roster.identify(Scope.QQ, "1"), at=NOW))["从前的任职"]  # type: ignore[misc]
    assert (row["单位"], row["类别"], row["结束"]) == ("甲", "专职", "2026-10-20T10:00:00+08:00")


async def test_an_evaluation_keeps_the_ratings_and_checks_of_those_who_moved(town: Town) -> None:
    opened = on(date(2026, 8, 1))
    closed = await RatingRound.create(quarter=str(Q3), number=1, seed="s", opens_at=opened, closes_at=MOVED)
    for n in range(5):
        youth = await factories.youth(2000 + n, town.zhang)
        await Rating.create(quarter=str(Q3), cadre=town.zhang, youth=youth, round=closed, stars=4, given_at=opened)
    await rankings.rebuild(at=MOVED)
    score = await Score.get(quarter=str(Q3), cadre=town.zhang)
    await Score.filter(id=score.id).update(facts=score.facts | {"checked": 3, "contradicted": 1})
    before = await evaluation_figures.gather(town.a, Term(2026, half=False), at=MOVED)
    assert (before.ratings, before.mean, before.checked, before.contradicted) == (5, 4.0, 3, 1)
    await say("1 专职 乙", at=MOVED)
    after = await evaluation_figures.gather(town.a, Term(2026, half=False), at=MOVED)
    assert (after.ratings, after.mean, after.checked, after.contradicted) == (5, 4.0, 3, 1)


async def test_a_past_years_studies_list_him_where_he_was(town: Town) -> None:
    await say("1 专职 乙", at=on(date(2027, 2, 1)))

    async def listed(year: int) -> list[str]:
        return [unit for name, unit, _ in (await studies.in_span(Span.of(town.school), year)).rows if name == "干部1"]

    assert (await listed(2026), await listed(2027)) == (["甲"], ["乙"])


async def test_a_roster_file_keeps_the_former_terms_too(town: Town) -> None:
    li = await Cadre.get(person__name="干部2")
    await Cadre.filter(id=li.id).update(left_at=MOVED)
    wanted = {cadre.person_id: (town.b.id, CadreKind.PART_TIME) for cadre in (town.zhang, li)}
    assert await postings.change(wanted | {999: (town.b.id, CadreKind.PART_TIME)}, at=NOW) == set(wanted)
    rows = await CadrePast.all().order_by("cadre_id").values_list("cadre_id", "unit_id", "quota", "until")
    assert rows == [(town.zhang.id, town.a.id, 100, NOW), (li.id, town.a.id, 100, MOVED)]
    again = await postings.change(wanted, at=NOW + timedelta(days=2))
    assert again == set(wanted)
    assert await CadrePast.all().count() == 2, "和现在一样的，不算新的一段"


async def test_erasing_a_person_leaves_the_terms_without_a_name(town: Town) -> None:
    await say("1 其他兼职 乙", at=MOVED)
    await rankings.rebuild(at=MOVED)
    before = await everything(Q3)
    await say("1 离任", at=NOW)
    await erasures.erase(town.zhang.person_id, at=NOW)
    await rankings.rebuild(at=NOW)
    assert await everything(Q3) == before
    assert (await CadrePast.get().select_related("cadre__person")).cadre.person.name is None
