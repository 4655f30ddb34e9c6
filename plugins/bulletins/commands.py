"""`/通报`。"""

import asyncio

from bot.gateway.files import hand_over
from bot.gateway.router import Answer, Audience, answers, command, tell
from bot.gateway.speaker import Said, Saying
from bot.league import bulletins
from bot.league.bulletins import Action, Order
from bot.league.errors import Refusal
from db.models import Unit
from plugins.bulletins import render

bulletin_cmd = command(
    "通报",
    about="季度通报：看草稿；后面加 发布、更正 原因、文件（私聊）",
    example="/通报 2026Q3 发布",
    audience=Audience.ADMIN,
)


@bulletin_cmd.handle()
@answers
async def handle_bulletin(said: Saying) -> Answer:
    """只在私聊里：看好了再发布，发布了才到群里。"""
    order = bulletins.read(said.words, at=said.at)
    unit = await bulletins.unit_for(said.by, order.unit_name)
    if not said.private:
        raise Refusal(f"通报先私聊我看好：/通报 {order.quarter}。发布了我会送到各工作群。")
    match order.action:
        case Action.LOOK:
            return render.preview(await bulletins.look(unit, order.quarter, at=said.at))
        case Action.PUBLISH:
            return render.published(*await bulletins.publish(said.by, unit, order.quarter, at=said.at))
        case Action.CORRECT:
            return render.published(*await bulletins.correct(said.by, unit, order.quarter, order.reason, at=said.at))
        case Action.FILES:
            return await _files(said, unit, order)


async def _files(said: Said, unit: Unit, order: Order) -> Answer:
    issue = await bulletins.look(unit, order.quarter, at=said.at)
    for name, data in (await asyncio.to_thread(render.files, issue)).items():
        if not await hand_over(said, data, name=name):
            await tell("这里发不出文件，换个能收文件的账号私聊我再试试。先给你文字版：")
            return render.text(issue)
    return render.handed(issue)
