"""`/季报`：看、改、签发，谁交了，退回。"""

import asyncio
import re

from bot.gateway.files import NO_FILES, hand_over
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import report_orders, report_papers, reports
from bot.league.errors import Refusal
from bot.league.report_orders import EDIT_EXAMPLE, Act, Order
from db.models import GroupKind, ReportState, Unit
from plugins.reports import render

report_cmd = command("季报", about="照事实起草季报；改、签发，谁交了", example=EDIT_EXAMPLE, audience=Audience.ADMIN)


@report_cmd.handle()
@answers
async def handle_report(said: Saying) -> Answer:
    """不带词：自己管着一个团总支的看它的季报，别的看谁交了。"""
    order = report_orders.read(re.sub(r"(?:^|\s)文字$", "", said.text), at=said.at)
    if order.act is Act.TABLE or (
        order.act is Act.SHOW and order.unit_name is None and len(await reports.committees_of(said.by)) != 1
    ):
        return await _table(said, order)
    if not said.by.is_admin:
        raise Refusal("季报是单位管理员的事。想看自己的进度，发 /进度")
    if not said.private:
        raise Refusal("季报的内容不在群里说，私聊我再发一次就好；谁交了可以在工作群发 /季报 表")
    unit = await reports.unit_for(said.by, order.unit_name, example=f"/季报 {_word(order)}某团总支")
    return await _ACTS[order.act](said, order, unit)


def _word(order: Order) -> str:
    return "" if order.act is Act.SHOW else f"{order.act} "


async def _table(said: Said, order: Order) -> Answer:
    if order.unit_name:
        raise Refusal("表是你管得到的全部单位，不用写单位；看一个单位的发 /季报 某团总支")
    rows = await reports.seen_by(said.by, order.quarter)
    if not said.private and (said.group is None or said.group.kind is not GroupKind.WORK):
        raise Refusal("谁交了谁没交，在工作群或私聊里看。")
    return render.table(order.quarter, rows, private=said.private)


async def _show(said: Said, order: Order, unit: Unit) -> Answer:
    return render.paper(await report_papers.look(said.by, unit, order.quarter, at=said.at))


async def _edit(said: Said, order: Order, unit: Unit) -> Answer:
    assert order.part
    adding = order.act is Act.ADD
    paper = await report_papers.edit(said.by, unit, order.quarter, order.part, order.text, adding=adding, at=said.at)
    return render.edited(paper, order.part)


async def _restore(said: Said, order: Order, unit: Unit) -> Answer:
    assert order.part
    return render.edited(await report_papers.restore(said.by, unit, order.quarter, order.part, at=said.at), order.part)


async def _sign(said: Said, order: Order, unit: Unit) -> Answer:
    return render.signed(await report_papers.sign(said.by, unit, order.quarter, at=said.at))


async def _file(said: Said, order: Order, unit: Unit) -> Answer:
    found = await report_papers.look(said.by, unit, order.quarter, at=said.at, version=order.version)
    sent = await hand_over(said, await asyncio.to_thread(render.file, found, at=said.at), name=render.file_name(found))
    return None if sent else NO_FILES


async def _settle(said: Said, order: Order, unit: Unit) -> Answer:
    state = ReportState.RETURNED if order.act is Act.RETURN else ReportState.SENT
    return render.settled(unit, await reports.settle(said.by, unit, order.quarter, state, order.text, at=said.at))


_ACTS = {
    Act.SHOW: _show,
    Act.EDIT: _edit,
    Act.ADD: _edit,
    Act.RESTORE: _restore,
    Act.SIGN: _sign,
    Act.FILE: _file,
    Act.SENT: _settle,
    Act.RETURN: _settle,
}
