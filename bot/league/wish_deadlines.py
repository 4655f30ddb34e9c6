"""心愿的期限：每分钟看一遍库里哪条到点了，做一次、说一次。停机再久，醒来一遍也只做该做的那一步。"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import calendars, crises, wish_letters, wish_sights
from bot.league.errors import Refusal
from bot.league.periods import NATIONAL, Calendar, add_working_days
from bot.league.wish_steps import advance, holding
from db.models import Wish, WishAction, WishEvent, WishLane, WishState

# 以下都出自产品说明第 5 节
#: 认领后这么久没进展，提醒认领人
WARN_AFTER = timedelta(days=5)
#: 再没有就放回待认领
RELEASE_AFTER = timedelta(days=7)
#: 这么多个工作日没人认领，告诉单位管理员
ESCALATE_AFTER_DAYS = 2
#: 办结后这么久没回话，再问一次
ASK_AGAIN_AFTER = timedelta(days=7)
#: 再没有就结案
CLOSE_AFTER = timedelta(days=14)
#: 产品说明第 2 节：结束后文字留这么久
KEEP_TEXT = timedelta(days=180)

_AWAITING = (WishState.DONE, WishState.EXPLAINED)


def is_stale(wish: Wish, at: datetime, _: Calendar = NATIONAL) -> bool:
    """该提醒认领人了；过了放回的时候就不必再提醒。"""
    return (
        wish.state is WishState.CLAIMED
        and wish.warned_at is None
        and _within(wish.progressed_at, at, WARN_AFTER, RELEASE_AFTER)
    )


def is_abandoned(wish: Wish, at: datetime, _: Calendar = NATIONAL) -> bool:
    """该放回待认领了。"""
    return wish.state is WishState.CLAIMED and _within(wish.progressed_at, at, RELEASE_AFTER)


def is_ignored(wish: Wish, at: datetime, calendar: Calendar = NATIONAL) -> bool:
    """该告诉单位管理员了：从提交算起，放弃、转办都不重新计时；告诉过、有人接、又放回来的再告诉一次。"""
    return (
        wish.state is WishState.OPEN
        and wish.escalated_at is None
        and add_working_days(wish.submitted_at, ESCALATE_AFTER_DAYS, calendar) <= at
    )


def is_unanswered(wish: Wish, at: datetime, _: Calendar = NATIONAL) -> bool:
    """该再问青年一次了；过了结案的时候就不必再问。"""
    return (
        wish.state in _AWAITING
        and wish.asked_again_at is None
        and _within(wish.done_at, at, ASK_AGAIN_AFTER, CLOSE_AFTER)
    )


def is_silent(wish: Wish, at: datetime, _: Calendar = NATIONAL) -> bool:
    """该收起来了。"""
    return wish.state in _AWAITING and _within(wish.done_at, at, CLOSE_AFTER)


def _within(since: datetime | None, at: datetime, start: timedelta, end: timedelta = timedelta.max) -> bool:
    return since is not None and start <= at - since < end


async def warn(wish: Wish, at: datetime) -> None:
    """提醒认领人。"""
    assert wish.progressed_at
    event = await advance(wish, WishAction.WARN, at=at, warned_at=at)
    await wish_letters.warned(wish, event, release_at=wish.progressed_at + RELEASE_AFTER)


async def release(wish: Wish, at: datetime) -> None:
    """放回待认领。"""
    last = wish.claimer_id
    event = await advance(wish, WishAction.RELEASE, at=at, claimer_id=None, escalated_at=None)
    await wish_letters.released(wish, event, last=last)


async def escalate(wish: Wish, at: datetime) -> None:
    """告诉最近的单位管理员；一个也没有就告诉超级管理员。"""
    people = await wish_letters.admins_of(await wish_sights.path_of(wish)) or await crises.superusers(at)
    if people:
        event = await advance(wish, WishAction.ESCALATE, at=at, escalated_at=at)
        await wish_letters.escalated(wish, event, people)


async def ask_again(wish: Wish, at: datetime) -> None:
    """再问一次。"""
    assert wish.done_at
    event = await advance(wish, WishAction.ASK_AGAIN, at=at, asked_again_at=at)
    await wish_letters.asked_again(wish, event, close_at=wish.done_at + CLOSE_AFTER)


async def close(wish: Wish, at: datetime) -> None:
    """未确认结案；说明过办不成的，仍是办不成(已说明)。"""
    event = await advance(wish, WishAction.CLOSE, at=at)
    await wish_letters.closed(wish, event)


@dataclass(frozen=True)
class Deadline:
    """一种期限：先用 `maybe` 在库里粗挑，锁住那一行再用 `due` 细看，然后 `act`。"""

    maybe: Callable[[datetime], Q]
    due: Callable[[Wish, datetime, Calendar], bool]
    act: Callable[[Wish, datetime], Awaitable[None]]


#: 按次序看：放回的紧接着就可能该告诉管理员
DEADLINES = (
    Deadline(
        lambda at: Q(
            state=WishState.CLAIMED,
            warned_at=None,
            progressed_at__lte=at - WARN_AFTER,
            progressed_at__gt=at - RELEASE_AFTER,
        ),
        is_stale,
        warn,
    ),
    Deadline(lambda at: Q(state=WishState.CLAIMED, progressed_at__lte=at - RELEASE_AFTER), is_abandoned, release),
    Deadline(
        lambda at: Q(state=WishState.OPEN, escalated_at=None, submitted_at__lte=at - timedelta(ESCALATE_AFTER_DAYS)),
        is_ignored,
        escalate,
    ),
    Deadline(
        lambda at: Q(
            state__in=_AWAITING, asked_again_at=None, done_at__lte=at - ASK_AGAIN_AFTER, done_at__gt=at - CLOSE_AFTER
        ),
        is_unanswered,
        ask_again,
    ),
    Deadline(lambda at: Q(state__in=_AWAITING, done_at__lte=at - CLOSE_AFTER), is_silent, close),
)


async def keep(at: datetime) -> None:
    """把到点的都做了。可以随便重复，也可以几个进程一起做：锁住再看一眼，别人做过的就不做。"""
    book = await calendars.load()
    for deadline in DEADLINES:
        rows = Wish.filter(deadline.maybe(at), lane__not=WishLane.CRISIS).order_by("id")
        for wish_id in await rows.values_list("id", flat=True):
            with suppress(Refusal):
                async with holding(int(str(wish_id))) as wish:
                    if deadline.due(wish, at, book.of(wish.unit_id)):
                        await deadline.act(wish, at)
    await forget(at)


async def forget(at: datetime) -> None:
    """结束满 180 天的，内容、每一步说的话、指纹都清空。"""
    old = Wish.filter(state=WishState.ENDED, ended_at__lte=at - KEEP_TEXT, text__isnull=False)
    ids = [int(str(wish_id)) for wish_id in await old.limit(500).values_list("id", flat=True)]
    if ids:
        async with in_transaction():
            await WishEvent.filter(wish_id__in=ids).update(note=None)
            await Wish.filter(id__in=ids).update(text=None, digest="")
