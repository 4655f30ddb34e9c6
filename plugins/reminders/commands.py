"""`/待办`：把等着我的话取走，团干部再看一眼手上有什么；`/请假`、`/静音`：先不打扰，到日子自己恢复。"""

from bot.gateway import delivery
from bot.gateway.router import Answer, Audience, answers, command, tell
from bot.gateway.speaker import Saying
from bot.league import absences, pending
from bot.league.absences import LEAVE_EXAMPLE, MUTE_EXAMPLE
from bot.league.errors import Refusal
from bot.league.standings import survey
from db.models import AbsenceKind

from . import render

#: 一次至多取这么多条，其余再发一次
AT_ONCE = 10
#: 提前结束的几种说法
_BACK = ("取消", "结束", "解除", "关", "关闭", "销假")

todo_cmd = command("待办", about="看看有什么等着我", example="/待办", audience=Audience.YOUTH)
leave_cmd = command(
    "请假", about="请几天假，提醒先收着", example=LEAVE_EXAMPLE, audience=Audience.CADRE, inspectors=True
)
mute_cmd = command("静音", about="这几天别主动找我", example=MUTE_EXAMPLE, audience=Audience.YOUTH)


@todo_cmd.handle()
@answers
async def handle_todo(said: Saying) -> Answer:
    """只在私聊里说。"""
    if not said.private:
        raise Refusal("这是只说给你听的，请私聊我发 /待办。")

    handed = await delivery.hand_over(said, tell, limit=AT_ONCE, everything=True)
    if handed == AT_ONCE and await pending.left(said.by.person_id, at=said.at):
        return render.MORE
    mine = await survey(said.at, cadre_id=said.by.cadre_id) if said.by.cadre_id else []
    awaited = await pending.pending(said.by, at=said.at)
    return render.todo(mine[0] if mine else None, awaited, handed=handed, at=said.at)


@leave_cmd.handle()
@answers
async def handle_leave(said: Saying) -> Answer:
    """不带词说现在请到哪天，`取消` 提前结束。"""
    if said.text in _BACK:
        await absences.cancel(said.by, AbsenceKind.LEAVE, at=said.at)
        return render.BACK
    if not said.text and (rows := await absences.ahead(said.by.person_id, AbsenceKind.LEAVE, at=said.at)):
        return render.leaves(rows, at=said.at)
    leave, replaced = await absences.take_leave(said.by, said.text, at=said.at)
    return render.left(leave, replaced=replaced, at=said.at)


@mute_cmd.handle()
@answers
async def handle_mute(said: Saying) -> Answer:
    """不带词说静音到什么时候，`取消` 提前结束。"""
    if said.text in _BACK:
        await absences.cancel(said.by, AbsenceKind.MUTE, at=said.at)
        return render.LOUD
    if not said.text and (rows := await absences.ahead(said.by.person_id, AbsenceKind.MUTE, at=said.at)):
        return render.mutes(rows[-1])
    return render.muted(await absences.mute(said.by, said.text, at=said.at))
