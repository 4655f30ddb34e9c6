"""`/合规自检`：对着整治“指尖上的形式主义”的规定逐条查。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import compliance
from bot.league.errors import Refusal
from plugins.compliance import render

__plugin_meta__ = PluginMetadata(
    name="合规自检", description="对着规定逐条查一遍", usage="/合规自检", type="application"
)

comply_cmd = command(
    "合规自检", about="对着整治形式主义的规定逐条查一遍（私聊）", example="/合规自检", audience=Audience.ADMIN
)


@comply_cmd.handle()
@answers
async def handle_compliance(said: Saying) -> Answer:
    """后面不用写别的。"""
    if said.words:
        raise Refusal("后面不用写别的，发 /合规自检 就行。")
    if not said.private:
        raise Refusal("自检的结果不在群里说，私聊我再发一次就好。")
    return render.results(await compliance.examine(said.by, at=said.at))
