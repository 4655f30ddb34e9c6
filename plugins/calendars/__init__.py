"""`/校历`：放假、上班、考试周，工作日照它算。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import calendar_marks
from plugins.calendars import render

__plugin_meta__ = PluginMetadata(
    name="校历", description="放假、上班与考试周", usage=calendar_marks.EXAMPLE, type="application"
)

calendar_cmd = command(
    "校历", about="定哪几天放假、上班、考试周", example=calendar_marks.EXAMPLE, audience=Audience.ADMIN
)


@calendar_cmd.handle()
@answers
async def handle_calendar(said: Saying) -> Answer:
    """不带词是看，`删 3` 是删，其余是定一段。"""
    if not said.words:
        return render.listing(await calendar_marks.ahead(said.by, at=said.at))
    if (number := calendar_marks.removal(said.text)) is not None:
        return render.removed(await calendar_marks.remove(said.by, number, at=said.at))
    mark = await calendar_marks.add(said.by, calendar_marks.read(said.text, at=said.at), at=said.at)
    return render.added(mark, at=said.at)
