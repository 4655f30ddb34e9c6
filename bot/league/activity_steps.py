"""活动与记录怎么走：两张表，一张说活动、记录能做什么，一张说其中一个人能做什么。表里没有的都不行。"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from bot.league import steps
from bot.league.errors import Refusal
from db.models import Activity, ActivityState, Participation, PartState

OPEN, CLOSED, CANCELLED, KEPT, SUSPENDED, VOIDED = ActivityState


class Move(StrEnum):
    """对一项活动或记录做的事。"""

    SIGN_UP = "sign_up"
    LEAVE = "leave"
    SHOW_CODE = "show_code"
    ARRIVE = "arrive"
    EDIT = "edit"
    CLOSE = "close"
    CANCEL = "cancel"
    ANSWER = "answer"
    CORRECT = "correct"
    VOID = "void"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    REJECT = "reject"


#: 活动：报名中 → 已结束 / 已取消；记录：已记录 ⇄ 核实中 → 已作废
MOVES: dict[tuple[ActivityState, Move], ActivityState] = {
    (OPEN, Move.SIGN_UP): OPEN,
    (OPEN, Move.LEAVE): OPEN,
    (OPEN, Move.SHOW_CODE): OPEN,
    (OPEN, Move.ARRIVE): OPEN,
    (OPEN, Move.EDIT): OPEN,
    (OPEN, Move.CLOSE): CLOSED,
    (OPEN, Move.CANCEL): CANCELLED,
    (OPEN, Move.ANSWER): OPEN,
    (CLOSED, Move.ANSWER): CLOSED,
    (KEPT, Move.ANSWER): KEPT,
    (KEPT, Move.CORRECT): KEPT,
    (KEPT, Move.VOID): VOIDED,
    (KEPT, Move.DISPUTE): SUSPENDED,
    (SUSPENDED, Move.ANSWER): SUSPENDED,
    (SUSPENDED, Move.UPHOLD): KEPT,
    (SUSPENDED, Move.REJECT): VOIDED,
}


class Turn(StrEnum):
    """一个人的一步。"""

    SIGN = "sign"  # 报上名
    QUEUE = "queue"  # 满了，排候补
    PROMOTE = "promote"  # 候补转正
    LEAVE = "leave"
    ARRIVE = "arrive"
    NAME = "name"  # 写进记录
    DROP = "drop"  # 更正后不再写着他
    AGAIN = "again"  # 内容更正了，从前的回话不算，重新问
    YES = "yes"
    NO = "no"
    PASS = "pass"
    REFUTE = "refute"  # 抽查裁定不实


_SIGNED, _WAITING, _LEFT, _ARRIVED, _NAMED, _YES, _NO, _PASS = PartState

#: 一个人的走法；头一回报名、到场、被写进记录，从 `None` 开始
TURNS: dict[tuple[PartState | None, Turn], PartState] = {
    (None, Turn.SIGN): _SIGNED,
    (None, Turn.QUEUE): _WAITING,
    (None, Turn.ARRIVE): _ARRIVED,
    (None, Turn.NAME): _NAMED,
    (_LEFT, Turn.SIGN): _SIGNED,
    (_LEFT, Turn.QUEUE): _WAITING,
    (_LEFT, Turn.ARRIVE): _ARRIVED,
    (_LEFT, Turn.NAME): _NAMED,
    (_SIGNED, Turn.LEAVE): _LEFT,
    (_SIGNED, Turn.ARRIVE): _ARRIVED,
    (_WAITING, Turn.LEAVE): _LEFT,
    (_WAITING, Turn.PROMOTE): _SIGNED,
    (_WAITING, Turn.ARRIVE): _ARRIVED,
}
TURNS |= {
    (state, turn): after
    for state in (_SIGNED, _NAMED, _YES, _NO, _PASS)  # 回过话还可以改
    for turn, after in ((Turn.YES, _YES), (Turn.NO, _NO), (Turn.PASS, _PASS))
}
TURNS |= {(state, Turn.ARRIVE): _ARRIVED for state in (_YES, _NO, _PASS)}  # 先回了话，人又来了
TURNS |= {(state, Turn.REFUTE): _NO for state in (_ARRIVED, _YES)}
TURNS |= {(state, Turn.DROP): _LEFT for state in (_NAMED, _YES, _NO, _PASS)}
TURNS |= {(state, Turn.AGAIN): _NAMED for state in (_NAMED, _YES, _NO, _PASS)}

_WHY_NOT = {
    OPEN: "还在报名，现在做不了这个。",
    CLOSED: "已经结束了。",
    CANCELLED: "已经取消了。",
    KEPT: "是一条记录，没有这一步。",
    SUSPENDED: "正在核实，督导看过之前先不动它。",
    VOIDED: "已经作废了，不再算数。",
}


def missing(activity_id: int) -> Refusal:
    """没有这个编号，或者不该让他知道有。"""
    return Refusal(f"没找到 A{activity_id}，看看编号对不对？")


@asynccontextmanager
async def holding(activity_id: int) -> AsyncIterator[Activity]:
    """开一个事务并锁住这一行；没有这一行就 `Refusal`。"""
    async with steps.holding(Activity, activity_id, missing=missing(activity_id)) as activity:
        yield activity


def check(activity: Activity, move: Move) -> ActivityState:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if after := MOVES.get((activity.state, move)):
        return after
    raise Refusal(f"{activity.number} {_WHY_NOT[activity.state]}")


async def advance(activity: Activity, move: Move, **changes: object) -> None:
    """在 `holding` 里走一步；`changes` 是同时要改的列。"""
    after = check(activity, move)
    await steps.move(activity, activity.number, unless_changed=("state",), state=after, **changes)


async def step(activity: Activity, person_id: int, turn: Turn, *, at: datetime) -> Participation | None:
    """在 `holding` 里让一个人走一步；走不了返回 `None`，什么也不改。重新报上名的排到最后。"""
    row = await Participation.get_or_none(activity_id=activity.id, person_id=person_id)
    after = TURNS.get((row.state if row else None, turn))
    if after is None:
        return None
    if row is None:
        last = await _last_turn(activity.id)
        return await Participation.create(
            activity_id=activity.id, person_id=person_id, state=after, turn=last + 1, at=at
        )
    row.turn = await _last_turn(activity.id) + 1 if row.state is PartState.LEFT else row.turn
    row.asked_at = None if turn in (Turn.NAME, Turn.AGAIN) else row.asked_at
    row.state, row.at = after, at
    await row.save(update_fields=["state", "turn", "at", "asked_at"])
    return row


async def _last_turn(activity_id: int) -> int:
    last = await Participation.filter(activity_id=activity_id).order_by("-turn").first()
    return last.turn if last else 0
