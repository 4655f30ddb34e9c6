"""真的机器人进程，和一个连上它的小小 OneBot 实现：测试收帧、断线、停机用。"""

import asyncio
import itertools
import json
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection

import db
from db.models import Scope
from tests import factories, shared
from tests.processes import environment, free_port

TOKEN = "123456"
BOSS = 10001
CADRE, YOUTH = 20001, 20002

_ids = itertools.count(int(time.time()) % 1_000_000 * 1_000)


@dataclass
class Robot:
    """一个正在运行的机器人。"""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"
    #: 上面说话的是哪个平台的人（tests/phones.py）
    platform: Scope = Scope.QQ

    @property
    def log(self) -> str:
        """它到现在打印的全部。"""
        return (self.folder / "bot.log").read_text("utf-8", "replace")

    def url(self, path: str = "/onebot/v11/ws") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """从它的库里直接查。"""
        with closing(sqlite3.connect(f"file:{self.folder / 'data' / 'tuanbot.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def counted(self, group: int | str) -> int:
        """这个群记下了几条。"""
        sql = "SELECT sum(messages) FROM group_day JOIN chat_group g ON g.id = group_day.group_id WHERE g.group_id = ?"
        return self.rows(sql, str(group))[0][0] or 0

    async def counts(self, group: int, wanted: int) -> int:
        """等到记下 `wanted` 条（至多 15 秒），返回记下几条。"""
        await until(lambda: self.counted(group) >= wanted, seconds=15)
        return self.counted(group)

    def ask(self, path: str, *, method: str = "GET") -> tuple[int, bytes]:
        """一次 HTTP 请求：状态与正文。"""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=b"{}" if method == "POST" else None
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    async def health(self) -> dict[str, Any]:
        return json.loads((await asyncio.to_thread(self.ask, "/health"))[1])


@dataclass
class Phone:
    """连着机器人的 OneBot 实现。默认什么接口都答“好”，`unanswered` 里的不答，`mute` 时一概不答。"""

    socket: ClientConnection | ServerConnection
    self_id: int
    calls: list[dict[str, Any]] = field(default_factory=list)
    mute: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    unanswered: Collection[str] = ()
    #: 接口 → 答什么
    results: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def online(cls, robot: Robot, self_id: int, *, mute: bool = False, **more: Any) -> AsyncIterator["Phone"]:
        headers = {"X-Self-ID": str(self_id), "Authorization": f"Bearer {TOKEN}"}
        async with websockets.connect(robot.url(), additional_headers=headers, max_size=None) as socket:
            phone = cls(socket, self_id, mute=mute, **more)
            answering = asyncio.create_task(phone.answer())
            try:
                yield phone
            finally:
                answering.cancel()
                with suppress(asyncio.CancelledError):
                    await answering

    async def answer(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for data in self.socket:
                call = json.loads(data)
                self.calls.append(call)
                if not self.mute and call["action"] not in self.unanswered:
                    result = self._result(call["action"], call["params"])
                    await self.send({"status": "ok", "retcode": 0, "data": result, "echo": call["echo"]})

    def _result(self, action: str, params: dict[str, Any]) -> Any:
        if action in self.results:
            return self.results[action]
        if action == "get_friend_list":
            return [{"user_id": user} for user in (BOSS, CADRE, YOUTH)]
        if action != "get_group_msg_history":
            return {"message_id": 1}
        told = [frame for frame in self.history if frame.get("group_id") == params["group_id"]]
        if (seq := params.get("message_seq")) is not None:
            told = told[: [frame["message_id"] for frame in told].index(seq) + 1]
        return {"messages": told[-params["count"] :]}

    async def send(self, *frames: dict[str, Any] | str | bytes) -> None:
        for frame in frames:
            await self.socket.send(json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame)

    def message(self, text: str, *, user: int = YOUTH, group: int | None = None, **more: Any) -> dict[str, Any]:
        """一帧消息事件。"""
        return message(self.self_id, text, user=user, group=group, **more)

    @property
    def said(self) -> list[str]:
        """机器人发出来的文字，先后为序。"""
        sends = [call["params"]["message"] for call in self.calls if call["action"].startswith("send_")]
        return ["".join(part["data"]["text"] for part in message if part["type"] == "text") for message in sends]

    async def hears(self, text: str) -> None:
        """等到机器人说了 `text`。"""
        await until(lambda: text in self.said, seconds=15)
        assert text in self.said, self.said

    async def pings(self, word: str, *, group: int | None = None) -> None:
        """前面的帧都收下了才会答这一声。"""
        await self.send(self.message(f"/ping {word}", user=BOSS, group=group))
        await self.hears(f"pong {word}")


def message(self_id: int, text: str, *, user: int = YOUTH, group: int | None = None, **more: Any) -> dict[str, Any]:
    """`self_id` 收到的一帧消息事件。"""
    frame: dict[str, Any] = {
        "time": int(time.time()),
        "self_id": self_id,
        "post_type": "message",
        "message_type": "group" if group else "private",
        "sub_type": "normal" if group else "friend",
        "message_id": next(_ids),
        "user_id": user,
        "message": [{"type": "text", "data": {"text": text}}],
        "raw_message": text,
        "font": 14,
        "sender": {"user_id": user, "nickname": "某人"},
    }
    return frame | ({"group_id": group} if group else {}) | more


async def until(met: Callable[[], bool], *, seconds: float) -> None:
    """等到 `met`，或者等满。"""
    deadline = time.monotonic() + seconds
    while not met() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def bind(folder: Path, *groups: int, self_id: int, youths: int = 1) -> None:
    """在还没启动的机器人的库里放一所学校，`self_id` 所在的几个绑定群，和从 `YOUTH` 数起的几名青年。"""
    async with library(folder):
        cadre = await factories.cadre(CADRE, "李老师", await factories.school())
        for group in groups:
            row = await factories.group(group, cadre)
            row.self_id = str(self_id)
            await row.save()
        for user in range(YOUTH, YOUTH + youths):
            await factories.youth(user, cadre)


@asynccontextmanager
async def library(folder: Path) -> AsyncIterator[None]:
    """连上还没启动的机器人的库，还没有就建。"""
    url = f"sqlite://{folder / 'data' / 'tuanbot.db'}"
    await db.migrate(url)
    async with shared.connected(url):
        yield


def start(
    folder: Path, *, program: tuple[str, ...] = ("-m", "bot"), arguments: tuple[str, ...] = ("run",), **settings: str
) -> Robot:
    """起进程，等它听着。"""
    port = int(settings.get("PORT") or free_port())
    given = {"PORT": str(port), "ONEBOT_ACCESS_TOKEN": TOKEN, "SUPERUSERS": f"[{BOSS}]"} | settings
    log = (folder / "bot.log").open("ab")
    with log:
        process = subprocess.Popen(
            [sys.executable, *program, *arguments], cwd=folder, env=environment(folder, **given), stdout=log, stderr=log
        )
    robot = Robot(port, folder, process)
    try:
        _wait_until_it_listens(robot)
    except BaseException:
        kill(robot)
        raise
    return robot


def _wait_until_it_listens(robot: Robot) -> None:
    deadline = time.monotonic() + 90
    while True:
        assert robot.process.poll() is None, robot.log[-3000:]
        assert time.monotonic() < deadline, "90 秒还没起来"
        try:
            if robot.ask("/health")[0] in (200, 503):
                return
        except OSError:
            time.sleep(0.05)


def kill(robot: Robot) -> None:
    """像断电一样：不打招呼。"""
    robot.process.kill()
    robot.process.wait()


def stop(robot: Robot) -> float:
    """请它停下，必须自己好好停下；返回用了几秒。"""
    began = time.monotonic()
    robot.process.send_signal(signal.SIGTERM)
    try:
        status = robot.process.wait(15)
    except subprocess.TimeoutExpired:
        robot.process.kill()
        robot.process.wait()
        raise
    assert status == 0, robot.log[-3000:]
    return time.monotonic() - began
