"""进门：谁只是说话，谁是命令；重复的、别的账号的、自己的都不办第二遍。"""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.gateway import admission, hearing, onebot, repeats, workers
from bot.gateway.accounts import Accounts
from bot.gateway.frames import Spoken, read_v11
from bot.gateway.repeats import Repeats
from bot.gateway.workers import Workers
from bot.league import roster
from bot.settings import settings
from db.models import Scope
from tests import factories
from tests.chat import Chat

ME = "10000"


def spoken(words: str, *, group: int | None = 300, user: int = 7, number: int = 1) -> Spoken:
    frame: dict[str, Any] = {"message_type": "group" if group else "private", "group_id": group, "user_id": user}
    read = read_v11(frame | {"message_id": number, "time": 1_760_000_000, "message": words}, {ME})
    assert read
    return read


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """互动记录听见了什么：（文字，是不是命令）。"""
    heard: list[tuple[str, bool]] = []
    monkeypatch.setattr(hearing, "hear", lambda _, one, *, command: heard.append((one.reading.text, command)))
    monkeypatch.setattr(admission, "REPEATS", Repeats())
    monkeypatch.setattr(admission, "ACCOUNTS", Accounts())
    return heard


def enters(words: str, **more: Any) -> bool:
    return admission.admit(Scope.QQ, ME, spoken(words, **more))


def test_talk_is_heard_and_does_not_enter(heard: list[tuple[str, bool]]) -> None:
    assert not enters("今天下午开会")
    assert not enters("/天气 北京")
    assert heard == [("今天下午开会", False), ("/天气 北京", True)]


def test_a_command_is_heard_and_enters(heard: list[tuple[str, bool]]) -> None:
    assert enters("/心愿 学车")
    assert enters("/心原 学车", number=2)
    assert heard == [("/心愿 学车", True), ("/心原 学车", True)]


def test_private_talk_is_not_heard_and_only_slashes_and_greetings_enter(heard: list[tuple[str, bool]]) -> None:
    assert not enters("今天天气不错", group=None)
    assert enters("在吗", group=None, number=2)
    assert enters("/天气", group=None)
    assert heard == []


def test_the_bots_own_words_are_not_heard(heard: list[tuple[str, bool]]) -> None:
    assert not enters("/心愿 学车", user=int(ME))
    assert heard == []


def test_another_of_our_accounts_is_nobody_speaking(heard: list[tuple[str, bool]]) -> None:
    """同群的另一个机器人账号发通报、答话：不算谁说了话，也不办。"""
    admission.ACCOUNTS.came(Scope.QQ, "20000")
    admission.ACCOUNTS.left(Scope.QQ, "20000")
    assert not enters("/心愿 学车", user=20000)
    assert heard == []


def test_the_same_command_enters_once_and_the_same_words_again_enter(heard: list[tuple[str, bool]]) -> None:
    assert [enters("/心愿 学车", number=number) for number in (1, 1, 2)] == [True, False, True]


def test_pass_through_lets_talk_in_and_hears_it_once(
    heard: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "pass_through", True)
    assert enters("今天下午开会")
    assert heard == [("今天下午开会", False)]


async def test_an_account_kicked_offline_leaves_its_groups_to_another_there(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """被顶下线、封了一天的账号，连接还在：它的群不能就此没人应。"""
    monkeypatch.setattr(onebot, "ACCOUNTS", accounts := Accounts())
    await factories.group(300, await factories.cadre(1, "李老师", await factories.school()))
    await accounts.refresh()
    for one in (ME, "2", "3"):
        accounts.came(Scope.QQ, one)
    heartbeat = {"post_type": "meta_event", "meta_event_type": "heartbeat", "interval": 5000}
    for frame, owner in (
        ({"post_type": "notice", "notice_type": "bot_offline", "user_id": int(ME), "tag": "", "message": ""}, "2"),
        (heartbeat | {"status": {"online": False}}, "2"),
        (heartbeat | {"status": {"online": True}}, ME),
    ):
        await chat.push({"self_id": int(ME), "time": 0} | frame)
        assert [accounts.minds(Scope.QQ, "300", one) for one in ("2", ME)] == [owner == "2", owner == ME]


async def test_the_bound_account_minds_its_group_while_it_is_online(database: str) -> None:
    cadre = await factories.cadre(1, "李老师", await factories.school())
    await factories.group(300, cadre)
    accounts = Accounts()
    await accounts.refresh()
    accounts.came(Scope.QQ, "1")
    assert accounts.minds(Scope.QQ, "300", "1"), "只有一个账号，都归它"
    accounts.came(Scope.QQ, factories.SELF_ID)
    assert not accounts.minds(Scope.QQ, "300", "1")
    assert accounts.minds(Scope.QQ, "300", factories.SELF_ID)
    assert accounts.groups_of(Scope.QQ, factories.SELF_ID) == [(Scope.QQ, "300")]
    accounts.left(Scope.QQ, factories.SELF_ID)
    accounts.came(Scope.QQ, "2")
    assert [accounts.minds(Scope.QQ, "300", one) for one in ("2", "1", "2")] == [True, False, True], (
        "先到先得，之后不变"
    )
    assert accounts.ours(Scope.QQ) == {"1", "2", factories.SELF_ID}
    accounts.came(Scope.WECHAT, "3")
    assert accounts.minds(Scope.WECHAT, "300", "3"), "另一个平台的账号是另一回事"


def test_a_stand_in_that_hears_nothing_any_more_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """两个账号都在没绑定的群里，先到的那个被请了出去：另一个接着应。"""
    now = [0.0]
    monkeypatch.setattr("bot.gateway.accounts.time", SimpleNamespace(monotonic=lambda: now[-1]))
    accounts = Accounts()
    for one in "12":
        accounts.came(Scope.QQ, one)
    assert [accounts.minds(Scope.QQ, "300", one) for one in "12"] == [True, False]
    now.append(50.0)
    assert [accounts.minds(Scope.QQ, "300", one) for one in "21"] == [False, True]
    now.append(110.0)
    assert [accounts.minds(Scope.QQ, "300", one) for one in "21"] == [True, False]


async def test_a_group_bound_later_is_learned_when_the_roster_changes(database: str) -> None:
    accounts = Accounts()
    await accounts.refresh()
    await factories.group(300, await factories.cadre(1, "李老师", await factories.school()))
    await accounts.refresh()
    assert accounts.groups_of(Scope.QQ, factories.SELF_ID) == [(Scope.QQ, "300")]
    roster.touch()


def test_what_was_done_is_known_after_a_restart_and_only_as_a_digest() -> None:
    first = Repeats()
    first.load()
    assert not first.seen("做完的", "20001")
    first.done("做完的", "20001")
    assert not first.seen("没做完的")
    first.close()
    second = Repeats()
    second.load()
    assert second.seen("做完的", "20001")
    assert not second.seen("没做完的")
    second.close()
    assert b"20001" not in (settings().data_dir / "handled").read_bytes()


def test_old_and_broken_lines_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    path = settings().data_dir / "handled"
    path.write_text(f"1 {'0' * 24}\nbroken\n9999999999 zz\n", "ascii")
    again = Repeats()
    again.load()
    again.close()
    assert path.read_text("ascii") == ""


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_GENERATION", 100)
    memory = Repeats()
    assert not any(memory.seen(str(n)) for n in range(1_000))
    assert len(memory._young) + len(memory._old) <= 200
    assert memory.seen("999")


async def test_one_group_is_served_in_order_and_a_stuck_one_steps_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    crew, done, answer = Workers(), [], asyncio.Event()

    async def stuck() -> None:
        await answer.wait()
        done.append("等到了")

    async def quick(word: str) -> None:
        done.append(word)
        if word == "二":
            answer.set()

    await crew.start()
    crew.submit("300", lambda: quick("一"))
    crew.submit("300", stuck)
    crew.submit("300", lambda: quick("二"))
    await crew.stop(patience=5)
    assert done == ["一", "二", "等到了"]
    assert crew.waiting == 0


async def test_a_job_that_crashes_does_not_stop_its_queue() -> None:
    crew, done = Workers(), []

    async def crash() -> None:
        raise ValueError

    async def work() -> None:
        done.append(1)

    await crew.start()
    crew.submit("300", crash)
    crew.submit("300", work)
    await crew.stop(patience=5)
    assert done == [1]


async def test_a_full_queue_drops_and_counts_and_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "DEPTH", 3)
    crew, dropped, done = Workers(), [], []
    monkeypatch.setattr(workers.tally, "note", dropped.append)

    async def work() -> None:
        done.append(1)

    await crew.start()
    for _ in range(5):
        crew.submit("300", work)
    await crew.stop(patience=5)
    assert (len(done), len(dropped)) == (3, 2)


async def test_stopping_does_not_wait_for_ever() -> None:
    crew = Workers()
    await crew.start()
    crew.submit("300", asyncio.Event().wait)  # type: ignore[arg-type]
    async with asyncio.timeout(2):
        await crew.stop(patience=0.05)
    assert crew.waiting == 0
