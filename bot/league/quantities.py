"""带单位的数：人、人次、场、天、件……各是各的类型，不是一种的加不到一起；说的不足 5 人就不公布。"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

#: 少于 5 人的数字不显示（产品说明第 7 节）
SHOWN_FROM = 5
#: 不足 5 人的数字写成这样（产品说明第 7 节）
FEW = f"不足 {SHOWN_FROM} 人，不公布"
#: 公布了它，就能从合计里减出那个不足 5 人的
TOGETHER = f"与不足 {SHOWN_FROM} 人的一并不公布"
#: 这一格没有这回事
NOTHING = "—"


@dataclass(frozen=True)
class Quantity:
    """一个带单位的数；只和同一种相加。"""

    word: ClassVar[str] = ""

    n: int
    #: 说的是几个人的事；与人无关的为空
    of: int | None = None

    @property
    def people(self) -> int | None:
        """说的是几个人。"""
        return self.of

    @property
    def hidden(self) -> bool:
        """说的不足 5 人，不能公布；一个人也没有的也一样。"""
        return self.people is not None and self.people < SHOWN_FROM

    def __add__(self, other: Self) -> Self:
        """两边说的人可能有重的，只敢按多的一边算。"""
        if type(other) is not type(self):
            return NotImplemented
        known = [people for people in (self.of, other.of) if people is not None]
        return type(self)(self.n + other.n, max(known, default=None))

    def __str__(self) -> str:
        return FEW if self.hidden else f"{self.n} {self.word}"


class People(Quantity):
    """多少人，一个人只数一遍。"""

    word = "人"

    @property
    def people(self) -> int:
        """就是它自己。"""
        return self.n


class Visits(Quantity):
    """多少人次：同一个人两天各一次，算两次。"""

    word = "人次"


class Events(Quantity):
    """多少场活动。"""

    word = "场"


class Days(Quantity):
    """多少天。"""

    word = "天"


class Wishes(Quantity):
    """多少件心愿。"""

    word = "件"


class Voices(Quantity):
    """多少条心声、建议、投诉。"""

    word = "条"


class Units(Quantity):
    """多少个单位。"""

    word = "个单位"


class Studies(Quantity):
    """多少个课题。"""

    word = "个"


class Items(Quantity):
    """五件里、五项里的多少项。"""

    word = "项"


@dataclass(frozen=True)
class Figure:
    """公布出去的一格：一个数连同单位，或一句不公布的话。藏起来的数在这里已经没有了。"""

    number: int | float | None = None
    word: str = ""
    #: 没有数时写的字
    instead: str = NOTHING

    def __str__(self) -> str:
        if self.number is None:
            return self.instead
        number = f"{self.number:.1f}" if isinstance(self.number, float) else str(self.number)
        return number + (f" {self.word}" if self.word not in ("", "%") else self.word)


BLANK = Figure()


def figure(quantity: Quantity) -> Figure:
    """公布一个数；不足 5 人的只剩一句话。"""
    return Figure(instead=FEW) if quantity.hidden else Figure(quantity.n, quantity.word)


def middle(values: Sequence[float], word: str = "分") -> Figure:
    """中位数，一位小数；不足 5 人不公布。"""
    if len(values) < SHOWN_FROM:
        return Figure(instead=FEW)
    ordered = sorted(values)
    half = len(ordered) // 2
    return Figure(round((ordered[half] + ordered[~half]) / 2, 1), word)


def column(parts: Sequence[Quantity], total: Quantity) -> list[Figure]:
    """合计也要公布的一列：藏起一格，就再藏几格，免得拿合计减出来。"""
    veiled = {place for place, part in enumerate(parts) if part.hidden}
    shown = sorted((part.people or 0, place) for place, part in enumerate(parts) if place not in veiled)
    also = set[int]()
    while shown and not total.hidden and not _safe([parts[place] for place in veiled | also]):
        also.add(shown.pop(0)[1])
    return [Figure(instead=TOGETHER) if place in also else figure(part) for place, part in enumerate(parts)]


def _safe(hidden: Sequence[Quantity]) -> bool:
    """藏起来的一个人也没有；或至少两格、合在一起至少 5 人，而且不是格格都顶着上限（8 人分两格，只能是 4 和 4）。"""
    people = sum(part.people or 0 for part in hidden)
    most = (SHOWN_FROM - 1) * len(hidden) if all(part.hidden for part in hidden) else people + 1
    return not people or (len(hidden) > 1 and SHOWN_FROM <= people < most)
