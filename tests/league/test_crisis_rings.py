"""没有人看过的求助接着响，直到有人看过；对本人只说实话。"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.league import crises, crisis_rings, wish_claims, wishes
from bot.league.crisis_rings import AGAIN_AFTER, HELP_LINES, Told, rings
from bot.settings import settings
from db.models import Notice, NoticeState, Wish
from tests.factories import AT
from tests.league import wish_town as town
from tests.league.wish_town import told, who

HELP = "我不想活了"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOBODY_YET = f"值守的老师我还没联系上，正在接着找。你先别一个人扛着。\n{HELP_LINES}"
NO_ANSWER_YET = f"值守的老师已经收到了我的话，但还没有回音，我正在接着催。你先别一个人扛着。\n{HELP_LINES}"


@pytest.fixture(autouse=True)
def on_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901"})


@pytest.fixture
async def cry(database: str) -> Wish:
    await town.build()
    return await town.wish(HELP)


async def rung(user: int) -> list[str]:
    return [text for kind, text in await told(user) if kind == "wish.crisis_again"]


async def reach_duty() -> None:
    """给值守人的那一封送到了。"""
    await Notice.filter(kind="wish.crisis").update(state=NoticeState.SENT)


async def test_unseen_it_rings_the_duty_person_and_the_superusers_then_the_admins_too(cry: Wish) -> None:
    await crisis_rings.keep(AT + 10 * MINUTE - timedelta(seconds=1))
    assert await rung(900) == []
    for _ in range(3):
        await crisis_rings.keep(AT + 10 * MINUTE)
    text = "【危机求助 W1】等了 10 分钟，还没有人看过，请马上看：私聊我发 /值守 W1。有人看过就不再响。"
    assert (await rung(900), await rung(901), await rung(110)) == ([text], [text], [])
    await crisis_rings.keep(AT + 30 * MINUTE)
    assert len(await rung(900)) == len(await rung(901)) == 2
    assert await rung(110) == [
        "危机求助 W1 等了 30 分钟，还没有人看过。内容只有值守人看得到，"
        "请马上打电话找到值守的老师，请他私聊我发 /值守 W1。"
    ]
    assert await rung(100) == [], "团干部不惊动"
    assert not await Notice.filter(kind="wish.crisis_again", text__contains=HELP).exists()


async def test_it_rings_at_night_and_each_ring_gives_way_to_the_next(cry: Wish) -> None:
    night = AT.replace(hour=23)
    await Wish.all().update(submitted_at=night)
    await crisis_rings.keep(night + HOUR)
    row = await Notice.filter(kind="wish.crisis_again").order_by("id").first()
    assert row
    assert (row.urgent, row.due_at, row.expires_at) == (True, night + HOUR, night + 2 * HOUR)


async def test_after_a_long_stop_only_the_latest_ring_is_made(cry: Wish) -> None:
    await crisis_rings.keep(AT + 5 * HOUR)
    assert len(await rung(900)) == 1


def test_the_rings_grow_rarer_and_never_cease() -> None:
    assert [rings(after)[0] for after in AGAIN_AFTER] == [1, 2, 3, 4, 5, 6]
    assert rings(9 * HOUR) == (6, DAY)
    assert rings(DAY) == (7, 2 * DAY)
    assert rings(29 * DAY) == (35, 30 * DAY)
    assert all(rings(MINUTE * n)[1] > MINUTE * n for n in range(10, 5000))


Act = Callable[[Wish], Awaitable[object]]


@pytest.mark.parametrize(
    "act",
    [
        lambda wish: _as(900, lambda by: crises.reveal(by, wish.id, at=AT + 11 * MINUTE)),
        lambda wish: _as(900, lambda by: wish_claims.progress(by, wish.id, "我在", at=AT + 11 * MINUTE)),
        lambda wish: _as(900, lambda by: wish_claims.finish(by, wish.id, "见到了", at=AT + 11 * MINUTE)),
        lambda wish: _as(200, lambda by: wishes.withdraw(by, wish.id, at=AT + 11 * MINUTE)),
    ],
    ids=["看过", "带话", "办结", "本人撤回"],
)
async def test_looking_at_it_stops_the_ringing_and_takes_back_what_was_not_sent(cry: Wish, act: Act) -> None:
    await crisis_rings.keep(AT + 10 * MINUTE)
    await act(cry)
    for later in (30 * MINUTE, HOUR, DAY):
        await crisis_rings.keep(AT + later)
    rows = Notice.filter(kind="wish.crisis_again")
    assert set(await rows.values_list("state", "reason")) == {("expired", "已经有人看过了")}
    assert await rows.count() == 2


async def _as(user: int, act: Callable[..., Awaitable[object]]) -> object:
    return await act(await who(user))


async def test_looking_at_the_list_alone_does_not_stop_it(cry: Wish) -> None:
    await crises.waiting(await who(900))
    await crisis_rings.keep(AT + 10 * MINUTE)
    assert len(await rung(900)) == 1


async def test_when_nobody_was_reached_the_author_is_told_so_once_with_the_help_lines(cry: Wish) -> None:
    for minutes in (10, 30, 60):
        await crisis_rings.keep(AT + minutes * MINUTE)
    assert await told(200) == [("wish.crisis_waiting", NOBODY_YET)]
    [row] = await Notice.filter(kind="wish.crisis_waiting")
    assert (row.urgent, row.discreet) == (True, True)


async def test_when_the_letter_arrived_but_nobody_looked_the_author_is_told_that(cry: Wish) -> None:
    await reach_duty()
    await crisis_rings.keep(AT + 10 * MINUTE)
    assert await told(200) == []
    await crisis_rings.keep(AT + 30 * MINUTE)
    assert await told(200) == [("wish.crisis_waiting", NO_ANSWER_YET)]


async def test_without_anyone_on_duty_the_admins_are_asked_at_the_first_ring(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "duty", ())
    monkeypatch.setattr(settings(), "superusers", set())
    await town.build()
    await town.wish(HELP)
    await crisis_rings.keep(AT + 10 * MINUTE)
    assert len(await rung(110)) == 1
    assert await told(200) == [("wish.crisis_waiting", NOBODY_YET)]


async def test_the_same_cry_again_rings_again_and_is_answered_truly(cry: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    async def again(minutes: int) -> Told | None:
        return (await wishes.submit(await who(200), HELP, at=AT + minutes * MINUTE)).told

    assert await again(1) is Told.TRYING
    assert await again(2) is Told.TRYING
    assert await rung(900) == ["【危机求助 W1】本人又说了一遍，请马上联系：私聊我发 /值守 W1。"], "十分钟里只响一次"
    await reach_duty()
    assert await again(12) is Told.REACHED
    assert len(await rung(900)) == 2
    monkeypatch.setattr(settings(), "duty", ())
    monkeypatch.setattr(settings(), "superusers", set())
    assert await again(25) is Told.REACHED, "先前送到过"
    await Notice.all().delete()
    assert await again(40) is Told.NOBODY


async def test_a_stranger_in_private_with_no_unit_is_rung_for_as_well(database: str) -> None:
    await town.build()
    await wishes.submit(await who(300), HELP, at=AT)
    await crisis_rings.keep(AT + HOUR)
    assert len(await rung(900)) == 1
