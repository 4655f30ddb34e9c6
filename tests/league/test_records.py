"""记录：只能写自己的联系青年，更正另存一版，等级由青年说了算。"""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.league import consents, erasures, oversights, record_answers, record_asks, record_lines, records, scores
from bot.league.activity_steps import Turn
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.record_lines import Line
from bot.settings import settings
from db.models import (
    Activity,
    ActivityState,
    ActivityVersion,
    Audit,
    EvidenceGrade,
    Mode,
    Notice,
    Participation,
    Person,
    Role,
    RoleKind,
    Scope,
    Slot,
)
from tests import factories
from tests.league import activity_town, wish_town
from tests.league.activity_town import states
from tests.league.wish_town import Town, told, who

DAY = timedelta(days=1)
Q4 = Quarter(2026, 4)


@pytest.fixture
async def town(database: str) -> Town:
    return await wish_town.build()


@pytest.fixture
async def three(town: Town) -> list[Person]:
    """小王和另两位张三的联系青年：200、201、202。"""
    return [town.xiaowang, *[await factories.youth(number, town.zhang, town.group) for number in (201, 202)]]


def read(text: str, at: datetime) -> Line:
    return record_lines.read(text, at=at)


def test_a_line_is_read_whatever_the_order(at: datetime) -> None:
    today = at.replace(hour=0)
    assert read("谈心", at) == Line(slot=Slot.TALK)
    assert read("谈心 面对面 聊了找工作", at) == Line((), Slot.TALK, Mode.FACE, None, "聊了找工作")
    assert read("谈心 昨天 电话 聊了 找工作", at) == Line((), Slot.TALK, Mode.PHONE, today - DAY, "聊了 找工作")
    assert read("11-10 志愿 社区打扫", at) == Line((), Slot.VOLUNTEER, None, today - 8 * DAY, "社区打扫")
    assert read("小王 尾号201 谈心", at) == Line(("小王", "尾号201"), Slot.TALK)
    assert read("谈心 聊了3-5次 原因：出差", at) == Line((), Slot.TALK, None, None, "聊了3-5次", "出差")
    assert read("谈心 昨天，聊了找工作", at) == Line((), Slot.TALK, None, today - DAY, "聊了找工作")
    assert read("谈心 昨天，因为出差", at) == Line((), Slot.TALK, None, today - DAY, "", "出差")
    assert read("谈心 聊了挂科的原因和打算", at) == Line((), Slot.TALK, None, None, "聊了挂科的原因和打算")
    assert read("谈心 电话13812345678", at).note == "电话〔电话已隐去〕"


async def test_a_record_is_kept_with_its_first_version(three: list[Person], at: datetime) -> None:
    row = await activity_town.record(three, at=at)
    assert (row.slot, row.mode, row.note, row.grade) == (Slot.TALK, Mode.FACE, "聊了找工作", EvidenceGrade.L1)
    assert await states() == {"200": "待确认", "201": "待确认", "202": "待确认"}
    version = await ActivityVersion.get()
    assert (version.version, version.facts["people"]) == (1, [one.id for one in three])


async def test_without_a_mode_it_is_only_ones_own_word(three: list[Person], at: datetime) -> None:
    assert (await activity_town.record(three, "谈心", at=at)).grade is EvidenceGrade.L0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("聊了找工作", "是哪一类？"),
        (f"谈心 {'聊' * 51}", "内容有点长（51 字）"),
        ("谈心 11-10", "这是 7 天以前的事了"),
        ("谈心 2026年11月19日", "还没到那一天呢"),
        ("谈心 11月19日", "还没到那一天呢"),
    ],
)
async def test_what_is_missing_or_wrong_is_refused_before_anything_is_written(
    three: list[Person], at: datetime, text: str, why: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await activity_town.record(three, text, at=at)
    assert refused.value.sentence.startswith(why)
    assert not await Activity.exists()


async def test_seven_days_back_needs_no_reason_eight_do(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, "谈心 11-11", at=at)
    late = await activity_town.record(three, "谈心 11-10 原因：出差", at=at)
    assert (await ActivityVersion.get(activity=late)).reason == "出差"


async def test_only_own_contacts_may_be_named(town: Town, three: list[Person], at: datetime) -> None:
    await factories.youth(300, await factories.cadre(104, "钱七", town.law))
    assert await records.youths(town.zhang.id, Scope.QQ, ["201", "200"]) == [three[1].id, three[0].id]
    with pytest.raises(Refusal, match="有 1 位不是你的联系青年，没有记"):
        await records.youths(town.zhang.id, Scope.QQ, ["200", "300"])
    with pytest.raises(Refusal, match="和谁"):
        await activity_town.record([], at=at)


async def test_the_same_thing_is_not_kept_twice(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    with pytest.raises(Refusal, match="已经记过了，是 A1"):
        await activity_town.record(three[::-1], "谈心 电话", at=at)
    await activity_town.record(three[:1], at=at)


async def test_two_accounts_at_the_same_moment_keep_it_once(three: list[Person], at: datetime) -> None:
    kept = await asyncio.gather(*(activity_town.record(three, at=at) for _ in range(5)), return_exceptions=True)
    assert [str(one) for one in kept if isinstance(one, Refusal)] == [
        "这件事已经记过了，是 A1。要改发 /纠错 A1 原因。"
    ] * 4
    assert await Activity.all().count() == 1


async def test_a_correction_may_not_make_a_second_one_of_the_same(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    await activity_town.record(three, "谈心 昨天", at=at)
    with pytest.raises(Refusal, match="改成这样就和 A1 一样了"):
        await records.correct(await who(100), 2, "记错日子了", read("今天", at), [], at=at)
    assert (await records.correct(await who(100), 2, "漏了方式", read("电话", at), [], at=at)).version == 2


# --- 问与答 ---


async def test_everyone_named_is_asked_once_and_at_most_once_a_week(three: list[Person], at: datetime) -> None:
    await activity_town.record(three[:2], at=at)
    [(kind, text)] = await told(200)
    assert kind == "record.ask"
    assert text == (
        "张三记了一件事 A1：11月18日和你谈心（面对面），有吗？\n"
        "回 /确认 A1 有，或 没有、不想回答；怎么回、回不回都不影响你。"
    )
    await activity_town.record(three, "志愿", at=at + DAY)
    for hours in range(72):
        await record_asks.ask(at + DAY + timedelta(hours=hours))
    assert len(await told(200)) == 1, "一周一条"
    assert len(await told(202)) == 1
    assert await told(100) == []


async def test_what_had_to_wait_is_asked_together_next_week(three: list[Person], at: datetime) -> None:
    friday = at + 2 * DAY
    for text in ("谈心", "志愿", "文体"):
        await activity_town.record(three[:1], text, at=friday)
    await record_asks.ask(friday + 3 * DAY - timedelta(minutes=1))
    texts = [text for _, text in await told(200)]
    assert [("A1" in text, "A2" in text, "A3" in text) for text in texts] == [
        (True, False, False),
        (False, True, True),
    ]


async def answer(user_id: int, turn: Turn, at: datetime, number: int = 1) -> EvidenceGrade:
    return (await record_answers.answer(await who(user_id), number, turn, at=at)).grade


async def test_confirmations_raise_the_grade_as_they_arrive(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    assert await answer(200, Turn.YES, at) is EvidenceGrade.L1
    assert await answer(201, Turn.PASS, at) is EvidenceGrade.L1
    assert await answer(202, Turn.YES, at) is EvidenceGrade.L2
    assert await answer(202, Turn.NO, at) is EvidenceGrade.L1, "改了口，等级跟着变"
    assert (await Activity.get()).grade is EvidenceGrade.L1


async def test_after_three_days_it_is_too_late(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    await answer(200, Turn.YES, at)
    await answer(201, Turn.YES, at + 3 * DAY)
    assert (await Activity.get()).grade is EvidenceGrade.L2
    with pytest.raises(Refusal, match="过了三天"):
        await answer(202, Turn.NO, at + 3 * DAY + timedelta(seconds=1))


async def test_only_those_named_can_answer(town: Town, three: list[Person], at: datetime) -> None:
    await activity_town.record(three[:1], at=at)
    for user_id in (201, 999, 100):
        with pytest.raises(Refusal, match="没找到 A1"):
            await answer(user_id, Turn.YES, at)


async def test_one_who_forgot_to_check_in_can_confirm_afterwards(three: list[Person], at: datetime) -> None:
    await activity_town.activity(at=at, after=timedelta(hours=1))
    for user_id in (200, 201):
        await activity_town.sign_up(user_id, at=at)
    with pytest.raises(Refusal, match="还没开始呢"):
        await answer(200, Turn.YES, at)
    await answer(200, Turn.YES, at + timedelta(hours=2))
    assert await answer(201, Turn.YES, at + timedelta(hours=2)) is EvidenceGrade.L2


async def test_one_who_answered_unasked_is_not_asked_again(three: list[Person], at: datetime) -> None:
    night = at + timedelta(hours=9)
    for text in ("谈心", "志愿"):
        await activity_town.record(three[:1], text, at=night)
    await records.void(await who(100), 1, "重新记", at=night)
    await activity_town.record(three[:1], "文体", at=night)
    await answer(200, Turn.YES, night, number=2)
    assert [kind for kind, _ in await told(200)] == ["record.ask"], "那条里还有一件没说"
    await answer(200, Turn.NO, night, number=3)
    assert await told(200) == []


# --- 更正 ---


async def test_a_correction_is_a_new_version_and_asks_again(three: list[Person], at: datetime) -> None:
    await activity_town.record(three[:2], at=at)
    for user_id in (200, 201):
        await answer(user_id, Turn.YES, at)
    by = await who(100)
    row = await records.correct(by, 1, "记错日子了", read("昨天", at), [three[0].id, three[2].id], at=at + DAY)
    assert (row.version, row.grade, row.note) == (2, EvidenceGrade.L1, "聊了找工作")
    assert await states() == {"200": "待确认", "201": "已取消", "202": "待确认"}
    first, second = await ActivityVersion.all().order_by("version")
    assert (first.facts["starts_at"], first.facts["people"]) == (
        at.replace(hour=0).isoformat(),
        [three[0].id, three[1].id],
    ), "旧的一版原样留着"
    assert (second.reason, second.facts["people"]) == ("记错日子了", [three[0].id, three[2].id])


async def test_correcting_only_the_words_keeps_the_confirmations(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    for user_id in (200, 201):
        await answer(user_id, Turn.YES, at)
    row = await records.correct(await who(100), 1, "写得不清楚", read("谈心 聊了考研", at), [], at=at)
    assert (row.note, row.grade) == ("聊了考研", EvidenceGrade.L2)
    with pytest.raises(Refusal, match="没有改动"):
        await records.correct(await who(100), 1, "再改", Line(), [], at=at)
    with pytest.raises(Refusal, match="写一句为什么"):
        await records.correct(await who(100), 1, " ", read("昨天", at), [], at=at)


async def test_a_quarter_long_over_is_not_changed_by_a_correction(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    by, later = await who(100), Q4.next.end
    late = read("2026-12-01", at)
    assert (await records.correct(by, 1, "记错日子了", late, [], at=later - DAY)).version == 2
    for text in ("2026-11-30", "团课"):
        with pytest.raises(Refusal, match="2026Q4 早过完了，那一季的账不再动"):
            await records.correct(by, 1, "记错了", read(text, later), [], at=later)
    assert (await records.correct(by, 1, "写得不清楚", read("谈心 聊了考研", later), [], at=later)).version == 3
    await records.void(by, 1, "记错了", at=later)


async def test_nobody_else_touches_it_and_void_is_for_good(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    for user_id in (101, 110):
        with pytest.raises(Refusal, match="没找到 A1"):
            await records.void(await who(user_id), 1, "不是我记的", at=at)
    await records.void(await who(100), 1, "记错人了", at=at)
    assert (await Activity.get()).state is ActivityState.VOIDED
    assert [row.reason for row in await ActivityVersion.all().order_by("version")] == [None, "记错人了"]
    with pytest.raises(Refusal, match="A1 已经作废了"):
        await records.correct(await who(100), 1, "又想起来了", read("昨天", at), [], at=at)


async def test_a_question_not_yet_asked_is_asked_anew_after_a_correction(three: list[Person], at: datetime) -> None:
    night = at + timedelta(hours=9)  # 23 点，早上才说
    await activity_town.record(three[:2], at=night)
    await activity_town.record(three[:1], "志愿", at=night)
    await records.correct(await who(100), 1, "记错日子了", read("昨天", night), [three[0].id], at=night)
    assert await told(201) == [], "不再写着他，就不问了"
    [(_, text)] = await told(200)
    assert text.startswith("张三记了一件事 A1：11月17日和你谈心（面对面），有吗？\n"), text
    assert "A2" in text, "并在一起的另一件照问"
    await records.void(await who(100), 1, "记错人了", at=night)
    await record_asks.ask(night)
    [(_, text)] = await told(200)
    assert "A1" not in text
    assert "A2" in text


async def test_one_who_left_or_is_leaving_is_not_asked(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at + timedelta(hours=9))
    await consents.leave(await who(200), at=at)
    await erasures.ask(await who(201), at=at)
    assert await told(200) == [], "退出了就不再找他"
    await Notice.all().delete()
    await Participation.all().update(asked_at=None)
    await record_asks.ask(at + timedelta(hours=10))
    assert [len(await told(user_id)) for user_id in (200, 201, 202)] == [0, 0, 1]


# --- 异议 ---


async def test_a_dispute_suspends_until_an_inspector_has_looked(town: Town, three: list[Person], at: datetime) -> None:
    await factories.admin(120, "督导", town.school, RoleKind.INSPECTOR)
    await activity_town.record(three, at=at)
    await record_answers.dispute(await who(200), 1, at=at)
    assert (await Activity.get()).state is ActivityState.SUSPENDED
    [(kind, text)] = await told(120)
    assert kind == "record.disputed"
    assert "A1 被提出异议" in text
    assert await told(100) == [], "不惊动记的人"
    assert [row.actor_id for row in await Audit.filter(action="record.dispute")] == [None], "谁提的，留痕里也没有"
    with pytest.raises(Refusal, match="正在核实"):
        await records.void(await who(100), 1, "心虚", at=at)
    with pytest.raises(Refusal, match="没找到 A1"):
        await record_answers.rule(await who(110), 1, upheld=True, at=at)
    await record_answers.rule(await who(120), 1, upheld=False, at=at)
    assert (await Activity.get()).state is ActivityState.KEPT
    await record_answers.dispute(await who(201), 1, at=at)
    assert [kind for kind, _ in await told(120)] == ["record.disputed"] * 2, "恢复之后又有人提的，再告诉一次"
    assert await told(100) == []
    await record_answers.rule(await who(120), 1, upheld=True, at=at)
    assert await told(100) == [
        (
            "record.voided",
            "A1（11月18日，谈心）督导看过，作废了，不再算数。有不同意见，私聊我发 /投诉 说给上级督导。",
        )
    ]


async def test_nobody_looks_into_the_dispute_about_his_own_record(
    town: Town, three: list[Person], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "superusers", {"1"})
    await Role.create(person_id=town.zhang.person_id, unit=town.software, kind=RoleKind.INSPECTOR)
    await activity_town.record(three, at=at)
    await record_answers.dispute(await who(200), 1, at=at)
    assert await told(100) == []
    [(_, text)] = await told(1)
    assert text.endswith("现在没有能来看的督导，请用 /任命 任命一位。"), "别的督导一位也没有"
    assert await oversights.disputes(await who(100)) == ()
    with pytest.raises(Refusal, match="A1 是你自己记的，请别的督导来看。"):
        await record_answers.rule(await who(100), 1, upheld=False, at=at)
    await factories.admin(120, "督导", town.school, RoleKind.INSPECTOR)
    await record_answers.rule(await who(120), 1, upheld=True, at=at)


# --- 期限、删除、积分 ---


async def test_words_are_forgotten_after_ninety_days(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, "谈心 11-10 面对面 聊了找工作 原因：出差", at=at)
    await records.forget(at + 90 * DAY - timedelta(seconds=1))
    assert (await Activity.get()).note == "聊了找工作"
    await records.forget(at + 90 * DAY)
    row, version = await Activity.get(), await ActivityVersion.get()
    assert (row.note, version.note, version.reason) == (None, None, None)
    assert (row.slot, row.grade) == (Slot.TALK, EvidenceGrade.L1), "类别和等级留着"


async def test_erasing_a_youth_clears_the_words_about_him(three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    await activity_town.record(three[1:], "志愿 社区打扫", at=at)
    await erasures.erase(three[0].id, at=at)
    assert [row.note for row in await Activity.all().order_by("id")] == [None, "社区打扫"]
    assert [row.note for row in await ActivityVersion.all().order_by("id")] == [None, "社区打扫"]
    assert await Participation.filter(activity_id=1).count() == 3, "计数留着"


async def reached(town: Town, at: datetime) -> float:
    await scores.recompute(Q4, at=at)
    return (await scores.Score.get(cadre=town.zhang)).facts["reached"]


async def test_an_l2_record_reaches_those_who_vouched(town: Town, three: list[Person], at: datetime) -> None:
    await activity_town.record(three, at=at)
    await answer(200, Turn.YES, at)
    assert await reached(town, at) == 0, "L1 不算"
    await answer(201, Turn.YES, at)
    assert await reached(town, at) == 2, "没回话的不算"
    await factories.interaction(town.zhang, three[0], at.date())
    assert await reached(town, at) == 2, "聊过的又作了证，还是一个人"
    assert town.zhang.id in await scores.changed_since(Q4, at)
    await record_answers.dispute(await who(202), 1, at=at)
    assert await reached(town, at) == 1, "核实中的不算"
