"""每分钟看一遍：到点的话题与投票自己收，结果贴到群里；早收了的封存。"""

from datetime import datetime

from tortoise.transactions import in_transaction

from bot.gateway import delivery, hearing, roads
from bot.league import notices, polls, topics
from bot.ticks import tick
from db.models import Poll, Topic
from plugins.topics import render


@tick
async def keep_topics(at: datetime) -> None:
    """可以随便重复，几个进程一起做也只贴一次。"""
    for topic in await topics.run_out(at):
        if _heard_all(topic) or at >= topic.ends_at + topics.PATIENCE:
            await hearing.catch_up()
            await _close_topic(topic, at)
    for poll in await polls.run_out(at):
        await _close_poll(poll, at)
    await topics.settle(at)


def _heard_all(topic: Topic) -> bool:
    """群里的机器人连着，断开期间的话也补完了。"""
    group = topic.group
    online = (group.scope, group.self_id) in roads.live(delivery.obstacles)
    return online and not hearing.missing_out(group.scope, group.group_id)


async def _close_topic(topic: Topic, at: datetime) -> None:
    async with in_transaction():
        if await topics.expire(topic):
            text = render.topic(await topics.turnout(topic), await polls.close_in(topic)).text
            await notices.post("topic.result", period=f"T{topic.id}", group_id=topic.group_id, text=text, at=at)


async def _close_poll(poll: Poll, at: datetime) -> None:
    async with in_transaction():
        if counted := await polls.expire(poll):
            text = render.poll(counted).text
            await notices.post("poll.result", period=poll.number, group_id=poll.group_id, text=text, at=at)
