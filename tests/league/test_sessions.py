"""会话与有效互动的每一条规则；以及：从哪里断开重来、哪些帧重复，结果都一样。"""

import random
from dataclasses import dataclass, field
from datetime import date
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.league.interactions import memories
from bot.league.interactions.memories import RING, Message
from bot.league.interactions.session_engines import Engine
from bot.league.interactions.sessions import Pair, Partners, Tally
from bot.league.interactions.trails import pack_engine, pack_message, pack_recall, read_engine, read_trail

CADRE, YOUTH, OTHER_YOUTH = 1, 2, 3
NOON = 1_000_000.0
TODAY = date(2026, 9, 2).toordinal()
MY_YOUTH = Pair(10, YOUTH, CADRE, 0.0)
MY_OTHER = Pair(10, OTHER_YOUTH, CADRE, 0.0)
PARTNERS: dict[int, Partners] = {
    CADRE: {YOUTH: (MY_YOUTH,), OTHER_YOUTH: (MY_OTHER,)},
    YOUTH: {CADRE: (MY_YOUTH,)},
    OTHER_YOUTH: {CADRE: (MY_OTHER,)},
}


@dataclass
class Room:
    """一个群；不给 `wording` 就是口水话，给了就是一句实质的话。"""

    engine: Engine = field(default_factory=Engine)
    tally: Tally = field(default_factory=Tally)
    partners: dict[int, Partners] = field(default_factory=lambda: PARTNERS)
    ids: int = 0

    def say(
        self, person: int, at: float, wording: int = 0, *, day: int = TODAY, number: int = 0, **extra: object
    ) -> int:
        """名册上的人说一句；`person` 为负是不认识的人。返回消息编号。"""
        self.ids += 1
        number = number or self.ids
        fields = {"plain": True} | extra
        message = Message(number, NOON + at, day, 1000 + person, max(person, 0), wording, **fields)  # type: ignore[arg-type]
        self.engine.feed(message, self.partners.get(max(person, 0), {}), self.tally)
        return number

    def mutter(self, times: int, at: float) -> None:
        """不相干的人说几句。"""
        for index in range(times):
            self.say(-1 - index % 5, at)

    def recall(self, number: int) -> None:
        self.engine.recall(number, self.tally)

    def pair(self, pair: Pair = MY_YOUTH, day: int = TODAY) -> tuple[int, ...]:
        """团干部条数、青年条数、有效会话。"""
        return tuple(self.tally.pairs.get((pair.cadre_id, pair.youth, day), (0, 0, 0)))

    def day(self, day: int = TODAY) -> tuple[int, ...]:
        """条数、人数、实质条数、实质人数、有效会话。"""
        return tuple(self.tally.days.get(day, (0, 0, 0, 0, 0)))


@pytest.fixture
def room() -> Room:
    return Room()


def talk(room: Room, *, start: float = 0.0) -> list[int]:
    """一次刚好有效的往来。"""
    return [room.say(CADRE, start, 1), room.say(YOUTH, start + 30, 2), room.say(CADRE, start + 60)]


def test_three_runs_both_substantive_and_a_minute_apart_is_effective(room: Room) -> None:
    talk(room)
    assert room.pair() == (2, 1, 1)
    assert room.day() == (3, 2, 2, 2, 1)


def test_youth_first_is_effective_too(room: Room) -> None:
    for person, at, wording in ((YOUTH, 0, 1), (CADRE, 30, 2), (YOUTH, 60, 0)):
        room.say(person, at, wording)
    assert room.pair() == (1, 2, 1)


def test_two_runs_are_counted_but_not_effective(room: Room) -> None:
    for person, at in ((CADRE, 0), (CADRE, 30), (YOUTH, 60), (YOUTH, 90)):
        room.say(person, at, at + 1)
    assert room.pair() == (2, 2, 0)


def test_59_seconds_is_too_short(room: Room) -> None:
    for person, at in ((CADRE, 0), (YOUTH, 30), (CADRE, 59)):
        room.say(person, at, at + 1)
    assert room.pair() == (2, 1, 0)


@pytest.mark.parametrize(("cadre", "youth"), [(0, 7), (7, 0)])
def test_one_side_with_only_filler_is_not_effective(room: Room, cadre: int, youth: int) -> None:
    for person, at, wording in ((CADRE, 0, cadre), (YOUTH, 60, youth), (CADRE, 120, 0), (YOUTH, 180, 0)):
        room.say(person, at, wording)
    assert room.pair() == (2, 2, 0)


@pytest.mark.parametrize(("others", "joined"), [(8, (1, 1, 0)), (9, (0, 0, 0))])
def test_adjacent_means_at_most_eight_others_between(room: Room, others: int, joined: tuple[int, ...]) -> None:
    room.say(CADRE, 0, 1)
    room.mutter(others, 10)
    room.say(YOUTH, 20, 2)
    assert room.pair() == joined


def test_their_own_lines_are_not_others_between(room: Room) -> None:
    room.say(CADRE, 0, 1)
    for at in range(6):
        room.say(YOUTH, at * 20)
        room.mutter(1, at * 20)
    room.say(CADRE, 150, 2)
    assert room.pair() == (2, 6, 0)


@pytest.mark.parametrize(("gap", "joined"), [(600, (1, 1, 0)), (601, (0, 0, 0))])
def test_adjacent_means_at_most_ten_minutes(room: Room, gap: float, joined: tuple[int, ...]) -> None:
    room.say(CADRE, 0, 1)
    room.say(YOUTH, gap, 2)
    assert room.pair() == joined


@pytest.mark.parametrize("how", ["reply", "mention"])
def test_reply_and_mention_join_across_a_busy_chat(room: Room, how: str) -> None:
    question = room.say(YOUTH, 0, 1)
    room.mutter(20, 10)
    room.say(CADRE, 1200, 2, **({"reply": question} if how == "reply" else {"mentions": (YOUTH,)}))
    assert room.pair() == (1, 1, 0)


def test_an_unanswered_mention_counts_nothing_until_the_youth_answers(room: Room) -> None:
    room.say(CADRE, 0, 1, mentions=(YOUTH,))
    room.mutter(20, 10)
    assert room.pair() == (0, 0, 0)
    room.say(YOUTH, 900, 2, mentions=(CADRE,))
    assert room.pair() == (1, 1, 0)


def test_several_lines_before_the_answer_all_count(room: Room) -> None:
    for at in (0, 10, 20):
        room.say(YOUTH, at, at + 1)
    room.say(CADRE, 60, 99)
    assert room.pair() == (1, 3, 0)


@pytest.mark.parametrize(("silence", "effective"), [(1800, 1), (1801, 0)])
def test_half_an_hour_of_silence_closes_a_session(room: Room, silence: float, effective: int) -> None:
    room.say(CADRE, 0, 1)
    room.say(YOUTH, 60, 2)
    room.say(CADRE, 60 + silence, 3, mentions=(YOUTH,))
    assert room.pair()[2] == effective


def test_a_new_session_after_silence_is_counted_again(room: Room) -> None:
    talk(room)
    for person, at, wording in ((CADRE, 7200, 5), (YOUTH, 7230, 6), (CADRE, 7290, 0)):
        room.say(person, at, wording)
    assert room.pair() == (4, 2, 2)


def test_the_day_is_that_of_the_message_that_made_it_effective(room: Room) -> None:
    for person, at, wording, day in ((CADRE, 0, 1, TODAY), (YOUTH, 30, 2, TODAY), (CADRE, 60, 0, TODAY + 1)):
        room.say(person, at, wording, day=day)
    assert room.pair() == (1, 1, 0)
    assert room.pair(day=TODAY + 1) == (1, 0, 1)
    assert room.day(TODAY + 1) == (1, 1, 0, 0, 1)


def test_only_ones_own_contacts_count(room: Room) -> None:
    room.partners = {CADRE: {OTHER_YOUTH: (MY_OTHER,)}}
    talk(room)
    assert not room.tally.pairs
    assert room.day()[:2] == (3, 2)


def test_words_before_the_consent_do_not_count(room: Room) -> None:
    pair = MY_YOUTH._replace(since=NOON + 20)
    room.partners = {CADRE: {YOUTH: (pair,)}, YOUTH: {CADRE: (pair,)}}
    talk(room)
    assert room.pair() == (1, 1, 0)


def test_a_mention_before_the_consent_opens_nothing(room: Room) -> None:
    pair = MY_YOUTH._replace(since=NOON + 20)
    room.partners = {CADRE: {YOUTH: (pair,)}, YOUTH: {CADRE: (pair,)}}
    room.say(CADRE, 0, 1, mentions=(YOUTH,))
    room.mutter(20, 10)
    room.say(YOUTH, 30, 2, mentions=(CADRE,))
    assert room.pair() == (0, 0, 0)


def test_one_person_may_be_cadre_and_youth_at_once(room: Room) -> None:
    back = Pair(20, CADRE, YOUTH, 0.0)
    room.partners = {CADRE: {YOUTH: (MY_YOUTH, back)}, YOUTH: {CADRE: (MY_YOUTH, back)}}
    talk(room)
    assert room.pair() == (2, 1, 1)
    assert room.pair(back) == (1, 2, 1)


def test_commands_and_broadcasts_join_nothing(room: Room) -> None:
    room.say(CADRE, 0, 1)
    room.say(YOUTH, 30, 0, plain=False)
    room.say(CADRE, 60, 2)
    assert room.pair() == (0, 0, 0)
    assert room.day()[0] == 3


def test_a_text_from_three_people_is_flood_and_takes_back_the_first_two(room: Room) -> None:
    room.say(CADRE, 0, 1)
    room.say(YOUTH, 30, 7)
    room.say(CADRE, 60)
    assert room.pair()[2] == 1
    room.say(-1, 70, 7)
    assert room.day()[2:] == (3, 3, 1)
    room.say(-2, 80, 7)
    assert room.pair() == (2, 1, 0)
    assert room.day() == (5, 4, 1, 1, 0)


def test_three_people_over_more_than_ten_minutes_is_no_flood(room: Room) -> None:
    for person, at in ((-1, 0), (-2, 300), (-3, 601)):
        room.say(person, at, 7)
    assert room.day()[2] == 3


@pytest.mark.parametrize(("gap", "substantive"), [(86_399, 1), (86_400, 2)])
def test_repeating_oneself_within_a_day_is_not_substantive(room: Room, gap: float, substantive: int) -> None:
    room.say(YOUTH, 0, 7)
    for index in range(RING + 10):  # 近来的消息里早就没有了，24 小时的指纹还在
        room.say(-1 - index % 50, 60)
    room.say(YOUTH, gap, 7)
    assert room.day()[2] == substantive


def test_a_retracted_slip_may_be_said_again(room: Room) -> None:
    room.recall(room.say(YOUTH, 0, 7))
    room.say(YOUTH, 30, 7)
    assert room.day() == (1, 1, 1, 1, 0)


def test_the_day_of_ones_own_words_ends_in_a_quiet_group_too(room: Room) -> None:
    """群里话少，前天的还在近来的消息里：过了 24 小时就不算重复。"""
    for at, wording in ((0, 7), (50_000, 0), (86_400, 7)):
        room.say(YOUTH, at, wording)
    assert room.day()[2] == 2


def test_an_echo_that_was_retracted_may_be_said_again_and_one_that_stands_may_not(room: Room) -> None:
    first = room.say(YOUTH, 0, 7)
    for other in (-1, -2):
        room.say(other, 10, 7)
    room.recall(first)
    room.say(YOUTH, 1_000, 7)
    assert room.day()[2] == 1, "随大流的一句撤了，不再算说过"
    slip = room.say(CADRE, 2_000, 8)
    room.say(CADRE, 2_010, 8)
    room.recall(slip)
    for index in range(RING - 1):
        room.say(-1 - index % 50, 2_060)
    room.say(CADRE, 4_000, 8)
    assert room.day()[2] == 1, "后一遍没撤，还是说过的"


def test_the_thirteenth_message_in_a_minute_is_not_substantive(room: Room) -> None:
    for index in range(14):
        room.say(YOUTH, index * 4, index + 1)
    assert room.day()[2] == 12
    room.say(YOUTH, 120, 99)
    assert room.day()[2] == 13


def test_recall_takes_back_counts_and_the_effective_interaction(room: Room) -> None:
    _, youth, _ = talk(room)
    room.recall(youth)
    assert room.pair() == (0, 0, 0)
    assert room.day() == (2, 1, 1, 1, 0)


def test_recall_of_a_spare_line_keeps_the_effective_interaction(room: Room) -> None:
    talk(room)
    spare = room.say(YOUTH, 90)
    room.recall(spare)
    room.recall(spare)
    room.recall(12345)
    assert room.pair() == (2, 1, 1)


def test_a_recalled_message_sent_again_stays_recalled(room: Room) -> None:
    number = room.say(YOUTH, 0, 7)
    room.recall(number)
    room.say(YOUTH, 0, 7, number=number)
    assert room.day() == (0, 0, 0, 0, 0)


def test_same_text_with_other_ids_are_other_messages(room: Room) -> None:
    room.say(YOUTH, 0, 7, number=100)
    room.say(YOUTH, 0, 7, number=100)
    room.say(YOUTH, 0, 7, number=101)
    assert room.day()[0] == 2


def test_what_is_too_old_to_remember_is_not_counted_again(room: Room) -> None:
    room.say(YOUTH, 0, 7, number=9999)
    for index in range(RING + 1):
        room.say(-1 - index % 50, 60)
    room.say(YOUTH, 0, 7, number=9999)
    assert room.day()[0] == RING + 2


def test_one_message_with_a_mad_clock_spoils_nothing(room: Room) -> None:
    room.say(CADRE, 0, 1)
    room.say(-1, 9e8, day=TODAY + 9000)
    room.say(YOUTH, 30, 2)
    room.say(CADRE, 60)
    for index in range(RING):
        room.say(-1 - index % 50, 70)
    assert room.pair() == (2, 1, 1)
    assert room.day()[0] == 3 + RING


def test_memory_is_bounded(room: Room) -> None:
    for index in range(4 * RING):
        room.say((CADRE, YOUTH, OTHER_YOUTH, -1 - index % 99)[index % 4], index * 0.1, index + 1)
    memory = room.engine.memory
    assert len(memory.ring) == len(memory.ids) == RING
    assert sum(map(len, memory.people.values())) <= RING
    assert sum(map(len, memory.wordings.values())) <= RING
    assert all(len(session.records) <= RING for session in room.engine.open.values())
    assert room.pair()[2] == 1
    assert len(pack_engine(room.engine)) < 200_000


# 性质：一段任意的群聊，与它的任意断法


@dataclass(frozen=True)
class Step:
    """说一句，或撤回先前的第几句。"""

    message: Message | None = None
    recalls: int = 0


@st.composite
def streams(draw: st.DrawFn) -> list[Step]:
    chance = random.Random(draw(st.integers(0, 2**32)))
    pace = draw(st.sampled_from([1, 20, 200, 900]))
    steps: list[Step] = []
    ids: list[int] = []
    at = NOON
    for _ in range(draw(st.integers(1, 120))):
        if ids and chance.random() < 0.08:
            steps.append(Step(recalls=chance.choice(ids[-30:])))
            continue
        at += chance.choice([0, 0, 1, pace, pace, 3 * pace, -1])
        person = chance.choice([CADRE, CADRE, YOUTH, YOUTH, OTHER_YOUTH, -1, -2, -3])
        ids.append(chance.getrandbits(64) or 1)
        message = Message(
            id=ids[-1],
            at=at,
            day=int(at // 86_400) + 1,
            who=1000 + person,
            person=max(person, 0),
            wording=chance.choice([0, chance.randrange(1, 6), chance.getrandbits(40)]),
            plain=chance.random() < 0.95,
            reply=chance.choice(ids) if chance.random() < 0.2 else 0,
            mentions=(chance.choice([CADRE, YOUTH, OTHER_YOUTH]),) if chance.random() < 0.15 else (),
        )
        steps.append(Step(message))
    return steps


def feed(engine: Engine, step: Step, tally: Tally) -> bytes:
    """喂一步，返回它的痕迹。"""
    if step.message is None:
        return pack_recall(step.recalls) if engine.recall(step.recalls, tally) else b""
    packed = pack_message(step.message)
    return packed if engine.feed(step.message, PARTNERS.get(step.message.person, {}), tally) else b""


def replay(state: bytes, trail: bytes) -> Engine:
    engine = read_engine(state, 0.0)
    for one in read_trail(trail):
        feed(engine, Step(one) if isinstance(one, Message) else Step(recalls=one), Tally())
    return engine


def outcome(steps: list[Step]) -> tuple[dict, dict]:
    engine, tally = Engine(), Tally()
    for step in steps:
        feed(engine, step, tally)
    return totals(tally)


def totals(tally: Tally) -> tuple[dict, dict]:
    return {k: v for k, v in tally.pairs.items() if any(v)}, {k: v for k, v in tally.days.items() if any(v)}


#: 近来的消息记得很少时，忘掉、折叠的路也走得到
rings = st.sampled_from([RING, 12])


@settings(max_examples=300, deadline=None)
@given(streams(), rings, st.data())
def test_any_restart_point_gives_the_same_rows(steps: list[Step], ring: int, data: st.DataObject) -> None:
    with mock.patch.object(memories, "RING", ring):
        check_restarts(steps, data)


def check_restarts(steps: list[Step], data: st.DataObject) -> None:
    saves = data.draw(st.sets(st.integers(0, len(steps)), max_size=4), label="存整份状态")
    crashes = data.draw(st.sets(st.integers(0, len(steps)), max_size=4), label="断电")
    engine, tally, state, trail = Engine(), Tally(), pack_engine(Engine()), b""
    for index, step in enumerate(steps):
        if index in saves:
            state, trail = pack_engine(engine), b""
        if index in crashes:
            engine = replay(state, trail)
        trail += feed(engine, step, tally)
    assert totals(tally) == outcome(steps)


def test_a_forgotten_message_of_the_very_last_second_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "RING", 2)
    engine, tally = Engine(), Tally()
    first, *others = [Message(id=n, at=NOON, day=1, who=n, person=0, wording=0, plain=True) for n in range(1, 5)]
    for message in (first, *others):
        assert engine.feed(message, {}, tally)
    assert not engine.feed(first, {}, tally)
    assert not read_engine(pack_engine(engine), 0.0).feed(first, {}, tally)
    assert tally.days[1][0] == 4


@settings(max_examples=300, deadline=None)
@given(streams(), st.data())
def test_any_duplicated_frames_give_the_same_rows(steps: list[Step], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.integers(0, len(steps) - 1), max_size=20), label="重发")
    repeated = list(steps)
    for index in sorted(again, reverse=True):
        later = data.draw(st.integers(index + 1, len(repeated)), label="何时重发")
        repeated.insert(later, steps[index])
    assert outcome(repeated) == outcome(steps)


@settings(max_examples=200, deadline=None)
@given(streams(), rings)
def test_nothing_is_ever_negative_and_recalling_everything_leaves_nothing(steps: list[Step], ring: int) -> None:
    engine, tally = Engine(), Tally()
    with mock.patch.object(memories, "RING", ring):
        for step in [*steps, *(Step(recalls=step.message.id) for step in steps if step.message)]:
            feed(engine, step, tally)
            assert all(min(counts) >= 0 for counts in (*tally.pairs.values(), *tally.days.values()))
    if ring == RING:
        assert totals(tally) == ({}, {})


def test_an_unreadable_state_only_remembers_how_far_it_got() -> None:
    room = Room(read_engine(b"\x07rubbish", NOON + 50))
    talk(room)
    assert room.day()[0] == 1
