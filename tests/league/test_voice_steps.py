"""走法表：每个箭头都走得通，别的都走不通，而且说得清为什么。"""

import itertools

import pytest

from bot.league.errors import Refusal
from bot.league.voice_steps import ENDINGS, STEPS, WAITING, action_in, refusal_of, step_of
from db.models import Voice, VoiceAction, VoiceKind, VoiceState

#: issue 3 第 6 点的状态，另写一遍
TALK = """
已收 answer 已答复
已收 escalate 已收
已收 withdraw 已撤回
已答复 answer 已答复
已答复 withdraw 已撤回
"""
SUGGESTION = """
已收 study 研究中
已收 adopt 采纳
已收 adopt_partly 部分采纳
已收 decline 不采纳
已收 escalate 已收
已收 withdraw 已撤回
研究中 study 研究中
研究中 adopt 采纳
研究中 adopt_partly 部分采纳
研究中 decline 不采纳
研究中 withdraw 已撤回
采纳 realise 已落实
采纳 withdraw 已撤回
部分采纳 realise 已落实
部分采纳 withdraw 已撤回
"""
ARROWS = {VoiceKind.HEART: TALK, VoiceKind.COMPLAINT: TALK, VoiceKind.SUGGESTION: SUGGESTION}
ACTIONS = [action for action in VoiceAction if action is not VoiceAction.SUBMIT]
ALL = list(itertools.product(VoiceKind, VoiceState, ACTIONS))


def voice(kind: VoiceKind = VoiceKind.SUGGESTION, state: VoiceState = VoiceState.RECEIVED) -> Voice:
    return Voice(id=5, kind=kind, state=state)


@pytest.mark.parametrize("kind", VoiceKind)
def test_the_table_is_the_flow_and_nothing_else(kind: VoiceKind) -> None:
    arrows = [line.split() for line in ARROWS[kind].split("\n") if line]
    assert {(start, action): end for start, action, end in arrows} == STEPS[kind]


@pytest.mark.parametrize(("kind", "state", "action"), ALL)
def test_what_is_not_in_the_table_is_refused_with_a_clear_sentence(
    kind: VoiceKind, state: VoiceState, action: VoiceAction
) -> None:
    row = voice(kind, state)
    assert step_of(row, action) == STEPS[kind].get((state, action))
    if step_of(row, action) is None:
        sentence = refusal_of(row, action).sentence
        assert "V5" in sentence
        assert sentence.endswith("。")


@pytest.mark.parametrize(
    ("state", "action", "sentence"),
    [
        (VoiceState.DECLINED, VoiceAction.ADOPT, "V5 已经结束了（不采纳），不用再操作。"),
        (VoiceState.STUDYING, VoiceAction.REALISE, "V5 还没采纳，先发 /回复 V5 采纳，落实了再说。"),
        (VoiceState.PARTLY, VoiceAction.STUDY, "V5 已经部分采纳了，落实了就发 /回复 V5 已落实。"),
    ],
)
def test_a_refusal_says_what_to_do_instead(state: VoiceState, action: VoiceAction, sentence: str) -> None:
    assert refusal_of(voice(state=state), action).sentence == sentence


def test_only_adopted_received_and_studied_ones_wait() -> None:
    assert {VoiceState.RECEIVED, VoiceState.STUDYING, VoiceState.ADOPTED, VoiceState.PARTLY} == WAITING
    assert set(VoiceState) == WAITING | ENDINGS


@pytest.mark.parametrize(
    ("text", "action", "note"),
    [
        ("研究中", VoiceAction.STUDY, ""),
        ("研究中，周五给你准信", VoiceAction.STUDY, "周五给你准信"),
        ("采纳了！下月就改", VoiceAction.ADOPT, "下月就改"),
        ("部分采纳 先试一个月", VoiceAction.ADOPT_PARTLY, "先试一个月"),
        ("不采纳：场地排满了", VoiceAction.DECLINE, "场地排满了"),
        ("已落实", VoiceAction.REALISE, ""),
    ],
)
def test_an_answer_to_a_suggestion_starts_with_its_state(text: str, action: VoiceAction, note: str) -> None:
    assert action_in(voice(), text) == (action, note)


@pytest.mark.parametrize("text", ["", "谢谢你", "采纳不了", "不采纳", "我们会采纳", "研究中心已经收到"])
def test_no_state_or_no_reason_is_asked_for(text: str) -> None:
    with pytest.raises(Refusal):
        action_in(voice(), text)


@pytest.mark.parametrize("kind", [VoiceKind.HEART, VoiceKind.COMPLAINT])
def test_any_words_answer_a_heart_or_a_complaint_but_there_must_be_some(kind: VoiceKind) -> None:
    assert action_in(voice(kind), "采纳 谢谢") == (VoiceAction.ANSWER, "采纳 谢谢")
    with pytest.raises(Refusal):
        action_in(voice(kind), " ")
