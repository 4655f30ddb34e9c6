"""对一遍群里的人：没报上来的退群看得出来，名单不像样的谁也不动。"""

import logging
from datetime import timedelta
from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot import v12

from bot.gateway import delivery
from bot.gateway.capabilities import CONNECTED, IMPLEMENTATIONS, Ability, Connected, recognise
from bot.league import consents, presences
from db.models import Account, Contact, ContactState, Group, Scope
from plugins.joining import jobs
from tests import factories
from tests.chat import SELF_ID, Chat
from tests.factories import AT
from tests.gateway.platforms import Platform, connected

CADRE = 12


@pytest.fixture
async def group(chat: Chat) -> Group:
    """张三绑定的青年群 5，联系着 31、32、33。"""
    cadre = await factories.cadre(CADRE, "张三", await factories.school())
    group = await factories.group(5, cadre)
    for user in (31, 32, 33):
        await factories.youth(user, cadre, group)
    return group


def listed(chat: Chat, *users: int | str) -> None:
    """平台说群里有这些人，和机器人、团干部。"""
    everyone = (*users, SELF_ID, CADRE)
    chat.answers["get_group_member_list"] = [{"user_id": int(user), "nickname": "某某"} for user in everyone]


def asked(chat: Chat) -> list[Any]:
    return [data["group_id"] for api, data in chat.calls if api == "get_group_member_list"]


async def states() -> dict[str, str]:
    rows = await Contact.all().order_by("id").values_list("youth__accounts__user_id", "state")
    return {str(user): str(state) for user, state in rows}


ALL_ACTIVE = {"31": "active", "32": "active", "33": "active"}


async def test_one_missing_from_the_list_is_paused_and_after_seven_days_out(chat: Chat, group: Group) -> None:
    listed(chat, 31, 32)
    await jobs.count_heads(chat.at)
    assert await states() == ALL_ACTIVE | {"33": "paused"}
    assert (await Contact.get(state=ContactState.PAUSED)).paused_at == chat.at
    for _ in range(7):
        await jobs.count_heads(chat.later(days=1))
    await consents.end_paused(chat.at)
    assert await states() == ALL_ACTIVE | {"33": "ended"}, "每天再对，七天仍从头一回算起"


async def test_one_who_is_back_goes_on_unless_seven_days_have_passed(chat: Chat, group: Group) -> None:
    listed(chat, 31)
    await jobs.count_heads(chat.at)
    assert await states() == {"31": "active", "32": "paused", "33": "paused"}
    listed(chat, 31, 32)
    await jobs.count_heads(chat.later(days=6))
    assert await states() == ALL_ACTIVE | {"33": "paused"}
    listed(chat, 31, 32, 33)
    await jobs.count_heads(chat.later(days=1))
    assert await states() == ALL_ACTIVE | {"33": "paused"}, "满了七天，要自己再 /加入"


async def test_one_still_in_another_group_of_the_cadre_is_followed_there(chat: Chat, group: Group) -> None:
    other = await factories.group(6, await group.cadre)  # pyright: ignore[reportGeneralTypeIssues]
    listed(chat, 31, 32)
    chat.answers["get_group_member_info"] = {"user_id": 33}
    await jobs.count_heads(chat.at)
    contact = await Contact.get(youth__accounts__user_id="33")
    assert (contact.state, contact.group_id) == (ContactState.ACTIVE, other.id)


async def test_one_paused_here_is_found_in_another_group_of_the_cadre(chat: Chat, group: Group) -> None:
    await presences.pause(Scope.QQ, "5", "33", at=chat.at)
    other = await factories.group(6, await group.cadre)  # pyright: ignore[reportGeneralTypeIssues]
    listed(chat, 31, 32)
    await jobs.count_heads(chat.later(minutes=1))
    assert await states() == ALL_ACTIVE | {"33": "paused"}
    listed(chat, 33)
    await jobs.count_heads(chat.later(minutes=1))
    contact = await Contact.get(youth__accounts__user_id="33")
    assert (contact.state, contact.group_id) == (ContactState.ACTIVE, other.id)


async def test_any_account_of_a_person_counts_as_being_here(chat: Chat, group: Group) -> None:
    contact = await Contact.get(youth__accounts__user_id="33").select_related("youth")
    await contact.youth.accounts.all().update(user_id="34")
    await Account.create(person=contact.youth, scope=Scope.QQ, user_id="33")
    listed(chat, 31, 32, 33)
    await jobs.count_heads(chat.at)
    assert await Contact.filter(state=ContactState.ACTIVE).count() == 3


@pytest.mark.parametrize("answer", [[], {}, None, [{}], ["31"], [{"user_id": 31}], [{"user_id": 999}] * 200])
async def test_an_empty_or_truncated_list_changes_nothing(
    chat: Chat, group: Group, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chat.answers["get_group_member_list"] = answer
    with caplog.at_level(logging.WARNING, "tuanbot"):
        await jobs.count_heads(chat.at)
    assert await states() == ALL_ACTIVE
    said = [one.getMessage() for one in caplog.records]
    assert said == [f"群 g{group.id} 今天没有对上人：成员名单取不到或不全，联系都没有动"]


async def test_a_refusal_changes_nothing_and_no_such_api_is_remembered(chat: Chat, group: Group) -> None:
    CONNECTED[Scope.QQ, SELF_ID] = Connected("没听说过", "1", None)
    for code, times in ((200, 1), (1404, 2), (1404, 2)):
        chat.refuses["get_group_member_list"] = code
        await jobs.count_heads(chat.later(days=1))
        assert len(asked(chat)) == times
    assert await states() == ALL_ACTIVE


async def test_who_can_list_members() -> None:
    unable = {one.name for one in IMPLEMENTATIONS if Ability.MEMBERS not in one.able}
    assert unable == {"gensokyo", "satori", "wxmp"}
    comwechat = recognise("ComWeChatBotClient")
    assert comwechat
    assert Ability.MEMBERS in comwechat.able


async def test_one_group_a_minute_each_once_a_day_by_day_only(chat: Chat, group: Group) -> None:
    cadre = await group.cadre  # pyright: ignore[reportGeneralTypeIssues]
    await factories.group(6, cadre)
    await factories.group(7, cadre)
    await Group.filter(group_id="7").update(kind="工作群")
    await factories.group(8, cadre)
    await Group.filter(group_id="8").update(unbound_at=AT)
    listed(chat, 31, 32, 33)
    for _ in range(4):
        await jobs.count_heads(chat.later(minutes=1))
    assert asked(chat) == [5, 6]
    night = chat.at.replace(hour=23)
    await jobs.count_heads(night)
    assert asked(chat) == [5, 6], "夜里不问"
    delivery.obstacles.note((Scope.QQ, SELF_ID), {"notice_type": "bot_offline"}, chat.at)
    await jobs.count_heads(chat.later(days=1))
    assert asked(chat) == [5, 6], "账号掉线了不问"


async def test_the_same_on_wechat_that_reports_nobody(database: str) -> None:
    cadre = await factories.cadre(CADRE, "张三", await factories.school())
    group = await factories.group("room@chatroom", cadre)
    await Group.filter(id=group.id).update(scope=Scope.WECHAT, self_id="wxid_bot")
    for user in ("wxid_a", "wxid_b"):
        youth = await factories.person(user, scope=Scope.WECHAT)
        await Contact.create(cadre=cadre, youth=youth, group=group, state=ContactState.ACTIVE, since=AT)

    class WeChat(Platform):
        async def call(self, bot: Any, api: str, data: dict[str, Any]) -> Any:
            assert isinstance(bot, v12.Bot)
            assert (api, data) == ("get_group_member_list", {"group_id": "room@chatroom"})
            return [{"user_id": user, "user_name": ""} for user in ("wxid_a", "wxid_bot")]

    with connected("wechat:wxid_bot", platform=WeChat()):
        assert "wxid_bot" in nonebot.get_bots()
        await jobs.count_heads(AT + timedelta(days=1))
    assert await states() == {"wxid_a": "active", "wxid_b": "paused"}
