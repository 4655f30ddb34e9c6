"""`/参评` `/申诉`。"""

import re

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import eligibilities
from bot.league.eligibilities import APPEAL_EXAMPLE, EXAMPLE, Move
from bot.league.errors import Refusal
from plugins.eligibilities import render

eligible_cmd = command(
    "参评", about="我今年的参评建议和理由；管理员看名单、来定（私聊）", example="/参评", audience=Audience.CADRE
)

_YEAR = re.compile(r"(20\d\d)年?")
_MOVES = {"可参评": Move.ALLOW, "可以": Move.ALLOW, "暂不": Move.HOLD, "暂不参评": Move.HOLD}


@eligible_cmd.handle()
@answers
async def handle_eligible(said: Saying) -> Answer:
    """不带词看自己的；名单、定是管理员的。"""
    if not said.private:
        raise Refusal("参评的事不在群里说，私聊我再发一次就好。")
    act = said.words[0] if said.words else ""
    if act == "名单":
        return await _list(said)
    if act == "定":
        return await _decide(said)
    if act:
        raise Refusal(f"看自己的发 /参评；管理员看名单发 /参评 名单，来定发 {EXAMPLE}")
    return render.mine(await eligibilities.mine(said.by, at=said.at))


async def _list(said: Said) -> Answer:
    years = [found for word in said.words[1:] if (found := _YEAR.fullmatch(word))]
    names = [word for word in said.words[1:] if not _YEAR.fullmatch(word)]
    if len(years) > 1 or len(names) > 1:
        raise Refusal("单位和年份各写一个，例如：/参评 名单 甲学院团总支 2026")
    year = int(years[0][1]) if years else None
    return render.listed(*await eligibilities.listed(said.by, names[0] if names else None, year, at=said.at))


async def _decide(said: Said) -> Answer:
    rest = said.words[1:]
    name = "" if said.mentions or not rest else rest.pop(0)
    move = _MOVES.get(rest[0]) if rest else None
    if move is None or not (name or said.mentions):
        raise Refusal(f"定谁、怎么定？写姓名和 可参评 或 暂不，例如：{EXAMPLE}")
    cadre = await eligibilities.find(said.by, name, said.mentions)
    return render.decided(await eligibilities.decide(said.by, cadre, move, " ".join(rest[1:]), at=said.at))


appeal_cmd = command(
    "申诉", about="觉得参评定得不对，说理由，请人复核（私聊）", example=APPEAL_EXAMPLE, audience=Audience.CADRE
)


@appeal_cmd.handle()
@answers
async def handle_appeal(said: Saying) -> Answer:
    """只有本人能申诉。"""
    said.cadre_id()
    if not said.private:
        raise Refusal("申诉不在群里说，私聊我再发一次就好。")
    await eligibilities.appeal(said.by, said.text, at=said.at)
    return "申诉收下了，会有管理员来复核，定了我私聊告诉你。你写的理由只有管得到你的管理员看得到。"
