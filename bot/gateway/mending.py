"""各家 OneBot 实现写漏、写错的字段，补成 NoneBot 的事件模型读得了的样子。"""

import zlib
from collections.abc import Iterable
from typing import Any

from bot.gateway.frames import Frame, Pair, moment, number, pairs, pairs_v11


def mend_v11(frame: Frame) -> Frame:
    """补成 NoneBot 的事件模型读得了的样子：数字写成文字的号码、缺的与写错的字段。"""
    mended = frame | {"time": int(moment(frame.get("time")))}
    for key in ("self_id", "user_id", "group_id", "message_id", "operator_id", "target_id", "sender_id"):
        if isinstance(value := frame.get(key), str):
            mended[key] = number(value)
    if frame.get("post_type") == "message":
        sender = frame.get("sender")
        font = frame.get("font")
        mended |= {
            "message_id": mended.get("message_id") or 0,
            "message": _dicts(pairs_v11(frame)),
            "raw_message": str(frame.get("raw_message") or ""),
            "font": font if isinstance(font, int) else 0,
            "sub_type": frame.get("sub_type") or ("normal" if frame.get("message_type") == "group" else "friend"),
            "sender": {**sender, "user_id": mended.get("user_id")} if isinstance(sender, dict) else {},
        }
    if isinstance(flag := frame.get("flag"), int):
        mended["flag"] = str(flag)
    if frame.get("post_type") == "request":
        mended["comment"] = str(frame.get("comment") or "")
    return mended


def as_message(frame: Frame) -> Frame:
    """go-cqhttp、Lagrange 把私聊发来的文件当通知送：改写成带一个文件段的私聊消息，后面就只有一种。"""
    file = frame.get("file")
    told = file if isinstance(file, dict) else {}
    data = {
        "file": told.get("name"),
        "file_id": told.get("id"),
        "file_size": told.get("size"),
        "file_hash": told.get("hash"),
        "url": told.get("url"),
    }
    message = [{"type": "file", "data": {key: str(value) for key, value in data.items() if value}}]
    rest = {key: value for key, value in frame.items() if key not in ("notice_type", "file")}
    kind = {"post_type": "message", "message_type": "private", "sub_type": "friend"}
    # 通知没有消息号：同一份文件重推仍要认得出
    number = zlib.crc32(str(told.get("id") or told.get("url") or told.get("name")).encode())
    return rest | kind | {"message_id": number, "message": message}


def mend_v12(frame: Frame) -> Frame:
    """补成 NoneBot 的事件模型读得了的样子。"""
    mended = {"id": "", "sub_type": "", **frame, "time": moment(frame.get("time"))}
    if frame.get("type") == "message":
        mended["alt_message"] = str(frame.get("alt_message") or "")
        mended["message"] = _dicts(pairs(frame.get("message")))
    return mended


def _dicts(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    return [{"type": kind, "data": dict(data)} for kind, data in pairs]
