"""头几步的黑盒：空库起真的进程，名册当文件发来、要回去；谁不能、在哪不能，都有一句话。"""

import io
from collections.abc import AsyncIterator

import pytest
import xlsxwriter

from bot.league import roster_files
from db.models import Scope
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    with running(folder, platform, hidden="wxid_secret") as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    await sends(phone, phone.message(text, user=user, group=group), hears)


async def sends(phone: Phone, event: object, hears: str) -> None:
    before = len(phone.said)
    await phone.send(event)
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=20)
    assert any(hears in said for said in phone.said[before:]), phone.said[before:]


def workbook(*cadres: tuple[str, ...]) -> bytes:
    file = io.BytesIO()
    roster_files.write(file, {"单位": [("示例大学团委", "", "校")], "干部": list(cadres)})
    return file.getvalue()


def lone_sheet() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("单位")
    return file.getvalue()


async def test_the_roster_goes_in_and_comes_back_as_a_file(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        good = "李老师", "示例大学团委", "专职", "", robot.platform.label, phone.id(CADRE)
        wrong = workbook(good, ("李老师", "示例大学团委", "", "", "微信", "wxid_secret"))
        await tell(phone, BOSS, "/绑定本群 工作群 示例大学团委", "还没有任何单位，请先导入名册", GROUP)
        await tell(phone, BOSS, "/导出", "名册还是空的，没什么可导出。")
        await tell(phone, BOSS, "/通报", "给哪个单位出通报？写上名字")
        await tell(phone, BOSS, "/下基层 设 8+4 12天", "给哪个单位定？把单位写在后面")
        await tell(phone, BOSS, "/导入", "别在群里发", GROUP)
        await tell(phone, YOUTH, "/导入", "名册由超级管理员和最上级单位的管理员来导")
        await sends(phone, phone.file("名册.xlsx", wrong, user=BOSS), "先发 /导入")
        await tell(phone, BOSS, "/导入", "填好发回给我")
        await sends(phone, phone.file("名册.doc", "名册".encode(), user=BOSS), "这不是 .xlsx 文件。")
        await sends(phone, phone.file("名册-坏了.xlsx", b"PK\x03\x04", user=BOSS), "这个文件不是 .xlsx（或加了密）")
        await sends(phone, phone.file("名册-少一张.xlsx", lone_sheet(), user=BOSS), "名册里少了这张表：干部")
        await sends(phone, phone.file("名册.xlsx", wrong, user=BOSS), "类别和职责都空着")
        await sends(phone, phone.file("名册-改好.xlsx", workbook(good), user=BOSS), "名册导入好了")
        await tell(phone, BOSS, "/导出", "单位 1 个，团干部 1 行")
        await tell(phone, CADRE, "/导出", "只给管理员")
        assert [given.to for given in phone.files] == [phone.id(BOSS)] * 2
        await tell(phone, CADRE, "/绑定本群", "大家好，我是团团", GROUP)
        await tell(phone, CADRE, "/上手", "请私聊我发 /上手", GROUP)
        await tell(phone, YOUTH, "/上手", "这条命令是给团干部用的")
        await tell(phone, CADRE, "/上手 文字", "今天｜☑ 把我请进青年群，绑定它")
        await tell(phone, YOUTH, "/帮助 文字", "/心愿 想学修自行车　提个小心愿")
        await tell(phone, CADRE, "/帮助 文字", "【心愿和心声】")
        await tell(phone, YOUTH, "、心愿 想学车", "就差一点，像这样发：/心愿 想学修自行车")
        await tell(phone, YOUTH, "在吗", "我在，我是团团")
