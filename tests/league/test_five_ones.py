"""五个一：一件事只填一处，等级分开；定的人只能照着上级或少要，换一版不丢做过的。"""

from datetime import datetime, timedelta

import pytest

from bot.league import five_ones, five_ones_rules, formula, rankings, record_lines, records, scores
from bot.league.errors import Refusal
from bot.league.five_ones import Deed, fill
from bot.league.five_ones_rules import DOCUMENT, NAMES, Rule, kind_of, read, rules_for, settle
from bot.league.formula import Grade
from bot.league.periods import Quarter
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Audit,
    Cadre,
    EvidenceGrade,
    FiveOnes,
    Score,
    Slot,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, who

Q4 = Quarter(2026, 4)
DAY = timedelta(days=1)
FIVE = ("实事", "团课", "谈心", "志愿", "文体")
READING = "实事/读书/谈心/志愿/文体"


@pytest.fixture
async def town(database: str) -> Town:
    town = await wish_town.build()
    await factories.admin(120, "校管理", town.school)
    return town


async def done(
    cadre: Cadre,
    slot: Slot,
    grade: EvidenceGrade,
    at: datetime,
    *,
    state: ActivityState = ActivityState.KEPT,
    created: datetime | None = None,
) -> Activity:
    return await Activity.create(
        kind=ActivityKind.ACTIVITY if state is ActivityState.OPEN else ActivityKind.RECORD,
        organiser=cadre,
        unit_id=cadre.unit_id,
        slot=slot,
        starts_at=at,
        state=state,
        grade=grade,
        graded_at=created or at,
        created_at=created or at,
        asked_from=at,
    )


async def granted(cadre: Cadre, at: datetime, ending: WishEnding = WishEnding.FULFILLED, **others: object) -> Wish:
    facts = {"lane": WishLane.WALL, "claimer": cadre} | others
    return await Wish.create(
        cadre=cadre,
        unit_id=cadre.unit_id,
        text="想学修车",
        digest="d",
        state=WishState.ENDED,
        ending=ending,
        submitted_at=at - DAY,
        answered_at=at - DAY,
        ended_at=at,
        **facts,
    )


async def grades(cadre: Cadre, at: datetime, quarter: Quarter = Q4) -> list[Grade | None]:
    return [item.grade for item in (await five_ones.slots_of(cadre.id, quarter, at=at)).items]


async def settled(user_id: int, text: str, *, at: datetime) -> Rule:
    _, rule = await settle(await who(user_id), read(text.split(), at=at), at=at)
    return rule


# ---- 认领（不碰库）


def test_a_name_says_which_kind_of_activity_it_takes() -> None:
    assert [kind_of(name) for name in NAMES] == [Slot.DEED, Slot.LESSON, Slot.TALK, Slot.VOLUNTEER, Slot.CULTURE]
    assert kind_of("读书") is Slot.OTHER


def test_one_deed_fills_one_place_and_the_best_grade_goes_first(at: datetime) -> None:
    rule = Rule(("谈心", "再谈心一次", "志愿"), 3, "校团委", DOCUMENT)
    talk, better = Deed("A1", Slot.TALK, Grade.L0, at), Deed("A2", Slot.TALK, Grade.L2, at + DAY)
    assert [item.deed for item in fill(rule, [talk])] == [talk, None, None]
    assert [item.deed for item in fill(rule, [talk, better])] == [better, talk, None]


def test_what_was_done_for_a_dropped_place_fills_the_new_one_once(at: datetime) -> None:
    rule = Rule(("谈心", "读书", "植树"), 3, "校团委", DOCUMENT, "校团委", at, ("团课",), ("读书", "植树"))
    lessons = [Deed(f"A{n}", Slot.LESSON, Grade.L2, at - n * DAY) for n in (1, 2)]
    late = Deed("A3", Slot.LESSON, Grade.L2, at + DAY)
    assert [(item.grade, item.instead_of) for item in fill(rule, lessons)] == [
        (None, None),
        (Grade.L2, "团课"),
        (None, None),
    ]
    assert [item.grade for item in fill(rule, [late])] == [None, None, None], "换下之后做的不算"
    own = Deed("A4", Slot.OTHER, Grade.L2, at)
    assert [item.deed for item in fill(rule, [own, lessons[0]])] == [None, own, lessons[0]]


# ---- 事实


async def test_without_anyone_setting_them_the_document_counts(town: Town, at: datetime) -> None:
    rule = (await rules_for(Q4, [town.software.path or ""]))[town.software.path or ""]
    assert (rule.names, rule.monthly, rule.issuer, rule.document) == (NAMES, 3, "示例大学团委", "校青字〔2017〕10号")
    assert await grades(town.zhang, at) == [None] * 5


async def test_only_what_was_held_this_quarter_counts(town: Town, at: datetime) -> None:
    await done(town.zhang, Slot.TALK, EvidenceGrade.L1, at)
    await done(town.zhang, Slot.LESSON, EvidenceGrade.L0, at + DAY, state=ActivityState.OPEN)  # 只约好了
    await done(town.zhang, Slot.VOLUNTEER, EvidenceGrade.L2, at, state=ActivityState.OPEN)  # 有人到场了
    await done(town.zhang, Slot.CULTURE, EvidenceGrade.L2, at, state=ActivityState.VOIDED)
    await done(town.zhang, Slot.CULTURE, EvidenceGrade.L2, at, state=ActivityState.SUSPENDED)
    await done(town.zhang, Slot.CULTURE, EvidenceGrade.L2, at, state=ActivityState.CANCELLED)
    await done(town.zhang, Slot.DEED, EvidenceGrade.L2, Q4.start - timedelta(seconds=1))
    await done(town.zhang, Slot.DEED, EvidenceGrade.L2, at, created=Q4.next.end)  # 隔了一季才补记
    other = await Cadre.get(person__accounts__user_id="101")
    await done(other, Slot.DEED, EvidenceGrade.L2, at)
    assert await grades(town.zhang, at) == [None, None, Grade.L1, Grade.L2, None]


async def test_a_wish_he_claimed_and_the_youth_confirmed_is_a_deed_at_l2(town: Town, at: datetime) -> None:
    other = await Cadre.get(person__accounts__user_id="101")
    await granted(town.zhang, at, WishEnding.PARTLY)
    await granted(town.zhang, at, WishEnding.UNCONFIRMED)
    await granted(town.zhang, at, lane=WishLane.CRISIS)
    await granted(town.zhang, at, claimer=other)
    await granted(town.zhang, Q4.start - timedelta(seconds=1))
    assert await grades(town.zhang, at) == [None] * 5
    await done(town.zhang, Slot.DEED, EvidenceGrade.L0, at)
    wish = await granted(town.zhang, at)
    items = (await five_ones.slots_of(town.zhang.id, Q4, at=at)).items
    assert items[0].deed
    assert (items[0].deed.number, items[0].grade) == (f"W{wish.id}", Grade.L2), "自报的不该挡住青年确认的"


async def test_the_month_counts_what_was_held_from_its_first_day_to_now(town: Town, at: datetime) -> None:
    first = at.replace(day=1, hour=0)
    await done(town.zhang, Slot.TALK, EvidenceGrade.L0, first)
    await done(town.zhang, Slot.OTHER, EvidenceGrade.L1, at)
    await done(town.zhang, Slot.TALK, EvidenceGrade.L2, first - timedelta(seconds=1))
    await done(town.zhang, Slot.TALK, EvidenceGrade.L0, at, state=ActivityState.OPEN)
    assert (await five_ones.slots_of(town.zhang.id, Q4, at=at)).month == 2


async def test_a_record_kept_and_voided_comes_and_goes(town: Town, at: datetime) -> None:
    line = record_lines.read("谈心 面对面 聊了找工作", at=at)
    record = await records.keep(await who(100), line, [town.xiaowang.id], at=at)
    assert await grades(town.zhang, at) == [None, None, Grade.L1, None, None]
    await records.void(await who(100), record.id, "记错了", at=at)
    assert await grades(town.zhang, at) == [None] * 5


# ---- 定


async def test_a_unit_without_its_own_inherits_from_above_and_the_nearest_counts(town: Town, at: datetime) -> None:
    await settled(120, "2026Q4 实事/团课/谈心/志愿/义诊志愿", at=at)
    below = await factories.branch("软件一支部", town.software)
    paths = {unit.name: unit.path or "" for unit in (town.school, town.law, below)}
    found = await rules_for(Q4, paths.values())
    assert {found[path].names[-1] for path in paths.values()} == {"义诊志愿"}
    await settled(110, f"2026Q4 {READING}", at=at)
    found = await rules_for(Q4, paths.values())
    assert [found[path].unit for path in paths.values()] == ["示例大学团委", "示例大学团委", "软件学院团总支"]
    assert (await rules_for(Q4.next, [below.path or ""]))[below.path or ""].names == NAMES, "只管那一季"


async def test_the_newest_version_counts_and_the_old_one_is_kept(town: Town, at: datetime) -> None:
    await settled(120, "2026Q4 " + "/".join(FIVE), at=at)
    rule = await settled(120, f"2026Q4 {READING} 每月2次 校团发〔2026〕3号", at=at + DAY)
    assert (rule.names[1], rule.monthly, rule.issuer, rule.document) == ("读书", 2, "示例大学团委", "校团发〔2026〕3号")
    first, second = await FiveOnes.all().order_by("id")
    admin = await who(120)
    assert (first.names, first.document, first.set_by) == (list(FIVE), DOCUMENT, admin.person_id)
    assert second.set_at == at + DAY
    assert await Audit.filter(action="five_ones.set", actor_id=admin.person_id).count() == 2


async def test_changing_the_set_in_mid_quarter_loses_nothing(town: Town, at: datetime) -> None:
    await done(town.zhang, Slot.LESSON, EvidenceGrade.L2, at)
    await done(town.zhang, Slot.TALK, EvidenceGrade.L2, at)
    await done(town.zhang, Slot.TALK, EvidenceGrade.L2, at)  # 谈心没有换，多出来的一次不顶别处
    before = formula.five_ones(await grades(town.zhang, at))
    await settled(120, "2026Q4 实事/读书/谈心/植树/文体", at=at + DAY)
    items = (await five_ones.slots_of(town.zhang.id, Q4, at=at + DAY)).items
    assert [(item.name, item.grade, item.instead_of) for item in items] == [
        ("实事", None, None),
        ("读书", Grade.L2, "上一堂团课"),
        ("谈心", Grade.L2, None),
        ("植树", None, None),
        ("文体", None, None),
    ]
    assert formula.five_ones([item.grade for item in items]) == before


@pytest.mark.parametrize("text", ["实事/团课/谈心/志愿/文体 每月4次", "实事/团课/谈心/志愿/文体/读书"])
@pytest.mark.parametrize("user_id", [110, 120])
async def test_asking_for_more_than_the_level_above_is_refused_and_noted(
    town: Town, user_id: int, text: str, at: datetime
) -> None:
    with pytest.raises(Refusal, match=r"^不能层层加码（校青字〔2017〕10号 七\.4）：上面定的是每月 3 次"):
        await settled(user_id, text, at=at)
    assert not await FiveOnes.exists()
    by = await who(user_id)
    noted = await Audit.get(action="five_ones.refuse")
    assert (noted.actor_id, noted.subject) == (by.person_id, f"u{by.duties[0].unit_id}")


async def test_the_level_above_may_ask_for_less_and_then_nobody_below_asks_for_more(town: Town, at: datetime) -> None:
    await settled(110, "/".join(FIVE) + " 每月3次", at=at)
    await settled(120, "/".join(FIVE) + " 每月2次", at=at)
    path = town.software.path or ""
    assert (await rules_for(Q4, [path]))[path].monthly == 2, "先前定得多的也跟着降"
    with pytest.raises(Refusal, match="上面定的是每月 2 次"):
        await settled(110, "/".join(FIVE) + " 每月3次", at=at)
    assert (await settled(110, "/".join(FIVE), at=at)).monthly == 2


@pytest.mark.parametrize(
    ("user_id", "text", "sentence"),
    [
        (100, READING, "五个一由单位管理员（组织部）来定"),
        (110, f"{READING} 法学院团总支", "你管不到法学院团总支"),
        (110, f"{READING} 示例大学团委", "你管不到示例大学团委"),
        (110, f"2026Q3 {READING}", "2026Q3 已经过去了"),
        (110, "实事/团课/谈心", "要正好五件、各不相同，现在认出 3 件"),
        (110, "实事/实事/谈心/志愿/文体", "现在认出 4 件"),
        (110, f"{READING} 每月0次", "每月至少 1 次"),
        (110, "实事/团课/谈心/志愿/一二三四五六七八九十一二三", "12 个字以内"),
        (110, "2026Q4", "五件事用 / 隔开"),
    ],
)
async def test_what_cannot_be_set_is_refused_and_nothing_is_stored(
    town: Town, user_id: int, text: str, sentence: str, at: datetime
) -> None:
    with pytest.raises(Refusal, match=sentence):
        await settled(user_id, text, at=at)
    assert not await FiveOnes.exists()


def test_the_words_are_understood_in_any_order(at: datetime) -> None:
    order = read(["每月3次", "校团发〔2026〕3号", "实事／团课、谈心/志愿/文体", "下季度", "法学院团总支"], at=at)
    assert (order.quarter, order.names, order.monthly) == (Q4.next, FIVE, 3)
    assert (order.document, order.unit_name) == ("校团发〔2026〕3号", "法学院团总支")


# ---- 积分


async def part(cadre: Cadre, quarter: Quarter = Q4) -> float | None:
    return (await Score.get(cadre=cadre, quarter=str(quarter))).five_ones


async def test_f_is_the_five_grades_over_five_and_applies_from_the_first_activity_on(town: Town, at: datetime) -> None:
    other = await Cadre.get(person__accounts__user_id="102")
    await scores.recompute(Q4, at=at)
    assert await part(town.zhang) is None
    await done(town.zhang, Slot.TALK, EvidenceGrade.L0, at)
    await done(town.zhang, Slot.LESSON, EvidenceGrade.L1, at)
    await done(town.zhang, Slot.CULTURE, EvidenceGrade.L2, at)
    await scores.recompute(Q4, at=at)
    await scores.recompute(Q4.previous, at=at)
    assert await part(town.zhang) == pytest.approx((0.25 + 0.5 + 1) / 5)
    assert await part(other) == 0, "别人不记，不会因此占便宜"
    assert await part(town.zhang, Q4.previous) is None
    facts = (await Score.get(cadre=town.zhang, quarter=str(Q4))).facts
    assert [facts[grade] for grade in Grade] == [1, 1, 1, 0]


async def test_f_applies_from_the_quarter_an_admin_first_set_it(town: Town, at: datetime) -> None:
    await settled(110, f"2026Q4 {READING}", at=at)
    await scores.recompute(Q4, at=at)
    await scores.recompute(Q4.previous, at=at)
    assert (await part(town.zhang), await part(town.zhang, Q4.previous)) == (0, None)


async def test_every_change_is_followed_and_rebuilding_comes_out_equal(town: Town, at: datetime) -> None:
    await rankings.refresh(at=at)
    await done(town.zhang, Slot.LESSON, EvidenceGrade.L2, at + timedelta(minutes=1))
    now = at + timedelta(minutes=2)
    await rankings.refresh(at=now)
    assert [row.five_ones for row in await Score.filter(quarter=str(Q4)).order_by("cadre_id")] == [0.2, 0, 0, 0]
    helper = await Cadre.get(person__accounts__user_id="102")
    await granted(town.zhang, now, claimer=helper)
    await done(helper, Slot.OTHER, EvidenceGrade.L1, at - DAY)  # 定了读书才用得上
    rankings._full_at[Q4] = now  # 从这里起只看动过的人
    now += timedelta(minutes=1)
    await rankings.refresh(at=now)
    assert await part(helper) == 0.2
    rankings._full_at[Q4] = now = now + timedelta(minutes=1)
    await settled(120, f"2026Q4 {READING}", at=now)
    now += timedelta(minutes=1)
    await rankings.refresh(at=now)
    before = await Score.all().order_by("quarter", "cadre_id").values("cadre_id", "quarter", "five_ones", "total")
    assert [await part(town.zhang), await part(helper)] == [0.2, pytest.approx(0.3)]
    await rankings.rebuild(at=now)
    after = await Score.all().order_by("quarter", "cadre_id").values("cadre_id", "quarter", "five_ones", "total")
    assert after == before


async def test_closing_an_activity_nobody_came_to_is_followed(town: Town, at: datetime) -> None:
    row = await done(town.zhang, Slot.CULTURE, EvidenceGrade.L0, at - DAY, state=ActivityState.OPEN)
    await rankings.refresh(at=at)
    assert await part(town.zhang) == 0
    await Activity.filter(id=row.id).update(state=ActivityState.CLOSED, ended_at=at + timedelta(minutes=1))
    await rankings.refresh(at=at + timedelta(minutes=2))
    assert await part(town.zhang) == pytest.approx(0.05)


async def test_scoring_many_takes_the_same_few_queries(town: Town, at: datetime) -> None:
    unit = await Unit.get(id=town.law.id)
    people = [await factories.cadre(n, f"干部{n}", unit) for n in range(300, 320)]
    await done(people[3], Slot.TALK, EvidenceGrade.L2, at)
    found = await five_ones.grades_of(Q4, {one.id: unit.path or "" for one in people})
    assert len(found) == 20
    assert found[people[3].id] == [None, None, Grade.L2, None, None]
    assert five_ones_rules.MONTHLY == 3
