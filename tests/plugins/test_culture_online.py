"""推送与好物的黑盒：真的进程、真的 WebSocket。"""

from collections.abc import AsyncIterator

import pytest

from tests.process import BOSS, CADRE, YOUTH, Phone, Robot, bind, start, stop, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MARK = "绝不能进日志的话"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    robot = start(folder, LOG_LEVEL="TRACE")
    yield robot
    stop(robot)
    assert MARK not in robot.log
    assert "Traceback" not in robot.log


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = GROUP) -> None:
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    assert any(said.startswith(hears) for said in phone.said[before:]), phone.said[before:]


async def test_from_the_queue_to_an_opinion_and_a_subscription(robot: Robot) -> None:
    async with Phone.online(robot, SELF) as phone:
        await tell(phone, YOUTH, "/推送 看懂五四 https://a.edu.cn 读书", "这条命令是给团干部用的。")
        await tell(phone, CADRE, "/推送 看懂五四 javascript:alert(1)", "javascript 开头的链接我不推")
        await tell(phone, CADRE, "/推送 请截图打卡 https://a.edu.cn", "“截图”这个说法先不发")
        await tell(phone, CADRE, f"/推送 {MARK} https://a.edu.cn 读书", f"G1 排上了，推给这个群：{MARK}（读书）。")
        await tell(phone, CADRE, "/推送 又来一次 https://a.edu.cn", f"这个链接推过了（G1 {MARK}）")
        await tell(phone, BOSS, "/推送", "排着的推送（1 条）", group=None)
        await tell(phone, YOUTH, "/好物", f"近来的好物\nG1 {MARK}（读书）\n　https://a.edu.cn")
        await tell(phone, YOUTH, f"/好物 G1 有用 {MARK}", "谢谢，G1 记下了：有用。")
        await tell(phone, YOUTH, "/好物 G1 嗯", "先写 有用 或 一般")
        await tell(phone, CADRE, "/推送 G1", "G1 ", group=None)
        await tell(phone, YOUTH, "/订阅 读书", "订上了，现在订着：读书。")
        await tell(phone, YOUTH, "/退订 电影", "你没有订“电影”")
        await tell(phone, YOUTH, "/退订", "退掉了：读书。")
        await tell(phone, CADRE, "/推送 取消 G1", "G1 撤下了")
    assert robot.rows("SELECT state FROM push") == [("撤下了",)]
    assert robot.rows("SELECT useful, words FROM opinion") == [(1, MARK)]
