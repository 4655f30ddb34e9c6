"""`/反馈`：给学院、团总支的合计与编号。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import feedbacks, report_orders
from bot.league.errors import Refusal
from plugins.feedbacks import render

__plugin_meta__ = PluginMetadata(
    name="反馈", description="一个单位一季的反馈", usage="/反馈 [单位] [季度]", type="application"
)

feedback_cmd = command(
    "反馈", about="一个单位这一季做了什么、哪里可以改（私聊）", example=feedbacks.EXAMPLE, audience=Audience.ADMIN
)


@feedback_cmd.handle()
@answers
async def handle_feedback(said: Saying) -> Answer:
    """单位和季度先后随意，都可以不写。"""
    quarter, name = report_orders.where(said.words, how=f"单位写全名，例如：{feedbacks.EXAMPLE}", at=said.at)
    if not said.private:
        raise Refusal("反馈不在群里说，私聊我再发一次就好。")
    return render.feedback(await feedbacks.give(said.by, name, quarter, at=said.at))
