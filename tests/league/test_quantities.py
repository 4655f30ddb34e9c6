"""带单位的数：不是一种的加不到一起；不足 5 人的不公布，也减不出来。"""

import itertools

import pytest

from bot.league.quantities import FEW, TOGETHER, Days, Events, People, Quantity, Visits, Wishes, column, figure, middle


def test_only_the_same_kind_adds_up() -> None:
    assert People(3) + People(4) == People(7)
    assert Visits(30, 12) + Visits(5, 4) == Visits(35, 12)
    for one, other in itertools.permutations([People(9), Visits(9, 9), Events(9), Days(9, 9), Wishes(9, 9)], 2):
        with pytest.raises(TypeError):
            one + other  # pyright: ignore[reportUnusedExpression]
        assert one != other
    with pytest.raises(TypeError):
        People(3) + 4  # type: ignore[operator]


def test_a_number_carries_its_word_and_fewer_than_five_people_are_not_told() -> None:
    assert [str(People(n)) for n in (0, 4, 5)] == [FEW, FEW, "5 人"]
    assert str(Visits(40, 4)) == FEW == "不足 5 人，不公布"
    assert str(Visits(40, 5)) == "40 人次"
    assert str(Events(1)) == "1 场"
    assert str(Days(12, 6)) == "12 天"


@pytest.mark.parametrize(
    ("parts", "total", "shown"),
    [
        ([30, 40], 70, ["30 人", "40 人"]),
        ([30, 3, 40], 73, [TOGETHER, FEW, "40 人"]),
        ([30, 2, 3, 40], 75, ["30 人", FEW, FEW, "40 人"]),
        ([30, 1, 3, 40], 74, [TOGETHER, FEW, FEW, "40 人"]),
        ([30, 0, 40], 70, ["30 人", FEW, "40 人"]),
        ([2, 1], 3, [FEW, FEW]),
        ([6, 3], 9, [TOGETHER, FEW]),
        ([30, 4, 4, 40], 78, [TOGETHER, FEW, FEW, "40 人"]),  # 不然 8 人分两格，只能是 4 和 4
        ([4, 4, 5], 13, [FEW, FEW, TOGETHER]),
    ],
)
def test_what_is_hidden_cannot_be_subtracted_from_the_total(parts: list[int], total: int, shown: list[str]) -> None:
    people: list[Quantity] = [People(n) for n in parts]
    assert list(map(str, column(people, People(total)))) == shown


def test_a_figure_forgets_the_number_it_hides() -> None:
    assert figure(People(4)).number is None
    assert figure(Wishes(40, 3)).number is None
    assert "4" not in repr(figure(People(4)))


def test_the_middle_needs_five_people() -> None:
    assert str(middle([1, 2, 3, 4])) == FEW
    assert str(middle([5, 1, 2, 4, 30])) == "4.0 分"
    assert str(middle([1, 2, 3, 4, 5, 6])) == "3.5 分"
