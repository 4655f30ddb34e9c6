"""`/评估`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import evaluation_orders, evaluations, reports, roster
from bot.league.errors import Refusal
from bot.league.evaluation_orders import EXAMPLE, Order
from bot.league.evaluations import Move
from db.models import RoleKind
from plugins.evaluations import render

evaluate_cmd = command(
    "评估", about="年中、年底看一个单位；上级来签，有异议提异议（私聊）", example=EXAMPLE, audience=Audience.ADMIN
)


@evaluate_cmd.handle()
@answers
async def handle_evaluate(said: Saying) -> Answer:
    """不写动作是看；上级不写单位，看下一级各签到哪一步。"""
    if not said.by.is_admin:
        raise Refusal("评估是单位管理员的事。看自己的，发 /积分 或 /参评")
    if not said.private:
        raise Refusal("评估不在群里说，私聊我再发一次就好。")
    order = evaluation_orders.read(" ".join(said.words), at=said.at)
    if order.move is None:
        return await _look(said, order)
    if order.move is Move.OBJECT:
        return render.objected(*await evaluations.object_to(said.by, order.term, order.text, at=said.at))
    unit = await evaluations.unit_for(said.by, order.unit_name)
    if order.move is Move.SIGN:
        assert order.term
        return render.signed(await evaluations.sign(said.by, unit, order.term, order.text, at=said.at))
    return render.answered(unit, await evaluations.answer(said.by, unit, order.move, order.text, at=said.at))


async def _look(said: Said, order: Order) -> Answer:
    assert order.term
    own = [duty for duty in said.by.duties if duty.kind is RoleKind.ADMIN]
    if order.unit_name is None and len(own) == 1 and await reports.committees_of(said.by):
        unit = await evaluations.unit_for(said.by, None)
    elif order.unit_name is None:
        return render.overview(order.term, *await evaluations.overview(said.by, order.term))
    else:
        unit = await roster.find_unit(order.unit_name)
    return render.view(await evaluations.look(said.by, unit, order.term, at=said.at))
