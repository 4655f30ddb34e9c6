"""一句话里读出来的记录：和谁、哪一类、怎么聊的、哪一天。只认字，不碰库。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import belated, five_ones_sets, moments, words
from bot.league.periods import on
from db.models import Mode, Side, Slot

EXAMPLE = "/记 @小王 @小李 谈心 面对面 聊了找工作"

#: 日子后面可以紧跟着这些：`昨天，聊了找工作`
_PAUSES = "，,。；;、"
#: 类别的叫法
SLOTS = {slot.value: slot for slot in five_ones_sets.slots(Side.CADRE)}
_MODES = {mode.value: mode for mode in Mode}


@dataclass(frozen=True)
class Line:
    """一句话里读出来的记录；没说到的为空。"""

    #: 类别之前的词：私聊里写的姓名或尾号
    names: tuple[str, ...] = ()
    slot: Slot | None = None
    mode: Mode | None = None
    happened_at: datetime | None = None
    note: str = ""
    reason: str = ""


def read(text: str, *, at: datetime) -> Line:
    """`小王 谈心 面对面 昨天 聊了找工作 原因：出差` → `Line`。"""
    text, reason = belated.split_reason(text)
    names, rest = list[str](), text.split()
    slot = next((SLOTS[word] for word in rest if word in SLOTS), None)
    if slot:
        names, rest = rest[: rest.index(slot)], rest[rest.index(slot) + 1 :]
    mode = next((_MODES[word] for word in rest if word in _MODES), None)
    if mode:
        rest.remove(mode)
    happened_at = None
    for word in (*names, *rest[:1], *rest[-1:]):  # 日子单独成词才算，免得把内容里的数字当成日子
        moment = moments.find(word, at=at, past=True)
        if moment and moment.start == 0 and word[moment.end : moment.end + 1] in _PAUSES:
            happened_at = on(moment.day)
            said = names if word in names else rest
            said[said.index(word)] = word[moment.end :].lstrip(_PAUSES)
            break
    note = words.mask(words.tidy(" ".join(rest)))
    return Line(tuple(filter(None, names)), slot, mode, happened_at, note, reason)
