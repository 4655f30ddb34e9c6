"""把一个群记到哪里了写成字节、再读回来：整份状态，加上它之后每条消息的痕迹。只有编号、时间与指纹。"""

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator

from bot.league.interactions.memories import Memory, Message, Record, Voices
from bot.league.interactions.session_engines import Engine
from bot.league.interactions.sessions import Pair, Progress, Session

#: 格式变了就加一；认不出的旧状态当作没有，只记得到哪一刻为止
_VERSION = 2
#: 这一版还没记下每条回复的是哪条
_WITHOUT_REPLIES = 1

#: 种类、编号、时间、日、账号、人、实质指纹、回复、@ 了几人
_MESSAGE = struct.Struct("<BQdIQIQQB")
_RECALL = struct.Struct("<BQ")
_PERSON = struct.Struct("<I")
_PLAIN, _NOT_PLAIN, _RECALLED = 1, 0, 2


def pack_message(message: Message) -> bytes:
    """一条消息的痕迹，六十来个字节。"""
    packed = _MESSAGE.pack(
        _PLAIN if message.plain else _NOT_PLAIN,
        message.id,
        message.at,
        message.day,
        message.who,
        message.person,
        message.wording,
        message.reply,
        len(message.mentions),
    )
    return packed + b"".join(map(_PERSON.pack, message.mentions)) if message.mentions else packed


def pack_recall(message_id: int) -> bytes:
    """一次撤回的痕迹。"""
    return _RECALL.pack(_RECALLED, message_id)


def read_trail(trail: bytes) -> Iterator[Message | int]:
    """按次序读回消息；撤回读作消息编号。"""
    position = 0
    while position < len(trail):
        if trail[position] == _RECALLED:
            yield _RECALL.unpack_from(trail, position)[1]
            position += _RECALL.size
            continue
        kind, number, at, day, who, person, wording, reply, count = _MESSAGE.unpack_from(trail, position)
        position += _MESSAGE.size
        mentions = struct.unpack_from(f"<{count}I", trail, position)
        position += 4 * count
        yield Message(number, at, day, who, person, wording, kind == _PLAIN, reply, mentions)


def pack_engine(engine: Engine) -> bytes:
    """整份状态，一般几千到几万字节。"""
    memory = engine.memory
    columns = _Columns()
    columns.write("Q", (_VERSION, memory.n, memory.window))
    columns.write("d", (memory.last_at, memory.horizon))
    columns.write("Q", memory.edge)
    _pack_ring(columns, memory)
    columns.write("Q", memory.said)
    columns.write("d", memory.said.values())
    columns.write("I", memory.days)
    for voices in memory.days.values():
        for counts in (voices.spoke, voices.meant):
            columns.write("Q", counts)
            columns.write("I", counts.values())
    _pack_sessions(columns, engine)
    return bytes(columns.data)


def read_engine(state: bytes, last_at: float) -> Engine:
    """读回整份状态；空的或认不出的，当作 `last_at` 及以前的都记过了。"""
    try:
        return _read_engine(_Columns(state))
    except (ValueError, IndexError, KeyError, struct.error):
        engine = Engine()
        engine.memory.last_at = last_at
        engine.memory.horizon = last_at + 0.001  # 同一秒的也算记过
        return engine


class _Columns:
    """一列列同样类型的数，每列前面写着有多少字节。小端。"""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self._position = 0

    def write(self, kind: str, values: Iterable[int | float]) -> None:
        column = array(kind, values)
        if sys.byteorder == "big":
            column.byteswap()
        raw = column.tobytes()
        self.data += struct.pack("<I", len(raw))
        self.data += raw

    def read(self, kind: str) -> array:
        (length,) = struct.unpack_from("<I", self.data, self._position)
        self._position += 4 + length
        if self._position > len(self.data):
            raise ValueError("状态不完整")
        column = array(kind, bytes(self.data[self._position - length : self._position]))
        if sys.byteorder == "big":
            column.byteswap()
        return column


def _pack_ring(columns: _Columns, memory: Memory) -> None:
    ring = memory.ring
    columns.write("Q", [record.id for record in ring])
    columns.write("d", [record.at for record in ring])
    columns.write("I", [record.day for record in ring])
    columns.write("Q", [record.who for record in ring])
    columns.write("I", [record.person for record in ring])
    columns.write("Q", [record.wording for record in ring])
    columns.write("B", [one.plain | one.substantive << 1 | one.recalled << 2 | one.flooded << 3 for one in ring])
    columns.write("Q", [record.reply for record in ring])


def _pack_sessions(columns: _Columns, engine: Engine) -> None:
    sessions = list(dict.fromkeys([*engine.open.values(), *_remembered(engine.memory)]))
    start = engine.memory.ring[0].n if engine.memory.ring else 0
    columns.write("Q", (len(sessions),))
    for session in sessions:
        is_open = engine.open.get(session.key) is session
        first, last, runs, side, meant = session.base.values()
        columns.write(
            "Q",
            (*session.pair[:3], runs, side, meant, is_open, session.counted, session.credited, session.sealed),
        )
        columns.write("d", (session.pair.since, first, last))
        columns.write("I", [record.n - start for record in session.records])


def _remembered(memory: Memory) -> Iterator[Session]:
    for record in memory.ring:
        yield from record.sessions


def _read_engine(columns: _Columns) -> Engine:
    engine = Engine()
    memory = engine.memory
    version, memory.n, memory.window = columns.read("Q")
    if version not in (_VERSION, _WITHOUT_REPLIES):
        raise ValueError("不认识的版本")
    memory.last_at, memory.horizon = columns.read("d")
    memory.edge = set(columns.read("Q"))
    _read_ring(columns, memory, replies=version != _WITHOUT_REPLIES)
    memory.said = dict(zip(columns.read("Q"), columns.read("d"), strict=True))
    for day in columns.read("I"):
        voices = memory.days[day] = Voices()
        voices.spoke = dict(zip(columns.read("Q"), columns.read("I"), strict=True))
        voices.meant = dict(zip(columns.read("Q"), columns.read("I"), strict=True))
    _read_sessions(columns, engine)
    return engine


def _read_ring(columns: _Columns, memory: Memory, *, replies: bool) -> None:
    fields = [columns.read(kind) for kind in "QdIQIQB"]
    replied = columns.read("Q") if replies else [0] * len(fields[0])
    start = memory.n - len(fields[0]) + 1
    rows = zip(*fields, replied, strict=True)
    for n, (number, at, day, who, person, wording, flags, reply) in enumerate(rows, start):
        record = Record(Message(number, at, day, who, person, wording, bool(flags & 1), reply), n)
        record.substantive, record.recalled, record.flooded = bool(flags & 2), bool(flags & 4), bool(flags & 8)
        memory.ring.append(record)
        memory.ids[number] = record
        if wording and not record.recalled:
            memory.utter(record)
        if person and record.plain and not record.recalled:
            memory.introduce(record)
        if n > memory.n - memory.window:
            memory.rate[who] = memory.rate.get(who, 0) + 1


def _read_sessions(columns: _Columns, engine: Engine) -> None:
    ring = list(engine.memory.ring)
    (count,) = columns.read("Q")
    for _ in range(count):
        cadre_id, youth, cadre, runs, side, meant, is_open, counted, credited, sealed = columns.read("Q")
        since, first, last = columns.read("d")
        session = Session(Pair(cadre_id, youth, cadre, since))
        session.base = Progress(first, last, runs, side, meant)
        session.counted, session.credited, session.sealed = bool(counted), credited, sealed
        session.records = [ring[index] for index in columns.read("I")]
        for record in session.records:
            record.sessions += (session,)
        session.retrace()
        if is_open:
            engine.open[session.key] = session
