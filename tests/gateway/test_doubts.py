"""F25：说不清的通知，找得到就是送到了；确实没有才重送，只一次；看不明白的绝不碰。"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from nonebot.adapters.onebot import v11

from bot.gateway import delivery, doubts
from bot.gateway.delivery import deliver_due
from bot.gateway.doubts import GIVE_UP, Verdict, judge
from bot.gateway.long_texts import paragraphs
from bot.league import notices
from bot.league.notices import INTERRUPTED, LEASE
from db.models import Group, Notice, Person, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.platforms import Platform, connected

TIMEOUT = v11.ActionFailed(status="failed", retcode=1200, message="Timeout: NTEvent sendMsg", wording="Timeout")
SOON = AT + timedelta(minutes=2)
NOW = AT.timestamp()
TEXT = "三季度通报 出来了，\n发 /通报 看"


@pytest.fixture
async def youth(group: Group) -> Person:
    return await factories.youth(11, await group.cadre, group)


def frame(text: str, *, by: str = SELF_ID, after: float = 0, kind: str = "text") -> dict[str, Any]:
    return {"user_id": int(by), "time": int(NOW + after), "message": [{"type": kind, "data": {"text": text}}]}


BEFORE = frame("早先的一句", after=-3600)


async def doubtful(qq: Platform, *, went_out: bool = True, **to: int) -> None:
    """一条送了却不知道到没到的。"""
    await notices.post(ANY_KIND, period="1", text=TEXT, at=AT, **to)
    qq.fails, qq.went_out = lambda _: TIMEOUT, went_out
    await deliver_due(AT)
    qq.fails, qq.went_out = lambda _: None, False
    assert [state for state, *_ in await rows()] == ["unknown"]


async def rows() -> list[tuple[str, str | None]]:
    return await Notice.all().order_by("id").values_list("state", "reason")


async def look(at: datetime = SOON) -> int:
    return await doubts.look(at, delivery.obstacles)


@pytest.mark.parametrize("private", [False, True])
async def test_what_is_found_in_the_history_was_sent_and_is_not_sent_again(
    qq: Platform, group: Group, youth: Person, private: bool
) -> None:
    await doubtful(qq, **({"person_id": youth.id} if private else {"group_id": group.id}))
    qq.history = [BEFORE, frame("三季度通报　出来了， 发 /通报 看\n", after=1)]
    assert await look() == 1
    assert await rows() == [("sent", "核对过，送到了")]
    assert await deliver_due(SOON) == 0
    assert len(qq.sent) == 1
    assert qq.calls[-1] == ("get_friend_msg_history" if private else "get_group_msg_history")


async def test_what_is_certainly_absent_is_sent_again_just_once(qq: Platform, group: Group) -> None:
    await doubtful(qq, went_out=False, group_id=group.id)
    qq.history = [BEFORE, frame("别的一句", after=30)]
    assert await look() == 1
    assert await rows() == [("due", "核对过，没有送到，再送一次")]
    qq.fails = lambda _: TIMEOUT
    await deliver_due(SOON)
    assert [state for state, _ in await rows()] == ["unknown"]
    qq.history = [BEFORE, frame("又一句别的", after=600)]
    assert await look(SOON + timedelta(minutes=2)) == 1
    assert await rows() == [("failed", "送了两次，核对过都没有送到")]
    assert await deliver_due(SOON + timedelta(hours=1)) == 0
    assert qq.calls.count("send_group_msg") == 2


async def test_sent_again_and_answered_is_sent(qq: Platform, group: Group) -> None:
    await doubtful(qq, went_out=False, group_id=group.id)
    qq.history = [BEFORE]
    await look()
    assert await deliver_due(SOON) == 1
    assert qq.texts == [TEXT]
    assert [state for state, _ in await rows()] == ["sent"]


async def test_absent_but_too_late_is_told_as_that(qq: Platform, group: Group) -> None:
    await doubtful(qq, went_out=False, group_id=group.id)
    qq.history = [BEFORE]
    await Notice.all().update(expires_at=SOON)
    await look()
    assert await rows() == [("expired", "核对过，没有送到，再送已经过了时候")]


async def test_no_history_leaves_it_unknown_and_is_not_asked_twice(qq: Platform, group: Group) -> None:
    await doubtful(qq, group_id=group.id)
    for minutes in range(5):
        assert await look(SOON + timedelta(minutes=minutes)) == 0
    assert await rows() == [("unknown", "平台没说清（1200）")]
    assert qq.calls.count("get_group_msg_history") == 1
    assert await deliver_due(SOON) == 0


async def test_a_platform_that_does_not_answer_is_asked_again_for_a_day(qq: Platform, group: Group) -> None:
    await doubtful(qq, group_id=group.id)
    qq.history = v11.NetworkError("没有回音")
    assert await look() == 0
    qq.history = [frame(TEXT, after=1)]
    assert await look() == 1
    assert [state for state, _ in await rows()] == ["sent"]


async def test_after_a_day_without_an_answer_it_stays_unknown(qq: Platform, group: Group) -> None:
    await doubtful(qq, group_id=group.id)
    qq.history = v11.NetworkError("没有回音")
    assert await look(AT + GIVE_UP) == 0
    qq.history = [frame(TEXT, after=1)]
    assert await look(AT + GIVE_UP) == 0
    assert [state for state, _ in await rows()] == ["unknown"]


async def test_the_history_is_given_two_minutes_to_catch_up(qq: Platform, group: Group) -> None:
    await doubtful(qq, group_id=group.id)
    qq.history = [BEFORE]
    assert await look(SOON - timedelta(seconds=1)) == 0
    assert "get_group_msg_history" not in qq.calls


async def test_only_the_account_that_said_it_is_asked(qq: Platform, group: Group) -> None:
    await doubtful(qq, group_id=group.id)
    await Group.all().update(self_id="20000")
    delivery.obstacles.note((Scope.QQ, SELF_ID), {"notice_type": "bot_offline"}, AT)
    with connected("20000", platform=Platform(history=[frame(TEXT, by="20000")])) as other:
        assert await look() == 0
        assert other.calls == []


@pytest.mark.parametrize(("arrived", "state"), [(True, "sent"), (False, "unknown")])
async def test_after_a_crash_it_is_looked_for_but_never_sent_again(
    qq: Platform, youth: Person, arrived: bool, state: str
) -> None:
    """断电断掉的不知道是哪个账号、说没说出口：找到了算送到，找不到也不敢重送。"""
    await notices.post(ANY_KIND, period="1", text=TEXT, at=AT, person_id=youth.id)
    assert await notices.claim((Scope.QQ, SELF_ID), among=[(Scope.QQ, SELF_ID)], worker="a", at=AT)
    await notices.sweep(AT + LEASE)
    qq.history = [BEFORE, *([frame(TEXT, after=2)] if arrived else [])]
    await look(AT + LEASE)
    assert await rows() == [(state, "核对过，送到了" if arrived else INTERRUPTED)]
    assert await deliver_due(AT + LEASE) == 0


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([], Verdict.UNCLEAR),
        ([BEFORE, frame(TEXT, after=1)], Verdict.THERE),
        ([frame(TEXT, after=1)], Verdict.THERE),
        ([BEFORE, {"user_id": SELF_ID, "time": int(NOW), "raw_message": TEXT}], Verdict.THERE),
        ([BEFORE], Verdict.ABSENT),
        ([BEFORE, frame(TEXT, by="20002", after=1)], Verdict.ABSENT),  # 别人学舌
        ([frame(TEXT, after=-3600)], Verdict.ABSENT),  # 一小时前说的不是这一次
        ([frame("旁人", by="20002", after=-3600)], Verdict.UNCLEAR),  # 记录里没有我们自己的话：也许它从不收
        ([frame("更晚的一句", after=60)], Verdict.UNCLEAR),  # 看不到那一刻
        ([BEFORE, frame("", after=1, kind="image")], Verdict.UNCLEAR),  # 也许就是它，成了图片
        ([BEFORE, frame("", after=1, kind="forward")], Verdict.UNCLEAR),
        ([BEFORE, {"user_id": SELF_ID, "time": int(NOW) + 1}], Verdict.UNCLEAR),
        ([BEFORE, {"user_id": SELF_ID, "message": [{"type": "text", "data": {"text": TEXT}}]}], Verdict.ABSENT),
    ],
)
def test_only_a_complete_and_readable_history_says_absent(told: list[dict[str, Any]], verdict: Verdict) -> None:
    assert judge(told, SELF_ID, TEXT, since=NOW) is verdict


def test_a_long_text_said_in_parts_is_never_called_absent() -> None:
    long = "\n".join("一" * 100 for _ in range(40))
    told = [BEFORE, *(frame(part, after=1) for part in paragraphs(long))]
    assert judge(told, SELF_ID, long, since=NOW) is Verdict.UNCLEAR
