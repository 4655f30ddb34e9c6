from datetime import date, datetime, timedelta

import pytest

from bot.league import contacts, standings
from bot.league.errors import Refusal
from db.models import Account, Cadre, Contact, ContactState, Person, Scope, Unit
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


async def test_a_name_is_shown_without_what_turns_the_line_around(cadre: Cadre, at: datetime) -> None:
    youth = await factories.youth(1001, cadre)
    await Person.filter(id=youth.id).update(name="王\u202e小明\u200b")
    [one] = await contacts.companions(cadre.id, at=at)
    assert one.name == "王小明"
    [standing] = await standings.survey(at)
    assert [silent.name for silent in standing.silent] == ["王小明"]


async def test_mentioning_someone_elses_contact_is_refused(cadre: Cadre) -> None:
    mine = await factories.youth(1001, cadre)
    await factories.person(1002)
    assert await contacts.mentioned(cadre.id, Scope.QQ, ["1001"]) == [await contact_of(mine)]
    with pytest.raises(Refusal, match="有 1 位不是你的联系青年"):
        await contacts.mentioned(cadre.id, Scope.QQ, ["1001", "1002"])
    with pytest.raises(Refusal, match="不是你的联系青年"):
        await contacts.mentioned(cadre.id, Scope.WECHAT, ["1001"])


async def test_two_accounts_of_one_contact_are_one_contact(cadre: Cadre) -> None:
    mine = await factories.youth(1001, cadre)
    await Account.create(scope=Scope.QQ, user_id="1002", person=mine)
    assert await contacts.mentioned(cadre.id, Scope.QQ, ["1002", "1001"]) == [await contact_of(mine)]


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
