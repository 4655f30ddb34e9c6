"""`/五个一`、`/单位五个一` 与各自的 `设`。"""

import re
from datetime import datetime

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import five_ones, five_ones_rules, five_ones_sets, unit_five_ones
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from db.models import GroupKind, Side
from plugins.five_ones import render

_QUARTER = re.compile(r"\d{4}(?![级届])|.*季度$")

five_ones_cmd = command(
    "五个一",
    about="这一季五件事做到哪；管理员用它定是哪五件",
    example=five_ones_sets.CADRE.example,
    audience=Audience.CADRE,
)
unit_five_ones_cmd = command(
    "单位五个一",
    about="本单位和下级这一季的五件事；管理员用它定",
    example=five_ones_sets.UNIT.example,
    audience=Audience.CADRE,
    inspectors=True,
)


@five_ones_cmd.handle()
@answers
async def handle_five_ones(said: Saying) -> Answer:
    """只给本人看，所以群里不答。"""
    if said.words[:1] == ["设"]:
        order = five_ones_rules.read(said.words[1:], at=said.at)
        return render.settled(*await five_ones_rules.settle(said.by, order, at=said.at))
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("五件事做到哪只给你自己看，私聊我发 /五个一 就好。")
    quarter = Quarter.parse("".join(said.words), at=said.at)
    return render.mine(await five_ones.slots_of(cadre_id, quarter, at=said.at), said.by.name, at=said.at)


@unit_five_ones_cmd.handle()
@answers
async def handle_unit_five_ones(said: Saying) -> Answer:
    """季度与单位名词序随意；青年群里不答。"""
    if said.words[:1] == ["设"]:
        order = five_ones_rules.read(said.words[1:], at=said.at, side=Side.UNIT)
        return render.settled(*await five_ones_rules.settle(said.by, order, at=said.at))
    if not said.private and not (said.group and said.group.kind is GroupKind.WORK):
        raise Refusal("单位的五件事不往青年群里贴，私聊我或到工作群里发 /单位五个一 就好。")
    quarter, name = _quarter_and_name(said.words, at=said.at)
    return render.unit(await unit_five_ones.look(said.by, name, quarter))


def _quarter_and_name(words: list[str], *, at: datetime) -> tuple[Quarter, str | None]:
    """`2026Q3 软件学院团总支`；不像季度的就是单位名。"""
    quarters = [word for word in words if _QUARTER.match(word)]
    names = [word for word in words if word not in quarters]
    return Quarter.parse("".join(quarters[:1]), at=at), names[0] if names else None
