"""单位的五个一：同一套规矩，另一套五件事；一场活动不是单位的就是自己的，不会两头算。"""

from datetime import datetime, timedelta

import pytest

from bot.league import activities, activity_changes, activity_plans, five_ones, unit_five_ones
from bot.league.errors import Refusal
from bot.league.five_ones_rules import Rule, begun, read, rules_for, settle
from bot.league.five_ones_sets import CADRE, UNIT, kind_of, slot_named
from bot.league.formula import Grade
from bot.league.periods import Quarter
from db.models import Activity, ActivityState, ActivityVersion, Audit, EvidenceGrade, FiveOnes, Lead, Side, Slot
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, who

Q4 = Quarter(2026, 4)
FIVE = "开放日/分享/面对面/志愿/自主"


@pytest.fixture
async def town(database: str) -> Town:
    """110 也是软件学院的团干部，120 是校管理员。"""
    town = await wish_town.build()
    await factories.admin(120, "校管理", town.school)
    chief = await factories.cadre(130, "孙书记", town.software)
    await factories.appoint_admin(chief, town.software)
    return town


async def settled(user_id: int, text: str, *, at: datetime) -> Rule:
    _, rule = await settle(await who(user_id), read(text.split(), at=at, side=Side.UNIT), at=at)
    return rule


async def started(user_id: int, text: str, *, at: datetime) -> Activity:
    return await activities.start(await who(user_id), activity_plans.read(text, at=at), at=at)


async def held(row: Activity, grade: EvidenceGrade) -> None:
    await Activity.filter(id=row.id).update(state=ActivityState.CLOSED, grade=grade)


async def grades(user_id: int, name: str | None = None) -> dict[str, Grade | None]:
    sight = await unit_five_ones.look(await who(user_id), name, Q4)
    return {item.name: item.grade for item in sight.own.items}


# ---- 认字（不碰库）


def test_each_name_takes_a_kind_of_its_own_side() -> None:
    assert [kind_of(name, Side.UNIT) for name in UNIT.names] == [slot for slot in Slot if slot.side is Side.UNIT]
    assert {kind_of(name).side for name in CADRE.names} == {Side.CADRE}
    assert kind_of("志愿服务", Side.UNIT) is Slot.SERVICE
    assert kind_of("读书会", Side.UNIT) is Slot.OWN_DESIGN


@pytest.mark.parametrize(
    ("word", "slot"),
    [
        ("志愿", Slot.SERVICE),
        ("机关开放日", Slot.OPEN_DAY),
        ("自主", Slot.OWN_DESIGN),
        ("东操场", None),
        ("文体", None),
    ],
)
def test_a_single_word_is_a_kind_of_the_unit_or_nothing(word: str, slot: Slot | None) -> None:
    assert slot_named(word, Side.UNIT) is slot


@pytest.mark.parametrize(
    ("text", "slot", "side", "unit", "place"),
    [
        ("敬老院 明天9:00 敬老院 单位 志愿", Slot.SERVICE, Side.UNIT, None, "敬老院"),
        ("敬老院 明天9:00 敬老院 志愿", Slot.VOLUNTEER, None, None, "敬老院"),
        ("篮球赛 明天9:00 东操场 单位 文体", Slot.OWN_DESIGN, Side.UNIT, None, "东操场"),
        ("看机关 明天9:00 一楼 开放日 单位：示例大学团委", Slot.OPEN_DAY, Side.UNIT, "示例大学团委", "一楼"),
        ("单位 明天9:00 一楼", None, None, None, "一楼"),
    ],
)
def test_the_line_says_whose_activity_it_is(
    text: str, slot: Slot | None, side: Side | None, unit: str | None, place: str, at: datetime
) -> None:
    plan = activity_plans.read(text, at=at)
    assert (plan.slot, plan.side, plan.unit_name, plan.place) == (slot, side, unit, place)


# ---- 定是哪五件


async def test_the_document_counts_until_a_unit_sets_them_and_below_inherits(town: Town, at: datetime) -> None:
    path = town.software.path or ""
    rule = (await rules_for(Q4, [path], Side.UNIT))[path]
    assert (rule.names, rule.monthly, rule.lead, rule.unit) == (UNIT.names, 0, None, None)
    await settled(120, f"2026Q4 {FIVE} 宣传部牵头 校团发〔2026〕3号", at=at)
    rule = (await rules_for(Q4, [path], Side.UNIT))[path]
    assert (rule.names[3], rule.lead, rule.unit) == ("志愿", Lead.PUBLICITY, "示例大学团委")
    assert (rule.issuer, rule.document) == ("示例大学团委", "校团发〔2026〕3号")
    assert (await settled(110, "开放日/分享/面对面/志愿/读书", at=at)).lead is Lead.PUBLICITY, "牵头的也照上级"
    assert [row.names[-1] for row in await FiveOnes.all().order_by("id")] == ["自主", "读书"], "从前的版本留着"


async def test_the_two_sets_do_not_touch_each_other(town: Town, at: datetime) -> None:
    await settled(120, f"{FIVE} 组织部", at=at)
    path = town.software.path or ""
    assert (await rules_for(Q4, [path]))[path].names == CADRE.names
    assert not await begun(Q4), "单位定了自己的，不等于团干部的开始算了"


@pytest.mark.parametrize("text", [f"{FIVE}/读书 组织部", f"{FIVE} 组织部 每月1次"])
async def test_asking_for_more_is_refused_and_noted(town: Town, text: str, at: datetime) -> None:
    with pytest.raises(Refusal, match=r"^不能层层加码（校青字〔2017〕10号 七\.4）：上面定的是每季五件、不按月算"):
        await settled(110, text, at=at)
    assert not await FiveOnes.exists()
    assert (await Audit.get(action="five_ones.refuse")).subject == f"u{town.software.id}"


@pytest.mark.parametrize(
    ("user_id", "text", "sentence"),
    [
        (100, f"{FIVE} 组织部", "单位五个一由单位管理员（组织部）来定"),
        (110, FIVE, "哪个部门牵头？写上 组织部 或 宣传部"),
        (110, "组织部", "五件事用 / 隔开"),
        (110, "开放日/分享 组织部", "要正好五件、各不相同，现在认出 2 件"),
        (110, f"{FIVE} 组织部 法学院团总支", "你管不到法学院团总支"),
    ],
)
async def test_what_cannot_be_set_is_refused(town: Town, user_id: int, text: str, sentence: str, at: datetime) -> None:
    with pytest.raises(Refusal, match=sentence):
        await settled(user_id, text, at=at)
    assert not await FiveOnes.exists()


# ---- 填哪一件


async def test_a_units_activity_fills_the_units_five_and_not_the_cadres(town: Town, at: datetime) -> None:
    row = await started(130, "敬老院 明天9:00 敬老院 单位 志愿", at=at)
    assert (row.slot, row.unit_id) == (Slot.SERVICE, town.software.id)
    assert (await ActivityVersion.get(activity_id=row.id)).facts["slot"] == "集中志愿"
    await held(row, EvidenceGrade.L2)
    own = await started(130, "敬老院 明天9:00 敬老院 志愿", at=at)
    await held(own, EvidenceGrade.L1)
    assert await grades(110) == dict.fromkeys(UNIT.names) | {"集中志愿服务": Grade.L2}
    items = (await five_ones.slots_of(row.organiser_id, Q4, at=at)).items
    assert [item.deed and item.deed.number for item in items] == [None, None, None, own.number, None]


async def test_a_plain_cadre_starts_his_own_and_the_admin_takes_it_for_the_unit(town: Town, at: datetime) -> None:
    with pytest.raises(Refusal, match=r"^单位的开放日由单位管理员来发起。你可以先照自己的发起"):
        await started(100, "看机关 明天9:00 一楼 单位 开放日", at=at)
    row = await started(100, "看机关 明天9:00 一楼", at=at)
    mark = activity_plans.read("单位 开放日", at=at, naming=False)
    with pytest.raises(Refusal, match="单位的活动由软件学院团总支的管理员来认"):
        await activity_changes.edit(await who(100), row.id, mark, at=at)
    await activity_changes.edit(await who(110), row.id, mark, at=at)
    assert (await Activity.get(id=row.id)).slot is Slot.OPEN_DAY
    volunteer = activity_plans.read("志愿", at=at, naming=False)
    with pytest.raises(Refusal, match=r"A1 算单位的开放日。换一类发 /活动 改 A1 单位 分享"):
        await activity_changes.edit(await who(110), row.id, volunteer, at=at)
    back = activity_plans.read("个人 志愿", at=at, naming=False)
    with pytest.raises(Refusal, match="的管理员来认"):
        await activity_changes.edit(await who(100), row.id, back, at=at)
    await activity_changes.edit(await who(110), row.id, back, at=at)
    assert (await Activity.get(id=row.id)).slot is Slot.VOLUNTEER


async def test_an_admin_who_is_no_cadre_is_told_the_way(town: Town, at: datetime) -> None:
    with pytest.raises(Refusal, match=r"得是名册上的团干部。单位的活动，写上请谁负责就能发起：/活动 发起 "):
        await started(110, "看机关 明天9:00 一楼 单位 开放日", at=at)


async def test_another_units_name_needs_its_admin(town: Town, at: datetime) -> None:
    with pytest.raises(Refusal, match="你管不到法学院团总支"):
        await started(130, "看机关 明天9:00 一楼 单位：法学院团总支 开放日", at=at)
    assert not await Activity.exists()


# ---- 看


async def test_an_admin_sees_the_units_below_and_a_cadre_only_his_own(town: Town, at: datetime) -> None:
    await held(await started(130, "敬老院 明天9:00 敬老院 单位 志愿", at=at), EvidenceGrade.L1)
    sight = await unit_five_ones.look(await who(120), None, Q4)
    assert sight.own.unit.name == "示例大学团委"
    assert [item.grade for item in sight.own.items] == [None] * 5, "下级办的算下级的"
    below = {one.unit.name: [item.grade for item in one.items] for one in sight.below}
    assert below == {"软件学院团总支": [None, None, None, Grade.L1, None], "法学院团总支": [None] * 5}
    await factories.branch("软件一班团支部", town.software)
    assert (await unit_five_ones.look(await who(100), None, Q4)).below == ()
    with pytest.raises(Refusal, match="法学院团总支的要那边或上级的管理员才看得到"):
        await unit_five_ones.look(await who(100), "法学院团总支", Q4)
    with pytest.raises(Refusal, match="这是给团干部和单位管理员看的"):
        await unit_five_ones.look(await who(200), None, Q4)


async def test_what_is_only_planned_or_in_another_quarter_does_not_count(town: Town, at: datetime) -> None:
    await started(130, "看机关 明天9:00 一楼 单位 开放日", at=at)
    late = await started(130, "看机关 2027-01-05 9:00 一楼 单位 开放日", at=at + timedelta(days=1))
    await held(late, EvidenceGrade.L2)
    assert (await grades(110))["机关开放日"] is None
