"""健康页 `GET /health`：给监控看的数字，没有一个人的信息。记录停了或积压了就报红（503）。"""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime

from nonebot import get_app
from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.exceptions import BaseORMException

from bot import clock
from bot.gateway import capabilities, hearing, tally
from bot.gateway.admission import ACCOUNTS
from bot.gateway.workers import WORKERS
from bot.league import notices
from bot.ticks import last_look

#: 互动记录积压这么久就报红，秒
LAGGING = 30.0
#: 这么久没有到点看一眼就报红，秒；正常一分钟一次
UNTICKED = 300.0


@dataclass(frozen=True)
class Health:
    """此刻的样子。"""

    ok: bool
    #: 在线的机器人账号，个
    accounts: int
    #: 连着的账号背后是哪家实现、不会什么；没有账号
    implementations: list[dict[str, object]]
    #: 排着与正在办的命令，条
    waiting: int
    #: 互动记录还活着
    recording: bool
    #: 互动记录积压，秒
    lag: float
    #: 上一次到点看一眼
    looked_at: datetime | None
    #: 门口挑出来的，每种多少
    faults: dict[str, int]


def health(at: datetime) -> Health:
    """此刻好不好。"""
    log = hearing.interaction_log()
    state = log.health() if log else None
    recording = state is not None and state.alive
    lag = state.oldest if state else 0.0
    looked_at = last_look()
    late = looked_at is not None and (at - looked_at).total_seconds() > UNTICKED
    return Health(
        ok=recording and lag < LAGGING and not late,
        accounts=ACCOUNTS.online,
        implementations=[
            {"name": one.name, "version": one.version, "missing": one.missing}
            for one in capabilities.CONNECTED.values()
        ],
        waiting=WORKERS.waiting,
        recording=recording,
        lag=round(lag, 1),
        looked_at=looked_at,
        faults=tally.counts(),
    )


async def _troubles() -> dict[str, int] | None:
    """没送成的通知各几条；库一时答不上来就不给，健康页自己不能卡住。"""
    try:
        async with asyncio.timeout(2):
            return await notices.troubles(at=clock.now())
    except (BaseORMException, OSError, TimeoutError):
        return None


def open_page() -> None:
    """挂上 `GET /health`。"""

    async def show(_: Request) -> JSONResponse:
        state = health(clock.now())
        looked_at = state.looked_at.isoformat() if state.looked_at else None
        shown = asdict(state) | {"looked_at": looked_at, "notices": await _troubles()}
        return JSONResponse(shown, 200 if state.ok else 503)

    get_app().add_route("/health", show)
