"""通知：要对某个人或某个群说的一句话。同一 (kind, recipient, period) 只有一行，所以只会说一次。"""

from datetime import datetime, timedelta

from bot.league.periods import after_quiet
from db.models import Notice, NoticeState

#: 没说多久作废时，三天后就不再送
WINDOW = timedelta(days=3)


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
) -> bool:
    """放进待送队列；已经有同样的一行就什么也不做，返回是否新放。

    `person_id` 与 `group_id`（表 id）恰给一个。除 `urgent`（危机求助）外都躲开静默时段。
    """
    assert (person_id is None) != (group_id is None)
    due = at if urgent else after_quiet(at)
    recipient = f"p{person_id}" if person_id is not None else f"g{group_id}"
    if await Notice.exists(kind=kind, recipient=recipient, period=period):
        return False
    row = Notice(
        kind=kind,
        recipient=recipient,
        period=period,
        person_id=person_id,
        group_id=group_id,
        text=text,
        state=NoticeState.DUE,
        due_at=due,
        expires_at=expires_at or due + WINDOW,
        created_at=at,
    )
    await Notice.bulk_create([row], ignore_conflicts=True)
    return True
