"""学习教育指导怎么说给人听。五项的数写“项”，人写“人”，等级分开，不相加。"""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.cards import Card, Json, listing, row
from bot.league.guidances import KINDS, Covered, Line, Sheet
from bot.league.overviews import LISTED
from bot.league.spans import Span
from db.models import EvidenceGrade, GuidanceItem, GuidanceTick

_FOOT = "写上到了多少人（如 18人），时间、地点、人员就齐了（L1）。勾错了发 /指导 撤回 单位 项目"


def taken(sheet: Sheet, line: Line) -> str:
    """定下或勾上之后。"""
    head = f"好，{KINDS[sheet.kind]}{sheet.unit}"
    tick = sheet.ticks.get(line.item) if line.item else None
    if tick is None:
        return f"{head}，定下了。做了一项勾一项，例如：/指导 {sheet.unit} 组织生活会\n{_left(sheet)}"
    people = f"，到了 {tick.people} 人" if tick.people else ""
    return f"{head}：{tick.item}勾上了（{_day(tick)}{people}，{tick.grade}）。\n{_left(sheet)}"


def unticked(sheet: Sheet, line: Line) -> str:
    """撤回之后。"""
    return f"{sheet.unit}的{line.item}撤回了。\n{_left(sheet)}"


def mine(sheets: Sequence[Sheet], name: str | None, year: int) -> Card:
    """一个单位一段，五项一项一行；还没定的也说一声。"""
    title, about = f"{name or '我'}的学习教育指导", f"{year} 年 · 3 月到 9 月"
    rows, lines = list[Json](), list[str]()
    for kind, verb in KINDS.items():
        sheet = next((sheet for sheet in sheets if sheet.kind is kind), None)
        head = f"{verb}{sheet.unit if sheet else f'一个{kind}'}"
        state = _done(sheet.ticks) if sheet else f"还没定，发 /指导 某{kind}"
        rows.append(row(head, state, warn=sheet is None))
        lines.append(f"{head}：{state}")
        for item in GuidanceItem if sheet else ():
            tick = sheet.ticks.get(item) if sheet else None
            said = f"{_day(tick)}，{tick.grade}" if tick else "还没做"
            rows.append(row(f"　{item}", said, warn=tick is None))
            lines.append(f"{'✓' if tick else '○'} {item}：{said}")
    return listing(title, about, rows, lines=lines, foot=_FOOT)


def overview(span: Span, year: int, covered: Sequence[Covered]) -> Card | str:
    """管理员看的：有人指导的在前，没人指导的在后。"""
    if not covered:
        return f"{span.name}下面没有团总支、团支部。"
    title, about = f"{span.name}学习教育指导", " · ".join([f"{year} 年", *_shares(covered)])
    ordered = sorted(covered, key=lambda one: not one.guides)
    rows = [row(one.unit, _state(one), warn=not one.guides) for one in ordered[:LISTED]]
    lines = [f"{one.unit}：{_state(one)}" for one in ordered[:LISTED]]
    hidden = len(ordered) - LISTED
    more = f"还有 {hidden} 个单位没列出，看某一块发 /指导 统计 单位。" if hidden > 0 else ""
    foot = "每个单位五项；几个人都勾了的一项，取证据好的那个。"
    return listing(title, about, rows, lines=lines, more=more, foot=foot)


def _state(one: Covered) -> str:
    if not one.guides:
        return "还没人指导"
    who = f"{'、'.join(one.guides[:3])}{f' 等 {len(one.guides)} 人' if len(one.guides) > 3 else ''}{KINDS[one.kind]}"
    return f"{who}，{_graded(one.items.values())}"


def _shares(covered: Sequence[Covered]) -> list[str]:
    """`团总支 3/5 个有人指导`。"""
    found = [(kind, verb, [one for one in covered if one.kind is kind]) for kind, verb in KINDS.items()]
    return [f"{kind} {_guided(units)}/{len(units)} 个有人{verb}" for kind, verb, units in found if units]


def _guided(units: Iterable[Covered]) -> int:
    return sum(1 for one in units if one.guides)


def _left(sheet: Sheet) -> str:
    left = [item for item in GuidanceItem if item not in sheet.ticks]
    return f"{_done(sheet.ticks)}" + (f"，还有：{'、'.join(left)}。" if left else "，五项都做了。")


def _done(ticks: dict[GuidanceItem, GuidanceTick]) -> str:
    return f"{len(ticks)}/{len(GuidanceItem)} 项"


def _graded(grades: Iterable[EvidenceGrade]) -> str:
    """`5 项里 L1 1 项 · L0 2 项`。"""
    counted = Counter(grades)
    done = " · ".join(f"{grade} {counted[grade]} 项" for grade in reversed(EvidenceGrade) if counted[grade])
    return f"{len(GuidanceItem)} 项里 {done}" if done else f"{len(GuidanceItem)} 项都还没做"


def _day(tick: GuidanceTick) -> str:
    return f"{tick.day.month}月{tick.day.day}日"
