"""机器人自己的毛病：一次毛病只说一次，说怎么治；好了再说一声。时好时坏的，越来越晚才算好，不会刷屏。"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import crises, notices
from bot.league.notices import BotAccount
from db.models import Incident, Notice, NoticeState, Presence, Scope

#: 这么久没再犯才算好；一天里第二次犯加倍，再犯再加倍，最多等到这么久
CALM, CALM_MOST = timedelta(minutes=10), timedelta(hours=6)
DAY = timedelta(days=1)
#: 过时的毛病不必再说
WINDOW = timedelta(days=1)
#: 账号多久没见就不再提
PRESENT = timedelta(days=30)
KEEP = timedelta(days=90)

OVER_ALREADY = "还没说，已经好了"


@dataclass(frozen=True)
class Trouble:
    """此刻看见的一样毛病。"""

    #: 同一件事总是同一个名字；`@` 后面是看见它的进程，没有 `@` 的哪个进程看见都一样
    name: str
    what: str
    remedy: str


async def review(troubles: Collection[Trouble], *, here: str, at: datetime) -> None:
    """新的告诉超级管理员，还在的记一笔，好了的再说一声；`here` 是本进程，别的进程自己的毛病不归它管。"""
    known = {row.name: row for row in await Incident.filter(closed_at=None) if _is_ours(row.name, here)}
    for trouble in troubles:
        if row := known.pop(trouble.name, None):
            await Incident.filter(id=row.id).update(seen_at=at)
        else:
            await _open(trouble, at=at)
    for row in known.values():
        if at - row.seen_at >= await _calm(row, at):
            await _close(row, at=at)
    await Incident.filter(closed_at__lte=at - KEEP).delete()


def _is_ours(name: str, here: str) -> bool:
    _, at, place = name.partition("@")
    return not at or place == here


async def _open(trouble: Trouble, *, at: datetime) -> None:
    people = await crises.superusers(at)
    try:
        async with in_transaction():
            row = await Incident.create(
                name=trouble.name, current=trouble.name, what=trouble.what[:200], opened_at=at, seen_at=at
            )
            text = f"【团团】{trouble.what}\n{trouble.remedy}\n看全部：私聊我发 /状态"
            await _tell(people, "alarm.raised", row, text, at=at)
    except IntegrityError:
        pass  # 别的进程刚刚说过了


async def _close(row: Incident, *, at: datetime) -> None:
    async with in_transaction():
        if not await Incident.filter(id=row.id, current=row.name).update(current=None, closed_at=at):
            return
        raised = Notice.filter(kind="alarm.raised", period=f"i{row.id}")
        await raised.filter(state=NoticeState.DUE).update(state=NoticeState.EXPIRED, reason=OVER_ALREADY)
        told = await raised.exclude(state=NoticeState.EXPIRED).values_list("person_id", flat=True)
        minutes = max(1, round((row.seen_at - row.opened_at).total_seconds() / 60))
        text = f"【团团】好了，前后约 {minutes} 分钟：{row.what}"
        await _tell([int(str(person_id)) for person_id in told], "alarm.cleared", row, text, at=at)


async def _tell(people: list[int], kind: str, row: Incident, text: str, *, at: datetime) -> None:
    drafts = [
        notices.draft(kind, period=f"i{row.id}", text=text, at=at, person_id=person_id, expires_at=at + WINDOW)
        for person_id in people
    ]
    await notices.post_all(drafts)


async def _calm(row: Incident, at: datetime) -> timedelta:
    again = await Incident.filter(name=row.name, closed_at__gt=at - DAY).count()
    return min(CALM * 2 ** min(again, 10), CALM_MOST)


async def present(accounts: Collection[BotAccount], *, at: datetime) -> None:
    """这些机器人账号此刻在线。"""
    rows = [Presence(scope=scope, self_id=self_id, seen_at=at) for scope, self_id in accounts]
    if rows:
        await Presence.bulk_create(rows, on_conflict=["scope", "self_id"], update_fields=["seen_at"])


async def accounts(*, at: datetime) -> dict[BotAccount, datetime]:
    """近来见过的机器人账号，最近一次是什么时候。"""
    rows = await Presence.filter(seen_at__gt=at - PRESENT).order_by("scope", "self_id")
    return {(Scope(row.scope), row.self_id): row.seen_at for row in rows}
