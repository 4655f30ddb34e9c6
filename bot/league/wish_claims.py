"""微心愿的团干部一边：认领、进展、办结、说明办不成、转办。青年一边见 `wishes`。"""

from datetime import datetime

from tortoise.queryset import QuerySet

from bot.league import crises, roster, wish_letters, wish_sights, words
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.league.wish_steps import advance, check, holding, missing
from db.models import Cadre, Wish, WishAction, WishLane, WishState

#: 产品说明第 5 节：一位团干部手上同时最多 5 条
MAX_CLAIMS = 5


async def claim(by: Speaker, wish_id: int, *, at: datetime) -> Wish:
    """认领；两人同时认领只有一个成，另一个知道是谁。"""
    cadre_id = by.cadre_id
    if cadre_id is None:
        raise Refusal("认领心愿的得是名册上的团干部；管理员可以 /转办 给一位团干部。")
    async with holding(wish_id) as wish:
        await wish_sights.look(by, wish)
        if wish.state is WishState.CLAIMED and wish.claimer_id == cadre_id:
            raise Refusal(f"{wish.number} 已经在你手上了，有进展发 /进展 {wish.number} 话。")
        await check(wish, WishAction.CLAIM)
        if wish.author_id == by.person_id:
            raise Refusal("自己提的心愿，请别的团干部来认领吧。")
        await Cadre.select_for_update(no_key=True).get(id=cadre_id)
        if await Wish.filter(claimer_id=cadre_id, state=WishState.CLAIMED).count() >= MAX_CLAIMS:
            raise Refusal(f"你手上已经有 {MAX_CLAIMS} 件在办了，先办结或 /放弃 一件再来。")
        answered_at = wish.answered_at or at
        event = await advance(
            wish,
            WishAction.CLAIM,
            at=at,
            by_id=by.person_id,
            claimer_id=cadre_id,
            claimed_at=at,
            progressed_at=at,
            warned_at=None,
            answered_at=answered_at,
        )
        await wish_letters.claimed(wish, event, by.name)
        await wish.fetch_related("unit", "group")
    return wish


async def drop(by: Speaker, wish_id: int, *, at: datetime) -> Wish:
    """放弃自己认领的，回到待认领；钟不重算。"""
    async with holding(wish_id) as wish:
        await wish_sights.only_handler(by, wish)
        last = wish.claimer_id
        if last is not None and last != by.cadre_id:
            raise Refusal(f"{wish.number} 不是你认领的；要换人办，可以 /转办 {wish.number} @某人。")
        event = await advance(wish, WishAction.DROP, at=at, by_id=by.person_id, claimer_id=None, escalated_at=None)
        await wish_letters.reopened_to_wall(wish, event, kind="wish.dropped")
        await wish_letters.orphaned(wish, event, last=last, kind="wish.dropped")
    return wish


async def progress(by: Speaker, wish_id: int, note: str, *, at: datetime) -> Wish:
    """写一句进展给青年；危机求助是值守人让带的话。"""
    note = words.sentence(note, example=f"/进展 W{wish_id} 已经联系了老师，周五给你回音")
    async with holding(wish_id) as wish:
        if wish.lane is WishLane.CRISIS:
            await _only_duty(by, wish)
            event = await advance(
                wish,
                WishAction.PROGRESS,
                at=at,
                by_id=by.person_id,
                note=note,
                progressed_at=at,
                answered_at=wish.answered_at or at,
            )
            await crises.hush(wish)
            await wish_letters.crisis_words(wish, event)
            return wish
        await wish_sights.only_handler(by, wish)
        event = await advance(
            wish, WishAction.PROGRESS, at=at, by_id=by.person_id, note=note, progressed_at=at, warned_at=None
        )
        await wish_letters.progressed(wish, event)
    return wish


async def finish(by: Speaker, wish_id: int, note: str, *, at: datetime) -> Wish:
    """办结，等青年确认；危机求助由值守人办结，不去问本人。"""
    note = words.sentence(note)
    async with holding(wish_id) as wish:
        if wish.lane is WishLane.CRISIS:
            await _only_duty(by, wish)
            await advance(wish, WishAction.FINISH, at=at, by_id=by.person_id, note=note, done_at=at)
            await crises.hush(wish)
            return wish
        await wish_sights.only_handler(by, wish)
        event = await advance(
            wish, WishAction.FINISH, at=at, by_id=by.person_id, note=note, done_at=at, asked_again_at=None
        )
        await wish_letters.finished(wish, event, by.name)
    return wish


async def explain(by: Speaker, wish_id: int, reason: str, *, at: datetime) -> Wish:
    """说明办不成的原因，等青年接受或请再想想。"""
    reason = words.sentence(reason, example=f"/办不成 W{wish_id} 体育馆年底前都在修，明年三月重开")
    async with holding(wish_id) as wish:
        await wish_sights.only_handler(by, wish)
        event = await advance(
            wish, WishAction.EXPLAIN, at=at, by_id=by.person_id, note=reason, done_at=at, asked_again_at=None
        )
        await wish_letters.explained(wish, event, by.name)
    return wish


async def transfer(by: Speaker, wish_id: int, *, at: datetime, to: Speaker | str) -> tuple[Wish, Cadre]:
    """转给一位团干部或一个单位（由它的第一位团干部负责），回到待认领；钟不重算。

    能转的：本单位与上级、转的人所在单位的下级、管理员管得到的单位。还没人认领的只有管理员能转，
    免得不回应就推出去。
    """
    target = await _target(to)
    async with holding(wish_id) as wish:
        path = await wish_sights.only_handler(by, wish)
        if wish.claimer_id is None and not by.administers(path):
            raise Refusal(f"{wish.number} 还没有人认领，要转的话请先 /认领 {wish.number}，或请单位管理员来转。")
        await check(wish, WishAction.TRANSFER)
        there = target.unit.path or ""
        if not (
            wish_sights.is_above(there, path) or wish_sights.is_above(by.unit_path, there) or by.administers(there)
        ):
            raise Refusal(f"{target.unit.name}不归你这边管，只能转给本单位、上级或下级；别的单位请上级管理员来转。")
        if target.id == wish.claimer_id:
            raise Refusal(f"{wish.number} 已经在{target.person.name}手上了。")
        last = wish.claimer_id
        event = await advance(
            wish,
            WishAction.TRANSFER,
            at=at,
            by_id=by.person_id,
            claimer_id=None,
            cadre_id=target.id,
            unit_id=target.unit_id,
            escalated_at=wish.escalated_at if by.administers(there) else None,
        )
        await wish_letters.transferred(wish, event, to=target.person.name or target.unit.name, last=last)
    return wish, target


async def _target(to: Speaker | str) -> Cadre:
    cadres = Cadre.filter(left_at=None).order_by("since", "id").select_related("person", "unit")
    if isinstance(to, Speaker):
        if to.cadre_id is None:
            raise Refusal("他不在团干部名册上，转不过去。可以写单位名称，例如：/转办 W12 校团委")
        return await cadres.get(id=to.cadre_id)
    unit = await roster.unit_named(to)
    if unit is None:
        return await _called(cadres, to)
    cadre = await cadres.filter(unit_id=unit.id).first()
    if cadre is None:
        raise Refusal(f"{unit.name}还没有团干部，转过去没人接；请 @ 一位团干部。")
    return cadre


async def _called(cadres: QuerySet[Cadre], word: str) -> Cadre:
    """私聊里 @ 不出人来，写姓名也行；照着打出来的 @ 不算字。"""
    name = words.tidy(word).lstrip("@＠").strip()
    found = await cadres.filter(person__name=name).limit(2) if len(name) <= roster.NAME_MAX else []
    if len(found) > 1:
        raise Refusal(f"名册上有几位{name}，请写单位名称，或到工作群里 @ 本人。")
    if not found:
        raise Refusal(f"没找到“{word[:20]}”，请写名册上的单位全称，或团干部的姓名。")
    return found[0]


async def _only_duty(by: Speaker, wish: Wish) -> None:
    if not await crises.is_duty(by):
        raise missing(wish.id)
