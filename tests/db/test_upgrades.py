"""升级：每个发布过的表结构，装着真的数据升到最新，一行不少、一处不坏。

`tests/data/released/` 里是 `tuanbot try` 在那一版演完的库（空着的表各补一行）；以后每发布一版添一份。
"""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate

import db
from db.models import Account, Cadre, Wish, WishEnding
from tests import postgres

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
async def test_a_filled_database_of_every_released_schema_upgrades(
    path: Path, released_url: str, tmp_path: Path
) -> None:
    tables: dict[str, Rows] = json.loads(path.read_text("utf-8"))
    async with TortoiseContext():
        await migrate(config=db.tortoise_config(released_url), target=f"models.{path.stem}")
    await (_fill_sqlite if released_url.startswith("sqlite") else _fill_postgres)(released_url, tables)
    await db.migrate(released_url)
    later = [release for release in db.RELEASES if release > path.stem]
    kept = [f"old.db.before-{later[0]}"] if later and released_url.startswith("sqlite") else []
    assert [each.name for each in tmp_path.glob("*.before-*")] == kept
    EXECUTOR_CACHE.clear()  # 这个缓存不分方言
    await db.connect(released_url)
    try:
        assert await _counts(tables) == {name: len(rows) for name, rows in tables.items()}
        assert await Wish.filter(ending=WishEnding.FULFILLED).count() == 1
        cadre = await Cadre.get(id=1).select_related("person", "unit")
        assert (cadre.person.name, cadre.unit.name) == ("团干部甲", "示例一团总支")
        await Account.create(scope="qq", user_id="999", person_id=cadre.person_id)  # 编号接着往下走
    finally:
        await db.close()


async def test_what_migrations_build_is_what_the_models_say(tmp_path: Path) -> None:
    migrated = f"sqlite://{tmp_path / 'migrated.db'}"
    await db.migrate(migrated)
    await db.connect(migrated)
    grown = await _shape()
    await db.close()
    await db.connect(f"sqlite://{tmp_path / 'generated.db'}")
    await Tortoise.generate_schemas()
    meant = await _shape()
    await db.close()
    assert grown == meant


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
            top = f'(SELECT max(id) FROM "{name}")'
            await connection.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {top})")
    finally:
        await connection.close()


async def _shape() -> dict[str, object]:
    """每张表的列、唯一约束与索引、外键；名字不论，次序不论。"""
    connection = get_connection("default")
    _, tables = await connection.execute_query(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite_%' AND name <> 'tortoise_migrations'"
    )
    found: dict[str, object] = {}
    for name in sorted(row["name"] for row in tables):
        _, columns = await connection.execute_query(f'PRAGMA table_info("{name}")')
        _, keys = await connection.execute_query(f'PRAGMA foreign_key_list("{name}")')
        _, indexes = await connection.execute_query(f'PRAGMA index_list("{name}")')
        covered = set[tuple[bool, tuple[str, ...]]]()
        for index in indexes:
            _, parts = await connection.execute_query(f'PRAGMA index_info("{index["name"]}")')
            covered.add((bool(index["unique"]), tuple(part["name"] for part in parts)))
        found[name] = (
            sorted((column["name"], column["type"], column["notnull"]) for column in columns),
            sorted((key["from"], key["table"], key["to"], key["on_delete"]) for key in keys),
            sorted(covered),
        )
    return found
