"""活动办到一半的变化：改、结束、取消，以及到点的事。"""

from datetime import datetime, timedelta
from itertools import pairwise

from bot.league import (
    activities,
    activity_letters,
    activity_owners,
    activity_plans,
    activity_signups,
    campaign_coverage,
    evidence,
    words,
)
from bot.league.activity_plans import Plan
from bot.league.activity_steps import Move, advance, check, holding
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Activity, ActivityKind, ActivityState, CheckInCode, Participation, PartState

#: 开始这么久之后自己结束；到那时确认也不再算数（产品说明第 6 节：72 小时）
CLOSE_AFTER = evidence.CONFIRM_WITHIN
#: 产品说明第 8 节：开始前 24 小时、2 小时提醒报了名的
REMIND_AHEAD = (timedelta(hours=24), timedelta(hours=2))


async def close(by: Speaker, activity_id: int, *, at: datetime) -> activities.Sight:
    """办完了：结束并给出小结。没开始的不能结束，只能取消。"""
    await activities.look(by, activity_id)
    async with holding(activity_id) as activity:
        await activities.only_organiser(by, activity)
        check(activity, Move.CLOSE)
        if at < activity.starts_at:
            raise Refusal(f"{activity.number} 还没开始。不办了就发 /活动 取消 {activity.number}。")
        await _end(activity, at=at)
    [found] = await activities.sights([activity], by)
    return found


async def _end(activity: Activity, *, at: datetime) -> None:
    await advance(activity, Move.CLOSE, ended_at=at)
    await CheckInCode.filter(activity_id=activity.id).delete()
    await evidence.regrade(activity, at=at)


async def cancel(by: Speaker, activity_id: int, reason: str, *, at: datetime) -> int:
    """不办了：告诉报了名的和候补的，返回几位。"""
    reason = words.sentence(reason)
    if len(reason) > activity_plans.TEXT_MAX:
        raise Refusal(f"原因写 {activity_plans.TEXT_MAX} 个字以内就好。")
    await activities.look(by, activity_id)
    async with holding(activity_id) as activity:
        await activities.only_organiser(by, activity)
        check(activity, Move.CANCEL)
        if await Participation.filter(activity_id=activity_id, state=PartState.ARRIVED).exists():
            raise Refusal(f"{activity.number} 已经有人到场了，办完请发 /活动 关闭 {activity.number}。")
        await advance(activity, Move.CANCEL, ended_at=at)
        await CheckInCode.filter(activity_id=activity_id).delete()
        return await activity_letters.cancelled(activity, reason, by, at=at)


async def edit(by: Speaker, activity_id: int, plan: Plan, *, at: datetime) -> Activity:
    """改时间、地点、名额、类别、截止：没说到的不动，存成新的一版；时间、地点变了的告诉报了名的。"""
    await activities.look(by, activity_id)
    async with holding(activity_id) as activity:
        await activities.only_organiser(by, activity)
        check(activity, Move.EDIT)
        if at >= activity.starts_at:
            raise Refusal(f"{activity.number} 已经开始了，不能再改。")
        merged = _merged(activity, await activities.worded(by, plan, subject=f"u{activity.unit_id}", at=at))
        if merged == _merged(activity, Plan()) and not plan.branches:
            raise Refusal(f"要改什么？例如：/活动 改 {activity.number} 明天下午3点 体育馆 限30人")
        fresh = activity_plans.checked(merged, at=at, closed=activity.deadline)
        slot = activity_owners.slot_for(fresh)
        await activity_owners.allow(by, activity, slot)
        await activity.fetch_related("unit")
        branches = await campaign_coverage.branches_for(activity.unit, fresh)
        people = await Participation.filter(activity_id=activity_id, state__in=evidence.COUNTED).count()
        if fresh.cap is not None and fresh.cap < people:
            raise Refusal(f"已经报了 {people} 人，名额不能改得更少。")
        was = activity_letters.about(activity)
        await advance(
            activity,
            Move.EDIT,
            title=fresh.title,
            starts_at=fresh.starts_at,
            asked_from=fresh.starts_at,
            place=fresh.place,
            cap=fresh.cap,
            deadline=fresh.deadline,
            slot=slot,
            campaign=fresh.campaign,
            version=activity.version + 1,
        )
        if branches:
            await campaign_coverage.cover(activity, branches)
        await activities.keep_version(activity, at=at)
        await activity_letters.edited(activity, by, was=was, at=at)
        await activity_signups.promote(activity, at=at)
    return activity


def _merged(activity: Activity, plan: Plan) -> Plan:
    starts_at = plan.starts_at or activity.starts_at
    deadline = plan.deadline or activity.deadline
    return Plan(
        plan.title or activity.title or "",
        starts_at,
        plan.place or activity.place or "",
        None if plan.uncapped else activity.cap if plan.cap is None else plan.cap,
        deadline if deadline is None or plan.deadline or deadline <= starts_at else starts_at,
        activity_owners.slot_after(activity, plan),
        campaign=plan.campaign or activity.campaign,
        branches=plan.branches,
    )


async def close_old(at: datetime) -> None:
    """开始满 72 小时还没结束的，替发起人结束。可以随便重复。"""
    old = Activity.filter(kind=ActivityKind.ACTIVITY, state=ActivityState.OPEN, starts_at__lte=at - CLOSE_AFTER)
    for activity_id in await old.limit(200).values_list("id", flat=True):
        async with holding(int(str(activity_id))) as activity:
            if activity.state is ActivityState.OPEN and activity.starts_at <= at - CLOSE_AFTER:
                await _end(activity, at=at)


async def remind(at: datetime) -> None:
    """快开始的，提醒报上名的。可以随便重复；停机错过的，在下一次提醒之前补上。"""
    for ahead, until in pairwise((*REMIND_AHEAD, timedelta())):
        soon = Activity.filter(kind=ActivityKind.ACTIVITY, state=ActivityState.OPEN)
        for activity in await soon.filter(starts_at__gt=at + until, starts_at__lte=at + ahead):
            await activity_letters.remind(activity, ahead, at=at)
