"""一段联系的起止：现在（最后）的一段在 `contact`，从前的几段在 `contact_past`；问过去的一刻、一季时都要看。

退出后又加入是新的同意，`since` 从那时算起，其间的话不记；从前那一段的起止另存，过去的季度怎么重算都是那个数。
"""

from datetime import datetime

from db.models import Contact, ContactPast, ContactState


def past(contact: str, condition: str) -> str:
    """查询里的条件：`contact`（表的别名）从前有一段满足 `condition`；那一段叫 `s`。"""
    return f"EXISTS (SELECT 1 FROM contact_past s WHERE s.contact_id = {contact}.id AND {condition})"


def linked_before(contact: str, end: str) -> str:
    """查询里的条件：到 `end`（不含）为止还联系着。"""
    return f"""({contact}.state <> '{ContactState.INVITED}' AND {contact}.since < {end}
        AND ({contact}.ended_at IS NULL OR {contact}.ended_at >= {end})
        OR {past(contact, f"s.since < {end} AND s.ended_at >= {end}")})"""


def linked_at(contact: str, moment: str) -> str:
    """查询里的条件：`moment` 那一刻联系着。"""
    return f"""({contact}.state <> '{ContactState.INVITED}' AND {contact}.since <= {moment}
        AND ({contact}.ended_at IS NULL OR {contact}.ended_at > {moment})
        OR {past(contact, f"s.since <= {moment} AND s.ended_at > {moment}")})"""


async def keep(contact: Contact, *, of: int | None = None, at: datetime) -> None:
    """`contact` 手上这一段要让位给新的一段：起止留下，算在 `of`（默认它自己）名下。请来没加入的不算一段。"""
    if contact.state is not ContactState.INVITED:
        await ContactPast.create(
            contact_id=of or contact.id,
            since=contact.since,
            ended_at=contact.ended_at or at,
            removed_by_cadre=contact.removed_by_cadre,
        )
