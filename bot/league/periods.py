"""日子的规矩：季度与月份（半开区间）、工作日、静默时段。时区统一用设置里的那个（默认北京时间）。"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from bot.league.errors import Refusal
from bot.settings import settings

#: 22:00–08:00 不打扰（产品说明第 8 节）
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
#: 提醒的钟点
MORNING = time(9, 30)


def local(at: datetime) -> datetime:
    """换成本地时区的同一时刻。"""
    return at.astimezone(settings().zone)


def moment(at: datetime) -> str:
    """`11月20日 19:30`。"""
    when = local(at)
    return f"{when.month}月{when.day}日 {when:%H:%M}"


def day(at: datetime) -> str:
    """`11月20日`。"""
    when = local(at)
    return f"{when.month}月{when.day}日"


def on(day: date, clock: time = time()) -> datetime:
    """本地某天某时，带时区。"""
    return datetime.combine(day, clock, settings().zone)


@dataclass(frozen=True, order=True)
class Quarter:
    """一个季度，写作 `2026Q3`。"""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime | date) -> "Quarter":
        """某时刻（或某天）所在的季度。"""
        day = local(at).date() if isinstance(at, datetime) else at
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str, *, at: datetime) -> "Quarter":
        """认得 `2026Q3`、`2026年三季度`、`本季度`、`上季度`；认不出抛 `Refusal`。"""
        if text in ("本季度", "这季度", ""):
            return cls.of(at)
        if text in ("上季度", "上个季度"):
            return cls.of(at).previous
        found = re.fullmatch(r"(20\d\d)\s*(?:[Qq]([1-4])|年?第?([一二三四1-4])季度?)", text)
        if not found:
            raise Refusal(f"没看懂“{text[:12]}”是哪个季度，可以写 本季度、上季度 或 2026Q3。")
        number = found[2] or found[3]
        return cls(int(found[1]), "一二三四".find(number) + 1 or int(number))

    @property
    def previous(self) -> "Quarter":
        """上一个季度。"""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def next(self) -> "Quarter":
        """下一个季度。"""
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def first_day(self) -> date:
        """季度第一天。"""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def end_day(self) -> date:
        """下一季度第一天（不含）。"""
        return self.next.first_day

    @property
    def start(self) -> datetime:
        """季度开始的时刻（含）。"""
        return on(self.first_day)

    @property
    def end(self) -> datetime:
        """季度结束的时刻（不含）。"""
        return on(self.end_day)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def month_end(day: date) -> date:
    """所在月份的最后一天。"""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


#: 《全国年节及纪念日放假办法》里日子固定的：元旦、劳动节、国庆节
_FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


@lru_cache(4096)  # 日历库每问一次都把全部假日扫一遍，约 0.1 毫秒
def _national(day: date) -> bool:
    """法定工作日（含调休上班）；日历还没收录的年份按周一至周五，除去日子固定的节日。"""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS


@dataclass(frozen=True, eq=False)  # 认对象不认内容：算过的日子按它记着
class Calendar:
    """一个单位照的日历：法定日历加上校历里的例外（见 `calendars`）。"""

    #: 改成上班（真）或放假（假）的日子
    working: Mapping[date, bool] = field(default_factory=dict)
    exams: frozenset[date] = frozenset()
    #: 校历是哪个单位定的；照法定日历的为空
    owner: int | None = None

    def is_working(self, day: date) -> bool:
        """是不是工作日；考试周也上班。"""
        known = self.working.get(day)
        return _national(day) if known is None else known


#: 只照法定日历
NATIONAL = Calendar()


def is_working_day(day: date, calendar: Calendar = NATIONAL) -> bool:
    """是不是工作日。"""
    return calendar.is_working(day)


def next_working_day(day: date, calendar: Calendar = NATIONAL) -> date:
    """`day` 本身若是工作日就是它，否则往后第一个工作日。"""
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def previous_working_day(day: date, calendar: Calendar = NATIONAL) -> date:
    """`day` 本身若是工作日就是它，否则往前第一个工作日。"""
    while not calendar.is_working(day):
        day -= timedelta(days=1)
    return day


def add_working_days(at: datetime, days: int, calendar: Calendar = NATIONAL) -> datetime:
    """从 `at` 起过 `days` 个工作日的同一钟点；休息日提交的从下一个工作日零点算起。"""
    at = local(at)
    if not calendar.is_working(at.date()):
        at = on(next_working_day(at.date(), calendar))
    for _ in range(days):
        at = datetime.combine(next_working_day(at.date() + timedelta(days=1), calendar), at.timetz())
    return at


def is_quiet(at: datetime) -> bool:
    """是否在 22:00–08:00 的静默时段。"""
    clock = local(at).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def after_quiet(at: datetime) -> datetime:
    """不早于 `at` 的第一个可以打扰人的时刻。"""
    at = local(at)
    if not is_quiet(at):
        return at
    day = at.date() + timedelta(days=1) if at.time() >= QUIET_FROM else at.date()
    return on(day, QUIET_UNTIL)


def may_remind(at: datetime, calendar: Calendar = NATIONAL) -> bool:
    """此刻能不能提醒：工作日 9:30 以后、静默时段以前；补发也守这一条。"""
    return calendar.is_working(local(at).date()) and MORNING <= local(at).time() < QUIET_FROM
