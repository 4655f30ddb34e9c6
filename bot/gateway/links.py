"""连接：一条 WebSocket 的一生。收帧的循环在这里，V11 与 V12 共用；它从不等命令办完，也不因为一帧坏了就断。"""

import asyncio
import contextlib
import hmac
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import websockets
from nonebot.adapters import Adapter
from nonebot.adapters.onebot.store import ResultStore
from nonebot.adapters.onebot.utils import get_auth_bearer
from nonebot.drivers import URL, Request, WebSocket
from nonebot.drivers.websockets import WebSocket as ClientWebSocket
from nonebot.exception import WebSocketClosed

from bot.gateway import hearing, tally
from bot.gateway.admission import ACCOUNTS
from bot.gateway.frames import BadFrame, Fault, Frame, decode
from bot.gateway.speaker import Bot, scope_of
from bot.settings import settings

#: 底层一帧的上限：超过 `frames.LARGEST` 的要收得下才数得着，超过这个才断开
FRAME_LIMIT = 32 * 2**20
#: 正向连接断了，隔多久再连，秒
RECONNECT = 3.0
#: 关一条连接最多等多久，秒
_CLOSING = 2.0

_log = logging.getLogger("tuanbot")


@dataclass(eq=False)
class Link:
    """一条连接，与从它报上来的账号（V11 一个，V12 可以几个）；不是 WebSocket 的，`websocket` 为空。"""

    websocket: WebSocket | None
    bots: dict[str, Bot] = field(default_factory=dict)
    #: V12 的实现名
    impl: str = ""
    task: asyncio.Task[None] | None = None
    replaced: bool = False

    def read(self, frame: Frame) -> Frame | None:
        """收到的 → 要处理的一帧；说别的协议的在这里翻译。"""
        return frame


class LinkKeeper(Adapter):
    """管连接的一半：验令牌、收帧、同一账号再连时换新的。另一半（帧怎么懂）由各协议自己写。"""

    connections: dict[str, WebSocket]
    tasks: set["asyncio.Task[Any]"]
    links: dict[str, Link]

    def take(self, link: Link, frame: Frame) -> None:
        """收到一帧。不等任何事。"""
        raise NotImplementedError

    def came(self, link: Link, bot: Bot) -> None:
        """一个账号连上之后。"""

    def authorised(self, websocket: WebSocket) -> bool:
        """令牌对不对；`Authorization` 头与 `?access_token=` 都认。"""
        expected = settings().onebot_access_token
        request = websocket.request
        given = get_auth_bearer(request.headers.get("authorization")) or request.url.query.get("access_token") or ""
        if not expected or hmac.compare_digest(given.encode(), expected.encode()):
            return True
        tally.note(Fault.WRONG_TOKEN, "（要和 .env 里的 ONEBOT_ACCESS_TOKEN 一样）")
        return False

    async def converse(self, link: Link) -> None:
        """收帧直到断开。"""
        assert link.websocket
        link.task = asyncio.current_task()
        try:
            while True:
                self._receive(link, await link.websocket.receive())
                if log := hearing.interaction_log():
                    await log.room()
        except WebSocketClosed:
            pass
        except asyncio.CancelledError:
            if not link.replaced:
                raise
            if link.task:
                link.task.uncancel()
        finally:
            for bot in list(link.bots.values()):
                self.detach(link, bot)
            with contextlib.suppress(Exception):
                await asyncio.wait_for(link.websocket.close(), _CLOSING)

    def _receive(self, link: Link, data: str | bytes) -> None:
        try:
            if frame := link.read(decode(data)):
                self.take(link, frame)
        except BadFrame as bad:
            tally.note(bad.fault)
        except Exception as error:
            # 一帧出错不能断开整个账号
            tally.note(Fault.CRASHED, type(error).__name__)

    def attach(self, link: Link, bot: Bot) -> bool:
        """账号上线；同一账号原来的连接（多半是半开的）让位。号码与另一协议的账号撞了就不收。"""
        if before := self.links.get(bot.self_id):
            self.detach(before, before.bots[bot.self_id])
            if not before.bots:
                self._retire(before)
        try:
            self.bot_connect(bot)
        except RuntimeError:
            _log.warning("账号 %s 已经从别处连着，这条连接不收", bot.self_id)
            return False
        link.bots[bot.self_id] = bot
        self.links[bot.self_id] = link
        if link.websocket:
            self.connections[bot.self_id] = link.websocket
        ACCOUNTS.came(scope_of(bot), bot.self_id)
        _log.info("账号 %s 已连接", bot.self_id)
        self.came(link, bot)
        return True

    def detach(self, link: Link, bot: Bot) -> None:
        """账号下线。"""
        link.bots.pop(bot.self_id, None)
        if self.links.get(bot.self_id) is not link:
            return
        del self.links[bot.self_id]
        self.connections.pop(bot.self_id, None)
        if self.bots.get(bot.self_id) is bot:
            self.bot_disconnect(bot)
        ACCOUNTS.left(scope_of(bot), bot.self_id)
        _log.info("账号 %s 已断开", bot.self_id)

    def _retire(self, link: Link) -> None:
        link.replaced = True
        self.spawn(_close(link))

    def spawn(self, work: Any) -> "asyncio.Task[Any]":
        """记住任务，停机时一起收。"""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def keep_forward(self, url: str) -> None:
        """正向连接：一直连着 `url`，断了再连。"""
        token = settings().onebot_access_token
        request = Request("GET", URL(url), headers={"Authorization": f"Bearer {token}"} if token else {})
        while True:
            try:
                async with self.websocket(request) as websocket:
                    await self.converse(Link(websocket))
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                _log.warning("连不上 %s（%s），%d 秒后再试", url.partition("?")[0], type(error).__name__, RECONNECT)
            await asyncio.sleep(RECONNECT)

    @asynccontextmanager
    async def websocket(self, setup: Request) -> AsyncGenerator[WebSocket, None]:
        """同 NoneBot 的，只是放宽一帧的上限：默认 1 MB 会把连接断掉。"""
        headers = dict(setup.headers.items())
        async with websockets.connect(str(setup.url), additional_headers=headers, max_size=FRAME_LIMIT) as connection:
            yield ClientWebSocket(request=setup, websocket=connection)


async def _close(link: Link) -> None:
    """请旧连接走人；它不理，就不等了。"""
    with contextlib.suppress(Exception):
        if link.websocket:
            await asyncio.wait_for(link.websocket.close(1008, "同一账号从新的连接登录"), _CLOSING)
    if link.task:
        link.task.cancel()


def hand_back(store: ResultStore, frame: Frame) -> None:
    """接口的回答：叫醒在等它的那一个；来晚了、来两次的不理。"""
    if "echo" not in frame:
        tally.note(Fault.UNKNOWN)
        return
    with contextlib.suppress(asyncio.InvalidStateError):
        store.add_result(frame)


def patience(adapter: Adapter, data: Mapping[str, Any]) -> float:
    """这次调用愿意等多久，秒。"""
    return float(data.get("_timeout") or adapter.config.api_timeout or 10)


async def bounded(call: Awaitable[Any], seconds: float, error: type[Exception]) -> Any:
    """上游只给“等回答”限了时；对面不收、连接已断时，发送本身也要有头。"""
    try:
        return await asyncio.wait_for(call, seconds + 1)
    except (TimeoutError, RuntimeError, OSError, websockets.WebSocketException) as failure:
        raise error(type(failure).__name__) from None
