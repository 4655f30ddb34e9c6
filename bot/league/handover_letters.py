"""交接要告诉谁、说什么。青年只问一回，从不催；团干部只知道开始了、问完了。"""

from collections.abc import Sequence
from datetime import datetime

from bot.league import notices
from bot.league.handover_steps import ASK, period_of
from bot.league.periods import day
from bot.league.words import tidy
from db.models import Cadre, Handover


async def started(
    handover: Handover, giver: Cadre, taker: Cadre, youths: Sequence[int], *, by_giver: bool, at: datetime
) -> None:
    """问青年每人一句；告诉接手的人，别人替他交的也告诉本人。"""
    text, period = _question(handover, giver, taker), period_of(handover.id)
    until = handover.closes_at
    asks = [notices.draft(ASK, period=period, person_id=one, text=text, at=at, expires_at=until) for one in youths]
    await notices.post_all(asks)
    why = f"{called(giver)}离任了，" if giver.left_at is not None else ""
    who = called(giver) if by_giver else "管理员"
    whose = "自己" if by_giver else called(giver)
    told = {taker.person_id: f"{why}{who}想请你接着联系{whose}的青年。{_HOW}"}
    if giver.left_at is None and not by_giver:
        told[giver.person_id] = f"管理员请{called(taker)}接着联系你的青年。{_HOW}"
    for person_id, sentence in told.items():
        await notices.post("handover.started", period=period, person_id=person_id, text=sentence, at=at)


_HOW = "我在一位一位问本人，愿意的才换，不用去催。问得怎样，私聊我发 /交接 看。"


def _question(handover: Handover, giver: Cadre, taker: Cadre) -> str:
    old, new = called(giver), called(taker)
    if giver.left_at is not None:
        return (
            f"{old}离任了，{new}可以接着做你的联系团干部。愿意就回我 /愿意，不用就回 /不了；"
            f"到{day(handover.closes_at)}没回就当不用，联系会停下。从前你们聊过几次，不会交过去。"
        )
    return (
        f"{old}想请{new}接着做你的联系团干部。愿意就回我 /愿意，想留在{old}这边就回 /不了，不回也不会换。"
        "从前你们聊过几次，不会交过去。"
    )


async def ended(handover: Handover, *, lost: bool, at: datetime) -> None:
    """问完了，或接手的人离任了；告诉两边还在任的。"""
    await handover.fetch_related("giver__person", "taker__person")
    text = f"{called(handover.taker)}离任了，交接停了，没换的都没有动。" if lost else "交接问完了，私聊我发 /交接 看。"
    for cadre in (handover.giver, handover.taker):
        if cadre.left_at is None:
            period = period_of(handover.id)
            await notices.post("handover.ended", period=period, person_id=cadre.person_id, text=text, at=at)


def called(cadre: Cadre) -> str:
    """称呼；没有姓名就说“团干部”。"""
    return tidy(cadre.person.name or "") or "团干部"
