"""迁移的安全做法。

空的库一步建成这一版的样子，迁移都记作做过（逐个做要好几秒，结果一样，有测试比着）；旧的库逐个迁移。
Tortoise 在 SQLite 上改列、删列要重建整张表，开着外键时 `ON DELETE CASCADE` 会清空子表，
重建又会丢掉 UNIQUE 与索引。所以这里：关外键、重建后把约束补回来、事后 `foreign_key_check`。
"""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import asyncpg
from tortoise import Model, models
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.fields.base import Field
from tortoise.migrations.api.migrate import migrate
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor.asyncpg import AsyncpgSchemaEditor
from tortoise.migrations.schema_editor.sqlite import SqliteSchemaEditor
from tortoise.migrations.schema_generator.state import ModelState
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.utils import get_schema_sql

#: 各版表结构，旧的在前，如 0001_initial；最后一个是这一版程序的
RELEASES = sorted(path.stem for path in (Path(__file__).parent / "migrations").glob("0*.py"))

#: PostgreSQL 咨询锁的号码，任意但固定
_LOCK = 1_001_922


class DatabaseTooNew(Exception):
    """库里有这一版程序不认得的迁移：是更新的程序升级过的，再用就会写乱。"""


async def bring_up(config: dict[str, Any]) -> list[str]:
    """把库带到这一版，返回这次记下了哪些迁移；几个进程同时来也只做一次。"""
    async with _one_at_a_time(config["connections"]["default"]):
        async with TortoiseContext() as context:
            await context.init(config=config)
            connection = get_connection("default")
            done = {key.name for key in await MigrationRecorder(connection).applied_migrations()}
            if unknown := done.difference(RELEASES):
                raise DatabaseTooNew(max(unknown))
            if done.issuperset(RELEASES):
                return []
            if not done and not await _tables(connection):
                await _create(connection)
                return RELEASES
        return await apply_migrations(config)


async def apply_migrations(config: dict[str, Any]) -> list[str]:
    """在自己的连接上逐个执行迁移，返回执行了哪些。"""
    url: str = config["connections"]["default"]
    sqlite = url.startswith("sqlite")
    if sqlite:
        config = config | {"connections": {"default": f"{url}&foreign_keys=OFF"}}
    done: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            done.append(name)

    async with TortoiseContext():
        await migrate(config=config, progress=note)
        if sqlite:
            connection = get_connection("default")
            _, broken = await connection.execute_query("PRAGMA foreign_key_check")
            if broken:
                raise RuntimeError(f"迁移后外键不完整：{[tuple(row) for row in broken][:5]}")
    return done


async def _tables(connection: BaseDBAsyncClient) -> int:
    """库里有几张表（记迁移的那张不算）。"""
    listed = (
        "sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name"
        if connection.capabilities.dialect == "sqlite"
        else "pg_tables WHERE schemaname = current_schema() AND tablename"
    )
    _, rows = await connection.execute_query(f"SELECT count(*) AS n FROM {listed} <> 'tortoise_migrations'")
    return rows[0]["n"]


async def _create(connection: BaseDBAsyncClient) -> None:
    """建好全部的表并记下全部迁移，在一个事务里：断在哪里都还是空库。"""
    editor = SqliteSchemaEditor if connection.capabilities.dialect == "sqlite" else AsyncpgSchemaEditor
    await MigrationRecorder(connection).ensure_schema(editor(connection))
    done = ", ".join(f"('models', '{name}', CURRENT_TIMESTAMP)" for name in RELEASES)
    record = f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES {done}"
    await connection.execute_script(f"BEGIN;\n{get_schema_sql(connection, safe=False)};\n{record};\nCOMMIT")


def copy_sqlite(source: Path, target: Path) -> None:
    """抄一份某一刻完整的库；别的进程正写着也行。"""
    there = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(there, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    target.chmod(0o600)


def keep_old(path: Path) -> None:
    """要升级一个有数据的库：先抄一份在旁边，如 `tuanbot.db.before-0002_work_side`，不合意就退回去。"""
    if not path.is_file():
        return
    with closing(sqlite3.connect(path)) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchone()
        done = {name for (name,) in connection.execute("SELECT name FROM tortoise_migrations")} if known else set()
    if done and (ahead := [name for name in RELEASES if name not in done]):
        copy_sqlite(path, path.with_name(f"{path.name}.before-{ahead[0]}"))


@asynccontextmanager
async def _one_at_a_time(url: str) -> AsyncIterator[None]:
    """几个进程同时启动时排队；SQLite 由文件锁管。锁占一个自己的连接，因为迁移会换连接。"""
    if url.startswith("sqlite"):
        yield
        return
    guard = await asyncpg.connect(url.partition("?")[0])
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await guard.close()


P = ParamSpec("P")
R = TypeVar("R")

_remake_table = SqliteSchemaEditor._remake_table


async def _remake_keeping_indexes(
    editor: SqliteSchemaEditor,
    model: type[Model],
    create_field: Field[Any] | None = None,
    delete_field: Field[Any] | None = None,
    alter_fields: list[tuple[Field[Any], Field[Any]]] | None = None,
) -> None:
    """重建表，并把重建丢掉的唯一约束与索引补回来。"""
    table = model._meta.db_table
    before = [] if editor.collect_sql else await _indexes(editor, table)
    await _remake_table(editor, model, create_field, delete_field, alter_fields)
    if editor.collect_sql:
        return
    _, rows = await editor.client.execute_query(f'PRAGMA table_info("{table}")')
    columns = {row["name"] for row in rows}
    after = {(unique, cols) for _, unique, cols, _ in await _indexes(editor, table)}
    for _, unique, cols, sql in before:
        if not set(cols) <= columns or (unique, cols) in after:
            continue
        quoted = ", ".join(f'"{col}"' for col in cols)
        fallback = f'CREATE UNIQUE INDEX "uid_{table}_{"_".join(cols)}" ON "{table}" ({quoted})'
        await editor.client.execute_query(sql or fallback)


async def _indexes(editor: SqliteSchemaEditor, table: str) -> list[tuple[str, bool, tuple[str, ...], str | None]]:
    """表上除主键外的索引：名字、是否唯一、列、建索引的语句（表内约束没有语句）。"""
    found = []
    _, rows = await editor.client.execute_query(f'PRAGMA index_list("{table}")')
    for row in rows:
        if row["origin"] == "pk":
            continue
        _, cols = await editor.client.execute_query(f'PRAGMA index_info("{row["name"]}")')
        _, sql = await editor.client.execute_query("SELECT sql FROM sqlite_master WHERE name = ?", [row["name"]])
        found.append((row["name"], bool(row["unique"]), tuple(col["name"] for col in cols), sql[0]["sql"]))
    return found


setattr(SqliteSchemaEditor, "_remake_table", _remake_keeping_indexes)  # noqa: B010 换掉上游的私有方法，类型检查器不认


def _without_filters(render: Callable[P, R]) -> Callable[P, R]:
    @wraps(render)
    def rendered(*args: P.args, **kwargs: P.kwargs) -> R:
        making = vars(models)["get_filters_for_field"]
        setattr(models, "get_filters_for_field", lambda *_, **__: {})  # noqa: B010
        try:
            return render(*args, **kwargs)
        finally:
            setattr(models, "get_filters_for_field", making)  # noqa: B010

    return rendered


# 迁移每走一步都把各表的模型重造几遍，查询用的过滤器与语句占了一大半时间；迁移里从不查询，不造。升级快三倍
ModelState.render = _without_filters(ModelState.render)
StateApps._init_relations = _without_filters(StateApps._init_relations)
StateApps._build_initial_querysets = lambda self: None
