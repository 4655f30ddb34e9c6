"""五个一怎么说给人听。"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.activity_letters import day
from bot.league.five_ones import FiveOnesNow, Item
from bot.league.five_ones_rules import Rule, kind_of
from bot.league.formula import Grade
from bot.league.periods import Quarter
from db.models import FiveOnes, Slot


def mine(now: FiveOnesNow, name: str | None, *, at: datetime) -> Card:
    """五件事一行一件，等级分开数，不相加。"""
    title = f"{name or '我'}的五个一"
    month = f" · {at.month} 月活动 {now.month}/{now.rule.monthly} 次" if now.quarter == Quarter.of(at) else ""
    about = f"{now.quarter}{month} · {grades(now.items)}"
    foot = f"{_source(now.rule)}一场活动、一条记录只填一件；做了没记的，发 /记 补上。"
    rows: list[Json] = [
        {
            "name": item.name,
            "tags": [item.grade] if item.grade else [],
            "right": _right(item),
            "warn": item.deed is None,
        }
        for item in now.items
    ]
    data: dict[str, Json] = {
        "title": cut(title, 36),
        "subtitle": about,
        "foot": foot,
        "more": "",
        "rows": rows,
    }
    return Card("list", data, "\n".join([f"{title}（{about}）", *map(_line, now.items), foot]))


def grades(items: Sequence[Item]) -> str:
    """`L2 3 件 · L1 1 件 · 没做 1 件`。"""
    counted = Counter(item.grade for item in items)
    shown = [f"{grade} {counted[grade]} 件" for grade in reversed(Grade) if counted[grade]]
    return " · ".join([*shown, f"没做 {counted[None]} 件"] if counted[None] else shown)


def settled(row: FiveOnes, rule: Rule) -> str:
    """定好之后。"""
    lines = [
        f"定好了：{rule.unit} {row.quarter} 的五个一是 {'、'.join(rule.names)}，每月 {rule.monthly} 次。",
        f"{_source(rule)}没有自己定的下级照这个来；从前的版本留着，已经做的不会丢。",
    ]
    if others := [name for name in rule.names if kind_of(name) is Slot.OTHER]:
        lines.append(f"{'、'.join(others)} 的名字里没写类别，用“其他”类的活动和记录来算。")
    return "\n".join(lines)


def _source(rule: Rule) -> str:
    """谁定的、依据什么；没有单位定过就照文件。"""
    if rule.unit is None:
        return f"本季没有单位另定，照{rule.document}（{rule.issuer}）。"
    return f"{rule.issuer}定，依据{rule.document}。"


def _line(item: Item) -> str:
    return f"{item.name}：{f'{item.grade}，' if item.grade else ''}{_right(item)}"


def _right(item: Item) -> str:
    if item.deed is None:
        return "还没做"
    before = f"（先前的{item.instead_of}）" if item.instead_of else ""
    return f"{item.deed.number} · {day(item.deed.at)}{before}"
