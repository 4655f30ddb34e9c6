"""看着机器人自己：到点的事停了也要看得见，所以不靠到点的事来看。"""

import asyncio
import contextlib
import logging

import nonebot

from bot import clock
from bot.gateway import conditions

#: 隔多久看一眼，秒
WATCH_EVERY = 30.0

driver = nonebot.get_driver()
_watching: asyncio.Task[None] | None = None


@driver.on_startup
async def start_watching() -> None:
    """起来了，开始看着。"""
    global _watching
    conditions.started(clock.now())
    _watching = asyncio.create_task(_watch(), name="watch")


@driver.on_shutdown
async def stop_watching() -> None:
    """不看了。"""
    if _watching:
        _watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await _watching


async def _watch() -> None:
    while True:
        await asyncio.sleep(WATCH_EVERY)
        try:
            await conditions.watch(clock.now())
        except Exception:
            logging.getLogger("tuanbot").exception("看机器人好不好时出错，稍后再看")
