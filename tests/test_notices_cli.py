"""`tuanbot notices` 当黑盒：团团开着时用 PostgreSQL 照样看、照样重送；SQLite 被占着就说清楚。"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import db
from bot import notice_tables
from bot.league import notices
from bot.league.errors import Refusal
from bot.notice_tables import Which
from db.models import Notice, NoticeState
from tests import factories
from tests.factories import ANY_KIND, AT
from tests.processes import bot_running, tuanbot


def in_database(url: str, act: Callable[[], Awaitable[object]]) -> object:
    async def main() -> object:
        await db.connect(url, everywhere=False)
        try:
            return await act()
        finally:
            await db.close()

    return asyncio.run(main())


async def fill() -> None:
    """一条送不到，一条说不清，都是给一位团干部的。"""
    person = await factories.person(1)
    for period, state in (("1", NoticeState.FAILED), ("2", NoticeState.UNKNOWN)):
        await notices.post(ANY_KIND, period=period, text="悄悄话", at=AT, person_id=person.id)
        await Notice.filter(period=period).update(state=state, reason="平台拒收（100）", created_at=AT)


async def states() -> list[str]:
    return [str(state) for state in await Notice.all().order_by("id").values_list("state", flat=True)]


async def test_only_numbers_are_taken_for_ids() -> None:
    assert notice_tables.numbers(["1", "2,3， 4"]) == [1, 2, 3, 4]
    with pytest.raises(Refusal, match="编号是数字，看不懂“W12”。例如：tuanbot notices --retry 12,13"):
        notice_tables.numbers(["W12"])


async def test_the_table_says_what_and_why_but_not_the_words(database: str) -> None:
    await fill()
    table = await notice_tables.shown(notice_tables.USUAL, "test.", at=AT)
    assert table
    cells = [list(column.cells) for column in table.columns]
    assert cells[:5] == [["2", "1"], [ANY_KIND] * 2, ["人 1"] * 2, ["说不清", "送不到"], ["平台拒收（100）"] * 2]
    assert "悄悄话" not in str(cells)
    assert await notice_tables.shown([Which.EXPIRED], "", at=AT) is None
    assert await notice_tables.shown(notice_tables.USUAL, "wish.", at=AT) is None


@pytest.mark.slow
def test_beside_a_running_bot(engine: str, database_url: str, tmp_path: Path) -> None:
    in_database(database_url, fill)
    asked = {"folder": tmp_path, "TUAN_DATABASE_URL": database_url, "COLUMNS": "160"}
    if engine == "postgres":
        with bot_running(tmp_path, TUAN_DATABASE_URL=database_url):
            listed = tuanbot("notices", **asked).stdout  # type: ignore[arg-type]
            done = tuanbot("notices", "--drop", "1,2", **asked)  # type: ignore[arg-type]
        assert "平台拒收（100）" in listed
        assert (done.stdout, done.returncode) == ("2 条作废了。\n", 0)
        assert in_database(database_url, states) == ["expired", "expired"]
        return
    with db.held(database_url):  # 团团开着时就是这样占着
        done = tuanbot("notices", "--retry", "1", **asked)  # type: ignore[arg-type]
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == (
        "团团正开着，SQLite 的库只给它一个用。私聊它发 /状态 看，/状态 重送 12 重送；或停下它再来。\n"
    )
