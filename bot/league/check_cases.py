"""案：对不上的一件，或一处异常。先给团干部七天说明，再由别的单位的督导裁定；裁定了才算数。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from bot.league import activity_steps, audits, check_letters, evidence, record_answers, wish_steps, words
from bot.league.activity_steps import Turn
from bot.league.check_steps import CASES, EXPLAINING, RULING, Move, advance, check, holding, missing
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    CheckAnswer,
    CheckKind,
    CheckState,
    Participation,
    PartState,
    Role,
    RoleKind,
    SpotCheck,
    WishAction,
    WishEnding,
)

#: 产品说明第 7 节：团干部有七天说明
EXPLAIN_WITHIN = timedelta(days=7)
#: 了结满 90 天：说明、理由、问的是谁都清空，只留答案与结果
KEEP = timedelta(days=90)
_EXPLAIN = "/说明 K7 那天他临时有事先走了，签到表上有他"
_RULE = "/裁定 K7 属实 签到表和照片都对得上"

_STANDS = (ActivityState.OPEN, ActivityState.CLOSED, ActivityState.KEPT, ActivityState.SUSPENDED)


@dataclass(frozen=True)
class CaseFile:
    """一案，给裁定的人看。"""

    check: SpotCheck
    #: 说的是哪一件
    subject: str


async def conclude(row: SpotCheck, *, at: datetime) -> None:
    """这一回收了：他说有，就站住了；他说没有，开案；这一件已经自己更正了的不追究。要在事务里调用。"""
    await row.fetch_related("activity", "wish", "unit", "cadre__person")
    if not await _stands(row):
        await advance(row, Move.MOOT, settled_at=at)
    elif row.answer is CheckAnswer.YES:
        await advance(row, Move.AGREE, settled_at=at)
        await _regrade(row, at=at)
    else:
        await advance(row, Move.OPEN, opened_at=at, suspended=await _suspend(row, at=at))
        await check_letters.opened(row, at=at, until=at + EXPLAIN_WITHIN)


async def _stands(row: SpotCheck) -> bool:
    """问的时候是这么说的，现在还这么说。"""
    if row.wish:
        return row.wish.ending is WishEnding.FULFILLED
    if row.activity is None or row.asked_at is None or row.activity.state not in _STANDS:
        return False
    named = Participation.filter(activity_id=row.activity_id, person_id=row.youth_id).exclude(state=PartState.LEFT)
    return row.activity.asked_from <= row.asked_at and (row.youth_id is None or await named.exists())


async def _suspend(row: SpotCheck, *, at: datetime) -> bool:
    """记录先不算数（与 `/异议` 同一条路）；活动和心愿等裁定。"""
    if row.activity_id is None:
        return False
    async with activity_steps.holding(row.activity_id) as activity:
        if activity.kind is not ActivityKind.RECORD or activity.state is not ActivityState.KEPT:
            return False
        await record_answers.suspend(activity, at=at)
    return True


async def _regrade(row: SpotCheck, *, at: datetime) -> None:
    if row.activity_id is not None:
        async with activity_steps.holding(row.activity_id) as activity:
            await evidence.regrade(activity, at=at)


async def explain(by: Speaker, check_id: int, text: str, *, at: datetime) -> SpotCheck:
    """团干部说明；说一次，随即交给督导。"""
    async with holding(check_id) as row:
        if by.cadre_id is None or row.cadre_id != by.cadre_id or row.opened_at is None:
            raise missing(check_id)
        check(row, Move.EXPLAIN)
        text = words.sentence(text, example=_EXPLAIN.replace("K7", row.number))
        await _submit(row, Move.EXPLAIN, at=at, text=text)
    return row


async def _submit(row: SpotCheck, move: Move, *, at: datetime, text: str | None = None) -> None:
    await row.fetch_related("activity", "wish", "unit", "cadre__person")
    await advance(row, move, explained_at=at, explanation=text)
    await check_letters.waiting(row, await rulers(row), at=at)


async def look(by: Speaker, check_id: int) -> CaseFile:
    """该他裁定的一案；别人与没有这个编号说一样的话。"""
    rows = SpotCheck.filter(id=check_id, opened_at__isnull=False)
    row = await rows.first().select_related("activity", "wish", "unit", "cadre__person")
    if row is None or by.person_id not in await rulers(row):
        raise missing(check_id)
    return CaseFile(row, check_letters.subject(row))


async def rule(by: Speaker, check_id: int, *, upheld: bool, reason: str, at: datetime) -> SpotCheck:
    """裁定属实或不实，要写理由；不实的进诚信系数，异常除外。"""
    async with holding(check_id) as row:
        await row.fetch_related("activity", "wish", "unit", "cadre__person")
        if row.opened_at is None or by.person_id not in await rulers(row):
            raise missing(check_id)
        move = Move.UPHOLD if upheld else Move.REJECT
        check(row, move)
        reason = words.sentence(reason, example=_RULE.replace("K7", row.number))
        await advance(row, move, ruling=reason, ruled_by=by.person_id, settled_at=at)
        await _carry_out(row, upheld=upheld, at=at)
        await audits.record("check.rule", subject=row.number, at=at, actor_id=by.person_id, detail=row.state)
        await check_letters.ruled(row, at=at)
    return row


async def _carry_out(row: SpotCheck, *, upheld: bool, at: datetime) -> None:
    if row.wish_id is not None and not upheld:
        async with wish_steps.holding(row.wish_id) as wish:
            if wish.ending is WishEnding.FULFILLED:
                await wish_steps.advance(wish, WishAction.REFUTE, at=at, ended_at=wish.ended_at)
    if row.activity_id is None:
        return
    async with activity_steps.holding(row.activity_id) as activity:
        if activity.kind is ActivityKind.RECORD:
            await _settle_record(activity, upheld=upheld, at=at)
        elif not upheld and row.youth_id is not None:
            await activity_steps.step(activity, row.youth_id, Turn.REFUTE, at=at)
        await evidence.regrade(activity, at=at)


async def _settle_record(record: Activity, *, upheld: bool, at: datetime) -> None:
    """不实就作废；属实的，是抽查停下的、又没有别的案了，才恢复。"""
    if record.state is not ActivityState.SUSPENDED:
        return
    same = SpotCheck.filter(activity_id=record.id)
    held_by_us = await same.filter(suspended=True).exists() and not await same.filter(state__in=CASES).exists()
    if not upheld or held_by_us:
        await record_answers.settle(record, stands=upheld, at=at)


async def rulers(row: SpotCheck) -> set[int]:
    """能裁定的人（`Person.id`）：别的单位的督导，近的上级在先；没有再找同级，再没有找别处的。

    本单位的人、事主自己都不算；`row` 要带着 `unit` 与 `cadre`。
    """
    path = row.unit.path or ""
    outsiders = Role.filter(kind=RoleKind.INSPECTOR).exclude(unit_id=row.unit_id).exclude(person_id=row.cadre.person_id)
    insiders = Q(person__cadre__unit_id=row.unit_id, person__cadre__left_at=None)
    barred = set(await Role.filter(insiders).values_list("person_id", flat=True))
    found = [(role.unit.path or "", role.person_id) for role in await outsiders.select_related("unit")]
    found = [(where, person) for where, person in found if person not in barred]
    above = [where for where, _ in found if path.startswith(where)]
    siblings = [where for where, _ in found if where.startswith(path[:-6]) and not where.startswith(path)]
    nearest = {max(above, key=len)} if above else set(siblings) or {where for where, _ in found}
    return {person for where, person in found if where in nearest}


async def to_explain(by: Speaker) -> tuple[str, ...]:
    """等着他说明的编号。"""
    if by.cadre_id is None:
        return ()
    rows = SpotCheck.filter(cadre_id=by.cadre_id, state=EXPLAINING).order_by("opened_at", "id")
    return tuple([row.number for row in await rows])


async def to_rule(by: Speaker) -> list[SpotCheck]:
    """等着他裁定的，等得久的在前。"""
    if not by.is_inspector:
        return []
    rows = SpotCheck.filter(state=RULING).order_by("explained_at", "id")
    found = await rows.select_related("activity", "wish", "unit", "cadre__person")
    return [row for row in found if by.person_id in await rulers(row)]


async def keep(at: datetime) -> None:
    """七天没有说明的也交给督导；可以随便重复。"""
    late = SpotCheck.filter(state=EXPLAINING, opened_at__lte=at - EXPLAIN_WITHIN).order_by("id")
    for check_id in await late.values_list("id", flat=True):
        async with holding(int(str(check_id))) as row:
            if row.state is EXPLAINING:
                await _submit(row, Move.EXPIRE, at=at)


async def forget(at: datetime) -> None:
    """了结满 90 天的，问的是谁、说明与理由都清空。"""
    old = SpotCheck.filter(settled_at__lte=at - KEEP)
    kept = old.filter(Q(youth_id__isnull=False) | Q(explanation__isnull=False) | Q(ruling__isnull=False))
    await kept.update(youth_id=None, explanation=None, ruling=None)


async def erase(person_id: int, *, at: datetime) -> None:
    """本人要求删除数据：没问的不问了，问了的不等了，答过的连不回他；离任的团干部自己的案，说明与理由清空。"""
    mine = SpotCheck.filter(youth_id=person_id)
    await mine.filter(state=CheckState.RESERVE).delete()
    await mine.filter(state=CheckState.ASKED).update(state=CheckState.LAPSED, settled_at=at)
    await mine.update(youth_id=None, explanation=None, ruling=None)
    await SpotCheck.filter(cadre__person_id=person_id).update(explanation=None, ruling=None)


async def merge(source: int, target: int, *, at: datetime) -> None:
    """两个人并成一个；原来是抽他自己的事的，不问了。"""
    await SpotCheck.filter(youth_id=source).update(youth_id=target)
    own = SpotCheck.filter(youth_id=target, cadre__person_id=target, kind=CheckKind.CLAIM)
    ids = [int(str(one)) for one in await own.values_list("id", flat=True)]
    await SpotCheck.filter(id__in=ids, state=CheckState.RESERVE).delete()
    await SpotCheck.filter(id__in=ids, state=CheckState.ASKED).update(state=CheckState.LAPSED, settled_at=at)
