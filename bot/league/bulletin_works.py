"""通报里的积分与工作：五个部分的中位数和档位，单位五个一，有窗口期的工作，下基层，学习教育指导，年度课题。"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.league import (
    campaign_coverage,
    campaigns,
    formula,
    guidances,
    shadows,
    stay_counts,
    studies,
    unit_five_ones,
)
from bot.league.bulletin_frames import Frame
from bot.league.bulletin_tables import OWN, TOTAL, Pane, Row, Table
from bot.league.formula import Band, Grade, Part
from bot.league.guidances import KINDS, Covered
from bot.league.periods import local
from bot.league.quantities import (
    BLANK,
    FEW,
    SHOWN_FROM,
    Days,
    Figure,
    Items,
    People,
    Quantity,
    Studies,
    Units,
    column,
    figure,
    middle,
)
from db import sql
from db.models import EvidenceGrade, GuidanceItem, Scheme, StudyState, Unit

#: 五个部分在通报里的叫法
PARTS = {
    Part.COVERAGE: "覆盖",
    Part.DEPTH: "深度",
    Part.SERVICE: "服务",
    Part.FIVE_ONES: "五个一",
    Part.RATINGS: "青年评价",
}
#: 加油的单位那几格
APART = "不单列"
MEDIAN, BAND, RANKED, MISSING = "积分中位数", "档位", "排上的团干部", "不适用"


async def scores(frame: Frame) -> Table:
    """各单位积分与五个部分的中位数、排上几人、平均几成不适用；离任的不在内。试算的季度一个数也没有。"""
    parts_named = (f"{name}（满分 {formula.WEIGHTS[part]}）" for part, name in PARTS.items())
    columns = (RANKED, MEDIAN, *parts_named, MISSING, BAND)
    if shadows.is_shadow(frame.quarter):
        told = (BLANK, Figure(instead=shadows.SENTENCE), *[BLANK] * (len(columns) - 2))
        return Table(Pane.DATA, "积分", "单位", columns, (Row(TOTAL, told),))
    parts = ", ".join(f"s.{part}" for part in Part)
    rows = await sql.query(
        f"""
        SELECT SUBSTR(u.path, 1, $4) AS child, r.total, {parts}
        FROM ranking r JOIN unit u ON u.id = r.unit_id
             JOIN score s ON s.cadre_id = r.cadre_id AND s.quarter = r.quarter
        WHERE r.quarter = $1 AND u.path >= $2 AND u.path < $3
        """,
        str(frame.quarter),
        frame.span.path,
        frame.span.path_end,
        len(frame.span.path) + 6,
    )
    members: dict[str, list[dict[str, float | None]]] = defaultdict(list)
    for row in rows:
        members[row.pop("child")].append(row)
    everyone = [row for one in members.values() for row in one]
    paths = [path for path, name in frame.names.items() if name != OWN or path in members]
    sizes = column([People(len(members.get(path, []))) for path in paths], People(len(everyone)))
    shown = [
        Row(frame.names[path], (size, *_unless_effort(_medians(members.get(path, [])))))
        for path, size in zip(paths, sizes, strict=True)
    ]
    total = Row(TOTAL, (figure(People(len(everyone))), *_medians(everyone)))
    return Table(Pane.DATA, "积分", "单位", columns, (total, *_ordered(shown)))


def _medians(rows: Sequence[dict[str, float | None]]) -> tuple[Figure, ...]:
    median = middle([row["total"] or 0 for row in rows])
    parts = [
        middle([formula.WEIGHTS[part] * value for row in rows if (value := row[part]) is not None]) for part in Part
    ]
    missing = sum(formula.WEIGHTS[part] for row in rows for part in Part if row[part] is None)
    share = Figure(round(missing / len(rows)), "%") if len(rows) >= SHOWN_FROM else Figure(instead=FEW)
    known = None if median.number is None else formula.band(float(median.number))
    band = Figure(instead=known.value) if known and known is not Band.EFFORT else BLANK
    return (median, *parts, share, band)


def _unless_effort(cells: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """加油的单位在通报里不单列：那只给它自己和管理员看（产品说明第 7 节）。"""
    median = cells[0].number
    if median is None or formula.band(float(median)) is not Band.EFFORT:
        return cells
    return (Figure(instead=APART),) * len(cells)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """积分高的在前；不公布的按单位树的次序在后。"""
    return sorted(rows, key=lambda row: -float(row.cells[1].number or 0) if row.cells[1].number is not None else 1)


async def five_ones(frame: Frame) -> Table:
    """各单位自己的五件事：各等级做了几项，几项还没做；只数单位名下的。"""
    below = {path: name for path, name in frame.names.items() if path != frame.span.path}
    chosen = await Unit.filter(path__in=[frame.span.path, *below]).order_by("path")
    names = below | {frame.span.path: OWN}
    rows = []
    for now in await unit_five_ones.of_units(frame.quarter, chosen):
        grades = [item.grade for item in now.items]
        cells = [figure(Items(grades.count(grade))) for grade in (*reversed(Grade), None)]
        rows.append(Row(names[now.unit.path or ""], tuple(cells)))
    columns = (*(str(grade) for grade in reversed(Grade)), "还没做")
    return Table(Pane.PROCESS, "单位五个一", "单位", columns, tuple(rows))


async def works(frame: Frame) -> Table:
    """有窗口期的工作：窗口与这一季有重叠的，各办到了几个单位（主题宣讲数团支部）。"""
    unit = await Unit.get(path=frame.span.path)
    last = frame.until - timedelta(seconds=1)
    rows = []
    for work in campaigns.WORKS.values():
        window = campaigns.latest(work, local(last).date())
        if work.slot is None or window.until < frame.quarter.first_day:
            continue
        covered = await campaign_coverage.survey(work, unit, at=last, before=frame.until)
        grades = [place.grade for place in covered.places]
        counts = [len(grades), *(grades.count(grade) for grade in reversed(Grade)), grades.count(None)]
        cells = tuple(figure(Units(count)) for count in counts)
        rows.append(Row(f"{work.campaign}（{campaigns.days(work)}）", cells))
    columns = ("该办的", *(str(grade) for grade in reversed(Grade)), "还没办")
    return Table(Pane.PROCESS, "几项工作", "哪一项", columns, tuple(rows))


#: 下基层没有青年可问，抽查不到，没有 L3
_STAY_GRADES = (EvidenceGrade.L2, EvidenceGrade.L1, EvidenceGrade.L0)


async def stays(frame: Frame) -> Table:
    """本季下基层：每一项多少人、各等级多少天；一次算几项的，每项里各数一遍。"""
    shares = await stay_counts.shares(frame.span, frame.quarter.first_day, frame.end_day)
    rows = []
    for scheme in (*Scheme, None):
        mine = [share for share in shares if share.scheme is scheme]
        if scheme is None and not mine:
            continue
        cells = [figure(People(stay_counts.tally(mine).people))]
        for grade in _STAY_GRADES:
            graded = stay_counts.tally([share for share in mine if share.days.get(grade)])
            cells.append(figure(Days(graded.days.get(grade, 0), graded.people)))
        rows.append(Row(scheme.value if scheme else "没写哪一项", tuple(cells)))
    columns = ("去过的团干部", *(str(grade) for grade in _STAY_GRADES))
    return Table(Pane.PROCESS, "下基层", "哪一项", columns, tuple(rows))


async def guided(frame: Frame) -> Table:
    """今年的学习教育指导：几个团总支、团支部有人管，五项各做到几个。"""
    covered = await guidances.coverage(frame.span, frame.quarter.year)
    rows = [_guided(f"{verb}{kind}", [one for one in covered if one.kind is kind]) for kind, verb in KINDS.items()]
    return Table(
        Pane.PROCESS,
        "学习教育指导（今年）",
        "哪一级",
        ("一共", "有人管的", *(item.value for item in GuidanceItem)),
        tuple(rows),
    )


def _guided(name: str, rows: Sequence[Covered]) -> Row:
    counts = [len(rows), sum(bool(one.guides) for one in rows)]
    counts += [sum(item in one.items for one in rows) for item in GuidanceItem]
    return Row(name, tuple(figure(Units(count)) for count in counts))


async def topics(frame: Frame) -> Table:
    """今年的年度课题到哪一步：一人一年一个，所以几个就是几位团干部的。"""
    states: dict[StudyState, Quantity] = {state: Studies(0, 0) for state in StudyState}
    for counted in (await studies.per_unit(frame.span, frame.quarter.year)).values():
        for state, count in counted.items():
            states[state] = Studies(states[state].n + count, states[state].n + count)
    rows = tuple(Row(state.value, (figure(number),)) for state, number in states.items())
    return Table(Pane.PROCESS, "年度课题（今年）", "哪一步", ("有",), rows)
