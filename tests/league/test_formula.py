from pathlib import Path

import pytest

from bot.league import formula
from bot.league.formula import Band, Facts, Grade, Part, WishFacts

L0, L1, L2 = Grade.L0, Grade.L1, Grade.L2

#: 产品说明第 7 节的三个例子
WORKED = {
    "专职，86 人": (
        Facts(
            quota=100,
            roster=86,
            reached=52,
            twice=21,
            wishes=WishFacts(count=7, answered=7, in_time=6, confirmed=4, effective=6),
            five_ones=(L2, L2, L2, L1, None),
            ratings=9,
            ratings_mean=4.4,
            checked=8,
        ),
        [19.4, 12.1, 19.2, 14.0, 12.4],
        77.1,
    ),
    "专职，刷屏": (
        Facts(
            quota=100,
            roster=100,
            reached=9,
            twice=0,
            wishes=WishFacts(count=1, effective=1),
            five_ones=(L0, L0, L0, L0, L0),
            ratings=2,
            ratings_mean=5,
            checked=8,
            contradicted=3,
        ),
        [7.5, 0.0, 0.0, 5.0, None],
        12.6,
    ),
    "其他兼职，12 人": (
        Facts(
            quota=10,
            roster=12,
            reached=10,
            twice=5,
            five_ones=(L2, L2, L2, L2, L1),
            ratings=6,
            ratings_mean=4.8,
            checked=3,
        ),
        [25.0, 15.0, None, 18.0, 12.8],
        94.5,
    ),
}


@pytest.mark.parametrize("case", WORKED)
def test_the_worked_cases_come_out_to_one_decimal(case: str) -> None:
    facts, points, total = WORKED[case]
    parts = formula.parts_of(facts)
    assert [None if value is None else formula.points(part, value) for part, value in parts.items()] == points
    assert formula.total(parts, formula.integrity(facts.contradicted, facts.checked)) == total


def test_base_is_at_least_six_tenths_of_the_quota_and_at_most_the_quota() -> None:
    assert [formula.base(100, roster) for roster in (0, 60, 61, 100, 130)] == [60, 60, 61, 100, 100]
    assert [formula.base(10, roster) for roster in (0, 6, 12)] == [6, 6, 10]


def test_rounding_up_is_exact() -> None:
    assert [formula.depth_needed(of) for of in (60, 61, 70, 90, 100, 6)] == [18, 19, 21, 27, 30, 2]


def test_no_quota_and_nobody_leaves_nothing_to_score() -> None:
    parts = formula.parts_of(Facts(quota=0, roster=0, reached=0, twice=0))
    assert set(parts.values()) == {None}
    assert formula.total(parts) is None


def test_one_answered_wish_is_worth_less_than_seven() -> None:
    def done(n: int) -> WishFacts:
        return WishFacts(count=n, answered=n, in_time=n, confirmed=n, effective=n)

    one, seven = formula.service(done(1)), formula.service(done(7))
    assert one
    assert seven
    assert one < seven < 1


def test_an_unanswered_wish_costs_more_than_none() -> None:
    assert formula.service(WishFacts(count=1, effective=1)) == 0
    assert formula.service(WishFacts()) is None


def test_ratings_need_five_and_are_smoothed() -> None:
    assert formula.ratings(4, 5.0) is None
    assert formula.ratings(5, 5.0) == pytest.approx((67 / 15 - 1) / 4)


def test_integrity_is_full_up_to_eight_percent_and_never_below_half() -> None:
    assert [formula.integrity(0, 0), formula.integrity(0, 8), formula.integrity(20, 20)] == [1, 1, 0.5]
    assert formula.integrity(3, 8) == pytest.approx(0.857, abs=0.001)


def test_bands_start_at_85_and_60() -> None:
    assert [formula.band(score) for score in (100, 85, 84.9, 60, 59.9, 0)] == [
        Band.HONOUR,
        Band.HONOUR,
        Band.STEADY,
        Band.STEADY,
        Band.EFFORT,
        Band.EFFORT,
    ]


def test_weights_add_up_to_a_hundred() -> None:
    assert sum(formula.WEIGHTS.values()) == 100
    assert list(formula.WEIGHTS) == list(Part)


def test_the_document_says_what_the_formula_does() -> None:
    text = (Path(__file__).parents[2] / "docs" / "score.md").read_text(encoding="utf-8")
    for weight in formula.WEIGHTS.values():
        assert f"| {weight} |" in text
    for _, _, total in WORKED.values():
        assert f"**{total}**" in text
    for point in WORKED["专职，86 人"][1]:
        assert f"| {point} |" in text
