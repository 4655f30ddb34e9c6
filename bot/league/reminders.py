"""提醒：此刻该对谁说、凭什么说。只提醒团干部、管理员与工作群，从不为了谁的指标去提醒青年。"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.league import calendars, desks, reminder_rounds
from bot.league.calendars import Calendars
from bot.league.desks import Desk
from bot.league.forecasts import forecast, month_pace
from bot.league.occasions import BULLETIN, DIGEST, MONTHLY, QUARTER, REPORT, UNITS, Occasion
from bot.league.periods import Calendar, local, may_remind, on
from bot.league.standings import Standing, survey
from bot.league.summaries import Summary
from db.models import Notice

#: 同一天轮到几样，用最要紧的那样的名义说成一条
_ORDER = (REPORT, BULLETIN, MONTHLY, QUARTER, DIGEST, UNITS)
#: 20 日过去了三分之二，少于三分之二才算落后；月底前三天就看够不够数
_BY_THE_20TH = (2, 3)

#: 到点的一轮，照的是哪份日历
Opened = tuple[Occasion, Calendar]


@dataclass(frozen=True)
class Reminder:
    """该对一个人或一个群说的一条话；同一天轮到的几样都在里面。"""

    #: 要紧的在前，以第一样的名义说
    occasions: tuple[Occasion, ...]
    person_id: int | None = None
    group_id: int | None = None
    #: 对团干部说的；不是团干部，或没轮到，为空
    standing: Standing | None = None
    #: 对管理员说的
    desk: Desk = field(default_factory=Desk)
    #: 对工作群说的
    summary: Summary | None = None
    #: 正在考试周：不催他去找青年
    exams: bool = False

    @property
    def kind(self) -> str:
        """通知的种类。"""
        return self.occasions[0].kind

    @property
    def period(self) -> str:
        """通知的期号；对管理员说的带上单位，一人管几个单位也不会撞上。"""
        first = self.occasions[0]
        return f"{first.period}/u{self.desk.first_unit}" if first.kind in (REPORT, BULLETIN) else first.period

    @property
    def until(self) -> datetime:
        """最晚说到什么时候：第一样过时了，整条就不说了。"""
        return self.occasions[0].until


def is_behind(standing: Standing, occasion: Occasion) -> bool:
    """“落后”的唯一定义：本月活动不够数。数是单位定的每月几次，不在指标上再加指标。"""
    need = standing.fives.rule.monthly
    if occasion.stage == "20":
        part, whole = _BY_THE_20TH
        need = -(-need * part // whole)
    return standing.fives.month < need


def has_news(standing: Standing, *, at: datetime, exams: bool = False) -> bool:
    """每周摘要有没有可说的：等着他的心愿、心声；很久没联系的人；活动或五个一照这样做不满。

    考试周只看心愿和心声：那是青年在等。
    """
    if standing.claimed or standing.waiting or standing.unclaimed or standing.voices:
        return True
    return not exams and (bool(standing.silent) or _is_slow(standing, at))


def _is_slow(standing: Standing, at: datetime) -> bool:
    now = standing.fives
    return bool(standing.joined) and (now.month < month_pace(now, at=at) or forecast(now, at=at).is_short)


def _speaks(occasion: Occasion, standing: Standing, *, at: datetime, exams: bool) -> bool:
    """这一轮对这位团干部有没有可说的。"""
    if standing.since is not None and standing.since > occasion.due_at:
        return False  # 到点之后才上任
    if occasion.kind == DIGEST:
        return has_news(standing, at=at, exams=exams)
    if occasion.kind == MONTHLY:
        return is_behind(standing, occasion)
    if occasion.kind != QUARTER:
        return False
    return not occasion.stage.startswith("T-") or bool(forecast(standing.fives, at=at).missing)


async def due(at: datetime) -> list[Reminder]:
    """此刻该说的全部提醒；只看数据库与 `at`，不写。说完叫一声 `mark(at)`。"""
    book = await calendars.load()
    opened = await _opened(book, at)
    if not opened:
        return []
    today = local(at).date()
    standings = {one.person_id: one for one in await survey(at)} if _any(opened, DIGEST, MONTHLY, QUARTER) else {}
    mine = {person: _for_cadre(opened, one, book, at) for person, one in standings.items()}
    theirs = await desks.desks_of([one for one in opened if one[0].kind in (REPORT, BULLETIN)], book, at=at)
    told = await _told_today(at)
    found = [
        _merged(person, mine.get(person, []), standings.get(person), theirs.get(person, Desk()), book, today)
        for person in sorted({*mine, *theirs} - told)
    ]
    return [one for one in found if one.occasions] + await _for_groups(opened, book, at)


def _any(opened: Sequence[Opened], *kinds: str) -> bool:
    return any(occasion.kind in kinds for occasion, _ in opened)


def _for_cadre(opened: Sequence[Opened], standing: Standing, book: Calendars, at: datetime) -> list[Occasion]:
    calendar = book.of(standing.unit_id)
    exams = local(at).date() in calendar.exams
    return [one for one, its in opened if its is calendar and _speaks(one, standing, at=at, exams=exams)]


def _merged(
    person_id: int, mine: list[Occasion], standing: Standing | None, desk: Desk, book: Calendars, today: date
) -> Reminder:
    together = sorted([*mine, *desk.occasions], key=lambda one: (_ORDER.index(one.kind), one.due_at))
    return Reminder(
        tuple(together),
        person_id=person_id,
        standing=standing if mine else None,
        desk=desk,
        exams=standing is not None and today in book.of(standing.unit_id).exams,
    )


async def _for_groups(opened: Sequence[Opened], book: Calendars, at: datetime) -> list[Reminder]:
    return [
        Reminder((occasion,), group_id=group_id, summary=summary)
        for occasion, calendar in opened
        if occasion.kind == UNITS
        for group_id, summary in await desks.summaries_for_groups(occasion, calendar, book, at=at)
    ]


async def mark(at: datetime) -> None:
    """`due(at)` 的都放进队列之后：记下这几轮看过了；窗口已经过去还没看的，记下为什么没说。"""
    book = await calendars.load()
    opened = await _opened(book, at)
    await reminder_rounds.mark(book.every(), [(one, calendar.owner) for one, calendar in opened], at=at)


async def _opened(book: Calendars, at: datetime) -> list[Opened]:
    """到点了、没看过、还能说的几轮；各单位的校历不同，各看各的。"""
    working = [calendar for calendar in book.every() if may_remind(at, calendar)]
    known = await reminder_rounds.seen(at) if working else {}
    return [(one, calendar) for calendar in working for one in reminder_rounds.still_open(calendar, known, at=at)]


async def _told_today(at: datetime) -> set[int]:
    """今天已经收到一条提醒的人：一天一条，断了重来也不会多说。"""
    rows = Notice.filter(kind__startswith="reminder.", created_at__gte=on(local(at).date()), created_at__lte=at)
    return {row.person_id for row in await rows.only("person_id") if row.person_id}
