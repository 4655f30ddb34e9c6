"""抽查的黑盒：真的进程、真的 WebSocket；开一回、悄悄问、私下答、收完公布，团干部看不到是谁。"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.league import check_rounds, record_lines, records, roster
from bot.league.periods import Quarter, local
from db.models import Cadre, CheckKind, CheckState, Person, RoleKind, Scope, SpotCheck, Unit
from tests import factories
from tests.phones import Phone, online, running
from tests.process import CADRE, YOUTH, Robot, bind, library, until

pytestmark = pytest.mark.slow

SELF, GROUP, ADMIN, INSPECTOR, GUEST = 10000, 300, 20090, 20091, 20092
MARK = "绝不能进日志的说明"


@pytest.fixture(scope="module")
async def robot(tmp_path_factory: pytest.TempPathFactory, platform: Scope) -> AsyncIterator[Robot]:
    folder = tmp_path_factory.mktemp("robot")
    await bind(folder, GROUP, self_id=SELF, youths=10)
    await keep_records(folder)
    with running(folder, platform, hidden=MARK) as robot:
        yield robot


async def keep_records(folder: Path) -> None:
    """昨天五位青年一人一条记录，督导开过一回、问出去了；今天又有五条，头一条对不上。还有一处异常，都等着说明。"""
    now = datetime.now(UTC)
    async with library(folder):
        school = await Unit.get()
        branch = await factories.branch("软件学院团总支", school)
        await Cadre.all().update(unit_id=branch.id)
        await factories.admin(ADMIN, "孙管理", branch)
        await factories.admin(INSPECTOR, "周督导", school, RoleKind.INSPECTOR)
        afternoon = (local(now) - timedelta(days=1)).replace(hour=14, minute=0)
        cadre = await roster.identify(Scope.QQ, str(CADRE))
        for first, at in ((YOUTH, afternoon), (YOUTH + 5, now - timedelta(seconds=5))):
            for user in range(first, first + 5):
                youth = await Person.get(accounts__user_id=str(user))
                line = record_lines.read(f"谈心 面对面 聊了{user}", at=at)
                await records.keep(cadre, line, [youth.id], at=at)
            if at == afternoon:
                inspector = await roster.identify(Scope.QQ, str(INSPECTOR))
                await check_rounds.start(inspector, 5, school, Quarter.of(at), at=at)
                await check_rounds.keep(at)
        await SpotCheck.create(
            key="claim", kind=CheckKind.CLAIM, state=CheckState.EXPLAINING, quarter=str(Quarter.of(now)),
            cadre_id=cadre.cadre_id, unit=branch, activity_id=6, opened_at=now,
        )  # fmt: skip
        await SpotCheck.create(
            key="flood", kind=CheckKind.FLOOD, state=CheckState.EXPLAINING, quarter=str(Quarter.of(now)),
            cadre_id=cadre.cadre_id, unit=branch, evidence={"messages": 300, "empty": 300}, opened_at=now,
        )  # fmt: skip


async def tell(phone: Phone, user: int | str, text: str, hears: str, group: int | None = None) -> str:
    """`user` 说 `text`，等到一句以 `hears` 开头的回答。"""
    before = len(phone.said)
    await phone.send(phone.message(text, user=user, group=group))
    await until(lambda: any(said.startswith(hears) for said in phone.said[before:]), seconds=15)
    found = [said for said in phone.said[before:] if said.startswith(hears)]
    assert found, phone.said[before:]
    return found[0]


async def test_a_round_over_the_wire(robot: Robot) -> None:
    async with online(robot, SELF) as phone:
        await tell(phone, CADRE, "/抽查 20", "抽查由管理员和督导来开")
        await tell(phone, GUEST, "/抽查 20", "这是给团干部和单位管理员看的")
        await tell(phone, ADMIN, "/抽查 20", "抽查请私聊我发 /抽查", group=GROUP)
        await tell(phone, ADMIN, "/抽查 三件", "要抽几件？")
        opened = await tell(phone, ADMIN, "／抽查5", "抽查第 2 回开始了：软件学院团总支")
        assert opened.splitlines()[1].startswith("种子的哈希 ")
        again = await tell(phone, ADMIN, "/抽查 5", "软件学院团总支")
        assert "的第 2 回还没收完" in again
        await tell(phone, GUEST, "/抽查 种子 2", "抽查第 2 回（")
        await tell(phone, GUEST, "/抽查 种子 2 名单", "第 2 回还没收完，收完才公布名单；")
        assert "· 案子还没了结，等说明或别的单位的督导 2 件" in await tell(phone, ADMIN, "/督办", "· ")
        [(seed,)] = robot.rows("SELECT seed FROM check_round WHERE id = 2")
        assert all(seed not in said for said in phone.said), "收完之前谁也看不到种子"
        await tell(phone, CADRE, "/核验 A1", "A1 没改过")
        await tell(phone, CADRE, "/核验 A99", "没找到 A99")
        await tell(phone, INSPECTOR, "/核验 上上季", "要写上记录编号")
        await tell(phone, INSPECTOR, "/异议 A6 成立", "A6 也在抽查里（K")


async def test_answers_over_the_wire(robot: Robot) -> None:
    sql = "SELECT c.id, a.user_id FROM spot_check c JOIN account a ON a.person_id = c.youth_id WHERE c.state = '已问'"
    [(check, user), *_] = robot.rows(f"{sql} AND c.round_id = 1 ORDER BY c.rank")
    async with online(robot, SELF) as phone:
        await tell(phone, user, f"/确认 K{check} 有 无", "这一句请私聊我说", group=GROUP)
        await tell(phone, GUEST, f"/确认 K{check} 有 无", f"没找到 K{check}")
        await tell(phone, CADRE, f"/确认 K{check} 有 无", f"没找到 K{check}")
        await tell(phone, user, f"/确认 K{check} 是吗", "有这回事吗？1 有、2 没有、3 不记得、4 不想说，")
        await tell(phone, user, f"/确认 K{check} 有", "第二句也认一认：")
        assert robot.rows("SELECT count(*) FROM spot_check WHERE answer IS NOT NULL") == [(0,)]
        await tell(phone, user, f"/确认 K{check} 没有 无", f"谢谢，K{check} 收下了。")
        await tell(phone, user, f"/确认 K{check} 有 无", f"K{check} 已经答过了，谢谢")
        assert robot.rows("SELECT answer FROM spot_check WHERE answer IS NOT NULL") == [("没有",)]
        told = [text for to, text in phone.told if to == phone.id(CADRE)]
        assert not any(f"K{check}" in text and "没找到" not in text for text in told), "团干部不知道问了谁"


async def test_a_case_over_the_wire(robot: Robot) -> None:
    [(case,)] = robot.rows("SELECT id FROM spot_check WHERE kind = '刷屏'")
    async with online(robot, SELF) as phone:
        await tell(phone, YOUTH, f"/说明 K{case} {MARK}", "这条命令是给团干部用的")
        await tell(phone, CADRE, f"/说明 K{case} {MARK}", "说明只给督导看", group=GROUP)
        await tell(phone, INSPECTOR, f"/裁定 K{case} 属实 {MARK}", f"K{case} 正在等团干部说明")
        await tell(phone, CADRE, f"/说明 K{case} {MARK}", f"K{case} 的说明交给别的单位的督导了")
        await tell(phone, ADMIN, f"/裁定 K{case}", "裁定由别的单位的督导来做。")
        seen = await tell(phone, INSPECTOR, f"/裁定 K{case}", f"K{case} 软件学院团总支（刷屏）")
        assert f"团干部的说明：{MARK}" in seen
        await tell(phone, INSPECTOR, f"/裁定 K{case} 看过了", "属实还是不实？后面写上理由，")
        await tell(phone, INSPECTOR, f"/裁定 K{case} 属实 {MARK}", f"K{case} 裁定属实。异常不扣分")
        await tell(phone, INSPECTOR, f"/裁定 K{case} 不实 {MARK}", f"K{case} 已经了结了：属实。")
        assert robot.rows("SELECT state FROM spot_check WHERE kind = '刷屏'") == [("属实",)]
