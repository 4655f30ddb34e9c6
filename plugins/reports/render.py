"""季报的措辞。"""

from bot.league.periods import Quarter
from bot.league.reports import due_day
from db.models import ReportState, Unit, UnitReport


def listing(quarter: Quarter, units: list[tuple[Unit, ReportState]]) -> str:
    """按到哪一步分开列。"""
    if not units:
        return "你管的单位里没有要交季报的团总支。"
    day = due_day(quarter)
    lines = [f"{quarter} 季报，{day.month}月{day.day}日前交到："]
    for state in ReportState:
        names = [unit.name for unit, now in units if now is state]
        if names:
            lines.append(f"· {state} {len(names)} 个：{'、'.join(names)}")
    return "\n".join(lines)


def settled(unit: Unit, report: UnitReport) -> str:
    """记下了。"""
    if report.state is ReportState.RETURNED:
        return f"记下了：{unit.name} {report.quarter} 的季报退回。到日子我会提醒它的管理员改好再交。"
    return f"记下了：{unit.name} {report.quarter} 的季报已报，不再为它提醒。"
