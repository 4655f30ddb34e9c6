"""一个动词 `say`：某人在某处说一句话，拿回机器人的回答。走真的响应器、真的路由、真的库，只有平台是假的。"""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import nonebot
from nonebot.adapters.onebot import v11
from nonebot.message import handle_event

from bot import clock

SELF_ID = "10000"


@dataclass(frozen=True)
class Reply:
    """机器人发出的一条消息。"""

    text: str
    group: str | None
    user: str | None
    images: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass
class Chat:
    """假平台：收机器人的 API 调用，按真实实现的样子送事件。"""

    at: datetime
    bot: v11.Bot
    sent: list[Reply] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: itertools.count(1000))

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, at: datetime) -> AsyncIterator["Chat"]:
        adapter = nonebot.get_adapter("OneBot V11")
        bot = v11.Bot(adapter, SELF_ID)
        chat = cls(at, bot)
        bot.call_api = chat._call_api  # type: ignore[method-assign]
        adapter.bots[SELF_ID] = bot
        nonebot.get_driver()._bots[SELF_ID] = bot
        clock.travel(at)
        try:
            yield chat
        finally:
            clock.travel(None)
            adapter.bots.pop(SELF_ID, None)
            nonebot.get_driver()._bots.pop(SELF_ID, None)

    async def say(self, user: str | int, text: str, *, group: str | int | None = None, **extra: Any) -> list[Reply]:
        """`user` 说 `text`（`[@123]` 写成提到），返回这句话引来的回答；时间取 `chat.at`。"""
        before = len(self.sent)
        event = v11.Adapter.json_to_event(self.frame(user, text, group=group, **extra))
        assert event
        await handle_event(self.bot, event)
        return self.sent[before:]

    def frame(self, user: str | int, text: str, *, group: str | int | None = None, **extra: Any) -> dict[str, Any]:
        """一条 NapCat 样子的消息事件。"""
        frame: dict[str, Any] = {
            "self_id": int(SELF_ID),
            "user_id": int(user),
            "time": int(self.at.timestamp()),
            "message_id": next(self._ids),
            "message_type": "group" if group else "private",
            "sub_type": "normal" if group else "friend",
            "sender": {"user_id": int(user), "nickname": f"用户{user}", "card": "", "role": "member"},
            "raw_message": text,
            "font": 14,
            "message": segments(text),
            "message_format": "array",
            "post_type": "message",
        }
        if group:
            frame["group_id"] = int(group)
        return frame | extra

    def later(self, **delta: float) -> datetime:
        """把平台与进程的钟一起往后拨（timedelta 的参数）。"""
        self.at += timedelta(**delta)
        clock.travel(self.at)
        return self.at

    async def _call_api(self, api: str, **data: Any) -> Any:
        self.calls.append((api, data))
        if api in ("send_msg", "send_group_msg", "send_private_msg"):
            self.sent.append(_reply(data))
            return {"message_id": next(self._ids)}
        return {"get_login_info": {"user_id": int(SELF_ID), "nickname": "团团"}, "get_friend_list": []}.get(api, {})


def segments(text: str) -> list[dict[str, Any]]:
    """`你好 [@123] 再见` → 消息段。"""
    found: list[dict[str, Any]] = []
    for index, part in enumerate(text.replace("]", "[").split("[@")):
        mention, _, rest = ("", "", part) if index == 0 else part.partition("[")
        if mention:
            found.append({"type": "at", "data": {"qq": mention}})
        if rest:
            found.append({"type": "text", "data": {"text": rest}})
    return found


def _reply(data: dict[str, Any]) -> Reply:
    message = json.loads(json.dumps([{"type": s.type, "data": dict(s.data)} for s in v11.Message(data["message"])]))
    text = "".join(s["data"]["text"] if s["type"] == "text" else f"[{s['type']}]" for s in message)
    is_group = data.get("message_type") == "group" or "group_id" in data
    return Reply(
        text,
        group=str(data["group_id"]) if is_group else None,
        user=None if is_group else str(data["user_id"]),
    )
