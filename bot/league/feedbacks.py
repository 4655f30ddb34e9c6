"""反馈给一个学院、团总支：这一季的合计与各条的编号，哪里好、哪里可以改；没有人的姓名，不足 5 人的数不给。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import audits, report_drafts, report_facts, reports, units
from bot.league.boards import Span
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.report_drafts import Sentence
from bot.league.roster import Speaker
from db.models import Cadre, ReportPart, ReportState, Unit

EXAMPLE = "/反馈 甲学院团总支 2026Q3"


@dataclass(frozen=True)
class Feedback:
    """一个单位（连同下级）一季的反馈。"""

    unit: Unit
    quarter: Quarter
    #: 在任团干部，人
    cadres: int
    #: 联系到多少青年，一句话
    coverage: str
    #: 三样各有哪几句，都带编号
    done: tuple[Sentence, ...]
    good: tuple[Sentence, ...]
    wanting: tuple[Sentence, ...]
    #: 季报到哪一步；不用交的为空
    report: ReportState | None


async def give(by: Speaker, unit_name: str | None, quarter: Quarter, *, at: datetime) -> Feedback:
    """只给这个单位和上级的管理员；看一次留一次痕。"""
    if not by.is_admin:
        raise Refusal("反馈给单位管理员看。看自己的，发 /进度 或 /积分")
    unit = await units.governed(by, unit_name, example=EXAMPLE)
    if quarter > Quarter.of(at):
        raise Refusal(f"{quarter} 还没开始。")
    facts = await report_facts.gather(unit, quarter, at=at)
    drafted = report_drafts.draft(facts)
    span = Span.of(unit)
    await audits.record("feedback.view", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=str(quarter))
    return Feedback(
        unit=unit,
        quarter=quarter,
        cadres=await Cadre.filter(left_at=None, unit__path__gte=span.path, unit__path__lt=span.path_end).count(),
        coverage=report_drafts.coverage(facts),
        done=drafted[ReportPart.DONE],
        good=drafted[ReportPart.LESSONS],
        wanting=drafted[ReportPart.PROBLEMS],
        report=await reports.state_of(unit.id, quarter) if unit.kind in reports.OWES else None,
    )
