"""`/指导`：勾一项、看单子、撤回、看覆盖。"""

import pytest

from db.models import Cadre, Guidance
from tests.chat import Chat
from tests.plugins import school_town
from tests.plugins.school_town import one

FOOT = "写上到了多少人（如 18人），时间、地点、人员就齐了（L1）。勾错了发 /指导 撤回 单位 项目"


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    chat.later(days=-180)  # 五月，学习教育还没过
    return await school_town.build()


async def test_he_ticks_what_was_done_and_sees_what_is_left(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1, "/指导 软件学院团总支 组织生活会 18人", group=5) == (
        "好，指导软件学院团总支：组织生活会勾上了（5月22日，到了 18 人，L1）。\n"
        "1/5 项，还有：专题学习、主题团课、教育评议、主题团日。"
    )
    assert await one(chat, 1, "/指导 文字") == (
        "张三的学习教育指导（2026 年 · 3 月到 9 月）\n"
        "指导软件学院团总支：1/5 项\n"
        "○ 专题学习：还没做\n"
        "○ 主题团课：还没做\n"
        "✓ 组织生活会：5月22日，L1\n"
        "○ 教育评议：还没做\n"
        "○ 主题团日：还没做\n"
        "参加一个团支部：还没定，发 /指导 某团支部\n" + FOOT
    )
    assert await one(chat, 1, "/指导 软件一班团支部") == (
        "好，参加软件一班团支部，定下了。做了一项勾一项，例如：/指导 软件一班团支部 组织生活会\n"
        "0/5 项，还有：专题学习、主题团课、组织生活会、教育评议、主题团日。"
    )
    assert await one(chat, 1, "/指导") == "[image]"
    assert await one(chat, 1, "/指导 撤回 软件学院团总支 组织生活会") == (
        "软件学院团总支的组织生活会撤回了。\n0/5 项，还有：专题学习、主题团课、组织生活会、教育评议、主题团日。"
    )
    for item in ("专题学习", "主题团课", "组织生活会", "教育评议"):
        await one(chat, 1, f"/指导 软件一班团支部 {item}")
    assert (await one(chat, 1, "/指导 软件一班团支部 团日")).endswith("5/5 项，五项都做了。")


async def test_a_wrong_unit_item_or_person_gets_a_sentence(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1, "/指导 软件团总支 组织生活会") == (
        "没有叫“软件团总支”的单位。是不是：软件学院团总支、软件一班团支部？"
    )
    assert await one(chat, 1, "/指导 软件学院团总支 大扫除") == (
        "没有“大扫除”这一项。五项是：专题学习、主题团课、组织生活会、教育评议、主题团日。"
    )
    assert "示例大学团委是“校”一级的" in await one(chat, 1, "/指导 示例大学团委 组织生活会")
    assert await one(chat, 1, "/指导 撤回") == "指导哪个单位？例如：/指导 软件学院团总支 组织生活会"
    assert "这条命令是给团干部用的" in await one(chat, 77, "/指导 软件学院团总支 组织生活会")
    assert await one(chat, 1, "/指导", group=5) == (
        "自己的单子私聊我发 /指导 看。要勾一项，例如：/指导 软件学院团总支 组织生活会"
    )
    assert not await Guidance.exists()


async def test_the_admin_sees_who_guides_what_in_private_or_in_a_work_group(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/指导 软件学院团总支 组织生活会 18人")
    await one(chat, 1, "/指导 软件学院团总支 团课")
    shown = (
        "示例大学团委学习教育指导（2026 年 · 团总支 1/1 个有人指导 · 团支部 0/1 个有人参加）\n"
        "软件学院团总支：张三指导，5 项里 L1 1 项 · L0 1 项\n"
        "软件一班团支部：还没人指导\n"
        "每个单位五项；几个人都勾了的一项，取证据好的那个。"
    )
    assert await one(chat, 900, "/指导 文字") == shown
    assert await one(chat, 900, "/指导 统计 文字", group=6) == shown
    assert (await one(chat, 900, "/指导 统计 去年 文字")).startswith(
        "示例大学团委学习教育指导（2025 年 · 团总支 0/1 个有人指导"
    )
    assert await one(chat, 900, "/指导 统计") == "[image]"
    assert await one(chat, 900, "/指导 统计", group=5) == (
        "汇总里有具体的人和单位，请私聊我发 /指导 统计，或在工作群里发。"
    )
    assert await one(chat, 1, "/指导 统计") == "汇总是给单位管理员看的。看自己的，发 /指导"
