"""我们自己的一个小小 OneBot V11 实现：真的反向 WebSocket，只有人是演的。"""

import asyncio
import itertools
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot import clock
from plugins.sandbox import events
from plugins.sandbox.people import Member, Place
from plugins.sandbox.segments import MENTION, Json, content, decoded, flatten
from plugins.sandbox.transcripts import File, Transcript


@dataclass(frozen=True)
class Sent:
    """机器人发出的一条消息。`group_id` 与 `user_id` 恰有一个。"""

    text: str
    pictures: tuple[bytes, ...]
    group_id: str | None
    user_id: str | None


class ActionError(Exception):
    """这个动作做不成；`retcode` 照 OneBot V11 的约定。"""

    def __init__(self, retcode: int, message: str) -> None:
        super().__init__(message)
        self.retcode = retcode


@dataclass
class Platform:
    """一个平台账号看到的世界：群、成员、好友，以及收发过的消息。"""

    self_id: str
    places: tuple[Place, ...]
    people: tuple[Member, ...]
    #: 没加机器人好友的账号
    strangers: frozenset[str]
    sent: list[Sent] = field(default_factory=list)
    #: 人和机器人说过的每一句
    transcript: Transcript = field(default_factory=Transcript)
    _history: list[Json] = field(default_factory=list)
    #: 人发来的文件，按文件号
    _files: dict[str, File] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(70_000_001))
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: ClientConnection | None = None

    def __post_init__(self) -> None:
        self._members = {member.user_id: member for member in self.people}

    @asynccontextmanager
    async def connected(self, url: str, token: str | None) -> AsyncIterator[None]:
        """连上机器人，直到用完。"""
        headers = {"X-Self-ID": self.self_id, "X-Client-Role": "Universal"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with connect(url, additional_headers=headers, max_size=None) as socket:
            self._socket = socket
            answering = asyncio.create_task(self._answer_calls(socket))
            try:
                yield
            finally:
                answering.cancel()
                with suppress(asyncio.CancelledError):
                    await answering

    async def say(
        self, by: Member, text: str, *, place: Place | None, at: datetime, reply_to: int | None = None
    ) -> int:
        """`by` 在群里（`place` 为空是私聊）说一句，返回消息号。"""
        number = next(self._ids)
        frame = events.spoken(events.Scene(self.self_id, at, place), by, text, number=number, reply_to=reply_to)
        if place:
            self._history.append(frame)
        self.transcript.add(
            by.user_id,
            MENTION.sub(lambda found: f"@{self._name(found[1])}", text),
            group_id=place.group_id if place else None,
            user_id=None if place else by.user_id,
            at=at,
        )
        await self._send(frame)
        return number

    async def hand(self, by: Member, file: File, *, at: datetime) -> None:
        """`by` 私聊发来一个文件。"""
        number = next(self._ids)
        file_id = f"/{number}"
        self._files[file_id] = file
        self.transcript.add(by.user_id, "", group_id=None, user_id=by.user_id, at=at, files=(file,))
        scene = events.Scene(self.self_id, at, None)
        await self._send(events.handed(scene, by, file, number=number, file_id=file_id))

    async def recall(self, by: Member, number: int, *, place: Place, at: datetime) -> None:
        """撤回一条群消息。"""
        await self._send(events.recalled(events.Scene(self.self_id, at, place), by, number))

    async def heard(self, match: Callable[[Sent], bool], *, since: int, within: float) -> Sent | None:
        """等第 `since` 条以后第一条合意的消息；`within` 秒等不到就是没有。"""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    for sent in itertools.islice(self.sent, since, None):
                        if match(sent):
                            return sent
                    self._arrived.clear()
                    await self._arrived.wait()
        return None

    async def _send(self, frame: Json) -> None:
        assert self._socket, "还没连上"
        await self._socket.send(json.dumps(frame, ensure_ascii=False))

    async def _answer_calls(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for frame in socket:
                call = json.loads(frame)
                answer: Json = {"status": "ok", "retcode": 0, "data": None, "echo": call.get("echo")}
                try:
                    answer["data"] = self._act(call["action"], call.get("params") or {})
                except ActionError as error:
                    answer |= {"status": "failed", "retcode": error.retcode, "wording": str(error)}
                await socket.send(json.dumps(answer, ensure_ascii=False))

    def _act(self, action: str, params: Json) -> Json | list[Json] | None:
        match action:
            case "send_msg" | "send_group_msg" | "send_private_msg":
                return self._deliver(params, private=_is_private(action, params))
            case "send_group_forward_msg" | "send_private_forward_msg" | "send_forward_msg":
                return self._deliver(
                    params | {"message": flatten(params["messages"])}, private=_is_private(action, params)
                )
            case "upload_private_file" | "upload_group_file":
                return self._upload(params, private=action == "upload_private_file")
            case "get_file":
                return self._file(params)
            case "get_login_info":
                return {"user_id": int(self.self_id), "nickname": "团团"}
            case "get_version_info":
                return {"app_name": "tuanbot-sandbox", "app_version": "1", "protocol_version": "v11"}
            case "get_status":
                return {"online": True, "good": True}
            case "get_friend_list":
                return [events.profile(member) for member in self.people if member.user_id not in self.strangers]
            case "get_group_list":
                return [events.group_info(place) for place in self.places]
            case "get_group_info":
                return events.group_info(self._place(params))
            case "get_group_member_list":
                return [events.profile(member) for member in self._place(params).members]
            case "get_group_member_info" | "get_stranger_info":
                return events.profile(self._member(params))
            case "get_msg":
                return self._message(params)
            case "get_group_msg_history":
                place = self._place(params)
                return {"messages": [frame for frame in self._history if str(frame["group_id"]) == place.group_id]}
        raise ActionError(1404, f"不支持 {action}")

    def _deliver(self, params: Json, *, private: bool) -> Json:
        group_id, user_id = self._target(params, private=private)
        sent = Sent(*content(params["message"], self._name), group_id, user_id)
        self.sent.append(sent)
        self._spoken(sent.text, group_id, user_id, pictures=sent.pictures)
        self._arrived.set()
        return {"message_id": next(self._ids)}

    def _upload(self, params: Json, *, private: bool) -> Json:
        file = File(str(params["name"]), decoded(params["file"]))
        self._spoken("", *self._target(params, private=private), files=(file,))
        return {"file_id": f"/{file.name}"}

    def _target(self, params: Json, *, private: bool) -> tuple[str | None, str | None]:
        """发到哪个群，或发给谁。"""
        if not private:
            return self._place(params).group_id, None
        user = str(params["user_id"])
        if user in self.strangers or user not in self._members:
            raise ActionError(100, "不是好友，私聊发不出去")
        return None, user

    def _spoken(
        self,
        text: str,
        group_id: str | None,
        user_id: str | None,
        *,
        pictures: tuple[bytes, ...] = (),
        files: tuple[File, ...] = (),
    ) -> None:
        """机器人说的一句记进经过；时间是进程的钟，演出里是拨过的。"""
        self.transcript.add(
            self.self_id, text, group_id=group_id, user_id=user_id, at=clock.now(), pictures=pictures, files=files
        )

    def _name(self, user_id: str) -> str:
        if user_id == self.self_id:
            return "团团"
        return self._members[user_id].name if user_id in self._members else user_id

    def _place(self, params: Json) -> Place:
        for place in self.places:
            if place.group_id == str(params.get("group_id")):
                return place
        raise ActionError(100, "没有这个群")

    def _member(self, params: Json) -> Member:
        if member := self._members.get(str(params.get("user_id"))):
            return member
        raise ActionError(100, "没有这个人")

    def _file(self, params: Json) -> Json:
        if file := self._files.get(str(params.get("file_id"))):
            return {
                "file_name": file.name,
                "file_size": str(len(file.data)),
                "base64": b64encode(file.data).decode(),
            }
        raise ActionError(100, "没有这个文件")

    def _message(self, params: Json) -> Json:
        for frame in self._history:
            if str(frame["message_id"]) == str(params.get("message_id")):
                return frame
        raise ActionError(100, "没有这条消息")


def _is_private(action: str, params: Json) -> bool:
    if "private" in action or "group" in action:
        return "private" in action
    return params.get("message_type") == "private" or not params.get("group_id")
