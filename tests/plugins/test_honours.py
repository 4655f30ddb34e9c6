import asyncio
from datetime import datetime, timedelta

import pytest

from bot.gateway.pictures import paint
from bot.league import honours, rankings
from bot.league.errors import Refusal
from bot.league.honour_rolls import MARGIN, belongs
from bot.league.periods import Quarter
from bot.league.roster import identify
from bot.settings import settings
from db.models import Audit, Cadre, CadreKind, GroupKind, Notice, Roll, RollKind, Scope, Score, Unit
from tests import factories
from tests.chat import Chat

Q4 = Quarter(2026, 4)


@pytest.fixture
async def school(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """管理员 900；积分是写好的，不从头重算。"""
    school = await factories.school()
    await factories.admin(900, "管理员", school)

    async def as_written(*, at: datetime) -> None:
        await rankings.snapshot(Q4, at=at)

    monkeypatch.setattr(rankings, "_looked", chat.at)  # 刚看过一遍：要定下来的仍要当场再算
    monkeypatch.setattr(rankings, "refresh", as_written)
    return school


async def college(name: str, school: Unit, *totals: float, service: float = 0.5) -> Unit:
    """一个团总支，几位团干部的积分直接写好。"""
    unit = await factories.branch(name, school)
    for total in totals:
        user = 100 + await Cadre.all().count()
        cadre = await factories.cadre(user, f"干部{user}", unit, CadreKind.FULL_TIME)
        await Score.create(
            quarter=str(Q4),
            cadre=cadre,
            total=total,
            coverage=0.9,
            depth=0.9,
            service=service,
            facts={},
            computed_at=factories.AT,
        )
    return unit


async def now_at(unit: Unit, total: float) -> None:
    """这个单位的团干部都变成这个分。"""
    await Score.filter(cadre__unit_id=unit.id).update(total=total)


async def says(chat: Chat, text: str, user: int = 900, group: int | None = None) -> str:
    [reply] = await chat.say(user, text, group=group)
    return reply.text


RULE = "单位取团干部积分的中位数，85 分以上上榜，跌到 82 以下才下榜；不足 5 人的单位不列。"
THANKS = "联系在平时，都是团干部们一位一位聊出来的。"


def test_who_is_on_and_who_leaves() -> None:
    honour, effort = RollKind.HONOUR, RollKind.EFFORT
    assert [belongs(honour, median, was_on=False) for median in (84.9, 85)] == [False, True]
    assert [belongs(honour, median, was_on=True) for median in (85 - MARGIN - 0.1, 85 - MARGIN)] == [False, True]
    assert [belongs(effort, median, was_on=False) for median in (59.9, 60)] == [True, False]
    assert [belongs(effort, median, was_on=True) for median in (59.9 + MARGIN, 60 + MARGIN)] == [True, False]


async def test_an_admin_looks_then_publishes_to_the_work_groups(chat: Chat, school: Unit) -> None:
    a = await college("计算机学院团总支", school, *[90] * 5)
    await college("外国语学院团总支", school, *[90] * 6)
    await college("法学院团总支", school, *[84.9] * 5)
    await college("体育学院团总支", school, *[99] * 4)
    cadre = await Cadre.filter(unit=a).first()
    assert cadre
    work, youth = await factories.group(5, cadre, GroupKind.WORK), await factories.group(6, cadre)
    rows = "1. 计算机学院团总支（团干部 5 人）90.0 新上榜\n1. 外国语学院团总支（团干部 6 人）90.0 新上榜"
    assert await says(chat, "/光荣榜 文字") == (
        f"示例大学团委 光荣榜（2026Q4 · 还没发布，11-18 14:00 算的）\n{rows}\n{THANKS}\n{RULE}\n"
        "看好了发 /光荣榜 2026Q4 发布，会送到 1 个工作群。"
    )
    assert await says(chat, "/光荣榜") == "[image]"
    assert not await Roll.exists()
    assert await says(chat, "/光荣榜 发布") == "示例大学团委 光荣榜 2026Q4 第 1 版发布了，送往 1 个工作群。"
    [notice] = await Notice.all()
    assert (notice.kind, notice.recipient, notice.text) == (
        "honour.published",
        f"g{work.id}",
        f"示例大学团委 光荣榜（2026Q4 · 第 1 版，11月18日发布）\n{rows}\n{THANKS}\n{RULE}",
    )
    assert youth.id != work.id
    picture = await paint(notice.card)
    assert picture
    assert picture.startswith(b"\x89PNG")
    assert (await Audit.get(action="honour.publish")).detail == "光荣榜 2026Q4 第 1 版"
    # 一样的不再发；变了就是第 2 版
    assert await says(chat, "/光荣榜 发布") == "和第 1 版一样的单位、一样的分，不用再发布。"
    await now_at(a, 91)
    assert "第 2 版发布了" in await says(chat, "/光荣榜 发布")
    assert await Notice.all().count() == 2


async def test_a_unit_on_the_roll_stays_until_it_is_three_points_below(chat: Chat, school: Unit) -> None:
    a = await college("计算机学院团总支", school, *[86] * 5)
    b = await college("外国语学院团总支", school, *[84] * 5)
    await says(chat, "/光荣榜 发布")
    await now_at(a, 82)
    listed = await says(chat, "/光荣榜 文字")
    assert "1. 计算机学院团总支（团干部 5 人）82.0\n" in listed  # 不是新上榜
    assert "外国语" not in listed  # 84 分，但上回不在
    await now_at(a, 81.9)
    assert await says(chat, "/光荣榜") == "示例大学团委 2026Q4：还没有单位到 85 分。"
    assert await says(chat, "/光荣榜 发布") == "2026Q4 还没有单位到 85 分，没有可以发布的。"
    await now_at(b, 85)
    await says(chat, "/光荣榜 发布")
    await now_at(a, 84)  # 下来了，再上去又要到 85
    assert "计算机" not in await says(chat, "/光荣榜 文字")


async def test_the_effort_roll_is_told_only_to_the_units_themselves(chat: Chat, school: Unit) -> None:
    a = await college("计算机学院团总支", school, *[50] * 5, service=0.2)
    await college("外国语学院团总支", school, *[59.9] * 5)
    await college("法学院团总支", school, *[60] * 5)
    dean = await factories.admin(910, "书记", a)
    cadre = await Cadre.filter(unit=a).first()
    assert cadre
    await factories.group(5, cadre, GroupKind.WORK)
    assert await says(chat, "/加油榜 文字") == (
        "示例大学团委 加油榜（2026Q4 · 还没发布，11-18 14:00 算的）\n"
        "· 计算机学院团总支（团干部 5 人）50.0\n"
        "  差在服务（满分 25，平均 5）：心愿和心声两个工作日内先回一句，办结后请青年 /确认\n"
        "· 外国语学院团总支（团干部 5 人）59.9\n"
        "  差在服务（满分 25，平均 12.5）：心愿和心声两个工作日内先回一句，办结后请青年 /确认\n"
        "这一季还有时间，先做好下面一件就见效。\n"
        "单位取团干部积分的中位数，不到 60 分上榜，涨到 63 就下榜；不足 5 人的单位不列。\n"
        "发 /加油榜 2026Q4 发布，只私下说给这些单位自己的管理员（1 个单位有），不进群。"
    )
    assert await says(chat, "/加油榜") == "[image]"
    assert await says(chat, "/加油榜", group=5) == "该加油的单位不在群里说。私聊我发 /加油榜"
    assert await says(chat, "/加油榜 发布") == (
        "好，2026Q4 该加油的 2 个单位，私下告诉了 1 位管理员。外国语学院团总支还没有自己的管理员，请你当面说说。"
    )
    [notice] = await Notice.all()
    assert (notice.recipient, notice.text) == (
        f"p{dean.id}",
        "计算机学院团总支这一季（2026Q4）团干部积分的中位数现在是 50.0，离稳步还差一点，一起加把劲。\n"
        "差在服务（满分 25，平均 5）：心愿和心声两个工作日内先回一句，办结后请青年 /确认。\n"
        "这几句只说给你，不在群里说，也不排先后。看自己单位发 /排名",
    )
    await now_at(a, 62.9)
    assert "计算机学院团总支（团干部 5 人）62.9" in await says(chat, "/加油榜 文字")
    await now_at(a, 63)
    assert "计算机" not in await says(chat, "/加油榜 文字")


async def test_the_rolls_of_a_unit_deep_in_the_tree_are_published_all_the_same(chat: Chat, school: Unit) -> None:
    deep = school
    for level in ("甲", "乙", "丙"):
        deep = await factories.branch(f"{level}级团委", deep)
    low = await college("计算机学院团总支", deep, *[50] * 5)
    high = await college("外国语学院团总支", deep, *[90] * 5)
    await factories.admin(920, "丙级管理员", deep)
    await factories.admin(910, "书记", low)
    cadre = await Cadre.filter(unit=high).first()
    assert cadre
    await factories.group(5, cadre, GroupKind.WORK)
    assert "送往 1 个工作群" in await says(chat, "/光荣榜 发布", 920)
    assert "告诉了 1 位管理员" in await says(chat, "/加油榜 发布", 920)
    assert await Notice.all().count() == 2


async def test_others_see_only_what_was_published_and_only_names(chat: Chat, school: Unit) -> None:
    a = await college("计算机学院团总支", school, *[90] * 5)
    cadre = await Cadre.filter(unit=a).first()
    assert cadre
    await factories.group(6, cadre)
    youth = await factories.youth(3000, cadre)
    assert youth
    for user, group in ((100, None), (100, 6), (3000, 6), (900, 6)):
        assert await says(chat, "/光荣榜", user, group) == "还没有发布过光荣榜。"
    await says(chat, "/光荣榜 发布")
    shown = f"示例大学团委 光荣榜（2026Q4 · 第 1 版，11月18日发布）\n计算机学院团总支\n{THANKS}"
    for user, group in ((100, None), (100, 6), (3000, 6), (900, 6)):
        assert await says(chat, "/光荣榜", user, group) == shown
    assert await says(chat, "/光荣榜", 3000) == "光荣榜是给单位的。想看的话，在你的群里发 /光荣榜"
    refused = "光荣榜由单位管理员发布，私聊我或在工作群里发 /光荣榜 发布"
    assert await says(chat, "/光荣榜 发布", 100) == refused
    assert await says(chat, "/光荣榜 发布", 900, 6) == refused
    for user in (100, 3000):
        assert await says(chat, "/加油榜", user) == "加油榜由单位管理员来看、来发布。自己的分，私聊我发 /积分"


async def test_too_early_in_trial_or_nothing_below_is_a_sentence(
    chat: Chat, school: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = await college("计算机学院团总支", school, *[90] * 5)
    await factories.admin(910, "书记", a)
    assert await says(chat, "/光荣榜", 910) == (
        "计算机学院团总支 2026Q4 下面没有可比的单位。自己单位的积分，发 /排名 看。"
    )
    assert await says(chat, "/光荣榜 法学院") == (
        "你能看的单位里没有“法学院”。直接发 /光荣榜 看全部，或写名册里的单位名。"
    )
    assert await says(chat, "/光荣榜 2027Q1 发布") == "2027Q1 还没开始，可以看本季度：/光荣榜"
    chat.later(days=-4)
    assert await says(chat, "/光荣榜 发布") == ("2026Q4 才开了个头，分还没长起来，11月15日起再发布。先看看发 /光荣榜")
    chat.later(days=4)
    monkeypatch.setattr(settings(), "shadow_quarters", ("2026Q4",))
    for text in ("/光荣榜", "/光荣榜 发布", "/加油榜"):
        assert (await says(chat, text)).startswith("2026Q4 这一季先试算，不排名。")
    assert not await Roll.exists()


async def test_two_admins_publishing_at_once_make_one_version(chat: Chat, school: Unit) -> None:
    await college("计算机学院团总支", school, *[90] * 5)
    kept = {"kind": RollKind.HONOUR, "path": school.path, "name": school.name, "entries": []}
    await Roll.create(quarter="2026Q3", version=4, published_at=chat.at - timedelta(days=60), **kept)
    by = await identify(Scope.QQ, "900")
    done = await asyncio.gather(
        *(honours.publish(by, RollKind.HONOUR, "", Q4, at=chat.at) for _ in range(2)), return_exceptions=True
    )
    assert [isinstance(one, Refusal) for one in done].count(True) == 1
    assert await Roll.filter(quarter=str(Q4)).values_list("version", flat=True) == [1]  # 一季一季从第 1 版数
