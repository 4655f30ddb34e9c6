"""会话与有效互动（产品说明第 3 节）：接上的话够不够得上“有效”，各算几条。"""

from bisect import insort
from collections.abc import Mapping
from operator import attrgetter
from typing import NamedTuple

from bot.league.interactions.memories import Record

#: 两人之间安静半小时，会话就结束
SILENCE = 1_800.0
#: 有效互动：来回至少三段，首尾至少隔一分钟
RUNS, LASTS = 3, 60.0

_order = attrgetter("n")
_NOTHING: Mapping[int, int] = {}


class Pair(NamedTuple):
    """一对联系关系。"""

    cadre_id: int
    #: 青年是哪个人
    youth: int
    #: 团干部是哪个人
    cadre: int
    #: 从何时起算，秒；之前的话与这对关系无关
    since: float


#: 某人的另一方 → 他俩之间的联系关系（互为团干部与青年时有两对）
Partners = Mapping[int, tuple[Pair, ...]]
#: (cadre_id, 青年)
Key = tuple[int, int]


class Window(NamedTuple):
    """一个话题数哪一段时间里的话，秒，首尾都算。"""

    topic: int
    since: float
    until: float


class Tally:
    """喂进去的消息带来的增减，都可以直接加到库里。"""

    def __init__(self) -> None:
        #: 本群还在数的话题
        self.windows: tuple[Window, ...] = ()
        #: (话题, 名册上的人；不认识、没加入的为 0) → 实质条数
        self.topics: dict[tuple[int, int], int] = {}
        #: 推到本群的好物：消息号的指纹 → 推送的号
        self.pushes: Mapping[int, int] = _NOTHING
        #: (推送, 名册上的人) → 实质的回复条数
        self.replies: dict[tuple[int, int], int] = {}
        #: (cadre_id, 青年, 日) → 团干部条数、青年条数、有效会话
        self.pairs: dict[tuple[int, int, int], list[int]] = {}
        #: 日 → 条数、人数、实质条数、实质人数、有效会话
        self.days: dict[int, list[int]] = {}

    def pair(self, key: Key, day: int) -> list[int]:
        """某对某天的增减。"""
        slot = (*key, day)
        counts = self.pairs.get(slot)
        if counts is None:
            counts = self.pairs[slot] = [0, 0, 0]
        return counts

    def day(self, day: int) -> list[int]:
        """本群某天的增减。"""
        return self.days.setdefault(day, [0, 0, 0, 0, 0])

    def answer(self, record: Record, step: int) -> None:
        """一句实质的话回复的是推到群里的好物，就算进（`step` 为 -1 是退出）那条的回复；没加入的人不记。"""
        if record.person and (push := self.pushes.get(record.reply)):
            key = (push, record.person)
            self.replies[key] = self.replies.get(key, 0) + step

    def discuss(self, record: Record, step: int) -> None:
        """一句实质的话算进（`step` 为 -1 是退出）当时开着的话题。"""
        for window in self.windows:
            if window.since <= record.at <= window.until:
                key = (window.topic, record.person)
                self.topics[key] = self.topics.get(key, 0) + step
                return


class Progress:
    """一个会话走到哪一步了。"""

    __slots__ = ("first", "last", "meant", "runs", "side")

    def __init__(self, first: float = 0.0, last: float = 0.0, runs: int = 0, side: int = 0, meant: int = 0) -> None:
        self.first, self.last, self.runs, self.side, self.meant = first, last, runs, side, meant

    def values(self) -> tuple[float, float, int, int, int]:
        """构造时的五个值。"""
        return self.first, self.last, self.runs, self.side, self.meant

    def add(self, record: Record, side: int) -> None:
        """再接一句。"""
        if not self.runs:
            self.first = self.last = record.at
        if not self.runs or side != self.side:
            self.runs += 1
            self.side = side
        self.first, self.last = min(self.first, record.at), max(self.last, record.at)
        if record.substantive:
            self.meant |= 1 << side

    @property
    def effective(self) -> bool:
        """来回三段、双方都有实质、首尾一分钟。"""
        return self.runs >= RUNS and self.meant == 0b11 and self.last - self.first >= LASTS


class Session:
    """一对人的一个会话。还记得的消息在 `records`，忘掉的折进 `base`；双方都开了口才计数。"""

    __slots__ = ("base", "counted", "credited", "key", "pair", "progress", "records", "sealed")

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        #: 哪一对
        self.key: Key = pair[:2]
        self.records: list[Record] = []
        self.base = Progress()
        self.progress = Progress()
        self.counted = False
        #: 哪天记了一次有效；没有为 0
        self.credited = 0
        #: 凭已经忘掉的消息就有效了，再也不会收回
        self.sealed = 0

    def side(self, record: Record) -> int:
        """0 团干部，1 青年。"""
        return 0 if record.person == self.pair.cadre else 1

    def enter(self, record: Record, tally: Tally) -> None:
        """接上一句；可以是早先说的。"""
        record.sessions += (self,)
        if self.records and self.records[-1].n > record.n:
            insort(self.records, record, key=_order)
            day = self.retrace()
        else:
            self.records.append(record)
            self.progress.add(record, self.side(record))
            day = self.credited or (record.day if self.progress.effective else 0)
        self._count(record, tally)
        if day != self.credited:
            self._credit(tally, day)

    def leave(self, record: Record, tally: Tally) -> None:
        """撤回一句。"""
        self.records.remove(record)
        if self.counted:
            tally.pair(self.key, record.day)[self.side(record)] -= 1
            if not self._both_sides():
                self.counted = False
                for other in self.records:
                    tally.pair(self.key, other.day)[self.side(other)] -= 1
        self.reconsider(tally)

    def reconsider(self, tally: Tally) -> None:
        """有一句变得不实质了，从头再判一遍。"""
        if (day := self.retrace()) != self.credited:
            self._credit(tally, day)

    def fold(self, record: Record) -> None:
        """最早的一句要忘了：已经计数的折进 `base`，没人接的就算了。"""
        del self.records[0]
        if not self.counted:
            self.retrace()
            return
        self.base.add(record, self.side(record))
        if not self.sealed and self.base.effective:
            self.sealed = record.day

    def retrace(self) -> int:
        """从 `base` 起重走一遍，返回是哪一天的哪句话让它有效的；没有为 0。"""
        self.progress = Progress(*self.base.values())
        day = self.sealed
        for record in self.records:
            self.progress.add(record, self.side(record))
            if not day and self.progress.effective:
                day = record.day
        return day

    def _both_sides(self) -> bool:
        return self.base.runs > 0 or len({self.side(record) for record in self.records}) == 2

    def _count(self, record: Record, tally: Tally) -> None:
        if self.counted:
            tally.pair(self.key, record.day)[self.side(record)] += 1
        elif self.progress.runs >= 2:
            self.counted = True
            for one in self.records:
                tally.pair(self.key, one.day)[self.side(one)] += 1

    def _credit(self, tally: Tally, day: int) -> None:
        for changed, step in ((self.credited, -1), (day, 1)):
            if changed:
                tally.pair(self.key, changed)[2] += step
                tally.day(changed)[4] += step
        self.credited = day
