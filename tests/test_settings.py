"""设置：每一项都写在 `.env.example`；对外监听而没有令牌就不启动。"""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.league.errors import Refusal
from bot.setting_up import what_is_wrong
from bot.settings import Settings, is_loopback

ROOT = Path(__file__).parent.parent


def read(monkeypatch: pytest.MonkeyPatch, **env: str) -> Settings:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return Settings.model_validate({})


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    known = [str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()]
    assert documented == known


def test_the_example_holds_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    bare = Settings.model_validate({})
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text("utf-8"), "utf-8")
    assert Settings.model_validate({}) == bare


def test_numeric_tokens_and_ids_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch, ONEBOT_ACCESS_TOKEN="123456", SUPERUSERS='[10001, "10002"]', TUAN_DUTY="qq:1, wechat:a"
    )
    assert settings.onebot_access_token == "123456"
    assert settings.superusers == {"10001", "10002"}
    assert settings.duty == ("qq:1", "wechat:a")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "bot.example.edu"])
def test_an_open_door_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with pytest.raises(Refusal, match=r"请先设 ONEBOT_ACCESS_TOKEN"):
        read(monkeypatch, HOST=host).check()
    read(monkeypatch, HOST=host, ONEBOT_ACCESS_TOKEN="很长的一串").check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]"])
def test_loopback_needs_no_token(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert is_loopback(host)
    read(monkeypatch, HOST=host).check()


def test_the_digest_key_is_made_once_and_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read(monkeypatch, TUAN_DATA_DIR=str(tmp_path))
    assert settings.digest_key == (tmp_path / "digest.key").read_bytes() == settings.digest_key
    assert (tmp_path / "digest.key").stat().st_mode & 0o077 == 0


def test_trial_quarters_are_read_in_any_writing_and_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, TUAN_SHADOW_QUARTERS="2026q4，2027Q1, ").shadow_quarters == ("2026Q4", "2027Q1")
    assert read(monkeypatch, TUAN_SHADOW_QUARTERS=",").shadow_quarters == ()
    with pytest.raises(ValidationError, match="季度写作 2026Q4"):
        read(monkeypatch, TUAN_SHADOW_QUARTERS="2026年第四季度")


def test_postgres_is_known_by_both_names_and_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, TUAN_DATABASE_URL="postgresql://a:b@c/d").db_url == "postgres://a:b@c/d"
    with pytest.raises(ValidationError, match="只认 SQLite 与 PostgreSQL"):
        read(monkeypatch, TUAN_DATABASE_URL="mysql://a:b@c/d")


def test_duty_is_read_as_people_type_it_and_nobody_is_silently_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, TUAN_DUTY="qq：10001，10002、 QQ:10003").duty == ("qq:10001", "qq:10002", "QQ:10003")
    for wrong in ("李老师", "qq:10001,李老师", "飞信:1", "qq:"):
        with pytest.raises(ValidationError, match="写成 qq:号码"):
            read(monkeypatch, TUAN_DUTY=wrong)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("SUPERUSERS=［“10001”］", "设置不对：SUPERUSERS 读不懂，括号、引号、逗号要半角的，一样也不能少。"),
        ("SUPERUSERS=10001,10002", 'SUPERUSERS 是超级管理员的账号，JSON 列表，如 ["10001"]'),
        ("WXMP_BOTS=[{", "设置不对：WXMP_BOTS 读不懂"),
        ("PORT=９０００", "设置不对：PORT=９０００（有全角的字，换成半角）。"),
        ("TUAN_DATABASE_URL=postgre://甲:秘密@h/x", "TUAN_DATABASE_URL=postgre://甲:***@h/x。"),
        ("TUAN_DATABASE_URL=postgres://a:se#c/r@t@h:1/x", "TUAN_DATABASE_URL=postgres://a:***@h:1/x。"),
        ("TUAN_DATABASE_URL=postgres://a:b@h:abc/x", "密码里的 @ / # ? 写成 %40 %2F %23 %3F"),
        ("TUAN_DATABASE_URL=sqlite://", "设置不对：TUAN_DATABASE_URL=sqlite://。"),
    ],
)
def test_a_hand_written_mistake_is_one_sentence_that_hides_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{written}\n", "utf-8")
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({})
    assert sentence in what_is_wrong(caught.value)


def test_an_env_in_another_encoding_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("TUAN_ORGANISATION=示例大学团委\n".encode("gbk"))
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({})
    assert what_is_wrong(caught.value).startswith(".env 不是 UTF-8 的")
