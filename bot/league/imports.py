"""导入名册：全部核对过才动手，要么全成，要么一行不动；再导一次什么也不变。"""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import audits, roster
from bot.league.errors import Refusal
from bot.league.roster_drafts import Count, Known, Matching, check_units
from bot.league.roster_files import ImportRefused, Problem, read_apart, write_template
from bot.league.roster_rows import read_cadre, read_rows, read_unit, read_youth
from bot.league.roster_writes import chunks, write
from db import sql
from db.models import Account, Cadre, Contact, ContactState, ContactTag, Person, Role, Scope, Unit

__all__ = ["ImportRefused", "ImportReport", "Problem", "import_roster", "import_workbook", "write_template"]


@dataclass(frozen=True)
class ImportReport:
    """每张表几行新添、改动、没变。"""

    counts: dict[str, Count]

    @property
    def text(self) -> str:
        """给人看的几行。"""
        lines = [
            f"{sheet}：新添 {count.added}，改动 {count.changed}，没变 {count.unchanged}"
            for sheet, count in self.counts.items()
        ]
        return "\n".join(["名册导入好了。", *lines, "名册里没写到的人和单位原样留着；有人离任请用 /任命 @某 离任。"])


async def import_roster(path: Path, *, at: datetime, actor_id: int | None = None) -> ImportReport:
    """导入 `.xlsx` 或放 csv 的文件夹。有一行不对就抛 `ImportRefused`，列出全部不对的行，什么都不改。"""
    sheets = await asyncio.to_thread(read_apart, path)
    problems: list[Problem] = []
    units = read_rows("单位", sheets["单位"], read_unit, problems)
    cadres = read_rows("干部", sheets["干部"], read_cadre, problems)
    youths = read_rows("青年", sheets.get("青年", []), read_youth, problems)
    try:
        async with in_transaction():
            user_ids = {row.account[1] for row in (*cadres, *youths)} | {row.cadre_user_id for row in youths}
            known = await _look(user_ids)
            # 读坏了的单位行也算有这个单位，免得一处错引出一串错
            named = {row.cells["名称"] for row in sheets["单位"]}
            matching = Matching(known, named, problems)
            counts = {
                "单位": check_units(units, known, problems),
                "干部": matching.add_cadres(cadres),
                "青年": matching.add_youths(youths),
            }
            if problems:
                order = list(sheets)
                raise ImportRefused(sorted(problems, key=lambda bad: (order.index(bad.sheet), bad.row)))
            await write(units, matching.people, known, at=at, actor_id=actor_id)
            await audits.record("roster.import", subject="roster", at=at, actor_id=actor_id, detail=_brief(counts))
    except IntegrityError:
        raise Refusal("导入时名册正被别人改动，一行也没有导入，请再试一次。") from None
    finally:
        roster.touch()
    await sql.analyze()
    return ImportReport(counts)


async def import_workbook(data: bytes, *, at: datetime, actor_id: int | None = None) -> ImportReport:
    """导入收到的一份 `.xlsx`；规矩与 `import_roster` 一样，读完不留。"""
    with tempfile.TemporaryDirectory(prefix="tuanbot-roster-") as folder:
        path = Path(folder) / "名册.xlsx"  # 不用对方起的名字
        await asyncio.to_thread(path.write_bytes, data)
        return await import_roster(path, at=at, actor_id=actor_id)


def _brief(counts: dict[str, Count]) -> str:
    return "；".join(f"{name} +{count.added} ~{count.changed}" for name, count in counts.items())


async def _look(user_ids: set[str]) -> Known:
    """库里与这份名册有关的样子。"""
    known = Known()
    for name, kind, parent in await Unit.all().values_list("name", "kind", "parent__name"):
        known.units[name] = (kind, parent)
    for chunk in chunks(user_ids):
        for scope, user_id, person_id in await Account.filter(user_id__in=chunk).values_list(
            "scope", "user_id", "person_id"
        ):
            known.accounts[Scope(scope), user_id] = person_id
    posts = await Cadre.filter(left_at=None).values_list("person_id", "person__name", "unit__name", "kind")
    for person_id, name, unit, kind in posts:
        known.posts[person_id] = (unit, kind)
        known.namesakes[name or "", unit].add(person_id)
    for person_id, name, unit, kind in await Role.all().values_list("person_id", "person__name", "unit__name", "kind"):
        known.grants[person_id].add((unit, kind))
        known.namesakes[name or "", unit].add(person_id)
    for chunk in chunks({*known.accounts.values(), *known.posts, *known.grants}):
        for person_id, name in await Person.filter(id__in=chunk).values_list("id", "name"):
            known.names[person_id] = name
        for person_id, scope in await Account.filter(person_id__in=chunk).values_list("person_id", "scope"):
            known.scopes[person_id].add(Scope(scope))
    for chunk in chunks(set(known.accounts.values())):
        await _look_at_contacts(chunk, known)
    return known


async def _look_at_contacts(youth_ids: list[int], known: Known) -> None:
    contacts = Contact.filter(youth_id__in=youth_ids)
    for cadre, youth, state in await contacts.values_list("cadre__person_id", "youth_id", "state"):
        known.contacts[cadre, youth] = None if state == ContactState.ENDED else set()
    tags = ContactTag.filter(contact__youth_id__in=youth_ids, contact__state__not=ContactState.ENDED)
    for cadre, youth, tag in await tags.values_list("contact__cadre__person_id", "contact__youth_id", "tag"):
        held = known.contacts[cadre, youth]
        assert held is not None
        held.add(tag)
