"""一个群近来的消息：谁说过、说没说过、多久以前。只有编号与指纹，没有文字；同样的消息按同样的次序记，结果总是一样。"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

#: 记住多少条近来的消息；撤回、去重、接话、复读都只看这些
RING = 512
#: 指纹最多留 24 小时
DAY = 24 * 3600.0
#: 自己 24 小时内说过的话记住多少句
SAID = 1_024
#: 群里的人数分天记，留几天
DAYS = 3
#: 刷屏按一分钟算
MINUTE = 60.0

_MASK = (1 << 64) - 1
_MIX = 0x9E37_79B9_7F4A_7C15


class Message(NamedTuple):
    """一条消息里规则要看的东西；编号与账号都是指纹。"""

    id: int
    #: 发送时间，秒
    at: float
    #: 发送那天的本地日期（`date.toordinal`）
    day: int
    #: 哪个账号
    who: int
    #: 名册上的人；不认识或还没加入为 0
    person: int
    #: 实质内容的指纹；不实质为 0
    wording: int
    #: 普通的话：不是命令，也不是 @ 三人以上的广播
    plain: bool
    #: 回复的哪条；没有为 0
    reply: int = 0
    #: @ 到的名册上的人
    mentions: tuple[int, ...] = ()


class Record:
    """记住的一条消息。"""

    __slots__ = (
        "at",
        "day",
        "flooded",
        "id",
        "n",
        "person",
        "plain",
        "recalled",
        "reply",
        "sessions",
        "substantive",
        "who",
        "wording",
    )

    def __init__(self, message: Message, n: int) -> None:
        self.id, self.at, self.day, self.who, self.person, self.wording, self.plain = message[:7]
        #: 回复的哪条；没有为 0
        self.reply = message.reply
        #: 在群里的次序
        self.n = n
        #: 此刻算不算实质；后来的复读会改掉它
        self.substantive = False
        #: 第三个人起的复读
        self.flooded = False
        self.recalled = False
        #: 属于哪些会话；一句话可以在几对人之间都算
        self.sessions: tuple = ()


class Voices:
    """一天里谁说过几句、几句实质。"""

    __slots__ = ("meant", "spoke")

    def __init__(self) -> None:
        self.spoke: dict[int, int] = {}
        self.meant: dict[int, int] = {}


class Memory:
    """近来的消息，与由它们推出的几样索引。"""

    def __init__(self) -> None:
        self.ring: deque[Record] = deque()
        self.ids: dict[int, Record] = {}
        self.wordings: dict[int, list[Record]] = {}
        #: 近来谁把哪句话说过几遍
        self.uttered: dict[int, int] = {}
        #: 名册上的人 → 近来的话；最近开口的排在最后
        self.people: dict[int, list[Record]] = {}
        #: 人与话混成的指纹 → 何时说的；早的在前
        self.said: dict[int, float] = {}
        #: 最近说到的几天
        self.days: dict[int, Voices] = {}
        #: 最近一分钟里每个账号几条；`window` 是环里最后几条在这一分钟
        self.rate: dict[int, int] = {}
        self.window = 0
        self.n = 0
        self.last_at = 0.0
        #: 早于此刻的消息已经忘了，来了也不能再算；正好在此刻的，忘了哪些记在 `edge`
        self.horizon = 0.0
        self.edge: set[int] = set()

    def knows(self, message: Message) -> bool:
        """记过了，或者太旧、说不清记没记过。"""
        return message.id in self.ids or message.at < self.horizon or message.id in self.edge

    def stale(self, message: Message) -> bool:
        """记下 `message` 之前，是否该先忘掉最早的一条。时间取前后两条里早的，一条时间错乱的消息不会清空记忆。"""
        ring = self.ring
        return bool(ring) and (len(ring) >= RING or ring[0].at < min(message.at, self.last_at) - DAY)

    def forget(self, message: Message) -> Record:
        """忘掉最早的一条，给 `message` 让位。"""
        if self.window == len(self.ring):
            self._leave_window()
        old = self.ring.popleft()
        del self.ids[old.id]
        if old.wording and not old.recalled:
            _drop_first(self.wordings, old.wording)
            one_less(self.uttered, _mix(old.wording, old.who))
        if old.person and old.plain and not old.recalled:
            _drop_first(self.people, old.person)
        horizon = min(old.at, message.at)
        if horizon > self.horizon:
            self.horizon, self.edge = horizon, set()
        if old.at >= self.horizon:
            self.edge.add(old.id)
        return old

    def remember(self, message: Message) -> Record:
        """记下新的一条；接话要看的 `people` 等会话判断完再由 `introduce` 补。"""
        self.n += 1
        self.last_at = message.at
        record = Record(message, self.n)
        self.ring.append(record)
        self.ids[record.id] = record
        self._step_window(record)
        return record

    def introduce(self, record: Record) -> None:
        """此后别人可以接这句话。"""
        spoken = self.people.pop(record.person, [])
        spoken.append(record)
        self.people[record.person] = spoken

    def withdraw(self, record: Record) -> None:
        """撤回：不能再接它，也不能再拿它比对。"""
        record.recalled = True
        if record.wording:
            _drop(self.wordings, record.wording, record)
            one_less(self.uttered, _mix(record.wording, record.who))
            if record.person:
                self._unsay(record)
        if record.person and record.plain:
            _drop(self.people, record.person, record)
            self.people = dict(sorted(self.people.items(), key=lambda item: item[1][-1].n))

    def utter(self, record: Record) -> None:
        """此后别的话拿它比对。"""
        self.wordings.setdefault(record.wording, []).append(record)
        key = _mix(record.wording, record.who)
        self.uttered[key] = self.uttered.get(key, 0) + 1

    def echoes(self, record: Record, within: float) -> Iterator[Record]:
        """近来同样的话，新的在前。"""
        for other in reversed(self.wordings.get(record.wording, ())):
            if record.at - other.at > within:
                return
            yield other

    def repeats_itself(self, record: Record) -> bool:
        """同一个人 24 小时内说过同样的话；记下这一次。不认识的人只在近来的消息里比。"""
        repeated = _mix(record.wording, record.who) in self.uttered and any(
            echo.who == record.who and record.at - echo.at < DAY for echo in self.echoes(record, DAY)
        )
        if record.person:
            key = _mix(record.wording, record.person)
            before = self.said.pop(key, None)
            repeated |= before is not None and record.at - before < DAY
            self.said[key] = record.at
            while len(self.said) > SAID or next(iter(self.said.values())) < record.at - DAY:
                del self.said[next(iter(self.said))]
        return repeated

    def _unsay(self, record: Record) -> None:
        """说错撤了重发，不算重复；还留着一遍没撤的，仍算说过。"""
        key = _mix(record.wording, record.person)
        left = [one.at for one in self.wordings.get(record.wording, ()) if one.person == record.person]
        if left:
            self.said[key] = left[-1]
        else:
            self.said.pop(key, None)

    def voices(self, day: int) -> Voices:
        """某一天的人；只留最近说到的几天。"""
        voices = self.days.pop(day, None) or Voices()
        self.days[day] = voices
        if len(self.days) > DAYS:
            del self.days[next(iter(self.days))]
        return voices

    def _step_window(self, record: Record) -> None:
        self.window += 1
        self.rate[record.who] = self.rate.get(record.who, 0) + 1
        while self.window > 1 and self.ring[-self.window].at <= record.at - MINUTE:
            self._leave_window()

    def _leave_window(self) -> None:
        who = self.ring[-self.window].who
        self.window -= 1
        one_less(self.rate, who)


def one_less(counts: dict[int, int], key: int) -> bool:
    """减一，返回是否减没了。"""
    left = counts.get(key, 0) - 1
    if left > 0:
        counts[key] = left
        return False
    return counts.pop(key, None) is not None


def _mix(wording: int, who: int) -> int:
    return (wording ^ (who * _MIX)) & _MASK


def _drop(index: dict[int, list[Record]], key: int, record: Record) -> None:
    index[key].remove(record)
    if not index[key]:
        del index[key]


def _drop_first(index: dict[int, list[Record]], key: int) -> None:
    if len(index[key]) == 1:
        del index[key]
    else:
        del index[key][0]
