"""微心愿的青年一边：提、回话、撤回、查看、删除。"""

import asyncio
from datetime import timedelta

import pytest

from bot.league import scored_wishes, voices, wish_claims, wish_sights, wishes
from bot.league.crisis_rings import Told
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.settings import settings
from db.models import (
    Account,
    Cadre,
    Contact,
    ContactState,
    Group,
    Notice,
    Person,
    VoiceKind,
    Wish,
    WishAction,
    WishEnding,
    WishEvent,
    WishLane,
    WishState,
)
from tests import factories
from tests.factories import AT
from tests.league import wish_town as town
from tests.league.wish_town import told, who

DAY = timedelta(days=1)
HELP = "我不想活了"


@pytest.fixture(autouse=True)
def duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901", "wechat:wxid_a"})


async def test_a_wish_belongs_to_the_unit_of_the_authors_cadre(database: str) -> None:
    place = await town.build()
    row = await town.wish()
    assert (row.unit_id, row.cadre_id, row.author_id) == (place.software.id, place.zhang.id, place.xiaowang.id)
    assert (row.state, row.lane, row.ending, row.answered_at) == (WishState.OPEN, WishLane.WALL, None, None)
    assert row.submitted_at == AT
    assert row.group_id == place.group.id
    assert await told(100) == [("wish.new", "来了一个新心愿 W1，发 /心愿墙 看，能办就认领。")]


async def test_of_several_cadres_the_one_of_this_group_counts_else_the_first(database: str) -> None:
    place = await town.build()
    wang = (await who(102)).cadre_id
    other = await factories.group(556, await Cadre.get(id=wang))
    await Contact.create(cadre_id=wang, youth=place.xiaowang, group=other, state=ContactState.ACTIVE, since=AT + DAY)
    in_other = await wishes.submit(await who(200), "想学法律", at=AT, group=other, group_id="556")
    assert (in_other.wish.cadre_id, in_other.wish.unit_id) == (wang, place.law.id)
    private = await wishes.submit(await who(200), "想学车", at=AT)
    assert private.wish.cadre_id == place.zhang.id
    await Contact.filter(cadre=place.zhang).update(state=ContactState.ENDED)
    assert (await wishes.submit(await who(200), "想游泳", at=AT)).wish.cadre_id == wang


async def test_someone_who_has_not_joined_may_wish_and_only_account_and_text_are_kept(database: str) -> None:
    place = await town.build()
    row = await town.wish(by=300)
    assert (row.unit_id, row.cadre_id) == (place.software.id, place.zhang.id)
    person = await Person.get(id=row.author_id).prefetch_related("accounts")
    assert (person.name, [account.user_id for account in person.accounts]) == (None, ["300"])
    assert not await Contact.exists(youth=person)
    assert (await who(300)).joined is False


async def test_a_stranger_in_private_is_asked_to_write_in_his_group_and_nothing_is_kept(database: str) -> None:
    await town.build()
    people = await Person.all().count()
    with pytest.raises(Refusal, match="请到你们的青年群里发 /心愿"):
        await wishes.submit(await who(300), "想学车", at=AT)
    with pytest.raises(Refusal, match="本群没有联系团干部"):
        await wishes.submit(await who(300), "想学车", at=AT, group_id="777")
    assert (await Wish.all().count(), await Person.all().count()) == (0, people)


async def test_a_cadres_own_wish_in_his_own_group_is_not_his_to_answer_for(database: str) -> None:
    place = await town.build()
    row = await town.wish(by=100)
    assert (row.unit_id, row.cadre_id) == (place.software.id, None), "自己提、自己该回应，就成了给自己攒服务分"
    await wish_claims.claim(await who(101), row.id, at=AT)
    assert await scored_wishes.wishes_of(Quarter.of(AT), [place.zhang.id], at=AT) == {}


async def test_a_youth_whose_cadre_has_left_still_has_a_unit(database: str) -> None:
    place = await town.build()
    await Cadre.filter(id=place.zhang.id).update(left_at=AT)
    row = (await wishes.submit(await who(200), "想学车", at=AT)).wish
    assert (row.unit_id, row.cadre_id) == (place.software.id, None), "归原来的单位，不记在离任的人账上"
    heart = await voices.submit(await who(200), VoiceKind.HEART, "有点累", at=AT)
    assert isinstance(heart, voices.Heard)
    assert (heart.voice.unit_id, heart.voice.cadre_id) == (place.software.id, None)
    assert [kind for kind, _ in await told(110)] == ["voice.new"]
    await Contact.create(cadre_id=(await who(102)).cadre_id, youth=place.xiaowang, state=ContactState.ACTIVE, since=AT)
    again = (await wishes.submit(await who(200), "想学画", at=AT)).wish
    assert again.unit_id == place.law.id, "有在任的就归在任的"


async def test_a_joined_youth_may_wish_in_private_and_in_an_unbound_group(database: str) -> None:
    place = await town.build()
    for number, group_id in enumerate((None, "777")):
        row = (await wishes.submit(await who(200), f"想学车{number}", at=AT, group_id=group_id)).wish
        assert (row.cadre_id, row.group_id) == (place.zhang.id, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "心愿还没写内容呢，例如：/心愿 想学修自行车"),
        (" \u200b\u202e\n", "心愿还没写内容呢，例如：/心愿 想学修自行车"),
        ("愿" * 201, "心愿有点长（201 字），请说到 200 字以内，细节认领后再慢慢聊。"),
    ],
)
async def test_empty_or_too_long_is_refused(database: str, text: str, sentence: str) -> None:
    await town.build()
    with pytest.raises(Refusal) as refusal:
        await town.wish(text)
    assert refusal.value.sentence == sentence
    assert not await Wish.exists()


async def test_exactly_two_hundred_characters_are_fine(database: str) -> None:
    await town.build()
    assert (await town.wish("愿" * 200)).text == "愿" * 200


async def test_the_same_wish_within_a_day_is_refused_after_it_is_not(database: str) -> None:
    await town.build()
    await town.wish("想学 修车")
    for text in ("想学 修车", "想学修车", "想学　修车 "):
        with pytest.raises(Refusal, match="这条和你刚提过的 W1 一样"):
            await town.wish(text, at=AT + DAY - timedelta(minutes=1))
    await town.wish("想学修车", by=300)
    await town.wish("想学修车", at=AT + DAY)
    assert await Wish.all().count() == 3


async def test_a_withdrawn_wish_may_be_made_again_at_once(database: str) -> None:
    await town.build()
    first = await town.wish()
    await wishes.withdraw(await who(200), first.id, at=AT)
    again = await town.wish(anonymous=True)
    assert (again.anonymous, again.state) == (True, WishState.OPEN)


async def test_the_same_wish_sent_twenty_times_at_once_is_stored_once(database: str) -> None:
    await town.build()
    by, group = await who(200), await Group.get(group_id="555")
    await asyncio.gather(*(who(200) for _ in range(20)))  # 先让连接池开满，才真的同时
    results = await asyncio.gather(
        *(wishes.submit(by, "想学修自行车", at=AT, group=group) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(result, wishes.Submission) for result in results) == 1
    assert sum(isinstance(result, Refusal) for result in results) == 19
    assert (await Wish.all().count(), await Notice.all().count()) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "[CQ:at,qq=all] 大家好",
        "&#91;CQ:image,file=http://x&#93;",
        "{bot.config} {0.__class__} %s %(x)d",
        "'; drop table wish; -- % _ \\",
        "=1+1 <script>alert(1)</script>",
    ],
)
async def test_codes_and_format_strings_are_kept_as_typed(database: str, text: str) -> None:
    await town.build()
    assert (await Wish.get(id=(await town.wish(text)).id)).text == text


async def test_what_cannot_be_stored_is_dropped_and_numbers_are_hidden_before_they_are_stored(database: str) -> None:
    await town.build()
    result = await wishes.submit(
        await who(200), "学\u202e车\0\ud800 １３８-1234-5678", at=AT, group=await Group.get(group_id="555")
    )
    assert result.masked
    assert (await Wish.get(id=result.wish.id)).text == "学车 〔电话已隐去〕"
    assert not (await wishes.submit(await who(200), "想游泳", at=AT)).masked


async def test_a_private_wish_tells_the_cadre_without_its_content(database: str) -> None:
    await town.build()
    row = await town.wish("想申请困难补助")
    assert row.lane is WishLane.PRIVATE
    assert await told(100) == [("wish.new", "来了一个新心愿 W1，内容比较私密，请私聊我发 /心愿墙 看。")]


# 回话


@pytest.mark.parametrize(
    ("verdict", "ending"), [(WishAction.FULFIL, WishEnding.FULFILLED), (WishAction.PARTLY, WishEnding.PARTLY)]
)
async def test_the_author_says_how_it_went(database: str, verdict: WishAction, ending: WishEnding) -> None:
    await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, verdict, "谢谢", at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.ending, stored.ended_at) == (WishState.ENDED, ending, AT + DAY)
    assert (await told(100))[-1][0] == "wish.confirmed"
    assert (await told(100))[-1][1].endswith("他说：谢谢")


async def test_not_done_reopens_without_blame_and_without_touching_the_clock(database: str) -> None:
    place = await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, WishAction.UNDONE, "", at=AT + 3 * DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.claimer_id, stored.reopened) == (WishState.CLAIMED, place.zhang.id, 1)
    assert (stored.submitted_at, stored.answered_at, stored.ending, stored.done_at) == (AT, AT, None, None)
    assert stored.progressed_at == AT + 3 * DAY
    assert (await told(100))[-1][1] == "W1 青年说还没办成，又回到你手上了。不算你的差错，接着办就好。"


async def test_an_explanation_may_be_accepted(database: str) -> None:
    await town.build()
    row = await town.explained()
    assert (row.state, row.ending, row.accepted) == (WishState.EXPLAINED, None, False)
    await wishes.confirm(await who(200), row.id, WishAction.ACCEPT, "", at=AT)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.ending, stored.accepted) == (WishState.ENDED, WishEnding.IMPOSSIBLE, True)


async def test_an_explanation_may_be_sent_back(database: str) -> None:
    place = await town.build()
    row = await town.explained()
    await wishes.confirm(await who(200), row.id, WishAction.RECONSIDER, "别的馆呢", at=AT)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.reopened, stored.claimer_id) == (WishState.CLAIMED, 1, place.zhang.id)
    assert stored.accepted is False


async def test_only_the_author_may_confirm_or_withdraw_and_others_learn_nothing(database: str) -> None:
    await town.build()
    row = await town.done()
    for user in (100, 110, 300):
        with pytest.raises(Refusal, match="没找到你提的 W1，"):
            await wishes.confirm(await who(user), row.id, WishAction.FULFIL, "", at=AT)
        with pytest.raises(Refusal, match="没找到你提的 W1，"):
            await wishes.withdraw(await who(user), row.id, at=AT)
    with pytest.raises(Refusal, match="没找到 W99，"):
        await wishes.withdraw(await who(200), 99, at=AT)
    assert (await Wish.get(id=row.id)).state is WishState.DONE


@pytest.mark.parametrize("make", [town.wish, town.claimed, town.done, town.explained])
async def test_the_author_may_withdraw_until_it_has_ended(database: str, make: object) -> None:
    await town.build()
    row = await make()  # type: ignore[operator]
    await wishes.withdraw(await who(200), row.id, at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.ending, stored.ended_at) == (WishState.ENDED, WishEnding.WITHDRAWN, AT + DAY)
    with pytest.raises(Refusal, match="W1 已经结束了（已撤回），不用再操作。"):
        await wishes.withdraw(await who(200), row.id, at=AT + DAY)
    if stored.claimer_id:
        assert (await told(100))[-1] == ("wish.withdrawn", "W1 青年自己撤回了，不用再办。")


async def test_a_note_in_the_private_lane_is_not_passed_on_in_a_notice(database: str) -> None:
    await town.build()
    row = await town.done("想申请困难补助")
    await wishes.confirm(await who(200), row.id, WishAction.FULFIL, "钱到了", at=AT)
    assert "钱到了" not in (await told(100))[-1][1]


async def test_what_a_youth_adds_when_sending_a_private_wish_back_is_read_in_private(database: str) -> None:
    await town.build()
    row = await town.done("想申请困难补助")
    await wishes.confirm(await who(200), row.id, WishAction.UNDONE, "表还没交上", at=AT)
    assert (await told(100))[-1][1] == (
        "W1 青年说还没办成，又回到你手上了。不算你的差错，接着办就好。他还说了几句，私聊我发 /心愿墙 看。"
    )
    assert await wish_sights.sent_back([row]) == {row.id: "表还没交上"}


async def test_mine_shows_the_latest_reply(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await wish_claims.progress(await who(100), row.id, "约好周五", at=AT)
    second = await town.wish("想游泳")
    shown = await wishes.mine(await who(200))
    assert [(wish.id, note) for wish, note in shown] == [(second.id, None), (row.id, "约好周五")]
    assert await wishes.mine(await who(300)) == []


# 危机求助


async def test_words_of_self_harm_reach_the_duty_person_at_once_even_at_night(database: str) -> None:
    await town.build()
    night = AT.replace(hour=2)
    row = await town.wish(f"{HELP}，13812345678", at=night)
    assert row.lane is WishLane.CRISIS
    assert row.text == f"{HELP}，〔电话已隐去〕"
    [notice] = await Notice.filter(kind="wish.crisis")
    assert (await Account.get(person_id=notice.person_id)).user_id == "900"
    assert (notice.due_at, notice.urgent) == (night, True)
    assert notice.text == (
        "【危机求助 W1】有人说了可能伤害自己的话，请马上联系。\n账号：qq:200\n在哪里说的：群 555\n"
        "原话：我不想活了，13812345678\n要我给本人带话：/进展 W1 话\n处理好了：/办结 W1 怎么处理的"
    )
    assert await Notice.all().count() == 1, "团干部、管理员都不另外惊动"


async def test_without_a_duty_person_the_superusers_are_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ())
    await town.build()
    result = await wishes.submit(await who(200), HELP, at=AT)
    assert result.told is Told.TELLING
    people = await Notice.filter(kind="wish.crisis").order_by("id").values_list("person_id", flat=True)
    accounts = [await Account.get(person_id=person) for person in people]
    assert [(account.scope, account.user_id) for account in accounts] == [("qq", "901"), ("wechat", "wxid_a")]


async def test_nobody_to_tell_is_said_in_the_log_without_the_words(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings(), "duty", ())
    monkeypatch.setattr(settings(), "superusers", set())
    await town.build()
    assert (await wishes.submit(await who(200), HELP, at=AT)).told is Told.NOBODY
    assert "W1" in caplog.text
    assert HELP not in caplog.text


@pytest.mark.parametrize("text", [HELP, HELP + "。" * 300, "愿" * 2500 + HELP])
async def test_a_cry_for_help_is_never_refused(database: str, text: str) -> None:
    await town.build()
    for user, group_id in ((300, None), (301, "777")):
        result = await wishes.submit(await who(user), text, at=AT, group_id=group_id)
        assert (result.wish.lane, result.wish.unit_id, result.wish.cadre_id) == (WishLane.CRISIS, None, None)
    assert await Notice.filter(kind="wish.crisis").count() == 2


async def test_the_same_cry_again_stays_one_wish_and_is_answered(database: str) -> None:
    await town.build()
    first = await town.wish(HELP)
    again = await wishes.submit(await who(200), HELP, at=AT + timedelta(hours=1))
    assert (again.wish.id, again.told) == (first.id, Told.TRYING)
    assert await Notice.filter(kind="wish.crisis").count() == 1


async def test_an_anonymous_cry_does_not_name_the_author_in_the_notice(database: str) -> None:
    await town.build()
    await town.wish(HELP, anonymous=True)
    [notice] = await Notice.filter(kind="wish.crisis")
    assert notice.text
    assert "200" not in notice.text
    assert "要找到人时私聊我发 /值守 W1" in notice.text


async def test_a_cry_after_the_duty_person_closed_the_first_rings_again(database: str) -> None:
    await town.build()
    first = await town.wish(HELP)
    await wish_claims.finish(await who(900), first.id, "见到本人了", at=AT + timedelta(hours=1))
    again = await wishes.submit(await who(200), HELP, at=AT + timedelta(hours=2))
    assert again.wish.id != first.id
    assert await Notice.filter(kind="wish.crisis").count() == 2


async def test_a_cry_in_an_answer_goes_to_the_duty_person_and_not_to_the_claimer(database: str) -> None:
    await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, WishAction.UNDONE, HELP, at=AT)
    assert (await Wish.get(id=row.id)).state is WishState.CLAIMED
    assert not await WishEvent.filter(note__contains="不想活").exists()
    assert "不想活" not in str(await told(100))
    cry = await wishes.hear(await who(200), f"W1 没办成 {HELP}", at=AT)
    assert cry
    assert (cry.wish.lane, cry.wish.author_id, cry.told) == (WishLane.CRISIS, row.author_id, Told.TELLING)
    assert [kind for kind, _ in await told(900)] == ["wish.crisis"]
    assert await wishes.hear(await who(200), "W1 没办成", at=AT) is None


async def test_a_withdrawn_cry_is_still_looked_after(database: str) -> None:
    await town.build()
    row = await town.wish(HELP)
    await wishes.withdraw(await who(200), row.id, at=AT)
    assert [text for _, text in await told(900)][-1] == "W1 本人撤回了，仍请联系一下，确认平安。"


# 删除数据


async def test_erasing_the_author_empties_and_cuts_loose_what_he_wrote(database: str) -> None:
    place = await town.build()
    row = await town.claimed()
    await wish_claims.progress(await who(100), row.id, "约好周五", at=AT)
    ended = await town.wish("想游泳")
    await wishes.withdraw(await who(200), ended.id, at=AT)
    await wishes.erase_author(place.xiaowang.id, at=AT + DAY)
    for stored in await Wish.all():
        assert (stored.author_id, stored.text, stored.digest) == (None, None, "")
        assert stored.ending is WishEnding.WITHDRAWN
    assert not await WishEvent.filter(note__isnull=False).exists()
    assert not await WishEvent.filter(by_id=place.xiaowang.id).exists()
    assert (await told(100))[-1][0] == "wish.withdrawn"


@pytest.mark.parametrize(
    ("anonymous", "text", "discreet"),
    [(False, "想学车", False), (True, "想学车", True), (False, "想申请困难补助", True)],
)
async def test_news_of_an_anonymous_or_private_wish_never_calls_the_author_over_in_a_group(
    database: str, anonymous: bool, text: str, discreet: bool
) -> None:
    await town.build()
    wish = await town.wish(text, anonymous=anonymous)
    await wish_claims.claim(await who(100), wish.id, at=AT)
    assert (await Notice.get(kind="wish.claimed")).discreet is discreet
