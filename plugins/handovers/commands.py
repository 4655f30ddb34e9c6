"""`/交接` `/愿意` `/不了`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import handover_answers, handovers
from bot.league.errors import Refusal
from bot.league.handover_steps import Say
from db.models import Cadre
from plugins.handovers import render

hand_over_cmd = command(
    "交接", about="请人接着联系我的青年，逐位问本人愿不愿意", example=handovers.EXAMPLE, audience=Audience.CADRE
)
agree_cmd = command("愿意", about="问我换联系人时：愿意换", example="/愿意", audience=Audience.YOUTH)
decline_cmd = command("不了", about="问我换联系人时：不换", example="/不了", audience=Audience.YOUTH)


@hand_over_cmd.handle()
@answers
async def handle_hand_over(said: Saying) -> Answer:
    """一位是交给 TA，两位是管理员替人交；不写是看问得怎样。"""
    if not said.by.is_admin:
        said.cadre_id()
    words = [word for word in said.words if word != "取消"]
    people = [*said.mentions, *words]
    if len(people) < len(said.words) + len(said.mentions):
        giver = await _cadre(said, people[0], left_too=True) if people else None
        await handovers.cancel(said.by, giver, at=said.at)
        return render.CANCELLED
    if not people:
        if not said.private:
            raise Refusal(f"问得怎样，私聊我发 /交接 看。要交接就写接手的人：{handovers.EXAMPLE}")
        return render.tallies(await handovers.tallies(said.by))
    if len(people) > 2 or (len(people) == 1 and not said.by.is_cadre):
        raise Refusal(f"写清谁交给谁：{handovers.ADMIN_EXAMPLE}；交自己的只写接手的人：{handovers.EXAMPLE}")
    giver = await _cadre(said, people[0], left_too=True) if len(people) == 2 else await _myself(said)
    taker = await _cadre(said, people[-1])
    return render.started(await handovers.start(said.by, giver=giver, taker=taker, at=said.at), private=said.private)


async def _cadre(said: Said, word: str, *, left_too: bool = False) -> Cadre:
    return await handovers.find(word, said.scope, mentioned=word in said.mentions, left_too=left_too)


async def _myself(said: Said) -> Cadre:
    return await Cadre.get(id=said.cadre_id()).select_related("person", "unit")


@agree_cmd.handle()
@answers
async def handle_agree(said: Saying) -> Answer:
    """青年本人说的。"""
    done = await handover_answers.answer(said.by, Say.AGREE, said.text, at=said.at)
    return render.answered(done, private=said.private)


@decline_cmd.handle()
@answers
async def handle_decline(said: Saying) -> Answer:
    """青年本人说的。"""
    done = await handover_answers.answer(said.by, Say.DECLINE, said.text, at=said.at)
    return render.answered(done, private=said.private)
