"""活动与记录测试用的话：发起、报名、记一笔。学校见 `wish_town`。"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.league import activities, activity_signups, record_lines, records
from bot.league.activity_plans import Plan
from db.models import Account, Activity, Group, Participation, PartState, Person
from tests.league.wish_town import who


async def activity(*, at: datetime, cap: int | None = None, after: timedelta = timedelta(hours=3)) -> Activity:
    """张三发起的篮球赛。"""
    plan = Plan("篮球赛", at + after, "东操场", cap)
    return await activities.start(await who(100), plan, at=at, group=await Group.get(group_id="555"))


async def sign_up(user_id: int, *, at: datetime, number: int = 1) -> PartState:
    """在群 555 里报名。"""
    group = await Group.get(group_id="555")
    return (await activity_signups.sign_up(await who(user_id), number, at=at, group=group)).state


async def record(people: Sequence[Person], text: str = "谈心 面对面 聊了找工作", *, at: datetime) -> Activity:
    """张三记的一笔。"""
    return await records.keep(await who(100), record_lines.read(text, at=at), [one.id for one in people], at=at)


async def states(number: int = 1) -> dict[str, PartState]:
    """账号 → 状态，按次序。"""
    rows = await Participation.filter(activity_id=number).order_by("turn")
    users = {account.person_id: account.user_id for account in await Account.all()}
    return {users.get(row.person_id, "?"): row.state for row in rows}
