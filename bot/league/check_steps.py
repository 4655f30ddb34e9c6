"""抽查怎么走：一张表。青年答完、这一回收完，才见分晓；对不上的开案，督导裁定了才算数。"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from bot.league import steps
from bot.league.errors import Refusal
from db.models import CheckState, SpotCheck

RESERVE, ASKED, ANSWERED, LAPSED, VOID, EXPLAINING, RULING, HELD, CONTRADICTED = CheckState


class Move(StrEnum):
    """走的一步。"""

    ASK = "ask"
    SKIP = "skip"  # 轮到他时已经退出、要删数据了
    ANSWER = "answer"
    SHRUG = "shrug"  # 不记得、不想说、认错了题
    LAPSE = "lapse"
    AGREE = "agree"  # 收完：他说有
    OPEN = "open"  # 收完：他说没有，开案
    MOOT = "moot"  # 收完：这一件已经更正、作废，不追究
    EXPLAIN = "explain"
    EXPIRE = "expire"  # 七天没有说明
    UPHOLD = "uphold"
    REJECT = "reject"


#: 表里没有的都不行；异常从 `待说明` 开始
MOVES: dict[tuple[CheckState, Move], CheckState] = {
    (RESERVE, Move.ASK): ASKED,
    (RESERVE, Move.SKIP): VOID,
    (ASKED, Move.ANSWER): ANSWERED,
    (ASKED, Move.SHRUG): VOID,
    (ASKED, Move.LAPSE): LAPSED,
    (ANSWERED, Move.AGREE): HELD,
    (ANSWERED, Move.OPEN): EXPLAINING,
    (ANSWERED, Move.MOOT): VOID,
    (EXPLAINING, Move.EXPLAIN): RULING,
    (EXPLAINING, Move.EXPIRE): RULING,
    (RULING, Move.UPHOLD): HELD,
    (RULING, Move.REJECT): CONTRADICTED,
}

#: 了结了的
SETTLED = (HELD, CONTRADICTED)
#: 开着的案
CASES = (EXPLAINING, RULING)

_WHY_NOT = {
    RESERVE: "还没问到，先不用管。",
    ASKED: "正在问青年本人，还没有结果。",
    ANSWERED: "已经答过了，谢谢；这一回收完才见分晓。",
    LAPSED: "已经收了，不用再回了，谢谢你。",
    VOID: "已经答过了，谢谢。",
    EXPLAINING: "正在等团干部说明，过了七天或他说明了再裁定。",
    RULING: "已经说明过，正等督导裁定。",
    HELD: "已经了结了：属实。",
    CONTRADICTED: "已经裁定过了：不实。",
}


def missing(check_id: int) -> Refusal:
    """没有这个编号，或者不该让他知道有。"""
    return Refusal(f"没找到 K{check_id}，看看编号对不对？")


@asynccontextmanager
async def holding(check_id: int) -> AsyncIterator[SpotCheck]:
    """开一个事务并锁住这一行；没有这一行就 `Refusal`。"""
    async with steps.holding(SpotCheck, check_id, missing=missing(check_id)) as row:
        yield row


def check(row: SpotCheck, move: Move) -> CheckState:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if after := MOVES.get((row.state, move)):
        return after
    raise Refusal(f"{row.number} {_WHY_NOT[row.state]}")


async def advance(row: SpotCheck, move: Move, **changes: object) -> None:
    """在事务里走一步；`changes` 是同时要改的列。"""
    await steps.move(row, row.number, unless_changed=("state",), state=check(row, move), **changes)
