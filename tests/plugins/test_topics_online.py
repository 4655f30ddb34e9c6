"""话题与投票的黑盒：真的进程、真的 WebSocket，断电一回，结果一条不多一条不少。"""

from pathlib import Path

import pytest

from db.models import Scope
from tests.phones import Phone, online, start
from tests.process import CADRE, YOUTH, Robot, bind, kill, stop, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MARK = "绝不能进日志的话"


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = GROUP) -> str:
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头，返回那一句。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    found = [said for said in phone.said[before:] if said.startswith(hears)]
    assert found, phone.said[before:]
    return found[0]


def discussed(robot: Robot) -> list[tuple[int, int]]:
    """(是不是青年, 条数)，多的在前。"""
    return robot.rows("SELECT youth, messages FROM topic_voice ORDER BY youth DESC, messages DESC")


async def test_a_topic_and_a_poll_survive_a_power_cut(tmp_path: Path, platform: Scope) -> None:
    await bind(tmp_path, GROUP, self_id=SELF, youths=6)
    robot = start(tmp_path, platform, LOG_LEVEL="TRACE")
    async with online(robot, SELF) as phone:
        await tell(phone, YOUTH, "/话题 想聊聊社团", "这条命令是给团干部用的。")
        await tell(phone, CADRE, "/话题 大家务必来聊社团", "“务必”这个说法先不发")
        await tell(phone, CADRE, "/话题 想聊聊社团", "话题：想聊聊社团\n想到什么就直接说。")
        await tell(phone, CADRE, "/话题 再聊一个", "群里正聊着“想聊聊社团”")
        spoken = [
            phone.message(f"{MARK}第{place}位青年想要的社团", user=YOUTH + number, group=GROUP)
            for number, place in enumerate("一二三四")
        ]
        await phone.send(*spoken)
        await tell(phone, CADRE, "/投票 去哪 爬山/看展", "投票 P1：去哪\n1 爬山\n2 看展\n")
        await tell(phone, YOUTH, "/投 2", "投好了。")
        await tell(phone, YOUTH, "/投 1", "你投过了。")
        await tell(phone, YOUTH + 1, "/投 7", "投第几项？写 1 到 2 的数字")
        await until(lambda: len(discussed(robot)) == 4, seconds=15)
    kill(robot)
    robot = start(tmp_path, platform, LOG_LEVEL="TRACE")
    async with online(robot, SELF) as phone:
        await phone.send(*spoken)
        for number, place in enumerate("五六", 4):
            await phone.send(phone.message(f"{MARK}第{place}位青年想要的社团", user=YOUTH + number, group=GROUP))
        await tell(phone, YOUTH, "/投 1", "你投过了。")
        for number in range(1, 6):
            await tell(phone, YOUTH + number, "/投 P1 1", "投好了。", group=None if number == 1 else GROUP)
        said = await tell(phone, CADRE, "/话题 结束 文字", "话题：想聊聊社团（结束了，谢谢大家）")
    assert "说了实在话的青年：6 人\n他们的实在话：6 条\n投票 去哪：6 票\n1 爬山：5 票\n2 看展：1 票\n" in said
    assert discussed(robot) == [(1, 1)] * 6
    assert robot.rows("SELECT count(*) FROM ballot") == [(0,)]
    stop(robot)
    assert MARK not in robot.log
    assert "Traceback" not in robot.log
