from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.league import accounts, formula, rankings, rating_rounds, ratings, roster, scores
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.ratings import Said, read
from bot.league.scored_ratings import Satisfaction, installation_mean, ratings_of, satisfaction
from db.models import Cadre, Person, Rating, RatingAsk, RatingRound, Scope, Score, Unit
from tests import factories

Q4 = Quarter(2026, 4)
OPENS = rating_rounds.opening(Q4, 1)
CLOSES = rating_rounds.closing(OPENS)


@pytest.fixture
async def unit(database: str) -> Unit:
    return await factories.school()


@pytest.fixture
async def cadre(unit: Unit) -> Cadre:
    return await factories.cadre(1, "张三", unit)


async def a_round(quarter: Quarter = Q4) -> RatingRound:
    opens_at = rating_rounds.opening(quarter, 1)
    fresh = {"seed": "ab" * 16, "opens_at": opens_at, "closes_at": rating_rounds.closing(opens_at)}
    found, _ = await RatingRound.get_or_create(quarter=str(quarter), number=1, defaults=fresh | {"drawn_at": opens_at})
    return found


async def rated(
    cadre: Cadre, stars: Sequence[int], *, quarter: Quarter = Q4, sampled: bool = True, text: str | None = None
) -> list[Rating]:
    """几名新青年给他打的分。"""
    found, first = await a_round(quarter), await Person.all().count() + 5000
    return [
        await Rating.create(
            quarter=str(quarter),
            cadre=cadre,
            youth=await factories.youth(first + n, cadre),
            round=found if sampled else None,
            stars=star,
            text=f"{text}{n}" if text else None,
            given_at=found.opens_at + timedelta(days=1),
        )
        for n, star in enumerate(stars)
    ]


async def asked(cadre: Cadre, youth: Person) -> RatingAsk:
    found = await a_round()
    return await RatingAsk.create(
        round=found, quarter=str(Q4), cadre=cadre, youth=youth, ask_at=OPENS, asked_at=OPENS + timedelta(hours=1)
    )


async def part(cadre: Cadre, at: datetime) -> float | None:
    await scores.recompute(Q4, at=at)
    return (await Score.get(quarter=str(Q4), cadre=cadre)).ratings


# ---- 听得懂


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4", Said("", 4, "")),
        ("４ 讲得清楚", Said("", 4, "讲得清楚")),
        ("5分，谢谢", Said("", 5, "谢谢")),
        ("5星", Said("", 5, "")),
        ("3讲得一般", Said("", 3, "讲得一般")),
        ("四分 挺好", Said("", 4, "挺好")),
        ("五", Said("", 5, "")),
        ("张三 4 有事问得到人", Said("张三", 4, "有事问得到人")),
        ("@张三 二分", Said("张三", 2, "")),
        ("张三　４　讲得清楚", Said("张三", 4, "讲得清楚")),
    ],
)
def test_a_rating_is_read_the_way_people_write_it(text: str, said: Said) -> None:
    assert read(text) == said


@pytest.mark.parametrize("text", ["", "好", "挺好的 谢谢", "三言两语说不清"])
def test_words_without_a_number_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match="没看出你打几分。打 1 到 5 的整数分，5 分最好，例如：/评价 4 有事问得到人"):
        read(text)


@pytest.mark.parametrize("text", ["6", "0", "-1", "10 满分", "4.5", "100", "3/5", "张三 9"])
def test_a_number_outside_one_to_five_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=r"^打 1 到 5 的整数分"):
        read(text)


# ---- 进积分


async def test_only_sampled_ratings_from_five_on_enter_the_score_once_the_round_has_closed(cadre: Cadre) -> None:
    await rated(cadre, [5, 5, 4, 4])
    await rated(cadre, [1] * 20, sampled=False)
    assert await part(cadre, CLOSES) is None
    assert "ratings" not in (await Score.get(cadre=cadre)).facts, "不足 5 份的，连数都不存"
    await rated(cadre, [4])
    assert await part(cadre, CLOSES - timedelta(seconds=1)) is None, "截止才揭晓"
    assert await part(cadre, CLOSES) == pytest.approx(((5 * 4.4 + 42) / 15 - 1) / 4)
    assert await ratings_of(Q4.previous, [cadre.id], at=CLOSES) == {}


async def test_the_worked_case_of_nine_ratings_comes_out(cadre: Cadre) -> None:
    await rated(cadre, [5, 5, 5, 5, 4, 4, 4, 4, 4])  # 均分 4.44
    value = await part(cadre, CLOSES)
    assert value is not None
    assert formula.points(formula.Part.RATINGS, value) == 12.4
    assert (await Score.get(cadre=cadre)).facts["ratings"] == 9


async def test_the_mean_is_the_installations_own_from_thirty_of_earlier_quarters(cadre: Cadre) -> None:
    await rated(cadre, [2] * 29, quarter=Q4.previous)
    await rated(cadre, [2] * 9, quarter=Q4.previous, sampled=False)
    await rated(cadre, [5] * 5)
    assert await installation_mean(Q4) == 4.2
    await rated(cadre, [5], quarter=Q4.previous)
    assert await installation_mean(Q4) == pytest.approx(63 / 30)
    assert await installation_mean(Q4.previous) == 4.2, "季内的、后来的不动它"
    assert await part(cadre, CLOSES) == pytest.approx(((25 + 21) / 15 - 1) / 4)


async def test_a_closed_round_is_a_change_and_a_running_one_is_not(cadre: Cadre) -> None:
    await rated(cadre, [4] * 5)
    before, after = CLOSES - timedelta(minutes=5), CLOSES + timedelta(minutes=5)
    assert await scores.changed_since(Q4, before - timedelta(hours=1), until=before) == set()
    assert await scores.changed_since(Q4, before, until=after) == {cadre.id}


async def test_rebuilding_comes_out_equal(cadre: Cadre, unit: Unit) -> None:
    other = await factories.cadre(2, "李四", unit)
    await rated(cadre, [3, 4, 5, 2] * 9, quarter=Q4.previous)
    await rated(cadre, [5, 4, 4, 5, 4])
    await rated(other, [1, 2, 3, 4, 5, 5])
    for hours in (-1, 0, 1):
        await rankings.refresh(at=CLOSES + timedelta(hours=hours))
    before = await Score.all().order_by("quarter", "cadre_id").values_list("quarter", "cadre_id", "ratings", "total")
    await rankings.rebuild(at=CLOSES + timedelta(hours=2))
    after = await Score.all().order_by("quarter", "cadre_id").values_list("quarter", "cadre_id", "ratings", "total")
    assert after == before
    assert [row[2] is not None for row in after] == [True, False, True, True]


@pytest.mark.parametrize(
    ("mean", "word"),
    [(5, "很满意"), (4.5, "很满意"), (4.49, "满意"), (3.5, "满意"), (2.5, "一般"), (2.4, "不太满意"), (1, "不太满意")],
)
def test_a_mean_is_said_as_a_band(mean: float, word: str) -> None:
    assert satisfaction(mean) == word


# ---- 能改多久


async def test_an_asked_youth_may_change_until_the_round_closes(cadre: Cadre) -> None:
    youth = await factories.youth(2000, cadre)
    await asked(cadre, youth)
    by = await roster.identify(Scope.QQ, "2000")
    assert not (await ratings.rate(by, "2 没消息", at=OPENS + timedelta(days=1))).changed
    given = await ratings.rate(by, "4", at=CLOSES - timedelta(minutes=1))
    assert (given.sampled, given.changed) == (True, True)
    row = await Rating.get()
    assert (row.stars, row.text, row.round_id is not None) == (4, None, True)
    with pytest.raises(Refusal, match=r"^这一季你已经评过了，过了能改的时候"):
        await ratings.rate(by, "1", at=CLOSES)
    assert (await Rating.get()).stars == 4


async def test_a_voluntary_one_may_change_for_three_days_and_becomes_sampled_when_asked(cadre: Cadre) -> None:
    youth = await factories.youth(2000, cadre)
    by = await roster.identify(Scope.QQ, "2000")
    early = OPENS - timedelta(days=9)
    assert not (await ratings.rate(by, "5", at=early)).sampled
    assert (await ratings.rate(by, "4", at=early + timedelta(days=2))).changed
    with pytest.raises(Refusal, match="已经评过了"):
        await ratings.rate(by, "5", at=early + timedelta(days=3))
    assert (await Rating.get()).round_id is None
    await asked(cadre, youth)
    assert (await ratings.rate(by, "3", at=OPENS + timedelta(days=1))).sampled
    assert (await Rating.get()).round_id is not None


async def test_an_answer_after_the_closing_is_voluntary(cadre: Cadre) -> None:
    await asked(cadre, await factories.youth(2000, cadre))
    given = await ratings.rate(await roster.identify(Scope.QQ, "2000"), "5", at=CLOSES)
    assert (given.sampled, given.late) == (False, True)
    assert (await Rating.get()).round_id is None


async def test_before_the_question_has_gone_out_an_answer_is_voluntary(cadre: Cadre) -> None:
    row = await asked(cadre, await factories.youth(2000, cadre))
    await RatingAsk.filter(id=row.id).update(asked_at=None)
    assert not (await ratings.rate(await roster.identify(Scope.QQ, "2000"), "5", at=OPENS)).sampled


# ---- 给团干部看什么


async def test_words_are_shown_only_after_the_quarter_and_only_from_five(cadre: Cadre, unit: Unit) -> None:
    await rated(cadre, [4] * 5, text="说得清楚")
    found = await ratings.results(cadre.id, at=CLOSES)
    assert (found.current, found.texts) == (Satisfaction.GOOD, ())
    found = await ratings.results(cadre.id, at=Q4.end)
    assert (found.current, found.previous) == (None, Satisfaction.GOOD)
    assert found.texts == tuple(f"说得清楚{n}" for n in range(5))
    few = await factories.cadre(2, "李四", unit)
    await rated(few, [1] * 4, text="没人管")
    found = await ratings.results(few.id, at=Q4.end)
    assert (found.previous, found.texts) == (None, ())


async def test_words_are_gone_after_ninety_days_and_too_few_at_once(cadre: Cadre, unit: Unit) -> None:
    few = await factories.cadre(2, "李四", unit)
    await rated(cadre, [4] * 5, text="说得清楚")
    await rated(few, [1] * 4, text="没人管")
    spoken = Rating.filter(text__isnull=False)
    await ratings.forget(Q4.end - timedelta(minutes=1))
    assert await spoken.count() == 9
    await ratings.forget(Q4.end)
    assert await spoken.count() == 5
    await ratings.forget(Q4.end + timedelta(days=90) - timedelta(minutes=1))
    assert await spoken.count() == 5
    await ratings.forget(Q4.end + timedelta(days=90))
    assert await spoken.count() == 0
    assert await Rating.all().count() == 9


# ---- 并成一个人、删掉


async def test_two_accounts_of_one_person_count_once_and_the_sampled_one_stays(cadre: Cadre) -> None:
    target, source = [await factories.youth(n, cadre) for n in (2000, 2001)]
    by_target, by_source = [await roster.identify(Scope.QQ, n) for n in ("2000", "2001")]
    await asked(cadre, source)
    await ratings.rate(by_target, "5", at=OPENS + timedelta(days=1))
    await ratings.rate(by_source, "2", at=OPENS + timedelta(days=1))
    await accounts.merge(source.id, target.id, at=OPENS)
    row, ask = await Rating.get(), await RatingAsk.get()
    assert (row.youth_id, row.stars, row.round_id is not None) == (target.id, 2, True)
    assert ask.youth_id == target.id


async def test_a_cadre_never_rates_himself_through_another_account(cadre: Cadre) -> None:
    youth = await factories.youth(2000, cadre)
    await asked(cadre, youth)
    await ratings.rate(await roster.identify(Scope.QQ, "2000"), "5", at=OPENS + timedelta(days=1))
    await accounts.merge(youth.id, cadre.person_id, at=OPENS)
    assert not await Rating.exists()
    assert not await RatingAsk.exists()


async def test_erasing_takes_the_words_and_leaves_the_count(cadre: Cadre) -> None:
    [row] = await rated(cadre, [4], text="说得清楚")
    await asked(cadre, await Person.get(id=row.youth_id))
    await RatingAsk.all().update(asked_at=None)
    await ratings.erase_words(row.youth_id)
    assert ((await Rating.get()).stars, (await Rating.get()).text) == (4, None)
    assert not await RatingAsk.exists()
