"""没送成的通知：各有几条、是哪些、为什么留着；由人决定重送还是作废。从不给出通知的文字。"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from bot.league import absences, audits, budgets, kinds, notices
from bot.league.errors import Refusal
from bot.league.notices import KEEP_TEXT
from bot.league.periods import after_quiet
from db.models import Absence, Notice, NoticeState

#: 重送的至少再给一天；原来的期限更晚就照原来的
AGAIN_WITHIN = timedelta(days=1)
#: 一次至多动这么多条
AT_ONCE = 100

DROPPED = "人工作废"

#: 还没了结的；各处都按这个次序说
HELD = (NoticeState.DUE, NoticeState.RIDING)
TROUBLED = (NoticeState.FAILED, NoticeState.UNKNOWN)

#: 去向的说法
STATES = {
    NoticeState.DUE: "等着送",
    NoticeState.CLAIMED: "正在送",
    NoticeState.RIDING: "等本人来取",
    NoticeState.SENT: "送到了",
    NoticeState.UNKNOWN: "说不清",
    NoticeState.FAILED: "送不到",
    NoticeState.EXPIRED: "作废",
}

_RETRIED = (NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.EXPIRED)
_DROPPABLE = (*HELD, *TROUBLED)


@dataclass(frozen=True)
class Undelivered:
    """一条没送成的；`why` 是留着或没成的原因。"""

    id: int
    kind: str
    recipient: str
    state: NoticeState
    why: str
    due_at: datetime
    expires_at: datetime
    attempts: int


async def tally(*, at: datetime) -> dict[NoticeState, int]:
    """近 30 天放进来的，每种去向几条。"""
    rows = Notice.filter(created_at__gt=at - KEEP_TEXT).annotate(many=Count("id")).group_by("state")
    return {NoticeState(state): many for state, many in await rows.values_list("state", "many")}


async def troubled_since(since: datetime) -> int:
    """`since` 以后放进来的里面，送不到与说不清的一共几条。"""
    return await Notice.filter(state__in=TROUBLED, created_at__gt=since).count()


async def listed(
    states: Collection[NoticeState], *, at: datetime, kind: str = "", ripe: bool = False, limit: int = 50
) -> list[Undelivered]:
    """这些去向的，新的在前；`kind` 是种类的开头，如 `wish.`；`ripe` 时只要到了点的。"""
    found = Notice.filter(state__in=states, kind__startswith=kind)
    rows = await (found.filter(due_at__lte=at) if ripe else found).order_by("-id").limit(limit)
    people = [row.person_id for row in rows if row.person_id]
    away = {absence.person_id for absence in await Absence.filter(absences.covering(at), person_id__in=people)}
    spent = await budgets.full({row.recipient for row in rows}, at=at)
    return [
        Undelivered(
            row.id,
            row.kind,
            row.recipient,
            row.state,
            _why(row, away=row.person_id in away, spent=row.recipient in spent, at=at),
            row.due_at,
            row.expires_at,
            row.attempts,
        )
        for row in rows
    ]


def _why(row: Notice, *, away: bool, spent: bool, at: datetime) -> str:
    """库里记了原因就是它；还等着的，说等什么。"""
    kind = kinds.KINDS.get(row.kind)
    if row.reason or row.state not in HELD:
        return row.reason or ""
    if away and not row.urgent and not (kind and kind.even_if_away):
        return "请假或静音，先收着"
    if spent and kind and kind.budgeted:
        return "一周的名额用完了，等着"
    if row.state is NoticeState.RIDING:
        return "等本人来取"
    return "还没到点" if row.due_at > at else "到点了，等机器人账号来送"


async def retry(ids: Collection[int], *, at: datetime, actor_id: int | None = None) -> int:
    """放回队列再送一次，返回几条；说不清的可能会说两遍，由点名的人担着。有一条不能重送就都不动。"""
    rows = await _these(ids, _RETRIED, "只有送不到、说不清、已作废的能重送")
    emptied = [row.id for row in rows if row.text is None]
    if emptied:
        raise Refusal(f"{_numbers(emptied)} 的文字满 30 天清空了，没法重送。")
    async with in_transaction():
        for row in rows:
            due = at if row.urgent else after_quiet(at)
            again = {"state": NoticeState.DUE, "reason": budgets.BY_HAND, "due_at": due, "spent_at": None}
            again |= {"expires_at": max(row.expires_at, due + AGAIN_WITHIN), "claimed_until": None, "tried_by": None}
            await _move(row, "notice.retry", again, at=at, actor_id=actor_id)
    notices.wake()
    return len(rows)


async def drop(ids: Collection[int], *, at: datetime, actor_id: int | None = None) -> int:
    """作废，不再送，返回几条；有一条不能作废就都不动。"""
    rows = await _these(ids, _DROPPABLE, "已经送到、正在送、已作废的不能作废")
    async with in_transaction():
        for row in rows:
            changes = {"state": NoticeState.EXPIRED, "reason": DROPPED, "claimed_until": None}
            await _move(row, "notice.drop", changes, at=at, actor_id=actor_id)
    return len(rows)


async def _these(ids: Collection[int], states: Collection[NoticeState], why_not: str) -> list[Notice]:
    if not ids:
        raise Refusal("要写上通知的编号，用 tuanbot notices 或 /状态 看是哪些。")
    if len(ids) > AT_ONCE:
        raise Refusal(f"一次至多 {AT_ONCE} 条，分几次来。")
    rows = await Notice.filter(id__in=ids).order_by("id")
    if missing := sorted(set(ids) - {row.id for row in rows}):
        raise Refusal(f"没有编号是 {_numbers(missing)} 的通知。")
    if wrong := [row for row in rows if row.state not in states]:
        now = "、".join(f"{row.id}（{STATES[row.state]}）" for row in wrong)
        raise Refusal(f"{why_not}：{now}。都没有动。")
    return rows


async def _move(row: Notice, action: str, changes: dict[str, object], *, at: datetime, actor_id: int | None) -> None:
    """原地没变才改；刚被别人送走的，整批都不动。"""
    if not await Notice.filter(id=row.id, state=row.state).update(**changes):
        raise Refusal(f"通知 {row.id} 刚刚有变化，都没有动，请再看一眼。")
    await audits.record(action, subject=f"n{row.id}", at=at, actor_id=actor_id, detail=row.kind)


def _numbers(ids: Collection[int]) -> str:
    return "、".join(map(str, ids))
