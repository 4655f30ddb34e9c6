"""第一次设置与体检：真敲命令，真连上来。"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import setting_up
from bot.doctor import examine
from bot.findings import Verdict
from bot.gateway.capabilities import IMPLEMENTATIONS, Ability
from bot.league.errors import Refusal
from bot.league.periods import on
from bot.settings import Settings
from bot.storage import look_at_database
from bot.vital_signs import look_at_accounts
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


def test_nonsense_is_asked_again_and_five_answers_make_a_private_env_and_say_what_to_paste(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=abc\nSUPERUSERS=10001\n", "utf-8")  # 写坏了的也修得好
    typed = "WhatsApp\n都连\nabc\n99999\n8123\n有空 格\n\n我自己\n10001\na'b\n示例大学团委\n"
    done = setup(tmp_path, "--no-wait", typed=typed)
    assert done.returncode == 0, done.stderr
    for sentence in (
        "写 QQ、微信 或 都连",
        "端口是 1 到 65535 之间的数，例如 8080。",
        "令牌用 6 个以上的字母",
        "超级管理员填账号，不是昵称",
        "单位名称写一行字就好",
    ):
        assert sentence in done.stdout
    assert "Error" not in done.stdout + done.stderr
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


def test_stopping_half_way_writes_nothing(tmp_path: Path) -> None:
    done = setup(tmp_path, "--no-wait", typed="QQ\n8123\n")  # 后面没有了，和按 Ctrl+C 一样
    assert (done.returncode, done.stderr.strip()) == (2, "停下了，什么也没写。想好了再来：tuanbot setup")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = setup(tmp_path, "--platform", "QQ", "--port", port)
    assert (done.returncode, done.stderr) == (
        2,
        f"127.0.0.1:{port} 用不了（被别的程序占着）；换一个 PORT，或看看团团是不是已经在运行。\n",
    )
    assert not (tmp_path / ".env").exists()


def test_setting_up_again_keeps_the_token_and_every_other_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# 我的\nTUAN_DUTY=qq:1\nONEBOT_ACCESS_TOKEN=already-agreed\nPORT=9000\n", "utf-8")
    done = setup(tmp_path, "--no-wait", typed="QQ\n\n\n10002\n示例大学团委\n")
    assert "原来的留成 .env.old" in done.stdout
    assert (tmp_path / ".env").read_text("utf-8") == (
        "# 我的\nTUAN_DUTY=qq:1\nONEBOT_ACCESS_TOKEN=already-agreed\nPORT=9000\n"
        'SUPERUSERS=["10002"]\nTUAN_ORGANISATION=示例大学团委\n'
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_broken_env_from_notepad_is_mended_and_what_was_agreed_stays(tmp_path: Path, encoding: str) -> None:
    old = "PORT=9000\r\nONEBOT_ACCESS_TOKEN=already-agreed\r\nSUPERUSERS=10001,10002\r\nTUAN_CONTACT=团委\r\n".encode(
        encoding
    )
    (tmp_path / ".env").write_bytes(old)
    done = setup(tmp_path, "--no-wait", typed="QQ\n\n\n10001，10002\n示例学院团委\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".env.old").read_bytes() == old
    assert (tmp_path / ".env").read_text("utf-8") == (
        'PORT=9000\nONEBOT_ACCESS_TOKEN=already-agreed\nSUPERUSERS=["10001", "10002"]\n'
        "TUAN_CONTACT=团委\nTUAN_ORGANISATION=示例学院团委\n"
    )
    again = setup(tmp_path, "--no-wait", typed="QQ\n\n\n\n\n")  # 再来一次，回车就是原来的
    assert again.returncode == 0, again.stderr
    assert lines(tmp_path / ".env")["SUPERUSERS"] == '["10001", "10002"]'


@pytest.mark.parametrize(
    ("read", "given", "sentence"),
    [
        (setting_up.read_platform, "飞信", "写 QQ、微信 或 都连"),
        (setting_up.read_port, "0", "端口是 1 到 65535"),
        (setting_up.read_port, "70000", "端口是 1 到 65535"),
        (setting_up.read_port, "八零八零", "端口是 1 到 65535"),
        (setting_up.read_token, "有空 格", "令牌用 6 个以上的字母"),
        (setting_up.read_token, "短", "令牌用 6 个以上的字母"),
        (setting_up.read_superusers, "我自己", "超级管理员填账号"),
        (setting_up.read_superusers, " ", "超级管理员填账号"),
        (setting_up.read_organisation, 'a"b', "单位名称写一行字"),
        (setting_up.read_organisation, " ", "单位名称写一行字"),
    ],
)
def test_a_wrong_answer_is_one_sentence_with_an_example(
    read: Callable[[str], object], given: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        read(given)


def test_capitals_and_blanks_are_forgiven() -> None:
    assert [setting_up.read_platform(text) for text in ("qq", " 微信 ", "WeChat", "都连")] == [
        "QQ",
        "微信",
        "微信",
        "都连",
    ]
    assert [setting_up.read_port(text) for text in (" 8080 ", "８０８０")] == [8080, 8080]
    assert setting_up.read_superusers(" １０００１，10002、10001 ") == ["10001", "10002"]


def test_the_doctor_tells_a_wrong_token_from_nobody_trying() -> None:
    nobody: dict[str, object] = {"implementations": [], "faults": {}}
    assert look_at_accounts(nobody).said == "一个也没连上"
    tried = look_at_accounts(nobody | {"faults": {"wrong_token": 3}})
    assert (tried.verdict, tried.said) == (Verdict.BAD, "一个也没连上，有 3 次来连的令牌不对")
    assert "ONEBOT_ACCESS_TOKEN 原样填到" in tried.remedy


async def test_it_waits_for_the_account_and_says_hello(tmp_path: Path) -> None:
    given = ("--platform", "QQ", "--token", TOKEN, "--superuser", "10001，wxid_a", "--organisation", "示例大学团委")
    robot = start(tmp_path, arguments=("setup", "--port", str(port := free_port()), *given), PORT=str(port))
    try:
        async with NapCat.online(robot, SELF) as phone:
            await until(lambda: "已私聊 10001 打招呼" in robot.log, seconds=15)
            assert f"✓ {SELF} 连上了（NapCat.Onebot 4.9.1）" in robot.log
            assert phone.said[0].startswith("你好，我是团团，已经连上了。")
            await phone.pings("在吗")
            assert "wxid_a" not in robot.log  # 微信那位等微信连上再说
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
            "TUAN_DATABASE_URL": f"sqlite://{tmp_path / '坏的.db'}",
            "TUAN_DATA_DIR": str(tmp_path),
        }
    )
    shown = {each.subject: each for each in examine(config, at=on(date(2020, 1, 1)))}
    for subject in ("令牌", "超级管理员", "数据库", "时钟"):
        assert shown[subject].verdict is Verdict.BAD, subject
    assert all(each.remedy for each in shown.values() if each.verdict is Verdict.BAD)
    assert shown["数据库"].said == "SQLite 文件坏了"
    away = config.model_copy(update={"superusers": {"李老师"}, "database_url": "postgres://nobody@127.0.0.1:1/none"})
    lost = {each.subject: each for each in examine(away, at=on(date(2026, 12, 1)))}
    assert lost["超级管理员"].said == "认不出 李老师"
    assert lost["数据库"].said.startswith("PostgreSQL 连不上")
    assert lost["时钟"].verdict is Verdict.GOOD


def test_a_database_that_belongs_to_another_account_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Settings.model_validate({"TUAN_DATA_DIR": str(tmp_path)})
    (tmp_path / "tuanbot.db").mkdir()  # 和不让读一样，SQLite 打不开它
    found = look_at_database(config)
    assert (found.verdict, "打不开" in found.said, "chown" in found.remedy) == (Verdict.BAD, True, True)
    (tmp_path / "tuanbot.db").rmdir()
    (tmp_path / "tuanbot.db").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert look_at_database(config).said.endswith("只能读，写不进去")


def test_the_table_in_the_docs_is_the_table_in_the_code() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for one in {one.title: one for one in IMPLEMENTATIONS}.values():
        marks = " | ".join("✓" if ability in one.able else "—" for ability in Ability)
        assert f"| {one.title} | {marks} |" in page
