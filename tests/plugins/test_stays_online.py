"""下基层、指导、课题的黑盒：真的进程、真的 WebSocket；说的话不进日志。"""

from collections.abc import AsyncIterator

import pytest

from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MARK = "绝不能进日志的话"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    """`user` 说 `text`，机器人接着说的话里有一句含着 `hears`。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=15)
    assert any(hears in said for said in phone.said[before:]), phone.said[before:]


async def test_days_guidance_and_a_topic_over_a_real_connection(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, CADRE, f"/下基层 2天 {MARK} 8+4 蹲点", f"{MARK}，2 天，算 8+4、蹲点。", GROUP)
        await tell(phone, CADRE, f"/下基层 1天 {MARK}", "已经记在 J1 里了", GROUP)
        await tell(phone, CADRE, "/下基层 半天 某镇", "下基层按整天记")
        await tell(phone, CADRE, "/下基层", "只给你自己看", GROUP)
        await tell(phone, CADRE, "/下基层 文字", "8+4：L0 2 天")
        await tell(phone, YOUTH, "/下基层 2天 某镇", "这条命令是给团干部用的", GROUP)
        await tell(phone, CADRE, f"/纠错 J1 {MARK} 改为 12人", "J1 改好了，这是第 2 版")
        await tell(phone, CADRE, "/下基层 设 8+4 120天", "要几天由单位管理员来定")
        await tell(phone, BOSS, "/下基层 设 8+4 120天", "全年 120 天，依据全团要讯2017第2期")
        await tell(phone, BOSS, "/下基层 统计 文字", "合计：8+4 1 人 · L1 2 天")
        await tell(phone, BOSS, "/下基层 统计", "请私聊我发 /下基层 统计", GROUP)
        await tell(phone, CADRE, "/指导 示例大学团委 组织生活会", "是“校”一级的")
        await tell(phone, CADRE, "/指导 示例 组织生活会", "是不是：示例大学团委？")
        await tell(phone, BOSS, "/指导", "下面没有团总支、团支部")
        await tell(phone, CADRE, f"/课题 {MARK}", "今年的课题定下了")
        await tell(phone, CADRE, f"/课题 又一个{MARK}", "今年的课题已经定了")
        await tell(phone, CADRE, f"/课题 结题 {MARK}", "提交了，辛苦了")
        await tell(phone, BOSS, "/课题 文字", f"李老师（示例大学团委）：“{MARK}”，已提交")
        await tell(phone, YOUTH, "/课题 试试", "这条命令是给团干部用的", GROUP)
    assert robot.rows("SELECT version, schemes, grade FROM stay") == [(2, "8+4 蹲点", "L1")]
    assert robot.rows("SELECT count(*) FROM stay_day") == [(2,)]
    assert robot.rows("SELECT state FROM study") == [("已提交",)]
