"""`tuanbot notices` 看到的表：没送成的是哪些、为什么。没有通知的文字，也没有账号。"""

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.league import undelivered
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.undelivered import STATES, Undelivered
from db.models import NoticeState

if TYPE_CHECKING:
    from rich.table import Table

#: 至多列这么多条
SHOWN = 200


class Which(StrEnum):
    """看哪些。"""

    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    EXPIRED = "expired"


#: 不写 `--state` 时看的：还有办法的三种
USUAL = (Which.FAILED, Which.UNKNOWN, Which.HELD)

_STATES = {
    Which.FAILED: (NoticeState.FAILED,),
    Which.UNKNOWN: (NoticeState.UNKNOWN,),
    Which.HELD: undelivered.HELD,
    Which.EXPIRED: (NoticeState.EXPIRED,),
}


def numbers(given: Collection[str]) -> list[int]:
    """`--retry 12 --retry 13,14` → [12, 13, 14]。"""
    words = [word for text in given for word in re.split(r"[\s,，、]+", text) if word]
    if wrong := [word for word in words if not re.fullmatch(r"[0-9]{1,9}", word)]:
        raise Refusal(f"编号是数字，看不懂“{wrong[0][:20]}”。例如：tuanbot notices --retry 12,13")
    return [int(word) for word in words]


async def shown(which: Collection[Which], kind: str, *, at: datetime) -> "Table | None":
    """一张表；一条也没有就没有表。"""
    states = [state for one in which for state in _STATES[one]]
    rows = await undelivered.listed(states, at=at, kind=kind, limit=SHOWN)
    return _table(rows) if rows else None


def _table(rows: list[Undelivered]) -> "Table":
    from rich.table import Table  # 装载慢，画表时才要

    table = Table("编号", "种类", "给谁", "现在", "为什么", "该送", "作废", "试过", box=None, pad_edge=False)
    for row in rows:
        who = ("人 " if row.recipient.startswith("p") else "群 ") + row.recipient[1:]
        due, expires = (f"{local(moment):%m-%d %H:%M}" for moment in (row.due_at, row.expires_at))
        table.add_row(str(row.id), row.kind, who, STATES[row.state], row.why, due, expires, f"{row.attempts} 次")
    if len(rows) == SHOWN:
        table.caption = f"只列最新的 {SHOWN} 条，用 --state、--kind 挑着看"
    return table
