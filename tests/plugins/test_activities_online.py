"""活动与记录的黑盒：真的进程、真的 WebSocket，从一问一答发起，到签到、记一笔、本人确认。"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, until

pytestmark = pytest.mark.slow

SELF, GROUP, GUEST = 10000, 300, 20003
MARK = "绝不能进日志的话"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = GROUP) -> str:
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头，返回那一句。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    found = [said for said in phone.said[before:] if said.startswith(hears)]
    assert found, phone.said[before:]
    return found[0]


async def test_from_a_dialogue_to_a_confirmed_record(robot: Robot) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Shanghai"))
    async with online(robot, SELF) as phone:
        await tell(phone, CADRE, "/活动 发起", "办什么活动？")
        await tell(phone, BOSS, "/ping 不耽误别人", "pong 不耽误别人")
        await tell(phone, CADRE, MARK, "什么时候开始？")
        await tell(phone, CADRE, f"{soon:%m-%d %H:%M}", "在哪里？")
        await tell(phone, CADRE, MARK, "限多少人、算哪一类？")
        await tell(phone, CADRE, "限1人 文体", f"A1 {MARK}（")
        await tell(phone, YOUTH, "/报名 A1", f"报上了：A1 {MARK}")
        await tell(phone, GUEST, "/报名 A1", "A1 满了，你排候补第 1 位")
        await tell(phone, YOUTH, "/报名 A1", "你已经报过 A1 了")
        await tell(phone, YOUTH, "/取消 A1", "好，A1 替你取消了，现在 1/1 人。")
        code = await tell(phone, CADRE, "/签到 A1", f"A1 {MARK}的签到码：", group=None)
        digits = re.findall(r"签到码：(\d{4})", code)[0]
        await tell(phone, YOUTH, "/到场 12345", "签到码是四个数字")
        for user in (YOUTH, GUEST):
            await tell(phone, user, f"/到场 {digits}", "签到好了：A1")
        assert robot.rows("SELECT state, grade FROM activity") == [("报名中", "L2")]
        await tell(phone, CADRE, f"/活动 取消 A1 {MARK}", "A1 已经有人到场了")
        kept = "记下了 A2：谈心，面对面，1 位。我问一次写着的人，本人确认够数，就算青年确认过（L2）。"
        await tell(phone, CADRE, f"/记 [@{YOUTH}] 谈心 面对面 {MARK}", kept)
        await tell(phone, GUEST, "/确认 A2 有", "没找到 A2")
        await tell(phone, YOUTH, "/确认 A2 有", "谢谢，A2 记下了", group=None)
        await tell(phone, YOUTH, "/异议 A2", "收到，A2 先不算数", group=None)
        await tell(phone, CADRE, f"/纠错 A2 {MARK}", "A2 正在核实")
    assert robot.rows("SELECT state FROM activity ORDER BY id") == [("报名中",), ("核实中",)]
