"""导出名册：按导入的三张表写回去，原样再导一次什么也不变。

青年表只有请来、还没加入的：加入的人是自己来的，不在名册里，也不让管理员成批拿走他们的账号。
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from tortoise.expressions import Subquery

from bot.league import audits
from bot.league.errors import Refusal
from bot.league.roster import Speaker, find_unit
from bot.league.roster_writes import chunks
from db.models import (
    Account,
    Cadre,
    CadreKind,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Role,
    RoleKind,
    Scope,
    Unit,
)

#: 一行行、一格格，次序照 `roster_files.SHEETS`
Table = list[tuple[str, ...]]


@dataclass(frozen=True)
class Exported:
    """一份名册；`skipped` 是没有账号或姓名、写不进表的团干部几位。"""

    tables: dict[str, Table]
    skipped: int


@dataclass(frozen=True)
class _Office:
    """一个人在一个单位的任职与职责，各是一行。"""

    unit_id: int
    kind: CadreKind | None
    role: RoleKind | None


async def scope_of(by: Speaker, named: str = "") -> list[Unit]:
    """`by` 拿得到哪些单位的名册：点名的那一个，或自己管的；超级管理员不点名就是最上一级。"""
    if not by.is_admin:
        raise Refusal("名册里有大家的账号，只给管理员。")
    if named:
        unit = await find_unit(named)
        if not by.administers(unit.path or ""):
            raise Refusal(f"你管不到{unit.name}，拿不到它的名册。")
        return [unit]
    if by.superuser:
        return await everywhere()
    ids = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    return await Unit.filter(id__in=ids).order_by("path")


async def everywhere() -> list[Unit]:
    """最上一级；还没有单位就 `Refusal`。"""
    tops = await Unit.filter(parent=None).order_by("path")
    if not tops:
        raise Refusal("名册还是空的，没什么可导出。")
    return tops


async def export(tops: Collection[Unit], *, at: datetime, actor_id: int | None = None) -> Exported:
    """这些单位及下级的名册；留一笔痕。"""
    paths = [unit.path or "" for unit in tops]
    everything = await Unit.all().order_by("path", "id")
    names = {unit.id: unit.name for unit in everything}
    units = [unit for unit in everything if any((unit.path or "").startswith(path) for path in paths)]
    places = {unit.id: place for place, unit in enumerate(units)}
    cadres, skipped = await _cadres(places, names)
    tables: dict[str, Table] = {
        "单位": [(unit.name, names[unit.parent_id] if unit.parent_id else "", unit.kind) for unit in units],
        "干部": cadres,
        "青年": await _invited(places),
    }
    subject = f"u{units[0].id}" if len(tops) == 1 else "roster"
    detail = "；".join(f"{name} {len(rows)} 行" for name, rows in tables.items())
    await audits.record("roster.export", subject=subject, at=at, actor_id=actor_id, detail=detail)
    return Exported(tables, skipped)


async def _cadres(places: dict[int, int], names: dict[int, str]) -> tuple[Table, int]:
    people: dict[int, str] = {}
    offices: dict[int, list[_Office]] = defaultdict(list)
    posts = await Cadre.filter(left_at=None).values_list("person_id", "person__name", "unit_id", "kind")
    roles = await Role.all().order_by("id").values_list("person_id", "person__name", "unit_id", "kind")
    for person_id, name, unit_id, kind in posts:
        if unit_id in places:
            people[person_id] = name or ""
            offices[person_id].append(_Office(unit_id, kind, None))
    for person_id, name, unit_id, kind in roles:
        if unit_id in places:
            people[person_id] = name or ""
            offices[person_id] = _with_role(offices[person_id], unit_id, kind)
    accounts = await _accounts(people)
    kept = [person for person in people if people[person] and accounts[person]]
    kept.sort(key=lambda person: (places[offices[person][0].unit_id], people[person], person))
    rows = [
        (people[person], names[office.unit_id], office.kind or "", office.role or "", scope.label, user_id)
        for person in kept
        for office, (scope, user_id) in _pair(offices[person], accounts[person])
    ]
    return rows, len(people) - len(kept)


def _with_role(offices: list[_Office], unit_id: int, role: RoleKind) -> list[_Office]:
    """任职和职责在同一个单位的并成一行。"""
    for number, office in enumerate(offices):
        if office.unit_id == unit_id and office.role is None:
            return [*offices[:number], _Office(unit_id, office.kind, role), *offices[number + 1 :]]
    return [*offices, _Office(unit_id, None, role)]


def _pair(offices: list[_Office], accounts: list[tuple[Scope, str]]) -> Iterable[tuple[_Office, tuple[Scope, str]]]:
    """几份职责、几个账号就写几行，短的那边重复第一个。"""
    for office, account in zip_longest(offices, accounts):
        yield office or offices[0], account or accounts[0]


async def _invited(places: dict[int, int]) -> Table:
    invited = Contact.filter(state=ContactState.INVITED, cadre__left_at=None).order_by("id")
    joined = Consent.filter(withdrawn_at=None).values("person_id")  # 跟另一位团干部加入了的也不给
    rows = await invited.exclude(youth_id__in=Subquery(joined)).values_list(
        "id", "youth_id", "youth__name", "cadre__person_id", "cadre__unit_id"
    )
    rows = [row for row in rows if row[4] in places]
    tags: dict[int, list[str]] = defaultdict(list)
    for chunk in chunks([row[0] for row in rows]):
        for contact_id, tag in (
            await ContactTag.filter(contact_id__in=chunk).order_by("id").values_list("contact_id", "tag")
        ):
            tags[contact_id].append(tag)
    accounts = await _accounts({person for row in rows for person in (row[1], row[3])})
    table: Table = []
    for contact_id, youth_id, name, cadre_id, _ in rows:
        for scope, user_id in accounts[youth_id]:
            same = [account for account in accounts[cadre_id] if account[0] is scope] or accounts[cadre_id]
            if same:
                table.append((name or "", same[0][1], scope.label, user_id, "、".join(tags[contact_id])))
    return table


async def _accounts(people: Iterable[int]) -> dict[int, list[tuple[Scope, str]]]:
    found: dict[int, list[tuple[Scope, str]]] = defaultdict(list)
    for chunk in chunks(sorted(people)):
        rows = await Account.filter(person_id__in=chunk).order_by("id").values_list("person_id", "scope", "user_id")
        for person_id, scope, user_id in rows:
            found[person_id].append((Scope(scope), user_id))
    return found
