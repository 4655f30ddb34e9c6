"""投递：恰好一次；私聊的话从不进群；送不到的等本人来取。"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot import v11, v12

from bot import clock
from bot.gateway import delivery, pace
from bot.gateway.attempts import NEUTRAL
from bot.gateway.bridges import must_be_whole
from bot.gateway.delivery import deliver_due
from bot.gateway.obstacles import FAILURES
from bot.gateway.speaker import Said
from bot.league import incidents, notices, undelivered
from bot.league.notices import LEASE
from bot.league.periods import on
from bot.league.roster import Speaker
from db.models import Account, Cadre, Contact, ContactState, Group, GroupKind, Notice, NoticeState, Person, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.platforms import Platform, Sent, connected

SECRET = "你的心愿 W1 有人认领了"
TIMEOUT = v11.ActionFailed(status="failed", retcode=1200, message="Timeout: NTEvent sendMsg", wording="Timeout")
NOT_FRIEND = v11.ActionFailed(status="failed", retcode=100, wording="请先添加对方为好友")
ALL_MUTED = {"notice_type": "group_ban", "sub_type": "ban", "user_id": 0, "duration": -1}
OUTSIDE = v11.ActionFailed(status="failed", retcode=200, wording="机器人不在群里")
KICKED = {"notice_type": "group_decrease", "sub_type": "kick_me", "user_id": 10000}
MUTED = v11.ActionFailed(status="failed", retcode=200, message='EventChecker Failed: {"result": 120, "errMsg": "禁言"}')


@pytest.fixture
def qq() -> Iterator[Platform]:
    with connected() as platform:
        yield platform


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


@pytest.fixture
async def group(cadre: Cadre) -> Group:
    return await factories.group(500, cadre)


@pytest.fixture
async def youth(cadre: Cadre, group: Group) -> Person:
    return await factories.youth(11, cadre, group)


@pytest.fixture(autouse=True)
async def nothing_private_in_a_group(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """每个测试之后：进了群的只有给群的话和那句中性的提醒。"""
    platform = request.getfixturevalue("qq") if "qq" in request.fixturenames else None
    yield
    for sent in platform.sent if platform else []:
        assert sent.group is None or sent.text in (f" {NEUTRAL}", "群里的话")


async def tell(person: Person, *, kind: str = "wish.claimed", period: str = "1", **extra: Any) -> None:
    await notices.post(kind, **({"period": period, "text": SECRET, "at": AT, "person_id": person.id} | extra))


async def tell_group(group: Group, *, period: str = "1", **extra: Any) -> None:
    row: dict[str, Any] = {"period": period, "text": "群里的话", "at": AT, "group_id": group.id}
    await notices.post(ANY_KIND, **(row | extra))


async def rows() -> list[tuple[str, str | None]]:
    return await Notice.all().order_by("id").values_list("state", "reason")


def private(user: str, text: str = SECRET, by: str = SELF_ID) -> Sent:
    return Sent(by, None, user, text)


def called(user: str, group: str = "500", by: str = SELF_ID) -> Sent:
    return Sent(by, group, None, f" {NEUTRAL}", user)


async def test_a_discreet_notice_never_calls_anyone_over_in_a_group(qq: Platform, youth: Person) -> None:
    """匿名心愿刚有进展就在群里叫谁，等于说出是谁提的。"""
    await tell(youth, discreet=True)
    await deliver_due(AT)
    assert qq.sent == []
    assert await rows() == [("riding", "私聊不通，等本人来取")]


async def test_a_friend_is_told_in_private(qq: Platform, youth: Person) -> None:
    qq.friends = {"11"}
    await tell(youth)
    assert await deliver_due(AT) == 1
    assert qq.sent == [private("11")]
    assert await rows() == [("sent", None)]
    assert await deliver_due(AT) == 0
    assert len(qq.sent) == 1


async def test_someone_who_is_no_friend_is_called_over_without_a_word_of_it(qq: Platform, youth: Person) -> None:
    await tell(youth)
    assert await deliver_due(AT) == 1
    assert qq.sent == [called("11")]
    assert NEUTRAL == "团团有条消息想单独告诉你，私聊我发 /待办 就能看到。"
    assert await rows() == [("riding", "私聊不通，等本人来取")]


async def test_nobody_is_called_over_twice_before_coming(qq: Platform, youth: Person) -> None:
    await tell(youth)
    await tell(youth, period="2")
    await deliver_due(AT)
    await tell(youth, period="3")
    await deliver_due(AT + timedelta(hours=1))
    assert qq.sent == [called("11")]
    assert [state for state, _ in await rows()] == ["riding"] * 3


async def test_a_private_message_refused_goes_by_the_next_road(qq: Platform, youth: Person) -> None:
    qq.friends = {"11"}
    qq.fails = lambda sent: NOT_FRIEND if sent.user else None
    await tell(youth)
    await deliver_due(AT)
    assert qq.sent == [called("11")]
    assert await rows() == [("riding", "私聊不通，等本人来取")]


async def test_someone_in_no_group_of_ours_waits_silently(qq: Platform, database: str) -> None:
    person = await factories.person(77)
    await tell(person)
    await deliver_due(AT)
    assert qq.sent == []
    assert await rows() == [("riding", "私聊不通，等本人来取")]


async def test_someone_who_left_the_group_is_not_called_there(qq: Platform, youth: Person) -> None:
    await Contact.all().update(state=ContactState.PAUSED)
    await tell(youth)
    await deliver_due(AT)
    assert qq.sent == []


async def test_a_cadre_is_called_in_a_work_group_he_is_in(qq: Platform, cadre: Cadre, group: Group) -> None:
    colleague = await factories.cadre(2, "陈老师", await cadre.unit)
    await factories.group(900, colleague, GroupKind.WORK)
    qq.members = {"1"}
    await tell(await cadre.person)
    await deliver_due(AT)
    assert qq.sent == [called("1", group="900")]


async def test_a_cadre_not_in_the_work_group_is_called_in_his_own(qq: Platform, cadre: Cadre, group: Group) -> None:
    colleague = await factories.cadre(2, "陈老师", await cadre.unit)
    await factories.group(900, colleague, GroupKind.WORK)
    await tell(await cadre.person)
    await deliver_due(AT)
    assert qq.sent == [called("1", group="500")]


async def test_an_ambiguous_failure_is_never_sent_again(qq: Platform, youth: Person) -> None:
    """F25：平台答“超时”，话其实说出去了：留作说不清，绝不再说一遍（核对见 test_doubts）。"""
    qq.friends = {"11"}
    vague = v11.ActionFailed(status="failed", retcode=1200, message="ntqq api call failed", wording="")
    for number, error in enumerate([TIMEOUT, v11.NetworkError("WebSocket call api timeout"), vague]):
        await tell(youth, period=str(number))
        qq.fails = lambda _, error=error: error
        qq.went_out = True
        await deliver_due(AT)
        qq.fails, qq.went_out = lambda _: None, False
        await deliver_due(AT + timedelta(days=1))
    assert qq.sent == [private("11")] * 3
    unclear = ("unknown", "平台没说清（1200）")
    assert await rows() == [unclear, ("unknown", "连接断了或超时"), unclear]


async def test_the_platforms_words_are_never_stored(qq: Platform, group: Group) -> None:
    qq.fails = lambda _: v11.ActionFailed(status="failed", retcode=200, message="failed", wording="群里的话 发不了")
    await tell_group(group)
    await deliver_due(AT)
    assert await rows() == [("failed", "平台拒收（200）")]


async def test_a_bug_on_one_does_not_stop_the_rest(
    qq: Platform, youth: Person, group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    qq.friends = {"11"}
    await tell(youth)
    await tell_group(group)
    qq.fails = lambda sent: RuntimeError("意外") if sent.user else None
    assert await deliver_due(AT) == 1
    assert await rows() == [("unknown", "程序出错"), ("sent", None)]
    assert SECRET not in caplog.text


async def test_two_processes_deliver_200_once_each(qq: Platform, group: Group) -> None:
    await notices.post_all(
        [notices.draft(ANY_KIND, period=str(n), text="群里的话", at=AT, group_id=group.id) for n in range(200)]
    )
    counts = await asyncio.gather(deliver_due(AT), deliver_due(AT))
    assert sum(counts) == len(qq.sent) == 200
    assert set(await rows()) == {("sent", None)}


async def test_a_crash_between_sending_and_recording_is_not_sent_again(
    qq: Platform, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    qq.friends = {"11"}
    await tell(youth)

    async def killed(*_: object, **__: object) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(notices, "settle", killed)
        with pytest.raises(asyncio.CancelledError):
            await deliver_due(AT)
    assert [state for state, _ in await rows()] == ["claimed"]
    await notices.sweep(AT + LEASE)
    await deliver_due(AT + LEASE)
    assert qq.sent == [private("11")]
    assert await rows() == [("unknown", "送的时候断了，说不清到没到")]


async def test_quiet_hours_hold_even_what_was_due_before(qq: Platform, youth: Person) -> None:
    qq.friends = {"11"}
    await tell(youth, at=AT.replace(hour=21, minute=59))
    await deliver_due(AT.replace(hour=22))
    assert qq.sent == []
    await tell(youth, period="2", at=AT.replace(hour=23), kind="wish.crisis", urgent=True, text="急")
    await deliver_due(AT.replace(hour=23))
    assert qq.texts == ["急"]
    await deliver_due(on(AT.date() + timedelta(days=1)).replace(hour=8))
    assert qq.texts == ["急", SECRET]


async def test_offline_means_waiting_then_expired(youth: Person) -> None:
    await tell(youth)
    assert await deliver_due(AT) == 0
    await incidents.present([(Scope.QQ, SELF_ID)], at=AT)
    with connected("99999") as other:  # 连着的是别的账号，不归它送
        await Account.filter(user_id="11").update(self_id=SELF_ID)
        await Group.all().update(self_id=SELF_ID)
        assert await deliver_due(AT) == 0
        assert other.sent == []
    assert await rows() == [("due", None)]
    await notices.sweep(AT + notices.WINDOW)
    assert await rows() == [("expired", "机器人不在线")]


async def test_coming_back_in_time_delivers(youth: Person) -> None:
    await tell(youth)
    await deliver_due(AT)
    with connected() as platform:
        platform.friends = {"11"}
        assert await deliver_due(AT + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("ban", "lifted"),
    [
        ({"user_id": 10000, "duration": 600}, {"sub_type": "lift_ban", "user_id": 10000, "duration": 0}),
        ({"user_id": 0, "duration": -1}, {"sub_type": "lift_ban", "user_id": 0, "duration": 0}),
    ],
)
async def test_nothing_is_sent_into_a_muted_group(
    qq: Platform, group: Group, ban: dict[str, object], lifted: dict[str, object]
) -> None:
    banned = {"notice_type": "group_ban", "sub_type": "ban", "group_id": 500}
    delivery.obstacles.note((Scope.QQ, SELF_ID), banned | ban, AT)
    await tell_group(group)
    await deliver_due(AT)
    await deliver_due(AT + timedelta(minutes=9))
    assert qq.sent == []
    assert await rows() == [("due", "群里禁言中")]
    delivery.obstacles.note((Scope.QQ, SELF_ID), banned | lifted, AT)
    assert await deliver_due(AT + timedelta(minutes=10)) == 1
    assert await rows() == [("sent", None)]


async def test_someone_elses_mute_is_no_obstacle(qq: Platform, group: Group) -> None:
    ban = {"notice_type": "group_ban", "sub_type": "ban", "group_id": 500, "user_id": 11, "duration": 600}
    delivery.obstacles.note((Scope.QQ, SELF_ID), ban, AT)
    await tell_group(group)
    assert await deliver_due(AT) == 1


async def test_a_mute_ends_by_itself(qq: Platform, group: Group) -> None:
    ban = {"notice_type": "group_ban", "sub_type": "ban", "group_id": 500, "user_id": 10000, "duration": 600}
    delivery.obstacles.note((Scope.QQ, SELF_ID), ban, AT)
    await tell_group(group)
    await deliver_due(AT)
    assert await deliver_due(AT + timedelta(minutes=10)) == 1


async def test_learning_of_a_mute_from_a_refusal_waits_too(qq: Platform, group: Group) -> None:
    qq.fails = lambda _: MUTED
    await tell_group(group)
    await deliver_due(AT)
    assert await rows() == [("due", "群里禁言中")]
    await tell_group(group, period="2")
    await deliver_due(AT + timedelta(minutes=1))
    assert qq.calls.count("send_group_msg") == 1


@pytest.mark.parametrize(
    ("said", "fault", "reason"),
    [
        ({"notice_type": "bot_offline", "user_id": 10000}, None, "机器人不在线"),
        (ALL_MUTED, MUTED, "群里禁言中"),
        (KICKED, OUTSIDE, "机器人不在群里"),
    ],
    ids=["掉线", "全员禁言", "被移出"],
)
async def test_out_of_reach_it_waits_till_its_deadline_and_is_listed_with_the_reason(
    qq: Platform, group: Group, said: dict[str, object], fault: Exception | None, reason: str
) -> None:
    """F27：到点时掉线、被禁言、被移出群：留着，一直试到期限；过了期限带着原因列给管事的人，从不悄悄没了。"""
    qq.fails = lambda _: fault
    delivery.obstacles.note((Scope.QQ, SELF_ID), said | {"group_id": 500}, AT)
    await tell_group(group)
    for hours in range(0, 72, 7):
        await deliver_due(AT + timedelta(hours=hours))
        await notices.sweep(AT + timedelta(hours=hours))
        assert [state for state, _ in await rows()] == ["due"]
    assert qq.sent == []
    await notices.sweep(AT + notices.WINDOW)
    [lost] = await undelivered.listed([NoticeState.EXPIRED], at=AT + notices.WINDOW)
    assert (lost.recipient, lost.why) == (f"g{group.id}", reason)


@pytest.mark.parametrize("said", [ALL_MUTED, KICKED], ids=["全员禁言", "被移出"])
async def test_what_ended_while_nobody_listened_is_found_out_in_six_hours(
    qq: Platform, group: Group, said: dict[str, object]
) -> None:
    """解除禁言、请回群里的那一声，断线时会听漏：不等重启，隔几个小时试一次。"""
    delivery.obstacles.note((Scope.QQ, SELF_ID), said | {"group_id": 500}, AT)
    await tell_group(group)
    assert [await deliver_due(AT + timedelta(minutes=minutes)) for minutes in range(0, 370, 10)] == [0] * 36 + [1]


async def test_an_account_kicked_offline_sends_nothing_until_it_is_back(qq: Platform, group: Group) -> None:
    account = (Scope.QQ, SELF_ID)
    delivery.obstacles.note(account, {"notice_type": "bot_offline", "user_id": 10000}, AT)
    await tell_group(group)
    assert await deliver_due(AT) == 0
    delivery.obstacles.note(account, {"meta_event_type": "heartbeat", "status": {"online": False, "good": True}}, AT)
    assert await deliver_due(AT) == 0
    assert await rows() == [("due", None)]
    delivery.obstacles.note(account, {"meta_event_type": "heartbeat", "status": {"good": True}}, AT)
    assert await deliver_due(AT) == 1


async def test_an_unbound_group_gets_nothing(qq: Platform, group: Group) -> None:
    await tell_group(group)
    await Group.all().update(unbound_at=AT)
    assert await deliver_due(AT) == 0
    assert qq.sent == []


async def test_three_failures_rest_that_target_for_an_hour_and_no_other(
    qq: Platform, cadre: Cadre, group: Group
) -> None:
    other = await factories.group(501, cadre)
    qq.fails = lambda sent: v11.ActionFailed(status="failed", retcode=1) if sent.group == "500" else None
    for number in range(5):
        await tell_group(group, period=str(number))
        await tell_group(other, period=str(number))
    assert await deliver_due(AT) == 5
    assert [state for state, _ in await rows()].count("failed") == 3
    assert [row for row in await rows() if row[0] == "due"] == [("due", "连着几次没送到，歇一小时")] * 2
    qq.fails = lambda _: None
    assert await deliver_due(AT + timedelta(minutes=59)) == 0
    assert await deliver_due(AT + timedelta(hours=1)) == 2


async def test_a_success_in_between_starts_the_count_anew(qq: Platform, group: Group) -> None:
    broken = v11.ActionFailed(status="failed", retcode=1)
    outcomes = iter([broken, broken, None, broken, broken, None])
    qq.fails = lambda _: next(outcomes)
    for number in range(6):
        await tell_group(group, period=str(number))
    assert await deliver_due(AT) == 2
    assert [state for state, _ in await rows()] == ["failed", "failed", "sent"] * 2


async def test_wechat_is_tried_directly_and_falls_back(cadre: Cadre) -> None:
    group = await factories.group("wxg@chatroom", cadre)
    await Group.filter(id=group.id).update(scope=Scope.WECHAT, self_id="wxid_bot")
    youth = await factories.youth("wxid_a", cadre, group)
    await Account.filter(user_id="wxid_a").update(scope=Scope.WECHAT)
    with connected("wechat:wxid_bot") as platform:
        await tell(youth)
        await deliver_due(AT)
        assert platform.sent == [private("wxid_a", by="wxid_bot")]
        refusal = v12.exception.LogicError("failed", 35001, "不是好友", None)
        platform.fails = lambda sent: refusal if sent.user else None
        await tell(youth, period="2")
        await deliver_due(AT)
        assert platform.sent[1:] == [called("wxid_a", "wxg@chatroom", by="wxid_bot")]
        platform.fails = lambda _: v12.exception.ExecNetworkError("failed", 33001, "断了", None)
        await Notice.all().delete()
        await tell(youth, period="3")
        await deliver_due(AT)
    assert await rows() == [("unknown", "平台没说清（33001）")]


async def test_the_account_one_talked_to_is_the_one_that_speaks(youth: Person) -> None:
    await Account.filter(user_id="11").update(self_id="20000")
    with connected(SELF_ID, "20000") as platform:
        platform.friends = {"11"}
        await tell(youth)
        assert await deliver_due(AT) == 1
    assert platform.sent == [private("11", by="20000")]


async def test_a_replaced_account_leaves_nobody_out_of_reach(cadre: Cadre) -> None:
    """换了机器人号：只跟旧号私聊过的人，新号能私聊就由新号说；新号说不成的留着等旧号，不当成他来取。"""
    await Account.all().update(self_id="20000")
    await incidents.present([(Scope.QQ, "20000")], at=AT - notices.GONE + timedelta(seconds=1))
    person = await cadre.person
    with connected() as platform:
        await tell(person)
        assert await deliver_due(AT) == 0
        assert await rows() == [("due", None)]  # 旧号刚还在
        assert await deliver_due(AT + timedelta(minutes=1)) == 0
        assert await rows() == [("due", "机器人不在线")]
        platform.friends = {"1"}
        delivery.friends.__init__()
        assert await deliver_due(AT + timedelta(minutes=11)) == 1
    assert platform.sent == [private("1")]


async def test_a_resting_road_leaves_the_other_platform_open(cadre: Cadre) -> None:
    person = await cadre.person
    await Account.create(scope=Scope.WECHAT, user_id="wx_1", person=person, self_id="gh_1")
    with connected("wechat:gh_1", SELF_ID) as platform:
        platform.friends = {"1"}
        platform.fails = lambda sent: NOT_FRIEND if sent.by == "gh_1" else None
        for number in range(FAILURES + 1):
            await tell(person, period=str(number))
        assert await deliver_due(AT) == FAILURES + 1
    assert [one.by for one in platform.sent] == [SELF_ID] * (FAILURES + 1)


async def test_of_two_accounts_the_one_in_the_group_is_called(qq: Platform, youth: Person) -> None:
    await Account.filter(person=youth).update(user_id="12")
    await Account.create(scope=Scope.QQ, user_id="11", person=youth)
    qq.members = {"11"}
    await tell(youth)
    assert await deliver_due(AT) == 1
    assert qq.sent == [called("11")]


async def test_a_discreet_one_waiting_does_not_keep_the_next_from_being_called(qq: Platform, youth: Person) -> None:
    await tell(youth, discreet=True)
    await tell(youth, kind="activity.soon", period="A1/v1/24h")
    assert await deliver_due(AT) == 2
    assert qq.sent == [called("11")]


async def test_a_reminder_told_another_day_says_which_day_it_speaks_of(qq: Platform, cadre: Cadre) -> None:
    await factories.youth(11, cadre)
    person = await cadre.person
    await tell(person, kind="reminder.monthly", text="9 月还有 3 天", expires_at=AT + timedelta(days=9))
    await deliver_due(AT)
    heard: list[str] = []

    async def send(text: str) -> None:
        heard.append(text)

    await delivery.ride(replace(said(person, "1"), at=AT + timedelta(days=2)), send)
    assert heard == ["（9月2日的情形）9 月还有 3 天"]


async def test_text_that_looks_like_code_arrives_as_text(qq: Platform, youth: Person) -> None:
    qq.friends = {"11"}
    await tell(youth, text="[CQ:at,qq=all] &#91;")
    await deliver_due(AT)
    assert qq.texts == ["[CQ:at,qq=all] &#91;"]


async def test_friends_are_asked_once_in_ten_minutes(qq: Platform, youth: Person) -> None:
    for number, minutes in enumerate((0, 9, 10)):
        await tell(youth, period=str(number))
        await deliver_due(AT + timedelta(minutes=minutes))
    assert qq.calls.count("get_friend_list") == 2


async def test_pushes_keep_to_20_a_minute_an_account_and_15_a_group() -> None:
    now = 0.0
    sent: dict[str, list[float]] = {"account": [], "a": [], "b": []}

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    gate = pace.Pace(clock=lambda: now, sleep=sleep)
    for number in range(120):
        group = "ab"[number % 4 == 0]
        await gate.room("account", 20)
        await gate.turn({"account": 20, group: 15})
        for key in ("account", group):
            sent[key].append(now)
    for key, limit in (("account", 20), ("a", 15), ("b", 15)):
        times = sent[key]
        assert max(sum(1 for t in times if start <= t < start + 60) for start in times) <= limit
        assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))
    assert now < 120 / 15 * 60 + 60


async def test_the_loop_wakes_when_something_is_posted(
    qq: Platform, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = asyncio.Event()
    qq.friends = {"11"}
    qq.fails = lambda _: arrived.set()
    monkeypatch.setattr(delivery, "POLL", 3600)
    clock.travel(AT)
    try:
        await delivery.start()
        await asyncio.sleep(0)
        await tell(youth)
        async with asyncio.timeout(10):
            await arrived.wait()
    finally:
        await delivery.stop()
        clock.travel(None)
    assert qq.sent == [private("11")]
    assert await rows() == [("sent", None)]


async def test_one_slow_account_does_not_hold_up_another(
    cadre: Cadre, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """一个账号卡在一次发送上，另一个账号新来的照样送；卡着的那个好了接着送。"""
    other = await factories.group(501, cadre)
    await Group.filter(id=other.id).update(self_id="20000")
    stuck, go_on, arrived = asyncio.Event(), asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(delivery, "POLL", 3600)
    clock.travel(AT)
    with connected(SELF_ID, "20000") as platform:
        plain = platform.call

        async def call(bot: Any, api: str, data: dict[str, Any]) -> Any:
            if api == "send_group_msg" and bot.self_id == SELF_ID:
                stuck.set()
                await go_on.wait()
            found = await plain(bot, api, data)
            if bot.self_id == "20000":
                arrived.set()
            return found

        platform.call = call  # type: ignore[method-assign]
        try:
            await delivery.start()
            await tell_group(group)
            async with asyncio.timeout(10):
                await stuck.wait()
                await tell_group(other)
                await arrived.wait()
        finally:
            go_on.set()
            await delivery.stop()
            clock.travel(None)
    assert [one.group for one in platform.sent] == ["501", "500"]
    assert {state for state, _ in await rows()} == {"sent"}


def said(person: Person, user_id: str = "11", *, group_id: str | None = None, self_id: str = SELF_ID) -> Said:
    return Said(
        bot=v11.Bot(nonebot.get_adapter("OneBot V11"), self_id),
        scope=Scope.QQ,
        self_id=self_id,
        by=Speaker(Scope.QQ, user_id, person_id=person.id),
        group_id=group_id,
        group=None,
        text="",
        mentions=(),
        reply_to=None,
        message_id="1",
        at=AT + timedelta(hours=1),
    )


async def test_what_waits_rides_on_the_next_private_answer_two_at_a_time(qq: Platform, youth: Person) -> None:
    for number in range(3):
        await tell(youth, period=str(number), text=f"悄悄话{number}")
    await deliver_due(AT)
    heard: list[str] = []

    async def send(text: str) -> None:
        heard.append(text)

    assert await delivery.ride(said(youth, group_id="500"), send) == 0
    assert await delivery.ride(said(youth), send) == 2
    assert heard == ["悄悄话0", "悄悄话1"]
    assert await delivery.ride(said(youth), send) == 1
    assert await delivery.ride(said(youth), send) == 0
    assert heard == ["悄悄话0", "悄悄话1", "悄悄话2"]
    assert {state for state, _ in await rows()} == {"sent"}


async def test_what_rides_is_told_whole_or_waits(qq: Platform, youth: Person) -> None:
    await tell(youth)
    await deliver_due(AT)

    async def no_room(_: str) -> None:
        assert must_be_whole()
        raise v12.exception.ActionFailedWithRetcode("failed", 35002, "放不下了", None)

    assert await delivery.ride(said(youth), no_room) == 0
    assert [state for state, _ in await rows()] == ["riding"]
    assert not must_be_whole()


async def test_stale_ones_do_not_ride(qq: Platform, youth: Person) -> None:
    await tell(youth, expires_at=AT + timedelta(minutes=30))
    await deliver_due(AT)
    assert await delivery.ride(said(youth), _nowhere) == 0
    await notices.sweep(AT + timedelta(minutes=30))
    assert await rows() == [("expired", "没等到本人来说话")]


async def test_another_person_does_not_get_them(qq: Platform, cadre: Cadre, youth: Person) -> None:
    await tell(youth)
    await deliver_due(AT)
    assert await delivery.ride(said(await cadre.person, "1"), _nowhere) == 0


@pytest.mark.parametrize(("error", "state"), [(NOT_FRIEND, "riding"), (TIMEOUT, "unknown")])
async def test_a_ride_that_fails_waits_or_is_unknown(qq: Platform, youth: Person, error: Exception, state: str) -> None:
    async def send(_: str) -> None:
        raise error

    await tell(youth)
    await deliver_due(AT)
    assert await delivery.ride(said(youth), send) == 0
    assert [row[0] for row in await rows()] == [state]


async def test_two_answers_at_once_say_it_once(qq: Platform, youth: Person) -> None:
    await tell(youth)
    await deliver_due(AT)
    counts = await asyncio.gather(*(delivery.ride(said(youth), _briefly) for _ in range(5)))
    assert sum(counts) == 1


async def test_what_is_merely_due_does_not_ride_but_can_be_asked_for(qq: Platform, youth: Person) -> None:
    await tell(youth, at=AT.replace(hour=23))
    assert await delivery.ride(said(youth), _briefly) == 0
    assert await delivery.hand_over(said(youth), _briefly, limit=10, everything=True) == 1


async def test_the_account_of_a_private_talk_is_remembered(qq: Platform, youth: Person) -> None:
    await delivery.ride(said(youth, group_id="500", self_id="20000"), _nowhere)
    assert (await Account.get(user_id="11")).self_id is None
    for self_id in ("20000", "30000"):
        await delivery.ride(said(youth, self_id=self_id), _nowhere)
        assert (await Account.get(user_id="11")).self_id == self_id


async def _nowhere(_: str) -> None:
    raise AssertionError("不该说")


async def _briefly(_: str) -> None:
    await asyncio.sleep(0)
