"""上手：事实到了自己打勾，做齐了、过了头一季就收起；上任说一声，只说一次。"""

from datetime import datetime, timedelta

from bot.league import onboarding
from bot.league.onboarding import FIRST_QUARTER, FRESH, greet, next_steps, steps_of
from bot.league.periods import local
from db.models import Cadre, Contact, ContactTag, Notice
from tests import factories

AT = factories.AT


async def done(cadre: Cadre, at: datetime = AT) -> list[bool]:
    return [step.done for step in await steps_of(cadre.id, at=at)]


async def test_each_step_ticks_itself_when_the_fact_is_there(database: str) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    assert await done(cadre) == [False] * 6
    group = await factories.group(5, cadre)
    assert await done(cadre) == [True] + [False] * 5
    youth = await factories.youth(30, cadre, group)
    assert await done(cadre) == [True, True] + [False] * 4
    day = local(AT).date()
    row = await factories.interaction(cadre, youth, day, sessions=0)
    assert not (await done(cadre))[2], "没聊起来的不算"
    row.sessions = 1
    await row.save()
    await ContactTag.create(contact=await Contact.get(), tag="学生")
    assert await done(cadre) == [True] * 4 + [False] * 2
    await factories.record(cadre, day)
    found = await steps_of(cadre.id, at=AT)
    assert found[4].done
    assert found[5].title.startswith("五个一做了 ")


async def test_the_next_step_is_the_first_one_not_done_and_goes_when_all_are(database: str) -> None:
    unit = await factories.school()
    cadre, other = await factories.cadre(12, "张三", unit), await factories.cadre(13, "李四", unit)
    assert {one: step.title for one, step in (await next_steps(AT)).items()} == {
        cadre.id: "把我请进青年群，绑定它",
        other.id: "把我请进青年群，绑定它",
    }
    group = await factories.group(5, cadre)
    assert (await next_steps(AT, cadre_id=cadre.id))[cadre.id].title == "有青年加入"
    youth = await factories.youth(30, cadre, group)
    day = local(AT).date()
    await factories.youth(31, other, group)
    assert (await next_steps(AT, cadre_id=other.id))[other.id].title == "和一位青年真聊起来", "群是同事绑的也行"
    await factories.record(cadre, day)
    assert (await next_steps(AT, cadre_id=cadre.id))[cadre.id].title == "和一位青年真聊起来"
    await factories.interaction(cadre, youth, day)
    await ContactTag.create(contact=await Contact.get(cadre=cadre), tag="学生")
    assert list(await next_steps(AT)) == [other.id], "走完了不再说"
    assert await next_steps(AT + FIRST_QUARTER) == {}


async def test_it_is_put_away_after_the_first_quarter(database: str) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    assert len(await done(cadre, AT + FIRST_QUARTER - timedelta(seconds=1))) == 6
    assert await done(cadre, AT + FIRST_QUARTER) == []


async def test_one_word_when_appointed_and_never_again(database: str) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    for later in (timedelta(), timedelta(minutes=1), timedelta(days=2)):
        await greet(at=AT + later)
    told = await Notice.get()
    assert (told.kind, told.person_id, told.urgent) == (onboarding.KIND, cadre.person_id, False)
    assert told.text == (
        "张三，你现在是示例大学团委的团干部了，我是团团，帮你和 100 名青年保持联系。\n"
        "今天先做一件事：把我请进你的青年群，在群里发 /绑定本群。接下来做什么，发 /上手，我陪你一步一步来。"
    )
    await Cadre.filter(id=cadre.id).update(left_at=AT)
    await Cadre.filter(id=cadre.id).update(left_at=None, since=AT + timedelta(days=100))
    await greet(at=AT + timedelta(days=100))
    assert await Notice.all().count() == 2, "离任又回来的，再说一声"


async def test_those_long_in_office_and_those_who_left_hear_nothing(database: str) -> None:
    top = await factories.school()
    await factories.cadre(12, "张三", top)
    await greet(at=AT + FRESH)
    assert not await Notice.exists()
    await Cadre.all().update(left_at=AT)
    await greet(at=AT)
    assert not await Notice.exists()
