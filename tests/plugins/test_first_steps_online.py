"""头几步的黑盒：空库起真的进程，名册当文件发来、要回去；谁不能、在哪不能，都有一句话。"""

import base64
import io
from collections.abc import AsyncIterator

import pytest

from bot.league import roster_files
from tests.process import BOSS, CADRE, YOUTH, Phone, Robot, start, stop, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    robot = start(folder, LOG_LEVEL="TRACE")
    yield robot
    stop(robot)
    assert "Traceback" not in robot.log
    assert "wxid_secret" not in robot.log, "名册里的账号不进日志"


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None, **more: object) -> None:
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group, **more))
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=20)
    assert any(hears in said for said in phone.said[before:]), phone.said[before:]


async def test_the_roster_goes_in_and_comes_back_as_a_file(robot: Robot) -> None:
    file = io.BytesIO()
    cadres = [
        ("李老师", "示例大学团委", "专职", "", "QQ", str(CADRE)),
        ("李老师", "示例大学团委", "", "", "微信", "wxid_secret"),
    ]
    roster_files.write(file, {"单位": [("示例大学团委", "", "校")], "干部": cadres})
    given = [{"type": "file", "data": {"file": "名册.xlsx", "file_id": "x", "file_size": "9000"}}]
    async with Phone.online(robot, SELF) as phone:
        await tell(phone, BOSS, "/导入", "别在群里发", GROUP)
        await tell(phone, YOUTH, "/导入", "名册由超级管理员和最上级单位的管理员来导")
        await tell(phone, BOSS, "", "先发 /导入", message=given)
        await tell(phone, BOSS, "/导入", "填好发回给我")
        phone.results["get_file"] = {"base64": base64.b64encode(file.getvalue()).decode()}
        await tell(phone, BOSS, "", "类别和职责都空着", message=given)
        file = io.BytesIO()
        roster_files.write(file, {"单位": [("示例大学团委", "", "校")], "干部": cadres[:1]})
        phone.results["get_file"] = {"base64": base64.b64encode(file.getvalue()).decode()}
        given[0]["data"] |= {"file": "名册-改好.xlsx"}
        await tell(phone, BOSS, "", "名册导入好了", message=given)
        await tell(phone, BOSS, "/导出", "单位 1 个，团干部 1 行")
        await tell(phone, CADRE, "/导出", "只给管理员")
        assert [call["action"] for call in phone.calls].count("upload_private_file") == 2
        await tell(phone, CADRE, "/绑定本群", "大家好，我是团团", GROUP)
        await tell(phone, CADRE, "/上手", "请私聊我发 /上手", GROUP)
        await tell(phone, YOUTH, "/上手", "这条命令是给团干部用的")
        await tell(phone, CADRE, "/上手 文字", "今天｜☑ 把我请进青年群，绑定它")
        await tell(phone, YOUTH, "/帮助 文字", "/心愿 想学修自行车　提个小心愿")
        await tell(phone, CADRE, "/帮助 文字", "【心愿和心声】")
        await tell(phone, YOUTH, "、心愿 想学车", "就差一点，像这样发：/心愿 想学修自行车")
        await tell(phone, YOUTH, "在吗", "我在，我是团团")
