"""好物推到群里之后，有几位青年回复了它。话在互动记录里认（`Tally.answer`），这里只管认哪几条、怎么数、留多久。"""

from collections.abc import Collection
from datetime import datetime, timedelta

from tortoise.expressions import F, Subquery
from tortoise.functions import Count

from db.models import Notice, Push, PushReply, PushState, PushTarget

#: 推到群里一周之内的回复才算；过后消息号不留，各群都过了，谁回复过也不留，只剩人数
WITHIN = timedelta(days=7)
#: 消息号长过这么多的存不下，那一条的回复就不数
_LONGEST = 128

_revision = 0


def revision() -> int:
    """又有推到群里的，就变。"""
    return _revision


def read_period(period: str) -> tuple[int, int]:
    """通知的 `period` → (推送的号, 排回来过几回)：`G3`、`G3/2`。"""
    number, _, turn = period.removeprefix("G").partition("/")
    return int(number), int(turn or 1) - 1


async def went_out(notice: Notice, message_id: str) -> None:
    """一条推送发到群里了，平台给的消息号记下，有人回复才认得出。"""
    global _revision
    if len(message_id) > _LONGEST:
        return
    push_id, missed = read_period(notice.period)
    target = PushTarget.filter(push_id=push_id, group_id=notice.group_id, missed=missed)
    await target.update(message_id=message_id)
    _revision += 1


async def watched() -> dict[int, dict[str, int]]:
    """还在留意的：群 → 消息号 → 推送的号。"""
    found: dict[int, dict[str, int]] = {}
    rows = PushTarget.filter(message_id__not_isnull=True).values_list("group_id", "message_id", "push_id")
    for group, message_id, push in await rows:
        found.setdefault(group, {})[str(message_id)] = push
    return found


async def counts(push_ids: Collection[int]) -> dict[int, int]:
    """每条推送有几位青年回复过，人；一位在几个群里都回了也是一位。"""
    replied = PushReply.filter(push_id__in=push_ids, messages__gt=0).annotate(count=Count("id"))
    return dict(await replied.group_by("push_id").values_list("push_id", "count"))


async def forget(at: datetime) -> None:
    """过了一周的不再留意；各群都不再留意的，谁回复过不留，人数不变。"""
    global _revision
    over = PushTarget.filter(message_id__not_isnull=True)
    if await over.filter(sent_at__lte=at - WITHIN).update(message_id=None):
        _revision += 1
    queued = Push.filter(state=PushState.QUEUED).values("id")
    done = PushReply.filter(person_id__not_isnull=True).exclude(push_id__in=Subquery(over.values("push_id")))
    await done.exclude(push_id__in=Subquery(queued)).update(person_id=None)


async def merge(source: int, target: int) -> None:
    """两个账号并成一个人：同一条都回复过的，还是一位。要在事务里调用。"""
    twins = {row.push_id: row.id for row in await PushReply.filter(person_id=target)}
    for row in await PushReply.filter(person_id=source):
        if twin := twins.get(row.push_id):
            await PushReply.filter(id=twin).update(messages=F("messages") + row.messages)
            await PushReply.filter(id=row.id).delete()
    await PushReply.filter(person_id=source).update(person_id=target)


async def erase(person_id: int) -> None:
    """本人要求删除：不再连着他，人数不变。"""
    await PushReply.filter(person_id=person_id).update(person_id=None)
