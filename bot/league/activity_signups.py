"""报名与取消：名额在锁住那一行之后数，满了按先后排候补，让出一个补上一个。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import activities, activity_letters, evidence, roster
from bot.league.activity_steps import Move, Turn, check, holding, missing, step
from bot.league.errors import Refusal
from bot.league.periods import moment
from bot.league.roster import Speaker
from db.models import Activity, ActivityKind, ActivityState, Cadre, Group, Participation, PartState

#: 同一个人的两个账号在同一项活动里时，留下更实的那个
_FIRMER = (
    PartState.ARRIVED,
    PartState.CONFIRMED,
    PartState.DENIED,
    PartState.DECLINED,
    PartState.SIGNED,
    PartState.NAMED,
    PartState.WAITING,
    PartState.LEFT,
)


@dataclass(frozen=True)
class SignUp:
    """报名的结果。"""

    activity: Activity
    state: PartState
    #: 报上名的一共几位
    signed: int
    #: 候补第几位；报上了是 0
    place: int


async def sign_up(by: Speaker, activity_id: int, *, at: datetime, group: Group | None = None) -> SignUp:
    """报名；满了就排候补。不必加入过，只存账号。"""
    seen = await activities.find(by, activity_id, group)
    if seen is None and group is None:
        raise Refusal(f"没找到 A{activity_id}。在群里看到的活动，到那个群里发 /报名 A{activity_id} 就行。")
    if seen is None:
        raise missing(activity_id)
    if at < seen.starts_at and seen.state is ActivityState.OPEN and await _is_in(seen, by):
        raise _again(seen)  # 过了截止，报过的也听到这一句
    refuse_late(seen, at=at)
    person = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with holding(activity_id) as activity:
        refuse_late(activity, at=at)
        signed = await _signed(activity)
        full = activity.cap is not None and signed >= activity.cap
        row = await step(activity, person.id, Turn.QUEUE if full else Turn.SIGN, at=at)
        if row is None:
            raise _again(activity)
        place = await _place(row) if full else 0
    return SignUp(activity, row.state, signed + (not full), place)


async def _is_in(activity: Activity, by: Speaker) -> bool:
    mine = Participation.filter(activity_id=activity.id, person_id=by.person_id)
    return by.person_id is not None and await mine.filter(state__in=[PartState.SIGNED, PartState.WAITING]).exists()


def _again(activity: Activity) -> Refusal:
    return Refusal(f"你已经报过 {activity.number} 了。来不了发 /取消 {activity.number}。")


def refuse_late(activity: Activity, *, at: datetime) -> None:
    """不在报名、过了截止、已经开始的，都报不了。"""
    check(activity, Move.SIGN_UP)
    if at >= activity.starts_at:
        raise Refusal(f"{activity.number} 已经开始了。人在现场的话，问发起人要签到码：/到场 四位码")
    if activity.deadline and at >= activity.deadline:
        raise Refusal(f"{activity.number} 报名在 {moment(activity.deadline)} 截止了，下次早点来。")


async def leave(by: Speaker, activity_id: int, *, at: datetime) -> SignUp:
    """取消报名；让出的名额给候补第一位。"""
    if by.person_id is None:
        raise Refusal(f"你没有报名 A{activity_id}。")
    async with holding(activity_id) as activity:
        mine = await Participation.get_or_none(activity_id=activity_id, person_id=by.person_id)
        if mine is None or activity.kind is not ActivityKind.ACTIVITY:
            raise Refusal(f"你没有报名 A{activity_id}。")
        check(activity, Move.LEAVE)
        if at >= activity.starts_at:
            raise Refusal(f"{activity.number} 已经开始了，没来也不要紧。")
        row = await step(activity, by.person_id, Turn.LEAVE, at=at)
        if row is None and mine.state is PartState.ARRIVED:
            raise Refusal(f"{activity.number} 你已经签过到了，不用取消。")
        if row is None:
            raise Refusal(f"你没有报名 {activity.number}。")
        await activity_letters.left(activity, by.person_id)
        await promote(activity, at=at)
        signed = await _signed(activity)
    return SignUp(activity, row.state, signed, 0)


async def promote(activity: Activity, *, at: datetime) -> None:
    """有空名额就按次序补，开始了就不补了；要在锁住那一行的事务里调用。"""
    if activity.state is not ActivityState.OPEN or at >= activity.starts_at:
        return
    free = None if activity.cap is None else activity.cap - await _signed(activity)
    waiting = Participation.filter(activity_id=activity.id, state=PartState.WAITING).order_by("turn")
    for row in await (waiting if free is None else waiting.limit(max(0, free))):
        await step(activity, row.person_id, Turn.PROMOTE, at=at)
        await activity_letters.promoted(activity, row.person_id, row.turn, at=at)


async def _signed(activity: Activity) -> int:
    return await Participation.filter(activity_id=activity.id, state__in=evidence.COUNTED).count()


async def _place(row: Participation) -> int:
    ahead = Participation.filter(activity_id=row.activity_id, state=PartState.WAITING, turn__lte=row.turn)
    return await ahead.count()


async def leave_all(person_id: int, *, at: datetime) -> None:
    """本人要求删除数据：还没办的活动都替他取消，名额让给候补。"""
    rows = Participation.filter(person_id=person_id, state__in=(PartState.SIGNED, PartState.WAITING))
    coming = rows.filter(activity__state=ActivityState.OPEN, activity__starts_at__gt=at)
    for activity_id in await coming.order_by("activity_id").values_list("activity_id", flat=True):
        async with holding(int(str(activity_id))) as activity:
            await step(activity, person_id, Turn.LEAVE, at=at)
            await promote(activity, at=at)


async def merge(source: int, target: int, *, at: datetime) -> None:
    """两个人并成一个：都在同一项活动里的只留一份，空出的名额给候补，等级重算；要在事务里调用。

    并成的是在任的团干部：从前那个账号作的证，原来是同事、甚至是发起人自己的，全部重算。
    """
    mine = {row.activity_id: row for row in await Participation.filter(person_id=target)}
    theirs = await Participation.filter(person_id=source)
    both = [(row, mine[row.activity_id]) for row in theirs if row.activity_id in mine]
    for pair in both:
        weaker = max(pair, key=lambda row: _FIRMER.index(row.state))
        await Participation.filter(id=weaker.id).delete()
    await Participation.filter(person_id=source).update(person_id=target)
    vouched = theirs if await Cadre.exists(person_id=target, left_at=None) else [row for row, _ in both]
    for activity_id in sorted(row.activity_id for row in vouched):
        async with holding(activity_id) as activity:
            await evidence.regrade(activity, at=at)
            await promote(activity, at=at)
