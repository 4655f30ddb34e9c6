"""记录的链：动了哪一版都看得出；删了人照样对得上。"""

from datetime import datetime, timedelta

import pytest

from bot.league import accounts, chains, erasures, record_lines, records
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from db.models import Account, Activity, ActivityVersion, ChainLink, ChainSalt, Person, RoleKind, Scope
from tests import factories
from tests.league import activity_town, wish_town
from tests.league.wish_town import Town, who

Q4 = Quarter(2026, 4)


@pytest.fixture
async def town(database: str) -> Town:
    return await wish_town.build()


async def written(town: Town, *, at: datetime) -> Activity:
    """一条写着小王和小李的记录，和一条改过一次的；都接上了链。"""
    friend = await factories.youth(201, town.zhang, town.group)
    record = await activity_town.record([town.xiaowang, friend], at=at)
    other = await activity_town.record([friend], "团课 线上", at=at)
    await records.correct(await who(100), other.id, "记错了", record_lines.read("团课 面对面", at=at), [], at=at)
    assert await chains.extend(at + timedelta(minutes=1)) == 3
    assert await chains.extend(at + timedelta(minutes=2)) == 0
    return record


async def test_every_version_becomes_one_link(town: Town, at: datetime) -> None:
    record = await written(town, at=at)
    assert await chains.verify(await who(100), record.id) == chains.Verdict(record, (at,), (), 0)
    assert (await chains.verify(await who(100), 2)).written == (at, at)
    root = await chains.root(Q4)
    last = await ChainLink.get(position=3)
    assert root == chains.Root(Q4, last.digest, 3)
    assert await chains.broken_in(Q4) == []
    assert await chains.root(Quarter(2026, 3)) is None


async def test_the_next_quarter_goes_on_from_the_last_root(town: Town, at: datetime) -> None:
    await written(town, at=at)
    root = await chains.root(Q4)
    later = Q4.next.start + timedelta(days=40)
    await activity_town.record([town.xiaowang], "谈心 线上", at=later)
    await chains.extend(later)
    assert await chains.root(Q4) == root
    assert await chains.broken_in(Q4.next) == []
    await ChainLink.filter(position=3).update(digest="0" * 64)
    assert await chains.broken_in(Q4.next) == [4]


@pytest.mark.parametrize(
    "change", [{"slot": "团课"}, {"starts_at": "2026-11-17T00:00:00+08:00"}, {"people": []}, {"people": [1, 2, 3]}]
)
async def test_a_version_that_was_touched_does_not_fit(town: Town, at: datetime, change: dict[str, object]) -> None:
    record = await written(town, at=at)
    version = await ActivityVersion.get(activity_id=record.id)
    await ActivityVersion.filter(id=version.id).update(facts=version.facts | change)
    assert (await chains.verify(await who(100), record.id)).broken == (1,)
    assert await chains.broken_in(Q4) == [1]


async def test_swapping_one_person_for_another_does_not_fit(town: Town, at: datetime) -> None:
    record = await written(town, at=at)
    stranger = await factories.youth(202, town.zhang)
    version = await ActivityVersion.get(activity_id=record.id)
    people = version.facts["people"]
    assert isinstance(people, list)
    for swapped in ([stranger.id, *people[1:]], [None, *people[1:]]):
        await ActivityVersion.filter(id=version.id).update(facts=version.facts | {"people": swapped})
        assert await chains.broken_in(Q4) == [1]


async def test_taking_a_link_out_breaks_the_next(town: Town, at: datetime) -> None:
    await written(town, at=at)
    await ChainLink.filter(position=2).delete()
    assert await chains.broken_in(Q4) == [3]


async def test_erasing_a_person_keeps_the_chain_whole_and_nothing_leads_back(town: Town, at: datetime) -> None:
    record = await written(town, at=at)
    root = await chains.root(Q4)
    await erasures.erase(town.xiaowang.id, at=at)
    assert await chains.broken_in(Q4) == []
    assert await chains.root(Q4) == root
    version = await ActivityVersion.get(activity_id=record.id)
    friend = await Person.get(accounts__user_id="201")
    assert version.facts["people"] == [None, friend.id]
    assert not await ChainSalt.exists(person_id=town.xiaowang.id)
    assert (await chains.verify(await who(100), record.id)).broken == ()


async def test_erasing_before_the_version_is_linked(town: Town, at: datetime) -> None:
    record = await activity_town.record([town.xiaowang], at=at)
    await erasures.erase(town.xiaowang.id, at=at)
    await chains.extend(at)
    assert (await ActivityVersion.get(activity_id=record.id)).facts["people"] == [None]
    assert await chains.broken_in(Q4) == []
    assert not await ChainSalt.exists()


async def test_two_accounts_becoming_one_person_change_nothing_but_erasing_still_reaches(
    town: Town, at: datetime
) -> None:
    record = await written(town, at=at)
    other = await factories.person("wx1", scope=Scope.WECHAT)
    await accounts.merge(town.xiaowang.id, other.id, at=at)
    assert await chains.broken_in(Q4) == []
    await erasures.erase(other.id, at=at)
    assert await chains.broken_in(Q4) == []
    people = (await ActivityVersion.get(activity_id=record.id)).facts["people"]
    assert isinstance(people, list)
    assert town.xiaowang.id not in people


async def test_who_may_verify(town: Town, at: datetime) -> None:
    record = await written(town, at=at)
    await factories.admin(111, "周督导", town.school, RoleKind.INSPECTOR)
    for seen_by in (100, 200, 201, 110, 111):
        assert (await chains.verify(await who(seen_by), record.id)).broken == ()
    for unseen_by in (101, 102, 999):
        with pytest.raises(Refusal, match="没找到 A1"):
            await chains.verify(await who(unseen_by), record.id)
    assert await Account.exists(user_id="101")
