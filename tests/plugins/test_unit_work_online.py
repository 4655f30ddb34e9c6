"""单位的五个一、有窗口期的工作、推荐的黑盒：真的进程、真的 WebSocket，连同说“不行”的那些话。"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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
    """`user` 说 `text`，等到机器人新说的话里有一句以 `hears` 开头。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    assert any(said.startswith(hears) for said in phone.said[before:]), (text, phone.said[before:])


async def test_the_units_five_and_the_works(robot: Robot) -> None:
    soon = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(hours=1)
    when = f"{soon:%m-%d %H:%M}"
    out_of_season = "机关开放日" if not 4 <= soon.month <= 6 else "集中服务青年月"
    async with online(robot, SELF) as phone:
        five = "开放日/分享/面对面/志愿/自主"
        await tell(phone, CADRE, f"/单位五个一 设 {five} 组织部", "单位五个一由单位管理员（组织部）来定。")
        await tell(phone, BOSS, f"/单位五个一 设 {five} 组织部", "哪个单位？把全名写上")
        await tell(phone, BOSS, f"/单位五个一 设 {five}/读书 组织部 示例大学团委", "不能层层加码（校青字〔2017〕10号")
        await tell(phone, BOSS, f"/单位五个一 设 {five} 宣传部 示例大学团委", "定好了：示例大学团委")
        await tell(phone, CADRE, "/单位五个一 文字", "示例大学团委的五个一（")
        await tell(phone, YOUTH, "/单位五个一", "这是给团干部和单位管理员看的。")
        await tell(phone, CADRE, "/单位五个一", "单位的五件事不往青年群里贴", GROUP)
        await tell(
            phone, CADRE, f"/活动 发起 {MARK} {when} 一楼 单位 开放日", "单位的开放日由单位管理员来发起。", GROUP
        )
        await tell(phone, CADRE, f"/活动 发起 {MARK} {when} 一楼", f"A1 {MARK}（", GROUP)
        await tell(phone, BOSS, "/活动 改 A1 单位 开放日", f"改好了，现在是 A1 {MARK}（")
        await tell(phone, CADRE, f"/活动 发起 {out_of_season} {when} 一楼", f"{out_of_season}在 ", GROUP)
        await tell(phone, CADRE, f"/活动 发起 主题宣讲 {when} 一楼 到：某某团支部", "没有叫“某某团支部”的单位", GROUP)
        await tell(phone, CADRE, f"/活动 发起 主题宣讲 {when} 一楼", "A2 主题宣讲（", GROUP)
        await tell(phone, CADRE, "/活动 工作 文字", "工作（")
        await tell(phone, CADRE, "/活动 工作 主题宣讲 文字", "主题宣讲：示例大学团委（")
        await tell(phone, CADRE, "/活动 工作", "上面布置的工作不往青年群里贴", GROUP)
        await tell(phone, YOUTH, "/活动 工作", "这条命令是给团干部用的。")
    sql = "SELECT slot, campaign FROM activity ORDER BY id"
    assert robot.rows(sql) == [("开放日", None), ("团课", "主题宣讲")]
    assert robot.rows("SELECT side, lead FROM five_ones") == [("unit", "宣传部")]


async def test_a_nomination_is_taken_in_season_and_leaves_no_row_behind(robot: Robot) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    is_open = date(today.year, 7, 1) <= today <= date(today.year, 11, 30)
    async with online(robot, SELF) as phone:
        taken = "收下了，谢谢你。" if is_open else "最美青春故事从" if today.month < 7 else f"{today.year} 年的推荐"
        await tell(phone, YOUTH, f"/推荐 李老师 {MARK}", taken)
        await tell(phone, YOUTH, "/推荐 名单", "名单给组织评审的管理员看。")
        await tell(phone, YOUTH, "/推荐", "推荐的事不在群里说", GROUP)
        await tell(phone, YOUTH, "/推荐 同意", "这条命令是给团干部用的。")
        await tell(phone, CADRE, "/推荐 同意", "好，眼下这几份给评审看。" if is_open else "今年还没有人推荐你")
        await tell(phone, BOSS, "/推荐 名单 示例大学团委", f"{today.year} 年最美青春故事 · 示例大学团委")
        await tell(phone, YOUTH, "/推荐 撤回", "撤回了" if is_open else "今年你还没有推荐过谁。")
    assert robot.rows("SELECT id FROM nomination") == []
