"""参评的措辞：建议就说是建议。"""

from collections.abc import Sequence

from bot.cards import Card, listing, row
from bot.league.eligibilities import APPEAL_EXAMPLE, EXAMPLE, Case
from bot.league.studies import NAMELESS
from db.models import EligibilityState, Unit

#: 图上至多几行，其余的看文字版
_SHOWN = 40


def mine(case: Case) -> str:
    """自己的：建议、一条条理由、定了没有。"""
    found = case.suggestion
    lines = [f"{found.year} 年参评 · 建议：{_word(case)}（只是建议，由管理员来定）"]
    lines += [f"{'✓' if one.met else '!'} {one.says}：{one.seen}（{one.source}）" for one in found.reasons]
    lines.append(f"现在：{case.state}{f'，{case.row.reason}' if case.row and case.row.reason else ''}")
    open_to_appeal = case.row is None and not found.favourable
    if open_to_appeal or (case.row and case.row.state is EligibilityState.HELD):
        lines.append(f"觉得不对，发 {APPEAL_EXAMPLE}")
    return "\n".join(lines)


def _word(case: Case) -> str:
    return "可参评" if case.suggestion.favourable else "再看看"


def listed(unit: Unit, cases: Sequence[Case]) -> str | Card:
    """给管理员的名单：按单位排，不按分数排。"""
    if not cases:
        return f"{unit.name}还没有在任的团干部。"
    year = cases[0].suggestion.year
    rows = [(case.cadre.person.name or NAMELESS, case.cadre.unit.name, case) for case in cases]
    good = sum(case.suggestion.favourable for case in cases)
    return listing(
        f"{year} 年参评 · {unit.name}",
        f"{len(cases)} 人，建议可参评 {good} 人；只是建议",
        [
            row(name, f"{_word(case)} · {case.state}", tags=[] if len(where) > 8 else [where], warn=_waits(case))
            for name, where, case in rows[:_SHOWN]
        ],
        lines=[f"· {name}（{where}）建议{_word(case)}{_why(case)}；{case.state}" for name, where, case in rows],
        more=f"还有 {len(rows) - _SHOWN} 位，发 /参评 名单 文字" if len(rows) > _SHOWN else "",
        foot=f"按单位排，不按分数。来定：{EXAMPLE}",
    )


def _waits(case: Case) -> bool:
    return case.row is not None and case.row.state is EligibilityState.APPEALED


def _why(case: Case) -> str:
    missed = [f"{one.says}（{one.seen}）" for one in case.suggestion.reasons if not one.met]
    appeal = f"；申诉：{case.row.appeal}" if case.row and case.row.appeal else ""
    return (f"：{'、'.join(missed)}" if missed else "") + appeal


def decided(case: Case) -> str:
    """定好了。"""
    against = case.row and case.suggestion.favourable != (case.row.state is EligibilityState.ALLOWED)
    note = "和建议不一样，没关系，人说了算；" if against else ""
    name = case.cadre.person.name or NAMELESS
    return f"记下了：{name} {case.suggestion.year} 年{case.state}。{note}已经私聊告诉本人。"
