"""听见的话交给互动记录。整个进程一份记录，门口、健康页与 `/状态` 都从这里拿。"""

import asyncio
import contextlib
from datetime import datetime

from bot.gateway.frames import Spoken
from bot.league.interactions import Heard, InteractionLog
from bot.settings import settings
from bot.ticks import tick
from db.models import Scope

#: 等落库至多等多久，秒
PATIENCE = 3.0

_log: InteractionLog | None = None


def interaction_log() -> InteractionLog | None:
    """正在记录的那一份；没有启动（或已停下）就是空。"""
    return _log


async def start_listening() -> InteractionLog:
    """开始记录；数据库要先连上。"""
    global _log
    log = InteractionLog(key=settings().digest_key)
    await log.start()
    _log = log
    return log


async def stop_listening() -> None:
    """把听到的全部写下再停。"""
    global _log
    log, _log = _log, None
    if log:
        await log.stop()


def hear(scope: Scope, spoken: Spoken, *, command: bool) -> None:
    """一条群里的发言。"""
    if _log and spoken.group_id:
        _log.hear((scope, spoken.group_id), as_heard(spoken, command=command))


def recall(scope: Scope, group_id: str, message_id: str, at: float) -> None:
    """一条消息被撤回。"""
    if _log:
        _log.recall((scope, group_id), message_id, at)


async def catch_up() -> None:
    """等此前听见的都落库，好数得准；库一时写不进去，至多等这么久。"""
    if _log:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await _log.flush()


def missing_out(scope: Scope, group_id: str) -> bool:
    """这个群断开期间的话还在补。"""
    return _log is not None and _log.holding((scope, group_id))


@tick
async def forget_the_silent(at: datetime) -> None:
    """一天没有动静的群，指纹不再留（docs/privacy.md：最多 24 小时）。"""
    if _log:
        await _log.forget(at=at)


def as_heard(spoken: Spoken, *, command: bool) -> Heard:
    """一条发言 → 互动记录要的样子。"""
    reading = spoken.reading
    return Heard(
        message_id=spoken.message_id,
        user_id=spoken.user_id,
        at=spoken.at,
        text=reading.text,
        mentions=reading.mentions,
        everyone=reading.everyone,
        reply_to=reading.reply_to,
        command=command,
        seq=spoken.seq,
    )
