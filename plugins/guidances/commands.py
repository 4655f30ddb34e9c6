"""`/指导`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import guidances, overviews
from bot.league.errors import Refusal
from bot.league.periods import local
from plugins.guidances import render

guidance_cmd = command(
    "指导", about="学习教育指导：五项做了一项勾一项", example=guidances.EXAMPLE, audience=Audience.CADRE
)

_UNDO = ("撤回", "撤", "取消")


@guidance_cmd.handle()
@answers
async def handle_guidance(said: Saying) -> Answer:
    """没有词是看自己的单子，其余多半是勾一项。"""
    first = said.words[0] if said.words else ""
    if first in overviews.WORDS or (not first and said.by.is_admin and not said.by.is_cadre):
        return await _overview(said)
    cadre_id = said.cadre_id()
    if not first or overviews.is_year(first):
        if not said.private:
            raise Refusal(f"自己的单子私聊我发 /指导 看。要勾一项，例如：{guidances.EXAMPLE}")
        year = overviews.year_in(first, at=said.at) if first else local(said.at).year
        return render.mine(await guidances.sheets_of(cadre_id, year), said.by.name, year)
    if first in _UNDO:
        line = guidances.read(said.words[1:], at=said.at)
        return render.unticked(await guidances.untick(said.by, line, at=said.at), line)
    line = guidances.read(said.words, at=said.at)
    return render.taken(await guidances.take(said.by, line, at=said.at), line)


async def _overview(said: Said) -> Answer:
    ask = overviews.read(said.words, at=said.at)
    kind = said.group.kind if said.group else None
    span = await overviews.span(said.by, ask.unit, private=said.private, kind=kind, ask="/指导 统计")
    return render.overview(span, ask.year, await guidances.coverage(span, ask.year))
