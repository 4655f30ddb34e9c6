"""照这样下去，季末五个一做到几件。只按过去的快慢直线推算，季初样本太少就不估。"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.league.five_ones import FiveOnesNow
from bot.league.periods import local, month_end

#: 一季头三周不估：做一件与没做，推算出来差得太远
TOO_EARLY = 21


@dataclass(frozen=True)
class Forecast:
    """件数都是“件”，天数含今天。"""

    done: int
    #: 还差哪几件
    missing: tuple[str, ...]
    #: 照过去的快慢，季末做到几件；季初不估为空
    likely: int | None
    #: 季度已经过了几天
    elapsed: int
    #: 还剩几天
    left: int
    #: 季度最后一天
    last_day: date

    @property
    def total(self) -> int:
        """一共几件。"""
        return self.done + len(self.missing)

    @property
    def is_short(self) -> bool:
        """照这样季末做不满。"""
        return self.likely is not None and self.likely < self.total


def forecast(now: FiveOnesNow, *, at: datetime) -> Forecast:
    """由做了几件与过了几天推算；往少里取整，不比已经做的少。"""
    today, quarter = local(at).date(), now.quarter
    whole = (quarter.end_day - quarter.first_day).days
    elapsed = min((today - quarter.first_day).days + 1, whole)
    missing = tuple(item.name for item in now.items if item.deed is None)
    done = len(now.items) - len(missing)
    likely = min(len(now.items), max(done, done * whole // elapsed)) if elapsed > TOO_EARLY else None
    return Forecast(done, missing, likely, elapsed, whole - elapsed + 1, quarter.end_day - timedelta(days=1))


def month_pace(now: FiveOnesNow, *, at: datetime) -> int:
    """到今天为止，照每月的次数该办过几次；往少里取整。"""
    today = local(at).date()
    return now.rule.monthly * (today.day - 1) // month_end(today).day


def days_left_in_month(at: datetime) -> int:
    """这个月还剩几天，含今天。"""
    today = local(at).date()
    return (month_end(today) - today).days + 1
