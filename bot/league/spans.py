"""范围：谁能看哪些单位，在哪里看得到什么。不认识积分与名次。"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Group, GroupKind, RoleKind, Unit

# 比任何 path 都大的串：没有唯一的根时，“全部”就是到它为止
_END = "Z"


@dataclass(frozen=True)
class Span:
    """看哪些单位：一棵子树，或（没有唯一的根时）全部。"""

    name: str
    path: str
    path_end: str

    @classmethod
    def of(cls, unit: Unit) -> "Span":
        """某单位及其下级。"""
        return cls(unit.name, unit.path or "", unit.path_end)


async def span_for(by: Speaker, name: str = "", *, ask: str = "/排名") -> Span:
    """管理员要看的范围：不写单位就是自己管的最大一块；`name` 可以只写一部分，只在管得到的单位里找。

    `ask` 是看全部该怎么发。
    """
    widest = await _widest(by)
    if not name:
        return widest
    within = Unit.filter(path__gte=widest.path, path__lt=widest.path_end)
    known = {str(unit.name): unit for unit in await within.order_by("path") if by.administers(unit.path or "")}
    if name in known:
        return Span.of(known[name])
    close = _alike(name, list(known))
    if len(close) == 1:
        return Span.of(known[close[0]])
    if close:
        raise Refusal(f"“{name[:20]}”对得上几个单位：{'、'.join(close[:5])}，写全一点就行。")
    raise Refusal(f"你能看的单位里没有“{name[:20]}”。直接发 {ask} 看全部，或写名册里的单位名。")


def _alike(name: str, known: list[str]) -> list[str]:
    """含有它的；没有就按简称找（“计院”）；再没有就容一两个错字。宁可说没有，也不拿别的单位顶替。"""
    return (
        [other for other in known if name in other]
        or [other for other in known if _abbreviates(name, other)]
        or get_close_matches(name, known, n=3, cutoff=0.8)
    )


def _abbreviates(short: str, name: str) -> bool:
    rest = iter(name)
    return all(character in rest for character in short)


async def everywhere() -> Span:
    """本机收录的最大范围。“全国”就是它，名字照实说。"""
    roots = await Unit.filter(parent_id=None).order_by("path").limit(2)
    return Span.of(roots[0]) if len(roots) == 1 else Span("本机全部单位", "", _END)


async def peers_of(unit: Unit) -> Span:
    """与某单位并列的那些单位：上级的下一级；本身是根就看自己的下一级。"""
    return Span.of(await Unit.get(id=unit.parent_id) if unit.parent_id else unit)


async def path_of(group: Group | None) -> str | None:
    """绑定群所在单位的 `Unit.path`；没有群为空。"""
    return str((await Unit.get(id=group.unit_id)).path) if group else None


async def _widest(by: Speaker) -> Span:
    if by.superuser:
        return await everywhere()
    duty = min((duty for duty in by.duties if duty.kind is RoleKind.ADMIN), key=lambda duty: len(duty.unit_path))
    return Span.of(await Unit.get(id=duty.unit_id))


class Sight(StrEnum):
    """谁在哪里看得到什么（产品说明第 4 节 /排名）。"""

    BOARD = "单位与个人"
    OWN = "自己的名次"
    BANDS = "只有单位的档位"
    NOTHING = "什么都不给"


def sight(by: Speaker, *, private: bool, kind: GroupKind | None) -> Sight:
    """管理员在私聊或工作群看全的；群里其他情形只有单位档位；没绑定的群不知道谁在看，什么都不给。"""
    if by.is_admin and (private or kind is GroupKind.WORK):
        return Sight.BOARD
    if private:
        return Sight.OWN if by.is_cadre else Sight.NOTHING
    return Sight.BANDS if kind else Sight.NOTHING
