"""补课：从记到的地方往后取，翻页取全，取不到就放开，谁也不会一直等着。"""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from nonebot.adapters.onebot import v11

from bot.gateway import backfill, histories
from bot.gateway.backfill import Backfill
from bot.league.interactions import GroupKey, Heard
from db.models import Scope

ME = "10000"
NOW = 1_760_000_000


class Log:
    """记下放开了什么的假记录。"""

    def __init__(self, **since: float) -> None:
        self.since = {(Scope.QQ, group.strip("g")): (at,) for group, at in since.items()}
        self.held: set[GroupKey] = set()
        self.released: dict[str, list[str]] = {}

    def hold(self, group: GroupKey) -> None:
        self.held.add(group)

    def release(self, group: GroupKey, history: Sequence[Heard]) -> None:
        self.held.remove(group)
        self.released[group[1]] = [one.message_id for one in history]

    async def cursors(self) -> dict[GroupKey, tuple[float, ...]]:
        return self.since


class Bot:
    """每个群一百条历史、每页二十条的假平台。"""

    self_id = ME
    platform = "qq"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def get_version(self) -> dict[str, Any]:
        return {}

    async def call_api(self, api: str, **data: Any) -> dict[str, Any]:
        assert api == "get_group_msg_history"
        self.asked.append(data)
        await asyncio.sleep(0.001 if data["group_id"] != 500 else 0)
        if data["group_id"] == 404:
            raise v11.ActionFailed(retcode=200)
        if data["group_id"] == 408:
            await asyncio.sleep(60)
        if data["group_id"] == 500:
            raise v11.NetworkError("断了")
        last = data.get("message_seq", 100)
        return {
            "messages": [message(n) for n in range(max(1, last - 19), last + 1)] + [{"user_id": ME, "time": NOW}, None]
        }


def message(n: int) -> dict[str, Any]:
    words = [{"type": "text", "data": {"text": f"第{n}句"}}]
    return {"message_id": n, "message_seq": n, "user_id": 7, "time": NOW + n, "message": words}


async def run(log: Log, bot: Bot) -> None:
    await Backfill(bot, list(log.since), log).run()  # type: ignore[arg-type]


async def test_everything_since_the_cursor_oldest_first_and_nothing_of_our_own() -> None:
    log, bot = Log(g300=NOW + 51.0), Bot()
    await run(log, bot)
    assert log.released == {"300": [str(n) for n in range(51, 101)]}
    assert [ask.get("message_seq") for ask in bot.asked] == [None, 81, 62]


async def test_messages_of_one_second_keep_their_order_across_pages() -> None:
    class Burst(Bot):
        async def call_api(self, api: str, **data: Any) -> dict[str, Any]:
            answer = await super().call_api(api, **data)
            return {"messages": [frame | {"time": NOW} for frame in answer["messages"] if frame]}

    log = Log(g300=NOW)
    await run(log, Burst())
    assert log.released == {"300": [str(n) for n in range(1, 101)]}


async def test_groups_are_held_before_the_first_frame_is_read() -> None:
    log = Log(g300=NOW, g301=NOW)
    Backfill(Bot(), list(log.since), log)  # type: ignore[arg-type]
    assert len(log.held) == 2


async def test_a_group_the_platform_refuses_does_not_stop_the_others() -> None:
    log = Log(g404=NOW, g300=NOW + 99.0)
    await run(log, Bot())
    assert log.released == {"404": [], "300": ["99", "100"]}


@pytest.mark.parametrize("silent", ["g408", "g500"])
async def test_no_answer_releases_every_group(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "PATIENCE", 0.05)
    monkeypatch.setattr(backfill, "LANES", 1)
    log = Log(**{silent: NOW, "g300": NOW, "g301": NOW})
    await run(log, Bot())
    assert log.released == {silent.strip("g"): [], "300": [], "301": []}
    assert not log.held


async def test_without_a_cursor_nothing_is_asked() -> None:
    log, bot = Log(g300=NOW), Bot()
    work = Backfill(bot, [(Scope.QQ, "999")], log)  # type: ignore[arg-type]
    await work.run()
    assert log.released == {"999": []}
    assert bot.asked == []
