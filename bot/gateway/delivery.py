"""投递：把到点的通知送出去，恰好一次；每个机器人账号一条队，互不耽误，一次只领一条，送完记账再领下一条。"""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from tortoise.expressions import Q

from bot import clock
from bot.gateway.attempts import Outcome, account_key, friends, obstacles, pace, recall, to_group, to_person
from bot.gateway.bridges import whole
from bot.gateway.pace import PER_ACCOUNT
from bot.gateway.roads import live
from bot.gateway.sending import FAILURES, Ambiguous, explain
from bot.gateway.speaker import Said
from bot.league import notices, pushes, replies
from bot.league.notices import LEASE, BotAccount
from db.models import Account, Notice, NoticeState
from db.outages import is_outage

#: 一次搭车至多两条（其余等下一次）
RIDES = 2
#: 一个账号一轮至多处理多少条
BOUND = 500
#: 库一时用不了，隔多久再记一次结果，秒
AGAIN = 0.5
#: 没有新通知时隔多久看一眼，秒
POLL = 3.0

WORKER = f"{socket.gethostname()[:20]}:{os.getpid()}"
logger = logging.getLogger("tuanbot")

_wake = asyncio.Event()
notices.listen(_wake.set)
_loop: asyncio.Task[None] | None = None
_stopping = False

__all__ = ["deliver_due", "friends", "hand_over", "obstacles", "pace", "ride", "start", "stop"]


async def deliver_due(at: datetime) -> int:
    """把此刻到点、本进程送得到的都送一遍，返回送出（含等搭车）的条数。"""
    return await _deliver(lambda: at)


async def _deliver(now: Callable[[], datetime]) -> int:
    drained = await asyncio.gather(*(_drain(account, now) for account in live(obstacles)))
    return sum(drained)


async def _drain(account: BotAccount, now: Callable[[], datetime]) -> int:
    spoken = 0
    for _ in range(BOUND):
        await pace.room(account_key(account), PER_ACCOUNT)
        bots = live(obstacles)
        if _stopping or account not in bots:
            break
        notice = await notices.claim(account, among=bots.keys(), worker=WORKER, at=now())
        if notice is None:
            break
        spoken += await _attempt(notice, account, now())
    return spoken


async def _attempt(notice: Notice, account: BotAccount, at: datetime) -> bool:
    """送一条并记账；一条出错不耽误后面的。"""
    try:
        outcome = await (to_group if notice.group_id else to_person)(notice, account, at)
    except Exception:
        logger.exception("通知 %s 送的时候出错", notice.id)
        outcome = Outcome(NoticeState.UNKNOWN, "程序出错")
    if notice.urgent and outcome.state is not NoticeState.SENT:
        logger.warning("紧急通知 %s 没能直接送到：%s", notice.id, outcome.reason)
    kept = await _recorded(notice, outcome, at)
    if not kept:
        logger.warning("通知 %s 送得太久，领取已经过期，这一次的结果没有记上", notice.id)
    return kept and outcome.spoken


async def _recorded(notice: Notice, outcome: Outcome, at: datetime) -> bool:
    """记下结果。话已经说了，库一时用不了就等它好，一直等到领取过期：不记下，就成了说不清。"""
    until = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            if outcome.again_at:
                return await notices.defer(notice, outcome.again_at, reason=outcome.reason or "")
            if notice.kind == pushes.KIND and outcome.message_id:
                await replies.went_out(notice, outcome.message_id)
            return await notices.settle(notice, outcome.state, at=at, reason=outcome.reason, tried_by=outcome.tried_by)
        except Exception as error:
            if not is_outage(error) or time.monotonic() > until:
                raise
            logger.warning("通知 %s 的结果一时记不下，稍后再记：%s", notice.id, type(error).__name__)
        await asyncio.sleep(AGAIN)


async def ride(said: Said, send: Callable[[str], Awaitable[object]]) -> int:
    """私聊里回答完之后：把等着他的话顺便说了，至多两条；`send` 回到这场私聊，发不出去要抛错。"""
    if not said.private or said.by.person_id is None:
        return 0
    try:
        # 记下他跟我们哪个账号私聊，以后先用它
        mine = Account.filter(Q(self_id=None) | ~Q(self_id=said.self_id), scope=said.scope, user_id=said.by.user_id)
        await mine.update(self_id=said.self_id)
        return await hand_over(said, send, limit=RIDES, everything=False)
    except Exception:
        logger.exception("搭车的通知没说成")  # 回答已经给了，不为这个再说一句“出错了”
        return 0


async def hand_over(said: Said, send: Callable[[str], Awaitable[object]], *, limit: int, everything: bool) -> int:
    """把等着他的话当面说给他，返回说了几条；`everything` 时没到点的也说。"""
    handed = 0
    if not said.private or said.by.person_id is None:
        return handed
    while handed < limit:
        notice = await notices.claim_of(said.by.person_id, worker=WORKER, at=said.at, everything=everything)
        if notice is None:
            break
        try:
            with whole():
                await send(notices.worded(notice, said.at))
        except FAILURES as error:
            state = NoticeState.UNKNOWN if isinstance(explain(error), Ambiguous) else NoticeState.RIDING
            await notices.settle(notice, state, at=said.at, tried_by=(said.scope, said.self_id))
            break
        await notices.settle(notice, NoticeState.SENT, at=said.at)
        handed += 1
    return handed


async def start() -> None:
    """开始投递：有新通知就醒，没有也隔几秒看一眼。"""
    global _loop, _stopping
    _stopping = False
    await recall(clock.now())
    _loop = asyncio.create_task(_run(), name="delivery")


async def stop() -> None:
    """手上这一条送完再停；等不到就算了，它会记成“说不清”。"""
    global _loop, _stopping
    _stopping = True
    _wake.set()
    if _loop:
        await asyncio.wait({_loop}, timeout=3)
        _loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await _loop
        _loop = None
    _stopping = False


async def _run() -> None:
    """一个账号一条队：这一个慢了、排得长，别的照样走。"""
    queues: dict[BotAccount, asyncio.Task[None]] = {}
    while not _stopping:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_wake.wait(), POLL)
        _wake.clear()
        for account in live(obstacles) if not _stopping else ():
            if account not in queues or queues[account].done():
                queues[account] = asyncio.create_task(_queue(account), name=f"delivery {account[0]}:{account[1]}")
    await asyncio.gather(*queues.values())


async def _queue(account: BotAccount) -> None:
    try:
        await _drain(account, clock.now)
    except Exception:
        logger.exception("投递出错，稍后再试")
