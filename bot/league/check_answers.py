"""青年怎么答：`有 甲`、`1 甲`、`没有，都不知道`。答一次就定下；两句都说清了才收。"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from bot.league.check_questions import MARKS
from bot.league.check_steps import Move, advance, check, holding, missing
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import CheckAnswer, SpotCheck

#: 长的在前；数字是问话里的次序
_WORDS = {
    "不记得了": CheckAnswer.FORGOT,
    "不记得": CheckAnswer.FORGOT,
    "记不清": CheckAnswer.FORGOT,
    "忘了": CheckAnswer.FORGOT,
    "不想回答": CheckAnswer.SILENT,
    "不想说": CheckAnswer.SILENT,
    "没有": CheckAnswer.NO,
    "没": CheckAnswer.NO,
    "有": CheckAnswer.YES,
} | {str(number): answer for number, answer in enumerate(CheckAnswer, 1)}
_LATIN = dict(zip("ABC", MARKS, strict=True))
_NONE = re.compile("无|都?不知道|都?没(?:有|去过|参加)?|都不是")
_FINAL = (CheckAnswer.FORGOT, CheckAnswer.SILENT)


@dataclass(frozen=True)
class Reading:
    """读出来的两句；第二句没说为空，都不知道是空集。"""

    answer: CheckAnswer
    known: frozenset[str] | None


def read(text: str, number: str) -> Reading:
    """认不出第一句就 `Refusal`。"""
    text = unicodedata.normalize("NFKC", text).strip().upper()
    for word, answer in _WORDS.items():
        if text.startswith(word) and not re.match(r"\d", text[len(word) :]):
            rest = text[len(word) :]
            known = frozenset(_LATIN.get(char, char) for char in rest if _LATIN.get(char, char) in MARKS)
            return Reading(answer, known or (frozenset() if _NONE.search(rest) else None))
    raise Refusal(f"有这回事吗？1 有、2 没有、3 不记得、4 不想说，后面跟上第二句知道的那件，如 /确认 {number} 3 无。")


async def answer(by: Speaker, check_id: int, text: str, *, at: datetime) -> SpotCheck:
    """收下；问的不是他，与没有这个编号说一样的话。"""
    if by.person_id is None:
        raise missing(check_id)
    async with holding(check_id) as row:
        if row.youth_id != by.person_id or row.asked_at is None:
            raise missing(check_id)
        check(row, Move.ANSWER)
        said = read(text, row.number)
        if said.answer in _FINAL:
            await advance(row, Move.SHRUG, answer=said.answer, settled_at=at, options=[])
            return row
        if said.known is None:
            raise Refusal(
                f"第二句也认一认：{_options(row)}，知道哪件就写哪个字，都不知道写 无。"
                f"例如：/确认 {row.number} {said.answer} 无"
            )
        # 认出了一件从没有过的事：两句都当没认真看，不作数，也不算谁说了谎
        careless = row.decoy is not None and MARKS[row.decoy] in said.known
        move, settled = (Move.SHRUG, at) if careless else (Move.ANSWER, None)
        await advance(row, move, answer=None if careless else said.answer, settled_at=settled, options=[])
    return row


def _options(row: SpotCheck) -> str:
    return "、".join(f"{mark} {option}" for mark, option in zip(MARKS, row.options, strict=False))
