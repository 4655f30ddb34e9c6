"""平台上的人、群和他们做的事，写成 OneBot V11 的样子，字段照 NapCat。"""

from dataclasses import dataclass
from datetime import datetime

from plugins.sandbox.people import Member, Place
from plugins.sandbox.segments import Json, segments
from plugins.sandbox.transcripts import File


@dataclass(frozen=True)
class Scene:
    """哪个账号、什么时候、在哪里收到的；`place` 为空是私聊。"""

    self_id: str
    at: datetime
    place: Place | None


def spoken(scene: Scene, by: Member, text: str, *, number: int, reply_to: int | None) -> Json:
    """`by` 说了一句。"""
    message = segments(text)
    if reply_to is not None:
        message.insert(0, {"type": "reply", "data": {"id": str(reply_to)}})
    return _message(scene, by, message, number, raw=text)


def handed(scene: Scene, by: Member, file: File, *, number: int, file_id: str) -> Json:
    """`by` 发来一个文件；内容另用 `get_file` 取。"""
    data = {"file": file.name, "file_id": file_id, "file_size": str(len(file.data))}
    return _message(scene, by, [{"type": "file", "data": data}], number, raw=f"[CQ:file,file_id={file_id}]")


def recalled(scene: Scene, by: Member, number: int) -> Json:
    """`by` 撤回了群里的一条。"""
    assert scene.place
    return {
        "time": int(scene.at.timestamp()),
        "self_id": int(scene.self_id),
        "post_type": "notice",
        "notice_type": "group_recall",
        "group_id": int(scene.place.group_id),
        "user_id": int(by.user_id),
        "operator_id": int(by.user_id),
        "message_id": number,
    }


def profile(member: Member) -> Json:
    """一个人，好友列表与群成员里的样子。"""
    return {
        "user_id": int(member.user_id),
        "nickname": member.name,
        "card": "",
        "remark": "",
        "role": "member",
        "sex": "unknown",
        "age": 0,
    }


def group_info(place: Place) -> Json:
    """一个群，群列表里的样子。"""
    return {"group_id": int(place.group_id), "group_name": place.name, "member_count": len(place.members) + 1}


def _message(scene: Scene, by: Member, message: list[Json], number: int, *, raw: str) -> Json:
    place = scene.place
    frame: Json = {
        "self_id": int(scene.self_id),
        "user_id": int(by.user_id),
        "time": int(scene.at.timestamp()),
        "message_id": number,
        "message_seq": number,
        "real_id": number,
        "real_seq": str(number),
        "message_type": "group" if place else "private",
        "sub_type": "normal" if place else "friend",
        "sender": {"user_id": int(by.user_id), "nickname": by.name, "card": "", "role": "member"},
        "raw_message": raw,
        "font": 14,
        "message": message,
        "message_format": "array",
        "post_type": "message",
    }
    return frame | ({"group_id": int(place.group_id), "group_name": place.name} if place else {})
