"""`/状态`：连着谁、排着多少、哪里卡住；没送成的由人重送或作废。"""

import re

from bot.gateway.conditions import conditions
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import undelivered
from bot.league.errors import Refusal

from . import render

EXAMPLE = "/状态 重送 12"

status_cmd = command(
    "状态", about="看机器人好不好，重送或作废没送成的通知（私聊）", example="/状态", audience=Audience.ADMIN
)


@status_cmd.handle()
@answers
async def handle_status(said: Saying) -> Answer:
    """超级管理员与最上级单位的管理员，私聊。"""
    _allowed(said)
    asked = " ".join(said.words)
    if not asked:
        return render.status(await conditions(said.at), at=said.at)
    act, ids = _asked(asked)
    if act == "重送":
        return render.retried(await undelivered.retry(ids, at=said.at, actor_id=said.by.person_id))
    return render.dropped(await undelivered.drop(ids, at=said.at, actor_id=said.by.person_id))


def _allowed(said: Said) -> None:
    if not said.by.heads_everything:
        raise Refusal("这条命令是给超级管理员和最上级单位的管理员用的。")
    if not said.private:
        raise Refusal("里面有账号，不在群里说，请私聊我发 /状态。")


def _asked(text: str) -> tuple[str, list[int]]:
    """`重送 12 13` → 做什么、哪几条。"""
    found = re.fullmatch(r"(重送|作废)[\s,，、]*(\d{1,9}(?:[\s,，、]+\d{1,9})*)", text)
    if not found:
        raise Refusal(f"看不懂“{text[:20]}”。只看发 /状态；重送没送成的发 {EXAMPLE}，作废发 /状态 作废 12。")
    return found[1], [int(number) for number in re.findall(r"\d+", found[2])]
