"""别人私聊发来的文件：从消息里认出来，向实现要来。

只收实现经接口给的字节，或它给的 http 地址；不读它说的本地路径，不跟着跳转走，不过代理。
"""

import asyncio
import base64
import binascii
import http.client
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import HTTPDefaultErrorHandler, HTTPErrorProcessor, HTTPHandler, HTTPSHandler, OpenerDirector

from nonebot.adapters.onebot import v11

from bot.gateway.frames import FILES
from bot.gateway.sending import FAILURES
from bot.gateway.speaker import Bot, MessageEvent
from bot.league.errors import Refusal

#: 一份文件最多多大，字节；十五万行的名册不到 4 MB
LARGEST = 10 * 1024 * 1024
#: 每一步等多久、一共等多久，秒
PATIENCE, ALTOGETHER = 10.0, 60.0

TOO_BIG = "这份文件太大了，我只收 10 MB 以内的。"
NOT_GOT = "文件没取到，请再发一次。还不行的话，在装着我的那台电脑上用 tuanbot import 名册.xlsx 也一样。"
ONLINE = "这是 QQ 的在线传送，我收不了。请在手机上发，或在电脑上选“发送离线文件”。"


@dataclass(frozen=True)
class Upload:
    """一份还没取来的文件。实现没说的是空。"""

    name: str
    size: int
    file_id: str
    file_hash: str
    url: str
    online: bool


def upload_in(event: MessageEvent) -> Upload | None:
    """消息里的文件；没有就 `None`。"""
    for segment in event.original_message:
        if segment.type in FILES:
            data: Mapping[str, Any] = segment.data
            size = str(data.get("file_size") or data.get("fileSize") or "")
            return Upload(
                name=str(data.get("file_name") or data.get("name") or data.get("file") or ""),
                size=int(size) if size.isdecimal() else 0,
                file_id=str(data.get("file_id") or ""),
                file_hash=str(data.get("file_hash") or ""),
                url=str(data.get("url") or ""),
                online=segment.type == "onlinefile",
            )
    return None


async def fetch(bot: Bot, user_id: str, upload: Upload) -> bytes:
    """取来；太大、取不到就 `Refusal`。"""
    if upload.online:
        raise Refusal(ONLINE)
    if upload.size > LARGEST:
        raise Refusal(TOO_BIG)
    async for told in _ways(bot, user_id, upload):
        if (data := await _take(told)) is not None:
            return data
    raise Refusal(NOT_GOT)


async def _ways(bot: Bot, user_id: str, upload: Upload) -> AsyncIterator[Mapping[str, Any]]:
    """挨个问：各家会的接口不一样。最后才用事件里带的地址。"""
    if upload.file_id:
        more = {"file_hash": upload.file_hash} if upload.file_hash else {}
        asks: list[tuple[str, dict[str, Any]]] = (
            [
                ("get_private_file_url", {"user_id": user_id, "file_id": upload.file_id, **more}),
                ("get_file", {"file_id": upload.file_id}),
            ]
            if isinstance(bot, v11.Bot)
            else [("get_file", {"file_id": upload.file_id, "type": kind}) for kind in ("url", "data")]
        )
        for api, params in asks:
            try:
                told = await bot.call_api(api, **params)
            except FAILURES:
                continue
            if isinstance(told, dict):
                yield told
    yield {"url": upload.url}


async def _take(told: Mapping[str, Any]) -> bytes | None:
    """实现的回答 → 字节：直接给的、base64 的、给地址的都收；给本地路径的不读。"""
    given = told.get("data") or told.get("base64")
    if given and len(given) > LARGEST * 4 // 3 + 4:
        raise Refusal(TOO_BIG)
    if isinstance(given, bytes):
        return given
    if isinstance(given, str):
        try:
            return base64.b64decode(given.removeprefix("base64://"), validate=True)
        except binascii.Error:
            return None
    url = str(told.get("url") or "")
    if not url.startswith(("http://", "https://")):
        return None
    try:
        return await asyncio.to_thread(_download, url)
    except (OSError, http.client.HTTPException, ValueError):
        return None


def _download(url: str) -> bytes:
    """只会 http(s)，一步一步数着大小取。"""
    opener = OpenerDirector()
    for handler in (HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor):
        opener.add_handler(handler())
    deadline, data = time.monotonic() + ALTOGETHER, bytearray()
    with opener.open(url, timeout=PATIENCE) as answer:
        while chunk := answer.read(64 * 1024):
            data += chunk
            if len(data) > LARGEST:
                raise Refusal(TOO_BIG)
            if time.monotonic() > deadline:
                raise TimeoutError
    return bytes(data)
