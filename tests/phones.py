"""同一段测试在 QQ（OneBot V11）和微信（OneBot V12，实现是别人写的 pylibob）上各演一遍。

测试里的人和群只写一个数；到了微信上，它们是 wxid_… 和 …@chatroom。
"""

import base64
import itertools
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pylibob import GroupMessageEvent, Segment
from pylibob.event import Event

from db.models import Scope
from tests import process
from tests.chat import segments
from tests.process import BOSS, TOKEN, YOUTH, Robot
from tests.wechat import Json, WeChat
from tests.wechat import segments as wechat_segments

PLATFORMS = (Scope.QQ, Scope.WECHAT)

#: 哪一条、谁说的
Quoted = tuple[str, int]
#: 在 QQ 上造的库搬到微信：账号、群号换成微信的样子
_MOVE = """
UPDATE account SET scope = 'wechat', user_id = 'wxid_' || user_id, self_id = 'wxid_' || self_id WHERE scope = 'qq';
UPDATE chat_group SET scope = 'wechat', group_id = group_id || '@chatroom', self_id = 'wxid_' || self_id
WHERE scope = 'qq';
"""


@dataclass(frozen=True)
class Given:
    """机器人给出的一份文件或一张图；`to` 是人或群。"""

    to: str
    name: str
    data: bytes


class Phone(Protocol):
    """一个机器人账号看到的世界。"""

    #: 机器人说过的文字，先后为序；`told` 里连同说给谁（人或群）
    said: list[str]
    told: list[tuple[str, str]]
    files: list[Given]
    pictures: list[Given]

    def id(self, number: int | str) -> str:
        """这个人在平台上的账号。"""
        ...

    def group_id(self, number: int) -> str:
        """这个群在平台上的号。"""
        ...

    def message(
        self, text: str, *, user: int | str = YOUTH, group: int | None = None, quoting: Quoted | None = None
    ) -> Any:
        """某人说的一句，`[@20002]` 写成提到；`quoting` 是回复了哪一条、谁说的。"""
        ...

    def file(self, name: str, data: bytes, *, user: int) -> Any:
        """某人私聊发来一份文件。"""
        ...

    def recalled(self, message: Any) -> Any:
        """那一句撤回了。"""
        ...

    def came(self, user: int, *, group: int, left: bool = False) -> Any:
        """有人进了群；`left` 时是走了。"""
        ...

    async def send(self, *events: Any) -> None:
        """送到机器人那里。"""
        ...


class QQ(process.Phone):
    """NapCat 样子的 QQ。"""

    @classmethod
    def online(cls, robot: Robot, self_id: int, sent_as: int | None) -> AbstractAsyncContextManager[process.Phone]:  # type: ignore[override]
        return super().online(robot, self_id, results={"send_group_msg": {"message_id": sent_as or 1}})

    @staticmethod
    def id(number: int | str) -> str:
        return str(number)

    @staticmethod
    def group_id(number: int) -> str:
        return str(number)

    def message(  # type: ignore[override]
        self,
        text: str,
        *,
        user: int | str = YOUTH,
        group: int | None = None,
        quoting: Quoted | None = None,
        **more: Any,
    ) -> Json:
        message = segments(text)
        if quoting:
            message.insert(0, {"type": "reply", "data": {"id": quoting[0]}})
            self.results["get_msg"] = {"sender": {"user_id": quoting[1]}}
        return super().message(text, user=int(user), group=group, **{"message": message} | more)

    def file(self, name: str, data: bytes, *, user: int) -> Json:
        self.results["get_file"] = {"base64": base64.b64encode(data).decode()}
        given = {"file": name, "file_id": "x", "file_size": str(len(data))}
        return self.message("", user=user, message=[{"type": "file", "data": given}])

    def recalled(self, message: Json) -> Json:
        told = {key: message[key] for key in ("time", "self_id", "user_id", "group_id", "message_id")}
        return told | {"post_type": "notice", "notice_type": "group_recall", "operator_id": message["user_id"]}

    def came(self, user: int, *, group: int, left: bool = False) -> Json:
        kind, how = ("group_decrease", "leave") if left else ("group_increase", "approve")
        if user == self.self_id and left:
            how = "kick_me"
        about = {"time": int(time.time()), "self_id": self.self_id, "group_id": group, "user_id": user}
        return about | {"post_type": "notice", "notice_type": kind, "sub_type": how, "operator_id": 0}

    @property
    def told(self) -> list[tuple[str, str]]:
        return list(zip((_place(call["params"]) for call in self._sends), self.said, strict=True))

    @property
    def pictures(self) -> list[Given]:
        found = ((call["params"], part) for call in self._sends for part in call["params"]["message"])
        return [
            Given(_place(params), "", _bytes(part["data"]["file"])) for params, part in found if part["type"] == "image"
        ]

    @property
    def files(self) -> list[Given]:
        calls = [call["params"] for call in self.calls if call["action"] == "upload_private_file"]
        return [Given(str(params["user_id"]), params["name"], _bytes(params["file"])) for params in calls]

    @property
    def _sends(self) -> list[Json]:
        return [call for call in self.calls if call["action"].startswith("send_")]


class WeChatPhone:
    """一个微信号。"""

    def __init__(self, robot: Robot, self_id: int, sent_as: int | None) -> None:
        url = f"ws://127.0.0.1:{robot.port}/onebot/v12/ws"
        self.wechat = WeChat(self.id(self_id), url, self._receive, token=TOKEN, sent_as=sent_as)
        self.told: list[tuple[str, str]] = []
        self.files: list[Given] = []
        self.pictures: list[Given] = []
        self._numbers = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def online(cls, robot: Robot, self_id: int, sent_as: int | None) -> AsyncIterator["WeChatPhone"]:
        phone = cls(robot, self_id, sent_as)
        async with phone.wechat.online():
            yield phone

    @staticmethod
    def id(number: int | str) -> str:
        return f"wxid_{number}" if isinstance(number, int) else number

    @staticmethod
    def group_id(number: int) -> str:
        return f"{number}@chatroom"

    @property
    def said(self) -> list[str]:
        return [text for _, text in self.told]

    def message(
        self, text: str, *, user: int | str = YOUTH, group: int | None = None, quoting: Quoted | None = None
    ) -> Event:
        parts = [
            part | {"data": {"qq": self.id(int(part["data"]["qq"]))}} if part["type"] == "at" else part
            for part in segments(text)
        ]
        message = wechat_segments(parts)
        if quoting:
            data = {"message_id": quoting[0], "user_id": self.id(quoting[1])}
            message.insert(0, Segment(type="reply", data=data))
        return self._spoken(message, user, group)

    def file(self, name: str, data: bytes, *, user: int) -> Event:
        return self._spoken([self.wechat.keep(name, data)], user, None)

    def recalled(self, message: GroupMessageEvent) -> Event:
        return self.wechat.recalled(message.user_id, group=message.group_id, at=message.time, number=message.message_id)

    def came(self, user: int, *, group: int, left: bool = False) -> Event:
        return self.wechat.came(self.id(user), group=self.group_id(group), at=time.time(), left=left)

    def _spoken(self, message: list[Any], user: int | str, group: int | None) -> Event:
        number = f"{time.time_ns()}{next(self._numbers)}"
        place = group and self.group_id(group)
        return self.wechat.message(self.id(user), message, group=place, at=time.time(), number=number)

    async def send(self, *events: Event) -> None:
        for event in events:
            await self.wechat.emit(event)

    def _receive(self, group: str | None, user: str | None, message: list[Json]) -> None:
        to, text = group or user or "", ""
        for part in message:
            data = part["data"]
            if part["type"] == "text":
                text += data["text"]
            elif part["type"] in ("image", "file"):
                kept = self.pictures if part["type"] == "image" else self.files
                kept.append(Given(to, data["name"], data["raw"]))
        self.told.append((to, text))


def online(robot: Robot, self_id: int, *, sent_as: int | None = None) -> AbstractAsyncContextManager[Phone]:
    """机器人账号 `self_id` 连上来；`sent_as` 是它在群里说的话的消息号。"""
    kind: Any = WeChatPhone if robot.platform is Scope.WECHAT else QQ
    return kind.online(robot, self_id, sent_as)


def start(folder: Path, platform: Scope, **settings: str) -> Robot:
    """`folder` 里备好了库（按 QQ 造的），起进程，超级管理员是 `BOSS`。"""
    if platform is Scope.WECHAT:
        settings = {"SUPERUSERS": json.dumps([f"wechat:{WeChatPhone.id(BOSS)}"])} | settings
        _move(folder)
    robot = process.start(folder, **settings)
    robot.platform = platform
    return robot


@contextmanager
def running(folder: Path, platform: Scope, *, hidden: str | None = None, **settings: str) -> Iterator[Robot]:
    """起进程，用完好好停下；日志里没有出错，也没有 `hidden`。"""
    robot = start(folder, platform, LOG_LEVEL="TRACE", **settings)
    yield robot
    process.stop(robot)
    assert "Traceback" not in robot.log
    assert hidden is None or hidden not in robot.log


def _move(folder: Path) -> None:
    if (path := folder / "data" / "tuanbot.db").exists():
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_MOVE)


def _place(params: Json) -> str:
    return str(params["user_id" if "group_id" not in params or params.get("message_type") == "private" else "group_id"])


def _bytes(file: str) -> bytes:
    return base64.b64decode(file.removeprefix("base64://"))
