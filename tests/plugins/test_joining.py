"""加入、退出、换联系人、退群与回群：同意只能本人给，离开立刻算数。"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nonebot.adapters.onebot import v11, v12

from bot.league import consents, notices, presences, roster
from bot.ticks import run_ticks
from db.models import (
    Account,
    Cadre,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Group,
    GroupKind,
    Notice,
    Person,
    Scope,
)
from plugins.joining import members
from tests import factories
from tests.chat import SELF_ID, Chat

EVENTS = Path(__file__).parent.parent / "data" / "group_notices.jsonl"


async def one(chat: Chat, user: str | int, text: str, group: str | int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def notice(chat: Chat, kind: str, user: int | str, group: int = 5, **extra: Any) -> None:
    """平台说有人走了或来了。"""
    frame: dict[str, Any] = {
        "post_type": "notice",
        "notice_type": kind,
        "sub_type": "leave" if kind == "group_decrease" else "approve",
        "time": int(chat.at.timestamp()),
        "self_id": int(SELF_ID),
        "group_id": group,
        "user_id": int(user),
        "operator_id": 0,
    }
    assert await chat.push(frame | extra) == [], "退群回群都不说话"


@pytest.fixture
async def group(chat: Chat) -> Group:
    """张三绑定的青年群 5。"""
    return await factories.group(5, await factories.cadre(12, "张三", await factories.school()))


async def states(user: str) -> list[str]:
    person = (await Account.get(user_id=user)).person_id
    return [c.state for c in await Contact.filter(youth_id=person).order_by("id")]


# --- 加入 ---


async def test_joining_is_the_consent(chat: Chat, group: Group) -> None:
    assert (await one(chat, 30, "/加入", group=5)).startswith("欢迎！张三是你的联系团干部。")
    consent, contact = await Consent.get(), await Contact.get()
    moment = chat.at.replace(microsecond=0)
    assert (consent.version, consent.given_at, consent.group_id) == (consents.CONSENT_VERSION, moment, group.id)
    assert (contact.cadre_id, contact.state, contact.since) == (group.cadre_id, ContactState.ACTIVE, moment)
    assert (await Person.get(id=consent.person_id)).name is None
    assert await one(chat, 30, "/加入", group=5) == "你已经加入了，联系团干部是张三。"
    assert (await Consent.all().count(), await Contact.all().count()) == (1, 1)


async def test_the_time_of_consent_is_when_it_was_said(chat: Chat, group: Group) -> None:
    early = int(chat.at.timestamp()) - 3600
    await chat.say(30, "/加入", group=5, time=early)
    assert (await Consent.get()).given_at.timestamp() == early


async def test_joining_five_times_at_once_is_joining_once(chat: Chat, group: Group) -> None:
    by = await roster.identify(Scope.QQ, "30")
    done = await asyncio.gather(*(consents.join(group, by, named=[], at=chat.at) for _ in range(5)))
    assert sorted(joined.new for joined in done) == [False] * 4 + [True]
    for model in (Consent, Contact):
        assert await model.all().count() == 1
    assert await Account.filter(user_id="30").count() == 1


async def test_naming_another_cadre_adds_a_contact(chat: Chat, group: Group) -> None:
    other = await factories.cadre(13, "李四", await factories.branch("信息团总支", await group.unit))
    await one(chat, 30, "/加入", group=5)
    assert (await one(chat, 30, "/加入 [@13]", group=5)).startswith("欢迎！李四是你的联系团干部。")
    assert await Contact.filter(state=ContactState.ACTIVE).count() == 2
    assert await Contact.exists(cadre=other)
    assert await Consent.all().count() == 1


async def test_nobody_consents_for_another(chat: Chat, group: Group) -> None:
    said = await one(chat, 30, "/加入 [@31]", group=5)
    assert said == "加入只能本人说，替不了别人；要点名，也只能点团干部：/加入 @干部"
    assert "替不了别人" in await one(chat, 12, "/加入 [@31]", group=5), "团干部也不能替青年"
    assert (await Consent.all().count(), await Person.all().count()) == (0, 1)
    assert (await one(chat, 30, "/加入 [@30]", group=5)).startswith("欢迎！张三"), "@ 自己等于没 @"


@pytest.mark.parametrize("name", ["李四", "@李四", "联系李四"])
async def test_a_name_that_is_only_typed_joins_nobody(chat: Chat, group: Group, name: str) -> None:
    said = await one(chat, 30, f"/加入 {name}", group=5)
    assert said == "要点名，请 @ 到那位团干部：/加入 @干部；不点名，只发 /加入 就好。"
    assert not await Consent.exists()


async def test_the_cadre_of_the_group_need_not_join(chat: Chat, group: Group) -> None:
    await factories.cadre(13, "李四", await group.unit)
    for user in (12, 13):
        assert (await one(chat, user, "/加入", group=5)).startswith("你就是这里的团干部，不用加入。")
    assert not await Consent.exists()


async def test_a_cadre_elsewhere_may_be_a_youth_here(chat: Chat, group: Group) -> None:
    elsewhere = await factories.cadre(13, "李四", await factories.branch("信息团总支", await group.unit))
    assert (await one(chat, 13, "/加入", group=5)).startswith("欢迎！张三")
    assert await Contact.exists(youth_id=elsewhere.person_id, state=ContactState.ACTIVE)


async def test_an_invited_youth_becomes_active_with_the_one_who_invited(chat: Chat, group: Group) -> None:
    inviter = await factories.cadre(13, "李四", await group.unit)
    youth = await factories.person(30, "小王")
    await Contact.create(cadre=inviter, youth=youth, state=ContactState.INVITED, since=factories.AT)
    assert (await one(chat, 30, "/加入", group=5)).startswith("欢迎！李四")
    contact = await Contact.get()
    assert (contact.state, contact.group_id) == (ContactState.ACTIVE, group.id)
    assert contact.since == chat.at.replace(microsecond=0)


async def test_the_quota_is_no_cap(chat: Chat, group: Group) -> None:
    for number in range(10):
        await factories.youth(100 + number, await group.cadre, group)
    await group.cadre.all().update(quota=10)
    assert (await one(chat, 30, "/加入", group=5)).startswith("欢迎！")
    assert await Contact.filter(state=ContactState.ACTIVE).count() == 11


async def test_joining_in_the_wrong_place(chat: Chat, group: Group) -> None:
    assert "到你们的青年群里发 /加入" in await one(chat, 30, "/加入")
    assert await one(chat, 30, "/加入", group=6) == "本群还没绑定。请团干部在群里发 /绑定本群。"
    await Group.filter(id=group.id).update(kind=GroupKind.WORK)
    assert (await one(chat, 30, "/加入", group=5)).startswith("这里是工作群，不用加入。")
    assert not await Account.exists(user_id="30")


async def test_a_group_whose_cadre_left_asks_for_another(chat: Chat, group: Group) -> None:
    await group.cadre.all().update(left_at=chat.at)
    other = await factories.cadre(13, "李四", await group.unit)
    assert "原来的团干部离任了" in await one(chat, 30, "/加入", group=5)
    assert (await one(chat, 30, "/加入 [@13]", group=5)).startswith("欢迎！李四")
    assert (await Contact.get()).cadre_id == other.id


async def test_a_new_notice_needs_a_new_consent(chat: Chat, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    await one(chat, 30, "/加入", group=5)
    monkeypatch.setattr(consents, "CONSENT_VERSION", "2")
    assert (await one(chat, 30, "/加入", group=5)).startswith("欢迎！")
    old, new = await Consent.all().order_by("id")
    assert (old.reason, new.version, new.withdrawn_at) == ("换新版告知", "2", None)


# --- 退出与换联系人 ---


async def test_leaving_works_anywhere_and_at_once(chat: Chat, group: Group) -> None:
    await one(chat, 30, "/加入", group=5)
    assert (await one(chat, 30, "/退出")).startswith("好，从现在起不再记了。")
    consent, contact = await Consent.get(), await Contact.get()
    assert (consent.reason, contact.state, contact.removed_by_cadre) == ("本人退出", ContactState.ENDED, False)
    assert consent.withdrawn_at == contact.ended_at == chat.at.replace(microsecond=0)
    assert await one(chat, 30, "/退出") == "你没有加入，我这里没有在记你。"
    assert await one(chat, 31, "/退出", group=5) == "你没有加入，我这里没有在记你。"
    assert (await one(chat, 30, "/加入", group=5)).startswith("欢迎！")
    assert await Consent.all().count() == 2
    assert (await Contact.get()).ended_at is None


@pytest.mark.parametrize("by_himself", [True, False], ids=["said so", "left the group"])
async def test_leaving_takes_the_tags_and_the_questions_away(chat: Chat, group: Group, by_himself: bool) -> None:
    await one(chat, 30, "/加入", group=5)
    await one(chat, 31, "/加入", group=5)
    for contact in await Contact.all():
        await ContactTag.create(contact=contact, tag="学生")
        for kind in ("rating.ask", "wish.progress"):
            text, until = "问你一句", chat.at + timedelta(days=30)
            person = contact.youth_id
            await notices.post(kind, period="1", person_id=person, text=text, at=chat.at, expires_at=until)
    if by_himself:
        await one(chat, 30, "/退出")
    else:
        await notice(chat, "group_decrease", 30)
        assert await ContactTag.all().count() == 2, "七天里还回得来"
        await consents.end_paused(chat.later(days=7))
    left, stayed = [(await Account.get(user_id=user)).person_id for user in ("30", "31")]
    assert (await ContactTag.get().select_related("contact")).contact.youth_id == stayed
    assert await Notice.filter(person_id=left).values_list("kind", flat=True) == ["wish.progress"], "他自己的事照说"
    assert await Notice.filter(person_id=stayed).count() == 2


async def test_an_invitation_can_be_declined(chat: Chat, group: Group) -> None:
    youth = await factories.person(30, "小王")
    await Contact.create(cadre=await group.cadre, youth=youth, state=ContactState.INVITED, since=factories.AT)
    assert (await one(chat, 30, "/退出")).startswith("好")
    assert await states("30") == ["ended"]


async def test_switching_is_quiet(chat: Chat, group: Group) -> None:
    other = await factories.cadre(13, "李四", await group.unit)
    await one(chat, 30, "/加入", group=5)
    chat.sent.clear()
    said = await chat.say(30, "/换联系人 [@13]", group=5)
    assert [str(reply) for reply in said] == ["好，李四现在是你的联系团干部了。"]
    old, new = await Contact.all().order_by("id")
    assert (old.state, old.removed_by_cadre) == (ContactState.ENDED, False)
    assert (new.cadre_id, new.state) == (other.id, ContactState.ACTIVE)
    assert await one(chat, 30, "/换联系人 [@13]", group=5) == "这位本来就是你的联系团干部。"
    assert {reply.group for reply in chat.sent} == {"5"}, "没有人私下被告知"


async def test_switching_in_another_group_leaves_nobody_behind(chat: Chat, group: Group) -> None:
    """在李四的群里说换成李四：原来那位不再记；原来有两位，先说清换哪位。"""
    unit = await group.unit
    for user, name, number in ((13, "李四", 6), (14, "王五", 7)):
        await factories.group(number, await factories.cadre(user, name, unit))
    await one(chat, 30, "/加入", group=5)
    assert await one(chat, 30, "/换联系人 [@13]", group=6) == "好，李四现在是你的联系团干部了。"
    assert await states("30") == ["ended", "active"]
    await one(chat, 30, "/加入", group=5)
    assert await one(chat, 30, "/换联系人 [@14]", group=7) == (
        "你的联系团干部是张三、李四，都不在本群。要换谁，到谁的群里发；想再加一位，发 /加入 @干部。"
    )
    assert await states("30") == ["active", "active"]
    await one(chat, 30, "/换联系人 [@14]", group=6)
    assert await states("30") == ["active", "ended", "active"], "在谁的群里说，换的就是谁"


async def test_switching_needs_a_cadre_and_a_membership(chat: Chat, group: Group) -> None:
    assert "请 @ 一位" in await one(chat, 30, "/换联系人", group=5)
    assert await one(chat, 30, "/换联系人 [@12]", group=5) == "你还没有加入，直接发 /加入 @干部 就行。"
    await one(chat, 30, "/加入", group=5)
    assert await one(chat, 30, "/换联系人 [@31]", group=5) == "要换成的得是团干部：/换联系人 @干部"
    assert await one(chat, 30, "/换联系人 [@12]") == "这条命令要在群里说。"
    await factories.group(7, await factories.cadre(13, "李四", await group.unit), GroupKind.WORK)
    assert (await one(chat, 30, "/换联系人 [@13]", group=7)).startswith("这里是工作群。")
    assert await states("30") == ["active"]


# --- 退群与回群 ---


async def test_leaving_the_group_pauses_and_coming_back_resumes(chat: Chat, group: Group) -> None:
    await one(chat, 30, "/加入", group=5)
    chat.later(hours=1)
    await notice(chat, "group_decrease", 30)
    contact = await Contact.get()
    assert (contact.state, contact.paused_at) == (ContactState.PAUSED, chat.at.replace(microsecond=0))
    chat.later(days=6, hours=23)
    await run_ticks(chat.at)
    await notice(chat, "group_increase", 30)
    contact = await Contact.get()
    assert (contact.state, contact.paused_at) == (ContactState.ACTIVE, None)
    assert await Consent.exists(withdrawn_at=None)


async def test_after_seven_days_it_is_an_exit(chat: Chat, group: Group) -> None:
    await one(chat, 30, "/加入", group=5)
    await notice(chat, "group_decrease", 30)
    chat.later(days=6, hours=23, minutes=59)
    assert await consents.end_paused(chat.at) == 0
    chat.later(minutes=1)
    assert await consents.end_paused(chat.at) == 1
    assert await consents.end_paused(chat.at) == 0
    consent, contact = await Consent.get(), await Contact.get()
    assert (consent.reason, contact.state) == ("退群七天", ContactState.ENDED)
    await notice(chat, "group_increase", 30)
    assert await states("30") == ["ended"], "过了七天要自己再 /加入"


async def test_coming_back_late_does_not_resume_even_before_the_tick(chat: Chat, group: Group) -> None:
    await one(chat, 30, "/加入", group=5)
    await notice(chat, "group_decrease", 30)
    chat.later(days=7)
    await notice(chat, "group_increase", 30)
    assert await states("30") == ["paused"]


async def test_another_contact_keeps_the_consent(chat: Chat, group: Group) -> None:
    other = await factories.group(6, await factories.cadre(13, "李四", await group.unit))
    await one(chat, 30, "/加入", group=5)
    await one(chat, 30, "/加入", group=6)
    await notice(chat, "group_decrease", 30)
    assert await states("30") == ["paused", "active"]
    await consents.end_paused(chat.later(days=7))
    assert await states("30") == ["ended", "active"]
    assert await Consent.exists(withdrawn_at=None)
    await notice(chat, "group_decrease", 30, group=int(other.group_id))
    await consents.end_paused(chat.later(days=7))
    assert not await Consent.exists(withdrawn_at=None)


async def in_two_groups(chat: Chat, group: Group, *, still: bool = True) -> Group:
    """30 在张三的群 5 里加入，也在（`still`）他的群 6 里；别人的群 7 也问得到。"""
    await one(chat, 30, "/加入", group=5)
    other = await factories.group(6, await Cadre.get())
    await factories.group(7, await factories.cadre(13, "李四", await group.unit))
    chat.answers["get_group_member_info"] = {"user_id": 30 if still else 0}
    return other


async def test_still_in_another_group_of_the_same_cadre_one_is_not_paused(chat: Chat, group: Group) -> None:
    other = await in_two_groups(chat, group)
    await notice(chat, "group_decrease", 30)
    contact = await Contact.get()
    assert (contact.state, contact.group_id, contact.paused_at) == (ContactState.ACTIVE, other.id, None)
    assert [data["group_id"] for api, data in chat.calls if api == "get_group_member_info"] == [6]
    chat.answers["get_group_member_info"] = {}
    await notice(chat, "group_decrease", 30, group=6)
    assert await states("30") == ["paused"], "后一个群也退了，才停"


async def test_in_no_other_group_or_nobody_can_tell_one_is_paused(chat: Chat, group: Group) -> None:
    await in_two_groups(chat, group, still=False)
    await notice(chat, "group_decrease", 30)
    assert await states("30") == ["paused"]


async def test_another_account_still_there_is_enough(chat: Chat, group: Group) -> None:
    """两个账号是同一个人：一个退了，另一个还在本群，或在同一位团干部别的平台的群里。"""
    await one(chat, 30, "/加入", group=5)
    youth = (await Account.get(user_id="30")).person_id
    await Account.create(scope=Scope.QQ, user_id="31", person_id=youth)
    chat.answers["get_group_member_info"] = {"user_id": 31}
    await notice(chat, "group_decrease", 30)
    assert await states("30") == ["active"]
    chat.answers["get_group_member_info"] = {}
    room = await factories.group("room", await Cadre.get())
    await Group.filter(id=room.id).update(scope=Scope.WECHAT)
    await Account.create(scope=Scope.WECHAT, user_id="wxid_a", person_id=youth)
    places = await presences.other_places(Scope.QQ, "5", "31")
    assert [(place.id, account) for place, account in places] == [(group.id, "30"), (room.id, "wxid_a")]
    assert await presences.pause(Scope.QQ, "5", "31", at=chat.at, still_in=[places[1][0]]) == 0
    assert (await Contact.get()).group_id == room.id, "跟到微信群里"
    assert await presences.pause(Scope.WECHAT, "room", "wxid_a", at=chat.at) == 1


async def test_entering_another_group_of_the_same_cadre_resumes_there(chat: Chat, group: Group) -> None:
    other = await in_two_groups(chat, group, still=False)
    await notice(chat, "group_decrease", 30)
    await notice(chat, "group_increase", 30, group=7)
    assert await states("30") == ["paused"], "别的团干部的群，要自己再 /加入"
    await notice(chat, "group_increase", 30, group=6)
    contact = await Contact.get()
    assert (contact.state, contact.group_id) == (ContactState.ACTIVE, other.id)


async def test_strangers_coming_and_going_leave_nothing(chat: Chat, group: Group) -> None:
    for kind in ("group_decrease", "group_increase"):
        await notice(chat, kind, 30)
        await notice(chat, kind, 30, group=999)
    assert not await Account.exists(user_id="30")


@pytest.mark.parametrize("sub_type", ["kick_me", "leave", "disband"])
async def test_a_bot_shown_the_door_unbinds_the_group(chat: Chat, group: Group, sub_type: str) -> None:
    await notice(chat, "group_decrease", SELF_ID, sub_type=sub_type)
    assert (await Group.get()).unbound_at == chat.at.replace(microsecond=0)


async def test_another_bot_leaving_unbinds_nothing(chat: Chat, group: Group) -> None:
    await Group.filter(id=group.id).update(self_id="10009")
    await notice(chat, "group_decrease", SELF_ID, sub_type="kick_me")
    assert (await Group.get()).unbound_at is None


async def test_the_recorded_notices_are_understood(chat: Chat, group: Group) -> None:
    """go-cqhttp、NapCat 与 V12 标准的样子。"""
    frames = [json.loads(line) for line in EVENTS.read_text("utf-8").splitlines()]
    assert len(frames) == 6
    for frame in frames:
        adapter = v12.Adapter if frame["proto"] == "v12" else v11.Adapter
        args = (frame["event"],) if frame["proto"] == "v11" else (frame["event"], frame["impl"])
        event = adapter.json_to_event(*args)
        wanted = members.Came if "increase" in event.get_event_name() else members.Left
        assert isinstance(event, wanted), frame


async def test_the_same_on_wechat(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    group = await factories.group("room", cadre)
    await Group.filter(id=group.id).update(scope=Scope.WECHAT)
    youth = await factories.person("wxid_a", scope=Scope.WECHAT)
    await Contact.create(cadre=cadre, youth=youth, group=group, state=ContactState.ACTIVE, since=factories.AT)
    bot = v12.Bot.__new__(v12.Bot)
    bot.self_id, bot.platform, bot.impl = "me", "wechat", "test"
    frame = {
        "id": "1", "self": {"platform": "wechat", "user_id": "me"}, "time": chat.at.timestamp(), "type": "notice",
        "detail_type": "group_member_decrease", "sub_type": "leave", "group_id": "room", "user_id": "wxid_a",
        "operator_id": "",
    }  # fmt: skip
    event = v12.Adapter.json_to_event(frame, "test")
    assert isinstance(event, v12.GroupMemberDecreaseEvent)
    await members.handle_left(bot, event)
    assert (await Contact.get()).state is ContactState.PAUSED
