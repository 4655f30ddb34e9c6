"""量一件事要多久：几回里最快的一回，或许多遍的一半与百分之九十九；和真的进程一问一答。"""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

from tests.process import BOSS, TOKEN, Robot, message, start, stop

#: 一样量几回，取最好的；问答量几遍，取一半与百分之九十九
TIMES, ASKED = 5, 60
SELF_ID = 10000


async def best(work: Callable[[], Awaitable[object]], times: int = TIMES) -> float:
    """几回里最快的一回，毫秒。"""
    return round(min([await took(work) for _ in range(times)]), 2)


async def spread(work: Callable[[], Awaitable[object]], times: int = ASKED) -> dict[str, float]:
    """一半的、百分之九十九的以内，毫秒。"""
    waits = sorted([await took(work) for _ in range(times)])
    return {"p50": round(statistics.median(waits), 1), "p99": round(waits[int(len(waits) * 0.99)], 1)}


async def took(work: Callable[[], Awaitable[object]]) -> float:
    """毫秒。"""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def measure_process(folder: Path, url: str) -> dict[str, Any]:
    """真的进程、真的 WebSocket：私聊发 `/排名 文字`，量到收到回答。"""
    robot = await asyncio.to_thread(start, folder, TUAN_DATABASE_URL=url)
    try:
        async with _line(robot) as ask:
            ping = await spread(lambda: ask("/ping 在"))
            first = await took(lambda: ask("/排名 文字"))
            return {"first_ms": round(first, 1), "reply_ms": await spread(lambda: ask("/排名 文字")), "ping_ms": ping}
    finally:
        await asyncio.to_thread(stop, robot)


@asynccontextmanager
async def _line(robot: Robot) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """一个连着的平台：`ask` 私聊一句，等到回答。"""
    headers = {"X-Self-ID": str(SELF_ID), "Authorization": f"Bearer {TOKEN}"}
    async with websockets.connect(robot.url(), additional_headers=headers, max_size=None) as socket:
        heard = asyncio.Event()

        async def answer() -> None:
            async for data in socket:
                call = json.loads(data)
                if call["action"].startswith("send_"):
                    heard.set()
                await socket.send(json.dumps({"status": "ok", "retcode": 0, "data": [], "echo": call["echo"]}))

        async def ask(text: str) -> None:
            heard.clear()
            await socket.send(json.dumps(message(SELF_ID, text, user=BOSS)))
            await asyncio.wait_for(heard.wait(), 60)

        answering = asyncio.create_task(answer())
        try:
            yield ask
        finally:
            answering.cancel()
