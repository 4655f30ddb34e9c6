"""有窗口期的工作：不在窗口里办不了；主题宣讲讲到了哪些团支部，说得清。"""

from datetime import date, datetime

import pytest

from bot.league import activities, activity_changes, activity_plans, campaign_coverage, campaigns, roster
from bot.league.campaign_coverage import Coverage
from bot.league.campaigns import WORKS, Window
from bot.league.errors import Refusal
from bot.league.formula import Grade
from bot.league.periods import on
from db.models import Activity, ActivityState, Campaign, EvidenceGrade, Reach, Side, Slot, UnitKind
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, who

SERVICE, OPEN_DAY = WORKS[Campaign.SERVICE], WORKS[Campaign.OPEN_DAY]


@pytest.fixture
async def town(database: str) -> Town:
    """软件学院下有三个团支部；130 是软件学院的团干部兼管理员，140 是一班的团干部。"""
    town = await wish_town.build()
    first, *_ = [await roster.add_unit(f"软件{number}班团支部", UnitKind.BRANCH, town.software) for number in "一二三"]
    await roster.add_unit("法学一班团支部", UnitKind.BRANCH, town.law)
    await factories.appoint_admin(await factories.cadre(130, "孙书记", town.software), town.software)
    await factories.cadre(140, "周支书", first)
    return town


async def started(user_id: int, text: str, *, at: datetime) -> Activity:
    return await activities.start(await who(user_id), activity_plans.read(text, at=at), at=at)


async def held(row: Activity, grade: EvidenceGrade) -> None:
    await Activity.filter(id=row.id).update(state=ActivityState.CLOSED, grade=grade)


def graded(found: Coverage) -> dict[str, Grade | None]:
    return {place.unit.name: place.grade for place in found.places}


# ---- 表（不碰库）


def test_every_work_is_in_the_one_table_with_leader_and_source() -> None:
    assert list(WORKS) == list(Campaign)
    assert all(work.leads and work.source and work.tip for work in WORKS.values())


def test_a_window_over_new_year_belongs_to_the_year_it_begins_in() -> None:
    winter = Window(date(2026, 12, 15), date(2027, 2, 28))
    for day in (date(2026, 11, 18), date(2026, 12, 15), date(2027, 2, 28)):
        assert campaigns.window(SERVICE, day) == winter
    assert campaigns.window(SERVICE, date(2027, 3, 1)).since == date(2027, 12, 15)
    assert campaigns.latest(SERVICE, date(2027, 3, 1)) == winter
    assert campaigns.latest(OPEN_DAY, date(2027, 3, 1)) == Window(date(2026, 4, 15), date(2026, 5, 31))


def test_outside_its_window_a_work_says_when_and_what_to_write_instead() -> None:
    with pytest.raises(Refusal) as refused:
        campaigns.check(OPEN_DAY, on(date(2026, 11, 20)))
    assert refused.value.sentence == (
        "机关开放日在 4月15日–5月31日 办，11月20日不在里面。平时办的换个名字，末尾写上 单位 开放日 就行。"
    )
    for inside in (date(2026, 4, 15), date(2026, 5, 31)):
        campaigns.check(OPEN_DAY, on(inside))
    with pytest.raises(Refusal, match="6月1日不在里面"):
        campaigns.check(OPEN_DAY, on(date(2026, 6, 1)))


def test_a_work_without_activities_says_how_it_goes() -> None:
    with pytest.raises(Refusal, match=r"^最美青春故事不用发起活动，由青年推荐：/推荐 @干部 事迹。$"):
        campaigns.check(WORKS[Campaign.STORY], on(date(2026, 9, 1)))


@pytest.mark.parametrize("name", ["主题宣讲", "五四开放日", "1+100分享", "1＋100分享活动"])
def test_a_name_or_another_name_finds_it(name: str) -> None:
    assert campaigns.find(name).campaign in Campaign
    with pytest.raises(Refusal, match="没有叫“大扫除”的工作，有这几项：机关开放日、主题宣讲"):
        campaigns.find("大扫除")


# ---- 发起


async def test_the_name_is_the_template(town: Town, at: datetime) -> None:
    row = await started(130, "集中服务青年月 12-20 9:00 社区 限20人 文体", at=at)
    assert (row.campaign, row.slot, row.slot.side) == (Campaign.SERVICE, Slot.SERVICE, Side.UNIT)
    row = await started(100, "主题宣讲 学习新团章 明天9:00 报告厅", at=at)
    assert (row.title, row.slot, row.unit_id) == ("主题宣讲 学习新团章", Slot.LESSON, town.software.id)
    assert (await started(100, "谈谈主题宣讲 明天9:00 报告厅", at=at)).campaign is None


async def test_hardship_never_gets_into_a_name_or_a_place(town: Town, at: datetime) -> None:
    for text in ("集中服务青年月 看望贫困生 12-20 9:00 社区", "集中服务青年月 12-20 9:00 低保户家里"):
        with pytest.raises(Refusal, match="谁家有难处别写在里面"):
            await started(130, text, at=at)
    assert not await Activity.exists()
    row = await started(130, "集中服务青年月 12-20 9:00 社区", at=at)
    plan = activity_plans.read("低保户家里", at=at, naming=False)
    with pytest.raises(Refusal, match="谁家有难处别写在里面"):
        await activity_changes.edit(await who(130), row.id, plan, at=at)


@pytest.mark.parametrize(
    ("user_id", "text", "sentence"),
    [
        (130, "机关开放日 明天9:00 一楼", "机关开放日在 4月15日–5月31日 办"),
        (100, "集中服务青年月 12-20 9:00 社区", "单位的集中志愿由单位管理员来发起"),
        (100, "1+100分享活动 明天9:00 一楼", "单位的分享由单位管理员来发起"),
        (100, "最美青春故事 明天9:00 一楼", "最美青春故事不用发起活动"),
        (100, "篮球赛 明天9:00 东操场 到：软件一班团支部", "只有主题宣讲用得上"),
        (100, "主题宣讲 明天9:00 报告厅 到：法学一班团支部", "法学一班团支部不在软件学院团总支下面"),
        (100, "主题宣讲 明天9:00 报告厅 到：软件学院团总支", "软件学院团总支不是团支部"),
        (100, "主题宣讲 明天9:00 报告厅 到：软件四班团支部", "没有叫“软件四班团支部”的单位"),
        (100, "主题宣讲 明天9:00 报告厅 到：" + "、".join("一" * 21), "一场至多写 20 个团支部"),
    ],
)
async def test_what_cannot_be_started_is_refused(
    town: Town, user_id: int, text: str, sentence: str, at: datetime
) -> None:
    with pytest.raises(Refusal, match=sentence):
        await started(user_id, text, at=at)
    assert not await Activity.exists()
    assert not await Reach.exists()


async def test_a_branch_cadre_starts_the_sharing_for_his_branch(town: Town, at: datetime) -> None:
    row = await started(140, "1+100分享活动 明天9:00 一楼", at=at)
    assert (await Activity.get(id=row.id).select_related("unit")).unit.name == "软件一班团支部"


async def test_marking_an_activity_moves_it_into_the_window_of_the_work(town: Town, at: datetime) -> None:
    row = await started(130, "走访 明天9:00 社区", at=at)
    mark = activity_plans.read("集中服务青年月", at=at, naming=False)
    with pytest.raises(Refusal, match="集中服务青年月在 12月15日–2月28日 办"):
        await activity_changes.edit(await who(130), row.id, mark, at=at)
    mark = activity_plans.read("12-20 9:00 集中服务青年月", at=at, naming=False)
    row = await activity_changes.edit(await who(130), row.id, mark, at=at)
    assert (row.campaign, row.slot) == (Campaign.SERVICE, Slot.SERVICE)
    with pytest.raises(Refusal, match="A1 是集中服务青年月，算集中志愿，不能另改"):
        await activity_changes.edit(await who(130), row.id, activity_plans.read("文体", at=at, naming=False), at=at)


# ---- 办到了哪里


async def test_the_branches_reached_and_not_reached(town: Town, at: datetime) -> None:
    row = await started(100, "主题宣讲 明天9:00 报告厅 到：软件一班团支部、 软件二班团支部", at=at)
    await held(row, EvidenceGrade.L1)
    await held(await started(140, "主题宣讲 明天10:00 一班教室", at=at), EvidenceGrade.L2)
    planned = await started(100, "主题宣讲 明天11:00 报告厅 到：软件三班团支部", at=at)
    found = await campaign_coverage.look(await who(130), "主题宣讲", None, at=at)
    assert graded(found) == {"软件一班团支部": Grade.L2, "软件二班团支部": Grade.L1, "软件三班团支部": None}, (
        "约好的不算"
    )
    await held(planned, EvidenceGrade.L0)
    assert Grade.L0 in graded(await campaign_coverage.look(await who(130), "主题宣讲", None, at=at)).values()
    next_year = await campaign_coverage.look(await who(130), "主题宣讲", None, at=at.replace(year=2027))
    assert set(graded(next_year).values()) == {None}


async def test_the_branches_can_be_added_before_it_starts(town: Town, at: datetime) -> None:
    row = await started(100, "主题宣讲 明天9:00 报告厅", at=at)
    assert not await Reach.exists()
    plan = activity_plans.read("到：软件三班团支部", at=at, naming=False)
    await activity_changes.edit(await who(100), row.id, plan, at=at)
    await activity_changes.edit(await who(100), row.id, activity_plans.read("一号厅", at=at, naming=False), at=at)
    assert [str(name) for name in await Reach.all().values_list("unit__name", flat=True)] == ["软件三班团支部"]


async def test_the_other_works_are_counted_by_unit(town: Town, at: datetime) -> None:
    await held(await started(140, "1+100分享活动 明天9:00 一楼", at=at), EvidenceGrade.L1)
    await held(await started(130, "1+100分享活动 明天9:00 一楼", at=at), EvidenceGrade.L0)
    found = await campaign_coverage.look(await who(130), "1+100分享活动", None, at=at)
    assert graded(found) == {
        "软件学院团总支": Grade.L0,
        "软件一班团支部": Grade.L1,
        "软件二班团支部": None,
        "软件三班团支部": None,
    }
    with pytest.raises(Refusal, match="最美青春故事不办活动"):
        await campaign_coverage.look(await who(130), "最美青春故事", None, at=at)
