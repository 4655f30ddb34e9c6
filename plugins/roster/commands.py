"""`/任命` `/绑定` `/绑定本群` `/解绑本群` `/找团干`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import accounts, appointments, consents, groups
from bot.league.errors import Refusal
from db.models import GroupKind

from . import render

appoint_cmd = command(
    "任命",
    about="任命团干部、管理员、督导，或办离任",
    example="/任命 @某 张三 专职 某团总支",
    audience=Audience.ADMIN,
)


@appoint_cmd.handle()
@answers
async def handle_appoint(said: Saying) -> Answer:
    """任命或离任。"""
    order = appointments.read_order(said.words, said.mentions)
    if order.leaving:
        return render.dismissed(await appointments.dismiss(order.user_id, scope=said.scope, by=said.by, at=said.at))
    return render.appointed(await appointments.appoint(order, scope=said.scope, by=said.by, at=said.at))


bind_cmd = command(
    "绑定",
    about="把 QQ、微信两个账号认作同一个人",
    example="/绑定 482913",
    audience=Audience.CADRE,
    inspectors=True,
)


@bind_cmd.handle()
@answers
async def handle_bind(said: Saying) -> Answer:
    """不带码是要码，带码是用码；只在私聊里。"""
    if not said.private:
        raise Refusal("六位码等于你的身份，别在群里发。请私聊我 /绑定。")
    if not said.text:
        return render.code(await accounts.issue_code(said.by, at=said.at))
    return render.bound(await accounts.redeem(said.text, by=said.by, at=said.at))


bind_group_cmd = command(
    "绑定本群",
    about="让团团在本群工作；工作群末尾加“工作群”",
    example="/绑定本群",
    audience=Audience.CADRE,
)


@bind_group_cmd.handle()
@answers
async def handle_bind_group(said: Saying) -> Answer:
    """绑定，并贴出告知。"""
    if said.group_id is None:
        raise Refusal("请到要绑定的那个群里发 /绑定本群。")
    kind, unit_name = render.read_binding(said.words)
    group = await groups.bind(
        said.scope, said.group_id, self_id=said.self_id, kind=kind, by=said.by, at=said.at, unit_name=unit_name
    )
    return render.notice() if kind is GroupKind.YOUTH else render.work_group(group)


unbind_group_cmd = command("解绑本群", about="让团团不再管本群", example="/解绑本群", audience=Audience.CADRE)


@unbind_group_cmd.handle()
@answers
async def handle_unbind_group(said: Saying) -> Answer:
    """解绑。"""
    await groups.unbind(said.bound_group(), by=said.by, at=said.at)
    return "已解绑，从现在起本群什么都不再记。要接着用，再发 /绑定本群。"


find_cmd = command("找团干", about="看看谁是我的联系团干部", example="/找团干", audience=Audience.YOUTH)


@find_cmd.handle()
@answers
async def handle_find(said: Saying) -> Answer:
    """自己的联系团干部；还没有就说本群的。"""
    mine = await consents.cadres_of(said.by.person_id) if said.by.person_id else []
    if mine or said.private:
        return render.my_cadres(mine)
    group = said.bound_group()
    return render.group_cadre(await groups.first_cadre(group), group.kind)
