"""机器人此刻的样子：给 `/状态` 看，也从里面看出毛病。健康页给监控，这里给人。"""

import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from bot import ticks
from bot.gateway import hearing
from bot.gateway.attempts import obstacles
from bot.gateway.roads import live
from bot.gateway.workers import WORKERS
from bot.league import incidents, notices, undelivered
from bot.league.incidents import Trouble
from bot.league.notices import BotAccount
from bot.league.undelivered import HELD, TROUBLED, Undelivered
from bot.settings import settings
from db import sql
from db.models import NoticeState

#: 互动记录积压这么久，告诉超级管理员
LAGGING = timedelta(minutes=1)
#: 这么久没有到点看一眼，或有一件一直出错；正常一分钟一次
UNTICKED = timedelta(minutes=5)
#: 账号掉线这么久，又有话等着它送
OFFLINE = timedelta(minutes=10)
#: 一天里这么多条送不到、说不清
MANY_FAILED = 10
DAY = timedelta(days=1)
#: `/状态` 里点出多少条没送成的
SHOWN = 8

_ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_started_at: datetime | None = None


@dataclass(frozen=True)
class Conditions:
    """此刻的样子。"""

    version: str
    engine: str
    started_at: datetime | None
    #: 机器人账号 → 最近一次在线；此刻在线的在 `online` 里
    accounts: dict[BotAccount, datetime]
    online: frozenset[BotAccount]
    #: 排着与正在办的命令，条
    commands: int
    recording: bool
    #: 互动记录积压
    lag: timedelta
    queued: int
    looked_at: datetime | None
    #: 一直出错的定时检查
    failing: dict[str, datetime]
    #: 近 30 天的通知，每种去向几条
    notices: dict[NoticeState, int]
    #: 送不到的、说不清的、该送了还留着的，新的在前
    troubled: list[Undelivered]
    held: list[Undelivered]


def started(at: datetime) -> None:
    """进程起来了。"""
    global _started_at
    _started_at = at


def here() -> str:
    """本进程的名字：主机与端口，重启不变。"""
    return f"{socket.gethostname()[:40]}:{settings().port}"


async def conditions(at: datetime) -> Conditions:
    """看一遍。"""
    log = hearing.interaction_log()
    state = log.health() if log else None
    online = frozenset(live(obstacles))
    return Conditions(
        version=version("tuanbot"),
        engine=_ENGINES[sql.dialect()],
        started_at=_started_at,
        accounts=await incidents.accounts(at=at) | dict.fromkeys(sorted(online), at),
        online=online,
        commands=WORKERS.waiting,
        recording=state is not None and state.alive,
        lag=timedelta(seconds=state.oldest if state else 0),
        queued=state.queued if state else 0,
        looked_at=ticks.last_look(),
        failing=ticks.failing(),
        notices=await undelivered.tally(at=at),
        troubled=await undelivered.listed(TROUBLED, at=at, limit=SHOWN),
        held=await undelivered.listed(HELD, at=at, ripe=True, limit=SHOWN),
    )


async def watch(at: datetime) -> None:
    """记下谁在线，看有没有毛病，该说的说。"""
    await incidents.present(live(obstacles), at=at)
    found = [*_in_this_process(at), *await _failures(at), *[one async for one in _offline(at)]]
    await incidents.review(found, here=here(), at=at)


def _in_this_process(at: datetime) -> Iterator[Trouble]:
    log = hearing.interaction_log()
    state = log.health() if log else None
    if state is None or not state.alive:
        remedy = "看一眼日志和磁盘，再重启团团；断开期间的消息会从平台的历史里补。"
        yield Trouble(f"recording@{here()}", "互动记录停了，群里的往来没有记下来。", remedy)
    elif state.oldest >= LAGGING.total_seconds():
        remedy = "多半是数据库慢了、锁住了或磁盘满了；理顺之后会自己追上，不用重启。"
        yield Trouble(f"recording@{here()}", f"互动记录积压了 {_minutes(timedelta(seconds=state.oldest))}。", remedy)
    looked_at = ticks.last_look() or _started_at
    if looked_at and at - looked_at >= UNTICKED:
        what = f"{_minutes(at - looked_at)}没有看到点的事了，提醒和期限都停着。"
        yield Trouble(f"ticks@{here()}", what, "重启团团；错过的会在各自的窗口里补上。")
    for name, since in ticks.failing().items():
        if at - since >= UNTICKED:
            what = f"定时检查 {name} 已经连着出错 {_minutes(at - since)}。"
            yield Trouble(f"{name}@{here()}", what, "日志里搜“定时检查”看原因，多半要升级或找管代码的人。")


async def _failures(at: datetime) -> list[Trouble]:
    many = await undelivered.troubled_since(at - DAY)
    if many < MANY_FAILED:
        return []
    remedy = "多半是群里禁言、账号被限制，或大家都没加好友；在服务器上 tuanbot notices 看是哪些。"
    return [Trouble("failures", f"一天里有 {many} 条通知送不到或说不清。", remedy)]


async def _offline(at: datetime) -> AsyncIterator[Trouble]:
    for account, seen_at in (await incidents.accounts(at=at)).items():
        if at - seen_at >= OFFLINE and await notices.awaits(account, at - OFFLINE):
            name = f"{account[0]}:{account[1]}"
            remedy = "看看 OneBot 实现（NapCat 等）是不是掉了登录；重新连上，没过期的会接着送。"
            what = f"机器人账号 {name} 掉线 {_minutes(at - seen_at)}了，有话等着它送。"
            yield Trouble(f"account/{name}", what, remedy)


def _minutes(span: timedelta) -> str:
    return f"{max(1, round(span.total_seconds() / 60))} 分钟"
