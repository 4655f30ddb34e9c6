"""光荣榜、加油榜、排名的黑盒：真的进程、真的 WebSocket，管理员看、发布，团干部与青年各看各的。"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.league.periods import Quarter
from db.models import CadreKind, Scope, Unit
from tests import factories
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, library, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 310
#: 上一季的榜：任何一天跑都已经过了季中
LAST = Quarter.of(datetime.now(UTC)).previous


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    async with library(folder):
        unit = await factories.branch("计算机学院团总支", await Unit.get(name="示例大学团委"))
        for user in range(6):
            cadre = await factories.cadre(7000 + user, f"干部{user}", unit, CadreKind.PART_TIME)
            cadre.since = LAST.start - timedelta(days=9)
            await cadre.save()
            for youth in range(10):
                person = await factories.youth(80_000 + 100 * user + youth, cadre, since=cadre.since)
                for week in range(2):
                    await factories.interaction(cadre, person, LAST.first_day + timedelta(days=7 * week))
    with running(folder, platform) as robot:
        yield robot


async def hears(phone: Phone, user: int, text: str, wanted: str, group: int | None = None) -> None:
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(wanted in said for said in phone.said[before:]), seconds=15)
    assert any(wanted in said for said in phone.said[before:]), phone.said[before:]


async def test_each_role_sees_what_is_his(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await hears(phone, BOSS, f"/排名 计院 {LAST} 前3 文字", "1. 干部0（计算机学院团总支）")
        await hears(phone, BOSS, "/排名 上季度 文字", "1. 计算机学院团总支（6 人，不适用 60%）100.0 光荣")
        await hears(phone, BOSS, "/排名 法学院", "你能看的单位里没有“法学院”")
        await hears(phone, 7000, "/排名 上季度", "本单位第 1 名，共 6 人")
        await hears(phone, YOUTH, "/排名", "排名是给团干部看的")
        await hears(phone, CADRE, "/光荣榜 发布", "光荣榜由单位管理员发布")
        await hears(phone, BOSS, "/光荣榜 上季度 文字", "1. 计算机学院团总支（团干部 6 人）100.0 新上榜")
        await hears(phone, BOSS, "/光荣榜 上季度 发布", "第 1 版发布了，还没有绑定工作群")
        await hears(phone, BOSS, "/光荣榜 上季度 发布", "不用再发布")
        await hears(phone, YOUTH, "/光荣榜", "第 1 版", group=GROUP)
        await hears(phone, BOSS, "/加油榜 上季度", "没有需要加油的单位")
        await hears(phone, CADRE, "/加油榜", "加油榜由单位管理员来看")
    assert robot.rows("SELECT kind, quarter, version FROM roll") == [("光荣榜", str(LAST), 1)]
