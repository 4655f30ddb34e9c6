"""事务出了岔子之后：谁都还用得了，没提交成的不会被下一个人捎带着提交。"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from db.models import Person
from tests.factories import AT


async def names() -> list[str]:
    return [str(name) for name in await Person.all().order_by("id").values_list("name", flat=True)]


@asynccontextmanager
async def breaking(monkeypatch: pytest.MonkeyPatch, step: str, *, when: Callable[[], bool]) -> AsyncIterator[None]:
    """`when` 时，事务的这一步出错。"""
    wrapper: Any = type(_client())
    real = getattr(wrapper, step)

    async def fails(self: Any) -> None:
        if when():
            raise OSError("磁盘满了")
        await real(self)

    with monkeypatch.context() as patched:
        patched.setattr(wrapper, step, fails)
        yield


def _client() -> object:
    context = get_connection("default")._in_transaction()
    return getattr(context, "connection", None) or context.client


@pytest.mark.parametrize("step", ["begin", "commit"])
async def test_a_transaction_that_fails_leaves_nothing_behind(
    database: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    broken = True
    async with breaking(monkeypatch, step, when=lambda: broken):
        for _ in range(6):  # 比连接池还多
            with pytest.raises(OSError, match="磁盘满了"):
                async with in_transaction():
                    await Person.create(name="没记下的", created_at=AT)
        broken = False
        assert await names() == []
        async with in_transaction():
            await Person.create(name="记下的", created_at=AT)
    await Person.create(name="不在事务里的", created_at=AT)
    assert await names() == ["记下的", "不在事务里的"]
