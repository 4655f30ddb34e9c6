"""一位团干部此刻的进度：`/进度` 的全部事实。心愿同提醒用一个口径，“联系到”同积分用一个口径。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.league import contacts, five_ones
from bot.league.five_ones import FiveOnesNow
from bot.league.forecasts import Forecast, forecast
from bot.league.onboarding import Step
from bot.league.periods import Quarter, local, month_end
from bot.league.rankings import OwnRank, own_rank
from bot.league.reached import reached
from bot.league.standings import OpenWish, survey


@dataclass(frozen=True)
class Progress:
    """人数都是“人”，心愿都是“件”。"""

    cadre_id: int
    quarter: Quarter
    #: 应联系
    quota: int
    #: 已 `/加入`
    joined: int
    #: 联系到的：有过有效互动，或在 L2 的活动、记录里作了证
    reached_month: int
    reached_quarter: int
    #: 30 天没有有效互动的
    quiet: int
    #: 本季参加过活动的（全团要讯2017第2期：每季一次）
    active: int
    #: 今年见过面的（同上：每年一次）
    met: int
    #: 自己认领了、在办的
    in_hand: tuple[OpenWish, ...]
    #: 该自己回应、还没人认领的
    waiting: tuple[OpenWish, ...]
    #: 本季五件事与本月活动
    fives: FiveOnesNow
    #: 照这样，季末做到几件
    forecast: Forecast
    #: 本季积分与名次
    rank: OwnRank | None
    #: 上手还没走完的下一步
    next_step: Step | None = None

    @property
    def overdue(self) -> tuple[OpenWish, ...]:
        """拖久了的心愿。"""
        return tuple(wish for wish in self.in_hand + self.waiting if wish.overdue)


async def progress_of(cadre_id: int, *, at: datetime) -> Progress:
    """某位在任团干部的进度。"""
    quarter = Quarter.of(at)
    fives = await five_ones.slots_of(cadre_id, quarter, at=at)
    [now] = await survey(at, cadre_id=cadre_id)
    month = local(at).date().replace(day=1)
    this_month = await reached(month, month_end(month) + timedelta(days=1), [cadre_id])
    this_quarter = await reached(quarter.first_day, quarter.end_day, [cadre_id])
    companions = await contacts.companions(cadre_id, at=at)
    return Progress(
        cadre_id=cadre_id,
        quarter=quarter,
        quota=now.quota,
        joined=now.joined,
        reached_month=this_month.get(cadre_id, 0),
        reached_quarter=this_quarter.get(cadre_id, 0),
        quiet=sum(one.quiet_days >= contacts.QUIET_DAYS for one in companions),
        active=sum(one.bond.active for one in companions),
        met=sum(one.bond.met for one in companions),
        in_hand=now.claimed,
        waiting=now.waiting,
        fives=fives,
        forecast=forecast(fives, at=at),
        rank=await own_rank(cadre_id, at=at),
        next_step=now.next_step,
    )
