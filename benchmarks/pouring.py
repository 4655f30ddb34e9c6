"""整批写进库：SQLite 一句多行，PostgreSQL 用 COPY；四十六万行几秒。"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg
from tortoise import Model

import db

Row = Sequence[object]


@dataclass(frozen=True)
class Batch:
    """一张表的许多行；没写的列用模型里的默认值。"""

    model: type[Model]
    columns: Sequence[str]
    rows: Iterable[Row]

    def filled(self) -> tuple[list[str], list[object]]:
        """全部列名，与没写的那些列的默认值。"""
        meta = self.model._meta
        given, columns, defaults = set(self.columns), list(self.columns), list[object]()
        for name, column in meta.fields_db_projection.items():
            field = meta.fields_map[name]
            if column not in given and not field.pk and field.default is not None:
                columns.append(column)
                defaults.append(field.default() if callable(field.default) else field.default)
        return columns, defaults


async def pour(url: str, batches: Iterable[Batch]) -> int:
    """写进一个迁移好的空库，返回写了几行。"""
    if path := db.sqlite_path(url):
        return _into_sqlite(str(path), batches)
    connection = await asyncpg.connect(url)
    try:
        return sum([await _into_postgres(connection, batch) for batch in batches])
    finally:
        await connection.close()


def _into_sqlite(path: str, batches: Iterable[Batch]) -> int:
    connection, written = sqlite3.connect(path), 0
    try:
        for batch in batches:
            columns, defaults = batch.filled()
            marks = ", ".join("?" * len(columns))
            insert = f'INSERT INTO "{batch.model._meta.db_table}" ({", ".join(columns)}) VALUES ({marks})'
            rows = ([_text(value) for value in (*row, *defaults)] for row in batch.rows)
            written += connection.executemany(insert, rows).rowcount
        connection.commit()
        connection.execute("ANALYZE")
    finally:
        connection.close()
    return written


def _text(value: object) -> object:
    """SQLite 里时间是文本，同模型写进去的一样。"""
    if isinstance(value, datetime):
        return str(value.astimezone(UTC))
    return str(value) if isinstance(value, date) else value


async def _into_postgres(connection: asyncpg.Connection, batch: Batch) -> int:
    columns, defaults = batch.filled()
    table = batch.model._meta.db_table
    rows = ((*row, *defaults) for row in batch.rows)
    done = await connection.copy_records_to_table(table, records=rows, columns=columns)
    if "id" in columns:
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM \"{table}\"))"
        )
    return int(done.split()[1])
