"""把群消息尽快灌给真的机器人进程，量到“落库”为止，并逐群核对一条不多一条不少。

    uv run python benchmarks/flood.py                # 两万条
    uv run python benchmarks/flood.py --n 200000     # 看内存平不平

一百个绑定的群、一百位团干部、五千名已加入的青年；每五百条夹一条超级管理员的 `/ping`。
同一批帧先灌给一个只做 JSON 解析的空服务器作比照，所以换一台机器，比值仍可比。
先印一行 JSON，再印一行给人看的话；有一条对不上，退出状态是 1。
"""

import argparse
import asyncio
import json
import os
import random
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).parent.parent
GROUPS, YOUTHS_EACH = 100, 50
SELF_ID, SUPERUSER, TOKEN = 10000, 10001, "flood"
#: 每个群每分钟约三十条，是很热闹的群
EVENTS_PER_SECOND = 50
LOCAL = timezone(timedelta(hours=8))

_PHRASES = """\
今天下午 明天早上 这周五 周末 下周 月底前 期末 国庆前 昨天 刚才 晚饭后 开会前
图书馆 篮球场 招聘会 志愿队 就业中心 学生社区 青年公寓 食堂 合唱团 读书会 实验室 校医院
有没有空位 还缺几个人 要准备什么材料 在哪里登记 改到几点了 人多不多 谁一起去 能不能早点来 怎么报名 可以带朋友吗
我想过去看看 麻烦帮我问一声 同学托我打听 上回没赶上 有点着急 先谢谢啦 我们班都想知道 不方便就算了 回头告诉你们
"""
#: 一句话由四截拼成，一万多种；数字不算内容，所以不能靠编号凑不同
PHRASES = [line.split() for line in _PHRASES.splitlines()]
SMALL_TALK = ("收到", "好的", "+1", "哈哈哈哈", "谢谢老师", "👍👍", "1")


@dataclass
class Flood:
    """要灌的全部帧，和应当数出来的数。"""

    frames: list[str]
    #: 第几帧是第几声 `/ping`
    pings: dict[int, int]
    #: (群号, 本地日期) → 条数
    messages: Counter[tuple[str, str]]
    #: (群号, 本地日期) → 说过话的人
    speakers: dict[tuple[str, str], set[int]]


def cadre_of(group: int) -> int:
    """群里团干部的账号。"""
    return 20_000_000 + group


def youth_of(group: int, index: int) -> int:
    """群里第几名青年的账号。"""
    return 30_000_000 + group * YOUTHS_EACH + index


def group_number(group: int) -> int:
    """平台群号。"""
    return 600_000_000 + group


def compose(count: int, ping_every: int, seed: int = 1) -> Flood:
    """编好 `count` 条群消息，最后一条的时间是现在。"""
    chance = random.Random(seed)
    start = time.time() - count / EVENTS_PER_SECOND
    flood = Flood([], {}, Counter(), {})
    for number in range(count):
        group = chance.randrange(GROUPS)
        at = int(start + number / EVENTS_PER_SECOND)
        user = cadre_of(group) if chance.random() < 0.2 else youth_of(group, chance.randrange(YOUTHS_EACH))
        message = _words(chance, group)
        if ping_every and number % ping_every == ping_every - 1:
            user, message = SUPERUSER, [{"type": "text", "data": {"text": f"/ping {number}"}}]
            flood.pings[len(flood.frames)] = number
        flood.frames.append(_frame(number, group, user, at, message))
        key = (str(group_number(group)), datetime.fromtimestamp(at, LOCAL).date().isoformat())
        flood.messages[key] += 1
        flood.speakers.setdefault(key, set()).add(user)
    return flood


def _words(chance: random.Random, group: int) -> list[dict[str, object]]:
    text = chance.choice(SMALL_TALK) if chance.random() < 0.3 else "".join(map(chance.choice, PHRASES))
    parts: list[dict[str, object]] = [{"type": "text", "data": {"text": text}}]
    if chance.random() < 0.15:
        parts.insert(0, {"type": "at", "data": {"qq": str(youth_of(group, chance.randrange(YOUTHS_EACH)))}})
    if chance.random() < 0.07:
        parts.append({"type": "face", "data": {"id": str(chance.randrange(200))}})
    return parts


def _frame(number: int, group: int, user: int, at: int, message: list[dict[str, object]]) -> str:
    identity = 1_000_000_000 + number
    return json.dumps(
        {
            "self_id": SELF_ID,
            "user_id": user,
            "time": at,
            "message_id": identity,
            "message_seq": identity,
            "real_id": identity,
            "real_seq": str(number),
            "message_type": "group",
            "sender": {"user_id": user, "nickname": f"用户{user}", "card": "", "role": "member"},
            "raw_message": "".join(str(part["data"]) for part in message),
            "font": 14,
            "sub_type": "normal",
            "message": message,
            "message_format": "array",
            "post_type": "message",
            "group_id": group_number(group),
            "group_name": f"青年{group}群",
        },
        ensure_ascii=False,
    )


async def settle_in(url: str) -> None:
    """建好单位、团干部、群与已加入的青年。"""
    import db
    from bot.league import roster
    from db import models

    await db.migrate(url)
    await db.connect(url)
    try:
        at = datetime.now(UTC) - timedelta(days=30)
        unit = await roster.add_unit("示例大学团委", models.UnitKind.SCHOOL)
        await models.Person.bulk_create(
            [models.Person(created_at=at) for _ in range(GROUPS * (1 + YOUTHS_EACH))], batch_size=500
        )
        people = await models.Person.all().order_by("id")
        owners = [(cadre_of(group), people[group]) for group in range(GROUPS)]
        members = [
            (group, youth_of(group, index), people[GROUPS + group * YOUTHS_EACH + index])
            for group in range(GROUPS)
            for index in range(YOUTHS_EACH)
        ]
        accounts = [*owners, *((user, person) for _, user, person in members)]
        await models.Account.bulk_create(
            [models.Account(scope=models.Scope.QQ, user_id=str(user), person=person) for user, person in accounts],
            batch_size=500,
        )
        kind = models.CadreKind.FULL_TIME
        await models.Cadre.bulk_create(
            [models.Cadre(person=person, unit=unit, kind=kind, quota=100, since=at) for _, person in owners]
        )
        cadres = await models.Cadre.all().order_by("person_id")
        await models.Group.bulk_create(
            [
                models.Group(
                    scope=models.Scope.QQ,
                    group_id=str(group_number(group)),
                    self_id=str(SELF_ID),
                    kind=models.GroupKind.YOUTH,
                    cadre=cadres[group],
                    unit=unit,
                    bound_at=at,
                )
                for group in range(GROUPS)
            ]
        )
        groups = await models.Group.all().order_by("id")
        active = models.ContactState.ACTIVE
        await models.Consent.bulk_create(
            [models.Consent(person=p, version="1", group=groups[g], given_at=at) for g, _, p in members], batch_size=500
        )
        await models.Contact.bulk_create(
            [
                models.Contact(cadre=cadres[group], youth=person, group=groups[group], state=active, since=at)
                for group, _, person in members
            ],
            batch_size=500,
        )
    finally:
        await db.close()


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


async def push(socket_: ClientConnection, flood: Flood) -> dict[int, float]:
    """尽快灌，返回每声 `/ping` 写出去的时刻。"""
    sent: dict[int, float] = {}
    for index, frame in enumerate(flood.frames):
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
            cpu, began = _cpu(server.pid), time.perf_counter()
            await push(socket_, flood)
            await socket_.send("end")
            await socket_.recv()
            spent = time.perf_counter() - began
            return len(flood.frames) / spent, (_cpu(server.pid) - cpu) / len(flood.frames) * 1e6


async def measure(flood: Flood, patience: float) -> dict[str, object]:
    """起真的机器人，灌，等全部落库，核对。"""
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        database = Path(folder) / "tuanbot.db"
        await settle_in(f"sqlite://{database}")
        port = _free_port()
        env = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SUPERUSERS": f'["{SUPERUSER}"]',
            "ONEBOT_ACCESS_TOKEN": TOKEN,
            "TUAN_DATA_DIR": folder,
            "TUAN_DATABASE_URL": f"sqlite://{database}",
        }
        with _process("-m", "bot", "run", **env) as bot:
            found = await _flood_it(flood, bot.pid, port, database, patience)
        return found | check(flood, database) | {"exit_status": bot.returncode}


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


async def _flood_it(flood: Flood, pid: int, port: int, database: Path, patience: float) -> dict[str, object]:
    phone = Phone()
    async with await _connected(f"ws://127.0.0.1:{port}/onebot/v11/ws") as socket_:
        answering = asyncio.create_task(phone.answer(socket_))
        await _warm_up(socket_, phone)
        rss, cpu, began = _rss(pid), _cpu(pid), time.perf_counter()
        sent = await push(socket_, flood)
        pushed = time.perf_counter() - began
        durable = await _until_durable(database, len(flood.frames), patience) - began
        await phone.until(len(sent) + 1, patience)
        spent = _cpu(pid) - cpu
        answering.cancel()
    waits = sorted((phone.pongs[ping] - at) * 1000 for ping, at in sent.items() if ping in phone.pongs)
    return {
        "messages": len(flood.frames),
        "pushed_per_second": round(len(flood.frames) / pushed),
        "durable_per_second": round(len(flood.frames) / durable),
        "cpu_us_per_message": round(spent / len(flood.frames) * 1e6, 1),
        "pings": len(sent),
        "pongs": len(waits),
        "reply_ms_p50": round(statistics.median(waits), 1) if waits else None,
        "reply_ms_p99": round(waits[int(len(waits) * 0.99)], 1) if waits else None,
        "rss_mb_start": round(rss, 1),
        "rss_mb_end": round(_rss(pid), 1),
    }


async def _warm_up(socket_: ClientConnection, phone: Phone) -> None:
    """私聊问一声，确认机器人认得我们了再开始。"""
    ping = [{"type": "text", "data": {"text": "/ping 0"}}]
    frame = json.loads(_frame(-1, 0, SUPERUSER, int(time.time()), ping))
    del frame["group_id"]
    await socket_.send(json.dumps(frame | {"message_type": "private", "sub_type": "friend"}))
    if not await phone.until(1, 10):
        raise SystemExit("机器人不答话")


async def _until_durable(database: Path, wanted: int, patience: float) -> float:
    """等到库里数得出 `wanted` 条，返回那一刻；一直不动就不等了。"""
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        seen, moved = -1, time.perf_counter()
        while True:
            now = time.perf_counter()
            (total,) = reader.execute("select coalesce(sum(messages), 0) from group_day").fetchone()
            if total >= wanted or now - moved > patience:
                return now
            if total != seen:
                seen, moved = total, now
            await asyncio.sleep(0.02)
    finally:
        reader.close()


def check(flood: Flood, database: Path) -> dict[str, object]:
    """逐群逐日与我们自己数的对一遍。"""
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = reader.execute(
            "select g.group_id, d.day, d.messages, d.speakers from group_day d join chat_group g on g.id = d.group_id"
        ).fetchall()
        (pairs,) = reader.execute("select count(*) from interaction").fetchone()
        (effective,) = reader.execute("select count(*) from interaction where sessions > 0").fetchone()
    finally:
        reader.close()
    messages = {(group, str(day)[:10]): count for group, day, count, _ in rows}
    speakers = {(group, str(day)[:10]): count for group, day, _, count in rows}
    return {
        "stored": sum(messages.values()),
        "exact": messages == dict(flood.messages)
        and speakers == {key: len(users) for key, users in flood.speakers.items()},
        "interaction_rows": pairs,
        "effective_rows": effective,
    }


async def _connected(url: str) -> ClientConnection:
    """连上为止，最多等十秒。"""
    headers = {"X-Self-ID": str(SELF_ID), "X-Client-Role": "Universal", "Authorization": f"Bearer {TOKEN}"}
    deadline = time.perf_counter() + 10
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


def _cpu(pid: int) -> float:
    """进程用掉的 CPU 秒。"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss(pid: int) -> float:
    """进程占的内存，MB。"""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def run(count: int, ping_every: int, patience: float) -> bool:
    """比照一遍，真跑一遍，印结果。"""
    flood = compose(count, ping_every)
    bare, bare_cpu = await baseline(flood)
    found = await measure(flood, patience)
    found |= {
        "baseline_per_second": round(bare),
        "baseline_cpu_us_per_message": round(bare_cpu, 1),
        "ratio": round(float(str(found["durable_per_second"])) / bare, 3),
    }
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    good = bool(found["exact"]) and found["pings"] == found["pongs"]
    sys.stdout.write(
        f"{found['messages']} 条，每秒 {found['durable_per_second']} 条落库（空服务器的 {found['ratio']:.0%}），"
        f"每条 {found['cpu_us_per_message']} 微秒 CPU（空服务器 {found['baseline_cpu_us_per_message']}）；"
        f"命令回答 p50 {found['reply_ms_p50']} / p99 {found['reply_ms_p99']} 毫秒；"
        f"内存 {found['rss_mb_start']} → {found['rss_mb_end']} MB；{'一条不差' if good else '对不上！'}\n"
    )
    return good


def main() -> None:
    """命令行。"""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=20_000, help="灌多少条")
    parser.add_argument("--ping-every", type=int, default=500, help="每多少条夹一声 /ping")
    parser.add_argument("--patience", type=float, default=15, help="落库数多少秒不动就算停了")
    parser.add_argument("--empty-server", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.empty_server:
        asyncio.run(empty_server(chosen.empty_server))
    sys.exit(0 if asyncio.run(run(chosen.n, chosen.ping_every, chosen.patience)) else 1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
