"""评价的黑盒：真的进程、真的 WebSocket；私下评、改、推辞，话不进日志，团干部看不到是谁。"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.league.periods import Quarter
from db.models import Cadre, Person, RatingAsk, RatingRound, Scope
from tests.phones import Phone, online, running
from tests.process import CADRE, YOUTH, Robot, bind, library, until

pytestmark = pytest.mark.slow

SELF, GROUP, GUEST = 10000, 300, 20009
MARK = "绝不能进日志的话"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    await ask_the_youth(folder)
    with running(folder, platform, hidden=MARK, SUPERUSERS="[]") as robot:
        yield robot


async def ask_the_youth(folder: Path) -> None:
    """已经悄悄问过 YOUTH 了，离截止还有九天。"""
    now = datetime.now(UTC)
    async with library(folder):
        found = await RatingRound.create(
            quarter=str(Quarter.of(now)),
            number=1,
            seed="ab" * 16,
            opens_at=now,
            closes_at=now + timedelta(days=9),
            drawn_at=now,
        )
        youth = await Person.get(accounts__user_id=str(YOUTH))
        before = now - timedelta(hours=1)
        await RatingAsk.create(
            round=found, quarter=found.quarter, cadre=await Cadre.get(), youth=youth, ask_at=before, asked_at=before
        )


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    """`user` 说 `text`，等到一句以 `hears` 开头的回答。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    assert any(said.startswith(hears) for said in phone.said[before:]), phone.said[before:]


async def test_a_rating_over_the_wire(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, YOUTH, f"/评价 4 {MARK}", "评价只说给我一个人听，请私聊我发 /评价。", group=GROUP)
        await tell(phone, YOUTH, "/评价", "没看出你打几分。打 1 到 5 的整数分，5 分最好")
        await tell(phone, YOUTH, "/评价 6", "打 1 到 5 的整数分，5 分最好")
        await tell(phone, YOUTH, "/评价 王老师 5", "你的联系团干部里没有“王老师”，现在是：李老师。")
        await tell(phone, GUEST, "/评价 5", "你还没有联系团干部")
        await tell(phone, YOUTH, f"/投诉 {MARK}", "现在还没有人能接，我就没有留下。")
        assert robot.rows("SELECT count(*) FROM rating") == [(0,)]
        await tell(phone, YOUTH, f"/评价4 {MARK}", "记下了：给李老师 4 分。几分不会告诉任何人。\n截止前改主意了")
        await tell(phone, YOUTH, f"／评价 李老师 五分 {MARK}", "改好了：给李老师 5 分。")
        await tell(phone, CADRE, "/评价", f"{Quarter.of(datetime.now(UTC))}：还没揭晓，或不满 5 份，不显示")
        assert robot.rows("SELECT stars, text, round_id FROM rating") == [(5, MARK, 1)]
