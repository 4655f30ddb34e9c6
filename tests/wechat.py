"""一个微信号：别人写的 OneBot V12 实现（pylibob），经真的反向 WebSocket 连着机器人。"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from pylibob import (
    Bot,
    GroupMemberDecreaseEvent,
    GroupMemberIncreaseEvent,
    GroupMessageDeleteEvent,
    GroupMessageEvent,
    OneBotImpl,
    PrivateMessageEvent,
    Segment,
    WebSocketReverse,
)
from pylibob.event import Event
from pylibob.exception import OneBotImplError

Json = dict[str, Any]
#: 机器人发来一条：发到哪里（群号或人）、消息段（图片已经换成内容）；拒收就抛 `OneBotImplError`
Receive = Callable[[str | None, str | None, list[Json]], None]


class WeChat:
    """一个微信号的连接。"""

    def __init__(
        self, self_id: str, url: str, receive: Receive, *, token: str | None = None, sent_as: int | None = None
    ) -> None:
        """pylibob 不把令牌写进请求头，写在地址里。`sent_as` 是说出去的话的消息号，空为 ComWeChat：说完了什么也不答。"""
        self._sent_as = sent_as
        self.me = Bot("wechat", self_id, online=True)
        self._receive = receive
        self._connection = WebSocketReverse(
            f"{url}?access_token={token}" if token else url, enable_heartbeat=False, reconnect_interval=200
        )
        self._implementation = OneBotImpl("ComWechat", "v1.0", [self._connection], self.me)
        self._implementation.register_action_handler("send_message", self._send_message)
        self._implementation.register_action_handler("upload_file", self._upload_file)
        self._implementation.register_action_handler("get_file", self._get_file)
        self._files: dict[str, tuple[str, bytes]] = {}
        self.uploaded: list[str] = []

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        connecting = asyncio.create_task(self._connection.connect_to_remote())
        try:
            async with asyncio.timeout(10):
                while not self._connection.ws:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await self._implementation.update_status()
            yield
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)

    async def push(self, user: str, message: list[Segment], *, group: str | None, at: float, number: str) -> None:
        """某人说了一句。"""
        await self.emit(self.message(user, message, group=group, at=at, number=number))

    def message(self, user: str, message: list[Segment], *, group: str | None, at: float, number: str) -> Event:
        """某人说的一句，还没送出去。"""
        common: Json = {"message_id": number, "message": message, "user_id": user, **self._event(at)}
        return GroupMessageEvent(group_id=group, **common) if group else PrivateMessageEvent(**common)

    async def emit(self, event: Event) -> None:
        """送一个事件。"""
        await self._implementation.emit(event)

    async def recall(self, user: str, *, group: str, at: float, number: str) -> None:
        """某人撤回了一句。"""
        await self.emit(self.recalled(user, group=group, at=at, number=number))

    def recalled(self, user: str, *, group: str, at: float, number: str) -> Event:
        """撤回的通知，还没送出去；ComWeChat 不写是谁撤的。"""
        return GroupMessageDeleteEvent(
            sub_type="delete", group_id=group, message_id=number, user_id=user, operator_id="", **self._event(at)
        )

    def came(self, user: str, *, group: str, at: float, left: bool) -> Event:
        """某人进群、退群的通知。"""
        kind = GroupMemberDecreaseEvent if left else GroupMemberIncreaseEvent
        return kind(sub_type="", group_id=group, user_id=user, operator_id="", **self._event(at))

    def _event(self, at: float) -> Json:
        return {"id": str(uuid4()), "time": at, "self": self.me}

    async def _send_message(
        self, detail_type: str, message: list[Json], user_id: str | None = None, group_id: str | None = None
    ) -> Json | None:
        read = [part | {"data": part["data"] | self._file(part["data"].get("file_id"))} for part in message]
        self._receive(group_id if detail_type == "group" else None, user_id, read)
        return {"message_id": str(self._sent_as), "time": time.time()} if self._sent_as else None

    async def _upload_file(self, type: str, name: str, data: Any = None) -> Json:  # noqa: A002
        self.uploaded.append(name)
        return self.keep(name, data if isinstance(data, bytes) else base64.b64decode(data)).data

    def keep(self, name: str, data: bytes) -> Segment:
        """平台上的一份文件，与指着它的消息段。"""
        file_id = f"f{len(self._files)}"
        self._files[file_id] = name, data
        return Segment(type="file", data={"file_id": file_id})

    def _file(self, file_id: str | None) -> Json:
        name, data = self._files.get(file_id or "", ("", None))
        return {"name": name, "raw": data}

    async def _get_file(self, file_id: str, type: str) -> Json:  # noqa: A002
        if type != "data" or file_id not in self._files:
            raise OneBotImplError(10004, None, "只会 data")
        name, data = self._files[file_id]
        return {"name": name, "data": base64.b64encode(data).decode()}


def segments(parts: list[Json]) -> list[Segment]:
    """V11 的消息段 → V12 的。"""
    kinds = {"at": ("mention", "qq", "user_id"), "reply": ("reply", "id", "message_id")}
    found: list[Segment] = []
    for part in parts:
        kind, mine, theirs = kinds.get(part["type"], (part["type"], "text", "text"))
        found.append(Segment(type=kind, data={theirs: part["data"][mine]}))
    return found
