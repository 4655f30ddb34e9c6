"""听见的一句话 → 规则要看的样子 → 增减。文字在这里变成指纹，再不往里走。"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from bot.league.interactions import ledgers
from bot.league.interactions.acquaintances import Acquaintances, User
from bot.league.interactions.fingerprints import Fingerprints
from bot.league.interactions.memories import Message
from bot.league.interactions.session_engines import Engine
from bot.league.interactions.sessions import Tally, Window
from bot.league.interactions.substance import wording
from bot.league.interactions.trails import pack_engine, pack_message, pack_recall, read_engine, read_trail
from bot.settings import settings
from db.models import Scope

#: (平台, 平台的群号)
GroupKey = tuple[Scope, str]

#: @ 超过这么多人是广播（产品说明第 3 节）
BROADCAST_OVER = 3
#: 一个群攒够这么多条痕迹，存一次整份状态
SAVE_EVERY = 256
#: 内存里最多醒着多少个群，其余用到再从库里读
AWAKE = 1_000

_log = logging.getLogger("tuanbot")


class Heard(NamedTuple):
    """群里的一句话；文字只在内存里。"""

    message_id: str
    user_id: str
    #: 发送时间，Unix 秒
    at: float
    #: 文字段连起来，没有 CQ 码
    text: str
    #: @ 到的用户号，不含全体
    mentions: tuple[str, ...]
    #: @ 了全体
    everyone: bool
    #: 回复的消息号
    reply_to: str | None
    #: 是我们的命令
    command: bool
    #: 实现有的话，群里的次序号
    seq: int | None = None


class Recalled(NamedTuple):
    """撤回了哪一条。"""

    message_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Bound:
    """绑着的一个群。"""

    id: int
    scope: Scope
    #: 何时绑定的，秒；之前的话不记
    since: float
    #: 还在数的话题
    windows: tuple[Window, ...] = ()


class _Awake:
    """醒着的一个群：会话引擎，与还没存进整份状态的痕迹。"""

    __slots__ = ("engine", "fresh", "trailing")

    def __init__(self, engine: Engine, trailing: int) -> None:
        self.engine = engine
        #: 库里有多少条痕迹
        self.trailing = trailing
        #: 这一批的痕迹
        self.fresh: list[bytes] = []


class Listener:
    """各群的会话引擎与认人的本领。先 `prepare`（查库），再 `take`（不查库）。"""

    def __init__(self, key: bytes) -> None:
        self._prints = Fingerprints(key)
        self._zone = settings().zone
        self._known = Acquaintances()
        self._awake: dict[int, _Awake] = {}
        #: 群 → 推到群里的好物：消息号的指纹 → 推送的号
        self._pushes: dict[int, dict[int, int]] = {}
        self._days: dict[int, int] = {}

    def expired(self, clock: float) -> bool:
        """名册是否要重看。"""
        return self._known.expired(clock)

    def renew(self, clock: float) -> None:
        """重看名册。"""
        self._known.renew(clock)

    def watch(self, pushes: Mapping[int, Mapping[str, int]]) -> None:
        """此后留意这些消息有没有人回复：群 → 消息号 → 推送的号。"""
        self._pushes = {
            group: {self._prints.message(message_id): push for message_id, push in sent.items()}
            for group, sent in pushes.items()
        }

    async def prepare(self, items: Sequence[tuple[Bound, Heard | Recalled]]) -> None:
        """把这些话用得着的群叫醒、人认清。"""
        groups = {bound.id for bound, _ in items} - self._awake.keys()
        stored = await ledgers.load(groups) if groups else {}
        trails = {group: [*read_trail(kept.trail)] for group, kept in stored.items()}
        past = {
            person
            for trail in trails.values()
            for one in trail
            if isinstance(one, Message)
            for person in (one.person, *one.mentions)
            if person
        }
        await self._known.meet(_users(items), past)
        for group in groups:
            self._awake[group] = self._wake(stored.get(group), trails.get(group, []))

    def take(self, bound: Bound, item: Heard | Recalled, batch: ledgers.Batch) -> bool:
        """判断一句，增减记进 `batch`；判断不了（程序的错）返回否，别的话不受影响。"""
        awake = self._awake[bound.id]
        tally = batch.tally(bound.id)
        tally.windows = bound.windows
        if pushes := self._pushes.get(bound.id):
            tally.pushes = pushes
        try:
            if isinstance(item, Recalled):
                number = self._prints.message(item.message_id)
                if awake.engine.recall(number, tally):
                    awake.fresh.append(pack_recall(number))
                return True
            message = self._observe(bound, item)
            packed = pack_message(message)
            if awake.engine.feed(message, self._known.partners(message.person), tally):
                awake.fresh.append(packed)
        except Exception:  # 一句话判不了，不能让它卡住后面所有的话
            _log.exception("有一句话判断不了，跳过")
            return False
        return True

    def finish(self, batch: ledgers.Batch, *, everything: bool) -> None:
        """这一批的痕迹交给 `batch`；攒得够多的群（或 `everything`）存整份状态。"""
        for tally in batch.tallies.values():
            for (topic, person), step in tally.topics.items():
                voice = self._prints.voice(topic, person) if person else 0  # 没加入的人合成一个
                batch.discuss(topic, voice, step, youth=self._known.is_youth(person))
            for (push, person), step in tally.replies.items():
                if step < 0 or self._known.is_youth(person):
                    batch.answer(push, person, step)
        touched = self._awake if everything else batch.tallies
        for group in touched:
            awake = self._awake[group]
            last_at = datetime.fromtimestamp(awake.engine.memory.last_at, UTC)
            if not awake.fresh and not (everything and awake.trailing):
                continue
            awake.trailing += len(awake.fresh)
            if everything or awake.trailing >= SAVE_EVERY:
                batch.save_state(group, last_at, pack_engine(awake.engine))
                awake.trailing = 0
            else:
                batch.keep_trail(group, last_at, b"".join(awake.fresh))
            awake.fresh = []

    def settled(self, batch: ledgers.Batch) -> None:
        """这一批落库了；醒着的群太多就让最久没动静的睡去。"""
        for group in batch.tallies:
            self._awake[group] = self._awake.pop(group)
        while len(self._awake) > AWAKE:
            del self._awake[next(iter(self._awake))]

    def unsaved(self) -> bool:
        """还有没有没存进整份状态的痕迹。"""
        return any(awake.trailing or awake.fresh for awake in self._awake.values())

    def last_at(self, group: int) -> float:
        """醒着的群记到了何时；没醒为 0。"""
        awake = self._awake.get(group)
        return awake.engine.memory.last_at if awake else 0.0

    def leave(self, groups: Iterable[int]) -> None:
        """让这些群睡去，下次从库里读。"""
        for group in groups:
            self._awake.pop(group, None)

    def _wake(self, kept: ledgers.Kept | None, trail: list[Message | int]) -> _Awake:
        """从整份状态起，照痕迹重走一遍；增减上回已经落库了，这回不要。"""
        engine = read_engine(kept.state, kept.last_at) if kept and kept.state is not None else Engine()
        for one in trail:
            if isinstance(one, Message):
                engine.feed(one, self._known.partners(one.person), Tally())
            else:
                engine.recall(one, Tally())
        return _Awake(engine, len(trail))

    def _observe(self, bound: Bound, heard: Heard) -> Message:
        scope, at, mentions = bound.scope, heard.at, heard.mentions
        broadcast = heard.everyone or (len(mentions) > BROADCAST_OVER and len(set(mentions)) > BROADCAST_OVER)
        plain = not (heard.command or broadcast)
        said = wording(heard.text) if plain else ""
        user = (scope, heard.user_id)
        return Message(
            self._prints.message(heard.message_id),
            at,
            self._day(at),
            self._prints.user(user),
            self._known.person(user, at),
            self._prints.text(said) if said else 0,
            plain,
            self._prints.message(heard.reply_to) if heard.reply_to else 0,
            self._mentioned(scope, heard) if plain and mentions else (),
        )

    def _mentioned(self, scope: Scope, heard: Heard) -> tuple[int, ...]:
        people = (self._known.person((scope, user), heard.at) for user in heard.mentions)
        return tuple(dict.fromkeys(person for person in people if person))

    def _day(self, at: float) -> int:
        """本地日期；各地时差都是一刻钟的倍数。"""
        quarter = int(at // 900)
        day = self._days.get(quarter)
        if day is None:
            if len(self._days) > 1_000:
                self._days.clear()
            day = self._days[quarter] = datetime.fromtimestamp(at, self._zone).toordinal()
        return day


def _users(items: Iterable[tuple[Bound, Heard | Recalled]]) -> set[User]:
    users: set[User] = set()
    for bound, item in items:
        if isinstance(item, Heard):
            users.add((bound.scope, item.user_id))
            if item.mentions and len(item.mentions) <= BROADCAST_OVER:
                users.update((bound.scope, user) for user in item.mentions)
    return users
