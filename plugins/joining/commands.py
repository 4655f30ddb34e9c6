"""`/加入` `/退出` `/换联系人`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying, speaker
from bot.league import consents
from bot.league.errors import Refusal
from bot.league.roster import Speaker

from . import render

join_cmd = command("加入", about="和团干部联系上（只能本人说）", example="/加入", audience=Audience.YOUTH)


@join_cmd.handle()
@answers
async def handle_join(said: Saying) -> Answer:
    """本人的同意。"""
    if said.private:
        raise Refusal("请到你们的青年群里发 /加入，这样我才知道由哪位团干部联系你。")
    group = said.bound_group()
    if said.text and not said.mentions:
        raise Refusal("要点名，请 @ 到那位团干部：/加入 @干部；不点名，只发 /加入 就好。")
    joined = await consents.join(group, said.by, named=await _named(said), at=said.at)
    return render.joined(joined)


leave_cmd = command("退出", about="不再联系，马上停止记录", example="/退出", audience=Audience.YOUTH)


@leave_cmd.handle()
@answers
async def handle_leave(said: Saying) -> Answer:
    """撤回同意；在哪儿说都行。"""
    return render.left(await consents.leave(said.by, at=said.at))


switch_cmd = command(
    "换联系人", about="换一位联系团干部，不惊动原来那位", example="/换联系人 @干部", audience=Audience.YOUTH
)


@switch_cmd.handle()
@answers
async def handle_switch(said: Saying) -> Answer:
    """在群里 @ 新的那一位。"""
    group = said.bound_group()
    named = await _named(said)
    if len(named) != 1:
        raise Refusal("请 @ 一位你想换成的团干部：/换联系人 @干部")
    return render.switched(await consents.switch(group, said.by, to=named[0], at=said.at))


async def _named(said: Said) -> list[Speaker]:
    return [await speaker(said.scope, user_id) for user_id in said.mentions]
