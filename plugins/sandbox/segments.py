"""OneBot V11 的消息段：台词写成段，机器人发来的段读成文字、图片与文件。"""

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

#: 台词里写 `[@账号]` 就是提到他
MENTION = re.compile(r"\[@(\d+)\]")


def segments(text: str) -> list[Json]:
    """台词 → 消息段。"""
    parts: list[Json] = []
    for index, part in enumerate(MENTION.split(text)):
        if index % 2:
            parts.append({"type": "at", "data": {"qq": part}})
        elif part:
            parts.append({"type": "text", "data": {"text": part}})
    return parts


def content(message: object, name_of: Callable[[str], str]) -> tuple[str, tuple[bytes, ...]]:
    """机器人发来的消息段 → 文字与图片。字符串一律当文字，不解析 CQ 码。"""
    texts: list[str] = []
    pictures: list[bytes] = []
    for segment in _as_segments(message):
        data = segment["data"]
        match segment["type"]:
            case "text":
                texts.append(data["text"])
            case "at":
                texts.append(f"@{name_of(str(data['qq']))} ")
            case "image":
                pictures.append(decoded(data["file"]))
    return "".join(texts).strip(), tuple(pictures)


def flatten(nodes: object) -> list[Json]:
    """合并转发的各节点 → 一串消息段，一个节点另起一行。"""
    assert isinstance(nodes, list)
    parts: list[Json] = []
    for node in nodes:
        if parts:
            parts += segments("\n")
        parts += _as_segments(node["data"]["content"])
    return parts


def decoded(file: object) -> bytes:
    """`base64://…` → 内容；团团发图片、文件都这样写。"""
    return base64.b64decode(str(file).removeprefix("base64://"))


def _as_segments(message: object) -> Iterable[Json]:
    if isinstance(message, list):
        return message
    if isinstance(message, dict):
        return [message]
    return segments(str(message))
