"""眼下等着一个人回一句话的事：不靠通知送没送到，直接看库里。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import check_cases, oversights, voice_sights
from bot.league.evidence import CONFIRM_WITHIN
from bot.league.roster import Speaker
from db.models import ActivityKind, ActivityState, Notice, NoticeState, Participation, PartState, Wish, WishState


@dataclass(frozen=True)
class Pending:
    """都是编号。"""

    #: 等他回音的心声、建议、投诉
    voices: tuple[str, ...] = ()
    #: 办结了、说明了办不成，等他说一句的心愿
    wishes: tuple[str, ...] = ()
    #: 问过他有没有、还来得及回的记录
    records: tuple[str, ...] = ()
    #: 等他说明的案、等他裁定的案
    cases: tuple[str, ...] = ()
    rulings: tuple[str, ...] = ()
    #: 有青年提了异议、等他看的记录
    disputes: tuple[str, ...] = ()


async def pending(by: Speaker, *, at: datetime) -> Pending:
    """等着这个人的。"""
    if by.person_id is None:
        return Pending()
    answering = by.is_cadre or by.duties
    wishes = Wish.filter(author_id=by.person_id, state__in=[WishState.DONE, WishState.EXPLAINED]).order_by("id")
    asked = Participation.filter(
        person_id=by.person_id,
        state=PartState.NAMED,
        asked_at__isnull=False,
        activity__kind=ActivityKind.RECORD,
        activity__state=ActivityState.KEPT,
        activity__asked_from__gt=at - CONFIRM_WITHIN,
    )
    return Pending(
        voices=tuple(voice.number for voice in await voice_sights.inbox(by)) if answering else (),
        wishes=tuple(wish.number for wish in await wishes),
        records=tuple(f"A{part.activity_id}" for part in await asked.order_by("activity_id")),
        cases=await check_cases.to_explain(by),
        rulings=tuple(row.number for row in await check_cases.to_rule(by)),
        disputes=tuple(row.number for row in await oversights.disputes(by)) if by.is_inspector else (),
    )


async def left(person_id: int | None, *, at: datetime) -> bool:
    """还有没说给他的话。"""
    waiting = Notice.filter(person_id=person_id, state__in=[NoticeState.DUE, NoticeState.RIDING], expires_at__gt=at)
    return person_id is not None and await waiting.exists()
