"""任命与离任：谁在哪个单位做什么。"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import audits, budgets, notices, postings, roster
from bot.league.errors import Refusal
from bot.league.roster import NAME_MAX, QUOTAS, Speaker
from bot.league.words import tidy
from db.models import (
    Account,
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    Person,
    Role,
    RoleKind,
    Scope,
    Unit,
)

EXAMPLE = "/任命 @某 张三 专职 某团总支"
_HOW = f"请这样写：{EXAMPLE}（也可以写 管理员、督导 或 离任；没法 @ 时写账号）"

#: 请他以团干部、管理员的身份去做的事；离任了，还没说到的就不说
_IN_OFFICE = ("activity.led", "cadre.appointed", "voice.new", "wish.assigned", "wish.new", "wish.warned")


@dataclass(frozen=True)
class Order:
    """`/任命` 后面几个词的意思。"""

    user_id: str
    name: str | None
    kind: CadreKind | None
    role: RoleKind | None
    unit_name: str | None
    leaving: bool


@dataclass(frozen=True)
class Appointed:
    """任命的结果。`guessed` 表示姓名是先用账号尾号顶上的。"""

    name: str
    posts: tuple[str, ...]
    unit_name: str
    quota: int | None
    guessed: bool


@dataclass(frozen=True)
class Dismissed:
    """离任的结果；`cadre` 为否是只收回了职责。`coming` 是他发起、还没办的活动，下命令的人管得到的。"""

    name: str
    cadre: bool
    coming: tuple[Activity, ...]


def read_order(words: Sequence[str], mentions: Sequence[str]) -> Order:
    """读懂 `@某 [姓名] 类别 [职责] 单位`；没有 @ 时第一个词是账号。"""
    words = [word for word in (tidy(unicodedata.normalize("NFKC", word)) for word in words) if word]
    if len(mentions) > 1:
        raise Refusal("一次任命一位。" + _HOW)
    if not mentions and not (words and re.fullmatch(r"[A-Za-z0-9_@.-]{2,80}", words[0])):
        raise Refusal(_HOW)
    user_id, words = (mentions[0], words) if mentions else (words[0], words[1:])
    kinds = [CadreKind(word) for word in words if word in set(CadreKind)]
    roles = [RoleKind(word) for word in words if word in set(RoleKind)]
    rest = [word for word in words if word not in {*CadreKind, *RoleKind, "离任"}]
    leaving = "离任" in words
    asked = bool(kinds or roles)
    if leaving == asked or len(kinds) > 1 or len(roles) > 1 or len(rest) > 2 or (asked and not rest):
        raise Refusal(_HOW)
    return Order(
        user_id=user_id,
        name=rest[0] if len(rest) == 2 else None,
        kind=kinds[0] if kinds else None,
        role=roles[0] if roles else None,
        unit_name=rest[-1] if rest else None,
        leaving=leaving,
    )


async def appoint(order: Order, *, scope: Scope, by: Speaker, at: datetime) -> Appointed:
    """让某人在某单位任职；要管得到那个单位，也管得到 TA 原来的单位。"""
    assert order.unit_name
    if not by.is_admin:
        raise Refusal("任命要由管理员来做。请你们单位或上级的管理员来发。")
    if scope is Scope.QQ and not order.user_id.isdecimal():
        raise Refusal(f"“{order.user_id[:20]}”不像 QQ 号。" + _HOW)
    unit = await roster.find_unit(order.unit_name)
    _need_power(by, unit)
    if order.name and len(order.name) > NAME_MAX:
        raise Refusal(f"姓名太长了，{NAME_MAX} 个字以内。")
    known = await roster.identify(scope, order.user_id)
    if order.kind and known.unit_path is not None and not by.administers(known.unit_path):
        raise Refusal("这位现在是别处的团干部，请那边的管理员先发 /任命 @某 离任。")
    if order.name and known.name not in (None, order.name) and not _may_rename(known, by):
        raise Refusal(f"名册里这个账号不叫“{order.name}”，核对一下账号和姓名。")
    async with in_transaction():
        person = await roster.ensure_person(scope, order.user_id, at=at)
        guessed = await _name(person, order)
        if order.kind:
            await _seat(person, unit, order.kind, by=by, at=at)
        if order.role:
            await _grant(person, unit, order.role, by=by, at=at)
    roster.touch()
    posts = tuple(str(post) for post in (order.kind, order.role) if post)
    quota = QUOTAS[order.kind] if order.kind else None
    return Appointed(person.name or "", posts, unit.name, quota, guessed)


def _need_power(by: Speaker, unit: Unit) -> None:
    if not by.administers(unit.path or ""):
        raise Refusal(f"你管不到{unit.name}，请那边或上级的管理员来办。")


def _may_rename(known: Speaker, by: Speaker) -> bool:
    """名册里的人改名，也得管得到 TA：团干部看所在的单位，只任职责的看管着的每一个。"""
    posts = [known.unit_path] if known.unit_path is not None else [duty.unit_path for duty in known.duties]
    return by.superuser or (bool(posts) and all(map(by.administers, posts)))


async def _name(person: Person, order: Order) -> bool:
    """补上姓名；没写又不认识时用账号尾号顶上，返回是不是顶上的。"""
    guessed = not order.name and not person.name
    name = order.name or person.name or f"{'团干部' if order.kind else order.role}{order.user_id[-4:]}"
    if name != person.name:
        person.name = name
        await Person.filter(id=person.id).update(name=name)
    return guessed


async def _seat(person: Person, unit: Unit, kind: CadreKind, *, by: Speaker, at: datetime) -> None:
    fields = {"unit_id": unit.id, "kind": kind, "quota": QUOTAS[kind]}
    _, created = await Cadre.get_or_create(person_id=person.id, defaults=fields | {"since": at})
    if not created:
        await postings.change({person.id: (unit.id, kind)}, at=at)
    await audits.record(
        "cadre.appoint", subject=f"p{person.id}", at=at, actor_id=by.person_id, detail=f"{unit.name} {kind}"
    )


async def _grant(person: Person, unit: Unit, role: RoleKind, *, by: Speaker, at: datetime) -> None:
    _, created = await Role.get_or_create(person_id=person.id, unit_id=unit.id, kind=role)
    if created:
        await audits.record(
            "role.appoint", subject=f"p{person.id}", at=at, actor_id=by.person_id, detail=f"{unit.name} {role}"
        )


async def dismiss(user_id: str, *, scope: Scope, by: Speaker, at: datetime) -> Dismissed:
    """离任：不再是团干部，`by` 管得到的职责也一并收回。青年的加入与心愿不受影响。"""
    if not by.is_admin:
        raise Refusal("离任要由管理员来办。请你们单位或上级的管理员来发。")
    account = await Account.get_or_none(scope=scope, user_id=user_id).select_related("person")
    person_id = account.person_id if account else 0
    cadre = await Cadre.get_or_none(person_id=person_id, left_at=None).select_related("unit")
    roles = await Role.filter(person_id=person_id).select_related("unit")
    mine = [role.id for role in roles if by.administers(role.unit.path or "")]
    if cadre is not None:
        _need_power(by, cadre.unit)
    if account is None or (cadre is None and not roles):
        raise Refusal("名册上没有这位团干部，看看 @ 的人、账号对不对？例如：/任命 @某 离任")
    if cadre is None and not mine:
        _need_power(by, roles[0].unit)
    async with in_transaction():
        await Cadre.filter(person_id=person_id, left_at=None).update(left_at=at)
        await Role.filter(id__in=mine).delete()
        if not await Role.exists(person_id=person_id):
            await notices.withdraw(Q(person_id=person_id, kind__in=_IN_OFFICE), reason=budgets.LEFT_OFFICE)
        await audits.record("cadre.leave", subject=f"p{person_id}", at=at, actor_id=by.person_id)
    roster.touch()
    return Dismissed(account.person.name or "这位团干部", cadre is not None, await _coming(person_id, by=by, at=at))


async def _coming(person_id: int, *, by: Speaker, at: datetime) -> tuple[Activity, ...]:
    theirs = Activity.filter(organiser__person_id=person_id, kind=ActivityKind.ACTIVITY, state=ActivityState.OPEN)
    rows = await theirs.filter(starts_at__gt=at).order_by("starts_at", "id").select_related("unit")
    return tuple(row for row in rows if by.administers(row.unit.path or ""))
