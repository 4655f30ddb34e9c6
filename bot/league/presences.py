"""在不在群里：退了群，联系先停下；七天内回来，或进了同一位团干部的另一个群，接着算。满七天见 `consents.end_paused`。"""

from collections.abc import Collection
from datetime import datetime

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from bot.league import roster
from bot.league.consents import REJOIN_WITHIN
from db.models import Account, Cadre, Contact, ContactState, Group, GroupKind, Scope


async def other_places(scope: Scope, group_id: str, user_id: str) -> list[tuple[Group, str]]:
    """他在这个群里的联系团干部绑着的青年群，连同他在那里的账号：退了这个，也许还在别的里，或用另一个账号还在。"""
    here = (await _here(scope, group_id, user_id)).filter(state=ContactState.ACTIVE)
    accounts = await Account.filter(person_id__in=Subquery(here.values("youth_id"))).order_by("id")
    bound = Group.filter(kind=GroupKind.YOUTH, unbound_at=None, cadre_id__in=Subquery(here.values("cadre_id")))
    return [
        (group, account.user_id)
        for group in await bound.order_by("id")
        for account in accounts
        if account.scope is group.scope and (group.scope, group.group_id, account.user_id) != (scope, group_id, user_id)
    ]


async def pause(scope: Scope, group_id: str, user_id: str, *, at: datetime, still_in: Collection[Group] = ()) -> int:
    """有人退了群：在这个群里的联系关系先停下，返回停了几对；同一位团干部的另一个群他还在（`still_in`），就跟到那里。"""
    mine = (await _here(scope, group_id, user_id)).filter(state=ContactState.ACTIVE, since__lte=at)
    for group in still_in:
        await mine.filter(cadre_id=group.cadre_id).update(group_id=group.id)
    left = mine.exclude(cadre_id__in=[group.cadre_id for group in still_in])
    changed = await left.update(state=ContactState.PAUSED, paused_at=at)
    roster.touch()
    return changed


async def resume(scope: Scope, group_id: str, user_id: str, *, at: datetime) -> int:
    """七天内回到群里，或进了同一位团干部的另一个群：停下的联系关系接着算，返回接上几对。"""
    account = await Account.get_or_none(scope=scope, user_id=user_id)
    group = await Group.get_or_none(scope=scope, group_id=group_id)
    if account is None or group is None:
        return 0
    here = Q(group_id=group.id)
    if group.kind is GroupKind.YOUTH and group.unbound_at is None:
        here |= Q(cadre_id=group.cadre_id)
    mine = Contact.filter(here, youth_id=account.person_id)
    paused = mine.filter(state=ContactState.PAUSED, paused_at__lte=at, paused_at__gt=at - REJOIN_WITHIN)
    paused = paused.filter(cadre_id__in=Subquery(Cadre.filter(left_at=None).values("id")))  # 离任的接不上了
    changed = await paused.update(state=ContactState.ACTIVE, paused_at=None, group_id=group.id)
    roster.touch()
    return changed


async def _here(scope: Scope, group_id: str, user_id: str) -> QuerySet[Contact]:
    """某账号在某群里的联系关系；群解绑了也算。"""
    account = await Account.get_or_none(scope=scope, user_id=user_id)
    group = await Group.get_or_none(scope=scope, group_id=group_id)
    if account is None or group is None:
        return Contact.filter(id=0)
    return Contact.filter(youth_id=account.person_id, group_id=group.id)
