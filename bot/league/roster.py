"""名册：单位、人、账号、团干部、职责。"""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league.errors import Refusal
from db.models import Account, Cadre, CadreKind, Consent, Person, Role, RoleKind, Scope, Unit

#: 全团要讯2017第2期：专职、挂职、县级以上机关兼职各联系 100 名，其他兼职 10 名
QUOTAS = {
    CadreKind.FULL_TIME: 100,
    CadreKind.SECONDED: 100,
    CadreKind.PART_TIME_COUNTY: 100,
    CadreKind.PART_TIME: 10,
}

#: 最上一级单位的 path 只有一层
_ROOT = 6
#: 单位名、人的姓名至多几个字
UNIT_NAME_MAX, NAME_MAX = 60, 40

#: 名册或同意有变就加一；记住这个数的缓存据此作废
_revision = 0


def revision() -> int:
    """名册的版本号，任何改动都会变。"""
    return _revision


def touch() -> None:
    """名册、群绑定、同意或联系关系改过之后叫一声，让各处缓存作废。"""
    global _revision
    _revision += 1


@dataclass(frozen=True)
class Duty:
    """一份职责：管哪个单位（及下级）。"""

    kind: RoleKind
    unit_id: int
    unit_path: str
    unit_path_end: str


@dataclass(frozen=True)
class Speaker:
    """说话的人是谁。不认识的人 `person_id` 为空。"""

    scope: Scope
    user_id: str
    person_id: int | None = None
    name: str | None = None
    cadre_id: int | None = None
    unit_id: int | None = None
    unit_path: str | None = None
    quota: int | None = None
    duties: tuple[Duty, ...] = ()
    superuser: bool = False
    #: 有一份没撤回的同意
    joined: bool = False

    @property
    def is_cadre(self) -> bool:
        """在任的团干部。"""
        return self.cadre_id is not None

    @property
    def is_admin(self) -> bool:
        """某单位的管理员，或超级管理员。"""
        return self.superuser or any(duty.kind is RoleKind.ADMIN for duty in self.duties)

    @property
    def is_inspector(self) -> bool:
        """督导。"""
        return any(duty.kind is RoleKind.INSPECTOR for duty in self.duties)

    @property
    def heads_everything(self) -> bool:
        """超级管理员，或最上级单位（路径只有一节）的管理员。"""
        return self.superuser or any(duty.kind is RoleKind.ADMIN and len(duty.unit_path) == 6 for duty in self.duties)

    def office(self) -> tuple[int, int]:
        """在任团干部的号与所在单位的号；不是团干部就 `Refusal`。"""
        if self.cadre_id is None or self.unit_id is None:
            raise Refusal(
                "这条命令是给团干部用的。你要是团干部，请管理员发 /任命 @你；换了账号的，用 /绑定 六位码 认回来。"
            )
        return self.cadre_id, self.unit_id

    def inspects(self, path: str) -> bool:
        """是否督导得到 `path` 处的单位：该单位及上级的督导。"""
        return self._has(RoleKind.INSPECTOR, path)

    def administers(self, path: str) -> bool:
        """是否管得到 `path` 处的单位：超级管理员，或该单位及上级的管理员。"""
        return self.superuser or self._has(RoleKind.ADMIN, path)

    @property
    def at_the_top(self) -> bool:
        """超级管理员，或最上一级单位的管理员（组织部）。"""
        return self.superuser or any(len(one.unit_path) == _ROOT for one in self.duties if one.kind is RoleKind.ADMIN)

    def _has(self, kind: RoleKind, path: str) -> bool:
        return any(duty.kind is kind and duty.unit_path <= path < duty.unit_path_end for duty in self.duties)


async def identify(scope: Scope, user_id: str, *, superuser: bool = False) -> Speaker:
    """账号 → 说话的人；不认识也返回一个 `Speaker`，只是没有 `person_id`。"""
    account = await Account.get_or_none(scope=scope, user_id=user_id).select_related("person")
    if account is None:
        return Speaker(scope, user_id, superuser=superuser)
    person_id = account.person_id
    cadre = await Cadre.get_or_none(person_id=person_id, left_at=None).select_related("unit")
    roles = await Role.filter(person_id=person_id).select_related("unit")
    return Speaker(
        scope,
        user_id,
        person_id=person_id,
        name=account.person.name,
        cadre_id=cadre.id if cadre else None,
        unit_id=cadre.unit_id if cadre else None,
        unit_path=cadre.unit.path if cadre else None,
        quota=cadre.quota if cadre else None,
        duties=tuple(Duty(role.kind, role.unit_id, role.unit.path or "", role.unit.path_end) for role in roles),
        superuser=superuser,
        joined=await Consent.exists(person_id=person_id, withdrawn_at=None),
    )


async def ensure_person(scope: Scope, user_id: str, *, at: datetime, name: str | None = None) -> Person:
    """账号对应的人；没有就建一个（只有账号，没有别的）。同时来两次也只建一个。"""
    if known := await _owner(scope, user_id):
        return known
    try:
        async with in_transaction():
            person = await Person.create(name=name, created_at=at)
            await Account.create(scope=scope, user_id=user_id, person=person)
    except IntegrityError:  # 别处抢先建好了
        if known := await _owner(scope, user_id):
            return known
        raise
    touch()
    return person


async def _owner(scope: Scope, user_id: str) -> Person | None:
    account = await Account.get_or_none(scope=scope, user_id=user_id).select_related("person")
    return account.person if account else None


async def officers_above(path: str, kind: RoleKind) -> list[list[int]]:
    """`path` 处的单位及各级上级里担任 `kind` 的人（`Person.id`），一级一组，近的在前；没有人的级略去。"""
    levels = [path[:end] for end in range(6, len(path) + 1, 6)]
    roles = await Role.filter(kind=kind, unit__path__in=levels).order_by("id").select_related("unit")
    found: dict[str, list[int]] = {}
    for role in roles:
        found.setdefault(role.unit.path or "", []).append(role.person_id)
    return [found[level] for level in sorted(found, reverse=True)]


async def unit_named(name: str) -> Unit | None:
    """叫这个全名的单位；长得不可能是单位名的不拿去查，查了会出错。"""
    return await Unit.get_or_none(name=name) if len(name) <= UNIT_NAME_MAX else None


async def find_unit(name: str) -> Unit:
    """按全名找单位；找不到就 `Refusal`，顺便说出最像的几个。"""
    if unit := await unit_named(name):
        return unit
    names = [str(known) for known in await Unit.all().order_by("id").values_list("name", flat=True)]
    if not names:
        raise Refusal("还没有任何单位，请先导入名册：私聊我发 /导入。")
    close = [known for known in names if name in known][:3] or get_close_matches(name, names, n=3, cutoff=0.4)
    hint = f"是不是：{'、'.join(close)}？" if close else "单位要写名册里的全名。"
    raise Refusal(f"没有叫“{name[:20]}”的单位。{hint}")


async def add_unit(name: str, kind: str, parent: Unit | None = None) -> Unit:
    """建一个单位并算好 `path`。"""
    async with in_transaction():
        unit = await Unit.create(name=name, kind=kind, parent=parent)
        unit.path = (parent.path or "" if parent else "") + f"{unit.id:06d}"
        await unit.save(update_fields=["path"])
    touch()
    return unit
