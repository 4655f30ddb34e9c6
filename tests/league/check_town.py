"""抽查测试用的话：八位青年各有一条写着他的记录，开一回，替他们回话。学校见 `wish_town`。"""

from datetime import datetime, timedelta

from bot.league import check_answers, check_rounds
from bot.league.check_rounds import Opened
from bot.league.periods import Quarter
from db.models import CheckState, RoleKind, SpotCheck
from tests import factories
from tests.league import activity_town, wish_town
from tests.league.wish_town import Town, who

#: 软件学院的青年
YOUTHS = range(300, 308)
Q4 = Quarter(2026, 4)


async def build(*, at: datetime) -> Town:
    """张三记了八条，一人一条。督导：120 周督导（校团委），121 吴督导（软件自己的），122 郑督导（法学院）。"""
    town = await wish_town.build()
    await factories.admin(120, "周督导", town.school, RoleKind.INSPECTOR)
    await factories.admin(121, "吴督导", town.software, RoleKind.INSPECTOR)
    await factories.admin(122, "郑督导", town.law, RoleKind.INSPECTOR)
    for user in YOUTHS:
        youth = await factories.youth(user, town.zhang, town.group)
        await activity_town.record([youth], f"谈心 面对面 聊了{user}", at=at - timedelta(days=4))
    return town


async def start(town: Town, size: int = 5, *, at: datetime) -> Opened:
    """软件学院的管理员开一回，问出去。"""
    opened = await check_rounds.start(await who(110), size, town.software, Q4, at=at)
    await check_rounds.keep(at)
    return opened


async def asked() -> list[SpotCheck]:
    """问出去还没答的，照抽到的次序。"""
    return await SpotCheck.filter(state=CheckState.ASKED).order_by("rank")


async def reply(row: SpotCheck, text: str, *, at: datetime) -> SpotCheck:
    """问到的那位回话。"""
    await row.fetch_related("youth__accounts")
    assert row.youth
    return await check_answers.answer(await who(int(row.youth.accounts[0].user_id)), row.id, text, at=at)


async def finish(*answers: str, at: datetime) -> list[SpotCheck]:
    """问到的照次序各回一句（不够的都回“有”），收完；返回这一回的全部。"""
    for row, text in zip(await asked(), [*answers, *["有 无"] * 9], strict=False):
        await reply(row, text, at=at)
    await check_rounds.keep(at)
    return await SpotCheck.all().order_by("rank")


async def case(town: Town, *, at: datetime) -> SpotCheck:
    """一人说没有，收完开了案。"""
    await start(town, at=at)
    return (await finish("没有 无", at=at))[0]
