"""评估的措辞。"""

from collections.abc import Iterator, Sequence

from bot.cards import Card, listing, row
from bot.league.evaluation_figures import Figures, Term
from bot.league.evaluations import ANSWER_EXAMPLE, OBJECT_EXAMPLE, OBJECT_WITHIN, SIGN_EXAMPLE, View
from bot.league.periods import local
from bot.league.quantities import SHOWN_FROM
from bot.league.scored_ratings import satisfaction
from db.models import Evaluation, EvaluationState, Unit


def view(found: View) -> str:
    """一个单位的一份。"""
    lines = [_title(found), *figures(found.figures)]
    if found.row:
        lines += list(_story(found.row, found.signer))
    else:
        lines.append(f"还没有人签。数摆在这里，意见由人来写，上级签：{SIGN_EXAMPLE}")
    return "\n".join(lines)


def _title(found: View) -> str:
    state = "此刻的数，还没签" if found.row is None else f"签时的数，{found.row.state}"
    return f"{found.unit.name} {found.term} 评估（{state}）"


def figures(found: Figures) -> Iterator[str]:
    """四样数：积分、过程、满意度、抽查。"""
    for one in found.scores:
        if one.median is None:
            yield f"· {one.quarter} 积分：{'没有' if not one.size else f'不足 {SHOWN_FROM} 人，不给数'}"
        else:
            share = f"，平均 {one.not_applicable:.0%} 不适用" if one.not_applicable else ""
            yield f"· {one.quarter} 积分：中位数 {one.median:.1f}（{one.size} 人{share}）"
    yield f"· 心愿：到期限的 {found.wishes} 件，两个工作日内有回音的 {found.in_time} 件"
    if found.reports:
        yield f"· 季报：该交 {found.reports} 份，按时 {found.reports_in_time} 份"
    if found.ratings is None or found.mean is None:
        yield f"· 青年评价：不足 {SHOWN_FROM} 份，不给数"
    else:
        yield f"· 青年评价：随机问到的 {found.ratings} 份，总体{satisfaction(found.mean)}"
    if found.checked:
        yield f"· 抽查：查过 {found.checked} 件，裁定不实 {found.contradicted} 件"
    else:
        yield "· 抽查：还没有抽查"


def _story(row: Evaluation, signer: str | None) -> Iterator[str]:
    when = local(row.signed_at)
    yield f"意见：{row.opinion}（{signer or '（没写姓名）'}，{when.month}月{when.day}日签）"
    if row.objection:
        yield f"异议：{row.objection}"
    if row.answer:
        yield f"答复：{row.answer}（{row.state}）"
    if row.state is EvaluationState.SIGNED:
        yield f"觉得不对，签后 {OBJECT_WITHIN.days} 天内发 {OBJECT_EXAMPLE}"
    if row.state is EvaluationState.OBJECTED:
        yield f"签的人来答：{ANSWER_EXAMPLE}"


def overview(term: Term, top: Unit, rows: Sequence[tuple[Unit, Evaluation | None]]) -> str | Card:
    """下一级各签到哪一步。"""
    if not rows:
        return f"{top.name}下面没有单位要评。"
    states = [(unit.name, found.state.value if found else "还没签") for unit, found in rows]
    signed = sum(found is not None for _, found in rows)
    return listing(
        f"{term} 评估 · {top.name}",
        f"{len(rows)} 个单位，签了 {signed} 个",
        [row(name, state, warn=state == EvaluationState.OBJECTED) for name, state in states],
        lines=[f"· {name}：{state}" for name, state in states],
        foot=f"看一个：/评估 {term} 单位；签：/评估 签 {term} 单位 意见",
    )


def signed(found: View) -> str:
    """签好了。"""
    return "\n".join(
        [
            f"签好了：{found.unit.name} {found.term}的评估，下面的数冻住了，已经告诉那边的管理员。",
            *figures(found.figures),
            f"他们 {OBJECT_WITHIN.days} 天内可以提异议，由你来答。",
        ]
    )


def objected(unit: Unit, row: Evaluation) -> str:
    """异议收下了。"""
    return f"异议收下了，已经告诉签的那位；答复了我告诉你。看全部发 /评估 {Term.of(row.term)} {unit.name}"


def answered(unit: Unit, row: Evaluation) -> str:
    """答复了。"""
    return f"答复记下了（{row.state}），已经告诉{unit.name}的管理员。"
