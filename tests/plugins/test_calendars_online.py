"""`/校历`、`/季报`：真的进程、真的 WebSocket，写对写错都有一句明白话。"""

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


async def tell(phone: Phone, user: int, text: str, hears: str) -> str:
    """`user` 私聊说 `text`，等到一句以 `hears` 开头的。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    found = [said for said in phone.said[before:] if said.startswith(hears)]
    assert found, phone.said[before:]
    return found[0]


async def test_a_calendar_from_nothing_to_taken_back(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, BOSS, "/校历", "还没有定校历，工作日照法定节假日算。要定就发：/校历 10-01~10-07 放假")
        await tell(phone, BOSS, "/校历 10-02~10-05", "这几天怎么算？后面写 放假、上班 或 考试周")
        await tell(phone, BOSS, "/校历 放假", "哪几天？例如：/校历 10-01~10-07 放假")
        await tell(phone, BOSS, "/校历 06-10~06-14 放假", "给哪个单位定？把单位全名写在后面")
        await tell(phone, BOSS, "/校历 06-10~06-14 放假 没有的大学", "没有叫“没有的大学”的单位。")
        await tell(phone, CADRE, "/校历 06-10~06-14 放假", "校历由校级以上的管理员来定。")
        await tell(phone, YOUTH, "/校历", "校历是给团干部和管理员看的。")
        added = await tell(phone, BOSS, "/校历 06-08~06-19 考试周 示例大学团委", "记下了第 1 条：示例大学团委和下级，")
        assert "6月8日到6月19日 考试周。不催团干部去找青年" in added
        await tell(phone, CADRE, "/校历", "校历（其余照法定节假日）：\n1. 示例大学团委：")
        await tell(phone, CADRE, "/校历 删 1", "没找到第 1 条，发 /校历 看看编号。")
        await tell(phone, BOSS, "/校历 删", "删哪一条？发 /校历 看编号")
        await tell(phone, BOSS, "/校历 删 1", "好，第 1 条考试周不算了。")
        await tell(phone, BOSS, "/校历", "还没有定校历")
    assert robot.rows("SELECT action FROM audit WHERE action LIKE 'calendar.%' ORDER BY id") == [
        ("calendar.add",),
        ("calendar.remove",),
    ]


async def test_reports_are_told_apart_from_other_words_on_the_wire(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, BOSS, "/季报", "你管的单位里没有要交季报的团总支。")
        await tell(phone, BOSS, "/季报 已报 示例大学团委", "季报由团总支来交，示例大学团委不用交。")
        await tell(phone, BOSS, "/季报 已报", "说的是哪个团总支？把全名写在后面")
        await tell(phone, BOSS, "/季报 交了", "没有叫“交了”的单位")
        await tell(phone, CADRE, "/季报", "季报是单位管理员的事。想看自己的进度，发 /进度")
