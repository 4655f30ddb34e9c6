"""`/通报` 的黑盒：真的进程、真的 WebSocket；不该看的人看不到，名字与心愿不进日志。"""

from collections.abc import AsyncIterator
from io import BytesIO

import docx
import pytest

from db.models import Scope
from tests.league import bulletin_town
from tests.phones import Phone, online, running
from tests.process import BOSS, Robot, library, until
from tests.processes import midday_zone

pytestmark = pytest.mark.slow

SELF = 10000


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    async with library(folder):
        await bulletin_town.build(boss=None)
    with running(folder, platform, hidden=bulletin_town.SECRET, TUAN_TIMEZONE=midday_zone()) as robot:
        yield robot


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    """`user` 说 `text`，机器人接着说的话里有一句含着 `hears`。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=30)
    assert any(hears in said for said in phone.said[before:]), phone.said[before:]


def pictures(phone: Phone, group: int) -> list[bytes]:
    return [picture.data for picture in phone.pictures if picture.to == phone.group_id(group)]


async def test_looking_publishing_and_files_over_a_real_connection(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, 601, "/通报 2026Q3", "通报由单位管理员来看")
        await tell(phone, 70000, "/通报 2026Q3 发布", "通报由单位管理员来看", 100)
        await tell(phone, BOSS, "/通报 2026Q3 发布", "通报先私聊我看好", 61)
        await tell(phone, BOSS, "/通报 2099Q1", "2099Q1 还没到呢")
        await tell(phone, BOSS, "/通报 本季度 发布", "还没结束")
        await tell(phone, BOSS, "/通报 2026Q3 更正 漏了", "还没发布，没有可更正的")
        await tell(phone, BOSS, "/通报 2026Q3 发步", "你能看的单位里没有“发步”")
        await tell(phone, BOSS, "/通报 2026Q3 文字", "【过程】真聊过的青年 55 人，真聊过的人次 110 人次")
        await tell(phone, BOSS, "/通报 2026Q3 发布", "第 1 版发布了，送往 2 个工作群")
        await tell(phone, BOSS, "/通报 2026Q3 发布", "已经发布过了（第 1 版）")
        await tell(phone, BOSS, "/通报 2026Q3 更正 漏了", "一个数也不差，不用更正")
        await tell(phone, BOSS, "/通报 2026Q3 文件", "Word、表格、PDF 都发给你了")
        await until(lambda: all(pictures(phone, group) for group in (61, 62)), seconds=30)
        for group in (61, 62):
            [picture] = pictures(phone, group)
            assert int.from_bytes(picture[16:20]) == 720
        given = [(file.to, file.name.rsplit("版", 1)[1]) for file in phone.files]
        assert given == [(phone.id(BOSS), kind) for kind in (".docx", ".xlsx", ".pdf")]
        document = docx.Document(BytesIO(phone.files[0].data))
        assert document.paragraphs[1].text == "各单位："
    assert robot.rows("SELECT quarter, version, name FROM bulletin") == [("2026Q3", 1, "示例大学团委")]
    assert robot.rows("SELECT count(*) FROM notice WHERE kind = 'bulletin.published'") == [(2,)]
