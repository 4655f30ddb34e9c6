"""参评资格的建议：几条看得见的规则，一条一个理由。只是建议，定由人来定。"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bot.league import formula, shadows
from bot.league.formula import Band
from bot.league.periods import Quarter, local
from db.models import Score

#: 至少看得到几季（我们的建议：一季看不出样子）
QUARTERS_NEEDED = 2
#: 各季积分的中位数到“稳步”（我们的建议，档位见 docs/score.md）
SCORE_FLOOR = formula.BANDS[Band.STEADY]
#: 五个一（校青字〔2017〕10号 三）每季至少几件有旁证，不只是自报（三件是我们的建议）
DEEDS_NEEDED = 3
_VOUCHED = ("L1", "L2", "L3")


@dataclass(frozen=True)
class QuarterFacts:
    """一位团干部过完了的一季。"""

    quarter: str
    #: 只试算的一季为空
    total: float | None
    #: 五个一里有旁证的，件；那一季还没用起五个一为空
    deeds: int | None
    #: 抽查裁定不实的，件
    contradicted: int


@dataclass(frozen=True)
class Reason:
    """一条规则的结果。"""

    says: str
    source: str
    met: bool
    #: 查到的数
    seen: str


@dataclass(frozen=True)
class Suggestion:
    """建议与理由；都满足才建议可参评。"""

    year: int
    reasons: tuple[Reason, ...]

    @property
    def favourable(self) -> bool:
        """建议可参评；否则是建议再看看。"""
        return all(reason.met for reason in self.reasons)


@dataclass(frozen=True)
class Rule:
    """一条规则：怎么算满足，查到什么。"""

    says: str
    source: str
    met: Callable[[Collection[QuarterFacts]], bool]
    seen: Callable[[Collection[QuarterFacts]], str]


def _totals(facts: Collection[QuarterFacts]) -> list[float]:
    return [one.total for one in facts if one.total is not None]


def _deeds(facts: Collection[QuarterFacts]) -> list[int]:
    return [one.deeds for one in facts if one.deeds is not None]


RULES = (
    Rule(
        f"有积分的季度至少 {QUARTERS_NEEDED} 个",
        "我们的建议",
        lambda facts: len(_totals(facts)) >= QUARTERS_NEEDED,
        lambda facts: f"{len(_totals(facts))} 个",
    ),
    Rule(
        f"各季积分的中位数到 {SCORE_FLOOR:.0f}",
        "我们的建议，见 docs/score.md",
        lambda facts: bool(_totals(facts)) and median(_totals(facts)) >= SCORE_FLOOR,
        lambda facts: f"{median(_totals(facts)):.1f}" if _totals(facts) else "还没有积分",
    ),
    Rule(
        f"每季五个一至少 {DEEDS_NEEDED} 件不只是自报",
        "校青字〔2017〕10号 三；几件是我们的建议",
        lambda facts: all(deeds >= DEEDS_NEEDED for deeds in _deeds(facts)),
        lambda facts: "、".join(f"{one.quarter} {one.deeds} 件" for one in facts if one.deeds is not None) or "不适用",
    ),
    Rule(
        "没有抽查裁定不实的",
        "校青字〔2017〕10号 七；我们的建议",
        lambda facts: not sum(one.contradicted for one in facts),
        lambda facts: f"{sum(one.contradicted for one in facts)} 件",
    ),
)


def suggest(year: int, facts: Collection[QuarterFacts]) -> Suggestion:
    """照规则看一遍。"""
    return Suggestion(year, tuple(Reason(rule.says, rule.source, rule.met(facts), rule.seen(facts)) for rule in RULES))


def year_of(at: datetime) -> int:
    """看哪一年的：过完两季的年份；上半年看去年的。"""
    now = local(at)
    return now.year if now.month > 6 else now.year - 1


async def suggestions(cadres: Collection[int], year: int, *, at: datetime) -> dict[int, Suggestion]:
    """一批团干部的建议，一次查完；只看过完了的季度，试算的那一季积分不算。"""
    over = {str(quarter): quarter for number in range(1, 5) if (quarter := Quarter(year, number)).end <= at}
    found: dict[int, list[QuarterFacts]] = {cadre: [] for cadre in cadres}
    for row in await Score.filter(quarter__in=list(over), cadre_id__in=list(cadres)).order_by("quarter"):
        found[row.cadre_id].append(_facts(row, shadow=shadows.is_shadow(over[row.quarter])))
    return {cadre: suggest(year, facts) for cadre, facts in found.items()}


def _facts(row: Score, *, shadow: bool) -> QuarterFacts:
    applies = "L0" in row.facts
    deeds = int(sum(row.facts.get(grade, 0) for grade in _VOUCHED)) if applies else None
    return QuarterFacts(row.quarter, None if shadow else row.total, deeds, int(row.facts.get("contradicted", 0)))
