"""谁说了什么：把一条消息事件变成 `Said`。"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated

from nonebot.adapters.onebot import v11, v12
from nonebot.params import Depends
from pydantic_core import CoreSchema, core_schema

from bot.league import roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import Group, Scope

MessageEvent = v11.MessageEvent | v12.MessageEvent
Bot = v11.Bot | v12.Bot


@dataclass(frozen=True)
class Said:
    """一句话连同说话的人、地方、时间。处理函数只收它。"""

    bot: Bot
    scope: Scope
    self_id: str
    #: 说话的人
    by: Speaker
    #: 平台的群号；私聊为空
    group_id: str | None
    #: 绑定过的群；没绑定或私聊为空
    group: Group | None
    #: 命令词之后的文字，去首尾空白，换行保留
    text: str
    #: 提到的人的用户号，按出现次序，不含机器人
    mentions: tuple[str, ...]
    #: 回复的是哪条消息
    reply_to: str | None
    message_id: str
    #: 事件自己的时间
    at: datetime

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> CoreSchema:
        """NoneBot 会给参数类型建校验模型；这里不用校验。"""
        return core_schema.any_schema()

    @property
    def private(self) -> bool:
        """是不是私聊。"""
        return self.group_id is None

    @cached_property
    def words(self) -> list[str]:
        """按空白切开的词，不含只表示“用文字回答”的 `文字`。"""
        return [word for word in self.text.split() if word != "文字"]

    @property
    def text_only(self) -> bool:
        """要文字版（卡片命令末尾加 `文字`）。"""
        return "文字" in self.text.split()

    def cadre_id(self) -> int:
        """说话的团干部；不是团干部就 `Refusal`。"""
        if self.by.cadre_id is None:
            raise Refusal("这条命令是给团干部用的。如果你是团干部，请管理员 /任命 你，或用 /绑定 六位码 认领身份。")
        return self.by.cadre_id

    def bound_group(self) -> Group:
        """所在的已绑定群；在私聊或没绑定的群里就 `Refusal`。"""
        if self.group_id is None:
            raise Refusal("这条命令要在群里说。")
        if self.group is None:
            raise Refusal("本群还没绑定。请团干部在群里发 /绑定本群。")
        return self.group


def scope_of(bot: Bot) -> Scope:
    """机器人账号在哪个平台。"""
    return Scope.QQ if isinstance(bot, v11.Bot) or bot.platform == "qq" else Scope.WECHAT


async def hear(bot: Bot, event: MessageEvent) -> Said:
    """依赖注入用：事件 → `Said`。"""
    scope = scope_of(bot)
    user_id = str(event.user_id)
    group_id = str(getattr(event, "group_id", "") or "") or None
    text, mentions, reply_to = _read(event.original_message, bot.self_id)
    at = event.time if isinstance(event.time, datetime) else datetime.fromtimestamp(event.time, UTC)
    return Said(
        bot=bot,
        scope=scope,
        self_id=bot.self_id,
        by=await speaker(scope, user_id),
        group_id=group_id,
        group=await bound_group(scope, group_id) if group_id else None,
        text=_after_head(text),
        mentions=mentions,
        reply_to=reply_to,
        message_id=str(event.message_id),
        at=at.astimezone(settings().zone),
    )


#: 处理函数的参数写 `said: Saying`
Saying = Annotated[Said, Depends(hear)]


async def speaker(scope: Scope, user_id: str) -> Speaker:
    """账号 → 说话的人（有缓存）。"""
    superuser = user_id in settings().superusers or f"{scope}:{user_id}" in settings().superusers
    return await roster.identify(scope, user_id, superuser=superuser)


async def bound_group(scope: Scope, group_id: str) -> Group | None:
    """平台群号 → 绑定着的群。"""
    return await Group.get_or_none(scope=scope, group_id=group_id, unbound_at=None)


def _read(message: v11.Message | v12.Message, self_id: str) -> tuple[str, tuple[str, ...], str | None]:
    """消息段 → 文字、提到的人、回复的消息号。"""
    texts: list[str] = []
    mentions: list[str] = []
    reply_to = None
    for segment in message:
        data = segment.data
        if segment.type == "text":
            texts.append(str(data.get("text", "")))
        elif segment.type in ("at", "mention"):
            user = str(data.get("qq") or data.get("user_id") or "")
            if user not in ("", "all", self_id) and user not in mentions:
                mentions.append(user)
        elif segment.type == "reply":
            reply_to = str(data.get("id") or data.get("message_id") or "") or None
    return "".join(texts).strip(), tuple(mentions), reply_to


def _after_head(text: str) -> str:
    """去掉命令词。"""
    parts = text.split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""
