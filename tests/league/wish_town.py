"""心愿测试用的一所学校：校团委、两个团总支、六位团干部、一个青年群。"""

from dataclasses import dataclass
from datetime import datetime

from bot.league import roster, wish_claims, wishes
from bot.league.roster import Speaker
from db.models import Cadre, Group, Notice, Person, Scope, Unit, Wish, WishAction, WishEvent
from tests import factories
from tests.factories import AT


@dataclass(frozen=True)
class Town:
    """`zhang` 是软件学院的联系团干部，`group` 是他绑的群，`xiaowang` 是加入了的青年。"""

    school: Unit
    software: Unit
    law: Unit
    zhang: Cadre
    group: Group
    xiaowang: Person


async def build() -> Town:
    """建好学校。账号：100 张三、101 李四（软件），102 王五（法学），103 赵六（校团委），110 软件管理员，200 小王。"""
    school = await factories.school()
    software, law = [await factories.branch(name, school) for name in ("软件学院团总支", "法学院团总支")]
    zhang = await factories.cadre(100, "张三", software)
    await factories.cadre(101, "李四", software)
    await factories.cadre(102, "王五", law)
    await factories.cadre(103, "赵六", school)
    await factories.admin(110, "孙管理", software)
    group = await factories.group(555, zhang)
    return Town(school, software, law, zhang, group, await factories.youth(200, zhang, group))


async def who(user_id: int) -> Speaker:
    """说话的人。"""
    return await roster.identify(Scope.QQ, str(user_id))


async def wish(text: str = "想学修自行车", *, by: int = 200, at: datetime = AT, **where: bool) -> Wish:
    """小王提的一条心愿。"""
    group = await Group.get(group_id="555")
    return (await wishes.submit(await who(by), text, at=at, group=group, group_id="555", **where)).wish


async def claimed(text: str = "想学修自行车", *, at: datetime = AT) -> Wish:
    """张三认领了的。"""
    row = await wish(text, at=at)
    return await wish_claims.claim(await who(100), row.id, at=at)


async def done(text: str = "想学修自行车", *, at: datetime = AT) -> Wish:
    """张三办结了的。"""
    row = await claimed(text, at=at)
    return await wish_claims.finish(await who(100), row.id, "办好了", at=at)


async def explained(*, at: datetime = AT) -> Wish:
    """张三说办不成的。"""
    row = await claimed(at=at)
    return await wish_claims.explain(await who(100), row.id, "场馆在修", at=at)


async def told(user_id: int) -> list[tuple[str, str]]:
    """给某人的通知：(kind, text)，按先后。"""
    rows = await Notice.filter(person__accounts__user_id=str(user_id)).order_by("id")
    return [(row.kind, row.text or "") for row in rows]


async def steps(row: Wish) -> list[WishAction]:
    """走过的每一步。"""
    return [event.kind for event in await WishEvent.filter(wish_id=row.id).order_by("id")]
