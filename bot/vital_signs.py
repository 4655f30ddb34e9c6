"""体检里看正在运行的团团：问它的健康页。"""

import json
import urllib.error
import urllib.request

from bot.findings import Finding, Verdict
from bot.settings import Settings


def ask_health(config: Settings) -> dict[str, object] | None:
    """正在运行的团团的健康页；没在运行就没有。"""
    host = config.host.strip("[]")
    host = "127.0.0.1" if host in ("0.0.0.0", "localhost") else "::1" if host == "::" else host
    try:
        with urllib.request.urlopen(f"http://{_bracketed(host)}:{config.port}/health", timeout=3) as answer:
            told = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            told = _json(error.read())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and "recording" in told else None


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def look_at_bot(running: dict[str, object] | None) -> Finding:
    """在不在，记录有没有积压。"""
    if running is None:
        return Finding("团团", Verdict.NOTE, "没在运行", "tuanbot run 启动它；开着时再来体检，看得更全。")
    if not running.get("ok"):
        return Finding(
            "团团", Verdict.BAD, f"在运行，但不太好：积压 {running.get('lag')} 秒", "看看磁盘与数据库，再看它的日志。"
        )
    return Finding("团团", Verdict.GOOD, "在运行，记录没有积压")


def look_at_accounts(running: dict[str, object] | None) -> Finding:
    """连着哪些账号，各不会什么。"""
    if running is None:
        return Finding("账号", Verdict.NOTE, "团团没在运行，看不到", "")
    told = running.get("implementations")
    connected = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    faults = running.get("faults")
    if not connected and isinstance(faults, dict) and (wrong := faults.get("wrong_token")):
        return Finding(
            "账号",
            Verdict.BAD,
            f"一个也没连上，有 {wrong} 次来连的令牌不对",
            "把 .env 里的 ONEBOT_ACCESS_TOKEN 原样填到 NapCat 或 LLBot 里，一个字也别差。",
        )
    if not connected:
        return Finding(
            "账号", Verdict.BAD, "一个也没连上", "照 tuanbot setup 最后给的几行，在 NapCat 或 LLBot 里填好。"
        )
    shown = "；".join(
        f"{one['name']} {one['version']}".strip()
        + (f"（不会{'、'.join(one['missing'])}）" if one["missing"] else "（都会）")
        for one in connected
    )
    return Finding("账号", Verdict.NOTE if any(one["missing"] for one in connected) else Verdict.GOOD, shown)
