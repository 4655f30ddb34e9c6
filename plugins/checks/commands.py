"""`/抽查` `/说明` `/裁定` `/核验`，与 `/确认 K7`（心愿的 `/确认` 按编号的字母转到这里）。"""

import re
from contextlib import suppress

from bot.gateway.files import hand_over
from bot.gateway.numbers import numbered
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import chains, check_answers, check_cases, check_rounds, seals, units
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from plugins.checks import render

check_cmd = command(
    "抽查",
    about="随机抽几件事悄悄问青年；种子 谁都能看（私聊）",
    example=check_rounds.EXAMPLE,
    audience=Audience.ADMIN,
    inspectors=True,
    glued=True,
)
rule_cmd = command(
    "裁定",
    about="督导看一案，裁定属实还是不实（私聊）",
    example="/裁定 K7 属实 签到表和照片都对得上",
    audience=Audience.ADMIN,
    inspectors=True,
)
explain_cmd = command(
    "说明",
    about="抽查对不上的，说明怎么回事（私聊）",
    example="/说明 K7 那天他临时有事先走了，签到表上有他",
    audience=Audience.CADRE,
)
verify_cmd = command(
    "核验", about="一条记录、一季的记录改没改过", example="/核验 A7", audience=Audience.CADRE, inspectors=True
)

_RULINGS = {"属实": True, "不实": False}


@check_cmd.handle()
@answers
async def handle_check(said: Saying) -> Answer:
    """不带词看到哪一步；带几件就开一回；`种子` 给谁都看。"""
    if said.words[:1] == ["种子"]:
        return await _seeds(said, said.words[1:])
    if not said.private:
        raise Refusal("抽查请私聊我发 /抽查，群里不说。看种子的哈希可以在群里发 /抽查 种子。")
    if not said.words:
        unit = await units.seen(said.by, None, example="/抽查")
        return render.outcomes(unit, await check_rounds.outcomes(said.by, unit))
    size, rest = _size(said.words)
    quarter, names = _quarter(said, rest)
    unit = await units.seen(said.by, " ".join(names) or None, example=check_rounds.EXAMPLE)
    return render.opened(await check_rounds.start(said.by, size, unit, quarter, at=said.at))


def _size(words: list[str]) -> tuple[int, list[str]]:
    found = re.fullmatch(r"(\d{1,6})件?", words[0])
    if not found:
        raise Refusal(f"要抽几件？例如：{check_rounds.EXAMPLE}，后面可以写单位和季度：/抽查 20 软件学院团总支 上季度")
    return int(found[1]), words[1:]


def _quarter(said: Said, words: list[str]) -> tuple[Quarter, list[str]]:
    """词里的季度，与剩下的（单位名）；没写是本季度。"""
    for word in words:
        with suppress(Refusal):
            return Quarter.parse(word, at=said.at), [other for other in words if other != word]
    return Quarter.of(said.at), words


async def _seeds(said: Said, words: list[str]) -> Answer:
    """一回的种子与名单；不写第几回是这一季封好的总种子。"""
    number = re.fullmatch(r"第?[KkＫｋ]?(\d{1,9})回?", words[0]) if words else None
    if number is None:
        quarter, _ = _quarter(said, words)
        return render.seal(await seals.sealed(quarter, at=said.at))
    found = await seals.published(int(number[1]), at=said.at)
    if words[1:] != ["名单"]:
        return render.published(found)
    if found.seed is None:
        raise Refusal(f"第 {found.number} 回还没收完，收完才公布名单；现在能看的是哈希：/抽查 种子 {found.number}")
    name = f"抽查第{found.number}回名单.txt"
    return None if said.private and await hand_over(said, found.listing.encode(), name=name) else found.listing


@explain_cmd.handle()
@answers
async def handle_explain(said: Saying) -> Answer:
    """团干部说明一案。"""
    said.cadre_id()
    check_id, text = numbered(said, "抽查", example="/说明 K7 那天他临时有事先走了，签到表上有他")
    if not said.private:
        raise Refusal("说明只给督导看，请私聊我发 /说明。")
    return render.explained(await check_cases.explain(said.by, check_id, text, at=said.at))


@rule_cmd.handle()
@answers
async def handle_rule(said: Saying) -> Answer:
    """只写编号是看案子；后面写属实或不实，再写理由。"""
    if not said.by.is_inspector:
        raise Refusal("裁定由别的单位的督导来做。")
    if not said.private:
        raise Refusal("案子请私聊我发 /裁定。")
    check_id, words = numbered(said, "抽查", example="/裁定 K7 属实 签到表和照片都对得上")
    case = await check_cases.look(said.by, check_id)
    if not words:
        return render.case(case)
    verdict = next((word for word in _RULINGS if words.startswith(word)), None)
    if verdict is None:
        raise Refusal(f"属实还是不实？后面写上理由，例如：/裁定 K{check_id} 属实 签到表和照片都对得上")
    reason = words.removeprefix(verdict).lstrip(" ，,。：:")
    ruled = await check_cases.rule(said.by, check_id, upheld=_RULINGS[verdict], reason=reason, at=said.at)
    return render.ruled(ruled)


@verify_cmd.handle()
@answers
async def handle_verify(said: Saying) -> Answer:
    """编号核一条；季度由管理员、督导核一整季。"""
    quarter, rest = _quarter(said, said.words)
    if said.words and not rest:
        if not (said.by.is_admin or said.by.is_inspector):
            raise Refusal("一整季的由管理员、督导来核；核一条发 /核验 A7。")
        return render.chain(quarter, await chains.root(quarter), await chains.broken_in(quarter))
    activity_id, _ = numbered(said, "记录", example="/核验 A7")
    return render.verified(await chains.verify(said.by, activity_id))


async def answer_check(said: Said) -> Answer:
    """`/确认 K7 有 甲`；只在私聊里，群里一个字也不收。"""
    if not said.private:
        raise Refusal("这一句请私聊我说，群里的我没有记，你可以自己撤回那条消息。")
    check_id, text = numbered(said, "抽查", example="/确认 K7 3 无")
    return render.answered(await check_answers.answer(said.by, check_id, text, at=said.at))
