"""谁在说：有缓存，但名册一变立刻看得见；记住他对着哪个机器人账号说话。"""

import pytest

from bot.gateway import speaker as speakers
from bot.gateway.speaker import Recent, bound_group, speaker
from bot.league import incidents, roster
from bot.settings import settings
from db.models import Account, Group, Scope
from tests import factories
from tests.chat import SELF_ID, Chat


async def test_a_change_of_the_roster_is_seen_at_once(database: str) -> None:
    assert (await speaker(Scope.QQ, "1")).person_id is None
    await factories.cadre(1, "李老师", await factories.school())
    assert (await speaker(Scope.QQ, "1")).is_cadre


async def test_nothing_changed_means_nothing_asked(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await factories.group(300, await factories.cadre(1, "李老师", await factories.school()))
    first = await speaker(Scope.QQ, "1"), await bound_group(Scope.QQ, "300")

    async def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(roster, "identify", never)
    monkeypatch.setattr(Group, "get_or_none", never)
    assert (await speaker(Scope.QQ, "1"), await bound_group(Scope.QQ, "300")) == first


async def test_a_superuser_is_one_by_id_and_by_platform(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not (await speaker(Scope.QQ, "1")).superuser
    monkeypatch.setattr(settings(), "superusers", {"1", "wechat:wx_a"})
    assert (await speaker(Scope.QQ, "1")).superuser
    assert (await speaker(Scope.WECHAT, "wx_a")).superuser
    assert not (await speaker(Scope.QQ, "wx_a")).superuser


async def test_after_a_minute_another_process_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(speakers.time, "monotonic", lambda: now[0])
    recent: Recent[int, int] = Recent()
    values = iter(range(9))

    async def load() -> int:
        return next(values)

    assert [await recent.get(1, load), await recent.get(1, load)] == [0, 0]
    now[0] = Recent.FRESH
    assert await recent.get(1, load) == 1


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recent, "SIZE", 3)
    recent: Recent[int, int] = Recent()

    async def load() -> int:
        return 0

    for key in range(10):
        await recent.get(key, load)
    assert len(recent._rows) == 3


async def test_a_change_while_asking_is_not_lost() -> None:
    recent: Recent[int, str] = Recent()

    async def old() -> str:
        roster.touch()  # 查的时候名册变了，查到的可能是旧的
        return "旧"

    async def new() -> str:
        return "新"

    assert await recent.get(1, old) == "旧"
    assert await recent.get(1, new) == "新"


async def test_a_group_goes_to_the_account_that_hears_it_once_the_old_one_is_gone(chat: Chat) -> None:
    """换了机器人号，不必一个群一个群解绑再绑。"""
    await factories.group(300, await factories.cadre(1, "李老师", await factories.school()))
    await Group.all().update(self_id="20000")
    await incidents.present([(Scope.QQ, "20000")], at=chat.at)
    await chat.say(1, "/帮助", group=300)
    assert (await Group.get()).self_id == "20000"
    chat.later(minutes=10)
    await chat.say(1, "/帮助", group=300)
    assert (await Group.get()).self_id == SELF_ID


async def test_the_account_last_talked_to_is_remembered(chat: Chat) -> None:
    await factories.person(7)
    await factories.person(8)
    await chat.say(7, "/帮助", group=300)
    assert [row.self_id for row in await Account.all().order_by("user_id")] == [SELF_ID, None]
