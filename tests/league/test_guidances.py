"""学习教育指导：一年一个团总支、一个团支部，五项做了一项勾一项，3 月到 9 月。"""

from datetime import date, datetime

import pytest

from bot.league import guidances, roster, spans
from bot.league.errors import Refusal
from bot.league.guidances import Line, Sheet
from db.models import EvidenceGrade, Guidance, GuidanceItem, GuidanceTick, UnitKind
from tests.league import wish_town
from tests.league.wish_town import Town, who

L0, L1, *_ = EvidenceGrade
STUDY, LESSON, MEETING, REVIEW, DAY = GuidanceItem


@pytest.fixture
async def town(database: str) -> Town:
    town = await wish_town.build()
    await roster.add_unit("软件一班团支部", UnitKind.BRANCH, town.software)
    return town


@pytest.fixture
def may(at: datetime) -> datetime:
    return at.replace(month=5, day=20)


async def take(text: str, at: datetime, by: int = 100) -> Sheet:
    return await guidances.take(await who(by), guidances.read(text.split(), at=at), at=at)


async def refused(text: str, at: datetime, by: int = 100) -> str:
    with pytest.raises(Refusal) as refusal:
        await take(text, at, by)
    return refusal.value.sentence


def test_a_line_is_read_with_the_unit_first(may: datetime) -> None:
    read = guidances.read(["软件学院团总支", "组织生活", "5月3日", "18人", "原因：出差"], at=may)
    assert read == Line("软件学院团总支", MEETING, date(2026, 5, 3), 18, "出差")
    for words, sentence in (
        ([], "指导哪个单位？例如：/指导 软件学院团总支 组织生活会"),
        (["甲", "组织会"], "没有“组织会”这一项。是不是 组织生活会？"),
        (["甲", "主题"], "没有“主题”这一项。是不是 主题团课 或 主题团日？"),
        (["甲", "扫地"], "没有“扫地”这一项。五项是：专题学习、主题团课、组织生活会、教育评议、主题团日。"),
        (["甲", "团课", "团日"], "没看懂“团日”。一次勾一项，例如：/指导 软件学院团总支 组织生活会 5月3日 18人"),
        (["甲", "团课", "0人"], "到了多少人，写个实在的数，例如：18人"),
    ):
        with pytest.raises(Refusal) as refusal:
            guidances.read(words, at=may)
        assert refusal.value.sentence.startswith(sentence)


async def test_one_committee_and_one_branch_a_year_each_with_its_five(town: Town, may: datetime) -> None:
    await take("软件学院团总支 组织生活会 18人", may)
    await take("软件学院团总支 团课 5月18日", may)
    sheet = await take("软件一班团支部", may)
    assert (sheet.kind, sheet.ticks) == (UnitKind.BRANCH, {})
    committee, branch = await guidances.sheets_of(town.zhang.id, 2026)
    assert {item: (tick.day.day, tick.grade) for item, tick in committee.ticks.items()} == {
        MEETING: (20, L1), LESSON: (18, L0),
    }  # fmt: skip
    assert branch.unit == "软件一班团支部"
    assert await guidances.sheets_of(town.zhang.id, 2025) == []


async def test_a_second_committee_is_refused_once_something_is_ticked(town: Town, may: datetime) -> None:
    await take("软件学院团总支", may)
    await take("法学院团总支 组织生活会", may)  # 一项没勾，可以换
    assert await refused("软件学院团总支 团课", may) == (
        "2026 年你指导的是法学院团总支，一人一年一个团总支。弄错了先把勾的撤回：/指导 撤回 法学院团总支 组织生活会"
    )
    await guidances.untick(await who(100), guidances.read(["法学院团总支", "组织生活会"], at=may), at=may)
    await take("软件学院团总支 团课", may)
    assert await Guidance.all().count() == 1


async def test_a_tick_is_made_once_and_taken_back_once(town: Town, may: datetime) -> None:
    await take("软件学院团总支 组织生活会", may)
    assert await refused("软件学院团总支 组织生活会", may) == (
        "组织生活会已经勾过了（5月20日）。勾错了发 /指导 撤回 软件学院团总支 组织生活会"
    )
    zhang = await who(100)
    line = guidances.read(["软件学院团总支", "组织生活会"], at=may)
    assert (await guidances.untick(zhang, line, at=may)).ticks == {}
    with pytest.raises(Refusal, match="软件学院团总支的组织生活会本来就没勾，不用撤回。"):
        await guidances.untick(zhang, line, at=may)
    with pytest.raises(Refusal, match="撤回哪一项？例如：/指导 撤回 软件学院团总支 组织生活会"):
        await guidances.untick(zhang, guidances.read(["软件学院团总支"], at=may), at=may)


async def test_it_is_for_committees_and_branches_from_march_to_september(
    town: Town, may: datetime, at: datetime
) -> None:
    assert "示例大学团委是“校”一级的" in await refused("示例大学团委 组织生活会", may)
    assert "没有叫“软件团总支”的单位。是不是：软件学院团总支" in await refused("软件团总支 组织生活会", may)
    assert await refused("软件学院团总支 组织生活会 2月28日", may) == ("学习教育是 3 月到 9 月的事，2月28日不在里面。")
    assert await refused("软件学院团总支 组织生活会", at) == (
        "学习教育是 3 月到 9 月的事，11月18日不在里面。"
        "早些时候做的，补上日子和原因：/指导 软件学院团总支 组织生活会 9月20日 原因：出差刚回来"
    )
    assert "10月1日不在里面" in await refused("软件学院团总支 组织生活会 10-1 原因：补记", at)
    assert "这是 7 天以前的事了" in await refused("软件学院团总支 组织生活会 9-30", at)
    assert "这条命令是给团干部用的" in await refused("软件学院团总支 组织生活会", may, by=200)
    assert not await Guidance.exists()
    await take("软件学院团总支 组织生活会 9-30 原因：出差刚回来", at)
    await take("软件学院团总支 团课 3-1 原因：补记", may)
    assert await GuidanceTick.all().count() == 2


async def test_coverage_says_who_guides_what_and_takes_the_better_evidence(town: Town, may: datetime) -> None:
    await take("软件学院团总支 组织生活会", may)
    await take("软件学院团总支 组织生活会 18人", may, by=102)
    await take("软件学院团总支 团课", may, by=102)
    software, branch, law = await guidances.coverage(spans.Span.of(town.school), 2026)
    assert (software.guides, software.items) == (("张三", "王五"), {MEETING: L1, LESSON: L0})
    assert [(one.unit, one.guides, one.items) for one in (branch, law)] == [
        ("软件一班团支部", (), {}), ("法学院团总支", (), {}),
    ]  # fmt: skip
    assert [one.unit for one in await guidances.coverage(spans.Span.of(town.law), 2026)] == ["法学院团总支"]
