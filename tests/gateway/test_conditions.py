"""看着机器人自己：记录停了、积压了、到点的事停了、账号掉线有话等着、送不到的太多，各说一次。"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from bot import ticks
from bot.gateway import conditions, hearing
from bot.gateway.conditions import LAGGING, MANY_FAILED, OFFLINE, UNTICKED, watch
from bot.league import notices
from bot.settings import settings
from db.models import Cadre, Incident, Notice, NoticeState, Presence, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.platforms import Platform, connected

MINUTE = timedelta(minutes=1)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """互动记录此刻的样子，可以改；到点的事刚看过。"""
    state = SimpleNamespace(alive=True, oldest=0.2, queued=3)
    monkeypatch.setattr(hearing, "_log", SimpleNamespace(health=lambda: state))
    monkeypatch.setattr(ticks, "_looked_at", AT)
    monkeypatch.setattr(ticks, "_failing", {})
    monkeypatch.setattr(settings(), "superusers", {"900"})
    return state


@pytest.fixture
def qq() -> Iterator[Platform]:
    with connected() as platform:
        yield platform


@pytest.fixture
async def cadre(database: str, state: SimpleNamespace) -> Cadre:
    cadre = await factories.cadre(1, "李老师", await factories.school())
    await factories.group(500, cadre)
    return cadre


async def told(at: datetime = AT) -> list[str]:
    """看一遍，返回新说的第一行。"""
    before = await Notice.filter(kind="alarm.raised").count()
    await watch(at)
    rows = await Notice.filter(kind="alarm.raised").order_by("id").offset(before)
    return [(row.text or "").splitlines()[0] for row in rows]


async def test_when_all_is_well_nothing_is_said_and_who_is_online_is_noted(cadre: Cadre, qq: Platform) -> None:
    assert await told() == []
    assert await Presence.all().values_list("scope", "self_id", "seen_at") == [(Scope.QQ, SELF_ID, AT)]


async def test_a_dead_or_lagging_writer_is_said(cadre: Cadre, state: SimpleNamespace) -> None:
    state.oldest = LAGGING.total_seconds() - 1
    assert await told() == []
    state.oldest = 120.0
    assert await told() == ["【团团】互动记录积压了 2 分钟。"]
    state.alive = False
    assert await told() == []  # 同一件事，不再说
    await Incident.all().delete()
    assert await told() == ["【团团】互动记录停了，群里的往来没有记下来。"]


async def test_ticks_that_stopped_or_keep_failing_are_said(cadre: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(AT + UNTICKED - MINUTE) == []
    assert await told(AT + UNTICKED) == ["【团团】5 分钟没有看到点的事了，提醒和期限都停着。"]
    monkeypatch.setattr(ticks, "_ticks", {"broken": _raise})
    await ticks.run_ticks(AT)
    assert await told(AT + MINUTE) == []
    await ticks.run_ticks(AT + UNTICKED)
    assert await told(AT + UNTICKED) == ["【团团】定时检查 broken 已经连着出错 5 分钟。"]
    monkeypatch.setattr(ticks, "_ticks", {"broken": _pass})
    await ticks.run_ticks(AT + UNTICKED)
    assert ticks.failing() == {}


async def _raise(_: datetime) -> None:
    raise RuntimeError


async def _pass(_: datetime) -> None: ...


async def test_an_account_offline_with_something_waiting_is_said(cadre: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "_looked_at", AT + timedelta(hours=1))
    youth = await factories.youth(11, cadre)
    with connected():
        await watch(AT)
    assert await told(AT + OFFLINE) == []  # 没有话等着
    await notices.post("wish.claimed", period="1", text="…", at=AT, person_id=youth.id)
    assert await told(AT + OFFLINE - MINUTE) == []
    assert await told(AT + OFFLINE) == ["【团团】机器人账号 qq:10000 掉线 10 分钟了，有话等着它送。"]
    with connected():
        await watch(AT + OFFLINE + MINUTE)
        await watch(AT + timedelta(hours=1))
    assert await Notice.filter(kind="alarm.raised").values_list("state", "reason") == [("expired", "还没说，已经好了")]


async def test_many_failures_in_a_day_are_said(cadre: Cadre) -> None:
    person = await cadre.person
    for number in range(MANY_FAILED):
        assert await told() == []
        await notices.post(ANY_KIND, period=str(number), text="…", at=AT, person_id=person.id)
        await Notice.filter(period=str(number)).update(state=NoticeState.FAILED if number % 2 else NoticeState.UNKNOWN)
    assert await told() == ["【团团】一天里有 10 条通知送不到或说不清。"]


def test_the_name_of_this_process_survives_a_restart() -> None:
    assert conditions.here().endswith(f":{settings().port}")
