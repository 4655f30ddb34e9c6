"""话题：数的是说了实在话的青年，人与条分开；怎么分批、在哪里断开都一样，指纹到时候就删。"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.league import roster, topics
from bot.league.errors import Refusal
from bot.league.interactions import Heard, InteractionLog
from bot.league.roster import Speaker
from bot.league.topics import STEPS, TopicAction
from db.models import Account, Cadre, Group, GroupKind, Scope, Topic, TopicState, TopicVoice
from tests import factories
from tests.factories import AT

KEY = b"k" * 32
GROUP = (Scope.QQ, "700")
T0 = AT.timestamp()


def said(number: int, user: str, text: str, *, at: float = 0.0, **extra: object) -> Heard:
    fields = {"mentions": (), "everyone": False, "reply_to": None, "command": False} | extra
    return Heard(message_id=str(number), user_id=user, at=T0 + at, text=text, **fields)  # type: ignore[arg-type]


#: 青年 2、3 说了实在话（2 说了两句），李书记与没加入的 9 各一句；口水话、命令、开之前的都不算
TALK = [
    said(1, "2", "话题开始之前说的一句话", at=-5),
    said(2, "2", "我想要一个能玩的社团", at=10),
    said(3, "3", "最好每周都有一次活动", at=20),
    said(4, "2", "还想认识别的学院的人", at=90),
    said(5, "1", "这个想法学校可以支持", at=100),
    said(6, "9", "没加入的人也说了一句", at=110),
    said(7, "3", "好的", at=120),
    said(8, "3", "/心愿 想要一个舞蹈教室", at=130, command=True),
]


@pytest.fixture
async def group(database: str) -> Group:
    """李书记（1）的群 700：青年 2、3、4 已加入，9 没有。"""
    cadre = await factories.cadre("1", "李书记", await factories.school())
    group = await factories.group("700", cadre)
    for user in "234":
        await factories.youth(user, cadre, group)
    return group


@pytest.fixture
async def log(group: Group) -> AsyncIterator[InteractionLog]:
    log = InteractionLog(key=KEY)
    await log.start()
    yield log
    await log.stop()


async def lead() -> Speaker:
    return await roster.identify(Scope.QQ, "1")


async def start(group: Group, title: str = "什么样的社团好", *, at: datetime = AT) -> Topic:
    return await topics.start(await lead(), group, title, at=at)


async def hear(log: InteractionLog, *heard: Heard) -> None:
    for one in heard:
        log.hear(GROUP, one)
    await log.flush()


async def counted() -> tuple[int, int, int]:
    """青年人数、青年条数、其余条数。"""
    found = await topics.turnout(await Topic.all().order_by("-id").first() or Topic())
    return found.youths, found.youth_messages, found.other_messages


def test_every_arrow_of_the_table_and_no_other() -> None:
    arrows = {("聊着", "收"): "已结束", ("已结束", "封存"): "已封存"}
    assert {(state.value, action.value): end.value for (state, action), end in STEPS.items()} == arrows


async def test_each_step_is_taken_or_refused_as_the_table_says(group: Group) -> None:
    for state, action in itertools.product(TopicState, TopicAction):
        topic = await start(group)
        await Topic.filter(id=topic.id).update(state=state)
        topic.state = state
        if onward := STEPS.get((state, action)):
            await topics._advance(topic, action)
            assert (await Topic.get(id=topic.id)).state is onward
        else:
            with pytest.raises(Refusal, match=rf"^“什么样的社团好”{state}，不用再{action}了。$"):
                await topics._advance(topic, action)
            assert (await Topic.get(id=topic.id)).state is state
        await topic.delete()


async def test_persons_and_messages_are_counted_apart_and_strangers_only_as_messages(
    group: Group, log: InteractionLog
) -> None:
    await start(group)
    await hear(log, *TALK)
    assert await counted() == (2, 3, 2)
    assert await TopicVoice.filter(who=0).count() == 1
    assert not await TopicVoice.filter(who__in=[1, 2, 3, 4, 9]).exists(), "只有指纹"


async def test_batches_redelivery_and_a_restart_change_nothing(group: Group) -> None:
    await start(group)
    for one in TALK:
        log = InteractionLog(key=KEY)
        await log.start()
        await hear(log, one, one)
        await log.stop()
    log = InteractionLog(key=KEY)
    await log.start()
    log.hold(GROUP)
    log.release(GROUP, TALK)
    await log.flush()
    await log.stop()
    assert await counted() == (2, 3, 2)


async def test_a_crash_that_saved_only_the_trail_counts_each_once(group: Group) -> None:
    """没有好好停下：整份状态没存，靠痕迹重走一遍，重走时不再计数。"""
    await start(group)
    first = InteractionLog(key=KEY)
    await first.start()
    await hear(first, *TALK[:5])
    task, first._scribe._task = first._scribe._task, None
    assert task
    task.cancel()
    await asyncio.wait({task})
    second = InteractionLog(key=KEY)
    await second.start()
    await hear(second, *TALK)
    assert await counted() == (2, 3, 2)
    await second.stop()


async def test_a_recalled_message_and_an_echo_of_three_are_taken_back(group: Group, log: InteractionLog) -> None:
    await start(group)
    await hear(log, *TALK)
    log.recall(GROUP, "3", T0 + 200)
    await log.flush()
    assert await counted() == (1, 2, 2)
    same = [said(20 + place, user, "大家一起说同样的一句话", at=300 + place) for place, user in enumerate("234")]
    await hear(log, *same[:2])
    assert await counted() == (2, 4, 2)
    await hear(log, same[2])
    assert await counted() == (1, 2, 2)
    assert not await TopicVoice.filter(messages__lte=0).exists()


async def test_words_up_to_the_second_of_the_end_count_however_late_they_come(
    group: Group, log: InteractionLog
) -> None:
    await start(group)
    await topics.end(await lead(), group, at=AT + timedelta(seconds=60))
    await hear(log, said(1, "2", "结束那一秒说的这一句", at=60), said(2, "3", "结束之后才说的这一句", at=61))
    assert await counted() == (1, 1, 0)
    await start(group, "下一个话题聊什么", at=AT + timedelta(seconds=61))
    await hear(log, said(3, "4", "第二个话题里说的一句话", at=62))
    assert await counted() == (1, 1, 0)
    await hear(log, said(4, "4", "第一个话题里迟到的一句", at=60.5))
    assert await counted() == (1, 1, 0), "算进第一个，不算进第二个"
    assert await TopicVoice.all().count() == 2


async def test_two_accounts_of_one_youth_are_one_person(group: Group, log: InteractionLog) -> None:
    await start(group)
    account = await Account.get(user_id="4")
    await account.filter(id=account.id).update(person_id=(await Account.get(user_id="2")).person_id)
    roster.touch()
    await hear(log, *TALK, said(30, "4", "换了一个账号再说一句", at=140))
    assert await counted() == (2, 4, 2)


async def test_the_same_youth_has_another_fingerprint_in_another_topic(group: Group, log: InteractionLog) -> None:
    await start(group)
    await hear(log, said(1, "2", "第一个话题里说的一句话", at=1))
    await topics.end(await lead(), group, at=AT + timedelta(seconds=2))
    await start(group, "第二个话题", at=AT + timedelta(seconds=3))
    await hear(log, said(2, "2", "第二个话题里说的一句话", at=4))
    assert len({row.who for row in await TopicVoice.all()}) == 2


async def test_settling_keeps_the_totals_and_deletes_who(group: Group, log: InteractionLog) -> None:
    await start(group)
    await hear(log, *TALK)
    await topics.end(await lead(), group, at=AT + timedelta(minutes=5))
    await topics.settle(AT + timedelta(hours=24))
    assert await TopicVoice.all().count() == 4
    await topics.settle(AT + timedelta(hours=24, minutes=5))
    await topics.settle(AT + timedelta(hours=25))
    assert not await TopicVoice.exists()
    assert (await Topic.get()).state is TopicState.SETTLED
    assert await counted() == (2, 3, 2)


async def test_a_topic_nobody_ends_runs_out_after_a_day_and_a_little_patience(group: Group) -> None:
    topic = await start(group)
    assert await topics.run_out(AT + timedelta(hours=24, minutes=1)) == []
    assert await topics.run_out(AT + timedelta(hours=24, minutes=2)) == [topic]
    assert await topics.expire(topic)
    assert not await topics.expire(await Topic.get())


async def test_who_may_open_one_and_where(group: Group) -> None:
    cadre = await Cadre.get()
    await factories.cadre("5", "外院的", await factories.branch("法学院团总支", await cadre.unit))
    with pytest.raises(Refusal, match=r"^这个群的话题由群里的团干部来开。$"):
        await topics.start(await roster.identify(Scope.QQ, "5"), group, "什么样的社团好", at=AT)
    work = await factories.group("800", cadre, GroupKind.WORK)
    with pytest.raises(Refusal, match=r"^话题是给青年群的，工作群里不用。$"):
        await topics.start(await lead(), work, "什么样的社团好", at=AT)
    await factories.admin("6", "王部长", await cadre.unit)
    assert (await topics.start(await roster.identify(Scope.QQ, "6"), group, "什么样的社团好", at=AT)).id


async def test_one_at_a_time(group: Group) -> None:
    await start(group)
    with pytest.raises(Refusal, match=r"^群里正聊着“什么样的社团好”，先发 /话题 结束，再开新的。$"):
        await start(group, "另一个话题")
    assert await Topic.all().count() == 1
