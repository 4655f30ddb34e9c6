"""名次：积分的快照。100 人档与 10 人档分开排，同分同名次；整表删掉重取，结果一样。试算的季度照取，只是不给人看。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import formula, postings, scores, shadows
from bot.league.formula import Band
from bot.league.periods import Quarter
from bot.league.postings import in_post, posts
from bot.league.quantities import SHOWN_FROM
from db import sql
from db.models import Ranking, Score

#: 每这么久看一遍谁的事实动过；其间有人问榜，读上回看过的那一份
LOOK_EVERY = timedelta(minutes=10)
#: 平时只看动过的人，每小时从头看一遍
FULL_EVERY = timedelta(hours=1)

# 多个进程同时取快照时排队（PostgreSQL 事务级咨询锁）
_LOCK = 2017_10

# 每季上一次从头看是什么时候；丢了只是多看一遍
_full_at: dict[Quarter, datetime] = {}
# 上一次把动过的都看过一遍是什么时候
_looked: datetime | None = None


@dataclass(frozen=True)
class OwnRank:
    """一位团干部自己的积分与名次；人数不足 5、或这一季只试算时名次为空。"""

    quarter: Quarter
    score: Score
    quota: int
    total: float
    #: 这一季只试算
    shadow: bool
    place: int | None
    size: int | None
    unit_place: int | None
    unit_size: int | None

    @property
    def band(self) -> Band | None:
        """属于哪一档；试算的季度不分档。"""
        return None if self.shadow else formula.band(self.total)


async def keep_up(*, at: datetime) -> datetime:
    """有人问榜时：不久前看过，就只看新上任、换了单位、离任的；返回数字截至什么时候。"""
    if _looked is None or abs(at - _looked) >= LOOK_EVERY:
        await refresh(at=at)
        return at
    for quarter in (Quarter.of(at).previous, Quarter.of(at)):
        if moved := await _misplaced(quarter):
            await scores.recompute(quarter, at=at, only=moved)
            await snapshot(quarter, at=at)
    return _looked


async def refresh(*, at: datetime) -> None:
    """让本季与上季的积分、名次跟上事实；没有变化就什么也不写。"""
    global _looked
    for quarter in (Quarter.of(at).previous, Quarter.of(at)):
        full = _full_at.get(quarter)
        everyone = full is None or not full <= at < full + FULL_EVERY
        moved = await _misplaced(quarter)
        only = None if everyone or full is None else await scores.changed_since(quarter, full, until=at) | moved
        if await scores.recompute(quarter, at=at, only=only) or moved:
            await snapshot(quarter, at=at)
        if everyone:
            _full_at[quarter] = at
    _looked = at


async def rebuild(*, at: datetime) -> None:
    """删掉全部积分与名次，从事实重算每一季。"""
    async with in_transaction():
        await Ranking.all().delete()
        await Score.all().delete()
        quarter = await _first_quarter(at)
        while quarter <= Quarter.of(at):
            await scores.recompute(quarter, at=at)
            await snapshot(quarter, at=at)
            quarter = quarter.next


#: 排名次的一句：$1 哪一季，$2 季末。档与单位照季末的，离任的不排
PLACED = f"""
SELECT s.quarter, c.id, c.unit_id, c.quota, s.total,
       RANK() OVER (PARTITION BY c.quota ORDER BY s.total DESC) AS place,
       COUNT(*) OVER (PARTITION BY c.quota) AS size,
       RANK() OVER (PARTITION BY c.unit_id, c.quota ORDER BY s.total DESC) AS unit_place,
       COUNT(*) OVER (PARTITION BY c.unit_id, c.quota) AS unit_size
FROM score s JOIN {posts("$2")} c ON c.id = s.cadre_id
WHERE s.quarter = $1 AND s.total IS NOT NULL AND {in_post("c", "$2")}
"""

_KEPT = ("unit_id", "quota", "total", "place", "size", "unit_place", "unit_size")
_STORE = f"""
INSERT INTO ranking (quarter, cadre_id, {", ".join(_KEPT)}, taken_at)
SELECT placed.*, $3 FROM ({PLACED}) AS placed WHERE TRUE
ON CONFLICT (quarter, cadre_id) DO UPDATE
SET {", ".join(f"{column} = excluded.{column}" for column in _KEPT)}, taken_at = excluded.taken_at
WHERE {" OR ".join(f"ranking.{column} <> excluded.{column}" for column in _KEPT)}
"""


async def snapshot(quarter: Quarter, *, at: datetime) -> None:
    """一句窗口查询排完全部名次，只写变了的行；不该排的删掉。"""
    async with in_transaction():
        if sql.dialect() == "postgres":
            await sql.query("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await sql.execute("SET LOCAL work_mem = '64MB'")  # 默认的 4 MB 排不下全国，要写到盘上去
        await sql.execute(
            f"""
            DELETE FROM ranking WHERE quarter = $1 AND NOT EXISTS (
              SELECT 1 FROM score s JOIN {posts("$2")} c ON c.id = s.cadre_id
              WHERE s.quarter = $1 AND s.cadre_id = ranking.cadre_id
                AND s.total IS NOT NULL AND {in_post("c", "$2")})
            """,
            str(quarter),
            quarter.end,
        )
        await sql.execute(_STORE, str(quarter), quarter.end, at)


async def own_rank(cadre_id: int, *, at: datetime, quarter: Quarter | None = None) -> OwnRank | None:
    """自己一季的积分与名次，不写就是本季（分当场重算，名次照快照里的别人排）；那一季不在任就没有。"""
    current = Quarter.of(at)
    quarter = quarter or current
    mine = {"quarter": str(quarter), "cadre_id": cadre_id}
    if quarter == current:
        await scores.recompute(quarter, at=at, only=[cadre_id])
        if not await Ranking.exists(**mine):
            await snapshot(quarter, at=at)
    score = await Score.get_or_none(**mine)
    row = await Ranking.get_or_none(**mine)
    if score is None or score.total is None or row is None:
        return None
    shadow = shadows.is_shadow(quarter)
    if score.total != row.total:
        row.place, row.unit_place = await _places(row, score.total)
    place, size = (row.place, row.size) if row.size >= SHOWN_FROM and not shadow else (None, None)
    unit = (row.unit_place, row.unit_size) if row.unit_size >= SHOWN_FROM and not shadow else (None, None)
    return OwnRank(quarter, score, row.quota, score.total, shadow, place, size, *unit)


async def _places(row: Ranking, total: float) -> tuple[int, int]:
    """他此刻是 `total` 分，照快照里的别人排第几：全库，本单位。"""
    others = Ranking.filter(quarter=row.quarter, quota=row.quota, total__gt=total).exclude(id=row.id)
    return await others.count() + 1, await others.filter(unit_id=row.unit_id).count() + 1


async def _misplaced(quarter: Quarter) -> set[int]:
    """快照里没有、换了单位或档次、分数变了还没重排、或已经离任的人。"""
    rows = await sql.query(
        f"""
        SELECT c.id FROM {posts("$2")} c LEFT JOIN ranking r ON r.cadre_id = c.id AND r.quarter = $1
          LEFT JOIN score s ON s.cadre_id = c.id AND s.quarter = $1
        WHERE c.quota > 0 AND {in_post("c", "$2")}
          AND (r.id IS NULL OR r.quota <> c.quota OR r.unit_id <> c.unit_id OR r.total <> s.total)
        UNION SELECT r.cadre_id FROM ranking r JOIN {posts("$2")} c ON c.id = r.cadre_id
          WHERE r.quarter = $1 AND c.until < $2
        """,
        str(quarter),
        quarter.end,
    )
    return {row["id"] for row in rows}


async def _first_quarter(at: datetime) -> Quarter:
    """第一位团干部上任的那一季。"""
    return Quarter.of(await postings.first_since() or at)
