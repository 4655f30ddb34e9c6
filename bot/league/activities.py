"""活动：发起、看得见哪些。怎么读见 `activity_plans`，改与结束见 `activity_changes`，报名见 `activity_signups`。"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import activity_letters, activity_owners, campaign_coverage, evidence, wordings
from bot.league.activity_plans import Plan, checked
from bot.league.activity_steps import missing
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    ActivityVersion,
    Cadre,
    Contact,
    ContactState,
    Group,
    Participation,
    PartState,
)

#: `/活动` 至多列几个
LISTED = 20

_NAME_ONE = f"单位的活动，写上请谁负责就能发起：{activity_owners.LEAD_EXAMPLE}（私聊里写姓名：负责人：张三）"


@dataclass(frozen=True)
class Sight:
    """一项活动与它的人数。"""

    activity: Activity
    signed: int
    waiting: int
    arrived: int
    #: 问的人自己在里面是什么状态
    mine: PartState | None = None
    #: 要几位确认才算 L2
    needed: int = 0


def office_of(by: Speaker, lead: Cadre | None) -> tuple[int, int]:
    """谁来负责：（团干部的号，单位的号）。管理员请了人就是那位，不然是他自己；都不是就 `Refusal`。"""
    if lead is not None:
        return lead.id, lead.unit_id
    if by.cadre_id is None or by.unit_id is None:
        raise Refusal("发起活动的得是名册上的团干部。" + (_NAME_ONE if by.is_admin else ""))
    return by.cadre_id, by.unit_id


async def start(
    by: Speaker, plan: Plan, *, at: datetime, group: Group | None = None, lead: Cadre | None = None
) -> Activity:
    """发起一项活动；算谁的、属于哪项工作见 `activity_owners`。管理员请 `lead` 负责的，告诉那位。"""
    organiser_id, unit_id = office_of(by, lead)
    plan = checked(await worded(by, plan, subject=f"u{unit_id}", at=at), at=at)
    assert plan.starts_at
    slot = activity_owners.slot_for(plan)
    if lead is not None:
        activity_owners.check_led(slot)
    unit = await activity_owners.unit_for(by, plan, slot)
    branches = await campaign_coverage.branches_for(unit, plan)
    async with in_transaction():
        if again := await _same(organiser_id, plan):
            raise Refusal(f"这场已经发起过了，是 {again.number}。要改发 /活动 改 {again.number} 明天下午3点。")
        activity = await Activity.create(
            kind=ActivityKind.ACTIVITY,
            organiser_id=organiser_id,
            unit=unit,
            group=group,
            title=plan.title,
            slot=slot,
            campaign=plan.campaign,
            starts_at=plan.starts_at,
            place=plan.place,
            cap=plan.cap,
            deadline=plan.deadline,
            state=ActivityState.OPEN,
            graded_at=at,
            created_at=at,
            asked_from=plan.starts_at,
        )
        await campaign_coverage.cover(activity, branches)
        await keep_version(activity, at=at)
        if lead is not None and lead.id != by.cadre_id:
            await activity_letters.led(activity, lead.person_id, by.name or "管理员", at=at)
    return activity


async def _same(organiser_id: int, plan: Plan) -> Activity | None:
    """同一位的、名字时间地点都一样、还没办的那场。先锁住这一位：一句话发了两遍也只成一场；要在事务里调用。"""
    await Cadre.select_for_update(no_key=True).get(id=organiser_id)
    same = Activity.filter(kind=ActivityKind.ACTIVITY, state=ActivityState.OPEN, organiser_id=organiser_id)
    return await same.filter(title=plan.title, starts_at=plan.starts_at, place=plan.place).first()


async def worded(by: Speaker, plan: Plan, *, subject: str, at: datetime) -> Plan:
    """名字与地点报名的人都看得见，与群发一个规矩：强迫、摊派的字不收，组织部坚持要用的留痕。"""
    said = await wordings.allow(by, f"{' '.join(plan.title.split())}\n{plan.place}", subject=subject, at=at)
    title, _, place = said.partition("\n")
    return replace(plan, title=title, place=place)


async def keep_version(
    activity: Activity, *, at: datetime, reason: str | None = None, people: list[int] | None = None
) -> None:
    """把现在的样子存成一版；要在改它的事务里调用。"""
    facts: dict[str, object] = {
        "title": activity.title,
        "slot": activity.slot.value,
        "campaign": activity.campaign.value if activity.campaign else None,
        "starts_at": local(activity.starts_at).isoformat(),
        "place": activity.place,
        "mode": activity.mode.value if activity.mode else None,
        "cap": activity.cap,
        "people": people or [],
    }
    await ActivityVersion.create(
        activity_id=activity.id, version=activity.version, at=at, reason=reason, note=activity.note, facts=facts
    )


async def visible(by: Speaker, group: Group | None = None) -> Q:
    """说话的人看得见哪些活动：自己单位和上级办的、自己办的、在这个群里发起的、自己报了名的、管得到的。"""
    if by.superuser:
        return Q(kind=ActivityKind.ACTIVITY)
    paths = {by.unit_path} if by.unit_path else set[str]()
    seen = Q(organiser_id=by.cadre_id) if by.cadre_id else Q(id=0)
    if by.person_id is not None:
        rows = Contact.filter(youth_id=by.person_id, state=ContactState.ACTIVE)
        paths |= {str(path) for path in await rows.values_list("cadre__unit__path", flat=True)}
        rows = Participation.filter(person_id=by.person_id)
        seen |= Q(id__in=await rows.values_list("activity_id", flat=True))
    if group:
        await group.fetch_related("unit")
        paths.add(group.unit.path or "")
        seen |= Q(group_id=group.id)
    above = {path[:end] for path in paths for end in range(6, len(path) + 1, 6)}
    seen |= Q(unit__path__in=list(above))
    for duty in by.duties:
        seen |= Q(unit__path__gte=duty.unit_path, unit__path__lt=duty.unit_path_end)
    return Q(kind=ActivityKind.ACTIVITY) & seen


async def find(by: Speaker, activity_id: int, group: Group | None = None) -> Activity | None:
    """看得见的一项活动。"""
    return await Activity.filter(await visible(by, group), id=activity_id).first()


async def look(by: Speaker, activity_id: int, group: Group | None = None) -> Activity:
    """看得见的一项活动；看不见与没有这个编号说一样的话。"""
    if found := await find(by, activity_id, group):
        return found
    raise missing(activity_id)


async def listed(by: Speaker, *, at: datetime, group: Group | None = None) -> list[Sight]:
    """还开着、没开始太久的，先开始的在前。"""
    open_now = Activity.filter(
        await visible(by, group), state=ActivityState.OPEN, starts_at__gt=at - timedelta(hours=12)
    )
    return await sights(await open_now.order_by("starts_at", "id").limit(LISTED), by)


async def sight(by: Speaker, activity_id: int, group: Group | None = None) -> Sight:
    """一项活动与它的人数。"""
    [found] = await sights([await look(by, activity_id, group)], by)
    return found


async def sights(activities: Collection[Activity], by: Speaker) -> list[Sight]:
    """一批活动与人数，一次查完。"""
    states: dict[int, list[tuple[int, PartState]]] = {activity.id: [] for activity in activities}
    rows = await Participation.filter(activity_id__in=list(states)).values_list("activity_id", "person_id", "state")
    for activity_id, person_id, state in rows:
        states[activity_id].append((person_id, state))
    return [_sight(activity, states[activity.id], by.person_id) for activity in activities]


def _sight(activity: Activity, rows: list[tuple[int, PartState]], person_id: int | None) -> Sight:
    states = [state for _, state in rows]
    signed = sum(state in evidence.COUNTED for state in states)
    return Sight(
        activity,
        signed,
        states.count(PartState.WAITING),
        sum(state in evidence.VOUCHED for state in states),
        dict(rows).get(person_id) if person_id is not None else None,
        evidence.needed(signed),
    )


async def only_organiser(by: Speaker, activity: Activity) -> None:
    """发起人，或管得到它所在单位的管理员。"""
    await activity.fetch_related("unit")
    if not (by.cadre_id == activity.organiser_id or by.administers(activity.unit.path or "")):
        raise Refusal(f"{activity.number} 不是你发起的，请发起人来操作。")
