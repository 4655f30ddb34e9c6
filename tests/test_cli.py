"""命令行当黑盒：从别的目录敲，出错只有一句话。"""

import errno
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import __main__ as commands
from bot.__main__ import _about_database
from tests.processes import bot_running, tuanbot

UNITS = "名称,上级,类别\n示例大学团委,,校\n示例一团总支,示例大学团委,团总支\n"
CADRES = (
    "姓名,单位,类别,职责,平台,账号\n团干部甲,示例一团总支,专职,,QQ,20001\n组织部老师,示例大学团委,,管理员,QQ,20002\n"
)


def write_roster(folder: Path, cadres: str = CADRES) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "单位.csv").write_text(UNITS, "utf-8")
    (folder / "干部.csv").write_text(cadres, "utf-8")


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "data" / "tuanbot.db")) as database:
        return database.execute(f"select count(*) from {table}").fetchone()[0]


def test_help_lists_every_command_in_chinese(tmp_path: Path) -> None:
    shown = tuanbot("--help", folder=tmp_path).stdout
    for word in ("run", "try", "import", "migrate", "rebuild", "演一个下午", "导入名册", "升级数据库", "由事实重算"):
        assert word in shown


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (("run",), {"HOST": "0.0.0.0"}, "请先设 ONEBOT_ACCESS_TOKEN"),
        (("run",), {"PORT": "99999"}, "设置不对：PORT=99999。PORT 是监听端口。"),
        (
            ("doctor",),
            {"TUAN_TIMEZONE": "Mars/Base", "TUAN_DATABASE_URL": "mysql://a/b"},
            "TUAN_TIMEZONE 是日期按哪个时区算，写地名，如 Asia/Shanghai",
        ),
        (("migrate",), {"TUAN_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "打不开"),
        (("run",), {"HOST": "ws://127.0.0.1", "ONEBOT_ACCESS_TOKEN": "很长的一串"}, "只写地址，不带 ws://"),
        (("import",), {}, "要导入哪个文件？"),
        (("import", "没有这个.xlsx"), {}, "没有这个.xlsx"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], sentence: str
) -> None:
    done = tuanbot(*arguments, folder=tmp_path, **settings)
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.returncode == 2


def test_a_taken_port_is_said_before_starting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = tuanbot("run", folder=tmp_path, PORT=str(taken.getsockname()[1]))
    assert "换一个 PORT" in done.stderr
    assert done.returncode == 2


def test_importing_twice_changes_nothing_and_a_bad_row_changes_nothing(tmp_path: Path) -> None:
    write_roster(tmp_path / "roster")
    first = tuanbot("import", "roster", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert (count(tmp_path, "unit"), count(tmp_path, "cadre"), count(tmp_path, "role")) == (2, 1, 1)
    assert tuanbot("import", "roster", folder=tmp_path).returncode == 0
    write_roster(tmp_path / "roster", CADRES + "团干部乙,没有的单位,专职,,QQ,20003\n")
    refused = tuanbot("import", "roster", folder=tmp_path)
    assert refused.returncode == 1
    assert "干部" in refused.stderr
    assert "4" in refused.stderr
    assert "没有的单位" in refused.stderr
    assert (count(tmp_path, "unit"), count(tmp_path, "cadre"), count(tmp_path, "person")) == (2, 1, 2)


def test_the_empty_form_can_be_written_and_read_back(tmp_path: Path) -> None:
    written = tuanbot("import", "--template", "名册.xlsx", folder=tmp_path)
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "名册.xlsx").exists()


@pytest.mark.parametrize("name", ["团委#2", "哪个?"])
def test_a_folder_name_that_would_put_the_database_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    (folder := tmp_path / name).mkdir()
    done = tuanbot("migrate", folder=folder)
    assert (done.returncode, "的名字里有 # 或 ?，库放不进去" in done.stderr) == (2, True), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_terminal_that_lacks_a_letter_still_gets_the_rest(tmp_path: Path) -> None:
    done = tuanbot("doctor", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert "SQLite" in done.stdout
    assert "Error" not in done.stderr


def test_migrating_and_rebuilding_twice_is_harmless(tmp_path: Path) -> None:
    assert "已升级：0001_initial" in tuanbot("migrate", folder=tmp_path).stdout
    assert "已经是最新的" in tuanbot("migrate", folder=tmp_path).stdout
    assert tuanbot("rebuild", folder=tmp_path).returncode == 0
    # 库里有人，别的账号读不到
    assert (tmp_path / "data" / "tuanbot.db").stat().st_mode & 0o077 == 0


def test_a_broken_database_file_is_said_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tuanbot.db").write_bytes(b"not a database, not at all" * 100)
    done = tuanbot("run", folder=tmp_path)
    assert done.stderr == ("数据库文件坏了（file is not a database）：停下团团，用 tuanbot restore 放回最近的备份。\n")
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        ("database or disk is full", "数据库写不进去"),
        ("attempt to write a readonly database", "数据库写不进去"),
        ("permission denied for schema public", "数据库不让这个账号建表"),
        ("no such table: wish", None),
    ],
)
def test_only_troubles_of_the_file_are_explained_a_bug_is_not_hidden(error: str, begins: str | None) -> None:
    said = _about_database(error)
    assert (said or "").startswith(begins or "")
    assert bool(said) is bool(begins)


def test_a_file_of_another_account_is_named_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".env")

    monkeypatch.setattr(os, "umask", lambda _: 0)  # 别的测试还在这个进程里
    monkeypatch.setattr(commands, "cli", refused)
    with pytest.raises(SystemExit, match="2"):
        commands.main()
    assert capsys.readouterr().err.startswith(".env 不让动：多半是别的账号（如 root）建的，用 chown")


def test_importing_while_the_bot_runs_on_the_same_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    write_roster(tmp_path / "roster")
    with bot_running(tmp_path):
        done = tuanbot("import", "roster", folder=tmp_path)
    assert "多半是团团正在运行" in done.stderr
    assert done.returncode == 2
