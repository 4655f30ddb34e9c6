"""抽得到的是哪些事：团干部说“和某位青年有过这么一件事”的，不分等级一起抽。

算的：记录里写着的、活动里到了场的（一人一件），和青年确认办成的心愿。
不算的：自动记的互动（机器数的，没有人在说）、青年评价（是青年自己的话），和他说过不想回答的。
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.league import draws
from bot.league.evidence import STANDING
from bot.league.periods import Quarter
from bot.league.postings import posts
from bot.settings import settings
from db import sql
from db.models import ActivityKind, PartState, Unit, WishEnding, WishLane

#: 问过的这么久之内不再问（产品说明第 8 节：青年尽量少打扰）
RESTED = timedelta(days=90)

_RECORD = (PartState.NAMED, PartState.CONFIRMED, PartState.DENIED)
_ACTIVITY = (PartState.ARRIVED, PartState.CONFIRMED)


@dataclass(frozen=True)
class Claim:
    """一件。"""

    #: 名单里的代号
    code: str
    cadre_id: int
    unit_id: int
    youth_id: int
    activity_id: int | None = None
    wish_id: int | None = None


#: 问得到的人：还同意着、没在等删除、不是团干部自己
_REACHABLE = """
    EXISTS (SELECT 1 FROM consent s WHERE s.person_id = {youth} AND s.withdrawn_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM erasure e
        WHERE e.person_id = {youth} AND e.done_at IS NULL AND e.cancelled_at IS NULL)
    AND {youth} <> d.person_id"""


async def claims_in(unit: Unit, quarter: Quarter, *, at: datetime) -> list[Claim]:
    """`unit`（及下级）一季里能抽的全部；只算 `at` 之前的。"""
    until = min(at, quarter.end)
    span = (unit.path or "", unit.path_end, quarter.start, until)
    named = await sql.query(
        f"""
        SELECT p.id, p.person_id, a.id AS activity_id, a.organiser_id AS cadre_id, a.unit_id
        FROM participation p JOIN activity a ON a.id = p.activity_id
          JOIN unit u ON u.id = a.unit_id JOIN cadre d ON d.id = a.organiser_id
        WHERE u.path >= $1 AND u.path < $2 AND a.starts_at >= $3 AND a.starts_at < $4
          AND a.state IN ({_words(STANDING)}) AND d.left_at IS NULL
          AND ((a.kind = '{ActivityKind.RECORD}' AND p.state IN ({_words(_RECORD)}))
            OR (a.kind = '{ActivityKind.ACTIVITY}' AND p.state IN ({_words(_ACTIVITY)})))
          AND {_REACHABLE.format(youth="p.person_id")}
        """,
        *span,
    )
    granted = await sql.query(
        f"""
        SELECT w.id, w.author_id, w.claimer_id AS cadre_id, h.unit_id
        FROM wish w JOIN cadre d ON d.id = w.claimer_id
          JOIN {posts("$4")} h ON h.id = d.id JOIN unit u ON u.id = h.unit_id
        WHERE u.path >= $1 AND u.path < $2 AND w.ended_at >= $3 AND w.ended_at < $4
          AND w.ending = '{WishEnding.FULFILLED}' AND w.lane <> '{WishLane.CRISIS}' AND d.left_at IS NULL
          AND {_REACHABLE.format(youth="w.author_id")}
        """,
        *span,
    )
    key = settings().digest_key[:64]
    return [
        Claim(
            draws.code("part", row["id"], key),
            row["cadre_id"],
            row["unit_id"],
            row["person_id"],
            activity_id=row["activity_id"],
        )
        for row in named
    ] + [
        Claim(draws.code("wish", row["id"], key), row["cadre_id"], row["unit_id"], row["author_id"], wish_id=row["id"])
        for row in granted
    ]


async def resting(at: datetime) -> set[int]:
    """近九十天里抽查问过的青年（`Person.id`）。"""
    rows = await sql.query(
        "SELECT DISTINCT youth_id FROM spot_check WHERE asked_at > $1 AND youth_id IS NOT NULL", at - RESTED
    )
    return {row["youth_id"] for row in rows}


async def reachable(youth_id: int, cadre_id: int) -> bool:
    """轮到他时还问得到。"""
    found = await sql.query(
        f"SELECT 1 FROM cadre d WHERE d.id = $2 AND {_REACHABLE.format(youth='$1')}", youth_id, cadre_id
    )
    return bool(found)


def _words(values: tuple[PartState, ...] | tuple[str, ...]) -> str:
    return ",".join(f"'{value}'" for value in values)
