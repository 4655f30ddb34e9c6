"""OneBot V12 的适配器：规矩与 V11 一样，只是一条连接可以报几个账号。公众号与 Satori 翻成 V12，也从这里走。"""

from typing import Any

from nonebot.adapters.onebot import v12
from nonebot.drivers import URL, WebSocket, WebSocketServerSetup

from bot.gateway import hearing, tally
from bot.gateway.admission import ACCOUNTS, admit, settle
from bot.gateway.bots import V12Bot
from bot.gateway.bridges import Bridge
from bot.gateway.errands import Errand, first_valid, queue_of
from bot.gateway.frames import Fault, Frame, Spoken, read_v12, recalled
from bot.gateway.links import Link, LinkKeeper, bounded, hand_back, patience
from bot.gateway.mending import mend_v12
from bot.gateway.speaker import scope_of
from bot.gateway.waiting import listens
from bot.gateway.workers import WORKERS
from bot.settings import settings


class V12Adapter(LinkKeeper, v12.Adapter):
    """OneBot V12：反向与正向 WebSocket。一条连接可以报几个账号。"""

    def _setup(self) -> None:
        self.links = {}
        for path in ("/onebot/v12/", "/onebot/v12/ws", "/onebot/v12/ws/"):
            self.setup_websocket_server(WebSocketServerSetup(URL(path), f"V12 {path}", self._handle_ws))
        self.on_ready(self._start_forward)
        self.driver.on_shutdown(self._stop)

    async def _start_forward(self) -> None:
        for url in settings().onebot_v12_ws_urls:
            self.spawn(self.keep_forward(url))

    async def _handle_ws(self, websocket: WebSocket) -> None:
        if not self.authorised(websocket):
            await websocket.close(1008, "令牌不对")
            return
        await websocket.accept()
        await self.converse(Link(websocket))

    def take(self, link: Link, frame: Frame) -> None:
        """收到一帧。"""
        if "type" not in frame:
            hand_back(self._result_store, frame)
        elif frame["type"] == "meta":
            self._take_meta(link, frame)
        elif (bot := self._bot_of(link, frame)) and (errand := self.receive(bot, frame)):
            WORKERS.submit(errand.queue, errand.run)

    def _take_meta(self, link: Link, frame: Frame) -> None:
        """`connect` 报实现名，`status_update` 报哪些账号在线。"""
        if frame.get("detail_type") == "connect":
            version = frame.get("version")
            link.impl = str(version.get("impl") or "") if isinstance(version, dict) else ""
        status = frame.get("status")
        if frame.get("detail_type") != "status_update" or not isinstance(status, dict):
            return
        for one in status.get("bots") or []:
            if one.get("online") is False:
                if gone := link.bots.get(str(one.get("self", {}).get("user_id"))):
                    self.detach(link, gone)
            else:
                self._bot_of(link, one)

    def _bot_of(self, link: Link, frame: Frame) -> v12.Bot | None:
        """帧里 `self` 指的账号，没见过就让它上线；没写而连接上只有一个账号，就是那一个。"""
        me = frame.get("self")
        if not isinstance(me, dict) or not me.get("user_id"):
            only = list(link.bots.values())
            return only[0] if len(only) == 1 and isinstance(only[0], v12.Bot) else None
        self_id = str(me["user_id"])
        bot = link.bots.get(self_id)
        if bot is None and self.attach(link, new := V12Bot(self, self_id, link.impl, str(me.get("platform") or ""))):
            bot = new
        return bot if isinstance(bot, v12.Bot) else None

    def receive(self, bot: v12.Bot, frame: Frame) -> Errand | None:
        """一个事件帧：聊天就地记下；要进 NoneBot 的，返回该做的事。"""
        kind, scope = frame.get("type"), scope_of(bot)
        if kind == "message":
            ours = ACCOUNTS.ours(scope) | {bot.self_id}
            spoken = read_v12(frame, ours) if frame.get("detail_type") in ("group", "private") else None
            if spoken is None:
                tally.note(Fault.INCOMPLETE)
            elif admit(scope, bot.self_id, spoken):
                return Errand(queue_of(frame), lambda: self._pass(bot, frame, spoken))
            return None
        if frame.get("detail_type") == "group_message_delete" and (gone := recalled(frame)):
            hearing.recall(scope, *gone)
        if kind in ("notice", "request"):
            return Errand(queue_of(frame), lambda: self._pass(bot, frame)) if listens(kind) else None
        tally.note(Fault.UNKNOWN)
        return None

    async def _pass(self, bot: v12.Bot, frame: Frame, spoken: Spoken | None = None) -> None:
        if event := self.json_to_event(frame, bot.impl):
            await bot.handle_event(event)
        if spoken:
            settle(scope_of(bot), bot.self_id, spoken)

    @classmethod
    def json_to_event(cls, json_data: Any, impl: str | None = None) -> v12.Event | None:
        """帧 → 事件；读不了只计数。"""
        frame = mend_v12(json_data)
        models = [*cls.get_event_model(frame, impl), v12.Event]
        spoken = frame.get("type") == "message"
        return first_valid([model for model in models if not spoken or issubclass(model, v12.MessageEvent)], frame)

    async def _call_api(self, bot: v12.Bot, api: str, **data: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        link = self.links.get(bot.self_id)
        calling = link.act(bot, api, data) if isinstance(link, Bridge) else super()._call_api(bot, api, **data)
        return await bounded(calling, patience(self, data), v12.NetworkError)
