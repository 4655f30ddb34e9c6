"""`/待办`：把等着我的话取走；团干部再看一眼手上有什么。"""

from bot.gateway import delivery
from bot.gateway.router import Answer, Audience, answers, command, compose
from bot.gateway.speaker import Saying
from bot.league.errors import Refusal
from bot.league.standings import survey

from . import render

#: 一次至多取这么多条，其余再发一次
AT_ONCE = 10

todo_cmd = command("待办", about="看看有什么等着我", example="/待办", audience=Audience.YOUTH)


@todo_cmd.handle()
@answers
async def handle_todo(said: Saying) -> Answer:
    """只在私聊里说。"""
    if not said.private:
        raise Refusal("这是只说给你听的，请私聊我发 /待办。")

    async def tell(text: str) -> None:
        await compose(text).send()

    handed = await delivery.hand_over(said, tell, limit=AT_ONCE, everything=True)
    mine = await survey(said.at, cadre_id=said.by.cadre_id) if said.by.cadre_id else []
    return render.todo(mine[0] if mine else None, handed=handed)
