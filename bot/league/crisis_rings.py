"""没有人看过的求助接着响：值守人、超级管理员，再到单位管理员，隔得越来越久，直到有人看过；对本人说实话。"""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.league import crises, notices, wish_letters, wish_sights
from bot.league.crises import LETTER, RING
from db.models import Notice, NoticeState, Wish, WishLane, WishState

WAITING = "wish.crisis_waiting"

#: 说出口后过这么久还没有人看过就再响一次，之后每天一次。这几个数是我们定的：头一个小时里最要紧
AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 60, 120, 240, 480))
DAILY = timedelta(days=1)
#: 从第几次起也请单位管理员去找人
ADMINS_FROM = 2
#: 本人又说了一遍，至多隔这么久再响一次
REPEATS = timedelta(minutes=10)

#: 随时有人接的电话（校外的）
HELP_LINES = (
    "想马上有人听你说：12355（青少年服务台）、12356（全国统一心理援助热线）。\n"
    "现在就有危险的话，请拨 110 或 120，或者请身边的人陪着你。"
)


class Told(StrEnum):
    """值守人那边此刻的实情；回本人的话照着它说。"""

    NOBODY = "没有人可以告诉"
    TELLING = "正在告诉"
    TRYING = "还没联系上"
    REACHED = "已经告诉了"


def rings(waited: timedelta) -> tuple[int, timedelta]:
    """等了这么久，该响过几次，以及下一次在多久之后。"""
    count = sum(1 for after in AGAIN_AFTER if after <= waited)
    if count < len(AGAIN_AFTER):
        return count, AGAIN_AFTER[count]
    days = waited // DAILY
    return len(AGAIN_AFTER) + days, DAILY * (days + 1)


async def keep(at: datetime) -> None:
    """看一遍没人看过的求助；停机错过几次的，醒来只响最近的一次。"""
    since, until = at - crises.WINDOW, at - AGAIN_AFTER[0]
    rows = Wish.filter(lane=WishLane.CRISIS, state=WishState.OPEN, answered_at=None)
    for wish in await rows.filter(submitted_at__gt=since, submitted_at__lte=until).order_by("id"):
        await _ring(wish, at)


async def _ring(wish: Wish, at: datetime) -> None:
    waited = at - wish.submitted_at
    count, later = rings(waited)
    told = await told_of(wish)
    duty = await _on_duty(at)
    period, expires_at = f"{wish.number}/r{count}", wish.submitted_at + later
    text = (
        f"【危机求助 {wish.number}】等了 {_long(waited)}，还没有人看过，请马上看：私聊我发 /值守 {wish.number}。"
        "有人看过就不再响。"
    )
    for person_id in duty:
        await _post(RING, period, person_id, text, at=at, expires_at=expires_at)
    if count >= ADMINS_FROM or not duty:
        text = (
            f"危机求助 {wish.number} 等了 {_long(waited)}，还没有人看过。内容只有值守人看得到，"
            f"请马上打电话找到值守的老师，请他私聊我发 /值守 {wish.number}。"
        )
        for person_id in await wish_letters.admins_of(await wish_sights.path_of(wish)):
            if person_id not in duty and person_id != wish.author_id:
                await _post(RING, period, person_id, text, at=at, expires_at=expires_at)
    if wish.author_id and (told is not Told.REACHED or count >= ADMINS_FROM):
        await _post(WAITING, wish.number, wish.author_id, _honest(told), at=at, expires_at=at + DAILY)


async def said_again(wish: Wish, at: datetime) -> Told:
    """本人又说了一遍：再响一次（十分钟里至多一次），返回实情。"""
    told = await told_of(wish)
    text = f"【危机求助 {wish.number}】本人又说了一遍，请马上联系：私聊我发 /值守 {wish.number}。"
    period = f"{wish.number}/s{(at - wish.submitted_at) // REPEATS}"
    duty = await _on_duty(at)
    for person_id in duty:
        await _post(RING, period, person_id, text, at=at, expires_at=at + DAILY)
    return told if duty or told is Told.REACHED else Told.NOBODY


async def told_of(wish: Wish) -> Told:
    """告诉到了没有：有人看过，或有一条送到了值守人那里。"""
    letters = Notice.filter(kind__in=[LETTER, RING], period__startswith=f"{wish.number}/")
    if wish.answered_at or await letters.filter(state=NoticeState.SENT).exists():
        return Told.REACHED
    return Told.TRYING if await letters.exists() else Told.NOBODY


async def _on_duty(at: datetime) -> list[int]:
    """值守人与超级管理员：只有他们看得到求助的内容。"""
    return list(dict.fromkeys([*await crises.duty_people(at), *await crises.superusers(at)]))


async def _post(kind: str, period: str, person_id: int, text: str, *, at: datetime, expires_at: datetime) -> None:
    await notices.post(
        kind,
        period=period,
        person_id=person_id,
        text=text,
        at=at,
        expires_at=expires_at,
        urgent=True,
        discreet=kind == WAITING,
    )


def _honest(told: Told) -> str:
    """过了一阵还没有回音，对本人说的实话；只说一次。"""
    if told is Told.REACHED:
        how = "值守的老师已经收到了我的话，但还没有回音，我正在接着催。"
    else:
        how = "值守的老师我还没联系上，正在接着找。"
    return f"{how}你先别一个人扛着。\n{HELP_LINES}"


def _long(waited: timedelta) -> str:
    minutes = int(waited.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 24 * 60 else f"{minutes // 1440} 天"
