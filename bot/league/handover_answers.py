"""交接里青年的一边：愿意、不换。愿意了，联系与在办的心愿才过去；从前的互动与积分仍是原来那位的。"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import consents, wish_claims
from bot.league.errors import Refusal
from bot.league.handover_letters import called
from bot.league.handover_steps import Say, step
from bot.league.roster import Speaker
from bot.league.words import tidy
from db.models import AskState, Cadre, HandoverAsk, HandoverState, Scope, Wish, WishLane, WishState

#: 同一个人的两个账号都被问过时，留下回得更清楚的
_CLEARER = (AskState.AGREED, AskState.DECLINED, AskState.ASKED, AskState.LAPSED, AskState.DROPPED)


@dataclass(frozen=True)
class Answered:
    """一位青年回了话。"""

    giver: str
    taker: str
    state: AskState
    #: 原来那位已经离任
    giver_left: bool


async def answer(by: Speaker, say: Say, whom: str = "", *, at: datetime) -> Answered:
    """本人的回话；同时问着几件时，`whom` 写其中一位团干部的姓名。"""
    ask = await _mine(by, tidy(whom), say)
    async with in_transaction():
        held = await HandoverAsk.select_for_update(no_key=True).get(id=ask.id)
        giver, taker = ask.handover.giver, ask.handover.taker
        if say is Say.AGREE and taker.left_at is not None:
            raise Refusal(f"{called(taker)}也离任了，这件事不算了。想找别的团干部，在群里发 /加入 @干部。")
        if say is Say.AGREE and not by.joined:
            raise Refusal(f"你已经退出了。想回来，在群里发 /加入 @{called(taker)}。")
        await step(held, say, at=at)
        if say is Say.AGREE:
            await consents.hand_over(held.youth_id, giver_id=giver.id, taker_id=taker.id, at=at)
            await _pass_on_wishes(held.youth_id, giver, taker, by.scope, at=at)
        else:
            await consents.pause_without_cadre(giver.id, [held.youth_id], at=at)
    return Answered(called(giver), called(taker), held.state, giver.left_at is not None)


async def _mine(by: Speaker, whom: str, say: Say) -> HandoverAsk:
    rows = HandoverAsk.filter(youth_id=by.person_id or 0).exclude(handover__state=HandoverState.CANCELLED)
    rows = rows.select_related("handover__giver__person", "handover__giver__unit", "handover__taker__person")
    asks = await rows.order_by("-id")
    waiting = [ask for ask in asks if ask.state is AskState.ASKED] or asks[:1]
    chosen = [ask for ask in waiting if whom in _names(ask)] if len(waiting) > 1 else waiting
    if not waiting:
        raise Refusal("现在没有等你回话的交接。想换联系人，在群里发 /换联系人 @干部。")
    if len(chosen) != 1:
        both = "；".join(f"{called(ask.handover.giver)}换成{called(ask.handover.taker)}" for ask in waiting)
        example = f"/{'愿意' if say is Say.AGREE else '不了'} {called(waiting[0].handover.giver)}"
        raise Refusal(f"问着你的有 {len(waiting)} 件：{both}。写上是谁，例如：{example}")
    return chosen[0]


def _names(ask: HandoverAsk) -> tuple[str, str]:
    return called(ask.handover.giver), called(ask.handover.taker)


async def _pass_on_wishes(youth_id: int, giver: Cadre, taker: Cadre, scope: Scope, *, at: datetime) -> None:
    """原来那位在办的心愿照 `/转办` 的规矩转过去，钟不重算。

    匿名的不转：人一换、心愿就跟着换，等于说出是谁。没人认领的不动，免得不回应就推出去，到点自会告诉管理员。
    """
    old = Speaker(scope, "", person_id=giver.person_id, cadre_id=giver.id, unit_path=giver.unit.path)
    new = Speaker(scope, "", person_id=taker.person_id, cadre_id=taker.id)
    rows = Wish.filter(author_id=youth_id, claimer_id=giver.id, state=WishState.CLAIMED, anonymous=False)
    for wish_id in await rows.exclude(lane=WishLane.CRISIS).values_list("id", flat=True):
        with suppress(Refusal):
            await wish_claims.transfer(old, int(str(wish_id)), at=at, to=new)


async def merge(source: int, target: int) -> None:
    """两个人并成一个：同一次交接问过两回的，留下回得更清楚的；问的正是他自己交接的不要了。要在事务里调用。"""
    own = Q(handover__giver__person_id=target) | Q(handover__taker__person_id=target)
    ids = await HandoverAsk.filter(own, youth_id=source).values_list("id", flat=True)
    await HandoverAsk.filter(id__in=ids).delete()
    mine = {ask.handover_id: ask for ask in await HandoverAsk.filter(youth_id=target)}
    for ask in await HandoverAsk.filter(youth_id=source):
        if twin := mine.get(ask.handover_id):
            weaker = max(ask, twin, key=lambda one: _CLEARER.index(one.state))
            await HandoverAsk.filter(id=weaker.id).delete()
    await HandoverAsk.filter(youth_id=source).update(youth_id=target)
