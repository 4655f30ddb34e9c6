"""话题与投票的命令：在群里说了什么，听到什么；到点自己收。"""

from collections.abc import AsyncIterator

import pytest

from bot.gateway import hearing
from bot.league import roster
from bot.ticks import run_ticks
from db.models import Audit, Ballot, Notice, Poll, PollState, Topic, TopicState, TopicVoice
from tests import factories
from tests.chat import Chat

GROUP = 5
CADRE = 20012
YOUTHS = range(20030, 20037)
OPENED = (
    "话题：你心里的好社团是什么样\n想到什么就直接说。我只数有几位说了实在的话，一个字也不存。"
    "11月19日 14:00 收，团干部发 /话题 结束 可以提前收。"
)


@pytest.fixture(autouse=True)
async def place(chat: Chat) -> AsyncIterator[None]:
    """张三的群 5，七名青年已加入；互动记录开着。"""
    school = await factories.school()
    cadre = await factories.cadre(CADRE, "张三", school)
    group = await factories.group(GROUP, cadre)
    for user in YOUTHS:
        await factories.youth(user, cadre, group)
    await factories.admin(20001, "王部长", school)
    await hearing.start_listening()
    yield
    await hearing.stop_listening()


async def ask(chat: Chat, user: int, text: str, group: int | None = GROUP) -> str:
    [reply] = await chat.say(user, text, group=group)
    assert reply.group == (str(group) if group else None)
    return reply.text


async def chatter(chat: Chat, count: int) -> None:
    """前 `count` 名青年各说一句不一样的实在话。"""
    for place, user in enumerate(YOUTHS[:count]):
        chat.later(seconds=20)
        assert await chat.say(user, f"我觉得好社团要有{'一二三四五六七'[place]}样东西", group=GROUP) == []


async def test_a_topic_from_its_title_to_its_result(chat: Chat) -> None:
    assert await ask(chat, CADRE, "/话题 你心里的好社团是什么样") == OPENED
    await chatter(chat, 6)
    await chat.say(99, "没加入的人也来说上一句", group=GROUP)
    assert await ask(chat, CADRE, "/话题 结束 文字") == (
        "话题：你心里的好社团是什么样（结束了，谢谢大家）\n说了实在话的青年：6 人\n他们的实在话：6 条\n"
        "团干部和没加入的人：1 条\n应一声、刷屏、复读的不算；谁说了什么都没存。"
    )


async def test_ending_answers_with_a_card_at_once(chat: Chat) -> None:
    await chat.say(CADRE, "/话题 你心里的好社团是什么样", group=GROUP)
    await chatter(chat, 1)
    assert await ask(chat, CADRE, "/话题 结束") == "[image]"
    assert await TopicVoice.all().count() == 1, "贴结果之前，听见的都数进去了"
    assert await ask(chat, CADRE, "/话题 结束") == "群里现在没有话题，想开一个就发：/话题 你心里的好社团是什么样"


async def test_a_figure_about_fewer_than_five_is_not_shown(chat: Chat) -> None:
    await chat.say(CADRE, "/话题 你心里的好社团是什么样", group=GROUP)
    await chatter(chat, 4)
    await hearing.catch_up()
    assert await ask(chat, 99, "/话题 文字") == (
        "话题：你心里的好社团是什么样（11月19日 14:00 收）\n说了实在话的青年：不到 5 人，不列数\n"
        "应一声、刷屏、复读的不算；谁说了什么都没存。"
    )


async def test_after_a_day_the_result_is_posted_once_without_anybody_asking(chat: Chat) -> None:
    await chat.say(CADRE, "/话题 你心里的好社团是什么样", group=GROUP)
    await chat.say(CADRE, "/投票 周末去哪 爬山/看展", group=GROUP)
    await chatter(chat, 5)
    for user in YOUTHS[:5]:
        await ask(chat, user, "/投 1", None)
    await run_ticks(chat.later(hours=24))
    assert not await Notice.filter(kind="topic.result").exists(), "等一等补来的话"
    for _ in range(2):
        await run_ticks(chat.later(minutes=1))
    [notice] = await Notice.filter(kind="topic.result")
    assert notice.text == (
        "话题：你心里的好社团是什么样（结束了，谢谢大家）\n说了实在话的青年：5 人\n他们的实在话：5 条\n"
        "投票 周末去哪：5 票\n1 爬山：5 票\n2 看展：0 票\n应一声、刷屏、复读的不算；谁说了什么都没存。"
    )
    assert (await Topic.get()).state is TopicState.ENDED
    assert (await Poll.get()).state is PollState.CLOSED
    assert not await Notice.filter(kind="poll.result").exists(), "里面的投票跟着话题一起说"
    await run_ticks(chat.later(hours=24))
    assert (await Topic.get()).state is TopicState.SETTLED
    assert not await TopicVoice.exists()


async def test_while_the_bot_is_away_the_result_waits_for_what_was_missed(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.say(CADRE, "/话题 你心里的好社团是什么样", group=GROUP)
    with monkeypatch.context() as patch:
        patch.setattr(hearing, "missing_out", lambda *_: True)
        await run_ticks(chat.later(hours=25))
        assert (await Topic.get()).state is TopicState.OPEN
    await run_ticks(chat.at)
    assert (await Topic.get()).state is TopicState.ENDED


async def test_a_topic_is_refused_with_a_sentence(chat: Chat) -> None:
    usage = "话题写成一句话，2 到 40 个字，例如：/话题 你心里的好社团是什么样"
    assert await ask(chat, CADRE, "/话题") == "群里还没开过话题，团干部可以开一个：/话题 你心里的好社团是什么样"
    assert await ask(chat, CADRE, "/话题 好") == usage
    assert await ask(chat, CADRE, f"/话题 {'好' * 41}") == usage
    assert (await ask(chat, 20030, "/话题 想聊聊社团")).startswith("这条命令是给团干部用的。")
    assert await ask(chat, CADRE, "/话题 想聊聊社团", None) == "这条命令要在群里说。"
    assert await ask(chat, CADRE, "/话题 想聊聊社团", 6) == "本群还没绑定。请团干部在群里发 /绑定本群。"
    said = await ask(chat, CADRE, "/话题 今晚全员来聊社团")
    assert said == "“全员”这个说法先不发：不按人头摊派，愿意来的才算。换个说法再发一次就好。"
    assert not await Topic.exists()


async def test_the_top_units_admin_may_insist_and_a_refused_title_leaves_no_trace(chat: Chat) -> None:
    await ask(chat, 20001, "/话题 好 必须 坚持 校里的原话")
    assert (await Topic.get()).title == "好 必须"
    assert (await Audit.get(action="wording.insist")).detail == "必须：校里的原话"
    await ask(chat, 20001, "/话题 结束")
    await ask(chat, 20001, f"/话题 {'好' * 40}必须 坚持 校里的原话")
    assert await Audit.filter(action="wording.insist").count() == 1


async def test_a_poll_from_its_question_to_its_result(chat: Chat) -> None:
    assert await ask(chat, CADRE, "/投票 周末去哪 爬山/看展/桌游") == (
        "投票 P1：周末去哪\n1 爬山\n2 看展\n3 桌游\n发 /投 2 这样就行；不想让群里看见，私聊我发 /投 P1 2。\n"
        "不记谁投了哪项，所以投了不能改；满 5 票才公布。11月19日 14:00 收。"
    )
    done = "投好了。不记谁投了哪项，所以也不能改；11月19日 14:00 之后看结果。"
    assert await ask(chat, 20030, "/投 2") == done
    assert await ask(chat, 20031, "/投 p1 2", None) == done
    assert await ask(chat, 20032, "/投 看展", None) == done
    assert await ask(chat, 99, "/投 3") == done, "没加入的人也能投，只留一个指纹"
    assert await ask(chat, 20030, "/投 1") == "你投过了。不留谁投了哪项，所以也改不了。"
    assert await ask(chat, 20030, "/投票 文字") == (
        "投票 P1：周末去哪（11月19日 14:00 收 · 不到 5 票，不公布）\n1 爬山\n2 看展\n3 桌游\n"
        "发 /投 2 这样投；结果等结束了、满 5 票再公布。"
    )
    await ask(chat, 20033, "/投 1")
    assert "看展：" not in await ask(chat, 20030, "/投票 文字"), "没结束，满了五票也不给各项"
    assert await ask(chat, CADRE, "/投票 结束") == "[image]"
    assert await ask(chat, 20030, "/投票 文字") == (
        "投票 P1：周末去哪（结束了 · 5 票）\n1 爬山：1 票\n2 看展：3 票\n3 桌游：1 票\n不记谁投了哪项。"
    )
    assert not await Ballot.exists()


async def test_a_vote_is_refused_with_a_sentence(chat: Chat) -> None:
    assert await ask(chat, 20030, "/投 2") == "现在没有开着的投票。"
    assert await ask(chat, 20030, "/投 2", None) == "没找到你能投的。在群里投，或先在群里 /加入，再私聊我投。"
    assert await ask(chat, 20030, "/投票") == "群里还没有过投票，团干部可以开一个：/投票 周末去哪 爬山/看展/桌游"
    await ask(chat, CADRE, "/投票 周末去哪 爬山/看展/桌游")
    for wrong in ("/投", "/投 9", "/投 爬", "/投 P1"):
        assert await ask(chat, 20030, wrong) == "投第几项？写 1 到 3 的数字，例如：/投 2"
    assert await ask(chat, 20030, "/投 P9 2", None) == "没找到你能投的。在群里投，或先在群里 /加入，再私聊我投。"
    assert await ask(chat, CADRE, "/投 2") == "投票是听青年的，团干部等着看结果就好。"
    assert await ask(chat, CADRE, "/投票 请务必投 甲/乙") == (
        "“务必”这个说法先不发：参不参加由青年自己定，文件七.3 写明不许强迫。换个说法再发一次就好。"
    )


async def test_a_poll_runs_out_by_itself(chat: Chat) -> None:
    await ask(chat, CADRE, "/投票 周末去哪 爬山/看展/桌游")
    for user in YOUTHS[:4]:
        await ask(chat, user, "/投 1")
    for _ in range(2):
        await run_ticks(chat.later(hours=24))
    [notice] = await Notice.filter(kind="poll.result")
    assert notice.text == "投票 P1：周末去哪（结束了 · 不到 5 票，不公布）\n不记谁投了哪项。"
    assert not await Ballot.exists()


async def test_a_youth_who_left_is_no_longer_counted_as_a_person(chat: Chat) -> None:
    await chat.say(CADRE, "/话题 你心里的好社团是什么样", group=GROUP)
    await chat.say(20030, "/退出", group=GROUP)
    roster.touch()
    await chatter(chat, 1)
    await hearing.catch_up()
    assert [(row.who, row.youth) for row in await TopicVoice.all()] == [(0, False)]
