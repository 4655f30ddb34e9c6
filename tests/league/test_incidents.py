"""机器人的毛病：说一次，好了再说一次；时好时坏也不刷屏。"""

from datetime import datetime, timedelta

import pytest

from bot.league import incidents, notices
from bot.league.incidents import CALM, Trouble
from bot.settings import settings
from db.models import Incident, Notice, NoticeState, Scope
from tests import factories
from tests.factories import AT, SELF_ID

MINUTE = timedelta(minutes=1)
LAG = Trouble("recording@a:1", "互动记录积压了 2 分钟。", "会自己追上。")
OFFLINE = Trouble("account/qq:10000", "机器人账号 qq:10000 掉线了。", "重新登录。")


@pytest.fixture(autouse=True)
async def boss(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"900"})
    await factories.person(900)


async def see(*troubles: Trouble, at: datetime = AT, here: str = "a:1", deliver: bool = True) -> list[str]:
    """看一遍，返回新要说的话；`deliver` 时就当都送到了。"""
    before = set(await Notice.all().values_list("id", flat=True))
    await incidents.review(troubles, here=here, at=at)
    new = [row for row in await Notice.all().order_by("id") if row.id not in before]
    if deliver:
        await Notice.filter(state=NoticeState.DUE).update(state=NoticeState.SENT, sent_at=at)
    return [row.text or "" for row in new]


async def test_it_is_said_once_with_the_remedy_and_once_more_when_over() -> None:
    assert await see(LAG) == ["【团团】互动记录积压了 2 分钟。\n会自己追上。\n看全部：私聊我发 /状态"]
    for minutes in range(1, 6):
        assert await see(LAG, at=AT + minutes * MINUTE) == []
    assert await see(at=AT + 5 * MINUTE + CALM - MINUTE) == []
    assert await see(at=AT + 5 * MINUTE + CALM) == ["【团团】好了，前后约 5 分钟：互动记录积压了 2 分钟。"]
    assert await see(at=AT + timedelta(hours=1)) == []
    assert await Notice.all().order_by("id").values_list("kind", flat=True) == ["alarm.raised", "alarm.cleared"]


async def test_coming_and_going_is_one_incident() -> None:
    said = []
    for minutes in range(0, 60, 5):
        said += await see(*[LAG] * (minutes % 10 == 0), at=AT + minutes * MINUTE)
    assert len(said) == 1


async def test_a_trouble_that_returns_all_day_does_not_storm() -> None:
    said = []
    for minutes in range(0, 24 * 60, 12):  # 坏一分钟，好十一分钟：刚够一次次算作“好了”
        said += await see(LAG, at=AT + minutes * MINUTE)
        said += await see(at=AT + (minutes + 11) * MINUTE)
    assert len(said) <= 4


async def test_two_troubles_are_two_incidents() -> None:
    assert len(await see(LAG, OFFLINE)) == 2
    assert await see(LAG, at=AT + CALM) == ["【团团】好了，前后约 1 分钟：机器人账号 qq:10000 掉线了。"]


async def test_what_was_over_before_it_was_told_is_not_told() -> None:
    await see(OFFLINE, deliver=False)
    assert await see(at=AT + CALM) == []
    assert await Notice.all().values_list("state", "reason") == [("expired", "还没说，已经好了")]


async def test_another_processes_own_trouble_is_left_to_it() -> None:
    await see(LAG, OFFLINE)
    over = await see(at=AT + CALM, here="b:2")
    assert over == ["【团团】好了，前后约 1 分钟：机器人账号 qq:10000 掉线了。"]
    assert await see(LAG, at=AT + CALM) == []


async def test_a_restart_does_not_say_it_again() -> None:
    """记在库里，不在内存里。"""
    await see(LAG)
    assert await see(LAG, at=AT + timedelta(hours=3)) == []
    assert await Incident.all().count() == 1


async def test_two_processes_seeing_it_at_once_say_it_once() -> None:
    await Incident.create(name=OFFLINE.name, current=OFFLINE.name, what="…", opened_at=AT, seen_at=AT)
    await incidents._open(OFFLINE, at=AT)
    assert not await Notice.exists()


async def test_old_incidents_are_forgotten() -> None:
    await see(LAG)
    await see(at=AT + CALM)
    await see(at=AT + CALM + incidents.KEEP)
    assert not await Incident.exists()


async def test_who_was_here_is_remembered() -> None:
    here = (Scope.QQ, SELF_ID)
    await incidents.present([here, (Scope.WECHAT, "wx")], at=AT)
    await incidents.present([here], at=AT + MINUTE)
    assert await incidents.accounts(at=AT + MINUTE) == {here: AT + MINUTE, (Scope.WECHAT, "wx"): AT}
    assert list(await incidents.accounts(at=AT + incidents.PRESENT)) == [here]


async def test_an_account_has_something_waiting_only_when_it_alone_should_send_it() -> None:
    cadre = await factories.cadre(1, "李老师", await factories.school())
    group = await factories.group(500, cadre)
    youth = await factories.youth(11, cadre, group)
    here, there = (Scope.QQ, SELF_ID), (Scope.WECHAT, "wx")
    await notices.post("wish.claimed", period="1", text="…", at=AT, person_id=youth.id)
    assert not await notices.awaits(here, AT - MINUTE)
    assert await notices.awaits(here, AT)
    assert not await notices.awaits(there, AT)
    await Notice.all().update(state=NoticeState.SENT)
    assert not await notices.awaits(here, AT)
