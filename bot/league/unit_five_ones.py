"""单位的五个一：本单位名下办过的活动，各填哪一件、到哪个证据等级。团干部自己的那一套见 `five_ones`。"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from bot.league import five_ones, five_ones_rules, five_ones_sets, units
from bot.league.five_ones import Deed, Item
from bot.league.five_ones_rules import Rule
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from db.models import Side, Unit


@dataclass(frozen=True)
class UnitNow:
    """一个单位一季的五件事。"""

    unit: Unit
    rule: Rule
    items: tuple[Item, ...]


@dataclass(frozen=True)
class UnitSight:
    """一个单位，和管理员看得到的下一级各单位。"""

    quarter: Quarter
    own: UnitNow
    below: tuple[UnitNow, ...]


async def look(by: Speaker, name: str | None, quarter: Quarter) -> UnitSight:
    """自己单位的；管理员写上单位名可以看管得到的那一个，连同它的下一级。"""
    unit = await units.seen(by, name, example="/单位五个一")
    below = Unit.filter(parent_id=unit.id) if units.oversees(by, unit) else Unit.filter(id=0)
    own, *rest = await of_units(quarter, [unit, *await below.order_by("path")])
    return UnitSight(quarter, own, tuple(rest))


async def of_units(quarter: Quarter, chosen: Collection[Unit]) -> list[UnitNow]:
    """一批单位的五件事，一次查完；只数各单位自己名下的，不数下级的。"""
    rules = await five_ones_rules.rules_for(quarter, {unit.path or "" for unit in chosen}, Side.UNIT)
    deeds: dict[int, list[Deed]] = defaultdict(list)
    rows = five_ones.held(quarter).filter(unit_id__in=[unit.id for unit in chosen])
    for row in await rows.filter(slot__in=five_ones_sets.slots(Side.UNIT)):
        deeds[row.unit_id].append(five_ones.deed_of(row))
    return [UnitNow(unit, rule := rules[unit.path or ""], five_ones.fill(rule, deeds[unit.id])) for unit in chosen]
