"""光荣榜与加油榜的样子；话都在 `honour_letters`。"""

from bot.cards import Card, Json, cut
from bot.league import honour_letters as letters
from bot.league.formula import Band
from bot.league.honour_gaps import Gap
from bot.league.honour_rolls import Entry, Issue
from bot.league.honours import Draft
from db.models import RollKind


def draft(found: Draft, unit: str) -> Card | str:
    """此刻的一张，末尾说怎么发布；没有单位就是一句话。"""
    issue = found.issue
    if not issue.entries:
        hidden = f"（另有 {found.hidden} 个单位不足 5 人，不看）" if found.hidden else ""
        return f"{issue.name} {issue.quarter}：{letters.nobody(issue.kind)}{hidden}。"
    return card(issue, gaps=found.gaps, note=_next(found, unit))


def _next(found: Draft, unit: str) -> str:
    order = " ".join(filter(None, [f"/{found.issue.kind}", unit, str(found.issue.quarter), "发布"]))
    if found.issue.kind is RollKind.HONOUR:
        where = f"会送到 {found.reaches} 个工作群" if found.reaches else "还没有绑定工作群，只存下来"
        return f"看好了发 {order}，{where}。"
    return f"发 {order}，只私下说给这些单位自己的管理员（{found.reaches} 个单位有），不进群。"


def sent(issue: Issue, count: int, unreached: list[str]) -> str:
    """发布了。"""
    if issue.kind is RollKind.HONOUR:
        where = f"送往 {count} 个工作群" if count else "还没有绑定工作群，没有往群里送"
        return f"{letters.title(issue)} {issue.quarter} 第 {issue.version} 版发布了，{where}。"
    rest = f"{'、'.join(unreached)}还没有自己的管理员，请你当面说说。" if unreached else ""
    return f"好，{issue.quarter} 该加油的 {len(issue.entries)} 个单位，私下告诉了 {count} 位管理员。{rest}"


def published(issue: Issue | None) -> str:
    """发布过的光荣榜，给谁看都行：只有名字。"""
    if issue is None:
        return "还没有发布过光荣榜。"
    names = "、".join(entry.unit for entry in issue.entries)
    return f"{letters.title(issue)}（{letters.edition(issue)}）\n{names}\n{letters.THANKS}"


def card(issue: Issue, *, gaps: dict[str, Gap] | None = None, note: str = "") -> Card:
    """一张图和它的文字版。"""
    kind, found, words = issue.kind, gaps or {}, letters.motto(issue)
    data: dict[str, Json] = {
        "title": cut(letters.title(issue), 38),
        "subtitle": letters.edition(issue),
        "foot": letters.rule(kind) + note,
        "band": Band.HONOUR if kind is RollKind.HONOUR else Band.EFFORT,
        "words": words,
        "rows": [_row(issue, entry, found.get(entry.path)) for entry in issue.entries],
    }
    lines = [f"{letters.title(issue)}（{letters.edition(issue)}）"]
    for entry in issue.entries:
        lines.append(letters.line(issue, entry))
        if gap := found.get(entry.path):
            lines.append(f"  {letters.advice(gap)}")
    return Card("honours", data, "\n".join(filter(None, [*lines, words, letters.rule(kind), note])))


def _row(issue: Issue, entry: Entry, gap: Gap | None) -> Json:
    return {
        "place": issue.place(entry) if issue.kind is RollKind.HONOUR else None,
        "name": cut(entry.unit, 28),
        "detail": letters.detail(entry),
        "value": entry.median,
        "shown": f"{entry.median:.1f}",
        "chip": "新上榜" if entry.fresh and issue.kind is RollKind.HONOUR else "",
        "advice": letters.advice(gap) if gap else "",
    }
