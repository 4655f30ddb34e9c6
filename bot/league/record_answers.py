"""记录里写着的青年说有、没有、不想回答，或提出异议；不告诉团干部谁说了什么。怎么问他见 `record_asks`。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import audits, crises, evidence, notices, record_asks, records, roster
from bot.league.activity_steps import Move, Turn, advance, check, holding, missing, step
from bot.league.check_steps import CASES
from bot.league.errors import Refusal
from bot.league.periods import day
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Audit,
    Mode,
    Participation,
    PartState,
    RoleKind,
    Slot,
    SpotCheck,
)

VERDICTS = {"没有": Turn.NO, "不想回答": Turn.PASS, "不想说": Turn.PASS, "有": Turn.YES}


@dataclass(frozen=True)
class HeldRecord:
    """写着某人的一条记录。"""

    number: str
    cadre: str
    day: str
    slot: Slot
    mode: Mode | None
    note: str | None
    state: ActivityState
    answer: PartState


def verdict_in(text: str, record_id: int) -> Turn:
    """`有，谢谢` → YES；看不出哪一种就给例子。"""
    for word, turn in VERDICTS.items():
        if text.startswith(word):
            return turn
    raise Refusal(f"有这回事吗？回 /确认 A{record_id} 有，或者 没有、不想回答。")


async def answer(by: Speaker, activity_id: int, verdict: Turn, *, at: datetime) -> Activity:
    """本人说有没有；报了名忘了签到的，开始之后也可以这样说。"""
    if by.person_id is None:
        raise missing(activity_id)
    async with holding(activity_id) as activity:
        mine = await Participation.get_or_none(activity_id=activity_id, person_id=by.person_id)
        if mine is None or mine.state in (PartState.LEFT, PartState.WAITING):
            raise missing(activity_id)
        check(activity, Move.ANSWER)
        if activity.kind is ActivityKind.ACTIVITY and at < activity.starts_at:
            raise Refusal(f"{activity.number} 还没开始呢，到时候再说。")
        if at > activity.asked_from + evidence.CONFIRM_WITHIN:
            raise Refusal(f"过了三天，{activity.number} 不用再回了。不属实的话，发 /异议 {activity.number}。")
        if not await step(activity, by.person_id, verdict, at=at):
            raise Refusal(f"{activity.number} 你已经签过到了，不用再确认。")
        await evidence.regrade(activity, at=at)
        await record_asks.answered(by.person_id)
    return activity


async def about(person_id: int) -> list[HeldRecord]:
    """写着某人的记录，新的在前。"""
    rows = Participation.filter(person_id=person_id, activity__kind=ActivityKind.RECORD)
    rows = rows.exclude(state=PartState.LEFT).select_related("activity__organiser__person")
    return [
        HeldRecord(
            number=row.activity.number,
            cadre=row.activity.organiser.person.name or "团干部",
            day=day(row.activity.starts_at),
            slot=row.activity.slot,
            mode=row.activity.mode,
            note=row.activity.note,
            state=row.activity.state,
            answer=row.state,
        )
        for row in await rows.order_by("-activity_id")
    ]


async def dispute(by: Speaker, record_id: int, *, at: datetime) -> Activity:
    """记录里写着的青年提出异议：先不算数，等督导看过。不告诉团干部是谁。"""
    if by.person_id is None:
        raise missing(record_id)
    async with holding(record_id) as record:
        named = Participation.filter(activity_id=record_id, person_id=by.person_id).exclude(state=PartState.LEFT)
        if record.kind is not ActivityKind.RECORD or not await named.exists():
            raise missing(record_id)
        await suspend(record, at=at)
        await audits.record("record.dispute", subject=record.number, at=at)
        await _tell_inspectors(record, at=at)
    return record


async def suspend(record: Activity, *, at: datetime) -> None:
    """先不算数，等督导看过；要在 `holding` 里调用。抽查开案也走这里。"""
    await advance(record, Move.DISPUTE, graded_at=at)


async def settle(record: Activity, *, stands: bool, at: datetime) -> None:
    """督导看过之后：站得住就恢复，站不住就作废；要在 `holding` 里调用。"""
    await advance(record, Move.UPHOLD if stands else Move.REJECT, graded_at=at)
    if not stands:
        await record_asks.withdraw(await records.people_of(record.id))


async def rule(by: Speaker, record_id: int, *, upheld: bool, at: datetime) -> Activity:
    """督导看过之后：异议成立就作废，不成立就恢复。"""
    async with holding(record_id) as record:
        await record.fetch_related("unit", "organiser")
        if not _inspects(by, record.unit.path or ""):
            raise missing(record_id)
        if by.person_id == record.organiser.person_id:
            raise Refusal(f"{record.number} 是你自己记的，请别的督导来看。")
        if case := await SpotCheck.filter(activity_id=record_id, state__in=CASES).first():
            raise Refusal(f"{record.number} 也在抽查里（{case.number}），发 /裁定 {case.number} 看，一起裁定。")
        await settle(record, stands=not upheld, at=at)
        if upheld and record.organiser.left_at is None:
            await _tell_keeper(record, at=at)
        await audits.record(
            "record.rule", subject=record.number, at=at, actor_id=by.person_id, detail="成立" if upheld else "不成立"
        )
    return record


async def _tell_keeper(record: Activity, *, at: datetime) -> None:
    """告诉记的人作废了；有人提过异议、是谁，都不说。"""
    text = f"{record.number}（{day(record.starts_at)}，{record.slot}）督导看过，作废了，不再算数。"
    text += "有不同意见，私聊我发 /投诉 说给上级督导。"
    keeper = record.organiser.person_id
    await notices.post("record.voided", period=record.number, person_id=keeper, text=text, at=at)


def _inspects(by: Speaker, path: str) -> bool:
    duties = (duty for duty in by.duties if duty.kind is RoleKind.INSPECTOR)
    return by.superuser or any(duty.unit_path <= path < duty.unit_path_end for duty in duties)


async def _inspectors(record: Activity) -> set[int]:
    """该来看的督导（`Person.id`）：本单位与各级上级的；记的人自己不算。`record` 要带着 `unit` 与 `organiser`。"""
    levels = await roster.officers_above(record.unit.path or "", RoleKind.INSPECTOR)
    return {person for level in levels for person in level} - {record.organiser.person_id}


async def _tell_inspectors(record: Activity, *, at: datetime) -> None:
    """告诉该来看的督导；一位也没有，就请超级管理员任命一位。恢复之后又有人提的，再告诉一次。"""
    await record.fetch_related("unit", "organiser")
    text = f"{record.unit.name}有一条记录 {record.number} 被提出异议，先不算数了。"
    people = await _inspectors(record)
    if people:
        text += f"看一看发 /异议 {record.number}，了解之后再在后面写 成立 或 不成立。"
    else:
        text += "现在没有能来看的督导，请用 /任命 任命一位。"
        people = set(await crises.superusers(at))
    times = await Audit.filter(action="record.dispute", subject=record.number).count()
    for person_id in sorted(people):
        period = f"{record.number}/{times}"
        await notices.post("record.disputed", period=period, person_id=person_id, text=text, at=at)
