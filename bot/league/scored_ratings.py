"""青年评价分要用的数：只有抽问到的、截止了的。主动评的从不算。"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.league import formula
from bot.league.periods import Quarter
from db import sql


@dataclass(frozen=True)
class RatingFacts:
    """一季里抽问到的评价：几份、均分（1–5）。"""

    count: int = 0
    mean: float = 0

    @property
    def shown(self) -> bool:
        """满 5 份才算数、才说得出口。"""
        return self.count >= formula.RATINGS_NEEDED


class Satisfaction(StrEnum):
    """给团干部看的大概；从不说均分、几份、谁。"""

    HIGH = "很满意"
    GOOD = "满意"
    FAIR = "一般"
    LOW = "不太满意"


#: 各档均分的下限，取四舍五入
SATISFACTIONS = {Satisfaction.HIGH: 4.5, Satisfaction.GOOD: 3.5, Satisfaction.FAIR: 2.5, Satisfaction.LOW: 1.0}


def satisfaction(mean: float) -> Satisfaction:
    """均分属于哪一档。"""
    return next(one for one, floor in SATISFACTIONS.items() if mean >= floor)


async def ratings_of(quarter: Quarter, only: Collection[int], *, at: datetime) -> dict[int, RatingFacts]:
    """到 `at` 已经截止的抽问里，这些团干部各得了几份、均分多少。"""
    rows = await sql.query(
        f"""
        SELECT r.cadre_id, COUNT(*) AS n, SUM(r.stars) AS stars
        FROM rating r JOIN rating_round d ON d.id = r.round_id
        WHERE r.quarter = $1 AND d.closes_at <= $2 AND r.cadre_id IN ({",".join(str(int(one)) for one in only)})
        GROUP BY r.cadre_id
        """,
        str(quarter),
        at,
    )
    return {row["cadre_id"]: RatingFacts(row["n"], int(row["stars"]) / row["n"]) for row in rows}


async def installation_mean(quarter: Quarter) -> float:
    """μ：全库本季之前抽问到的均分；不满 30 份时取 4.2。季内不变，随时重算都一样。"""
    [row] = await sql.query(
        "SELECT COUNT(*) AS n, SUM(stars) AS stars FROM rating WHERE quarter < $1 AND round_id IS NOT NULL",
        str(quarter),
    )
    return int(row["stars"]) / row["n"] if row["n"] >= formula.ENOUGH else formula.RATINGS_MEAN
