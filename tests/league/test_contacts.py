from datetime import date, datetime, timedelta

import pytest

from bot.league import contacts
from bot.league.errors import Refusal
from db.models import Cadre, Contact, ContactState, ContactTag, Person, Scope, Unit
from tests import factories

DAY = date(2026, 11, 18)


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "张三", await factories.school())


async def contact_of(youth: Person) -> int:
    return (await Contact.get(youth=youth)).id


async def test_the_radar_puts_the_longest_silence_first_and_real_contact_resets_it(cadre: Cadre, at: datetime) -> None:
    long_ago, never, chatty = [
        await factories.youth(n, cadre, since=at - timedelta(days=60)) for n in (1001, 1002, 1003)
    ]
    await factories.youth(1004, cadre, since=at - timedelta(days=2))
    await Person.filter(id=long_ago.id).update(name="王小明")
    await factories.interaction(cadre, long_ago, DAY - timedelta(days=40))
    await factories.interaction(cadre, chatty, DAY - timedelta(days=40))
    await factories.interaction(cadre, chatty, DAY)
    await factories.interaction(cadre, never, DAY, sessions=0, messages=200)
    found = await contacts.radar(cadre.id, at=at)
    assert [(one.name, one.last, one.quiet_days) for one in found] == [
        ("QQ 尾号1002", None, 60),
        ("王小明", DAY - timedelta(days=40), 40),
        ("QQ 尾号1004", None, 2),
    ]


async def test_only_own_active_contacts_are_listed(cadre: Cadre, at: datetime) -> None:
    other = await factories.cadre(2, "李四", await Unit.get(id=cadre.unit_id))
    mine, left = [await factories.youth(n, cadre) for n in (1001, 1002)]
    await factories.youth(1003, other)
    await factories.interaction(other, mine, DAY)
    await Contact.filter(youth=left).update(state=ContactState.ENDED)
    [one] = await contacts.companions(cadre.id, at=at)
    assert (one.name, one.last) == ("QQ 尾号1001", None)


async def test_companions_are_filtered_by_tags_and_silence(cadre: Cadre, at: datetime) -> None:
    a, b, _ = [await factories.youth(n, cadre, since=at - timedelta(days=31)) for n in (1001, 1002, 1003)]
    await contacts.retag([await contact_of(a), await contact_of(b)], add=["学生"])
    await contacts.retag([await contact_of(b)], add=["考研"])
    await factories.interaction(cadre, b, DAY - timedelta(days=29))

    async def names(**asked: object) -> list[str]:
        return [one.name[-4:] for one in await contacts.companions(cadre.id, at=at, **asked)]  # type: ignore[arg-type]

    assert await names(tags=["学生"]) == ["1001", "1002"]
    assert await names(tags=["学生", "考研"]) == ["1002"]
    assert await names(quiet_for=30) == ["1001", "1003"]
    assert await names(tags=["学生"], quiet_for=30) == ["1001"]
    assert await contacts.tag_counts(cadre.id) == [("学生", 2), ("考研", 1)]


async def test_tags_come_and_go_and_doing_it_twice_is_harmless(cadre: Cadre) -> None:
    contact = await contact_of(await factories.youth(1001, cadre))
    for _ in range(2):
        await contacts.retag([contact], add=["学生", "考研"])
    for _ in range(2):
        await contacts.retag([contact], add=["待就业"], remove=["考研"])
    assert set(await ContactTag.all().values_list("tag", flat=True)) == {"学生", "待就业"}


async def test_too_many_or_too_long_tags_change_nothing(cadre: Cadre) -> None:
    contact = await contact_of(await factories.youth(1001, cadre))
    await contacts.retag([contact], add=[f"标签{n}" for n in range(8)])
    with pytest.raises(Refusal, match="至多 8 个标签"):
        await contacts.retag([contact], add=["第九个"])
    with pytest.raises(Refusal, match="至多 20 个字"):
        await contacts.retag([contact], add=["长" * 21], remove=["标签0"])
    assert await ContactTag.all().count() == 8
    await contacts.retag([contact], add=["第九个"], remove=["标签0"])
    assert await ContactTag.all().count() == 8


async def test_mentioning_someone_elses_contact_is_refused(cadre: Cadre) -> None:
    mine = await factories.youth(1001, cadre)
    await factories.person(1002)
    assert await contacts.mentioned(cadre.id, Scope.QQ, ["1001"]) == [await contact_of(mine)]
    with pytest.raises(Refusal, match="有 1 位不是你的联系青年"):
        await contacts.mentioned(cadre.id, Scope.QQ, ["1001", "1002"])
    with pytest.raises(Refusal, match="不是你的联系青年"):
        await contacts.mentioned(cadre.id, Scope.WECHAT, ["1001"])


async def test_someone_is_named_by_roster_name_or_the_tail_of_the_account(cadre: Cadre, at: datetime) -> None:
    first, second = [await factories.youth(user, cadre) for user in ("88881234", "99991234")]
    await Person.filter(id=second.id).update(name="王小明")
    assert await contacts.named(cadre.id, "王小明", at=at) == await contact_of(second)
    assert await contacts.named(cadre.id, "尾号81234", at=at) == await contact_of(first)
    with pytest.raises(Refusal, match="“1234”对得上 2 位"):
        await contacts.named(cadre.id, "1234", at=at)
    for word in ("34", "赵六", ""):
        with pytest.raises(Refusal, match="没有"):
            await contacts.named(cadre.id, word, at=at)
