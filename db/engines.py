"""两种引擎的事务收尾：开始不成就放手，提交不成就退回。

上游在开始出错时不还连接（SQLite 上是不放锁，从此谁都用不了），提交出错时把事务留着，下一个人开始时会替它提交：
说了“没能记下”的，后来却记下了。
"""

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient, TransactionContextPooled
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError


def steady(url: str) -> dict[str, Any]:
    """`url` 的连接配置，用这里的引擎。"""
    return expand_db_url(url) | {"engine": __name__}


def get_client_class(db_info: dict[str, Any]) -> type[BaseDBAsyncClient]:
    """Tortoise 来问用哪个客户端。"""
    return _Sqlite if "file_path" in db_info["credentials"] else _Postgres


class _SqliteContext(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            await _finish(self.connection, exc_type)
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()


class _PostgresContext(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool  # pyright: ignore[reportAttributeAccessIssue]
        self.client._connection = await pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            await _finish(self.client, exc_type)
        finally:
            get_connections().reset(self.token)
            if pool := self.client._parent._pool:  # pyright: ignore[reportAttributeAccessIssue]
                await pool.release(self.client._connection)


async def _finish(client: TransactionalDBClient, failed: type[BaseException] | None) -> None:
    if client._finalized:  # pyright: ignore[reportAttributeAccessIssue]
        return
    if failed is None:
        try:
            await client.commit()
        except BaseException:
            await client.rollback()
            raise
    elif failed is not TransactionManagementError:
        await client.rollback()


class _Sqlite(SqliteClient):
    def _in_transaction(self) -> SqliteTransactionContext:
        return _SqliteContext(SqliteTransactionWrapper(self), self._lock)


class _Postgres(AsyncpgDBClient):
    def _in_transaction(self) -> TransactionContextPooled:
        return _PostgresContext(TransactionWrapper(self), self._pool_init_lock)
