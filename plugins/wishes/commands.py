"""心愿的命令。编号认得 W12、w12、12、Ｗ１２。"""

import re
from contextlib import suppress

from bot.gateway.numbers import is_about, numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying, speaker
from bot.league import crises, voices, wish_claims, wish_sights, wishes
from bot.league.errors import Refusal
from db.models import GroupKind, Voice, Wish, WishAction, WishLane
from plugins.checks.commands import answer_check
from plugins.records.commands import answer_record
from plugins.wishes import render

wish_cmd = command(
    "心愿",
    about="提一个微心愿，想匿名就写 匿名",
    example="/心愿 想学修自行车",
    audience=Audience.YOUTH,
    phrases=("我的心愿是", "我的心愿：", "我的心愿:"),
    glued=True,
)
mine_cmd = command("我的心愿", about="看自己的心愿到哪一步了", example="/我的心愿", audience=Audience.YOUTH)
withdraw_cmd = command("撤回", about="撤回自己的心愿、心声、建议、投诉", example="/撤回 W12", audience=Audience.YOUTH)
confirm_cmd = command(
    "确认", about="说说心愿办成没有，或记录、抽查的事有没有", example="/确认 W12 办成", audience=Audience.YOUTH
)
wall_cmd = command("心愿墙", about="看等着办的心愿", example="/心愿墙", audience=Audience.CADRE)
claim_cmd = command("认领", about="认领一个心愿", example="/认领 W12", audience=Audience.CADRE)
drop_cmd = command("放弃", about="放回自己认领的心愿", example="/放弃 W12", audience=Audience.CADRE)
progress_cmd = command("进展", about="给提心愿的人带一句进展", example="/进展 W12 约好了周五", audience=Audience.CADRE)
finish_cmd = command(
    "办结", about="心愿办好了，请本人确认", example="/办结 W12 教练已经联系好", audience=Audience.CADRE
)
explain_cmd = command("办不成", about="说明为什么办不成", example="/办不成 W12 场馆年底前在修", audience=Audience.CADRE)
transfer_cmd = command("转办", about="把心愿转给别的团干部或单位", example="/转办 W12 校团委", audience=Audience.CADRE)
duty_cmd = command("值守", about="看危机求助（值守人用，私聊）", example="/值守 W12", audience=Audience.SUPERUSER)

_ANONYMOUS = re.compile(r"匿名(?:[\s,，:：、]+|$)")
#: 长的在前
_VERDICTS = {
    "没有办成": WishAction.UNDONE,
    "没办成": WishAction.UNDONE,
    "未办成": WishAction.UNDONE,
    "没成": WishAction.UNDONE,
    "办成了一部分": WishAction.PARTLY,
    "办成一部分": WishAction.PARTLY,
    "办成了部分": WishAction.PARTLY,
    "办成部分": WishAction.PARTLY,
    "办成了一半": WishAction.PARTLY,
    "办成一半": WishAction.PARTLY,
    "部分办成": WishAction.PARTLY,
    "一部分": WishAction.PARTLY,
    "部分": WishAction.PARTLY,
    "已办成": WishAction.FULFIL,
    "办成了": WishAction.FULFIL,
    "办成": WishAction.FULFIL,
    "不接受": WishAction.RECONSIDER,
    "接受不了": WishAction.RECONSIDER,
    "不理解": WishAction.RECONSIDER,
    "理解不了": WishAction.RECONSIDER,
    "再想想": WishAction.RECONSIDER,
    "再试试": WishAction.RECONSIDER,
    "接受": WishAction.ACCEPT,
    "理解": WishAction.ACCEPT,
}


@wish_cmd.handle()
@answers
async def handle_wish(said: Saying) -> Answer:
    """提一条心愿。`匿名` 后面没隔开的也按匿名收，宁可多护一个人。"""
    text = said.text.lstrip(":：,，.。…—- \n")
    result = await wishes.submit(
        said.by,
        _ANONYMOUS.sub("", text, count=1) if _ANONYMOUS.match(text) else text,
        anonymous=text.startswith("匿名"),
        group=said.group,
        group_id=said.group_id,
        at=said.at,
    )
    return render.submitted(result, joined=said.by.joined, private=said.private)


@mine_cmd.handle()
@answers
async def handle_mine(said: Saying) -> Answer:
    """自己的心愿。"""
    return render.mine(await wishes.mine(said.by), said.at, group=said.group, private=said.private)


@withdraw_cmd.handle()
@answers
async def handle_withdraw(said: Saying) -> Answer:
    """撤回；V 开头的是心声、建议、投诉。后面的话里有求助，先接住。"""
    if cry := await heard(said):
        with suppress(Refusal):
            await _withdraw(said)
        return cry
    return render.withdrawn(await _withdraw(said), private=said.private)


async def _withdraw(said: Said) -> Wish | Voice:
    if is_about(said, "V"):
        voice_id, _ = numbered(said, "心声", example="/撤回 V5")
        return await voices.withdraw(said.by, voice_id, at=said.at)
    wish_id, _ = numbered(said, "心愿", example="/撤回 W12")
    return await wishes.withdraw(said.by, wish_id, at=said.at)


@confirm_cmd.handle()
@answers
async def handle_confirm(said: Saying) -> Answer:
    """青年回话；话里有求助，先接住；A 开头的是活动、记录，K 开头的是抽查。"""
    if cry := await heard(said):
        with suppress(Refusal):
            await _confirm(said)
        return cry
    if is_about(said, "A"):
        return await answer_record(said)
    if is_about(said, "K"):
        return await answer_check(said)
    return render.confirmed(*await _confirm(said))


async def _confirm(said: Said) -> tuple[Wish, WishAction]:
    wish_id, words = numbered(said, "心愿", example="/确认 W12 办成")
    verdict, note = verdict_in(words, wish_id)
    return await wishes.confirm(said.by, wish_id, verdict, note, at=said.at), verdict


@wall_cmd.handle()
@answers
async def handle_wall(said: Saying) -> Answer:
    """心愿墙；只在私聊和工作群里看，私密道只在私聊里给看得见的人。"""
    if not said.by.is_admin:
        said.cadre_id()
    if not _walled(said):
        raise Refusal("墙上有别的青年的心愿，不在这里贴出来。私聊我发 /心愿墙 看。")
    page = next((int(word) for word in said.words if word.isdecimal() and len(word) < 5), 1)
    rows = await wish_sights.wall(said.by, private=said.private)
    return render.wall(rows, await wish_sights.sent_back(rows), page, said.at)


@claim_cmd.handle()
@answers
async def handle_claim(said: Saying) -> Answer:
    """认领。"""
    await only_staff(said)
    wish_id, _ = numbered(said, "心愿", example="/认领 W12")
    wish = await wish_claims.claim(said.by, wish_id, at=said.at)
    return render.claimed(wish, said.at, shown=_may_show(said, wish))


@drop_cmd.handle()
@answers
async def handle_drop(said: Saying) -> Answer:
    """放弃。"""
    await only_staff(said)
    wish_id, _ = numbered(said, "心愿", example="/放弃 W12")
    return render.dropped(await wish_claims.drop(said.by, wish_id, at=said.at))


@progress_cmd.handle()
@answers
async def handle_progress(said: Saying) -> Answer:
    """进展；值守人用它给求助的人带话。"""
    await only_staff(said)
    wish_id, note = numbered(said, "心愿", example="/进展 W12 约好了周五")
    return render.progressed(await wish_claims.progress(said.by, wish_id, note, at=said.at))


@finish_cmd.handle()
@answers
async def handle_finish(said: Saying) -> Answer:
    """办结。"""
    await only_staff(said)
    wish_id, note = numbered(said, "心愿", example="/办结 W12 教练已经联系好")
    return render.finished(await wish_claims.finish(said.by, wish_id, note, at=said.at))


@explain_cmd.handle()
@answers
async def handle_explain(said: Saying) -> Answer:
    """办不成，说明原因。"""
    await only_staff(said)
    wish_id, reason = numbered(said, "心愿", example="/办不成 W12 场馆年底前在修")
    return render.explained(await wish_claims.explain(said.by, wish_id, reason, at=said.at))


@transfer_cmd.handle()
@answers
async def handle_transfer(said: Saying) -> Answer:
    """转办给 @ 到的团干部，或写明的单位。"""
    await only_staff(said)
    wish_id, name = numbered(said, "心愿", example="/转办 W12 校团委")
    if not said.mentions and not name:
        raise Refusal(f"转给谁呢？写团干部的姓名或单位名称，例如：/转办 W{wish_id} 校团委")
    to = await speaker(said.scope, said.mentions[0]) if said.mentions else name
    return render.transferred(*await wish_claims.transfer(said.by, wish_id, to=to, at=said.at))


@duty_cmd.handle()
@answers
async def handle_duty(said: Saying) -> Answer:
    """值守人看危机求助；只在私聊里答。"""
    if not said.private:
        raise Refusal("请私聊我发 /值守。")
    if not said.text:
        return render.crises(await crises.waiting(said.by), said.at)
    wish_id, _ = numbered(said, "心愿", example="/值守 W12")
    return render.crisis(*await crises.reveal(said.by, wish_id, at=said.at), said.at)


def _walled(said: Said) -> bool:
    """在看得到墙的地方：私聊，工作群。"""
    return said.private or (said.group is not None and said.group.kind is GroupKind.WORK)


def _may_show(said: Said, wish: Wish) -> bool:
    """这里说得出心愿的内容：看得到墙的地方，他公开提它的那个群；私密道只在私聊里。"""
    if said.private or wish.lane is not WishLane.WALL:
        return said.private
    return _walled(said) or (not wish.anonymous and said.group is not None and said.group.id == wish.group_id)


async def heard(said: Said) -> str | None:
    """话里有伤害自己的意思：收成一条求助，返回该说的话；没有就是空。"""
    cry = await wishes.hear(said.by, said.text, group=said.group, group_id=said.group_id, at=said.at)
    return render.submitted(cry, joined=said.by.joined, private=said.private) if cry else None


async def only_staff(said: Said) -> None:
    """团干部、管理员、值守人之外的人，客气地挡住。"""
    if not said.by.is_admin and not await crises.is_duty(said.by):
        said.cadre_id()


def verdict_in(words: str, wish_id: int) -> tuple[WishAction, str]:
    """`办成了，谢谢` → (FULFIL, `谢谢`)；看不出哪一种就给例子。"""
    for word, verdict in _VERDICTS.items():
        if words.startswith(word):
            return verdict, words.removeprefix(word).lstrip("了，,。.：: ")
    raise Refusal(f"办成了、办成一部分，还是没办成？例如：/确认 W{wish_id} 办成")
