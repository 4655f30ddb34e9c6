"""贴标签、揭标签：一次改动是一批。成批的先说会改几位，确认才写；写了的十分钟内撤得回，放回原样。"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from bot.league import filters, tags
from bot.league.contacts import tag_counts
from bot.league.errors import Refusal
from bot.league.tags import TAGS_MAX
from db.models import Cadre, ContactState, ContactTag, TagBatch, TagBatchState, TagChange

#: 预览与撤销都只留十分钟（产品说明第 8 点：ten-minute undo）；过后连这份经过也删掉
WITHIN = timedelta(minutes=10)

PREVIEWED, DONE, UNDONE = TagBatchState


class Move(StrEnum):
    """对一批改动做的事。"""

    CONFIRM = "confirm"
    UNDO = "undo"


#: 预览过的可以确认，也可以不要了；写了的可以撤销。表里没有的都不行
STEPS: dict[tuple[TagBatchState, Move], TagBatchState] = {
    (PREVIEWED, Move.CONFIRM): DONE,
    (PREVIEWED, Move.UNDO): UNDONE,
    (DONE, Move.UNDO): UNDONE,
}


@dataclass(frozen=True)
class Edit:
    """要贴的、要揭的；写法已经归好。"""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """一批改动：符合的几位、其中要改的几位；`written` 为否是只看一眼。"""

    people: int
    changed: int
    written: bool


async def edit_of(cadre_id: int, add: Sequence[str], remove: Sequence[str]) -> Edit:
    """把写的词归成标签；不该贴的 `Refusal`。要揭的不挡，从前贴过的总能揭。"""
    used = [tag for tag, _ in await tag_counts(cadre_id)]
    if known := [word for word in add if filters.understands(word)]:
        raise Refusal(f"“{known[0][:20]}”我会自己算，不用贴；要筛就发 /小伙伴 {known[0][:20]}")
    wanted = dict.fromkeys(tags.fit(word, used) for word in add if tags.tidy(word))
    gone = dict.fromkeys(tags.spelled(word, used) for word in remove if tags.tidy(word))
    if any(len(tag) > tags.TAG_LENGTH for tag in gone):
        raise Refusal(f"标签至多 {tags.TAG_LENGTH} 个字，短一点好找。")
    if both := [tag for tag in wanted if tag in gone]:
        raise Refusal(f"“{both[0]}”又要贴又要揭，留一个就好。")
    return Edit(tuple(wanted), tuple(gone))


async def retag(
    cadre_id: int, contact_ids: Collection[int], edit: Edit, *, at: datetime, ask_first: bool = False
) -> Done:
    """给这些联系关系贴上、揭下；已有的、没有的都不算错。`ask_first` 时只说会改几位，等 `confirm`。"""
    async with in_transaction():
        await Cadre.select_for_update(no_key=True).get(id=cadre_id)
        await TagBatch.filter(cadre_id=cadre_id, state=PREVIEWED).delete()
        planned = await _plan(contact_ids, edit)
        changed = len({change.contact_id for change in planned})
        if planned:
            batch = await TagBatch.create(cadre_id=cadre_id, state=PREVIEWED, at=at)
            for change in planned:
                change.batch_id = batch.id
            await TagChange.bulk_create(planned, batch_size=500)
            if not ask_first:
                await _write(batch, at=at)
    return Done(len(set(contact_ids)), changed, bool(planned) and not ask_first)


async def _plan(contact_ids: Collection[int], edit: Edit) -> list[TagChange]:
    """要改的地方，一处一行；会超过 8 个标签的 `Refusal`。"""
    worn = await _worn(contact_ids)
    adding = {tags.fold(tag): tag for tag in edit.add}
    removing = {tags.fold(tag) for tag in edit.remove}
    planned: list[TagChange] = []
    for contact_id in sorted(set(contact_ids)):
        mine = worn.get(contact_id, [])
        gone = [row for row in mine if tags.fold(row.tag) in removing]
        fresh = [tag for key, tag in adding.items() if key not in {tags.fold(row.tag) for row in mine}]
        if fresh and len(mine) - len(gone) + len(fresh) > TAGS_MAX:
            raise Refusal(f"一位青年身上至多 {TAGS_MAX} 个标签，先用 /标签 … -旧标签 揭掉几个。")
        planned += [TagChange(contact_id=contact_id, tag=row.tag, removed_id=row.id) for row in gone]
        planned += [TagChange(contact_id=contact_id, tag=tag) for tag in fresh]
    return planned


async def _worn(contact_ids: Collection[int]) -> dict[int, list[ContactTag]]:
    worn: dict[int, list[ContactTag]] = {}
    for row in await ContactTag.filter(contact_id__in=list(contact_ids)).order_by("id"):
        worn.setdefault(row.contact_id, []).append(row)
    return worn


async def confirm(cadre_id: int, *, at: datetime) -> Done:
    """写下刚预览的那一批；这期间已经不联系了的跳过。"""
    async with in_transaction():
        batch = await _latest(cadre_id, at)
        if batch is None or (batch.state, Move.CONFIRM) not in STEPS:
            raise Refusal("没有等着确认的改动（预览只留十分钟）。先说要改谁，例如：/标签 没标签的 学生")
        return await _write(batch, at=at)


async def undo(cadre_id: int, *, at: datetime) -> Done:
    """撤销最近一批；还没确认的就是不要了。再说一次撤更早的一批。"""
    async with in_transaction():
        batch = await _latest(cadre_id, at)
        if batch is None:
            raise Refusal("十分钟内没有可以撤销的标签改动。")
        changes = await TagChange.filter(batch_id=batch.id, contact__state=ContactState.ACTIVE)
        if written := batch.state is DONE:
            for change in changes:
                if change.removed_id is None:
                    await ContactTag.filter(contact_id=change.contact_id, tag=change.tag).delete()
            gone = [row for row in changes if row.removed_id is not None]
            back = [ContactTag(id=row.removed_id, contact_id=row.contact_id, tag=row.tag) for row in gone]
            await ContactTag.bulk_create(back, ignore_conflicts=True)
        await _move(batch, Move.UNDO, at=at)
        people = len({change.contact_id for change in changes})
    return Done(people, people, written)


async def _latest(cadre_id: int, at: datetime) -> TagBatch | None:
    """锁住团干部，免得同时点两次；十分钟内最近的一批。"""
    await Cadre.select_for_update(no_key=True).get(id=cadre_id)
    rows = TagBatch.filter(cadre_id=cadre_id, state__in=(PREVIEWED, DONE), at__gt=at - WITHIN)
    return await rows.order_by("-at", "-id").first()


async def _write(batch: TagBatch, *, at: datetime) -> Done:
    changes = await TagChange.filter(batch_id=batch.id, contact__state=ContactState.ACTIVE)
    worn = {(row.contact_id, row.tag): row for row in await _rows_of(changes)}
    gone = [row for row in changes if row.removed_id is not None and (row.contact_id, row.tag) in worn]
    fresh = [row for row in changes if row.removed_id is None and (row.contact_id, row.tag) not in worn]
    void = [row.id for row in changes if row not in (*gone, *fresh)]
    await TagChange.filter(id__in=void).delete()
    for row in gone:
        row.removed_id = worn[row.contact_id, row.tag].id
    if gone:
        await TagChange.bulk_update(gone, fields=["removed_id"])
    await ContactTag.filter(id__in=[row.removed_id for row in gone]).delete()
    await ContactTag.bulk_create([ContactTag(contact_id=row.contact_id, tag=row.tag) for row in fresh])
    over = ContactTag.filter(contact_id__in={row.contact_id for row in fresh}).annotate(count=Count("id"))
    if await over.group_by("contact_id").filter(count__gt=TAGS_MAX).values_list("contact_id", flat=True):
        raise Refusal("这会儿标签又变了，有人会超过 8 个。请再发一次刚才那句，看看现在会改几位。")
    await _move(batch, Move.CONFIRM, at=at)
    people = len({row.contact_id for row in (*gone, *fresh)})
    return Done(people, people, True)


async def _rows_of(changes: Sequence[TagChange]) -> list[ContactTag]:
    return await ContactTag.filter(contact_id__in={row.contact_id for row in changes})


async def _move(batch: TagBatch, move: Move, *, at: datetime) -> None:
    after = STEPS[batch.state, move]
    if not await TagBatch.filter(id=batch.id, state=batch.state).update(state=after, at=at):
        raise Refusal("刚刚有变化，请再发一次。")
    batch.state = after


async def forget(at: datetime) -> None:
    """过了十分钟的经过删掉；标签本身不动。"""
    await TagBatch.filter(at__lte=at - WITHIN).delete()
