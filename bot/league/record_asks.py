"""问记录里写着的青年有没有这回事：问一次，从不催；记录变了、人退出了，还没说出口的收回。"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from tortoise.queryset import QuerySet

from bot.league import budgets, evidence, notices
from bot.league.periods import day, local
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Consent,
    Erasure,
    Notice,
    NoticeState,
    Participation,
    PartState,
)

KIND = "record.ask"
#: 一条消息里至多问几件
ASKED_AT_ONCE = 5


async def ask(at: datetime, record_id: int | None = None) -> None:
    """还没问过的问一次，几件并成一条；一位青年一周至多一条（产品说明第 8 节），名额空出来时还在 72 小时内的再问。"""
    rows = Participation.filter(
        state=PartState.NAMED,
        asked_at=None,
        activity__kind=ActivityKind.RECORD,
        activity__state=ActivityState.KEPT,
        activity__asked_from__gt=at - evidence.CONFIRM_WITHIN,
    )
    if record_id is not None:
        named = await rows.filter(activity_id=record_id).values_list("person_id", flat=True)
        rows = rows.filter(person_id__in=[int(str(person_id)) for person_id in named])
    waiting: dict[int, list[Participation]] = defaultdict(list)
    for row in await rows.select_related("activity__organiser__person").order_by("id"):
        waiting[row.person_id].append(row)
    for person_id in sorted(await _willing(waiting) - await budgets.without_room(waiting, at=at)):
        await _ask_one(person_id, waiting[person_id][:ASKED_AT_ONCE], at=at)


async def _willing(people: Collection[int]) -> set[int]:
    """还同意着、没在等删除的；别的不再主动找。"""
    joined = Consent.filter(person_id__in=people, withdrawn_at=None)
    leaving = Erasure.filter(person_id__in=people, done_at=None, cancelled_at=None)
    stay, go = [await rows.values_list("person_id", flat=True) for rows in (joined, leaving)]
    return {int(str(person_id)) for person_id in stay} - {int(str(person_id)) for person_id in go}


async def _ask_one(person_id: int, rows: list[Participation], *, at: datetime) -> None:
    year, week, _ = local(at).isocalendar()
    posted = await notices.post(
        KIND,
        period=f"{year}-W{week:02d}",
        person_id=person_id,
        text="\n".join([*map(_question, rows), _how_to_answer(rows[0].activity)]),
        at=at,
        expires_at=min(row.activity.asked_from for row in rows) + evidence.CONFIRM_WITHIN,
    )
    if posted:
        await Participation.filter(id__in=[row.id for row in rows]).update(asked_at=at)


def _how_to_answer(record: Activity) -> str:
    return f"回 /确认 {record.number} 有，或 没有、不想回答；怎么回、回不回都不影响你。"


def _question(row: Participation) -> str:
    record = row.activity
    who = record.organiser.person.name or "团干部"
    how = f"（{record.mode}）" if record.mode else ""
    return f"{who}记了一件事 {record.number}：{day(record.starts_at)}和你{record.slot}{how}，有吗？"


async def withdraw(people: Collection[int]) -> None:
    """这几位的还没说出口，就收回，里面的几件都当没问过：还该问的，下一遍照新的样子问。"""
    for notice in await _unsent(people).order_by("id"):
        if await _unsent(people).filter(id=notice.id).delete():
            await _asked_in(notice).update(asked_at=None)


async def answered(person_id: int) -> None:
    """他没等问就说了：没说出口的那条里没有别的要问，就不说了。"""
    for notice in await _unsent([person_id]):
        if not await _asked_in(notice).filter(state=PartState.NAMED).exists():
            await _unsent([person_id]).filter(id=notice.id).delete()


def _unsent(people: Collection[int]) -> QuerySet[Notice]:
    return Notice.filter(kind=KIND, person_id__in=people, state__in=(NoticeState.DUE, NoticeState.RIDING))


def _asked_in(notice: Notice) -> QuerySet[Participation]:
    return Participation.filter(person_id=notice.person_id, asked_at=notice.created_at)
