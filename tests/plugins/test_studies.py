"""`/课题`：定题、进展、结题，管理员看名单。"""

import base64
import json

import pytest

from bot.ticks import run_ticks
from db.models import Cadre, Study, StudyEvent
from tests.chat import Chat
from tests.plugins import school_town
from tests.plugins.school_town import one


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    return await school_town.build()


async def test_a_topic_from_first_to_last(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1, "/课题") == "今年还没定课题。一年一个，例如：/课题 青年为什么不来参加活动"
    assert await one(chat, 1, "/课题 青年想要什么样的活动") == (
        "今年的课题定下了：“青年想要什么样的活动”。有进展发 /课题 进展 访谈了十位青年"
    )
    assert await one(chat, 1, "/课题 改 青年想要什么") == "题目改成“青年想要什么”了，从前的题目留着。"
    assert await one(chat, 1, "/课题 进展 访谈了十位\n都说周末好") == (
        "进展记下了：“青年想要什么”。做完了发 /课题 结题 报告的链接，或一句结论"
    )
    assert await one(chat, 1, "/课题 结题 https://example.com/1", group=5) == (
        "“青年想要什么”提交了，辛苦了。还要补交，再发一次 /课题 结题。"
    )
    assert await one(chat, 1, "/课题") == (
        "2026 年课题“青年想要什么”：已提交（L0 自报）\n"
        "11月18日 定题\n"
        "11月18日 改题：原题“青年想要什么样的活动”\n"
        "11月18日 进展：访谈了十位\n都说周末好\n"
        "11月18日 结题：https://example.com/1"
    )


async def test_the_wrong_step_place_or_person_gets_a_sentence(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1, "/课题 进展 访谈") == ("今年还没定课题，先定一个，例如：/课题 青年为什么不来参加活动")
    assert "这条命令是给团干部用的" in await one(chat, 77, "/课题 青年想要什么")
    assert await one(chat, 1, "/课题", group=5) == (
        "自己的课题私聊我发 /课题 看。要定一个，例如：/课题 青年为什么不来参加活动"
    )
    assert not await Study.exists()
    await one(chat, 1, "/课题 青年想要什么")
    assert await one(chat, 1, "/课题 另一个题目") == (
        "今年的课题已经定了：“青年想要什么”（已定），一年一个。换题目发 /课题 改 青年想要什么样的活动"
    )
    assert await one(chat, 1, "/课题 放弃") == "请写一句话，例如：/课题 放弃 换了岗位"
    assert await one(chat, 1, "/课题 放弃 换了岗位") == (
        "“青年想要什么”放弃了。想另定一个，例如：/课题 青年为什么不来参加活动"
    )


async def test_the_admin_sees_titles_and_states_never_the_words(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/课题 青年想要什么")
    await one(chat, 1, "/课题 进展 只给自己看的话")
    shown = (
        "示例大学团委年度课题（2026 年 · 进行中 1 个 · 还没定 1 人）\n"
        "张三（软件学院团总支）：“青年想要什么”，进行中\n"
        "李四（软件学院团总支）：还没定\n"
        "课题都是自报（L0）。只看题目和到哪一步，说的话只有本人看得到。"
    )
    assert await one(chat, 900, "/课题 文字") == shown
    assert await one(chat, 900, "/课题 统计 文字", group=6) == shown
    assert await one(chat, 900, "/课题 统计 软件学院") == "[image]"
    assert await one(chat, 900, "/课题 统计", group=5) == (
        "汇总里有具体的人和单位，请私聊我发 /课题 统计，或在工作群里发。"
    )
    assert await one(chat, 2, "/课题 统计") == "汇总是给单位管理员看的。看自己的，发 /课题"
    assert "这条命令是给团干部用的" in await one(chat, 900, "/课题 进展 访谈")


async def test_his_export_holds_his_days_his_guidance_and_his_topic(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/课题 青年想要什么")
    await one(chat, 1, "/下基层 2天 某县团委 8+4")
    await one(chat, 1, "/指导 软件学院团总支 组织生活会 9-20 原因：补记")
    assert await chat.say(1, "/我的数据 导出") == []
    _, sent = chat.calls[-1]
    data = json.loads(base64.b64decode(sent["file"].removeprefix("base64://")))
    assert [row["题目"] for row in data["课题"]] == ["青年想要什么"]
    assert [row["步骤"] for row in data["课题经过"]] == ["定题"]
    assert [(row["地点"], row["第一天"], row["天数"]) for row in data["下基层"]] == [("某县团委", "2026-11-17", 2)]
    assert [row["单位"] for row in data["学习教育指导"]] == ["软件学院团总支"]
    assert [(row["项目"], row["日期"]) for row in data["学习教育五项"]] == [("组织生活会", "2026-09-20")]


async def test_the_tick_clears_old_words(chat: Chat, cadre: Cadre) -> None:
    await one(chat, 1, "/课题 青年想要什么")
    await one(chat, 1, "/课题 结题 链接")
    await run_ticks(chat.later(days=90))
    assert not await StudyEvent.filter(note__isnull=False).exists()
    assert (await Study.get()).title == "青年想要什么"
