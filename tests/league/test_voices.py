"""心声、建议、投诉：到谁那里，谁看得见，什么时候往上报，留多久。"""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from bot.league import accounts, erasures, exports, formula, privacy, scores, voice_sights, voices
from bot.league.errors import Refusal
from bot.league.formula import WishFacts
from bot.league.periods import Quarter, on
from bot.league.scored_wishes import wishes_of
from bot.settings import settings
from db.models import (
    Cadre,
    Contact,
    Group,
    Notice,
    NoticeState,
    Person,
    RoleKind,
    Voice,
    VoiceAction,
    VoiceEvent,
    VoiceKind,
    VoiceState,
    Wish,
    WishLane,
)
from tests import factories
from tests.factories import AT  # 2026-09-02，星期三 14:00
from tests.league import wish_town as town
from tests.league.wish_town import told, who

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HEART, SUGGESTION, COMPLAINT = VoiceKind
STAFF = (100, 101, 102, 103, 110, 111, 120, 121, 901)


@pytest.fixture(autouse=True)
def duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901"})


@pytest.fixture
async def place(database: str) -> town.Town:
    """学校另有 111 校管理、120 软件督导、121 校督导。"""
    built = await town.build()
    await factories.admin(111, "周组织", built.school)
    await factories.admin(120, "钱督导", built.software, RoleKind.INSPECTOR)
    await factories.admin(121, "吴督导", built.school, RoleKind.INSPECTOR)
    return built


async def say(kind: VoiceKind, text: str = "想换个时间开会", *, by: int = 200, at: datetime = AT) -> Voice:
    heard = await voices.submit(await who(by), kind, text, at=at)
    assert isinstance(heard, voices.Heard)
    return heard.voice


async def seers(row: Voice) -> set[int]:
    """看得见的人；超级管理员在命令里才带上身份，这里照样。"""
    row = await Voice.get(id=row.id)
    path = await voice_sights.path_of(row)
    found = set()
    for user in (*STAFF, 200):
        by = await voice_sights.roster.identify(town.Scope.QQ, str(user), superuser=user == 901)
        if await voice_sights.sees(by, row, path):
            found.add(user)
            assert row.id in [one.id for one in await voice_sights.inbox(by)] or row.state not in voices.WAITING
        else:
            assert row.id not in [one.id for one in await voice_sights.inbox(by)]
    return found


async def kinds(user: int) -> list[str]:
    return [kind for kind, _ in await told(user)]


# ---- 到谁那里，谁看得见


async def test_a_heart_goes_to_the_authors_cadre_alone_until_it_is_late(place: town.Town) -> None:
    row = await say(HEART, "最近有点扛不住")
    assert await told(100) == [
        ("voice.new", "来了一条心声 V1，请在 2 个工作日内给个回音。私聊我发 /回复 看内容。"),
    ]
    assert await seers(row) == {100}
    await voices.keep(AT + 2 * DAY - MINUTE)
    assert await kinds(110) == []
    await voices.keep(AT + 2 * DAY)
    assert await told(110) == [
        ("voice.escalated", "心声 V1 过了 2 个工作日还没有回音，请你来答复。私聊我发 /回复 看内容。"),
    ]
    assert await told(200) == [
        ("voice.escalated", "你的心声 V1 还没有回音，我已经告诉上一级的老师了，不会没人管。"),
    ]
    assert await seers(row) == {100, 110, 111, 901}
    assert await kinds(111) == []
    for _ in range(3):
        await voices.keep(AT + 6 * DAY)  # 周二：又过了两个工作日
    assert await kinds(111) == ["voice.escalated"]
    assert await kinds(110) == ["voice.escalated"]
    await voices.keep(AT + 60 * DAY)
    assert await Notice.filter(kind="voice.escalated", recipient__not=f"p{place.xiaowang.id}").count() == 2
    assert (await Voice.get(id=row.id)).submitted_at == AT, "往上报不重新计时"


async def test_an_answer_stops_the_clock(place: town.Town) -> None:
    row = await say(HEART)
    await voices.reply(await who(100), row.id, "周三我来找你", at=AT + DAY)
    await voices.keep(AT + 30 * DAY)
    assert await kinds(110) == []
    stored = await Voice.get(id=row.id)
    assert (stored.state, stored.answered_at, stored.due_at) == (VoiceState.ANSWERED, AT + DAY, None)


async def test_several_processes_at_once_report_each_once(place: town.Town) -> None:
    await say(HEART)
    await asyncio.gather(*(voices.keep(AT + 2 * DAY) for _ in range(6)))
    assert await kinds(110) == ["voice.escalated"]
    assert await VoiceEvent.filter(kind=VoiceAction.ESCALATE).count() == 1


async def test_a_suggestion_goes_to_the_units_admin_then_above(place: town.Town) -> None:
    row = await say(SUGGESTION)
    assert await kinds(110) == ["voice.new"]
    assert await kinds(100) == []
    assert await seers(row) == {110, 111, 901}
    await voices.keep(AT + 7 * DAY - MINUTE)
    assert await kinds(111) == []
    await voices.keep(AT + 7 * DAY)  # 五个工作日
    assert await kinds(111) == ["voice.escalated"]


async def test_a_complaint_reaches_the_nearest_inspector_only(place: town.Town) -> None:
    row = await say(COMPLAINT, "加码：要求我们每周两次")
    assert await told(120) == [
        ("voice.new", "来了一条投诉 V1，请在 5 个工作日内给个回音。私聊我发 /回复 看内容。"),
    ]
    assert await kinds(121) == await kinds(100) == await kinds(110) == await kinds(901) == []
    assert await seers(row) == {120, 121}
    assert (await Voice.get(id=row.id)).cadre_id is None
    await voices.keep(AT + 7 * DAY)
    assert await kinds(121) == ["voice.escalated"]


async def test_an_inspector_who_may_be_the_one_complained_about_never_sees_it(place: town.Town) -> None:
    await factories.Role.create(person_id=place.zhang.person_id, unit=place.software, kind=RoleKind.INSPECTOR)
    row = await say(COMPLAINT, "联系人让我们刷数据")
    assert await seers(row) == {120, 121}, "张三是督导，可他是投诉人的联系团干部"
    assert "voice.new" not in await kinds(100)
    named = await say(COMPLAINT, "钱督导让我们改数据")
    assert await seers(named) == {121}
    assert "voice.new" in await kinds(121)
    with pytest.raises(Refusal, match="没找到 V2"):
        await voices.reply(await who(120), named.id, "好", at=AT)


async def test_without_any_inspector_the_superuser_takes_it(place: town.Town) -> None:
    await factories.Role.filter(kind=RoleKind.INSPECTOR).delete()
    row = await say(COMPLAINT)
    assert await kinds(901) == ["voice.new"]
    assert await seers(row) == {901}


async def test_a_stranger_may_complain_to_the_superuser(place: town.Town) -> None:
    row = await say(COMPLAINT, by=300)
    assert (row.unit_id, await kinds(901)) == (None, ["voice.new"])
    for kind in (HEART, SUGGESTION):
        with pytest.raises(Refusal, match="还不知道该把"):
            await say(kind, by=300)
    assert await Voice.all().count() == 1


async def test_a_cadres_own_complaint_goes_to_his_own_unit_and_past_himself(place: town.Town) -> None:
    await say(COMPLAINT, "加码", by=100)
    assert await kinds(120) == ["voice.new"]
    row = await say(COMPLAINT, "督导不看材料", by=120)
    assert (await kinds(120), await seers(row)) == (["voice.new"], {901})


async def test_nobody_to_hear_it_is_said_and_nothing_is_kept(place: town.Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "superusers", set())
    with pytest.raises(Refusal, match="还没有人能接"):
        await say(COMPLAINT, by=300)
    assert not await Voice.exists()


async def test_a_superuser_does_not_judge_his_own_complaint(place: town.Town) -> None:
    await factories.Role.filter(kind=RoleKind.INSPECTOR).delete()
    with pytest.raises(Refusal, match="还没有人能接"):
        await say(COMPLAINT, by=901)


async def test_a_cadre_who_is_anothers_youth_complains_in_his_own_unit_but_opens_his_heart_to_his_contact(
    place: town.Town,
) -> None:
    law = await Cadre.get(person__accounts__user_id="102")
    await Contact.create(cadre=place.zhang, youth_id=law.person_id, state="active", since=AT)
    complaint, suggestion, heart = [await say(kind, by=102) for kind in (COMPLAINT, SUGGESTION, HEART)]
    assert complaint.unit_id == suggestion.unit_id == place.law.id
    assert (heart.unit_id, heart.cadre_id) == (place.software.id, place.zhang.id)


async def test_asleep_over_the_deadline_the_next_one_is_still_counted_from_the_start(place: town.Town) -> None:
    await say(HEART)
    await voices.keep(AT + 5 * DAY)  # 周一才醒
    assert await kinds(111) == []
    await voices.keep(AT + 6 * DAY)
    assert await kinds(111) == ["voice.escalated"]


async def test_a_heart_whose_cadre_has_left_goes_on_to_the_admin(place: town.Town) -> None:
    row = await say(HEART)
    await Cadre.filter(id=place.zhang.id).update(left_at=AT + MINUTE)
    voice_sights.roster.touch()
    await voices.keep(AT + 2 * DAY)
    assert await kinds(110) == ["voice.escalated"]
    assert 100 not in await seers(row)


# ---- 说


@pytest.mark.parametrize("kind", [HEART, COMPLAINT])
async def test_private_kinds_are_not_kept_from_a_group(place: town.Town, kind: VoiceKind) -> None:
    with pytest.raises(Refusal, match="请私聊我发"):
        await voices.submit(await who(200), kind, "有事", at=AT, group=place.group, group_id="555")
    assert not await Voice.exists()


async def test_a_suggestion_in_a_group_belongs_to_its_unit_even_from_a_stranger(place: town.Town) -> None:
    await voices.submit(await who(300), SUGGESTION, "多开一次会", at=AT, group=place.group, group_id="555")
    assert (await Voice.get()).unit_id == place.software.id


@pytest.mark.parametrize("kind", VoiceKind)
async def test_words_of_self_harm_go_the_way_of_wishes(place: town.Town, kind: VoiceKind) -> None:
    heard = await voices.submit(
        await who(200), kind, "说" * 2500 + "我不想活了", at=AT, group=await Group.get(group_id="555"), group_id="555"
    )
    assert not isinstance(heard, voices.Heard)
    assert (await Wish.get()).lane is WishLane.CRISIS
    assert await kinds(900) == ["wish.crisis"]
    assert not await Voice.exists()


async def test_numbers_are_masked_and_length_and_repeats_refused(place: town.Town) -> None:
    row = await say(HEART, "打 13812345678 找我")
    assert (await Voice.get(id=row.id)).text == "打 〔电话已隐去〕 找我"
    for text, sentence in (
        ("", "心声还没写内容"),
        ("长" * 201, "心声有点长（201 字）"),
        ("打13812345678找我", "V1 一样"),
    ):
        with pytest.raises(Refusal, match=sentence):
            await say(HEART, text)
    await say(SUGGESTION, "打 13812345678 找我")  # 另一种就不算重复
    await say(HEART, "打 13812345678 找我", at=AT + DAY)
    assert await Voice.all().count() == 3


async def test_a_withdrawn_one_may_be_said_again(place: town.Town) -> None:
    row = await say(HEART)
    await voices.withdraw(await who(200), row.id, at=AT)
    assert (await say(HEART)).id != row.id


# ---- 答与撤回


async def test_each_state_of_a_suggestion_is_told_to_its_author(place: town.Town) -> None:
    row = await say(SUGGESTION)
    admin = await who(110)
    for days, text in enumerate(("研究中 问问教务处", "部分采纳 先试一个月", "已落实")):
        await voices.reply(admin, row.id, text, at=AT + days * DAY)
    assert await told(200) == [
        ("voice.answered", "你的建议 V1：研究中。问问教务处"),
        ("voice.answered", "你的建议 V1：部分采纳。先试一个月"),
        ("voice.answered", "你的建议 V1：已落实。"),
    ]
    assert not await Notice.filter(kind="voice.answered", discreet=False).exists(), "在群里叫他，等于说出是谁提的"
    stored = await Voice.get(id=row.id)
    assert (stored.state, stored.answered_at, stored.ended_at) == (VoiceState.REALISED, AT, AT + 2 * DAY)
    with pytest.raises(Refusal, match=r"V1 已经结束了（已落实）"):
        await voices.reply(admin, row.id, "研究中", at=AT)


@pytest.mark.parametrize(("kind", "by"), [(HEART, 100), (COMPLAINT, 120)])
async def test_words_of_a_private_answer_stay_out_of_notices(place: town.Town, kind: VoiceKind, by: int) -> None:
    row = await say(kind, "寝室里有人欺负我")
    await voices.reply(await who(by), row.id, "我已经找过宿管", at=AT)
    assert await told(200) == [("voice.answered", f"你的{kind} V1 有回音了，私聊我发 /我的心声 看。")]
    assert (await Notice.get(kind="voice.answered")).discreet, "一有回音就在群里叫他，等于说出是谁"
    assert not await Notice.filter(text__contains="寝室").exists()
    assert not await Notice.filter(text__contains="宿管").exists()
    assert [(one.state, note) for one, note in await voices.mine(await who(200))] == [
        (VoiceState.ANSWERED, "我已经找过宿管")
    ]


@pytest.mark.parametrize("by", [101, 102, 103, 110, 111, 120, 200, 300])
async def test_others_can_neither_answer_nor_learn_that_it_exists(place: town.Town, by: int) -> None:
    row = await say(HEART)
    with pytest.raises(Refusal, match="没找到 V1，看看编号对不对"):
        await voices.reply(await who(by), row.id, "好", at=AT)
    assert (await Voice.get(id=row.id)).state is VoiceState.RECEIVED


async def test_withdrawing_tells_whoever_was_to_answer(place: town.Town) -> None:
    row = await say(HEART)
    await Notice.all().update(state=NoticeState.SENT)
    with pytest.raises(Refusal, match="没找到你说的 V1"):
        await voices.withdraw(await who(100), row.id, at=AT)
    await voices.withdraw(await who(200), row.id, at=AT)
    assert (await told(100))[-1] == ("voice.withdrawn", "V1 本人撤回了，不用再答复。")
    with pytest.raises(Refusal, match="已经结束了"):
        await voices.reply(await who(100), row.id, "好", at=AT)
    await voices.keep(AT + 30 * DAY)
    assert await kinds(110) == []


async def test_who_was_not_yet_asked_is_not_asked_once_it_is_over(place: town.Town) -> None:
    """夜里说了又撤回、攒着时别人先答了：来不及说的“请给个回音”不说，也不用再说“撤回了”。"""
    gone = await say(HEART)
    await voices.withdraw(await who(200), gone.id, at=AT)
    answered = await say(SUGGESTION)
    await voices.reply(await who(110), answered.id, "研究中", at=AT)
    waiting = await Notice.filter(state=NoticeState.DUE).values_list("kind", flat=True)
    assert waiting == ["voice.answered"]


async def test_an_answer_racing_with_a_withdrawal_has_one_winner(place: town.Town) -> None:
    row = await say(SUGGESTION)
    admin, author = await who(110), await who(200)
    results = await asyncio.gather(
        voices.reply(admin, row.id, "不采纳 没有场地", at=AT),
        voices.withdraw(author, row.id, at=AT),
        return_exceptions=True,
    )
    assert len([one for one in results if isinstance(one, Refusal)]) == 1
    assert await VoiceEvent.filter(voice_id=row.id).count() == 2


# ---- 保留期、删除、并号


async def test_text_and_notes_are_emptied_90_days_after_the_end(place: town.Town) -> None:
    row = await say(HEART)
    await voices.reply(await who(100), row.id, "好的", at=AT + DAY)
    adopted = await say(SUGGESTION)
    await voices.reply(await who(110), adopted.id, "采纳 下月改", at=AT)
    await voices.keep(AT + 91 * DAY - MINUTE)
    assert (await Voice.get(id=row.id)).text is not None
    await voices.keep(AT + 91 * DAY)
    stored = await Voice.get(id=row.id)
    assert (stored.text, stored.digest, stored.state) == (None, "", VoiceState.ANSWERED)
    assert not await VoiceEvent.filter(voice_id=row.id, note__isnull=False).exists()
    assert (await Voice.get(id=adopted.id)).text is not None, "还没落实，没有了结"
    assert await VoiceEvent.filter(voice_id=adopted.id, note__isnull=False).exists()


async def test_erasing_a_person_clears_author_and_text(place: town.Town) -> None:
    for kind, by in ((HEART, 100), (COMPLAINT, 120)):
        row = await say(kind)
        await voices.reply(await who(by), row.id, "知道了", at=AT)
    await say(SUGGESTION)
    await erasures.erase(place.xiaowang.id, at=AT)
    for stored in await Voice.all():
        assert (stored.author_id, stored.text, stored.digest) == (None, None, "")
    assert [row.state for row in await Voice.all().order_by("id")] == ["已答复", "已答复", "已撤回"]
    assert not await VoiceEvent.filter(note__isnull=False).exists()
    assert not await VoiceEvent.filter(by_id=place.xiaowang.id).exists()
    assert [row.state for row in await Notice.filter(kind="voice.new").order_by("id")][-1] == "expired", "不用再答"


async def test_merging_accounts_takes_the_voices_along_and_the_export_has_them(place: town.Town) -> None:
    row = await say(COMPLAINT, by=300)
    stranger = await who(300)
    assert stranger.person_id
    await accounts.merge(stranger.person_id, place.xiaowang.id, at=AT)
    assert (await Voice.get(id=row.id)).author_id == place.xiaowang.id
    voice_sights.roster.touch()
    data = await exports.everything(await who(200), at=AT)
    assert [entry["内容"] for entry in data["心声建议投诉"]] == ["想换个时间开会"]  # type: ignore[attr-defined]
    assert (await privacy.holdings(await who(200))).voices == 1


# ---- 计分


Q3 = Quarter(2026, 3)


async def service(cadre: Cadre, at: datetime) -> WishFacts:
    return (await wishes_of(Q3, [cadre.id], at=at)).get(cadre.id, WishFacts())


async def test_a_heart_counts_by_its_answer_alone(place: town.Town) -> None:
    row = await say(HEART)
    assert await service(place.zhang, AT + DAY) == WishFacts(), "还在期限里"
    assert await service(place.zhang, AT + 2 * DAY + MINUTE) == WishFacts(count=1)
    await voices.reply(await who(100), row.id, "好", at=AT + 2 * DAY)
    in_time = WishFacts(count=1, answered=1, in_time=1)
    assert await service(place.zhang, AT + 3 * DAY) == in_time
    assert formula.service(in_time) == pytest.approx(0.5 + 0.5 * 0.7)
    late = await say(HEART, "另一件", at=AT + 5 * DAY)
    await voices.keep(AT + 15 * DAY)
    await voices.reply(await who(110), late.id, "好", at=AT + 15 * DAY)
    assert await service(place.zhang, AT + 16 * DAY) == WishFacts(count=2, answered=2, in_time=1)


async def test_suggestions_complaints_and_early_withdrawals_never_count(place: town.Town) -> None:
    await say(SUGGESTION)
    await say(COMPLAINT)
    row = await say(HEART)
    await voices.withdraw(await who(200), row.id, at=AT + DAY)
    assert await service(place.zhang, AT + 20 * DAY) == WishFacts()


async def test_a_heart_makes_its_cadre_due_for_recomputing(place: town.Town) -> None:
    await Contact.all().update(since=AT - 30 * DAY)
    await say(HEART)
    assert await scores.changed_since(Q3, on(date(2026, 9, 20))) == {place.zhang.id}
    await Voice.all().update(answered_at=AT, ended_at=AT)
    assert await scores.changed_since(Q3, on(date(2026, 9, 20))) == set()


async def test_the_authors_person_is_made_only_when_something_is_kept(place: town.Town) -> None:
    before = await Person.all().count()
    with pytest.raises(Refusal):
        await say(HEART, by=300)
    assert await Person.all().count() == before
