"""`/督办`：管的单位里到点了没动的，各发什么。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import oversights
from bot.league.errors import Refusal
from plugins.oversights import render

__plugin_meta__ = PluginMetadata(name="督办", description="管的单位里到点了没动的", usage="/督办", type="application")

oversight_cmd = command(
    "督办", about="管的单位里到点了没动的，该发什么（私聊）", example="/督办", audience=Audience.ADMIN, inspectors=True
)


@oversight_cmd.handle()
@answers
async def handle_oversight(said: Saying) -> Answer:
    """只在私聊里。"""
    if not said.private:
        raise Refusal("督办里有各单位的事，请私聊我发 /督办。")
    return render.oversight(await oversights.oversight(said.by, at=said.at))
