"""好物与订阅：谁看得到，看法怎么数，一周一份给谁。"""

from datetime import datetime, timedelta

import pytest

from bot.league import accounts, erasures, good_things, pushes, roster, subscriptions
from bot.league.errors import Refusal
from bot.league.periods import on
from bot.league.roster import Speaker
from bot.league.wishes import Submission
from bot.settings import settings
from bot.ticks import run_ticks
from db.models import Consent, Contact, ContactState, Group, Notice, Opinion, Push, Scope, Subscription
from plugins.pushes.jobs import send_digests
from tests import factories

#: 一个星期三下午
AT = on(datetime(2026, 11, 18).date()).replace(hour=14)
SATURDAY = on(datetime(2026, 11, 21).date()).replace(hour=10)


@pytest.fixture
async def group(database: str) -> Group:
    """软件学院张三（1）的群 5，青年 30…36 已加入；法学院李四（2）的群 7，青年 40；学校的王部长（9）。"""
    school = await factories.school()
    zhang = await factories.cadre(1, "张三", await factories.branch("软件学院团总支", school))
    group = await factories.group(5, zhang)
    for user in range(30, 37):
        await factories.youth(user, zhang, group)
    li = await factories.cadre(2, "李四", await factories.branch("法学院团总支", school))
    await factories.youth(40, li, await factories.group(7, li))
    await factories.admin(9, "王部长", school)
    return group


async def who(user: int) -> Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def push(title: str, tags: str, *, by: int = 1, at: datetime = AT) -> Push:
    text = f"{title} https://a.edu.cn/{title} {tags}".replace(f"cn/{title}", f"cn/{await Push.all().count()}")
    return (await pushes.submit(await who(by), text, group=None, at=at)).push


async def titles(user: int, *tags: str, at: datetime = AT, group: Group | None = None) -> list[str]:
    found, _ = await good_things.recent(await who(user), at=at, group=group, tags=tags)
    return [one.push.title for one in found]


async def opine(user: int, push: Push, text: str = "", *, useful: bool = True, at: datetime = AT) -> Push | Submission:
    return await good_things.opine(await who(user), push.id, text, useful=useful, group=None, group_id=None, at=at)


async def test_a_youth_sees_what_his_unit_and_those_above_pushed(group: Group) -> None:
    await push("软件的", "读书")
    await push("法学的", "读书", by=2)
    await push("学校的", "电影", by=9)
    assert await titles(30) == ["学校的", "软件的"]
    assert await titles(40) == ["学校的", "法学的"]
    assert await titles(9) == ["学校的"]
    assert await titles(30, "读书") == ["软件的"]
    assert await titles(30, "跑步") == []
    assert await titles(99) == []
    assert await titles(99, group=group) == ["学校的", "软件的"], "没加入的人看所在的群的"
    await pushes.cancel(await who(9), 3)
    assert await titles(30) == ["软件的"]
    assert await titles(30, at=AT + timedelta(days=91)) == []


async def test_the_list_is_short(group: Group) -> None:
    for number in range(7):
        await push(f"第{number}条", "读书")
    assert await titles(30) == [f"第{number}条" for number in (6, 5, 4, 3, 2, 1)]


async def test_opinions_are_counted_by_person_and_shown_from_five(group: Group) -> None:
    row = await push("软件的", "读书")
    for user in range(30, 34):
        await opine(user, row, useful=user != 30)
    await opine(33, row, "又看了一遍还是觉得好")
    found, said = await good_things.opinions(await who(1), row.id)
    assert (found.useful, found.plain, found.shown) == (3, 1, False)
    await opine(34, row, "我的电话是13812345678")
    found, said = await good_things.opinions(await who(1), row.id)
    assert (found.useful, found.plain, found.shown) == (4, 1, True)
    assert said == ["我的电话是〔电话已隐去〕", "又看了一遍还是觉得好"]
    with pytest.raises(Refusal, match=r"^没找到你能管的 G1"):
        await good_things.opinions(await who(2), row.id)


async def test_a_push_one_cannot_see_takes_no_opinion_and_cadres_give_none(group: Group) -> None:
    row = await push("软件的", "读书")
    with pytest.raises(Refusal, match=r"^没找到 G1，发 /好物 看看编号？$"):
        await opine(40, row)
    with pytest.raises(Refusal, match=r"^有没有用听青年的"):
        await opine(1, row)
    assert not await Opinion.exists()


async def test_a_cry_for_help_in_an_opinion_goes_to_the_duty_person(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:9",))
    row = await push("软件的", "读书")
    assert isinstance(await opine(30, row, "看完更不想活了"), Submission)
    assert not await Opinion.exists()
    assert await Notice.filter(kind="wish.crisis").exists()


async def test_words_are_cleared_after_ninety_days_the_verdict_stays(group: Group) -> None:
    row = await push("软件的", "读书")
    await opine(30, row, "看完想去博物馆")
    await good_things.forget(AT + timedelta(days=89))
    assert (await Opinion.get()).words == "看完想去博物馆"
    await good_things.forget(AT + timedelta(days=90))
    assert (await Opinion.get()).words is None
    assert (await Opinion.get()).useful


async def test_merging_keeps_the_later_opinion_and_one_of_each_tag(group: Group) -> None:
    row, other = await push("软件的", "读书"), await push("另一条", "电影")
    await opine(30, row, "先说的")
    await opine(31, row, "后说的", at=AT + timedelta(minutes=1))
    await opine(31, other, "只有一个账号说过")
    await subscriptions.subscribe(await who(30), "读书")
    await subscriptions.subscribe(await who(31), "读书 电影")
    source, target = (await who(31)).person_id, (await who(30)).person_id
    assert source
    assert target
    await accounts.merge(source, target, at=AT)
    assert {(said.person_id, said.words) for said in await Opinion.all()} == {
        (target, "后说的"),
        (target, "只有一个账号说过"),
    }
    rows = await Subscription.all().order_by("tag").values_list("person_id", "tag")
    assert sorted(rows) == sorted([(target, "读书"), (target, "电影")])


async def test_erasing_leaves_only_the_verdict(group: Group) -> None:
    row = await push("软件的", "读书")
    await opine(30, row, "看完想去博物馆")
    await subscriptions.subscribe(await who(30), "读书")
    await erasures.erase((await who(30)).person_id or 0, at=AT)
    said = await Opinion.get()
    assert (said.person_id, said.words, said.useful) == (None, None, True)
    assert not await Subscription.exists()


async def test_one_subscribes_for_oneself_and_may_leave_again(group: Group) -> None:
    by = await who(30)
    assert await subscriptions.subscribe(by, "读书、电影") == ["读书", "电影"]
    assert await subscriptions.subscribe(by, "#读书") == ["读书", "电影"]
    assert await subscriptions.unsubscribe(by, "电影") == ["电影"]
    with pytest.raises(Refusal, match=r"^你没有订“电影”，不用退。现在订着：读书。$"):
        await subscriptions.unsubscribe(by, "电影")
    assert await subscriptions.unsubscribe(by, "") == ["读书"]
    with pytest.raises(Refusal, match=r"^你没有订标签，不用退。$"):
        await subscriptions.unsubscribe(by, "")
    with pytest.raises(Refusal, match=r"^先在群里发 /加入"):
        await subscriptions.subscribe(await who(99), "读书")
    for tags in ("一 二 三", "四 五 六", "七 八"):
        await subscriptions.subscribe(by, tags)
    with pytest.raises(Refusal, match=r"^至多订 8 个标签，先发 /退订 标签 退掉几个。$"):
        await subscriptions.subscribe(by, "九")


async def digests() -> list[tuple[str | None, str | None]]:
    rows = await Notice.filter(kind="culture.digest").order_by("id").prefetch_related("person__accounts")
    return [(row.person.accounts[0].user_id if row.person else None, row.text) for row in rows]


async def test_a_digest_once_a_week_only_of_what_was_asked_for_and_only_when_new(group: Group) -> None:
    await push("很久以前的", "读书", at=SATURDAY - timedelta(days=7, minutes=1))
    await push("软件的", "读书")
    await push("学校的", "电影", by=9)
    await subscriptions.subscribe(await who(30), "读书")
    await subscriptions.subscribe(await who(40), "读书 电影")
    await subscriptions.subscribe(await who(31), "跑步")
    for at in (AT, SATURDAY - timedelta(minutes=1), SATURDAY + timedelta(hours=10)):
        await send_digests(at)
    assert await digests() == []
    await send_digests(SATURDAY)
    assert await digests() == [
        ("30", "这周你订的标签有新好物：\nG2 软件的（读书）\n　https://a.edu.cn/1\n不想收了发 /退订"),
        ("40", "这周你订的标签有新好物：\nG3 学校的（电影）\n　https://a.edu.cn/2\n不想收了发 /退订"),
    ]
    assert not await Notice.filter(kind="culture.digest", discreet=False).exists()
    await subscriptions.subscribe(await who(32), "读书")
    await run_ticks(SATURDAY + timedelta(minutes=5))
    assert len(await digests()) == 2, "一周一轮，后来订的下周再给"
    await send_digests(SATURDAY + timedelta(days=7))
    assert len(await digests()) == 2, "没有新的就不打扰"


async def test_who_left_gets_no_digest(group: Group) -> None:
    await push("软件的", "读书")
    await subscriptions.subscribe(await who(30), "读书")
    await Consent.all().update(withdrawn_at=AT)
    await Contact.all().update(state=ContactState.ENDED)
    await send_digests(SATURDAY)
    assert await digests() == []
