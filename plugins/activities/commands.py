"""活动的命令。编号认得 A3、a3、3、Ａ３。"""

import asyncio
import re
from dataclasses import replace

from nonebot import require
from nonebot.adapters import Event

from bot.gateway.answers import say
from bot.gateway.heads import HEADS
from bot.gateway.numbers import numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying, reading_of
from bot.league import (
    activities,
    activity_changes,
    activity_check_ins,
    activity_owners,
    activity_plans,
    activity_signups,
    campaign_coverage,
)
from bot.league.activity_plans import Plan
from bot.league.errors import Refusal
from db.models import Cadre, GroupKind
from plugins.activities import render

require("nonebot_plugin_waiter")

from nonebot_plugin_waiter import waiter  # noqa: E402

#: 问一句等多久，秒；同一句至多问几遍
PATIENCE, TRIES = 120.0, 3

activity_cmd = command(
    "活动",
    about="看能报名的活动；团干部发起、改、关闭；工作 看布置了什么",
    example=activity_plans.EXAMPLE,
    audience=Audience.YOUTH,
)
sign_up_cmd = command("报名", about="报名一个活动，满了排候补", example="/报名 A3", audience=Audience.YOUTH)
leave_cmd = command("取消", about="取消报名，名额让给候补", example="/取消 A3", audience=Audience.YOUTH)
arrive_cmd = command("到场", about="人在现场，报上签到码", example="/到场 4821", audience=Audience.YOUTH)
code_cmd = command("签到", about="要一个十分钟有效的签到码（私聊）", example="/签到 A3", audience=Audience.CADRE)

#: `负责人` 后面 @ 的人不在文字里；没 @ 的，后面一个词是姓名
_LEAD_AT = re.compile(r"(?:^|(?<=\s))负责人(?:[:：]|(?=\s|$))")
_LEAD_NAMED = re.compile(r"(?:^|(?<=\s))负责人(?:[:：]|(?=\s|$))\s*[@＠]?(\S*)")
_CODE = re.compile(r"[0-9０-９]{4}")


@activity_cmd.handle()
@answers
async def handle_activity(said: Saying) -> Answer:
    """没有词就列出来，有编号就看那一个，其余是团干部的动作。"""
    words = said.words
    if not words:
        return render.listing(await activities.listed(said.by, at=said.at, group=said.group))
    if act := _ACTS.get(words[0]):
        if not said.by.is_admin:
            said.cadre_id()
        return await act(replace(said, text=" ".join(words[1:])))
    activity_id, _ = numbered(said, "活动", example="/活动 A3")
    return render.one(await activities.sight(said.by, activity_id, said.group))


async def _start(said: Said) -> Answer:
    said, lead = await _led(said)
    activities.office_of(said.by, lead)
    plan = activity_plans.read(said.text, at=said.at) if said.text else await _ask_plan(said)
    if plan is None:
        return "好，先不发起了。想好了再发 /活动 发起。"
    activity = await activities.start(said.by, plan, at=said.at, group=said.group, lead=lead)
    return render.started(activity, lead)


async def _led(said: Said) -> tuple[Said, Cadre | None]:
    """剪下 `负责人 @某`（@ 不出来的写姓名），和那一位；没写就是自己办。"""
    found = (_LEAD_AT if said.mentions else _LEAD_NAMED).search(said.text)
    if not found:
        return said, None
    if len(said.mentions) > 1:
        raise Refusal(f"负责人写一位就好，例如：{activity_owners.LEAD_EXAMPLE}")
    user_id, name = (said.mentions[0], "") if said.mentions else (None, found[1] or "")
    lead = await activity_owners.lead_for(said.by, scope=said.scope, user_id=user_id, name=name)
    text = f"{said.text[: found.start()]} {said.text[found.end() :]}".strip()
    return replace(said, text=text), lead


async def _edit(said: Said) -> Answer:
    activity_id, words = numbered(said, "活动", example="/活动 改 A3 明天下午3点 体育馆")
    plan = activity_plans.read(words, at=said.at, naming=False)
    return render.edited(await activity_changes.edit(said.by, activity_id, plan, at=said.at))


async def _close(said: Said) -> Answer:
    activity_id, _ = numbered(said, "活动", example="/活动 关闭 A3")
    return render.one(await activity_changes.close(said.by, activity_id, at=said.at))


async def _cancel(said: Said) -> Answer:
    activity_id, reason = numbered(said, "活动", example="/活动 取消 A3 下雨了")
    return render.cancelled(activity_id, await activity_changes.cancel(said.by, activity_id, reason, at=said.at))


async def _works(said: Said) -> Answer:
    if not said.private and not (said.group and said.group.kind is GroupKind.WORK):
        raise Refusal("上面布置的工作不往青年群里贴，私聊我或到工作群里发 /活动 工作 就好。")
    if not said.words:
        return render.works(said.at)
    name, *unit = said.words
    return render.coverage(await campaign_coverage.look(said.by, name, unit[0] if unit else None, at=said.at))


_ACTS = {"工作": _works, "发起": _start, "改": _edit, "关闭": _close, "结束": _close, "取消": _cancel}


async def _ask_plan(said: Said) -> Plan | None:
    """一句一句问；不想发起了、没等到，就是 `None`。"""
    plan = Plan()
    for ask, question in render.QUESTIONS.items():
        for _ in range(TRIES):
            reply = await _answer_to(question)
            if reply in (None, "算了", "取消"):
                return None
            try:
                plan = activity_plans.fill(plan, ask, reply, at=said.at)
                break
            except Refusal as refusal:
                question = refusal.sentence
        else:
            return None
    return plan


async def _answer_to(question: str) -> str | None:
    """问一句，等同一个人的下一句；他改发别的命令，或没等到，就是 `None`。别人说什么都不耽误。"""

    async def heard(event: Event) -> str:
        return reading_of(event).text.strip() or " "  # pyright: ignore[reportArgumentType]

    # 先等着再开口：平台迟迟不说发没发出去时，人已经答了
    listening = waiter(["message"], keep_session=True, block=False)(heard).wait(timeout=PATIENCE)
    reply = asyncio.create_task(listening)
    await asyncio.sleep(0)
    await say(question)
    return None if (said := await reply) is None or HEADS.looks_like_command(said) else said.strip()


@sign_up_cmd.handle()
@answers
async def handle_sign_up(said: Saying) -> Answer:
    """报名。"""
    activity_id, _ = numbered(said, "活动", example="/报名 A3")
    result = await activity_signups.sign_up(said.by, activity_id, at=said.at, group=said.group)
    return render.signed_up(result, joined=said.by.joined or said.by.is_cadre)


@leave_cmd.handle()
@answers
async def handle_leave(said: Saying) -> Answer:
    """取消报名。"""
    activity_id, _ = numbered(said, "活动", example="/取消 A3")
    return render.left(await activity_signups.leave(said.by, activity_id, at=said.at))


@arrive_cmd.handle()
@answers
async def handle_arrive(said: Saying) -> Answer:
    """报上签到码。"""
    if not _CODE.fullmatch(said.text):
        raise Refusal("签到码是四个数字，例如：/到场 4821")
    return render.arrived(await activity_check_ins.arrive(said.by, digits(said.text), at=said.at, group=said.group))


@code_cmd.handle()
@answers
async def handle_code(said: Saying) -> Answer:
    """码只私聊给发起人（他来不了，管得到的管理员也要得到），念给在场的人听。"""
    if not (said.by.is_admin or said.by.is_cadre):
        raise Refusal("来参加活动的，到了现场问发起人要四位码，发 /到场 4821 这样就签上了。")
    if not said.private:
        raise Refusal("签到码请私聊我要，念给在场的人听；发在群里，没来的也签得上。")
    activity_id, _ = numbered(said, "活动", example="/签到 A3")
    return render.code(*await activity_check_ins.show_code(said.by, activity_id, at=said.at))


def digits(text: str) -> str:
    """全角数字换成半角。"""
    return f"{int(text):04d}"
