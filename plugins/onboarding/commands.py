"""`/上手`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import onboarding
from bot.league.errors import Refusal

from . import render

steps_cmd = command("上手", about="刚当团干部，先做什么后做什么（私聊）", example="/上手", audience=Audience.CADRE)


@steps_cmd.handle()
@answers
async def handle_steps(said: Saying) -> Answer:
    """做了的自己打勾。"""
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("这是说给你一个人听的，请私聊我发 /上手。")
    return render.steps(await onboarding.steps_of(cadre_id, at=said.at))
