"""一生：停下时手上的都写完，重启后重复的不再办、断开期间的补上；正向连接；门没上锁就不启动。"""

import asyncio
import hashlib
import hmac
import json
import time
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.process import BOSS, TOKEN, YOUTH, Phone, Robot, bind, start, stop
from tests.processes import tuanbot

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300


async def test_stopping_writes_all_and_a_restart_counts_what_was_missed_once(tmp_path: Path) -> None:
    await bind(tmp_path, GROUP, self_id=SELF)
    robot = start(tmp_path)
    async with Phone.online(robot, SELF) as phone:
        command = phone.message("/ping 停机之前", user=BOSS, group=GROUP)
        await phone.send(command)
        await phone.hears("pong 停机之前")
        flying = [phone.message(f"停机时还在路上的第{n}句", user=YOUTH + n % 9, group=GROUP) for n in range(300)]
        await phone.send(*flying)
        assert stop(robot) < 10
    assert robot.counted(GROUP) == 301

    missed = [phone.message(f"断开期间的第{n}句", group=GROUP, time=int(time.time())) for n in range(5)]
    robot = start(tmp_path)
    try:
        async with Phone.online(robot, SELF, history=[command, *flying[-50:], *missed]) as phone:
            await phone.send(command, phone.message("回来以后的一句", group=GROUP))
            await phone.pings("新的", group=GROUP)
            assert phone.said == ["pong 新的"], "停机前办过的不再办"
            assert await robot.counts(GROUP, 308) == 308
            asked = [call for call in phone.calls if call["action"] == "get_group_msg_history"]
            assert asked[0]["params"]["group_id"] == GROUP
        async with Phone.online(robot, SELF, mute=True) as phone:  # 这回历史取不到，新的话也不能一直等着
            await phone.send(phone.message("取不到历史也照记", group=GROUP))
            assert await robot.counts(GROUP, 309) == 309
    finally:
        stop(robot)


async def test_the_bot_connects_to_an_implementation_and_comes_back(tmp_path: Path) -> None:
    await bind(tmp_path, GROUP, self_id=SELF)
    arrived: asyncio.Queue[Phone] = asyncio.Queue()

    async def accept(socket: ServerConnection) -> None:
        assert socket.request
        assert socket.request.headers["Authorization"] == f"Bearer {TOKEN}"
        phone = Phone(socket, SELF)
        await arrived.put(phone)
        await phone.answer()

    async with serve(accept, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        robot = start(tmp_path, ONEBOT_WS_URLS=json.dumps([f"ws://127.0.0.1:{port}/"]), ONEBOT_SECRET="签名口令")
        try:
            for word in ("第一次", "断了又来"):
                phone = await asyncio.wait_for(arrived.get(), 10)
                await phone.send({"post_type": "meta_event", "meta_event_type": "lifecycle", "self_id": SELF})
                await phone.send(phone.message("大" * 700_000, group=GROUP), "坏帧")
                await phone.pings(word, group=GROUP)
                if word == "第一次":
                    await _only_signed_posts_are_taken(robot, phone)
                await phone.socket.close()
            assert await robot.counts(GROUP, 5) == 5
        finally:
            stop(robot)


async def _only_signed_posts_are_taken(robot: Robot, phone: Phone) -> None:
    """设了签名口令，HTTP 的门才开，且只收签了名的。"""
    assert (await asyncio.to_thread(robot.ask, "/onebot/v11/", method="POST"))[0] == 401
    body = json.dumps(phone.message("签了名的话", group=GROUP)).encode()
    signature = hmac.new("签名口令".encode(), body, hashlib.sha1).hexdigest()
    headers = {"X-Self-ID": str(SELF), "X-Signature": f"sha1={signature}"}
    request = urllib.request.Request(robot.url("/onebot/v11/").replace("ws", "http", 1), body, headers)
    assert await asyncio.to_thread(_status, request) == 204


def _status(request: urllib.request.Request) -> int:
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status


def test_an_open_door_is_refused_in_one_sentence(tmp_path: Path) -> None:
    done = tuanbot("run", folder=tmp_path, HOST="0.0.0.0")
    assert done.returncode == 2
    assert "请先设 ONEBOT_ACCESS_TOKEN" in done.stderr
    assert len((done.stdout + done.stderr).splitlines()) == 1
