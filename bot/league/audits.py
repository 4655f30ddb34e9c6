"""留痕：谁在什么时候动了什么。"""

from datetime import datetime

from db.models import Audit


async def record(action: str, *, subject: str, at: datetime, actor_id: int | None = None, detail: str = "") -> None:
    """记一笔；`detail` 里不放聊天内容、心愿内容、账号。"""
    await Audit.create(at=at, actor_id=actor_id, action=action, subject=subject, detail=detail[:200])
