"""活动的命令：说了什么，听到什么，库里留下什么。"""

import asyncio
import re
from collections.abc import Callable

import pytest

from bot.gateway.waiting import awaited
from bot.ticks import run_ticks
from db.models import Account, Activity, ActivityState, EvidenceGrade, Notice, Participation, Slot
from plugins.activities import commands
from tests.chat import Chat
from tests.league import wish_town as town

GROUP = 555
LINE = "/活动 发起 篮球赛 明天15:00 东操场 限2人 文体"


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    """唯一的一句回答；是图就问它的文字版。"""
    [reply] = await chat.say(user, text, group=group)
    assert reply.group == (str(group) if group else None)
    return reply.text


async def test_an_activity_from_start_to_summary(chat: Chat) -> None:
    await town.build()
    assert await ask(chat, 100, LINE, GROUP) == (
        "A1 篮球赛（11月19日 15:00，东操场）发起了，算文体，限 2 人。\n"
        "大家发 /报名 A1 就行，不用接龙；到时候私聊我 /签到 A1 拿签到码。"
    )
    assert await ask(chat, 200, "/活动 文字", GROUP) == (
        "活动（1 场）\nA1 篮球赛（11月19日 15:00，东操场）：0/2 人\n想去就发 /报名 编号，细看发 /活动 编号"
    )
    assert await ask(chat, 200, "/报名 A1", GROUP) == "报上了：A1 篮球赛（11月19日 15:00，东操场），现在 1/2 人。"
    assert await ask(chat, 301, "/报名 a1", GROUP) == (
        "报上了：A1 篮球赛（11月19日 15:00，东操场），现在 2/2 人。（你还没 /加入，我只存了你的账号和这次报名。）"
    )
    assert (await ask(chat, 302, "/报名 Ａ１", GROUP)).startswith("A1 满了，你排候补第 1 位，有空位我私聊告诉你。")
    assert await ask(chat, 301, "/取消 A1") == "好，A1 替你取消了，现在 2/2 人。"
    assert (await Notice.get(kind="activity.promoted")).person_id == (await Account.get(user_id="302")).person_id
    assert await ask(chat, 302, "/活动 A1 文字", GROUP) == (
        "A1 篮球赛（文体 · 报名中）\n时间：11月19日 15:00\n地点：东操场\n报名：2/2 人\n你已报名，来不了发 /取消 A1"
    )
    chat.later(days=1, minutes=50)
    code = re.findall(r"签到码：(\d{4})", await ask(chat, 100, "/签到 A1"))[0]
    assert await ask(chat, 200, f"/到场 {code}", GROUP) == "签到好了：A1 篮球赛。玩得开心！"
    assert await ask(chat, 200, f"/到场 {code}", GROUP) == "A1 你已经签过到了。"
    assert (await ask(chat, 302, f"/到场 {code}", GROUP)).startswith("签到好了")
    chat.later(hours=2)
    assert await ask(chat, 100, "/活动 关闭 A1 文字") == (
        "A1 篮球赛（文体 · 已结束）\n时间：11月19日 15:00\n地点：东操场\n报名：2/2 人\n"
        "到场：2 人\n证据：L2 青年本人确认\n辛苦了！"
    )
    row = await Activity.get()
    assert (row.state, row.grade) == (ActivityState.CLOSED, EvidenceGrade.L2)


async def test_the_list_and_the_card_are_pictures(chat: Chat) -> None:
    await town.build()
    await ask(chat, 100, LINE, GROUP)
    for text in ("/活动", "/活动 A1"):
        assert await ask(chat, 200, text, GROUP) == "[image]"


@pytest.mark.parametrize(
    ("user", "text", "group", "sentence"),
    [
        (200, "/活动 发起 篮球赛 明天15:00 东操场", GROUP, "这条命令是给团干部用的。"),
        (200, "/签到", GROUP, "来参加活动的，到了现场问发起人要四位码，发 /到场 4821 这样就签上了。"),
        (100, "/签到 A1", GROUP, "签到码请私聊我要，念给在场的人听；发在群里，没来的也签得上。"),
        (110, "/签到 A1", None, "A1 开始前 2 小时到之后 24 小时之间才能签到。"),
        (100, "/签到 A9", None, "没找到 A9，看看编号对不对？"),
        (200, "/报名", GROUP, "要写上活动编号，例如：/报名 A3"),
        (200, "/报名 W1", GROUP, "要写上活动编号，例如：/报名 A3"),
        (200, "/报名 1月3日", GROUP, "要写上活动编号，例如：/报名 A3"),
        (200, "/取消 1-3的篮球赛", GROUP, "要写上活动编号，例如：/取消 A3"),
        (200, "/报名 A9", GROUP, "没找到 A9，看看编号对不对？"),
        (999, "/报名 A1", None, "没找到 A1。在群里看到的活动，到那个群里发 /报名 A1 就行。"),
        (100, "/纠错 A1 写错了", GROUP, "A1 是一场活动。还没办的，改发 /活动 改 A1，不办了发 /活动 取消 A1。"),
        (200, "/取消 A1", GROUP, "你没有报名 A1。"),
        (999, "/取消 A1", GROUP, "你没有报名 A1。"),
        (200, "/到场", GROUP, "签到码是四个数字，例如：/到场 4821"),
        (200, "/到场 48215", GROUP, "签到码是四个数字，例如：/到场 4821"),
        (200, "/到场 0000", GROUP, "码不对，或者过了十分钟。请发起人再发一次 /签到；这里还能试 4 次。"),
        (200, "/活动 随便", GROUP, "要写上活动编号，例如：/活动 A3"),
        (100, "/活动 关闭", GROUP, "要写上活动编号，例如：/活动 关闭 A3"),
        (100, "/活动 关闭 A1", GROUP, "A1 还没开始。不办了就发 /活动 取消 A1。"),
        (100, "/活动 改 A1", GROUP, "要改什么？例如：/活动 改 A1 明天下午3点 体育馆 限30人"),
        (100, "/活动 取消 A1 下雨了", GROUP, "A1 取消了。还没有人报名，不用通知谁。"),
        (999, "/活动", None, "现在没有能报名的活动。团干部可以发起："),
    ],
)
async def test_a_wrong_use_gets_one_friendly_line(
    chat: Chat, user: int, text: str, group: int | None, sentence: str
) -> None:
    await town.build()
    await ask(chat, 100, LINE, GROUP)
    assert (await ask(chat, user, text, group)).startswith(sentence)
    assert not await Participation.exists()
    assert not await Account.exists(user_id="999")


async def test_what_one_who_left_had_not_held_yet_is_said_to_the_admin(chat: Chat) -> None:
    await town.build()
    await ask(chat, 100, LINE, GROUP)
    assert (await ask(chat, 110, "/任命 [@100] 离任", GROUP)).endswith(
        "\n发起了还没办的活动 1 场：A1 篮球赛（11月19日 15:00，东操场）。"
        "不办了发 /活动 取消 A1；照办的，签到码由你私聊我 /签到 A1 来要。"
    )
    chat.later(hours=24)
    assert "签到码：" in await ask(chat, 110, "/签到 A1")


async def test_a_change_is_said(chat: Chat) -> None:
    await town.build()
    await ask(chat, 100, LINE, GROUP)
    assert await ask(chat, 100, "/活动 改 A1 体育馆", GROUP) == (
        "改好了，现在是 A1 篮球赛（11月19日 15:00，体育馆），限 2 人。时间、地点有变的，报了名的我去告诉。"
    )


async def test_the_minute_tick_reminds_and_closes(chat: Chat) -> None:
    await town.build()
    await ask(chat, 100, LINE, GROUP)
    await ask(chat, 200, "/报名 A1", GROUP)
    await run_ticks(chat.later(hours=1))
    await run_ticks(chat.later(hours=2))
    assert (await Notice.get(kind="activity.soon")).text == (
        "别忘了：A1 篮球赛（11月19日 15:00，东操场）。来不了请发 /取消 A1，好让给候补的人。"
    )
    await run_ticks(chat.later(days=4))
    assert (await Activity.get()).state is ActivityState.CLOSED


# --- 一句一句问 ---


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  等的是真的响应器登记上
            await asyncio.sleep(0.01)


async def talk(chat: Chat, *replies: str) -> asyncio.Task[list[object]]:
    """张三在群里 `/活动 发起`，听到一问答一句。"""
    task = asyncio.create_task(chat.say(100, "/活动 发起", group=GROUP))
    for said in replies:
        await until(lambda: awaited(f"group_{GROUP}_100"))
        heard = len(chat.sent)
        await chat.say(100, said, group=GROUP)
        await until(lambda heard=heard: len(chat.sent) > heard)
    return task  # type: ignore[return-value]


async def test_a_short_dialogue_asks_for_one_thing_at_a_time(chat: Chat) -> None:
    await town.build()
    task = await talk(chat, "3对3篮球 12-03", "后来", "昨天15:00", "12月3日15:00", "3号球场", "限20人 文体")
    await task
    assert [str(reply).split("？")[0][:12] for reply in chat.sent] == [
        "办什么活动",
        "什么时候开始",
        "没听懂是什么时候，再说一",
        "这个时间已经过了。办过的",
        "在哪里",
        "限多少人、算哪一类",
        "A1 3对3篮球 12-",
    ]
    row = await Activity.get()
    assert (row.title, row.place, row.cap, row.slot) == ("3对3篮球 12-03", "3号球场", 20, Slot.CULTURE)
    assert not awaited(f"group_{GROUP}_100")


async def test_others_are_answered_while_one_is_being_asked(chat: Chat) -> None:
    await town.build()
    task = await talk(chat)
    await until(lambda: awaited(f"group_{GROUP}_100"))
    assert (await ask(chat, 200, "/活动", GROUP)).startswith("现在没有能报名的活动")
    assert await chat.say(200, "明天15:00", group=GROUP) == [], "别人的话不当成回答"
    assert not await Activity.exists()
    await chat.say(100, "算了", group=GROUP)
    await task
    assert str(chat.sent[-1]) == "好，先不发起了。想好了再发 /活动 发起。"


@pytest.mark.parametrize(("typed", "answer"), [("/帮助 报名", "/报名："), ("我的心愿是学会游泳", "收到你的心愿 W1")])
async def test_another_command_ends_the_dialogue_and_is_answered(chat: Chat, typed: str, answer: str) -> None:
    await town.build()
    task = await talk(chat)
    await until(lambda: awaited(f"group_{GROUP}_100"))
    await chat.say(100, typed, group=GROUP)
    await task
    said = [str(reply) for reply in chat.sent]
    assert any(text.startswith(answer) for text in said)
    assert "好，先不发起了。想好了再发 /活动 发起。" in said


async def test_silence_ends_the_dialogue(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PATIENCE", 0.05)
    await town.build()
    replies = [str(reply) for reply in await chat.say(100, "/活动 发起", group=GROUP)]
    assert replies[-1] == "好，先不发起了。想好了再发 /活动 发起。"
    assert not await Activity.exists()
