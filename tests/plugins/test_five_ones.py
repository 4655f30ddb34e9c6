"""`/五个一`：自己的私聊看，管理员来定。"""

from datetime import timedelta

import pytest

from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    EvidenceGrade,
    FiveOnes,
    Slot,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories
from tests.chat import Chat


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    school = await factories.school()
    await factories.admin(900, "管理员", school)
    cadre = await factories.cadre(1, "张三", await factories.branch("软件学院团总支", school))
    await factories.group(5, cadre)
    return cadre


async def done(cadre: Cadre, chat: Chat, slot: Slot, grade: EvidenceGrade) -> None:
    at = chat.at - timedelta(days=1)
    await Activity.create(
        kind=ActivityKind.RECORD,
        organiser=cadre,
        unit_id=cadre.unit_id,
        slot=slot,
        starts_at=at,
        state=ActivityState.KEPT,
        grade=grade,
        graded_at=at,
        created_at=at,
        asked_from=at,
    )


async def test_a_cadre_sees_his_five_with_grades_apart(chat: Chat, cadre: Cadre) -> None:
    await done(cadre, chat, Slot.TALK, EvidenceGrade.L2)
    await done(cadre, chat, Slot.LESSON, EvidenceGrade.L0)
    [reply] = await chat.say(1, "/五个一 文字")
    assert reply.text == (
        "张三的五个一（2026Q4 · 11 月活动 2/3 次 · L2 1 件 · L0 1 件 · 没做 3 件）\n"
        "办一件实事：还没做\n"
        "上一堂团课：L0，A2 · 11月17日\n"
        "谈心谈话：L2，A1 · 11月17日\n"
        "志愿服务：还没做\n"
        "文体活动：还没做\n"
        "本季没有单位另定，照校青字〔2017〕10号（示例大学团委）。一场活动、一条记录只填一件；做了没记的，发 /记 补上。"
    )
    assert [str(r) for r in await chat.say(1, "/五个一")] == ["[image]"]
    [reply] = await chat.say(1, "/五个一 上季度 文字")
    assert reply.text.startswith("张三的五个一（2026Q3 · 没做 5 件）\n")


async def test_ones_own_five_are_not_for_the_group_and_not_for_a_youth(chat: Chat, cadre: Cadre) -> None:
    assert [str(r) for r in await chat.say(1, "/五个一", group=5)] == [
        "五件事做到哪只给你自己看，私聊我发 /五个一 就好。"
    ]
    [reply] = await chat.say(77, "/五个一")
    assert "这条命令是给团干部用的" in reply.text
    [reply] = await chat.say(1, "/五个一 明天")
    assert reply.text == "没看懂“明天”是哪个季度，可以写 本季度、上季度 或 2026Q3。"


async def test_an_admin_sets_them_and_the_cadre_sees_what_he_did_kept(chat: Chat, cadre: Cadre) -> None:
    await done(cadre, chat, Slot.LESSON, EvidenceGrade.L2)
    assert [str(r) for r in await chat.say(900, "/五个一 设 2026Q4 实事/读书/谈心/志愿/文体 校团发〔2026〕3号")] == [
        "定好了：示例大学团委 2026Q4 的五个一是 实事、读书、谈心、志愿、文体，每月 3 次。\n"
        "示例大学团委定，依据校团发〔2026〕3号。没有自己定的下级照这个来；从前的版本留着，已经做的不会丢。\n"
        "读书 的名字里没写类别，用“其他”类的活动和记录来算。"
    ]
    [reply] = await chat.say(1, "/五个一 文字")
    assert reply.text == (
        "张三的五个一（2026Q4 · 11 月活动 1/3 次 · L2 1 件 · 没做 4 件）\n"
        "实事：还没做\n"
        "读书：L2，A1 · 11月17日（先前的上一堂团课）\n"
        "谈心：还没做\n"
        "志愿：还没做\n"
        "文体：还没做\n"
        "示例大学团委定，依据校团发〔2026〕3号。一场活动、一条记录只填一件；做了没记的，发 /记 补上。"
    )


async def test_asking_for_more_is_refused_with_the_sentence_of_the_document(chat: Chat, cadre: Cadre) -> None:
    assert [str(r) for r in await chat.say(900, "/五个一 设 实事/团课/谈心/志愿/文体 每月5次")] == [
        "不能层层加码（校青字〔2017〕10号 七.4）：上面定的是每月 3 次、每季五件"
        "（示例大学团委，校青字〔2017〕10号），下面不能要得更多。"
    ]
    assert [str(r) for r in await chat.say(1, "/五个一 设 实事/团课/谈心/志愿/文体")] == [
        "五个一由单位管理员（组织部）来定。看自己的，发 /五个一"
    ]
    assert not await FiveOnes.exists()


async def test_the_score_and_the_progress_show_them(chat: Chat, cadre: Cadre) -> None:
    await done(cadre, chat, Slot.TALK, EvidenceGrade.L2)
    await done(cadre, chat, Slot.LESSON, EvidenceGrade.L1)
    [reply] = await chat.say(1, "/积分 文字")
    assert (
        "五个一 6.0/20：五件事里，L2 1 件，L1 1 件；空着的做一件，做了的请青年确认到 L2，就会涨（看 /五个一）"
        in reply.text.splitlines()
    )
    [reply] = await chat.say(1, "/进度 文字")
    assert "本月活动 2/3 次；五个一：L2 1 件 · L1 1 件 · 没做 3 件，逐件的发 /五个一" in reply.text.splitlines()
    [reply] = await chat.say(1, "/进度 文字", group=5)
    assert "五个一" not in reply.text
    assert [str(r) for r in await chat.say(1, "/进度")] == ["[image]"]


async def granted(cadre: Cadre, chat: Chat) -> None:
    at = chat.at - timedelta(days=1)
    await Wish.create(
        cadre=cadre, claimer=cadre, unit_id=cadre.unit_id, text="想学修车", digest="d", lane=WishLane.WALL,
        state=WishState.ENDED, ending=WishEnding.FULFILLED, submitted_at=at, answered_at=at, ended_at=at,
    )  # fmt: skip


async def test_a_wish_fulfilled_offers_itself_and_says_so(chat: Chat, cadre: Cadre) -> None:
    await granted(cadre, chat)
    lines = (await chat.say(1, "/五个一 文字"))[0].text.splitlines()
    assert lines[1] == "办一件实事：L2，心愿 W1 · 11月17日"
    assert "W1 是青年确认办成的心愿，自己顶上了，不用再记。" in lines[-1]
    await granted(cadre, chat)
    lines = (await chat.say(1, "/五个一 文字"))[0].text.splitlines()
    assert lines[1] == "办一件实事：L2，心愿 W1 · 11月17日"
    assert "W2 也办成了，眼下没有空着的“实事”可填。" in lines[-1]
