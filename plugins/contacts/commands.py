"""`/雷达`、`/小伙伴` 与 `/标签`。名单有具体的人，只在私聊里给。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import contacts, filters, tag_batches, tag_orders
from bot.league.errors import Refusal
from plugins.contacts import render

radar_cmd = command("雷达", about="谁最久没真联系（私聊）", example="/雷达", audience=Audience.CADRE)
companions_cmd = command(
    "小伙伴",
    about="我的联系青年，可以筛（私聊）",
    example="/小伙伴 学生 30天未联系 未面对面",
    audience=Audience.CADRE,
)
tag_cmd = command(
    "标签",
    about="贴标签，前面加 - 是揭下；成批的先看会改几位",
    example="/标签 @小王 学生",
    audience=Audience.CADRE,
)


@radar_cmd.handle()
@answers
async def handle_radar(said: Saying) -> Answer:
    """一次有效互动就从雷达上下去。"""
    cadre_id = _in_private(said)
    everyone = await contacts.companions(cadre_id, at=said.at)
    return render.radar(everyone, at=said.at)


@companions_cmd.handle()
@answers
async def handle_companions(said: Saying) -> Answer:
    """词序随意。"""
    cadre_id = _in_private(said)
    used = await contacts.tag_counts(cadre_id)
    chosen = filters.read(" ".join(said.words), [tag for tag, _ in used])
    found = filters.pick(await contacts.companions(cadre_id, at=said.at), chosen)
    return render.companions(found, chosen, used, at=said.at)


@tag_cmd.handle()
@answers
async def handle_tag(said: Saying) -> Answer:
    """群里 @ 人；私聊里先写姓名、尾号或筛选。"""
    cadre_id = said.cadre_id()
    if said.words == ["确认"]:
        return render.written(await tag_batches.confirm(_in_private(said), at=said.at))
    if said.words == ["撤销"]:
        return render.undone(await tag_batches.undo(_in_private(said), at=said.at))
    if said.words == ["行业"]:
        return render.industries()
    if said.mentions:
        order = tag_orders.edit(said.words)
        people = await contacts.mentioned(cadre_id, said.scope, said.mentions)
    else:
        order, people = await _order(said)
    edit = await tag_batches.edit_of(cadre_id, order.add, order.remove)
    if not people or not (edit.add or edit.remove):
        return render.usage(await contacts.tag_counts(cadre_id) if said.private else [])
    ask_first = order.chosen is not None or len(people) > tag_orders.AT_A_GLANCE
    done = await tag_batches.retag(cadre_id, people, edit, at=said.at, ask_first=ask_first)
    return render.tagged(done, edit, order.renamed(edit))


async def _order(said: Said) -> tuple[tag_orders.Order, list[int]]:
    """没 @ 人：写了名字的，或筛出来的联系关系。"""
    cadre_id = _in_private(said) if said.words else said.cadre_id()
    everyone = await contacts.companions(cadre_id, at=said.at)
    used = [tag for tag, _ in await contacts.tag_counts(cadre_id)]
    order = tag_orders.read(said.words, used, {one.name for one in everyone})
    if order.chosen is None:
        return order, [await contacts.named(cadre_id, name, at=said.at) for name in order.names]
    found = filters.pick(everyone, order.chosen)
    if not found:
        raise Refusal(f"没有符合“{order.chosen.spoken}”的小伙伴，没有改动。" if order.chosen.spoken else render.NOBODY)
    return order, [one.contact_id for one in found]


def _in_private(said: Said) -> int:
    """团干部在私聊里问的才答。"""
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("名单里有具体的人，不方便在群里说。私聊我再发一次就好。")
    return cadre_id
