"""对管理员与工作群的提醒：季报、通报、单位进度；同一天的并成一条；各单位照各自的校历。"""

from datetime import date, datetime, time

import pytest

from bot.league import calendar_marks, reports, roster
from bot.league.calendar_marks import add, read
from bot.league.errors import Refusal
from bot.league.occasions import BULLETIN, DIGEST, MONTHLY, QUARTER, REPORT, UNITS
from bot.league.periods import Quarter, on
from bot.league.report_orders import Act
from bot.league.report_orders import read as read_report
from bot.league.reports import STEPS, seen_by, settle, unit_for
from db.models import (
    Cadre,
    GroupKind,
    Notice,
    Person,
    ReportState,
    Role,
    RoleKind,
    Round,
    Scope,
    Slot,
    Unit,
    UnitKind,
    UnitReport,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from plugins.reminders.jobs import post_reminders
from tests import factories

MISSING, SENT, RETURNED = ReportState
Q4 = Quarter(2026, 4)


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:]))


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


@pytest.fixture
async def college(database: str) -> Unit:
    """甲学院团总支：管理员 8，一位团干部 1；上面是示例大学团委，管理员 9。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    college = await factories.branch("甲学院团总支", school)
    await factories.admin(8, "总支书记", college)
    await factories.cadre(1, "李老师", college)
    return college


async def posted(*kinds: str) -> list[tuple[str, str, str]]:
    rows = await Notice.filter(kind__in=kinds).order_by("id")
    return [(row.kind, row.recipient, row.period) for row in rows]


async def person(user: int) -> str:
    return f"p{(await who(user)).person_id}"


async def test_a_report_not_sent_is_asked_for_four_times_and_no_more(college: Unit) -> None:
    for day in ("12-16", "12-17", "12-18", "12-24", "12-29", "12-31"):
        await post_reminders(at(f"2026-{day} 09:30"))
    admin = await person(8)
    periods = [f"2026Q4/{stage}/u{college.id}" for stage in ("T-14", "T-7", "T-2", "T-0")]
    assert await posted(REPORT) == [(REPORT, admin, period) for period in periods]
    texts = [row.text for row in await Notice.filter(kind=REPORT).order_by("id")]
    assert texts[0] == (
        "甲学院团总支 2026Q4 的季报还没交：12月17日该交，就是今天；这一季还有 15 天。"
        "草稿照事实写好了，发 /季报 看看，改好签发。"
    )
    assert texts[3] == (
        "甲学院团总支 2026Q4 的季报还没交：12月17日该交，晚了 14 天；这一季还有 1 天。"
        "草稿照事实写好了，发 /季报 看看，改好签发。"
    )


async def test_once_sent_nobody_is_asked_until_it_is_returned(college: Unit) -> None:
    await settle(await who(8), college, Q4, SENT, at=at("2026-12-10 10:00"))
    await post_reminders(at("2026-12-17 09:30"))
    assert await posted(REPORT) == []
    await settle(await who(9), college, Q4, RETURNED, "太短", at=at("2026-12-20 10:00"))
    await post_reminders(at("2026-12-24 09:30"))
    [row] = await Notice.filter(kind=REPORT)
    assert (row.text or "").startswith("甲学院团总支（被退回） 2026Q4 的季报还没交")


async def test_units_without_cadres_or_that_owe_nothing_are_left_alone(college: Unit) -> None:
    await Cadre.all().update(left_at=at("2026-12-01 09:00"))
    await post_reminders(at("2026-12-17 09:30"))
    assert await posted(REPORT) == []


@pytest.mark.parametrize("now", ReportState)
@pytest.mark.parametrize("then", ReportState)
async def test_every_step_of_a_report_and_no_other(college: Unit, now: ReportState, then: ReportState) -> None:
    moment = at("2026-12-10 10:00")
    if now is not MISSING:
        await UnitReport.create(unit=college, quarter="2026Q4", state=now, at=moment)
    if (now, then) in STEPS:
        assert (await settle(await who(9), college, Q4, then, "太短", at=moment)).state is then
        assert await reports.state_of(college.id, Q4) is then
    else:
        with pytest.raises(Refusal):
            await settle(await who(9), college, Q4, then, "太短", at=moment)
        assert await reports.state_of(college.id, Q4) is now


@pytest.mark.parametrize(
    ("user", "words", "sentence"),
    [
        (8, "退回 甲学院团总支 太短", "甲学院团总支的季报要由上级的管理员来说退回。"),
        (1, "已报 甲学院团总支", "甲学院团总支的季报要由它自己或上级的管理员来说已报。"),
        (9, "已报", "说的是哪个团总支？把全名写在后面，例如：/季报 已报 某团总支"),
        (9, "已报 示例大学团委", "季报由团总支来交，示例大学团委不用交。"),
        (8, "已报 2027Q1", "2027Q1 还没开始，季报先不用交。"),
        (9, "退回 甲学院团总支", "退回请说一声为什么，那边好改，例如：/季报 退回 某团总支 存在问题写得太少"),
        (9, "退回 甲学院团总支 太短", "甲学院团总支 2026Q4 的季报现在是“未报”，不用再说退回。"),
    ],
)
async def test_a_report_is_settled_by_those_who_may(college: Unit, user: int, words: str, sentence: str) -> None:
    moment = at("2026-12-10 10:00")
    by = await who(user)

    async def tell() -> None:
        order = read_report(words, at=moment)
        unit = await unit_for(by, order.unit_name, example=f"/季报 {order.act} 某团总支")
        state = RETURNED if order.act is Act.RETURN else SENT
        await settle(by, unit, order.quarter, state, order.text, at=moment)

    with pytest.raises(Refusal) as refused:
        await tell()
    assert refused.value.sentence == sentence
    assert not await UnitReport.exists()


async def test_an_admin_sees_only_what_is_below(college: Unit) -> None:
    other = await roster.add_unit("另一所示例大学团委", UnitKind.SCHOOL)
    await factories.branch("别家团总支", other)
    assert [(unit.name, row) for unit, row in await seen_by(await who(9), Q4)] == [("甲学院团总支", None)]
    with pytest.raises(Refusal, match="季报是单位管理员的事"):
        await seen_by(await who(1), Q4)


async def test_the_bulletin_is_due_the_first_working_morning_after_the_quarter(college: Unit) -> None:
    for day in ("09-30", "10-01", "10-07", "10-08", "10-09"):
        await post_reminders(at(f"2026-{day} 09:30"))
    school = await Unit.get(name="示例大学团委")
    [row] = await Notice.filter(kind=BULLETIN)
    assert (row.recipient, row.period) == (await person(9), f"2026Q3/draft/u{school.id}")
    assert row.text == (
        "2026Q3 结束了，示例大学团委的通报草稿备好了：发 /通报 示例大学团委 2026Q3 看，"
        "看好了发 /通报 示例大学团委 2026Q3 发布"
    )


async def test_an_admin_of_two_units_is_told_of_both_bulletins(college: Unit) -> None:
    school = await Unit.get(name="示例大学团委")
    other = await roster.add_unit("另一所示例大学团委", UnitKind.SCHOOL)
    await factories.branch("别家团总支", other)
    await factories.branch("甲学院团支部", college)
    for unit in (other, college):  # 甲学院团总支在示例大学团委下面，不另说
        await Role.create(person_id=(await who(9)).person_id or 0, unit=unit, kind=RoleKind.ADMIN)
    await post_reminders(at("2026-10-08 09:30"))
    rows = {row.recipient: (row.text or "").splitlines() for row in await Notice.filter(kind=BULLETIN)}
    assert [line.split("，看好了")[0] for line in rows[await person(9)]] == [
        f"2026Q3 结束了，{unit.name}的通报草稿备好了：发 /通报 {unit.name} 2026Q3 看" for unit in (school, other)
    ]
    assert len(rows) == 2, "甲学院团总支自己的管理员另有一条"


async def test_the_quarter_opens_with_its_five_things_though_nobody_has_held_anything_yet(college: Unit) -> None:
    await post_reminders(at("2026-10-08 09:30"))
    [row] = await Notice.filter(kind=QUARTER)
    assert (row.recipient, row.period) == (await person(1), "2026Q4/start")
    assert (row.text or "").startswith("2026Q4 开始了，这一季的五件事：办一件实事、上一堂团课、谈心谈话、")


async def many(college: Unit) -> list[Cadre]:
    """甲学院团总支添到五位团干部；每人办过一次，头一位聊过六位青年。"""
    first = await Cadre.get(unit=college)
    cadres = [first, *[await factories.cadre(20 + n, f"老师{n}", college) for n in range(4)]]
    for cadre in cadres:
        await factories.record(cadre, date(2026, 10, 20), Slot.TALK)
    for number in range(6):
        await factories.interaction(first, await factories.youth(100 + number, first), date(2026, 10, 20))
    return cadres


async def test_a_work_group_gets_sums_without_names_and_hides_fewer_than_five(college: Unit) -> None:
    cadres = await many(college)
    group = await factories.group(900, cadres[0], GroupKind.WORK)
    await factories.group(500, cadres[0])  # 青年群不发
    small = await factories.cadre(
        50, "孙老师", await factories.branch("乙学院团总支", await Unit.get(name="示例大学团委"))
    )
    await factories.group(901, small, GroupKind.WORK)  # 一个人的单位没有可说的
    await post_reminders(at("2026-11-16 09:30"))
    [row] = await Notice.filter(kind=UNITS)
    assert (row.recipient, row.period) == (f"g{group.id}", "2026Q4/middle")
    assert row.text == (
        "甲学院团总支 2026Q4 过半了，到现在的合计：\n"
        "· 在任团干部 5 人，办活动和记录 5 场\n"
        "· 联系到青年 6 人，五个一都做了的团干部 不足 5 人\n"
        "自己的进度私聊我发 /进度"
    )
    for youth in await Person.filter(contacts__cadre=cadres[0]).limit(5):
        await Wish.create(
            unit=college, author=youth, digest=str(youth.id), lane=WishLane.WALL, state=WishState.ENDED,
            ending=WishEnding.FULFILLED, submitted_at=at("2026-12-01 10:00"), ended_at=at("2026-12-02 10:00"),
        )  # fmt: skip
    await post_reminders(at("2026-12-31 09:30"))
    assert [period for _, _, period in await posted(UNITS)] == ["2026Q4/middle", "2026Q4/end"]
    last = await Notice.filter(kind=UNITS).order_by("-id").first()
    assert last
    assert "5 场，办成心愿 5 件" in (last.text or ""), "满 5 人提的才给数"
    assert not [row for row in await Notice.all() if row.group_id and "老师" in (row.text or "")]


async def test_what_falls_on_one_day_is_one_message(college: Unit) -> None:
    """12 月 28 日是周一：摘要、月底前三天、季末前三天，再加季报；管理员自己也是团干部。"""
    cadre = await Cadre.get(unit=college)
    await factories.youth(100, cadre)
    await factories.record(cadre, date(2026, 12, 2), Slot.TALK)
    await Role.create(person_id=cadre.person_id, unit=college, kind=RoleKind.ADMIN)
    await post_reminders(at("2026-12-28 09:30"))  # 停机补：T-7 的季报也还没过
    [row] = await Notice.filter(person_id=cadre.person_id)
    assert (row.kind, row.period) == (REPORT, f"2026Q4/T-7/u{college.id}")
    assert row.text == (
        "甲学院团总支 2026Q4 的季报还没交：12月17日该交，晚了 11 天；这一季还有 4 天。"
        "草稿照事实写好了，发 /季报 看看，改好签发。\n"
        "12 月还有 4 天，活动办了 1/3 次，还差 2 次。办一场发 /活动 发起，做了没记的发 /记。\n"
        "2026Q4 还有 4 天结束：\n"
        "· 加入的 1 位青年，这个月真正聊过 0 位。\n"
        "· 五个一 1/5；照过去 89 天的快慢，季末大约 1/5。"
        "还差 办一件实事、上一堂团课、志愿服务、文体活动，12月31日前做完就齐，还有 4 天。\n"
        "· 很久没聊的：QQ 尾号100（还没聊过）。\n"
        "看全部：/进度、/雷达、/心愿墙"
    )
    await Round.all().delete()  # 放进队列后断了，没来得及记“看过了”；这时又办了一件，理由变了
    await factories.record(cadre, date(2026, 12, 3), Slot.LESSON)
    roster.touch()
    await post_reminders(at("2026-12-28 15:30"))
    assert await Notice.filter(person_id=cadre.person_id).count() == 1


async def test_the_quarter_opens_with_its_five_and_closes_only_for_those_short_of_them(college: Unit) -> None:
    cadre = await Cadre.get(unit=college)
    done = await factories.cadre(2, "陈老师", college)
    await factories.record(cadre, date(2026, 9, 28))
    await post_reminders(at("2026-10-08 09:30"))
    rows = await Notice.filter(kind=QUARTER).order_by("id")
    assert [row.person_id for row in rows] == [cadre.person_id, done.person_id]
    assert rows[0].text == (
        "2026Q4 开始了，这一季的五件事：办一件实事、上一堂团课、谈心谈话、志愿服务、文体活动"
        "（示例大学团委，校青字〔2017〕10号）；每月活动 3 次，五件算在里面。做到哪了随时发 /五个一"
    )
    for slot in Slot:
        await factories.record(done, date(2026, 11, 3), slot)
    await post_reminders(at("2026-12-17 09:30"))
    assert [recipient for _, recipient, period in await posted(QUARTER) if period.endswith("T-14")] == [
        f"p{cadre.person_id}"
    ]


async def test_in_exam_weeks_nobody_is_sent_to_the_youths(college: Unit) -> None:
    cadre = await Cadre.get(unit=college)
    await factories.youth(100, cadre)
    await factories.record(cadre, date(2026, 12, 1))
    await add(await who(9), read("12-14~12-25 考试周", at=at("2026-12-01 09:00")), at=at("2026-12-01 09:00"))
    await post_reminders(at("2026-12-14 09:30"))
    assert await posted(DIGEST) == []  # 只有很久没聊的、次数不够：不说
    await post_reminders(at("2026-12-17 09:30"))
    [row] = await Notice.filter(kind=QUARTER)
    assert row.text == (
        "正考试，不用去找青年，活动也不催；做过没记的发 /记 补上就好。\n"
        "2026Q4 还有 15 天结束：\n"
        "· 五个一 0/5；照过去 78 天的快慢，季末大约 0/5。"
        "还差 办一件实事、上一堂团课、谈心谈话、志愿服务、文体活动，12月31日前做完就齐，还有 15 天。\n"
        "看全部：/进度、/雷达、/心愿墙"
    )
    await post_reminders(at("2026-12-21 09:30"))
    assert await posted(MONTHLY) == []  # 20 日那轮等考完
    await Wish.create(
        cadre=cadre, unit=college, submitted_at=at("2026-12-20 09:00"), state=WishState.OPEN, lane=WishLane.WALL,
        digest="x", text="想要一盏台灯",
    )  # fmt: skip
    await Round.filter(kind=DIGEST, period__startswith="2026-W52").delete()
    await roster.ensure_person(Scope.QQ, "12345", at=at("2026-12-21 09:31"))  # 名册一动就再看一眼
    await post_reminders(at("2026-12-21 09:31"))
    assert len(await posted(DIGEST)) == 1  # 心愿照样在等


async def test_what_an_exam_week_swallows_keeps_its_reason(college: Unit) -> None:
    await post_reminders(at("2026-12-01 09:30"))
    await add(await who(9), read("12-14~12-31 考试周", at=at("2026-12-01 10:00")), at=at("2026-12-01 10:00"))
    await post_reminders(at("2026-12-31 09:30"))
    school = await Unit.get(name="示例大学团委")
    reasons = {row.period: row.reason for row in await Round.filter(kind=MONTHLY, period__contains="@")}
    assert reasons == {f"2026-12/{day}@u{school.id}": "考试周，不催" for day in (20, 28)}


async def test_schools_with_different_calendars_are_each_told_on_their_own_day(college: Unit) -> None:
    other = await roster.add_unit("另一所示例大学团委", UnitKind.SCHOOL)
    here, there = await Cadre.get(unit=college), await factories.cadre(30, "周老师", other)
    for number, cadre in ((100, here), (200, there)):
        await factories.youth(number, cadre)
    await add(await who(9), read("11-23 放假", at=at("2026-11-18 14:00")), at=at("2026-11-18 14:00"))
    for day in ("18", "20", "23", "24"):
        await post_reminders(at(f"2026-11-{day} 14:05"))
    told = [(row.person_id, row.created_at) for row in await Notice.filter(kind=DIGEST).order_by("id")]
    assert told == [(there.person_id, at("2026-11-23 14:05")), (here.person_id, at("2026-11-24 14:05"))]


async def test_a_first_calendar_mark_repeats_nothing_already_said(college: Unit) -> None:
    cadre = await Cadre.get(unit=college)
    await factories.youth(100, cadre)
    for day in ("20", "23"):
        await post_reminders(at(f"2026-11-{day} 09:30"))
    assert len(await posted(DIGEST)) == 1
    await Notice.all().delete()
    await add(await who(9), read("12-01 放假", at=at("2026-11-23 14:00")), at=at("2026-11-23 14:00"))
    await post_reminders(at("2026-11-23 14:01"))
    await post_reminders(at("2026-11-24 09:30"))
    assert await posted(DIGEST) == []


async def test_a_mark_taken_back_brings_the_reminder_back(college: Unit) -> None:
    """11 月 23 日放假，摘要挪到 24 日；23 日中午说不放了，当天就补上，也只一条。"""
    cadre = await Cadre.get(unit=college)
    await factories.youth(100, cadre)
    await post_reminders(at("2026-11-20 09:30"))
    mark = await add(await who(9), read("11-23 放假", at=at("2026-11-20 14:00")), at=at("2026-11-20 14:00"))
    await post_reminders(at("2026-11-23 09:30"))
    assert await posted(DIGEST) == []
    await calendar_marks.remove(await who(9), mark.id, at=at("2026-11-23 12:00"))
    for moment in ("2026-11-23 12:01", "2026-11-24 09:30"):
        await post_reminders(at(moment))
    assert len(await posted(DIGEST)) == 1
