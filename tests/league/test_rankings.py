from datetime import date, datetime, timedelta

import pytest

from bot.league import boards, rankings, scores, spans
from bot.league.errors import Refusal
from bot.league.formula import Band
from bot.league.periods import Quarter
from bot.league.roster import Speaker, identify
from bot.league.spans import Sight, Span
from db.models import Cadre, CadreKind, GroupKind, Ranking, Scope, Score, Unit
from tests import factories

Q4 = Quarter(2026, 4)
DAY = date(2026, 11, 18)


@pytest.fixture
async def school(database: str) -> Unit:
    return await factories.school()


async def scored(unit: Unit, *totals: float, kind: CadreKind = CadreKind.FULL_TIME, first: int = 1) -> list[Cadre]:
    """几位团干部，积分直接写好。"""
    cadres = [await factories.cadre(first + n, f"干部{first + n}", unit, kind) for n in range(len(totals))]
    for cadre, total in zip(cadres, totals, strict=True):
        await Score.create(
            quarter=str(Q4), cadre=cadre, total=total, coverage=0.5, depth=0.5, facts={}, computed_at=factories.AT
        )
    return cadres


async def places() -> list[tuple[int, ...]]:
    rows = await Ranking.all().order_by("cadre_id")
    return [(row.place, row.size, row.unit_place, row.unit_size) for row in rows]


async def admin_of(unit: Unit) -> Speaker:
    await factories.admin(900, "管理员", unit)
    return await identify(Scope.QQ, "900")


async def test_equal_scores_share_a_place_and_the_next_is_skipped(school: Unit, at: datetime) -> None:
    a, b = [await factories.branch(name, school) for name in ("甲", "乙")]
    await scored(a, 90, 80)
    await scored(b, 90, 70, first=11)
    await rankings.snapshot(Q4, at=at)
    assert await places() == [(1, 4, 1, 2), (3, 4, 2, 2), (1, 4, 1, 2), (4, 4, 2, 2)]


async def test_the_hundred_and_the_ten_are_never_ranked_together(school: Unit, at: datetime) -> None:
    await scored(school, 50)
    await scored(school, 99, 40, kind=CadreKind.PART_TIME, first=11)
    await rankings.snapshot(Q4, at=at)
    assert await places() == [(1, 1, 1, 1), (1, 2, 1, 2), (2, 2, 2, 2)]
    found = await boards.boards(Q4, Span.of(school), top=10)
    assert [(board.quota, board.size, [row.place for row in board.rows]) for board in found] == [
        (100, 1, [1]),
        (10, 2, [1, 2]),
    ]


async def test_those_who_left_are_not_ranked(school: Unit, at: datetime) -> None:
    cadres = await scored(school, 90, 80)
    await rankings.snapshot(Q4, at=at)
    await Cadre.filter(id=cadres[0].id).update(left_at=at)
    await rankings.refresh(at=at + timedelta(minutes=1))
    assert await Ranking.filter(quarter=str(Q4)).values_list("cadre_id", "place") == [(cadres[1].id, 1)]


async def test_refresh_follows_new_facts_new_people_and_moves_and_otherwise_writes_nothing(
    school: Unit, at: datetime
) -> None:
    a, b = [await factories.branch(name, school) for name in ("甲", "乙")]
    first = await factories.cadre(1, "张三", a)
    person = await factories.youth(1000, first)
    await rankings.refresh(at=at)
    assert await Ranking.filter(quarter=str(Q4)).values_list("cadre_id", "total", "taken_at") == [(first.id, 0, at)]
    await rankings.refresh(at=at + timedelta(minutes=1))
    assert (await Ranking.get(quarter=str(Q4))).taken_at == at

    await factories.interaction(first, person, DAY)
    await rankings.refresh(at=at + timedelta(minutes=2))
    row = await Ranking.get(quarter=str(Q4))
    assert (row.total, row.taken_at) == (8.1, at + timedelta(minutes=2))

    second = await factories.cadre(2, "李四", a)
    await rankings.refresh(at=at + timedelta(minutes=3))
    assert await Ranking.filter(quarter=str(Q4), cadre=second).values_list("place", "size") == [(2, 2)]

    await Cadre.filter(id=second.id).update(unit=b)
    await rankings.refresh(at=at + timedelta(minutes=4))
    assert (await Ranking.get(quarter=str(Q4), cadre=second)).unit_id == b.id


async def test_own_rank_is_fresh_and_hides_places_among_fewer_than_five(school: Unit, at: datetime) -> None:
    cadres = [await factories.cadre(n, f"干部{n}", school) for n in range(1, 5)]
    await factories.interaction(cadres[0], await factories.youth(1000, cadres[0]), DAY)
    own = await rankings.own_rank(cadres[0].id, at=at)
    assert own
    assert (own.total, own.band, own.place, own.unit_place) == (8.1, Band.EFFORT, None, None)
    await factories.cadre(5, "干部5", await factories.branch("甲", school))
    await rankings.refresh(at=at)
    own = await rankings.own_rank(cadres[0].id, at=at)
    assert own
    assert (own.place, own.size, own.unit_place) == (1, 5, None)
    assert await rankings.own_rank(cadres[0].id, at=at, quarter=Quarter(2025, 1)) is None


async def test_own_score_moves_at_once_and_the_others_follow_at_the_next_look(school: Unit, at: datetime) -> None:
    cadres = [await factories.cadre(n, f"干部{n}", school) for n in range(1, 6)]
    people = [await factories.youth(1000 + n, cadres[0]) for n in range(2)]
    await factories.interaction(cadres[1], await factories.youth(2000, cadres[1]), DAY)
    await rankings.refresh(at=at)
    first, second = [await rankings.own_rank(cadre.id, at=at) for cadre in cadres[:2]]
    assert first
    assert second
    assert (first.place, second.place) == (2, 1)
    for person in people:
        await factories.interaction(cadres[0], person, DAY)
    first = await rankings.own_rank(cadres[0].id, at=at)
    assert first
    assert (first.total, first.place, first.unit_place) == (11.4, 1, 1)
    assert (await Ranking.get(cadre=cadres[0], quarter=str(Q4))).total == 0  # 别人的名次还是上回的
    await rankings.refresh(at=at + timedelta(minutes=1))
    ranked = Ranking.filter(quarter=str(Q4)).order_by("cadre_id")
    assert await ranked.values_list("place", flat=True) == [1, 2, 3, 3, 3]


async def test_a_board_asked_for_again_is_read_as_last_seen_for_ten_minutes(
    school: Unit, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rankings, "_looked", None)  # 别的测试看过的不算
    cadre = await factories.cadre(1, "张三", school)
    by, person = await admin_of(school), await factories.youth(1000, cadre)

    async def look(minutes: int) -> tuple[float, datetime]:
        page = await boards.page(by, unit="", quarter=Q4, top=10, at=at + timedelta(minutes=minutes), public=False)
        return page.boards[0].rows[0].total, page.as_of

    assert await look(0) == (0, at)
    await factories.interaction(cadre, person, DAY)
    assert await look(9) == (0, at)
    assert await look(10) == (8.1, at + timedelta(minutes=10))
    # 新上任的、离任的，当场看得出
    other = await factories.cadre(2, "李四", school)
    assert await look(11) == (8.1, at + timedelta(minutes=10))
    assert await Ranking.filter(quarter=str(Q4), cadre=other).exists()
    await Cadre.all().update(left_at=at + timedelta(minutes=11))
    with pytest.raises(Refusal, match="还没有排名"):
        await look(12)


async def test_the_board_lists_the_top_with_ties_and_counts_bands(school: Unit, at: datetime) -> None:
    await scored(school, 90, 85, 84.9, 84.9, 60, 59.9)
    await rankings.snapshot(Q4, at=at)
    [board] = await boards.boards(Q4, Span.of(school), top=3)
    assert [(row.place, row.name, row.total) for row in board.rows] == [
        (1, "干部1", 90),
        (2, "干部2", 85),
        (3, "干部3", 84.9),
        (3, "干部4", 84.9),
    ]
    assert (board.size, board.bands) == (6, {Band.HONOUR: 2, Band.STEADY: 3, Band.EFFORT: 1})


async def test_a_unit_is_the_median_of_its_subtree_and_small_ones_are_hidden(school: Unit, at: datetime) -> None:
    a, b, c, d = [await factories.branch(name, school) for name in ("甲", "乙", "丙", "丁")]
    below = await factories.branch("甲一支部", a)
    await scored(a, 10, 20, 90, first=1)
    await scored(below, 80, 70, first=11)
    await scored(b, 60, 61, 80, 81, 10, 99, first=21)
    await scored(c, 100, 100, 100, 100, first=31)
    await scored(d, 70, 70, 70, 70, 70, kind=CadreKind.PART_TIME, first=41)
    await rankings.snapshot(Q4, at=at)
    found = await boards.units(Q4, Span.of(school))
    assert [(unit.place, unit.unit, unit.size, unit.median, unit.band) for unit in found] == [
        (1, "乙", 6, 70.5, Band.STEADY),
        (2, "甲", 5, 70, Band.STEADY),
        (2, "丁", 5, 70, Band.STEADY),
        (None, "丙", 4, None, None),
    ]
    # 服务、五个一、评价三部分都没有数据
    assert {unit.not_applicable for unit in found if unit.place} == {0.6}


async def test_bands_for_a_group_have_no_numbers_no_small_and_no_struggling_units(school: Unit, at: datetime) -> None:
    a, b, c = [await factories.branch(name, school) for name in ("甲", "乙", "丙")]
    await scored(a, 90, 90, 90, 90, 90, first=1)
    await scored(b, 40, 40, 40, 40, 40, first=11)
    await scored(c, 90, 90, 90, 90, first=21)
    await rankings.snapshot(Q4, at=at)
    ranked = await boards.units(Q4, await spans.peers_of(a))
    assert [unit.unit for unit in ranked] == ["甲", "乙", "丙"]
    for quarter in (Q4.previous, Q4):
        rankings._full_at[quarter] = at  # 积分是写好的，别从头重算
    await Cadre.all().update(quota=100)
    assert await boards.bands(b.id, at=at) == {Band.HONOUR: ["甲"], Band.STEADY: []}


async def test_an_admin_sees_only_its_own_subtree(school: Unit, at: datetime) -> None:
    a, b = [await factories.branch(name, school) for name in ("计算机学院团总支", "外国语学院团总支")]
    by = await admin_of(a)
    assert (await spans.span_for(by)).name == "计算机学院团总支"
    assert (await spans.span_for(by, "计算机")).name == "计算机学院团总支"
    assert (await spans.span_for(by, "计院")).name == "计算机学院团总支"
    assert (await spans.span_for(by, "计算几学院团总支")).name == "计算机学院团总支"
    for name in ("外国语", "示例大学团委", b.name):
        with pytest.raises(Refusal, match="你能看的单位里没有"):
            await spans.span_for(by, name)


async def test_an_ambiguous_name_is_asked_back(school: Unit) -> None:
    for name in ("计算机学院团总支", "外国语学院团总支"):
        await factories.branch(name, school)
    with pytest.raises(Refusal, match="对得上几个单位：计算机学院团总支、外国语学院团总支"):
        await spans.span_for(await admin_of(school), "学院")


async def test_everywhere_is_the_only_root_or_all_units(school: Unit) -> None:
    assert (await spans.everywhere()).name == "示例大学团委"
    other = await factories.branch("另一所大学团委", None)  # type: ignore[arg-type]
    span = await spans.everywhere()
    assert span.name == "本机全部单位"
    assert span.path < (other.path or "") < span.path_end


async def test_a_quarter_without_anyone_is_refused_with_a_sentence(school: Unit, at: datetime) -> None:
    with pytest.raises(Refusal, match="示例大学团委 2026Q4 还没有排名"):
        await boards.page(await admin_of(school), unit="", quarter=Q4, top=10, at=at, public=False)


@pytest.mark.parametrize(
    ("is_admin", "is_cadre", "private", "kind", "expected"),
    [
        (True, False, True, None, Sight.BOARD),
        (True, True, False, GroupKind.WORK, Sight.BOARD),
        (True, True, False, GroupKind.YOUTH, Sight.BANDS),
        (True, True, False, None, Sight.NOTHING),
        (False, True, True, None, Sight.OWN),
        (False, True, False, GroupKind.WORK, Sight.BANDS),
        (False, True, False, GroupKind.YOUTH, Sight.BANDS),
        (False, False, False, GroupKind.YOUTH, Sight.BANDS),
        (False, False, True, None, Sight.NOTHING),
        (False, False, False, None, Sight.NOTHING),
    ],
)
def test_who_sees_what_where(
    is_admin: bool, is_cadre: bool, private: bool, kind: GroupKind | None, expected: Sight
) -> None:
    by = Speaker(Scope.QQ, "1", cadre_id=1 if is_cadre else None, superuser=is_admin)
    assert spans.sight(by, private=private, kind=kind) is expected


async def test_the_stored_figures_are_the_recomputed_ones(school: Unit, at: datetime) -> None:
    cadre = await factories.cadre(1, "张三", school)
    assert await scores.recompute(Q4, at=at, only=[cadre.id, 999]) == 1
    assert await scores.recompute(Q4, at=at, only=[]) == 0
