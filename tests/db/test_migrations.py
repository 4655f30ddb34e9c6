"""迁移：和模型一致；在有数据的库上改表不丢数据、不丢约束；同一个 SQLite 只给一个进程。"""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from tortoise import Model, Tortoise, fields
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.schema_generator.state import ModelState
from tortoise.migrations.schema_generator.state_apps import StateApps

import db
from db.migrating import apply_migrations, bring_up
from db.models import Account, Person
from tests import factories

pytestmark = pytest.mark.slow


async def test_models_and_migrations_agree(database: str) -> None:
    apps = Tortoise.apps
    assert apps
    assert await MigrationAutodetector(apps, db.TORTOISE_ORM["apps"]).changes() == []


async def test_migrating_twice_does_nothing(database: str) -> None:
    await db.close()
    assert await db.migrate(database) == []


async def test_a_database_from_a_newer_program_is_refused_before_anything_is_touched(database: str) -> None:
    connection = get_connection("default")
    newer = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_later', CURRENT_TIMESTAMP)"
    await connection.execute_query(newer)
    with pytest.raises(db.DatabaseTooNew, match="9999_later"):
        await bring_up(db.tortoise_config(database))


def test_models_inside_a_migration_carry_no_filters_and_ours_keep_theirs() -> None:
    inside = ModelState.make_from_model("models", Person).render(StateApps())
    assert not inside._meta._filters, "从头迁移的一大半时间就花在这上面"
    assert "id__in" in Person._meta._filters


async def test_foreign_keys_and_uniques_hold(database: str) -> None:
    await factories.person(1)
    with pytest.raises(IntegrityError):
        await Account.create(scope="qq", user_id="1", person=await Person.first())
    with pytest.raises(IntegrityError):
        await Account.create(scope="qq", user_id="2", person_id=999)


class Parent(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(20, unique=True)
    note = fields.CharField(20, default="x")

    class Meta:
        table = "parent"


class Child(Model):
    id = fields.IntField(primary_key=True)
    parent: fields.ForeignKeyRelation[Parent] = fields.ForeignKeyField("toy.Parent", on_delete=fields.CASCADE)
    label = fields.CharField(20, db_index=True)
    note = fields.CharField(20, default="x")

    class Meta:
        table = "child"
        unique_together = (("parent", "label"),)


MIGRATIONS = {
    "0001_initial": """
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True
    operations = [
        ops.CreateModel(
            name="Parent",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=20)),
                ("note", fields.CharField(default="x", max_length=20)),
            ],
            options={"table": "parent", "app": "toy", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Child",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("parent", fields.ForeignKeyField("toy.Parent", on_delete=OnDelete.CASCADE)),
                ("label", fields.CharField(db_index=True, max_length=20)),
                ("note", fields.CharField(default="x", max_length=20)),
            ],
            options={"table": "child", "app": "toy", "unique_together": (("parent", "label"),), "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
""",
    "0002_drop_notes": """
from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("toy", "0001_initial")]
    operations = [
        ops.RemoveField(model_name="Parent", name="note"),
        ops.RemoveField(model_name="Child", name="note"),
    ]
""",
}


async def test_rebuilding_a_filled_sqlite_table_keeps_children_and_uniques(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "toy_migrations"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0001_initial.py").write_text(MIGRATIONS["0001_initial"])
    monkeypatch.syspath_prepend(str(tmp_path))
    config = {
        "connections": {"default": f"sqlite://{tmp_path / 'toy.db'}?synchronous=FULL"},
        "apps": {
            "toy": {"models": [__name__], "default_connection": "default", "migrations": "toy_migrations"},
        },
    }
    assert await apply_migrations(config) == ["0001_initial"]
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection("default")
        await connection.execute_script(
            "INSERT INTO parent (id, name, note) VALUES (1, 'a', 'n');"
            "INSERT INTO child (id, parent_id, label, note) VALUES (1, 1, 'l', 'n')"
        )
    (package / "0002_drop_notes.py").write_text(MIGRATIONS["0002_drop_notes"])
    importlib.invalidate_caches()
    assert await apply_migrations(config) == ["0002_drop_notes"]
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection("default")
        _, rows = await connection.execute_query("SELECT name FROM parent JOIN child ON child.parent_id = parent.id")
        assert [row["name"] for row in rows] == ["a"]
        with pytest.raises(IntegrityError):
            await connection.execute_query("INSERT INTO parent (id, name) VALUES (2, 'a')")
        with pytest.raises(IntegrityError):
            await connection.execute_query("INSERT INTO child (id, parent_id, label) VALUES (2, 1, 'l')")
        _, indexes = await connection.execute_query('PRAGMA index_list("child")')
        columns = [await connection.execute_query(f'PRAGMA index_info("{row["name"]}")') for row in indexes]
        assert sorted([col["name"] for col in found] for _, found in columns) == [["label"], ["parent_id", "label"]]


async def test_a_second_process_on_the_same_sqlite_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'one.db'}"
    code = f"import asyncio, db\ntry:\n asyncio.run(db.migrate({url!r}))\nexcept db.DatabaseInUse:\n print('in use')"
    await db.migrate(url)
    try:
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert result.stdout.strip() == "in use", result.stderr
    finally:
        await db.close()
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == ""
