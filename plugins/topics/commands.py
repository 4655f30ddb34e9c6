"""`/话题`、`/投票` 与 `/投`。"""

import re

from bot.gateway import hearing
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import polls, topics
from plugins.topics import render

topic_cmd = command("话题", about="在群里开个话题，说 结束 就收", example=topics.EXAMPLE, audience=Audience.CADRE)
poll_cmd = command("投票", about="在群里开一次不记名投票，说 结束 就收", example=polls.EXAMPLE, audience=Audience.CADRE)
vote_cmd = command("投", about="投一票，不记谁投了哪项", example="/投 2", audience=Audience.YOUTH)

_NUMBERED = re.compile(r"[PpＰｐ]\s*([0-9０-９]{1,9})(?:\s+|$)(.*)", re.S)
_END = ("结束", "收", "关闭")


@topic_cmd.handle()
@answers
async def handle_topic(said: Saying) -> Answer:
    """没有词是看最近的一个。"""
    group = said.bound_group()
    if not said.words:
        topic = await topics.latest(group)
        return render.topic(await topics.turnout(topic), []) if topic else render.no_topic()
    _officer(said)
    if said.words[0] in _END and len(said.words) == 1:
        topic = await topics.end(said.by, group, at=said.at)
        closed = await polls.close_in(topic)
        await hearing.catch_up()
        return render.topic(await topics.turnout(topic), closed)
    return render.topic_started(await topics.start(said.by, group, said.text, at=said.at))


@poll_cmd.handle()
@answers
async def handle_poll(said: Saying) -> Answer:
    """没有词是看最近的一次。"""
    group = said.bound_group()
    if not said.words:
        poll = await polls.latest(group)
        return render.poll(await polls.count(poll)) if poll else render.no_poll()
    _officer(said)
    if said.words[0] in _END and len(said.words) == 1:
        return render.poll(await polls.close(said.by, group, at=said.at))
    return render.poll_started(await polls.start(said.by, group, said.text, at=said.at))


@vote_cmd.handle()
@answers
async def handle_vote(said: Saying) -> Answer:
    """群里是群里那一次；私聊的在自己的几个群里找。"""
    numbered = _NUMBERED.fullmatch(said.text)
    poll_id, choice = (int(numbered[1]), numbered[2]) if numbered else (None, said.text)
    group = None if said.private else said.bound_group()
    return render.voted(await polls.vote(said.by, choice, at=said.at, group=group, poll_id=poll_id))


def _officer(said: Said) -> None:
    if not said.by.is_admin:
        said.cadre_id()
