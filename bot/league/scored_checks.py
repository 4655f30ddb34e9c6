"""诚信系数要用的数：抽查问到、见了分晓的几件，其中裁定不实的几件。异常从不进分。"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.league.periods import Quarter
from db import sql
from db.models import CheckKind, CheckState


@dataclass(frozen=True)
class CheckFacts:
    """一季里抽查见了分晓的，件。"""

    checked: int = 0
    #: 督导裁定不实的
    contradicted: int = 0


async def checks_of(quarter: Quarter, only: Collection[int]) -> dict[int, CheckFacts]:
    """这些团干部这一季的事里，查过几件、不实几件；下一季结束之后才裁定的不改旧账。"""
    rows = await sql.query(
        f"""
        SELECT cadre_id, COUNT(*) AS n, SUM(CASE WHEN state = '{CheckState.CONTRADICTED}' THEN 1 ELSE 0 END) AS bad
        FROM spot_check
        WHERE cadre_id IN ({",".join(str(int(one)) for one in only)}) AND quarter = $1
          AND kind = '{CheckKind.CLAIM}' AND state IN ('{CheckState.HELD}', '{CheckState.CONTRADICTED}')
          AND settled_at < $2
        GROUP BY cadre_id
        """,
        str(quarter),
        quarter.next.end,
    )
    return {row["cadre_id"]: CheckFacts(int(row["n"]), int(row["bad"])) for row in rows}
