"""推送的回响：几位青年回复了推到群里的那条；没加入的、团干部、口水话不算，怎么断开都一样，到时候只剩人数。"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.league import accounts, consents, erasures, good_things, pushes, replies, roster
from bot.league.interactions import Heard, InteractionLog
from bot.league.interactions.trails import pack_engine, read_engine
from db.models import (
    Account,
    Cadre,
    Contact,
    ContactState,
    Group,
    Notice,
    NoticeState,
    Push,
    PushReply,
    PushTarget,
    Scope,
)
from plugins.pushes.jobs import forget_opinions, send_pushes
from tests import factories
from tests.factories import AT

KEY = b"k" * 32
GROUP = (Scope.QQ, "700")
#: 推到群里的那条的消息号
SENT = "-88"
T0 = AT.timestamp()


def said(number: int, user: str, text: str, *, to: str | None = SENT, at: float = 0.0, command: bool = False) -> Heard:
    return Heard(str(number), user, T0 + number + at, text, (), everyone=False, reply_to=to, command=command)


#: 青年 2（两句）、3 回复了推送；没回复的、口水话、命令、团干部 1、没加入的 9 都不算
TALK = [
    said(1, "2", "看完很想去一次博物馆"),
    said(2, "2", "周末有人一起去看看吗"),
    said(3, "3", "讲得比课本有意思多了"),
    said(4, "4", "好的"),
    said(5, "4", "我说的是另外的一件事情", to=None),
    said(6, "4", "我回复的是别人的那句话", to="1"),
    said(7, "4", "/好物 G1 有用", command=True),
    said(8, "1", "大家都可以说说自己的想法"),
    said(9, "9", "我没有加入也想去看一看"),
]


@pytest.fixture
async def group(database: str) -> Group:
    """李书记（1）的群 700：青年 2、3、4 已加入，9 没有。G1 已经推到群里。"""
    cadre = await factories.cadre("1", "李书记", await factories.school())
    group = await factories.group("700", cadre)
    for user in "234":
        await factories.youth(user, cadre, group)
    await push(group)
    return group


async def push(group: Group, message_id: str = SENT, *, at: datetime = AT) -> None:
    """再推一条，推出去了，平台说消息号是 `message_id`。"""
    by = await roster.identify(Scope.QQ, "1")
    text = f"看懂五四 https://a.edu.cn/{await Push.all().count()}"
    await pushes.submit(by, text, group=group, at=at)
    await send_pushes(at)
    notice = await Notice.all().order_by("-id").first()
    assert notice
    await replies.went_out(notice, message_id)
    await Notice.filter(id=notice.id).update(state=NoticeState.SENT, sent_at=at, spent_at=at)


@pytest.fixture
async def log(group: Group) -> AsyncIterator[InteractionLog]:
    log = InteractionLog(key=KEY)
    await log.start()
    yield log
    await log.stop()


async def hear(log: InteractionLog, *heard: Heard, group: tuple[Scope, str] = GROUP) -> None:
    for one in heard:
        log.hear(group, one)
    await log.flush()


async def counted() -> tuple[int, int]:
    """几位，几条。"""
    rows = await PushReply.filter(push_id=1).values_list("messages", flat=True)
    assert (await replies.counts([1])).get(1, 0) == len(rows)
    return len(rows), sum(int(str(messages)) for messages in rows)


async def test_distinct_youths_with_substance_are_counted_and_nobody_else(group: Group, log: InteractionLog) -> None:
    await hear(log, *TALK)
    assert await counted() == (2, 3)
    people = {row.person_id for row in await Account.filter(user_id__in=["2", "3"])}
    assert {row.person_id for row in await PushReply.all()} == people


async def test_batches_redelivery_and_a_restart_change_nothing(group: Group) -> None:
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
    log.recall(GROUP, "3", T0 + 100)
    await log.flush()
    await log.stop()
    assert await counted() == (1, 2), "断开之前说的，之后撤回也减得回来"


async def test_a_crash_that_saved_only_the_trail_counts_each_once(group: Group) -> None:
    first = InteractionLog(key=KEY)
    await first.start()
    await hear(first, *TALK[:2])
    task, first._scribe._task = first._scribe._task, None
    assert task
    task.cancel()
    await asyncio.wait({task})
    second = InteractionLog(key=KEY)
    await second.start()
    await hear(second, *TALK)
    second.recall(GROUP, "1", T0 + 100)
    await second.flush()
    assert await counted() == (2, 2)
    await second.stop()


async def test_recalls_and_an_echo_of_three_are_taken_back(group: Group, log: InteractionLog) -> None:
    await hear(log, *TALK)
    log.recall(GROUP, "1", T0 + 20)
    log.recall(GROUP, "2", T0 + 20)
    await log.flush()
    assert await counted() == (1, 1)
    same = [said(20 + int(user), user, "大家一起说同样的一句话") for user in "234"]
    await hear(log, *same[:2])
    assert await counted() == (2, 3)
    await hear(log, same[2])
    assert await counted() == (1, 1)


async def test_one_youth_in_two_groups_is_one_and_a_cadre_among_the_youths_is_none(
    group: Group, log: InteractionLog
) -> None:
    cadre = await Cadre.get()
    other = await factories.group("701", cadre)
    target = await PushTarget.create(push_id=1, group=other, sent_at=AT, message_id="55")
    officer = await factories.cadre("6", "赵老师", await cadre.unit)
    await Contact.create(cadre=cadre, youth_id=officer.person_id, group=group, state=ContactState.ACTIVE, since=AT)
    replies._revision += 1
    await hear(log, *TALK)
    await hear(log, said(30, "2", "换了一个群再说一句", to=target.message_id), group=(Scope.QQ, "701"))
    await hear(log, said(31, "6", "我也是团干部不该算进去"))
    assert await counted() == (2, 4)


async def test_a_week_later_it_no_longer_counts_and_who_is_forgotten(group: Group, log: InteractionLog) -> None:
    await hear(log, *TALK)
    await forget_opinions(AT + timedelta(days=7, minutes=-1))
    assert await PushReply.filter(person_id__not_isnull=True).count() == 2
    await send_pushes(AT + timedelta(minutes=1))
    await forget_opinions(AT + timedelta(days=7))
    await hear(log, said(50, "4", "一周以后才想起来回一句", at=7 * 86400.0))
    assert await PushReply.all().values_list("person_id", flat=True) == [None, None]
    assert await counted() == (2, 3)
    assert not await PushTarget.filter(message_id__not_isnull=True).exists()


async def test_one_still_going_out_elsewhere_keeps_who_so_that_nobody_is_counted_twice(
    group: Group, log: InteractionLog
) -> None:
    await hear(log, *TALK)
    cadre = await Cadre.get()
    await PushTarget.create(push_id=1, group=await factories.group("701", cadre))
    await forget_opinions(AT + timedelta(days=8))
    assert await PushReply.filter(person_id__not_isnull=True).count() == 2


async def test_merging_counts_one_person_and_erasing_leaves_the_number(group: Group, log: InteractionLog) -> None:
    await hear(log, *TALK)
    two, three = [(await Account.get(user_id=user)).person_id for user in "23"]
    await accounts.merge(three, two, at=AT)
    assert await counted() == (1, 3)
    await erasures.erase(two, at=AT)
    assert (await PushReply.get()).person_id is None
    assert await counted() == (1, 3)


async def test_who_left_is_no_longer_counted(group: Group, log: InteractionLog) -> None:
    await consents.leave(await roster.identify(Scope.QQ, "3"), at=AT)
    await hear(log, *TALK)
    assert await counted() == (1, 2)


async def test_figures_are_shown_from_five(group: Group) -> None:
    for user in range(40, 45):
        thing = await good_things.one(await roster.identify(Scope.QQ, "2"), 1, group=group)
        assert not thing.replies_shown
        await PushReply.create(push_id=1, person=await factories.person(user), messages=2)
    thing = await good_things.one(await roster.identify(Scope.QQ, "2"), 1, group=group)
    assert (thing.replied, thing.replies_shown, thing.shown) == (5, True, False)


async def test_a_state_saved_before_replies_were_remembered_is_still_read(group: Group, log: InteractionLog) -> None:
    """升级之前存下的整份状态少一列，读进来不能当作坏的丢掉。"""
    await hear(log, *TALK)
    engine = log._scribe.listener._awake[group.id].engine
    state = pack_engine(engine)
    ring = len(engine.memory.ring)
    #: 各列前面是长度：版本一列 3 个数、时间 2 个、边 0 个、环的七列
    widths = [24, 16, 8 * len(engine.memory.edge), *(ring * width for width in (8, 8, 4, 8, 4, 8, 1))]
    start = sum(4 + width for width in widths)
    old = state[:4] + (1).to_bytes(8, "little") + state[12:start] + state[start + 4 + 8 * ring :]
    read = read_engine(old, 0.0)
    assert [(one.id, one.reply) for one in read.memory.ring] == [(one.id, 0) for one in engine.memory.ring]
    assert [one.reply for one in read_engine(state, 0.0).memory.ring] == [one.reply for one in engine.memory.ring]


async def test_a_number_too_long_to_keep_is_left_out(group: Group) -> None:
    await PushTarget.all().update(message_id=None)
    await replies.went_out(await Notice.get(), "长" * 129)
    assert await replies.watched() == {}
