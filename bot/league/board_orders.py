"""`/排名 经管学院 上季度 前20` 这样的话：词序随意，说的是哪一季、哪个单位、前几名。"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.league.errors import Refusal
from bot.league.periods import Quarter, local

#: 不写“前几”时每档列几名；一张图至多放几名
TOP, TOP_MAX = 10, 50

_QUARTER = re.compile(r"(20\d\d|今年|去年)?\s*年?\s*(?:[Qq]([1-4])|第?([一二三四1-4])季度?)|([本这上])个?季度")
_TOP = re.compile(r"前\s*(\d{1,4}|[二三四五]?十)\s*名?")
_MONTH = re.compile(r"(?:(20\d\d)年)?(?<![\d月])(1[0-2]|0?[1-9])月份?(?!\d)|([本这上])个?月")
_OTHER = re.compile(r"(?P<年>今年|去年|全年|本年度?|年度)|(?P<周>[本这上]个?(?:周|星期|礼拜))|(?P<天>今天|昨天)")
_WIDEST = re.compile(r"全国|全省|全市|全校|全部|所有")


@dataclass(frozen=True)
class Ask:
    """`/排名` 后面的话：词序随意。"""

    quarter: Quarter
    top: int
    unit: str
    #: 说的不是季度，是“月”“年”“周”“天”
    period: str
    #: 说了“全国”之类
    widest: str


def parse(words: list[str], *, at: datetime, ask: str = "排名") -> Ask:
    """挑出季度、前几名、“9月”“全国”，剩下的是单位名。"""
    text = " ".join(words)
    quarter, text = _take(_QUARTER, text)
    top, text = _take(_TOP, text)
    month, text = _take(_MONTH, text)
    other, text = _take(_OTHER, text)
    widest, text = _take(_WIDEST, text)
    wanted = _quarter(quarter, at) if quarter else _quarter_of_month(month, at) if month else Quarter.of(at)
    if wanted > Quarter.of(at):
        raise Refusal(f"{wanted} 还没开始，可以看本季度：/{ask}")
    period = "月" if month else str(other.lastgroup) if other else ""
    unit = re.sub(r"积?分?排名|的", "", text).strip()
    return Ask(wanted, _top(top), unit, period, widest[0] if widest else "")


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} {text[found.end() :]}".strip() if found else text


def _quarter(found: re.Match[str], at: datetime) -> Quarter:
    year, letter, chinese, relative = found.groups()
    current = Quarter.of(at)
    if relative:
        return current.previous if relative == "上" else current
    years = {None: current.year, "今年": current.year, "去年": current.year - 1}
    number = letter or chinese
    return Quarter(years[year] if year in years else int(year), "一二三四".find(number) + 1 or int(number))


def _quarter_of_month(found: re.Match[str], at: datetime) -> Quarter:
    """`9月` 在哪一季：没写哪一年、今年又还没到的，是去年的。"""
    year, month, relative = found.groups()
    today = local(at).date()
    if relative:
        return Quarter.of(today.replace(day=1) - timedelta(days=1) if relative == "上" else today)
    this_year = int(month) <= today.month
    return Quarter.of(date(int(year) if year else today.year - (not this_year), int(month), 1))


def _top(found: re.Match[str] | None) -> int:
    if not found:
        return TOP
    tens = {"十": 10, "二十": 20, "三十": 30, "四十": 40, "五十": 50}
    return min(max(tens.get(found[1]) or int(found[1]), 1), TOP_MAX)
