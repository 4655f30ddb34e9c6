"""自检的措辞：查到什么说什么。"""

from collections.abc import Sequence

from bot.cards import Card, Json, cut, listing
from bot.league.compliance import Result, Source


def results(found: Sequence[Result]) -> Card:
    """图上一条一行，文字版里写全：规定、怎么做、查到什么、怎么办。"""
    fine = sum(one.finding.fine for one in found)
    about = f"{len(found)} 条里 {fine} 条未见不妥" + (f"，{len(found) - fine} 条要看一看" if fine < len(found) else "")
    used = {source for one in found for source in one.rule.sources}
    return listing(
        "合规自检",
        about,
        [_row(one) for one in found],
        lines=[_line(one) for one in found],
        more="依据：" + "、".join(source for source in Source if source in used),
        foot="这是对着设置、表和数据查的，不能代替人看；逐条怎么查、怎么办，发 /合规自检 文字",
    )


def _row(one: Result) -> Json:
    """名字下面一行小字写查到什么；要看一看的写怎么办。"""
    return {
        "name": cut(one.rule.says, 48),
        "note": cut(one.finding.remedy or one.finding.seen, 80),
        "tags": [],
        "right": "未见不妥" if one.finding.fine else "要看一看",
        "warn": not one.finding.fine,
    }


def _line(one: Result) -> str:
    mark = "✓" if one.finding.fine else "!"
    fix = f"\n  怎么办：{one.finding.remedy}" if one.finding.remedy else ""
    return f"{mark} {one.rule.says}\n  团团：{one.rule.does}\n  查到：{one.finding.seen}{fix}"
