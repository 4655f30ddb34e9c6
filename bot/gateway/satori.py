"""Satori：我们去连它的服务端。事件翻成 V12 的一帧，说的话翻成它的元素；断线重连时请它从断处补发。"""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import nonebot
import websockets
from nonebot.adapters import satori
from nonebot.adapters.onebot import v12
from nonebot.adapters.satori.config import ClientInfo
from nonebot.adapters.satori.element import escape, parse
from nonebot.drivers import Request
from nonebot.exception import WebSocketClosed

from bot.gateway import tally
from bot.gateway.bridges import Bridge, refused, unsupported
from bot.gateway.frames import Fault, Frame
from bot.gateway.links import RECONNECT
from bot.gateway.onebot_v12 import V12Adapter
from bot.gateway.satori_elements import ABOUT_US, NOTICES, is_private, ours, scope_of, segments, theirs

#: 协议规定的几种信令
_EVENT, _PING, _IDENTIFY, _READY = 0, 1, 3, 4
#: 隔多久报一声还在，秒（协议要求 10 秒以内）
_BEAT = 9.0
#: 最多记多少人的私聊频道、传上来还没发的几个文件
_REMEMBERED, _FILES = 10_000, 16

_log = logging.getLogger("tuanbot")


@dataclass(eq=False)
class SatoriBridge(Bridge):
    """连着的一个 Satori 服务端，后面可以有几个账号。"""

    adapter: "SatoriAdapter" = field(kw_only=True)
    info: ClientInfo = field(kw_only=True)
    #: 我们叫的账号 → 它的平台与号
    _logins: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: (账号, 人) → 私聊频道
    _channels: dict[tuple[str, str], str] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)

    def read(self, frame: Frame) -> Frame | None:
        """一条信令 → V12 的帧；心跳之类没有。"""
        body = frame.get("body")
        if not isinstance(body, dict):
            return None
        if frame.get("op") == _READY:
            return self._status(body.get("logins") or [])
        if frame.get("op") != _EVENT:
            return None
        sn = body.get("sn", body.get("id"))
        if isinstance(sn, int):
            self.adapter.sequences[self.info.identity] = sn
        login = body.get("login") or {"platform": body.get("platform"), "user": {"id": body.get("self_id")}}
        kind = str(body.get("type"))
        if kind.startswith("login-"):
            gone = {"status": 0} if kind == "login-removed" else {}
            return self._status([login | gone])
        return self._event(kind, body, login)

    def _status(self, logins: Iterable[Frame]) -> Frame:
        bots = []
        for login in logins:
            if (me := self._me(login)) and login.get("user"):
                bots.append({"self": me, "online": login.get("status", 1) == 1})
        return {"type": "meta", "detail_type": "status_update", "status": {"bots": bots}}

    @property
    def known(self) -> bool:
        """它报过账号：令牌是对的。"""
        return bool(self._logins)

    def _me(self, login: Frame) -> Frame | None:
        user = login.get("user") or {}
        platform, number = str(login.get("platform") or "satori"), str(user.get("id") or login.get("self_id") or "")
        if not number:
            return None
        self_id = ours(platform, number)
        self._logins[self_id] = platform, number
        return {"platform": scope_of(platform), "user_id": self_id}

    def _event(self, kind: str, body: Frame, login: Frame) -> Frame | None:
        me = self._me(login)
        channel, guild, user = body.get("channel") or {}, body.get("guild") or {}, body.get("user") or {}
        message = body.get("message") or {}
        place = channel.get("id") or guild.get("id")
        if kind in ABOUT_US:
            user = login.get("user") or {}
        if me is None or not place or not user.get("id"):
            tally.note(Fault.INCOMPLETE)
            return None
        platform = self._logins[me["user_id"]][0]
        frame: Frame = {
            "id": str(body.get("sn", "")),
            "self": me,
            "time": body.get("timestamp") or message.get("created_at"),
            "user_id": ours(platform, str(user["id"])),
            "group_id": ours(platform, str(place)),
            "message_id": str(message.get("id") or ""),
        }
        if kind == "message-created":
            return self._spoken(frame, channel, platform, message)
        if kind not in NOTICES or is_private(channel):
            return None
        operator = {"sub_type": "", "operator_id": str((body.get("operator") or {}).get("id") or "")}
        return frame | operator | {"type": "notice", "detail_type": NOTICES[kind]}

    def _spoken(self, frame: Frame, channel: Frame, platform: str, message: Frame) -> Frame:
        private = is_private(channel)
        if private:
            if len(self._channels) >= _REMEMBERED:
                self._channels.clear()
            self._channels[frame["self"]["user_id"], frame["user_id"]] = str(channel["id"])
            del frame["group_id"]
        said = list(segments(parse(str(message.get("content") or "")), platform))
        return frame | {"type": "message", "detail_type": "private" if private else "group", "message": said}

    async def act(self, bot: v12.Bot, action: str, params: Mapping[str, Any]) -> Any:
        """V12 的动作 → Satori 的接口。"""
        match action:
            case "get_version":
                return {"impl": self.impl, "version": self._logins[bot.self_id][0], "onebot_version": "12"}
            case "upload_file" if isinstance(params.get("data"), bytes):
                return {"file_id": self._keep(params["data"])}
            case "send_message":
                return await self._send(bot.self_id, params)
            case "get_group_member_info":
                asked = {"guild_id": theirs(params["group_id"]), "user_id": theirs(params["user_id"])}
                await self._call(bot.self_id, "guild.member.get", asked)
                return {"user_id": params["user_id"]}
        raise unsupported(action)

    def _keep(self, data: bytes) -> str:
        if len(self._files) >= _FILES:
            del self._files[next(iter(self._files))]
        name = f"{time.monotonic_ns()}"
        self._files[name] = data
        return name

    async def _send(self, self_id: str, params: Mapping[str, Any]) -> Frame:
        content = "".join(self._element(segment.type, segment.data) for segment in params["message"])
        if params["detail_type"] == "private":
            channel = await self._channel(self_id, str(params["user_id"]))
        else:
            channel = theirs(params["group_id"])
        sent = await self._call(self_id, "message.create", {"channel_id": channel, "content": content})
        first = sent[0] if isinstance(sent, list) and sent and isinstance(sent[0], dict) else {}
        return {"message_id": str(first.get("id") or ""), "time": time.time()}

    def _element(self, kind: str, data: Mapping[str, Any]) -> str:
        match kind:
            case "text":
                return escape(str(data["text"]))
            case "mention":
                return f'<at id="{escape(theirs(data["user_id"]), True)}"/>'
            case "image" if picture := self._files.pop(str(data["file_id"]), None):
                return f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}"/>'
        raise v12.exception.UnsupportedSegment("failed", 10005, kind, None)

    async def _channel(self, self_id: str, user_id: str) -> str:
        if found := self._channels.get((self_id, user_id)):
            return found
        made = await self._call(self_id, "user.channel.create", {"user_id": theirs(user_id)})
        if not isinstance(made, dict) or not made.get("id"):
            raise refused(35001, "开不了私聊")
        self._channels[self_id, user_id] = str(made["id"])
        return str(made["id"])

    async def _call(self, self_id: str, api: str, body: Frame) -> Any:
        """一次 HTTP 调用；拒收与说不清分开抛。"""
        platform, number = self._logins[self_id]
        headers = {"Satori-Platform": platform, "Satori-User-ID": number, "X-Platform": platform, "X-Self-ID": number}
        if self.info.token:
            headers["Authorization"] = f"Bearer {self.info.token}"
        try:
            answer = await self.adapter.request(
                Request("POST", self.info.api_base / api, headers=headers, json=body, timeout=self.info.timeout)
            )
        except Exception as error:  # 各种 HTTP 客户端的错没有共同的祖先
            raise v12.NetworkError(type(error).__name__) from None
        code = answer.status_code
        if code in (404, 405, 501):
            raise unsupported(api)
        if code >= 500:
            raise refused(20002, f"HTTP {code}")
        if code >= 400:
            raise refused(35000, f"HTTP {code}")
        with suppress(ValueError, TypeError):
            return json.loads(answer.content or b"")
        return None


class SatoriAdapter(satori.Adapter):
    """照 `SATORI_CLIENTS` 去连每个服务端，断了再连。"""

    async def startup(self) -> None:
        """上游会把读不懂的原文写进日志、一帧坏了就断，所以收帧用我们自己的。"""
        for info in self.satori_config.satori_clients:
            task = asyncio.create_task(self._keep_connected(info))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _keep_connected(self, info: ClientInfo) -> None:
        gate = nonebot.get_adapter(V12Adapter)
        assert isinstance(gate, V12Adapter)
        while True:
            try:
                async with gate.websocket(Request("GET", info.ws_base / "events")) as websocket:
                    body = {"token": info.token, "sn": self.sequences.get(info.identity)}
                    given = {key: value for key, value in body.items() if value is not None}
                    await websocket.send(json.dumps({"op": _IDENTIFY, "body": given}))
                    beating = asyncio.create_task(_beat(websocket))
                    bridge = SatoriBridge(websocket, impl="satori", adapter=self, info=info)
                    try:
                        await gate.converse(bridge)
                    finally:
                        beating.cancel()
                    if not bridge.known:
                        _log.warning("Satori %s:%s 没让进：多半是 SATORI_CLIENTS 里的令牌不对", info.host, info.port)
            except (OSError, TimeoutError, WebSocketClosed, websockets.WebSocketException) as error:
                where = f"{info.host}:{info.port}"
                _log.warning("连不上 Satori %s（%s），%d 秒后再试", where, type(error).__name__, RECONNECT)
            await asyncio.sleep(RECONNECT)


async def _beat(websocket: Any) -> None:
    with suppress(WebSocketClosed, websockets.WebSocketException, RuntimeError):
        while True:
            await asyncio.sleep(_BEAT)
            await websocket.send(json.dumps({"op": _PING, "body": {}}))
