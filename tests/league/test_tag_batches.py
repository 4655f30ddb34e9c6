"""一批标签改动：走法、确认、撤销到原样、十分钟。"""

import itertools
from datetime import datetime, timedelta

import pytest

from bot.league import erasures, tag_batches
from bot.league.errors import Refusal
from bot.league.tag_batches import STEPS, Edit, Move
from db.models import Cadre, Contact, ContactState, ContactTag, TagBatch, TagBatchState, TagChange
from tests import factories

PREVIEWED, DONE, UNDONE = TagBatchState


@pytest.fixture
async def cadre(database: str) -> Cadre:
    row = await factories.cadre(1, "张三", await factories.school())
    for user in (1001, 1002, 1003):
        await factories.youth(user, row)
    return row


async def contacts() -> list[int]:
    return [contact.id for contact in await Contact.all().order_by("id")]


async def rows() -> list[tuple[int, int, str]]:
    return [(row.id, row.contact_id, row.tag) for row in await ContactTag.all().order_by("id")]


def test_the_table_has_three_arrows_and_no_other() -> None:
    assert {(PREVIEWED, Move.CONFIRM): DONE, (PREVIEWED, Move.UNDO): UNDONE, (DONE, Move.UNDO): UNDONE} == STEPS


@pytest.mark.parametrize(("state", "move"), list(itertools.product(TagBatchState, Move)))
async def test_every_arrow_is_walked_and_every_other_refused(
    cadre: Cadre, at: datetime, state: TagBatchState, move: Move
) -> None:
    await TagBatch.create(cadre=cadre, state=state, at=at)
    step = tag_batches.confirm if move is Move.CONFIRM else tag_batches.undo
    if after := STEPS.get((state, move)):
        await step(cadre.id, at=at)
        assert (await TagBatch.get()).state is after
    else:
        with pytest.raises(Refusal):
            await step(cadre.id, at=at)
        assert (await TagBatch.get()).state is state


async def test_undoing_puts_back_exactly_what_was_there(cadre: Cadre, at: datetime) -> None:
    everyone = await contacts()
    await tag_batches.retag(cadre.id, everyone[:2], Edit(add=("学生", "考研")), at=at)
    before = await rows()
    await tag_batches.retag(cadre.id, everyone, Edit(add=("毕业生", "考研"), remove=("学生",)), at=at)
    assert {row[1:] for row in await rows()} == {(contact, tag) for contact in everyone for tag in ("考研", "毕业生")}
    await tag_batches.undo(cadre.id, at=at + timedelta(minutes=9))
    assert await rows() == before
    await ContactTag.create(contact_id=everyone[2], tag="新的")


async def test_after_ten_minutes_there_is_nothing_to_confirm_or_undo(cadre: Cadre, at: datetime) -> None:
    everyone = await contacts()
    await tag_batches.retag(cadre.id, everyone, Edit(add=("学生",)), at=at)
    await tag_batches.retag(cadre.id, everyone, Edit(add=("考研",)), at=at, ask_first=True)
    late = at + timedelta(minutes=10)
    for step in (tag_batches.confirm, tag_batches.undo):
        with pytest.raises(Refusal, match="十分钟"):
            await step(cadre.id, at=late)
    await tag_batches.forget(at + timedelta(minutes=9))
    assert await TagBatch.all().count() == 2
    await tag_batches.forget(late)
    assert (await TagBatch.all().count(), await TagChange.all().count()) == (0, 0)
    assert {tag for _, _, tag in await rows()} == {"学生"}


async def test_a_preview_is_checked_again_when_it_is_written(cadre: Cadre, at: datetime) -> None:
    first, second, third = await contacts()
    await tag_batches.retag(cadre.id, [first, second, third], Edit(add=("学生",)), at=at, ask_first=True)
    await Contact.filter(id=first).update(state=ContactState.ENDED)
    await ContactTag.create(contact_id=second, tag="学生")
    assert (await tag_batches.confirm(cadre.id, at=at)).changed == 1
    assert {row[1:] for row in await rows()} == {(second, "学生"), (third, "学生")}
    await tag_batches.undo(cadre.id, at=at)
    assert {row[1:] for row in await rows()} == {(second, "学生")}


async def test_one_cadre_never_undoes_for_another(cadre: Cadre, at: datetime) -> None:
    await tag_batches.retag(cadre.id, await contacts(), Edit(add=("学生",)), at=at)
    other = await factories.cadre(2, "李四", await cadre.unit)
    with pytest.raises(Refusal, match="没有可以撤销"):
        await tag_batches.undo(other.id, at=at)


async def test_doing_it_twice_is_harmless_and_case_makes_no_second_tag(cadre: Cadre, at: datetime) -> None:
    [contact, *_] = await contacts()
    for _ in range(2):
        await tag_batches.retag(cadre.id, [contact], Edit(add=("KTV", "学生")), at=at)
    assert await tag_batches.edit_of(cadre.id, ["ktv", "Ｋ\u200bTV"], ["学\u202e生"]) == Edit(("KTV",), ("学生",))
    await tag_batches.retag(cadre.id, [contact], Edit(add=("ktv",), remove=("学生",)), at=at)
    assert [tag for _, _, tag in await rows()] == ["KTV"]


async def test_a_tag_with_hidden_characters_from_before_can_be_taken_off(cadre: Cadre, at: datetime) -> None:
    [contact, *_] = await contacts()
    await ContactTag.create(contact_id=contact, tag="学\u200b生")
    await tag_batches.retag(cadre.id, [contact], Edit(remove=("学生",)), at=at)
    assert await rows() == []


async def test_too_many_tags_change_nothing(cadre: Cadre, at: datetime) -> None:
    everyone = await contacts()
    await tag_batches.retag(cadre.id, everyone[:1], Edit(add=tuple(f"标签{n}" for n in range(8))), at=at)
    before = await rows()
    for ask_first in (True, False):
        with pytest.raises(Refusal, match="至多 8 个标签"):
            await tag_batches.retag(cadre.id, everyone, Edit(add=("第九个",)), at=at, ask_first=ask_first)
    assert await rows() == before
    await tag_batches.retag(cadre.id, everyone, Edit(add=("第九个",), remove=("标签0",)), at=at)
    assert await ContactTag.filter(contact_id=everyone[0]).count() == 8
    await tag_batches.retag(cadre.id, everyone[1:], Edit(add=("新",)), at=at, ask_first=True)
    await ContactTag.bulk_create([ContactTag(contact_id=everyone[1], tag=f"后来{n}") for n in range(7)])
    with pytest.raises(Refusal, match="有人会超过 8 个"):
        await tag_batches.confirm(cadre.id, at=at)
    assert not await ContactTag.exists(tag="新")


async def test_what_was_erased_does_not_come_back_by_undoing(cadre: Cadre, at: datetime) -> None:
    everyone = await contacts()
    await tag_batches.retag(cadre.id, everyone, Edit(add=("学生",)), at=at)
    await tag_batches.retag(cadre.id, everyone, Edit(remove=("学生",)), at=at)
    await erasures.erase((await Contact.get(id=everyone[0])).youth_id, at=at)
    assert not await TagChange.exists(contact_id=everyone[0])
    await tag_batches.undo(cadre.id, at=at)
    assert {contact for _, contact, _ in await rows()} == set(everyone[1:])
