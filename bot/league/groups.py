"""群的绑定：一个群归一位团干部（青年群）或一个单位（工作群）。"""

from datetime import datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import audits, notices, roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Cadre, Group, GroupKind, Presence, RoleKind, Scope, Unit

UNBOUND, REBOUND = "群已解绑", "群换了人绑定"


async def bind(
    scope: Scope,
    group_id: str,
    *,
    self_id: str,
    kind: GroupKind,
    by: Speaker,
    at: datetime,
    unit_name: str | None = None,
) -> Group:
    """绑定一个群；已经绑着就说是谁绑的。绑定人离任后，别的团干部可以接手。"""
    unit = await _unit_for(kind, by, unit_name)
    fields = {"self_id": self_id, "kind": kind, "cadre_id": by.cadre_id, "unit_id": unit.id, "bound_at": at}
    group, created = await Group.get_or_create(scope=scope, group_id=group_id, defaults=fields)
    if not created and not await _take_over(group, fields):
        raise Refusal(await _whose(group))
    await audits.record("group.bind", subject=f"g{group.id}", at=at, actor_id=by.person_id, detail=kind)
    roster.touch()
    return await Group.get(id=group.id).select_related("unit", "cadre__person")


async def _take_over(group: Group, fields: dict[str, object]) -> bool:
    """空着的群（解绑了，或绑定人已离任）改绑；两人同时来只有一人成。"""
    cadre = await first_cadre(group)
    if group.unbound_at is None and (cadre is not None or group.cadre_id is None):
        return False
    same = Group.filter(id=group.id, cadre_id=group.cadre_id, unbound_at=group.unbound_at)
    async with in_transaction():
        if not await same.update(**fields, unbound_at=None):
            return False
        await notices.withdraw(Q(group_id=group.id), reason=REBOUND)  # 前一家的话，不说给后一家听
    return True


async def _whose(group: Group) -> str:
    group = await Group.get(id=group.id).select_related("cadre__person", "unit")
    who = group.cadre.person.name if group.cadre else f"{group.unit.name}管理员"
    return f"本群已经由{who}绑定为{group.kind}了。要换人，先请绑定的人或管理员发 /解绑本群。"


async def _unit_for(kind: GroupKind, by: Speaker, unit_name: str | None) -> Unit:
    """群归哪个单位：青年群跟着团干部；工作群跟着管理员所管的最上一级，没有再跟团干部。"""
    if kind is GroupKind.YOUTH and not by.is_cadre:
        raise Refusal(
            "青年群要由团干部来绑定。你要是团干部，请管理员发 /任命 @你；换了账号的，用 /绑定 六位码 认回来。"
        )
    if kind is GroupKind.WORK and unit_name:
        unit = await roster.find_unit(unit_name)
        if unit.id != by.unit_id and not by.administers(unit.path or ""):
            raise Refusal(f"你不是{unit.name}的团干部，也管不到它，没法替它绑定工作群。")
        return unit
    duties = [duty for duty in by.duties if duty.kind is RoleKind.ADMIN] if kind is GroupKind.WORK else []
    top = min(duties, key=lambda duty: len(duty.unit_path), default=None)
    unit_id = top.unit_id if top else by.unit_id
    if unit_id is not None:
        return await Unit.get(id=unit_id)
    if by.superuser:
        raise Refusal("请写上是哪个单位的工作群，例如：/绑定本群 工作群 示例大学团委")
    raise Refusal("工作群要由管理员或团干部来绑定。")


async def unbind(group: Group, *, by: Speaker, at: datetime) -> None:
    """解绑；只有绑定的人和管得到这个单位的管理员可以。"""
    unit = await Unit.get(id=group.unit_id)
    is_binder = by.cadre_id is not None and by.cadre_id == group.cadre_id
    if not is_binder and not by.administers(unit.path or ""):
        raise Refusal("只有绑定本群的人或管理员可以解绑。")
    await _release(group.id, at=at, actor_id=by.person_id, detail="")


async def release_lost(scope: Scope, group_id: str, *, self_id: str, at: datetime) -> bool:
    """机器人被请出群（或群散了）：绑定随之结束。别的机器人账号绑的不动。"""
    here = Group.filter(scope=scope, group_id=group_id, self_id=self_id, unbound_at=None)
    group = await here.get_or_none(bound_at__lte=at)  # 迟到的旧事件不算数
    if group is None:
        return False
    return await _release(group.id, at=at, actor_id=None, detail="机器人不在群里了")


async def _release(group_id: int, *, at: datetime, actor_id: int | None, detail: str) -> bool:
    async with in_transaction():
        if not await Group.filter(id=group_id, unbound_at=None).update(unbound_at=at):
            return False
        await notices.withdraw(Q(group_id=group_id), reason=UNBOUND)
        await audits.record("group.unbind", subject=f"g{group_id}", at=at, actor_id=actor_id, detail=detail)
    roster.touch()
    return True


async def take_up(group: Group, self_id: str, *, at: datetime) -> Group:
    """另一个机器人账号在这个群里听见了话：原来的账号不在了，就由它接着管这个群。"""
    gone = at - notices.GONE
    if await Presence.exists(scope=group.scope, self_id=group.self_id, seen_at__gt=gone):
        return group
    if await Group.filter(id=group.id, self_id=group.self_id).update(self_id=self_id):
        roster.touch()
    return await Group.get(id=group.id)


async def first_cadre(group: Group) -> Cadre | None:
    """群里的第一位团干部；没有或已离任为空。"""
    return await Cadre.get_or_none(id=group.cadre_id, left_at=None).select_related("person", "unit")
