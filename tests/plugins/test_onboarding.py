"""`/上手`：一页，做了的打勾；只说给团干部自己。"""

from bot.cards import draw
from bot.league.onboarding import Step, When
from bot.ticks import run_ticks
from db.models import Notice
from plugins.onboarding import jobs, render
from tests import factories
from tests.chat import Chat


def test_a_page_of_steps() -> None:
    found = [
        Step(When.TODAY, "把我请进青年群，绑定它", "在群里发 /绑定本群", True),
        Step(When.WEEK, "给青年贴个标签", "发 /标签 @小王 学生，以后好找", False),
    ]
    card = render.steps(found)
    assert not isinstance(card, str)
    assert card.text.splitlines() == [
        "上手（走了 1 步，共 2 步）",
        "今天｜☑ 把我请进青年群，绑定它",
        "这一周｜☐ 给青年贴个标签：发 /标签 @小王 学生，以后好找",
        "做了的我自己打勾；这不是指标，不进积分。青年愿不愿意都随他，不用催。",
    ]
    assert draw(card).startswith(b"\x89PNG")
    assert render.steps(found[:1]) == "几步都走完了，你已经上手了。往后看 /进度、/待办 就行。"
    assert render.steps([]) == "上任已经过了一季，上手这一页收起来了。做到哪了发 /进度，会用什么发 /帮助。"


async def test_who_may_ask_and_where(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    (reply,) = await chat.say(12, "/上手 文字")
    assert "今天｜☐ 把我请进青年群，绑定它：在群里发 /绑定本群" in str(reply)
    (reply,) = await chat.say(12, "/上手", group=5)
    assert str(reply) == "这是说给你一个人听的，请私聊我发 /上手。"
    (reply,) = await chat.say(30, "/上手")
    assert str(reply).startswith("这条命令是给团干部用的。")


async def test_an_appointment_is_followed_by_one_word(chat: Chat) -> None:
    jobs._looked = None
    await factories.admin(1, "王管理", await factories.school())
    await chat.say(1, "/任命 [@12] 张三 专职 示例大学团委", group=5)
    await run_ticks(chat.at)
    await run_ticks(chat.later(minutes=1))
    assert await Notice.filter(kind="cadre.appointed").count() == 1
