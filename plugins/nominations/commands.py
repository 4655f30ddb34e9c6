"""`/推荐`：青年推荐，被推荐的本人回话，管理员看名单。"""

import re

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import nominations
from bot.league.errors import Refusal
from bot.league.nomination_steps import Reply
from bot.league.wishes import Submission
from plugins.nominations import render
from plugins.wishes import render as wish_render

nominate_cmd = command(
    "推荐", about="推荐团干部参加最美青春故事，每年一位", example=nominations.EXAMPLE, audience=Audience.YOUTH
)

_YEAR = re.compile(r"(20\d\d)年?")


@nominate_cmd.handle()
@answers
async def handle_nominate(said: Saying) -> Answer:
    """@ 了人就是推荐；头一个词是动作的是动作，其余头一个词是姓名。"""
    if not said.text and not said.mentions:
        return await _show(said)
    act = None if said.mentions else _ACTS.get(said.text.split(maxsplit=1)[0])
    if act:
        return await act(said)
    found = await nominations.nominate(
        said.by, said.text, mentions=said.mentions, at=said.at, group=said.group, group_id=said.group_id
    )
    if isinstance(found, Submission):
        return wish_render.submitted(found, joined=said.by.joined, private=said.private)
    return render.nominated(found)


async def _show(said: Said) -> Answer:
    _only_private(said)
    mine = await nominations.mine(said.by, at=said.at)
    about = await nominations.about(said.by.cadre_id, at=said.at) if said.by.cadre_id else []
    return render.own(mine, about, said.by)


async def _withdraw(said: Said) -> Answer:
    _only_private(said)
    await nominations.withdraw(said.by, at=said.at)
    return "撤回了，那几句话一个字也没留。想换一位，再发 /推荐 就行。"


async def _answer(said: Said) -> Answer:
    said.cadre_id()
    _only_private(said)
    reply = Reply(said.words[0])
    await nominations.answer(said.by, reply, at=said.at)
    return render.answered(reply)


async def _list(said: Said) -> Answer:
    _only_private(said)
    year, name = None, None
    for word in said.words[1:]:
        if found := _YEAR.fullmatch(word):
            year = int(found[1])
        else:
            name = word
    return render.jury(await nominations.jury(said.by, year, name, at=said.at))


_ACTS = {"撤回": _withdraw, "名单": _list} | {reply.value: _answer for reply in Reply}


def _only_private(said: Said) -> None:
    if not said.private:
        raise Refusal("推荐的事不在群里说，私聊我再发一次就好。")
