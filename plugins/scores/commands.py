"""`/积分` 与 `/排名`。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import boards, rankings, spans
from bot.league.board_orders import Ask, parse
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.spans import Sight
from plugins.scores import render

score_cmd = command("积分", about="我的积分：五个部分、为什么、怎么涨", example="/积分", audience=Audience.CADRE)
rank_cmd = command(
    "排名", about="管理员看单位与个人，团干部看自己的名次", example="/排名 本季度 前20", audience=Audience.CADRE
)


@score_cmd.handle()
@answers
async def handle_score(said: Saying) -> Answer:
    """只给本人看。"""
    cadre_id = said.cadre_id()
    if not said.private:
        raise Refusal("积分只给你自己看，私聊我发 /积分 就好。")
    return render.score(await rankings.own_rank(cadre_id, at=said.at), said.by.name, await spans.everywhere())


@rank_cmd.handle()
@answers
async def handle_rank(said: Saying) -> Answer:
    """谁在哪里问，看到的不一样。"""
    match spans.sight(said.by, private=said.private, kind=said.group.kind if said.group else None):
        case Sight.BOARD:
            return await _board(said)
        case Sight.OWN:
            ask = parse(said.words, at=said.at)
            own = await rankings.own_rank(said.cadre_id(), at=said.at, quarter=ask.quarter)
            return render.own_place(own, ask.quarter, await spans.everywhere(), note=_by_quarter(ask))
        case Sight.BANDS:
            bands = await boards.bands(said.bound_group().unit_id, at=said.at)
            return render.bands(bands, Quarter.of(said.at), for_youth=not (said.by.is_cadre or said.by.is_admin))
        case Sight.NOTHING:
            return render.nothing(said.by)


async def _board(said: Said) -> Answer:
    ask = parse(said.words, at=said.at)
    public = not said.private
    page = await boards.page(said.by, unit=ask.unit, quarter=ask.quarter, top=ask.top, at=said.at, public=public)
    notes = [
        f"“{ask.widest}”按你能看到的最大范围算，就是{page.span.name}。" if ask.widest else "",
        _by_quarter(ask),
    ]
    return render.board(page, top=ask.top, notes=notes)


def _by_quarter(ask: Ask) -> str:
    """说的不是季度，告诉他看的是哪一季。"""
    return f"积分按季度算，没有按{ask.period}的，给你看 {ask.quarter}。" if ask.period else ""
