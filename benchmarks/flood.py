"""把群消息尽快灌给真的机器人进程，量到“落库”为止，并逐群核对一条不多一条不少。

    uv run python benchmarks/flood.py                # 两万条
    uv run python benchmarks/flood.py --n 200000     # 看内存平不平
    uv run python benchmarks/flood.py --soak 30      # 匀着灌半小时，一秒 250 条：一天的话压在里面（F08）

一百个绑定的群、一百位团干部、五千名已加入的青年；每五百条夹一条超级管理员的 `/ping`。
先尽快灌（命令要排在系统缓冲里的几千条后面，这时的快慢只看吞吐），再照一秒五百条匀着灌一小段，量平常的快慢。
同一批帧先灌给一个只做 JSON 解析的空服务器作比照，所以换一台机器，比值仍可比。
先印一行 JSON，再印一行给人看的话；有一条对不上，退出状态是 1。
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crowd import SELF_ID, SUPERUSER, Flood, compose, frame_of, settle_in
from gauges import Samples, Watch, check, cpu_seconds, rss_mb
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).parent.parent
TOKEN = "flood"
#: 匀着灌的一段：几条、一秒几条、每几条夹一声 `/ping`
STEADY, STEADY_RATE, STEADY_PING_EVERY = 2_000, 500, 20
#: 泡着：一秒几条，每几条夹一声 `/ping`；内存涨得再快就算漏，MB/10 分钟
SOAK_RATE, SOAK_PING_EVERY, SOAK_LEAK = 250, 500, 1.0


class Phone:
    """连着机器人的平台：收它的 API 调用，记下每声 pong 的时刻。"""

    def __init__(self) -> None:
        self.pongs: dict[int, float] = {}
        self._heard = asyncio.Event()

    async def until(self, count: int, patience: float) -> bool:
        """等到听见 `count` 声 pong，最多等 `patience` 秒。"""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while len(self.pongs) < count:
                    self._heard.clear()
                    await self._heard.wait()
        return len(self.pongs) >= count

    def waits(self, sent: dict[int, float]) -> dict[str, float | None]:
        """从写出 `/ping` 到收到 pong 的毫秒数。"""
        waits = sorted((self.pongs[ping] - at) * 1000 for ping, at in sent.items() if ping in self.pongs)
        if not waits:
            return {"p50": None, "p99": None}
        return {"p50": round(statistics.median(waits), 1), "p99": round(waits[int(len(waits) * 0.99)], 1)}

    async def answer(self, socket_: ClientConnection) -> None:
        """答到断开为止。"""
        with suppress(ConnectionClosed):
            async for frame in socket_:
                call = json.loads(frame)
                if call["action"].startswith("send_"):
                    text = "".join(part["data"].get("text", "") for part in call["params"]["message"])
                    if text.startswith("pong "):
                        self.pongs[int(text.removeprefix("pong "))] = time.perf_counter()
                        self._heard.set()
                data = {"send": {"message_id": 1}, "get_group_msg_history": {"messages": []}}
                named = data.get(call["action"].partition("_")[0]) or data.get(call["action"])
                answer = {"status": "ok", "retcode": 0, "data": named, "echo": call.get("echo")}
                await socket_.send(json.dumps(answer))


async def push(socket_: ClientConnection, flood: Flood, rate: float = 0) -> dict[int, float]:
    """灌完，返回每声 `/ping` 写出去的时刻；`rate` 是一秒几条，不给就尽快。"""
    sent: dict[int, float] = {}
    began = time.perf_counter()
    for index, frame in enumerate(flood.frames):
        if rate and (ahead := began + index / rate - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        await socket_.send(frame)
        if index in flood.pings:
            sent[flood.pings[index]] = time.perf_counter()
    return sent


async def empty_server(port: int) -> None:
    """比照：只解析 JSON，收到 `end` 回一声。"""

    async def read(socket_: ServerConnection) -> None:
        async for frame in socket_:
            if frame == "end":
                await socket_.send("end")
            else:
                json.loads(frame)

    async with serve(read, "127.0.0.1", port, compression=None, max_size=None):
        await asyncio.Event().wait()


async def baseline(flood: Flood) -> tuple[float, float]:
    """空服务器一秒解析多少条，每条多少微秒 CPU。"""
    port = _free_port()
    with _process(__file__, "--empty-server", str(port)) as server:
        async with await _connected(f"ws://127.0.0.1:{port}") as socket_:
            cpu, began = cpu_seconds(server.pid), time.perf_counter()
            await push(socket_, flood)
            await socket_.send("end")
            await socket_.recv()
            spent = time.perf_counter() - began
            return len(flood.frames) / spent, (cpu_seconds(server.pid) - cpu) / len(flood.frames) * 1e6


async def measure(flood: Flood, steady: Flood, patience: float) -> dict[str, Any]:
    """起真的机器人，灌，等全部落库，核对。"""
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        database = Path(folder) / "tuanbot.db"
        await settle_in(f"sqlite://{database}")
        port = _free_port()
        phone = Phone()
        with _process("-m", "bot", "run", **_settings(folder, database, port)) as bot:
            async with await _connected(f"ws://127.0.0.1:{port}/onebot/v11/ws") as socket_:
                answering = asyncio.create_task(phone.answer(socket_))
                await _warm_up(socket_, phone)
                found = await _flood(socket_, phone, Watch(bot.pid, database, patience), flood)
                found |= await _trickle(socket_, phone, steady, patience)
                await Watch(bot.pid, database, patience).until(len(flood.frames) + len(steady.frames))
                answering.cancel()
        return found | check((flood, steady), database) | {"exit_status": bot.returncode}


def _settings(folder: str, database: Path, port: int) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SUPERUSERS": f'["{SUPERUSER}"]',
        "ONEBOT_ACCESS_TOKEN": TOKEN,
        "TUAN_DATA_DIR": folder,
        "TUAN_DATABASE_URL": f"sqlite://{database}",
    }


async def _flood(socket_: ClientConnection, phone: Phone, watch: Watch, flood: Flood) -> dict[str, Any]:
    """尽快灌。"""
    count, rss, cpu, began = len(flood.frames), rss_mb(watch.pid), cpu_seconds(watch.pid), time.perf_counter()
    watching = asyncio.create_task(watch.until(count))
    sent = await push(socket_, flood)
    pushed = time.perf_counter() - began
    durable = await watching - began
    await phone.until(1 + len(sent), watch.patience)
    return {
        "messages": count,
        "pushed_per_second": round(count / pushed),
        "durable_per_second": round(count / durable),
        "cpu_us_per_message": round((cpu_seconds(watch.pid) - cpu) / count * 1e6, 1),
        "flood_reply_ms": phone.waits(sent),
        "rss_mb": [round(rss, 1), *watch.rss],
    }


async def _trickle(socket_: ClientConnection, phone: Phone, steady: Flood, patience: float) -> dict[str, Any]:
    """匀着灌。"""
    before = len(phone.pongs)
    sent = await push(socket_, steady, STEADY_RATE)
    await phone.until(before + len(sent), patience)
    return {"steady_per_second": STEADY_RATE, "steady_reply_ms": phone.waits(sent), "pongs": len(phone.pongs) - 1}


async def soak(minutes: float, patience: float) -> bool:
    """匀着灌很久：条数逐群对得上，命令都有回答，内存与打开的文件不涨。"""
    count = int(minutes * 60 * SOAK_RATE)
    flood = compose(count, SOAK_PING_EVERY, until=time.time(), first=1)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        database, port, phone = Path(folder) / "tuanbot.db", _free_port(), Phone()
        await settle_in(f"sqlite://{database}")
        with _process("-m", "bot", "run", **_settings(folder, database, port)) as bot:
            async with await _connected(f"ws://127.0.0.1:{port}/onebot/v11/ws") as socket_:
                answering = asyncio.create_task(phone.answer(socket_))
                await _warm_up(socket_, phone)
                samples = Samples(bot.pid)
                sampling = asyncio.create_task(samples.take(every=minutes * 60 / 40))
                sent = await push(socket_, flood, SOAK_RATE)
                await Watch(bot.pid, database, patience).until(count)
                await phone.until(1 + len(sent), patience)
                sampling.cancel()
                answering.cancel()
        found: dict[str, Any] = (
            check((flood,), database) | samples.found() | {"pongs": len(phone.pongs) - 1, "minutes": minutes}
        )
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    slope, files = found["mb_per_10_minutes"], found["files"]
    flat = slope < SOAK_LEAK and files[0] >= files[-1]
    good = bool(found["exact"]) and found["pings"] == found["pongs"]
    sys.stdout.write(
        f"{count} 条匀着灌了 {minutes:g} 分钟：{'一条不差' if good else '对不上！'}；"
        f"后一半里内存每 10 分钟涨 {slope} MB，打开的文件 {files[0]} → {files[-1]}；"
        f"{'平的' if flat else '在涨！'}\n"
    )
    return good and flat


@contextmanager
def _process(*arguments: str, **env: str) -> Iterator["subprocess.Popen[bytes]"]:
    """一个 Python 子进程，用完请它停下；十五秒不停就杀掉。"""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _warm_up(socket_: ClientConnection, phone: Phone) -> None:
    """私聊问一声，确认机器人认得我们了再开始。"""
    ping = [{"type": "text", "data": {"text": "/ping 0"}}]
    frame = json.loads(frame_of(-1, 0, SUPERUSER, int(time.time()), ping))
    del frame["group_id"]
    await socket_.send(json.dumps(frame | {"message_type": "private", "sub_type": "friend"}))
    if not await phone.until(1, 10):
        raise SystemExit("机器人不答话")


async def _connected(url: str) -> ClientConnection:
    """连上为止，最多等半分钟。"""
    headers = {"X-Self-ID": str(SELF_ID), "X-Client-Role": "Universal", "Authorization": f"Bearer {TOKEN}"}
    deadline = time.perf_counter() + 30
    while True:
        try:
            return await connect(url, additional_headers=headers, compression=None, max_size=None, ping_interval=None)
        except OSError:
            if time.perf_counter() > deadline:
                raise
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def run(count: int, ping_every: int, patience: float) -> bool:
    """比照一遍，真跑一遍，印结果。"""
    now = time.time()
    flood = compose(count, ping_every, until=now - STEADY / STEADY_RATE, first=1)
    steady = compose(STEADY, STEADY_PING_EVERY, until=now, first=count + 1)
    bare, bare_cpu = await baseline(flood)
    found = await measure(flood, steady, patience)
    found |= {
        "baseline_per_second": round(bare),
        "baseline_cpu_us_per_message": round(bare_cpu, 1),
        "ratio": round(found["durable_per_second"] / bare, 3),
    }
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    good: bool = found["exact"] and found["pings"] == found["pongs"]
    flooded, calm = (f"{each['p50']} / {each['p99']}" for each in (found["flood_reply_ms"], found["steady_reply_ms"]))
    sys.stdout.write(
        f"{found['messages']} 条，每秒 {found['durable_per_second']} 条落库（空服务器的 {found['ratio']:.0%}），"
        f"每条 {found['cpu_us_per_message']} 微秒 CPU（空服务器 {found['baseline_cpu_us_per_message']}）；"
        f"命令回答（p50 / p99 毫秒）：一秒 {STEADY_RATE} 条时 {calm}，尽快灌时 {flooded}；"
        f"内存 {' → '.join(map(str, found['rss_mb']))} MB；{'一条不差' if good else '对不上！'}\n"
    )
    return good


def main() -> None:
    """命令行。"""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=20_000, help="灌多少条")
    parser.add_argument("--ping-every", type=int, default=500, help="每多少条夹一声 /ping")
    parser.add_argument("--patience", type=float, default=15, help="落库数多少秒不动就算停了")
    parser.add_argument("--soak", type=float, help="不求快，匀着灌这么多分钟，看内存与文件涨不涨")
    parser.add_argument("--empty-server", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.empty_server:
        asyncio.run(empty_server(chosen.empty_server))
    if chosen.soak:
        sys.exit(0 if asyncio.run(soak(chosen.soak, chosen.patience)) else 1)
    sys.exit(0 if asyncio.run(run(chosen.n, chosen.ping_every, chosen.patience)) else 1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
