"""按走法表走一步的公共一半：锁住那一行，原地没变才改。表各归各：`wish_steps`、`voice_steps`。"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TypeVar

from tortoise import Model
from tortoise.transactions import in_transaction

from bot.league.errors import Refusal

M = TypeVar("M", bound=Model)


@asynccontextmanager
async def holding(model: type[M], row_id: int, *, missing: Refusal) -> AsyncIterator[M]:
    """开一个事务并锁住这一行；没有这一行就抛 `missing`。"""
    async with in_transaction():
        row = await model.select_for_update(no_key=True).get_or_none(id=row_id)
        if row is None:
            raise missing
        yield row


async def move(row: Model, number: str, *, unless_changed: Collection[str], **changes: object) -> None:
    """`unless_changed` 各列还是手上这样才改；别人先走了一步就 `Refusal`。"""
    here = type(row).filter(id=row.pk, **{name: getattr(row, name) for name in unless_changed})
    if not await here.update(**changes):
        raise Refusal(f"{number} 刚刚有变化，请再发一次。")
    row.update_from_dict(changes)
