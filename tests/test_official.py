"""微信公众号：照微信的样子推送（签名、XML），对面是真的机器人进程；它只能在这一次的回应里说话。"""

import asyncio
import hashlib
import itertools
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import xmltodict
from nonebot.adapters.onebot import v12
from pydantic import ValidationError

from bot.gateway import official_turns
from bot.gateway.bridges import whole
from bot.gateway.errands import Errand
from bot.gateway.official import WELCOME
from bot.gateway.official_turns import BUSY, LARGEST, MORE, WAIT, OfficialBridge
from bot.gateway.workers import WORKERS
from bot.league import notices
from bot.settings import Extra, Settings
from db.models import Account, Notice, NoticeState, Scope
from tests.process import CADRE, YOUTH, Robot, bind, library, start, stop, until
from tests.processes import last_noon, midday_zone, tuanbot

pytestmark = pytest.mark.slow

APPID, SECRET, NAME = "wx0123456789", "后台里填的令牌", "gh_示例"
BOSS, FAN, STRANGER = "openid_boss", "openid_fan", "openid_stranger"
MARK = "绝不能进日志的话"


class Server:
    """微信的服务器：替关注者推送，读回应。"""

    def __init__(self, robot: Robot) -> None:
        self.robot = robot
        self.count = int(time.time())
        self.nonces = itertools.count()

    def ask(self, query: dict[str, str], body: str | None = None) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.robot.port}/wxmp/revice/{APPID}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, None if body is None else body.encode()), timeout=10
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def signed(self, *, token: str = SECRET, at: float | str | None = None) -> dict[str, str]:
        at = time.time() if at is None else at
        words = [token, at if isinstance(at, str) else str(int(at)), f"nonce{next(self.nonces)}"]
        signature = hashlib.sha1("".join(sorted(words)).encode()).hexdigest()
        return {"timestamp": words[1], "nonce": words[2], "signature": signature}

    def push(self, user: str, **fields: Any) -> str:
        """推送一条，返回回应里的文字；没有话是空。"""
        self.count += 1
        given = {"ToUserName": NAME, "FromUserName": user, "CreateTime": int(time.time()), "MsgId": self.count} | fields
        status, answer = self.ask(self.signed(), xmltodict.unparse({"xml": given}))
        assert status == 200
        if answer == "success":
            return ""
        reply = xmltodict.parse(answer)["xml"]
        assert (reply["ToUserName"], reply["FromUserName"], reply["MsgType"]) == (user, NAME, "text")
        return reply["Content"]

    def says(self, user: str, text: str, **fields: Any) -> str:
        return self.push(user, **{"MsgType": "text", "Content": text} | fields)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("official")
    await bind(folder, 300, self_id=10000)
    async with library(folder):
        for user, openid in ((YOUTH, FAN), (CADRE, "openid_cadre")):
            person = (await Account.get(user_id=str(user))).person_id
            await Account.create(scope=Scope.OFFICIAL, user_id=openid, person_id=person)
            if user == YOUTH:
                for period in ("1", "2"):
                    text = f"{MARK}：有人认领了你的心愿 W{period}"
                    await notices.post("wish.claimed", period=period, text=text, at=last_noon(), person_id=person)
                for number in range(40):
                    await notices.post("wish.done", period=str(number), text="", at=last_noon(), person_id=person)
                await Notice.filter(kind="wish.done").update(state=NoticeState.SENT)
    robot = start(
        folder,
        LOG_LEVEL="TRACE",
        TUAN_TIMEZONE=midday_zone(),
        TUAN_ADAPTERS="wxmp",
        WXMP_BOTS=json.dumps([{"appid": APPID, "token": SECRET}]),
        SUPERUSERS=json.dumps([BOSS]),
    )
    yield Server(robot)
    stop(robot)
    assert MARK not in robot.log
    assert "Traceback" not in robot.log


async def test_one_question_one_answer(server: Server) -> None:
    assert server.says(BOSS, "/ping 在吗") == "pong 在吗"
    assert server.says(STRANGER, "随便聊聊") == ""
    assert server.says(STRANGER, "/心原 想学车").startswith("没有 /心原 这条命令")
    assert server.push(STRANGER, MsgType="event", Event="subscribe") == WELCOME
    assert server.push(STRANGER, MsgType="image", PicUrl="http://x", MediaId="1") == ""


async def test_what_waits_rides_on_the_next_answer(server: Server) -> None:
    waiting = "SELECT count(*) FROM notice WHERE state = 'riding'"
    await until(lambda: server.robot.rows(waiting) == [(2,)], seconds=15)
    said = server.says(FAN, "/找团干")
    assert "李老师" in said
    assert said.endswith(f"{MARK}：有人认领了你的心愿 W1\n\n{MARK}：有人认领了你的心愿 W2")
    assert set(server.robot.rows("SELECT state FROM notice WHERE kind = 'wish.claimed'")) == {("sent",)}
    assert server.says(FAN, "/待办").count("W1") == 0


async def test_a_wish_is_made_and_pictures_are_told_in_words(server: Server) -> None:
    assert "W" in server.says(FAN, f"/心愿 {MARK}想学修自行车")
    assert server.robot.rows("SELECT count(*) FROM wish") == [(1,)]
    assert server.says("openid_cadre", "/进度").startswith("李老师")
    assert server.says(FAN, "/认领 W1").startswith("这条命令是给团干部用的")


async def test_a_push_repeated_is_done_once_and_answered_alike(server: Server) -> None:
    """微信没收到回应才重推：头一次的回应多半丢在路上了。"""
    wishes = "SELECT count(*) FROM wish"
    [(before,)] = server.robot.rows(wishes)
    first = server.says(STRANGER, "/建议 路灯坏了，晚上回来看不清", MsgId=1)
    assert first
    assert server.says(STRANGER, "/建议 路灯坏了，晚上回来看不清", MsgId=1) == first
    assert server.robot.rows(wishes) == [(before,)]


async def test_a_dialogue_goes_question_by_question(server: Server) -> None:
    said = ["/活动 发起", MARK, "明天 14:00", "操场", "限3人 文体"]
    heard = [server.says("openid_cadre", words) for words in said]
    assert [words.split("？")[0] for words in heard[:4]] == [
        "办什么活动",
        "什么时候开始",
        "在哪里",
        "限多少人、算哪一类",
    ]
    assert heard[4].startswith(f"A1 {MARK}（")
    assert server.says("openid_cadre", "/心原").startswith("没有 /心原 这条命令")


async def test_a_long_answer_goes_on_when_asked(server: Server) -> None:
    parts = [server.says(FAN, "/我的数据 导出")]
    while parts[-1].endswith(MORE):
        assert len(parts[-1].encode()) <= LARGEST
        parts.append(server.says(FAN, "继续"))
    whole_text = "\n".join(part.removesuffix(MORE) for part in parts)
    assert json.loads(whole_text)["姓名"] is None
    assert len(parts) > 1
    assert server.says(FAN, "继续") == ""


async def test_only_a_fresh_true_signature_opens_the_door(server: Server) -> None:
    body = "<xml></xml>"
    assert server.ask(server.signed(token="猜的"), body)[0] == 403
    assert server.ask(server.signed(at=time.time() - 3600), body)[0] == 403
    assert server.ask({}, body)[0] == 403
    for odd in ({"signature": "签名"}, {"timestamp": "9" * 5000}, {"timestamp": "-1"}, {"nonce": "别的"}):
        assert server.ask(server.signed() | odd, body)[0] == 403
    for at in ("9" * 5000, "٣" * 10, ""):
        assert server.ask(server.signed(at=at), body)[0] == 403
    stolen = server.signed()
    given = {"ToUserName": NAME, "FromUserName": STRANGER, "CreateTime": 1, "MsgType": "text", "MsgId": 5}
    assert server.ask(stolen, xmltodict.unparse({"xml": given | {"Content": "/ping"}}))[0] == 200
    assert (
        server.ask(stolen, xmltodict.unparse({"xml": given | {"FromUserName": BOSS, "Content": "/ping 我"}}))[0] == 403
    )
    assert server.ask(server.signed() | {"echostr": "9527"}) == (200, "9527")
    assert server.ask(server.signed(token="猜的") | {"echostr": "9527"})[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "不是 XML",
        "<xml><ToUserName>",
        "<xml></xml>",
        "[1]",
        "<xml><Encrypt>abc</Encrypt></xml>",
        '<!DOCTYPE a [<!ENTITY b "c">]><xml><Content>&b;</Content></xml>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><xml><Content>&b;</Content></xml>',
        "[" * 60_000,
        "<xml>" + "<a>" * 9_000 + "</a>" * 9_000 + "</xml>",
        "<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>",
        "<xml><FromUserName><a>1</a></FromUserName><MsgType>text</MsgType></xml>",
    ],
)
async def test_what_cannot_be_read_is_let_go(server: Server, body: str) -> None:
    assert server.ask(server.signed(), body) == (200, "success")
    assert server.ask(server.signed(), "<xml>" + "x" * 70_000 + "</xml>")[0] == 413
    assert server.says(BOSS, "/ping 还在") == "pong 还在"


async def test_it_is_known_for_what_it_cannot_do(server: Server) -> None:
    [known] = (await server.robot.health())["implementations"]
    assert known["name"] == "wxmp"
    missing = ["补记断线时的群聊", "合并转发", "发图片", "发文件", "在群里@人", "主动私聊", "群成员名单"]
    assert known["missing"] == missing


# --- 一问一答的时限 ---


class Slow:
    """办得慢的一句：`said` 之后等 `go`，再说 `later`。"""

    def __init__(self, bridge: OfficialBridge, *said: str, later: str = "") -> None:
        self.bridge, self.said, self.later = bridge, said, later
        self.go = asyncio.Event()

    async def tell(self, text: str) -> None:
        message = v12.Message(v12.MessageSegment.text(text))
        params = {"detail_type": "private", "user_id": FAN, "message": message}
        await self.bridge.act(None, "send_message", params)  # type: ignore[arg-type]

    async def run(self) -> None:
        for text in self.said:
            await self.tell(text)
        await self.go.wait()
        if self.later:
            await self.tell(self.later)


@pytest.fixture
async def bridge(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OfficialBridge]:
    monkeypatch.setattr(official_turns, "WINDOW", 0.05)
    await WORKERS.start()
    yield OfficialBridge(None)
    await WORKERS.stop(patience=1)


async def test_a_slow_answer_is_owed_not_lost(bridge: OfficialBridge) -> None:
    slow = Slow(bridge, later="办好了")
    assert await bridge.turn(FAN, Errand(FAN, slow.run)) == WAIT
    assert bridge.go_on(FAN) == WAIT
    slow.go.set()
    await until(lambda: FAN not in bridge.late, seconds=15)
    assert bridge.go_on(FAN) == "办好了"
    assert bridge.go_on(FAN) == ""


async def test_what_does_not_fit_in_the_queue_is_said(monkeypatch: pytest.MonkeyPatch, bridge: OfficialBridge) -> None:
    monkeypatch.setattr(WORKERS, "submit", lambda *_: False)
    assert await bridge.turn(FAN, Errand(FAN, Slow(bridge).run)) == BUSY
    assert not bridge.busy


async def test_a_question_is_asked_at_once_and_the_next_follows_the_answer(
    monkeypatch: pytest.MonkeyPatch, bridge: OfficialBridge
) -> None:
    """办事的那一件一直等着他答，不等满时限就把问题说出去；下一句话跟着他的回答走。"""
    monkeypatch.setattr(official_turns, "WINDOW", 600)
    monkeypatch.setattr(official_turns, "awaited", lambda _: True)
    asking, answering = Slow(bridge, "办什么？", later="办好了"), Slow(bridge)
    answering.go.set()
    assert await bridge.turn(FAN, Errand("a", asking.run)) == "办什么？"
    asyncio.get_running_loop().call_later(0.05, asking.go.set)
    assert await bridge.turn(FAN, Errand("b", answering.run)) == "办好了"
    assert not bridge.owed


async def test_a_slow_command_does_not_hold_up_the_next(bridge: OfficialBridge) -> None:
    slow, quick = Slow(bridge, later="慢的"), Slow(bridge, "快的")
    quick.go.set()
    assert await bridge.turn(FAN, Errand("a", slow.run)) == WAIT
    assert await bridge.turn(FAN, Errand("b", quick.run)) == "快的"
    slow.go.set()
    await until(lambda: not bridge.busy, seconds=15)
    assert bridge.go_on(FAN) == "慢的"


async def test_nothing_is_said_to_a_group_or_to_somebody_else(bridge: OfficialBridge) -> None:
    class Prying(Slow):
        async def run(self) -> None:
            message = v12.Message(v12.MessageSegment.text(MARK))
            for params in ({"detail_type": "group", "group_id": "g"}, {"detail_type": "private", "user_id": STRANGER}):
                with pytest.raises(v12.ActionFailed):
                    await self.bridge.act(None, "send_message", {"message": message, **params})  # type: ignore[arg-type]

    assert await bridge.turn(FAN, Errand(FAN, Prying(bridge).run)) == ""


async def test_a_notice_is_whole_or_not_at_all(bridge: OfficialBridge) -> None:
    class Riding(Slow):
        async def run(self) -> None:
            await self.tell("回答")
            with whole():
                for text in ("短的", "长" * LARGEST):
                    try:
                        await self.tell(text)
                    except v12.ActionFailed:
                        await self.tell("放不下")

    riding = Riding(bridge)
    assert await bridge.turn(FAN, Errand(FAN, riding.run)) == "回答\n\n短的\n\n放不下"
    with pytest.raises(v12.ActionFailed):
        await riding.tell("没有人在问")
    assert not bridge.owed


def test_what_is_owed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official_turns, "OWED", 2)
    bridge = OfficialBridge(None)
    for user in "abc":
        bridge.owe(user, "欠")
    assert list(bridge.owed) == ["b", "c"]
    assert "".join(official_turns.cut("长" * 1000, 100)) == "长" * 1000


def test_nothing_is_started_without_what_it_needs(tmp_path: Path) -> None:
    bare = tuanbot("run", folder=tmp_path, TUAN_ADAPTERS="wxmp")
    assert (bare.returncode, "请再填 WXMP_BOTS" in bare.stderr) == (2, True)
    for wrong in ({"TUAN_ADAPTERS": "weixin"}, {"wxmp_bots": [{"appid": "wx1"}]}):
        with pytest.raises(ValidationError):
            Settings.model_validate(wrong)
    assert Settings.model_validate({"TUAN_ADAPTERS": "WXMP，satori"}).adapters == (Extra.WXMP, Extra.SATORI)
