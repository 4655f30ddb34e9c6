"""活动：名额不多不少，候补按次序，看不见的动不了。"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.league import (
    accounts,
    activities,
    activity_changes,
    activity_check_ins,
    activity_plans,
    activity_signups,
    activity_steps,
    erasures,
    evidence,
    record_answers,
    roster,
)
from bot.league.activity_plans import Plan
from bot.league.activity_steps import Turn
from bot.league.errors import Refusal
from db.models import (
    Account,
    Activity,
    ActivityState,
    ActivityVersion,
    Audit,
    Cadre,
    CheckInCode,
    Consent,
    Contact,
    ContactState,
    EvidenceGrade,
    Group,
    Notice,
    Participation,
    PartState,
    Person,
    Side,
    Slot,
)
from tests import factories
from tests.league import activity_town, wish_town
from tests.league.activity_town import sign_up, states
from tests.league.wish_town import told, who

HOUR = timedelta(hours=1)


def read(text: str, at: datetime) -> Plan:
    return activity_plans.read(text, at=at)


def test_one_line_is_read_whole(at: datetime) -> None:
    plan = read("篮球赛 12月3日15:00 东操场 限20人 文体", at)
    starts = at.replace(month=12, day=3, hour=15)
    assert plan == Plan("篮球赛", starts, "东操场", 20, None, Slot.CULTURE)
    assert read("明天15:00 篮球赛 东操场", at) == Plan("篮球赛", at + timedelta(days=1, hours=1), "东操场")
    assert read("篮球赛 东操场 明天15:00", at) == Plan("篮球赛", at + timedelta(days=1, hours=1), "东操场")
    assert read("团课 学习讲话 明天15:00 报告厅 团课 截止明天12:00", at) == Plan(
        "团课 学习讲话", at + timedelta(days=1, hours=1), "报告厅", None, at + timedelta(hours=22), Slot.LESSON
    )
    assert read("讲座 明天15:00 报告厅 不限人", at) == Plan(
        "讲座", at + timedelta(days=1, hours=1), "报告厅", uncapped=True
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "活动叫什么？"),
        ("篮球赛", "什么时候开始？"),
        ("篮球赛 明天15:00", "在哪里？"),
        ("篮球赛 明天 东操场", "几点开始？"),
        ("篮球赛 昨天15:00 东操场", "这个时间已经过了"),
        ("篮球赛 10月3日15:00 东操场", "那是 2027 年了"),
        ("篮球赛 明天15:00 东操场 限0人", "名额写 1 到 5000"),
        ("篮球赛 明天15:00 东操场 截止后天12:00", "报名截止要在现在之后、开始之前"),
        (f"{'篮' * 31} 明天15:00 东操场", "名字和地点各 30 个字以内"),
        ("全员必须参加的讲座 明天15:00 礼堂", "“全员”这个说法先不发：不按人头摊派，愿意来的才算"),
        ("讲座 明天15:00 礼堂（务必到场）", "“务必”这个说法先不发"),
    ],
)
async def test_what_is_missing_or_wrong_is_asked_for(database: str, at: datetime, text: str, why: str) -> None:
    await wish_town.build()
    with pytest.raises(Refusal) as refused:
        await activities.start(await who(100), read(text, at), at=at)
    assert refused.value.sentence.startswith(why)
    assert not await Activity.exists()


async def test_the_department_may_insist_on_a_wording_and_it_is_noted(database: str, at: datetime) -> None:
    town = await wish_town.build()
    await factories.appoint_admin(await Cadre.get(person__name="赵六"), town.school)
    insisted = read("全员大会 明天15:00 礼堂 坚持 上级文件的原话", at)
    with pytest.raises(Refusal, match="请组织部来发"):
        await activities.start(await who(100), insisted, at=at)
    row = await activities.start(await who(103), insisted, at=at)
    assert (row.title, row.place) == ("全员大会", "礼堂")
    assert [one.detail for one in await Audit.filter(action="wording.insist")] == ["全员：上级文件的原话"]
    assert (await activity_changes.edit(await who(103), row.id, Plan(place="体育馆"), at=at)).place == "体育馆"
    with pytest.raises(Refusal, match="“一律”这个说法先不发"):
        await activity_changes.edit(await who(103), row.id, Plan(place="体育馆一律穿正装"), at=at)


async def test_one_line_sent_five_times_is_one_activity(database: str, at: datetime) -> None:
    await wish_town.build()
    zhang, plan = await who(100), Plan("篮球赛", at + HOUR, "东操场")
    found = await asyncio.gather(*(activities.start(zhang, plan, at=at) for _ in range(5)), return_exceptions=True)
    refused = [str(one) for one in found if isinstance(one, Refusal)]
    assert refused == ["这场已经发起过了，是 A1。要改发 /活动 改 A1 明天下午3点。"] * 4
    assert await Activity.all().count() == 1
    await activities.start(zhang, replace(plan, place="西操场"), at=at)
    await activity_changes.cancel(zhang, 1, "", at=at)
    await activities.start(zhang, plan, at=at)
    assert await Activity.filter(state=ActivityState.OPEN).count() == 2


@pytest.mark.parametrize("cap", [20])
async def test_a_hundred_at_once_for_twenty_places(database: str, at: datetime, cap: int) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=cap)
    group = await Group.get(group_id="555")
    people = [roster.Speaker(factories.Scope.QQ, str(user_id)) for user_id in range(3000, 3100)]
    results = await asyncio.gather(
        *(activity_signups.sign_up(one, 1, at=at, group=group) for one in people), return_exceptions=True
    )
    placed = [result for result in results if not isinstance(result, BaseException)]
    assert len(placed) == 100, results
    assert sum(result.state is PartState.SIGNED for result in placed) == 20
    assert sorted(result.place for result in placed if result.place) == list(range(1, 81))
    rows = await Participation.filter(activity_id=1).order_by("turn")
    assert [row.turn for row in rows] == list(range(1, 101)), "一人一个次序，不重不漏"
    assert [row.state for row in rows] == [PartState.SIGNED] * 20 + [PartState.WAITING] * 80, "先到的在前"


async def test_a_freed_place_goes_to_the_first_in_line_who_is_told(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    assert [await sign_up(user_id, at=at) for user_id in (200, 301, 302)] == ["已报名", "候补", "候补"]
    await activity_signups.leave(await who(200), 1, at=at)
    assert await states() == {"200": "已取消", "301": "已报名", "302": "候补"}
    [(kind, text)] = await told(301)
    assert kind == "activity.promoted"
    assert text.startswith("有人让出了名额，你报上了：A1 篮球赛（11月18日 17:00，东操场）")
    assert await told(302) == []
    assert await sign_up(200, at=at) is PartState.WAITING
    await activity_signups.leave(await who(301), 1, at=at)
    assert await states() == {"301": "已取消", "302": "已报名", "200": "候补"}, "再报的排到最后"


async def test_a_waiting_one_who_leaves_frees_no_place(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    await activity_signups.leave(await who(301), 1, at=at)
    assert await states() == {"200": "已报名", "301": "已取消", "302": "候补"}


async def test_everyone_leaving_at_once_promotes_exactly_as_many(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=5)
    for user_id in range(301, 321):
        await sign_up(user_id, at=at)
    leavers = [await who(user_id) for user_id in range(301, 306)]
    await asyncio.gather(*(activity_signups.leave(one, 1, at=at) for one in leavers))
    found = await states()
    assert [user for user, state in found.items() if state is PartState.SIGNED] == [str(n) for n in range(306, 311)]


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        (timedelta(hours=1), "A1 报名在 11月18日 15:00 截止了，下次早点来。"),
        (timedelta(hours=3), "A1 已经开始了。人在现场的话，问发起人要签到码：/到场 四位码"),
    ],
)
async def test_after_the_deadline_nobody_gets_in(database: str, at: datetime, later: timedelta, sentence: str) -> None:
    await wish_town.build()
    plan = Plan("篮球赛", at + 3 * HOUR, "东操场", None, at + HOUR)
    await activities.start(await who(100), plan, at=at, group=await Group.get(group_id="555"))
    assert await sign_up(200, at=at) is PartState.SIGNED
    with pytest.raises(Refusal) as refused:
        await sign_up(301, at=at + later)
    assert refused.value.sentence == sentence
    assert not await Account.exists(user_id="301"), "没报上的人什么也不存"
    if later < 3 * HOUR:
        with pytest.raises(Refusal, match="你已经报过 A1 了"):
            await sign_up(200, at=at + later)


async def test_signing_up_twice_is_said_and_changes_nothing(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at)
    await sign_up(200, at=at)
    with pytest.raises(Refusal, match="你已经报过 A1 了"):
        await sign_up(200, at=at)
    assert await Participation.all().count() == 1


async def test_who_sees_an_activity(database: str, at: datetime) -> None:
    town = await wish_town.build()
    await factories.youth(201, await factories.cadre(104, "钱七", town.law))
    await activities.start(await who(100), Plan("软件的", at + HOUR, "一楼"), at=at)
    await activities.start(await who(103), Plan("全校的", at + 2 * HOUR, "操场"), at=at)

    async def seen(user_id: int, group: Group | None = None) -> list[str | None]:
        return [one.activity.title for one in await activities.listed(await who(user_id), at=at, group=group)]

    assert await seen(200) == ["软件的", "全校的"]
    assert await seen(201) == ["全校的"], "别的团总支的看不见"
    assert await seen(101) == ["软件的", "全校的"]
    assert await seen(110) == ["软件的"], "管理员看得见管得到的"
    assert await seen(999) == [], "没加入的人私聊里看不见"
    assert await seen(999, town.group) == ["软件的", "全校的"], "在群里看得见"
    with pytest.raises(Refusal, match="没找到 A1"):
        await activity_signups.sign_up(await who(201), 1, at=at)


async def test_only_the_organiser_or_the_admin_above_may_touch_it(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at)
    for user_id in (101, 103):
        with pytest.raises(Refusal, match=r"不是你发起的|没找到 A1"):
            await activity_changes.cancel(await who(user_id), 1, "", at=at)
    await activity_changes.cancel(await who(110), 1, "", at=at)
    assert (await Activity.get()).state is ActivityState.CANCELLED


async def test_cancelling_tells_everyone_once(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301):
        await sign_up(user_id, at=at)
    assert await activity_changes.cancel(await who(100), 1, "下雨了", at=at) == 2
    text = "你报名的活动取消了：下雨了。A1 篮球赛（11月18日 17:00，东操场），不用来了。"
    assert await told(200) == await told(301) == [("activity.cancelled", text)]
    with pytest.raises(Refusal, match="A1 已经取消了"):
        await activity_changes.cancel(await who(100), 1, "下雨了", at=at)


async def test_a_change_is_a_new_version_and_is_told(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    plan = activity_plans.read("明天下午3点 体育馆 限2人", at=at, naming=False)
    row = await activity_changes.edit(await who(100), 1, plan, at=at)
    assert (row.title, row.place, row.cap, row.version) == ("篮球赛", "体育馆", 2, 2)
    assert [version.facts["place"] for version in await ActivityVersion.all().order_by("version")] == [
        "东操场",
        "体育馆",
    ]
    assert await states() == {"200": "已报名", "301": "已报名", "302": "候补"}, "名额多了，候补补上"
    assert [kind for kind, _ in await told(301)] == ["activity.edited", "activity.promoted"]
    with pytest.raises(Refusal, match="名额不能改得更少"):
        await activity_changes.edit(await who(100), 1, Plan(cap=1), at=at)
    with pytest.raises(Refusal, match="要改什么"):
        await activity_changes.edit(await who(100), 1, Plan(), at=at)


# --- 签到 ---


async def arrive(user_id: int, code: str, at: datetime) -> None:
    await activity_check_ins.arrive(await who(user_id), code, at=at, group=await Group.get(group_id="555"))


async def test_arriving_needs_the_code_of_the_moment(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    await sign_up(200, at=at)
    _, old = await activity_check_ins.show_code(await who(100), 1, at=at)
    code = old
    while code == old:
        _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    with pytest.raises(Refusal, match="还能试 4 次"):
        await arrive(200, old, at)
    with pytest.raises(Refusal, match="过了十分钟"):
        await arrive(200, code, at + timedelta(minutes=10))
    await arrive(200, code, at + timedelta(minutes=9))
    assert await states() == {"200": "已到场"}
    assert [len(digest) for digest in await CheckInCode.all().values_list("digest", flat=True)] == [64]  # 只有摘要


async def test_guessing_is_cut_off_after_five(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for _ in range(5):
        with pytest.raises(Refusal, match="码不对"):
            await arrive(200, wrong, at)
    with pytest.raises(Refusal, match="一小时后再来"):
        await arrive(200, code, at)
    await arrive(301, code, at)
    assert await states() == {"301": "已到场"}, "别的账号不受影响，没报名的也算到场"


async def test_the_code_of_an_activity_he_cannot_see_is_no_code(database: str, at: datetime) -> None:
    town = await wish_town.build()
    await factories.youth(201, await factories.cadre(104, "钱七", town.law))
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    with pytest.raises(Refusal, match="码不对"):
        await activity_check_ins.arrive(await who(201), code, at=at)


async def test_a_code_is_given_only_around_the_start_and_only_to_the_organiser(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=timedelta(hours=5))
    with pytest.raises(Refusal, match="开始前 2 小时"):
        await activity_check_ins.show_code(await who(100), 1, at=at)
    with pytest.raises(Refusal, match="不是你发起的"):
        await activity_check_ins.show_code(await who(101), 1, at=at + 4 * HOUR)
    await activity_check_ins.show_code(await who(100), 1, at=at + 4 * HOUR)


async def test_the_grade_rises_with_every_arrival(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    users = list(range(301, 311))
    for user_id in users:
        await sign_up(user_id, at=at)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    grades = []
    for user_id in users[:4]:
        grades.append((await Activity.get()).grade)
        await arrive(user_id, code, at)
    assert grades == [EvidenceGrade.L0, EvidenceGrade.L1, EvidenceGrade.L1, EvidenceGrade.L2], "10 人要 3 位"


async def test_the_organisers_own_arrival_proves_nothing(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    for user_id in (100, 301):
        await arrive(user_id, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L1
    await arrive(302, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L2


async def test_colleagues_are_no_witnesses_but_a_colleague_who_is_his_youth_is(database: str, at: datetime) -> None:
    """L2 要青年本人的账号（产品说明第 6 节）：请同事来签到不算；同事也是他联系的青年，就算。"""
    built = await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    for user_id, name in ((801, "吴老师"), (802, "郑老师")):
        await factories.cadre(user_id, name, await built.zhang.unit)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    for user_id in (801, 301):
        await arrive(user_id, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L1
    both = await Account.get(user_id="802")
    await Contact.create(cadre=built.zhang, youth_id=both.person_id, state=ContactState.ACTIVE, since=at)
    await arrive(802, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L2


async def test_closing_sums_up_and_keeps_the_door_shut(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    await sign_up(200, at=at)
    with pytest.raises(Refusal, match="还没开始"):
        await activity_changes.close(await who(100), 1, at=at)
    found = await activity_changes.close(await who(100), 1, at=at + 2 * HOUR)
    assert (found.signed, found.arrived, found.activity.grade) == (1, 0, EvidenceGrade.L1)
    assert not await CheckInCode.exists()
    with pytest.raises(Refusal, match="A1 已经结束了"):
        await sign_up(301, at=at + 2 * HOUR)


async def test_what_was_forgotten_is_closed_after_three_days(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    await activity_changes.close_old(at + HOUR + evidence.CONFIRM_WITHIN - timedelta(seconds=1))
    assert (await Activity.get()).state is ActivityState.OPEN
    for _ in range(2):
        await activity_changes.close_old(at + HOUR + evidence.CONFIRM_WITHIN)
    assert (await Activity.get()).state is ActivityState.CLOSED


async def test_only_those_signed_up_are_reminded_a_day_and_two_hours_ahead(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1, after=timedelta(hours=30))
    for user_id in (200, 301):
        await sign_up(user_id, at=at)
    for minutes in range(0, 31 * 60, 20):
        await activity_changes.remind(at + timedelta(minutes=minutes))
    notices = await Notice.filter(kind="activity.soon").order_by("id")
    assert [row.created_at for row in notices] == [at + 6 * HOUR, at + 28 * HOUR]
    assert [kind for kind, _ in await told(200)] == ["activity.soon"] * 2
    assert await told(301) == [], "候补的不催"


async def test_a_reminder_missed_while_down_is_caught_up_but_nobody_is_reminded_of_what_he_just_did(
    database: str, at: datetime
) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=timedelta(hours=30))
    await sign_up(200, at=at)
    await sign_up(301, at=at + 7 * HOUR)
    await activity_changes.remind(at + 10 * HOUR)
    assert [kind for kind, _ in await told(200)] == ["activity.soon"]
    assert await told(301) == []
    await activity_changes.remind(at + 30 * HOUR)
    assert len(await told(200)) == 1, "已经开始的不再提"


# --- 合并与删除 ---


async def test_merging_two_accounts_keeps_the_firmer_of_two_sign_ups(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301):
        await sign_up(user_id, at=at)
    source, target = (await Account.get(user_id="200")).person_id, (await Account.get(user_id="301")).person_id
    await accounts.merge(source, target, at=at)
    [row] = await Participation.all()
    assert (row.person_id, row.state) == (target, PartState.SIGNED)


async def test_two_accounts_of_one_person_are_one_witness(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    for user_id in (301, 302):
        await arrive(user_id, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L2
    source, target = (await Account.get(user_id="301")).person_id, (await Account.get(user_id="302")).person_id
    await accounts.merge(source, target, at=at)
    assert (await Activity.get()).grade is EvidenceGrade.L1


async def test_merging_frees_the_place_held_twice(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=2)
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    source, target = (await Account.get(user_id="301")).person_id, (await Account.get(user_id="200")).person_id
    await accounts.merge(source, target, at=at)
    states_left = await Participation.all().order_by("turn")
    assert [row.state for row in states_left] == [PartState.SIGNED, PartState.SIGNED]


async def test_erasing_gives_the_place_away_and_leaves_a_nameless_count(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301):
        await sign_up(user_id, at=at)
    person = await Person.get(accounts__user_id="200")
    await erasures.erase(person.id, at=at)
    assert await states() == {"?": "已取消", "301": "已报名"}
    assert not await Consent.filter(person=person, withdrawn_at=None).exists()


async def test_the_organiser_is_told_what_others_did_to_his_activity(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at)
    await sign_up(200, at=at)
    await activity_changes.edit(await who(110), 1, Plan(side=Side.UNIT), at=at)
    assert await told(200) == [], "算谁的哪一类，与报了名的不相干"
    await activity_changes.cancel(await who(110), 1, "下雨了", at=at)
    where = "A1 篮球赛（11月18日 17:00，东操场）"
    assert await told(100) == [
        ("activity.edited", f"孙管理改了你负责的活动，现在是：{where}，算单位的自主设计。"),
        ("activity.cancelled", f"孙管理取消了你负责的活动：下雨了。{where}，报了名的我去告诉。"),
    ]
    assert [kind for kind, _ in await told(200)] == ["activity.cancelled"]


# --- 没说出口的话，情况变了就收回 ---


async def ready(user_id: int, at: datetime) -> list[str]:
    """到 `at` 还等着送给他的，哪几种。"""
    waiting = Notice.filter(person__accounts__user_id=str(user_id), state="due", expires_at__gt=at).order_by("id")
    return [row.kind for row in await waiting]


async def test_nobody_is_told_he_is_in_once_it_has_begun(database: str, at: datetime) -> None:
    await wish_town.build()
    activity = await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    await activity_signups.leave(await who(200), 1, at=at)
    assert await ready(301, activity.starts_at - HOUR) == ["activity.promoted"]
    assert await ready(301, activity.starts_at) == []
    async with activity_steps.holding(1) as row:
        await activity_steps.step(row, (await Account.get(user_id="301")).person_id, Turn.LEAVE, at=at)
        await activity_signups.promote(row, at=row.starts_at)
    assert (await states())["302"] is PartState.WAITING, "开始了就不补了"


async def test_what_was_not_yet_said_is_taken_back_when_things_change(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1, after=timedelta(hours=25))
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    await activity_signups.leave(await who(200), 1, at=at)
    await activity_signups.leave(await who(301), 1, at=at)
    assert await ready(301, at) == [], "补上又不来了的，不再说他报上了"
    await activity_changes.remind(at + HOUR)
    assert await ready(302, at) == ["activity.promoted", "activity.soon"]
    for place in ("体育馆", "操场"):
        await activity_changes.edit(await who(100), 1, Plan(place=place), at=at + HOUR)
    assert await ready(302, at) == ["activity.promoted", "activity.edited"], "旧地点的提醒与改动都收回"
    await activity_changes.remind(at + HOUR)
    assert await ready(302, at) == ["activity.promoted", "activity.edited"], "才说了改动，不再紧跟一句别忘了"
    await activity_changes.remind(at + 23 * HOUR)
    assert "activity.soon" in await ready(302, at)
    await activity_changes.cancel(await who(100), 1, "", at=at + 24 * HOUR)
    assert await ready(302, at) == ["activity.cancelled"]


async def test_of_two_reminders_not_yet_said_only_the_later_one_is(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=timedelta(hours=30))
    await sign_up(200, at=at)
    for hours in (6, 28, 28):
        await activity_changes.remind(at + hours * HOUR)
    assert await ready(200, at) == ["activity.soon"]
    kept = await Notice.filter(kind="activity.soon").order_by("id").values_list("state", "reason")
    assert kept == [("expired", "情况变了，旧的不说了"), ("due", None)]


async def test_the_place_can_change_after_the_deadline_has_passed(database: str, at: datetime) -> None:
    await wish_town.build()
    plan = Plan("篮球赛", at + 5 * HOUR, "东操场", deadline=at + HOUR)
    await activities.start(await who(100), plan, at=at)
    row = await activity_changes.edit(await who(100), 1, Plan(place="体育馆"), at=at + 2 * HOUR)
    assert (row.place, row.deadline) == ("体育馆", at + HOUR)
    with pytest.raises(Refusal, match="截止要在现在之后"):
        await activity_changes.edit(await who(100), 1, Plan(deadline=at + HOUR / 2), at=at + 2 * HOUR)


async def test_a_cap_can_be_taken_off(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, cap=1)
    for user_id in (200, 301, 302):
        await sign_up(user_id, at=at)
    row = await activity_changes.edit(await who(100), 1, activity_plans.read("人数不限", at=at, naming=False), at=at)
    assert (row.cap, row.place) == (None, "东操场")
    assert set((await states()).values()) == {PartState.SIGNED}, "候补的都补上"


async def test_one_who_said_no_and_came_after_all_checks_in(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    await sign_up(200, at=at)
    await record_answers.answer(await who(200), 1, Turn.NO, at=at + HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at + HOUR)
    await arrive(200, code, at + HOUR)
    assert await states() == {"200": "已到场"}


async def test_one_already_there_has_nothing_to_cancel(database: str, at: datetime) -> None:
    await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    await arrive(200, code, at)
    with pytest.raises(Refusal, match="A1 你已经签过到了，不用取消。"):
        await activity_signups.leave(await who(200), 1, at=at)


async def test_an_account_that_turns_out_to_be_the_organisers_is_no_witness(database: str, at: datetime) -> None:
    town = await wish_town.build()
    await activity_town.activity(at=at, after=HOUR)
    _, code = await activity_check_ins.show_code(await who(100), 1, at=at)
    for user_id in (200, 301):
        await arrive(user_id, code, at)
    assert (await Activity.get()).grade is EvidenceGrade.L2
    await accounts.merge((await Account.get(user_id="301")).person_id, town.zhang.person_id, at=at)
    assert (await Activity.get()).grade is EvidenceGrade.L1
