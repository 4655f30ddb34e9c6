"""`/推送`、`/好物`、`/订阅` 与 `/退订`。"""

import re
import unicodedata
from dataclasses import replace

from bot.gateway.numbers import numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import good_things, pushes, subscriptions
from bot.league.errors import Refusal
from bot.league.wishes import Submission
from plugins.pushes import render
from plugins.wishes import render as wish_render

push_cmd = command("推送", about="推一条好物到青年群，排着队慢慢推", example=pushes.EXAMPLE, audience=Audience.CADRE)
things_cmd = command(
    "好物", about="看看近来的好物，说一声有没有用", example=good_things.OPINION_EXAMPLE, audience=Audience.YOUTH
)
subscribe_cmd = command(
    "订阅", about="订几个标签，一周给你一份新好物", example=subscriptions.EXAMPLE, audience=Audience.YOUTH
)
unsubscribe_cmd = command("退订", about="退掉标签，不写就全退", example="/退订 读书", audience=Audience.YOUTH)

_VERDICT = re.compile(r"(有用|一般)[\s,，。.:：、!！]*(.*)", re.S)
_NUMBER = re.compile(r"[Gg]\d{1,9}")
#: 编号，后面空一格；“24节气”是标签
_THING = re.compile(r"(?:[Gg]\s*)?\d{1,9}(?:\s|$)|[Gg]\d{1,9}")


@push_cmd.handle()
@answers
async def handle_push(said: Saying) -> Answer:
    """没有词是看排着的，有编号是看大家怎么说。"""
    if not said.by.is_admin:
        said.cadre_id()
    if not said.words:
        return render.queue(await pushes.queue(said.by))
    if said.words[0] in ("取消", "撤下"):
        push_id, _ = numbered(_after(said, said.words[0]), "推送", example="/推送 取消 G3")
        return render.cancelled(await pushes.cancel(said.by, push_id))
    if _NUMBER.fullmatch(unicodedata.normalize("NFKC", said.text)):
        push_id, _ = numbered(said, "推送", example="/推送 G3")
        return await _opinions(said, push_id)
    group = None if said.private else said.bound_group()
    return render.queued(await pushes.submit(said.by, said.text, group=group, at=said.at))


@things_cmd.handle()
@answers
async def handle_things(said: Saying) -> Answer:
    """没有编号是看近来的，可以只看几个标签。"""
    if not _THING.match(unicodedata.normalize("NFKC", said.text)):
        tags = said.text.replace("#", " ").split()
        found, used = await good_things.recent(said.by, at=said.at, group=said.group, tags=tags)
        return render.things(found, used, tags)
    push_id, rest = numbered(said, "好物", example=good_things.OPINION_EXAMPLE)
    if not rest:
        return render.thing(await good_things.one(said.by, push_id, group=said.group))
    verdict = _VERDICT.match(rest)
    if not verdict:
        raise Refusal(f"先写 有用 或 一般，再说为什么，例如：{good_things.OPINION_EXAMPLE}")
    heard = await good_things.opine(
        said.by,
        push_id,
        verdict[2],
        useful=verdict[1] == "有用",
        group=said.group,
        group_id=said.group_id,
        at=said.at,
    )
    if isinstance(heard, Submission):
        return wish_render.submitted(heard, joined=said.by.joined, private=said.private)
    return render.opined(heard, verdict[1], joined=said.by.joined)


@subscribe_cmd.handle()
@answers
async def handle_subscribe(said: Saying) -> Answer:
    """没有词是看自己订了什么，只说给本人听。"""
    if said.text:
        return render.subscribed(await subscriptions.subscribe(said.by, said.text))
    if not said.private:
        raise Refusal(f"订了什么只说给你听，私聊我发 /订阅。要订就写上标签，例如：{subscriptions.EXAMPLE}")
    _, used = await good_things.recent(said.by, at=said.at, group=None)
    return render.subscriptions(await subscriptions.mine(said.by), used)


@unsubscribe_cmd.handle()
@answers
async def handle_unsubscribe(said: Saying) -> Answer:
    """退订。"""
    gone = await subscriptions.unsubscribe(said.by, said.text)
    return render.unsubscribed(gone, await subscriptions.mine(said.by))


async def _opinions(said: Said, push_id: int) -> Answer:
    if not said.private:
        raise Refusal(f"大家怎么说的不在群里贴，私聊我发 /推送 G{push_id}。")
    return render.opinions(*await good_things.opinions(said.by, push_id))


def _after(said: Said, word: str) -> Said:
    return replace(said, text=said.text.removeprefix(word).strip())
