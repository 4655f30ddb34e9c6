"""五个一怎么说给人听。"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.five_ones import FiveOnesNow, Item
from bot.league.five_ones_rules import Rule
from bot.league.five_ones_sets import STANDARDS, kind_of
from bot.league.forecasts import Forecast
from bot.league.formula import Grade
from bot.league.periods import Quarter, day
from bot.league.unit_five_ones import UnitNow, UnitSight
from db.models import FiveOnes, Lead, Side

#: 下级单位至多列几个
BELOW_SHOWN = 30


def mine(now: FiveOnesNow, name: str | None, *, at: datetime) -> Card:
    """五件事一行一件，等级分开数，不相加。"""
    title = f"{name or '我'}的五个一"
    month = f" · {at.month} 月活动 {now.month}/{now.rule.monthly} 次" if now.quarter == Quarter.of(at) else ""
    about = f"{now.quarter}{month} · {grades(now.items)}"
    foot = f"{_source(now.rule)}{_wishes(now)}一场活动、一条记录只填一件；做了没记的，发 /记 补上。"
    return _card(title, about, [_row(item) for item in now.items], list(map(_line, now.items)), foot)


def _wishes(now: FiveOnesNow) -> str:
    """办成的心愿自己顶上“实事”：用上的说一声，没处可填的也说一声。"""
    used = [item.deed.number for item in now.items if item.deed and item.deed.wish]
    spare = [deed.number for deed in now.spare]
    said = f"{'、'.join(used)} 是青年确认办成的心愿，自己顶上了，不用再记。" if used else ""
    return said + (f"{'、'.join(spare)} 也办成了，眼下没有空着的“实事”可填。" if spare else "")


def unit(sight: UnitSight) -> Card:
    """本单位五件事一行一件；下一级每个单位一行，等级分开数。"""
    own = sight.own
    title = f"{own.unit.name}的五个一"
    about = f"{sight.quarter} · {_lead(own.rule)}牵头 · {grades(own.items)}"
    foot = f"{_source(own.rule)}一场活动只填一件，算了单位的就不再算自己的；下级办的算下级的。"
    shown, more = sight.below[:BELOW_SHOWN], len(sight.below) - BELOW_SHOWN
    rows = [_row(item) for item in own.items] + [_unit_row(below) for below in shown]
    lines = [_line(item) for item in own.items]
    lines += ["下一级：", *(f"{below.unit.name}：{grades(below.items)}" for below in shown)] if shown else []
    rest = f"还有 {more} 个单位，看哪个就写上它的全名。" if more > 0 else ""
    return _card(title, about, rows, lines, foot + rest)


def _unit_row(below: UnitNow) -> Json:
    done = any(item.deed for item in below.items)
    return {"name": cut(f"下级 {below.unit.name}", 30), "tags": [], "right": grades(below.items), "warn": not done}


def _card(title: str, about: str, rows: list[Json], lines: list[str], foot: str) -> Card:
    data: dict[str, Json] = {"title": cut(title, 36), "subtitle": about, "foot": foot, "more": "", "rows": rows}
    return Card("list", data, "\n".join([f"{title}（{about}）", *lines, foot]))


def _row(item: Item) -> Json:
    tags = [item.grade] if item.grade else []
    return {"name": item.name, "tags": tags, "right": _right(item), "warn": item.deed is None}


def grades(items: Sequence[Item]) -> str:
    """`L2 3 件 · L1 1 件 · 没做 1 件`。"""
    counted = Counter(item.grade for item in items)
    shown = [f"{grade} {counted[grade]} 件" for grade in reversed(Grade) if counted[grade]]
    return " · ".join([*shown, f"没做 {counted[None]} 件"] if counted[None] else shown)


def outlook(now: Forecast) -> str:
    """`五个一 2/5；照过去 40 天的快慢，季末大约 4/5。还差 …，12月31日前做完就齐，还有 53 天。`"""
    head = f"五个一 {now.done}/{now.total}"
    if not now.missing:
        return f"{head}，这一季的做满了。"
    rest = f"还差 {'、'.join(now.missing)}，{now.last_day.month}月{now.last_day.day}日前做完就齐，还有 {now.left} 天。"
    if now.likely is None:
        return f"{head}，季度刚开头，先不推算。{rest}"
    likely = f"大约 {now.likely}/{now.total}" if now.is_short else "能做满"
    return f"{head}；照过去 {now.elapsed} 天的快慢，季末{likely}。{rest}"


def settled(row: FiveOnes, rule: Rule) -> str:
    """定好之后。"""
    standard = STANDARDS[rule.side]
    how = f"每月 {rule.monthly} 次" if rule.monthly else f"{_lead(rule)}牵头"
    lines = [
        f"定好了：{rule.unit} {row.quarter} 的{standard.title}是 {'、'.join(rule.names)}，{how}。",
        f"{_source(rule)}没有自己定的下级照这个来；从前的版本留着，已经做的不会丢。",
    ]
    if others := [
        name for name in rule.names if kind_of(name, rule.side) is standard.spare and standard.spare not in name
    ]:
        lines.append(f"{'、'.join(others)} 的名字里没写类别，用“{standard.spare}”类的活动{_and_records(rule)}来算。")
    return "\n".join(lines)


def _and_records(rule: Rule) -> str:
    return "和记录" if rule.side is Side.CADRE else ""


def _lead(rule: Rule) -> str:
    """文件只说组织部或宣传部，没有单位定过就照着说。"""
    return rule.lead or "或".join(Lead)


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
    wish = "心愿 " if item.deed.wish else ""
    return f"{wish}{item.deed.number} · {day(item.deed.at)}{before}"
