"""`/评估` `/参评` `/申诉` `/素材` 在聊天里：给谁看、在哪里说、说什么。"""

import base64
import io
import zipfile
from datetime import date

import docx
import pytest
from python_calamine import CalamineWorkbook

from bot.league.evaluation_figures import Figures
from bot.league.periods import on
from db.models import Unit
from plugins.evaluations import render
from tests import factories
from tests.chat import Chat


@pytest.fixture
async def college(chat: Chat) -> Unit:
    """甲学院团总支：管理员 8，团干部 1 绑着青年群 5，青年 30；上面是示例大学团委，管理员 9。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    college = await factories.branch("甲学院团总支", school)
    await factories.admin(8, "总支书记", college)
    cadre = await factories.cadre(1, "李老师", college)
    await factories.youth(30, cadre, await factories.group(5, cadre))
    return college


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def test_an_evaluation_is_looked_at_signed_objected_to_and_answered(chat: Chat, college: Unit) -> None:
    assert await one(chat, 8, "/评估 2026上半年") == (
        "甲学院团总支 2026上半年 评估（此刻的数，还没签）\n"
        "· 2026Q1 积分：没有\n· 2026Q2 积分：没有\n"
        "· 心愿：到期限的 0 件，两个工作日内有回音的 0 件\n"
        "· 季报：该交 2 份，按时 0 份\n"
        "· 青年评价：不足 5 份，不给数\n"
        "· 抽查：还没有抽查\n"
        "还没有人签。数摆在这里，意见由人来写，上级签：/评估 签 2026上半年 甲学院团总支 联系扎实，心愿答得慢了些"
    )
    assert await one(chat, 9, "/评估 2026上半年 文字") == (
        "2026上半年 评估 · 示例大学团委（1 个单位，签了 0 个）\n· 甲学院团总支：还没签\n"
        "看一个：/评估 2026上半年 单位；签：/评估 签 2026上半年 单位 意见"
    )
    assert await one(chat, 9, "/评估 2026上半年") == "[image]"
    assert (await one(chat, 9, "/评估 签 2026上半年 甲学院团总支 扎实")).startswith(
        "签好了：甲学院团总支 2026上半年的评估，下面的数冻住了，已经告诉那边的管理员。\n"
    )
    assert (await one(chat, 8, "/评估 异议 季报交的纸质的")).startswith("异议收下了，已经告诉签的那位")
    said = await one(chat, 9, "/评估 答复 甲学院团总支 维持 纸质的也晚了")
    assert said == "答复记下了（维持），已经告诉甲学院团总支的管理员。"
    assert (await one(chat, 8, "/评估 2026上半年")).endswith(
        "意见：扎实（组织部，11月18日签）\n异议：季报交的纸质的\n答复：纸质的也晚了（维持）"
    )


def test_the_ratings_of_a_unit_are_told_as_a_band() -> None:
    found = Figures((), 0, 0, 0, 0, ratings=6, mean=4.6, checked=0, contradicted=0)
    assert "· 青年评价：随机问到的 6 份，总体很满意" in list(render.figures(found)), "一个人的单位，均分就是他的"


async def test_eligibility_is_suggested_decided_and_appealed(chat: Chat, college: Unit) -> None:
    assert await one(chat, 1, "/参评") == (
        "2026 年参评 · 建议：再看看（只是建议，由管理员来定）\n"
        "! 有积分的季度至少 2 个：0 个（我们的建议）\n"
        "! 各季积分的中位数到 60：还没有积分（我们的建议，见 docs/score.md）\n"
        "✓ 每季五个一至少 3 件不只是自报：不适用（校青字〔2017〕10号 三；几件是我们的建议）\n"
        "✓ 没有抽查裁定不实的：0 件（校青字〔2017〕10号 七；我们的建议）\n"
        "现在：还没有人定\n"
        "觉得不对，发 /申诉 二季度我在休产假，次数不该照常算"
    )
    said = await one(chat, 9, "/参评 定 李老师 可参评")
    assert said == "记下了：李老师 2026 年可参评。和建议不一样，没关系，人说了算；已经私聊告诉本人。"
    await chat.say(8, "/参评 定 李老师 暂不 次数少")
    assert "现在：暂不参评，次数少\n觉得不对，发 /申诉" in await one(chat, 1, "/参评")
    assert (await one(chat, 1, "/申诉 上半年休产假")).startswith("申诉收下了，会有管理员来复核")
    assert await one(chat, 8, "/参评 定 李老师 暂不 还是少") == "申诉要换一位管理员来复核，不由原来定的那位。"
    assert await one(chat, 9, "/参评 名单 文字") == (
        "2026 年参评 · 示例大学团委（1 人，建议可参评 0 人；只是建议）\n"
        "· 李老师（甲学院团总支）建议再看看：有积分的季度至少 2 个（0 个）、各季积分的中位数到 60（还没有积分）"
        "；申诉：上半年休产假；申诉中\n"
        "按单位排，不按分数。来定：/参评 定 张三 暂不 抽查还有一件没说清"
    )
    assert await one(chat, 9, "/参评 名单") == "[image]"
    assert (await one(chat, 9, "/参评 定 李老师 暂不 还是少")).startswith("记下了：李老师 2026 年复核后暂不参评。")


async def test_an_appeal_is_about_the_year_it_was_decided_for_even_after_july(chat: Chat, college: Unit) -> None:
    chat.at = on(date(2027, 6, 29)).replace(hour=10)
    assert (await one(chat, 8, "/参评 定 李老师 暂不 次数少")).startswith("记下了：李老师 2026 年暂不参评")
    chat.at = on(date(2027, 7, 2)).replace(hour=10)
    assert (await one(chat, 1, "/参评")).startswith("2026 年参评 · ")
    await chat.say(1, "/申诉 上半年休产假")
    assert (await one(chat, 9, "/参评 定 李老师 可参评")).startswith("记下了：李老师 2026 年可参评。")
    assert (await one(chat, 1, "/参评")).startswith("2027 年参评 · ")  # 了结了，再说新的一年
    assert (await one(chat, 9, "/参评 定 李老师 可参评")).startswith("记下了：李老师 2027 年可参评。")


SENTENCES: list[tuple[int, str, int | None, str]] = [
    (1, "/评估", None, "评估是单位管理员的事。看自己的，发 /积分 或 /参评"),
    (9, "/评估", 5, "评估不在群里说，私聊我再发一次就好。"),
    (9, "/评估 甲 乙", None, "没看懂。看一份写上哪一期、哪个单位，例如："),
    (8, "/评估 2026上半年 示例大学团委", None, "示例大学团委的评估给它自己和上级的管理员看。"),
    (9, "/评估 2026上半年 示例大学团委", None, "示例大学团委上面没有单位来评。"),
    (9, "/评估 签 2026全年 甲学院团总支 好", None, "2026全年的评估 12 月 17 日起才签"),
    (9, "/评估 签 2026上半年 甲学院团总支", None, "请写一句话，例如：/评估 签"),
    (8, "/评估 签 2026上半年 甲学院团总支 好", None, "甲学院团总支的评估由上级的管理员来签、来答。"),
    (8, "/评估 异议 不对", None, "甲学院团总支还没有签过的评估。"),
    (30, "/参评", None, "这条命令是给团干部用的。"),
    (1, "/参评", 5, "参评的事不在群里说，私聊我再发一次就好。"),
    (1, "/参评 我要", None, "看自己的发 /参评；管理员看名单发"),
    (1, "/参评 名单", None, "名单给单位管理员看。看自己的，发 /参评"),
    (9, "/参评 名单 甲 乙", None, "单位和年份各写一个"),
    (9, "/参评 定 李老师", None, "定谁、怎么定？"),
    (9, "/参评 定 没这人 暂不 少", None, "没有找到这位在任的团干部。"),
    (9, "/参评 定 李老师 暂不", None, "暂不参评要写理由，本人看得到"),
    (1, "/参评 定 李老师 可参评", None, "没有找到这位在任的团干部。"),
    (30, "/申诉 不对", None, "这条命令是给团干部用的。"),
    (1, "/申诉 不对", 5, "申诉不在群里说，私聊我再发一次就好。"),
    (1, "/申诉", None, "请写一句话，例如：/申诉"),
    (1, "/素材", None, "素材给单位管理员（宣传部）取。"),
    (8, "/素材", 5, "素材的事不在群里说，私聊我再发一次就好。"),
    (8, "/素材 示例大学团委", None, "你管不到示例大学团委，请那边或上级的管理员来。"),
    (8, "/素材 2026 2025", None, "单位和年份各写一个"),
    (99, "/素材 同意", None, "这是给已经加入的青年和团干部的"),
    (30, "/素材 同意", None, "记下了，今年的宣传素材可以用你自己写的推荐和办成了的心愿，只写“一位青年”"),
    (1, "/素材 同意", None, "记下了，今年的宣传素材可以用你的姓名和青年写你的事迹"),
    (30, "/素材 不同意", None, "好，以后取的素材里没有你的。"),
]


async def test_every_answer_is_a_sentence(chat: Chat, college: Unit) -> None:
    for user, text, group, said in SENTENCES:
        heard = await one(chat, user, text, group)
        assert heard.startswith(said), (user, text)


async def test_the_pack_is_a_private_file(chat: Chat, college: Unit) -> None:
    assert await chat.say(8, "/素材 2026") == []
    api, sent = chat.calls[-1]
    assert (api, sent["user_id"], sent["name"]) == ("upload_private_file", 8, "甲学院团总支2026素材.zip")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(sent["file"].removeprefix("base64://")))) as box:
        text = [line.text for line in docx.Document(io.BytesIO(box.read("素材.docx"))).paragraphs if line.text]
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(box.read("活动.xlsx"))).get_sheet_by_index(0).to_python()
    assert text[:4] == ["甲学院团总支\n2026年宣传素材", "宣传部：", "一、青年确认过的活动", "没有。"]
    assert "青年一律不写姓名" in text[-3]
    assert sheet == [["编号", "活动", "日期", "地点", "单位", "到场或确认，人"]]
