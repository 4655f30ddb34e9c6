"""一个群的会话引擎：听一句判一句，接到哪些会话里，增减多少（产品说明第 3 节）。不碰数据库，不看钟，可重放。"""

from itertools import islice
from operator import attrgetter

from bot.league.interactions.memories import Memory, Message, Record, one_less
from bot.league.interactions.sessions import SILENCE, Key, Pair, Partners, Session, Tally

#: 中间隔着的别人的话不超过这么多条，时间不超过十分钟，就算接得上
OTHERS_BETWEEN, REACH = 8, 600.0
#: 十分钟内三个人说同样的话是复读、接龙
ECHOES, ECHO_WITHIN = 3, 600.0
#: 一分钟里说到第十三条起不算实质
PER_MINUTE = 12
#: 往回接同一个人的话，最多看这么多句
LOOK_BACK = 32
#: 每过这么多条收拾一次结束了的会话
_SWEEP_EVERY = 256

_order = attrgetter("n")


class Engine:
    """一个群。`feed` 与 `recall` 把增减记进 `tally`，返回这一条是不是头一回见。"""

    def __init__(self) -> None:
        self.memory = Memory()
        #: 每一对最近的会话
        self.open: dict[Key, Session] = {}

    def feed(self, message: Message, partners: Partners, tally: Tally) -> bool:
        """来了一条；`partners` 是说话的人的联系关系，不认识就空着。"""
        memory = self.memory
        if memory.knows(message):
            return False
        while memory.stale(message):
            self._forget(message)
        record = memory.remember(message)
        if record.wording:
            self._weigh(record, tally)
        _add_to_day(memory, record, tally)
        if record.person and record.plain:
            self._join(record, message, partners, tally)
            memory.introduce(record)
        if record.n % _SWEEP_EVERY == 0:
            self._sweep(record.at)
        return True

    def recall(self, message_id: int, tally: Tally) -> bool:
        """撤回一条；不记得的、撤过的不理。"""
        record = self.memory.ids.get(message_id)
        if record is None or record.recalled:
            return False
        self.memory.withdraw(record)
        self._demote(record, tally)
        tally.day(record.day)[0] -= 1
        voices = self.memory.days.get(record.day)
        if voices and one_less(voices.spoke, record.who):
            tally.day(record.day)[1] -= 1
        for session in record.sessions:
            session.leave(record, tally)
        record.sessions = ()
        return True

    def _weigh(self, record: Record, tally: Tally) -> None:
        """够不够实质还要看前后文：刷屏、自己重复、三人复读都不算，复读连前面的一起收回。"""
        memory = self.memory
        repeated = memory.repeats_itself(record)
        record.flooded = _is_flood(memory, record)
        if record.flooded:
            for echo in memory.echoes(record, ECHO_WITHIN):
                if echo.flooded:  # 它已经把更早的都收回了
                    break
                self._demote(echo, tally)
        memory.utter(record)
        record.substantive = not (repeated or record.flooded or memory.rate[record.who] > PER_MINUTE)

    def _demote(self, record: Record, tally: Tally) -> None:
        if not record.substantive:
            return
        record.substantive = False
        if tally.windows:
            tally.discuss(record, -1)
        if record.reply:
            tally.answer(record, -1)
        tally.day(record.day)[2] -= 1
        voices = self.memory.days.get(record.day)
        if voices and one_less(voices.meant, record.who):
            tally.day(record.day)[3] -= 1
        for session in record.sessions:
            session.reconsider(tally)

    def _join(self, record: Record, message: Message, partners: Partners, tally: Tally) -> None:
        """接到哪些会话里：点了名的、回复的，或挨得近的。"""
        near = self._near(record, partners)
        called = self._called(record, message, partners) if message.mentions or message.reply else {}
        for other in called | near if called else near:
            linked = near.get(other, [])
            if other in called:
                linked = sorted({*called[other], *linked}, key=_order)
            for pair in partners[other]:
                if pair.since <= record.at:
                    within = [one for one in linked if one.at >= pair.since]
                    self._enter(pair, record, within, called=other in called, tally=tally)

    def _enter(self, pair: Pair, record: Record, linked: list[Record], *, called: bool, tally: Tally) -> None:
        session = self.open.get(pair[:2])
        if session and record.at - session.progress.last > SILENCE:
            session = None
        if not linked and not called:
            return
        if session is None:
            session = self.open[pair[:2]] = Session(pair)
        for one in linked:
            if session not in one.sessions and all(joined.key != session.key for joined in one.sessions):
                session.enter(one, tally)
        session.enter(record, tally)

    def _called(self, record: Record, message: Message, partners: Partners) -> dict[int, list[Record]]:
        """@ 到的、回复到的另一方 → 接他的哪句话（半小时内的最后一句，或被回复的那句）。"""
        called: dict[int, list[Record]] = {}
        for other in message.mentions:
            if other in partners:
                called[other] = [spoken[-1]] if (spoken := self.memory.people.get(other)) else []
        replied = self.memory.ids.get(message.reply) if message.reply else None
        if replied and replied.person in partners and replied.plain and not replied.recalled:
            called.setdefault(replied.person, []).append(replied)
        return {other: [one for one in linked if record.at - one.at <= SILENCE] for other, linked in called.items()}

    def _near(self, record: Record, partners: Partners) -> dict[int, list[Record]]:
        """挨得近的另一方 → 他近处的话。最多看九个人：再往前，隔着的话一定超过八条。"""
        near: dict[int, list[Record]] = {}
        people = self.memory.people
        mine = people.get(record.person, [])
        # 他自己也可能在最近开口的人里，多看一个
        for other in islice(reversed(people), OTHERS_BETWEEN + 2):
            if other in partners and (linked := _within_reach(record, mine, people[other])):
                near[other] = linked
        return near

    def _forget(self, message: Message) -> None:
        old = self.memory.forget(message)
        for session in old.sessions:
            session.fold(old)
            if not session.records and not session.counted and self.open.get(session.key) is session:
                del self.open[session.key]

    def _sweep(self, at: float) -> None:
        self.open = {key: one for key, one in self.open.items() if at - one.progress.last <= SILENCE}


def _is_flood(memory: Memory, record: Record) -> bool:
    people = {record.who}
    for echo in memory.echoes(record, ECHO_WITHIN):
        people.add(echo.who)
        if len(people) >= ECHOES:
            return True
    return False


def _within_reach(record: Record, mine: list[Record], his: list[Record]) -> list[Record]:
    """他的话里与 `record` 接得上的：中间隔着的别人的话、时间都不超。早的在前。"""
    reached: list[Record] = []
    earlier = len(mine)
    for his_later, one in enumerate(islice(reversed(his), LOOK_BACK)):
        while earlier and mine[earlier - 1].n > one.n:
            earlier -= 1
        ours = len(mine) - earlier + his_later
        if record.n - one.n - 1 - ours > OTHERS_BETWEEN or record.at - one.at > REACH:
            break
        reached.append(one)
    reached.reverse()
    return reached


def _add_to_day(memory: Memory, record: Record, tally: Tally) -> None:
    voices, day = memory.voices(record.day), tally.day(record.day)
    day[0] += 1
    day[1] += record.who not in voices.spoke
    voices.spoke[record.who] = voices.spoke.get(record.who, 0) + 1
    if record.substantive:
        day[2] += 1
        day[3] += record.who not in voices.meant
        voices.meant[record.who] = voices.meant.get(record.who, 0) + 1
        if tally.windows:
            tally.discuss(record, 1)
        if record.reply:
            tally.answer(record, 1)
