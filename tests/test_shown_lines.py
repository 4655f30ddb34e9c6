"""文档里写给人敲的每一行都真敲一遍，照读的人的次序。添了新的一行，这里就要有它的去处，不然不让过。"""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from typer.core import TyperGroup
from typer.main import get_command

from bot.__main__ import cli
from bot.league import roster_files
from tests.processes import environment, free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
CLI = get_command(cli)
assert isinstance(CLI, TyperGroup)
#: 没写语言的代码块，一行一条；`#` 后面是说明
FENCES = re.findall(r"^```(.*)\n((?:(?!```).*\n)*)```$", TEXT, re.MULTILINE)
LINES = [
    line.partition("  #")[0].strip() for kind, code in FENCES if not kind for line in code.splitlines() if line.strip()
]
INLINE = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", TEXT)
VERBS = "|".join(CLI.commands)
SHOWN = {
    " ".join(f"tuanbot {found}".split())
    for line in (*LINES, *INLINE)
    for found in re.findall(rf"\btuanbot ((?:{VERBS})\b[^'&;|]*)", line)
}
#: 提到这条命令，不是一整行
MENTIONED = {"tuanbot import", "tuanbot export", "tuanbot restore"}
#: 演一回要十几秒，别处已经演了
PLAYED = {"tuanbot try": "tests/test_try.py"}

#: 别的程序 → 谁替它作证
OTHERS = {
    "pip": "装 uv；这台机器上的 uv 就是这么来的",
    "uv": "下面：uv sync 只算不装，uv run 的是 tuanbot、pytest、tortoise、benchmarks 里的文件",
    "git": "下面：git clone 从这个仓库抄一份；git pull、checkout 是 git 自己的事",
    ".ci/run": "下面：语法；跑它的就是 CI",
    "docker": "tests/test_deploy.py：文件、搭法、服务名都在，有引擎的机器上真打镜像",
    "systemctl": "tests/test_deploy.py：systemd 认这个单元",
    "cp": "下面：要抄的文件在",
    "cd": "",
    "su": "换成团团的账号再敲；引号里的和别的行一样看",
    "useradd": "系统的命令，在干净的 Debian 上从头敲过",
    "chown": "同上",
    "30": "crontab 的一行，tests/test_deploy.py 真跑",
}


def programs() -> set[str]:
    """每一行里每条命令的头一个词；`su -c '…'` 引号里的也算。"""
    lines = [*LINES, *(inner for line in LINES for inner in re.findall(r"-c '(.+)'", line))]
    pieces = [piece.split()[0] for line in lines for piece in re.sub(r"'.*?'", "", line).split("&&")]
    return {piece for piece in pieces if not piece.endswith("tuanbot")}


def test_every_program_in_the_code_blocks_has_someone_to_vouch_for_it() -> None:
    assert programs() == set(OTHERS)
    for line in LINES:
        assert subprocess.run(["sh", "-n"], input=re.sub(r"<.*?>", "x", line), text=True).returncode == 0, line


def test_what_the_other_lines_name_is_there(tmp_path: Path) -> None:
    for line in (*LINES, *INLINE):
        if copied := re.match(r"cp (?:/opt/tuanbot/)?(\S+) ", line):
            assert (ROOT / copied[1]).exists(), line
        if ran := re.match(r"uv run (?:python|pytest) ([\w./]+\.py)", line):
            assert (ROOT / ran[1]).exists(), line
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"]).returncode == 0
    if (ROOT / ".git").exists():
        (cloned,) = [line for line in LINES if line.startswith("git clone <这个仓库> tuanbot")]
        command = cloned.replace("<这个仓库>", shlex.quote(f"file://{ROOT}")).replace("clone", "clone -q --depth 1")
        done = subprocess.run(["sh", "-c", f"{command} && ls"], cwd=tmp_path, capture_output=True, text=True)
        assert "pyproject.toml" in done.stdout.split(), done.stderr


def syncs() -> set[str]:
    return set(re.findall(r"uv sync[ \w-]*\w", "\n".join([*LINES, *INLINE])))


@pytest.mark.skipif(
    not shutil.which("uv") or not (ROOT / "uv.lock").exists(), reason="没有 uv，或还没 uv sync 过：算不出会装什么"
)
def test_every_uv_sync_finds_the_extras_it_names() -> None:
    assert len(syncs()) >= 4
    for line in syncs():  # 只算不装；锁好的不用联网
        done = subprocess.run(
            [*shlex.split(line), "--frozen", "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)


class Reader:
    """照文档敲命令的人：自己的目录、自己的设置，`tuanbot` 在 PATH 上。"""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.done = folder, free_port(), set[str]()
        program = folder / "bin" / "tuanbot"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m bot "$@"\n', "utf-8")
        program.chmod(0o755)
        self.environment = environment(folder) | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
        del self.environment["SUPERUSERS"]  # 设置都在 .env 里
        self.places: dict[str, str] = {}
        self.heard: dict[str, str] = {}

    def types(self, line: str, *, typed: str = "", status: int = 0) -> str:
        """敲一行，等它结束，返回它说的；换成真的路径之后一样的只敲一遍。"""
        if (real := self._real(line)) not in self.heard:
            done = subprocess.run(
                ["sh", "-c", real],
                cwd=self.folder,
                env=self.environment,
                input=typed,
                capture_output=True,
                text=True,
            )
            assert done.returncode == status, (line, done.stdout, done.stderr)
            self.heard[real] = done.stdout
        return self.heard[real]

    @contextmanager
    def starts(self, line: str, *, typed: str = "") -> Iterator[str]:
        """敲一行不会自己停的，等它答得了健康页，用完请它停下；给出它说的。"""
        log = self.folder / "said.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {self._real(line)}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                text=True,
            )
        try:
            assert process.stdin
            process.stdin.write(typed)
            process.stdin.close()
            self._wait(process, log)
            yield log.read_text("utf-8")
        finally:
            process.terminate()
            status = process.wait(15)
        assert status == 0, log.read_text("utf-8")[-2000:]

    def _real(self, line: str) -> str:
        """记下敲过这一行；文档里举例的路径换成真的。"""
        assert line in SHOWN, f"文档里没有这一行：{line}"
        self.done.add(line)
        for shown, real in self.places.items():
            line = line.replace(shown, real)
        return line

    def _wait(self, process: "subprocess.Popen[str]", log: Path) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as answer:
                    assert json.loads(answer.read())["recording"]
                    return
            except OSError:
                time.sleep(0.05)

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.folder / "data" / "tuanbot.db")) as connection:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_reader_can_type_every_tuanbot_line_in_the_docs(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    answers = f"QQ\n{reader.port}\n\n10001\n示例大学团委\n"
    # 装：问五个问题，等账号；装成服务的先不启动
    with reader.starts("tuanbot setup", typed=answers) as said:
        assert "我等它连上来" in said
    assert "原来的留成 .env.old" in reader.types("tuanbot setup --no-wait", typed="\n\n\n10001\n示例大学团委\n")
    # 开着的时候：体检（没有账号连着，是要说的）、备份
    with reader.starts("tuanbot run"):
        assert "✗ 账号：一个也没连上" in reader.types("tuanbot doctor", status=1)
        assert "备份好了" in reader.types("tuanbot backup")
    # 停下来：名册填好、导入、导出
    assert "空表写好了" in reader.types("tuanbot import --template 名册.xlsx")
    fill_in(tmp_path / "名册.xlsx")
    assert "单位" in reader.types("tuanbot import 名册.xlsx")
    assert "单位 2 行" in reader.types("tuanbot export 现在的名册.xlsx")
    assert CalamineWorkbook.from_path(tmp_path / "现在的名册.xlsx").sheet_names[:2] == ["单位", "干部"]
    assert reader.types("tuanbot migrate") == "已经是最新的。\n"
    assert reader.types("tuanbot notices") == "没有这样的通知。\n"
    assert "由事实重算" in reader.types("tuanbot rebuild")
    # 备份到别处，放回来
    for place in ("目录", "/mnt/backup", "/var/backups/tuanbot"):
        reader.places[place] = str(tmp_path / "backups")
    for line in sorted(line for line in SHOWN if line.startswith("tuanbot backup ")):
        assert "备份好了" in reader.types(line)
    (made,) = sorted((tmp_path / "backups").glob("*.tar.gz"))[-1:]
    reader.places = {
        "/var/backups/tuanbot/tuanbot-20261122-033000.tar.gz": str(made),
        "/data/backups/tuanbot-20261122-033000.tar.gz": str(made),
        "tuanbot-20261122-033000.tar.gz": str(made),
        "备份.tar.gz": str(made),
    }
    for line in sorted(line for line in SHOWN if line.startswith("tuanbot restore ")):
        assert "恢复好了" in reader.types(line)
    assert reader.count("cadre") == 1
    assert SHOWN - reader.done - MENTIONED - set(PLAYED) == set()


def fill_in(path: Path) -> None:
    """照空表的样子填好。"""
    cadre = {"姓名": "团干部甲", "单位": "示例一团总支", "类别": "专职", "职责": "", "平台": "QQ", "账号": "20001"}
    rows = {
        "单位": [("示例大学团委", "", "校"), ("示例一团总支", "示例大学团委", "团总支")],
        "干部": [tuple(cadre[name] for name in roster_files.SHEETS["干部"])],
    }
    roster_files.write(path, rows)
