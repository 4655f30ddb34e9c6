"""`/季报` 在聊天里：怎么写、谁看得到、在哪里说。"""

import base64
import io

import docx
import pytest

from db.models import GroupKind, Unit
from tests import factories
from tests.chat import Chat


@pytest.fixture
async def college(chat: Chat) -> Unit:
    """甲学院团总支：管理员 8，团干部 1 绑着青年群 5；上面是示例大学团委，管理员 9，工作群 6。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    college = await factories.branch("甲学院团总支", school)
    await factories.admin(8, "总支书记", college)
    cadre = await factories.cadre(1, "李老师", college)
    await factories.group(5, cadre)
    boss = await factories.cadre(2, "王老师", school)
    await factories.group(6, boss, GroupKind.WORK)
    return college


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def test_from_the_draft_to_the_signed_version_and_back(chat: Chat, college: Unit) -> None:
    assert await one(chat, 8, "/季报") == (
        "甲学院团总支 2026Q4 季报（草稿，12月17日前签发）\n"
        "一、做法\n（没查到可写的事实；确实没有，就写一句没有）\n"
        "二、经验（要你来写：哪件事为什么办得好）\n（没查到可写的事实；确实没有，就写一句没有）\n"
        "三、存在问题\n（没查到可写的事实；确实没有，就写一句没有）\n"
        "四、下步安排（要你来写：哪天前办到什么样）\n（没查到可写的事实；确实没有，就写一句没有）\n"
        "改一部分：/季报 改 二 话（整段换掉）；接着写：/季报 加 二 话；不要改的了：/季报 还原 二\n"
        "做法、经验、存在问题、下步安排写好以后发 /季报 签发"
    )
    assert await one(chat, 8, "/季报 改 一 走访了三个班\n开了两次座谈") == (
        "做法现在是：\n走访了三个班\n开了两次座谈\n"
        "有 2 段没带编号，上面问起依据不好说，能带就带上，如（W12）。\n还差经验、存在问题、下步安排。"
    )
    for part in ("经验", "三", "4"):
        said = await one(chat, 8, f"/季报 改 {part} 没有")
    assert said.endswith("四个部分都齐了，看一遍发 /季报，签发发 /季报 签发")
    assert (await one(chat, 8, "/季报 签发")).startswith("签发了：甲学院团总支 2026Q4 季报第 1 版")
    assert (await one(chat, 9, "/季报 甲学院团总支")).startswith(
        "甲学院团总支 2026Q4 季报（第 1 版，总支书记 2026年11月18日签发）\n一、做法\n走访了三个班\n开了两次座谈\n"
    )
    assert (await one(chat, 9, "/季报 退回 甲学院团总支 问题要写实")).startswith("退回了：甲学院团总支 2026Q4 的季报。")
    assert "退回的原因：问题要写实" in await one(chat, 8, "/季报")


async def test_the_table_shows_who_has_and_why_one_came_back(chat: Chat, college: Unit) -> None:
    assert await one(chat, 9, "/季报 文字") == (
        "2026Q4 季报 · 未报 1 个（12月17日前交到）\n· 甲学院团总支：未报\n"
        "看一份：/季报 某团总支；退回：/季报 退回 某团总支 原因"
    )
    await chat.say(9, "/季报 已报 甲学院团总支")
    assert "· 甲学院团总支：11月18日 已报（线下交的）" in await one(chat, 9, "/季报 表 文字")
    assert (await one(chat, 9, "/季报 甲学院团总支")).startswith("甲学院团总支 2026Q4 的季报是线下交的")
    await chat.say(9, "/季报 退回 甲学院团总支 没有盖章")
    assert "退回：没有盖章" in await one(chat, 9, "/季报 表 文字")
    assert "退回：" not in await one(chat, 9, "/季报 表 文字", group=6)  # 群里不写原因
    assert await one(chat, 9, "/季报 表", group=6) == "[image]"


SENTENCES: list[tuple[int, str, int | None, str]] = [
    (1, "/季报", None, "季报是单位管理员的事。想看自己的进度，发 /进度"),
    (1, "/季报 甲学院团总支", None, "季报是单位管理员的事。想看自己的进度，发 /进度"),
    (8, "/季报", 6, "季报的内容不在群里说，私聊我再发一次就好；谁交了可以在工作群发 /季报 表"),
    (9, "/季报 表", 5, "谁交了谁没交，在工作群或私聊里看。"),
    (9, "/季报 签发", None, "说的是哪个团总支？把全名写在后面，例如：/季报 签发 某团总支"),
    (9, "/季报 签发 甲学院团总支", None, "甲学院团总支的季报由它自己的管理员来改、来签发。"),
    (8, "/季报 改 五 话", None, "哪一部分？一做法、二经验、三存在问题、四下步安排，例如："),
    (8, "/季报 2027Q1", None, "2027Q1 还没开始，季报先不用交。"),
    (8, "/季报 文件 第3版", None, "甲学院团总支 2026Q4 的季报还没签发"),
]


async def test_every_no_is_a_sentence(chat: Chat, college: Unit) -> None:
    for user, text, group, said in SENTENCES:
        heard = await one(chat, user, text, group)
        assert heard.startswith(said), (user, text)


async def test_the_file_comes_privately_with_all_the_numbers(chat: Chat, college: Unit) -> None:
    cadre = await factories.Cadre.get(unit=college)
    await factories.record(cadre, chat.at.date())
    assert await chat.say(8, "/季报 文件") == []
    api, sent = chat.calls[-1]
    assert (api, sent["user_id"]) == ("upload_private_file", 8)
    assert sent["name"] == "甲学院团总支2026Q4季报草稿.docx"
    lines = [line.text for line in docx.Document(io.BytesIO(_bytes(sent["file"]))).paragraphs if line.text]
    assert lines[:4] == [
        "甲学院团总支\n2026年第四季度工作情况报告（草稿）",
        "示例大学团委：",
        "一、做法",
        "办其他 1 场：时间地点人齐 1 场（A1）。",
    ]
    assert lines[-3:] == ["依据的记录：A1", "甲学院团总支", "2026年11月18日"]


async def test_the_file_of_a_signed_version_is_the_same_bytes_every_day(chat: Chat, college: Unit) -> None:
    for part in "一二三四":
        await chat.say(8, f"/季报 改 {part} 没有")
    await chat.say(8, "/季报 签发")
    await chat.say(8, "/季报 文件")
    chat.later(days=3)
    await chat.say(9, "/季报 文件 甲学院团总支 第1版")
    first, second = [sent for api, sent in chat.calls if api == "upload_private_file"]
    assert (first["name"], first["file"]) == (second["name"], second["file"])
    assert second["name"] == "甲学院团总支2026Q4季报第1版.docx"


def _bytes(file: str) -> bytes:
    return base64.b64decode(file.removeprefix("base64://"))
