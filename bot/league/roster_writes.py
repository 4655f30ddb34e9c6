"""核对过的名册 → 库：成批写，几万人也就几条语句。"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from bot.league import postings
from bot.league.roster import QUOTAS
from bot.league.roster_drafts import Draft, Known
from bot.league.roster_rows import UnitRow
from db.models import Account, Audit, Cadre, Contact, ContactState, ContactTag, Person, Role, Unit

T = TypeVar("T")

#: 一条语句最多带几个值（SQLite 与 PostgreSQL 的上限都是三万多个）
CHUNK = 5_000


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """切成一段段，每段一条语句。"""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def write(units: list[UnitRow], people: list[Draft], known: Known, *, at: datetime, actor_id: int | None) -> None:
    """写进库里；要在事务里、核对全部通过之后调用。"""
    unit_ids = await _write_units(units, known)
    await _write_persons(people, known, at=at)
    ids = {id(draft): draft.person_id or 0 for draft in people}
    accounts = [
        Account(scope=scope, user_id=user_id, person_id=ids[id(draft)])
        for draft in people
        for scope, user_id in sorted(draft.accounts)
        if (scope, user_id) not in known.accounts
    ]
    await Account.bulk_create(accounts, batch_size=CHUNK)
    await _write_posts(people, known, unit_ids, at=at)
    await _write_grants(people, known, unit_ids, at=at, actor_id=actor_id)
    await _write_contacts(people, known, at=at)


async def _write_units(rows: list[UnitRow], known: Known) -> dict[str, int]:
    """新单位先占上号，再按整棵树重算 `path`（末段是自己的 id，换位也不会相撞）；只改变了的行。返回单位名 → id。"""
    await Unit.bulk_create(
        [Unit(name=row.name, kind=row.kind) for row in rows if row.name not in known.units], batch_size=CHUNK
    )
    tree = {unit.name: unit for unit in await Unit.all()}
    for row in rows:
        tree[row.name].kind = row.kind
        tree[row.name].parent_id = tree[row.parent].id if row.parent else None
    by_id = {unit.id: unit for unit in tree.values()}
    wanted = {row.name for row in rows if known.units.get(row.name) != (row.kind, row.parent)}
    moved: list[Unit] = []
    for unit in tree.values():
        path = _path(unit, by_id)
        if unit.path != path or unit.name in wanted:
            unit.path = path
            moved.append(unit)
    for chunk in chunks(moved, 500):
        await Unit.bulk_update(chunk, fields=["kind", "parent_id", "path"])
    return {unit.name: unit.id for unit in tree.values()}


def _path(unit: Unit, by_id: dict[int, Unit]) -> str:
    parts = [f"{unit.id:06d}"]
    while unit.parent_id is not None:
        unit = by_id[unit.parent_id]
        parts.append(f"{unit.id:06d}")
    return "".join(reversed(parts))


async def _write_persons(people: list[Draft], known: Known, *, at: datetime) -> None:
    """新人占号、改名。成批插入拿不回 id，所以按 (姓名, 建立时间) 取回来：还没挂账号的同名新行可以互换。"""
    new = [draft for draft in people if draft.person_id is None]
    last = await Person.all().order_by("-id").first()
    await Person.bulk_create([Person(name=draft.name, created_at=at) for draft in new], batch_size=CHUNK)
    fresh: dict[str | None, list[int]] = {}
    if new:
        for person_id, name in await Person.filter(id__gt=last.id if last else 0, created_at=at).values_list(
            "id", "name"
        ):
            fresh.setdefault(name, []).append(person_id)
    for draft in new:
        draft.person_id = fresh[draft.name].pop()
    renamed = [
        Person(id=draft.person_id, name=draft.name)
        for draft in people
        if draft.person_id in known.names and known.names[draft.person_id] != draft.name
    ]
    for chunk in chunks(renamed, 500):
        await Person.bulk_update(chunk, fields=["name"])


async def _write_posts(people: list[Draft], known: Known, unit_ids: dict[str, int], *, at: datetime) -> None:
    wanted = {
        draft.person_id: (unit_ids[draft.post[0]], draft.post[1])
        for draft in people
        if draft.person_id and draft.post and known.posts.get(draft.person_id) != draft.post
    }
    seated: set[int] = set()
    for chunk in chunks(wanted):
        seated |= await postings.change({person_id: wanted[person_id] for person_id in chunk}, at=at)
    new = [
        Cadre(person_id=person_id, unit_id=unit_id, kind=kind, quota=QUOTAS[kind], since=at)
        for person_id, (unit_id, kind) in wanted.items()
        if person_id not in seated
    ]
    await Cadre.bulk_create(new, batch_size=CHUNK)


async def _write_grants(
    people: list[Draft], known: Known, unit_ids: dict[str, int], *, at: datetime, actor_id: int | None
) -> None:
    """职责，每份留一笔痕。"""
    new = [
        (draft.person_id, unit, kind)
        for draft in people
        if draft.person_id
        for unit, kind in sorted(draft.grants - known.grants[draft.person_id])
    ]
    roles = [Role(person_id=person_id, unit_id=unit_ids[unit], kind=kind) for person_id, unit, kind in new]
    await Role.bulk_create(roles, batch_size=CHUNK)
    traces = [
        Audit(at=at, actor_id=actor_id, action="role.appoint", subject=f"p{person_id}", detail=f"{unit} {kind}")
        for person_id, unit, kind in new
    ]
    await Audit.bulk_create(traces, batch_size=CHUNK)


async def _write_contacts(people: Sequence[Draft], known: Known, *, at: datetime) -> None:
    """请来的青年：只有一行“邀请”，本人 `/加入` 之前什么也不记。"""
    pairs = {
        (draft.person_id or 0, youth.person_id or 0): tags for draft in people for youth, tags in draft.invites.items()
    }
    cadre_ids: dict[int, int] = {}
    for chunk in chunks({cadre for cadre, _ in pairs}):
        cadre_ids |= dict(await Cadre.filter(person_id__in=chunk).values_list("person_id", "id"))
    new = [
        Contact(cadre_id=cadre_ids[cadre], youth_id=youth, state=ContactState.INVITED, since=at)
        for cadre, youth in pairs
        if (cadre, youth) not in known.contacts
    ]
    await Contact.bulk_create(new, batch_size=CHUNK)
    tagged = {
        (cadre_ids[cadre], youth): tags - (known.contacts.get((cadre, youth)) or set())
        for (cadre, youth), tags in pairs.items()
        if known.contacts.get((cadre, youth), set()) is not None
    }
    tagged = {pair: tags for pair, tags in tagged.items() if tags}
    for chunk in chunks(tagged):
        rows = await Contact.filter(youth_id__in=[youth for _, youth in chunk]).values_list(
            "cadre_id", "youth_id", "id"
        )
        ids = {(cadre, youth): contact for cadre, youth, contact in rows}
        labels = [ContactTag(contact_id=ids[pair], tag=tag) for pair in chunk for tag in sorted(tagged[pair])]
        await ContactTag.bulk_create(labels, batch_size=CHUNK)
