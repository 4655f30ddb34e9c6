"""榜：快照给人看的样子。人按档分开，单位取中位数，不足 5 人的数字不给；只试算的季度一概没有。"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from bot.league import formula, rankings, shadows
from bot.league.errors import Refusal
from bot.league.formula import Band
from bot.league.periods import Quarter
from bot.league.quantities import SHOWN_FROM
from bot.league.roster import Speaker
from bot.league.spans import Span, everywhere, peers_of, span_for
from db import sql
from db.models import Unit


@dataclass(frozen=True)
class Ranked:
    """名单上的一位。"""

    place: int
    name: str
    unit: str
    total: float

    @property
    def band(self) -> Band:
        """属于哪一档。"""
        return formula.band(self.total)


@dataclass(frozen=True)
class Board:
    """一档（100 人或 10 人）的榜：前若干名，全档人数，各档人数；群里看的没有人数。"""

    quota: int
    size: int | None
    rows: tuple[Ranked, ...]
    bands: dict[Band, int]

    def without_efforts(self) -> "Board":
        """拿掉“加油”的人，也拿掉人数：一减就知道“加油”的有几位、是谁。"""
        rows = tuple(row for row in self.rows if row.band is not Band.EFFORT)
        return replace(self, size=None, rows=rows, bands={})


@dataclass(frozen=True)
class UnitRank:
    """一个单位：团干部积分的中位数。不足 5 人时没有中位数，也没有名次。"""

    unit: str
    size: int
    median: float | None
    #: 权重里平均有几成不适用
    not_applicable: float | None
    place: int | None
    #: `Unit.path`
    path: str = ""

    @property
    def band(self) -> Band | None:
        """属于哪一档。"""
        return None if self.median is None else formula.band(self.median)


@dataclass(frozen=True)
class Page:
    """管理员要的一页榜。"""

    quarter: Quarter
    span: Span
    #: 就是本机收录的最大范围
    widest: bool
    units: list[UnitRank]
    boards: list[Board]
    #: 群里看的：不列“加油”的人和单位
    public: bool
    #: 数字截至什么时候
    as_of: datetime


async def page(by: Speaker, *, unit: str, quarter: Quarter, top: int, at: datetime, public: bool) -> Page:
    """管理员看 `unit`（空为自己管的全部）一季的榜，`public` 是在群里看；还没有名次、只试算的就 `Refusal`。"""
    span = await span_for(by, unit)
    shadows.refuse_in(quarter)
    as_of = await rankings.keep_up(at=at)
    found = await boards(quarter, span, top=top)
    if not found:
        raise Refusal(f"{span.name} {quarter} 还没有排名：那时还没有在任的团干部，或团团还没开始记。")
    below = [rank for rank in await units(quarter, span) if rank.unit != span.name]
    if public:  # “加油”只给本人和管理员看（产品说明第 7 节）
        below = [rank for rank in below if rank.band not in (None, Band.EFFORT)]  # 不足 5 人的留着，少了的就是“加油”的
        found = [board.without_efforts() for board in found]
    return Page(quarter, span, span == await everywhere(), below, found, public, as_of)


async def bands(unit_id: int, *, at: datetime) -> dict[Band, list[str]]:
    """与某单位并列的各单位本季的档位，给群里看：只有名字，不足 5 人的和“加油”的都不列。"""
    shadows.refuse_in(Quarter.of(at))
    await rankings.keep_up(at=at)
    ranked = await units(Quarter.of(at), await peers_of(await Unit.get(id=unit_id)))
    return {band: [rank.unit for rank in ranked if rank.band is band] for band in (Band.HONOUR, Band.STEADY)}


async def boards(quarter: Quarter, span: Span, *, top: int) -> list[Board]:
    """`span` 里的人，按 100 人档、10 人档各取前 `top` 名（并列的都算上），名次在 `span` 之内排。"""
    if shadows.is_shadow(quarter):
        return []
    rows = await sql.query(
        """
        SELECT * FROM (
          SELECT r.cadre_id, r.quota, r.total, p.name, u.name AS unit,
                 RANK() OVER (PARTITION BY r.quota ORDER BY r.total DESC) AS place,
                 COUNT(*) OVER (PARTITION BY r.quota) AS size,
                 SUM(CASE WHEN r.total >= $5 THEN 1 ELSE 0 END) OVER (PARTITION BY r.quota) AS honour,
                 SUM(CASE WHEN r.total >= $6 THEN 1 ELSE 0 END) OVER (PARTITION BY r.quota) AS steady
          FROM ranking r JOIN cadre c ON c.id = r.cadre_id JOIN person p ON p.id = c.person_id
               JOIN unit u ON u.id = r.unit_id
          WHERE r.quarter = $1 AND u.path >= $2 AND u.path < $3
        ) AS placed WHERE place <= $4 ORDER BY quota DESC, place, cadre_id
        """,
        str(quarter),
        span.path,
        span.path_end,
        top,
        formula.BANDS[Band.HONOUR],
        formula.BANDS[Band.STEADY],
    )
    return [_board(quota, list(members)) for quota, members in groupby(rows, key=itemgetter("quota"))]


def _board(quota: int, rows: list[dict[str, Any]]) -> Board:
    size, honour, steady = rows[0]["size"], rows[0]["honour"], rows[0]["steady"]
    bands = {Band.HONOUR: honour, Band.STEADY: steady - honour, Band.EFFORT: size - steady}
    ranked = tuple(Ranked(row["place"], row["name"] or "（没写姓名）", row["unit"], row["total"]) for row in rows)
    return Board(quota, size, ranked, bands)


async def units(quarter: Quarter, span: Span) -> list[UnitRank]:
    """`span` 的下一级单位，各连同其下级；不足 5 人的排在最后，不给数字。"""
    if shadows.is_shadow(quarter):
        return []
    weights = " + ".join(
        f"CASE WHEN s.{part} IS NULL THEN {weight} ELSE 0 END" for part, weight in formula.WEIGHTS.items()
    )
    rows = await sql.query(
        f"""
        SELECT child, MAX(n) AS n, AVG(total) AS median, MAX(missing) AS missing FROM (
          SELECT child, total, COUNT(*) OVER whole AS n, AVG(missing) OVER whole AS missing,
                 ROW_NUMBER() OVER (PARTITION BY child ORDER BY total) AS nth
          FROM (
            SELECT SUBSTR(u.path, 1, $4) AS child, r.total, 1.0 * ({weights}) AS missing
            FROM ranking r JOIN unit u ON u.id = r.unit_id
                 JOIN score s ON s.cadre_id = r.cadre_id AND s.quarter = r.quarter
            WHERE r.quarter = $1 AND u.path >= $2 AND u.path < $3
          ) AS members WINDOW whole AS (PARTITION BY child)
        ) AS sorted WHERE 2 * nth BETWEEN n AND n + 2 GROUP BY child
        """,
        str(quarter),
        span.path,
        span.path_end,
        len(span.path) + 6,
    )
    names = dict(await Unit.filter(path__in=[row["child"] for row in rows]).values_list("path", "name"))
    rows.sort(key=itemgetter("child"))
    medians = sorted((_median(row) for row in rows if row["n"] >= SHOWN_FROM), reverse=True)
    ranked = [replace(_unit_rank(names[row["child"]], row, medians), path=row["child"]) for row in rows]
    return sorted(ranked, key=lambda unit: unit.place or len(rows) + 1)


def _unit_rank(name: str, row: dict[str, Any], medians: list[float]) -> UnitRank:
    if row["n"] < SHOWN_FROM:
        return UnitRank(name, row["n"], None, None, None)
    return UnitRank(name, row["n"], _median(row), float(row["missing"]) / 100, medians.index(_median(row)) + 1)


def _median(row: dict[str, Any]) -> float:
    return round(row["median"], 1)
