"""`tuanbot try` 当黑盒：真的子进程、真的 WebSocket，看它说了什么、存了什么、以什么状态退出。"""

import re
import socket
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

#: 同一个下午，底下换成别人写的 OneBot V12 实现，平台是微信
ON_WECHAT = """
import asyncio, os, sys
from pathlib import Path
from bot import app, try_outs
folder = Path(sys.argv[2])
os.environ.update(try_outs.throwaway(folder, try_outs.port(preferred=None)) | {"TUAN_DUTY": "wechat:10001"})
app.build()
from db.models import Scope
from plugins.sandbox import people, play, stage
from tests.wechat_stage import Stage
people.SCOPE, stage.Platform = Scope.WECHAT, Stage
sys.exit(not asyncio.run(play.play(seed=1, out=folder, style=play.Style.SCRIPT)))
"""


def start(*arguments: str, folder: Path, code: str | None = None, **settings: str) -> "subprocess.Popen[str]":
    """空着的设置与没有一样：库用完即扔，端口自己找。"""
    folder.mkdir(exist_ok=True)
    command = ["-c", code] if code else ["-m", "bot"]  # 后面的参数两种写法都在 sys.argv[1:]
    return subprocess.Popen(
        [sys.executable, *command, "try", *arguments],
        cwd=folder,
        env=environment(folder, **{"TUAN_DATA_DIR": "", "PORT": ""} | settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        pytest.fail(f"五分钟还没演完，演到：{output[-3000:]}")
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
        "ok 督导收到了，等他裁",
        "# 聊天：算没算、为什么",
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
    kept = tmp_path / "kept"
    other = start("--script", "--seed", "7", "--out", "pictures", folder=tmp_path / "other", TUAN_DATA_DIR=str(kept))
    (_, again), (status, different) = finish(same), finish(other)
    assert _body(again) == _body(afternoon[2])
    assert status == 0, different
    assert _body(different) != _body(afternoon[2])
    assert (kept / "try" / "try.db").exists(), "说了放在哪，就留在那"
    assert [path.name for path in kept.iterdir()] == ["try"], "不碰那里真的库"


def test_on_wechat_the_same_afternoon_is_told_word_for_word(afternoon: tuple[Path, int, str], tmp_path: Path) -> None:
    status, output = finish(start(str(tmp_path), folder=tmp_path, code=ON_WECHAT))
    assert status == 0, output
    on_qq = afternoon[2].replace("QQ 尾号", "微信 尾号").replace("账号：qq:", "账号：wechat:")
    assert _told(output) == _told(on_qq)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == sorted(
        path.name for path in (afternoon[0] / "pictures").glob("*.png")
    )


def test_a_broken_rule_is_printed_and_exits_with_1(tmp_path: Path) -> None:
    status, output = finish(start("--quiet", folder=tmp_path / "broken", code=BROKEN))
    assert "✗ W2 的结局是未确认结案" in output
    assert status == 1


@pytest.mark.parametrize("port", ["八千", "0", "70000"])
def test_a_port_that_is_none_is_refused_in_one_sentence(tmp_path: Path, port: str) -> None:
    status, output = finish(start(folder=tmp_path, PORT=port))
    assert output.strip() == f"PORT={port} 不是端口；写 1 到 65535 的一个数，如 8080。"
    assert status == 2


def test_a_taken_port_that_was_asked_for_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, output = finish(start(folder=tmp_path, PORT=str(taken.getsockname()[1])))
    assert "换一个 PORT" in output
    assert status == 2


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data" / "try").mkdir(parents=True)
    (tmp_path / "data" / "try" / "论文.docx").write_text("别删我")
    status, output = finish(start(folder=tmp_path, TUAN_DATA_DIR=str(tmp_path / "data")))
    assert "里放着别的东西，不敢动" in output
    assert status == 2
    assert (tmp_path / "data" / "try" / "论文.docx").exists()


def test_when_8080_is_taken_it_says_which_port_it_takes_instead(tmp_path: Path) -> None:
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # 别的程序已经占着，正合适
        process = start("--no-open", folder=tmp_path, TUAN_DATA_DIR=str(tmp_path))
        assert process.stdout
        said = process.stdout.readline()
        process.kill()
        process.communicate()
    assert said.startswith("8080 正被别的程序用着，换成 ")


def _body(output: str) -> str:
    """去掉最后一句（里面有图片存在哪里）。"""
    return output.rstrip().rpartition("\n")[0]


def _told(output: str) -> list[str]:
    """一行一行，不管图存在哪里。"""
    return re.sub(r"/\S*/(?=[^/\s]+\.png)", "", _body(output)).splitlines()
