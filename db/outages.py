"""库一时用不了：别的程序锁住了、连不上、磁盘满。不是程序写错了，过一会儿自己会好。"""

import sqlite3

import asyncpg
from tortoise.exceptions import OperationalError

_SQLITE = ("database is locked", "disk i/o error", "database or disk is full", "unable to open database file")
_POSTGRES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # 正在停、正在起
    asyncpg.InsufficientResourcesError,  # 磁盘满、连接满
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)


def is_outage(error: BaseException) -> bool:
    """是不是库一时用不了；几件事一起做时出的一组错，有一个是就是。"""
    if isinstance(error, BaseExceptionGroup):
        return any(is_outage(one) for one in error.exceptions)
    if isinstance(error, sqlite3.OperationalError | OperationalError):
        return any(words in str(error).lower() for words in _SQLITE)
    return isinstance(error, _POSTGRES) and not isinstance(error, ValueError)
