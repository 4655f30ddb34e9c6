"""团干部自己的事测试用的一所学校：校团委、一个团总支、两位团干部、一个青年群、一个工作群。"""

from bot.league import roster
from db.models import Cadre, GroupKind, UnitKind
from tests import factories
from tests.chat import Chat


async def build() -> Cadre:
    """账号：1 张三、2 李四（软件学院），900 管着全校；软件学院下面有一班；5 是张三的青年群，6 是工作群。"""
    school = await factories.school()
    await factories.admin(900, "管理员", school)
    software = await factories.branch("软件学院团总支", school)
    await roster.add_unit("软件一班团支部", UnitKind.BRANCH, software)
    zhang = await factories.cadre(1, "张三", software)
    await factories.cadre(2, "李四", software)
    await factories.group(5, zhang)
    await factories.group(6, zhang, GroupKind.WORK)
    return zhang


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    """`user` 说 `text`，机器人正好回了这一句。"""
    [reply] = await chat.say(user, text, group=group)
    return reply.text
