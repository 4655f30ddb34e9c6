"""字段：时间跨时区比得对，存不下的字符进不来。"""

from datetime import UTC, datetime

from bot.league.periods import on
from db.fields import clean
from db.models import Audit, Person


async def test_datetimes_compare_right_whatever_zone_they_came_in(database: str) -> None:
    midnight = on(datetime(2026, 5, 4).date())
    await Person.create(name="早", created_at=datetime(2026, 5, 3, 15, 0, tzinfo=UTC))
    await Person.create(name="晚", created_at=midnight.replace(minute=30))
    assert [p.name for p in await Person.filter(created_at__gte=midnight)] == ["晚"]
    assert [p.name for p in await Person.filter(created_at__in=[midnight.replace(minute=30)])] == ["晚"]
    await Person.filter(name="早").update(created_at=midnight.replace(minute=45))
    assert await Person.filter(created_at__gte=midnight).count() == 2


async def test_unstorable_characters_are_dropped_and_the_rest_kept(database: str) -> None:
    text = "学\x00车\ud800 '; drop table person; -- % _ \\ 👍 {0.__class__} [CQ:at,qq=all]"
    person = await Person.create(name=text[:40], created_at=datetime.now(UTC))
    assert (await Person.get(id=person.id)).name == clean(text[:40])
    assert clean(text) == text.replace("\x00", "").replace("\ud800", "")
    await Audit.create(at=datetime.now(UTC), action="x", subject="p1")
    await Audit.filter(action="x").delete()
