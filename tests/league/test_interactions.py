"""听见的话怎样落库：恰好一次，怎么分批、在哪里断开都一样，没有一个字。"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from unittest import mock

import pytest
from tortoise.connection import get_connection

import db
from bot.league import interactions, roster
from bot.league.interactions import Heard, InteractionLog, acquaintances, hearsay, scribes
from db import increments
from db.models import (
    Account,
    Cadre,
    Contact,
    ContactState,
    Group,
    GroupCursor,
    GroupDay,
    GroupKind,
    GroupTrail,
    Interaction,
    Person,
    Scope,
)
from tests import factories
from tests.factories import AT

KEY = b"k" * 32
GROUP = (Scope.QQ, "700")
T0 = AT.timestamp() + 60
MARKER = "藏在话里的记号青年大学习"


def said(number: int | str, user: str, text: str = "", *, at: float = 0.0, **extra: object) -> Heard:
    fields = {"mentions": (), "everyone": False, "reply_to": None, "command": False} | extra
    return Heard(message_id=str(number), user_id=user, at=T0 + at, text=text, **fields)  # type: ignore[arg-type]


TALK = [
    said(1, "1", "今天的团课大家有什么收获"),
    said(-2, "2", "我觉得讲得特别清楚明白", at=30),
    said("三", "1", "那下次请你来讲一讲", at=70),
]


@pytest.fixture
async def group(database: str) -> Group:
    """李书记（1）的群 700：青年 2、3 已加入，别人没有。"""
    cadre = await factories.cadre("1", "李书记", await factories.school())
    group = await factories.group("700", cadre)
    await factories.youth("2", cadre, group)
    await factories.youth("3", cadre, group)
    return group


@pytest.fixture
async def log(group: Group) -> AsyncIterator[InteractionLog]:
    log = InteractionLog(key=KEY)
    await log.start()
    yield log
    await log.stop()


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """出错马上再试。"""
    monkeypatch.setattr(scribes, "RETRY_FROM", 0.0)
    monkeypatch.setattr(scribes, "RETRY_TO", 0.0)


async def hear(log: InteractionLog, *heard: Heard) -> None:
    for one in heard:
        log.hear(GROUP, one)
    await log.flush()


async def pairs() -> list[tuple]:
    """(团干部条数, 青年条数, 有效会话)，按青年与日子。"""
    rows = Interaction.all().order_by("youth_id", "day")
    return list(await rows.values_list("cadre_messages", "youth_messages", "sessions"))


async def days() -> list[tuple]:
    """(条数, 人数, 实质条数, 实质人数, 有效会话)，按日子。"""
    rows = GroupDay.all().order_by("group_id", "day")
    return list(await rows.values_list("messages", "speakers", "substantive", "substantive_speakers", "sessions"))


async def test_a_talk_becomes_one_effective_interaction_and_three_lights(log: InteractionLog) -> None:
    await hear(log, *TALK)
    assert await pairs() == [(2, 1, 1)]
    assert await days() == [(3, 2, 3, 2, 1)]
    day = await GroupDay.get()
    assert (day.has_voice, day.has_interaction, day.has_topic) == (True, True, False)


async def test_the_day_is_the_local_day_of_the_message(log: InteractionLog) -> None:
    midnight = 10 * 3600 - 60
    await hear(log, said(1, "9", at=midnight - 1), said(2, "9", at=midnight))
    stored = await GroupDay.all().order_by("day").values_list("day", flat=True)
    assert stored == [AT.date(), AT.date() + timedelta(days=1)]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"command": True},
        {"everyone": True},
        {"mentions": ("1", "4", "5", "6")},
    ],
)
async def test_commands_and_broadcasts_join_nothing_and_say_nothing(
    log: InteractionLog, spoilt: dict[str, object]
) -> None:
    await hear(log, TALK[0], said(2, "2", "我觉得讲得特别清楚明白", at=30, **spoilt), TALK[2])
    assert await pairs() == []
    assert await days() == [(3, 2, 2, 1, 0)]


async def test_three_mentions_are_no_broadcast(log: InteractionLog) -> None:
    mention = said(2, "2", "我觉得讲得特别清楚明白", at=30, mentions=("1", "4", "5"))
    await hear(log, TALK[0], mention, TALK[2])
    assert await pairs() == [(2, 1, 1)]


async def test_reply_and_mention_reach_over_other_talk(log: InteractionLog) -> None:
    crowd = [said(f"x{i}", f"9{i % 7}", at=5) for i in range(20)]
    answer = said(2, "2", "我觉得讲得特别清楚明白", at=900, reply_to="1")
    again = said(3, "1", "那就说定了", at=1000, mentions=("2",))
    await hear(log, TALK[0], *crowd, answer, *(said(f"y{i}", f"9{i % 7}", at=950) for i in range(20)), again)
    assert await pairs() == [(2, 1, 1)]


async def test_a_recall_takes_everything_back(log: InteractionLog) -> None:
    await hear(log, *TALK)
    log.recall(GROUP, "-2", T0 + 80)
    await log.flush()
    assert await pairs() == []
    assert await days() == [(2, 1, 2, 1, 0)]


async def test_the_same_frame_counts_once_also_after_a_restart(log: InteractionLog) -> None:
    await hear(log, *TALK, *TALK)
    await log.stop()
    again = InteractionLog(key=KEY)
    await again.start()
    await hear(again, *TALK, said("另一条", "2", "我觉得讲得特别清楚明白", at=80))
    await again.stop()
    assert await pairs() == [(2, 2, 1)]
    assert await days() == [(4, 2, 3, 2, 1)]


async def test_nothing_is_heard_in_groups_that_are_not_bound(log: InteractionLog, group: Group) -> None:
    work = await factories.group("800", await Cadre.get(), GroupKind.WORK)
    log.hear((Scope.QQ, "800"), TALK[0])
    log.hear((Scope.WECHAT, "700"), TALK[0])
    log.hear((Scope.QQ, "999"), TALK[0])
    await log.flush()
    await Group.filter(id=group.id).update(unbound_at=AT)
    roster.touch()
    await hear(log, *TALK)
    assert await days() == []
    assert work.id


async def test_a_group_bound_a_moment_ago_is_heard_from_the_next_word(log: InteractionLog) -> None:
    await factories.group("701", await Cadre.get())
    log.hear((Scope.QQ, "701"), TALK[0])
    await log.flush()
    assert await days() == [(1, 1, 1, 1, 0)]


async def test_history_from_before_the_binding_is_ignored(log: InteractionLog) -> None:
    await hear(log, said(1, "9", at=-61), said(2, "9", at=-60))
    assert await days() == [(1, 1, 0, 0, 0)]


async def test_a_youth_who_just_joined_counts_from_then_on(log: InteractionLog) -> None:
    await hear(log, said(1, "5", "我还没有加入你们先聊着"), said(2, "1", "欢迎新同学来到我们团支部", at=10))
    assert await pairs() == []
    await factories.youth("5", await Cadre.get(), since=AT + timedelta(seconds=60 + 20))
    await hear(
        log,
        said(3, "5", "我刚刚加入请多多关照我", at=30),
        said(4, "1", "一起参加周末的活动吧", at=60),
        said(5, "5", "周末的活动几点钟开始呢", at=100),
    )
    assert await pairs() == [(1, 2, 1)]


@pytest.mark.parametrize("change", ["ended", "left"])
async def test_who_left_is_not_counted_any_more(log: InteractionLog, change: str) -> None:
    if change == "ended":
        await Contact.all().update(state=ContactState.ENDED, ended_at=AT)
    else:
        await Cadre.all().update(left_at=AT)
    roster.touch()
    await hear(log, *TALK)
    assert await pairs() == []


async def test_no_word_and_no_stranger_is_stored_anywhere(log: InteractionLog, database: str) -> None:
    await hear(
        log,
        said("id-1", "1", MARKER),
        said("id-2", "2", MARKER + "又一句", at=10),
        said("id-3", "stranger-77", MARKER + "再一句", at=20, mentions=("stranger-78",), reply_to="id-1"),
    )
    trails = await everything_stored()
    await log.stop()
    states = await everything_stored()
    assert await GroupCursor.exists()
    for secret in (MARKER, "藏在话里", "stranger", "id-1"):
        for stored in (trails, states):
            assert secret.encode() not in stored
            assert secret.encode("utf-16-le") not in stored
    assert "李书记".encode() in trails


async def everything_stored() -> bytes:
    """所有表的所有内容，连成一串字节。"""
    connection = get_connection("default")
    sqlite = connection.capabilities.dialect == "sqlite"
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if sqlite
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    found = b""
    for table in await connection.execute_query_dict(listing):
        for row in await connection.execute_query_dict(f'SELECT * FROM "{table["name"]}"'):
            for value in row.values():
                found += value if isinstance(value, bytes) else str(value).encode()
    return found


# 恰好一次


def chatter(seed: int, length: int) -> list[Heard | str]:
    """一段杂乱的群聊；字符串是撤回哪一条。"""
    chance = random.Random(seed)
    texts = ["今天的团课有什么收获呢", "周末志愿服务谁有空参加", "我想去图书馆整理旧书", "收到", "好的谢谢老师"]
    stream: list[Heard | str] = []
    at = 0.0
    for number in range(length):
        at += chance.choice([0, 1, 20, 40, 200])
        if number > 5 and chance.random() < 0.05:
            stream.append(f"m{chance.randrange(number)}")
            continue
        text = chance.choice(texts) + "甲乙丙丁戊己"[chance.randrange(6)] * chance.randrange(4)
        mentions = (chance.choice("123"),) if chance.random() < 0.1 else ()
        reply = f"m{chance.randrange(number + 1)}" if chance.random() < 0.1 else None
        stream.append(said(f"m{number}", chance.choice("1122345"), text, at=at, mentions=mentions, reply_to=reply))
    return stream


def deliver(log: InteractionLog, item: Heard | str) -> None:
    if isinstance(item, str):
        log.recall(GROUP, item, T0)
    else:
        log.hear(GROUP, item)


async def listen(stream: list[Heard | str], *, flushes: set[int], restarts: set[int], twice: set[int]) -> None:
    log = InteractionLog(key=KEY)
    await log.start()
    for index, item in enumerate(stream):
        deliver(log, item)
        if index in twice:
            deliver(log, item)
        if index in flushes:
            await log.flush()
        if index in restarts:
            if index % 2:
                await log.stop()
            else:
                await log.flush()
                await kill(log)
            log = InteractionLog(key=KEY)
            await log.start()
    await log.stop()


async def kill(log: InteractionLog) -> None:
    """像断电一样：不存整份状态，只剩痕迹。"""
    task, log._scribe._task = log._scribe._task, None
    assert task
    task.cancel()
    await asyncio.wait({task})


async def wipe() -> None:
    for model in (Interaction, GroupDay, GroupTrail, GroupCursor):
        await model.all().delete()


@pytest.mark.parametrize("seed", range(3))
async def test_any_batches_restarts_and_duplicates_give_the_same_rows(
    group: Group, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearsay, "SAVE_EVERY", 20)
    stream = chatter(seed, 120)
    await listen(stream, flushes=set(), restarts=set(), twice=set())
    expected = await pairs(), await days()
    assert sum(row[2] for row in expected[0]) > 0
    await wipe()
    chance = random.Random(seed)
    some = lambda count: set(chance.sample(range(120), count))  # noqa: E731
    await listen(stream, flushes=some(25), restarts=some(6), twice=some(30))
    assert (await pairs(), await days()) == expected


async def test_after_a_restart_the_whole_history_again_changes_nothing(log: InteractionLog) -> None:
    await hear(log, *TALK)
    before = await pairs(), await days()
    log.hold(GROUP)
    log.release(GROUP, TALK)
    await log.flush()
    assert (await pairs(), await days()) == before


async def test_backfill_puts_history_and_held_words_in_order(log: InteractionLog) -> None:
    log.hold(GROUP)
    log.hear(GROUP, TALK[2])
    log.recall(GROUP, "late", T0 + 75)
    log.hear(GROUP, said("late", "3", "这句话马上就要撤回了", at=74))
    await log.flush()
    assert await days() == []
    assert log.health().queued == 3
    log.release(GROUP, [TALK[1], TALK[0], TALK[2]])
    await log.flush()
    assert await pairs() == [(2, 1, 1)]
    assert await days() == [(3, 2, 3, 2, 1)]


async def test_the_sequence_number_settles_the_order_within_a_second(log: InteractionLog) -> None:
    numbered = [said(i, "1" if i % 2 else "2", "今天的团课" + "甲乙丙丁"[i] * 4, seq=i) for i in range(4)]
    log.hold(GROUP)
    log.release(GROUP, numbered[::-1])
    order = [one.item.message_id for one in log._scribe.queue]
    assert order == ["0", "1", "2", "3"]


async def test_cursors_tell_where_to_go_on_from(log: InteractionLog, group: Group) -> None:
    assert await log.cursors() == {GROUP: (group.bound_at.timestamp(),)}
    await hear(log, *TALK)
    assert await log.cursors() == {GROUP: (T0 + 70,)}
    await kill(log)
    asleep = InteractionLog(key=KEY)
    await asleep.start()
    assert await asleep.cursors() == {GROUP: (T0 + 70,)}
    await asleep.stop()


async def test_a_day_of_quiet_forgets_everything_but_how_far_it_got(log: InteractionLog) -> None:
    await hear(log, *TALK)
    assert await log.forget(at=AT + timedelta(hours=23)) == 0
    assert await log.forget(at=AT + timedelta(hours=25)) == 1
    assert await log.forget(at=AT + timedelta(hours=25)) == 0
    assert (await GroupCursor.get()).state == b""
    assert not await GroupTrail.exists()
    await hear(log, *TALK, said("新的", "2", at=200))
    assert (await days())[0][0] == 4


# 出错


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[BaseException], None]]:
    """让下一次落库先写、提交之后或之前出错。"""
    real = increments.write
    errors: list[BaseException] = []

    async def write(pieces: list[increments.Piece]) -> list[increments.Piece]:
        if errors:
            raise errors.pop(0)
        return await real(pieces)

    monkeypatch.setattr(increments, "write", write)
    yield errors.append
    assert not errors


async def test_a_database_error_is_retried_and_nothing_is_lost(
    log: InteractionLog, failing: Callable[[BaseException], None], instant: None
) -> None:
    failing(sqlite3.OperationalError("database is locked"))
    failing(ConnectionRefusedError())
    await hear(log, *TALK)
    assert await pairs() == [(2, 1, 1)]
    health = log.health()
    assert (health.retries, health.queued, health.alive, health.restarts) == (2, 0, True, 0)


async def test_a_locked_database_is_waited_for(log: InteractionLog, database: str, engine: str, instant: None) -> None:
    if engine == "postgres":
        pytest.skip("整库的锁只有 SQLite 有")
    await get_connection("default").execute_query("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(db.sqlite_path(database) or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for one in TALK:
        log.hear(GROUP, one)
    writing = asyncio.create_task(log.flush())
    while log.health().retries < 2:  # noqa: ASYNC110 等它真的碰过锁
        await asyncio.sleep(0)
    assert log.health().last_error == "OperationalError: database is locked"
    other.execute("COMMIT")
    other.close()
    await writing
    assert await days() == [(3, 2, 3, 2, 1)]


@pytest.mark.parametrize("death", [RuntimeError("坏了"), asyncio.CancelledError()])
async def test_a_dead_writer_comes_back_with_its_batch(
    log: InteractionLog, failing: Callable[[BaseException], None], instant: None, death: BaseException
) -> None:
    failing(death)
    await hear(log, *TALK)
    assert await pairs() == [(2, 1, 1)]
    assert (log.health().restarts, log.health().alive) == (1, True)
    await hear(log, said(9, "2", at=90))
    assert await pairs() == [(2, 2, 1)]


async def test_a_batch_committed_just_before_the_line_broke_is_not_written_twice(
    log: InteractionLog, monkeypatch: pytest.MonkeyPatch, instant: None
) -> None:
    real: Callable[[list[increments.Piece]], Awaitable[list[increments.Piece]]] = increments.write
    broken = iter([True])

    async def write(pieces: list[increments.Piece]) -> list[increments.Piece]:
        dropped = await real(pieces)
        if next(broken, False):
            raise ConnectionResetError
        return dropped

    monkeypatch.setattr(increments, "write", write)
    await hear(log, *TALK)
    assert await days() == [(3, 2, 3, 2, 1)]
    assert log.health().retries == 1


async def test_a_lost_connection_is_survived(log: InteractionLog, engine: str, instant: None) -> None:
    if engine == "sqlite":
        pytest.skip("SQLite 没有连接可断")
    await hear(log, TALK[0])
    connection = get_connection("default")
    await connection.execute_query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )
    with pytest.raises(Exception, match="terminat"):
        await connection.execute_query("SELECT pg_terminate_backend(pg_backend_pid())")
    await hear(log, *TALK[1:])
    assert await pairs() == [(2, 1, 1)]


async def test_a_row_that_cannot_be_written_is_dropped_and_the_rest_stays(
    log: InteractionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquaintances, "SETTLE", 60.0)
    await hear(log, said(4, "3"))
    gone = await Account.get(user_id="3")
    await Person.filter(id=gone.person_id).delete()  # 刚认得的人没了，外键写不进去
    await hear(log, TALK[0], said(5, "3", "我也觉得讲得特别清楚", at=10), *TALK[1:])
    assert await pairs() == [(2, 1, 1)]
    assert (await days())[0][0] == 5
    assert log.health().poisoned == 1


async def test_a_word_that_breaks_the_rules_is_skipped_and_the_rest_stays(log: InteractionLog) -> None:
    real = hearsay.wording

    def weigh(text: str) -> str:
        if "坏" in text:
            raise ZeroDivisionError
        return real(text)

    with mock.patch.object(hearsay, "wording", weigh):
        await hear(log, TALK[0], said(8, "2", "坏", at=5), *TALK[1:])
    assert await pairs() == [(2, 1, 1)]
    assert log.health().poisoned == 1


@pytest.mark.parametrize(
    "text", ["a\x00b今天的团课\ud800讲得真好", "团" * 1_000_000, "e" + "\u0301" * 10_000, "\u202e逆"]
)
async def test_poison_text_and_ids_spoil_nothing(log: InteractionLog, text: str) -> None:
    poison = said("\x00\ud800", "\x00\ud800", text, mentions=("\ud801",), reply_to="\x00")
    await hear(log, poison, *TALK)
    assert await pairs() == [(2, 1, 1)]
    assert (await days())[0][0] == 4


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -1.0, 1e18])
async def test_a_message_without_a_possible_time_is_ignored(log: InteractionLog, at: float) -> None:
    log.hear(GROUP, said(1, "9", at=at - T0 if at == at else at))
    await log.flush()
    assert await days() == []


async def test_the_reader_waits_only_when_the_queue_is_over_its_bound(
    log: InteractionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "BOUND", 2)
    await log.room()
    for number in range(3):
        log.hear(GROUP, said(number, "9"))
    waiting = asyncio.create_task(log.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await log.flush()
    await waiting
    assert await days() == [(3, 1, 0, 0, 0)]


async def test_health_tells_what_is_waiting(log: InteractionLog) -> None:
    assert log.health() == interactions.Health(0, 0.0, 0, 0, 0, 0, None, True)
    log.hear(GROUP, TALK[0])
    assert log.health().queued == 1
    assert log.health().oldest > 0
    await log.flush()
    assert (log.health().queued, log.health().oldest, log.health().written) == (0, 0.0, 1)
    await log.stop()
    assert not log.health().alive


async def test_two_groups_of_the_same_pair_add_up(log: InteractionLog) -> None:
    await factories.group("701", await Cadre.get())
    for group in ("700", "701"):
        for one in TALK:
            log.hear((Scope.QQ, group), one)
    await log.flush()
    assert await pairs() == [(4, 2, 2)]
