"""互动的增减与各群记到了哪里，一批一个事务：要么全写，要么一条不写；个别写不进去的剔掉，其余照写。"""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any, Protocol

import asyncpg
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException

#: 再试也没用的错：这一行本身写不进去
_POISON = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    OverflowError,
)
#: 过一会儿再试也许就好的错：锁住了、连不上、磁盘满
TRANSIENT = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, OSError, TimeoutError)


class Change(StrEnum):
    """一种写法；一批里按这里的次序执行。减掉的只更新不新建，减成全零的行删去，于是怎么分批都是同样的行。"""

    ADD_PAIR = """INSERT INTO interaction (cadre_id, youth_id, day, cadre_messages, youth_messages, sessions)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cadre_id, youth_id, day) DO UPDATE SET
        cadre_messages = interaction.cadre_messages + excluded.cadre_messages,
        youth_messages = interaction.youth_messages + excluded.youth_messages,
        sessions = interaction.sessions + excluded.sessions"""
    TAKE_PAIR = """UPDATE interaction SET cadre_messages = cadre_messages + $4,
        youth_messages = youth_messages + $5, sessions = sessions + $6
        WHERE cadre_id = $1 AND youth_id = $2 AND day = $3"""
    DROP_PAIR = """DELETE FROM interaction WHERE cadre_id = $1 AND youth_id = $2 AND day = $3
        AND cadre_messages = 0 AND youth_messages = 0 AND sessions = 0"""
    ADD_DAY = """INSERT INTO group_day
        (group_id, day, messages, speakers, substantive, substantive_speakers, sessions)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (group_id, day) DO UPDATE SET
        messages = group_day.messages + excluded.messages,
        speakers = group_day.speakers + excluded.speakers,
        substantive = group_day.substantive + excluded.substantive,
        substantive_speakers = group_day.substantive_speakers + excluded.substantive_speakers,
        sessions = group_day.sessions + excluded.sessions"""
    TAKE_DAY = """UPDATE group_day SET messages = messages + $3, speakers = speakers + $4,
        substantive = substantive + $5, substantive_speakers = substantive_speakers + $6, sessions = sessions + $7
        WHERE group_id = $1 AND day = $2"""
    DROP_DAY = "DELETE FROM group_day WHERE group_id = $1 AND day = $2 AND messages = 0"
    ADD_TOPIC = """INSERT INTO topic_voice (topic_id, who, youth, messages) VALUES ($1, $2, $3, $4)
        ON CONFLICT (topic_id, who) DO UPDATE SET messages = topic_voice.messages + excluded.messages"""
    TAKE_TOPIC = "UPDATE topic_voice SET messages = messages + $3 WHERE topic_id = $1 AND who = $2"
    DROP_TOPIC = "DELETE FROM topic_voice WHERE topic_id = $1 AND who = $2 AND messages = 0"
    # 在任的团干部回自己人推的，不算青年的回响
    ADD_REPLY = """INSERT INTO push_reply (push_id, person_id, messages)
        SELECT CAST($1 AS INTEGER), CAST($2 AS INTEGER), CAST($3 AS INTEGER)
        WHERE NOT EXISTS (SELECT 1 FROM cadre WHERE person_id = CAST($2 AS INTEGER) AND left_at IS NULL)
        ON CONFLICT (push_id, person_id) DO UPDATE SET messages = push_reply.messages + excluded.messages"""
    TAKE_REPLY = "UPDATE push_reply SET messages = messages + $3 WHERE push_id = $1 AND person_id = $2"
    DROP_REPLY = "DELETE FROM push_reply WHERE push_id = $1 AND person_id = $2 AND messages = 0"
    DROP_TRAIL = "DELETE FROM group_trail WHERE group_id = $1"
    SAVE_CURSOR = """INSERT INTO group_cursor (group_id, last_at, state) VALUES ($1, $2, $3)
        ON CONFLICT (group_id) DO UPDATE SET last_at = excluded.last_at, state = excluded.state"""
    ADD_TRAIL = "INSERT INTO group_trail (group_id, mark, last_at, trail) VALUES ($1, $2, $3, $4)"


Value = int | date | datetime | bytes
Piece = tuple[Change, tuple[Value, ...]]

_RANK = {change: rank for rank, change in enumerate(Change)}


class _Writer(Protocol):
    async def executemany(self, sql: str, rows: Iterable[Any], /) -> object: ...


def count_pair(cadre_id: int, youth_id: int, day: date, counts: Sequence[int]) -> list[Piece]:
    """某一对某一天的增减：团干部条数、青年条数、有效会话。"""
    return _count((cadre_id, youth_id, day), counts, Change.ADD_PAIR, Change.TAKE_PAIR, Change.DROP_PAIR)


def count_day(group_id: int, day: date, counts: Sequence[int]) -> list[Piece]:
    """某群某一天的增减：条数、人数、实质条数、实质人数、有效会话。"""
    return _count((group_id, day), counts, Change.ADD_DAY, Change.TAKE_DAY, Change.DROP_DAY)


def count_topic(topic_id: int, who: int, step: int, *, youth: bool) -> list[Piece]:
    """某个话题里某人的实质条数增减。"""
    if step > 0:
        return [(Change.ADD_TOPIC, (topic_id, who, youth, step))]
    return [(Change.TAKE_TOPIC, (topic_id, who, step)), (Change.DROP_TOPIC, (topic_id, who))] if step else []


def count_reply(push_id: int, person_id: int, step: int) -> list[Piece]:
    """某位青年对某条推送的实质回复条数增减。"""
    if step > 0:
        return [(Change.ADD_REPLY, (push_id, person_id, step))]
    return [(Change.TAKE_REPLY, (push_id, person_id, step)), (Change.DROP_REPLY, (push_id, person_id))] if step else []


def _count(key: tuple[int | date, ...], counts: Sequence[int], add: Change, take: Change, drop: Change) -> list[Piece]:
    if not any(counts):
        return []
    if min(counts) >= 0:
        return [(add, (*key, *counts))]
    return [(take, (*key, *counts)), (drop, key)]


def keep_trail(group_id: int, mark: int, last_at: datetime, trail: bytes) -> list[Piece]:
    """添上一段痕迹；`mark` 是这一批的记号。"""
    return [(Change.ADD_TRAIL, (group_id, mark, last_at, trail))]


def save_cursor(group_id: int, last_at: datetime, state: bytes) -> list[Piece]:
    """存整份状态，之前的痕迹就不用了。"""
    return [(Change.DROP_TRAIL, (group_id,)), (Change.SAVE_CURSOR, (group_id, last_at, state))]


async def write(pieces: Sequence[Piece]) -> list[Piece]:
    """在一个事务里写完，返回剔掉的。排好次序再写，几个进程同时写同几行也不会互相锁死。"""
    pieces = sorted(pieces, key=lambda piece: (_RANK[piece[0]], piece[1]))
    try:
        await _attempt(pieces)
    except _POISON:
        poison = await _find_poison(pieces)
        await _attempt([piece for piece in pieces if piece not in poison])
        return poison
    return []


async def is_written(mark: int) -> bool:
    """带这个记号的一批是不是已经写进去了：提交时断了线，对方可能收到了也可能没有。"""
    connection = get_connection("default")
    placeholder = "?" if connection.capabilities.dialect == "sqlite" else "$1"
    _, rows = await connection.execute_query(f"SELECT 1 FROM group_trail WHERE mark = {placeholder} LIMIT 1", [mark])
    return bool(rows)


async def _find_poison(pieces: list[Piece]) -> list[Piece]:
    """对半试写（不提交），找出写不进去的那几条。"""
    try:
        await _attempt(pieces, commit=False)
    except _POISON:
        if len(pieces) == 1:
            return pieces
        half = len(pieces) // 2
        return await _find_poison(pieces[:half]) + await _find_poison(pieces[half:])
    return []


class _TrialOnly(Exception):
    """试写完毕，回滚。"""


async def _attempt(pieces: list[Piece], *, commit: bool = True) -> None:
    try:
        async with _transaction() as (connection, sqlite):
            for change, same in groupby(pieces, key=lambda piece: piece[0]):
                sql = change.replace("$", "?") if sqlite else str(change)
                await connection.executemany(sql, [values for _, values in same])
            if not commit:
                raise _TrialOnly
    except _TrialOnly:
        pass


@asynccontextmanager
async def _transaction() -> AsyncIterator[tuple[_Writer, bool]]:
    """直接用驱动的事务。Tortoise 的在开始或提交出错时会把连接或锁漏掉，从此谁都用不了。"""
    client = get_connection("default")
    sqlite = client.capabilities.dialect == "sqlite"
    async with client.acquire_connection() as connection:
        if not sqlite:
            async with connection.transaction():
                yield connection, False
            return
        if connection.in_transaction:  # 别处提交失败留下的
            await connection.rollback()
        await connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection, True
            await connection.commit()
        except BaseException:
            await connection.rollback()
            raise
