"""微信公众号：只有私聊，只能在对方说话后几秒里回一句文字；通知等他下次说话时一起说。

收到的消息翻成 V12 的一帧，回应怎么攒见 `official_turns`。主动发的客服消息要认证、有次数，这里不用。
"""

import asyncio
import hashlib
import hmac
import re
import time
from xml.parsers.expat import ExpatError

import nonebot
import xmltodict
from nonebot.adapters import wxmp
from nonebot.adapters.onebot import v12
from nonebot.adapters.wxmp.event import SubscribeEvent, TextMessageEvent
from nonebot.adapters.wxmp.exception import UnkonwnEventError
from nonebot.drivers import URL, HTTPServerSetup, Request, Response

from bot.gateway import tally
from bot.gateway.frames import Fault, Frame
from bot.gateway.official_turns import CONTINUE, OWED, WINDOW, OfficialBridge
from bot.gateway.onebot_v12 import V12Adapter
from db.models import Scope

#: 一次推送至多多大，字节；文字消息不到 10 KB
BODY = 64 * 2**10
#: 推送的时间与我们的钟至多差多少，秒：抄下来的签名过了这么久就不能再用
FRESH = 600
#: 记多少个用过的签名，满了先忘最早的
SIGNATURES = 20_000
#: 微信没收到回应会在十几秒里重推两次：这么久以内再来的，给同一份回应，秒
AGAIN = 30.0

WELCOME = "你好，我是团团。发 /帮助 看看我能做什么；这里只能一问一答，等着你的消息会在你下次说话时告诉你。"
_SILENCE = Response(200, content="success")
#: XML 1.0 里不许有的字符；有一个，微信就说“该公众号暂时无法提供服务”
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class OfficialAdapter(wxmp.Adapter):
    """公众号的推送地址 `/wxmp/revice/<AppID>`（上游就这样拼）；签名对了才看。"""

    def setup(self) -> None:
        """挂上推送地址；上游还要一个 HTTP 客户端，我们不主动发，用不着。"""
        self.bridges: dict[str, OfficialBridge] = {}
        #: 用过的签名 → 带来的正文
        self._signatures: dict[str, bytes] = {}
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

    async def _handle_verify(self, request: Request) -> Response:
        """后台点“提交”时来问一次：签名对，就把它给的话原样说回去。"""
        if fault := self._forged(request, b""):
            tally.note(fault)
            return Response(403)
        return Response(200, headers={"Content-Type": "text/plain"}, content=request.url.query.get("echostr", ""))

    async def _handle_event(self, request: Request) -> Response:
        content = request.content or b""
        body = content.encode() if isinstance(content, str) else content
        if fault := self._forged(request, body):
            tally.note(fault)
            return Response(403)
        if len(body) > BODY:
            tally.note(Fault.HUGE)
            return Response(413)
        appid = self._get_appid(request.url.path)
        event = self._read(appid, body)
        words = await self._answer(appid, event) if event else ""
        return _reply(event, words) if event and words else _SILENCE

    def _forged(self, request: Request, body: bytes) -> Fault | None:
        """不是微信推的：签名不对、太旧，或拿用过的签名换了正文（签名只管令牌、时间与随机串，管不着正文）。"""
        query = request.url.query
        timestamp, signature = query.get("timestamp", ""), query.get("signature", "")
        bot = self.bots.get(self._get_appid(request.url.path))
        token = bot.bot_info.token if isinstance(bot, wxmp.Bot) else ""
        words = "".join(sorted([token, timestamp, query.get("nonce", "")]))
        expected = hashlib.sha1(words.encode("utf-8", "replace")).hexdigest()
        if not token or not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return Fault.WRONG_TOKEN
        if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > FRESH:
            return Fault.STALE
        if len(self._signatures) >= SIGNATURES:
            del self._signatures[next(iter(self._signatures))]
        digest = hashlib.sha256(body).digest()
        return None if self._signatures.setdefault(signature, digest) == digest else Fault.REUSED

    def _read(self, appid: str, body: bytes) -> wxmp.Event | None:
        """读不懂的是空；里面的实体（XML 炸弹靠它）一概不认。"""
        try:
            payload = xmltodict.parse(body)["xml"]
            if "Encrypt" in payload and "MsgType" not in payload:
                tally.note(Fault.ENCRYPTED)
                return None
            return self.payload_to_event(self.bots[appid], payload)  # pyright: ignore[reportArgumentType]
        except (UnkonwnEventError, ExpatError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
            tally.note(Fault.UNREADABLE)
            return None

    async def _answer(self, appid: str, event: wxmp.Event) -> str:
        if isinstance(event, SubscribeEvent):
            return WELCOME
        if not isinstance(event, TextMessageEvent):
            return ""
        answers, key = self.bridges[appid].answers, (event.user_id, event.message_id)
        if key not in answers:
            if len(answers) >= OWED:
                del answers[next(iter(answers))]
            answers[key] = asyncio.create_task(self._take(appid, event))
            asyncio.get_running_loop().call_later(AGAIN, answers.pop, key, None)
        return await asyncio.shield(answers[key])

    async def _take(self, appid: str, event: TextMessageEvent) -> str:
        bridge, user_id = self.bridges[appid], event.user_id
        if event.content.strip() == CONTINUE and (user_id in bridge.owed or user_id in bridge.late):
            return bridge.go_on(user_id)
        bot = bridge.bots.get(appid)
        errand = _gate().receive(bot, _frame(appid, event)) if isinstance(bot, v12.Bot) else None
        return await bridge.turn(user_id, errand) if errand else ""


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
        "Content": _NOT_XML.sub("", words),
    }
    headers = {"Content-Type": "application/xml; charset=utf-8"}
    return Response(200, headers=headers, content=xmltodict.unparse({"xml": reply}))
