"""单位：说的是哪一个，管不管得到。"""

from bot.league import roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import RoleKind, Unit


async def governed(by: Speaker, name: str | None, *, example: str) -> Unit:
    """管理员说的那个单位：写了就是它；没写是自己管的那一个，管着几个就看自己在哪个任职。管不到就 `Refusal`。"""
    mine = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    if by.unit_id in mine:
        mine = [by.unit_id]
    if name is None and len(mine) != 1:
        raise Refusal(f"哪个单位？把全名写上，例如：{example}")
    unit = await roster.find_unit(name) if name else await Unit.get(id=mine[0])
    if not by.administers(unit.path or ""):
        raise Refusal(f"你管不到{unit.name}，请那边或上级的管理员来。")
    return unit


async def seen(by: Speaker, name: str | None, *, example: str) -> Unit:
    """要看的单位：没写的，管理员、督导看自己管的最上一级，团干部看任职的；写了的要是自己的或管得到的。"""
    if name:
        unit = await roster.find_unit(name)
        if unit.id != by.unit_id and not oversees(by, unit):
            raise Refusal(f"{unit.name}的要那边或上级的管理员才看得到。看自己单位的，发 {example}")
        return unit
    top = min(by.duties, key=lambda duty: len(duty.unit_path), default=None)
    unit_id = top.unit_id if top else by.unit_id
    if unit_id is None and by.superuser:
        raise Refusal(f"看哪个单位的？把全名写在后面，例如：{example} 示例大学团委")
    if unit_id is None:
        raise Refusal("这是给团干部和单位管理员看的。想参加活动，发 /活动 看看有哪些。")
    return await Unit.get(id=unit_id)


def oversees(by: Speaker, unit: Unit) -> bool:
    """是它或它上级的管理员、督导。"""
    return by.administers(unit.path or "") or by.inspects(unit.path or "")
