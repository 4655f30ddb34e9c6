"""窗口函数、分组取最值这类 ORM 写不出的查询：同一句 SQL 在两种引擎上跑。"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from tortoise.connection import get_connection

Value = str | int | float | bool | date | datetime | None


def dialect() -> str:
    """`sqlite` 或 `postgres`。"""
    return get_connection("default").capabilities.dialect


async def query(sql: str, *values: Value) -> list[dict[str, Any]]:
    """参数写作 `$1`、`$2`……；时间参数自动换成 UTC。在 `in_transaction()` 里就用那个事务。"""
    sql, bound = _for_engine(sql, values)
    return await get_connection("default").execute_query_dict(sql, bound)


async def execute(sql: str, *values: Value) -> int:
    """同 `query`，返回影响的行数。"""
    sql, bound = _for_engine(sql, values)
    count, _ = await get_connection("default").execute_query(sql, bound)
    return count


async def analyze() -> None:
    """一下子写进很多行之后：让 PostgreSQL 重新估一估各表多大，不然要等它自己想起来，其间的查询会慢。"""
    if dialect() != "sqlite":
        await execute("ANALYZE")


def words(names: Iterable[str]) -> str:
    """`'a', 'b'`，写进 `IN (…)`；只收标识符样子的词，别的话走参数。"""
    listed = list(names)
    assert all(name.replace(".", "_").isidentifier() for name in listed)
    return ", ".join(f"'{name}'" for name in listed) or "''"


def _for_engine(sql: str, values: Sequence[Value]) -> tuple[str, list[Value]]:
    bound = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
    return (sql.replace("$", "?") if dialect() == "sqlite" else sql), bound
