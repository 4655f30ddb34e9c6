"""通知里的图：`Notice.card` 写着画哪张（如 `bulletin/12`），送的时候才画。"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.cards import Card, draw

#: 斜杠前的词 → 斜杠后的编号画成哪张卡片；没有这一张了就是空
_PAINTERS: dict[str, Callable[[int], Awaitable[Card | None]]] = {}

_log = logging.getLogger("tuanbot")


def painter(word: str) -> Callable[[Callable[[int], Awaitable[Card | None]]], Callable[[int], Awaitable[Card | None]]]:
    """登记一种图：函数收编号，给出卡片。"""

    def register(function: Callable[[int], Awaitable[Card | None]]) -> Callable[[int], Awaitable[Card | None]]:
        _PAINTERS[word] = function
        return function

    return register


async def paint(name: str | None) -> bytes | None:
    """画出来的 PNG；没有图、画不出，都是空，那就说文字版。"""
    if name is None:
        return None
    word, _, number = name.partition("/")
    try:
        card = await _PAINTERS[word](int(number))
        return await asyncio.to_thread(draw, card) if card else None
    except Exception:
        _log.exception("通知里的图 %s 画不出来", name)
        return None
