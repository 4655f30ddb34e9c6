"""走法表：每个箭头都走得通，别的都走不通，而且说得清为什么。"""

import itertools

import pytest

from bot.league.wish_steps import CRISIS_STEPS, STEPS, Step, refusal_of, step_of
from db.models import Wish, WishAction, WishEnding, WishLane, WishState

PAIRS = list(itertools.product(WishState, [action for action in WishAction if action is not WishAction.SUBMIT]))

#: 产品说明第 5 节的流程，另写一遍
ARROWS = """
待认领 claim 办理中 -
待认领 transfer 待认领 -
待认领 withdraw 已结束 已撤回
待认领 escalate 待认领 -
办理中 progress 办理中 -
办理中 finish 待青年确认 -
办理中 explain 已说明待确认 -
办理中 drop 待认领 -
办理中 transfer 待认领 -
办理中 withdraw 已结束 已撤回
办理中 warn 办理中 -
办理中 release 待认领 -
待青年确认 fulfil 已结束 已圆梦
待青年确认 partly 已结束 部分圆梦
待青年确认 undone 办理中 -
待青年确认 withdraw 已结束 已撤回
待青年确认 ask_again 待青年确认 -
待青年确认 close 已结束 未确认结案
已说明待确认 accept 已结束 办不成(已说明)
已说明待确认 reconsider 办理中 -
已说明待确认 withdraw 已结束 已撤回
已说明待确认 ask_again 已说明待确认 -
已说明待确认 close 已结束 办不成(已说明)
已结束 refute 已结束 未确认结案
"""


def wish(state: WishState, lane: WishLane = WishLane.WALL, ending: WishEnding | None = None) -> Wish:
    return Wish(id=12, state=state, lane=lane, ending=ending)


def test_the_table_is_the_flow_of_the_product_and_nothing_else() -> None:
    arrows = {
        (WishState(start), WishAction(action)): Step(WishState(end), None if ending == "-" else WishEnding(ending))
        for start, action, end, ending in (line.split() for line in ARROWS.split("\n") if line)
    }
    assert arrows == STEPS


@pytest.mark.parametrize("lane", [WishLane.WALL, WishLane.PRIVATE])
@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_what_is_not_in_the_table_is_refused_with_a_clear_sentence(
    state: WishState, action: WishAction, lane: WishLane
) -> None:
    step = step_of(wish(state, lane), action)
    assert step == STEPS.get((state, action))
    if step is None:
        sentence = refusal_of(wish(state, lane), action).sentence
        assert "W12" in sentence
        assert sentence.endswith("。")


@pytest.mark.parametrize(
    ("state", "action", "sentence"),
    [
        (WishState.CLAIMED, WishAction.CLAIM, "W12 已经由张三认领了，谢谢你。"),
        (WishState.OPEN, WishAction.FINISH, "W12 还没有人认领，请先 /认领 W12。"),
        (WishState.OPEN, WishAction.FULFIL, "W12 还没办结，等有了结果我会来问你；不想要了可以 /撤回 W12。"),
        (WishState.CLAIMED, WishAction.ACCEPT, "W12 还没办结，等有了结果我会来问你；不想要了可以 /撤回 W12。"),
        (WishState.DONE, WishAction.PROGRESS, "W12 正等青年本人回话，先不用操作；他有话说我会告诉你。"),
        (WishState.DONE, WishAction.ACCEPT, "W12 说是办结了，请告诉我办成没有：/确认 W12 办成，或者 部分、没办成。"),
        (
            WishState.EXPLAINED,
            WishAction.FULFIL,
            "W12 说明了办不成的原因，请回 /确认 W12 接受，或者 /确认 W12 再想想。",
        ),
    ],
)
def test_a_refusal_says_what_to_do_instead(state: WishState, action: WishAction, sentence: str) -> None:
    assert refusal_of(wish(state), action, "张三").sentence == sentence


@pytest.mark.parametrize("ending", WishEnding)
def test_an_ended_wish_stays_ended(ending: WishEnding) -> None:
    ended = wish(WishState.ENDED, ending=ending)
    # 只有抽查裁定不实才动得了
    assert [action for action in WishAction if step_of(ended, action)] == [WishAction.REFUTE]
    assert refusal_of(ended, WishAction.CLAIM).sentence == f"W12 已经结束了（{ending}），不用再操作。"


@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_a_crisis_can_only_be_relayed_closed_or_withdrawn(state: WishState, action: WishAction) -> None:
    allowed = {
        (WishState.OPEN, WishAction.PROGRESS),
        (WishState.OPEN, WishAction.FINISH),
        (WishState.OPEN, WishAction.WITHDRAW),
    }
    assert set(CRISIS_STEPS) == allowed
    assert (step_of(wish(state, WishLane.CRISIS), action) is not None) == ((state, action) in allowed)


def test_a_crisis_handled_by_the_duty_person_has_none_of_the_five_endings() -> None:
    assert CRISIS_STEPS[WishState.OPEN, WishAction.FINISH] == Step(WishState.ENDED, None)
