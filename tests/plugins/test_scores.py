from datetime import datetime, timedelta

import pytest

from bot.league import boards, rankings
from bot.league.board_orders import TOP, Ask, parse
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.spans import Span
from bot.league.summaries import summary_of
from bot.settings import settings
from db.models import Cadre, CadreKind, GroupKind, Ranking, RoleKind, Unit, Wish, WishEnding, WishLane, WishState
from plugins.scores.jobs import keep_ranking
from tests import factories
from tests.chat import Chat

Q4 = Quarter(2026, 4)


@pytest.fixture
async def school(chat: Chat) -> Unit:
    return await factories.school()


async def reaching(cadre: Cadre, count: int, at: datetime, *, weeks: int = 1) -> Cadre:
    """这位团干部有效联系到 `count` 名青年，各在 `weeks` 个周里。"""
    for n in range(count):
        person = await factories.youth(10_000 * cadre.id + n, cadre)
        for week in range(weeks):
            await factories.interaction(cadre, person, (at - timedelta(weeks=week)).date())
    return cadre


async def a_class(unit: Unit, at: datetime, *counts: int, first: int = 1) -> list[Cadre]:
    """几位其他兼职，各联系到几名青年（满 10 名且两周就是满分）。"""
    return [
        await reaching(
            await factories.cadre(first + n, f"干部{first + n}", unit, CadreKind.PART_TIME), count, at, weeks=2
        )
        for n, count in enumerate(counts)
    ]


# ---- /积分


async def test_a_cadre_is_told_the_five_parts_why_and_how_to_raise_them(chat: Chat, school: Unit) -> None:
    cadre = await reaching(await factories.cadre(1, "张三", school), 15, chat.at)
    start = chat.at - timedelta(days=9)
    await Wish.create(
        cadre=cadre,
        unit=school,
        text="心愿",
        digest="d",
        lane=WishLane.WALL,
        state=WishState.ENDED,
        ending=WishEnding.FULFILLED,
        claimer=cadre,
        submitted_at=start,
        answered_at=start,
        ended_at=start + timedelta(days=1),
    )
    [reply] = await chat.say(1, "/积分 文字")
    assert reply.text == (
        "张三的积分（2026Q4 · 100 人档）：53.4，加油\n"
        "本单位同档不足 5 人，不排名次\n"
        "示例大学团委同档不足 5 人，不排名次\n"
        "覆盖 12.5/25：联系到 15 名青年（有过有效互动，或在 L2 的活动、记录里作了证），"
        "基数 60 人（名册 15 人，应联系 100 人）；"
        "再联系到 45 名，就是满分（看 /雷达）\n"
        "深度 0.0/15：0 名青年在两个以上的周里都联系到，满分线 18 人；再和 18 名青年隔周又聊一次，就是满分\n"
        "服务 22.2/25：1 件心愿与心声：答复 1 件，两个工作日内 1 件，青年确认 1 件；"
        "两个工作日内答复、办结后请青年 /确认，就会涨\n"
        "五个一 不适用（还没有数据）：还没有人办过活动、记过一笔，也没有定过五件事，人人都先不算\n"
        "青年评价 不适用（没揭晓或不满 5 份）：每季随机问几位青年，截止后满 5 份才算\n"
        "总分 = 34.7 ÷ 65 × 100，不适用的不占分。登录、点赞、转发、在线时长一概不算。"
    )
    assert [str(r) for r in await chat.say(1, "/积分")] == ["[image]"]


async def test_the_score_is_for_oneself_only(chat: Chat, school: Unit) -> None:
    cadre = await factories.cadre(1, "张三", school)
    await factories.group(5, cadre)
    assert [str(r) for r in await chat.say(1, "/积分", group=5)] == ["积分只给你自己看，私聊我发 /积分 就好。"]
    [reply] = await chat.say(9, "/积分")
    assert "这条命令是给团干部用的" in reply.text


# ---- 试算的季度


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "shadow_quarters", ("2026Q4",))


async def test_in_a_trial_quarter_a_cadre_still_sees_his_own_parts(chat: Chat, school: Unit, trial: None) -> None:
    await a_class(school, chat.at, 10, 8, 5, 5, 5)
    [reply] = await chat.say(1, "/积分 文字")
    first, second, *parts = reply.text.splitlines()
    assert (first, second) == ("干部1的积分（2026Q4 · 10 人档）：100.0", "这一季先试算，不排名")
    assert parts[0].startswith("覆盖 25.0/25：联系到 10 名青年")
    assert len(parts) == 6
    assert [str(r) for r in await chat.say(1, "/排名")] == [
        "2026Q4 你的积分 100.0（10 人档）\n这一季先试算，不排名\n怎么来的、怎么涨，私聊发 /积分 看。"
    ]
    assert [str(r) for r in await chat.say(1, "/积分")] == ["[image]"]
    [reply] = await chat.say(1, "/进度 文字")
    assert "本季积分 100.0\n这一季先试算，不排名\n" in reply.text


async def test_in_a_trial_quarter_there_is_no_board_for_anybody(chat: Chat, school: Unit, trial: None) -> None:
    a = await factories.branch("计算机学院团总支", school)
    cadres = await a_class(a, chat.at, 10, 10, 10, 10, 10)
    await factories.admin(900, "管理员", school)
    await factories.group(5, cadres[0])
    await factories.group(6, cadres[0], GroupKind.WORK)
    no = "2026Q4 这一季先试算，不排名。团干部自己的几部分分数，私聊我发 /积分 看。"
    for user, group in ((900, None), (900, 5), (900, 6), (1, 5), (1, 6), (10_001, 5)):
        assert [str(r) for r in await chat.say(user, "/排名", group=group)] == [no]
    await rankings.refresh(at=chat.at)
    assert await Ranking.filter(quarter="2026Q4").count() == 5  # 照算，只是不给人看
    assert await boards.boards(Q4, Span.of(school), top=10) == []
    assert await boards.units(Q4, Span.of(school)) == []
    found = await summary_of(school, Q4, at=chat.at)
    assert found
    assert not any(found.bands.values())
    # 别的季度照常
    [reply] = await chat.say(900, "/排名 上季度 文字")
    assert "1. 干部1（计算机学院团总支）" in reply.text


# ---- /排名


async def test_an_admin_sees_units_and_persons_in_private_and_in_a_work_group(chat: Chat, school: Unit) -> None:
    a, b = [await factories.branch(name, school) for name in ("计算机学院团总支", "外国语学院团总支")]
    await a_class(a, chat.at, 10, 8, 5, 5, 2)
    await a_class(b, chat.at, 10, first=11)
    await reaching(await factories.cadre(21, "赵校长", school), 60, chat.at)
    await factories.admin(900, "管理员", school)
    work = await factories.group(5, await Cadre.get(person__name="赵校长"), GroupKind.WORK)
    [reply] = await chat.say(900, "/排名 文字")
    assert reply.text == (
        "示例大学团委 积分排名（2026Q4 · 团干部 7 人 · 本机收录的最大范围）\n"
        "【单位】团干部积分的中位数，不足 5 人不显示\n"
        "1. 计算机学院团总支（5 人，不适用 60%）94.6 光荣\n"
        "–. 外国语学院团总支（不足 5 人）不显示\n"
        "“不适用”指还没有数据、不占分的比重。\n"
        "【100 人档】共 1 人\n"
        "1. 赵校长（示例大学团委）62.5 稳步\n"
        "【10 人档】共 6 人 · 光荣 5 · 稳步 1 · 加油 0\n"
        "1. 干部1（计算机学院团总支）100.0 光荣\n"
        "1. 干部2（计算机学院团总支）100.0 光荣\n"
        "1. 干部11（外国语学院团总支）100.0 光荣\n"
        "4. 干部3（计算机学院团总支）94.6 光荣\n"
        "4. 干部4（计算机学院团总支）94.6 光荣\n"
        "6. 干部5（计算机学院团总支）73.6 稳步\n"
        "数据截至 11-18 14:00，100 人档与 10 人档分开排。"
    )
    [in_group] = await chat.say(900, "/排名 文字", group=work.group_id)
    assert "【10 人档】\n1. 干部1（计算机学院团总支）100.0 光荣\n" in in_group.text
    assert "6. 干部5（计算机学院团总支）73.6 稳步\n" in in_group.text
    assert [str(r) for r in await chat.say(900, "/排名")] == ["[image]"]


async def test_who_needs_cheering_on_is_never_listed_in_a_work_group(chat: Chat, school: Unit) -> None:
    unit = await factories.branch("计算机学院团总支", school)
    await a_class(unit, chat.at, 10, 0, 0, 0, 0)
    await factories.admin(900, "管理员", school)
    work = await factories.group(5, await Cadre.get(person__name="干部1"), GroupKind.WORK)
    [private] = await chat.say(900, "/排名 文字")
    assert "1. 计算机学院团总支（5 人，不适用 60%）0.0 加油" in private.text
    assert "2. 干部2（计算机学院团总支）0.0 加油" in private.text
    [public] = await chat.say(900, "/排名 文字", group=work.group_id)
    assert "干部2" not in public.text
    assert "【单位】" not in public.text
    assert "加油" not in public.text
    assert "群里只列 60 分以上的前 10 名，全部的请私聊我发 /排名" in public.text


async def test_how_many_need_cheering_on_cannot_be_worked_out_in_a_work_group(chat: Chat, school: Unit) -> None:
    units = [await factories.branch(f"{name}学院团总支", school) for name in ("甲", "乙", "丙")]
    for unit, first, reached in zip(units, (1, 11, 21), ((8,) * 5, (0,) * 5, (8,)), strict=True):
        await a_class(unit, chat.at, *reached, first=first)
    await factories.admin(900, "管理员", school)
    work = await factories.group(5, await Cadre.get(person__name="干部1"), GroupKind.WORK)
    [public] = await chat.say(900, "/排名 文字", group=work.group_id)
    assert public.text == (
        "示例大学团委 积分排名（2026Q4 · 本机收录的最大范围）\n"
        "【单位】团干部积分的中位数，不足 5 人不显示\n"
        "1. 甲学院团总支（5 人，不适用 60%）100.0 光荣\n"
        "“不适用”指还没有数据、不占分的比重。\n"
        "【10 人档】\n"
        + "".join(f"1. 干部{n}（{'丙' if n > 20 else '甲'}学院团总支）100.0 光荣\n" for n in (1, 2, 3, 4, 5, 21))
        + "群里只列 60 分以上的前 10 名，全部的请私聊我发 /排名\n"
        "数据截至 11-18 14:00，100 人档与 10 人档分开排。"
    )
    assert [str(r) for r in await chat.say(900, "/排名", group=work.group_id)] == ["[image]"]


async def test_an_admin_asks_in_any_order_and_is_told_what_was_understood(chat: Chat, school: Unit) -> None:
    unit = await factories.branch("计算机学院团总支", school)
    await a_class(unit, chat.at, 10, 8, 4)
    await factories.admin(900, "管理员", school)
    [reply] = await chat.say(900, "/排名 前2 计院 本月 文字")
    assert reply.text == (
        "计算机学院团总支 积分排名（2026Q4 · 团干部 3 人）\n"
        "【10 人档】共 3 人\n"
        "1. 干部1（计算机学院团总支）100.0 光荣\n"
        "1. 干部2（计算机学院团总支）100.0 光荣\n"
        "列了前 2 名（并列的都在），还有 1 人，想多看发 /排名 前50\n"
        "积分按季度算，没有按月的，给你看 2026Q4。数据截至 11-18 14:00，100 人档与 10 人档分开排。"
    )
    [reply] = await chat.say(900, "/排名 全国 文字")
    assert "“全国”按你能看到的最大范围算，就是示例大学团委。" in reply.text
    [reply] = await chat.say(900, "/排名 2025Q1")
    assert reply.text == "示例大学团委 2025Q1 还没有排名：那时还没有在任的团干部，或团团还没开始记。"
    [reply] = await chat.say(900, "/排名 法学院")
    assert reply.text == "你能看的单位里没有“法学院”。直接发 /排名 看全部，或写名册里的单位名。"


async def test_a_youth_group_sees_unit_bands_only_whoever_asks(chat: Chat, school: Unit) -> None:
    a, b = [await factories.branch(name, school) for name in ("计算机学院团总支", "外国语学院团总支")]
    cadres = await a_class(a, chat.at, 10, 10, 10, 10, 10)
    await a_class(b, chat.at, 1, 1, 1, 1, 1, first=11)
    await factories.admin(900, "管理员", school)
    await factories.group(5, cadres[0])
    await rankings.refresh(at=chat.at)
    shown = "2026Q4 各单位的档位\n光荣：计算机学院团总支"
    for user in (1, 900):
        assert [str(r) for r in await chat.say(user, "/排名", group=5)] == [f"{shown}\n自己的名次，私聊我发 /排名。"]
    youth = "排名是给团干部看的，只看单位和团干部，从不涉及青年个人。"
    assert [str(r) for r in await chat.say(10_001, "/排名", group=5)] == [f"{youth}\n{shown}"]
    assert [str(r) for r in await chat.say(10_001, "/排名")] == [youth]
    assert [str(r) for r in await chat.say(900, "/排名", group=6)] == [
        "这个群还没绑定，我不知道都有谁在看。私聊我发 /排名 吧。"
    ]


async def test_an_inspector_is_told_places_are_not_his_business(chat: Chat, school: Unit) -> None:
    await factories.admin(800, "督导", school, RoleKind.INSPECTOR)
    assert [str(r) for r in await chat.say(800, "/排名")] == [
        "排名是给团干部和单位管理员看的。督导看的是真不真，不看名次。"
    ]


async def test_a_cadre_who_names_a_month_is_told_which_quarter_it_is(chat: Chat, school: Unit) -> None:
    await a_class(school, chat.at, 10)
    [reply] = await chat.say(1, "/排名 本月")
    assert reply.text.startswith("积分按季度算，没有按月的，给你看 2026Q4。\n2026Q4 你的积分 100.0，光荣")


async def test_a_cadre_sees_his_own_place_in_private(chat: Chat, school: Unit) -> None:
    unit = await factories.branch("计算机学院团总支", school)
    await a_class(unit, chat.at, 10, 10, 5, 1, 1)
    await a_class(school, chat.at, 10, first=11)
    await rankings.refresh(at=chat.at)
    assert [str(r) for r in await chat.say(3, "/排名")] == [
        "2026Q4 你的积分 94.6，光荣（10 人档）\n"
        "本单位第 3 名，共 5 人\n"
        "示例大学团委第 4 名，共 6 人\n"
        "怎么来的、怎么涨，私聊发 /积分 看。"
    ]
    assert [str(r) for r in await chat.say(3, "/排名 2025Q1")] == [
        "2025Q1 还没有你的名次：那时你还没上任，或团团还没开始记。"
    ]


async def test_before_anyone_is_on_the_roster_there_is_a_sentence(chat: Chat, school: Unit, monkeypatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"900"})
    [reply] = await chat.say(900, "/排名")
    assert reply.text == "示例大学团委 2026Q4 还没有排名：那时还没有在任的团干部，或团团还没开始记。"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", Ask(Q4, TOP, "", "", "")),
        ("上季度 前20", Ask(Q4.previous, 20, "", "", "")),
        ("前二十名 计算机学院 本季度", Ask(Q4, 20, "计算机学院", "", "")),
        ("计算机学院的排名", Ask(Q4, TOP, "计算机学院", "", "")),
        ("2026Q3", Ask(Quarter(2026, 3), TOP, "", "", "")),
        ("2025年第四季度 外国语学院 团总支", Ask(Quarter(2025, 4), TOP, "外国语学院 团总支", "", "")),
        ("去年 q4", Ask(Quarter(2025, 4), TOP, "", "", "")),
        ("三季度", Ask(Quarter(2026, 3), TOP, "", "", "")),
        ("本月 全校", Ask(Q4, TOP, "", "月", "全校")),
        ("经管学院 上季度 前20", Ask(Q4.previous, 20, "经管学院", "", "")),
        ("前10 上个月", Ask(Q4, 10, "", "月", "")),
        ("9月", Ask(Q4.previous, TOP, "", "月", "")),
        ("12月份 经管学院", Ask(Quarter(2025, 4), TOP, "经管学院", "月", "")),
        ("2026年2月", Ask(Quarter(2026, 1), TOP, "", "月", "")),
        ("今年 前五十", Ask(Q4, 50, "", "年", "")),
        ("这周", Ask(Q4, TOP, "", "周", "")),
        ("前0", Ask(Q4, 1, "", "", "")),
        ("前9999名", Ask(Q4, 50, "", "", "")),
        ("2021级团支部", Ask(Q4, TOP, "2021级团支部", "", "")),
        ("前进街道团工委", Ask(Q4, TOP, "前进街道团工委", "", "")),
    ],
)
def test_words_are_understood_in_any_order(said: str, expected: Ask, at: datetime) -> None:
    assert parse(said.split(), at=at) == expected


def test_a_quarter_that_has_not_begun_is_refused(at: datetime) -> None:
    with pytest.raises(Refusal, match="2027Q1 还没开始"):
        parse(["2027Q1"], at=at)


async def test_the_snapshot_is_kept_every_ten_minutes(database: str, at: datetime) -> None:
    cadre = await factories.cadre(1, "张三", await factories.school())
    await keep_ranking(at + timedelta(minutes=9))
    assert not await Ranking.exists()
    await keep_ranking(at + timedelta(minutes=10))
    assert (await Ranking.get(quarter=str(Q4))).cadre_id == cadre.id
