"""`/下基层`，与 `/纠错 J3`（记录的 `/纠错` 按编号的字母转到这里）。"""

from bot.gateway.numbers import is_about, numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import belated, overviews, stay_counts, stay_orders, stay_quotas, stays
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from plugins.stays import render

stay_cmd = command("下基层", about="记下基层的天数，看自己的一年", example=stay_orders.EXAMPLE, audience=Audience.CADRE)


@stay_cmd.handle()
@answers
async def handle_stay(said: Saying) -> Answer:
    """没有词是看自己的一年，其余多半是记一次。"""
    first = said.words[0] if said.words else ""
    if first == "设":
        return render.settled(
            await stay_quotas.settle(said.by, stay_quotas.read(said.words[1:], at=said.at), at=said.at)
        )
    if first in overviews.WORDS or (not first and said.by.is_admin and not said.by.is_cadre):
        return await _overview(said)
    if is_about(said, "J"):
        stay_id, _ = numbered(said, "下基层", example="/下基层 J3")
        return render.history(*await stays.history(_in_private(said), stay_id))
    if not first or overviews.is_year(first):
        year = overviews.year_in(first, at=said.at) if first else local(said.at).year
        return render.mine(await stay_counts.own_year(_in_private(said).office()[0], year), said.by.name)
    said.cadre_id()
    return render.kept(await stays.keep(said.by, stay_orders.read(" ".join(said.words), at=said.at), at=said.at))


async def correct_stay(said: Said) -> Answer:
    """`/纠错 J3 原因 改为 …`；没有“改为”就是作废。"""
    stay_id, words = numbered(said, "下基层", example="/纠错 J3 记错了 改为 3天")
    reason, instead = belated.split_change(words)
    if instead is None:
        return render.voided(await stays.void(said.by, stay_id, reason, at=said.at))
    order = stay_orders.read(instead, at=said.at)
    return render.corrected(await stays.correct(said.by, stay_id, reason, order, at=said.at))


async def _overview(said: Said) -> Answer:
    ask = overviews.read(said.words, at=said.at)
    kind = said.group.kind if said.group else None
    span = await overviews.span(said.by, ask.unit, private=said.private, kind=kind, ask="/下基层 统计")
    shares = await stay_counts.shares(span, *stay_counts.year_range(ask.year))
    return render.overview(span, ask.year, shares, await stay_counts.names_below(span, shares))


def _in_private(said: Said) -> Speaker:
    said.cadre_id()
    if not said.private:
        raise Refusal("下了几天基层只给你自己看，私聊我发 /下基层 就好。要记一次，例如：/下基层 2天 某县团委 8+4")
    return said.by
