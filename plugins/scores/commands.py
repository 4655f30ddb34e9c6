"""`/积分` 与 `/排名`。"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import boards, rankings, spans
from bot.league.errors import Refusal
from bot.league.periods import Quarter, local
from bot.league.spans import Sight
from plugins.scores import render

score_cmd = command("积分", about="我的积分：五个部分、为什么、怎么涨", example="/积分", audience=Audience.CADRE)
rank_cmd = command(
    "排名", about="管理员看单位与个人，团干部看自己的名次", example="/排名 本季度 前20", audience=Audience.CADRE
)

#: 不写“前几”时每档列几名；一张图至多放几名
TOP, TOP_MAX = 10, 50

_QUARTER = re.compile(r"(\d{4}|今年|去年)?\s*年?\s*(?:[Qq]([1-4])|第?([一二三四1-4])季度?)|([本这上])个?季度")
_TOP = re.compile(r"前\s*(\d{1,4}|[二三四五]?十)\s*名?")
_MONTH = re.compile(r"(?:(\d{4})年)?(?<![\d月])(1[0-2]|0?[1-9])月份?(?!\d)|([本这上])个?月")
_OTHER = re.compile(r"(?P<年>今年|去年|全年|本年度?|年度)|(?P<周>[本这上]个?(?:周|星期|礼拜))|(?P<天>今天|昨天)")
_WIDEST = re.compile(r"全国|全省|全市|全校|全部|所有")


@dataclass(frozen=True)
class Ask:
    """`/排名` 后面的话：词序随意。"""

    quarter: Quarter
    top: int
    unit: str
    #: 说的不是季度，是“月”“年”“周”“天”
    period: str
    #: 说了“全国”之类
    widest: str


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


def parse(words: list[str], *, at: datetime) -> Ask:
    """挑出季度、前几名、“9月”“全国”，剩下的是单位名。"""
    text = " ".join(words)
    quarter, text = _take(_QUARTER, text)
    top, text = _take(_TOP, text)
    month, text = _take(_MONTH, text)
    other, text = _take(_OTHER, text)
    widest, text = _take(_WIDEST, text)
    wanted = _quarter(quarter, at) if quarter else _quarter_of_month(month, at) if month else Quarter.of(at)
    if wanted > Quarter.of(at):
        raise Refusal(f"{wanted} 还没开始，可以看本季度：/排名")
    period = "月" if month else str(other.lastgroup) if other else ""
    unit = re.sub(r"积?分?排名|的", "", text).strip()
    return Ask(wanted, _top(top), unit, period, widest[0] if widest else "")


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} {text[found.end() :]}".strip() if found else text


def _quarter(found: re.Match[str], at: datetime) -> Quarter:
    year, letter, chinese, relative = found.groups()
    current = Quarter.of(at)
    if relative:
        return current.previous if relative == "上" else current
    years = {None: current.year, "今年": current.year, "去年": current.year - 1}
    number = letter or chinese
    return Quarter(years[year] if year in years else int(year), "一二三四".find(number) + 1 or int(number))


def _quarter_of_month(found: re.Match[str], at: datetime) -> Quarter:
    """`9月` 在哪一季：没写哪一年、今年又还没到的，是去年的。"""
    year, month, relative = found.groups()
    today = local(at).date()
    if relative:
        return Quarter.of(today.replace(day=1) - timedelta(days=1) if relative == "上" else today)
    this_year = int(month) <= today.month
    return Quarter.of(date(int(year) if year else today.year - (not this_year), int(month), 1))


def _top(found: re.Match[str] | None) -> int:
    if not found:
        return TOP
    tens = {"十": 10, "二十": 20, "三十": 30, "四十": 40, "五十": 50}
    return min(max(tens.get(found[1]) or int(found[1]), 1), TOP_MAX)
