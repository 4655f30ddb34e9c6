"""`/雷达`、`/小伙伴` 与 `/标签`。名单有具体的人，只在私聊里给。"""

import re

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import contacts
from bot.league.errors import Refusal
from plugins.contacts import render

radar_cmd = command("雷达", about="谁最久没真联系（私聊）", example="/雷达", audience=Audience.CADRE)
companions_cmd = command(
    "小伙伴",
    about="我的联系青年，可按标签、多久没联系筛（私聊）",
    example="/小伙伴 学生 30天未联系",
    audience=Audience.CADRE,
)
tag_cmd = command(
    "标签", about="给联系青年贴标签，前面加 - 是揭下", example="/标签 @小王 学生", audience=Audience.CADRE
)

_MINUS = "-－—"
_QUIET = re.compile(r"(?:(\d{1,3})\s*天)?\s*(?:以上)?[未没](?:有)?联系")


@radar_cmd.handle()
@answers
async def handle_radar(said: Saying) -> Answer:
    """一次有效互动就从雷达上下去。"""
    cadre_id = _in_private(said)
    everyone = await contacts.companions(cadre_id, at=said.at)
    return render.radar(everyone, at=said.at)


@companions_cmd.handle()
@answers
async def handle_companions(said: Saying) -> Answer:
    """标签与“30天未联系”词序随意。"""
    cadre_id = _in_private(said)
    text = " ".join(said.words)
    quiet = _QUIET.search(text)
    tags = _QUIET.sub(" ", text).replace("#", " ").split()
    days = int(quiet[1] or contacts.QUIET_DAYS) if quiet else 0
    found = await contacts.companions(cadre_id, at=said.at, tags=tags, quiet_for=days)
    return render.companions(found, tags, days, await contacts.tag_counts(cadre_id), at=said.at)


@tag_cmd.handle()
@answers
async def handle_tag(said: Saying) -> Answer:
    """群里 @ 人；私聊里先写姓名或账号尾号。"""
    cadre_id = said.cadre_id()
    name, add, remove = _tags(said)
    if not (add or remove) or not (said.mentions or name):
        return render.usage(await contacts.tag_counts(cadre_id) if said.private else [])
    if said.mentions:
        people = await contacts.mentioned(cadre_id, said.scope, said.mentions)
    else:
        people = [await contacts.named(_in_private(said), name, at=said.at)]
    await contacts.retag(people, add=add, remove=remove)
    return render.tagged(len(people), add, remove)


def _tags(said: Said) -> tuple[str, list[str], list[str]]:
    """(没 @ 人时写的姓名或尾号, 要贴的, 要揭的)。"""
    words = list(said.words)
    name = words.pop(0) if words and not said.mentions else ""
    add = [word.lstrip("#＃") for word in words if word[0] not in _MINUS]
    remove = [word.lstrip(_MINUS).lstrip("#＃") for word in words if word[0] in _MINUS]
    return name, list(filter(None, add)), list(filter(None, remove))


def _in_private(said: Said) -> int:
    """团干部在私聊里问的才答。"""
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("名单里有具体的人，不方便在群里说。私聊我再发一次就好。")
    return cadre_id
