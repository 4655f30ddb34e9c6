"""对一遍群里的人：不报退群的平台、掉线时走的人，都靠它看出来。成员名单只在手上过一遍，不存。"""

from dataclasses import dataclass

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from db.models import Account, Contact, ContactState, Group

#: 该在的人连一半都没有，这份名单多半没取全，不照它办
ENOUGH = 0.5


@dataclass(frozen=True)
class Changes:
    """名单与联系对不上的账号，一人一个。"""

    gone: tuple[str, ...]
    back: tuple[str, ...]


async def compare(group: Group, members: frozenset[str]) -> Changes | None:
    """联系着的谁不在名单里，停着的谁又在了；名单不像是全的就是 `None`。该在的人也算上机器人与绑定的团干部。"""
    active = await _accounts(group, Contact.filter(group_id=group.id, state=ContactState.ACTIVE))
    here = Q(group_id=group.id) | Q(cadre_id=group.cadre_id)
    paused = await _accounts(group, Contact.filter(here, state=ContactState.PAUSED))
    cadre = await Account.filter(scope=group.scope, person__cadre__id=group.cadre_id).values_list("user_id", flat=True)
    expected = [*active, [group.self_id], *([[str(one) for one in cadre]] if cadre else [])]
    present = [person for person in expected if not members.isdisjoint(person)]
    if not members or len(present) < len(expected) * ENOUGH:
        return None
    gone = tuple(person[0] for person in active if members.isdisjoint(person))
    back = tuple(min(members.intersection(person)) for person in paused if not members.isdisjoint(person))
    return Changes(gone, back)


async def _accounts(group: Group, contacts: QuerySet[Contact]) -> list[list[str]]:
    """这些联系里的青年，各人在这个平台上的账号；一个都没有的不管。"""
    youths = await contacts.values_list("youth_id", flat=True)
    rows = await Account.filter(scope=group.scope, person_id__in=youths).order_by("id")
    found: dict[int, list[str]] = {}
    for account in rows:
        found.setdefault(account.person_id, []).append(account.user_id)
    return list(found.values())
