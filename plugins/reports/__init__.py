"""`/季报`：哪些单位交了，交了记一笔，不行退回。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import reports
from bot.league.periods import Quarter
from plugins.reports import render

__plugin_meta__ = PluginMetadata(
    name="季报", description="哪些单位交了季报", usage="/季报；/季报 已报；/季报 退回 某团总支", type="application"
)

report_cmd = command("季报", about="季报交了没有；交了说一声", example=reports.EXAMPLE, audience=Audience.ADMIN)


@report_cmd.handle()
@answers
async def handle_report(said: Saying) -> Answer:
    """不带词是看。"""
    if not said.words:
        quarter = Quarter.of(said.at)
        return render.listing(quarter, await reports.seen_by(said.by, quarter))
    order = reports.read(said.words, at=said.at)
    unit = await reports.unit_for(said.by, order)
    return render.settled(unit, await reports.settle(said.by, unit, order.quarter, order.state, at=said.at))
