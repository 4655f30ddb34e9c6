"""平台的历史消息：从最近一页往回翻。补课与核对说不清的通知都用它。"""

import asyncio
from collections.abc import Callable

from nonebot.adapters.onebot import v11

from bot.gateway.frames import Frame, moment

#: 一页取多少条，最多翻几页
PAGE = 200
PAGES = 10
#: 一页等多久，秒；平台不答就算了，不能让别的一直等
PATIENCE = 5.0


async def turn_back(bot: v11.Bot, action: str, *, wanted: Callable[[list[Frame]], bool], **of: int) -> None:
    """一页页交给 `wanted`，它说够了、没有更早的、翻满了就停；平台不答、不支持就抛出来。"""
    start: dict[str, int] = {}
    for _ in range(PAGES):
        async with asyncio.timeout(PATIENCE):
            answer = await bot.call_api(action, **of, count=PAGE, _timeout=PATIENCE, **start)
        frames = answer.get("messages") if isinstance(answer, dict) else None
        page: list[Frame] = [frame for frame in frames or [] if isinstance(frame, dict)]
        if not wanted(page):
            return
        # 各家都认 `message_seq`；NapCat 的就是消息号
        known = [(moment(frame.get("time")), seq) for frame in page if (seq := _position(frame)) is not None]
        if not known:
            return
        start = {"message_seq": min(known)[1]}


def _position(frame: Frame) -> int | None:
    seq = frame.get("message_seq") or frame.get("message_id")
    return seq if isinstance(seq, int) else None
