"""`/评估` 后面的话是什么意思。"""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.league.errors import Refusal
from bot.league.evaluation_figures import Term
from bot.league.evaluations import ANSWER_EXAMPLE, SIGN_EXAMPLE, Move
from bot.league.periods import local

EXAMPLE = "/评估 2026上半年 甲学院团总支"

_TERM = re.compile(r"(?:(20\d\d)年?)?(上半年|全年|年中|年底|年终)|(20\d\d)年?")


@dataclass(frozen=True)
class Order:
    """`move` 为空是看；没说到的为空。"""

    move: Move | None
    term: Term | None
    unit_name: str | None
    text: str = ""


def read(text: str, *, at: datetime) -> Order:
    """`[签|异议|答复] [期] [单位] [维持|改为] [话]`；看不懂就 `Refusal`。"""
    words = text.split()
    head = words[0] if words else ""
    if head in ("签", "签字"):
        return _signing(words[1:], at=at)
    if head == "异议":
        rest = words[1:]
        term = term_of(rest[0], at=at) if rest else None
        return Order(Move.OBJECT, term, None, " ".join(rest[1:] if term else rest))
    if head == "答复":
        rest = words[1:]
        if len(rest) < 2 or rest[1] not in (Move.UPHOLD, Move.REVISE):
            raise Refusal(f"写上单位，再写 维持 或 改为，例如：{ANSWER_EXAMPLE}")
        return Order(Move(rest[1]), None, rest[0], " ".join(rest[2:]))
    terms = [word for word in words if term_of(word, at=at)]
    names = [word for word in words if word not in terms]
    if len(terms) > 1 or len(names) > 1:
        raise Refusal(f"没看懂。看一份写上哪一期、哪个单位，例如：{EXAMPLE}")
    return Order(None, term_of(terms[0], at=at) if terms else _latest(at), names[0] if names else None)


def _signing(rest: list[str], *, at: datetime) -> Order:
    term = next((found for word in rest[:2] if (found := term_of(word, at=at))), None)
    rest = [word for place, word in enumerate(rest) if place > 1 or not term_of(word, at=at)]
    if term is None or not rest:
        raise Refusal(f"签的是哪一期、哪个单位、什么意见？例如：{SIGN_EXAMPLE}")
    return Order(Move.SIGN, term, rest[0], " ".join(rest[1:]))


def term_of(word: str, *, at: datetime) -> Term | None:
    """`2026上半年`、`全年`、`年中`；不像的为空。"""
    found = _TERM.fullmatch(word)
    if not found:
        return None
    year = int(found[1] or found[3] or local(at).year)
    return Term(year, half=found[2] in ("上半年", "年中"))


def _latest(at: datetime) -> Term:
    """没写的：六月到十一月看上半年，其余看全年（一到五月看去年的）。"""
    now = local(at)
    if now.month < 6:
        return Term(now.year - 1, half=False)
    return Term(now.year, half=now.month < 12)
