"""走法表：每个箭头都走得通，别的都走不通，而且一句话说得清。"""

import itertools

import pytest

from bot.league.activity_steps import MOVES, TURNS, Move, Turn, check
from bot.league.errors import Refusal
from db.models import Activity, ActivityState, PartState

#: 另写一遍
ARROWS = """
报名中 sign_up 报名中
报名中 leave 报名中
报名中 show_code 报名中
报名中 arrive 报名中
报名中 edit 报名中
报名中 answer 报名中
报名中 close 已结束
报名中 cancel 已取消
已结束 answer 已结束
已记录 answer 已记录
已记录 correct 已记录
已记录 void 已作废
已记录 dispute 核实中
核实中 answer 核实中
核实中 uphold 已记录
核实中 reject 已作废
"""

PEOPLE = """
- sign 已报名
- queue 候补
- arrive 已到场
- name 待确认
已取消 sign 已报名
已取消 queue 候补
已取消 arrive 已到场
已取消 name 待确认
已报名 leave 已取消
已报名 arrive 已到场
已报名 yes 有
已报名 no 没有
已报名 pass 不想回答
候补 leave 已取消
候补 promote 已报名
候补 arrive 已到场
待确认 yes 有
待确认 no 没有
待确认 pass 不想回答
待确认 drop 已取消
待确认 again 待确认
有 yes 有
有 no 没有
有 pass 不想回答
有 drop 已取消
有 again 待确认
没有 yes 有
没有 no 没有
没有 pass 不想回答
没有 drop 已取消
没有 again 待确认
不想回答 yes 有
不想回答 no 没有
不想回答 pass 不想回答
不想回答 drop 已取消
不想回答 again 待确认
有 arrive 已到场
没有 arrive 已到场
不想回答 arrive 已到场
已到场 refute 没有
有 refute 没有
"""


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.split("\n") if line]


def test_the_tables_are_what_was_meant_and_nothing_else() -> None:
    moves = {(ActivityState(start), Move(move)): ActivityState(end) for start, move, end in lines(ARROWS)}
    assert moves == MOVES
    turns = {
        (None if start == "-" else PartState(start), Turn(turn)): PartState(end) for start, turn, end in lines(PEOPLE)
    }
    assert turns == TURNS


@pytest.mark.parametrize(("state", "move"), [*itertools.product(ActivityState, Move)])
def test_every_arrow_is_walked_and_every_other_refused(state: ActivityState, move: Move) -> None:
    activity = Activity(id=7, state=state)
    if (state, move) in MOVES:
        assert check(activity, move) is MOVES[state, move]
        return
    with pytest.raises(Refusal) as refused:
        check(activity, move)
    assert refused.value.sentence.startswith("A7 ")
    assert refused.value.sentence.endswith("。")
