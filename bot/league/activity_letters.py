"""活动与记录要告诉谁、说什么。只告诉报了名的人，和记录里写着的人。"""

from datetime import datetime, timedelta

from bot.league import notices
from bot.league.periods import moment
from db.models import Activity, Notice, Participation, PartState

_IN = (PartState.SIGNED, PartState.WAITING)


def about(activity: Activity) -> str:
    """`A3 篮球赛（11月20日 19:30，东操场）`。"""
    return f"{activity.number} {activity.title}（{moment(activity.starts_at)}，{activity.place}）"


async def promoted(activity: Activity, person_id: int, turn: int, *, at: datetime) -> None:
    """候补转正。"""
    await notices.post(
        "activity.promoted",
        period=f"{activity.number}/{turn}",
        person_id=person_id,
        text=f"有人让出了名额，你报上了：{about(activity)}。来不了请发 /取消 {activity.number}，好让给下一位。",
        at=at,
        expires_at=max(activity.starts_at, at + notices.WINDOW),
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


async def cancelled(activity: Activity, reason: str, *, at: datetime) -> int:
    """不办了；返回告诉了几位。"""
    because = f"：{reason}" if reason else ""
    text = f"你报名的活动取消了{because}。{about(activity)}，不用来了。"
    return await _tell_everyone(activity, "activity.cancelled", activity.number, text, at=at)


async def edited(activity: Activity, *, at: datetime) -> int:
    """改了时间、地点之类；返回告诉了几位。"""
    period = f"{activity.number}/v{activity.version}"
    text = f"你报名的活动有改动，现在是：{about(activity)}。来不了请发 /取消 {activity.number}。"
    return await _tell_everyone(activity, "activity.edited", period, text, at=at)


async def _tell_everyone(activity: Activity, kind: str, period: str, text: str, *, at: datetime) -> int:
    rows = await Participation.filter(activity_id=activity.id, state__in=_IN).order_by("turn")
    expires = max(activity.starts_at, at + notices.WINDOW)
    letters = [
        notices.draft(kind, period=period, person_id=row.person_id, text=text, at=at, expires_at=expires)
        for row in rows
    ]
    await notices.post_all(letters)
    return len(letters)


async def remind(activity: Activity, ahead: timedelta, *, at: datetime) -> None:
    """快开始了；只提醒那之前就报上名的，一场一次，改过时间的重新提醒（产品说明第 8 节）。"""
    period = f"{activity.number}/v{activity.version}/{ahead // timedelta(hours=1)}h"
    if await Notice.exists(kind="activity.soon", period=period):
        return
    rows = Participation.filter(activity_id=activity.id, state=PartState.SIGNED, at__lte=activity.starts_at - ahead)
    text = f"别忘了：{about(activity)}。来不了请发 /取消 {activity.number}，好让给候补的人。"
    soon = activity.starts_at
    await notices.post_all(
        [
            notices.draft("activity.soon", period=period, person_id=row.person_id, text=text, at=at, expires_at=soon)
            for row in await rows
        ]
    )
