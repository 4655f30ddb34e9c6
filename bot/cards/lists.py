"""名单样子的卡片（`list` 模板）：一行一件，右边一句话；文字版由调用的人写全。"""

from collections.abc import Sequence

from bot.cards.card import Card, Json, cut


def row(name: str, right: str, *, tags: Sequence[str] = (), warn: bool = False) -> Json:
    """一行；太长的切短，文字版里仍是全的。"""
    return {"name": cut(name, 30), "tags": [*tags], "right": cut(right, 44), "warn": warn}


def listing(title: str, about: str, rows: Sequence[Json], *, lines: Sequence[str], more: str = "", foot: str) -> Card:
    """`rows` 画在图上，`lines` 是文字版里同样的内容。"""
    data: dict[str, Json] = {"title": cut(title, 36), "subtitle": about, "foot": foot, "more": more, "rows": [*rows]}
    return Card("list", data, "\n".join(filter(None, [f"{title}（{about}）", *lines, more, foot])))
