"""活动与记录要告诉谁、说什么。只告诉报了名的人，和记录里写着的人。"""

from collections.abc import Collection
from datetime import datetime, timedelta

from tortoise.expressions import Q

from bot.league import notices
from bot.league.periods import moment
from bot.league.roster import Speaker
from db.models import Activity, ActivityVersion, Cadre, Notice, Participation, PartState, Side

CHANGED = "情况变了，旧的不说了"
_IN = (PartState.SIGNED, PartState.WAITING)
CANCELLED, EDITED, PROMOTED, SOON = "activity.cancelled", "activity.edited", "activity.promoted", "activity.soon"


def about(activity: Activity) -> str:
    """`A3 篮球赛（11月20日 19:30，东操场）`。"""
    return f"{activity.number} {activity.title}（{moment(activity.starts_at)}，{activity.place}）"


async def promoted(activity: Activity, person_id: int, turn: int, *, at: datetime) -> None:
    """候补转正；开始之后就不用说了。"""
    await notices.post(
        PROMOTED,
        period=f"{activity.number}/{turn}",
        person_id=person_id,
        text=f"有人让出了名额，你报上了：{about(activity)}。来不了请发 /取消 {activity.number}，好让给下一位。",
        at=at,
        expires_at=activity.starts_at,
    )


async def led(activity: Activity, person_id: int, who: str, *, at: datetime) -> None:
    """管理员请他负责单位的一场。"""
    number = activity.number
    await notices.post(
        "activity.led",
        period=number,
        person_id=person_id,
        text=f"{who}请你负责单位的一场活动：{about(activity)}。到时候私聊我 /签到 {number} 拿签到码；"
        f"来不了就告诉他，或发 /活动 取消 {number} 原因。",
        at=at,
        expires_at=max(activity.starts_at, at + notices.WINDOW),
    )


async def cancelled(activity: Activity, reason: str, by: Speaker, *, at: datetime) -> int:
    """不办了；返回告诉了几位报了名的。"""
    because = f"：{reason}" if reason else ""
    text = f"你报名的活动取消了{because}。{about(activity)}，不用来了。"
    stale = (PROMOTED, EDITED, SOON)
    told = await _tell_everyone(activity, CANCELLED, activity.number, text, at=at, instead_of=stale)
    theirs = f"取消了你负责的活动{because}。{about(activity)}，报了名的我去告诉。"
    await _tell_organiser(activity, CANCELLED, activity.number, theirs, by, at=at)
    return told


async def edited(activity: Activity, by: Speaker, *, was: str, at: datetime) -> None:
    """改了时间、地点的，告诉报了名的（`was` 是改之前的 `about`）；名额、算谁的哪一类，与他们不相干。"""
    period = f"{activity.number}/v{activity.version}"
    if about(activity) != was:
        text = f"你报名的活动有改动，现在是：{about(activity)}。来不了请发 /取消 {activity.number}。"
        await _tell_everyone(activity, EDITED, period, text, at=at, instead_of=(EDITED, SOON))
    whose = f"{'单位的' if activity.slot.side is Side.UNIT else ''}{activity.slot}"
    theirs = f"改了你负责的活动，现在是：{about(activity)}，算{whose}。"
    await _tell_organiser(activity, EDITED, period, theirs, by, at=at)


async def _tell_organiser(activity: Activity, kind: str, period: str, text: str, by: Speaker, *, at: datetime) -> None:
    """别人动了他负责的活动，告诉他是谁；自己动的、离任了的不用说，报了名的已经说了。"""
    lead = await Cadre.get(id=activity.organiser_id)
    if by.cadre_id == lead.id or lead.left_at is not None:
        return
    text = f"{by.name or '管理员'}{text}"
    expires = max(activity.starts_at, at + notices.WINDOW)
    await notices.post(kind, period=period, person_id=lead.person_id, text=text, at=at, expires_at=expires)


async def left(activity: Activity, person_id: int) -> None:
    """他不来了：没说出口的都不用说了。"""
    await _withdraw(activity, [person_id], PROMOTED, EDITED, SOON)


async def _withdraw(activity: Activity, people: Collection[int], *kinds: str) -> None:
    """情况变了：没说出口的收回。"""
    its = Q(kind__in=kinds, period__startswith=f"{activity.number}/")
    await notices.withdraw(its & Q(person_id__in=people), reason=CHANGED)


async def _tell_everyone(
    activity: Activity, kind: str, period: str, text: str, *, at: datetime, instead_of: Collection[str]
) -> int:
    """告诉报了名的和候补的；`instead_of` 这几种里没说出口的收回。"""
    rows = await Participation.filter(activity_id=activity.id, state__in=_IN).order_by("turn")
    await _withdraw(activity, [row.person_id for row in rows], *instead_of)
    expires = max(activity.starts_at, at + notices.WINDOW)
    letters = [
        notices.draft(kind, period=period, person_id=row.person_id, text=text, at=at, expires_at=expires)
        for row in rows
    ]
    await notices.post_all(letters)
    return len(letters)


async def remind(activity: Activity, ahead: timedelta, *, at: datetime) -> None:
    """快开始了；只提醒那之前就报上名的，一场一次，改过的重新提醒（产品说明第 8 节）；才改过的，改动里已经说了。"""
    period = f"{activity.number}/v{activity.version}/{ahead // timedelta(hours=1)}h"
    if await Notice.exists(kind=SOON, period=period):
        return
    fresh = ActivityVersion.filter(activity_id=activity.id, version__gt=1, at__gte=activity.starts_at - ahead)
    if await fresh.exists():
        return
    signed = Participation.filter(activity_id=activity.id, state=PartState.SIGNED)
    rows = await signed.filter(at__lte=activity.starts_at - ahead)
    await _withdraw(activity, [row.person_id for row in rows], SOON)
    text = f"别忘了：{about(activity)}。来不了请发 /取消 {activity.number}，好让给候补的人。"
    soon = activity.starts_at
    await notices.post_all(
        [notices.draft(SOON, period=period, person_id=row.person_id, text=text, at=at, expires_at=soon) for row in rows]
    )
