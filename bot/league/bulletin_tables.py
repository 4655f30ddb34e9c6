"""通报里的表：一张表一件事，一列一种数；藏起来的数进不到这里。"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.league.periods import Quarter
from bot.league.quantities import BLANK, Figure, Quantity, column, figure

TOTAL = "合计"
#: 直接挂在这个单位上、不在任何下级里的
OWN = "（本级）"

#: 一个单位的几个数，按名字
Counts = Mapping[str, int]


class Pane(StrEnum):
    """通报的三块（产品说明第 7 节）。"""

    DATA = "数据"
    PROCESS = "过程"
    EFFECT = "效果"


@dataclass(frozen=True)
class Row:
    """一行：叫什么，各列的数。"""

    name: str
    cells: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """一张表。"""

    pane: Pane
    title: str
    #: 头一列是什么
    head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def cell(self, column: str, row: str = TOTAL) -> Figure:
        """某行某列；没有这一行就是空格。"""
        place = self.columns.index(column)
        return next((one.cells[place] for one in self.rows if one.name == row), BLANK)


@dataclass(frozen=True)
class Issue:
    """一份通报：草稿，或发布了的一版。"""

    unit: str
    quarter: Quarter
    tables: tuple[Table, ...]
    #: 草稿是算它的时刻，发布了的是发布的时刻
    at: datetime
    #: 草稿为空
    version: int | None = None
    reason: str = ""
    changes: tuple[str, ...] = ()
    digest: str = ""
    #: 记录的链到季末的根（`chains`）；那一季还没完、一环也没有为空
    root: str = ""
    #: 发布之后，此刻再算会变的几处
    moved: tuple[str, ...] = ()

    def table(self, title: str) -> Table:
        """叫这个名字的表。"""
        return next(table for table in self.tables if table.title == title)


def dump(tables: Sequence[Table]) -> list[dict[str, object]]:
    """存进库里的样子。"""
    return [asdict(table) for table in tables]


def load(stored: Sequence[Mapping[str, Any]]) -> list[Table]:
    """从库里取回来。"""
    return [
        Table(
            Pane(table["pane"]),
            table["title"],
            table["head"],
            tuple(table["columns"]),
            tuple(Row(row["name"], tuple(Figure(**cell) for cell in row["cells"])) for row in table["rows"]),
        )
        for table in stored
    ]


def changes(before: Sequence[Table], after: Sequence[Table]) -> list[str]:
    """哪些格子变了，一处一句；只比公布出来的样子。"""
    old, new = _cells(before), _cells(after)
    places = [*new, *(place for place in old if place not in new)]
    return [
        f"{'·'.join(place)}：{old.get(place, BLANK)} → {new.get(place, BLANK)}"
        for place in places
        if str(old.get(place, BLANK)) != str(new.get(place, BLANK))
    ]


def _cells(tables: Sequence[Table]) -> dict[tuple[str, str, str], Figure]:
    return {
        (table.title, row.name, name): cell
        for table in tables
        for row in table.rows
        for name, cell in zip(table.columns, row.cells, strict=True)
    }


def by_unit(
    pane: Pane,
    title: str,
    columns: Mapping[str, Callable[[Counts], Quantity]],
    counts: Mapping[str, Counts],
    names: Mapping[str, str],
) -> Table:
    """合计一行，再一个单位一行；`counts` 里合计的键是空串，`names` 是 `Unit.path` → 单位。"""
    paths = [path for path, name in names.items() if name != OWN or path in counts]
    totals = [of(counts.get("", {})) for of in columns.values()]
    veiled = [
        column([of(counts.get(path, {})) for path in paths], total)
        for of, total in zip(columns.values(), totals, strict=True)
    ]
    rows = [Row(names[path], tuple(cells[place] for cells in veiled)) for place, path in enumerate(paths)]
    return Table(pane, title, "单位", tuple(columns), (Row(TOTAL, tuple(map(figure, totals))), *rows))
