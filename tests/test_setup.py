"""第一次设置与体检：真敲命令，真连上来。"""

import asyncio
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.doctor import Verdict, examine
from bot.gateway.capabilities import IMPLEMENTATIONS, Ability
from bot.league.periods import on
from bot.settings import Settings
from tests.process import TOKEN, Phone, bind, start, stop, until
from tests.processes import environment, free_port, tuanbot

SELF = 50001
ROOT = Path(__file__).parent.parent


class NapCat(Phone):
    def _result(self, action: str, params: dict[str, Any]) -> Any:
        if action == "get_version_info":
            return {"app_name": "NapCat.Onebot", "app_version": "4.9.1", "protocol_version": "v11"}
        return super()._result(action, params)


def setup(folder: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    kept = environment(folder)
    del kept["SUPERUSERS"]
    return subprocess.run(
        [sys.executable, "-m", "bot", "setup", *arguments],
        cwd=folder,
        env=kept,
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def lines(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines() if line and line[0] != "#")


def test_five_answers_make_a_private_env_and_say_what_to_paste(tmp_path: Path) -> None:
    done = setup(tmp_path, "--no-wait", typed="都连\n8123\n\n10001\n示例大学团委\n")
    assert done.returncode == 0, done.stderr
    written = lines(tmp_path / ".env")
    assert (written["PORT"], written["SUPERUSERS"], written["TUAN_ORGANISATION"]) == (
        "8123",
        '["10001"]',
        "示例大学团委",
    )
    assert len(written["ONEBOT_ACCESS_TOKEN"]) >= 24
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    for words in (
        "WebSocket 客户端",
        "ws://127.0.0.1:8123/onebot/v11/ws",
        "ws://127.0.0.1:8123/onebot/v12/ws",
        written["ONEBOT_ACCESS_TOKEN"],
    ):
        assert words in done.stdout


def test_setting_up_again_keeps_the_token_and_every_other_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# 我的\nTUAN_DUTY=qq:1\nONEBOT_ACCESS_TOKEN=already-agreed\nPORT=9000\n", "utf-8")
    done = setup(tmp_path, "--no-wait", typed="QQ\n\n\n10002\n示例大学团委\n")
    assert "原来的留成 .env.old" in done.stdout
    assert (tmp_path / ".env").read_text("utf-8") == (
        "# 我的\nTUAN_DUTY=qq:1\nONEBOT_ACCESS_TOKEN=already-agreed\nPORT=9000\n"
        'SUPERUSERS=["10002"]\nTUAN_ORGANISATION=示例大学团委\n'
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"--port": "70000"}, "端口是 1 到 65535"),
        ({"--token": "有空 格"}, "令牌用 6 个以上的字母"),
        ({"--superuser": "我自己"}, "超级管理员填账号"),
        ({"--organisation": 'a"b'}, "单位名称写一行字"),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_writes_nothing(
    tmp_path: Path, given: dict[str, str], sentence: str
) -> None:
    right = {
        "--platform": "QQ",
        "--port": "8080",
        "--token": "abcdef",
        "--superuser": "10001",
        "--organisation": "校团委",
    }
    done = setup(tmp_path, "--no-wait", *(part for pair in (right | given).items() for part in pair))
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / ".env").exists()


async def test_it_waits_for_the_account_and_says_hello(tmp_path: Path) -> None:
    given = ("--platform", "QQ", "--token", TOKEN, "--superuser", "10001", "--organisation", "示例大学团委")
    robot = start(tmp_path, arguments=("setup", "--port", str(port := free_port()), *given), PORT=str(port))
    try:
        async with NapCat.online(robot, SELF) as phone:
            await until(lambda: "已私聊 10001 打招呼" in robot.log, seconds=15)
            assert f"✓ {SELF} 连上了（NapCat.Onebot 4.9.1）" in robot.log
            assert phone.said[0].startswith("你好，我是团团，已经连上了。")
            await phone.pings("在吗")
    finally:
        await asyncio.to_thread(stop, robot)


async def test_the_doctor_sees_a_healthy_running_bot_and_its_accounts(tmp_path: Path) -> None:
    await bind(tmp_path, 60001, self_id=SELF)
    robot = start(tmp_path, TUAN_DUTY="qq:10001")
    try:
        known = {"PORT": str(robot.port), "ONEBOT_ACCESS_TOKEN": TOKEN, "TUAN_DUTY": "qq:10001"}
        lonely = await asyncio.to_thread(tuanbot, "doctor", folder=tmp_path, **known)
        assert "✗ 账号：一个也没连上" in lonely.stdout
        assert lonely.returncode == 1
        async with NapCat.online(robot, SELF) as phone:
            await phone.pings("在吗")
            done = await asyncio.to_thread(tuanbot, "doctor", folder=tmp_path, **known)
        assert "✓ 账号：NapCat.Onebot 4.9.1（都会）" in done.stdout
        assert "✓ 数据库：SQLite，表结构是最新的" in done.stdout
        assert "✓ 团团：在运行，记录没有积压" in done.stdout
        assert done.returncode == 0, done.stdout
    finally:
        await asyncio.to_thread(stop, robot)


def test_every_trouble_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "坏的.db").write_bytes(b"not a database, not at all" * 100)
    config = Settings.model_validate(
        {
            "host": "0.0.0.0",
            "port": free_port(),
            "superusers": set(),
            "TUAN_DUTY": "李老师",
            "TUAN_DATABASE_URL": f"sqlite://{tmp_path / '坏的.db'}",
            "TUAN_DATA_DIR": str(tmp_path),
        }
    )
    shown = {each.subject: each for each in examine(config, at=on(date(2020, 1, 1)))}
    for subject in ("令牌", "超级管理员", "值守人", "数据库", "时钟"):
        assert shown[subject].verdict is Verdict.BAD, subject
    assert all(each.remedy for each in shown.values() if each.verdict is Verdict.BAD)
    assert shown["数据库"].said == "SQLite 文件坏了"


def test_the_table_in_the_docs_is_the_table_in_the_code() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for one in {one.title: one for one in IMPLEMENTATIONS}.values():
        marks = " | ".join("✓" if ability in one.able else "—" for ability in Ability)
        assert f"| {one.title} | {marks} |" in page
