"""加入与离开：同意只能本人给；联系关系随同意开始，也随它结束。"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from bot.league import budgets, contact_terms, groups, handover_steps, roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import (
    Cadre,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Erasure,
    Group,
    GroupKind,
    Person,
)

#: 现在的告知是哪一版（见 docs/privacy.md）；告知变了就加一，已加入的人再发一次 `/加入` 才算同意新版
CONSENT_VERSION = "1"
#: 产品说明第 2 节：退群先暂停，七天后算退出
REJOIN_WITHIN = timedelta(days=7)
#: 一次定时检查最多处理多少人，其余的下一分钟再说
BATCH = 1_000


class ConsentEnd(StrEnum):
    """同意为什么结束。"""

    LEFT = "本人退出"
    LEFT_GROUP = "退群七天"
    CADRE_LEFT = "联系人离任"
    ERASED = "删除数据"
    RENEWED = "换新版告知"


@dataclass(frozen=True)
class Joined:
    """`/加入` 的结果：联系团干部的姓名，以及是不是有了变化。"""

    names: tuple[str, ...]
    new: bool


async def join(group: Group, by: Speaker, *, named: Sequence[Speaker], at: datetime) -> Joined:
    """本人说的 `/加入`：记下同意，成为点名的（没点名就是群里第一位）团干部的联系青年。"""
    if group.kind is not GroupKind.YOUTH:
        raise Refusal("这里是工作群，不用加入。想和团干部联系上，请到你们的青年群里发 /加入。")
    named = [other for other in named if not _same(other, by)]
    cadre_ids = [_cadre_of(other) for other in named] or await _default_cadres(group, by)
    if by.is_cadre and (by.cadre_id in cadre_ids or by.unit_id == group.unit_id):
        raise Refusal("你就是这里的团干部，不用加入。请青年自己发 /加入，愿意的才算。")
    if await Erasure.exists(person_id=by.person_id, done_at=None, cancelled_at=None):
        raise Refusal("你排着删除数据，现在加入也会一起删掉。想留下，先发 /取消删除，再发 /加入。")
    person = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with in_transaction():
        await Person.filter(id=person.id).select_for_update().first()
        new = await _consent(person.id, group, at=at)
        for cadre_id in cadre_ids:
            new |= await _activate(cadre_id, person.id, group.id, at=at)
    roster.touch()
    cadres = await Cadre.filter(id__in=cadre_ids).select_related("person").order_by("id")
    return Joined(tuple(cadre.person.name or "团干部" for cadre in cadres), new)


def _same(other: Speaker, by: Speaker) -> bool:
    """@ 的是自己；换个账号 @ 自己也算。"""
    if other.person_id is not None and other.person_id == by.person_id:
        return True
    return (other.scope, other.user_id) == (by.scope, by.user_id)


def _cadre_of(other: Speaker) -> int:
    if other.cadre_id is None:
        raise Refusal("加入只能本人说，替不了别人；要点名，也只能点团干部：/加入 @干部")
    return other.cadre_id


async def _default_cadres(group: Group, by: Speaker) -> list[int]:
    """没点名：名册里请过 TA 的本单位团干部，否则群里第一位团干部。"""
    inviting = Cadre.filter(
        contacts__youth_id=by.person_id, contacts__state=ContactState.INVITED, unit_id=group.unit_id, left_at=None
    )
    if by.person_id is not None and (invited := await inviting):
        return [cadre.id for cadre in invited]
    cadre = await groups.first_cadre(group)
    if cadre is None:
        raise Refusal("本群原来的团干部离任了。请 @ 一位团干部：/加入 @干部，或请新来的团干部 /绑定本群。")
    return [cadre.id]


async def _consent(person_id: int, group: Group, *, at: datetime) -> bool:
    """记下这一版的同意；已经有了就不动。"""
    current = Consent.filter(person_id=person_id, withdrawn_at=None)
    if await current.filter(version=CONSENT_VERSION).exists():
        return False
    await current.update(withdrawn_at=at, reason=ConsentEnd.RENEWED)
    await Consent.create(person_id=person_id, version=CONSENT_VERSION, group=group, given_at=at)
    return True


async def _activate(cadre_id: int, youth_id: int, group_id: int | None, *, at: datetime) -> bool:
    """让这对联系关系生效，返回是否有变化。"""
    fields = {"group_id": group_id, "state": ContactState.ACTIVE, "since": at}
    contact, created = await Contact.get_or_create(cadre_id=cadre_id, youth_id=youth_id, defaults=fields)
    if created or contact.state is ContactState.ACTIVE:
        return created
    if contact.state is ContactState.PAUSED:
        fields["since"] = contact.since
    else:
        await contact_terms.keep(contact, at=at)
    await Contact.filter(id=contact.id).update(**fields, paused_at=None, ended_at=None, removed_by_cadre=False)
    return True


async def leave(by: Speaker, *, at: datetime) -> bool:
    """本人说的 `/退出`：同意与全部联系关系立刻结束；本来就没有时返回否。"""
    if by.person_id is None:
        return False
    return await end_for(by.person_id, ConsentEnd.LEFT, at=at)


async def end_for(person_id: int, reason: ConsentEnd, *, at: datetime) -> bool:
    """结束某人的同意与全部联系关系，返回是否有变化。"""
    async with in_transaction():
        ended = await _end(Contact.filter(youth_id=person_id), at=at)
        await handover_steps.drop([person_id], at=at)
        await budgets.stop_asking([person_id])
        withdrawn = await Consent.filter(person_id=person_id, withdrawn_at=None).update(withdrawn_at=at, reason=reason)
    roster.touch()
    return bool(ended or withdrawn)


async def _end(contacts: QuerySet[Contact], *, at: datetime) -> int:
    """标签只留到联系结束（docs/privacy.md）。"""
    open_ones = contacts.filter(state__not=ContactState.ENDED)
    await ContactTag.filter(contact_id__in=Subquery(open_ones.values("id"))).delete()
    return await open_ones.update(state=ContactState.ENDED, ended_at=at, paused_at=None)


async def switch(group: Group, by: Speaker, *, to: Speaker, at: datetime) -> str | None:
    """换一位联系团干部，不惊动原来那位；返回新联系人的姓名，本来就是 TA 时为空。"""
    if group.kind is not GroupKind.YOUTH:
        raise Refusal("这里是工作群。请到你加入的青年群里发 /换联系人 @干部。")
    if to.cadre_id is None:
        raise Refusal("要换成的得是团干部：/换联系人 @干部")
    if by.person_id is None or not by.joined:
        raise Refusal("你还没有加入，直接发 /加入 @干部 就行。")
    if to.person_id == by.person_id:
        raise Refusal("不能做自己的联系人，请 @ 另一位团干部：/换联系人 @干部")
    async with in_transaction():
        ended = await _end(await _replaced(by.person_id, group, to.cadre_id), at=at)
        changed = await _activate(to.cadre_id, by.person_id, group.id, at=at)
        if ended:
            await handover_steps.drop([by.person_id], at=at)
    roster.touch()
    return to.name or "团干部" if ended or changed else None


async def _replaced(youth_id: int, group: Group, cadre_id: int) -> QuerySet[Contact]:
    """换掉的是本群里的；在本群还没有联系的，换的就是别处那一位，几位就要说清是哪位。"""
    mine = Contact.filter(youth_id=youth_id).exclude(state=ContactState.ENDED)
    others = mine.filter(cadre_id__not=cadre_id)
    if await mine.filter(group_id=group.id).exists():
        return others.filter(group_id=group.id)
    active = others.filter(state=ContactState.ACTIVE)
    names = [row.cadre.person.name or "团干部" for row in await active.order_by("id").select_related("cadre__person")]
    if len(names) > 1:
        raise Refusal(
            f"你的联系团干部是{'、'.join(names)}，都不在本群。要换谁，到谁的群里发；想再加一位，发 /加入 @干部。"
        )
    return active


async def hand_over(youth_id: int, *, giver_id: int, taker_id: int, at: datetime) -> None:
    """本人愿意换：与原来那位结束，与新的一位开始，还算在原来的群里；从前的互动仍是原来那位的。要在事务里调用。"""
    await Person.filter(id=youth_id).select_for_update().first()
    old = await Contact.get_or_none(cadre_id=giver_id, youth_id=youth_id)
    await _end(Contact.filter(cadre_id=giver_id, youth_id=youth_id), at=at)
    await _activate(taker_id, youth_id, old.group_id if old else None, at=at)
    roster.touch()


async def pause_without_cadre(cadre_id: int, youths: Collection[int], *, at: datetime) -> int:
    """团干部离任了，这几位没有换人：联系先停下，七天里没有重新加入就结束。还在任的不动。"""
    left = Contact.filter(cadre_id=cadre_id, cadre__left_at__isnull=False, state=ContactState.ACTIVE)
    ids = [int(str(contact)) for contact in await left.filter(youth_id__in=youths).values_list("id", flat=True)]
    changed = await Contact.filter(id__in=ids).update(state=ContactState.PAUSED, paused_at=at)
    roster.touch()
    return changed


async def end_paused(at: datetime) -> int:
    """退群、联系人离任停下满七天的当作退出；没有别的联系关系了，同意也随之结束。返回结束了几对。"""
    due = Contact.filter(state=ContactState.PAUSED, paused_at__lte=at - REJOIN_WITHIN)
    youths = set(await due.limit(BATCH).values_list("youth_id", flat=True))
    if not youths:
        return 0
    orphans = set(await due.filter(cadre__left_at__isnull=False).values_list("youth_id", flat=True))
    async with in_transaction():
        ended = await _end(due.filter(youth_id__in=youths), at=at)
        open_states = (ContactState.ACTIVE, ContactState.PAUSED)
        left = Contact.filter(youth_id__in=youths, state__in=open_states).values_list("youth_id", flat=True)
        gone = {int(str(youth_id)) for youth_id in youths - set(await left)}
        await handover_steps.drop(gone, at=at)
        await budgets.stop_asking(gone)
        for people, reason in ((gone & orphans, ConsentEnd.CADRE_LEFT), (gone - orphans, ConsentEnd.LEFT_GROUP)):
            await Consent.filter(person_id__in=people, withdrawn_at=None).update(withdrawn_at=at, reason=reason)
    roster.touch()
    return ended


async def cadres_of(person_id: int) -> list[Cadre]:
    """某青年现在的联系团干部（离任的不算）。"""
    mine = Cadre.filter(contacts__youth_id=person_id, contacts__state=ContactState.ACTIVE, left_at=None)
    return await mine.select_related("person", "unit").order_by("id")
