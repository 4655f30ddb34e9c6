"""看过的几轮提醒：看过的不再看，错过的留下原因。各单位校历不同，同一轮可能不在一天看，所以各记各的。"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.league.occasions import LOOKBACK, Occasion, occasions
from bot.league.periods import Calendar
from db.models import Round

#: 翻这么久以前的就够：期号的日子顺延再久也出不了它
_KEEP = LOOKBACK + timedelta(days=31)

Key = tuple[str, str]


def key(occasion: Occasion, owner: int | None) -> Key:
    """(kind, 期)；有校历的单位后面带上是谁的校历。"""
    return occasion.kind, occasion.period + (f"@u{owner}" if owner else "")


async def seen(at: datetime) -> dict[Key, Round]:
    """看过与错过的。"""
    rows = await Round.filter(due_at__gte=at - _KEEP)
    return {(row.kind, row.period): row for row in rows}


def still_open(calendar: Calendar, known: dict[Key, Round], *, at: datetime) -> list[Occasion]:
    """到点了、没看过、还能说的。钟被拨乱时误记的“错过”不作数。"""
    return [
        one
        for one in occasions(at, calendar)
        if at < one.until and ((row := known.get(key(one, calendar.owner))) is None or row.done_at is None)
    ]


async def mark(calendars: Iterable[Calendar], done: Iterable[tuple[Occasion, int | None]], *, at: datetime) -> None:
    """`done` 都放进队列之后：记下看过了；窗口已经过去还没看的，记下为什么没说。"""
    known = await seen(at)
    looked = [_row(one, owner, done_at=at) for one, owner in done]
    missed = [
        _row(one, calendar.owner, reason=one.held or f"到 {one.until:%m-%d %H:%M} 都没能看，不补了")
        for calendar in calendars
        for one in occasions(at, calendar)
        if one.until <= at and key(one, calendar.owner) not in known and _had_begun(one, calendar, known)
    ]
    if looked:
        await Round.bulk_create(looked, on_conflict=["kind", "period"], update_fields=["done_at", "reason"])
    if missed:
        await Round.bulk_create(missed, ignore_conflicts=True)


def _had_begun(occasion: Occasion, calendar: Calendar, known: dict[Key, Round]) -> bool:
    """那时这份日历已经在用了；刚装好的不算错过。"""
    owner = key(occasion, calendar.owner)[1].partition("@")[2]
    return any(row.due_at < occasion.due_at for (_, period), row in known.items() if period.partition("@")[2] == owner)


def _row(occasion: Occasion, owner: int | None, *, done_at: datetime | None = None, reason: str | None = None) -> Round:
    kind, period = key(occasion, owner)
    return Round(kind=kind, period=period, due_at=occasion.due_at, done_at=done_at, reason=reason)
