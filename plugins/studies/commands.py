"""`/课题`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import overviews, studies
from bot.league.errors import Refusal
from db.models import StudyAction
from plugins.studies import render

study_cmd = command("课题", about="年度课题：定题、记进展、结题", example=studies.EXAMPLE, audience=Audience.CADRE)

_ACTS = {
    "改": StudyAction.RENAME,
    "改题": StudyAction.RENAME,
    "进展": StudyAction.PROGRESS,
    "结题": StudyAction.SUBMIT,
    "提交": StudyAction.SUBMIT,
    "放弃": StudyAction.DROP,
}


@study_cmd.handle()
@answers
async def handle_study(said: Saying) -> Answer:
    """没有词是看自己的；头一个词不是动作的，整句是题目。"""
    first = said.words[0] if said.words else ""
    if first in overviews.WORDS or (not first and said.by.is_admin and not said.by.is_cadre):
        return await _overview(said)
    said.cadre_id()
    if not first:
        if not said.private:
            raise Refusal(f"自己的课题私聊我发 /课题 看。要定一个，例如：{studies.EXAMPLE}")
        return render.mine(await studies.mine(said.by, at=said.at))
    if action := _ACTS.get(first):
        text = said.text.removeprefix(first).strip()
        return render.acted(await studies.act(said.by, action, text, at=said.at), action)
    return render.acted(await studies.act(said.by, StudyAction.SETTLE, said.text, at=said.at), StudyAction.SETTLE)


async def _overview(said: Said) -> Answer:
    ask = overviews.read(said.words, at=said.at)
    kind = said.group.kind if said.group else None
    span = await overviews.span(said.by, ask.unit, private=said.private, kind=kind, ask="/课题 统计")
    return render.overview(span, ask.year, await studies.in_span(span, ask.year))
