"""筛小伙伴：标签、多久没联系、没见面、没活动、关系，合着用。`/小伙伴` 与成批贴标签说的是一种话。"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from bot.league import tags, words
from bot.league.bonds import Stage
from bot.league.contacts import QUIET_DAYS, Companion
from bot.league.errors import Refusal

#: 几天没联系至多写到几天
DAYS_MAX = 999

_QUIET = re.compile(r"(?:超过)?\s*(?:(\d+)\s*天)?\s*(?:以上)?\s*[未没](?:有)?联系过?的?")
_NO = "[未没无](?:有)?"
_NOT_MET = re.compile(rf"(?:今年|本年)?{_NO}(?:面对面|见过?面|面谈)过?")
_IDLE = re.compile(rf"(?:本季度?|这季度?)?{_NO}(?:参加)?过?活动")
_UNTAGGED = re.compile(rf"{_NO}贴?标签")
#: 筛条件里能写的词，认不出时拿来提示
HINT = f"{QUIET_DAYS}天未联系、未面对面、本季没活动、没标签、{'、'.join(Stage)}"


@dataclass(frozen=True)
class Filter:
    """几个条件，都要满足；没写的不管。"""

    tags: tuple[str, ...] = ()
    untagged: bool = False
    #: 至少几天没联系
    quiet: int = 0
    #: 今年没见面
    not_met: bool = False
    #: 本季没活动
    idle: bool = False
    stage: Stage | None = None

    def admits(self, one: Companion) -> bool:
        """这一位在不在里面。"""
        worn = {tags.fold(tag) for tag in one.tags}
        return (
            worn.issuperset(map(tags.fold, self.tags))
            and not (self.untagged and worn)
            and one.quiet_days >= self.quiet
            and not (self.not_met and one.bond.met)
            and not (self.idle and one.bond.active)
            and self.stage in (None, one.bond.stage)
        )

    @property
    def spoken(self) -> str:
        """`标签 学生 · 30 天没联系`；什么也没筛就是空。"""
        return " · ".join(
            [
                *(f"标签 {tag}" for tag in self.tags),
                *(["没有标签"] if self.untagged else []),
                *([f"{self.quiet} 天没联系"] if self.quiet else []),
                *(["今年没见面"] if self.not_met else []),
                *(["本季没活动"] if self.idle else []),
                *([self.stage] if self.stage else []),
            ]
        )


def pick(everyone: Iterable[Companion], chosen: Filter) -> list[Companion]:
    """筛出来的，次序不变。"""
    return [one for one in everyone if chosen.admits(one)]


def read(text: str, used: Collection[str]) -> Filter:
    """`学生 30天未联系 未面对面` → 条件；词序随意。`used` 是自己用过的标签；认不出的、自相矛盾的 `Refusal`。"""
    text = unicodedata.normalize("NFKC", words.tidy(text))
    quiet = [found[1] for found in _QUIET.finditer(text)]
    if len(quiet) > 1:
        raise Refusal(f"几天没联系只写一个，例如：/小伙伴 {QUIET_DAYS}天未联系")
    chosen = Filter(quiet=_days(quiet[0]) if quiet else 0)
    for word in _QUIET.sub(" ", text).split():
        chosen = _with(chosen, word, used)
    if chosen.untagged and chosen.tags:
        raise Refusal(f"“没标签”和“{chosen.tags[0]}”放在一起就没有人了，留一个吧。")
    return chosen


def understands(word: str) -> bool:
    """是不是固定的筛条件（不含标签）。"""
    word = unicodedata.normalize("NFKC", words.tidy(word)).removesuffix("的")
    return _QUIET.fullmatch(word) is not None or word in set(Stage) or any(p.fullmatch(word) for p, _ in _FLAGS)


def _days(number: str | None) -> int:
    if number is None:
        return QUIET_DAYS
    if not 1 <= int(number[:6]) <= DAYS_MAX:
        raise Refusal(f"天数写 1 到 {DAYS_MAX}，例如：/小伙伴 {QUIET_DAYS}天未联系")
    return int(number)


_FLAGS: Sequence[tuple[re.Pattern[str], Callable[[Filter], Filter]]] = (
    (_UNTAGGED, lambda chosen: replace(chosen, untagged=True)),
    (_NOT_MET, lambda chosen: replace(chosen, not_met=True)),
    (_IDLE, lambda chosen: replace(chosen, idle=True)),
)


def _with(chosen: Filter, word: str, used: Collection[str]) -> Filter:
    """添上一个条件。自己用过的标签最先认；“的”可写可不写。"""
    bare = word.removesuffix("的") or word
    if tag := tags.among(word, used) or tags.among(bare, used):
        return replace(chosen, tags=(*chosen.tags, tag)) if tag not in chosen.tags else chosen
    if bare in set(Stage):
        if chosen.stage not in (None, Stage(bare)):
            raise Refusal(f"“{chosen.stage}”和“{bare}”只能写一个。")
        return replace(chosen, stage=Stage(bare))
    for pattern, flag in _FLAGS:
        if pattern.fullmatch(bare):
            return flag(chosen)
    raise Refusal(_unknown(word, used))


def _unknown(word: str, used: Collection[str]) -> str:
    near = get_close_matches(word[:20], [*used, *HINT.split("、")], n=1, cutoff=0.5)
    guess = f"是不是“{near[0]}”？" if near else ""
    mine = f"你用过的标签（{'、'.join(list(used)[:6])}），或 " if used else " "
    return f"没认出“{word[:20]}”。{guess}能写的有{mine}{HINT}。"
