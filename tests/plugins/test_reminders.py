"""`/待办` 与搭车：走真的路由、真的库。"""

from datetime import date, datetime, timedelta

import pytest

from bot.gateway import delivery
from bot.gateway.attempts import NEUTRAL
from bot.gateway.delivery import deliver_due
from bot.league import notices
from bot.league.periods import on
from bot.ticks import run_ticks
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    Group,
    GroupKind,
    Notice,
    Participation,
    PartState,
    Scope,
    Slot,
    Wish,
    WishLane,
    WishState,
)
from tests import factories
from tests.chat import SELF_ID, Chat


@pytest.fixture
async def li(chat: Chat) -> Cadre:
    """李老师，绑定了工作群 900 与青年群 500；两名青年，从没聊过。"""
    cadre = await factories.cadre(1, "李老师", await factories.school())
    group = await factories.group(500, cadre)
    await factories.group(900, cadre, GroupKind.WORK)
    for number in (111, 112):
        await factories.youth(number, cadre, group)
    await factories.record(cadre, date(2026, 11, 2))
    return cadre


def texts(chat: Chat) -> list[tuple[str, str | None, str | None]]:
    return [(reply.text, reply.group, reply.user) for reply in chat.sent]


async def test_a_cadre_behind_is_called_over_and_gets_it_privately_once(chat: Chat, li: Cadre) -> None:
    chat.at = on(date(2026, 11, 20)).replace(hour=9, minute=30)
    chat.later()
    for _ in range(3):
        await run_ticks(chat.at)
        await deliver_due(chat.at)
    assert texts(chat) == [(f"[at] {NEUTRAL}", "900", None)]
    chat.later(minutes=5)
    replies = await chat.say(1, "/待办")
    rest = (
        "· 五个一 0/5；照过去 51 天的快慢，季末大约 0/5。"
        "还差 办一件实事、上一堂团课、谈心谈话、志愿服务、文体活动，12月31日前做完就齐，还有 42 天。\n"
        "· 很久没聊的：QQ 尾号111（还没聊过）、QQ 尾号112（还没聊过）。"
    )
    assert [reply.text for reply in replies] == [
        "11 月还有 11 天，活动办了 1/3 次，还差 2 次。办一场发 /活动 发起，做了没记的发 /记。\n"
        f"2026Q4 过半了，说说进度：\n· 加入的 2 位青年，这个月真正聊过 0 位。\n{rest}\n看全部：/进度、/雷达、/心愿墙",
        "手上的事：\n· 加入的 2 位青年，这个月真正聊过 0 位。\n"
        f"· 本月活动 1/3 次，还差 2 次，这个月还有 11 天。\n{rest}",
    ]
    assert {(reply.group, reply.user) for reply in replies} == {(None, "1")}
    assert await Notice.all().values_list("state", flat=True) == ["sent"]
    assert len(await chat.say(1, "/待办")) == 1


async def test_what_waits_rides_along_with_any_private_answer(chat: Chat, li: Cadre) -> None:
    await notices.post("wish.done", period="W1/1", text="悄悄话", at=chat.at, person_id=li.person_id)
    await deliver_due(chat.at)
    in_group = await chat.say(1, "/待办", group=500)
    assert [str(reply) for reply in in_group] == ["这是只说给你听的，请私聊我发 /待办。"]
    replies = await chat.say(1, "/帮助")
    assert str(replies[-1]) == "悄悄话"
    assert (replies[-1].group, replies[-1].user) == (None, "1")
    assert "悄悄话" not in [reply.text for reply in await chat.say(1, "/帮助")]


async def test_of_several_reminders_not_yet_told_only_the_newest_is(chat: Chat, li: Cadre) -> None:
    """没来取的攒了几条，说的是同样的事：只说最新的一条；季初的五件事照说。"""
    kinds = {"reminder.quarter": "2026Q4/start", "reminder.monthly": "2026-11/20", "reminder.digest": "2026-W47"}
    for later, (kind, period) in enumerate(kinds.items()):
        at, until = chat.at + timedelta(hours=later), chat.at + timedelta(days=9)
        await notices.post(kind, period=period, text=kind, at=at, person_id=li.person_id, expires_at=until)
    chat.later(hours=2)
    told = [reply.text for reply in await chat.say(1, "/待办")]
    assert [text for text in told if text in kinds] == ["reminder.quarter", "reminder.digest"]
    assert await Notice.filter(kind="reminder.monthly").values_list("state", "reason") == [
        ("expired", "有了更新的一条，旧的不说了")
    ]


async def test_todo_with_nothing_says_so(chat: Chat) -> None:
    await factories.person(77)
    for user in (77, 78):  # 认识的、不认识的
        assert [str(reply) for reply in await chat.say(user, "/待办")] == ["眼下没有等着你的事。"]


async def test_todo_after_handing_over_adds_nothing_for_a_youth(chat: Chat) -> None:
    person = await factories.person(77)
    await notices.post("wish.done", period="W1/1", text="你的心愿办结了", at=chat.at, person_id=person.id)
    assert [str(reply) for reply in await chat.say(77, "/待办")] == ["你的心愿办结了"]


async def test_todo_hands_over_ten_at_a_time_and_says_there_is_more(chat: Chat) -> None:
    person = await factories.person(77)
    for number in range(11):
        await notices.post("wish.done", period=f"W{number}/1", text=f"第{number}条", at=chat.at, person_id=person.id)
    replies = [str(reply) for reply in await chat.say(77, "/待办")]
    assert replies == [*(f"第{number}条" for number in range(10)), "后面还有，再发一次 /待办 接着看。"]
    assert [str(reply) for reply in await chat.say(77, "/待办")] == ["第10条"]


async def test_todo_lists_what_awaits_a_word_even_if_no_notice_is_left(chat: Chat, li: Cadre) -> None:
    youth = await factories.youth(77, li)
    for state in (WishState.DONE, WishState.EXPLAINED, WishState.OPEN):
        await Wish.create(
            author=youth, unit=await li.unit, cadre=li, text="学车", digest="x", lane=WishLane.WALL, state=state,
            submitted_at=chat.at,
        )  # fmt: skip
    row = await Activity.create(
        kind=ActivityKind.RECORD, state=ActivityState.KEPT, organiser=li, unit=await li.unit, slot=next(iter(Slot)),
        starts_at=chat.at, created_at=chat.at, graded_at=chat.at, asked_from=chat.at,
    )  # fmt: skip
    await Participation.create(activity=row, person=youth, state=PartState.NAMED, at=chat.at, asked_at=chat.at, turn=1)
    assert [str(reply) for reply in await chat.say(77, "/待办")] == [
        "手上的事：\n· 等你一句话的心愿：W1、W2，发 /我的心愿 看怎么回。\n"
        f"· 问你有没有这回事：{row.number}，回 /确认 {row.number} 有，或 没有、不想回答。"
    ]
    chat.later(hours=73)
    assert row.number not in str((await chat.say(77, "/待办"))[0])


async def test_todo_lists_the_voices_awaiting_an_answer(chat: Chat, li: Cadre) -> None:
    await factories.youth(77, li)
    await chat.say(77, "/心声 最近有点想家，想找人说说话")
    await Notice.all().delete()
    assert str((await chat.say(1, "/待办"))[-1]).endswith("· 等你回音的：V1，发 /回复 看。")


async def test_a_mute_the_platform_tells_of_holds_group_notices(chat: Chat, li: Cadre) -> None:
    ban = {
        "post_type": "notice",
        "notice_type": "group_ban",
        "sub_type": "ban",
        "self_id": int(SELF_ID),
        "group_id": 500,
        "user_id": 0,
        "operator_id": 3,
        "duration": -1,
        "time": int(chat.at.timestamp()),
    }
    group = await Group.get(group_id="500")
    await chat.push(ban)
    await notices.post(factories.ANY_KIND, period="1", text="群里的话", at=chat.at, group_id=group.id)
    assert await deliver_due(chat.at) == 0
    assert chat.sent == []
    await chat.push(ban | {"sub_type": "lift_ban", "duration": 0})
    chat.later(minutes=10)
    assert await deliver_due(chat.at) == 1
    assert texts(chat) == [("群里的话", "500", None)]


@pytest.mark.parametrize("back", [{"online": True, "good": True}, {"good": True}])
async def test_a_kicked_account_waits_for_its_heartbeat(chat: Chat, li: Cadre, back: dict[str, bool]) -> None:
    when = {"self_id": int(SELF_ID), "time": int(chat.at.timestamp())}
    offline = {"post_type": "notice", "notice_type": "bot_offline", "user_id": int(SELF_ID), "tag": "x", "message": "y"}
    heartbeat = {"post_type": "meta_event", "meta_event_type": "heartbeat", "interval": 30000}
    for between in ([{"online": False, "good": True}], []):
        await chat.push(when | offline)
        for status in between:
            await chat.push(when | heartbeat | {"status": status})
        assert not delivery.obstacles.online((Scope.QQ, SELF_ID))
        await chat.push(when | heartbeat | {"status": back})
        assert delivery.obstacles.online((Scope.QQ, SELF_ID))


async def test_a_tick_leaves_nobody_else_reminded(chat: Chat, li: Cadre) -> None:
    moment: datetime = on(date(2026, 11, 20)).replace(hour=9, minute=30)
    await run_ticks(moment)
    assert await Notice.filter(kind__startswith="reminder.").values_list("person_id", flat=True) == [li.person_id]
