"""最美青春故事的推荐：每人每年一份，本人点头才往外给，推荐多少不排先后。"""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from bot.league import accounts, nominations
from bot.league.errors import Refusal
from bot.league.nomination_steps import STEPS, Reply, open_to
from bot.league.nominations import Nominated
from bot.league.periods import on
from bot.league.wishes import Submission
from db.models import Audit, Consent, Nomination, NominationState, Notice, Person, Wish, WishLane
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, told, who

WAITING, AGREED, DECLINED = NominationState
STORY = "每周五陪我们改简历"


@pytest.fixture
async def town(database: str) -> Town:
    """另有青年 201、202；120 是校管理员。"""
    town = await wish_town.build()
    for user_id in (201, 202):
        await factories.youth(user_id, town.zhang, town.group)
    await factories.admin(120, "校管理", town.school)
    return town


async def nominated(user_id: int, user: int = 100, text: str = STORY, *, at: datetime) -> Nominated:
    found = await nominations.nominate(await who(user_id), text, mentions=(str(user),), at=at)
    assert isinstance(found, Nominated)
    return found


async def stories(user_id: int, *, at: datetime) -> dict[str | None, tuple[str, ...]]:
    found = await nominations.jury(await who(user_id), None, None, at=at)
    return {case.cadre.person.name: case.stories for case in found.cases}


# ---- 走法（不碰库）


def every_step() -> Iterator[tuple[NominationState, Reply]]:
    yield from itertools.product(NominationState, Reply)


def test_the_table_is_exactly_this() -> None:
    walked = {(before, said, STEPS.get((before, said))) for before, said in every_step()}
    assert walked == {
        (WAITING, Reply.AGREE, AGREED),
        (WAITING, Reply.DECLINE, DECLINED),
        (AGREED, Reply.AGREE, None),
        (AGREED, Reply.DECLINE, DECLINED),
        (DECLINED, Reply.AGREE, AGREED),
        (DECLINED, Reply.DECLINE, None),
    }
    assert open_to(Reply.AGREE) == {WAITING: AGREED, DECLINED: AGREED}


async def test_every_step_is_walked_and_every_other_is_refused(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    for before, said in every_step():
        await Nomination.all().update(state=before)
        if after := STEPS.get((before, said)):
            assert await nominations.answer(await who(100), said, at=at) == 1
            assert (await Nomination.get()).state is after
        else:
            with pytest.raises(Refusal, match=f"^你已经说过{said}了。改主意随时发 /推荐"):
                await nominations.answer(await who(100), said, at=at)
            assert (await Nomination.get()).state is before


# ---- 推荐


async def test_a_youth_nominates_one_a_year_and_may_take_it_back(town: Town, at: datetime) -> None:
    await nominated(200, text="陪我们改简历，电话13812345678", at=at)
    row = await Nomination.get()
    assert (row.text, row.year, row.state) == ("陪我们改简历，电话〔电话已隐去〕", 2026, WAITING)
    with pytest.raises(Refusal, match=r"^2026 年你已经推荐过一位了，每人每年一位"):
        await nominated(200, 101, at=at)
    await nominations.withdraw(await who(200), at=at)
    assert not await Nomination.exists(), "一个字也不留"
    with pytest.raises(Refusal, match="今年你还没有推荐过谁"):
        await nominations.withdraw(await who(200), at=at)
    await nominated(200, 101, at=at)
    await nominated(200, 101, at=at.replace(year=2027))


async def test_the_name_in_front_says_who_and_the_rest_is_the_story(town: Town, at: datetime) -> None:
    for youth, before in ((200, "张三 "), (201, "@张三　")):  # 私聊里 @ 不出人来，照着打；输入法打出来的空格是全角的
        await nominations.nominate(await who(youth), before + STORY, at=at)
    assert await Nomination.filter(cadre=town.zhang, text=STORY).count() == 2
    await Nomination.filter(author__accounts__user_id="201").delete()
    await factories.cadre(150, "李四", town.law)
    with pytest.raises(Refusal, match="名册上有几位李四，请到群里 @ 本人"):
        await nominations.nominate(await who(201), f"李四 {STORY}", at=at)


@pytest.mark.parametrize(
    ("user_id", "text", "mentions", "sentence"),
    [
        (100, STORY, ("101",), "推荐要先 /加入"),
        (999, STORY, ("101",), "推荐要先 /加入"),
        (200, STORY, ("201",), "这位不在团干部名册上"),
        (200, STORY, ("100", "101"), "一次推荐一位"),
        (200, "", ("100",), "事迹还没写内容呢，例如：/推荐 @李老师"),
        (200, "好" * 201, ("100",), "事迹有点长（201 字）"),
        (200, "王老师 很好", (), "推荐谁？先 @ 那位或写上姓名"),
        (200, "好" * 99, (), "推荐谁？"),
    ],
)
async def test_what_cannot_be_nominated_is_refused(
    town: Town, user_id: int, text: str, mentions: tuple[str, ...], sentence: str, at: datetime
) -> None:
    with pytest.raises(Refusal, match=f"^{sentence}"):
        await nominations.nominate(await who(user_id), text, mentions=mentions, at=at)
    assert not await Nomination.exists()


async def test_a_cadre_who_is_also_a_youth_cannot_nominate_himself(town: Town, at: datetime) -> None:
    await Consent.create(person_id=town.zhang.person_id, version="1", given_at=at)
    with pytest.raises(Refusal, match="不能推荐自己"):
        await nominated(100, 100, at=at)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [(date(2026, 6, 30), "最美青春故事从 7 月 1 日开始推荐"), (date(2026, 12, 1), "2026 年的推荐 11 月 30 日截止了")],
)
async def test_only_between_july_and_the_end_of_november(town: Town, day: date, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        await nominated(200, at=on(day))
    for inside in (date(2026, 7, 1), date(2027, 11, 30)):
        await nominated(200, at=on(inside) + timedelta(hours=23))


async def test_words_of_despair_go_to_the_duty_person_whoever_was_meant(town: Town, at: datetime) -> None:
    found = await nominations.nominate(await who(200), "我不想活了", at=at)
    assert isinstance(found, Submission)
    assert (await Wish.get()).lane is WishLane.CRISIS
    assert not await Nomination.exists()


# ---- 本人点头


async def test_he_is_asked_once_a_week_and_the_letter_tells_nothing(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    await nominations.keep(at)
    await nominations.keep(at)
    [(kind, text)] = await told(100)
    assert kind == "nomination.ask"
    assert STORY not in text
    assert (await Notice.get()).discreet
    await nominated(201, at=at)
    await nominations.keep(at + timedelta(hours=1))
    assert len(await told(100)) == 1, "同一周不再问"
    await nominations.keep(at + timedelta(days=7))
    await nominations.keep(at + timedelta(days=14))
    assert len(await told(100)) == 2, "新来的问一次，问过的不再催"
    assert await told(200) == [], "从不为这事去找青年"


async def test_only_what_he_agreed_to_reaches_the_jury(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    assert await stories(110, at=at) == {}
    assert (await nominations.jury(await who(110), None, None, at=at)).waiting
    await nominations.answer(await who(100), Reply.AGREE, at=at)
    await nominated(201, text="后来的一份", at=at)
    assert await stories(110, at=at) == {"张三": (STORY,)}, "新来的要再问过他"
    await nominations.answer(await who(100), Reply.DECLINE, at=at)
    assert await stories(110, at=at) == {}
    with pytest.raises(Refusal, match="今年还没有人推荐你"):
        await nominations.answer(await who(101), Reply.AGREE, at=at)


async def test_the_list_is_by_unit_never_by_votes_and_every_look_is_noted(town: Town, at: datetime) -> None:
    for user_id, cadre in ((200, 102), (201, 102), (202, 100)):
        await nominated(user_id, cadre, at=at)
    for cadre in (100, 102):
        await nominations.answer(await who(cadre), Reply.AGREE, at=at)
    assert list(await stories(120, at=at)) == ["张三", "王五"]
    assert list(await stories(110, at=at)) == ["张三"], "只看得到自己管的单位"
    assert await Audit.filter(action="nominations.view").count() == 2
    for user_id in (100, 200):
        with pytest.raises(Refusal, match="名单给组织评审的管理员看"):
            await nominations.jury(await who(user_id), None, None, at=at)
    assert await stories(120, at=at.replace(year=2027)) == {}


# ---- 留多久


async def test_ninety_days_after_the_year_the_rows_are_gone(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    await nominations.keep(on(date(2027, 3, 31)))
    assert await Nomination.exists()
    await nominations.keep(on(date(2027, 4, 1)))
    assert not await Nomination.exists()


async def test_two_accounts_made_one_keep_one_nomination_and_none_of_oneself(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    await nominated(201, 101, at=at)
    await nominated(202, 100, at=at)
    one, two, three = [(await who(user_id)).person_id or 0 for user_id in (200, 201, 202)]
    await accounts.merge(two, one, at=at)
    assert [row.cadre_id for row in await Nomination.filter(author_id=one)] == [town.zhang.id]
    await accounts.merge(three, town.zhang.person_id, at=at)
    assert await Nomination.all().count() == 1
    assert await Person.exists(id=three)


async def test_erasing_either_side_takes_the_row_away(town: Town, at: datetime) -> None:
    await nominated(200, at=at)
    await nominations.erase(town.zhang.person_id)
    assert not await Nomination.exists()
    await nominated(200, at=at)
    await nominations.erase(town.xiaowang.id)
    assert not await Nomination.exists()


async def test_what_is_withdrawn_before_he_heard_is_not_asked_about(town: Town, at: datetime) -> None:
    for user_id in (200, 201):
        await nominated(user_id, at=at)
    await nominations.keep(at)
    await nominations.withdraw(await who(200), at=at)
    assert [kind for kind, _ in await told(100)] == ["nomination.ask"], "还有一份等他回话"
    await nominations.withdraw(await who(201), at=at)
    assert await told(100) == []
