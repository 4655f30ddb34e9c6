"""说不清送到没有的通知：等着核对的是哪些，核对完怎么记。怎么去平台核对见 `bot.gateway.doubts`。"""

from datetime import datetime

from bot.league import notices
from bot.league.notices import LEASE
from bot.league.periods import after_quiet
from db.models import Notice, NoticeState

#: 一次至多看这么多条
BOUND = 200


async def doubtful(until: datetime) -> list[Notice]:
    """说不清、还没核对过的；`until` 以后才说的先不看。"""
    rows = Notice.filter(state=NoticeState.UNKNOWN, claimed_until__lte=until + LEASE, text__isnull=False)
    return await rows.order_by("claimed_until", "id").limit(BOUND)


async def found(notice: Notice, *, at: datetime) -> bool:
    """核对过，送到了。"""
    return await _checked(notice, state=NoticeState.SENT, reason="核对过，送到了", sent_at=at)


async def not_found(notice: Notice, *, at: datetime) -> bool:
    """核对过，确实没有送到：放回队列再送，只这一次；过了时候、送过第二次的，就此了结。"""
    if notice.resent_at:
        return await _checked(notice, state=NoticeState.FAILED, reason="送了两次，核对过都没有送到", spent_at=None)
    if notice.expires_at <= at:
        reason = "核对过，没有送到，再送已经过了时候"
        return await _checked(notice, state=NoticeState.EXPIRED, reason=reason, spent_at=None)
    due = at if notice.urgent else after_quiet(at)
    changes = {"due_at": due, "resent_at": at, "tried_by": None, "spent_at": None}
    return await _checked(notice, state=NoticeState.DUE, reason="核对过，没有送到，再送一次", **changes)


async def leave_unknown(notice: Notice) -> None:
    """核对不出来，就那样留着，不再去问。"""
    await _checked(notice)


async def _checked(notice: Notice, **changes: object) -> bool:
    mine = Notice.filter(id=notice.id, state=NoticeState.UNKNOWN, claimed_until=notice.claimed_until)
    done = bool(await mine.update(**changes, claimed_until=None))
    if done and changes.get("state") is NoticeState.DUE:
        notices.wake()
    return done
