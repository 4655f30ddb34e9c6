"""评估与参评：走法各一张表；数照实算、签了就冻住；人定，能异议、能申诉，换一位来复核。"""

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from bot.league import (
    eligibilities,
    eligibility_rules,
    evaluation_figures,
    evaluation_orders,
    evaluations,
    rankings,
    roster,
)
from bot.league.eligibility_rules import QuarterFacts, suggest
from bot.league.errors import Refusal
from bot.league.evaluation_figures import Figures, Term
from bot.league.evaluations import View
from bot.league.periods import on
from bot.settings import settings
from db.models import (
    Audit,
    Cadre,
    Eligibility,
    EligibilityState,
    Evaluation,
    EvaluationState,
    Notice,
    Rating,
    RatingRound,
    ReportState,
    ReportVersion,
    Scope,
    Score,
    Unit,
    UnitReport,
    Wish,
    WishLane,
    WishState,
)
from tests import factories

H1 = Term(2026, half=True)
AT = on(date(2026, 7, 10)).replace(hour=10)
NAME = "甲学院团总支"


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def person(user: int) -> str:
    return f"p{(await who(user)).person_id}"


@pytest.fixture
async def college(database: str) -> Unit:
    """甲学院团总支：管理员 8，团干部 1–5；上面是示例大学团委，管理员 9、10。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    await factories.admin(10, "副书记", school)
    college = await factories.branch(NAME, school)
    await factories.admin(8, "总支书记", college)
    for user in range(1, 6):
        await factories.cadre(user, f"团干{user}", college)
    await Cadre.all().update(since=on(date(2026, 1, 1)))
    return college


# --- 评估 ---


async def rated(cadre: Cadre, count: int) -> None:
    at = on(date(2026, 3, 29))
    drawn, _ = await RatingRound.get_or_create(
        quarter="2026Q1", number=1, defaults={"seed": "0" * 32, "opens_at": at, "closes_at": at}
    )
    for number in range(count):
        youth = await factories.person(500 + number)
        await Rating.create(quarter="2026Q1", cadre=cadre, youth=youth, round=drawn, stars=4 + number % 2, given_at=at)


async def test_the_figures_are_counted_from_the_facts(college: Unit) -> None:
    cadre = await Cadre.get(id=(await who(1)).cadre_id)
    monday = on(date(2026, 3, 2)).replace(hour=9)
    for text, answered in (("一", monday + timedelta(days=1)), ("二", monday + timedelta(days=9)), ("三", None)):
        await Wish.create(
            unit=college, text=text, digest=text, lane=WishLane.WALL, state=WishState.OPEN,
            submitted_at=monday, answered_at=answered,
        )  # fmt: skip
    await Wish.create(unit=college, digest="四", lane=WishLane.CRISIS, state=WishState.OPEN, submitted_at=monday)
    await rated(cadre, 5)
    first = await UnitReport.create(unit=college, quarter="2026Q1", state=ReportState.SENT, version=2, at=AT)
    for version, day in ((1, date(2026, 3, 17)), (2, date(2026, 4, 20))):  # 头一版按时，退回改过不算晚
        await ReportVersion.create(report=first, version=version, texts={}, records=[], by=1, at=on(day))
    await UnitReport.create(unit=college, quarter="2026Q2", state=ReportState.SENT, at=on(date(2026, 6, 17)))
    await rankings.rebuild(at=AT)
    figures = (await evaluations.look(await who(9), college, H1, at=AT)).figures
    assert (figures.wishes, figures.in_time) == (3, 1)
    assert (figures.reports, figures.reports_in_time) == (2, 1)
    assert (figures.ratings, figures.mean) == (5, 4.4)
    assert (figures.checked, figures.contradicted) == (0, 0)
    assert [(one.quarter, one.size) for one in figures.scores] == [("2026Q1", 5), ("2026Q2", 5)]
    assert figures.scores[0].median is not None
    assert Figures.from_json(figures.to_json()) == figures


async def test_fewer_than_five_ratings_or_cadres_give_no_number(college: Unit) -> None:
    await Cadre.filter(person__name="团干5").update(left_at=on(date(2026, 1, 2)))
    await rated(await Cadre.get(id=(await who(1)).cadre_id), 4)
    figures = (await evaluations.look(await who(9), college, H1, at=AT)).figures
    assert (figures.ratings, figures.mean) == (None, None)
    assert [one.median for one in figures.scores] == [None, None]


async def test_spot_checks_are_counted_where_the_score_keeps_them(college: Unit) -> None:
    cadre = await Cadre.get(id=(await who(1)).cadre_id)
    facts = {"checked": 8.0, "contradicted": 3.0}
    await Score.create(quarter="2026Q1", cadre=cadre, facts=facts, computed_at=AT)
    figures = await evaluation_figures.gather(college, H1, at=AT)
    assert (figures.checked, figures.contradicted) == (8, 3)


async def signed(unit: Unit) -> View:
    return await evaluations.sign(await who(9), unit, H1, "联系扎实", at=AT)


async def test_every_step_of_an_evaluation_and_no_other(college: Unit) -> None:
    by = await who(9)

    async def act(move: evaluations.Move) -> Evaluation | None:
        if move is evaluations.Move.SIGN:
            return (await evaluations.sign(by, college, H1, "好", at=AT)).row
        if move is evaluations.Move.OBJECT:
            return (await evaluations.object_to(await who(8), None, "不对", at=AT))[1]
        return await evaluations.answer(by, college, move, "查过了", at=AT)

    for now, move in product([None, *EvaluationState], evaluations.Move):
        await Evaluation.all().delete()
        if now:
            row = {"state": now, "opinion": "好", "signed_by": by.person_id, "signed_at": AT}
            await Evaluation.create(unit=college, term=H1.code, figures={}, **row)
        if after := evaluations.STEPS.get((now, move)):
            found = await act(move)
            assert found is not None
            assert found.state is after, (now, move)
        else:
            with pytest.raises(Refusal):
                await act(move)
            assert [row.state for row in await Evaluation.all()] == ([now] if now else []), (now, move)


async def test_what_is_signed_stays_frozen_and_both_sides_are_told(college: Unit) -> None:
    before = (await signed(college)).figures
    await Wish.create(
        unit=college, digest="晚", lane=WishLane.WALL, state=WishState.OPEN, submitted_at=on(date(2026, 3, 2))
    )
    found = await evaluations.look(await who(8), college, H1, at=AT)
    assert (found.figures, found.signer) == (before, "组织部")
    await evaluations.object_to(await who(8), None, "心愿是转来的", at=AT + timedelta(days=6))
    row = await evaluations.answer(await who(9), college, evaluations.Move.REVISE, "转来的不算，联系很扎实", at=AT)
    assert (row.opinion, row.state) == ("转来的不算，联系很扎实", EvaluationState.REVISED)
    told = await Notice.filter(kind__startswith="evaluation.").order_by("id").values_list("kind", "recipient")
    assert [tuple(one) for one in told] == [
        ("evaluation.signed", await person(8)),
        ("evaluation.objected", await person(9)),
        ("evaluation.answered", await person(8)),
    ]
    assert await Audit.filter(action="evaluation.step").count() == 3


@pytest.mark.parametrize(
    ("user", "term", "at", "said"),
    [
        (8, H1, AT, "^甲学院团总支的评估由上级的管理员来签、来答。$"),
        (9, H1, on(date(2026, 6, 15)), "^2026上半年的评估 6 月 16 日起才签"),
        (9, Term(2027, half=False), AT, "^2027全年还没开始。$"),
    ],
)
async def test_signing_is_for_those_above_and_not_too_early(
    college: Unit, user: int, term: Term, at: datetime, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        await evaluations.sign(await who(user), college, term, "好", at=at)
    assert not await Evaluation.exists()


async def test_an_objection_has_seven_days_and_the_signer_answers(college: Unit) -> None:
    await signed(college)
    with pytest.raises(Refusal, match=r"^说的是哪个单位？"):
        await evaluations.object_to(await who(9), None, "不对", at=AT)
    with pytest.raises(Refusal, match=r"^签了超过 7 天"):
        await evaluations.object_to(await who(8), None, "不对", at=AT + timedelta(days=7))
    await evaluations.object_to(await who(8), H1, "不对", at=AT + timedelta(days=7, seconds=-1))
    with pytest.raises(Refusal, match=r"^异议由当时签的那位来答。$"):
        await evaluations.answer(await who(10), college, evaluations.Move.UPHOLD, "查过了", at=AT)
    await factories.Role.filter(person_id=(await who(9)).person_id).delete()  # 签的人不管了，别的管理员来答
    row = await evaluations.answer(await who(10), college, evaluations.Move.UPHOLD, "查过了", at=AT)
    assert (row.state, row.opinion) == (EvaluationState.UPHELD, "联系扎实")


async def test_the_answer_goes_to_what_was_objected_to_though_another_term_was_signed_since(college: Unit) -> None:
    await signed(college)
    await evaluations.object_to(await who(8), H1, "不对", at=AT)
    december = on(date(2026, 12, 20))
    await evaluations.sign(await who(9), college, Term(2026, half=False), "一年扎实", at=december)
    row = await evaluations.answer(await who(9), college, evaluations.Move.UPHOLD, "查过了", at=december)
    assert (row.term, row.state) == ("2026H1", EvaluationState.UPHELD)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026上半年", (None, "2026H1", None, "")),
        ("甲团总支 2025年全年", (None, "2025FY", "甲团总支", "")),
        ("", (None, "2026H1", None, "")),
        ("签 2026上半年 甲团总支 好 得 很", ("签", "2026H1", "甲团总支", "好 得 很")),
        ("签 甲团总支 年底 好", ("签", "2026FY", "甲团总支", "好")),
        ("异议 三月 不该算", ("异议", None, None, "三月 不该算")),
        ("异议 全年 不该算", ("异议", "2026FY", None, "不该算")),
        ("答复 甲团总支 改为 很好", ("改为", None, "甲团总支", "很好")),
    ],
)
def test_an_order_is_read_as_it_is_said(text: str, wanted: tuple[Any, ...]) -> None:
    order = evaluation_orders.read(text, at=AT)
    assert (order.move, order.term.code if order.term else None, order.unit_name, order.text) == wanted


@pytest.mark.parametrize("text", ["甲 乙", "上半年 全年", "签", "签 甲团总支", "答复", "答复 甲团总支 好"])
def test_what_is_not_understood_gets_an_example(text: str) -> None:
    with pytest.raises(Refusal, match="例如：/评估 "):
        evaluation_orders.read(text, at=AT)


# --- 参评 ---


def quarter(total: float | None = 70.0, deeds: int | None = 3, contradicted: int = 0) -> QuarterFacts:
    return QuarterFacts("2026Q1", total, deeds, contradicted)


@pytest.mark.parametrize(
    ("facts", "missed"),
    [
        ([quarter(60.0), quarter(60.0)], []),
        ([quarter(deeds=None), quarter(deeds=None)], []),  # 还没用起五个一
        ([quarter()], [0]),
        ([quarter(59.9), quarter(59.9)], [1]),
        ([quarter(), quarter(deeds=2)], [2]),
        ([quarter(), quarter(contradicted=1)], [3]),
        ([], [0, 1]),
    ],
)
def test_a_suggestion_gives_every_reason(facts: list[QuarterFacts], missed: list[int]) -> None:
    found = suggest(2026, facts)
    assert [place for place, reason in enumerate(found.reasons) if not reason.met] == missed
    assert found.favourable is not missed if missed else found.favourable
    assert all(reason.source and reason.seen for reason in found.reasons)


async def scored(cadre: Cadre, total: float) -> None:
    for name in ("2026Q1", "2026Q2", "2026Q3"):  # 三季度还没过完，不看
        facts = {"L0": 0.0, "L1": 3.0, "L2": 0.0, "L3": 0.0}
        shown = 5.0 if name == "2026Q3" else total
        await Score.create(quarter=name, cadre=cadre, total=shown, facts=facts, computed_at=AT)


async def test_only_quarters_that_are_over_are_looked_at(college: Unit) -> None:
    cadre = await Cadre.get(id=(await who(1)).cadre_id)
    await scored(cadre, 80.0)
    [found] = (await eligibility_rules.suggestions([cadre.id], 2026, at=AT)).values()
    assert found.favourable
    assert found.reasons[1].seen == "80.0"
    assert eligibility_rules.year_of(on(date(2026, 6, 30))) == 2025


async def test_the_score_of_a_trial_quarter_is_not_held_for_or_against(
    college: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "shadow_quarters", ("2026Q1",))
    cadre = await Cadre.get(id=(await who(1)).cadre_id)
    await scored(cadre, 40.0)
    await Score.filter(quarter="2026Q2").update(total=80.0)
    [found] = (await eligibility_rules.suggestions([cadre.id], 2026, at=AT)).values()
    assert [reason.seen for reason in found.reasons] == ["1 个", "80.0", "2026Q1 3 件、2026Q2 3 件", "0 件"]


async def test_every_step_of_an_eligibility_and_no_other(college: Unit) -> None:
    cadre = await eligibilities.find(await who(9), "团干1", ())

    async def act(move: eligibilities.Move) -> Eligibility | None:
        if move is eligibilities.Move.APPEAL:
            return await eligibilities.appeal(await who(1), "不该算", at=AT)
        return (await eligibilities.decide(await who(9), cadre, move, "看过了", at=AT)).row

    for now, move in product([None, *EligibilityState], eligibilities.Move):
        await Eligibility.all().delete()
        if now:
            await Eligibility.create(cadre=cadre, year=2026, state=now, decided_at=AT)
        if after := eligibilities.STEPS.get((now, move)):
            found = await act(move)
            assert found is not None
            assert found.state is after, (now, move)
        else:
            with pytest.raises(Refusal):
                await act(move)
            assert [row.state for row in await Eligibility.all()] == ([now] if now else []), (now, move)


async def test_an_appeal_is_reviewed_by_another(college: Unit) -> None:
    cadre = await eligibilities.find(await who(9), "团干1", ())
    await eligibilities.decide(await who(9), cadre, eligibilities.Move.HOLD, "次数少", at=AT)
    with pytest.raises(Refusal, match=r"^定了超过 7 天"):
        await eligibilities.appeal(await who(1), "休产假", at=AT + timedelta(days=7))
    await eligibilities.appeal(await who(1), "休产假", at=AT + timedelta(days=6))
    told = await Notice.filter(kind="eligibility.appealed").values_list("recipient", flat=True)
    assert {str(one) for one in told} == {await person(8), await person(10)}  # 原来定的那位不在内
    with pytest.raises(Refusal, match=r"^申诉要换一位管理员来复核"):
        await eligibilities.decide(await who(9), cadre, eligibilities.Move.HOLD, "还是少", at=AT)
    case = await eligibilities.decide(await who(10), cadre, eligibilities.Move.HOLD, "还是少", at=AT)
    assert case.state == "复核后暂不参评"


async def test_nobody_decides_on_himself_and_a_no_needs_a_reason(college: Unit) -> None:
    cadre = await Cadre.get(id=(await who(1)).cadre_id).select_related("person", "unit")
    await factories.appoint_admin(cadre, college)
    with pytest.raises(Refusal, match=r"^自己的参评要别的管理员来定。$"):
        await eligibilities.decide(await who(1), cadre, eligibilities.Move.ALLOW, "", at=AT)
    with pytest.raises(Refusal, match=r"^暂不参评要写理由"):
        await eligibilities.decide(await who(9), cadre, eligibilities.Move.HOLD, " ", at=AT)
    await scored(cadre, 80.0)
    with pytest.raises(Refusal, match="现在的建议就是可参评，不用申诉"):
        await eligibilities.appeal(await who(1), "不该算", at=AT)
    assert not await Eligibility.exists()


async def test_the_words_go_after_ninety_days_and_the_result_stays(college: Unit) -> None:
    cadre = await Cadre.get(id=(await who(1)).cadre_id)
    await Eligibility.create(
        cadre=cadre, year=2026, state=EligibilityState.HELD, reason="次数少", appeal="休产假", decided_at=AT
    )
    await eligibilities.forget(AT + timedelta(days=89))
    assert (await Eligibility.get()).reason == "次数少"
    await eligibilities.forget(AT + timedelta(days=90))
    row = await Eligibility.get()
    assert (row.reason, row.appeal, row.state) == (None, None, EligibilityState.HELD)
