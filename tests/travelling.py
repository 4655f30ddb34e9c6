"""钟由测试拨的机器人：进程、库、连接都是真的，只有“现在几点”读自一个文件；一分钟的检查改成一秒几次，好等得到。"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

import db
from tests.process import Phone, Robot, kill, start

_PROGRAM = """
import os, pathlib
from datetime import datetime
import bot.app, bot.clock
from bot.settings import settings
file = pathlib.Path(os.environ["CLOCK_FILE"])
bot.clock.now = lambda: datetime.fromisoformat(file.read_text()).astimezone(settings().zone)
bot.app.TICK_EVERY = 0.5
look = bot.app.run_ticks
async def unless_held(at):
    if not file.with_name("held").exists():
        await look(at)
bot.app.run_ticks = unless_held
from bot.__main__ import main
main()
"""


@dataclass
class Traveller:
    """一个机器人的几段生命；`url` 是它的库，`clock` 是它看的钟。"""

    folder: Path
    url: str
    self_id: int

    @asynccontextmanager
    async def living(self, at: datetime, **settings: str) -> AsyncIterator[tuple[Robot, Phone]]:
        """从 `at` 起活着、连着账号，看过一眼、说完该说的才给出来；末了 kill -9。"""
        self.set_clock(at)
        settings |= {"CLOCK_FILE": str(self._clock), "TUAN_DATABASE_URL": self.url}
        robot = start(self.folder, program=("-c", _PROGRAM), arguments=("run",), **settings)
        try:
            async with Phone.online(robot, self.self_id) as phone:
                await self.looks(robot, at)
                yield robot, phone
        finally:
            kill(robot)

    async def travel(self, robot: Robot, *moments: datetime) -> None:
        """一处一处地拨，每处都等它看过一眼、说完该说的。"""
        for at in moments:
            self.set_clock(at)
            await self.looks(robot, at)

    def hold(self) -> None:
        """从此不再到点看一眼：说话的时间与钟不是同一天，看一眼会把说好的事收了。"""
        self._clock.with_name("held").touch()

    async def looks(self, robot: Robot, at: datetime) -> None:
        """等它在 `at` 看完一眼，该说的也说完了。"""

        for _ in range(200):
            await asyncio.sleep(0.1)
            seen = (await robot.health())["looked_at"]
            if seen and datetime.fromisoformat(seen) == at:
                break
        else:
            raise AssertionError(robot.log[-3000:])
        await self.reads("SELECT count(*) FROM notice WHERE state IN ('due', 'claimed')", 0)

    async def reads(self, query: str, wanted: int) -> None:
        """等到库里数出来是 `wanted`。"""
        for _ in range(200):
            if await self.rows(query) == [(wanted,)]:
                return
            await asyncio.sleep(0.1)
        assert await self.rows(query) == [(wanted,)]

    def set_clock(self, at: datetime) -> None:
        """钟拨到 `at` 就停在那里。"""
        fresh = self.folder / "clock.new"
        fresh.write_text(at.isoformat())
        fresh.replace(self._clock)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """从它的库里直接查。"""
        if path := db.sqlite_path(self.url):
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                return connection.execute(query).fetchall()
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"
