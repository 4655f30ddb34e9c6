"""管理员看下面各单位做到哪：`/下基层 统计`、`/指导 统计`、`/课题 统计` 后面的话，和看得到的范围。"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.league import spans
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from bot.league.spans import Sight, Span
from db.models import GroupKind

#: 看汇总的几种说法
WORDS = ("统计", "汇总", "名单")
#: 汇总里至多列几行，其余说个数
LISTED = 30

_YEAR = re.compile(r"(20\d\d)年?|今年|本年|去年")


@dataclass(frozen=True)
class Ask:
    """要看哪一年、哪个单位；单位没写为空。"""

    year: int
    unit: str


def read(words: Sequence[str], *, at: datetime) -> Ask:
    """`软件学院团总支 2025`，词序随意。"""
    years = [word for word in words if is_year(word)]
    rest = [word for word in words if word not in years and word not in WORDS]
    year = year_in(years[0], at=at) if years else local(at).year
    return Ask(year, "".join(rest))


def is_year(word: str) -> bool:
    """是不是说的哪一年。"""
    return _YEAR.fullmatch(unicodedata.normalize("NFKC", word)) is not None


def year_in(word: str, *, at: datetime) -> int:
    """`2025`、`去年` → 2025；还没到的年份是 `Refusal`。"""
    found = _YEAR.fullmatch(unicodedata.normalize("NFKC", word))
    this = local(at).year
    assert found, word
    year = int(found[1]) if found[1] else this - (word == "去年")
    if year > this:
        raise Refusal(f"{year} 年还没到呢，现在是 {this} 年。")
    return year


async def span(by: Speaker, name: str, *, private: bool, kind: GroupKind | None, ask: str) -> Span:
    """要看的范围：管理员在私聊或工作群里，看自己管得到的；否则 `Refusal`。`ask` 是这条命令怎么发。"""
    if not by.is_admin:
        raise Refusal(f"汇总是给单位管理员看的。看自己的，发 {ask.removesuffix(' 统计')}")
    if spans.sight(by, private=private, kind=kind) is not Sight.BOARD:
        raise Refusal(f"汇总里有具体的人和单位，请私聊我发 {ask}，或在工作群里发。")
    return await spans.span_for(by, name, ask=ask)
