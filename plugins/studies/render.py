"""课题怎么说给人听。课题都是自报（L0），数的是“个”，没定的数“人”。"""

from bot.cards import Card, listing, row
from bot.league.overviews import LISTED
from bot.league.periods import day
from bot.league.spans import Span
from bot.league.studies import EXAMPLE, EXAMPLES, UnitStudies
from db.models import Study, StudyAction, StudyEvent, StudyState

_SAID = {
    StudyAction.SETTLE: "今年的课题定下了：“{title}”。有进展发 {progress}",
    StudyAction.RENAME: "题目改成“{title}”了，从前的题目留着。",
    StudyAction.PROGRESS: "进展记下了：“{title}”。做完了发 {submit}",
    StudyAction.SUBMIT: "“{title}”提交了，辛苦了。还要补交，再发一次 /课题 结题。",
    StudyAction.DROP: "“{title}”放弃了。想另定一个，例如：{settle}",
}

_NAMING = (StudyAction.SETTLE, StudyAction.RENAME)


def acted(study: Study, action: StudyAction) -> str:
    """走了一步之后。"""
    return _SAID[action].format(
        title=study.title,
        progress=EXAMPLES[StudyAction.PROGRESS],
        submit=EXAMPLES[StudyAction.SUBMIT],
        settle=EXAMPLE,
    )


def mine(found: list[tuple[Study, list[StudyEvent]]]) -> str:
    """自己的课题和每一步。"""
    if not found:
        return f"今年还没定课题。一年一个，例如：{EXAMPLE}"
    return "\n".join(
        line
        for study, events in found
        for line in (f"{study.year} 年课题“{study.title}”：{study.state}（L0 自报）", *map(_event, events))
    )


def overview(span: Span, year: int, found: UnitStudies) -> Card | str:
    """管理员看的：谁定了什么、到哪一步，还没定的在后面。"""
    if not found.rows:
        return f"{span.name} {year} 年还没有在任的团干部。"
    counts = [f"{state} {found.count(state)} 个" for state in StudyState if found.count(state)]
    nobody = [f"还没定 {found.count(None)} 人"] if found.count(None) else []
    title, about = f"{span.name}年度课题", " · ".join([f"{year} 年", *counts, *nobody])
    foot = "课题都是自报（L0）。只看题目和到哪一步，说的话只有本人看得到。"
    shown = found.rows[:LISTED]
    hidden = len(found.rows) - LISTED
    more = f"还有 {hidden} 人没列出，看某一块发 /课题 统计 单位。" if hidden > 0 else ""
    rows = [
        row(
            study.title if study else "还没定",
            f"{name} · {unit}",
            tags=[study.state] if study else [],
            warn=study is None,
        )
        for name, unit, study in shown
    ]
    lines = [
        f"{name}（{unit}）：{f'“{study.title}”，{study.state}' if study else '还没定'}" for name, unit, study in shown
    ]
    return listing(title, about, rows, lines=lines, more=more, foot=foot)


def _event(event: StudyEvent) -> str:
    said = f"原题“{event.note}”" if event.note and event.action in _NAMING else event.note
    return f"{day(event.at)} {event.action}{f'：{said}' if said else ''}"
