"""评估里的数：各季积分、过程、满意度、抽查。只有单位的合计，不足 5 人（份）的不给。"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.league import boards, calendars, reports
from bot.league.boards import Span
from bot.league.periods import Quarter, add_working_days, local
from bot.league.postings import posts
from bot.league.quantities import SHOWN_FROM
from bot.league.wish_deadlines import ESCALATE_AFTER_DAYS
from db import sql
from db.models import ReportState, ReportVersion, Unit, UnitReport, Wish, WishEnding, WishLane


@dataclass(frozen=True)
class Term:
    """半年或全年。"""

    year: int
    half: bool

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """含哪几季。"""
        return tuple(Quarter(self.year, number) for number in range(1, 3 if self.half else 5))

    @property
    def code(self) -> str:
        """库里的写法。"""
        return f"{self.year}{'H1' if self.half else 'FY'}"

    @classmethod
    def of(cls, code: str) -> "Term":
        """`code` 的反面。"""
        return cls(int(code[:4]), code.endswith("H1"))

    def __str__(self) -> str:
        return f"{self.year}{'上半年' if self.half else '全年'}"


@dataclass(frozen=True)
class QuarterScore:
    """一季的积分：中位数、几人、平均有几成不适用。"""

    quarter: str
    size: int
    median: float | None
    not_applicable: float | None


@dataclass(frozen=True)
class Figures:
    """签的时候冻住的全部数。"""

    scores: tuple[QuarterScore, ...]
    #: 到了期限的心愿，件；其中两个工作日内有回音的
    wishes: int
    in_time: int
    #: 该交的季报，份；其中按时交的
    reports: int
    reports_in_time: int
    #: 随机问到的评价，份与均分；不足 5 份为空
    ratings: int | None
    mean: float | None
    #: 抽查过的、裁定不实的，件
    checked: int
    contradicted: int

    def to_json(self) -> dict[str, object]:
        """存下来的样子。"""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Figures":
        """`to_json` 的反面。"""
        rest = {name: value for name, value in data.items() if name != "scores"}
        return cls(scores=tuple(QuarterScore(**one) for one in data["scores"]), **rest)


async def gather(unit: Unit, term: Term, *, at: datetime) -> Figures:
    """`at` 为止的数；`unit` 要有上级，积分在上级的下一级里取。"""
    span = Span.of(unit)
    begun = [quarter for quarter in term.quarters if quarter.start <= at]
    wishes, in_time = await _wishes(span, term, at=at)
    owed, sent_in_time = await _reports(unit, begun, at=at)
    ratings, mean = await _ratings(span, begun, at=at)
    checked, contradicted = await _checks(span, begun)
    return Figures(
        scores=tuple([await _score(unit, quarter) for quarter in begun]),
        wishes=wishes,
        in_time=in_time,
        reports=owed,
        reports_in_time=sent_in_time,
        ratings=ratings,
        mean=mean,
        checked=checked,
        contradicted=contradicted,
    )


async def _score(unit: Unit, quarter: Quarter) -> QuarterScore:
    ranked = await boards.units(quarter, await boards.peers_of(unit))
    found = next((one for one in ranked if one.unit == unit.name), None)
    if found is None:
        return QuarterScore(str(quarter), 0, None, None)
    return QuarterScore(str(quarter), found.size, found.median, found.not_applicable)


async def _wishes(span: Span, term: Term, *, at: datetime) -> tuple[int, int]:
    """（到了期限的，其中按时有回音的）；没回音就撤回的不算。"""
    first, last = term.quarters[0], term.quarters[-1]
    rows = Wish.filter(unit__path__gte=span.path, unit__path__lt=span.path_end).exclude(lane=WishLane.CRISIS)
    rows = rows.filter(submitted_at__gte=first.start, submitted_at__lt=min(at, last.end))
    book = await calendars.load()
    count = in_time = 0
    for wish in await rows.only("id", "unit_id", "submitted_at", "answered_at", "ending"):
        due = add_working_days(wish.submitted_at, ESCALATE_AFTER_DAYS, book.of(wish.unit_id))
        if wish.answered_at is None and (wish.ending is WishEnding.WITHDRAWN or at < due):
            continue
        count += 1
        in_time += wish.answered_at is not None and wish.answered_at <= due
    return count, in_time


async def _reports(unit: Unit, quarters: list[Quarter], *, at: datetime) -> tuple[int, int]:
    """（该交的，其中按时交的）；签发过几版的看头一版。"""
    today = local(at).date()
    due = [quarter for quarter in quarters if unit.kind in reports.OWES and reports.due_day(quarter) < today]
    in_time = 0
    for quarter in due:
        row = await UnitReport.get_or_none(unit_id=unit.id, quarter=str(quarter))
        first = await ReportVersion.filter(report_id=row.id).order_by("version").first() if row else None
        sent_at = first.at if first else row.at if row and row.state is ReportState.SENT else None
        in_time += sent_at is not None and local(sent_at).date() <= reports.due_day(quarter)
    return len(due), in_time


async def _ratings(span: Span, quarters: list[Quarter], *, at: datetime) -> tuple[int | None, float | None]:
    count = stars = 0
    for quarter in quarters:
        [row] = await sql.query(
            f"""SELECT COUNT(*) AS n, SUM(r.stars) AS stars FROM rating r
            JOIN rating_round d ON d.id = r.round_id
            JOIN {posts("$3")} c ON c.id = r.cadre_id JOIN unit u ON u.id = c.unit_id
            WHERE d.closes_at <= $1 AND r.quarter = $2 AND u.path >= $4 AND u.path < $5""",
            at,
            str(quarter),
            quarter.end,
            span.path,
            span.path_end,
        )
        count, stars = count + row["n"], stars + int(row["stars"] or 0)
    return (count, round(stars / count, 1)) if count >= SHOWN_FROM else (None, None)


async def _checks(span: Span, quarters: list[Quarter]) -> tuple[int, int]:
    """积分里记着查过几件、不实几件。"""
    facts = list[dict[str, float]]()
    for quarter in quarters:
        rows = await sql.query(
            f"""SELECT s.facts FROM score s
            JOIN {posts("$2")} c ON c.id = s.cadre_id JOIN unit u ON u.id = c.unit_id
            WHERE s.quarter = $1 AND u.path >= $3 AND u.path < $4""",
            str(quarter),
            quarter.end,
            span.path,
            span.path_end,
        )
        facts += [json.loads(row["facts"]) for row in rows]
    return int(sum(one.get("checked", 0) for one in facts)), int(sum(one.get("contradicted", 0) for one in facts))
