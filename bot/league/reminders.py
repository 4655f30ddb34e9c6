"""提醒：此刻该对哪些团干部说、凭什么说。只提醒团干部，从不为了谁的指标去提醒青年。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.league.occasions import DIGEST, LOOKBACK, MONTHLY, Occasion, may_remind, occasions
from bot.league.periods import local, on
from bot.league.standings import Standing, survey
from db.models import Notice, Round


@dataclass(frozen=True)
class Reminder:
    """该说的一次提醒。"""

    occasion: Occasion
    standing: Standing


def is_behind(standing: Standing) -> bool:
    """“落后”的唯一定义（活动上线之前）：本月真正聊过的不到三分之一，或有心愿拖久了。

    三分之一的分母是 min(指标, 已加入人数)：没人加入不算他落后，青年也不会为此被催。
    """
    return standing.reached < standing.share or bool(standing.overdue)


def has_news(standing: Standing) -> bool:
    """每周摘要有没有可说的：心愿，或很久没联系的人；都没有就不打扰。"""
    return bool(standing.claimed or standing.waiting or standing.unclaimed or standing.silent)


async def due(at: datetime) -> list[Reminder]:
    """此刻该说的全部提醒；只看数据库与 `at`，不写。说完叫一声 `mark(at)`。"""
    found: list[Reminder] = []
    reminded = await _reminded_today(at)
    for occasion in await _open(at):
        speak = is_behind if occasion.kind == MONTHLY else has_news
        for standing in await survey(at, in_office_by=occasion.due_at):
            # 同一天又是周一又轮到月度提醒：合成一条
            if speak(standing) and not (occasion.kind == DIGEST and standing.person_id in reminded):
                found.append(Reminder(occasion, standing))
                reminded.add(standing.person_id)
    return found


async def mark(at: datetime) -> None:
    """`due(at)` 的都放进队列之后：记下这几轮看过了；窗口已经过去还没看的，记下为什么没说。"""
    seen = await _rounds(at)
    done = [
        Round(kind=one.kind, period=one.period, due_at=one.due_at, done_at=at, reason=None) for one in await _open(at)
    ]
    missed = [
        Round(
            kind=one.kind, period=one.period, due_at=one.due_at, reason=f"到 {one.until:%m-%d %H:%M} 都没能看，不补了"
        )
        for one in occasions(at)
        if one.until <= at and (one.kind, one.period) not in seen and any(due < one.due_at for due, _ in seen.values())
    ]
    if done:
        await Round.bulk_create(done, on_conflict=["kind", "period"], update_fields=["done_at", "reason"])
    if missed:
        await Round.bulk_create(missed, ignore_conflicts=True)


async def _rounds(at: datetime) -> dict[tuple[str, str], tuple[datetime, datetime | None]]:
    """看过与错过的几轮：(kind, period) → (该看的时刻, 看的时刻)。"""
    rows = await Round.filter(due_at__gte=at - LOOKBACK - timedelta(days=31))
    return {(row.kind, row.period): (row.due_at, row.done_at) for row in rows}


async def _open(at: datetime) -> list[Occasion]:
    """到点了、没看过、还能说的几轮。钟被拨乱时误记的“错过”不作数。"""
    if not may_remind(at):
        return []
    current = [one for one in occasions(at) if at < one.until]
    seen = await _rounds(at) if current else {}
    return [one for one in current if seen.get((one.kind, one.period), (None, None))[1] is None]


async def _reminded_today(at: datetime) -> set[int]:
    """今天已经收到月度提醒的人。"""
    rows = await Notice.filter(kind=MONTHLY, created_at__gte=on(local(at).date()), created_at__lte=at).only("person_id")
    return {row.person_id for row in rows if row.person_id}
