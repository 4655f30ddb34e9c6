"""OneBot V11 的适配器。普通聊天在这里就地交给互动记录，只有命令之类才变成 NoneBot 的事件。"""

import hmac
from typing import Any

from nonebot.adapters.onebot import v11
from nonebot.drivers import URL, HTTPServerSetup, Request, Response, WebSocket, WebSocketServerSetup

from bot.gateway import hearing, tally
from bot.gateway.admission import ACCOUNTS, admit, settle
from bot.gateway.backfill import Backfill
from bot.gateway.bots import V11Bot
from bot.gateway.errands import Errand, first_valid, queue_of
from bot.gateway.frames import Fault, Frame, Spoken, decode, read_v11, recalled
from bot.gateway.links import Link, LinkKeeper, bounded, hand_back, patience
from bot.gateway.mending import as_message, mend_v11
from bot.gateway.waiting import listens
from bot.gateway.workers import WORKERS
from bot.settings import settings
from db.models import Scope


class V11Adapter(LinkKeeper, v11.Adapter):
    """OneBot V11：反向与正向 WebSocket；HTTP 只在设了签名口令时开。"""

    def _setup(self) -> None:
        self.links = {}
        self._in_service: dict[str, bool] = {}
        for path in ("/onebot/v11/", "/onebot/v11/ws", "/onebot/v11/ws/"):
            self.setup_websocket_server(WebSocketServerSetup(URL(path), f"V11 {path}", self._handle_ws))
        # 上游只凭访问令牌就收 POST，伪造得了任何人的话
        for path in (
            ("/onebot/v11/", "/onebot/v11/http", "/onebot/v11/http/") if self.onebot_config.onebot_secret else ()
        ):
            self.setup_http_server(HTTPServerSetup(URL(path), "POST", f"V11 HTTP {path}", self._handle_http))
        self.on_ready(self._start_forward)
        self.driver.on_shutdown(self._stop)

    async def _start_forward(self) -> None:
        for url in settings().onebot_ws_urls:
            self.spawn(self.keep_forward(url))

    async def _handle_ws(self, websocket: WebSocket) -> None:
        if not self.authorised(websocket):
            await websocket.close(1008, "令牌不对")
            return
        await websocket.accept()
        self_id = websocket.request.headers.get("x-self-id") or ""
        if not self_id:
            tally.note(Fault.NAMELESS)
            await websocket.close(1008, "缺少 X-Self-ID")
            return
        link = Link(websocket)
        if self.attach(link, V11Bot(self, self_id)):
            await self.converse(link)
        else:
            await websocket.close(1008, "账号已从别处连接")

    async def _handle_http(self, request: Request) -> Response:
        secret = self.onebot_config.onebot_secret or ""
        body = request.content.encode() if isinstance(request.content, str) else request.content or b""
        expected = "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()
        if not secret or not hmac.compare_digest(request.headers.get("x-signature", "").encode(), expected.encode()):
            tally.note(Fault.WRONG_TOKEN)
            return Response(401)
        bot = self.bots.get(request.headers.get("x-self-id", ""))
        if isinstance(bot, v11.Bot) and (errand := self.receive(bot, decode(body))):
            WORKERS.submit(errand.queue, errand.run)
        return Response(204)

    def came(self, link: Link, bot: v11.Bot) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """补断开期间的课。"""
        self._in_service.pop(bot.self_id, None)  # 还掉着线的话，下一次心跳会说
        log, groups = hearing.interaction_log(), ACCOUNTS.groups_of(Scope.QQ, bot.self_id)
        if log and groups:
            self.spawn(Backfill(bot, groups, log).run())

    def take(self, link: Link, frame: Frame) -> None:
        """收到一帧：接口的回答立刻交回去，事件看要不要进 NoneBot。"""
        if "post_type" not in frame:
            hand_back(self._result_store, frame)
            return
        bot = next(iter(link.bots.values()), None) or self._introduced(link, frame)
        if isinstance(bot, v11.Bot) and (errand := self.receive(bot, frame)):
            WORKERS.submit(errand.queue, errand.run)

    def _introduced(self, link: Link, frame: Frame) -> V11Bot | None:
        """正向连接要到第一帧才知道对面是谁。"""
        self_id = str(frame.get("self_id") or "")
        bot = V11Bot(self, self_id)
        return bot if self_id and self.attach(link, bot) else None

    def receive(self, bot: v11.Bot, frame: Frame) -> Errand | None:
        """一个事件帧：聊天就地记下；要进 NoneBot 的，返回该做的事。"""
        post_type = frame.get("post_type")
        if post_type == "notice" and frame.get("notice_type") == "offline_file":
            return self._receive_message(bot, as_message(frame))
        if post_type == "message":
            return self._receive_message(bot, frame)
        if frame.get("notice_type") == "group_recall" and (gone := recalled(frame)):
            hearing.recall(Scope.QQ, *gone)
        if frame.get("notice_type") == "bot_offline":
            self._note_service(bot, online=False)
        if post_type in ("notice", "request"):
            return Errand(queue_of(frame), lambda: self._pass(bot, frame)) if listens(post_type) else None
        if post_type == "meta_event":
            return self._receive_heartbeat(bot, frame)
        tally.note(Fault.ECHO if post_type == "message_sent" else Fault.UNKNOWN)
        return None

    def _receive_heartbeat(self, bot: v11.Bot, frame: Frame) -> Errand | None:
        """几秒一次的心跳不惊动谁，除非账号刚掉线或刚回来（被踢下线时连接还在）。"""
        status = frame.get("status")
        online = status.get("online", status.get("good")) if isinstance(status, dict) else None
        if online is None or online == self._in_service.get(bot.self_id, True):
            return None
        self._note_service(bot, online=bool(online))
        return Errand(bot.self_id, lambda: self._pass(bot, frame)) if listens("meta_event") else None

    def _note_service(self, bot: v11.Bot, *, online: bool) -> None:
        """连接还在、账号掉了线的，它的群由同群的别的账号先管着。"""
        self._in_service[bot.self_id] = online
        (ACCOUNTS.came if online else ACCOUNTS.left)(Scope.QQ, bot.self_id)

    def _receive_message(self, bot: v11.Bot, frame: Frame) -> Errand | None:
        spoken = (
            read_v11(frame, ACCOUNTS.ours(Scope.QQ) | {bot.self_id})
            if frame.get("message_type") in ("group", "private")
            else None
        )
        if spoken is None:
            tally.note(Fault.INCOMPLETE)
        elif admit(Scope.QQ, bot.self_id, spoken):
            return Errand(queue_of(frame), lambda: self._pass(bot, frame, spoken))
        return None

    async def _pass(self, bot: v11.Bot, frame: Frame, spoken: Spoken | None = None) -> None:
        if event := self.json_to_event(frame):
            await bot.handle_event(event)
        if spoken:
            settle(Scope.QQ, bot.self_id, spoken)

    @classmethod
    def json_to_event(cls, json_data: Any) -> v11.Event | None:
        """帧 → 事件；读不了只计数。上游会把原文写进日志。"""
        frame = mend_v11(json_data)
        spoken = frame.get("post_type") == "message"  # 消息若只读得成“某个事件”，进去也没有人听得懂
        try:
            models = [*cls.get_event_model(frame), v11.Event]
        except ValueError:
            models = [v11.Event]
        return first_valid([model for model in models if not spoken or issubclass(model, v11.MessageEvent)], frame)

    async def _call_api(self, bot: v11.Bot, api: str, **data: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return await bounded(super()._call_api(bot, api, **data), patience(self, data), v11.NetworkError)
