"""一个单位一季的合计，给工作群和管理员看：只有数，没有名字；不足 5 人的数不给。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import boards, five_ones, postings
from bot.league.formula import Band
from bot.league.periods import Quarter
from bot.league.quantities import SHOWN_FROM
from bot.league.reached import reached_within
from bot.league.spans import Span
from db.models import Activity, Unit, Wish, WishEnding, WishLane


@dataclass(frozen=True)
class Summary:
    """单位及下级的合计；不足 5 人的为空。"""

    unit_id: int
    unit: str
    quarter: Quarter
    #: 在任团干部，人
    cadres: int
    #: 办过的活动与记录，场
    activities: int
    #: 本季联系到的青年，人
    reached: int | None
    #: 青年确认办成的心愿，件；不足 5 人提的为空
    granted: int | None
    #: 五个一都做了的团干部，人
    complete: int | None
    #: 下一级单位在哪一档；“加油”的不列
    bands: dict[Band, list[str]]


async def summary_of(unit: Unit, quarter: Quarter, *, at: datetime) -> Summary | None:
    """`at` 为止的合计；在任团干部不足 5 人的单位不给。"""
    span = Span.of(unit)
    within = {"unit__path__gte": span.path, "unit__path__lt": span.path_end}
    cadres = await postings.within(span, before=min(at, quarter.end))
    if len(cadres) < SHOWN_FROM:
        return None
    held = Activity.filter(five_ones.HELD, **within, starts_at__gte=quarter.start, starts_at__lt=min(at, quarter.end))
    granted = Wish.filter(**within, ending=WishEnding.FULFILLED).exclude(lane=WishLane.CRISIS)
    granted = granted.filter(ended_at__gte=quarter.start, ended_at__lt=min(at, quarter.end))
    authors = await granted.values_list("author_id", flat=True)
    grades = await five_ones.grades_of(quarter, {post.cadre_id: post.path for post in cadres})
    complete = sum(all(found) for found in grades.values())
    ranked = await boards.units(quarter, span)
    return Summary(
        unit_id=unit.id,
        unit=unit.name,
        quarter=quarter,
        cadres=len(cadres),
        activities=await held.count(),
        reached=_shown(await reached_within(quarter.first_day, quarter.end_day, span)),
        granted=len(authors) if _shown(len({*authors} - {None})) else None,
        complete=_shown(complete),
        bands={
            band: [rank.unit for rank in ranked if rank.band is band and rank.unit != unit.name]
            for band in (Band.HONOUR, Band.STEADY)
        },
    )


def _shown(people: int) -> int | None:
    return people if people >= SHOWN_FROM else None
