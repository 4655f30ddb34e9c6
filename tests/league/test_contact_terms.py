"""退出后又加入：是新的同意，其间的话不记；从前那一段的事实不丢、不算两遍，过去的季度怎么重算都一样。"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.league import accounts, bulletin_counts, consents, presences, roster, scores
from bot.league.bulletin_frames import Frame
from bot.league.interactions.acquaintances import Acquaintances
from bot.league.periods import Quarter, on
from bot.league.spans import Span
from db.models import (
    Cadre,
    Contact,
    ContactPast,
    ContactState,
    EvidenceGrade,
    Group,
    Participation,
    PartState,
    Person,
    Scope,
    Score,
)
from tests import factories

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
#: 九月加入，十一月一日退出，十日又加入
JOINED, LEFT, BACK = (on(date(2026, *day)).replace(hour=14) for day in ((9, 2), (11, 1), (11, 10)))
LATER = on(date(2026, 11, 18))


@pytest.fixture
async def group(database: str) -> Group:
    """张三（1）的群 5。"""
    return await factories.group(5, await factories.cadre(1, "张三", await factories.school()))


async def join(group: Group, at: datetime, user: int = 30) -> Person:
    await consents.join(group, await who(user), named=(), at=at)
    return await Person.get(accounts__user_id=str(user))


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def leave(at: datetime, user: int = 30) -> None:
    await consents.leave(await who(user), at=at)


async def facts(quarter: Quarter) -> dict[str, float]:
    await scores.recompute(quarter, at=LATER)
    return (await Score.get(quarter=str(quarter))).facts


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """通报的数不足 5 人不列；这里要看的正是一个人怎么数，取没遮的。"""
    monkeypatch.setattr(bulletin_counts, "by_unit", lambda *given: given[3])


async def counts(quarter: Quarter, group: Group) -> tuple[int, ...]:
    """通报“参与”合计里的：联系青年、本季新联系上、本季结束联系。"""
    unit = await group.unit
    until = min(quarter.end, LATER)
    frame = Frame(Span.of(unit), quarter, until, until.date(), {})
    found: Any = await bulletin_counts.participation(frame)
    return tuple(found[""][key] for key in ("kept", "fresh", "gone"))


async def arrived(group: Group, youth: Person, day: datetime) -> None:
    """`day` 那天到了张三的一场 L2 活动。"""
    row = await factories.record(await Cadre.get(), day.date(), grade=EvidenceGrade.L2)
    await Participation.create(activity=row, person=youth, state=PartState.CONFIRMED, turn=1, at=day)


async def test_what_counted_before_leaving_still_counts_once_after_coming_back(group: Group) -> None:
    youth = await join(group, JOINED)
    await factories.interaction(await Cadre.get(), youth, date(2026, 9, 10))
    await arrived(group, youth, on(date(2026, 10, 12)))
    before = await facts(Q3)
    assert (before["roster"], before["reached"]) == (1, 1)
    await leave(LEFT)
    assert (await facts(Q4))["reached"] == 1
    assert (await facts(Q4))["roster"] == 0
    await join(group, BACK)
    now = await facts(Q4)
    assert (now["roster"], now["reached"]) == (1, 1)
    assert await facts(Q3) == before, "三季度怎么重算都是那个数"
    await leave(BACK + timedelta(days=1))
    await join(group, BACK + timedelta(days=2))
    assert await facts(Q3) == before
    assert (await facts(Q4))["roster"] == 1
    assert await ContactPast.all().count() == 2


async def test_what_was_done_between_leaving_and_coming_back_does_not_count(group: Group) -> None:
    youth = await join(group, JOINED)
    await leave(LEFT)
    await arrived(group, youth, LEFT + timedelta(days=3))
    await join(group, BACK)
    assert (await facts(Q4))["reached"] == 0
    known = Acquaintances()
    await known.meet([(Scope.QQ, "30")])
    gap, after = ((moment + timedelta(days=1)).timestamp() for moment in (LEFT, BACK))
    assert known.person((Scope.QQ, "30"), gap) == 0, "补来的也不算"
    assert known.person((Scope.QQ, "30"), after) == youth.id


async def test_a_bulletin_says_the_same_of_a_past_quarter_whatever_happens_later(group: Group, whole: None) -> None:
    await join(group, JOINED)
    assert await counts(Q3, group) == (1, 1, 0)
    await leave(LEFT)
    assert await counts(Q3, group) == (1, 1, 0)
    assert await counts(Q4, group) == (0, 0, 1)
    await join(group, BACK)
    assert await counts(Q3, group) == (1, 1, 0)
    assert await counts(Q4, group) == (1, 0, 0), "回来了的，不算新联系上，也不算结束"


async def test_a_pause_is_no_new_term(group: Group) -> None:
    await join(group, JOINED)
    await presences.pause(Scope.QQ, "5", "30", at=LEFT)
    await join(group, LEFT + timedelta(days=1))
    assert not await ContactPast.exists()
    assert (await Contact.get()).since == JOINED


async def test_merging_two_accounts_keeps_both_terms(group: Group) -> None:
    """旧账号九月加入、十一月退出，新账号后来才加入：并成一个人，三季度还在名册上，只有一位。"""
    old = await join(group, JOINED)
    await leave(LEFT)
    new = await join(group, BACK, 31)
    before = await facts(Q3)
    await accounts.merge(old.id, new.id, at=LATER)
    assert await facts(Q3) == before
    assert before["roster"] == 1
    assert (await facts(Q4))["roster"] == 1
    assert (await Contact.get()).state is ContactState.ACTIVE
