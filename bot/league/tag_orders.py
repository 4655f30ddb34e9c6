"""`/标签` 后面的话：改谁、贴什么、揭什么。谁可以是 @ 到的、写名字的、筛出来的。"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.league import filters, tags
from bot.league.filters import Filter
from bot.league.tag_batches import Edit

#: 点名点到这么多位以内，一眼数得清，不用先预览
AT_A_GLANCE = 5

_MINUS = "-－—–−"
_TAIL = re.compile(r"(?:尾号)?\d{3,}")
_EVERYONE = {"全部", "所有", "全体", "所有人", "全部的", "大家"}
_RENAME = re.compile(r"(\S+?)\s*(?:→|->|=>|＞|改成|改为|换成)\s*(\S+)")
_APART = re.compile("[、,，;；]")


@dataclass(frozen=True)
class Order:
    """读出来的一句。`chosen` 与 `names` 至多有一个。"""

    names: tuple[str, ...] = ()
    chosen: Filter | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def renamed(self, edit: Edit) -> list[tuple[str, str]]:
        """写的词与归成的标签不一样的：程序员 → 互联网。"""
        kept = {tags.fold(tag) for tag in edit.add}
        pairs = [(tags.tidy(word), tags.spelled(word)) for word in self.add]
        return [(word, tag) for word, tag in pairs if word != tag and tags.fold(word) not in kept]


def read(said: Sequence[str], used: Collection[str], people: Collection[str]) -> Order:
    """`没标签的 学生`、`小王 小李 考研 -待就业`、`学生→毕业生`。`people` 是自己的联系青年叫什么。"""
    if found := _RENAME.fullmatch(" ".join(said)):
        old = filters.read(found[1], used)
        return Order(chosen=old, add=(found[2],), remove=old.tags)
    conditions = _conditions(said, used)
    if conditions:
        chosen = filters.read(" ".join(word for word in conditions if word not in _EVERYONE), used)
        return edit(said[len(conditions) :], chosen=chosen)
    first = next((count for count, word in enumerate(said) if count and not _names(word, people)), len(said))
    names = tuple(name for word in said[:first] for name in _APART.split(word) if name)
    return edit(said[first:], names=names)


def _names(word: str, people: Collection[str]) -> bool:
    """第二个词起，像姓名、尾号的才当成人，其余是标签。"""
    return all(_TAIL.fullmatch(part) or part in people for part in _APART.split(word))


def _conditions(said: Sequence[str], used: Collection[str]) -> Sequence[str]:
    """开头的几个筛选词：`全部`、`30天未联系`、`没标签的`，或用过的标签加“的”。"""
    for count, word in enumerate(said):
        tagged = word.endswith("的") and tags.among(word.removesuffix("的"), used)
        if not (word in _EVERYONE or tagged or filters.understands(word)):
            return said[:count]
    return said


def edit(said: Sequence[str], *, names: tuple[str, ...] = (), chosen: Filter | None = None) -> Order:
    """后面的词都是标签，前面带减号的是揭下。"""
    add = tuple(word for word in said if word[0] not in _MINUS)
    remove = tuple(word.lstrip(_MINUS) for word in said if word[0] in _MINUS)
    return Order(names, chosen, add, remove)
