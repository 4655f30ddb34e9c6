"""命令里的编号：`W12`、`w12`、`12`、`Ｗ１２` 都认得。"""

import re
import unicodedata

from bot.gateway.speaker import Said
from bot.league.errors import Refusal

_NUMBER = re.compile(r"\s*([A-Za-zＡ-Ｚａ-ｚ]?)\s*([0-9０-９]{1,9})(?![0-9０-９])[\s,，:：。、]*(.*)", re.S)
#: 没写字母的数后面紧跟着这些，是日子、天数、季度，不是编号：`/报名 10月3日` 不是报 A10
_DAY = re.compile(r"[年月日号天周Qq~～+＋]|[-/.][0-9]")


def numbered(said: Said, noun: str, *, example: str) -> tuple[int, str]:
    """编号和后面的话；没写编号、或字母不是例子里的那个，就给个例子。"""
    letter = re.findall(r"[A-Z](?=\d)", example)[0]
    found = _NUMBER.match(said.text)
    is_day = found and not found[1] and _DAY.match(said.text, found.end(2))
    if not found or is_day or not int(found[2]) or _letter(found[1]) not in ("", letter):
        raise Refusal(f"要写上{noun}编号，例如：{example}")
    return int(found[2]), found[3].strip()


def is_about(said: Said, letter: str) -> bool:
    """写的是不是这个字母的编号（没写字母的不算）。"""
    found = _NUMBER.match(said.text)
    return found is not None and _letter(found[1]) == letter


def _letter(char: str) -> str:
    return unicodedata.normalize("NFKC", char).upper()
