"""升级：每个发布过的表结构，装着真的数据升到最新，一行不少、一处不坏。

`tests/data/released/` 里是 `tuanbot try` 在那一版演完的库（空着的表各补一行）；以后每发布一版添一份。
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate

import db
from db.models import Account, Cadre, Wish, WishEnding
from tests import postgres, shared

pytestmark = pytest.mark.slow

RELEASED = sorted((Path(__file__).parent.parent / "data" / "released").glob("*.json"))

Rows = list[dict[str, Any]]


@pytest.fixture
async def released_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """一个空的库，还没有表。"""
    if engine == "sqlite":
        return f"sqlite://{tmp_path / 'old.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    await server.create(tmp_path.name)
    return server.url(tmp_path.name)


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
async def test_a_filled_database_of_every_released_schema_upgrades_to_what_a_new_one_is_built_as(
    path: Path, engine: str, database_url: str, released_url: str, tmp_path: Path
) -> None:
    tables: dict[str, Rows] = json.loads(path.read_text("utf-8"))
    async with TortoiseContext():
        await migrate(config=db.tortoise_config(released_url), target=f"models.{path.stem}")
    await (_fill_sqlite if released_url.startswith("sqlite") else _fill_postgres)(released_url, tables)
    assert await db.migrate(released_url) == [release for release in db.RELEASES if release > path.stem]
    shape = _sqlite_shape if engine == "sqlite" else _postgres_shape
    assert await shape(released_url) == await shape(database_url)
    later = [release for release in db.RELEASES if release > path.stem]
    kept = [f"old.db.before-{later[0]}"] if later and released_url.startswith("sqlite") else []
    assert [each.name for each in tmp_path.glob("*.before-*")] == kept
    async with shared.connected(released_url):
        assert await _counts(tables) == {name: len(rows) for name, rows in tables.items()}
        assert await Wish.filter(ending=WishEnding.FULFILLED).count() == 1
        cadre = await Cadre.get(id=1).select_related("person", "unit")
        assert (cadre.person.name, cadre.unit.name) == ("团干部甲", "示例一团总支")
        await Account.create(scope="qq", user_id="999", person_id=cadre.person_id)  # 编号接着往下走


async def _counts(tables: dict[str, Rows]) -> dict[str, int]:
    found = {}
    for name in tables:
        _, rows = await get_connection("default").execute_query(f'SELECT count(*) AS n FROM "{name}"')
        found[name] = rows[0]["n"]
    return found


async def _fill_sqlite(url: str, tables: dict[str, Rows]) -> None:
    async with TortoiseContext() as context:
        await context.init(config=db.tortoise_config(url) | {"connections": {"default": f"{url}?foreign_keys=OFF"}})
        connection = get_connection("default")
        for name, rows in tables.items():
            marks = ", ".join("?" * len(rows[0]))
            columns = ", ".join(f'"{column}"' for column in rows[0])
            values = [[_sqlite_value(value) for value in row.values()] for row in rows]
            await connection.execute_many(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', values)
        _, broken = await connection.execute_query("PRAGMA foreign_key_check")
        assert not broken


def _sqlite_value(value: object) -> object:
    if isinstance(value, str) and value.startswith("\\x"):
        return bytes.fromhex(value[2:])
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


async def _fill_postgres(url: str, tables: dict[str, Rows]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for name, rows in tables.items():
            insert = f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(NULL::"{name}", $1::json)'
            await connection.execute(insert, json.dumps(rows))
            if "id" not in rows[0]:
                continue
            top = f'(SELECT max(id) FROM "{name}")'
            await connection.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {top})")
    finally:
        await connection.close()


async def _sqlite_shape(url: str) -> dict[str, object]:
    """每张表的列、唯一约束与索引、外键、记下的迁移；次序不论。唯一约束写在表里还是另建，也不论。"""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(db.sqlite_path(url) or "")) as connection:
        found["indexes"] = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE 'uid_%'"
            " ORDER BY name"
        ).fetchall()
        found["migrations"] = connection.execute("SELECT app, name FROM tortoise_migrations ORDER BY id").fetchall()
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        for (name,) in connection.execute(tables).fetchall():
            columns = connection.execute(
                f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')"
            )
            keys = connection.execute(
                f'SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(\'{name}\')'
            )
            covered = connection.execute(
                f'SELECT DISTINCT "unique", (SELECT group_concat(name) FROM pragma_index_info(i.name))'
                f" FROM pragma_index_list('{name}') i"
            )
            found[name] = (sorted(columns), sorted(keys), sorted(covered))
    return found


async def _postgres_shape(url: str) -> dict[str, object]:
    """列、约束、索引连名字，与记下的迁移。"""
    asked = {
        "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,"
        " is_identity FROM information_schema.columns WHERE table_schema = 'public'",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "migrations": "SELECT app, name FROM tortoise_migrations",
    }
    connection = await asyncpg.connect(url)
    try:
        return {what: sorted(map(tuple, await connection.fetch(sql)), key=str) for what, sql in asked.items()}
    finally:
        await connection.close()
