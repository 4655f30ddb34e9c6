"""交接的话术。少于 5 人的数不说，免得猜到是谁不换。"""

from collections.abc import Sequence

from bot.league import handovers
from bot.league.handover_answers import Answered
from bot.league.handovers import Tally
from bot.league.periods import day
from bot.league.quantities import SHOWN_FROM
from db.models import AskState, HandoverState

CANCELLED = "好，不再问了。已经说愿意的照旧，其余的都没有动。"


def started(asked: int, *, private: bool) -> str:
    """开始问了；群里不说人数。"""
    count = f"要问 {asked} 位，" if private else ""
    days = handovers.ASK_FOR.days
    return f"好，{count}我一位一位私下问，愿意的才换，{days} 天没回就当不换。请别去催；问得怎样，私聊我发 /交接 看。"


def tallies(found: Sequence[Tally]) -> str:
    """问得怎样，一次一行。"""
    if not found:
        return f"还没有交接。要请人接着联系你的青年，发 {handovers.EXAMPLE}；愿意的才换，不会悄悄换。"
    return "\n".join(map(_line, found))


def _line(tally: Tally) -> str:
    open_ = tally.handover.state is HandoverState.OPEN
    state = f"问到{day(tally.handover.closes_at)}" if open_ else tally.handover.state
    return f"{tally.giver}→{tally.taker}（{state}）：{_counts(tally, '还没回' if open_ else '没回')}"


def _counts(tally: Tally, silent: str) -> str:
    if tally.asked < SHOWN_FROM:
        return f"问了不到 {SHOWN_FROM} 位，不分开说"
    if 0 < tally.declined < SHOWN_FROM or 0 < tally.silent < SHOWN_FROM:
        rest = f"不换或{silent} {tally.declined + tally.silent} 人"
    else:
        rest = f"不换 {tally.declined} 人，{silent} {tally.silent} 人"
    return f"问了 {tally.asked} 人，愿意 {tally.agreed} 人，{rest}"


def answered(done: Answered, *, private: bool) -> str:
    """回话记下了；在群里不说是什么事。"""
    if not private:
        return "好，记下了。"
    if done.state is AskState.AGREED:
        return f"好，{done.taker}现在是你的联系团干部了。想停随时发 /退出。"
    if done.giver_left:
        return (
            f"好，不换。{done.giver}离任了，这段联系先停下；七天内想找别的团干部，在群里发 /加入 @干部，不发就结束了。"
        )
    return f"好，不换，还是{done.giver}。"
