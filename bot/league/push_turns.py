"""轮到哪个群：白天把排着的放进待送队列；没送成的排回来，等下一个名额；排了四周还没推完的告诉推的人。"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta

from tortoise.functions import Count

from bot.league import budgets, kinds
from bot.league.errors import Refusal
from bot.league.kinds import Why
from bot.league.periods import local
from bot.league.pushes import KIND, STALE, PushAction, Queued, advance, counted
from db import sql
from db.models import GroupKind, Notice, NoticeState, Push, PushState, PushTarget

#: 白天才推（产品说明第 8 节说 22:00–08:00 不打扰，推送不急，再收窄些）
DAY_FROM, DAY_UNTIL = time(10), time(20)

_CHUNK = 500
#: 目标 `t` 这一回的通知 `n`；写法与 `period_of` 一致
_ITS_NOTICE = f"""n.kind = '{KIND}' AND n.recipient = 'g' || t.group_id
    AND n.period = 'G' || t.push_id || CASE WHEN t.missed = 0 THEN '' ELSE '/' || (t.missed + 1) END"""
#: 还在路上的：等着送、正在送、说不清而还要去核对
_ON_THE_WAY = f"""(n.state IN ('{NoticeState.DUE}', '{NoticeState.CLAIMED}')
    OR (n.state = '{NoticeState.UNKNOWN}' AND n.claimed_until IS NOT NULL))"""


def period_of(target: PushTarget) -> str:
    """这一回的通知的 `period`：头一回 `G3`，排回来过一次是 `G3/2`。`push` 要随行取来。"""
    return f"{target.push.number}/{target.missed + 1}" if target.missed else target.push.number


async def due(at: datetime) -> list[PushTarget]:
    """此刻轮到的：白天，每个群至多一条，名额还有的群才给。`push` 随行取来。"""
    if not DAY_FROM <= local(at).time() < DAY_UNTIL:
        return []
    waiting = PushTarget.filter(sent_at=None, push__state=PushState.QUEUED, group__unbound_at=None)
    first: dict[int, PushTarget] = {}
    for target in await waiting.order_by("id").select_related("push__unit", "group__unit"):
        if _is_its(target):
            first.setdefault(target.group_id, target)
    busy = await _without_room(first, at)
    return [target for group, target in first.items() if group not in busy]


def _is_its(target: PushTarget) -> bool:
    """还是排队时的那个青年群：解绑后绑成了工作群、绑到了别的单位的不推。"""
    group, unit = target.group, target.push.unit
    kept = group.bound_at <= target.push.pushed_at or (group.unit.path or "").startswith(unit.path or "")
    return group.kind is GroupKind.YOUTH and kept


async def _without_room(groups: Collection[int], at: datetime) -> set[int]:
    """今天推过、还有一条在路上，或一周的名额用完了的群。"""
    budgeted = kinds.because(Why.QUESTION, Why.PUSH)
    rows = Notice.filter(kind__in=budgeted, group_id__not_isnull=True)
    on_the_way = rows.filter(state__in=[NoticeState.DUE, NoticeState.CLAIMED])
    spent = rows.filter(spent_at__gt=at - budgets.WEEK)
    today = rows.filter(spent_at__gt=at - timedelta(days=1))
    times = await spent.annotate(count=Count("id")).group_by("group_id").values_list("group_id", "count")
    full = {group for group, count in times if count >= budgets.GROUP_A_WEEK}
    for busy in (on_the_way, today):
        full |= {int(str(group)) for group in await busy.values_list("group_id", flat=True)}
    return full & set(groups)


async def hand_over(targets: Sequence[PushTarget], *, at: datetime) -> None:
    """这些放进待送队列了。要与放进去的在一个事务里。"""
    for start in range(0, len(targets), _CHUNK):
        ids = [target.id for target in targets[start : start + _CHUNK]]
        await PushTarget.filter(id__in=ids, sent_at=None).update(sent_at=at)


async def come_back() -> None:
    """机器人一直不在线、被禁言，过了时候没送成的：那个群排回来，等下一个名额。可以随便重复。"""
    await sql.execute(
        f"""UPDATE push_target AS t SET sent_at = NULL, missed = missed + 1
        WHERE t.sent_at IS NOT NULL AND t.push_id IN (SELECT id FROM push WHERE state = $1)
        AND EXISTS (SELECT 1 FROM notice n WHERE {_ITS_NOTICE} AND n.state = '{NoticeState.EXPIRED}')""",
        PushState.QUEUED.value,
    )


async def close(at: datetime) -> list[Queued]:
    """每个群都有了下落的记作推完；排了四周的过期，返回其中还有群没推到的。可以随便重复。"""
    over = await sql.query(
        f"""SELECT p.id FROM push p WHERE p.state = $1 AND NOT EXISTS (
            SELECT 1 FROM push_target t WHERE t.push_id = p.id AND (t.sent_at IS NULL
            OR EXISTS (SELECT 1 FROM notice n WHERE {_ITS_NOTICE} AND {_ON_THE_WAY})))""",
        PushState.QUEUED.value,
    )
    for push in await Push.filter(id__in=[row["id"] for row in over]):
        with suppress(Refusal):  # 刚被撤下
            await advance(push, PushAction.FINISH)
    stale: list[Push] = []
    for push in await Push.filter(state=PushState.QUEUED, pushed_at__lte=at - STALE):
        with suppress(Refusal):
            await advance(push, PushAction.EXPIRE)
            stale.append(push)
    return [one for one in await counted(stale) if one.sent < one.groups]
