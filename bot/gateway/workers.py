"""命令的工人：按群分到固定几条队，同一个群里先来先办；收帧的人从不等它们。"""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable

from bot.gateway import tally
from bot.gateway.frames import Fault

#: 几条队；远多于同时在说命令的群时，群与群互不相等
SHARDS = 16
#: 每条队最多排多少条，满了就丢并计数
DEPTH = 2_000
#: 一条命令办过这么久就让到一边，后面的先办：它可能在等人回答，也可能在等平台，秒
PATIENCE = 2.0
#: 让到一边的最多多少条，再多就等其中一条办完
ASIDE = 256

Job = Callable[[], Awaitable[None]]


class Workers:
    """固定条数的队列，每条一个工人。"""

    def __init__(self) -> None:
        self._queues: list[asyncio.Queue[Job]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._aside: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """开工。"""
        self._queues = [asyncio.Queue(DEPTH) for _ in range(SHARDS)]
        self._tasks = [asyncio.create_task(self._work(queue)) for queue in self._queues]

    async def stop(self, *, patience: float) -> None:
        """把排着的办完，最多等 `patience` 秒，剩下的放弃。"""
        try:
            async with asyncio.timeout(patience):
                await asyncio.gather(*(queue.join() for queue in self._queues))
                if self._running:
                    await asyncio.wait(self._running)
        except TimeoutError:
            logging.getLogger("tuanbot").warning("停机时还有 %d 条命令没办完", self.waiting)
        tasks = [*self._tasks, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._queues, self._tasks = [], []

    def submit(self, key: str, job: Job) -> bool:
        """排进 `key`（群或人）那条队；排满了、没开工就是否。"""
        if not self._queues:
            return False
        try:
            self._queues[zlib.crc32(key.encode()) % SHARDS].put_nowait(job)
        except asyncio.QueueFull:
            tally.note(Fault.OVERFLOW)
            return False
        return True

    @property
    def waiting(self) -> int:
        """排着的与正在办的，条。"""
        return sum(queue.qsize() for queue in self._queues) + len(self._running)

    async def _work(self, queue: asyncio.Queue[Job]) -> None:
        while True:
            job = await queue.get()
            task = asyncio.create_task(_run(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            try:
                await asyncio.wait({task}, timeout=PATIENCE)
                if not task.done():
                    self._aside.add(task)
                    task.add_done_callback(self._aside.discard)
                    if len(self._aside) >= ASIDE:
                        await asyncio.wait(self._aside, return_when=asyncio.FIRST_COMPLETED)
            finally:
                queue.task_done()


async def _run(job: Job) -> None:
    """一条命令出错不耽误别的；NoneBot 自己已经接住响应器里的错，这里是最后一道。"""
    try:
        await job()
    except Exception:
        logging.getLogger("tuanbot").exception("处理一条命令时出错")


#: 整个进程的工人
WORKERS = Workers()
