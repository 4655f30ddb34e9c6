"""造数据：一所示例大学。每个函数只做一件事，时间默认是同一个星期三下午。"""

from datetime import date, datetime

from bot.league import kinds, roster
from bot.league.kinds import Kind, Who, Why
from bot.league.periods import on
from db.models import (
    Account,
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    Consent,
    Contact,
    ContactState,
    EvidenceGrade,
    Group,
    GroupKind,
    Interaction,
    Person,
    Role,
    RoleKind,
    Scope,
    Slot,
    Unit,
    UnitKind,
)

AT = on(datetime(2026, 9, 2).date()).replace(hour=14)
SELF_ID = "10000"
#: 只在测试里有的一种通知：给谁都行，不占名额
ANY_KIND = "test.any"
kinds.KINDS[ANY_KIND] = Kind(ANY_KIND, Why.OWN, *Who)


async def school() -> Unit:
    """示例大学（校级）。"""
    return await roster.add_unit("示例大学团委", UnitKind.SCHOOL)


async def branch(name: str, parent: Unit) -> Unit:
    """一个团总支。"""
    return await roster.add_unit(name, UnitKind.BRANCH_COMMITTEE, parent)


async def person(user_id: str | int, name: str | None = None, *, scope: Scope = Scope.QQ) -> Person:
    """一个有账号的人。"""
    row = await Person.create(name=name, created_at=AT)
    await Account.create(scope=scope, user_id=str(user_id), person=row)
    roster.touch()
    return row


async def cadre(user_id: str | int, name: str, unit: Unit, kind: CadreKind = CadreKind.FULL_TIME) -> Cadre:
    """一位团干部。"""
    row = await Cadre.create(
        person=await person(user_id, name), unit=unit, kind=kind, quota=roster.QUOTAS[kind], since=AT
    )
    roster.touch()
    return row


async def admin(user_id: str | int, name: str, unit: Unit, kind: RoleKind = RoleKind.ADMIN) -> Person:
    """一位管理员（或督导）。"""
    row = await person(user_id, name)
    await Role.create(person=row, unit=unit, kind=kind)
    roster.touch()
    return row


async def group(group_id: str | int, cadre: Cadre, kind: GroupKind = GroupKind.YOUTH) -> Group:
    """`cadre` 绑定的群。"""
    row = await Group.create(
        scope=Scope.QQ,
        group_id=str(group_id),
        self_id=SELF_ID,
        kind=kind,
        cadre=cadre,
        unit_id=cadre.unit_id,
        bound_at=AT,
    )
    roster.touch()
    return row


async def youth(user_id: str | int, cadre: Cadre, group: Group | None = None, *, since: datetime = AT) -> Person:
    """一名已经 `/加入` 的青年。"""
    row = await person(user_id)
    await Consent.create(person=row, version="1", group=group, given_at=since)
    await Contact.create(cadre=cadre, youth=row, group=group, state=ContactState.ACTIVE, since=since)
    roster.touch()
    return row


async def interaction(cadre: Cadre, youth: Person, day: date, *, sessions: int = 1, messages: int = 3) -> Interaction:
    """一天里的往来；`sessions=0` 就是没够上有效互动。"""
    return await Interaction.create(
        cadre=cadre, youth=youth, day=day, cadre_messages=messages, youth_messages=messages, sessions=sessions
    )


async def appoint_admin(cadre: Cadre, unit: Unit) -> None:
    """让一位团干部兼任 `unit` 的管理员。"""
    await Role.create(person_id=cadre.person_id, unit=unit, kind=RoleKind.ADMIN)
    roster.touch()


async def record(cadre: Cadre, day: date, slot: Slot = Slot.OTHER, grade: EvidenceGrade = EvidenceGrade.L1) -> Activity:
    """`cadre` 办过、记下了的一件事。"""
    at = on(day)
    return await Activity.create(
        kind=ActivityKind.RECORD,
        organiser=cadre,
        unit_id=cadre.unit_id,
        slot=slot,
        starts_at=at,
        state=ActivityState.KEPT,
        grade=grade,
        graded_at=at,
        created_at=at,
        asked_from=at,
    )
