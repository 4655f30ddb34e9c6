"""微信公众号：只有私聊，只能在对方说话后几秒里回一句文字；通知等他下次说话时一起说。

收到的消息翻成 V12 的一帧；这一句办的时候说的话攒在一起，作为对这次推送的回应（被动回复）。
放不下的、办得慢的先欠着，他回“继续”再给。主动发的客服消息要认证、有次数，这里不用。
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError

import nonebot
import xmltodict
from nonebot.adapters import wxmp
from nonebot.adapters.onebot import v12
from nonebot.adapters.wxmp.event import SubscribeEvent, TextMessageEvent
from nonebot.adapters.wxmp.exception import UnkonwnEventError
from nonebot.drivers import URL, HTTPServerSetup, Request, Response
from pydantic import ValidationError

from bot.gateway import tally
from bot.gateway.bridges import Bridge, must_be_whole, plain, refused, unsupported
from bot.gateway.errands import Errand
from bot.gateway.frames import Fault, Frame
from bot.gateway.onebot_v12 import V12Adapter
from bot.gateway.workers import WORKERS
from db.models import Scope

#: 微信等五秒，收不到回应就重推；留一点路上的时间，秒
WINDOW = 4.0
#: 被动回复的文字至多 2048 字节（微信公众平台文档“被动回复用户消息”）
LARGEST = 2048
#: 一次推送至多多大，字节；文字消息不到 10 KB
BODY = 64 * 2**10
#: 推送的时间与我们的钟至多差多少，秒：抄下来的签名过了这么久就不能再用
FRESH = 600
#: 同时欠着多少人的话，满了先丢最早的
OWED = 500

WELCOME = "你好，我是团团。发 /帮助 看看我能做什么；这里只能一问一答，等着你的消息会在你下次说话时告诉你。"
MORE = "\n（没完，回“继续”看后面）"
WAIT = "还在办，过几秒回“继续”看结果。"
CONTINUE = "继续"
_SILENCE = Response(200, content="success")


@dataclass(eq=False)
class Turn:
    """一问一答：回应还没给出去之前说的话。"""

    user_id: str
    said: str = ""
    open: bool = True


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@dataclass(eq=False)
class OfficialBridge(Bridge):
    """一个公众号。"""

    #: 欠着没说完的，按人
    owed: dict[str, str] = field(default_factory=dict)
    #: 过了时限还在办的人
    late: set[str] = field(default_factory=set)

    async def act(self, bot: v12.Bot, action: str, params: Mapping[str, Any]) -> Any:
        """只有“回一句”和“报名字”。"""
        if action == "get_version":
            return {"impl": self.impl, "version": "", "onebot_version": "12"}
        if action != "send_message":
            raise unsupported(action)
        self._say(plain(params["message"]), str(params.get("user_id") or ""))
        return {"message_id": "", "time": time.time()}

    def _say(self, text: str, user_id: str) -> None:
        turn = _turn.get()
        if turn is None or turn.user_id != user_id:
            raise refused(35001, "公众号不能主动说话")
        said = _joined(turn.said, text)
        if must_be_whole() and not (turn.open and _size(said) <= LARGEST):
            raise refused(35002, "这一次放不下了")
        if turn.open:
            turn.said = said
        else:
            self.owe(user_id, text)

    def owe(self, user_id: str, text: str) -> None:
        """先欠着，接在原来欠的后面。"""
        text = _joined(self.owed.pop(user_id, ""), text)
        if len(self.owed) >= OWED:
            del self.owed[next(iter(self.owed))]
        self.owed[user_id] = text

    def go_on(self, user_id: str) -> str:
        """欠着的下一段；还在办的说一声，都没有就是空。"""
        owed = self.owed.pop(user_id, "")
        if not owed and user_id in self.late:
            return WAIT
        return self.portion(user_id, owed)

    def portion(self, user_id: str, text: str) -> str:
        """一次说得下的一段，余下的欠着。"""
        if _size(text) <= LARGEST:
            return text
        piece, rest = _cut(text, LARGEST - _size(MORE))
        self.owe(user_id, rest)
        return piece + MORE


class OfficialAdapter(wxmp.Adapter):
    """公众号的推送地址 `/wxmp/revice/<AppID>`（上游就这样拼）；签名对了才看。"""

    def setup(self) -> None:
        """挂上推送地址；上游还要一个 HTTP 客户端，我们不主动发，用不着。"""
        self.bridges: dict[str, OfficialBridge] = {}
        for info in self.wxmp_config.wxmp_bots:
            for path in (f"/wxmp/revice/{info.appid}", f"/wxmp/revice/{info.appid}/"):
                self.setup_http_server(HTTPServerSetup(URL(path), "POST", f"公众号 {path}", self._handle_event))
                self.setup_http_server(HTTPServerSetup(URL(path), "GET", f"公众号验证 {path}", self._handle_verify))
        self.on_ready(self._open)
        self.driver.on_shutdown(self.shutdown)

    async def _open(self) -> None:
        gate = _gate()
        for info in self.wxmp_config.wxmp_bots:
            self.bots[info.appid] = wxmp.Bot(self, info.appid, info, WINDOW)
            self.bridges[info.appid] = bridge = OfficialBridge(None, impl=Scope.OFFICIAL)
            me = {"self": {"platform": Scope.OFFICIAL, "user_id": info.appid}, "online": True}
            gate.take(bridge, {"type": "meta", "detail_type": "status_update", "status": {"bots": [me]}})

    async def _handle_event(self, request: Request) -> Response:
        appid = self._get_appid(request.url.path)
        query = request.url.query
        verified = await self._handle_verify(request)
        fresh = query.get("timestamp", "").isdecimal() and abs(time.time() - int(query["timestamp"])) <= FRESH
        if verified.status_code != 200 or not fresh:
            tally.note(Fault.WRONG_TOKEN)
            return Response(403 if verified.status_code == 200 else verified.status_code)
        body = request.content or b""
        if len(body) > BODY:
            tally.note(Fault.HUGE)
            return Response(413)
        try:
            event = self.payload_to_event(self.bots[appid], self.parse_body(body))  # pyright: ignore[reportArgumentType]
        except (ValidationError, UnkonwnEventError, ExpatError, ValueError, AttributeError, TypeError):
            tally.note(Fault.UNREADABLE)
            return _SILENCE
        words = await self._answer(appid, event)
        return _reply(event, words) if words else _SILENCE

    async def _answer(self, appid: str, event: wxmp.Event) -> str:
        bridge, user_id = self.bridges[appid], event.user_id
        if isinstance(event, SubscribeEvent):
            return WELCOME
        if not isinstance(event, TextMessageEvent):
            return ""
        if event.content.strip() == CONTINUE and (user_id in bridge.owed or user_id in bridge.late):
            return bridge.go_on(user_id)
        bot = bridge.bots.get(appid)
        errand = _gate().receive(bot, _frame(appid, event)) if isinstance(bot, v12.Bot) else None
        return await _turn_of(bridge, user_id, errand) if errand else ""


async def _turn_of(bridge: OfficialBridge, user_id: str, errand: Errand) -> str:
    """办一句，返回回应；过了时限就先说还在办，办完的欠着。"""
    bridge.owed.pop(user_id, None)
    turn, done = Turn(user_id), asyncio.Event()

    async def run() -> None:
        _turn.set(turn)
        try:
            await errand.run()
        finally:
            bridge.late.discard(user_id)
            done.set()

    WORKERS.submit(errand.queue, run)
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), WINDOW)
    turn.open = False
    if not done.is_set():
        bridge.late.add(user_id)
    return bridge.portion(user_id, turn.said) or ("" if done.is_set() else WAIT)


def _gate() -> V12Adapter:
    gate = nonebot.get_adapter(V12Adapter)
    assert isinstance(gate, V12Adapter)
    return gate


def _frame(appid: str, event: TextMessageEvent) -> Frame:
    return {
        "id": str(event.message_id),
        "type": "message",
        "detail_type": "private",
        "self": {"platform": Scope.OFFICIAL, "user_id": appid},
        "time": event.timestamp,
        "message_id": str(event.message_id),
        "user_id": event.user_id,
        "message": [{"type": "text", "data": {"text": event.content}}],
    }


def _reply(event: wxmp.Event, words: str) -> Response:
    reply = {
        "ToUserName": event.user_id,
        "FromUserName": event.to_user_id,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": words,
    }
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    return Response(200, headers=headers, content=xmltodict.unparse({"xml": reply}))


def _joined(before: str, text: str) -> str:
    return f"{before}\n\n{text}" if before else text


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, room: int) -> tuple[str, str]:
    """按行切，第一段不超过 `room` 字节；一行就超过的硬切。"""
    if _size(text) <= room:
        return text, ""
    head = text.encode()[:room].decode("utf-8", "ignore")
    line = head.rfind("\n")
    head = head[:line] if line > 0 else head
    return head, text[len(head) :].lstrip("\n")
