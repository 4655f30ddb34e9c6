"""开演：在一个进程里起机器人与示例平台，中间隔着真的 WebSocket。"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, time
from pathlib import Path

import nonebot
import uvicorn
from nonebot.drivers import ASGIMixin

from bot import clock
from bot.gateway import delivery
from bot.league.periods import on
from bot.settings import settings
from plugins.sandbox import afternoon, ledger
from plugins.sandbox.people import found
from plugins.sandbox.screen import Screen, Style
from plugins.sandbox.stage import Stage

__all__ = ["Style", "play"]

#: 一个普通的星期三下午；固定下来，同一个种子才有同样的输出
CURTAIN = on(date(2026, 11, 18), time(14))


async def play(*, seed: int, out: Path, style: Style) -> bool:
    """演完整个下午，返回是不是事事如期。"""
    screen = Screen(style)
    faults: list[str] = []
    nonebot.logger.add(faults.append, level="ERROR", format="{message}")
    delivery.pace.enabled = False  # 一条一条地等，演到明天也演不完
    stage = Stage(found(seed), screen, CURTAIN, out, random.Random(seed))
    try:
        async with _bot_running():
            url = f"ws://127.0.0.1:{settings().port}/onebot/v11/ws"
            async with stage.platform.connected(url, settings().onebot_access_token):
                await afternoon.perform(stage)
                for sheet in await ledger.sheets(stage):
                    screen.sheet(sheet)
    finally:
        clock.travel(None)
    stage.expect("从头到尾没有一处报错", not faults, "；".join(faults[:3]))
    unmet = [check for check in stage.checks if not check.met]
    screen.summary(_verdict(stage, len(unmet)), good=not unmet)
    return not unmet


def _verdict(stage: Stage, unmet: int) -> str:
    saved = f"{len(stage.pictures)} 张图存在 {stage.out}"
    if unmet:
        return f"{len(stage.checks)} 件事里有 {unmet} 件没有如期发生（上面打 ✗ 的）；{saved}"
    return f"{len(stage.checks)} 件事都如期发生；{saved}"


@asynccontextmanager
async def _bot_running() -> AsyncIterator[None]:
    """起机器人，用完好好停下。"""
    driver = nonebot.get_driver()
    assert isinstance(driver, ASGIMixin)
    server = uvicorn.Server(
        uvicorn.Config(driver.asgi, host=settings().host, port=settings().port, log_config=None, log_level="warning")
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
        server.should_exit = True
        await serving
