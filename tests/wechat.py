"""一个微信号：别人写的 OneBot V12 实现（pylibob），经真的反向 WebSocket 连着机器人。

`WeChat` 只管这条连接；`Stage` 把它装成演出用的平台，整个下午就在微信上演。
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from pylibob import (
    Bot,
    GroupMessageDeleteEvent,
    GroupMessageEvent,
    OneBotImpl,
    PrivateMessageEvent,
    Segment,
    WebSocketReverse,
)
from pylibob.exception import OneBotImplError

from plugins.sandbox.onebot import ActionError, Platform

Json = dict[str, Any]
#: 机器人发来一条：发到哪里（群号或人）、消息段（图片已经换成内容）；拒收就抛 `ActionError`
Receive = Callable[[str | None, str | None, list[Json]], None]


class WeChat:
    """一个微信号的连接。"""

    def __init__(self, self_id: str, url: str, receive: Receive, *, token: str | None = None) -> None:
        """pylibob 不把令牌写进请求头，写在地址里。"""
        self.me = Bot("wechat", self_id, online=True)
        self._receive = receive
        self._connection = WebSocketReverse(
            f"{url}?access_token={token}" if token else url, enable_heartbeat=False, reconnect_interval=200
        )
        self._implementation = OneBotImpl("somewechat", "1.0", [self._connection], self.me)
        self._implementation.register_action_handler("send_message", self._send_message)
        self._implementation.register_action_handler("upload_file", self._upload_file)
        self._files: dict[str, bytes] = {}
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
        common: Json = {"message_id": number, "message": message, "user_id": user, **self._event(at)}
        event = GroupMessageEvent(group_id=group, **common) if group else PrivateMessageEvent(**common)
        await self._implementation.emit(event)

    async def recall(self, user: str, *, group: str, at: float, number: str) -> None:
        """某人撤回了一句。"""
        event = GroupMessageDeleteEvent(
            sub_type="recall", group_id=group, message_id=number, user_id=user, operator_id=user, **self._event(at)
        )
        await self._implementation.emit(event)

    def _event(self, at: float) -> Json:
        return {"id": str(uuid4()), "time": at, "self": self.me}

    async def _send_message(
        self, detail_type: str, message: list[Json], user_id: str | None = None, group_id: str | None = None
    ) -> Json:
        read = [
            part | {"data": {**part["data"], "raw": self._files.get(part["data"].get("file_id"))}} for part in message
        ]
        try:
            self._receive(group_id if detail_type == "group" else None, user_id, read)
        except ActionError as error:
            raise OneBotImplError(35001, None, str(error)) from None
        return {"message_id": str(uuid4()), "time": time.time()}

    async def _upload_file(self, type: str, name: str, data: Any = None) -> Json:  # noqa: A002
        file_id = f"f{len(self._files)}"
        self._files[file_id] = data if isinstance(data, bytes) else base64.b64decode(data)
        self.uploaded.append(name)
        return {"file_id": file_id}


def segments(parts: list[Json]) -> list[Segment]:
    """V11 的消息段 → V12 的。"""
    kinds = {"at": ("mention", "qq", "user_id"), "reply": ("reply", "id", "message_id")}
    found: list[Segment] = []
    for part in parts:
        kind, mine, theirs = kinds.get(part["type"], (part["type"], "text", "text"))
        found.append(Segment(type=kind, data={theirs: part["data"][mine]}))
    return found


class Stage(Platform):
    """演出用的平台，底下换成微信。"""

    @asynccontextmanager
    async def connected(self, url: str, token: str | None) -> AsyncIterator[None]:
        self._phone = WeChat(self.self_id, url.replace("v11", "v12"), self._take, token=token)
        async with self._phone.online():
            yield

    def _take(self, group: str | None, user: str | None, message: list[Json]) -> None:
        read: list[Json] = []
        for part in message:
            data = part["data"]
            if part["type"] == "mention":
                read.append({"type": "at", "data": {"qq": data["user_id"]}})
            elif part["type"] == "image":
                read.append({"type": "image", "data": {"file": base64.b64encode(data["raw"]).decode()}})
            else:
                read.append(part)
        self._deliver({"group_id": group, "user_id": user, "message": read}, private=group is None)

    async def _send(self, frame: Json) -> None:
        number, at, user = str(frame["message_id"]), float(frame["time"]), str(frame["user_id"])
        group = str(frame["group_id"]) if "group_id" in frame else None
        if frame["post_type"] == "notice":
            assert group
            await self._phone.recall(user, group=group, at=at, number=number)
        else:
            await self._phone.push(user, segments(frame["message"]), group=group, at=at, number=number)
