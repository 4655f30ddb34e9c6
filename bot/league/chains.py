"""记录的链：活动、记录的每一版都接成一环，后一环咬着前一环，改了、抽了、插了哪一版都对不上。

一季一段，段末的 `root(季度)` 由 `bulletins` 印在季度通报上：纸上的根与库里的链对得上，那一季的记录就没人动过。
写着的人只放加盐的摘要；他删除数据时盐和编号一起删，摘要留着，链照样对得上。
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import activities, units
from bot.league.activity_steps import missing
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from db import sql
from db.models import Activity, ActivityKind, ActivityVersion, ChainLink, ChainSalt, Participation, PartState, Person

#: 一次接多少环，其余的下一分钟再接
BATCH = 500
#: 往回看这么多版：晚提交的版本编号可能更小
_LOOK_BACK = 1_000
# 多个进程同时接链时排队（PostgreSQL 事务级咨询锁）
_LOCK = 2017_07


@dataclass(frozen=True)
class Root:
    """一季的根。"""

    quarter: Quarter
    #: 最后一环的摘要，64 位十六进制
    digest: str
    #: 这一季接了几环
    links: int


@dataclass(frozen=True)
class Verdict:
    """一项活动或一条记录核验下来。"""

    activity: Activity
    #: 每一版是什么时候记的
    written: tuple[datetime, ...]
    #: 对不上的是第几版
    broken: tuple[int, ...]
    #: 还没接上链的有几版
    waiting: int


async def extend(at: datetime) -> int:
    """把还没接上的版本接上，返回接了几环；可以随便重复，几个进程一起做也只接一次。"""
    async with in_transaction():
        if sql.dialect() == "postgres":
            await sql.query("SELECT pg_advisory_xact_lock($1)", _LOCK)
        rows = await sql.query(
            """
            SELECT v.id FROM activity_version v LEFT JOIN chain_link l ON l.version_id = v.id
            WHERE l.id IS NULL AND v.id > COALESCE((SELECT MAX(version_id) FROM chain_link), 0) - $1
            ORDER BY v.id LIMIT $2
            """,
            _LOOK_BACK,
            BATCH,
        )
        last = await ChainLink.all().order_by("-position").first()
        fresh = ActivityVersion.filter(id__in=[row["id"] for row in rows]).order_by("id")
        for version in await fresh.select_related("activity"):
            last = await _link(version, last, at=at)
    return len(rows)


async def _link(version: ActivityVersion, last: ChainLink | None, *, at: datetime) -> ChainLink:
    named = _named(version)
    salts = [secrets.token_hex(16) for _ in named]
    people = [_seal(salt, person) for salt, person in zip(salts, named, strict=True)]
    link = await ChainLink.create(
        version=version,
        quarter=str(Quarter.of(at)),
        position=last.position + 1 if last else 1,
        people=people,
        digest=_digest(last.digest if last else "", version, people),
        linked_at=at,
    )
    known = set(await Person.filter(id__in=[one for one in named if one]).values_list("id", flat=True))
    pairs = [(place, one, salt) for place, (one, salt) in enumerate(zip(named, salts, strict=True)) if one in known]
    await ChainSalt.bulk_create(
        [ChainSalt(link=link, place=place, person_id=one, salt=salt) for place, one, salt in pairs]
    )
    return link


def _named(version: ActivityVersion) -> list[int | None]:
    """写着的人；删除了数据的是空。"""
    people = version.facts.get("people")
    return [int(one) if isinstance(one, int) else None for one in people] if isinstance(people, list) else []


def _seal(salt: str, person: int | None) -> str:
    return sha256(f"{salt}{person}".encode()).hexdigest()


def _digest(previous: str, version: ActivityVersion, people: Sequence[str]) -> str:
    activity = version.activity
    body = {
        "activity": activity.id,
        "kind": activity.kind.value,
        "organiser": activity.organiser_id,
        "version": version.version,
        "at": version.at.astimezone(UTC).isoformat(),
        "facts": {name: value for name, value in version.facts.items() if name != "people"},
        "people": list(people),
    }
    return sha256((previous + json.dumps(body, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()


async def _broken(links: Sequence[ChainLink]) -> list[ChainLink]:
    """对不上的环：样子变了、人变了，或前一环变了、没了。"""
    before = await ChainLink.filter(position__in=[link.position - 1 for link in links])
    previous = {link.position + 1: link.digest for link in before}
    salts: dict[int, dict[int, str]] = {}
    for row in await ChainSalt.filter(link_id__in=[link.id for link in links]):
        salts.setdefault(row.link_id, {})[row.place] = row.salt
    return [
        link
        for link in links
        if (link.position > 1 and link.position not in previous)
        or link.digest != _digest(previous.get(link.position, ""), link.version, link.people)
        or not _same_people(link, salts.get(link.id, {}))
    ]


def _same_people(link: ChainLink, salts: dict[int, str]) -> bool:
    """人数没变；有盐的，编号与摘要对得上；没盐的，编号也该是删掉了的。"""
    named = _named(link.version)
    return len(named) == len(link.people) and all(
        _seal(salts[place], person) == link.people[place] if place in salts else person is None
        for place, person in enumerate(named)
    )


async def verify(by: Speaker, activity_id: int) -> Verdict:
    """看得见的一项活动或一条记录：每一版跟链上对不对得上。"""
    activity = await _seen(by, activity_id)
    versions = await ActivityVersion.filter(activity_id=activity_id).order_by("version")
    rows = ChainLink.filter(version__activity_id=activity_id).order_by("position")
    links = await rows.select_related("version__activity")
    broken = tuple(sorted(link.version.version for link in await _broken(links)))
    linked = {link.version_id for link in links}
    waiting = sum(version.id not in linked for version in versions)
    return Verdict(activity, tuple(version.at for version in versions), broken, waiting)


async def _seen(by: Speaker, activity_id: int) -> Activity:
    """自己办的、记着自己的、管得到的；活动还包括看得见的。"""
    activity = await Activity.get_or_none(id=activity_id).select_related("unit")
    if activity is None:
        raise missing(activity_id)
    named = Participation.filter(activity_id=activity_id, person_id=by.person_id or 0).exclude(state=PartState.LEFT)
    mine = by.cadre_id is not None and by.cadre_id == activity.organiser_id
    if mine or units.oversees(by, activity.unit) or await named.exists():
        return activity
    shown = Activity.filter(await activities.visible(by) & Q(id=activity_id))
    if activity.kind is ActivityKind.ACTIVITY and await shown.exists():
        return activity
    raise missing(activity_id)


async def root(quarter: Quarter) -> Root | None:
    """一季的根；那一季一环也没有就是空。季末之后不再变，印在季度通报上的就是它。"""
    links = ChainLink.filter(quarter=str(quarter))
    last = await links.order_by("-position").first()
    return Root(quarter, last.digest, await links.count()) if last else None


async def broken_in(quarter: Quarter) -> list[int]:
    """把一季从头到尾走一遍：对不上的是第几环，缺的也算。"""
    found = list[int]()
    rows = ChainLink.filter(quarter=str(quarter)).order_by("position")
    positions = [int(str(position)) for position in await rows.values_list("position", flat=True)]
    for start in range(0, len(positions), BATCH):
        chunk = rows.filter(position__in=positions[start : start + BATCH])
        found += [link.position for link in await _broken(await chunk.select_related("version__activity"))]
    return found


async def forget(person_id: int) -> None:
    """本人要求删除数据：写着他的地方只留摘要；要在事务里调用。"""
    salts = await ChainSalt.filter(person_id=person_id).select_related("link__version")
    for salt in salts:
        await _strike(salt.link.version, {salt.place})
    await ChainSalt.filter(person_id=person_id).delete()
    unlinked = ActivityVersion.filter(activity__participations__person_id=person_id, links__id__isnull=True)
    for version in await unlinked.distinct():
        await _strike(version, {place for place, one in enumerate(_named(version)) if one == person_id})


async def _strike(version: ActivityVersion, places: Collection[int]) -> None:
    people = [None if place in places else one for place, one in enumerate(_named(version))]
    if places:
        await ActivityVersion.filter(id=version.id).update(facts=version.facts | {"people": people})
