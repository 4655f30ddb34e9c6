"""抽签的种子：季初封好总种子，先公布它的哈希；一回收完、旧账不再改了才亮出来，谁都可以照着再抽一遍。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import draws
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from db.models import CheckRound, CheckSeal, SpotCheck


@dataclass(frozen=True)
class Sealed:
    """一季的总种子；旧账再也不改了才公布 `seed`。"""

    quarter: str
    sealed_at: datetime
    commitment: str
    seed: str | None


@dataclass(frozen=True)
class Published:
    """一回的种子与名单；没收完时 `seed` 为空，名单也只给哈希。"""

    number: int
    sealed: Sealed
    commitment: str
    listing: str
    opened_at: datetime
    closed_at: datetime | None
    seed: str | None
    #: 抽到并问过的：(第几位, 代号)
    asked: tuple[tuple[int, str], ...]
    claims: int


async def seal_of(quarter: Quarter, *, at: datetime) -> CheckSeal:
    """这一季的总种子；没有就现在封上，封上就不再变。"""
    seal, _ = await CheckSeal.get_or_create(
        quarter=str(quarter), defaults={"seed": draws.fresh_seed(), "sealed_at": at}
    )
    return seal


async def sealed(quarter: Quarter, *, at: datetime) -> Sealed:
    """一季封好的总种子，对谁都公布；没封过的季度 `Refusal`。"""
    seal = await CheckSeal.get_or_none(quarter=str(quarter))
    if seal is None:
        raise Refusal(f"{quarter} 没有封过种子。看本季的发 /抽查 种子。")
    over = at >= quarter.next.end
    return Sealed(seal.quarter, seal.sealed_at, draws.commitment(seal.seed), seal.seed if over else None)


async def published(number: int, *, at: datetime) -> Published:
    """第 `number` 回对谁都公布的；没有这一回就 `Refusal`。"""
    one = await CheckRound.get_or_none(id=number)
    if one is None:
        raise Refusal(f"没有第 {number} 回抽查。看这一季封好的种子发 /抽查 种子。")
    codes = draws.unpack(bytes(one.claims))
    rows = SpotCheck.filter(round=one, asked_at__isnull=False).order_by("rank")
    asked = await rows.values_list("rank", "claim") if one.closed_at else []
    return Published(
        number,
        await sealed(Quarter.parse(one.quarter, at=at), at=at),
        draws.commitment(one.seed),
        draws.listing(codes),
        one.opened_at,
        one.closed_at,
        one.seed if one.closed_at else None,
        tuple((int(rank), str(claim)) for rank, claim in asked),
        len(codes),
    )
