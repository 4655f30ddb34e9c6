"""备份、恢复、搬家：从命令行敲，和管机器的人一样。"""

import errno
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate

import db
from bot import backups
from bot.league.errors import Refusal
from bot.league.periods import on
from bot.settings import Settings
from db.models import Cadre
from tests import postgres, shared
from tests.process import Phone, bind, kill, start, stop
from tests.processes import tuanbot
from tests.test_cli import count, write_roster

SELF, GROUP = 50001, 60001
AT = on(date(2026, 11, 22))


def only_backup(folder: Path) -> Path:
    (made,) = folder.glob("tuanbot-*.tar.gz")
    return made


async def test_a_backup_taken_while_the_bot_works_moves_it_to_another_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    await bind(here, GROUP, self_id=SELF)
    robot = start(here)
    try:
        async with Phone.online(robot, SELF) as phone:
            await phone.send(phone.message("/心愿 想借一间教室", group=GROUP))
            await phone.pings("办好了")
            done = tuanbot("backup", str(there), folder=here)  # 开着也能备份
            assert done.returncode == 0, done.stderr
            refused = tuanbot("restore", str(only_backup(there)), folder=here)
            assert "多半是团团正在运行" in refused.stderr
    finally:
        stop(robot)
    made = only_backup(there)
    assert made.stat().st_mode & 0o077 == 0
    assert "恢复好了" in tuanbot("restore", str(made), folder=there).stdout
    moved = start(there)
    try:
        assert moved.rows("SELECT text FROM wish") == [("想借一间教室",)]
        assert (there / "data" / "digest.key").read_bytes() == (here / "data" / "digest.key").read_bytes()
    finally:
        kill(moved)


def test_restoring_keeps_what_was_there_under_another_name(tmp_path: Path) -> None:
    write_roster(tmp_path / "roster")
    tuanbot("import", "roster", folder=tmp_path)
    tuanbot("backup", folder=tmp_path)
    shutil.rmtree(tmp_path / "roster")
    write_roster(tmp_path / "roster", "姓名,单位,类别,职责,平台,账号\n团干部丙,示例一团总支,专职,,QQ,20009\n")
    tuanbot("import", "roster", folder=tmp_path)
    done = tuanbot("restore", str(only_backup(tmp_path / "data" / "backups")), folder=tmp_path)
    assert "原来的留在" in done.stdout
    assert count(tmp_path, "cadre") == 1
    (aside,) = (tmp_path / "data").glob("tuanbot.db.before-restore-*")
    with closing(sqlite3.connect(aside)) as old:
        assert old.execute("SELECT count(*) FROM cadre").fetchone() == (2,)


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    tuanbot("migrate", folder=tmp_path)
    for day in ("01", "02", "03"):
        (tmp_path / f"tuanbot-202601{day}-000000.tar.gz").touch()
    assert tuanbot("backup", str(tmp_path), "--keep", "2", folder=tmp_path).returncode == 0
    left = sorted(path.name for path in tmp_path.glob("*.tar.gz"))
    assert len(left) == 2
    assert left[0] == "tuanbot-20260103-000000.tar.gz"


def test_what_is_not_a_backup_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    tuanbot("migrate", folder=tmp_path)
    before = (tmp_path / "data" / "tuanbot.db").read_bytes()
    (tmp_path / "坏的.tar.gz").write_bytes(b"hello")
    with tarfile.open(tmp_path / "空的.tar.gz", "w:gz"):
        pass
    with tarfile.open(tmp_path / "夹带.tar.gz", "w:gz") as packed:
        for name, kind in [("about.json", tarfile.REGTYPE), ("digest.key", tarfile.SYMTYPE), ("../x", tarfile.REGTYPE)]:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/hostname"
            packed.addfile(member)
    for name, sentence in [
        ("坏的.tar.gz", "不是 tuanbot backup 写的备份"),
        ("空的.tar.gz", "不是 tuanbot backup 写的备份"),
        ("夹带.tar.gz", "不是 tuanbot backup 写的备份"),
        ("没有.tar.gz", "没有 没有.tar.gz 这个文件"),
    ]:
        done = tuanbot("restore", name, folder=tmp_path)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert (tmp_path / "data" / "tuanbot.db").read_bytes() == before
    assert not list(tmp_path.rglob("x"))
    nothing = tuanbot("backup", folder=tmp_path, TUAN_DATA_DIR=str(tmp_path / "别处"))
    assert "还没有库可备份" in nothing.stderr


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    """一个有一行字的库，不起进程。"""
    config = Settings.model_validate({"TUAN_DATA_DIR": str(tmp_path / "data")})
    config.data_dir.mkdir()
    write(config, "旧的")
    return config


def write(config: Settings, words: str) -> None:
    with closing(sqlite3.connect(config.data_dir / "tuanbot.db")) as database:
        database.executescript(f"CREATE TABLE IF NOT EXISTS said (words); INSERT INTO said VALUES ('{words}')")


def test_a_half_copied_backup_is_refused(kept: Settings, tmp_path: Path) -> None:
    whole = backups.back_up(kept, tmp_path, at=AT)
    half = tmp_path / "半截.tar.gz"
    half.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(Refusal, match="或者没抄完整"):
        backups.restore(kept, half, at=AT)


def test_a_full_disk_while_restoring_leaves_everything_as_it_was(
    kept: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backups.back_up(kept, tmp_path, at=AT)
    write(kept, "新的")
    before = {path.name: path.read_bytes() for path in kept.data_dir.iterdir()}

    def full(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        backups.restore(kept, made, at=AT)
    assert {name: data for name, data in before.items() if (kept.data_dir / name).read_bytes() != data} == {}
    assert {path.name for path in kept.data_dir.iterdir()} == {*before, "tuanbot.db.lock"}


def test_postgres_is_not_replaced_under_a_running_bot(
    kept: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = kept.model_copy(update={"database_url": "postgres://a:b@127.0.0.1:1/x"})
    monkeypatch.setattr(backups, "_dump_postgres", lambda _, inside: (inside / backups.POSTGRES).touch())
    monkeypatch.setattr(backups, "ask_health", lambda _: {"ok": True})
    made = backups.back_up(there, tmp_path, at=AT)
    with pytest.raises(Refusal, match="团团正开着：先停下它"):
        backups.restore(there, made, at=AT)


def test_a_clock_that_went_back_does_not_throw_away_the_backup_just_made(kept: Settings, tmp_path: Path) -> None:
    other = tmp_path / "tuanbot-源码.tar.gz"
    other.touch()
    backups.back_up(kept, tmp_path, at=AT)
    assert backups.back_up(kept, tmp_path, at=AT - timedelta(days=400), keep=1).exists()
    assert other.exists()


def test_what_was_killed_half_way_is_swept_by_the_next(kept: Settings, tmp_path: Path) -> None:
    packs, data = tmp_path / "backups", kept.data_dir
    old, new, other = packs / ".making-old", packs / ".making-new", data / ".restoring-old"
    for folder in (old, new, other):
        folder.mkdir(parents=True)
        (folder / "tuanbot.db").write_text("整个库", "utf-8")
        age = timedelta(hours=1) if folder is new else timedelta(days=2)
        os.utime(folder, times=((AT - age).timestamp(),) * 2)
    made = backups.back_up(kept, packs, at=AT)
    backups.restore(kept, made, at=AT)
    assert (old.exists(), new.exists(), other.exists()) == (False, True, False)


async def test_postgres_goes_through_pg_dump_and_back(
    postgres_server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgres.tools()}{os.pathsep}{os.environ['PATH']}")
    await postgres_server.create("backup_here")
    await postgres_server.create("backup_there")
    here, there = ({"TUAN_DATABASE_URL": postgres_server.url(name)} for name in ("backup_here", "backup_there"))
    write_roster(tmp_path / "roster")
    assert tuanbot("import", "roster", folder=tmp_path, **here).returncode == 0
    made = tuanbot("backup", folder=tmp_path, **here)
    assert made.returncode == 0, made.stderr
    archive = str(only_backup(tmp_path / "data" / "backups"))
    done = tuanbot("restore", archive, folder=tmp_path, **there)
    assert done.returncode == 0, done.stderr
    assert "已经是最新的" in tuanbot("migrate", folder=tmp_path, **there).stdout
    async with shared.connected(there["TUAN_DATABASE_URL"]):
        assert await Cadre.all().count() == 1
    wrong = tuanbot("restore", archive, folder=tmp_path)
    assert "另一种数据库" in wrong.stderr


async def test_an_upgrade_that_does_not_suit_is_undone_as_the_docs_say(tmp_path: Path) -> None:
    """先备份，升级，再放回去：库又是旧程序认得的那一版，升级后的那份改名留着。"""
    config = Settings.model_validate({"TUAN_DATA_DIR": str(tmp_path / "data")})
    (tmp_path / "data").mkdir()
    async with TortoiseContext():
        await migrate(config=db.tortoise_config(config.db_url), target=f"models.{db.RELEASES[0]}")
    archive = backups.back_up(config, tmp_path / "backups", at=AT)
    try:
        assert await db.migrate(config.db_url) == db.RELEASES[1:]
    finally:
        await db.close()
    (aside, *_) = backups.restore(config, archive, at=AT)
    path = tmp_path / "data" / "tuanbot.db"
    assert [migrations(path), migrations(aside)] == [db.RELEASES[:1], db.RELEASES]


def migrations(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM tortoise_migrations ORDER BY name")]
