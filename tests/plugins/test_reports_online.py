"""季报、评估、参评、素材、反馈、自检：真的进程、真的 WebSocket；说的话不进日志。"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.models import Scope, Unit
from tests import factories
from tests.phones import Phone, online, running
from tests.process import BOSS, CADRE, YOUTH, Robot, bind, library, until

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MARK = "绝不能进日志的话"
COLLEGE, HEAD = "示例学院团总支", 8


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF)
    await found_college(folder)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def found_college(folder: Path) -> None:
    """再放一个团总支，管理员 HEAD。"""
    async with library(folder):
        await factories.admin(HEAD, "总支书记", await factories.branch(COLLEGE, await Unit.get()))


async def tell(phone: Phone, user: int, text: str, hears: str, group: int | None = None) -> None:
    """`user` 说 `text`，机器人接着说的话里有一句含着 `hears`。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(hears in said for said in phone.said[before:]), seconds=15)
    assert any(hears in said for said in phone.said[before:]), (text, phone.said[before:])


async def test_a_report_from_the_draft_to_the_next_version(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, CADRE, "/季报", "季报是单位管理员的事。")
        await tell(phone, HEAD, "/季报", f"{COLLEGE} ")
        await tell(phone, HEAD, "/季报", "季报的内容不在群里说", GROUP)
        await tell(phone, HEAD, "/季报 签发", "还没有人写过，事实里没有的要你来写")
        for part in "一二三四":
            await tell(phone, HEAD, f"/季报 改 {part} {MARK}", f"现在是：\n{MARK}")
        await tell(phone, HEAD, "/季报 改 五 话", "哪一部分？")
        await tell(phone, BOSS, f"/季报 {COLLEGE}", "还没签发，草稿先归它自己改")
        await tell(phone, BOSS, f"/季报 签发 {COLLEGE}", "由它自己的管理员来改、来签发。")
        await tell(phone, HEAD, "/季报 签发", "季报第 1 版，从此不动")
        await tell(phone, HEAD, f"/季报 加 一 {MARK}", "已经报了，不再改")
        await tell(phone, BOSS, "/季报 表 文字", "已报，第 1 版")
        await tell(phone, BOSS, "/季报 表", "在工作群或私聊里看。", GROUP)
        await tell(phone, BOSS, f"/季报 退回 {COLLEGE}", "退回请说一声为什么")
        await tell(phone, BOSS, f"/季报 退回 {COLLEGE} {MARK}", "原因已经告诉它的管理员")
        await tell(phone, HEAD, "/季报 签发", "季报第 2 版，从此不动")
        await phone.send(phone.message("/季报 文件", user=HEAD))
        await until(lambda: bool(phone.files), seconds=15)
        assert [given.to for given in phone.files] == [phone.id(HEAD)]
        await tell(phone, HEAD, "/反馈", f"{COLLEGE} ")
        await tell(phone, HEAD, "/反馈", "反馈不在群里说", GROUP)
        await tell(phone, CADRE, "/反馈", "反馈给单位管理员看。")
        await tell(phone, BOSS, "/合规自检 文字", "合规自检（12 条里")
        await tell(phone, HEAD, "/合规自检", "合规自检给最上一级单位的管理员和超级管理员看")
    assert robot.rows("SELECT state, version FROM unit_report") == [("已报", 2)]


async def test_evaluation_eligibility_and_material(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, HEAD, "/评估", f"{COLLEGE} ")
        await tell(phone, HEAD, "/评估", "评估不在群里说", GROUP)
        await tell(phone, CADRE, "/评估", "评估是单位管理员的事。")
        await tell(phone, HEAD, "/评估 异议 不对", f"{COLLEGE}还没有签过的评估。")
        await tell(phone, BOSS, f"/评估 签 2024上半年 {COLLEGE} 好", "签字要认得出是谁")
        await tell(phone, HEAD, f"/评估 签 2024上半年 {COLLEGE} 好", "由上级的管理员来签、来答。")
        await tell(phone, CADRE, "/参评", "（只是建议，由管理员来定）")
        await tell(phone, YOUTH, "/参评", "这条命令是给团干部用的。")
        await tell(phone, CADRE, "/参评", "参评的事不在群里说", GROUP)
        await tell(phone, BOSS, "/参评 名单 示例大学团委 文字", "· 李老师（示例大学团委）建议")
        await tell(phone, HEAD, "/参评 定 李老师 暂不 次数少", "没有找到这位在任的团干部。")
        await tell(phone, CADRE, f"/申诉 {MARK}", "申诉收下了")
        await tell(phone, CADRE, f"/申诉 {MARK}", "这一步走不了。")
        await tell(phone, YOUTH, "/素材 同意", "只写“一位青年”")
        await tell(phone, YOUTH, "/素材 不同意", "以后取的素材里没有你的。")
        await tell(phone, YOUTH, "/素材", "素材给单位管理员（宣传部）取。")
        await phone.send(phone.message("/素材", user=HEAD))
        await until(lambda: bool(phone.files), seconds=15)
        assert [(given.to, given.name[-6:]) for given in phone.files] == [(phone.id(HEAD), "素材.zip")]
    assert robot.rows("SELECT state FROM eligibility") == [("申诉中",)]
    assert robot.rows("SELECT count(*) FROM material_consent") == [(0,)]
