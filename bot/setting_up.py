"""第一次设置：五个问题的答案写成 `.env`，再说清 NapCat、LLBot 里照着填什么。"""

import json
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.league.errors import Refusal

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
    superuser: str
    organisation: str


def read_platform(text: str) -> Platform:
    """大小写、“wechat”都认得。"""
    known = {"qq": Platform.QQ, "微信": Platform.WECHAT, "wechat": Platform.WECHAT, "都连": Platform.BOTH}
    if not (platform := known.get(text.strip().lower())):
        raise Refusal("写 QQ、微信 或 都连；别的平台见 docs/deploy.md。")
    return platform


def read_port(text: str) -> int:
    """端口号。"""
    if not re.fullmatch(r"[0-9]{1,5}", text.strip()) or not 1 <= (port := int(text)) <= 65535:
        raise Refusal("端口是 1 到 65535 之间的数，例如 8080。")
    return port


def read_token(text: str) -> str:
    """令牌；写进地址也不会走样的字。"""
    if not re.fullmatch(r"[\w.~-]{6,128}", text, re.ASCII):
        raise Refusal("令牌用 6 个以上的字母、数字、- 或 _，别带空格；直接回车就用我想好的那串。")
    return text


def read_superuser(text: str) -> str:
    """账号。"""
    if not re.fullmatch(r"[\w@.-]{4,64}", text.strip(), re.ASCII):
        raise Refusal("超级管理员填账号，不是昵称：QQ 号如 10001，微信填 wxid。")
    return text.strip()


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


def new_token() -> str:
    """一串猜不到的。"""
    return secrets.token_urlsafe(24)


def write_env(path: Path, answers: Answers) -> Path | None:
    """写 `.env`，只有本人可读；原来有的话别的行都不动，旧的留成 `.env.old` 并返回它。"""
    values = {
        "PORT": str(answers.port),
        "SUPERUSERS": json.dumps([answers.superuser]),
        "ONEBOT_ACCESS_TOKEN": answers.token,
        "TUAN_ORGANISATION": answers.organisation,
    }
    kept = None
    if path.exists():
        text = path.read_text("utf-8")
        kept = path.with_name(f"{path.name}.old")
        _write(kept, text)
    else:
        text = EXAMPLE.read_text("utf-8") if EXAMPLE.exists() else ""
    for name, value in values.items():
        line = f"{name}={value}"
        text, found = re.subn(rf"^{name}=.*$", line.replace("\\", r"\\"), text, flags=re.MULTILINE)
        if not found:
            text = f"{text.rstrip()}\n{line}\n".lstrip()
    _write(path, text)
    return kept


def _write(path: Path, text: str) -> None:
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text(text, "utf-8")


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
