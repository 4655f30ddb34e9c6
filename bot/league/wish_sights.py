"""谁看得见哪条心愿，谁可以动它。"""

from collections.abc import Sequence

from tortoise.expressions import Q

from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.league.wish_steps import missing
from db.models import RoleKind, Unit, Wish, WishAction, WishEvent, WishLane, WishState

#: 青年请人接着办
SENT_BACK = (WishAction.UNDONE, WishAction.RECONSIDER)


def is_above(path: str | None, below: str | None) -> bool:
    """`path` 是 `below` 本身或它的上级。"""
    return bool(path and below and below.startswith(path))


def sees(by: Speaker, wish: Wish, path: str) -> bool:
    """看得见墙上或私密道的一条心愿（归 `path` 处的单位）；危机求助谁也不在这里看。"""
    if wish.lane is WishLane.CRISIS:
        return False
    if by.administers(path) or (by.cadre_id is not None and by.cadre_id in (wish.cadre_id, wish.claimer_id)):
        return True
    return wish.lane is WishLane.WALL and is_above(by.unit_path, path)


def handles(by: Speaker, wish: Wish, path: str) -> bool:
    """可以替这条心愿说话：认领人，或管得到这个单位的管理员。"""
    return (by.cadre_id is not None and by.cadre_id == wish.claimer_id) or by.administers(path)


async def look(by: Speaker, wish: Wish) -> str:
    """看得见就返回所属单位的 `path`；看不见与没有这个编号说一样的话。"""
    path = await path_of(wish)
    if not sees(by, wish, path):
        raise missing(wish.id)
    return path


async def only_handler(by: Speaker, wish: Wish) -> str:
    """不是认领人也不是管理员就 `Refusal`。"""
    path = await look(by, wish)
    if wish.claimer_id is not None and not handles(by, wish, path):
        raise Refusal(f"{wish.number} 不是你认领的，请认领人或单位管理员来操作。")
    return path


async def only_author(by: Speaker, wish: Wish) -> None:
    """不是自己提的，与没有这个编号说一样的话。"""
    if by.person_id is None or wish.author_id != by.person_id:
        raise Refusal(f"没找到你提的 {wish.number}，发 /我的心愿 看看编号？")


async def path_of(wish: Wish) -> str:
    """所属单位的 `path`；危机求助可能没有单位。"""
    unit = await Unit.get_or_none(id=wish.unit_id) if wish.unit_id else None
    return unit.path or "" if unit else ""


async def wall(by: Speaker, *, private: bool) -> list[Wish]:
    """没结束的、看得见的心愿，等得久的在前；`private` 时才连私密道一起给。"""
    below = Q(unit__path__gte=by.unit_path, unit__path__lt=_end(by.unit_path)) if by.unit_path else Q(id=0)
    managed = [
        Q(unit__path__gte=duty.unit_path, unit__path__lt=duty.unit_path_end)
        for duty in by.duties
        if duty.kind is RoleKind.ADMIN
    ]
    in_charge = Q(*managed, join_type=Q.OR) if managed else Q(id=0)
    mine = Q(cadre_id=by.cadre_id) | Q(claimer_id=by.cadre_id) if by.cadre_id else Q(id=0)
    seen = Q(lane=WishLane.WALL) & (mine | below | in_charge)
    if private:
        seen |= Q(lane=WishLane.PRIVATE) & (mine | in_charge)
    if by.superuser:
        seen = Q(lane__in=[WishLane.WALL, WishLane.PRIVATE] if private else [WishLane.WALL])
    rows = Wish.filter(seen, state__not=WishState.ENDED).order_by("submitted_at", "id").select_related("unit")
    return sorted(await rows, key=lambda wish: list(WishState).index(wish.state))


async def sent_back(wishes: Sequence[Wish]) -> dict[int, str]:
    """私密道里请人接着办的，青年最近说的一句：这句不写进通知，看得见内容的人在这里看。"""
    ids = [wish.id for wish in wishes if wish.lane is WishLane.PRIVATE]
    rows = WishEvent.filter(wish_id__in=ids, kind__in=SENT_BACK, note__isnull=False).order_by("id")
    return {event.wish_id: event.note or "" for event in await rows}


def _end(path: str) -> str:
    return path[:-6] + f"{int(path[-6:]) + 1:06d}"
