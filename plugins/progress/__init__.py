"""`/进度`：一张图看清联系、心愿与积分。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import progress, spans
from plugins.progress import render

__plugin_meta__ = PluginMetadata(
    name="进度", description="联系、心愿、五个一与积分，一张图", usage="/进度", type="application"
)

progress_cmd = command("进度", about="联系了多少人、心愿办到哪、积分多少", example="/进度", audience=Audience.CADRE)


@progress_cmd.handle()
@answers
async def handle_progress(said: Saying) -> Answer:
    """积分只给本人看，所以群里不带积分。"""
    now = await progress.progress_of(said.cadre_id(), at=said.at)
    return render.progress(now, said.by.name, await spans.everywhere(), with_score=said.private, at=said.at)
