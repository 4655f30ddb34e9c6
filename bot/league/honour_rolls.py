"""光荣榜与加油榜：怎么上榜下榜，发布了的一版存着什么，最新的一版是哪一张。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.league.formula import BANDS, Band
from bot.league.periods import Quarter
from db.models import Roll, RollKind

#: 上榜要过线，下榜要再退这么多分，免得在线上来回跳。一位团干部多一件五个一是 4 分，
#: 单位取中位数，落到单位上至多一半；一两件事的偶然出不了这个数
MARGIN = 3.0


def belongs(kind: RollKind, median: float, *, was_on: bool) -> bool:
    """在不在榜上：没上过的看线，上回在榜的看退没退出 `MARGIN`。"""
    slack = MARGIN if was_on else 0
    if kind is RollKind.HONOUR:
        return median >= BANDS[Band.HONOUR] - slack
    return median < BANDS[Band.STEADY] + slack


@dataclass(frozen=True)
class Entry:
    """榜上的一个单位。"""

    path: str
    unit: str
    #: 团干部，人
    size: int
    #: 积分中位数
    median: float
    #: 上回不在榜上
    fresh: bool

    def kept(self) -> dict[str, object]:
        """存下来的样子。"""
        return {"path": self.path, "unit": self.unit, "size": self.size, "median": self.median, "fresh": self.fresh}


@dataclass(frozen=True)
class Issue:
    """一张榜；还没发布的没有版次。"""

    kind: RollKind
    path: str
    name: str
    quarter: Quarter
    entries: Sequence[Entry]
    at: datetime
    version: int = 0

    def place(self, entry: Entry) -> int:
        """光荣榜上第几；同分同名次。"""
        return 1 + sum(one.median > entry.median for one in self.entries)

    def same_as(self, other: "Issue") -> bool:
        """一样的单位、一样的分。"""
        return [(one.path, one.median) for one in self.entries] == [(one.path, one.median) for one in other.entries]


def issue_of(row: Roll) -> Issue:
    """发布了的一版，原样。"""
    entries = tuple(
        Entry(str(one["path"]), str(one["unit"]), int(str(one["size"])), float(str(one["median"])), bool(one["fresh"]))
        for one in row.entries
    )
    quarter = Quarter(int(row.quarter[:4]), int(row.quarter[5]))
    return Issue(row.kind, row.path, row.name, quarter, entries, row.published_at, row.version)


async def latest(kind: RollKind, path: str, *, until: Quarter) -> Issue | None:
    """这个范围到 `until` 那一季为止最新发布的一版；上榜下榜都从它看起。"""
    rows = Roll.filter(kind=kind, path=path, quarter__lte=str(until)).order_by("-quarter", "-version")
    row = await rows.first()
    return issue_of(row) if row else None


async def shown_to(unit_path: str) -> Issue | None:
    """发布过的光荣榜里，管着 `unit_path` 处单位的、最近的一张；还没有发布过为空。"""
    above = ["", *(unit_path[:end] for end in range(6, len(unit_path) + 1, 6))]
    row = await Roll.filter(kind=RollKind.HONOUR, path__in=above).order_by("-published_at", "-id").first()
    return issue_of(row) if row else None
