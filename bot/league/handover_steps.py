"""交接怎么走：两张表，一张说一次交接，一张说问到的一位青年。表里没有的都不行；不回话就是不换。"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from bot.league import steps
from bot.league.errors import Refusal
from db.models import AskState, Handover, HandoverAsk, HandoverState, Notice, NoticeState

#: 问青年的那条通知
ASK = "handover.ask"

OPEN, CLOSED, CANCELLED = HandoverState
ASKED, AGREED, DECLINED, LAPSED, DROPPED = AskState


class Move(StrEnum):
    """对一次交接做的事。"""

    CLOSE = "close"
    CANCEL = "cancel"


MOVES: dict[tuple[HandoverState, Move], HandoverState] = {
    (OPEN, Move.CLOSE): CLOSED,
    (OPEN, Move.CANCEL): CANCELLED,
}


class Say(StrEnum):
    """一位青年的一步；后两个不是他说的。"""

    AGREE = "agree"
    DECLINE = "decline"
    LAPSE = "lapse"
    DROP = "drop"


#: 说了不换、或过了期限，改主意愿意了也算；愿意了再反悔，用 `/换联系人` 或 `/退出`
STEPS: dict[tuple[AskState, Say], AskState] = {
    (ASKED, Say.AGREE): AGREED,
    (ASKED, Say.DECLINE): DECLINED,
    (ASKED, Say.LAPSE): LAPSED,
    (ASKED, Say.DROP): DROPPED,
    (DECLINED, Say.AGREE): AGREED,
    (LAPSED, Say.AGREE): AGREED,
}

_WHY_NOT = {
    ASKED: "这件事还等着你回话。",
    AGREED: "你说过愿意了，已经换好了。不想了，在群里发 /换联系人 @干部，或发 /退出。",
    DECLINED: "你说过不换了，不用再回。",
    LAPSED: "过了时候，已经按不换算了，不用再回。",
    DROPPED: "这次交接不算了，不用回。",
}


@asynccontextmanager
async def holding(handover_id: int) -> AsyncIterator[Handover]:
    """开一个事务并锁住这一次交接。"""
    async with steps.holding(Handover, handover_id, missing=Refusal("这次交接不在了。")) as handover:
        yield handover


async def advance(handover: Handover, move: Move, *, at: datetime) -> None:
    """在 `holding` 里走一步；走不了就 `Refusal`。"""
    after = MOVES.get((handover.state, move))
    if after is None:
        raise Refusal(f"这次交接{handover.state}，不用再操作。")
    await steps.move(handover, "这次交接", unless_changed=("state",), state=after, ended_at=at)


async def step(ask: HandoverAsk, say: Say, *, at: datetime) -> None:
    """一位青年走一步；走不了、或别处先走了，就 `Refusal`。"""
    after = STEPS.get((ask.state, say))
    if after is None:
        raise Refusal(_WHY_NOT[ask.state])
    await steps.move(ask, "这件事", unless_changed=("state",), state=after, at=at)


async def step_all(handover_id: int, say: Say, *, at: datetime) -> None:
    """还没回话的都走一步，没送出去的问话收回。"""
    for before, what in STEPS:
        if what is say:
            await HandoverAsk.filter(handover_id=handover_id, state=before).update(state=STEPS[before, say], at=at)
    await Notice.filter(kind=ASK, period=period_of(handover_id), state__in=_WAITING).delete()


async def drop(youths: Collection[int], *, at: datetime) -> None:
    """这几位自己退出或换了人：还等着回话的不算了，没送出去的问话收回。"""
    asks = HandoverAsk.filter(youth_id__in=youths)
    for before, what in STEPS:
        if what is Say.DROP:
            await asks.filter(state=before).update(state=STEPS[before, what], at=at)
    await Notice.filter(kind=ASK, person_id__in=youths, state__in=_WAITING).delete()


_WAITING = (NoticeState.DUE, NoticeState.RIDING)


def period_of(handover_id: int) -> str:
    """通知里的期号；一次交接对一个人只问一回。"""
    return f"H{handover_id}"
