"""Satori 的号码、频道、通知与消息元素 ↔ OneBot V12 的。"""

from collections.abc import Iterable

from nonebot.adapters.satori.element import Element

from bot.gateway.frames import Frame
from db.models import Scope

#: 号码就是 QQ 号、微信号的平台名；其余的账号写作 平台/号，免得两个平台撞了
QQ = ("chronocat", "lagrange", "llbot", "llonebot", "nekobox", "onebot", "red")
WECHAT = ("gewechat", "wechat", "wechatpadpro", "wechaty")
#: 事件 → V12 的通知
NOTICES = {
    "message-deleted": "group_message_delete",
    "guild-member-removed": "group_member_decrease",
    "guild-member-added": "group_member_increase",
    "guild-removed": "group_member_decrease",
    "guild-added": "group_member_increase",
}
#: 说的是我们自己的账号进了群、出了群
ABOUT_US = ("guild-added", "guild-removed")
#: 私聊频道
_DIRECT = 1


def is_private(channel: Frame) -> bool:
    """私聊频道；旧的实现不写种类，或照旧协议把私聊写作 3，看号码的开头。"""
    return channel.get("type") == _DIRECT or str(channel.get("id") or "").startswith("private:")


def scope_of(platform: str) -> Scope:
    """Satori 的平台名 → 我们的平台。"""
    return Scope.QQ if platform in QQ else Scope.WECHAT if platform in WECHAT else Scope.SATORI


def ours(platform: str, number: str) -> str:
    """它的号 → 我们记的账号、群号。"""
    return f"{platform}/{number}" if scope_of(platform) is Scope.SATORI else number


def theirs(number: object) -> str:
    """我们记的 → 它的号。"""
    platform, slash, rest = str(number).partition("/")
    return rest if slash else platform


def segments(elements: Iterable[Element], platform: str) -> Iterable[Frame]:
    """元素 → V12 的消息段；加粗、换行之类只留里面的字。"""
    for element in elements:
        attrs = element.attrs
        match element.type:
            case "text":
                yield {"type": "text", "data": {"text": str(attrs.get("text") or "")}}
            case "br":
                yield {"type": "text", "data": {"text": "\n"}}
            case "at" if attrs.get("id"):
                yield {"type": "mention", "data": {"user_id": ours(platform, str(attrs["id"]))}}
            case "at":
                yield {"type": "mention_all", "data": {}}
            case "quote":
                # 谁说的在里面的 <author>，不写的也有
                author = next((child.attrs.get("id") for child in element.children if child.type == "author"), None)
                user = ours(platform, str(author)) if author else ""
                yield {"type": "reply", "data": {"message_id": str(attrs.get("id") or ""), "user_id": user}}
            case "file":
                name, url = str(attrs.get("title") or ""), str(attrs.get("src") or "")
                yield {"type": "file", "data": {"file_id": "", "file_name": name, "url": url}}
            case "img" | "audio" | "video" as kind:
                yield {"type": "image" if kind == "img" else kind, "data": {"file_id": ""}}
            case _:
                yield from segments(element.children, platform)
