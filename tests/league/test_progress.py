from datetime import date, datetime, timedelta

from bot.league.progress import progress_of
from db.models import Wish, WishLane, WishState
from tests import factories


async def test_progress_counts_people_wishes_and_score(database: str, at: datetime) -> None:
    unit = await factories.school()
    cadre = await factories.cadre(1, "张三", unit)
    other = await factories.cadre(2, "李四", unit)
    a, b, c = [await factories.youth(n, cadre, since=at - timedelta(days=45)) for n in (1001, 1002, 1003)]
    await factories.interaction(cadre, a, date(2026, 11, 18))
    await factories.interaction(cadre, a, date(2026, 10, 8))
    await factories.interaction(cadre, b, date(2026, 10, 8))
    await factories.interaction(cadre, c, date(2026, 11, 18), sessions=0)
    for days, claimer, lane in ((1, None, WishLane.WALL), (6, None, WishLane.WALL), (6, cadre, WishLane.WALL)):
        await Wish.create(
            unit=unit,
            cadre=cadre,
            claimer=claimer,
            text="心愿",
            digest="d",
            lane=lane,
            state=WishState.CLAIMED if claimer else WishState.OPEN,
            submitted_at=at - timedelta(days=days),
            claimed_at=at - timedelta(days=days) if claimer else None,
        )
    await Wish.create(
        unit=unit, cadre=cadre, text="危机", digest="d", lane=WishLane.CRISIS, state=WishState.OPEN, submitted_at=at
    )
    now = await progress_of(cadre.id, at=at)
    assert (now.quota, now.joined, now.reached_month, now.reached_quarter, now.quiet) == (100, 3, 1, 2, 2)
    assert ([wish.id for wish in now.in_hand], [wish.id for wish in now.waiting]) == ([3], [2, 1])
    assert [wish.id for wish in now.overdue] == [3, 2]
    assert now.rank
    assert now.rank.score.facts["reached"] == 2
    assert (await progress_of(other.id, at=at)).joined == 0


async def test_a_cadre_appointed_a_moment_ago_already_has_progress(database: str, at: datetime) -> None:
    cadre = await factories.cadre(1, "张三", await factories.school())
    early = factories.AT - timedelta(seconds=1)
    assert (await progress_of(cadre.id, at=early)).joined == 0
