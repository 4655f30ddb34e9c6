"""备份与恢复：一个压缩包，里面是库、钥匙和一张说明。团团开着也能备份，恢复要先停下。

SQLite 用它自己的在线备份（读到的是某一刻的完整的库）；PostgreSQL 请 `pg_dump`、`pg_restore` 来做。
"""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import db
from bot.league.errors import Refusal
from bot.settings import Settings
from bot.vital_signs import ask_health

#: 压缩包里各件的名字
SQLITE, POSTGRES, KEY, ABOUT = "tuanbot.db", "tuanbot.dump", "digest.key", "about.json"
_NAME = "tuanbot-{at:%Y%m%d-%H%M%S}.tar.gz"
_NAMED = f"tuanbot-{'[0-9]' * 8}-{'[0-9]' * 6}.tar.gz"
#: 恢复前原来的东西改名留着，不删
_ASIDE = ".before-restore-{at:%Y%m%d-%H%M%S}"


def back_up(config: Settings, folder: Path, *, at: datetime, keep: int | None = None) -> Path:
    """在 `folder` 里写一个备份，只有本人可读；`keep` 时只留最新的几个。写到一半断了不会留下残缺的包。"""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, ".making-*", at)
    target = folder / _NAME.format(at=at)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as making:
        inside = Path(making) / "inside"
        inside.mkdir()
        (_copy_sqlite if db.sqlite_path(config.db_url) else _dump_postgres)(config, inside)
        (inside / KEY).write_bytes(config.digest_key)
        about = {"at": at.isoformat(), "organisation": config.organisation, "schema": db.RELEASES[-1]}
        (inside / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
        packed = Path(making) / "packed"
        with tarfile.open(packed, "w:gz") as archive:
            for path in sorted(inside.iterdir()):
                archive.add(path, path.name)
        packed.chmod(0o600)
        packed.replace(target)
    for old in sorted(folder.glob(_NAMED))[: -keep if keep else 0]:
        if old != target:  # 钟要是往回走过，刚写的排在最前
            old.unlink()
    return target


def restore(config: Settings, archive: Path, *, at: datetime) -> list[Path]:
    """把备份放回去；SQLite 原来的库与钥匙改名留在旁边，返回它们。团团正开着就抛 `db.DatabaseInUse`。"""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    _sweep(config.data_dir, ".restoring-*", at)
    with tempfile.TemporaryDirectory(dir=config.data_dir, prefix=".restoring-") as restoring:
        inside = Path(restoring)
        _unpack(archive, inside)
        path = db.sqlite_path(config.db_url)
        if not (inside / (SQLITE if path else POSTGRES)).exists():
            raise Refusal("这个备份是另一种数据库的；把 TUAN_DATABASE_URL 改成备份时的那种再来。")
        if path is None:
            if ask_health(config):  # 连着的它不知道库换过了
                raise Refusal("团团正开着：先停下它，再恢复。")
            _restore_postgres(config, inside / POSTGRES)
            return _put(inside / KEY, config.data_dir / KEY, at)
        with db.held(config.db_url):
            aside = _put(inside / SQLITE, path, at)
            for trace in ("-wal", "-shm"):
                path.with_name(path.name + trace).unlink(missing_ok=True)
            return aside + _put(inside / KEY, config.data_dir / KEY, at)


def _sweep(folder: Path, pattern: str, at: datetime) -> None:
    """从前做到一半被杀掉的，里面是整个库，别留着；一天之内的可能正做着。"""
    for left in folder.glob(pattern):
        if datetime.fromtimestamp(left.stat().st_mtime, at.tzinfo) < at - timedelta(days=1):
            shutil.rmtree(left, ignore_errors=True)


def _put(new: Path, place: Path, at: datetime) -> list[Path]:
    """放到 `place`；原来有而且不一样的，改名留着。先抄好再换：盘满了、断在半路，原来的还在原处。"""
    aside = []
    place.parent.mkdir(parents=True, exist_ok=True)
    ready = place.with_name(f"{place.name}.restoring")
    try:
        shutil.copyfile(new, ready)
        ready.chmod(0o600)
    except OSError:
        ready.unlink(missing_ok=True)
        raise
    if place.exists() and place.read_bytes() != new.read_bytes():
        kept = place.with_name(place.name + _ASIDE.format(at=at))
        _settle_wal(place)
        place.rename(kept)
        aside.append(kept)
    ready.replace(place)
    return aside


def _settle_wal(place: Path) -> None:
    """还在 `-wal` 里没并进主文件的，先并进去；不然改了名就丢了。"""
    if place.with_name(f"{place.name}-wal").exists():
        with closing(sqlite3.connect(place)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as packed:
            for name in {KEY, ABOUT, *({SQLITE, POSTGRES} & set(packed.getnames()))}:
                _take(packed, name, folder)
        schema = json.loads((folder / ABOUT).read_text("utf-8"))["schema"]
    except (tarfile.TarError, KeyError, ValueError, EOFError, OSError) as error:
        if isinstance(error, FileNotFoundError) and not archive.exists():
            raise Refusal(f"没有 {archive} 这个文件。") from None
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EACCES):
            raise  # 盘满了、不让读，不是包的错
        raise Refusal(f"{archive.name} 不是 tuanbot backup 写的备份，或者没抄完整。") from None
    if schema > db.RELEASES[-1]:
        raise Refusal(f"这个备份来自更新的版本（{schema}），先把团团升级到那一版再恢复。")


def _take(packed: tarfile.TarFile, name: str, folder: Path) -> None:
    """只认自己写的那几件，而且得是普通文件；包里别的一概不碰（3.11.4 之前的 Python 没有解包的过滤）。"""
    if (member := packed.extractfile(name)) is None:
        raise KeyError(name)
    with member, (folder / name).open("wb") as out:
        shutil.copyfileobj(member, out)


def _copy_sqlite(config: Settings, inside: Path) -> None:
    path = db.sqlite_path(config.db_url)
    assert path
    if not path.exists():
        raise Refusal(f"还没有库可备份：{path} 不在。看看 TUAN_DATA_DIR 对不对。")
    db.copy_sqlite(path, inside / SQLITE)


def _dump_postgres(config: Settings, inside: Path) -> None:
    _postgres_tool("pg_dump", config, "--format=custom", f"--file={inside / POSTGRES}")


def _restore_postgres(config: Settings, dump: Path) -> None:
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
    _postgres_tool("pg_restore", config, *options, str(dump))


def _postgres_tool(tool: str, config: Settings, *options: str) -> None:
    """密码从环境变量给，不写在别人看得见的命令行里。"""
    if not (program := shutil.which(tool)):
        raise Refusal(f"找不到 {tool}；先装 PostgreSQL 的客户端（Debian 上是 postgresql-client）。")
    parts = urlsplit(config.db_url.partition("?")[0])
    place = parts._replace(scheme="postgresql", netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    done = subprocess.run([program, f"--dbname={place}", *options], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"{tool} 没做成：{(done.stderr.strip().splitlines() or ['没有说明'])[-1]}")
