"""季报的草稿：四个部分都照事实写，一句一个依据，句末是记录编号。写得好不好由人改，改不了事实。"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.league.quantities import SHOWN_FROM
from bot.league.report_facts import UnitFacts
from db.models import Activity, EvidenceGrade, ReportPart, Voice, Wish, WishEnding

#: 句末至多列几个编号，全部的在签发时一并存下
CITED = 10
#: 本季联系到的不到六成，算联系得少（我们的建议，与积分的基数一致，见 docs/score.md）
LOW_COVERAGE = 0.6
#: 一周之内办成的，算办得快（我们的建议）
QUICK = timedelta(days=7)
#: 经验里至多举几场活动
SHOWN = 3

#: 话里提到的编号
NUMBER = re.compile(r"(?<![A-Za-z0-9])[AWVJ]\d{1,9}(?!\d)")

_GRADES = {"L3": "经得起抽查", "L2": "青年确认", "L1": "时间地点人齐", "L0": "自报"}


@dataclass(frozen=True)
class Sentence:
    """一句话和它的依据。"""

    text: str
    records: tuple[str, ...]

    def __str__(self) -> str:
        more = f"等 {len(self.records)} 条" if len(self.records) > CITED else ""
        return f"{self.text}（{'、'.join(self.records[:CITED])}{more}）。"


def draft(facts: UnitFacts) -> dict[ReportPart, tuple[Sentence, ...]]:
    """四个部分各有哪几句；没有事实可写的是空的。"""
    writers = {
        ReportPart.DONE: _done,
        ReportPart.LESSONS: _lessons,
        ReportPart.PROBLEMS: _problems,
        ReportPart.PLANS: _plans,
    }
    return {part: tuple(one for one in write(facts) if one.records) for part, write in writers.items()}


def by_grade(rows: Iterable[Activity]) -> str:
    """`青年确认 3 场、自报 1 场`；各等级分开数。"""
    counts = Counter(row.grade.value for row in rows)
    return "、".join(f"{said} {counts[grade]} 场" for grade, said in _GRADES.items() if counts[grade])


def numbers(rows: Sequence[Activity | Wish | Voice]) -> tuple[str, ...]:
    """各自的编号。"""
    return tuple(row.number for row in rows)


def _done(facts: UnitFacts) -> Iterator[Sentence]:
    slots: dict[str, list[Activity]] = defaultdict(list)
    campaigns: dict[str, list[Activity]] = defaultdict(list)
    for row in facts.held:
        slots[row.slot].append(row)
        if row.campaign:
            campaigns[row.campaign].append(row)
    for slot, rows in slots.items():
        yield Sentence(f"办{slot} {len(rows)} 场：{by_grade(rows)}", numbers(rows))
    for campaign, rows in campaigns.items():
        yield Sentence(f"其中{campaign} {len(rows)} 场", numbers(rows))
    fives = [(item.name, item.deed.number) for item in facts.fives.items if item.deed]
    names = "、".join(name for name, _ in fives)
    yield Sentence(f"单位的五个一做了 {len(fives)} 件：{names}", tuple(number for _, number in fives))
    yield Sentence(f"收到青年心愿 {len(facts.received)} 件", numbers(facts.received))
    granted, partly = facts.ended_as(WishEnding.FULFILLED), facts.ended_as(WishEnding.PARTLY)
    also = f"，部分办成 {len(partly)} 件" if partly else ""
    yield Sentence(f"青年确认办成 {len(granted)} 件{also}", numbers(granted + partly))
    yield Sentence(f"采纳青年建议 {len(facts.adopted)} 条", numbers(facts.adopted))


def _lessons(facts: UnitFacts) -> Iterator[Sentence]:
    rows = [row for row in facts.held if facts.came[row.id] >= SHOWN_FROM and row.grade is not EvidenceGrade.L0]
    for row in sorted(rows, key=lambda row: (-facts.came[row.id], row.id))[:SHOWN]:
        yield Sentence(f"{row.title or row.slot}有 {facts.came[row.id]} 人到场或确认", (row.number,))
    granted = facts.ended_as(WishEnding.FULFILLED)
    quick = [
        wish for wish in granted if not wish.reopened and wish.ended_at and wish.ended_at - wish.submitted_at <= QUICK
    ]
    yield Sentence(f"一周之内办成、青年一次就确认的心愿 {len(quick)} 件", numbers(quick))


def _problems(facts: UnitFacts) -> Iterator[Sentence]:
    yield Sentence(f"两个工作日内没有回音的心愿 {len(facts.late)} 件", numbers(facts.late))
    yield Sentence(f"认领后没有进展、放回墙上的 {len(facts.released)} 件", numbers(facts.released))
    yield Sentence(f"说办结了、青年说没办成而重办的 {len(facts.reopened)} 件", numbers(facts.reopened))
    silent = facts.ended_as(WishEnding.UNCONFIRMED)
    yield Sentence(f"没等到青年确认就结案的 {len(silent)} 件", numbers(silent))
    yield Sentence(f"过了期限才有回音的建议 {len(facts.late_voices)} 条", numbers(facts.late_voices))
    if is_thin(facts):
        yield Sentence(coverage(facts), _interactions(facts))
    alone = _self_reported(facts)
    yield Sentence(f"只有自报、没有旁证的 {len(alone)} 场", numbers(alone))
    yield Sentence(f"青年有异议、核实中或已作废的 {len(facts.disputed)} 场", numbers(facts.disputed))


def _plans(facts: UnitFacts) -> Iterator[Sentence]:
    waiting = [wish for wish in facts.late if wish.answered_at is None]
    yield Sentence(f"先把还没有回音的 {len(waiting)} 件心愿答复了", numbers(waiting))
    again = [wish for wish in facts.reopened if wish.ended_at is None]
    yield Sentence(f"重办的 {len(again)} 件心愿问清楚卡在哪里，办到青年认可", numbers(again))
    if is_thin(facts):
        yield Sentence("把还没聊过的青年逐位联系到", _interactions(facts))
    alone = _self_reported(facts)
    yield Sentence(f"自报的 {len(alone)} 场补上时间、地点、人，或请在场的青年确认", numbers(alone))


def is_thin(facts: UnitFacts) -> bool:
    """联系得少；联系着的不足 5 人的单位不说。"""
    return facts.joined >= SHOWN_FROM and facts.reached < LOW_COVERAGE * facts.joined


def coverage(facts: UnitFacts) -> str:
    """联系到多少人；不足 5 人的不给数。"""
    if facts.joined < SHOWN_FROM:
        return "联系着的青年不足 5 人"
    few = facts.reached < SHOWN_FROM
    return f"联系着的青年 {facts.joined} 人，本季真正聊过的{'不足 5 人' if few else f' {facts.reached} 人'}"


def _interactions(facts: UnitFacts) -> tuple[str, ...]:
    """互动没有编号，依据写是哪一季的合计。"""
    return (f"互动合计 {facts.quarter}",)


def _self_reported(facts: UnitFacts) -> list[Activity]:
    return [row for row in facts.held if row.grade is EvidenceGrade.L0]
