"""话题：开一个，数数有几位青年说了实在的话。话在互动记录里数（`Tally.discuss`），这里只管开、收与结果。"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.transactions import in_transaction

from bot.league import hosts, roster, steps, wordings, words
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Group, Topic, TopicState, TopicVoice

EXAMPLE = "/话题 你心里的好社团是什么样"
#: 一天没人收就自己收
LASTS = timedelta(hours=24)
#: 自己收的等一会儿再贴结果：补来的话先数完；平台一直连不上，也不等过这么久
LINGER, PATIENCE = timedelta(minutes=2), timedelta(hours=12)
#: 结束这么久之后封存：指纹删去，只留总数（docs/privacy.md：指纹至多 24 小时）
SETTLE_AFTER = timedelta(hours=24)
#: 标题至多几个字
TITLE_MAX = 40


class TopicAction(StrEnum):
    """话题的每一步。"""

    END = "收"
    SETTLE = "封存"


#: 表里没有的都不行
STEPS: dict[tuple[TopicState, TopicAction], TopicState] = {
    (TopicState.OPEN, TopicAction.END): TopicState.ENDED,
    (TopicState.ENDED, TopicAction.SETTLE): TopicState.SETTLED,
}


@dataclass(frozen=True)
class Turnout:
    """一个话题此刻数到多少；人与条分开，从不相加。"""

    topic: Topic
    #: 说过实质的话的青年，人
    youths: int
    #: 这些青年的实质发言，条
    youth_messages: int
    #: 团干部与没加入的人的实质发言，条
    other_messages: int


async def start(by: Speaker, group: Group, title: str, *, at: datetime) -> Topic:
    """在群里开一个话题；已经开着一个就 `Refusal`。"""
    await hosts.check_host(by, group, "话题")
    async with in_transaction():
        title = await wordings.allow(by, title, subject=f"g{group.id}", at=at)
        title = words.mask(" ".join(words.tidy(title).split()))
        if not 2 <= len(title) <= TITLE_MAX:
            raise Refusal(f"话题写成一句话，2 到 {TITLE_MAX} 个字，例如：{EXAMPLE}")
        await Group.select_for_update(no_key=True).get(id=group.id)
        if running := await current(group):
            raise Refusal(f"群里正聊着“{running.title}”，先发 /话题 结束，再开新的。")
        topic = await Topic.create(
            group=group,
            title=title,
            opened_by=by.person_id,
            state=TopicState.OPEN,
            opened_at=at,
            ends_at=at + LASTS,
        )
    roster.touch()  # 互动记录据此知道从哪一句开始数
    return topic


async def current(group: Group) -> Topic | None:
    """群里开着的话题。"""
    return await Topic.get_or_none(group_id=group.id, state=TopicState.OPEN)


async def latest(group: Group) -> Topic | None:
    """群里最近的一个话题，开着或结束了。"""
    return await Topic.filter(group_id=group.id).order_by("-id").first()


async def end(by: Speaker, group: Group, *, at: datetime) -> Topic:
    """收掉开着的话题；`at` 那一秒及以前的话都算。"""
    await hosts.check_host(by, group, "话题")
    topic = await current(group)
    if topic is None:
        raise Refusal(f"群里现在没有话题，想开一个就发：{EXAMPLE}")
    await _advance(topic, TopicAction.END, ends_at=min(at, topic.ends_at))
    roster.touch()
    return topic


async def turnout(topic: Topic) -> Turnout:
    """数到多少：封存前从每人的条数里数，封存后是留下的总数。"""
    if topic.state is TopicState.SETTLED:
        return Turnout(topic, topic.youths or 0, topic.youth_messages or 0, topic.other_messages or 0)
    rows = await TopicVoice.filter(topic_id=topic.id, messages__gt=0).values_list("youth", "messages")
    said = [messages for youth, messages in rows if youth]
    return Turnout(topic, len(said), sum(said), sum(messages for youth, messages in rows if not youth))


async def run_out(at: datetime) -> list[Topic]:
    """到点该自己收、等够了补来的话的；群随行取来，收不收由门口看平台连着没有。"""
    due = Topic.filter(state=TopicState.OPEN, ends_at__lte=at - LINGER)
    return await due.order_by("id").select_related("group")


async def expire(topic: Topic) -> bool:
    """到点了自己收；别处先收了就返回否。"""
    try:
        await _advance(topic, TopicAction.END)
    except Refusal:
        return False
    roster.touch()
    return True


async def settle(at: datetime) -> None:
    """结束满一天的封存：总数写下，谁说过几句整行删去。可以随便重复。"""
    for topic in await Topic.filter(state=TopicState.ENDED, ends_at__lte=at - SETTLE_AFTER).order_by("id"):
        counted = await turnout(topic)
        async with in_transaction():
            await _advance(
                topic,
                TopicAction.SETTLE,
                youths=counted.youths,
                youth_messages=counted.youth_messages,
                other_messages=counted.other_messages,
            )
            await TopicVoice.filter(topic_id=topic.id).delete()
    # 封存的那一刻别处正在写的
    await TopicVoice.filter(topic__state=TopicState.SETTLED).delete()


async def _advance(topic: Topic, action: TopicAction, **changes: object) -> None:
    """按表走一步；走不了、别处先走了都 `Refusal`。"""
    onward = STEPS.get((topic.state, action))
    if onward is None:
        raise Refusal(f"“{topic.title}”{topic.state}，不用再{action}了。")
    await steps.move(topic, "话题", unless_changed=("state",), state=onward, **changes)
