"""联系的黑盒：真的进程、真的 WebSocket，从筛、成批贴标签、撤销，到交接、青年回话。"""

from collections.abc import AsyncIterator

import pytest

from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, until

pytestmark = pytest.mark.slow

SELF, GROUP, TAKER = 10000, 300, 20009
MARK = "绝不能进日志的标签"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF, youths=2)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    assert any(said.startswith(hears) for said in phone.said[before:]), phone.said[before:]


async def test_from_filters_to_a_handover(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, CADRE, "/标签 全部 学生", "名单里有具体的人", GROUP)
        await tell(phone, CADRE, f"/标签 没标签的 {MARK}", f"会给 2 位小伙伴贴上 {MARK}。现在还没改")
        assert robot.rows("SELECT count(*) FROM contact_tag") == [(0,)]
        await tell(phone, CADRE, "/标签 确认", "好，2 位小伙伴的标签改好了")
        await tell(phone, CADRE, f"/小伙伴 {MARK} 未面对面 本季没活动 文字", f"小伙伴（标签 {MARK} · 今年没见面")
        await tell(phone, CADRE, "/小伙伴 没这个词", "没认出“没这个词”")
        await tell(phone, CADRE, f"/标签 {phone.id(YOUTH)} 家庭困难", "“家庭困难”是别人不愿被写下来的事")
        await tell(phone, CADRE, "/标签 撤销", "好，撤销了，2 位小伙伴")
        await tell(phone, CADRE, "/标签 撤销", "十分钟内没有可以撤销")
        assert robot.rows("SELECT count(*) FROM contact_tag") == [(0,)]
        await tell(phone, YOUTH, "/标签 全部 学生", "这条命令是给团干部用的")
        await tell(phone, BOSS, f"/任命 {phone.id(TAKER)} 王老师 专职 示例大学团委", "好，王老师")
        await tell(phone, CADRE, "/交接 没这个人", "“没这个人”不在团干部名册上")
        await tell(phone, YOUTH, "/愿意", "现在没有等你回话的交接")
        await tell(phone, CADRE, "/交接 王老师", "好，要问 2 位")
        await tell(phone, CADRE, "/交接", "李老师→王老师（问到")
        await tell(phone, YOUTH, "/愿意", "好，王老师现在是你的联系团干部了")
        await tell(phone, YOUTH + 1, "/不了", "好，记下了。", GROUP)
        await tell(phone, YOUTH, "/不了", "你说过愿意了")
    found = robot.rows("SELECT cadre_id, state FROM contact ORDER BY id")
    assert found == [(1, "ended"), (1, "active"), (2, "active")]
