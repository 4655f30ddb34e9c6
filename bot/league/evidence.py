"""证据等级：自报、齐全、青年本人确认、经得起抽查。只看事实，随时可以重算。"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CheckState,
    Contact,
    ContactState,
    EvidenceGrade,
    Participation,
    PartState,
    SpotCheck,
)

# 以下都出自产品说明第 6 节
#: 至少几位本人确认，才算有人证
CONFIRMED_AT_LEAST = 2
#: 写着的人里至少三成确认
CONFIRMED_PERCENT = 30
#: 这么久之内的确认才算数
CONFIRM_WITHIN = timedelta(hours=72)

#: 算作“写着的人”的：报了名、到了场、写进了记录的；候补、取消的不算
COUNTED = tuple(state for state in PartState if state not in (PartState.WAITING, PartState.LEFT))
#: 眼下算数的：没取消、没作废、没在核实
STANDING = (ActivityState.OPEN, ActivityState.CLOSED, ActivityState.KEPT)
#: 本人账号作了证的
VOUCHED = (PartState.ARRIVED, PartState.CONFIRMED)


@dataclass(frozen=True)
class Proof:
    """评等级要看的事实。"""

    #: 时间、地点（记录是方式）都有
    complete: bool
    #: 写着几位
    named: int
    #: 72 小时内本人确认了几位
    confirmed: int
    #: 抽查问过，站得住
    held: bool = False


def needed(named: int) -> int:
    """要几位确认：max(2, 三成)。"""
    return max(CONFIRMED_AT_LEAST, math.ceil(named * CONFIRMED_PERCENT / 100))


def grade(proof: Proof) -> EvidenceGrade:
    """L0 自报；L1 时间、地点、人员齐全；L2 再加上够数的本人确认；L3 是齐全的，抽查又站得住。"""
    if not proof.complete or not proof.named:
        return EvidenceGrade.L0
    if proof.held:
        return EvidenceGrade.L3
    return EvidenceGrade.L2 if proof.confirmed >= needed(proof.named) else EvidenceGrade.L1


def proof_of(activity: Activity, rows: Sequence[Participation], *, held: bool = False) -> Proof:
    """一项活动或记录的事实。活动要办过了才算人员齐全：已结束，或有人到了场。"""
    counted = [row for row in rows if row.state in COUNTED]
    confirmed = [row for row in counted if row.state in VOUCHED and _in_time(activity, row)]
    if activity.kind is ActivityKind.RECORD:
        complete = activity.mode is not None or activity.place is not None
    else:
        complete = activity.place is not None and (activity.state is ActivityState.CLOSED or bool(confirmed))
    return Proof(complete, len(counted), len(confirmed), held)


def _in_time(activity: Activity, row: Participation) -> bool:
    return row.at <= activity.asked_from + CONFIRM_WITHIN


async def regrade(activity: Activity, *, at: datetime) -> EvidenceGrade:
    """按现在的事实重算并存下；发起人自己、同事的不算。要在锁住那一行的事务里调用。"""
    rows = await Participation.filter(activity_id=activity.id)
    colleagues = await _colleagues(activity, [row.person_id for row in rows])
    youths = [row for row in rows if row.person_id not in colleagues]
    fresh = grade(proof_of(activity, youths, held=await _held(activity)))
    if fresh is not activity.grade:
        activity.grade, activity.graded_at = fresh, at
        await activity.save(update_fields=["grade", "graded_at"])
    return fresh


async def _colleagues(activity: Activity, people: Sequence[int]) -> set[int]:
    """这些人里在任的团干部：青年本人作证才是旁证，同事到场不算；他也是发起人联系的青年就算。"""
    serving = await Cadre.filter(person_id__in=people, left_at=None).values_list("person_id", flat=True)
    linked = Contact.filter(cadre_id=activity.organiser_id, youth_id__in=people, state=ContactState.ACTIVE)
    youths = await linked.values_list("youth_id", flat=True)
    return {int(str(person)) for person in serving} - {int(str(person)) for person in youths}


async def _held(activity: Activity) -> bool:
    """抽查问到的都站得住；问过之后又更正了的不算数。"""
    checks = SpotCheck.filter(activity_id=activity.id, asked_at__gte=activity.asked_from)
    states = {str(state) for state in await checks.values_list("state", flat=True)}
    return CheckState.HELD in states and CheckState.CONTRADICTED not in states
