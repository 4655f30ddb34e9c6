"""数据库：连接、关闭、迁移。SQLite（默认，单进程）与 PostgreSQL（可多进程）说同一套模型。"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError

from db.engines import steady
from db.migrating import RELEASES, DatabaseTooNew, bring_up, copy_sqlite, keep_old

__all__ = [
    "RELEASES",
    "TORTOISE_ORM",
    "UNREACHABLE",
    "DatabaseInUse",
    "DatabaseTooNew",
    "close",
    "connect",
    "copy_sqlite",
    "held",
    "migrate",
    "ping",
    "tortoise_config",
]

_lock: IO[str] | None = None

#: 连不上库时会有的错：地址不对、没开着、账号密码不对、没有这个库、连的人太多
UNREACHABLE = (
    OSError,
    DBConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)

#: `tortoise makemigrations` 用；地址在这里不要紧
TORTOISE_ORM: dict[str, Any] = {
    "connections": {"default": "sqlite://:memory:"},
    "apps": {
        "models": {"models": ["db.models"], "default_connection": "default", "migrations": "db.migrations"},
    },
    "use_tz": True,
    "timezone": "UTC",
}


def _connection_url(url: str) -> str:
    """补上 SQLite 该有的开关：写满盘才算数；别的程序锁住时等 2 秒，再久就说忙，不让读的也跟着等。"""
    if not url.startswith("sqlite"):
        return url
    given = parse_qs(urlsplit(url).query)
    wanted = {"synchronous": "FULL", "busy_timeout": "2000"}
    extra = "&".join(f"{key}={value}" for key, value in wanted.items() if key not in given)
    return f"{url}{'&' if '?' in url else '?'}{extra}" if extra else url


def tortoise_config(url: str) -> dict[str, Any]:
    """某个地址的 Tortoise 配置。"""
    return TORTOISE_ORM | {"connections": {"default": _connection_url(url)}}


class DatabaseInUse(Exception):
    """这个 SQLite 文件正被另一个进程用着。"""


async def connect(url: str, *, everywhere: bool = True) -> TortoiseContext:
    """连上数据库；`everywhere` 让本进程的任何任务都用得到这个连接。SQLite 文件已被别的进程占用时抛 `DatabaseInUse`。"""
    _hold(url)
    config = tortoise_config(url) | {"connections": {"default": steady(_connection_url(url))}}
    return await Tortoise.init(config=config, _enable_global_fallback=everywhere)


async def close() -> None:
    """断开；不断开的 aiosqlite 连接会让进程退不出去。"""
    global _lock
    await Tortoise.close_connections()
    if _lock:
        _lock.close()
        _lock = None


async def migrate(url: str) -> list[str]:
    """把表结构升到最新，返回这次执行的迁移名；可重复执行，多个进程同时执行也只做一次。"""
    _hold(url)
    if path := sqlite_path(url):
        keep_old(path)
    return await bring_up(tortoise_config(url))


@contextmanager
def held(url: str) -> Iterator[None]:
    """占住 SQLite 文件而不连它；正被别的进程用着就抛 `DatabaseInUse`。"""
    global _lock
    _hold(url)
    try:
        yield
    finally:
        if _lock:
            _lock.close()
            _lock = None


async def ping() -> None:
    """数据库能不能答话；不能就抛出原来的错。"""
    await get_connection("default").execute_query("SELECT 1")


def sqlite_path(url: str) -> Path | None:
    """SQLite 的文件；PostgreSQL 与内存里的库没有。"""
    parts = urlsplit(url)
    return Path(parts.netloc + parts.path) if parts.scheme == "sqlite" and ":memory:" not in url else None


def _hold(url: str) -> None:
    """同一个 SQLite 文件只给一个进程用。"""
    global _lock
    path = sqlite_path(url)
    if not path or (_lock and _lock.name == f"{path}.lock"):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = open(f"{path}.lock", "w")  # noqa: SIM115 锁要一直拿着
    try:
        _flock(handle)
    except OSError:
        handle.close()
        raise DatabaseInUse(str(path)) from None
    if _lock:
        _lock.close()
    _lock = handle


def _flock(handle: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
