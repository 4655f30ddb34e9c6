"""单位的五件事与有窗口期的工作：在聊天里怎么说、怎么答。"""

import pytest

from bot.league import roster
from db.models import Activity, ActivityState, Cadre, EvidenceGrade, GroupKind, Notice, Slot, UnitKind
from tests import factories
from tests.chat import Chat
from tests.league import wish_town
from tests.league.wish_town import Town

GROUP, WORK = 555, 666


@pytest.fixture
async def town(chat: Chat) -> Town:
    town = await wish_town.build()
    await roster.add_unit("软件一班团支部", UnitKind.BRANCH, town.software)
    await roster.add_unit("软件二班团支部", UnitKind.BRANCH, town.software)
    chief = await factories.cadre(130, "孙书记", town.software)
    await factories.appoint_admin(chief, town.software)
    await factories.group(WORK, chief, GroupKind.WORK)
    return town


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    [reply] = await chat.say(user, text, group=group)
    return reply.text


async def test_the_units_five_from_setting_to_seeing(chat: Chat, town: Town) -> None:
    text = "/单位五个一 设 2026Q4 开放日/分享/面对面/志愿/读书 组织部 校团发〔2026〕3号"
    assert await ask(chat, 110, text) == (
        "定好了：软件学院团总支 2026Q4 的单位五个一是 开放日、分享、面对面、志愿、读书，组织部牵头。\n"
        "软件学院团总支定，依据校团发〔2026〕3号。没有自己定的下级照这个来；从前的版本留着，已经做的不会丢。\n"
        "读书 的名字里没写类别，用“自主设计”类的活动来算。"
    )
    assert await ask(chat, 130, "/活动 发起 敬老院 明天9:00 敬老院 单位 志愿", GROUP) == (
        "A1 敬老院（11月19日 09:00，敬老院）发起了，算软件学院团总支的集中志愿。\n"
        "大家发 /报名 A1 就行，不用接龙；到时候私聊我 /签到 A1 拿签到码。"
    )
    assert (await ask(chat, 200, "/活动 A1 文字", GROUP)).startswith("A1 敬老院（单位·集中志愿 · 报名中）")
    await Activity.all().update(state=ActivityState.CLOSED, grade=EvidenceGrade.L1)
    assert await ask(chat, 130, "/单位五个一 文字") == (
        "软件学院团总支的五个一（2026Q4 · 组织部牵头 · L1 1 件 · 没做 4 件）\n"
        "开放日：还没做\n"
        "分享：还没做\n"
        "面对面：还没做\n"
        "志愿：L1，A1 · 11月19日\n"
        "读书：还没做\n"
        "下一级：\n"
        "软件一班团支部：没做 5 件\n"
        "软件二班团支部：没做 5 件\n"
        "软件学院团总支定，依据校团发〔2026〕3号。一场活动只填一件，算了单位的就不再算自己的；下级办的算下级的。"
    )
    assert await ask(chat, 130, "/单位五个一", WORK) == "[image]"
    assert (await ask(chat, 100, "/单位五个一 上季度 文字")).startswith(
        "软件学院团总支的五个一（2026Q3 · 组织部或宣传部牵头 · 没做 5 件）\n机关开放日：还没做\n"
    )
    assert "下一级" not in await ask(chat, 100, "/单位五个一 文字")


async def test_what_is_not_said_in_the_wrong_place_or_to_the_wrong_one(chat: Chat, town: Town) -> None:
    assert await ask(chat, 130, "/单位五个一", GROUP) == (
        "单位的五件事不往青年群里贴，私聊我或到工作群里发 /单位五个一 就好。"
    )
    assert await ask(chat, 200, "/单位五个一") == "这是给团干部和单位管理员看的。想参加活动，发 /活动 看看有哪些。"
    assert await ask(chat, 100, "/单位五个一 设 开放日/分享/面对面/志愿/自主 组织部") == (
        "单位五个一由单位管理员（组织部）来定。看自己的，发 /单位五个一"
    )
    assert await ask(chat, 100, "/单位五个一 2023级团总支") == (
        "没有叫“2023级团总支”的单位。是不是：法学院团总支、软件学院团总支？"
    )
    assert await ask(chat, 100, "/单位五个一 不存在的单位") == ("没有叫“不存在的单位”的单位。单位要写名册里的全名。")
    assert await ask(chat, 130, "/活动 工作", GROUP) == (
        "上面布置的工作不往青年群里贴，私聊我或到工作群里发 /活动 工作 就好。"
    )
    assert "这条命令是给团干部用的" in await ask(chat, 200, "/活动 工作")


async def test_what_is_on_now_and_where_it_has_been_done(chat: Chat, town: Town) -> None:
    listed = (await ask(chat, 110, "/活动 工作 文字")).splitlines()
    assert listed[0] == "工作（3 项正在办 · 依据校青字〔2017〕10号）"
    assert listed[1] == "主题宣讲：全年，宣传部牵头。发起：/活动 发起 主题宣讲 时间 地点"
    assert listed[2] == (
        "最美青春故事：7月1日–12月31日，还有 44 天，宣传部牵头。由青年推荐：/推荐 @干部 事迹。推荐 11 月 30 日截止。"
    )
    assert listed[4].startswith("机关开放日：4月15日–5月31日，现在不在办，组织部或宣传部牵头。")
    assert await ask(chat, 100, "/活动 发起 主题宣讲 明天9:00 报告厅 到：软件一班团支部", GROUP) == (
        "A1 主题宣讲（11月19日 09:00，报告厅）发起了，算主题宣讲，团课。"
        "讲给谁听写 到：某某团支部，没写的开讲前发 /活动 改 编号 到：某某团支部 补上；讲完请在场的人 /到场。\n"
        "大家发 /报名 A1 就行，不用接龙；到时候私聊我 /签到 A1 拿签到码。"
    )
    await Activity.all().update(state=ActivityState.CLOSED, grade=EvidenceGrade.L1)
    assert (await ask(chat, 110, "/活动 工作 主题宣讲 文字")).splitlines()[:3] == [
        "主题宣讲：软件学院团总支（2026-01-01 到 2026-12-31 · 团支部：L1 1 个 · 还没有 1 个）",
        "软件二班团支部：还没有",
        "软件一班团支部：L1，办过了",
    ]
    for text in ("/活动 工作", "/活动 工作 主题宣讲"):
        assert await ask(chat, 130, text, WORK) == "[image]"
    assert (await ask(chat, 100, "/活动 工作 大扫除")).startswith("没有叫“大扫除”的工作，有这几项：")


async def test_the_dialogue_says_at_once_that_a_work_is_not_on(chat: Chat, town: Town) -> None:
    assert await ask(chat, 130, "/活动 发起 机关开放日 明天9:00 一楼") == (
        "机关开放日在 4月15日–5月31日 办，11月19日不在里面。平时办的换个名字，末尾写上 单位 开放日 就行。"
    )
    assert not await Activity.exists()


async def test_an_admin_marks_a_cadres_activity_as_the_units(chat: Chat, town: Town) -> None:
    await ask(chat, 100, "/活动 发起 看机关 明天9:00 一楼", GROUP)
    assert await ask(chat, 100, "/活动 改 A1 单位 开放日") == (
        "单位的活动由软件学院团总支的管理员来认，请他发 /活动 改 A1 单位 开放日"
    )
    assert await ask(chat, 110, "/活动 改 A1 单位 开放日") == (
        "改好了，现在是 A1 看机关（11月19日 09:00，一楼），算软件学院团总支的开放日。"
        "时间、地点有变的，报了名的我去告诉。"
    )


async def test_an_admin_who_is_no_cadre_names_who_leads_and_that_one_is_told(chat: Chat, town: Town) -> None:
    text = "/活动 发起 敬老院 明天9:00 敬老院 单位 志愿"
    assert (await ask(chat, 110, text)).startswith("发起活动的得是名册上的团干部。单位的活动，写上请谁负责就能发起：")
    assert (await ask(chat, 110, "/活动 发起")).startswith("发起活动的得是名册上的团干部。"), "不先问上四句"
    assert await ask(chat, 110, f"{text} 负责人 [@100]", GROUP) == (
        "A1 敬老院（11月19日 09:00，敬老院）发起了，算软件学院团总支的集中志愿。\n"
        "大家发 /报名 A1 就行，不用接龙；由张三负责，我去说一声，签到码由本人来要。"
    )
    row = await Activity.get().select_related("organiser__person", "unit")
    assert (row.organiser.person.name, row.unit.name, row.slot) == ("张三", "软件学院团总支", Slot.SERVICE)
    letter = await Notice.get(kind="activity.led")
    assert (letter.person_id, letter.period) == (row.organiser.person_id, "A1")
    assert letter.text == (
        "孙管理请你负责单位的一场活动：A1 敬老院（11月19日 09:00，敬老院）。到时候私聊我 /签到 A1 拿签到码；"
        "来不了就告诉他，或发 /活动 取消 A1 原因。"
    )
    code = await ask(chat, 100, "/签到 A1")
    assert "没找到" not in code
    assert "不是你发起的" not in code
    for hour, named in ((10, "负责人：张三"), (11, "负责人 @张三")):
        assert "由张三负责" in await ask(chat, 110, f"{text.replace('9:00', f'{hour}:00')} {named}"), named


async def test_only_an_admin_names_a_lead_he_governs_for_a_units_activity(chat: Chat, town: Town) -> None:
    text = "/活动 发起 敬老院 明天9:00 敬老院"
    nobody = "负责人得是你管得到的在任团干部。例如：/活动 发起 敬老院志愿 10月3日9:00 敬老院 单位 志愿 负责人 @某"
    for lead in ("[@200]", "[@999]", "没这人", "", "[@103]"):
        assert (await ask(chat, 110, f"{text} 单位 志愿 负责人 {lead}")).startswith(nobody), lead
    assert (await ask(chat, 110, f"{text} 志愿 负责人 [@100]")).startswith("请别人负责的，只能是单位的活动")
    assert (await ask(chat, 110, f"{text} 单位 志愿 负责人 [@100] [@130]")).startswith("负责人写一位就好")
    assert (await ask(chat, 100, f"{text} 单位 志愿 负责人 [@130]")).startswith("请别人负责的，由单位管理员来发起。")
    await Cadre.filter(person__accounts__user_id="100").update(left_at=chat.at)
    roster.touch()
    assert (await ask(chat, 110, f"{text} 单位 志愿 负责人 [@100]")).startswith(nobody)
    assert not await Activity.exists()
    assert not await Notice.exists()
