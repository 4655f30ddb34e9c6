"""记录：办过了的事记一笔。只能写自己的联系青年；更正另存一版，从不涂改。青年那一边见 `record_answers`。"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tortoise.transactions import in_transaction

from bot.league import activities, belated, evidence, record_asks
from bot.league.activity_steps import Move, Turn, advance, check, holding, missing, step
from bot.league.errors import Refusal
from bot.league.periods import Quarter, local, on
from bot.league.record_lines import EXAMPLE, SLOTS, Line
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    ActivityVersion,
    Cadre,
    Contact,
    ContactState,
    Participation,
    PartState,
    Scope,
)

#: 产品说明第 4 节：内容不超过 50 字
NOTE_MAX = 50
#: 一条记录至多写几位；再多该发起活动
PEOPLE_MAX = 60
#: `/查记录` 至多列几条
LISTED = 20


async def keep(by: Speaker, line: Line, people: Sequence[int], *, at: datetime) -> Activity:
    """记一笔；`people` 是写着的人（`Person.id`），要都是自己的联系青年。"""
    cadre_id, unit_id = by.office()
    line = _checked(line, at=at)
    assert line.slot
    assert line.happened_at
    if not people:
        raise Refusal(f"和谁？@ 上自己的联系青年，例如：{EXAMPLE}")
    async with in_transaction():
        if again := await _same(cadre_id, line, people):
            raise Refusal(f"这件事已经记过了，是 {again.number}。要改发 /纠错 {again.number} 原因。")
        record = await Activity.create(
            kind=ActivityKind.RECORD,
            organiser_id=cadre_id,
            unit_id=unit_id,
            slot=line.slot,
            mode=line.mode,
            starts_at=line.happened_at,
            note=line.note or None,
            state=ActivityState.KEPT,
            graded_at=at,
            created_at=at,
            asked_from=at,
        )
        for person_id in people:
            await step(record, person_id, Turn.NAME, at=at)
        await activities.keep_version(record, at=at, reason=line.reason or None, people=sorted(people))
        await evidence.regrade(record, at=at)
    await record_asks.ask(at, record.id)
    return record


def _checked(line: Line, *, at: datetime) -> Line:
    if line.slot is None:
        raise Refusal(f"是哪一类？写 {'、'.join(SLOTS)} 里的一个，例如：{EXAMPLE}")
    if len(line.note) > NOTE_MAX:
        raise Refusal(f"内容有点长（{len(line.note)} 字），记个要点就好，{NOTE_MAX} 字以内。")
    today = on(local(at).date())
    happened_at = line.happened_at or today
    if happened_at > today:
        raise Refusal("还没到那一天呢。要约人来，发 /活动 发起。")
    belated.check_belated(happened_at.date(), line.reason, today=today.date())
    return replace(line, happened_at=happened_at)


async def _same(cadre_id: int, line: Line, people: Sequence[int], *, besides: int = 0) -> Activity | None:
    """`besides` 之外，已经记过的同一件事。先锁住这位团干部：他的两个账号同时记，也只成一条；要在事务里调用。"""
    await Cadre.select_for_update(no_key=True).get(id=cadre_id)
    rows = Activity.filter(
        kind=ActivityKind.RECORD, organiser_id=cadre_id, slot=line.slot, starts_at=line.happened_at
    ).exclude(state=ActivityState.VOIDED)
    rows = rows.exclude(id=besides)
    for row in await rows.order_by("id"):
        if set(await people_of(row.id)) == set(people):
            return row
    return None


async def people_of(record_id: int) -> list[int]:
    """现在写着的人（`Person.id`）。"""
    rows = Participation.filter(activity_id=record_id).exclude(state=PartState.LEFT).order_by("turn")
    return [int(str(person_id)) for person_id in await rows.values_list("person_id", flat=True)]


async def youths(cadre_id: int, scope: Scope, user_ids: Sequence[str]) -> list[int]:
    """被 @ 的人 → `Person.id`；有一位不是自己的联系青年就 `Refusal`。"""
    if len(user_ids) > PEOPLE_MAX:
        raise Refusal(f"一条至多写 {PEOPLE_MAX} 位。人多的请用 /活动 发起，让大家自己签到。")
    mine = Contact.filter(cadre_id=cadre_id, state=ContactState.ACTIVE)
    mine = mine.filter(youth__accounts__scope=scope, youth__accounts__user_id__in=list(user_ids))
    rows = await mine.values_list("youth__accounts__user_id", "youth_id")
    found = {str(user_id): int(person_id) for user_id, person_id in rows}
    if outside := [user_id for user_id in user_ids if user_id not in found]:
        raise Refusal(f"有 {len(outside)} 位不是你的联系青年，没有记。请本人先发 /加入 @你，愿意的才算。")
    return list(dict.fromkeys(found[user_id] for user_id in user_ids))


async def correct(
    by: Speaker, record_id: int, reason: str, line: Line, people: Sequence[int], *, at: datetime
) -> Activity:
    """更正：没说到的不动，存成新的一版；除了内容，别的一改，从前的确认就不算了，重新问。"""
    reason = belated.reason_for_change(reason, example=f"/纠错 A{record_id} 记错日子了 改为 昨天")
    async with holding(record_id) as record:
        await _only_mine(by, record)
        check(record, Move.CORRECT)
        before = await people_of(record_id)
        fresh = _checked(
            replace(
                line,
                slot=line.slot or record.slot,
                mode=line.mode or record.mode,
                happened_at=line.happened_at or local(record.starts_at),
                note=line.note or record.note or "",
                reason=reason,
            ),
            at=at,
        )
        now = list(people) or before
        old = (record.slot, record.mode, record.starts_at, sorted(before))
        changed = (fresh.slot, fresh.mode, fresh.happened_at, sorted(now)) != old
        if not changed and fresh.note == (record.note or ""):
            raise Refusal(f"和现在记的一样，没有改动。例如：/纠错 A{record_id} 记错日子了 改为 昨天")
        if changed and (quarter := Quarter.of(fresh.happened_at or at)).next.end <= at:
            raise Refusal(
                f"{quarter} 早过完了，那一季的账不再动：写的话还能改，记错了的只能作废，发 /纠错 A{record_id} 记错了"
            )
        if changed and (twin := await _same(record.organiser_id, fresh, now, besides=record_id)):
            raise Refusal(f"改成这样就和 {twin.number} 一样了。这条记重了的话，作废就好：/纠错 A{record_id} 记重了")
        facts = {"slot": fresh.slot, "mode": fresh.mode, "starts_at": fresh.happened_at, "note": fresh.note or None}
        asked_from = at if changed else record.asked_from
        await advance(record, Move.CORRECT, **facts, version=record.version + 1, asked_from=asked_from)
        if changed:
            await record_asks.withdraw(before)
            for person_id in {*before, *now}:
                turn = Turn.DROP if person_id not in now else Turn.AGAIN if person_id in before else Turn.NAME
                await step(record, person_id, turn, at=at)
        await activities.keep_version(record, at=at, reason=reason, people=sorted(now))
        await evidence.regrade(record, at=at)
    await record_asks.ask(at, record_id)
    return record


async def void(by: Speaker, record_id: int, reason: str, *, at: datetime) -> Activity:
    """作废：不再算数，从前的每一版还在。"""
    reason = belated.reason_for_change(reason, example=f"/纠错 A{record_id} 记错日子了 改为 昨天")
    async with holding(record_id) as record:
        await _only_mine(by, record)
        people = await people_of(record_id)
        changes = {"version": record.version + 1, "ended_at": at, "graded_at": at}
        await advance(record, Move.VOID, **changes)
        await activities.keep_version(record, at=at, reason=reason, people=people)
        await record_asks.withdraw(people)
    return record


async def _only_mine(by: Speaker, record: Activity) -> None:
    """不是自己记的，与没有这个编号说一样的话。"""
    if by.cadre_id is None or record.organiser_id != by.cadre_id:
        raise missing(record.id)
    if record.kind is ActivityKind.ACTIVITY:
        number = record.number
        raise Refusal(f"{number} 是一场活动。还没办的，改发 /活动 改 {number}，不办了发 /活动 取消 {number}。")


async def listed(by: Speaker) -> list[activities.Sight]:
    """自己发起的活动和记的事，新的在前。"""
    cadre_id, _ = by.office()
    rows = Activity.filter(organiser_id=cadre_id).exclude(state=ActivityState.CANCELLED)
    return await activities.sights(await rows.order_by("-starts_at", "-id").limit(LISTED), by)


async def history(by: Speaker, record_id: int) -> tuple[activities.Sight, list[ActivityVersion]]:
    """一条自己的活动或记录，连同每一版。"""
    cadre_id, _ = by.office()
    record = await Activity.get_or_none(id=record_id, organiser_id=cadre_id)
    if record is None:
        raise missing(record_id)
    [sight] = await activities.sights([record], by)
    return sight, await ActivityVersion.filter(activity_id=record_id).order_by("version")


async def forget(at: datetime) -> None:
    """记下满 90 天的，内容与原因都清空，只留类别、日子和等级。"""
    old = ActivityVersion.filter(at__lte=at - belated.KEEP_TEXT)
    await old.filter(note__isnull=False).update(note=None)
    await old.filter(reason__isnull=False).update(reason=None)
    await Activity.filter(created_at__lte=at - belated.KEEP_TEXT, note__isnull=False).update(note=None)


async def erase_words_about(person_id: int) -> None:
    """本人要求删除数据：写着他的记录，内容与原因都清空；类别、日子、人数留作合计。"""
    rows = Participation.filter(person_id=person_id, activity__kind=ActivityKind.RECORD)
    ids = [int(str(record_id)) for record_id in await rows.values_list("activity_id", flat=True)]
    await ActivityVersion.filter(activity_id__in=ids).update(note=None, reason=None)
    await Activity.filter(id__in=ids).update(note=None)
