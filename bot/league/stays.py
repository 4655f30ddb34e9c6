"""下基层：一天只记一次，算几项都行，每项里只数一遍。更正另存一版，从不涂改。"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import steps
from bot.league.belated import KEEP_TEXT, check_belated, reason_for_change
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from bot.league.stay_orders import EXAMPLE, Order
from db.models import EvidenceGrade, Scheme, Stay, StayDay, StayState, StayVersion

#: 地点至多几个字：卡片一行放得下
PLACE_MAX = 30
#: 8+4 的“4”是四个月；连着的四个月最长 123 天，再长的分两次记
LONGEST = 123
#: 见了多少人，再多多半是写错了
PEOPLE_MAX = 100_000


class Move(StrEnum):
    """对一次下基层做的事。"""

    CORRECT = "correct"
    VOID = "void"


#: 表里没有的都不行
MOVES: dict[tuple[StayState, Move], StayState] = {
    (StayState.KEPT, Move.CORRECT): StayState.KEPT,
    (StayState.KEPT, Move.VOID): StayState.VOIDED,
}


@dataclass(frozen=True)
class Facts:
    """一次下基层要存的。"""

    place: str
    first_day: date
    days: int
    schemes: str
    people: int | None

    @property
    def last_day(self) -> date:
        """最后一天（含）。"""
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def grade(self) -> EvidenceGrade:
        """时间、地点总是有的，见了多少人也写了才算齐全（产品说明第 6 节）。"""
        return EvidenceGrade.L1 if self.people else EvidenceGrade.L0


def check(stay: Stay, move: Move) -> StayState:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if after := MOVES.get((stay.state, move)):
        return after
    raise Refusal(f"{stay.number} 已经作废了，不再算数。要记新的，例如：{EXAMPLE}")


def schemes_of(stay: Stay | StayVersion) -> list[Scheme]:
    """算哪几项。"""
    return [Scheme(name) for name in stay.schemes.split()]


def days_text(first: date, days: int) -> str:
    """`11月17日`、`11月17日–18日`、`10月31日–11月2日`。"""
    last = first + timedelta(days=days - 1)
    begin = f"{first.month}月{first.day}日"
    if days == 1:
        return begin
    return f"{begin}–{last.day}日" if last.month == first.month else f"{begin}–{last.month}月{last.day}日"


async def keep(by: Speaker, order: Order, *, at: datetime) -> Stay:
    """记一次；和已经记了的日子重叠就 `Refusal`。"""
    cadre_id, unit_id = by.office()
    facts = _facts(order, at=at)
    check_belated(facts.last_day, order.reason, today=local(at).date())
    async with in_transaction():
        stay = await Stay.create(
            cadre_id=cadre_id, unit_id=unit_id, state=StayState.KEPT, created_at=at, grade=facts.grade, **vars(facts)
        )
        await _lay_out(stay)
        await _keep_version(stay, at=at, reason=order.reason)
    return stay


def _facts(order: Order, *, at: datetime) -> Facts:
    today = local(at).date()
    if order.days is None and order.first_day is None:
        raise Refusal(f"去了几天？例如：{EXAMPLE}（也可以写日子：11-16~11-17）")
    if not order.place:
        raise Refusal(f"去了哪里？例如：{EXAMPLE}")
    if len(order.place) > PLACE_MAX:
        raise Refusal(f"地点有点长（{len(order.place)} 字），{PLACE_MAX} 字以内就好。")
    days = 1 if order.days is None else order.days
    if not 1 <= days <= LONGEST:
        raise Refusal(f"一次记 1 到 {LONGEST} 天（四个月），再长的分两次记。")
    if order.people is not None and not 1 <= order.people <= PEOPLE_MAX:
        raise Refusal("见了多少人，写个实在的数，例如：见了12人")
    first_day = order.first_day or today - timedelta(days=days - 1)
    facts = Facts(order.place, first_day, days, " ".join(order.schemes), order.people)
    if facts.last_day > today:
        raise Refusal("还没到的日子先不记，去过了再记；已经过了几天的，先记过了的。")
    return facts


async def _lay_out(stay: Stay) -> None:
    """占住这几天；有一天已经记在别处就 `Refusal`。要在事务里。"""
    days = [stay.first_day + timedelta(days=offset) for offset in range(stay.days)]
    await StayDay.filter(stay_id=stay.id).delete()
    taken = StayDay.filter(cadre_id=stay.cadre_id, day__gte=days[0], day__lte=days[-1])
    if other := await taken.order_by("day").select_related("stay").first():
        raise _overlap(other.stay, other.day)
    rows = [StayDay(stay_id=stay.id, cadre_id=stay.cadre_id, day=day) for day in days]
    try:
        await StayDay.bulk_create(rows)
    except IntegrityError:  # 同一刻在两个账号上各记了一次
        raise Refusal("这几天刚刚已经记下了，发 /下基层 看看。") from None


def _overlap(other: Stay, day: date) -> Refusal:
    schemes = other.schemes.replace(" ", "、") or "没写算哪项"
    return Refusal(
        f"{day.month}月{day.day}日 已经记在 {other.number} 里了（{other.place}，{schemes}），一天只记一次。"
        f"要改它，或让它也算别的项：/纠错 {other.number} 漏写了 改为 8+4 蹲点"
    )


async def _keep_version(stay: Stay, *, at: datetime, reason: str) -> None:
    await StayVersion.create(
        stay_id=stay.id,
        version=stay.version,
        at=at,
        reason=reason or None,
        place=stay.place,
        first_day=stay.first_day,
        days=stay.days,
        schemes=stay.schemes,
        people=stay.people,
        state=stay.state,
    )


async def correct(by: Speaker, stay_id: int, reason: str, order: Order, *, at: datetime) -> Stay:
    """更正：没说到的不动，存成新的一版。"""
    reason = reason_for_change(reason, example=f"/纠错 J{stay_id} 记错了 改为 3天")
    async with _own(by, stay_id) as stay:
        after = check(stay, Move.CORRECT)
        facts = _facts(
            replace(
                order,
                place=order.place or stay.place,
                first_day=order.first_day or stay.first_day,
                days=order.days or stay.days,
                schemes=order.schemes or tuple(schemes_of(stay)),
                people=order.people or stay.people,
            ),
            at=at,
        )
        if all(getattr(stay, name) == value for name, value in vars(facts).items()):
            raise Refusal(f"和现在记的一样，没有改动。例如：/纠错 {stay.number} 记错了 改为 3天")
        await _advance(stay, after, **vars(facts), grade=facts.grade)
        await _lay_out(stay)
        await _keep_version(stay, at=at, reason=reason)
    return stay


async def void(by: Speaker, stay_id: int, reason: str, *, at: datetime) -> Stay:
    """作废：那几天空出来，从前的每一版还在。"""
    reason = reason_for_change(reason, example=f"/纠错 J{stay_id} 记重了")
    async with _own(by, stay_id) as stay:
        await _advance(stay, check(stay, Move.VOID))
        await StayDay.filter(stay_id=stay.id).delete()
        await _keep_version(stay, at=at, reason=reason)
    return stay


@asynccontextmanager
async def _own(by: Speaker, stay_id: int) -> AsyncIterator[Stay]:
    """开一个事务并锁住自己的这一次；别人的与没有说一样的话。"""
    cadre_id, _ = by.office()
    async with steps.holding(Stay, stay_id, missing=missing(stay_id)) as stay:
        if stay.cadre_id != cadre_id:
            raise missing(stay_id)
        yield stay


async def _advance(stay: Stay, after: StayState, **changes: object) -> None:
    changes |= {"state": after, "version": stay.version + 1}
    await steps.move(stay, stay.number, unless_changed=("state", "version"), **changes)


def missing(stay_id: int) -> Refusal:
    """没有这个编号，或者不是他的。"""
    return Refusal(f"没找到 J{stay_id}，发 /下基层 看看自己的编号。")


async def history(by: Speaker, stay_id: int) -> tuple[Stay, list[StayVersion]]:
    """自己的一次，连同每一版。"""
    cadre_id, _ = by.office()
    stay = await Stay.get_or_none(id=stay_id, cadre_id=cadre_id)
    if stay is None:
        raise missing(stay_id)
    return stay, await StayVersion.filter(stay_id=stay_id).order_by("version")


async def forget(at: datetime) -> None:
    """满 90 天的，原因清空；去了哪里、哪几天是工作记录，留着。"""
    await StayVersion.filter(at__lte=at - KEEP_TEXT, reason__isnull=False).update(reason=None)


async def erase_words_of(person_id: int) -> None:
    """离任的团干部要求删除数据：地点与原因清空，天数留作合计。"""
    await StayVersion.filter(stay__cadre__person_id=person_id).update(reason=None, place="")
    await Stay.filter(cadre__person_id=person_id).update(place="")
