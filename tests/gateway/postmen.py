"""投递的邮差：各是一个进程，真的会被 kill -9。库是真的，平台是假的（说出口的每句都写进文件），钟由测试定。

由 `forkserver` 分出来，NoneBot 只装一遍。
"""

import asyncio
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from nonebot.adapters.onebot import v11
from tortoise.exceptions import OperationalError

import db
from bot import app, ticks
from bot.gateway import delivery
from bot.league import notices
from db.models import Notice, NoticeState
from tests.gateway.platforms import Platform, connected

#: 死在哪一步：领了还没说；说出口了没有回音；有了回音还没记；记完了
STEPS = ("claimed", "spoken", "answered", "recorded")

#: 群号的结尾决定平台怎么答：拒收、没有回音（其实没到）、头一回禁言、机器人已不在群里
REFUSED, SILENT, MUTED_ONCE, GONE = "0", "1", "2", "33"


@dataclass(frozen=True)
class Errand:
    """派给一个邮差的事。"""

    url: str
    log: Path
    at: datetime
    #: 死在哪一步；说过这么多句之后那一句
    dies: str | None = None
    after: int = 0
    #: 到了那一步不是死，是冻住，等人叫醒
    freezes: bool = False
    #: 从 `at` 起看这么多回，每回隔多久；0 是只送信
    looks: int = 0
    apart: timedelta = timedelta(minutes=30)
    #: 平台照群号末位出错
    faulty: bool = False


@dataclass(frozen=True)
class Line:
    """文件里的一行：真的说出口的一句，或试过一次。"""

    pid: int
    #: 邮差自己的钟，秒
    moment: float
    group: str | None
    user: str | None
    text: str
    arrived: bool


def lines(log: Path) -> list[Line]:
    """全部邮差至今说的。"""
    return [Line(**json.loads(line)) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


@contextmanager
def sent_out(*errands: Errand) -> Iterator[list[ForkServerProcess]]:
    """同时派出去，等它们都回来（或死在路上）。"""
    with on_the_way(*errands) as postmen:
        for postman in postmen:
            postman.join(60)
        yield postmen


@contextmanager
def on_the_way(*errands: Errand) -> Iterator[list[ForkServerProcess]]:
    """同时派出去，不等。"""
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload([__name__])
    barrier = fork.Barrier(len(errands))
    postmen = [fork.Process(target=_work, args=(errand, barrier)) for errand in errands]
    for postman in postmen:
        postman.start()
    try:
        yield postmen
    finally:
        for postman in postmen:
            postman.kill()
            postman.join()
            postman.close()


def is_stopped(postman: ForkServerProcess) -> bool:
    """冻住了（`SIGSTOP`）。"""
    return Path(f"/proc/{postman.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _work(errand: Errand, barrier: Barrier) -> None:
    barrier.wait(30)
    asyncio.run(_Postman(errand, barrier).work())


class _Postman(Platform):
    def __init__(self, errand: Errand, together: Barrier) -> None:
        super().__init__()
        self.errand = errand
        #: 同去的人到齐了再看下一回
        self.together = together
        self.moment = errand.at.timestamp()
        self.tried = 0
        #: 已经说过一回禁言的群
        self.muted = {line.group for line in lines(errand.log)}

    async def work(self) -> None:
        db._hold = lambda _: None  # 偏要两个进程用同一个 SQLite 文件
        await db.connect(self.errand.url)
        delivery.pace.__init__(clock=lambda: self.moment, sleep=self._pass)
        self._patch()
        try:
            with connected(platform=self):
                await (self._look() if self.errand.looks else self._deliver())
        finally:
            await db.close()

    async def _pass(self, seconds: float) -> None:
        self.moment += seconds
        await asyncio.sleep(0)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.moment, self.errand.at.tzinfo)

    async def _look(self) -> None:
        """一回回地看，和同去的人同一刻：到点的放进队列，再送。"""
        delivery.pace.enabled = False
        for n in range(self.errand.looks):
            self.moment = (self.errand.at + n * self.errand.apart).timestamp()
            self.together.wait(60)
            for name, look in ticks._ticks.items():
                if name.startswith("plugins.reminders."):
                    await look(self._now())
            await self._persist(lambda: delivery.deliver_due(self._now()))

    async def _deliver(self) -> None:
        """送到没有可送的为止，三个小时以内。"""
        until = self.errand.at + timedelta(hours=3)
        await delivery.recall(self._now())
        while self._now() < until:
            await notices.sweep(self._now())
            if await self._persist(lambda: delivery._deliver(self._now)) == 0:
                if not await Notice.exists(state=NoticeState.DUE):
                    return
                self.moment += 600

    async def _persist(self, work: Callable[[], Any]) -> int:
        """两个进程抢一个 SQLite 文件会有抢不到的时候，那就再来。"""
        while True:
            try:
                return await work()
            except OperationalError:
                await asyncio.sleep(0.005)

    async def call(self, bot: v11.Bot, api: str, data: dict[str, Any]) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not api.startswith("send_"):
            return await super().call(bot, api, data)
        self.sent.clear()
        error = self._answer(str(data.get("group_id", ""))) if self.errand.faulty else None
        self.fails = lambda _: error
        self._write(data, error)
        self.tried += 1
        self._dies_at("spoken")
        return await super().call(bot, api, data)

    def _answer(self, group: str) -> Exception | None:
        if group.endswith(REFUSED):
            return v11.ActionFailed(status="failed", retcode=100, wording="发不了")
        if group.endswith(SILENT):
            return v11.NetworkError("没有回音")
        if group.endswith(GONE):
            return v11.ActionFailed(status="failed", retcode=100, wording="已被移出该群")
        if group.endswith(MUTED_ONCE) and group not in self.muted:
            self.muted.add(group)
            return v11.ActionFailed(status="failed", retcode=200, wording="禁言中")
        return None

    def _write(self, data: dict[str, Any], error: Exception | None) -> None:
        group, user = (str(data[key]) if key in data else None for key in ("group_id", "user_id"))
        line = Line(os.getpid(), self.moment, group, user, data["message"].extract_plain_text(), error is None)
        file = os.open(self.errand.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, (json.dumps(line.__dict__, ensure_ascii=False) + "\n").encode())
        os.close(file)

    def _dies_at(self, step: str) -> None:
        if step == self.errand.dies and self.tried >= self.errand.after + (step != "claimed"):
            os.kill(os.getpid(), signal.SIGSTOP if self.errand.freezes else signal.SIGKILL)

    def _patch(self) -> None:
        """在领取与记账的前后留意该不该死。"""
        claim, settle = notices.claim, notices.settle

        async def claim_then(*args: Any, **kwargs: Any) -> Any:
            taken = await claim(*args, **kwargs)
            if taken:
                self._dies_at("claimed")
            return taken

        async def settle_then(*args: Any, **kwargs: Any) -> bool:
            self._dies_at("answered")
            done = await settle(*args, **kwargs)
            self._dies_at("recorded")
            return done

        notices.claim, notices.settle = claim_then, settle_then


def _prepare() -> None:
    """`forkserver` 里装一遍 NoneBot；测试进程自己已经装过。"""
    import nonebot

    try:
        nonebot.get_driver()
    except ValueError:
        app.build()


_prepare()
