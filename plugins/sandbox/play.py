"""开演：在一个进程里起机器人与示例平台，中间隔着真的 WebSocket。"""

import asyncio
import os
import random
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

import nonebot
import uvicorn
from nonebot.drivers import ASGIMixin

from bot import clock
from bot.gateway import delivery
from bot.league.periods import on
from bot.settings import settings
from plugins.sandbox import afternoon, ledger, web
from plugins.sandbox.people import found
from plugins.sandbox.screen import Screen, Style
from plugins.sandbox.stage import Stage
from plugins.sandbox.visits import Visit

__all__ = ["Guests", "Style", "play"]

#: 一个普通的星期三下午；固定下来，同一个种子才有同样的输出
CURTAIN = on(date(2026, 11, 18), time(14))
#: 停机时等开着的网页收尾，秒
STOPPING = 3


@dataclass(frozen=True)
class Guests:
    """演完请人接着玩：网页开在哪，替不替他打开。"""

    url: str
    open_browser: bool
    leaving: asyncio.Event = field(default_factory=asyncio.Event)


async def play(*, seed: int, out: Path, style: Style, guests: Guests | None = None) -> bool:
    """演完整个下午，有 `guests` 就接着开网页，直到按 Ctrl+C；返回那个下午是不是事事如期。"""
    screen = Screen(style)
    faults: list[str] = []
    nonebot.logger.add(faults.append, level="ERROR", format="{message}")
    delivery.pace.enabled = False  # 一条一条地等，演到明天也演不完
    stage = Stage(found(seed), screen, CURTAIN, out, random.Random(seed))
    try:
        async with _bot_running(guests):
            if performing := asyncio.current_task():
                _on_signal(performing.cancel, signal.SIGTERM)  # Ctrl+C 由 asyncio.run 照样处理
            url = f"ws://127.0.0.1:{settings().port}/onebot/v11/ws"
            async with stage.platform.connected(url, settings().onebot_access_token):
                await afternoon.perform(stage)
                for sheet in await ledger.sheets(stage):
                    screen.sheet(sheet)
                if guests:
                    good = _conclude(stage, faults)
                    await _receive(guests, stage)
                    return good
    finally:
        clock.travel(None)
    return _conclude(stage, faults)


async def _receive(guests: Guests, stage: Stage) -> None:
    """开着网页，等人玩够。"""
    web.open_page(nonebot.get_app(), Visit(stage), leaving=guests.leaving.is_set)
    stage.screen.summary(f"在浏览器里接着玩：{guests.url}（Ctrl+C 停）", good=True)
    if guests.open_browser and _has_screen():
        await asyncio.to_thread(webbrowser.open, guests.url)
    _on_signal(guests.leaving.set, signal.SIGINT, signal.SIGTERM)
    await guests.leaving.wait()


def _on_signal(do: Callable[[], object], *numbers: signal.Signals) -> None:
    for number in numbers:
        with suppress(NotImplementedError):  # Windows 上只有 asyncio.run 收 Ctrl+C
            asyncio.get_running_loop().add_signal_handler(number, do)


def _has_screen() -> bool:
    """没有图形界面的机器上，系统会找个终端里的浏览器来，不如不开。"""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _conclude(stage: Stage, faults: list[str]) -> bool:
    """说结论，返回是不是事事如期。"""
    stage.expect("从头到尾没有一处报错", not faults, "；".join(faults[:3]))
    unmet = [check for check in stage.checks if not check.met]
    stage.screen.summary(_verdict(stage, len(unmet)), good=not unmet)
    return not unmet


def _verdict(stage: Stage, unmet: int) -> str:
    saved = f"{len(stage.pictures)} 张图存在 {stage.out}"
    if unmet:
        return f"{len(stage.checks)} 件事里有 {unmet} 件没有如期发生（上面打 ✗ 的）；{saved}"
    return f"{len(stage.checks)} 件事都如期发生；{saved}"


class _Server(uvicorn.Server):
    """信号由演出自己管：先散场，再停机。"""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _bot_running(guests: Guests | None) -> AsyncIterator[None]:
    """起机器人，用完好好停下。"""
    driver = nonebot.get_driver()
    assert isinstance(driver, ASGIMixin)
    server = _Server(
        uvicorn.Config(
            driver.asgi,
            host=settings().host,
            port=settings().port,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=STOPPING,
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        if serving.done():
            await serving
            raise RuntimeError("机器人没起来")
        yield
    finally:
        if guests:
            guests.leaving.set()
        server.should_exit = True
        await serving
