"""一个单位差在哪里：五个部分里平均丢分最多的一部分。"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.league.formula import WEIGHTS, Part
from bot.league.periods import Quarter
from bot.league.quantities import SHOWN_FROM
from db import sql


@dataclass(frozen=True)
class Gap:
    """丢分最多的一部分，团干部平均得几分。"""

    part: Part
    mean: float


async def gaps_of(quarter: Quarter, paths: Sequence[str]) -> dict[str, Gap]:
    """单位（path，连同下级）→ 差在哪里；适用的不足 5 人的部分不看。"""
    if not paths:
        return {}
    columns = ", ".join(f"COUNT(s.{part}) AS {part}_n, AVG(s.{part}) AS {part}_mean" for part in Part)
    length = len(paths[0])  # 榜上的都是同一级
    marks = ", ".join(f"${n}" for n in range(2, len(paths) + 2))
    rows = await sql.query(
        f"""
        SELECT SUBSTR(u.path, 1, {length}) AS child, {columns}
        FROM ranking r JOIN unit u ON u.id = r.unit_id
             JOIN score s ON s.cadre_id = r.cadre_id AND s.quarter = r.quarter
        WHERE r.quarter = $1 AND SUBSTR(u.path, 1, {length}) IN ({marks})
        GROUP BY SUBSTR(u.path, 1, {length})
        """,
        str(quarter),
        *paths,
    )
    found: dict[str, Gap] = {}
    for row in rows:
        shares = {part: float(row[f"{part}_mean"]) for part in Part if row[f"{part}_n"] >= SHOWN_FROM}
        if shares:
            part = max(shares, key=lambda part: WEIGHTS[part] * (1 - shares[part]))
            found[row["child"]] = Gap(part, round(WEIGHTS[part] * shares[part], 1))
    return found
