"""`/下基层`：记、看、改、定要几天、看汇总。"""

import pytest

from bot.league import roster, stays
from bot.ticks import run_ticks
from db.models import Cadre, Stay, StayVersion, Unit
from tests import factories
from tests.chat import Chat
from tests.plugins import school_town
from tests.plugins.school_town import one


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    return await school_town.build()


async def test_a_cadre_enters_his_days_and_sees_his_year(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1, "/下基层") == "2026 年还没有记下基层。记一次，例如：/下基层 2天 某县团委 8+4"
    assert await one(chat, 1, "/下基层 2天 某县团委 8+4 蹲点 见了12人", group=5) == (
        "记下了 J1：11月17日–18日，某县团委，2 天，算 8+4、蹲点，见了 12 人。"
    )
    assert await one(chat, 1, "/下基层 11-12 某镇") == (
        "记下了 J2：11月12日，某镇，1 天。\n"
        "没写算哪一项，只记了天数。要算进去发 /纠错 J2 漏写了 改为 8+4\n"
        "这是 L0 自报；下次写上见了多少人（如 12人），时间、地点、人员就齐了（L1）。"
    )
    assert await one(chat, 1, "/下基层 11-11 某乡 蹲点")
    assert await one(chat, 1, "/下基层 文字") == (
        "张三下基层（2026 年）\n"
        "8+4：L1 2 天，上面没定要几天\n"
        "4+1：还没有，上面没定要几天\n"
        "蹲点：L1 2 天 · L0 1 天，上面没定要几天\n"
        "没写算哪一项：L0 1 天\n"
        "J1 11月17日–18日，某县团委，2 天，算 8+4、蹲点，见了 12 人：L1\n"
        "J2 11月12日，某镇，1 天：L0\n"
        "J3 11月11日，某乡，1 天，算 蹲点：L0\n"
        "一天只记一次，算几项都行。写上见了多少人（如 12人），时间、地点、人员就齐了（L1）。"
        "记错了发 /纠错 编号 原因 改为 对的。"
    )
    assert await one(chat, 1, "/下基层") == "[image]"
    assert await one(chat, 1, "/下基层 去年") == ("2025 年还没有记下基层。记一次，例如：/下基层 2天 某县团委 8+4")


async def test_his_year_is_not_for_the_group_and_the_command_not_for_a_youth(chat: Chat, cadre: Cadre) -> None:
    private = "下了几天基层只给你自己看，私聊我发 /下基层 就好。要记一次，例如：/下基层 2天 某县团委 8+4"
    assert await one(chat, 1, "/下基层", group=5) == private
    assert await one(chat, 1, "/下基层 J1", group=6) == private
    for text in ("/下基层", "/下基层 2天 某镇", "/下基层 J1", "/纠错 J1 试试"):
        assert "这条命令是给团干部用的" in await one(chat, 77, text)
    assert await one(chat, 1, "/下基层 随便写写") == (
        "去了几天？例如：/下基层 2天 某县团委 8+4（也可以写日子：11-16~11-17）"
    )
    assert await one(chat, 1, "/下基层 2027") == "2027 年还没到呢，现在是 2026 年。"
    assert not await Stay.exists()


async def test_he_corrects_and_voids_and_every_version_stays(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/下基层 2天 某县团委 8+4")
    assert await one(chat, 1, "/纠错 J1 漏写了 改为 8+4 蹲点") == (
        "J1 改好了，这是第 2 版：11月17日–18日，某县团委，2 天，算 8+4、蹲点。从前的留着，私聊发 /下基层 J1 看。"
    )
    assert await one(chat, 1, "/纠错 j1 记重了") == (
        "J1 作废了，那几天空出来了；记过的每一版都还在。只是想改的话，下次写 /纠错 J1 原因 改为 对的。"
    )
    assert await one(chat, 1, "/下基层 J1") == (
        "J1：已作废\n"
        "第 1 版（11月18日 14:00）11月17日–18日 · 2 天 · 某县团委 · 8+4\n"
        "第 2 版（11月18日 14:00）11月17日–18日 · 2 天 · 某县团委 · 8+4、蹲点 · 原因：漏写了\n"
        "第 3 版（11月18日 14:00）11月17日–18日 · 2 天 · 某县团委 · 8+4、蹲点 · 已作废 · 原因：记重了"
    )
    assert await one(chat, 1, "/下基层 J9") == "没找到 J9，发 /下基层 看看自己的编号。"
    assert "还没有记下基层" in await one(chat, 1, "/下基层")


async def test_the_top_unit_says_how_many_days_and_the_cadre_sees_who_said_so(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 900, "/下基层 设 8+4 120天") == (
        "定好了：示例大学团委 2026 年 8+4 全年 120 天，依据全团要讯2017第2期。下级照这个来，可以少要，不能多要。"
    )
    assert "8+4：还没有，全年要 120 天（示例大学团委，全团要讯2017第2期）" in await one(chat, 1, "/下基层 文字")
    assert await one(chat, 1, "/下基层 设 8+4 10天") == (
        "要几天由单位管理员来定。记自己的，例如：/下基层 2天 某县团委 8+4"
    )
    assert await one(chat, 900, "/下基层 设 8+4") == (
        "写上哪一项、全年几天，例如：/下基层 设 8+4 120天（后面可以写文号、单位）"
    )
    assert await one(chat, 900, "/下基层 设 8+4 0天") == "定好了：示例大学团委 2026 年 8+4 不要求天数。"


async def test_the_admin_sees_the_units_in_private_or_in_a_work_group_only(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 900, "/下基层") == "示例大学团委 2026 年还没有人记下基层。"
    await one(chat, 1, "/下基层 2天 某县团委 8+4 蹲点 12人")
    shown = (
        "示例大学团委下基层（2026 年）\n"
        "合计：8+4 1 人 · L1 2 天\n"
        "合计：蹲点 1 人 · L1 2 天\n"
        "软件学院团总支：8+4 1 人 · L1 2 天；蹲点 1 人 · L1 2 天\n"
        "张三（软件学院团总支）：8+4 L1 2 天；蹲点 L1 2 天\n"
        "等级分开数，不相加；一次算几项的，每项里各数一遍。不排名次。"
    )
    assert await one(chat, 900, "/下基层 统计 文字") == shown
    assert await one(chat, 900, "/下基层 统计 文字", group=6) == shown
    lines = shown.replace("示例大学团委", "软件学院团总支", 1).splitlines()
    assert await one(chat, 900, "/下基层 统计 软件学院 文字") == "\n".join(lines[:3] + lines[4:])
    assert await one(chat, 900, "/下基层 统计") == "[image]"
    assert await one(chat, 900, "/下基层 统计", group=5) == (
        "汇总里有具体的人和单位，请私聊我发 /下基层 统计，或在工作群里发。"
    )
    assert await one(chat, 1, "/下基层 统计") == "汇总是给单位管理员看的。看自己的，发 /下基层"
    assert await one(chat, 900, "/下基层 统计 外语") == (
        "你能看的单位里没有“外语”。直接发 /下基层 统计 看全部，或写名册里的单位名。"
    )


async def test_days_spent_before_a_move_stay_with_the_unit_he_was_in(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/下基层 11-16 某镇 8+4")
    law = await factories.branch("法学院团总支", await Unit.get(name="示例大学团委"))
    await Cadre.filter(id=cadre.id).update(unit_id=law.id)
    roster.touch()
    await one(chat, 1, "/下基层 2天 某镇 8+4")
    shown = await one(chat, 900, "/下基层 统计 文字")
    assert shown.splitlines()[1:-1] == [
        "合计：8+4 1 人 · L0 3 天",
        "软件学院团总支：8+4 1 人 · L0 1 天",
        "法学院团总支：8+4 1 人 · L0 2 天",
        "张三（软件学院团总支）：8+4 L0 1 天",
        "张三（法学院团总支）：8+4 L0 2 天",
    ]


async def test_the_tick_clears_old_reasons(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/下基层 10-9 某镇 原因：出差刚回来")
    await run_ticks(chat.later(days=stays.KEEP_TEXT.days))
    assert (await StayVersion.get()).reason is None
