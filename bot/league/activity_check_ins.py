"""签到：发起人要一个四位码，十分钟内在场的人用自己的账号报上来。"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from bot.league import activities, evidence, roster
from bot.league.activity_steps import Move, Turn, check, holding, step
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import Activity, ActivityState, CheckInCode, Group, Scope

#: 产品说明第 6 节：十分钟换一次
CODE_LIFETIME = timedelta(minutes=10)
#: 四位码有一万种；一个账号一小时只许错 5 次，靠猜不划算
TRIES, TRY_WINDOW = 5, timedelta(hours=1)
#: 开始前后多久可以签到
EARLY, LATE = timedelta(hours=2), timedelta(hours=24)

#: 谁在什么时候试错过。只放内存，没报名的人库里什么都不留
_misses: dict[tuple[Scope, str], list[datetime]] = {}


async def show_code(by: Speaker, activity_id: int, *, at: datetime) -> tuple[Activity, str]:
    """给发起人一个新码；旧码当场作废。"""
    await activities.look(by, activity_id)
    async with holding(activity_id) as activity:
        await activities.only_organiser(by, activity)
        check(activity, Move.SHOW_CODE)
        if not activity.starts_at - EARLY <= at <= activity.starts_at + LATE:
            raise Refusal(f"{activity.number} 开始前 2 小时到之后 24 小时之间才能签到。")
        code = f"{secrets.randbelow(10_000):04d}"
        await CheckInCode.filter(activity_id=activity_id).delete()
        await CheckInCode.create(
            activity_id=activity_id, digest=_digest(activity_id, code), expires_at=at + CODE_LIFETIME
        )
    return activity, code


def _digest(activity_id: int, code: str) -> str:
    return hmac.new(settings().digest_key, f"check-in:{activity_id}:{code}".encode(), sha256).hexdigest()


async def arrive(by: Speaker, code: str, *, at: datetime, group: Group | None = None) -> Activity:
    """报上码就是到场；没报过名、在候补的也算。码要是自己看得见的活动的。"""
    if (misses := _recent_misses(by, at)) >= TRIES:
        raise Refusal("试错太多次了，一小时后再来。")
    activity_id = await _behind(by, code, at=at, group=group)
    if activity_id is None:
        _misses.setdefault((by.scope, by.user_id), []).append(at)
        raise Refusal(f"码不对，或者过了十分钟。请发起人再发一次 /签到；这里还能试 {TRIES - misses - 1} 次。")
    person = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with holding(activity_id) as activity:
        check(activity, Move.ARRIVE)
        if not await step(activity, person.id, Turn.ARRIVE, at=at):
            raise Refusal(f"{activity.number} 你已经签过到了。")
        await evidence.regrade(activity, at=at)
    return activity


async def _behind(by: Speaker, code: str, *, at: datetime, group: Group | None) -> int | None:
    """这个码是哪项活动的；对不上就 `None`。"""
    seen = Activity.filter(
        await activities.visible(by, group), state=ActivityState.OPEN, code__expires_at__gt=at
    ).select_related("code")
    for activity in await seen.order_by("id"):
        if hmac.compare_digest(activity.code.digest, _digest(activity.id, code)):  # pyright: ignore[reportAttributeAccessIssue]
            return activity.id
    return None


def _recent_misses(by: Speaker, at: datetime) -> int:
    """一小时内试错几次；顺手忘掉过时的。"""
    for key in [key for key, times in _misses.items() if times[-1] <= at - TRY_WINDOW]:
        del _misses[key]
    return sum(time > at - TRY_WINDOW for time in _misses.get((by.scope, by.user_id), []))
