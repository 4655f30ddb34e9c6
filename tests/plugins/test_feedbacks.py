"""`/反馈`、`/合规自检`：给谁看、在哪里说、说什么。"""

from datetime import timedelta

import pytest

from db.models import EvidenceGrade, Unit, Wish, WishLane, WishState
from tests import factories
from tests.chat import Chat


@pytest.fixture
async def college(chat: Chat) -> Unit:
    """甲学院团总支：管理员 8，团干部 1 绑着青年群 5；上面是示例大学团委，管理员 9。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    college = await factories.branch("甲学院团总支", school)
    await factories.admin(8, "总支书记", college)
    cadre = await factories.cadre(1, "李老师", college)
    await factories.group(5, cadre)
    await factories.record(cadre, chat.at.date(), grade=EvidenceGrade.L0)
    for lane in (WishLane.WALL, WishLane.PRIVATE):
        await Wish.create(
            unit=college, text=f"想学车{lane}", digest=lane, lane=lane, state=WishState.OPEN,
            submitted_at=chat.at - timedelta(days=10),
        )  # fmt: skip
    return college


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def test_a_unit_hears_what_it_did_and_what_could_be_better(chat: Chat, college: Unit) -> None:
    said = await one(chat, 8, "/反馈")
    assert said == (
        "甲学院团总支 2026Q4 反馈\n"
        "在任团干部不足 5 人；联系着的青年不足 5 人。\n"
        "季报：未报\n"
        "做了什么：\n"
        "· 办其他 1 场：自报 1 场（A1）。\n"
        "· 收到青年心愿 1 件（W1）。\n"
        "哪里可以改：\n"
        "· 两个工作日内没有回音的心愿 1 件（W1）。\n"
        "· 只有自报、没有旁证的 1 场（A1）。\n"
        "哪条不对，拿编号请记的人核对；记的人自己看，发 /查记录 编号。"
    )
    assert "李老师" not in said
    assert await one(chat, 9, "/反馈 甲学院团总支") == said
    assert (await one(chat, 8, "/反馈 上季度")).endswith(
        "这一季还没有记下什么。\n哪条不对，拿编号请记的人核对；记的人自己看，发 /查记录 编号。"
    )


SENTENCES: list[tuple[int, str, int | None, str]] = [
    (1, "/反馈", None, "反馈给单位管理员看。看自己的，发 /进度 或 /积分"),
    (8, "/反馈 示例大学团委", None, "你管不到示例大学团委，请那边或上级的管理员来。"),
    (8, "/反馈", 5, "反馈不在群里说，私聊我再发一次就好。"),
    (8, "/反馈 2027Q1", None, "2027Q1 还没开始。"),
    (8, "/反馈 甲 乙", None, "没看懂。单位写全名，例如：/反馈 甲学院团总支 2026Q3"),
    (8, "/合规自检", None, "合规自检给最上一级单位的管理员和超级管理员看。"),
    (9, "/合规自检", 5, "自检的结果不在群里说，私聊我再发一次就好。"),
    (9, "/合规自检 一下", None, "后面不用写别的，发 /合规自检 就行。"),
]


async def test_every_no_is_a_sentence(chat: Chat, college: Unit) -> None:
    for user, text, group, said in SENTENCES:
        heard = await one(chat, user, text, group)
        assert heard.startswith(said), (user, text)


async def test_the_self_check_says_what_was_looked_at_and_what_to_do(chat: Chat, college: Unit) -> None:
    said = await one(chat, 9, "/合规自检 文字")
    assert said.startswith("合规自检（12 条里 ")
    assert (
        "! 要给人投诉、建议的地方\n  团团：/投诉 只到督导，/建议 到单位管理员\n"
        "  查到：还没有督导，投诉只能转给超级管理员\n  怎么办：任命一位：/任命 @某 张三 督导 单位全名"
    ) in said
    assert "✓ 不拿点赞量、投票数、转发量、学习时长考评" in said
    assert "《政务移动互联网应用程序规范化管理办法》（国办函〔2026〕12号）" in said
    assert await one(chat, 9, "/合规自检") == "[image]"
