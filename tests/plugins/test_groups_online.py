"""群里来人、走人、撤回、引用、@机器人的黑盒：真的进程、真的 WebSocket。"""

from collections.abc import AsyncIterator

import pytest

from db.models import Contact, Group, Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, library, until

pytestmark = pytest.mark.slow

SELF, GROUP, ANOTHER = 10000, 300, 301
MARK = "绝不能进日志的话"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF, youths=2)
    async with library(folder):
        await Contact.all().update(group_id=(await Group.get()).id)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def hears(phone: Phone, event: object, hears: str, *, place: str) -> None:
    """送一个事件，等到机器人在 `place` 说了以 `hears` 开头的。"""
    before = len(phone.told)
    await phone.send(event)
    await until(lambda: any(to == place and hears in said for to, said in phone.told[before:]), seconds=15)
    assert any(to == place and said.startswith(hears) for to, said in phone.told[before:]), phone.told[before:]


async def settled(robot: Robot, sql: str, wanted: object) -> None:
    await until(lambda: robot.rows(sql) == [(wanted,)], seconds=15)
    assert robot.rows(sql) == [(wanted,)]


async def test_what_happens_in_a_group(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        here, there = phone.group_id(GROUP), phone.group_id(ANOTHER)
        called = phone.message(f"[@{SELF}] /ping 在吗", user=BOSS, group=GROUP)
        await hears(phone, called, "pong 在吗", place=here)
        spoken = phone.message(f"{MARK}，我想学修自行车", user=YOUTH, group=GROUP)
        await phone.send(spoken)
        await robot.counts(here, 2)
        await phone.send(phone.recalled(spoken))
        await until(lambda: robot.counted(here) == 1, seconds=15)
        assert robot.counted(here) == 1
        quoted = phone.message(f"/记 谈心 面对面 {MARK}", user=CADRE, group=GROUP, quoting=("77", YOUTH + 1))
        await hears(phone, quoted, "记下了 A1：谈心，面对面，1 位。", place=here)
        paused = "SELECT count(*) FROM contact WHERE state = 'paused'"
        await phone.send(phone.came(YOUTH, group=GROUP, left=True))
        await settled(robot, paused, 1)
        await phone.send(phone.came(YOUTH, group=GROUP))
        await settled(robot, paused, 0)
        await hears(phone, phone.came(SELF, group=ANOTHER), "大家好，我是团团", place=there)
        await phone.send(phone.came(SELF, group=GROUP, left=True))
        await settled(robot, "SELECT count(*) FROM chat_group WHERE unbound_at IS NULL", 0)
