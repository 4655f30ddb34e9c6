"""打招呼：私聊里的一句“你好”，或在群里 @团团 什么也没说。只认这几样，别的话不搭腔。"""

from datetime import datetime, timedelta

from bot.gateway.frames import Reading
from bot.gateway.heads import fold

#: 去掉标点之后正好是这些，才算打招呼
WORDS = frozenset(("你好", "您好", "你好呀", "在吗", "在么", "在不在", "在", "团团", "你是谁", "hi", "hello", "嗨"))
_MARKS = " \t\r\n，,。.！!？?~～、"
#: 同一处隔这么久才再应一声
_QUIET_FOR = timedelta(hours=12)

_answered: dict[tuple[str, str], datetime] = {}


def is_greeting(reading: Reading, *, private: bool) -> bool:
    """是不是在跟团团打招呼；群里要 @ 了才算。"""
    word = fold(reading.opening).strip(_MARKS) if len(reading.opening) <= 12 else ""
    if private:
        return word in WORDS
    return reading.called and not reading.mentions and (word in WORDS or not reading.text)


def may_answer(scope: str, place: str, at: datetime) -> bool:
    """这一处（群，或私聊的人）刚应过没有；没有就记下。"""
    last = _answered.get((scope, place))
    if last and at < last + _QUIET_FOR:
        return False
    if len(_answered) > 10_000:
        _answered.clear()
    _answered[scope, place] = at
    return True
