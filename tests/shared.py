"""测试连库的两种办法。

`empty` 是各个测试轮着用的一条连接，用之前清空：每个测试另连一次，PostgreSQL 的后台要从头认识几十张表，慢三倍。
`connected` 连自己的一个库，用完断开。
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, get_current_context

import db

#: 轮着用的那条，与它连着哪里
_current: tuple[TortoiseContext, str] | None = None


async def empty(url: str) -> None:
    """连着 `url`，里面什么都没有。"""
    global _current
    if _current is None or _current[1] != url or _current[0] is not get_current_context():
        await close()
        EXECUTOR_CACHE.clear()  # 这个缓存不分方言
        _current = (await db.connect(url), url)
    connection = get_connection("default")
    await connection.execute_script(await _clearing(connection))


async def close() -> None:
    """放下轮着用的那条；测试自己断开了的就不用。"""
    global _current
    if _current and _current[0] is get_current_context():
        await db.close()
    _current = None


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    """连着 `url`。"""
    await close()
    EXECUTOR_CACHE.clear()
    await db.connect(url)
    try:
        yield
    finally:
        await db.close()
        EXECUTOR_CACHE.clear()


async def _clearing(connection: BaseDBAsyncClient) -> str:
    """清空每张表、编号从头来的语句；整库都清，外键不用逐行查。"""
    if connection.capabilities.dialect == "sqlite":
        _, rows = await connection.execute_query("SELECT name FROM sqlite_master WHERE type = 'table'")
        deletes = [f'DELETE FROM "{row["name"]}"' for row in rows if row["name"] != "tortoise_migrations"]
        settings = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000"
        return f"PRAGMA foreign_keys = OFF; BEGIN; {';'.join(deletes)}; COMMIT; {settings}"
    _, rows = await connection.execute_query(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
    )
    deletes = [f'DELETE FROM "{row["tablename"]}"' for row in rows]
    numbers = (
        "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"
        " WHERE schemaname = 'public' AND sequencename NOT LIKE 'tortoise_migrations%' AND last_value IS NOT NULL"
    )
    return f"BEGIN; SET LOCAL session_replication_role = replica; {';'.join(deletes)}; {numbers}; COMMIT"
