"""一段任职的起止：现在（最后）的一段在 `cadre`，从前的几段在 `cadre_past`；问过去的一季时都要看。

换了单位或类别，季末已经过了的季度不跟着变：那一季照季末在任的那个单位、那一档算；还没过完的照此刻。
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.league.periods import Quarter, local
from bot.league.roster import QUOTAS
from bot.league.spans import Span
from db import sql
from db.models import Cadre, CadreKind, CadrePast

# 一条语句里最多列几个人
_CHUNK = 5_000


@dataclass(frozen=True)
class Post:
    """一位团干部一季里（最后）在哪个单位，应联系多少人。"""

    cadre_id: int
    unit_id: int
    #: `Unit.path`
    path: str
    quota: int


def posts(end: str) -> str:
    """查询里当 `cadre` 用的表：到 `end`（不含）为止最后的那段任职，一人一行；`until` 是那一段何时结束，没结束为空。

    各段不重叠，所以至多接上从前的一段。
    """
    return f"""(
        SELECT k.id, k.person_id, COALESCE(s.unit_id, k.unit_id) AS unit_id, COALESCE(s.quota, k.quota) AS quota,
          COALESCE(s.since, k.since) AS since, COALESCE(s.until, k.left_at) AS until
        FROM cadre k LEFT JOIN cadre_past s ON s.cadre_id = k.id AND s.since < {end} AND (s.until >= {end}
          OR k.since >= {end}
          AND s.since = (SELECT MAX(t.since) FROM cadre_past t WHERE t.cadre_id = s.cadre_id AND t.since < {end})))"""


def in_post(post: str, end: str) -> str:
    """查询里的条件：`post`（`posts` 的别名）到 `end`（不含）为止还在任。"""
    return f"({post}.since < {end} AND ({post}.until IS NULL OR {post}.until >= {end}))"


async def served(quarter: Quarter, only: Collection[int] | None = None) -> list[Post]:
    """这一季在任过的，照编号排；`only` 空为全部。"""
    condition = "d.since < $1 AND (d.until IS NULL OR d.until > $2)"
    if only is None:
        return await _find(condition, quarter.end, quarter.start)
    found = list[Post]()
    ids = sorted(only)
    for start in range(0, len(ids), _CHUNK):
        listed = ",".join(str(int(number)) for number in ids[start : start + _CHUNK])
        found += await _find(f"{condition} AND d.id IN ({listed})", quarter.end, quarter.start)
    return found


async def within(span: Span, *, before: datetime) -> list[Post]:
    """到 `before`（不含）为止在 `span` 里任职的，照编号排。"""
    return await _find(f"{in_post('d', '$1')} AND u.path >= $2 AND u.path < $3", before, span.path, span.path_end)


async def path_of(cadre_id: int, quarter: Quarter) -> str:
    """这位团干部那一季（最后）在哪个单位（`Unit.path`）。"""
    [post] = await _find("d.id = $2", quarter.end, cadre_id)
    return post.path


async def _find(condition: str, *values: sql.Value) -> list[Post]:
    rows = await sql.query(
        f"""
        SELECT d.id AS cadre_id, d.unit_id, u.path, d.quota
        FROM {posts("$1")} d JOIN unit u ON u.id = d.unit_id WHERE {condition} ORDER BY d.id
        """,
        *values,
    )
    return [Post(**row) for row in rows]


async def first_since() -> datetime | None:
    """第一位团干部何时上任。"""
    began = await Cadre.all().order_by("since").first(), await CadrePast.all().order_by("since").first()
    return min((row.since for row in began if row), default=None)


async def change(wanted: Mapping[int, tuple[int, CadreKind]], *, at: datetime) -> set[int]:
    """`Person.id` → 改到（单位, 类别），前一段任职留下；返回其中本来就有一行 `cadre` 的。要在事务里调用。

    和原来一样的不动；这一段当天才开始的是写错了改正，不留。
    """
    cadres = await Cadre.filter(person_id__in=list(wanted)).order_by("id").select_for_update(no_key=True)
    past = CadrePast.filter(cadre_id__in=[cadre.id for cadre in cadres]).order_by("until")
    ended = dict(await past.values_list("cadre_id", "until"))
    kept, changed = list[CadrePast](), list[Cadre]()
    for cadre in cadres:
        unit_id, kind = wanted[cadre.person_id]
        if cadre.left_at is None and (cadre.unit_id, cadre.kind, cadre.quota) == (unit_id, kind, QUOTAS[kind]):
            continue
        since = max(cadre.since, ended.get(cadre.id, cadre.since))
        if local(since).date() < local(at).date():
            kept.append(_ended(cadre, since, cadre.left_at or at))
        cadre.unit_id, cadre.kind, cadre.quota = unit_id, kind, QUOTAS[kind]
        cadre.since, cadre.left_at = (at if cadre.left_at else cadre.since), None
        changed.append(cadre)
    await CadrePast.bulk_create(kept, batch_size=_CHUNK)
    if changed:
        await Cadre.bulk_update(changed, fields=["unit_id", "kind", "quota", "since", "left_at"], batch_size=500)
    return {cadre.person_id for cadre in cadres}


def _ended(cadre: Cadre, since: datetime, until: datetime) -> CadrePast:
    return CadrePast(
        cadre_id=cadre.id, unit_id=cadre.unit_id, kind=cadre.kind, quota=cadre.quota, since=since, until=until
    )
