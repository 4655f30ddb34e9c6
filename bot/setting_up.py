"""第一次设置：五个问题的答案写成 `.env`，再说清 NapCat、LLBot 里照着填什么。"""

import json
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot.league.errors import Refusal
from bot.settings import Settings

A = TypeVar("A")

EXAMPLE = Path(__file__).parent.parent / ".env.example"


class Platform(StrEnum):
    """连哪个平台。"""

    QQ = "QQ"
    WECHAT = "微信"
    BOTH = "都连"


@dataclass(frozen=True)
class Answers:
    """五个问题的答案，都看过了。"""

    platform: Platform
    port: int
    token: str
    superusers: list[str]
    organisation: str


def read_platform(text: str) -> Platform:
    """大小写、“wechat”都认得。"""
    known = {"qq": Platform.QQ, "微信": Platform.WECHAT, "wechat": Platform.WECHAT, "都连": Platform.BOTH}
    if not (platform := known.get(text.strip().lower())):
        raise Refusal("写 QQ、微信 或 都连；别的平台见 docs/deploy.md。")
    return platform


def read_port(text: str) -> int:
    """端口号。"""
    text = unicodedata.normalize("NFKC", text).strip()  # 输入法打出来的全角数字也认得
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= (port := int(text)) <= 65535:
        raise Refusal("端口是 1 到 65535 之间的数，例如 8080。")
    return port


def read_token(text: str) -> str:
    """令牌；写进地址也不会走样的字。"""
    if not re.fullmatch(r"[\w.~-]{6,128}", text, re.ASCII):
        raise Refusal("令牌用 6 个以上的字母、数字、- 或 _，别带空格；直接回车就用我想好的那串。")
    return text


def read_superusers(text: str) -> list[str]:
    """账号，可以几位。"""
    found = [one for one in re.split(r"[,、\s]+", unicodedata.normalize("NFKC", text)) if one]
    if not found or not all(map(looks_like_account, found)):
        raise Refusal("超级管理员填账号，不是昵称：QQ 号如 10001，微信填 wxid；几位用逗号隔开。")
    return list(dict.fromkeys(found))


def looks_like_account(text: str) -> bool:
    """像个账号，不是昵称。"""
    return bool(re.fullmatch(r"[\w@.:/-]{4,64}", text, re.ASCII))


def read_organisation(text: str) -> str:
    """单位名称，一行。"""
    if not text.strip() or re.search(r"[\r\n\"'#\\$]", text):
        raise Refusal("单位名称写一行字就好，例如 示例大学团委。")
    return text.strip()


def how_to_write(name: str) -> str:
    """某一项设置该怎么写：`.env.example` 里它上面那一行。"""
    text = EXAMPLE.read_text("utf-8") if EXAMPLE.exists() else ""
    found = re.search(rf"^# (.+)\n{name}=", text, re.MULTILINE)
    return f"{name} 是{found[1]}" if found else f"{name} 的写法见 .env.example"


def what_is_wrong(error: ValidationError) -> str:
    """设置哪里写错了、该怎么写；密码不印出来。"""
    shown: list[str] = []
    names: list[str] = []
    for problem in error.errors():
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, UnicodeDecodeError):
            return ".env 不是 UTF-8 的，读不懂：用记事本打开，另存为，编码选 UTF-8；或者再跑一次 tuanbot setup。"
        if isinstance(cause, SettingsError):  # 一整项不成格式，没给出它写了什么
            name = _name_in(str(cause))
            shown.append(f"{name} 读不懂，括号、引号、逗号要半角的，一样也不能少")
        else:
            name, value = str(problem["loc"][0]).upper(), str(problem["input"])
            wide = "" if unicodedata.normalize("NFKC", value) == value else "（有全角的字，换成半角）"
            shown.append(f"{name}={re.sub(r'(?<=:)(?!//).*(?=@)', '***', value)}{wide}")
        names.append(name)
    return f"设置不对：{'、'.join(shown)}。{'；'.join(map(how_to_write, names))}。"


def _name_in(message: str) -> str:
    found = re.search(r'field "(\w+)"', message)
    field = Settings.model_fields[found[1]] if found else None
    return str((field and field.validation_alias) or (found and found[1]) or "").upper()


def new_token() -> str:
    """一串猜不到的。"""
    return secrets.token_urlsafe(24)


def write_env(path: Path, answers: Answers) -> Path | None:
    """写 `.env`，只有本人可读；原来有的话别的行都不动，旧的留成 `.env.old` 并返回它。"""
    values = {
        "PORT": str(answers.port),
        "SUPERUSERS": json.dumps(answers.superusers),
        "ONEBOT_ACCESS_TOKEN": answers.token,
        "TUAN_ORGANISATION": answers.organisation,
    }
    kept = None
    if path.exists():
        text = _read(path)
        kept = path.with_name(f"{path.name}.old")
        _write(kept, path.read_bytes())
    else:
        text = EXAMPLE.read_text("utf-8") if EXAMPLE.exists() else ""
    for name, value in values.items():
        line = f"{name}={value}"
        text, found = re.subn(rf"^{name}=.*$", line.replace("\\", r"\\"), text, flags=re.MULTILINE)
        if not found:
            text = f"{text.rstrip()}\n{line}\n".lstrip()
    _write(path, text.encode())
    return kept


def agreed(path: Path) -> tuple[int | None, str | None]:
    """写坏了的 `.env` 里还读得懂的端口与令牌：另一头已经照着填了，别换掉。"""
    return _still_read(path, "PORT", read_port), _still_read(path, "ONEBOT_ACCESS_TOKEN", read_token)


def _still_read(path: Path, name: str, read: Callable[[str], A]) -> A | None:
    try:
        found = re.search(rf"^{name}=['\"]?([^'\"\s]*)", _read(path), re.MULTILINE) if path.exists() else None
        return read(found[1]) if found else None
    except Refusal:
        return None


def _read(path: Path) -> str:
    """记事本存的“ANSI”是 GBK，也认得；换行不管哪一种。"""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return path.read_text(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(f"{path.name} 读不懂，不像文本文件；把它改个名字挪开，再来一次。")


def _write(path: Path, data: bytes) -> None:
    """只有本人可读；写到一半断了，原来的还在。"""
    path = path.resolve()
    new = path.with_name(f"{path.name}.new")
    new.touch(0o600)
    new.chmod(0o600)
    new.write_bytes(data)
    new.replace(path)


def what_to_paste(answers: Answers) -> str:
    """在实现那边照着填的几行。"""
    parts = []
    if answers.platform is not Platform.WECHAT:
        parts.append(
            "QQ：打开 NapCat 的网页（http://127.0.0.1:6099/webui）→ 网络配置 → 新建 → WebSocket 客户端，"
            "或 LLBot 的设置 → OneBot 11 → 反向 WebSocket，填：\n"
            f"  名称    tuanbot\n"
            f"  地址    {_url(answers.port, 'v11')}\n"
            f"  令牌    {answers.token}\n"
            "  消息格式 array（数组）\n"
            "  上报自身消息 关\n"
            "  启用    开"
        )
    if answers.platform is not Platform.QQ:
        parts.append(
            "微信：在说 OneBot V12 的实现里加一个反向 WebSocket，填：\n"
            f"  地址    {_url(answers.port, 'v12')}\n"
            f"  令牌    {answers.token}"
        )
    parts.append(
        "它们要是在别的机器上，或装在 Docker 里，把 127.0.0.1 换成这台机器的地址，再把 .env 里的 HOST 改成 0.0.0.0。"
    )
    return "\n\n".join(parts)


def _url(port: int, version: str) -> str:
    return f"ws://127.0.0.1:{port}/onebot/{version}/ws"
