"""`/光荣榜` 与 `/加油榜`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import board_orders, honour_rolls, honours, spans
from bot.league.errors import Refusal
from bot.league.spans import Sight
from db.models import RollKind
from plugins.honours import render

#: 管理员看好了说的一个词
PUBLISH = "发布"

honour_cmd = command(
    "光荣榜", about="单位光荣榜；管理员看好了加 发布，送到工作群", example="/光荣榜 发布", audience=Audience.ADMIN
)
effort_cmd = command(
    "加油榜",
    about="该加油的单位差在哪（私聊）；加 发布，只说给它们自己",
    example="/加油榜 上季度",
    audience=Audience.ADMIN,
)


@honour_cmd.handle()
@answers
async def handle_honour(said: Saying) -> Answer:
    """管理员看此刻的、能发布；别人看发布过的。"""
    sight = spans.sight(said.by, private=said.private, kind=said.group.kind if said.group else None)
    if sight is Sight.BOARD:
        return await _answer(said, RollKind.HONOUR)
    if PUBLISH in said.words:
        raise Refusal("光荣榜由单位管理员发布，私聊我或在工作群里发 /光荣榜 发布")
    path = said.by.unit_path or await spans.path_of(said.group)
    if path is None:
        raise Refusal("光荣榜是给单位的。想看的话，在你的群里发 /光荣榜")
    return render.published(await honour_rolls.shown_to(path))


@effort_cmd.handle()
@answers
async def handle_effort(said: Saying) -> Answer:
    """只在私聊里说。"""
    if said.by.is_admin and not said.private:
        raise Refusal("该加油的单位不在群里说。私聊我发 /加油榜")
    return await _answer(said, RollKind.EFFORT)


async def _answer(said: Said, kind: RollKind) -> Answer:
    ask = board_orders.parse([word for word in said.words if word != PUBLISH], at=said.at, ask=kind)
    if PUBLISH in said.words:
        return render.sent(*await honours.publish(said.by, kind, ask.unit, ask.quarter, at=said.at))
    return render.draft(await honours.draw_up(said.by, kind, ask.unit, ask.quarter, at=said.at), ask.unit)
