"""书记员：听见的话排着队，一个任务成批地判断、落库。它死了会自己再起来，库出了错就拿着手里的一批再试。"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar

from bot.league import replies, roster
from bot.league.interactions import ledgers
from bot.league.interactions.hearsay import Bound, GroupKey, Heard, Listener, Recalled
from db.increments import TRANSIENT
from db.models import Group, GroupKind

T = TypeVar("T")

#: 攒多久、攒多少条写一次：断电最多丢这么多，平台还有的话补得回来
FLUSH_AFTER, BATCH = 0.1, 1_000
#: 没有动静也隔这么久看一眼名册，秒
IDLE = 60.0
#: 库出错后再试的间隔，从短到长，秒
RETRY_FROM, RETRY_TO = 0.05, 2.0
#: 停机时最多等库这么久，秒
STOP_WITHIN = 20.0

_log = logging.getLogger("tuanbot")


class _Queued(NamedTuple):
    group: GroupKey
    item: Heard | Recalled
    #: 何时听见，单调秒
    since: float


@dataclass(slots=True)
class _Errand:
    """顺路办的事：清掉 `at` 前一天没有动静的群。"""

    at: datetime
    done: asyncio.Future[int]


class Scribe:
    """队列、写入任务与它的健康。"""

    def __init__(self, key: bytes) -> None:
        self.listener = Listener(key)
        self.groups: dict[GroupKey, Bound] = {}
        self.queue: deque[_Queued] = deque()
        self.retries = self.poisoned = self.restarts = self.written = 0
        self.last_error: str | None = None
        self._heard = 0
        self._revision = self._pushes_revision = -1
        #: 何时再看一眼推到各群的好物（别的进程也会推），单调秒
        self._pushes_expire = 0.0
        #: 判断过、还没落库的一批
        self._batch: ledgers.Batch | None = None
        self._task: asyncio.Task[None] | None = None
        #: 有事做；别再攒了；队列空出来了
        self._wake, self._hurry, self.space = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._errands: list[_Errand] = []
        self._stopping = False

    @property
    def alive(self) -> bool:
        """写入任务在不在。"""
        return self._task is not None and not self._task.done()

    @property
    def left(self) -> int:
        """还没落库的条数。"""
        return self._heard - self.written

    @property
    def oldest(self) -> float:
        """最早一条没落库的等了多久，秒。"""
        since = self._batch.since if self._batch else self.queue[0].since if self.queue else math.inf
        return max(0.0, time.monotonic() - since)

    def listens_to(self, group: GroupKey) -> bool:
        """绑着；或者名册刚变、说不准，先收下再说。"""
        return group in self.groups or self._revision != roster.revision()

    async def start(self) -> None:
        """看一眼绑了哪些群，开工。"""
        self._stopping = False
        await self.look_at_groups()
        await self._look_at_pushes()
        self._spawn()

    async def stop(self) -> None:
        """全部落库再停；库一直不好，等够时间就放弃。"""
        self._stopping = True
        self._wake.set()
        self._hurry.set()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                while self._task and not self._task.done():
                    await asyncio.wait({self._task})
        except TimeoutError:
            _log.error("停机时还有 %d 条群聊没能落库：%s", self.left, self.last_error)
        task, self._task = self._task, None
        if task:
            task.cancel()

    def put(self, group: GroupKey, item: Heard | Recalled) -> None:
        """排上队。"""
        self.queue.append(_Queued(group, item, time.monotonic()))
        self._heard += 1
        if not self._wake.is_set():
            self._wake.set()
        if len(self.queue) == BATCH:
            self._hurry.set()

    async def flush(self) -> None:
        """此前听见的全部落库后返回。"""
        if self.left:
            done = asyncio.get_running_loop().create_future()
            self._waiting.append((self._heard, done))
            self._hurry.set()
            await done

    async def forget(self, at: datetime) -> int:
        """清掉一天没有动静的群；由写入任务在两批之间做，返回清了几个。"""
        done = asyncio.get_running_loop().create_future()
        self._errands.append(_Errand(at, done))
        self._wake.set()
        self._hurry.set()
        return await done

    async def look_at_groups(self) -> None:
        """看一眼绑了哪些青年群，各在聊什么话题。"""
        revision = roster.revision()
        rows = Group.filter(kind=GroupKind.YOUTH, unbound_at=None).values_list("scope", "group_id", "id", "bound_at")
        windows = await ledgers.windows()
        # 事件的时间是整秒，绑定的那一秒也算
        self.groups = {
            (scope, str(group)): Bound(number, scope, math.floor(bound_at.timestamp()), windows.get(number, ()))
            for scope, group, number, bound_at in await rows
        }
        self._revision = revision

    async def _look_at_pushes(self) -> None:
        self._pushes_revision, self._pushes_expire = replies.revision(), time.monotonic() + IDLE
        self.listener.watch(await replies.watched())

    def _spawn(self, after: float = 0.0) -> None:
        self._task = asyncio.get_running_loop().create_task(self._write_forever(after), name="interactions")
        self._task.add_done_callback(self._revive)

    def _revive(self, dead: asyncio.Task[None]) -> None:
        """写入任务不该停：出了错、被人取消了，都再起一个，从手里的一批接着写。"""
        error = asyncio.CancelledError() if dead.cancelled() else dead.exception()
        if dead is not self._task or (self._stopping and error is None):
            return
        self.restarts += 1
        self._note(error or RuntimeError("自己停了"))
        _log.error("互动记录的写入任务停了，马上再起：%s", self.last_error)
        self._spawn(min(RETRY_TO, RETRY_FROM * self.restarts))

    async def _write_forever(self, after: float) -> None:
        await asyncio.sleep(after)
        while not self._stopping or self.queue or self._batch or self.listener.unsaved():
            if self._batch is None:
                await self._linger()
                await self._judge(min(len(self.queue), BATCH))
            await self._save()
            while self._errands:
                await self._insist(self._run_errand)

    async def _linger(self) -> None:
        """等到有事，再攒一会儿。"""
        try:
            async with asyncio.timeout(IDLE):
                await self._wake.wait()
            async with asyncio.timeout(FLUSH_AFTER - self.oldest):
                await self._hurry.wait()
        except TimeoutError:
            pass

    async def _judge(self, count: int) -> None:
        """取队首 `count` 条：先把要查的查好（会出错、可重来），再一口气判断完（不查库、不让出）。"""
        if self.listener.expired(clock := time.monotonic()) or self._revision != roster.revision():
            self.listener.renew(clock)
            await self._insist(self.look_at_groups)
        if clock >= self._pushes_expire or self._pushes_revision != replies.revision():
            await self._insist(self._look_at_pushes)
        groups = self.groups
        wanted = [(groups[one.group], one.item) for one in islice(self.queue, count) if _counts(groups, one)]
        await self._insist(lambda: self.listener.prepare(wanted))
        batch = self._batch = ledgers.Batch(since=self.queue[0].since if count else math.inf, items=count)
        for bound, item in wanted:
            if not self.listener.take(bound, item, batch):
                self.poisoned += 1
        for _ in range(count):
            self.queue.popleft()
        self.listener.finish(batch, everything=self._stopping)
        self._settle_events()

    def _settle_events(self) -> None:
        self.space.set()
        if self._stopping:
            return
        if not self.queue:
            self._wake.clear()
        if len(self.queue) < BATCH:
            self._hurry.clear()

    async def _save(self) -> None:
        batch = self._batch
        if batch is None:
            return
        if dropped := await self._insist(batch.save):
            self.poisoned += dropped
            _log.error("互动记录有 %d 处写不进去，已剔掉，其余照写", dropped)
        self._batch = None
        self.written += batch.items
        self.listener.settled(batch)
        for target, done in self._waiting:
            if target <= self.written and not done.done():
                done.set_result(None)
        self._waiting = [one for one in self._waiting if not one[1].done()]
        if self._waiting:
            self._hurry.set()

    async def _run_errand(self) -> None:
        errand = self._errands[0]
        idle = await ledgers.idle_groups(errand.at)
        await ledgers.forget(idle)
        self.listener.leave(idle)
        self._errands.pop(0)
        if not errand.done.done():
            errand.done.set_result(len(idle))

    async def _insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """一直试到成。"""
        pause = RETRY_FROM
        while True:
            try:
                return await attempt()
            except TRANSIENT as error:
                self.retries += 1
                self._note(error)
                _log.warning("互动记录暂时写不进去，%.1f 秒后再试：%s", pause, self.last_error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_TO)

    def _note(self, error: BaseException) -> None:
        """只记错误的种类与驱动说的第一行，里头不会有聊天内容。"""
        said = str(error).splitlines()
        self.last_error = f"{type(error).__name__}: {said[0][:160]}" if said else type(error).__name__


def _counts(groups: dict[GroupKey, Bound], one: _Queued) -> bool:
    """绑定之后、在绑着的群里说的才记。"""
    bound = groups.get(one.group)
    return bound is not None and one.item.at >= bound.since
