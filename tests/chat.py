"""一个动词 `say`：某人在某处说一句话，拿回机器人的回答。走真的响应器、真的路由、真的库，只有平台是假的。"""

import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import nonebot
from nonebot.adapters.onebot import v11

from bot import clock
from bot.gateway.onebot import V11Adapter, V11Bot

SELF_ID = "10000"
#: 消息号在整个测试进程里不重复：同一个号再来一次，机器人当作重复推送
_IDS = itertools.count(1000)


@dataclass(frozen=True)
class Reply:
    """机器人发出的一条消息。"""

    text: str
    group: str | None
    user: str | None
    images: tuple[bytes, ...] = ()
    #: 是一份合并转发，`text` 是各段接起来
    forwarded: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass
class Chat:
    """假平台：收机器人的 API 调用，按真实实现的样子送事件。"""

    at: datetime
    bot: v11.Bot
    sent: list[Reply] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: 接口 → 用哪个错误码拒收
    refuses: dict[str, int] = field(default_factory=dict)
    #: 接口 → 答什么
    answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, at: datetime) -> AsyncIterator["Chat"]:
        adapter = nonebot.get_adapter(V11Adapter)
        bot = V11Bot(adapter, SELF_ID)
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
        return await self.push(self.frame(user, text, group=group, **extra))

    async def push(self, frame: dict[str, Any]) -> list[Reply]:
        """送一帧，走真实连接收到帧之后的全部路，等它办完，返回引来的回答。"""
        before = len(self.sent)
        adapter = self.bot.adapter
        assert isinstance(adapter, V11Adapter)
        if errand := adapter.receive(self.bot, frame):
            await errand.run()
        return self.sent[before:]

    def frame(self, user: str | int, text: str, *, group: str | int | None = None, **extra: Any) -> dict[str, Any]:
        """一条 NapCat 样子的消息事件。"""
        frame: dict[str, Any] = {
            "self_id": int(SELF_ID),
            "user_id": int(user),
            "time": int(self.at.timestamp()),
            "message_id": next(_IDS),
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
        if api in self.refuses:
            raise v11.ActionFailed(status="failed", retcode=self.refuses[api], message="EventChecker Failed")
        if api in self.answers:
            return self.answers[api]
        if api.endswith("_forward_msg"):
            parts = [_reply(data | {"message": node["data"]["content"]}) for node in data["messages"]]
            self.sent.append(replace(parts[0], text="\n".join(part.text for part in parts), forwarded=True))
            return {"message_id": next(_IDS)}
        if api in ("send_msg", "send_group_msg", "send_private_msg"):
            self.sent.append(_reply(data))
            return {"message_id": next(_IDS)}
        return {"get_login_info": {"user_id": int(SELF_ID), "nickname": "团团"}, "get_friend_list": []}.get(api, {})


def segments(text: str) -> list[dict[str, Any]]:
    """`你好 [@123] 再见` → 消息段。"""
    parts = re.split(r"\[@(\w+)\]", text)
    kinds = (("at", "qq") if index % 2 else ("text", "text") for index in range(len(parts)))
    return [{"type": kind, "data": {key: part}} for (kind, key), part in zip(kinds, parts, strict=True) if part]


def _reply(data: dict[str, Any]) -> Reply:
    message = json.loads(json.dumps([{"type": s.type, "data": dict(s.data)} for s in v11.Message(data["message"])]))
    text = "".join(s["data"]["text"] if s["type"] == "text" else f"[{s['type']}]" for s in message)
    is_group = data.get("message_type") == "group" or "group_id" in data
    return Reply(
        text,
        group=str(data["group_id"]) if is_group else None,
        user=None if is_group else str(data["user_id"]),
    )
