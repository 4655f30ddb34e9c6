"""`/季报` 后面的话是什么意思：先说单位、季度也行，后说也行；改的话原样留着换行。"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.league.errors import Refusal
from bot.league.periods import Quarter
from db.models import ReportPart

EDIT_EXAMPLE = "/季报 改 二 联系越早，心愿说得越真（W12）"


class Act(StrEnum):
    """要做什么；什么都不写是看。"""

    SHOW = "看"
    TABLE = "表"
    EDIT = "改"
    ADD = "加"
    RESTORE = "还原"
    SIGN = "签发"
    FILE = "文件"
    SENT = "已报"
    RETURN = "退回"


@dataclass(frozen=True)
class Order:
    """没说到的：单位为空，季度是这一季，部分为空，话是空串。"""

    act: Act
    quarter: Quarter
    unit_name: str | None = None
    part: ReportPart | None = None
    text: str = ""
    version: int | None = None


_ACTS = {act.value: act for act in Act if act is not Act.SHOW}
_WITH_PART = (Act.EDIT, Act.ADD, Act.RESTORE)
_QUARTER = re.compile(r"\d{4}(?:[Qq]\d|年?第?[一二三四1-4]季度?)|[本这上]个?季度")
_VERSION = re.compile(r"第?([1-9]\d?)版")
_PARTS = {name: part for number, part in enumerate(ReportPart) for name in (part.value, "一二三四"[number])}
_PARTS |= {str(number): part for number, part in enumerate(ReportPart, 1)} | {
    "问题": ReportPart.PROBLEMS,
    "下步": ReportPart.PLANS,
}
HOW = (
    "看草稿发 /季报；改一部分发 /季报 改 二 话（一做法、二经验、三存在问题、四下步安排，也可以 加、还原）；"
    "改好发 /季报 签发；谁交了发 /季报 表"
)


def read(text: str, *, at: datetime) -> Order:
    """看不懂就 `Refusal`，说出怎么写。"""
    head = list[str]()
    rest = text.strip()
    while rest:
        word, after = _split(rest)
        if act := _ACTS.get(word):
            return _told(act, head, after, at=at)
        head.append(word)
        rest = after
        if len(head) > 2:
            raise Refusal(f"没看懂。{HOW}")
    return _plain(Act.SHOW, head, at=at)


def _split(text: str) -> tuple[str, str]:
    """头一个词，和后面原样的话。"""
    found = re.match(r"\S+", text)
    assert found
    return found[0], text[found.end() :].strip()


def _told(act: Act, head: list[str], after: str, *, at: datetime) -> Order:
    if act in _WITH_PART:
        order = _plain(act, head, at=at)
        word, said = _split(after) if after else ("", "")
        part = _PARTS.get(word.rstrip("、.：:"))
        if part is None:
            raise Refusal(f"哪一部分？一做法、二经验、三存在问题、四下步安排，例如：{EDIT_EXAMPLE}")
        return Order(act, order.quarter, order.unit_name, part, said)
    if act is Act.RETURN:
        return _returned(head, after, at=at)
    return _plain(act, [*head, *after.split()], at=at)


def _returned(head: list[str], after: str, *, at: datetime) -> Order:
    """头一个不是季度的词是单位，其余都是原因。"""
    words = after.split()
    for index, word in enumerate(words[:2]):
        if _QUARTER.fullmatch(word):
            head.append(words.pop(index))
            break
    if words and len(head) < 2 and not any(not _QUARTER.fullmatch(word) for word in head):
        head.append(words.pop(0))
    order = _plain(Act.RETURN, head, at=at)
    return Order(Act.RETURN, order.quarter, order.unit_name, None, " ".join(words))


def _plain(act: Act, words: list[str], *, at: datetime) -> Order:
    versions = [found for word in words if act is Act.FILE and (found := _VERSION.fullmatch(word))]
    if len(versions) > 1:
        raise Refusal(f"没看懂。{HOW}")
    rest = [word for word in words if not versions or word != versions[0][0]]
    quarter, name = where(rest, how=HOW, at=at)
    return Order(act, quarter, name, version=int(versions[0][1]) if versions else None)


def where(words: list[str], *, how: str, at: datetime) -> tuple[Quarter, str | None]:
    """哪一季、哪个单位，先后随意；没写的季度是这一季，单位为空。"""
    quarters = [word for word in words if _QUARTER.fullmatch(word)]
    names = [word for word in words if word not in quarters]
    if len(quarters) > 1 or len(names) > 1:
        raise Refusal(f"没看懂。{how}")
    return Quarter.parse("".join(quarters), at=at), names[0] if names else None
