"""`/请假`、`/静音`：说什么、存什么；这几天不打扰，到日子自己恢复。"""

from datetime import date, datetime, timedelta

import pytest

from bot.gateway.delivery import deliver_due
from bot.league import accounts, exports, notices, roster
from bot.league.absences import KEEP, current
from bot.league.erasures import erase
from bot.league.periods import on
from bot.ticks import run_ticks
from db.models import Absence, AbsenceKind, Account, Cadre, Notice, Person, RoleKind, Scope, Wish, WishLane, WishState
from plugins.reminders.jobs import post_reminders
from tests import factories
from tests.chat import SELF_ID, Chat

TAKEN = (
    "记下了，12月1日到12月7日请假，提醒我先收着。"
    "请假期间心愿的钟照走，手上的心愿可以 /转办 或 /放弃。早回来就发 /请假 取消。"
)
NO_DAYS = "静音几天？1 到 60 天都行，例如：/静音 7天"


@pytest.fixture
async def li(chat: Chat) -> Cadre:
    """李老师，绑定了群 500，一名从没聊过的青年 111；两人都私聊得到。"""
    cadre = await factories.cadre(1, "李老师", await factories.school())
    await factories.youth(111, cadre, await factories.group(500, cadre))
    await Account.all().update(self_id=SELF_ID)

    async def friends(api: str, **data: object) -> object:
        return [{"user_id": 1}, {"user_id": 111}] if api == "get_friend_list" else await original(api, **data)

    original = chat.bot.call_api
    chat.bot.call_api = friends  # type: ignore[method-assign]
    await post_reminders(chat.at)  # 今天该提醒的已经提醒过了
    await Notice.all().delete()
    return cadre


async def said(chat: Chat, user: int, text: str) -> str:
    [reply] = await chat.say(user, text)
    return str(reply)


async def youth() -> Person:
    return (await Account.get(user_id="111").select_related("person")).person


async def spans(**where: object) -> list[tuple[datetime, datetime]]:
    return [(row.since, row.until) for row in await Absence.filter(cancelled_at=None, **where).order_by("since")]


def day(text: str) -> datetime:
    return on(date.fromisoformat(text))


async def tell(person_id: int, kind: str, chat: Chat, **extra: object) -> None:
    await notices.post(kind, **({"period": "1", "text": kind, "at": chat.at, "person_id": person_id} | extra))  # type: ignore[arg-type]


async def heard(chat: Chat, moment: datetime, *, user: str | None = None) -> list[str]:
    """拨到那一刻跑一遍，返回新送出去的话；`user` 时只看给他的。"""
    chat.later(seconds=(moment - chat.at).total_seconds())
    before = len(chat.sent)
    await run_ticks(chat.at)
    await deliver_due(chat.at)
    return [reply.text for reply in chat.sent[before:] if user in (None, reply.user)]


async def test_a_leave_is_noted_shown_and_cancelled(chat: Chat, li: Cadre) -> None:
    assert await said(chat, 1, "/请假 12-01~12-07") == TAKEN
    assert await spans(kind=AbsenceKind.LEAVE, person_id=li.person_id) == [(day("2026-12-01"), day("2026-12-08"))]
    await said(chat, 1, "/请假 01-04")
    assert await said(chat, 1, "/请假") == "你请的假：12月1日到12月7日；2027年1月4日。要取消就发 /请假 取消。"
    assert await said(chat, 1, "/请假 取消") == "好，假取消了，该提醒的照常提醒你。"
    assert await spans() == []
    assert await said(chat, 1, "/请假 取消") == "你现在没有请假，不用取消。"
    assert await said(chat, 1, "/请假") == "哪几天？例如：/请假 10-01~10-07，也可以写 明天到周五、3天。"


async def test_a_new_leave_replaces_only_the_one_it_overlaps(chat: Chat, li: Cadre) -> None:
    await said(chat, 1, "/请假 12-01~12-07")
    await said(chat, 1, "/请假 12-20~12-22")
    assert (await said(chat, 1, "/请假 12-07~12-10")).startswith("记下了，12月7日到12月10日请假，原来那段不算了，")
    assert await spans() == [(day("2026-12-07"), day("2026-12-11")), (day("2026-12-20"), day("2026-12-23"))]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/请假 昨天", "这几天已经过去了，再看看日期？例如：/请假 10-01~10-07"),
        ("/请假 200天", "一次最多请半年假；更久的话请管理员安排人接手。例如：/请假 10-01~10-07"),
        ("/请假 9999天", "一次最多请半年假；更久的话请管理员安排人接手。例如：/请假 10-01~10-07"),
        ("/静音", NO_DAYS),
        ("/静音 0天", NO_DAYS),
        ("/静音 61天", NO_DAYS),
        ("/静音 一会儿", NO_DAYS),
        ("/静音 取消", "你现在没有静音，不用取消。"),
    ],
)
async def test_a_wrong_one_is_refused_kindly_and_nothing_is_stored(
    chat: Chat, li: Cadre, text: str, sentence: str
) -> None:
    assert await said(chat, 1, text) == sentence
    assert not await Absence.exists()


async def test_leave_is_for_those_in_office_and_mute_for_those_i_know(chat: Chat, li: Cadre) -> None:
    assert await said(chat, 111, "/请假 3天") == "请假是给团干部用的。想清静几天，发 /静音 7天 就好。"
    assert await said(chat, 999, "/静音 7天") == "我还不认识你，本来也不会主动找你，不用静音。"
    assert await said(chat, 999, "/静音 取消") == "你现在没有静音，不用取消。"
    assert not await Absence.exists()
    assert not await Account.exists(user_id="999")
    await factories.admin(3, "督导", await li.unit, RoleKind.INSPECTOR)
    assert (await said(chat, 3, "/请假 3天")).startswith("记下了，11月18日到11月20日请假，")


@pytest.mark.parametrize(("text", "days"), [("1天", 1), ("60天", 60), ("7", 7), ("一周", 7), ("两周", 14)])
async def test_mute_counts_from_now(chat: Chat, li: Cadre, text: str, days: int) -> None:
    await said(chat, 111, f"/静音 {text}")
    assert await spans(kind=AbsenceKind.MUTE) == [(chat.at, chat.at + timedelta(days=days))]


async def test_mute_says_until_when_and_a_new_one_replaces_the_old(chat: Chat, li: Cadre) -> None:
    assert await said(chat, 111, "/静音 7天") == (
        "好，到 11月25日 14:00 我不主动找你；心愿、心声、报名有消息照样告诉你。"
        "攒着的发 /待办 随时能看，不想静音了发 /静音 取消。"
    )
    assert await said(chat, 111, "/静音") == "正静音着，到 11月25日 14:00 为止。不想静音了发 /静音 取消。"
    await said(chat, 111, "/静音 2天")
    assert await spans() == [(chat.at, chat.at + timedelta(days=2))]
    assert await said(chat, 111, "/静音 取消") == "好，不静音了，有事我照常找你。"
    assert await current((await youth()).id, chat.at) is None


async def test_a_muted_youth_hears_only_of_his_own_matters_until_it_ends(chat: Chat, li: Cadre) -> None:
    me = await youth()
    await said(chat, 111, "/静音 2天")
    for kind in ("record.ask", "wish.claimed", "voice.answered", "activity.soon"):
        await tell(me.id, kind, chat)
    await tell(me.id, "wish.crisis", chat, urgent=True)
    assert sorted(await heard(chat, chat.at)) == ["activity.soon", "voice.answered", "wish.claimed", "wish.crisis"]
    assert await heard(chat, chat.at + timedelta(days=2, seconds=-1), user="111") == []
    assert await heard(chat, chat.at + timedelta(seconds=1)) == ["record.ask"]


async def test_cancelling_lets_what_was_held_out_at_once(chat: Chat, li: Cadre) -> None:
    await said(chat, 111, "/静音 7天")
    await tell((await youth()).id, "record.ask", chat)
    assert await heard(chat, chat.at) == []
    await said(chat, 111, "/静音 取消")
    assert await heard(chat, chat.at) == ["record.ask"]


async def test_only_the_muted_one_is_spared(chat: Chat, li: Cadre) -> None:
    await said(chat, 111, "/静音 7天")
    await tell(li.person_id, "record.ask", chat)
    assert await heard(chat, chat.at) == ["record.ask"]


async def test_what_is_held_does_not_ride_along_but_todo_hands_it_over(chat: Chat, li: Cadre) -> None:
    me = await youth()
    await said(chat, 111, "/静音 7天")
    await tell(me.id, "record.ask", chat)
    await tell(me.id, "wish.done", chat)
    await Notice.all().update(state="riding")
    assert [str(reply) for reply in await chat.say(111, "/帮助")][1:] == ["wish.done"]
    assert [str(reply) for reply in await chat.say(111, "/待办")] == ["record.ask"]


async def test_a_cadre_back_within_the_window_is_reminded_then(chat: Chat, li: Cadre) -> None:
    await factories.record(li, date(2026, 11, 2))
    await said(chat, 1, "/请假 11-20~11-22")
    for moment in ("2026-11-20", "2026-11-21", "2026-11-22"):
        assert await heard(chat, day(moment).replace(hour=9, minute=30)) == []
    assert await heard(chat, day("2026-11-23").replace(hour=8)) == [], "提醒都在 9:30 以后"
    [text] = await heard(chat, day("2026-11-23").replace(hour=9, minute=30))
    assert "· 本月活动 1/3 次，还差 2 次，这个月还有 8 天。" in text, "这天的摘要里都有，攒着的那条不另说"
    assert await heard(chat, day("2026-11-23").replace(hour=9, minute=35)) == []


async def test_a_reminder_whose_window_passed_on_leave_is_dropped_with_the_reason(chat: Chat, li: Cadre) -> None:
    await factories.record(li, date(2026, 11, 2))
    await said(chat, 1, "/请假 11-20~11-29")
    await heard(chat, day("2026-11-20").replace(hour=9, minute=30))
    assert await heard(chat, day("2026-11-27").replace(hour=9, minute=30)) == []
    early = await Notice.get(period="2026-11/20")
    assert (early.state, early.reason) == ("expired", "他请假或静音，没打扰")
    [text] = await heard(chat, day("2026-11-30").replace(hour=9, minute=30))
    assert "· 本月活动 1/3 次，还差 2 次，这个月还有 1 天。" in text


async def test_leave_does_not_stop_the_clock_of_a_wish(chat: Chat, li: Cadre) -> None:
    await said(chat, 1, "/请假 30天")
    facts = {"state": WishState.CLAIMED, "lane": WishLane.WALL, "digest": "x", "text": "想要一盏台灯"}
    since = chat.at
    wish = await Wish.create(
        cadre=li, unit_id=li.unit_id, claimer=li, claimed_at=since, progressed_at=since, submitted_at=since, **facts
    )
    [warning] = await heard(chat, since + timedelta(days=5, minutes=1))
    assert warning.startswith("W1 有 5 天没有进展了")
    await heard(chat, since + timedelta(days=7, minutes=1))
    assert (await Wish.get(id=wish.id)).state is WishState.OPEN


async def test_absences_follow_the_person_and_are_forgotten_in_time(chat: Chat, li: Cadre) -> None:
    await said(chat, 111, "/静音 7天")
    me, other = await youth(), await factories.person(222)
    await accounts.merge(me.id, other.id, at=chat.at)
    roster.touch()
    assert await current(other.id, chat.at)
    exported = await exports.everything(await roster.identify(Scope.QQ, "222"), at=chat.at)
    assert exported["请假与静音"] == [
        {"种类": "静音", "开始": "2026-11-18T14:00:00+08:00", "结束": "2026-11-25T14:00:00+08:00", "取消": None}
    ]
    await run_ticks(chat.at + timedelta(days=7) + KEEP - timedelta(minutes=1))
    assert await Absence.exists()
    await run_ticks(chat.at + timedelta(days=7) + KEEP)
    assert not await Absence.exists()


async def test_erasing_a_person_erases_the_absences(chat: Chat, li: Cadre) -> None:
    await said(chat, 111, "/静音 7天")
    await erase((await youth()).id, at=chat.at)
    assert not await Absence.exists()
