"""通报说的是哪里、到什么时候为止，和一种事实一条查询的数法：各单位与合计一起数，一个人在合计里只数一遍。"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.league.bulletin_tables import Counts
from bot.league.contact_terms import linked_before
from bot.league.periods import Quarter
from bot.league.quantities import People, Quantity
from bot.league.spans import Span
from db import sql


@dataclass(frozen=True)
class Frame:
    """说的是哪个单位、哪一季、到什么时候为止。"""

    span: Span
    quarter: Quarter
    #: 季末；季度还没完就是此刻
    until: datetime
    #: `until` 那天的后一天（不含）
    end_day: date
    #: 下一级（和本级）`Unit.path` → 名字，按单位树的次序
    names: Mapping[str, str]


async def counted(frame: Frame, facts: str, columns: str, *values: sql.Value) -> dict[str, Counts]:
    """下一级的 `Unit.path` → 数；合计的键是空串。$1–$3 是范围，`values` 从 $4 起。"""
    rows = await sql.query(
        f"""
        WITH facts AS ({facts})
        SELECT child, {columns} FROM facts GROUP BY child
        UNION ALL SELECT '' AS child, {columns} FROM facts
        """,
        frame.span.path,
        frame.span.path_end,
        len(frame.span.path) + 6,
        *values,
    )
    return {row.pop("child"): {name: int(number or 0) for name, number in row.items()} for row in rows}


CHILD = "SUBSTR(u.path, 1, $3) AS child"
INSIDE = "u.path >= $1 AND u.path < $2"
#: 季末还联系着的
KEPT = linked_before("c", "$4")


def people(key: str) -> Callable[[Counts], Quantity]:
    """`key` 这一列是多少人。"""
    return lambda one: People(one.get(key, 0))


def counting(kind: type[Quantity], key: str) -> Callable[[Counts], Quantity]:
    """`key` 这一列是多少件、多少人次；说的是几个人在 `key_people` 里。"""
    return lambda one: kind(one.get(key, 0), one.get(f"{key}_people", 0))


def quoted(*words: str) -> str:
    """`'甲', '乙'`，写进 `IN (…)`；只给枚举值用。"""
    return ", ".join(f"'{word}'" for word in words)
