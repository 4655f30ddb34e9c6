"""心愿怎么走：一张表说清在哪一步能做什么、做完到哪一步。改状态只有 `advance` 一处。"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from bot.league import notices, steps
from bot.league.errors import Refusal
from db.models import Cadre, Wish, WishAction, WishEnding, WishEvent, WishLane, WishState

OPEN, CLAIMED, DONE, EXPLAINED, ENDED = WishState


@dataclass(frozen=True)
class Step:
    """走到哪里；结束时带着结局。"""

    state: WishState
    ending: WishEnding | None = None


#: 产品说明第 5 节的流程。表里没有的都不行
STEPS: dict[tuple[WishState, WishAction], Step] = {
    (OPEN, WishAction.CLAIM): Step(CLAIMED),
    (OPEN, WishAction.TRANSFER): Step(OPEN),
    (OPEN, WishAction.WITHDRAW): Step(ENDED, WishEnding.WITHDRAWN),
    (OPEN, WishAction.ESCALATE): Step(OPEN),
    (CLAIMED, WishAction.PROGRESS): Step(CLAIMED),
    (CLAIMED, WishAction.FINISH): Step(DONE),
    (CLAIMED, WishAction.EXPLAIN): Step(EXPLAINED),
    (CLAIMED, WishAction.DROP): Step(OPEN),
    (CLAIMED, WishAction.TRANSFER): Step(OPEN),
    (CLAIMED, WishAction.WITHDRAW): Step(ENDED, WishEnding.WITHDRAWN),
    (CLAIMED, WishAction.WARN): Step(CLAIMED),
    (CLAIMED, WishAction.RELEASE): Step(OPEN),
    (DONE, WishAction.FULFIL): Step(ENDED, WishEnding.FULFILLED),
    (DONE, WishAction.PARTLY): Step(ENDED, WishEnding.PARTLY),
    (DONE, WishAction.UNDONE): Step(CLAIMED),
    (DONE, WishAction.WITHDRAW): Step(ENDED, WishEnding.WITHDRAWN),
    (DONE, WishAction.ASK_AGAIN): Step(DONE),
    (DONE, WishAction.CLOSE): Step(ENDED, WishEnding.UNCONFIRMED),
    (EXPLAINED, WishAction.ACCEPT): Step(ENDED, WishEnding.IMPOSSIBLE),
    (EXPLAINED, WishAction.RECONSIDER): Step(CLAIMED),
    (EXPLAINED, WishAction.WITHDRAW): Step(ENDED, WishEnding.WITHDRAWN),
    (EXPLAINED, WishAction.ASK_AGAIN): Step(EXPLAINED),
    # 说明过了，青年没回话：仍是“办不成(已说明)”，只是不算他接受了
    (EXPLAINED, WishAction.CLOSE): Step(ENDED, WishEnding.IMPOSSIBLE),
    # 抽查裁定不实：不算圆梦了；只有 `check_cases` 走这一步，而且只对已圆梦的
    (ENDED, WishAction.REFUTE): Step(ENDED, WishEnding.UNCONFIRMED),
}

#: 危机求助不走上面的流程：没有认领、没有期限，只有值守人传话、了结，或本人撤回
CRISIS_STEPS: dict[tuple[WishState, WishAction], Step] = {
    (OPEN, WishAction.PROGRESS): Step(OPEN),
    (OPEN, WishAction.FINISH): Step(ENDED),
    (OPEN, WishAction.WITHDRAW): Step(ENDED, WishEnding.WITHDRAWN),
}

#: 请人做下一步的话；这一步有人走了，还没说到的就不说了
_ASKING = (
    "wish.asked_again",
    "wish.assigned",
    "wish.done",
    "wish.escalated",
    "wish.explained",
    "wish.new",
    "wish.warned",
)
#: 到点的提醒：没有人走过什么
_NO_MOVE = {WishAction.WARN, WishAction.ESCALATE, WishAction.ASK_AGAIN}
OVERTAKEN = "已经有了下一步，旧的不说了"

_NEEDS_CLAIM = {WishAction.PROGRESS, WishAction.FINISH, WishAction.EXPLAIN, WishAction.DROP}
_AFTER_DONE = {WishAction.FULFIL, WishAction.PARTLY, WishAction.UNDONE}
_AFTER_EXPLAINED = {WishAction.ACCEPT, WishAction.RECONSIDER}


def step_of(wish: Wish, action: WishAction) -> Step | None:
    """这一步能走到哪里；不能走就 `None`。"""
    steps = CRISIS_STEPS if wish.lane is WishLane.CRISIS else STEPS
    return steps.get((wish.state, action))


def refusal_of(wish: Wish, action: WishAction, claimer: str | None = None) -> Refusal:
    """为什么这一步走不了；`claimer` 是认领人的姓名。"""
    number = wish.number
    if wish.state is ENDED:
        return Refusal(f"{number} 已经结束了{f'（{wish.ending}）' if wish.ending else ''}，不用再操作。")
    if wish.lane is WishLane.CRISIS:
        return Refusal(f"{number} 不用确认，私聊我发 /我的心愿 看看。")  # 只有本人走得到这里；群里也不露出是求助
    if action is WishAction.CLAIM:
        return Refusal(f"{number} 已经由{claimer or '别的团干部'}认领了，谢谢你。")
    if action in _NEEDS_CLAIM and wish.state is OPEN:
        return Refusal(f"{number} 还没有人认领，请先 /认领 {number}。")
    if wish.state in (DONE, EXPLAINED) and action not in _AFTER_DONE | _AFTER_EXPLAINED:
        return Refusal(f"{number} 正等青年本人回话，先不用操作；他有话说我会告诉你。")
    if wish.state is DONE:
        return Refusal(f"{number} 说是办结了，请告诉我办成没有：/确认 {number} 办成，或者 部分、没办成。")
    if wish.state is EXPLAINED:
        return Refusal(f"{number} 说明了办不成的原因，请回 /确认 {number} 接受，或者 /确认 {number} 再想想。")
    return Refusal(f"{number} 还没办结，等有了结果我会来问你；不想要了可以 /撤回 {number}。")


def number_of(wish_id: int) -> str:
    """给人看的编号。"""
    return f"W{wish_id}"


def missing(wish_id: int) -> Refusal:
    """没有这个编号，或者不该让他知道有。"""
    return Refusal(f"没找到 {number_of(wish_id)}，看看编号对不对？")


@asynccontextmanager
async def holding(wish_id: int) -> AsyncIterator[Wish]:
    """开一个事务并锁住这一行；没有这一行就 `Refusal`。"""
    async with steps.holding(Wish, wish_id, missing=missing(wish_id)) as wish:
        yield wish


async def check(wish: Wish, action: WishAction) -> Step:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if step := step_of(wish, action):
        return step
    claimer = await Cadre.get(id=wish.claimer_id).select_related("person") if wish.claimer_id else None
    raise refusal_of(wish, action, claimer.person.name if claimer else None)


async def advance(
    wish: Wish,
    action: WishAction,
    *,
    at: datetime,
    by_id: int | None = None,
    note: str | None = None,
    **changes: datetime | int | bool | None,
) -> WishEvent:
    """在 `holding` 里走一步并记下来；`changes` 是同时要改的列。同一步别人先走了也是 `Refusal`。"""
    step = await check(wish, action)
    if step.state is ENDED:
        changes.setdefault("ended_at", at)
    here = ("state", "claimer_id")
    await steps.move(wish, wish.number, unless_changed=here, state=step.state, ending=step.ending, **changes)
    if action not in _NO_MOVE:
        its = Q(kind__in=_ASKING, period__startswith=f"{wish.number}/")
        await notices.withdraw(its, reason=OVERTAKEN)
    return await WishEvent.create(wish_id=wish.id, kind=action, by_id=by_id, at=at, note=note or None)
