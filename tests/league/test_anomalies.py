"""异常：够上门槛的开一案，差一点的不开；一人一季一种至多一案，从不写名字。"""

from datetime import datetime, timedelta

import pytest

from bot.league import anomalies
from db.models import CheckKind, CheckState, GroupDay, Person, SpotCheck
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, told


@pytest.fixture
async def town(database: str) -> Town:
    return await wish_town.build()


async def flood(town: Town, messages: int, *, good: int = 0, at: datetime) -> None:
    """昨天 `messages` 条没聊成的，和 `good` 条聊成了的。"""
    day = at.date() - timedelta(days=1)
    await factories.interaction(town.zhang, town.xiaowang, day, sessions=0, messages=messages // 2)
    if good:
        other = await factories.youth(201, town.zhang)
        await factories.interaction(town.zhang, other, day, messages=good // 2)


@pytest.mark.parametrize(("messages", "good", "opened"), [(240, 0, 1), (238, 0, 0), (240, 60, 1), (240, 62, 0)])
async def test_flooding_is_many_messages_with_hardly_a_conversation(
    town: Town, at: datetime, messages: int, good: int, opened: int
) -> None:
    await flood(town, messages, good=good, at=at)
    assert await anomalies.watch(at) == opened


async def test_an_anomaly_opens_one_case_a_quarter_and_says_it_is_no_verdict(town: Town, at: datetime) -> None:
    await flood(town, 300, at=at)
    assert [await anomalies.watch(at), await anomalies.watch(at), await anomalies.watch(at + timedelta(days=1))] == [
        1, 0, 0,
    ]  # fmt: skip
    row = await SpotCheck.get()
    assert (row.kind, row.state, row.cadre_id, row.youth_id) == (
        CheckKind.FLOOD, CheckState.EXPLAINING, town.zhang.id, None,
    )  # fmt: skip
    assert await told(100) == [
        (
            "check.case",
            "K1：看到一处不太寻常的，最近七天你和青年之间有 300 条消息，其中 300 条那天一次有效互动也没有。"
            "不扣分，也不是结论。\n请在 11月25日前私聊我发 /说明 K1 怎么回事，之后由别的单位的督导来看。",
        )
    ]
    next_quarter = at + timedelta(days=60)
    await factories.interaction(town.zhang, town.xiaowang, next_quarter.date(), sessions=0, messages=150)
    assert await anomalies.watch(next_quarter) == 1


async def chorus(town: Town, size: int, days: int, *, at: datetime) -> list[Person]:
    """`size` 位同一天加入，在同样的 `days` 天里说话。"""
    people = [await factories.youth(400 + n, town.zhang, since=at - timedelta(days=20, minutes=n)) for n in range(size)]
    for person in people:
        for ago in range(days):
            await factories.interaction(town.zhang, person, at.date() - timedelta(days=3 * ago + 1))
    return people


@pytest.mark.parametrize(("size", "days", "opened"), [(5, 3, 1), (4, 3, 0), (5, 2, 0)])
async def test_a_chorus_is_five_who_speak_on_just_the_same_days(
    town: Town, at: datetime, size: int, days: int, opened: int
) -> None:
    await chorus(town, size, days, at=at)
    assert await anomalies.watch(at) == opened


async def test_whoever_has_a_life_of_his_own_is_not_in_a_chorus(town: Town, at: datetime) -> None:
    """跟别的团干部说过话的、许过愿的、哪天说话不一样的，都不算。"""
    talker, wisher, apart = (await chorus(town, 7, 3, at=at))[:3]
    other = await factories.cadre(130, "钱七", town.law)
    await factories.interaction(other, talker, at.date())
    await wish_town.wish(by=401, at=at)
    assert (await Person.get(accounts__user_id="401")).id == wisher.id
    assert await anomalies.watch(at) == 1
    await SpotCheck.all().delete()
    await factories.interaction(town.zhang, apart, at.date() - timedelta(days=15))
    assert await anomalies.watch(at) == 0


@pytest.mark.parametrize(
    ("speakers", "substantive", "days", "opened"),
    [(10, 1, 3, 1), (9, 0, 3, 0), (10, 2, 3, 0), (30, 3, 3, 1), (10, 1, 2, 0)],
)
async def test_a_relay_is_ten_who_say_next_to_nothing_for_three_days(
    town: Town, at: datetime, speakers: int, substantive: int, days: int, opened: int
) -> None:
    for ago in range(days):
        await GroupDay.create(
            group=town.group, day=at.date() - timedelta(days=ago), messages=speakers, speakers=speakers,
            substantive=substantive, substantive_speakers=substantive,
        )  # fmt: skip
    assert await anomalies.watch(at) == opened
