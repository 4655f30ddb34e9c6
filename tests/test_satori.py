"""Satori：照 LLBot 的样子写的一个服务端（真的 WebSocket 与 HTTP），对面是真的机器人进程。"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from bot.league import notices
from db.models import Account, Contact, Group
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, library, start, stop, until
from tests.processes import environment, last_noon, midday_zone

pytestmark = pytest.mark.slow

SELF, GROUP, TOKEN = "10000", "300", "令牌"
MARK = "绝不能进日志的话"


class Server:
    """一个 Satori 服务端：推事件，记下调用。"""

    def __init__(self) -> None:
        self.socket: web.WebSocketResponse | None = None
        self.identified: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: 接口 → 答什么状态
        self.answers: dict[str, int] = {}
        self.sn = 0
        self.past: list[dict[str, Any]] = []
        self.port = 0

    async def open(self) -> web.AppRunner:
        app = web.Application(client_max_size=32 * 2**20)
        app.add_routes([web.get("/v1/events", self._events), web.post("/v1/{api}", self._call)])
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return runner

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            if frame["op"] == 3:
                if frame["body"].get("token") != TOKEN:
                    await socket.close()
                    break
                self.identified.append(frame["body"])
                login = {"sn": 1, "adapter": "llonebot", "status": 1, "user": {"id": SELF}, "platform": "llonebot"}
                other = {"sn": 2, "adapter": "x", "status": 1, "user": {"id": "77"}, "platform": "discord"}
                await socket.send_json({"op": 4, "body": {"logins": [login, other], "proxy_urls": []}})
                self.socket = socket
                for event in self.past:
                    if event["sn"] > frame["body"].get("sn", 10**9):
                        await socket.send_json({"op": 0, "body": event})
        return socket

    async def _call(self, request: web.Request) -> web.Response:
        api, body = request.match_info["api"], await request.json()
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        self.calls.append((api, body | {"by": request.headers["Satori-Platform"]}))
        status = self.answers.get(api, 200)
        if status != 200:
            return web.Response(status=status, text="不行")
        if api == "user.channel.create":
            return web.json_response({"id": f"dm-{body['user_id']}", "type": 1})
        return web.json_response([{"id": "1", "content": ""}] if api == "message.create" else {})

    def event(self, kind: str, *, user: object, place: str | None, content: str = "", **more: Any) -> dict[str, Any]:
        self.sn += 1
        channel = {"id": place, "type": 0} if place else {"id": f"private:{user}", "type": 1}
        frame = {
            "id": self.sn,
            "sn": self.sn,
            "type": kind,
            "self_id": SELF,
            "platform": "llonebot",
            "timestamp": int(time.time() * 1000),
            "login": {"sn": 1, "user": {"id": SELF, "name": "团团", "is_bot": False}, "platform": "llonebot"},
        }
        about: dict[str, Any] = {
            "user": {"id": str(user), "name": "某人", "is_bot": False},
            "member": {"user": {"id": str(user), "name": "某人"}, "nick": "某人"} if place else None,
            "guild": {"id": place} if place else None,
        }
        if kind.startswith("message-"):
            about |= {
                "channel": channel,
                "message": {"id": f"2|{place}|{self.sn}", "content": content, "created_at": frame["timestamp"]},
            }
        if kind in ("guild-added", "guild-removed"):
            about = {"guild": about["guild"]}
        return frame | {key: value for key, value in about.items() if value} | more

    async def push(self, event: dict[str, Any]) -> None:
        assert self.socket
        await self.socket.send_json({"op": 0, "body": event})

    async def asks(self, user: object, content: str, hears: str, *, place: str | None = None, **more: Any) -> str:
        """说一句，等到同一处有一句含着 `hears`；别的话（到点的通知）夹在中间也不要紧。"""
        before = len(self.calls)
        event = self.event("message-created", user=user, place=place, content=content, **more)
        channel = event["channel"]["id"]
        await self.push(event)
        await until(lambda: any(hears in said for said in self.said(channel, before)), seconds=15)
        found = [said for said in self.said(channel, before) if hears in said]
        assert found, self.said(channel, before)
        return found[0]

    def said(self, channel: str, since: int = 0) -> list[str]:
        calls = [body for api, body in self.calls[since:] if api == "message.create"]
        return [body["content"] for body in calls if body["channel_id"] == channel]


@pytest.fixture(scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Server, Robot]]:
    folder = tmp_path_factory.mktemp("satori")
    await bind(folder, int(GROUP), self_id=int(SELF), youths=2)
    async with library(folder):
        person = (await Account.get(user_id=str(YOUTH))).person_id
        await Contact.all().update(group_id=(await Group.get(group_id=GROUP)).id)
        await notices.post("wish.claimed", period="1", text=f"{MARK}<b>1&2", at=last_noon(), person_id=person)
    server = Server()
    runner = await server.open()
    clients = json.dumps([{"host": "127.0.0.1", "port": server.port, "token": token} for token in (TOKEN, "写错的")])
    zone = midday_zone()
    robot = await asyncio.to_thread(
        lambda: start(folder, LOG_LEVEL="TRACE", TUAN_ADAPTERS="satori", SATORI_CLIENTS=clients, TUAN_TIMEZONE=zone)
    )
    await until(lambda: server.socket is not None, seconds=15)
    yield server, robot
    await asyncio.to_thread(stop, robot)
    await runner.cleanup()
    assert MARK not in robot.log
    assert "Traceback" not in robot.log


async def test_a_notice_goes_to_a_private_channel_opened_for_it(both: tuple[Server, Robot]) -> None:
    server, robot = both
    await until(lambda: bool(server.said(f"dm-{YOUTH}")), seconds=15)
    assert server.said(f"dm-{YOUTH}") == [f"{MARK}&lt;b&gt;1&amp;2"]
    await until(lambda: robot.rows("SELECT state FROM notice") == [("sent",)], seconds=15)


async def test_commands_groups_mentions_and_pictures(both: tuple[Server, Robot]) -> None:
    server, robot = both
    await server.asks(BOSS, "/ping &lt;在吗&gt;", "pong &lt;在吗&gt;")
    await server.asks(YOUTH, "/心原 想学车", "没有 /心原", place=GROUP)
    await server.asks(YOUTH, "/标签 <at id='1'/> 学生", "团干部用的", place=GROUP)
    await server.asks(YOUTH, f"/心愿 {MARK}想<b>学</b>修自行车", "W1", place=GROUP)
    assert robot.rows("SELECT text FROM wish") == [(f"{MARK}想学修自行车",)]
    await server.asks(CADRE, f'/标签 <at id="{YOUTH}"/> 学生', "学生")
    picture = await server.asks(CADRE, "/进度", "<img")
    assert picture.startswith('<img src="data:image/png;base64,')
    assert base64.b64decode(picture.split(",")[1][:40])[:4] == b"\x89PNG"


async def test_talk_is_counted_once_through_a_reconnection_and_a_recall(both: tuple[Server, Robot]) -> None:
    server, robot = both
    await server.asks(BOSS, "/ping 起点", "pong 起点")
    before = robot.counted(int(GROUP))
    lost = [server.event("message-created", user=YOUTH, place=GROUP, content=f"{MARK}{n}") for n in range(4)]
    await server.push(lost[0])
    await until(lambda: robot.counted(int(GROUP)) == before + 1, seconds=15)
    server.past, socket = lost, server.socket
    server.socket = None
    assert socket
    await socket.close()
    await until(lambda: server.socket is not None, seconds=15)
    assert server.identified[-1]["sn"] == lost[0]["sn"]
    assert await robot.counts(int(GROUP), before + 4) == before + 4
    await server.push(server.event("message-deleted", user=YOUTH, place=GROUP) | {"message": {"id": "m无关"}})
    gone = server.event("message-deleted", user=YOUTH, place=GROUP)
    await server.push(gone | {"message": {"id": lost[3]["message"]["id"]}})
    await until(lambda: robot.counted(int(GROUP)) == before + 3, seconds=15)
    assert robot.counted(int(GROUP)) == before + 3


async def test_someone_who_leaves_is_paused(both: tuple[Server, Robot]) -> None:
    server, robot = both
    await server.push(server.event("guild-member-removed", user=YOUTH + 1, place=GROUP))
    paused = "SELECT count(*) FROM contact WHERE state = 'paused'"
    await until(lambda: robot.rows(paused) == [(1,)], seconds=15)
    assert robot.rows(paused) == [(1,)]


async def test_a_wrong_token_is_said_in_the_log(both: tuple[Server, Robot]) -> None:
    server, robot = both
    said = f"Satori 127.0.0.1:{server.port} 没让进：多半是 SATORI_CLIENTS 里的令牌不对"
    await until(lambda: said in robot.log, seconds=15)
    assert said in robot.log


async def test_a_private_message_taken_back_is_no_business_of_any_group(both: tuple[Server, Robot]) -> None:
    server, robot = both
    before = robot.counted(int(GROUP))
    gone = server.event("message-deleted", user=YOUTH, place=None)
    await server.push(gone | {"channel": {"id": f"private:{YOUTH}"}})
    await server.asks(BOSS, "/ping 收到了", "pong 收到了")
    assert robot.counted(int(GROUP)) == before


async def test_a_quoted_message_names_who_said_it(both: tuple[Server, Robot]) -> None:
    server, _ = both
    quoted = f'<quote id="2|300|1"><author id="{YOUTH}" name="某人"/>{MARK}</quote>/记 谈心 面对面'
    await server.asks(CADRE, quoted, "记下了 A1：谈心，面对面，1 位。", place=GROUP)


async def test_the_bot_is_asked_in_and_shown_out(both: tuple[Server, Robot]) -> None:
    """LLBot 说机器人自己进出群只给群号。"""
    server, robot = both
    await server.push(server.event("guild-added", user=0, place="301"))
    await until(lambda: bool(server.said("301")), seconds=15)
    assert server.said("301")[0].startswith("大家好，我是团团")
    await server.push(server.event("guild-removed", user=0, place=GROUP))
    bound = "SELECT count(*) FROM chat_group WHERE unbound_at IS NULL"
    await until(lambda: robot.rows(bound) == [(0,)], seconds=15)
    assert robot.rows(bound) == [(0,)]


async def test_the_same_number_on_another_platform_is_another_person(both: tuple[Server, Robot]) -> None:
    server, _ = both
    login = {"sn": 2, "adapter": "x", "status": 1, "user": {"id": "77"}, "platform": "discord"}
    await server.asks(YOUTH, "/找团干", "李老师")
    await server.asks(YOUTH, "/找团干", "还没有联系团干部", login=login)
    assert server.calls[-1][1]["by"] == "discord"
    await server.push(server.event("message-created", user=BOSS, place=None, content="/ping 我是谁", login=login))
    await server.asks(BOSS, "/ping 前面的都收到了", "pong 前面的都收到了")
    assert not any("我是谁" in said for said in server.said(f"private:{BOSS}"))


@pytest.mark.parametrize(
    "frame",
    [
        "不是 JSON",
        "[]",
        '{"op": 0}',
        '{"op": 0, "body": []}',
        '{"op": 9, "body": {}}',
        '{"op": 0, "body": {"type": "message-created"}}',
        '{"op": 0, "body": {"sn": "x", "type": 3, "login": 5}}',
    ],
)
async def test_what_cannot_be_read_is_skipped(both: tuple[Server, Robot], frame: str) -> None:
    server, _ = both
    assert server.socket
    before = len(server.identified)
    await server.socket.send_str(frame)
    await server.asks(BOSS, "/ping 还在", "pong 还在")
    assert len(server.identified) == before


async def test_a_refusal_of_the_platform_is_no_crash(both: tuple[Server, Robot]) -> None:
    server, _ = both
    for status in (403, 404, 500):
        server.answers["message.create"] = status
        await server.push(server.event("message-created", user=BOSS, place=None, content="/ping 听不见"))
        before = len(server.calls)
        await until(lambda before=before: len(server.calls) > before, seconds=15)
    server.answers.clear()
    await server.asks(BOSS, "/ping 听得见", "pong 听得见")


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['nonebot.adapters.satori'] = None; from bot.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run"],
        cwd=tmp_path,
        env=environment(tmp_path, TUAN_ADAPTERS="satori"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "没有装它。先运行 uv sync --extra satori，再启动。" in done.stderr
