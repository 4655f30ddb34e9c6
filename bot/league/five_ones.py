"""团干部的五个一：每季五件事到哪个证据等级，本月做了几次。单位的见 `unit_five_ones`，怎么定见 `five_ones_rules`。"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from bot.league import postings
from bot.league.five_ones_rules import Rule, begun, rules_for
from bot.league.five_ones_sets import kind_of
from bot.league.formula import Grade
from bot.league.periods import Quarter, local
from db.models import (
    Activity,
    ActivityState,
    CheckState,
    EvidenceGrade,
    Slot,
    SpotCheck,
    Wish,
    WishEnding,
    WishLane,
)

#: 办过了的：已结束、已记录；还开着的，要有人到过场。只约好没办的不算
HELD = Q(state__in=(ActivityState.CLOSED, ActivityState.KEPT)) | (
    Q(state=ActivityState.OPEN) & ~Q(grade=EvidenceGrade.L0)
)

# 积分一次要认几千件，逐件现认枚举要慢一倍
_GRADES = {grade: Grade(grade) for grade in EvidenceGrade}


@dataclass(frozen=True)
class Deed:
    """做了的一件：一场活动、一条记录，或一条青年确认办成的心愿。"""

    #: A3 或 W12
    number: str
    slot: Slot
    grade: Grade
    at: datetime
    #: 来自一条青年确认办成的心愿：不用另记，自己顶上“实事”
    wish: bool = False


@dataclass(frozen=True)
class Item:
    """五件里的一件；没做的 `deed` 为空。"""

    name: str
    deed: Deed | None = None
    #: 季中换下了这一件，先前做的算在这里
    instead_of: str | None = None

    @property
    def grade(self) -> Grade | None:
        """证据等级。"""
        return self.deed.grade if self.deed else None


@dataclass(frozen=True)
class FiveOnesNow:
    """一位团干部一季的五件事。"""

    quarter: Quarter
    rule: Rule
    items: tuple[Item, ...]
    #: 本月办过几次活动（含记录），次
    month: int
    #: 也办成了、没有空处可填的心愿
    spare: tuple[Deed, ...] = ()


def fill(rule: Rule, deeds: Sequence[Deed]) -> tuple[Item, ...]:
    """等级高的先认领；一件事只填一处。换下的那件做过的，顶上新换的里最空的一处。"""
    left = sorted(deeds, key=lambda deed: (-list(Grade).index(deed.grade), deed.at, deed.number))
    items = list[Item]()
    for name in rule.names:
        deed = next((deed for deed in left if deed.slot is kind_of(name, rule.side)), None)
        if deed:
            left.remove(deed)
        items.append(Item(name, deed))
    for old in rule.dropped:
        done = (deed for deed in left if deed.slot is kind_of(old, rule.side) and rule.set_at and deed.at < rule.set_at)
        open_places = [place for place, item in enumerate(items) if item.name in rule.added and not item.instead_of]
        deed = next(done, None)
        place = min(open_places, key=lambda place: items[place].grade or "", default=None)
        if deed and place is not None and (items[place].grade or "") < deed.grade:
            left.remove(deed)
            items[place] = replace(items[place], deed=deed, instead_of=old)
    return tuple(items)


async def slots_of(cadre_id: int, quarter: Quarter, *, at: datetime) -> FiveOnesNow:
    """某位团干部的五件事与本月次数。"""
    path = await postings.path_of(cadre_id, quarter)
    rule = (await rules_for(quarter, [path]))[path]
    deeds = (await _deeds(quarter, [cadre_id])).get(cadre_id, [])
    items = fill(rule, deeds)
    spare = (deed for deed in deeds if deed.wish and all(item.deed != deed for item in items))
    return FiveOnesNow(quarter, rule, items, await month_count(cadre_id, at=at), tuple(spare))


async def grades_of(quarter: Quarter, cadres: Mapping[int, str]) -> dict[int, list[Grade | None]]:
    """一批团干部（编号 → 那一季的 `Unit.path`）五件事的等级，给积分用；这一季还没开始用五个一就是空的。"""
    if not await begun(quarter):
        return {}
    rules = await rules_for(quarter, set(cadres.values()))
    deeds = await _deeds(quarter, list(cadres))
    return {
        cadre_id: [item.grade for item in fill(rules[path], deeds.get(cadre_id, []))]
        for cadre_id, path in cadres.items()
    }


async def survey(cadres: Mapping[int, str], *, at: datetime) -> dict[int, FiveOnesNow]:
    """一批团干部（编号 → `Unit.path`）此刻的五件事与本月次数。"""
    quarter = Quarter.of(at)
    if not cadres:
        return {}
    rules = await rules_for(quarter, set(cadres.values()))
    deeds = await _deeds(quarter, list(cadres) if len(cadres) == 1 else None)
    month = Activity.filter(HELD, starts_at__gte=_month_start(at), starts_at__lte=at)
    counted = month.annotate(count=Count("id")).group_by("organiser_id")
    months = dict(await counted.values_list("organiser_id", "count"))
    return {
        cadre: FiveOnesNow(quarter, rules[path], fill(rules[path], deeds.get(cadre, [])), months.get(cadre, 0))
        for cadre, path in cadres.items()
    }


def _month_start(at: datetime) -> datetime:
    return local(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def month_count(cadre_id: int, *, at: datetime) -> int:
    """这位团干部本月办过几次活动（含记录），次。"""
    mine = Activity.filter(HELD, organiser_id=cadre_id, starts_at__gte=_month_start(at), starts_at__lte=at)
    return await mine.count()


def held(quarter: Quarter) -> QuerySet[Activity]:
    """季内办过的活动与记录。隔了一季才补记的不改旧账。"""
    rows = Activity.filter(HELD, starts_at__gte=quarter.start, starts_at__lt=quarter.end)
    return rows.filter(created_at__lt=quarter.next.end)


def deed_of(row: Activity) -> Deed:
    """一场活动或一条记录，算一件。"""
    return Deed(row.number, row.slot, Grade(row.grade), row.starts_at)


async def _deeds(quarter: Quarter, only: Collection[int] | None) -> dict[int, list[Deed]]:
    """季内办过的活动与记录，加上他认领、青年在季内确认办成的心愿（算 L2 的实事）；`only` 空为全部人。"""
    found: dict[int, list[Deed]] = defaultdict(list)
    his, theirs = (Q(), Q()) if only is None else (Q(organiser_id__in=only), Q(claimer_id__in=only))
    columns = ("id", "organiser_id", "slot", "grade", "starts_at")
    for number, cadre, slot, grade, when in await held(quarter).filter(his).values_list(*columns):
        found[cadre].append(Deed(f"A{number}", slot, _GRADES[grade], when))
    granted = Wish.filter(theirs, ending=WishEnding.FULFILLED).exclude(lane=WishLane.CRISIS)
    granted = granted.filter(ended_at__gte=quarter.start, ended_at__lt=quarter.end).order_by("ended_at", "id")
    proven = SpotCheck.filter(wish_id__isnull=False, state=CheckState.HELD)
    checked = set(await proven.values_list("wish_id", flat=True))
    columns = ("id", "claimer_id", "ended_at", "author_id", "claimer__person_id")
    for number, cadre, when, author, claimer in await granted.values_list(*columns):
        if cadre is not None and when is not None and author != claimer:  # 自己提的不算，同 `scored_wishes`
            grade = Grade.L3 if number in checked else Grade.L2
            found[cadre].append(Deed(f"W{number}", Slot.DEED, grade, when, wish=True))
    return found
