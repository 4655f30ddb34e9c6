"""证据等级：自报、齐全、青年本人确认。"""

import pytest

from bot.league.evidence import Proof, grade, needed
from db.models import EvidenceGrade

L0, L1, L2, L3 = EvidenceGrade


@pytest.mark.parametrize(
    ("named", "expected"), [(1, 2), (2, 2), (6, 2), (7, 3), (10, 3), (11, 4), (20, 6), (100, 30), (101, 31)]
)
def test_two_at_least_and_three_in_ten(named: int, expected: int) -> None:
    assert needed(named) == expected


@pytest.mark.parametrize(
    ("complete", "named", "confirmed", "expected"),
    [
        (False, 0, 0, L0),
        (False, 5, 5, L0),
        (True, 0, 0, L0),
        (True, 1, 0, L1),
        (True, 1, 1, L1),
        (True, 2, 1, L1),
        (True, 2, 2, L2),
        (True, 10, 2, L1),
        (True, 10, 3, L2),
    ],
)
def test_a_grade_follows_from_the_facts_alone(
    complete: bool, named: int, confirmed: int, expected: EvidenceGrade
) -> None:
    assert grade(Proof(complete, named, confirmed)) is expected


@pytest.mark.parametrize(("complete", "confirmed", "expected"), [(False, 5, L0), (True, 0, L3), (True, 5, L3)])
def test_what_held_up_in_a_spot_check_is_l3_if_it_was_complete(
    complete: bool, confirmed: int, expected: EvidenceGrade
) -> None:
    assert grade(Proof(complete, 5, confirmed, held=True)) is expected


def test_more_confirmations_never_lower_the_grade() -> None:
    for named in range(1, 60):
        grades = [grade(Proof(True, named, confirmed)) for confirmed in range(named + 1)]
        assert grades == sorted(grades)
