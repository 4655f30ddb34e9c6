"""督办怎么说给人听：一类一行，后面写着发什么。"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.league.oversights import Oversight
from bot.league.periods import day
from db.models import CheckKind, SpotCheck

#: 一类至多列几个
LISTED = 8


def oversight(found: Oversight) -> str:
    """没有就一句话。"""
    lines = [line for line in _lines(found) if line]
    return "\n".join(lines) if lines else "都没有拖着的，辛苦了。"


def _lines(found: Oversight) -> Iterable[str]:
    wishes = [(row.number, row.unit.name if row.unit else "") for row in found.unclaimed]
    yield _line("心愿过了两个工作日没人认领", wishes, "件", "/转办 {} 单位名")
    wishes = [(row.number, row.unit.name if row.unit else "") for row in found.stalled]
    yield _line("心愿认领了五天没进展", wishes, "件", "/转办 {} @某")
    voices = [(row.number, row.kind.value) for row in found.voices]
    yield _line("心声、建议、投诉等你回音", voices, "条", "/回复 {} 话")
    yield _line("季报过了日子没交", [(unit.name, "") for unit in found.reports], "个单位", "/季报")
    disputes = [(row.number, row.unit.name) for row in found.disputes]
    yield _line("记录有青年提了异议", disputes, "条", "/异议 {} 成立，或 不成立")
    yield _line("案子等你裁定", [_case(row) for row in found.to_rule], "件", "/裁定 {}")
    yield _line("案子还没了结，等说明或别的单位的督导", [_case(row) for row in found.cases], "件", None)
    for one in found.rounds:
        yield f"· 抽查第 {one.id} 回（{one.unit.name}）还在问，{day(one.closes_at - timedelta(days=1))}前收完"


def _case(row: SpotCheck) -> tuple[str, str]:
    kind = "" if row.kind is CheckKind.CLAIM else f" {row.kind}"
    return row.number, f"{row.unit.name}{kind} {row.state}"


def _line(what: str, rows: Sequence[tuple[str, str]], measure: str, then: str | None) -> str:
    if not rows:
        return ""
    listed = "、".join(f"{number}（{where}）" if where else number for number, where in rows[:LISTED])
    more = " 等" if len(rows) > LISTED else ""
    return f"· {what} {len(rows)} {measure}：{listed}{more}" + (f"　→ {then.format(rows[0][0])}" if then else "")
