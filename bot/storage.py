"""体检里看数据的几项：放得下吗，库读得懂吗，钟准不准。只看不改，团团开着也能看。"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

import db
from bot.findings import Finding, Verdict
from bot.settings import Settings

#: 剩得比这少就说一声；再少到第二个数，写库随时会失败
LOW_DISK, NO_DISK = 1_000_000_000, 100_000_000
#: 这一版写成的日子；钟比它还早，一定不准
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
#: 与数据库的钟差这么多，领通知、算期限就会乱
CLOCKS_APART = timedelta(seconds=30)
_WHOSE = "看看它归谁：多半是别的账号（如 root）建的，用 chown 改成启动团团的那个账号的。"


def look_at_disk(config: Settings) -> Finding:
    """数据目录写得进吗，还剩多少。"""
    folder = config.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"x")
    except OSError as error:
        return Finding(
            "数据目录", Verdict.BAD, f"{folder} 写不进去（{error.strerror}）", "改好权限，或换一个 TUAN_DATA_DIR。"
        )
    free = shutil.disk_usage(there).free
    shown = f"{folder}，还剩 {free / 1e9:.1f} GB"
    if free < LOW_DISK:
        return Finding(
            "数据目录", Verdict.BAD if free < NO_DISK else Verdict.NOTE, shown, "腾一点地方；旧备份可以先删。"
        )
    return Finding("数据目录", Verdict.GOOD, shown)


def look_at_database(config: Settings) -> Finding:
    """库是好的吗，和程序是不是同一版。"""
    path = db.sqlite_path(config.db_url)
    if path and not path.exists():
        return Finding("数据库", Verdict.GOOD, f"SQLite {path}，第一次启动时建")
    try:
        done, sound = _look_sqlite(path) if path else (asyncio.run(_look_postgres(config))[0], True)
    except db.UNREACHABLE as error:
        return Finding(
            "数据库",
            Verdict.BAD,
            f"PostgreSQL 连不上（{error}）",
            "看看它开着没有，TUAN_DATABASE_URL 里的账号、密码、地址、库名对不对。",
        )
    except sqlite3.OperationalError as error:  # 没坏，别劝人放回旧备份
        return Finding("数据库", Verdict.BAD, f"SQLite {path} 打不开（{error}）", _WHOSE)
    if path and not os.access(path, os.W_OK):
        return Finding("数据库", Verdict.BAD, f"SQLite {path} 只能读，写不进去", _WHOSE)
    kind = "SQLite" if path else "PostgreSQL"
    if not sound:
        return Finding("数据库", Verdict.BAD, f"{kind} 文件坏了", "停下团团，用 tuanbot restore 放回最近的备份。")
    if ahead := done - set(db.RELEASES):
        return Finding("数据库", Verdict.BAD, f"{kind} 比程序新（{max(ahead)}）", "升级程序，或放回升级前留的那一份。")
    if left := [name for name in db.RELEASES if name not in done]:
        return Finding(
            "数据库", Verdict.NOTE, f"{kind}，有 {len(left)} 步升级没做", "启动时会自己做；也可以 tuanbot migrate。"
        )
    return Finding("数据库", Verdict.GOOD, f"{kind}，表结构是最新的")


def _look_sqlite(path: Path) -> tuple[set[str], bool]:
    """做过哪些迁移，文件好不好；只读，团团开着也能看。"""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchone()
            done = {name for (name,) in connection.execute("SELECT name FROM tortoise_migrations")} if known else set()
            return done, sound
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return set(), False


async def _look_postgres(config: Settings) -> tuple[set[str], datetime]:
    """做过哪些迁移，和它的钟。"""
    connection = await asyncpg.connect(config.db_url.partition("?")[0], timeout=5)
    try:
        known = await connection.fetchval("SELECT to_regclass('tortoise_migrations') IS NOT NULL")
        rows = await connection.fetch("SELECT name FROM tortoise_migrations") if known else []
        return {row["name"] for row in rows}, await connection.fetchval("SELECT now()")
    finally:
        await connection.close()


def look_at_clock(config: Settings, *, at: datetime) -> Finding:
    """钟是不是早得不对，与数据库的差多少。"""
    shown = f"{at.astimezone(config.zone):%Y-%m-%d %H:%M}（{config.timezone}）"
    if at < RELEASED:
        return Finding("时钟", Verdict.BAD, f"{shown}，早得不对", "把系统时间对准，开着自动校时。")
    if urlsplit(config.db_url).scheme.startswith("postgres"):
        try:
            apart = abs(asyncio.run(_look_postgres(config))[1] - datetime.now(UTC))
        except db.UNREACHABLE:
            apart = timedelta()  # 连不上，上一项说过了
        if apart > CLOCKS_APART:
            return Finding(
                "时钟", Verdict.BAD, f"{shown}，与数据库差 {apart.total_seconds():.0f} 秒", "两台机器都开自动校时。"
            )
    return Finding("时钟", Verdict.GOOD, f"{shown}，和你的表对一下")
