"""活动：发起、看得见哪些。改与结束见 `activity_changes`，报名见 `activity_signups`，走法见 `activity_steps`。"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import evidence, moments, words
from bot.league.activity_steps import missing
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    ActivityVersion,
    Contact,
    ContactState,
    Group,
    Participation,
    PartState,
    Slot,
)

#: 名字、地点至多几个字：卡片一行放得下
TEXT_MAX = 30
#: 名额至多多少，人；再多多半是写错了
CAP_MAX = 5000
#: 至多提前多久发起：不写年份的日子已经过了，会被当成明年
AHEAD_MAX = timedelta(days=180)
#: `/活动` 至多列几个
LISTED = 20

EXAMPLE = "/活动 发起 篮球赛 10月3日15:00 东操场 限20人 文体"

_CAP = re.compile(r"限\s*(\d{1,9})\s*[人名个位]?")
_DEADLINE = re.compile(r"(?:报名)?截止(?:到|时间)?[:：]?\s*")
_SLOTS = {slot.value: slot for slot in Slot}


@dataclass(frozen=True)
class Plan:
    """一句话里读出来的活动；没说到的为空。"""

    title: str = ""
    starts_at: datetime | None = None
    place: str = ""
    cap: int | None = None
    deadline: datetime | None = None
    slot: Slot | None = None


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


def read(text: str, *, at: datetime, naming: bool = True) -> Plan:
    """`篮球赛 10月3日15:00 东操场 限20人 文体` → `Plan`；词序里只有“名字在时间前、地点在时间后”要紧。

    不在起名字（`naming` 为假）时，没有时间的一串词是地点。
    """
    cap = _CAP.search(text)
    text = _CAP.sub(" ", text)
    deadline = None
    if found := _DEADLINE.search(text):
        until = moments.find(text[found.end() :], at=at)
        if until is None or until.start > 0:
            raise Refusal(f"截止到什么时候？例如：{EXAMPLE} 截止10月2日18:00")
        deadline = until.at if until.clock else until.at + timedelta(days=1)
        text = text[: found.start()] + " " + text[found.end() + until.end :]
    moment = moments.find(text, at=at)
    if moment and moment.clock is None:
        raise Refusal("几点开始？时间写成 10月3日15:00、明天下午3点 这样。")
    before, after = (text[: moment.start], text[moment.end :]) if moment else (text, "")
    name, where = before.split(), after.split()
    slot = next((_SLOTS[word] for word in (*reversed(where), *reversed(name[naming:])) if word in _SLOTS), None)
    if slot:
        (where if slot in where else name).remove(slot)
    if naming and not name:  # 时间写在最前面
        name, where = where[:1], where[1:]
    if naming and not where:
        name, where = name[:1], name[1:]
    if not naming and moment is None:
        name, where = [], name
    starts_at = moment.at if moment else None
    return Plan(" ".join(name), starts_at, " ".join(where), int(cap[1]) if cap else None, deadline, slot)


class Ask(StrEnum):
    """一句一句问的时候，问到哪一样。"""

    TITLE = "title"
    WHEN = "starts_at"
    PLACE = "place"
    REST = "rest"


def fill(plan: Plan, ask: Ask, reply: str, *, at: datetime) -> Plan:
    """把一句回答填进去；没听懂就 `Refusal`。名字、地点里的数字不当成时间。"""
    if ask is Ask.TITLE:
        return replace(plan, title=reply)
    if ask is Ask.PLACE:
        return replace(plan, place=reply)
    heard = read(reply, at=at, naming=False)
    if ask is Ask.REST:
        return replace(plan, cap=heard.cap, slot=heard.slot)
    if heard.starts_at is None:
        raise Refusal("没听懂是什么时候，再说一次？比如 10月3日15:00、周五19:30、明天下午3点")
    _check_start(heard.starts_at, at=at)
    return replace(plan, starts_at=heard.starts_at)


def _check_start(starts_at: datetime, *, at: datetime) -> None:
    if starts_at <= at:
        raise Refusal("这个时间已经过了。办过的事用 /记 记下来。")
    if starts_at > at + AHEAD_MAX:
        raise Refusal(f"那是 {starts_at.year} 年了，半年以内的活动才好发起。日子是不是写错了？")


async def start(by: Speaker, plan: Plan, *, at: datetime, group: Group | None = None) -> Activity:
    """发起一项活动。"""
    if by.cadre_id is None or by.unit_id is None:
        raise Refusal("发起活动的得是名册上的团干部。")
    plan = checked(plan, at=at)
    assert plan.starts_at
    async with in_transaction():
        activity = await Activity.create(
            kind=ActivityKind.ACTIVITY,
            organiser_id=by.cadre_id,
            unit_id=by.unit_id,
            group=group,
            title=plan.title,
            slot=plan.slot or Slot.OTHER,
            starts_at=plan.starts_at,
            place=plan.place,
            cap=plan.cap,
            deadline=plan.deadline,
            state=ActivityState.OPEN,
            graded_at=at,
            created_at=at,
            asked_from=plan.starts_at,
        )
        await keep_version(activity, at=at)
    return activity


def checked(plan: Plan, *, at: datetime) -> Plan:
    """名字、时间、地点齐全，数目合理；不然 `Refusal`。号码隐去。"""
    title, place = (words.mask(words.tidy(text)) for text in (plan.title, plan.place))
    if not title:
        raise Refusal(f"活动叫什么？例如：{EXAMPLE}")
    if plan.starts_at is None:
        raise Refusal(f"什么时候开始？例如：{EXAMPLE}")
    if not place:
        raise Refusal(f"在哪里？例如：{EXAMPLE}")
    if len(title) > TEXT_MAX or len(place) > TEXT_MAX:
        raise Refusal(f"名字和地点各 {TEXT_MAX} 个字以内，细节到群里说。")
    _check_start(plan.starts_at, at=at)
    if plan.cap is not None and not 1 <= plan.cap <= CAP_MAX:
        raise Refusal(f"名额写 1 到 {CAP_MAX}，不限就不用写。")
    if plan.deadline and not at < plan.deadline <= plan.starts_at:
        raise Refusal("报名截止要在现在之后、开始之前。")
    return Plan(title, plan.starts_at, place, plan.cap, plan.deadline, plan.slot)


async def keep_version(
    activity: Activity, *, at: datetime, reason: str | None = None, people: list[int] | None = None
) -> None:
    """把现在的样子存成一版；要在改它的事务里调用。"""
    facts: dict[str, object] = {
        "title": activity.title,
        "slot": activity.slot.value,
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


async def look(by: Speaker, activity_id: int, group: Group | None = None) -> Activity:
    """看得见的一项活动；看不见与没有这个编号说一样的话。"""
    found = await Activity.filter(await visible(by, group), id=activity_id).first()
    if found is None:
        raise missing(activity_id)
    return found


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
