"""人说的时间：`明天下午3点`、`周五19:30`、`10-03 15:00`、`10月3日15:00`。

现成的库试过：dateparser 1.5 这四种只认得第二种。
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.league.errors import Refusal
from bot.league.periods import local, on

#: 说过去的事，没写年份、今年的那一天还没到：这么近的是把日子写早了，不是去年的事
SOON = timedelta(days=30)

_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "今天": 0, "今晚": 0, "明天": 1, "明早": 1, "明晚": 1}
_DAYS |= {"大后天": 3, "后天": 2}
_NUMERALS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "十一": 11, "十二": 12}
_WIDE = str.maketrans("０１２３４５６７８９：－／．　", "0123456789:-/. ")

_DAY = re.compile(
    rf"(?P<word>{'|'.join(sorted(_DAYS, key=len, reverse=True))})"
    r"|(?P<week>上上|上|这|本|下下|下)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?:(?P<year>20\d\d)\s*[年\-/]\s*)?(?<!\d)(?P<month>\d{1,2})\s*(?:月\s*|[\-/])(?P<day>\d{1,2})(?!\d|:|[人位个])\s*[日号]?"
)
_CLOCK = re.compile(
    r"\s*(?:的|[,，])?\s*(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|早)?\s*"
    r"(?:(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)(?!\d)|(?:点钟?|时)(?:(?P<half>半)|(?P<late>[0-5]?\d)分?)?整?)"
    r"|(?P<han>十[一二]?|[一二两三四五六七八九])点钟?(?P<han_half>半)?整?)"
)


@dataclass(frozen=True)
class Moment:
    """认出来的时间，与它在原文里的位置；没说几点的 `clock` 为空。"""

    day: date
    clock: time | None
    start: int
    end: int

    @property
    def at(self) -> datetime:
        """那一刻；没说几点就是零点。"""
        return on(self.day, self.clock or time())


def number(word: str) -> int:
    """`3`、`三`、`两`、`十二` → 数，汉字到十二。"""
    return _NUMERALS[word] if word in _NUMERALS else int(word)


def find(text: str, *, at: datetime, past: bool = False) -> Moment | None:
    """`text` 里第一个时间；没写年份的取往后最近的，`past` 时取往前的（`SOON` 之内的还算没到）。没有就 `Refusal`。"""
    text = text.translate(_WIDE)
    found = _DAY.search(text)
    if not found:
        return None
    day = _day(found, local(at).date(), past=past)
    clock = _CLOCK.match(text, found.end())
    if not clock:
        return Moment(day, None, *found.span())
    return Moment(day, _clock(clock, found["word"] or ""), found.start(), clock.end())


def _day(found: re.Match[str], today: date, *, past: bool) -> date:
    if word := found["word"]:
        return today + timedelta(days=_DAYS[word])
    if weekday := found["weekday"]:
        return _weekday(found["week"], "一二三四五六日天".index(weekday), today, past=past)
    month, day = int(found["month"]), int(found["day"])
    try:
        if found["year"]:
            return date(int(found["year"]), month, day)
        return _nearest(month, day, today, past=past)
    except ValueError:
        raise Refusal(f"没有“{found[0].strip()}”这一天，再看看日期？") from None


def _weekday(week: str | None, weekday: int, today: date, *, past: bool) -> date:
    weekday = min(weekday, 6)
    if week:
        ahead = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}[week]
        return today + timedelta(days=weekday - today.weekday() + 7 * ahead)
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead - 7 if past and ahead else ahead)


def _nearest(month: int, day: int, today: date, *, past: bool) -> date:
    """离今天最近、在要的那一边的；2 月 29 日可能要等几年。`past` 时眼看就到的也算，由问的人说还没到。"""
    date(2000, month, day)
    if past and (ahead := _nearest(month, day, today, past=False)) <= today + SOON:
        return ahead
    for years in range(9):
        year = today.year + (-years if past else years)
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if (found <= today) if past else (found >= today):
            return found
    raise ValueError


def _clock(found: re.Match[str], word: str) -> time:
    spoken = found["part"] or word[1:].strip("天")
    hour = number(found["hour"] or found["han"])
    minute = 30 if found["half"] or found["han_half"] else int(found["minute"] or found["late"] or 0)
    if hour < 12 and spoken in ("下午", "傍晚", "晚上", "晚"):
        hour += 12
    elif (spoken == "中午" and hour < 3) or (not spoken and 1 <= hour <= 6 and not found["minute"]):
        hour += 12  # “3点”说的多半是下午
    if hour > 23:
        raise Refusal(f"“{found[0].strip()}”是几点？写成 15:00 这样就好。")
    return time(hour, minute)
