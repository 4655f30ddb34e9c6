"""季报：照事实起草，一句一个依据；人写过体会和打算才签得了；签发的不动，退回再签是新的一版。"""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.league import report_orders, report_papers, reports, roster
from bot.league.errors import Refusal
from bot.league.periods import Quarter, on
from bot.league.report_orders import Act
from bot.league.report_papers import Paper
from db.models import (
    ActivityState,
    EvidenceGrade,
    Notice,
    ReportPart,
    ReportState,
    ReportVersion,
    Scope,
    Slot,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories

DONE, LESSONS, PROBLEMS, PLANS = ReportPart
Q4 = Quarter(2026, 4)
AT = on(date(2026, 12, 10)).replace(hour=10)


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


@pytest.fixture
async def college(database: str) -> Unit:
    """甲学院团总支：管理员 8，团干部 1；上面是示例大学团委，管理员 9；旁边有乙学院，管理员 7。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    college = await factories.branch("甲学院团总支", school)
    await factories.admin(8, "总支书记", college)
    await factories.cadre(1, "李老师", college)
    other = await factories.branch("乙学院团总支", school)
    await factories.admin(7, "乙书记", other)
    await factories.cadre(2, "王老师", other)
    return college


async def wish(unit: Unit, text: str = "想学车", **fields: Any) -> Wish:
    values: dict[str, Any] = {
        "unit": unit, "text": text, "digest": text, "lane": WishLane.WALL, "state": WishState.OPEN,
        "submitted_at": on(date(2026, 11, 2)).replace(hour=9),
    }  # fmt: skip
    return await Wish.create(**values | fields)


async def drafted(unit: Unit) -> dict[ReportPart, str]:
    paper = await report_papers.look(await who(8), unit, Q4, at=AT)
    return {one.part: one.text for one in paper.sections}


async def write(unit: Unit, part: ReportPart, text: str, *, user: int = 8, adding: bool = False) -> Paper:
    return await report_papers.edit(await who(user), unit, Q4, part, text, adding=adding, at=AT)


async def signed(unit: Unit) -> Paper:
    for part in (DONE, LESSONS, PROBLEMS, PLANS):
        await write(unit, part, "没有")
    return await report_papers.sign(await who(8), unit, Q4, at=AT)


async def test_every_sentence_of_a_draft_carries_its_numbers(college: Unit) -> None:
    one = await roster.identify(Scope.QQ, "1")
    cadre = await factories.Cadre.get(id=one.cadre_id)
    for day, slot, grade in ((3, Slot.TALK, EvidenceGrade.L2), (4, Slot.TALK, EvidenceGrade.L0)):
        await factories.record(cadre, date(2026, 11, day), slot, grade)
    await factories.record(cadre, date(2026, 9, 30), Slot.LESSON)  # 上一季的
    voided = await factories.record(cadre, date(2026, 11, 5), Slot.LESSON)
    await voided.filter(id=voided.id).update(state=ActivityState.VOIDED)
    in_time = on(date(2026, 11, 3)).replace(hour=9)
    ended = {"state": WishState.ENDED, "answered_at": in_time, "ended_at": in_time}
    await wish(college, "一", ending=WishEnding.FULFILLED, **ended)
    await wish(college, "二")  # 一直没人理
    await wish(college, "三", ending=WishEnding.UNCONFIRMED, reopened=1, **ended)
    await wish(college, "难处", lane=WishLane.PRIVATE)  # 私密道的不写
    assert await drafted(college) == {
        DONE: (
            "办谈心 2 场：青年确认 1 场、自报 1 场（A1、A2）。\n"
            "收到青年心愿 3 件（W1、W2、W3）。\n"
            "青年确认办成 1 件（W1）。"
        ),
        LESSONS: "一周之内办成、青年一次就确认的心愿 1 件（W1）。",
        PROBLEMS: (
            "两个工作日内没有回音的心愿 1 件（W2）。\n"
            "说办结了、青年说没办成而重办的 1 件（W3）。\n"
            "没等到青年确认就结案的 1 件（W3）。\n"
            "只有自报、没有旁证的 1 场（A2）。\n"
            "青年有异议、核实中或已作废的 1 场（A4）。"
        ),
        PLANS: ("先把还没有回音的 1 件心愿答复了（W2）。\n自报的 1 场补上时间、地点、人，或请在场的青年确认（A2）。"),
    }


@pytest.mark.parametrize(
    ("joined", "reached", "said"),
    [
        (10, 5, "联系着的青年 10 人，本季真正聊过的 5 人（互动合计 2026Q4）。"),
        (10, 4, "联系着的青年 10 人，本季真正聊过的不足 5 人（互动合计 2026Q4）。"),
        (10, 6, ""),  # 够六成
        (4, 0, ""),  # 不足 5 人的不说
    ],
)
async def test_thin_coverage_is_a_problem_and_small_numbers_stay_hidden(
    college: Unit, joined: int, reached: int, said: str
) -> None:
    cadre = await factories.Cadre.get(id=(await who(1)).cadre_id)
    for number in range(joined):
        youth = await factories.youth(100 + number, cadre)
        if number < reached:
            await factories.interaction(cadre, youth, date(2026, 11, 3))
    assert (await drafted(college))[PROBLEMS] == said


async def test_the_lessons_and_plans_are_written_by_a_person_before_signing(college: Unit) -> None:
    await wish(college)
    with pytest.raises(Refusal, match=r"^经验、下步安排还没有人写过，事实里没有的要你来写"):
        await report_papers.sign(await who(8), college, Q4, at=AT)
    await write(college, LESSONS, "聊得早，心愿说得真（W1）")
    await write(college, PLANS, "月底前答复 W1")
    paper = await report_papers.sign(await who(8), college, Q4, at=AT)
    assert (paper.version, paper.state, paper.signer) == (1, ReportState.SENT, "总支书记")
    row = await ReportVersion.get()
    assert row.texts["经验"] == "聊得早，心愿说得真（W1）"
    assert row.texts["做法"] == "收到青年心愿 1 件（W1）。"
    assert row.records == ["W1"]


async def test_a_signed_report_never_changes_and_a_returned_one_becomes_the_next_version(college: Unit) -> None:
    await signed(college)
    with pytest.raises(Refusal, match="已经报了，不再改"):
        await write(college, DONE, "再添一句")
    with pytest.raises(Refusal, match="已经报了，不再改"):
        await report_papers.sign(await who(8), college, Q4, at=AT)
    await reports.settle(await who(9), college, Q4, ReportState.RETURNED, "问题写得太少", at=AT)
    [told] = await Notice.filter(kind="report.returned")
    assert (told.recipient, (told.text or "").split("\n")[0]) == (
        f"p{(await who(8)).person_id}",
        "甲学院团总支 2026Q4 的季报退回来了：问题写得太少",
    )
    assert (await report_papers.look(await who(8), college, Q4, at=AT)).reason == "问题写得太少"
    await write(college, PROBLEMS, "联系得还是少")
    paper = await report_papers.sign(await who(8), college, Q4, at=AT + timedelta(days=1))
    assert (paper.version, paper.reason) == (2, None)
    first = await report_papers.look(await who(9), college, Q4, at=AT, version=1)
    assert [one.text for one in first.sections] == ["没有"] * 4
    assert await ReportVersion.all().count() == 2


async def test_only_its_own_admin_writes_and_those_above_see_only_what_is_signed(college: Unit) -> None:
    for user in (1, 7, 9):
        with pytest.raises(Refusal, match=r"^甲学院团总支的季报由它自己的管理员来改、来签发。$"):
            await write(college, DONE, "我来写", user=user)
    with pytest.raises(Refusal, match="还没签发，草稿先归它自己改"):
        await report_papers.look(await who(9), college, Q4, at=AT)
    await signed(college)
    assert (await report_papers.look(await who(9), college, Q4, at=AT)).version == 1
    with pytest.raises(Refusal, match=r"^甲学院团总支的季报给它自己和上级的管理员看。$"):
        await report_papers.look(await who(7), college, Q4, at=AT)


async def test_what_a_person_writes_is_checked_and_can_be_taken_back(college: Unit) -> None:
    other = await Unit.get(name="乙学院团总支")
    await wish(college)
    await wish(other, "乙的")
    with pytest.raises(Refusal, match=r"^W2、A9 不在甲学院团总支名下，核对一下编号再发。$"):
        await write(college, DONE, "办了三件（W1、W2、A9）")
    with pytest.raises(Refusal, match="1500 字以内"):
        await write(college, DONE, "长" * 1501)
    with pytest.raises(Refusal, match=r"^做法写什么"):
        await write(college, DONE, " \u200b ")
    paper = await write(college, DONE, "我的电话 13812345678", adding=True)
    assert paper.sections[0].text == "收到青年心愿 1 件（W1）。\n我的电话 〔电话已隐去〕"
    paper = await report_papers.restore(await who(8), college, Q4, DONE, at=AT)
    assert (paper.sections[0].text, paper.sections[0].by_hand) == ("收到青年心愿 1 件（W1）。", False)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", (Act.SHOW, "2026Q4", None, None, "")),
        ("2026Q3", (Act.SHOW, "2026Q3", None, None, "")),
        ("甲学院团总支 上季度", (Act.SHOW, "2026Q3", "甲学院团总支", None, "")),
        ("表 2026Q3", (Act.TABLE, "2026Q3", None, None, "")),
        ("改 三 第一行\n第二行", (Act.EDIT, "2026Q4", None, PROBLEMS, "第一行\n第二行")),
        ("2026Q3 甲学院团总支 加 经验 表格很好", (Act.ADD, "2026Q3", "甲学院团总支", LESSONS, "表格很好")),
        ("还原 4", (Act.RESTORE, "2026Q4", None, PLANS, "")),
        ("签发 甲学院团总支 2026Q3", (Act.SIGN, "2026Q3", "甲学院团总支", None, "")),
        ("退回 甲学院团总支 2026Q3 写 得 短", (Act.RETURN, "2026Q3", "甲学院团总支", None, "写 得 短")),
        ("2026Q3 退回 甲学院团总支 短", (Act.RETURN, "2026Q3", "甲学院团总支", None, "短")),
    ],
)
def test_an_order_is_read_as_it_is_said(text: str, wanted: tuple[object, ...]) -> None:
    order = report_orders.read(text, at=AT)
    assert (order.act, str(order.quarter), order.unit_name, order.part, order.text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("改 五 话", "哪一部分？一做法、二经验、三存在问题、四下步安排"),
        ("改", "哪一部分？"),
        ("甲 乙 丙 丁", "没看懂。看草稿发 /季报"),
        ("表 2026Q3 2026Q4", "没看懂。"),
    ],
)
def test_what_is_not_understood_gets_an_example(text: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        report_orders.read(text, at=AT)
    assert refused.value.sentence.startswith(said)
