"""抽查的走法表：每个箭头都走得通，别的都走不通，而且一句话说得清。"""

import itertools

import pytest

from bot.league.check_steps import MOVES, Move, check
from bot.league.errors import Refusal
from db.models import CheckState, SpotCheck

#: 另写一遍
ARROWS = """
备选 ask 已问
备选 skip 不作数
已问 answer 已答
已问 shrug 不作数
已问 lapse 没等到
已答 agree 属实
已答 open 待说明
已答 moot 不作数
待说明 explain 待裁定
待说明 expire 待裁定
待裁定 uphold 属实
待裁定 reject 不实
"""


def test_the_table_is_what_was_meant_and_nothing_else() -> None:
    arrows = (line.split() for line in ARROWS.split("\n") if line)
    assert {(CheckState(start), Move(move)): CheckState(end) for start, move, end in arrows} == MOVES


@pytest.mark.parametrize(("state", "move"), [*itertools.product(CheckState, Move)])
def test_every_arrow_is_walked_and_every_other_refused(state: CheckState, move: Move) -> None:
    row = SpotCheck(id=7, state=state)
    if (state, move) in MOVES:
        assert check(row, move) is MOVES[state, move]
        return
    with pytest.raises(Refusal) as refused:
        check(row, move)
    assert refused.value.sentence.startswith("K7 ")
    assert refused.value.sentence.endswith("。")


def test_only_a_ruling_ends_in_a_contradiction() -> None:
    """没有一条路不经督导裁定就成了“不实”。"""
    assert [(start, move) for (start, move), end in MOVES.items() if end is CheckState.CONTRADICTED] == [
        (CheckState.RULING, Move.REJECT)
    ]
