"""`/五个一` 与 `/五个一 设`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import five_ones, five_ones_rules
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from plugins.five_ones import render

five_ones_cmd = command(
    "五个一",
    about="这一季五件事做到哪；管理员用它定是哪五件",
    example=five_ones_rules.EXAMPLE,
    audience=Audience.CADRE,
)


@five_ones_cmd.handle()
@answers
async def handle_five_ones(said: Saying) -> Answer:
    """只给本人看，所以群里不答。"""
    if said.words[:1] == ["设"]:
        order = five_ones_rules.read(said.words[1:], at=said.at)
        return render.settled(*await five_ones_rules.settle(said.by, order, at=said.at))
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("五件事做到哪只给你自己看，私聊我发 /五个一 就好。")
    quarter = Quarter.parse("".join(said.words), at=said.at)
    return render.mine(await five_ones.slots_of(cadre_id, quarter, at=said.at), said.by.name, at=said.at)
