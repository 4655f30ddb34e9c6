"""`tuanbot try` 当黑盒：真的子进程、真的 WebSocket，看它说了什么、存了什么、以什么状态退出。"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import environment

#: 改坏一条规矩再演：办结十四天没人回话，本该“未确认结案”
BROKEN = """
from datetime import timedelta
from bot.league import wish_deadlines
wish_deadlines.CLOSE_AFTER = timedelta(days=400)
from bot.__main__ import main
main()
"""


def start(*arguments: str, folder: Path, code: str | None = None) -> "subprocess.Popen[str]":
    folder.mkdir()
    command = ["-c", code] if code else ["-m", "bot"]  # 后面的参数两种写法都在 sys.argv[1:]
    return subprocess.Popen(
        [sys.executable, *command, "try", *arguments],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        pytest.fail(f"一分半还没演完，演到：{output[-3000:]}")
    return process.returncode, output


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """演一遍给脚本看。"""
    folder = tmp_path_factory.mktemp("try") / "here"
    process = start("--script", "--out", "pictures", folder=folder)
    status, output = finish(process)
    return folder, status, output


def test_the_afternoon_goes_as_expected(afternoon: tuple[Path, int, str]) -> None:
    _, status, output = afternoon
    assert "✗" not in output
    assert status == 0, output


@pytest.mark.parametrize(
    "line",
    [
        "ok 十五名青年的同意都记下了",
        "ok 团干部甲和青年",
        "ok 没加入的人，库里没有他",
        "ok W1 的结局是已圆梦",
        "ok W2 的结局是未确认结案",
        "ok V1 已答复",
        "ok 说心声的人知道有回音了，只告诉一次",
        "ok 八位联系青年各被私下问了一次",
        "ok 团干部看不到是谁打的分",
        "ok 主动评的一份没有进积分",
        "ok 再看一遍，一条也不多发",
        "ok 青年群里只说单位，不说谁第几",
        "# 记了什么、为什么",
        "# 青年评价",
        "# 名次",
    ],
)
def test_it_prints_what_happened_and_why(afternoon: tuple[Path, int, str], line: str) -> None:
    assert f"\n{line}" in afternoon[2]


def test_script_output_has_no_colour_and_one_message_a_line(afternoon: tuple[Path, int, str]) -> None:
    assert "\x1b" not in afternoon[2]
    talk = [line for line in afternoon[2].splitlines() if "] 团团: " in line]
    assert len(talk) > 30


def test_pictures_are_saved_and_nothing_else_stays(afternoon: tuple[Path, int, str]) -> None:
    folder, _, output = afternoon
    pictures = sorted((folder / "pictures").glob("*.png"))
    assert len(pictures) >= 2
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.name in output
    assert [path.name for path in folder.iterdir()] == ["pictures"]


def test_the_same_seed_gives_the_same_afternoon_and_another_seed_another(
    afternoon: tuple[Path, int, str], tmp_path: Path
) -> None:
    same = start("--script", "--out", "pictures", folder=tmp_path / "same")
    other = start("--script", "--seed", "7", "--out", "pictures", folder=tmp_path / "other")
    (_, again), (status, different) = finish(same), finish(other)
    assert _body(again) == _body(afternoon[2])
    assert status == 0, different
    assert _body(different) != _body(afternoon[2])


def test_a_broken_rule_is_printed_and_exits_with_1(tmp_path: Path) -> None:
    status, output = finish(start("--quiet", folder=tmp_path / "broken", code=BROKEN))
    assert "✗ W2 的结局是未确认结案" in output
    assert status == 1


def _body(output: str) -> str:
    """去掉最后一句（里面有图片存在哪里）。"""
    return output.rstrip().rpartition("\n")[0]
