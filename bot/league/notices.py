"""通知：要对某个人或某个群说的一句话。同一 (kind, recipient, period) 只有一行，所以只会说一次。

去向：due → claimed → sent；送不成时 riding（等本人来说话时搭车）、failed、expired、unknown。
领取凭据在 `claimed_by`：领取过期后旧主人再来记账，什么也改不动。
"""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from tortoise.expressions import F, Q, Subquery
from tortoise.transactions import in_transaction

from bot.league import absences, budgets, kinds, queues
from bot.league.kinds import Why
from bot.league.periods import after_quiet, day, is_quiet, local
from bot.league.queues import BotAccount as BotAccount
from db import sql
from db.models import Absence, Notice, NoticeState

#: 没说多久作废时，三天后就不再送
WINDOW = timedelta(days=3)
#: 领走之后这么久没有下文，就当送的时候断了；比一次发送的最长用时宽得多
LEASE = timedelta(minutes=5)
#: 机器人账号这么久没见，当它不在了：只跟它私聊过的人，同平台别的账号也可以送
GONE = timedelta(minutes=10)
#: 了结 30 天后清空文字
KEEP_TEXT = timedelta(days=30)

#: 了结了的：说过了，或不会再说
OVER = (NoticeState.SENT, NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.EXPIRED)

OFFLINE = "机器人不在线"
AWAY = "他请假或静音，没打扰"
NEVER_CAME = "没等到本人来说话"
INTERRUPTED = "送的时候断了，说不清到没到"

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """有新通知时叫一声 `listener`。"""
    _listeners.append(listener)


def draft(
    kind: str,
    *,
    period: str,
    text: str,
    at: datetime,
    person_id: int | None = None,
    group_id: int | None = None,
    expires_at: datetime | None = None,
    urgent: bool = False,
    discreet: bool = False,
    card: str | None = None,
) -> Notice:
    """一条还没入库的通知；参数同 `post`。`card` 是送到群里时画的图，`text` 是它的文字版。"""
    assert (person_id is None) != (group_id is None)
    assert card is None or group_id is not None
    kinds.check(kind, to_group=group_id is not None, urgent=urgent)
    due = at if urgent else after_quiet(at)
    return Notice(
        kind=kind,
        recipient=f"p{person_id}" if person_id is not None else f"g{group_id}",
        period=period,
        person_id=person_id,
        group_id=group_id,
        text=text,
        card=card,
        state=NoticeState.DUE,
        urgent=urgent,
        discreet=discreet,
        due_at=due,
        expires_at=expires_at or due + WINDOW,
        created_at=at,
    )


async def post(
    kind: str,
    *,
    period: str,
    text: str,
    at: datetime,
    person_id: int | None = None,
    group_id: int | None = None,
    expires_at: datetime | None = None,
    urgent: bool = False,
    discreet: bool = False,
) -> bool:
    """放进待送队列；已经有同样的一行就什么也不做，返回是否新放。

    `kind` 要先在 `kinds` 里登记；`person_id` 与 `group_id`（表 id）恰给一个。
    除 `urgent`（危机求助）外都躲开静默时段；`discreet` 的从不在群里提。
    """
    row = draft(
        kind,
        period=period,
        text=text,
        at=at,
        person_id=person_id,
        group_id=group_id,
        expires_at=expires_at,
        urgent=urgent,
        discreet=discreet,
    )
    if await Notice.exists(kind=kind, recipient=row.recipient, period=period):
        return False
    await post_all([row])
    return True


async def post_all(rows: list[Notice]) -> None:
    """一批 `draft`；已经有的那些不动。"""
    if not rows:
        return
    await Notice.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    wake()


def worded(notice: Notice, at: datetime) -> str:
    """说出口的话。职责提醒隔了天才说到（请假、掉线、等他来取），写明是哪天的情形：“还有 3 天”是那天数的。"""
    text = notice.text or ""
    late = local(notice.created_at).date() < local(at).date()
    return f"（{day(notice.created_at)}的情形）{text}" if late and notice.kind in kinds.because(Why.REMINDER) else text


def wake() -> None:
    """队列里有新的了。"""
    for listener in _listeners:
        listener()


async def claim(account: BotAccount, *, among: Collection[BotAccount], worker: str, at: datetime) -> Notice | None:
    """领一条该由 `account` 送、已经到点的通知，紧急的先领；`among` 是本进程连着的全部账号。没有就 `None`。

    静默时段只给紧急的；请假、静音的人先留着（`kinds.even_if_away` 除外），到日子再送；一周的名额见 `budgets`。
    一次只领一条：进程在哪一步断掉，说不清的至多这一条。
    """
    for urgent in (True,) if is_quiet(at) else (True, False):
        values = at, urgent, *account, at - budgets.WEEK, at - GONE, *(part for one in among for part in one)
        while True:
            async with in_transaction():
                found = await sql.query(queues.claimable(among), *values)
                if not found:
                    break
                row = await Notice.get(id=found[0]["id"])
                if await budgets.spend(row, at=at) and await _take(row, worker, at):
                    return row
    return None


async def awaits(account: BotAccount, at: datetime) -> bool:
    """`at` 时就该由它送的，到现在还有没送的；请假、名额留着的不算。"""
    values = *account, at - budgets.WEEK, at - GONE, *account
    return any([await sql.query(queues.claimable([account]), at, urgent, *values) for urgent in (True, False)])


async def claim_of(person_id: int, *, worker: str, at: datetime, everything: bool) -> Notice | None:
    """本人来说话了：领一条等着搭车的（含推迟过的）；`everything` 时没到点的、请假静音留着的也给。"""
    held = Q(state=NoticeState.RIDING) | (
        Q(state=NoticeState.DUE) if everything else Q(state=NoticeState.DUE, attempts__gt=0)
    )
    waiting = Notice.filter(held, person_id=person_id, expires_at__gt=at)
    if not everything and await absences.current(person_id, at):
        waiting = waiting.filter(absences.anyway())
    async with in_transaction():
        while row := await waiting.order_by("-urgent", "due_at", "id").select_for_update(skip_locked=True).first():
            if not await budgets.drop_renewed(row):
                return await _take(row, worker, at)
    return None


async def _take(row: Notice, worker: str, at: datetime) -> Notice | None:
    token = f"{worker[:30]}/{secrets.token_hex(4)}"
    taken = await Notice.filter(id=row.id, state=row.state).update(
        state=NoticeState.CLAIMED,
        claimed_by=token,
        claimed_until=at + LEASE,
        attempts=F("attempts") + 1,
        spent_at=row.spent_at,
    )
    row.claimed_by = token
    return row if taken else None


async def settle(
    notice: Notice, state: NoticeState, *, at: datetime, reason: str | None = None, tried_by: BotAccount | None = None
) -> bool:
    """记下去向；领取已经过期或不是自己领的，返回 `False` 且什么也不改。说不清的留下是谁、什么时候说的，好去核对。"""
    changes: dict[str, object] = {"spent_at": None} if state is NoticeState.FAILED else {}
    if state is NoticeState.UNKNOWN:
        changes = {"tried_by": tried_by and ":".join(tried_by), "claimed_until": at + LEASE}
    return await _mine(notice, state=state, reason=reason, sent_at=at if state is NoticeState.SENT else None, **changes)


async def defer(notice: Notice, until: datetime, *, reason: str) -> bool:
    """现在送不了：放回队列，`until`（躲开静默时段）再试；`reason` 留着，过期时就是它。"""
    due = until if notice.urgent else after_quiet(until)
    return await _mine(notice, state=NoticeState.DUE, due_at=due, reason=reason, spent_at=None)


async def _mine(notice: Notice, **changes: object) -> bool:
    claimed = Notice.filter(id=notice.id, state=NoticeState.CLAIMED, claimed_by=notice.claimed_by)
    return bool(await claimed.update(**{"claimed_by": None, "claimed_until": None} | changes))


async def sweep(at: datetime) -> None:
    """过时的作废并留下原因；领走没下文的记为“说不清”，绝不重发。"""
    late = Notice.filter(expires_at__lte=at)
    away = Subquery(Absence.filter(absences.covering(at)).values("person_id"))
    held = late.filter(Q(state=NoticeState.RIDING) | Q(state=NoticeState.DUE, reason=None), person_id__in=away)
    await held.filter(~absences.anyway()).update(state=NoticeState.EXPIRED, reason=AWAY)
    await budgets.drop(at)
    await late.filter(state=NoticeState.DUE, reason=None).update(state=NoticeState.EXPIRED, reason=OFFLINE)
    await late.filter(state=NoticeState.DUE).update(state=NoticeState.EXPIRED)
    await late.filter(state=NoticeState.RIDING).update(state=NoticeState.EXPIRED, reason=NEVER_CAME)
    await Notice.filter(state=NoticeState.CLAIMED, claimed_until__lte=at).update(
        state=NoticeState.UNKNOWN, reason=INTERRUPTED, claimed_by=None
    )


async def withdraw(which: Q, *, reason: str) -> None:
    """还没说出口的不说了：说的事已经变了。`which` 要点到种类或收的人。"""
    await Notice.filter(which, state__in=[NoticeState.DUE, NoticeState.RIDING]).update(
        state=NoticeState.EXPIRED, reason=reason
    )


async def forget(at: datetime) -> None:
    """了结满 30 天的，文字清空，只留下送没送到。"""
    old = at - KEEP_TEXT
    sent = Q(state=NoticeState.SENT, sent_at__lte=old)
    ended = Q(state__in=[NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.EXPIRED], expires_at__lte=old)
    await Notice.filter(sent | ended, text__isnull=False).update(text=None)


async def has_riding(person_id: int) -> bool:
    """已经在群里叫过他、还等着他来取：不必再叫一次。从不在群里提的那些没有叫过，不算。"""
    return await Notice.exists(person_id=person_id, state=NoticeState.RIDING, discreet=False)


async def troubles(*, at: datetime) -> dict[str, int]:
    """近 30 天里说不清送到没有的（`unknown`，不会再送）、送不到的（`failed`），各几条；给管事的人看。"""
    recent = Notice.filter(created_at__gt=at - KEEP_TEXT)
    return {
        state.value: await recent.filter(state=state).count() for state in (NoticeState.UNKNOWN, NoticeState.FAILED)
    }
