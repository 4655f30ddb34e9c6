"""联系到：有过有效互动，或在一场 L2（或 L3）的活动、记录里作了证。积分、`/进度`、单位合计说的是同一个数。"""

from collections.abc import Collection
from datetime import date, timedelta

from bot.league.contact_terms import linked_at
from bot.league.evidence import STANDING, VOUCHED
from bot.league.periods import on
from bot.league.postings import posts
from bot.league.spans import Span
from db import sql
from db.models import EvidenceGrade

# 某天在 $5 那个星期一之后的第几周；活动的时刻按当地的零点分周，另数过了几个星期一
_WEEK = {
    "sqlite": "CAST((julianday(day) - julianday($5)) / 7 AS INTEGER)",
    "postgres": "(day - $5::date) / 7",
}


async def reached(first_day: date, end_day: date, only: Collection[int]) -> dict[int, int]:
    """团干部 → 这些天里联系到几名青年，人。消息再多也只算一个人。"""
    pairs = _pairs(",".join(str(int(number)) for number in only))
    rows = await sql.query(
        f"SELECT cadre_id, COUNT(*) AS n FROM ({pairs}) AS met GROUP BY cadre_id", *_bounds(first_day, end_day)
    )
    return {row["cadre_id"]: row["n"] for row in rows}


async def reached_within(first_day: date, end_day: date, span: Span) -> int:
    """（到 `end_day` 为止）`span` 里的团干部合起来联系到几名青年，人；几位团干部共有的只算一个。"""
    cadres = f"SELECT d.id FROM {posts('$4')} d JOIN unit u ON u.id = d.unit_id WHERE u.path >= $5 AND u.path < $6"
    [row] = await sql.query(
        f"SELECT COUNT(DISTINCT youth_id) AS n FROM ({_pairs(cadres)}) AS met",
        *_bounds(first_day, end_day),
        span.path,
        span.path_end,
    )
    return int(row["n"])


async def reached_twice(first_day: date, end_day: date, only: Collection[int]) -> dict[int, int]:
    """团干部 → 这些天里在至少两个 ISO 周都联系到的青年，人。"""
    monday = first_day - timedelta(days=first_day.weekday())
    mondays = [monday + timedelta(weeks=week) for week in range(1, (end_day - monday).days // 7 + 1)]
    passed = [f"CASE WHEN a.starts_at >= ${number} THEN 1 ELSE 0 END" for number in range(6, 6 + len(mondays))]
    weeks = (_WEEK[sql.dialect()], " + ".join(passed or ["0"]))
    pairs = _pairs(",".join(str(int(number)) for number in only), week=weeks)
    rows = await sql.query(
        f"""
        SELECT cadre_id, COUNT(*) AS n FROM (
          SELECT cadre_id, youth_id FROM ({pairs}) AS met GROUP BY cadre_id, youth_id HAVING COUNT(DISTINCT week) >= 2
        ) AS steady GROUP BY cadre_id
        """,
        *_bounds(first_day, end_day),
        monday,
        *map(on, mondays),
    )
    return {row["cadre_id"]: row["n"] for row in rows}


def _pairs(cadres: str, *, week: tuple[str, str] = ("0", "0")) -> str:
    """哪位团干部联系到了哪位青年；`cadres` 写在 IN 的括号里，$1 $2 是起止日，$3 $4 是起止时刻。

    `week` 是互动、活动各算在第几周的写法。
    """
    return f"""
    SELECT cadre_id, youth_id, {week[0]} AS week FROM interaction
    WHERE cadre_id IN ({cadres}) AND sessions > 0 AND day >= $1 AND day < $2
    UNION
    SELECT c.cadre_id, c.youth_id, {week[1]}
    FROM activity a JOIN participation p ON p.activity_id = a.id
      JOIN contact c ON c.cadre_id = a.organiser_id AND c.youth_id = p.person_id
    WHERE a.organiser_id IN ({cadres}) AND a.starts_at >= $3 AND a.starts_at < $4
      AND a.grade IN ('{EvidenceGrade.L2}', '{EvidenceGrade.L3}')
      AND a.state IN ({_words(STANDING)}) AND p.state IN ({_words(VOUCHED)})
      AND {linked_at("c", "p.at")}
    """


def _bounds(first_day: date, end_day: date) -> tuple[sql.Value, ...]:
    return first_day, end_day, on(first_day), on(end_day)


def _words(values: Collection[str]) -> str:
    return ",".join(f"'{value}'" for value in values)
