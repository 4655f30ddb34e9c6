"""账本：一批增减怎样落库，各群记到了哪里怎样读回。"""

import asyncio
import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tortoise.functions import Max
from tortoise.transactions import in_transaction

from bot.league.interactions.sessions import Tally, Window
from db import increments
from db.models import GroupCursor, GroupTrail, Topic, TopicState

#: 一天没有动静，指纹就不必留了
FORGET_AFTER = timedelta(hours=24)


@dataclass(slots=True)
class Batch:
    """一批：增减、痕迹与整份状态，一个事务写完。"""

    #: 最早一条何时听见，单调秒
    since: float
    #: 这一批有几条
    items: int = 0
    tallies: dict[int, Tally] = field(default_factory=dict)
    #: (话题, 谁的指纹, 是不是青年) → 实质条数
    _topics: dict[tuple[int, int, bool], int] = field(default_factory=dict)
    #: (推送, 青年) → 实质的回复条数
    _replies: dict[tuple[int, int], int] = field(default_factory=dict)
    #: 写过没有：再写之前要先看看上次其实成了没有
    tried: bool = False
    _mark: int = field(default_factory=lambda: secrets.randbits(62))
    _kept: list[increments.Piece] = field(default_factory=list)
    _marked: bool = False
    _pieces: list[increments.Piece] | None = None

    def tally(self, group: int) -> Tally:
        """某群的增减。"""
        tally = self.tallies.get(group)
        if tally is None:
            tally = self.tallies[group] = Tally()
        return tally

    def discuss(self, topic: int, who: int, step: int, *, youth: bool) -> None:
        """某个话题里某人的实质条数增减。"""
        self._topics[topic, who, youth] = self._topics.get((topic, who, youth), 0) + step

    def answer(self, push: int, person: int, step: int) -> None:
        """某位青年对某条推送的实质回复条数增减。"""
        self._replies[push, person] = self._replies.get((push, person), 0) + step

    def keep_trail(self, group: int, last_at: datetime, trail: bytes) -> None:
        """添一段痕迹。"""
        self._kept += increments.keep_trail(group, self._mark, last_at, trail)
        self._marked = True

    def save_state(self, group: int, last_at: datetime, state: bytes) -> None:
        """存整份状态。"""
        self._kept += increments.save_cursor(group, last_at, state)
        if not self._marked:  # 记号总要留下一个
            self.keep_trail(group, last_at, b"")

    async def save(self) -> int:
        """落库，返回剔掉了几处。可以重来：上次若已经写进去了，这次什么也不做。"""
        if not self._kept and not any(tally.pairs or tally.days for tally in self.tallies.values()):
            return 0
        if self.tried and await increments.is_written(self._mark):
            return 0
        self.tried = True
        if self._pieces is None:
            self._pieces = [*self._kept, *self._counts()]
        return len(await increments.write(self._pieces))

    def _counts(self) -> Iterable[increments.Piece]:
        pairs: dict[tuple[int, int, int], list[int]] = {}
        for group, tally in self.tallies.items():
            for key, counts in tally.pairs.items():
                known = pairs.get(key)
                pairs[key] = [a + b for a, b in zip(known, counts, strict=True)] if known else counts
            for day, counts in tally.days.items():
                yield from increments.count_day(group, date.fromordinal(day), counts)
        for (cadre_id, youth, day), counts in pairs.items():
            yield from increments.count_pair(cadre_id, youth, date.fromordinal(day), counts)
        for (topic, who, is_youth), step in self._topics.items():
            yield from increments.count_topic(topic, who, step, youth=is_youth)
        for (push, person), step in self._replies.items():
            yield from increments.count_reply(push, person, step)


@dataclass(frozen=True, slots=True)
class Kept:
    """一个群存着的：整份状态（没存过为 `None`）、存到何时、其后的痕迹。"""

    state: bytes | None
    last_at: float
    trail: bytes


async def load(groups: Iterable[int]) -> dict[int, Kept]:
    """读回这些群记到了哪里。"""
    wanted = sorted(groups)
    rows = await GroupCursor.filter(group_id__in=wanted).values_list("group_id", "state", "last_at")
    states = {group: (bytes(state), last_at.timestamp() if last_at else 0.0) for group, state, last_at in rows}
    trails: dict[int, bytearray] = {}
    rows = await GroupTrail.filter(group_id__in=wanted).order_by("id").values_list("group_id", "trail")
    for group, trail in rows:
        trails.setdefault(group, bytearray()).extend(trail)
    return {
        group: Kept(*states.get(group, (None, 0.0)), trail=bytes(trails.get(group, b"")))
        for group in states.keys() | trails.keys()
    }


async def last_times() -> dict[int, float]:
    """各群最后记到的时间，秒。"""
    times: dict[int, float] = {}
    saved = await GroupCursor.filter(last_at__not_isnull=True).values_list("group_id", "last_at")
    trailing = await GroupTrail.all().group_by("group_id").annotate(last=Max("last_at")).values_list("group_id", "last")
    for group, last_at in (*saved, *trailing):
        at = _aware(last_at).timestamp()
        times[group] = max(times.get(group, 0.0), at)
    return times


async def windows() -> dict[int, tuple[Window, ...]]:
    """各群没封存的话题，早的在前：刚结束的也在，迟到、补来的话还要算进去。"""
    found: dict[int, tuple[Window, ...]] = {}
    rows = Topic.filter(state__not=TopicState.SETTLED).order_by("opened_at", "id")
    for topic, group, opened_at, ends_at in await rows.values_list("id", "group_id", "opened_at", "ends_at"):
        window = Window(topic, math.floor(opened_at.timestamp()), ends_at.timestamp())
        found[group] = (*found.get(group, ()), window)
    return found


async def idle_groups(at: datetime) -> list[int]:
    """一天没有动静、还留着指纹的群。"""
    before = at - FORGET_AFTER
    recent = await GroupTrail.filter(last_at__gt=before).distinct().values_list("group_id")
    saved = await GroupCursor.filter(last_at__lte=before).exclude(state=b"").values_list("group_id")
    trailing = await GroupTrail.filter(last_at__lte=before).distinct().values_list("group_id")
    return sorted({group for (group,) in (*saved, *trailing)} - {group for (group,) in recent})


async def forget(groups: list[int]) -> None:
    """清掉这些群的状态与痕迹，只留记到何时。"""
    times = await last_times() if groups else {}
    for group in groups:
        last_at = datetime.fromtimestamp(times[group], UTC)
        async with in_transaction():
            await GroupTrail.filter(group_id=group).delete()
            await GroupCursor.update_or_create(group_id=group, defaults={"state": b"", "last_at": last_at})
        await asyncio.sleep(0)


def _aware(value: datetime | str) -> datetime:
    """SQLite 的聚合函数给的是文本。"""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value if value.tzinfo else value.replace(tzinfo=UTC)
