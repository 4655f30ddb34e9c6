"""一个人的几个账号：`/绑定` 拿六位码，在另一个账号上用掉，两边并成一个人。"""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256

from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from bot.league import (
    activity_signups,
    audits,
    check_cases,
    contact_terms,
    good_things,
    handover_answers,
    material_consents,
    nominations,
    ratings,
    replies,
    roster,
    subscriptions,
)
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import (
    Absence,
    Account,
    BindCode,
    Cadre,
    ChainSalt,
    Consent,
    Contact,
    ContactPast,
    ContactState,
    ContactTag,
    Erasure,
    Interaction,
    Notice,
    NoticeState,
    Person,
    Role,
    Scope,
    Voice,
    VoiceEvent,
    Wish,
    WishEvent,
)

CODE_LIFETIME = timedelta(minutes=10)
#: 六位码有一百万种；一个账号一小时只许错 5 次，猜中的机会可以不计
TRIES, TRY_WINDOW = 5, timedelta(hours=1)

#: 谁在什么时候试错过。只放内存：没加入的人，库里什么都不留
_misses: dict[tuple[Scope, str], list[datetime]] = {}

#: 两边都有同一段联系关系时，留下更“活”的那个
_LIVELIER = (ContactState.ACTIVE, ContactState.PAUSED, ContactState.INVITED, ContactState.ENDED)


async def issue_code(by: Speaker, *, at: datetime) -> str:
    """给认识的人一个六位码，十分钟内在另一个账号上用一次；再要一个，旧的就作废。"""
    if by.person_id is None:
        raise Refusal("我还不认识这个账号。请在已经加入的那个账号上私聊我 /绑定 拿六位码，再到这里发 /绑定 六位码。")
    await BindCode.filter(person_id=by.person_id).delete()
    await forget(at)
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        _, created = await BindCode.get_or_create(
            digest=_digest(code), defaults={"person_id": by.person_id, "expires_at": at + CODE_LIFETIME}
        )
        if created:
            return code


async def forget(at: datetime) -> None:
    """过了时候的码删掉，用过的也一样。"""
    await BindCode.filter(expires_at__lte=at).delete()


def _digest(code: str) -> str:
    return hmac.new(settings().digest_key, b"bind:" + code.encode(), sha256).hexdigest()


async def redeem(code: str, *, by: Speaker, at: datetime) -> Person:
    """用掉六位码：这个账号连同它的加入、联系、心愿一起并到发码的人名下。"""
    if (misses := _recent_misses(by, at)) >= TRIES:
        raise Refusal("试错太多次了，一小时后再来。")
    code = "".join(unicodedata.normalize("NFKC", code).split())
    if not re.fullmatch(r"[0-9]{6}", code):
        raise Refusal("六位码是六个数字，例如：/绑定 482913")
    found = await BindCode.get_or_none(digest=_digest(code), used_at=None, expires_at__gt=at)
    if found is None:
        _misses.setdefault((by.scope, by.user_id), []).append(at)
        raise Refusal(f"码不对，或者过了十分钟。请在原来的账号上再发一次 /绑定；这里还能试 {TRIES - misses - 1} 次。")
    if found.person_id == by.person_id:
        raise Refusal("这个账号本来就是你的。请到另一个账号上发这六位码。")
    if await Erasure.exists(person_id__in=(by.person_id, found.person_id), done_at=None, cancelled_at=None):
        raise Refusal("两个账号里有一个排着删除数据，并到一起就说不清删哪些。先在那边发 /取消删除，再用这个码。")
    if by.person_id is not None and await _on_roster(by.person_id):
        raise Refusal(
            "这个账号自己就在名册上。请反过来：在这个账号上 /绑定 拿码，到另一个账号上用；两个都是团干部的，找管理员。"
        )
    async with in_transaction():
        if not await BindCode.filter(id=found.id, used_at=None).update(used_at=at):
            raise Refusal("这个码刚刚被用掉了，请再拿一个。")
        if by.person_id is None:
            await Account.create(scope=by.scope, user_id=by.user_id, person_id=found.person_id)
        else:
            await merge(by.person_id, found.person_id, at=at)
        await audits.record("account.bind", subject=f"p{found.person_id}", at=at, actor_id=found.person_id)
    roster.touch()
    return await Person.get(id=found.person_id)


def _recent_misses(by: Speaker, at: datetime) -> int:
    """一小时内试错几次；顺手忘掉过时的。"""
    for key in [key for key, times in _misses.items() if times[-1] <= at - TRY_WINDOW]:
        del _misses[key]
    return sum(time > at - TRY_WINDOW for time in _misses.get((by.scope, by.user_id), []))


async def _on_roster(person_id: int) -> bool:
    return await Cadre.exists(person_id=person_id) or await Role.exists(person_id=person_id)


async def merge(source: int, target: int, *, at: datetime) -> None:
    """把 `source` 的一切并到 `target`，留下空壳；要在事务里调用。"""
    await Account.filter(person_id=source).update(person_id=target)
    await Consent.filter(person_id=source).update(person_id=target)
    await _merge_contacts(source, target, at=at)
    await _merge_interactions(source, target)
    await Wish.filter(author_id=source).update(author_id=target)
    await WishEvent.filter(by_id=source).update(by_id=target)
    await Voice.filter(author_id=source).update(author_id=target)
    await VoiceEvent.filter(by_id=source).update(by_id=target)
    await activity_signups.merge(source, target, at=at)
    await ratings.merge(source, target)
    await check_cases.merge(source, target, at=at)
    await ChainSalt.filter(person_id=source).update(person_id=target)
    await nominations.merge(source, target)
    await material_consents.merge(source, target)
    await handover_answers.merge(source, target)
    await good_things.merge(source, target)
    await replies.merge(source, target)
    await subscriptions.merge(source, target)
    await _merge_notices(source, target)
    await Absence.filter(person_id=source).update(person_id=target)
    await Erasure.filter(person_id=source, done_at=None, cancelled_at=None).update(cancelled_at=at)
    await BindCode.filter(person_id=source).delete()
    shell = await Person.get(id=source)
    await Person.filter(id=target, name=None).update(name=shell.name)
    await Person.filter(id=source).update(name=None, erased_at=at)


async def _merge_contacts(source: int, target: int, *, at: datetime) -> None:
    own = await Cadre.get_or_none(person_id=target)
    if own:  # 不能做自己的联系青年
        await Contact.filter(cadre_id=own.id, youth_id=source).delete()
        await Interaction.filter(cadre_id=own.id, youth_id=source).delete()
    kept = {contact.cadre_id: contact for contact in await Contact.filter(youth_id=target)}
    for contact in await Contact.filter(youth_id=source).prefetch_related("tags"):
        twin = kept.get(contact.cadre_id)
        if twin is None:
            await Contact.filter(id=contact.id).update(youth_id=target)
            continue
        for tag in contact.tags:
            await ContactTag.get_or_create(contact_id=twin.id, tag=tag.tag)
        livelier = _LIVELIER.index(contact.state) < _LIVELIER.index(twin.state)
        await ContactPast.filter(contact_id=contact.id).update(contact_id=twin.id)
        await contact_terms.keep(twin if livelier else contact, of=twin.id, at=at)
        await Contact.filter(id=contact.id).delete()
        if livelier:
            fields = ("state", "group_id", "since", "paused_at", "ended_at", "removed_by_cadre")
            await Contact.filter(id=twin.id).update(**{name: getattr(contact, name) for name in fields})


async def _merge_interactions(source: int, target: int) -> None:
    """同一天两个账号都聊过的，条数相加；仍是至多一次有效互动（sessions > 0）。"""
    days = {(row.cadre_id, row.day): row.id for row in await Interaction.filter(youth_id=target)}
    for row in await Interaction.filter(youth_id=source):
        twin = days.get((row.cadre_id, row.day))
        if twin is None:
            continue
        await Interaction.filter(id=twin).update(
            cadre_messages=F("cadre_messages") + row.cadre_messages,
            youth_messages=F("youth_messages") + row.youth_messages,
            sessions=F("sessions") + row.sessions,
        )
        await Interaction.filter(id=row.id).delete()
    await Interaction.filter(youth_id=source).update(youth_id=target)


async def _merge_notices(source: int, target: int) -> None:
    """还没说出口的话改送给并成的那个人，占过的名额也算他的；同一件事已经有一条的就不要了。"""
    known = set(await Notice.filter(person_id=target).values_list("kind", "period"))
    waiting = (NoticeState.DUE, NoticeState.RIDING)
    for notice in await Notice.filter(Q(state__in=waiting) | Q(spent_at__isnull=False), person_id=source):
        if (notice.kind, notice.period) not in known:
            await Notice.filter(id=notice.id).update(person_id=target, recipient=f"p{target}")
    await Notice.filter(person_id=source, state__in=waiting).delete()
