"""体检：一项一句，不好的都说怎么治。只看不改。"""

import platform
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import db
from bot.cards import Card, draw
from bot.findings import Finding, Verdict
from bot.gateway import extras
from bot.league.errors import Refusal
from bot.ports import obstacle
from bot.setting_up import looks_like_account
from bot.settings import Settings, is_loopback
from bot.storage import look_at_clock, look_at_database, look_at_disk
from bot.vital_signs import ask_health, look_at_accounts, look_at_bot

#: 令牌短于这么多个字，容易被猜到
SHORT_TOKEN = 12


def examine(config: Settings, *, at: datetime) -> Iterator[Finding]:
    """逐项看；一项出错不耽误别的。"""
    running = ask_health(config)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("版本", lambda: _version()),
        ("设置", lambda: _settings_file(config)),
        ("端口", lambda: _port(config, running)),
        ("令牌", lambda: _token(config)),
        ("超级管理员", lambda: _superusers(config)),
        ("值守人", lambda: _duty(config)),
        ("另装的平台", lambda: _extras(config)),
        ("数据目录", lambda: look_at_disk(config)),
        ("数据库", lambda: look_at_database(config)),
        ("时钟", lambda: look_at_clock(config, at=at)),
        ("字体", lambda: _fonts()),
        ("团团", lambda: look_at_bot(running)),
        ("账号", lambda: look_at_accounts(running)),
    ]
    for subject, check in checks:
        try:
            yield check()
        except Refusal as refusal:
            yield Finding(subject, Verdict.BAD, "看不了", refusal.sentence)
        except Exception as error:
            yield Finding(subject, Verdict.BAD, f"查不下去：{type(error).__name__} {error}", "把这一行告诉管代码的人。")


def _version() -> Finding:
    shown = f"团团 {version('tuanbot')}，Python {platform.python_version()}，表结构 {db.RELEASES[-1]}"
    return Finding("版本", Verdict.GOOD, shown)


def _settings_file(config: Settings) -> Finding:
    path = Path(".env").absolute()
    if path.is_file():
        return Finding("设置", Verdict.GOOD, f"读的是 {path}")
    if config.superusers:  # 装在 Docker 里就是这样
        return Finding("设置", Verdict.GOOD, f"{path.parent} 里没有 .env，用的是环境变量")
    return Finding(
        "设置", Verdict.NOTE, f"{path.parent} 里没有 .env，只用环境变量", "没设过的话，跑一次 tuanbot setup。"
    )


def _port(config: Settings, running: object) -> Finding:
    place = f"{config.host}:{config.port}"
    if running:
        return Finding("端口", Verdict.GOOD, f"{place} 上是正在运行的团团")
    if why := obstacle(config.host, config.port):
        return Finding(
            "端口", Verdict.BAD, f"{place} 用不了（{why}）", "停下占着它的程序，或改一改 .env 里的 PORT、HOST。"
        )
    return Finding("端口", Verdict.GOOD, f"{place} 空着")


def _token(config: Settings) -> Finding:
    token, closed = config.onebot_access_token or "", is_loopback(config.host)
    if not token:
        verdict = Verdict.NOTE if closed else Verdict.BAD
        return Finding("令牌", verdict, "没设", "tuanbot setup 会替你想一串；两边填一样的。")
    if len(token) < SHORT_TOKEN and not closed:
        return Finding("令牌", Verdict.NOTE, f"只有 {len(token)} 个字", "换一串长的，免得被猜到。")
    return Finding("令牌", Verdict.GOOD, "设了")


def _superusers(config: Settings) -> Finding:
    if not config.superusers:
        return Finding("超级管理员", Verdict.BAD, "一个也没有", '把你的 QQ 号写进 SUPERUSERS，如 ["10001"]。')
    if wrong := sorted(one for one in config.superusers if not looks_like_account(one)):
        return Finding("超级管理员", Verdict.BAD, f"认不出 {'、'.join(wrong)}", '填账号，不是昵称，如 ["10001"]。')
    return Finding("超级管理员", Verdict.GOOD, f"{'、'.join(sorted(config.superusers))}，看看有没有打错")


def _duty(config: Settings) -> Finding:
    if not config.duty:
        return Finding(
            "值守人", Verdict.NOTE, "没设，有人说到自伤时先转给超级管理员", "把值守老师写进 TUAN_DUTY，如 qq:10001。"
        )
    return Finding("值守人", Verdict.GOOD, f"{'、'.join(config.duty)}，看看有没有打错")


def _extras(config: Settings) -> Finding:
    try:
        extras.check(config)
    except Refusal as refusal:
        return Finding("另装的平台", Verdict.BAD, "还不能用", refusal.sentence)
    return Finding("另装的平台", Verdict.GOOD, "、".join(config.adapters) or "没有")


def _fonts() -> Finding:
    picture = draw(Card("list", {"title": "团团", "subtitle": "", "rows": [], "more": "", "foot": ""}, ""))
    if not picture.startswith(b"\x89PNG"):
        return Finding("字体", Verdict.BAD, "画不出图", "重装一次依赖：uv sync --reinstall。")
    return Finding("字体", Verdict.GOOD, "画得出图")
