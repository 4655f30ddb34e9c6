"""提醒：此刻该对哪些团干部说、凭什么说。只提醒团干部，从不为了谁的指标去提醒青年。"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Count

from bot.league.occasions import DIGEST, LOOKBACK, MONTHLY, Occasion, may_remind, occasions
from bot.league.periods import add_working_days, local, on
from db.models import Cadre, Contact, ContactState, Interaction, Notice, Round, Wish, WishLane, WishState

#: 每位青年一季要够着一次（全团要讯2017第2期），摊到每个月就是三分之一
MONTHLY_SHARE = 3
#: 认领后 5 天没有进展要提醒；2 个工作日没人认领就算晚了（产品说明第 5 节）
STALE_DAYS = 5
CLAIM_WORKING_DAYS = 2
#: 30 天没真联系的才算“很久没联系”；摘要里至多说三位（产品说明第 8 节）
SILENT = timedelta(days=30)
SILENT_SHOWN = 3


@dataclass(frozen=True)
class OpenWish:
    """一个没办完的心愿。"""

    id: int
    #: 认领后多少天没有进展；没人认领的是提交了多少天
    days: int
    overdue: bool


@dataclass(frozen=True)
class SilentYouth:
    """一位很久没真联系的青年。"""

    name: str
    #: 距上一次有效互动的天数；从来没有过则为空
    days: int | None


@dataclass(frozen=True)
class Standing:
    """一位团干部此刻的样子：提醒里说的全部事实。"""

    cadre_id: int
    person_id: int
    #: 应联系多少名
    quota: int
    #: 已经 `/加入` 的，人
    joined: int
    #: 本月有过有效互动的，人
    reached: int
    claimed: tuple[OpenWish, ...] = ()
    #: 该他回应、还没人认领的
    waiting: tuple[OpenWish, ...] = ()
    #: 本单位心愿墙上待认领的，个；不算该他回应的那些
    unclaimed: int = 0
    silent: tuple[SilentYouth, ...] = ()

    @property
    def share(self) -> int:
        """这个月该聊到多少人才算跟上，人。"""
        return -(-min(self.quota, self.joined) // MONTHLY_SHARE)

    @property
    def overdue(self) -> tuple[OpenWish, ...]:
        """拖久了的心愿。"""
        return tuple(wish for wish in self.claimed + self.waiting if wish.overdue)


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
        for standing in await standings(at, in_office_by=occasion.due_at):
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


async def standings(
    at: datetime, *, in_office_by: datetime | None = None, cadre_id: int | None = None
) -> list[Standing]:
    """在任团干部此刻的样子；每种事实一条查询，不随人数变多。到点之后才上任的（晚于 `in_office_by`）不算。"""
    chosen = Cadre.filter(left_at=None, since__lte=in_office_by or at)
    if cadre_id is not None:
        chosen = chosen.filter(id=cadre_id)
    cadres = await chosen.order_by("id").values_list("id", "person_id", "quota", "unit_id")
    only = Q() if cadre_id is None else Q(cadre_id=cadre_id)
    joined = await _joined(only)
    reached = await _reached(only, local(at).date())
    claimed, waiting, unclaimed, assigned = await _wishes(at)
    silent = await _silent(at, cadre_id)
    return [
        Standing(
            cadre,
            person,
            quota,
            joined.get(cadre, 0),
            reached.get(cadre, 0),
            tuple(claimed[cadre]),
            tuple(waiting[cadre]),
            unclaimed[unit] - assigned[cadre, unit],
            tuple(silent[cadre]),
        )
        for cadre, person, quota, unit in cadres
    ]


async def _joined(only: Q) -> dict[int, int]:
    rows = Contact.filter(only, state=ContactState.ACTIVE).annotate(count=Count("id")).group_by("cadre_id")
    return dict(await rows.values_list("cadre_id", "count"))


async def _reached(only: Q, today: date) -> dict[int, int]:
    rows = Interaction.filter(only, sessions__gt=0, day__gte=today.replace(day=1), day__lte=today)
    counted = rows.annotate(count=Count("youth_id", distinct=True)).group_by("cadre_id")
    return dict(await counted.values_list("cadre_id", "count"))


async def _wishes(
    at: datetime,
) -> tuple[dict[int, list[OpenWish]], dict[int, list[OpenWish]], dict[int, int], dict[tuple[int, int], int]]:
    """(认领人 → 在办的, 该回应的人 → 没人认领的, 单位 → 墙上待认领几个, 其中该某人回应的几个)。

    危机求助只到值守人，这里没有。
    """
    claimed: dict[int, list[OpenWish]] = defaultdict(list)
    waiting: dict[int, list[OpenWish]] = defaultdict(list)
    unclaimed: dict[int, int] = defaultdict(int)
    assigned: dict[tuple[int, int], int] = defaultdict(int)
    rows = Wish.filter(state__in=[WishState.OPEN, WishState.CLAIMED]).exclude(lane=WishLane.CRISIS)
    for wish in await rows.order_by("submitted_at", "id").only(
        "id", "state", "lane", "cadre_id", "unit_id", "claimer_id", "submitted_at", "claimed_at", "progressed_at"
    ):
        if wish.state is WishState.CLAIMED and wish.claimer_id:
            idle = (at - (wish.progressed_at or wish.claimed_at or wish.submitted_at)).days
            claimed[wish.claimer_id].append(OpenWish(wish.id, idle, idle >= STALE_DAYS))
            continue
        if wish.cadre_id:
            overdue = at >= add_working_days(wish.submitted_at, CLAIM_WORKING_DAYS)
            waiting[wish.cadre_id].append(OpenWish(wish.id, (at - wish.submitted_at).days, overdue))
        if wish.unit_id and wish.lane is WishLane.WALL:
            unclaimed[wish.unit_id] += 1
            assigned[wish.cadre_id or 0, wish.unit_id] += 1
    return claimed, waiting, unclaimed, assigned


#: 每位团干部最久没真联系的几位。ORM 写不出按两列连接的窗口查询；填进去的只有我们自己算的日期与表 id
_SILENT = """
SELECT cadre_id, last_day, person.name,
    (SELECT min(account.user_id) FROM account WHERE account.person_id = youth_id) AS user_id
FROM (
    SELECT c.cadre_id, c.youth_id, max(i.day) AS last_day,
        row_number() OVER (PARTITION BY c.cadre_id ORDER BY max(i.day) ASC NULLS FIRST, c.since, c.youth_id) AS place
    FROM contact c LEFT JOIN interaction i
        ON i.cadre_id = c.cadre_id AND i.youth_id = c.youth_id AND i.sessions > 0
    WHERE c.state = 'active' AND c.since < '{joined_before}' {only}
    GROUP BY c.cadre_id, c.youth_id, c.since
    HAVING max(i.day) IS NULL OR max(i.day) <= '{silent_since}'
) AS quiet JOIN person ON person.id = youth_id WHERE place <= {shown} ORDER BY cadre_id, place
"""


async def _silent(at: datetime, cadre_id: int | None) -> dict[int, list[SilentYouth]]:
    """团干部 → 最久没真联系的几位；加入不满 30 天的不算。"""
    today = local(at).date()
    since = today - SILENT
    sql = _SILENT.format(
        joined_before=f"{on(since + timedelta(days=1)).astimezone(UTC):%Y-%m-%d %H:%M:%S+00:00}",
        silent_since=since.isoformat(),
        shown=SILENT_SHOWN,
        only=f"AND c.cadre_id = {cadre_id:d}" if cadre_id is not None else "",
    )
    rows = await get_connection("default").execute_query_dict(sql)
    found: dict[int, list[SilentYouth]] = defaultdict(list)
    for row in rows:
        last = row["last_day"] and date.fromisoformat(str(row["last_day"]))
        name = row["name"] or f"尾号 {(row['user_id'] or '')[-4:]}"  # 自己加入的没有姓名
        found[row["cadre_id"]].append(SilentYouth(name, (today - last).days if last else None))
    return found
