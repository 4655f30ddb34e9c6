"""交接：团干部离任或想请人接手时，一位一位问青年本人。愿意的才换，不回就是不换。青年一边见 `handover_answers`。"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tortoise import Model
from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from bot.league import audits, consents, handover_letters, wish_sights
from bot.league.errors import Refusal
from bot.league.handover_letters import called
from bot.league.handover_steps import ASK, Move, Say, advance, holding, step_all
from bot.league.periods import day
from bot.league.roster import NAME_MAX, Speaker
from bot.league.words import tidy
from db.models import (
    AskState,
    Cadre,
    Contact,
    ContactState,
    Erasure,
    Handover,
    HandoverAsk,
    HandoverState,
    Notice,
    NoticeState,
    RoleKind,
    Scope,
)

M = TypeVar("M", bound=Model)

#: 等两周，和心愿等本人确认一样久（产品说明第 5 节）
ASK_FOR = timedelta(days=14)
#: 三十天里问过一次的不再问，换谁来接都一样
ASK_AGAIN_AFTER = timedelta(days=30)
#: 谁被问过、怎么回的，结束 90 天后删去（产品说明第 2 节：心声、建议同样 90 天）
KEEP = timedelta(days=90)
#: `/交接` 至多列几次
LISTED = 5

EXAMPLE = "/交接 @新干部"
ADMIN_EXAMPLE = "/交接 @原来的 @新的"


@dataclass(frozen=True)
class Tally:
    """一次交接问得怎样，都是人。"""

    handover: Handover
    giver: str
    taker: str
    asked: int
    agreed: int
    declined: int
    #: 还没回话的；结束以后是没回的
    silent: int


async def find(word: str, scope: Scope, *, mentioned: bool, left_too: bool = False) -> Cadre:
    """@ 到的账号，或姓名、账号 → 名册上的一位团干部；`left_too` 时离任的也算。"""
    rows = Cadre.all() if left_too else Cadre.filter(left_at=None)
    mine = Q(person__accounts__scope=scope, person__accounts__user_id=word)
    rows = rows.filter(mine if mentioned else mine | Q(person__name=tidy(word)))
    found = await rows.distinct() if len(word) <= NAME_MAX else []  # 长得不可能是姓名的不拿去查，查了会出错
    if len(found) > 1:
        raise Refusal(f"叫“{word[:20]}”的团干部有 {len(found)} 位，请写账号，或在群里 @ 本人。")
    if not found:
        who = "你 @ 的" if mentioned else f"“{word[:20]}”"
        raise Refusal(f"{who}不在团干部名册上{'' if left_too else '，或已经离任'}。例如：{EXAMPLE}")
    return await Cadre.get(id=found[0].id).select_related("person", "unit")


async def start(by: Speaker, *, giver: Cadre, taker: Cadre, at: datetime) -> int:
    """开始一次交接，返回要问几位。本人交自己的；管理员可以替管得到的团干部（离任的也行）交。"""
    _check(by, giver, taker)
    async with in_transaction():
        await Cadre.select_for_update(no_key=True).get(id=giver.id)
        if waiting := await Handover.get_or_none(giver_id=giver.id, state=HandoverState.OPEN).select_related(
            "taker__person"
        ):
            raise Refusal(
                f"正在问要不要换成{called(waiting.taker)}，到{day(waiting.closes_at)}为止。等问完，或先发 /交接 取消。"
            )
        youths = await _youths(giver, taker, at=at)
        if not youths:
            raise Refusal("没有要问的青年：没有联系着的，或者已经在新那位名下、近三十天里问过、正排着删除数据。")
        handover = await Handover.create(
            giver=giver, taker=taker, state=HandoverState.OPEN, opened_at=at, closes_at=at + ASK_FOR
        )
        asks = [HandoverAsk(handover_id=handover.id, youth_id=one, state=AskState.ASKED, at=at) for one in youths]
        await HandoverAsk.bulk_create(asks, batch_size=500)
        await audits.record(
            "handover.open", subject=f"c{giver.id}", at=at, actor_id=by.person_id, detail=f"c{taker.id}"
        )
        await handover_letters.started(handover, giver, taker, youths, by_giver=by.cadre_id == giver.id, at=at)
    return len(youths)


def _check(by: Speaker, giver: Cadre, taker: Cadre) -> None:
    here, there = giver.unit.path or "", taker.unit.path or ""
    if by.cadre_id != giver.id and not by.administers(here):
        raise Refusal(f"{called(giver)}的联系青年，要由本人或管得到的管理员来交接。自己的就发：{EXAMPLE}")
    if giver.id == taker.id:
        raise Refusal(f"不能交给自己，要写接手的那一位：{EXAMPLE}")
    if not (wish_sights.is_above(there, here) or wish_sights.is_above(here, there) or by.administers(there)):
        raise Refusal(f"{taker.unit.name}不在这条线上，只能交给本单位、上级或下级的团干部；别处的请上级管理员来办。")


async def _youths(giver: Cadre, taker: Cadre, *, at: datetime) -> list[int]:
    """要问的青年：联系着的，去掉已经在新那位名下的、问过的、排着删除的、新那位本人。"""
    mine = await _people(Contact.filter(cadre_id=giver.id, state=ContactState.ACTIVE), "youth_id")
    theirs = await _people(Contact.filter(cadre_id=taker.id, state=ContactState.ACTIVE), "youth_id")
    same = HandoverAsk.filter(handover__taker_id=taker.id, youth_id__in=mine).exclude(state=AskState.DROPPED)
    lately = Notice.filter(kind=ASK, created_at__gt=at - ASK_AGAIN_AFTER, person_id__in=mine)
    lately = lately.exclude(state__in=(NoticeState.EXPIRED, NoticeState.FAILED))  # 没送到的不算问过
    asked = await _people(same, "youth_id") | await _people(lately, "person_id")
    going = await _people(Erasure.filter(done_at=None, cancelled_at=None, person_id__in=mine), "person_id")
    return sorted(mine - theirs - asked - going - {taker.person_id})


async def _people(rows: QuerySet[M], column: str) -> set[int]:
    return {int(str(person_id)) for person_id in await rows.values_list(column, flat=True)}


async def cancel(by: Speaker, giver: Cadre | None, *, at: datetime) -> Handover:
    """停下还在问的那一次；已经愿意的照旧。"""
    giver_id = giver.id if giver else by.cadre_id
    found = await Handover.get_or_none(giver_id=giver_id or 0, state=HandoverState.OPEN)
    if giver and giver.id != by.cadre_id and not by.administers(giver.unit.path or ""):
        raise Refusal(f"{called(giver)}的交接，要由本人或管得到的管理员来停。")
    if found is None:
        raise Refusal("没有正在问的交接，不用取消。")
    async with holding(found.id) as handover:
        await _end(handover, Move.CANCEL, Say.DROP, at=at)
    return handover


async def _end(handover: Handover, move: Move, say: Say, *, at: datetime) -> None:
    await advance(handover, move, at=at)
    await step_all(handover.id, say, at=at)


async def keep(at: datetime) -> None:
    """到期的收起来：没回的按不换算；接手的人离任了就取消；旧的删去。可以随便重复。"""
    due = Q(closes_at__lte=at) | Q(taker__left_at__isnull=False)
    for row in await Handover.filter(due, state=HandoverState.OPEN).select_related("taker"):
        with suppress(Refusal):  # 别的进程先收了
            async with holding(row.id) as handover:
                lost = row.taker.left_at is not None
                await _end(handover, *((Move.CANCEL, Say.DROP) if lost else (Move.CLOSE, Say.LAPSE)), at=at)
                if not lost:
                    await _pause_the_rest(handover, at=at)
                await handover_letters.ended(handover, lost=lost, at=at)
    await Handover.filter(ended_at__lte=at - KEEP).delete()


async def _pause_the_rest(handover: Handover, *, at: datetime) -> None:
    """原来那位离任了的：没换人的联系先停下，七天后照退群的规矩结束。"""
    stayed = HandoverAsk.filter(handover_id=handover.id, state__in=(AskState.DECLINED, AskState.LAPSED))
    await consents.pause_without_cadre(handover.giver_id, await _people(stayed, "youth_id"), at=at)


async def tallies(by: Speaker) -> list[Tally]:
    """自己交出的、接手的，和管得到的单位里的；新的在前。"""
    seen = Q(giver_id=by.cadre_id) | Q(taker_id=by.cadre_id) if by.cadre_id else Q(id=0)
    for duty in by.duties:
        if duty.kind is RoleKind.ADMIN:
            seen |= Q(giver__unit__path__gte=duty.unit_path, giver__unit__path__lt=duty.unit_path_end)
    rows = (Handover.all() if by.superuser else Handover.filter(seen)).order_by("-id").limit(LISTED)
    found = await rows.select_related("giver__person", "taker__person").prefetch_related("asks")
    return [_tally(handover, [ask.state for ask in handover.asks]) for handover in found]


def _tally(handover: Handover, states: Sequence[AskState]) -> Tally:
    count = Counter(states)
    return Tally(
        handover,
        called(handover.giver),
        called(handover.taker),
        asked=len(states),
        agreed=count[AskState.AGREED],
        declined=count[AskState.DECLINED],
        silent=count[AskState.ASKED] + count[AskState.LAPSED],
    )
