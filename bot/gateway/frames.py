"""原始帧 → 一条发言。各家 OneBot 实现写法不一，缺的补上、错的改正，都在这里；不认识 NoneBot。"""

import json
import re
import zlib
from collections.abc import Container, Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgpack
import orjson

from bot import clock
from bot.gateway.heads import INVISIBLE

#: 一帧的上限，字节；一条正常消息不到 10 KB，历史记录一页也不到 1 MB
LARGEST = 4 * 2**20
#: 平台给的时间大于它就是毫秒（公元 5138 年的秒数）
_MILLISECONDS = 1e11
#: 微信里打出来的 @某人，后面跟 U+2005
_TYPED_MENTION = re.compile("^(?:@[^\u2005@]{1,40}\u2005\\s*)+")
#: 文件段的几种写法；`onlinefile` 是 QQ 的在线传送，机器人收不了
FILES = ("file", "onlinefile")
_CQ = re.compile(r"\[CQ:([A-Za-z0-9_.-]+)((?:,[^\[\],=]+=[^\[\],]*)*)\]")

Frame = dict[str, Any]
#: 消息段的种类与内容
Pair = tuple[str, Mapping[str, Any]]


class Fault(StrEnum):
    """进门时挑出来不处理的东西，按种类计数。"""

    HUGE = "超过 4 MB 的帧"
    MALFORMED = "不是 JSON 的帧"
    NOT_OBJECT = "不是对象的帧"
    UNKNOWN = "不认识的帧"
    INCOMPLETE = "缺少发言人或群号的消息"
    UNREADABLE = "NoneBot 读不了的事件"
    CRASHED = "处理时出错的帧"
    WRONG_TOKEN = "令牌不对的连接"
    NAMELESS = "没有报上账号的连接"
    DUPLICATE = "重复推送的命令"
    ECHO = "机器人自己的发言"
    ELSEWHERE = "由同群另一个机器人账号处理的消息"
    OVERFLOW = "排队满了丢下的命令"
    STALE = "时间差了十分钟以上的推送（本机的钟要校准）"
    REUSED = "拿用过的签名换了正文的推送"
    ENCRYPTED = "加密的推送（公众号后台的消息加解密要选明文模式）"


class BadFrame(Exception):
    """读不懂的一帧。"""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Reading(NamedTuple):
    """从消息段里读出来的。"""

    #: 文字，被别的段隔开的两段之间补一个空格
    text: str
    #: 提到的人，按出现次序，不含机器人
    mentions: tuple[str, ...]
    everyone: bool
    reply_to: str | None
    #: 去掉开头的 @机器人、回复与空白之后的文字；前面有图片之类就是空
    opening: str
    #: 带着一份文件
    attached: bool = False
    #: @ 了机器人
    called: bool = False
    #: 回复的那条是谁说的；V12 才写在消息里
    reply_user: str | None = None


class Spoken(NamedTuple):
    """一条发言；`group_id` 为空是私聊。"""

    group_id: str | None
    user_id: str
    message_id: str
    #: 平台给的发送时间，Unix 秒
    at: float
    seq: int | None
    reading: Reading

    @property
    def session(self) -> str:
        """NoneBot 的会话号，看有没有人在等这个人的回答。"""
        return f"group_{self.group_id}_{self.user_id}" if self.group_id else self.user_id


def decode(data: str | bytes) -> Frame:
    """一帧 → 对象；读不懂就 `BadFrame`。落单的代理字符去掉，二进制按 msgpack 试一次。"""
    if len(data) > LARGEST:
        raise BadFrame(Fault.HUGE)
    try:
        frame = orjson.loads(data)
    except orjson.JSONDecodeError:
        frame = _decode_slowly(data)
    if not isinstance(frame, dict):
        raise BadFrame(Fault.NOT_OBJECT)
    return frame


def _decode_slowly(data: str | bytes) -> object:
    try:
        if isinstance(data, bytes):
            return msgpack.unpackb(data)
        if "\\u" not in data:
            raise BadFrame(Fault.MALFORMED)
        return orjson.loads(json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "ignore"))
    except (ValueError, RecursionError, msgpack.UnpackException):
        raise BadFrame(Fault.MALFORMED) from None


def read_v11(frame: Frame, ours: Container[str]) -> Spoken | None:
    """OneBot V11 的消息事件；缺了发言人或群号就 `None`。"""
    user_id = _id(frame.get("user_id"))
    grouped = frame.get("message_type") == "group"
    group_id = _id(frame.get("group_id")) if grouped else None
    if user_id is None or (grouped and group_id is None):
        return None
    return _spoken(frame, group_id, user_id, read_segments(pairs_v11(frame), ours))


def read_v12(frame: Frame, ours: Container[str]) -> Spoken | None:
    """OneBot V12 的消息事件；缺了发言人或群号就 `None`。"""
    user_id = _id(frame.get("user_id"))
    grouped = frame.get("detail_type") == "group"
    group_id = _id(frame.get("group_id")) if grouped else None
    if user_id is None or (grouped and group_id is None):
        return None
    return _spoken(frame, group_id, user_id, read_segments(pairs(frame.get("message")), ours))


def read_segments(segments: Iterable[Pair], ours: Container[str]) -> Reading:
    """消息段（种类，内容）→ `Reading`；V11 与 V12 的写法都认。`ours` 是我们的机器人账号，@ 到哪个都算 @机器人。"""
    texts: list[str] = []
    mentions: list[str] = []
    everyone = started = quoted = attached = called = False
    reply_to: str | None = None
    reply_user: str | None = None
    led = True  # 第一段文字之前只有回复、空白，与 @机器人（或客户端在回复后自动加的 @）
    for kind, data in segments:
        if kind == "text":
            text = str(data.get("text") or "")
            texts.append(text)
            started = started or not (text.isspace() or not text)
            continue
        if texts:
            texts.append(" ")
        if kind in ("at", "mention"):
            user = str(data.get("qq") or data.get("user_id") or "")
            led = led and (started or user in ours or quoted)
            everyone = everyone or user == "all"
            called = called or user in ours
            if user not in ("", "all") and user not in ours and user not in mentions:
                mentions.append(user)
        elif kind == "reply":
            reply_to = _id(data.get("id") or data.get("message_id"))
            reply_user = _id(data.get("user_id"))
            quoted = True
        elif kind == "mention_all":
            everyone = True
        else:
            led = led and started
            attached = attached or kind in FILES
    text = "".join(texts).strip()
    opening = text.lstrip(INVISIBLE).lstrip() if led else ""
    if opening.startswith("@") and "\u2005" in opening:
        opening = _TYPED_MENTION.sub("", opening)
    return Reading(text, tuple(mentions), everyone, reply_to, opening, attached, called, reply_user)


def recalled(frame: Frame) -> tuple[str, str, float] | None:
    """撤回通知里的（群号，消息号，时间）；V11 与 V12 同样的键。"""
    group_id, message_id = _id(frame.get("group_id")), _id(frame.get("message_id"))
    return (group_id, message_id, moment(frame.get("time"))) if group_id and message_id else None


def _spoken(frame: Frame, group_id: str | None, user_id: str, reading: Reading) -> Spoken:
    at = moment(frame.get("time"))
    # 没有消息号的实现：同一条重推仍要认得出
    message_id = _id(frame.get("message_id")) or f"{at:.0f}-{user_id}-{zlib.crc32(reading.text.encode())}"
    return Spoken(group_id, user_id, message_id, at, _seq(frame), reading)


def _seq(frame: Frame) -> int | None:
    """群内次序。NapCat 的 `message_seq` 只是消息号，真的在 `real_seq`；是消息号就不算。"""
    seq = frame.get("real_seq") or frame.get("message_seq")
    if isinstance(seq, str):
        seq = number(seq)
    return seq if type(seq) is int and seq > 0 and seq != frame.get("message_id") else None


def pairs_v11(frame: Frame) -> Iterable[Pair]:
    """消息段数组、单个消息段、CQ 码文字都可能；没有 `message` 才看 `raw_message`。"""
    message = frame.get("message")
    if isinstance(message, list | dict):
        return pairs(message)
    text = message if isinstance(message, str) else frame.get("raw_message")
    return _from_cq(text) if isinstance(text, str) else ()


def pairs(message: object) -> Iterable[Pair]:
    """消息段 → （种类，内容）；不像消息段的跳过。"""
    for segment in [message] if isinstance(message, dict) else message if isinstance(message, list) else ():
        if isinstance(segment, dict) and isinstance(kind := segment.get("type"), str):
            data = segment.get("data")
            yield kind, data if isinstance(data, dict) else {}


def _from_cq(text: str) -> Iterable[Pair]:
    end = 0
    for code in _CQ.finditer(text):
        if code.start() > end:
            yield "text", {"text": _unescape(text[end : code.start()])}
        fields = (field.partition("=") for field in code[2].split(",")[1:])
        yield code[1], {key: _unescape(value) for key, _, value in fields}
        end = code.end()
    if end < len(text):
        yield "text", {"text": _unescape(text[end:])}


def _unescape(text: str) -> str:
    return text.replace("&#44;", ",").replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, int | str) and value not in ("", 0, False) else None


def number(value: str) -> int | str:
    """数字写成的文字 → 数；不是数字就原样。"""
    try:
        return int(value)
    except ValueError:
        return value


def moment(value: object) -> float:
    """帧里的时间 → Unix 秒；毫秒的换算，没有或离谱的用此刻。"""
    if isinstance(value, str):
        value = number(value)
    if not isinstance(value, int | float) or not 0 < value < _MILLISECONDS * 1000:
        return clock.now().timestamp()
    return value / 1000 if value > _MILLISECONDS else float(value)
