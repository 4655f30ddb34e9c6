"""心声、建议、投诉怎么走：一张表说清哪一种在哪一步能做什么、做完到哪一步。改状态只有 `advance` 一处。"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from tortoise.expressions import Q

from bot.league import notices, steps, words
from bot.league.errors import Refusal
from db.models import Voice, VoiceAction, VoiceEvent, VoiceKind, VoiceState

RECEIVED, ANSWERED, STUDYING, ADOPTED, PARTLY, DECLINED, REALISED, WITHDRAWN = VoiceState

#: 请人答复的话；答了、撤回了，还没说到的就不说了
ASKING = ("voice.escalated", "voice.new")
OVERTAKEN = "已经有了下一步，旧的不说了"

#: 心声与投诉：答复了还可以再补一句
_TALK = {
    (RECEIVED, VoiceAction.ANSWER): ANSWERED,
    (RECEIVED, VoiceAction.ESCALATE): RECEIVED,
    (RECEIVED, VoiceAction.WITHDRAW): WITHDRAWN,
    (ANSWERED, VoiceAction.ANSWER): ANSWERED,
    (ANSWERED, VoiceAction.WITHDRAW): WITHDRAWN,
}
#: 建议：采不采纳都要说，采纳了的要说落没落实
_SUGGESTION = {
    (RECEIVED, VoiceAction.STUDY): STUDYING,
    (RECEIVED, VoiceAction.ADOPT): ADOPTED,
    (RECEIVED, VoiceAction.ADOPT_PARTLY): PARTLY,
    (RECEIVED, VoiceAction.DECLINE): DECLINED,
    (RECEIVED, VoiceAction.ESCALATE): RECEIVED,
    (RECEIVED, VoiceAction.WITHDRAW): WITHDRAWN,
    (STUDYING, VoiceAction.STUDY): STUDYING,
    (STUDYING, VoiceAction.ADOPT): ADOPTED,
    (STUDYING, VoiceAction.ADOPT_PARTLY): PARTLY,
    (STUDYING, VoiceAction.DECLINE): DECLINED,
    (STUDYING, VoiceAction.WITHDRAW): WITHDRAWN,
    (ADOPTED, VoiceAction.REALISE): REALISED,
    (ADOPTED, VoiceAction.WITHDRAW): WITHDRAWN,
    (PARTLY, VoiceAction.REALISE): REALISED,
    (PARTLY, VoiceAction.WITHDRAW): WITHDRAWN,
}
#: 表里没有的都不行
STEPS: dict[VoiceKind, dict[tuple[VoiceState, VoiceAction], VoiceState]] = {
    VoiceKind.HEART: _TALK,
    VoiceKind.COMPLAINT: _TALK,
    VoiceKind.SUGGESTION: _SUGGESTION,
}

#: 算了结的：从这时起数 90 天
ENDINGS = frozenset({ANSWERED, DECLINED, REALISED, WITHDRAWN})
#: 还等着谁做点什么的
WAITING = frozenset(VoiceState) - ENDINGS

#: 对建议说的话的开头
_VERDICTS = {
    "研究中": VoiceAction.STUDY,
    "采纳": VoiceAction.ADOPT,
    "部分采纳": VoiceAction.ADOPT_PARTLY,
    "不采纳": VoiceAction.DECLINE,
    "已落实": VoiceAction.REALISE,
}
_VERDICT = re.compile(rf"({'|'.join(_VERDICTS)})了?(?:[\s,，.。:：;；、!！]+|$)(.*)", re.S)


def action_in(voice: Voice, text: str) -> tuple[VoiceAction, str]:
    """`/回复 V5` 后面的话是哪一步、附言是什么；心声与投诉要有话，不采纳要有理由。"""
    if voice.kind is not VoiceKind.SUGGESTION:
        return VoiceAction.ANSWER, words.sentence(text, example=f"/回复 {voice.number} 谢谢你告诉我，周三我来找你聊聊")
    found = _VERDICT.match(words.tidy(text))
    if found is None:
        raise Refusal(
            f"{voice.number} 是建议，请先写 研究中、采纳、部分采纳、不采纳（加理由）或 已落实，"
            f"例如：/回复 {voice.number} 采纳 下个月就改"
        )
    action = _VERDICTS[found[1]]
    reason = f"/回复 {voice.number} 不采纳 场地今年排满了，明年三月再议" if action is VoiceAction.DECLINE else None
    return action, words.sentence(found[2], example=reason)


def step_of(voice: Voice, action: VoiceAction) -> VoiceState | None:
    """这一步能走到哪里；不能走就 `None`。"""
    return STEPS[voice.kind].get((voice.state, action))


def refusal_of(voice: Voice, action: VoiceAction) -> Refusal:
    """为什么这一步走不了。"""
    number = voice.number
    if voice.state in ENDINGS:
        return Refusal(f"{number} 已经结束了（{voice.state}），不用再操作。")
    if voice.state in (ADOPTED, PARTLY):
        return Refusal(f"{number} 已经{voice.state}了，落实了就发 /回复 {number} 已落实。")
    return Refusal(f"{number} 还没采纳，先发 /回复 {number} 采纳，落实了再说。")


def missing(voice_id: int) -> Refusal:
    """没有这个编号，或者不该让他知道有。"""
    return Refusal(f"没找到 V{voice_id}，看看编号对不对？")


@asynccontextmanager
async def holding(voice_id: int) -> AsyncIterator[Voice]:
    """开一个事务并锁住这一行；没有这一行就 `Refusal`。"""
    async with steps.holding(Voice, voice_id, missing=missing(voice_id)) as voice:
        yield voice


async def advance(
    voice: Voice,
    action: VoiceAction,
    *,
    at: datetime,
    by_id: int | None = None,
    note: str | None = None,
    **changes: datetime | int | None,
) -> VoiceEvent:
    """在 `holding` 里走一步并记下来；走不了、或同一步别人先走了，是 `Refusal`。"""
    state = step_of(voice, action)
    if state is None:
        raise refusal_of(voice, action)
    if state in ENDINGS:
        changes["ended_at"] = at
    if action is not VoiceAction.ESCALATE:
        changes["due_at"] = None
    await steps.move(voice, voice.number, unless_changed=("state", "level"), state=state, **changes)
    if action is not VoiceAction.ESCALATE:
        its = Q(kind__in=ASKING, period__startswith=f"{voice.number}/")
        await notices.withdraw(its, reason=OVERTAKEN)
    return await VoiceEvent.create(voice_id=voice.id, kind=action, by_id=by_id, at=at, note=note or None)
