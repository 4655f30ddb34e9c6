"""门口的黑盒：真的进程、真的 WebSocket。坏帧、洪水、重复、半开连接、令牌，一条也不能把账号弄断、把话记错。"""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import websockets

from tests.chat import segments
from tests.process import BOSS, TOKEN, YOUTH, Phone, Robot, bind, start, stop, until

pytestmark = pytest.mark.slow

SELF = 10000
GROUPS = range(300, 312)
SAMPLES = (Path(__file__).parent.parent / "data/onebot_events.jsonl").read_text("utf-8")
EVENTS = [json.loads(line) for line in SAMPLES.splitlines()]

MARK = "绝不能进日志的话"

#: 收到 SIGUSR1 就说一声手上有几个任务
COUNTED = (
    "-c",
    """
import asyncio, signal
import bot.app
start = bot.app.start
async def counted():
    await start()
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGUSR1, lambda: print("任务", len(asyncio.all_tasks()), "个", flush=True)
    )
bot.app.start = counted
from bot.__main__ import main
main()
""",
)


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Robot]:
    """一个机器人供本文件的测试共用，日志开到最细；停下之后，日志里不能有谁说过的话。"""
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, *GROUPS, self_id=SELF)
    robot = start(folder, program=COUNTED, LOG_LEVEL="TRACE")
    yield robot
    stop(robot)
    assert MARK not in robot.log
    assert "Traceback" not in robot.log


def faults(phone: Phone, group: int) -> list[dict | str | bytes]:
    """各种坏帧。"""
    whole = json.dumps(phone.message(MARK, group=group), ensure_ascii=False)
    nulls = {"message_id": None, "user_id": None, "message": None, "raw_message": None, "font": None, "sender": None}
    return [
        whole[:90],
        "[1,2,3]",
        "null",
        "",
        bytes(range(256)),
        '{"post_type":"message","self_id":1,"message":' + "[" * 5000 + "]" * 5000 + "}",
        "x" * (5 * 2**20),
        phone.message(MARK, group=group) | nulls,
        phone.message(MARK, group=group) | {"post_type": "x_post"},
        phone.message(MARK, group=group) | {"post_type": ["message"], "message_type": {}},
        {"post_type": "notice", "notice_type": "x_future", "self_id": SELF, "time": 1, "foo": {"bar": [MARK]}},
        {"self_id": SELF, "text": MARK},
        {"status": "ok", "echo": "999999", "data": None},
    ]


async def test_bad_frames_are_counted_and_everything_else_goes_on(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as phone:
        bad = faults(phone, GROUPS[0])
        for index, fault in enumerate(bad):
            await phone.send(fault, phone.message(f"{MARK} {index}", group=GROUPS[0]))
        await phone.pings("还在")
        assert await robot.counts(GROUPS[0], len(bad)) == len(bad)
        counted = (await robot.health())["faults"]
    assert {"malformed", "not_object", "huge", "unknown", "incomplete"} <= counted.keys()
    assert robot.log.count("不是 JSON 的帧") == 1  # 同一种一分钟说一次


async def test_commands_are_answered_and_their_words_stay_out_of_the_log(robot: Robot) -> None:
    """日志开到 TRACE；末了由 `robot` 查日志里有没有这些话。"""
    async with Phone.online(robot, SELF) as phone:
        for words in (f"/心愿 {MARK}", f"/心原 {MARK}", f"/{MARK}", f"/ping {MARK}"):
            await phone.send(phone.message(words, user=BOSS, group=GROUPS[8]), phone.message(words, user=BOSS))
        await until(lambda: phone.said.count(f"pong {MARK}") == 2, seconds=10)
        assert phone.said.count(f"pong {MARK}") == 2
        assert "没有 /心原 这条命令，是不是想说 /心愿 或 /心声？" in phone.said


async def test_bad_bytes_inside_a_text_frame_do_not_cut_the_line(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as phone:
        async with asyncio.timeout(10):
            whole = json.dumps(phone.message("坏字节", group=GROUPS[1]), ensure_ascii=False).encode()
            await phone.socket.send(whole.replace("坏".encode(), b"\xff\xfe"), text=True)
            surrogate = json.dumps(phone.message("代理A", group=GROUPS[1])).replace("A", "\\ud800\\u0000")
            await phone.send(surrogate, phone.message("大" * 350_000, group=GROUPS[1]))
        await phone.pings("没断")
        assert await robot.counts(GROUPS[1], 3) == 3


async def test_a_backlog_of_20000_is_counted_exactly_and_every_command_answered(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as phone:
        said = [
            phone.message(f"积压的第{n}句话，说点正事", user=YOUTH + n % 50, group=GROUPS[2]) for n in range(19_800)
        ]
        asked = [phone.message(f"/ping 积压{n}", user=BOSS, group=GROUPS[2]) for n in range(200)]
        for n, frame in enumerate(asked):
            await phone.send(*said[n * 99 : n * 99 + 99], frame)
        await until(lambda: sum("积压" in text for text in phone.said) >= 200, seconds=30)
        assert [text for text in phone.said if "积压" in text] == [f"pong 积压{n}" for n in range(200)]
        assert await robot.counts(GROUPS[2], 20_000) == 20_000


async def test_a_frame_sent_again_is_handled_once_and_the_same_words_twice_are_two(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as phone:
        command = phone.message("/ping 重推", user=BOSS, group=GROUPS[3])
        chat = phone.message("重推的闲聊", group=GROUPS[3])
        await phone.send(command, chat, command, chat, phone.message("重推的闲聊", group=GROUPS[3]))
        await phone.pings("收尾", group=GROUPS[3])
        assert phone.said == ["pong 重推", "pong 收尾"]
        assert await robot.counts(GROUPS[3], 4) == 4


async def test_the_same_account_again_replaces_the_half_open_one(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as old:
        await old.pings("旧的")
        async with asyncio.timeout(5), Phone.online(robot, SELF) as new:
            await new.pings("新的", group=GROUPS[4])
            await old.socket.wait_closed()
            assert old.said == ["pong 旧的"]
            assert (await robot.health())["accounts"] == 1
            await new.pings("旧的走了以后")
        assert await robot.counts(GROUPS[4], 1) == 1


async def test_stuck_handlers_do_not_hold_up_the_reader(robot: Robot) -> None:
    """平台一个接口也不答：64 个群的命令都卡着，聊天照记；同一条连接上接口一答，命令照样办完。"""
    async with Phone.online(robot, SELF, mute=True) as phone:
        await phone.send(*(phone.message(f"/ping 卡{n}", user=BOSS, group=9_000 + n) for n in range(64)))
        await until(lambda: len(phone.said) >= 8, seconds=5)
        await phone.send(*(phone.message(f"照记{n}", user=YOUTH + n, group=GROUPS[6]) for n in range(1_000)))
        assert await robot.counts(GROUPS[6], 1_000) == 1_000
        phone.mute = False
        await phone.send(*({"status": "ok", "retcode": 0, "data": None, "echo": call["echo"]} for call in phone.calls))
        await until(lambda: len(phone.said) >= 64, seconds=15)
        assert sorted(phone.said) == sorted(f"pong 卡{n}" for n in range(64))


async def test_two_accounts_in_one_group_speak_and_count_once(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as first, Phone.online(robot, 10009) as second:
        for phone in (second, first):  # 同一句话，两个账号各收到一份，消息号不同
            await phone.send(phone.message("两个机器人都在", group=GROUPS[7]))
            await phone.send(phone.message("/ping 谁答", user=BOSS, group=GROUPS[7]))
            called = phone.message("", user=BOSS, group=GROUPS[7], message=segments("[@10009] /ping 叫错了也答"))
            await phone.send(called)
        await first.send(first.message("今天的通报发在群里了大家看看", user=10009, group=GROUPS[7]))
        await first.hears("pong 谁答")
        await first.hears("pong 叫错了也答")
        await second.pings("另一个也活着")
        assert second.said == ["pong 另一个也活着"]
        assert await robot.counts(GROUPS[7], 3) == 3


@pytest.mark.parametrize("how", ["Bearer", "Token", "?access_token="])
async def test_the_numeric_token_is_accepted_in_every_form(robot: Robot, how: str) -> None:
    query = f"{how}{TOKEN}" if "?" in how else ""
    headers = {"X-Self-ID": "10008"} | ({} if query else {"Authorization": f"{how} {TOKEN}"})
    async with websockets.connect(robot.url() + query, additional_headers=headers) as socket:
        await (await socket.ping())


async def test_wrong_tokens_are_refused_cheaply_and_the_right_one_still_works(robot: Robot) -> None:
    async def knock(headers: dict[str, str]) -> int:
        try:
            async with websockets.connect(robot.url(), additional_headers=headers):
                return 101
        except websockets.InvalidStatus as refused:
            return refused.response.status_code

    async with Phone.online(robot, SELF) as phone:
        wrong = {"X-Self-ID": str(SELF), "Authorization": "Bearer 猜的".encode().decode("latin-1")}
        assert await knock(wrong) == 403
        assert await knock({"X-Self-ID": str(SELF)}) == 403
        for _ in range(20):
            assert {*await asyncio.gather(*(knock(wrong | {"Authorization": f"Bearer {n}"}) for n in range(10)))} == {
                403
            }
        await phone.pings("门还开着")
    assert robot.log.count("令牌不对的连接") == 1
    assert TOKEN not in robot.log


async def test_an_account_that_does_not_say_who_it_is_is_told_why(robot: Robot) -> None:
    async with websockets.connect(robot.url(), additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason == "缺少 X-Self-ID"


@pytest.mark.parametrize(
    "path", ["/onebot/v11/", "/onebot/v11/http", "/onebot/v11/http/", "/onebot/v12/", "/onebot/v12/http"]
)
def test_the_http_doors_are_shut_without_a_secret(robot: Robot, path: str) -> None:
    assert robot.ask(path, method="POST")[0] in (404, 405)


async def test_storms_of_reconnects_and_wrong_tokens_leave_nothing_behind(robot: Robot) -> None:
    """F07：重连一百次、令牌错一千次：内存、任务、打开的文件都回到原样，日志里令牌只说一句。"""
    tasks, files = await _holds(robot)
    await _reconnect(robot, "10006", 20)  # 第一次见的都先装上
    await _knock(robot, 100)
    memory, warned = _megabytes(robot), robot.log.count("令牌不对的连接")
    await _reconnect(robot, "10007", 100)
    await _knock(robot, 1_000)
    async with Phone.online(robot, SELF) as phone:
        await phone.pings("风暴之后")
        assert (await robot.health())["accounts"] == 1
    assert robot.log.count("令牌不对的连接") <= warned + 1, "一分钟至多说一次"
    assert _megabytes(robot) - memory < 8
    for _ in range(40):  # 问过名字没答的，各等五秒
        after = await _holds(robot)
        if after[0] <= tasks and after[1] <= files:
            return
        await asyncio.sleep(0.5)
    raise AssertionError((after, tasks, files))


async def _reconnect(robot: Robot, self_id: str, times: int) -> None:
    headers = {"X-Self-ID": self_id, "Authorization": f"Bearer {TOKEN}"}
    for _ in range(times):
        async with websockets.connect(robot.url(), additional_headers=headers):
            pass
    await until(lambda: robot.log.count(f"账号 {self_id} 已断开") == times, seconds=10)
    assert robot.log.count(f"账号 {self_id} 已断开") == times


async def _knock(robot: Robot, times: int) -> None:
    """拿着错的令牌敲门，每次都得到 403。"""
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Self-ID: 10007\r\n"
    for number in range(times):
        reader, writer = await asyncio.open_connection("127.0.0.1", robot.port)
        asked = f"GET /onebot/v11/ws HTTP/1.1\r\nHost: x\r\n{upgrade}{key}Authorization: Bearer {number}\r\n\r\n"
        writer.write(asked.encode())
        assert b" 403 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def _holds(robot: Robot) -> tuple[int, int]:
    """手上有几个任务、打开几个文件。"""
    told = robot.log.count("任务 ")
    robot.process.send_signal(signal.SIGUSR1)
    await until(lambda: robot.log.count("任务 ") > told, seconds=5)
    files = len(list(Path(f"/proc/{robot.process.pid}/fd").iterdir()))
    return int(robot.log.rpartition("任务 ")[2].split()[0]), files


def _megabytes(robot: Robot) -> float:
    return int(Path(f"/proc/{robot.process.pid}/statm").read_text().split()[1]) * 4096 / 2**20


@pytest.mark.parametrize("protocol", ["v11", "v12"])
async def test_every_sample_of_the_real_implementations_passes(robot: Robot, protocol: str) -> None:
    """NapCat、LLBot、Lagrange、go-cqhttp 等录下的 79 帧：不断线，不报错。"""
    samples = [one["event"] for one in EVENTS if one["proto"] == protocol]
    before = len(robot.log)
    headers = {"X-Self-ID": "10001000", "Authorization": f"Bearer {TOKEN}"}
    async with websockets.connect(robot.url(f"/onebot/{protocol}/ws"), additional_headers=headers) as socket:
        for event in samples:
            await socket.send(json.dumps(event, ensure_ascii=False))
        await (await socket.ping())
        await asyncio.sleep(0.3)
        await (await socket.ping())
    fresh = robot.log[before:]
    assert "ERROR" not in fresh
    assert "出错" not in fresh


async def test_wechat_at_the_bot_then_a_command_is_answered(robot: Robot) -> None:
    me = {"platform": "wechat", "user_id": "wxid_bot"}
    connect = {
        "id": "1",
        "time": 1.0,
        "type": "meta",
        "detail_type": "connect",
        "sub_type": "",
        "version": {"impl": "x"},
    }
    online = {
        "type": "meta",
        "detail_type": "status_update",
        "status": {"good": True, "bots": [{"self": me, "online": True}]},
    }
    message = [
        {"type": "mention", "data": {"user_id": "wxid_bot"}},
        {"type": "text", "data": {"text": "\u2005／PING 微信"}},
    ]
    said = {
        "type": "message",
        "detail_type": "group",
        "message_id": "1",
        "group_id": "r@chatroom",
        "user_id": str(BOSS),
    }
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        asyncio.timeout(10),
        websockets.connect(robot.url("/onebot/v12/ws"), additional_headers=headers) as socket,
    ):
        for frame in (connect, online, said | {"message": message, "self": me}):
            await socket.send(json.dumps(frame))
        while (call := json.loads(await socket.recv()))["action"] != "send_message":
            pass  # 连上时先问它是哪一家
        assert call["params"]["group_id"] == "r@chatroom"
        assert call["params"]["message"][0]["data"]["text"] == "pong 微信"


async def test_health_shows_numbers_and_nobody(robot: Robot) -> None:
    status, body = await asyncio.to_thread(robot.ask, "/health")
    assert status == 200
    shown = {"ok", "accounts", "implementations", "waiting", "recording", "lag", "looked_at", "faults", "notices"}
    assert json.loads(body).keys() == shown
