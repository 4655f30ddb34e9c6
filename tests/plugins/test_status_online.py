"""`/状态` 的黑盒：真的进程、真的 WebSocket，谁看得到、说什么，重送与作废的拒绝。"""

from collections.abc import AsyncIterator

import pytest

from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    with running(folder, platform) as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=15)
    assert any(hears in said for said in phone.said[before:]), phone.said[before:]


async def test_the_whole_of_it_over_a_real_connection(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, BOSS, "/状态 文字", f"{robot.platform.label} {phone.id(SELF)}：在线")
        await tell(phone, BOSS, "/状态 文字", "互动记录：积压 ")
        await tell(phone, BOSS, "/状态", "里面有账号，不在群里说，请私聊我发 /状态。", GROUP)
        for user in (CADRE, YOUTH):
            await tell(phone, user, "/状态", "这条命令是给超级管理员和最上级单位的管理员用的。")
        await tell(phone, BOSS, "/状态 重送 12", "没有编号是 12 的通知。")
        await tell(phone, BOSS, "/状态 重送 W12", "看不懂“重送 W12”。")
