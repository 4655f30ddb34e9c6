"""谁说了什么：把一条消息事件变成 `Said`。"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Generic, TypeVar

from nonebot.adapters.onebot import v11, v12
from nonebot.params import Depends
from pydantic_core import CoreSchema, core_schema
from tortoise.expressions import Q

from bot.gateway.admission import ACCOUNTS
from bot.gateway.frames import Reading, read_segments
from bot.gateway.heads import HEADS
from bot.league import groups, roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db.fields import clean
from db.models import Account, Group, Scope

K = TypeVar("K")
V = TypeVar("V")

_PLATFORMS = frozenset(Scope)

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
    #: 回复的那条是谁说的；平台在消息里写了才有
    reply_user: str | None = None

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
        return self.by.office()[0]

    def bound_group(self) -> Group:
        """所在的已绑定群；在私聊或没绑定的群里就 `Refusal`。"""
        if self.group_id is None:
            raise Refusal("这条命令要在群里说。")
        if self.group is None:
            raise Refusal("本群还没绑定。请团干部在群里发 /绑定本群。")
        return self.group


def scope_of(bot: Bot) -> Scope:
    """机器人账号在哪个平台；V12 上没说是哪个的，当微信。"""
    return Scope.QQ if isinstance(bot, v11.Bot) else _named(bot.platform)


def _named(platform: str) -> Scope:
    return Scope(platform) if platform in _PLATFORMS else Scope.WECHAT


async def hear(bot: Bot, event: MessageEvent) -> Said:
    """依赖注入用：事件 → `Said`。"""
    scope = scope_of(bot)
    user_id = str(event.user_id)
    group_id = str(getattr(event, "group_id", "") or "") or None
    reading = reading_of(event)
    command = HEADS.find(reading.opening)
    at = event.time if isinstance(event.time, datetime) else datetime.fromtimestamp(event.time, UTC)
    by = await speaker(scope, user_id)
    await _remember_account(by, bot.self_id)
    group = await bound_group(scope, group_id) if group_id else None
    if group and group.self_id != bot.self_id:
        group = await groups.take_up(group, bot.self_id, at=at)
    return Said(
        bot=bot,
        scope=scope,
        self_id=bot.self_id,
        by=by,
        group_id=group_id,
        group=group,
        text=clean(command.rest if command else reading.text),
        mentions=reading.mentions,
        reply_to=reading.reply_to,
        message_id=str(event.message_id),
        at=at.astimezone(settings().zone),
        reply_user=reading.reply_user,
    )


#: 处理函数的参数写 `said: Saying`
Saying = Annotated[Said, Depends(hear)]


def reading_of(event: MessageEvent) -> Reading:
    """从事件的原文里读出文字、提到的人与回复；NoneBot 会改 `message`，原文在 `original_message`。"""
    if isinstance(event, v12.MessageEvent):
        scope, self_id = _named(event.self.platform), event.self.user_id
    else:
        scope, self_id = Scope.QQ, str(event.self_id)
    return read_segments(((one.type, one.data) for one in event.original_message), ACCOUNTS.ours(scope) | {self_id})


async def speaker(scope: Scope, user_id: str) -> Speaker:
    """账号 → 说话的人（有缓存）。"""
    superuser = user_id in settings().superusers or f"{scope}:{user_id}" in settings().superusers
    key = scope, user_id, superuser
    return await _speakers.get(key, lambda: roster.identify(scope, user_id, superuser=superuser))


async def bound_group(scope: Scope, group_id: str) -> Group | None:
    """平台群号 → 绑定着的群（有缓存）。"""
    key = scope, group_id
    return await _groups.get(key, lambda: Group.get_or_none(scope=scope, group_id=group_id, unbound_at=None))


class Recent(Generic[K, V]):
    """最近查过的：名册一变就作废，别的进程改的至多过一分钟也看得到。"""

    #: 多久后重查，秒
    FRESH = 60.0
    #: 最多记多少条，满了先丢最早查的
    SIZE = 10_000

    def __init__(self) -> None:
        self._rows: dict[K, tuple[int, float, V]] = {}

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """记得就用记得的，否则 `load`。"""
        revision = roster.revision()
        row = self._rows.get(key)
        if row and row[0] == revision and time.monotonic() - row[1] < self.FRESH:
            return row[2]
        value = await load()
        self._rows.pop(key, None)
        if len(self._rows) >= self.SIZE:
            del self._rows[next(iter(self._rows))]
        self._rows[key] = (revision, time.monotonic(), value)
        return value


_speakers: Recent[tuple[Scope, str, bool], Speaker] = Recent()
_groups: Recent[tuple[Scope, str], Group | None] = Recent()
#: 每个人最近记下的机器人账号（连同当时名册的版本），变了才写库
_accounts: dict[tuple[Scope, str], tuple[int, str]] = {}


async def _remember_account(by: Speaker, self_id: str) -> None:
    """记下这个人最近对着哪个机器人账号说话，私聊通知先用它。"""
    key, now = (by.scope, by.user_id), (roster.revision(), self_id)
    if by.person_id is None or _accounts.get(key) == now:
        return
    accounts = Account.filter(scope=by.scope, user_id=by.user_id)
    await accounts.filter(Q(self_id=None) | ~Q(self_id=self_id)).update(self_id=self_id)
    if len(_accounts) >= Recent.SIZE:
        _accounts.clear()
    _accounts[key] = now
