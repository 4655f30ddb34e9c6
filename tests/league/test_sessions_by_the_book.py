"""照产品说明第 3 节的条文，用最笨的办法再算一遍：每来一句都从头翻所有的话；随便怎么聊、怎么撤，与引擎的结果一样。"""

import random
from collections import defaultdict
from dataclasses import dataclass

import pytest

from bot.league.interactions.memories import Message
from bot.league.interactions.session_engines import Engine
from bot.league.interactions.sessions import Pair, Partners, Tally

#: 两位团干部（1、2），青年 3、4、5；4 两位都联系，2 自己也是 1 的联系青年
PAIRS = (Pair(10, 3, 1, 0.0), Pair(10, 4, 1, 0.0), Pair(10, 2, 1, 0.0), Pair(20, 4, 2, 0.0), Pair(20, 5, 2, 0.0))
DAY, MIDNIGHT = 739_000, 1_000_000.0
GAPS = (0, 1, 3, 10, 30, 59, 60, 61, 100, 299, 300, 301, 599, 600, 601, 1_799, 1_800, 1_801)


@dataclass(eq=False)
class Line:
    """说过的一句。"""

    message: Message
    substantive: bool = False
    recalled: bool = False

    def joins(self, person: int) -> bool:
        return self.message.person == person and self.message.plain and not self.recalled


class Book:
    """一个群说过的全部。"""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.sessions: list[tuple[Pair, list[Line]]] = []

    def recall(self, number: int) -> None:
        for line in self.lines:
            line.recalled |= line.message.id == number

    def hear(self, message: Message) -> None:
        line = Line(message)
        if message.wording:
            self._weigh(line)
        self.lines.append(line)
        for pair in PAIRS:
            if message.plain and message.person in (pair.cadre, pair.youth):
                self._join(line, pair)

    def _weigh(self, line: Line) -> None:
        at, who = line.message.at, line.message.who
        same = [one for one in self.lines if one.message.wording == line.message.wording and not one.recalled]
        repeated = any(one.message.who == who for one in same)
        lately = [one for one in same if at - one.message.at <= 600]
        flooded = len({who, *(one.message.who for one in lately)}) >= 3
        for one in lately if flooded else ():
            one.substantive = False
        minute = sum(one.message.who == who and at - one.message.at < 60 for one in self.lines)
        line.substantive = not (repeated or flooded or minute >= 12)

    def _join(self, line: Line, pair: Pair) -> None:
        message, both = line.message, (pair.cadre, pair.youth)
        other = pair.youth if message.person == pair.cadre else pair.cadre
        theirs = [one for one in self.lines if one.joins(other)]
        linked = [one for one in theirs if message.at - one.message.at <= 600 and self._others(one, line, both) <= 8]
        called = [one for one in theirs if one.message.id == message.reply]
        if other in message.mentions:
            called += theirs[-1:]
        linked += [one for one in called if message.at - one.message.at <= 1_800]
        if not (linked or called or other in message.mentions):
            return
        mine = [lines for whose, lines in self.sessions if whose == pair]
        spoken = [one.message.at for one in mine[-1] if not one.recalled] if mine else []
        if not spoken or message.at - max(spoken) > 1_800:
            self.sessions.append((pair, []))
        joined = [one for lines in mine for one in lines]
        latest = [lines for whose, lines in self.sessions if whose == pair][-1]
        latest += [one for one in {*linked, line} if one not in joined]

    def _others(self, first: Line, last: Line, both: tuple[int, int]) -> int:
        between = self.lines[self.lines.index(first) + 1 : self.lines.index(last)]
        return sum(not any(one.joins(person) for person in both) for one in between)

    def pairs(self) -> dict[tuple[int, int, int], tuple[int, ...]]:
        """(团干部, 青年, 日) → 团干部条数、青年条数、有效会话。"""
        counts: defaultdict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for pair, lines in self.sessions:
            left = [line for line in self.lines if line in lines and not line.recalled]
            if len({line.message.person for line in left}) < 2:
                continue
            for line in left:
                counts[*pair[:2], line.message.day][line.message.person == pair.youth] += 1
            if day := _effective(left):
                counts[*pair[:2], day][2] += 1
        return {key: tuple(value) for key, value in counts.items()}

    def days(self) -> dict[int, tuple[int, ...]]:
        """日 → 条数、人数、实质条数、实质人数。"""
        found: dict[int, tuple[int, ...]] = {}
        for day in {line.message.day for line in self.lines}:
            left = [line for line in self.lines if line.message.day == day and not line.recalled]
            for lines in (left, [line for line in left if line.substantive]):
                found[day] = (*found.get(day, ()), len(lines), len({line.message.who for line in lines}))
        return found


def _effective(lines: list[Line]) -> int:
    """哪天的哪句让它有效的。"""
    runs, last = 0, 0
    meant: set[int] = set()
    for line in lines:
        runs, last = runs + (line.message.person != last), line.message.person
        meant |= {last} if line.substantive else set()
        if runs >= 3 and len(meant) == 2 and line.message.at - lines[0].message.at >= 60:
            return line.message.day
    return 0


def _partners(person: int) -> Partners:
    found: defaultdict[int, tuple[Pair, ...]] = defaultdict(tuple)
    for pair in PAIRS:
        if person in (pair.cadre, pair.youth):
            found[pair.cadre + pair.youth - person] += (pair,)
    return found


def chatter(chance: random.Random) -> list[Message | int]:
    """一段群聊，跨过半夜；数是撤回哪一条。"""
    stream: list[Message | int] = []
    at, gaps = MIDNIGHT - 600, chance.choice((GAPS, GAPS[:4], GAPS[5:8], (0, 299, 300, 301)))
    few = chance.sample(range(1, 6), chance.choice((2, 2, 3, 4)))
    for number in range(1, chance.choice((6, 12, 40, 80))):
        at += chance.choice(gaps)
        if number > 2 and chance.random() < 0.1:
            stream.append(chance.randrange(1, number))
            continue
        person = chance.choice(few) if chance.random() < 0.7 else chance.randrange(9)
        plain = chance.random() < 0.9
        wording = chance.choice((0, 0, *range(1, 6), number * 100, number * 100)) if plain else 0
        called = {chance.randrange(1, 6)} - {person} if plain and chance.random() < 0.1 else set[int]()
        reply = chance.randrange(1, number) if number > 1 and chance.random() < 0.15 else 0
        known = person if person in range(1, 6) else 0
        stream.append(
            Message(number, at, DAY + (at >= MIDNIGHT), 1_000 + person, known, wording, plain, reply, tuple(called))
        )
    return stream


@pytest.mark.parametrize("seed", range(8))
def test_the_engine_agrees_with_the_book(seed: int) -> None:
    effective = 0
    for story in range(40):
        book, engine, tally = Book(), Engine(), Tally()
        for item in chatter(random.Random(seed * 1_000 + story)):
            if isinstance(item, int):
                book.recall(item)
                engine.recall(item, tally)
            else:
                book.hear(item)
                engine.feed(item, _partners(item.person), tally)
        pairs = {key: tuple(counts) for key, counts in tally.pairs.items() if any(counts)}
        days = {day: tuple(counts[:4]) for day, counts in tally.days.items()}
        assert (pairs, days) == (book.pairs(), book.days()), f"第 {story} 段"
        effective += sum(counts[2] for counts in pairs.values())
    assert effective > 5
