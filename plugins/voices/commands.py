"""心声、建议、投诉的命令。编号认得 V5、v5、5、Ｖ５；撤回用 `/撤回 V5`。"""

from bot.gateway.numbers import numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import voice_sights, voices
from bot.league.errors import Refusal
from bot.league.wishes import Submission
from db.models import VoiceKind
from plugins.voices import render
from plugins.wishes import render as wish_render

heart_cmd = command(
    "心声",
    about="跟联系团干部说说心里话（私聊）",
    example="/心声 实习和课撞上了，不知道怎么选",
    audience=Audience.YOUTH,
    glued=True,
)
suggestion_cmd = command(
    "建议", about="给团组织提建议", example="/建议 团课放到周末上午", audience=Audience.YOUTH, glued=True
)
complaint_cmd = command(
    "投诉",
    about="有不对的事告诉督导（私聊）",
    example="/投诉 加码 要求每周两次活动",
    audience=Audience.YOUTH,
    glued=True,
)
mine_cmd = command(
    "我的心声",
    about="看自己的心声、建议、投诉有没有回音（私聊）",
    example="/我的心声",
    audience=Audience.YOUTH,
    aliases=("我的建议", "我的投诉"),
)
reply_cmd = command(
    "回复",
    about="看等我答的心声、建议、投诉并回音（私聊）",
    example="/回复 V5 话",
    audience=Audience.CADRE,
    inspectors=True,
)


@heart_cmd.handle()
@answers
async def handle_heart(said: Saying) -> Answer:
    """说一条心声。"""
    return await _submit(said, VoiceKind.HEART)


@suggestion_cmd.handle()
@answers
async def handle_suggestion(said: Saying) -> Answer:
    """提一条建议。"""
    return await _submit(said, VoiceKind.SUGGESTION)


@complaint_cmd.handle()
@answers
async def handle_complaint(said: Saying) -> Answer:
    """投诉。"""
    return await _submit(said, VoiceKind.COMPLAINT)


@mine_cmd.handle()
@answers
async def handle_mine(said: Saying) -> Answer:
    """只说给本人听。"""
    if not said.private:
        raise Refusal("这是只说给你听的，请私聊我发 /我的心声。")
    return render.mine(await voices.mine(said.by), said.at)


@reply_cmd.handle()
@answers
async def handle_reply(said: Saying) -> Answer:
    """不写编号是看有哪些等着答；能不能答由这一条归谁决定。"""
    if not (said.by.is_cadre or said.by.is_admin or said.by.is_inspector):
        said.cadre_id()
    if not said.private:
        raise Refusal("这些话不在群里说，请私聊我发 /回复。")
    if not said.text:
        return render.inbox(await voice_sights.inbox(said.by), said.at)
    voice_id, words = numbered(said, "心声", example="/回复 V5 谢谢你告诉我，周三我来找你聊聊")
    return render.replied(await voices.reply(said.by, voice_id, words, at=said.at))


async def _submit(said: Said, kind: VoiceKind) -> str:
    text = said.text.lstrip(":：,，.。…—- \n")
    heard = await voices.submit(said.by, kind, text, group=said.group, group_id=said.group_id, at=said.at)
    if isinstance(heard, Submission):
        return wish_render.submitted(heard, joined=said.by.joined, private=said.private)
    return render.submitted(heard, joined=said.by.joined)
