"""宣传素材：没点头的没有，匿名的、有难处的没有，青年从不写姓名。"""

from datetime import date, timedelta

import pytest

from bot.league import material_consents, materials, roster
from bot.league.accounts import merge
from bot.league.erasures import erase
from bot.league.errors import Refusal
from bot.league.export_rows import work_of
from bot.league.materials import Pack
from bot.league.periods import on
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    Campaign,
    Eligibility,
    EligibilityState,
    EvidenceGrade,
    MaterialConsent,
    Nomination,
    NominationState,
    Participation,
    PartState,
    Person,
    Scope,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from plugins.materials import render
from tests import factories

AT = on(date(2026, 11, 18)).replace(hour=14)


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


@pytest.fixture
async def college(database: str) -> Unit:
    """甲学院团总支：管理员 8，团干部 1 李老师、2 王老师；青年 30–35。"""
    college = await factories.branch("甲学院团总支", await factories.school())
    await factories.admin(8, "总支书记", college)
    cadre = await factories.cadre(1, "李老师", college)
    await factories.cadre(2, "王老师", college)
    for user in range(30, 36):
        await factories.youth(user, cadre)
    await Person.filter(accounts__user_id__startswith="3").update(name="小王")
    return college


async def taken(user: int = 8) -> Pack:
    return await materials.pack(await who(user), None, 2026, at=AT)


async def story(user: int, author: int, text: str, state: NominationState = NominationState.AGREED) -> None:
    cadre = await Cadre.get(person_id=(await who(user)).person_id)
    author_id = (await who(author)).person_id
    await Nomination.create(year=2026, author_id=author_id, cadre=cadre, text=text, state=state, created_at=AT)


async def test_a_name_needs_two_nods_and_the_words_need_a_third(college: Unit) -> None:
    await story(1, 30, "每周五陪我们改简历")
    await story(1, 31, "帮我联系了实习")
    await story(2, 32, "带我们跑步")
    assert (await taken()).stories == ()  # 评审点头不等于宣传点头
    await material_consents.agree(await who(1), at=AT)
    [found] = (await taken()).stories
    assert (found.cadre, found.texts) == ("李老师", ())
    await material_consents.agree(await who(30), at=AT)
    await material_consents.agree(await who(30), at=AT)
    [found] = (await taken()).stories
    assert found.texts == ("每周五陪我们改简历",)
    await Nomination.all().update(state=NominationState.DECLINED)
    assert (await taken()).stories == ()


async def test_taking_it_back_and_erasing_take_it_out(college: Unit) -> None:
    await story(1, 30, "每周五陪我们改简历")
    for user in (1, 30):
        await material_consents.agree(await who(user), at=AT)
    await material_consents.decline(await who(1))
    assert (await taken()).stories == ()
    await erase((await who(30)).person_id or 0, at=AT)
    assert not await MaterialConsent.exists()
    await material_consents.agree(await who(1), at=AT - timedelta(days=365))
    assert (await taken()).stories == ()  # 去年的同意只管去年


async def wish(author: int, text: str, **fields: object) -> Wish:
    unit = await Unit.get(name="甲学院团总支")
    values: dict[str, object] = {
        "unit_id": unit.id, "author_id": (await who(author)).person_id, "text": text, "digest": text,
        "lane": WishLane.WALL, "state": WishState.ENDED, "ending": WishEnding.FULFILLED,
        "submitted_at": AT - timedelta(days=9), "ended_at": AT - timedelta(days=1),
    }  # fmt: skip
    return await Wish.create(**(values | fields))  # pyright: ignore[reportArgumentType]


async def test_hardship_private_and_anonymous_wishes_are_never_in_it(college: Unit) -> None:
    for user in range(30, 36):
        await material_consents.agree(await who(user), at=AT)
    await wish(30, "想学修自行车")
    await wish(31, "想要一本书", anonymous=True)
    await wish(32, "想办助学贷款", lane=WishLane.PRIVATE)
    await wish(33, "家里困难，想买鞋")  # 上过墙，话里有难处
    await wish(34, "想看海", ending=WishEnding.PARTLY)
    await MaterialConsent.filter(person_id=(await who(35)).person_id).delete()
    await wish(35, "想爬山")
    found = await taken()
    assert found.wishes == ("想学修自行车",)
    assert found.granted == ("W1", "W2", "W4", "W6")
    text = str(render.document(found, at=AT))
    for hidden in ("小王", "一本书", "贷款", "困难，想", "爬山"):
        assert hidden not in text


async def event(title: str, people: int, **fields: object) -> None:
    cadre = await Cadre.get(person_id=(await who(1)).person_id)
    day = on(date(2026, 10, 3))
    values: dict[str, object] = {
        "kind": ActivityKind.ACTIVITY, "organiser": cadre, "unit_id": cadre.unit_id, "title": title, "slot": "文体",
        "starts_at": day, "state": ActivityState.CLOSED, "grade": EvidenceGrade.L2, "graded_at": day,
        "created_at": day, "asked_from": day,
    }  # fmt: skip
    row = await Activity.create(**(values | fields))  # pyright: ignore[reportArgumentType]
    for user in range(30, 30 + people):
        person_id = (await who(user)).person_id
        await Participation.create(activity=row, person_id=person_id, state=PartState.ARRIVED, turn=user, at=day)


async def test_only_confirmed_activities_and_no_small_numbers(college: Unit) -> None:
    await event("篮球赛", 5)
    await event("读书会", 4)
    await event("自报的", 5, grade=EvidenceGrade.L1)
    await event("走访贫困家庭", 5)
    await event("年底走访", 5, campaign=Campaign.SERVICE)
    assert [(one.title, one.people) for one in (await taken()).events] == [("篮球赛", 5), ("读书会", None)]


async def test_only_admins_take_it_and_only_members_agree(college: Unit) -> None:
    with pytest.raises(Refusal, match=r"^素材给单位管理员（宣传部）取。"):
        await taken(1)
    with pytest.raises(Refusal, match=r"^这是给已经加入的青年和团干部的"):
        await material_consents.agree(await who(99), at=AT)
    with pytest.raises(Refusal, match=r"^2027 年还没到呢，现在是 2026 年。$"):
        await materials.pack(await who(8), None, 2027, at=AT)


async def test_two_accounts_of_one_person_keep_one_nod(college: Unit) -> None:
    source, target = (await who(30)).person_id or 0, (await who(31)).person_id or 0
    for user in (30, 31):
        await material_consents.agree(await who(user), at=AT)
    await material_consents.agree(await who(30), at=AT - timedelta(days=365))
    await merge(source, target, at=AT)
    rows = await MaterialConsent.all().order_by("year").values_list("person_id", "year")
    assert [tuple(row) for row in rows] == [(target, 2025), (target, 2026)]


async def test_an_erased_cadre_leaves_no_words(college: Unit) -> None:
    cadre = await Cadre.get(person_id=(await who(1)).person_id)
    await Eligibility.create(cadre=cadre, year=2026, state=EligibilityState.HELD, reason="次数少", appeal="休产假")
    data = await work_of(cadre.person_id)
    assert data["参评"] == [
        {"年份": 2026, "状态": "暂不参评", "理由": "次数少", "什么时候定的": None, "我的申诉": "休产假"}
    ]
    await erase(cadre.person_id, at=AT)
    row = await Eligibility.get()
    assert (row.reason, row.appeal) == (None, None)
