"""几个连着的机器人账号，平台是假的：谁是好友、谁在群里、哪次调用出错都由测试说了算。"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import nonebot
from nonebot.adapters.onebot import v11, v12

from tests.factories import SELF_ID


@dataclass(frozen=True)
class Sent:
    """平台收到的一次发送。"""

    by: str
    group: str | None
    user: str | None
    text: str
    mention: str | None = None


@dataclass
class Platform:
    """一个平台上我们的全部账号。"""

    sent: list[Sent] = field(default_factory=list)
    friends: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    #: 发送时抛什么：收 `Sent`，返回异常或 `None`；抛之前算不算发出去由 `went_out` 定
    fails: Callable[[Sent], Exception | None] = lambda _: None
    went_out: bool = False
    calls: list[str] = field(default_factory=list)
    #: 历史记录里的帧；`None` 是没有这个接口，异常是问了没有好好答
    history: list[dict[str, Any]] | Exception | None = None

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.sent]

    def private(self) -> list[Sent]:
        return [one for one in self.sent if one.group is None]

    async def call(self, bot: v11.Bot | v12.Bot, api: str, data: dict[str, Any]) -> Any:
        self.calls.append(api)
        if api == "get_friend_list":
            return [{"user_id": int(user)} for user in sorted(self.friends)]
        if api == "get_group_member_info":
            user = str(data["user_id"])
            if user not in self.members:
                raise v11.ActionFailed(status="failed", retcode=100, wording="不在群里")
            return {"user_id": data["user_id"]}
        if api in ("get_group_msg_history", "get_friend_msg_history"):
            if self.history is None:
                raise v11.ActionFailed(status="failed", retcode=1404, wording="不支持的接口")
            if isinstance(self.history, Exception):
                raise self.history
            return {"messages": self.history}
        assert api in ("send_private_msg", "send_group_msg", "send_message"), api
        sent = _read(bot.self_id, data)
        error = self.fails(sent)
        if error is None or self.went_out:
            self.sent.append(sent)
        if error:
            raise error
        return {"message_id": 1}


def _read(self_id: str, data: dict[str, Any]) -> Sent:
    segments = [(one.type, one.data) for one in data["message"]]
    assert {kind for kind, _ in segments} <= {"text", "at", "mention", "image"}
    mention = next((str(x.get("qq") or x.get("user_id")) for kind, x in segments if kind in ("at", "mention")), None)
    text = "".join("[图]" if kind == "image" else x["text"] for kind, x in segments if kind not in ("at", "mention"))
    group = str(data["group_id"]) if data.get("group_id") else None
    user = str(data["user_id"]) if data.get("user_id") else None
    assert (group is None) != (user is None), "私聊不能带群号"
    return Sent(self_id, group, user, text, mention)


@contextlib.contextmanager
def connected(*accounts: str, platform: Platform | None = None) -> Iterator[Platform]:
    """连着这些账号（`wechat:` 开头的是 V12 微信）。"""
    platform = platform or Platform()
    bots = nonebot.get_driver()._bots
    names = [account.removeprefix("wechat:") for account in accounts or (SELF_ID,)]
    for account, name in zip(accounts or (SELF_ID,), names, strict=True):
        if account.startswith("wechat:"):
            bot: v11.Bot | v12.Bot = v12.Bot(nonebot.get_adapter("OneBot V12"), name, "fake", "wechat")
        else:
            bot = v11.Bot(nonebot.get_adapter("OneBot V11"), name)
        _hook(bot, platform)
        bots[name] = bot
    try:
        yield platform
    finally:
        for name in names:
            bots.pop(name, None)


def _hook(bot: v11.Bot | v12.Bot, platform: Platform) -> None:
    async def call_api(api: str, **data: Any) -> Any:
        return await platform.call(bot, api, data)

    bot.call_api = call_api  # type: ignore[method-assign]
