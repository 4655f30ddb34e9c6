"""体检：一项一句，不好的都说怎么治。只看不改。"""

import asyncio
import json
import platform
import shutil
import socket
import sqlite3
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

import db
from bot.cards import Card, draw
from bot.gateway import extras
from bot.league.errors import Refusal
from bot.settings import Settings, is_loopback
from db.models import Scope

#: 剩得比这少就说一声；再少到第二个数，写库随时会失败
LOW_DISK, NO_DISK = 1_000_000_000, 100_000_000
#: 令牌短于这么多个字，容易被猜到
SHORT_TOKEN = 12
#: 这一版写成的日子；钟比它还早，一定不准
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
#: 与数据库的钟差这么多，领通知、算期限就会乱
CLOCKS_APART = timedelta(seconds=30)


class Verdict(StrEnum):
    """一项的结论。"""

    GOOD = "✓"
    NOTE = "!"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """一项检查；不好的在 `remedy` 里说怎么办。"""

    subject: str
    verdict: Verdict
    said: str
    remedy: str = ""


def examine(config: Settings, *, at: datetime) -> Iterator[Finding]:
    """逐项看；一项出错不耽误别的。"""
    running = ask_health(config)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("版本", lambda: _version()),
        ("设置", lambda: _settings_file()),
        ("端口", lambda: _port(config, running)),
        ("令牌", lambda: _token(config)),
        ("超级管理员", lambda: _superusers(config)),
        ("值守人", lambda: _duty(config)),
        ("另装的平台", lambda: _extras(config)),
        ("数据目录", lambda: _disk(config)),
        ("数据库", lambda: _database(config)),
        ("时钟", lambda: _clock(config, at)),
        ("字体", lambda: _fonts()),
        ("团团", lambda: _bot(running)),
        ("账号", lambda: _accounts(running)),
    ]
    for subject, check in checks:
        try:
            yield check()
        except Exception as error:
            yield Finding(subject, Verdict.BAD, f"查不下去：{type(error).__name__} {error}", "把这一行告诉管代码的人。")


def ask_health(config: Settings) -> dict[str, object] | None:
    """正在运行的团团的健康页；没在运行就没有。"""
    host = config.host.strip("[]")
    host = "127.0.0.1" if host in ("0.0.0.0", "localhost") else "::1" if host == "::" else host
    try:
        with urllib.request.urlopen(f"http://{_bracketed(host)}:{config.port}/health", timeout=3) as answer:
            told = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            told = _json(error.read())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and "recording" in told else None


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _version() -> Finding:
    shown = f"团团 {version('tuanbot')}，Python {platform.python_version()}，表结构 {db.RELEASES[-1]}"
    return Finding("版本", Verdict.GOOD, shown)


def _settings_file() -> Finding:
    path = Path(".env").absolute()
    if path.is_file():
        return Finding("设置", Verdict.GOOD, f"读的是 {path}")
    return Finding(
        "设置", Verdict.NOTE, f"{path.parent} 里没有 .env，只用环境变量", "没设过的话，跑一次 tuanbot setup。"
    )


def _port(config: Settings, running: object) -> Finding:
    place = f"{config.host}:{config.port}"
    if running:
        return Finding("端口", Verdict.GOOD, f"{place} 上是正在运行的团团")
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host.strip("[]"), config.port))
        except OSError as error:
            return Finding(
                "端口", Verdict.BAD, f"{place} 用不了（{error.strerror}）", "换一个 PORT，或停下占着它的程序。"
            )
    return Finding("端口", Verdict.GOOD, f"{place} 空着")


def _token(config: Settings) -> Finding:
    token, closed = config.onebot_access_token or "", is_loopback(config.host)
    if not token:
        verdict = Verdict.NOTE if closed else Verdict.BAD
        return Finding("令牌", verdict, "没设", "tuanbot setup 会替你想一串；两边填一样的。")
    if len(token) < SHORT_TOKEN and not closed:
        return Finding("令牌", Verdict.NOTE, f"只有 {len(token)} 个字", "换一串长的，免得被猜到。")
    return Finding("令牌", Verdict.GOOD, "设了")


def _superusers(config: Settings) -> Finding:
    if not config.superusers:
        return Finding("超级管理员", Verdict.BAD, "一个也没有", '把你的 QQ 号写进 SUPERUSERS，如 ["10001"]。')
    return Finding("超级管理员", Verdict.GOOD, f"{len(config.superusers)} 位")


def _duty(config: Settings) -> Finding:
    if not config.duty:
        return Finding(
            "值守人", Verdict.NOTE, "没设，有人说到自伤时先转给超级管理员", "把值守老师写进 TUAN_DUTY，如 qq:10001。"
        )
    wrong = [one for one in config.duty if one.partition(":")[0] not in set(Scope) or not one.partition(":")[2]]
    if wrong:
        return Finding("值守人", Verdict.BAD, f"认不出 {'、'.join(wrong)}", "写成 qq:号码 或 wechat:wxid，逗号分隔。")
    return Finding("值守人", Verdict.GOOD, f"{len(config.duty)} 位")


def _extras(config: Settings) -> Finding:
    try:
        extras.check(config)
    except Refusal as refusal:
        return Finding("另装的平台", Verdict.BAD, "还不能用", refusal.sentence)
    return Finding("另装的平台", Verdict.GOOD, "、".join(config.adapters) or "没有")


def _disk(config: Settings) -> Finding:
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


def _database(config: Settings) -> Finding:
    path = db.sqlite_path(config.db_url)
    if path and not path.exists():
        return Finding("数据库", Verdict.GOOD, f"SQLite {path}，第一次启动时建")
    done, sound = _look_sqlite(path) if path else (asyncio.run(_look_postgres(config))[0], True)
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


def _clock(config: Settings, at: datetime) -> Finding:
    shown = f"{at.astimezone(config.zone):%Y-%m-%d %H:%M}（{config.timezone}）"
    if at < RELEASED:
        return Finding("时钟", Verdict.BAD, f"{shown}，早得不对", "把系统时间对准，开着自动校时。")
    if urlsplit(config.db_url).scheme.startswith("postgres"):
        apart = abs(asyncio.run(_look_postgres(config))[1] - datetime.now(UTC))
        if apart > CLOCKS_APART:
            return Finding(
                "时钟", Verdict.BAD, f"{shown}，与数据库差 {apart.total_seconds():.0f} 秒", "两台机器都开自动校时。"
            )
    return Finding("时钟", Verdict.GOOD, f"{shown}，和你的表对一下")


def _fonts() -> Finding:
    picture = draw(Card("list", {"title": "团团", "subtitle": "", "rows": [], "more": "", "foot": ""}, ""))
    if not picture.startswith(b"\x89PNG"):
        return Finding("字体", Verdict.BAD, "画不出图", "重装一次依赖：uv sync --reinstall。")
    return Finding("字体", Verdict.GOOD, "画得出图")


def _bot(running: dict[str, object] | None) -> Finding:
    if running is None:
        return Finding("团团", Verdict.NOTE, "没在运行", "tuanbot run 启动它；开着时再来体检，看得更全。")
    if not running.get("ok"):
        return Finding(
            "团团", Verdict.BAD, f"在运行，但不太好：积压 {running.get('lag')} 秒", "看看磁盘与数据库，再看它的日志。"
        )
    return Finding("团团", Verdict.GOOD, "在运行，记录没有积压")


def _accounts(running: dict[str, object] | None) -> Finding:
    if running is None:
        return Finding("账号", Verdict.NOTE, "团团没在运行，看不到", "")
    told = running.get("implementations")
    connected = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    if not connected:
        return Finding(
            "账号", Verdict.BAD, "一个也没连上", "照 tuanbot setup 最后给的几行，在 NapCat 或 LLBot 里填好。"
        )
    shown = "；".join(
        f"{one['name']} {one['version']}".strip()
        + (f"（不会{'、'.join(one['missing'])}）" if one["missing"] else "（都会）")
        for one in connected
    )
    return Finding("账号", Verdict.NOTE if any(one["missing"] for one in connected) else Verdict.GOOD, shown)
