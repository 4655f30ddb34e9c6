"""`/下基层 2天 某县团委 8+4 见了12人 原因：出差` 里的每个词是什么意思。"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from bot.league import moments, words
from bot.league.belated import split_reason
from bot.league.errors import Refusal
from db.models import Scheme

EXAMPLE = "/下基层 2天 某县团委 8+4"

_HALF = re.compile(r"半\s*[天日]|\d+\.\d+\s*天|天半")
_NEXT_DAY = r"(?:\d|[上本这]?(?:周|星期)[一二三四五六日天]|[昨前今]天)"
#: 词中间的空格先去掉：`2 天`、`12 人`、`11-16 到 11-17`
_LOOSE = re.compile(
    rf"(?<=\d)\s+(?=[天人名位])|(?<=[\d日号天一二三四五六])\s+(?=[~到至]\s*{_NEXT_DAY})|(?<=[~到至])\s+(?={_NEXT_DAY})"
)
_DAYS = re.compile(r"共?(\d{1,4}|[一两二三四五六七八九十])天整?", re.A)
#: `12人`、`见了12名青年`
PEOPLE = re.compile(r"(?:见了?|共|约)?(\d{1,6})[人名位](?:青年|团员|同学)?")
_RANGE = re.compile(r"(.+?)[~到至](.+)")
_STARTING = re.compile(r"(?<=[\d日号天])(?:起|开始)")
_DAY_ONLY = re.compile(r"(\d{1,2})[日号]?")
_DASHES = str.maketrans("～－—–", "~~~~")


@dataclass(frozen=True)
class Order:
    """一句话里读出来的下基层；没说到的为空。"""

    place: str = ""
    first_day: date | None = None
    days: int | None = None
    schemes: tuple[Scheme, ...] = ()
    people: int | None = None
    reason: str = ""


def read(text: str, *, at: datetime) -> Order:
    """词序随意；看不懂的词合起来是地点。"""
    text, reason = split_reason(text)
    if _HALF.search(text):
        raise Refusal("下基层按整天记，半天的先攒着，凑满一天再记；当天做的事可以用 /记。")
    first, last, days, people = None, None, None, None
    schemes, place = set[Scheme](), list[str]()
    for word in _LOOSE.sub("", _STARTING.sub(" ", text.translate(_DASHES))).split():
        plain = unicodedata.normalize("NFKC", word)
        if found := _schemes(plain):
            schemes |= found
        elif counted := _DAYS.fullmatch(plain):
            days = moments.number(counted[1])
        elif counted := PEOPLE.fullmatch(plain):
            people = int(counted[1])
        elif dates := _dates(plain, at=at):
            first, last = dates
        else:
            place.append(word)
    days = _length(first, last, days)
    named = words.mask(words.tidy(" ".join(place)))
    return Order(named, first, days, tuple(scheme for scheme in Scheme if scheme in schemes), people, reason)


def _schemes(word: str) -> set[Scheme]:
    """`8+4`、`8+4/蹲点` → 哪几项；不是就空着。"""
    parts = [part for part in re.split(r"[/、,]", word) if part]
    if parts and all(part in set(Scheme) for part in parts):
        return {Scheme(part) for part in parts}
    if wrong := next((part for part in parts if re.fullmatch(r"\d+\+\d+", part) and part not in set(Scheme)), None):
        raise Refusal(f"没有“{wrong}”这一项，只有 {'、'.join(Scheme)}。例如：{EXAMPLE}")
    return set()


def _dates(word: str, *, at: datetime) -> tuple[date, date | None] | None:
    """`昨天` → (那天, 空)；`11-16~11-17`、`11月16日到17日` → (首, 尾)。"""
    if found := _RANGE.fullmatch(word):
        first, last = day_in(found[1], at=at), day_in(found[2], at=at)
        if first and (only := _DAY_ONLY.fullmatch(found[2])):
            last = _same_month(first, int(only[1]))
        return (first, last) if first and last else None
    day = day_in(word, at=at)
    return (day, None) if day else None


def day_in(word: str, *, at: datetime) -> date | None:
    """整个词就是一个日子（取往前最近的）才算。"""
    moment = moments.find(word, at=at, past=True)
    return moment.day if moment and (moment.start, moment.end) == (0, len(word)) else None


def _same_month(first: date, day: int) -> date:
    try:
        return first.replace(day=day)
    except ValueError:
        raise Refusal(f"没有“{first.month}月{day}日”这一天，再看看日期？") from None


def _length(first: date | None, last: date | None, days: int | None) -> int | None:
    if first is None or last is None:
        return days
    length = (last - first).days + 1
    if length < 1:
        raise Refusal("结束的日子在开始前面了，再看看？例如：/下基层 11-16~11-17 某县团委 8+4")
    if days is not None and days != length:
        raise Refusal(f"日子和天数对不上：写的日子一共 {length} 天，天数写的是 {days} 天。")
    return length
