"""推送、好物、订阅的命令：说了什么，听到什么。"""

import base64
import json

import pytest

from bot.gateway.delivery import deliver_due
from bot.ticks import run_ticks
from db.models import Audit, Notice, Opinion, Push, PushState, Subscription
from plugins.pushes.jobs import send_pushes
from tests import factories
from tests.chat import Chat

GROUP = 5
CADRE, YOUTH, BOSS = 20012, 20030, 20001
TEXT = "/推送 三分钟看懂五四 https://example.edu.cn/54 读书"


@pytest.fixture(autouse=True)
async def place(chat: Chat) -> None:
    """张三的群 5，六名青年已加入；王部长管学校。"""
    school = await factories.school()
    cadre = await factories.cadre(CADRE, "张三", school)
    group = await factories.group(GROUP, cadre)
    for user in range(YOUTH, YOUTH + 6):
        await factories.youth(user, cadre, group)
    await factories.admin(BOSS, "王部长", school)


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    [reply] = await chat.say(user, text, group=group)
    assert reply.group == (str(group) if group else None)
    return reply.text


async def test_a_push_from_the_queue_to_the_group_to_what_people_say(chat: Chat) -> None:
    assert await ask(chat, CADRE, TEXT, GROUP) == (
        "G1 排上了，推给这个群：三分钟看懂五四（读书）。\n"
        "白天推，一个群一天至多一条、一周至多两条。不想推了发 /推送 取消 G1。"
    )
    assert await ask(chat, BOSS, "/推送") == (
        "排着的推送（1 条）\nG1 三分钟看懂五四（读书） · 推了 0/1 个群\n不推了发 /推送 取消 G1"
    )
    await send_pushes(chat.at)
    assert (await Notice.get(kind="culture.push")).text == (
        "好物 G1：三分钟看懂五四（读书）\nhttps://example.edu.cn/54\n（去的是 example.edu.cn）\n"
        "有话想说就直接回复这条；也可以说一声 /好物 G1 有用（或 一般）。近来的好物发 /好物。"
    )
    await deliver_due(chat.at)
    await send_pushes(chat.at)
    assert (await Push.get()).state is PushState.SENT
    done = "谢谢，G1 记下了：有用。改主意了再说一次就好。"
    assert await ask(chat, YOUTH, "/好物 G1 有用 看完想去博物馆", GROUP) == done
    assert await ask(chat, YOUTH + 1, "/好物 1 一般，太短了") == done.replace("有用", "一般")
    assert await ask(chat, 99, "/好物 g1 有用", GROUP) == f"{done}（你还没 /加入，我只存了你的账号和这句看法。）"
    assert await ask(chat, CADRE, "/推送 G1") == (
        "G1 三分钟看懂五四（读书）\n回复的、说了看法的都不到 5 人，不列数\n　太短了\n　看完想去博物馆"
    )
    for user in (YOUTH + 2, YOUTH + 3):
        await ask(chat, user, "/好物 G1 有用")
    assert await ask(chat, YOUTH, "/好物 读书") == (
        "近来的好物\nG1 三分钟看懂五四（读书）\n　https://example.edu.cn/54\n"
        "　回复 不到 5 人 · 看法 5 人（有用 4 人，一般 1 人）\n"
        "看了说一声：/好物 G1 有用；只看一类：/好物 标签；想每周收一份：/订阅 标签"
    )
    assert await ask(chat, YOUTH, "/好物 G1") == (
        "G1 三分钟看懂五四（读书）\nhttps://example.edu.cn/54\n（去的是 example.edu.cn）\n"
        "回复 不到 5 人 · 看法 5 人（有用 4 人，一般 1 人）\n"
        "说一声：/好物 G1 有用"
    )


async def test_taking_a_push_down(chat: Chat) -> None:
    await ask(chat, CADRE, TEXT)
    assert await ask(chat, BOSS, "/推送 取消 G1") == "G1 撤下了，一个群也没推。"
    assert await ask(chat, CADRE, "/推送 撤下 g1") == "G1 撤下了，不能再撤下。"
    assert (await ask(chat, CADRE, "/推送")).startswith("现在没有排着的推送。推一条：/推送 ")
    await run_ticks(chat.at)
    assert not await Notice.filter(kind="culture.push").exists()


async def test_a_push_is_refused_with_a_sentence(chat: Chat) -> None:
    assert (await ask(chat, YOUTH, TEXT, GROUP)).startswith("这条命令是给团干部用的。")
    assert await ask(chat, CADRE, "/推送 看懂五四") == (
        "推送写成 标题 链接 [标签]，例如：/推送 三分钟看懂五四 https://example.edu.cn/54 读书"
    )
    assert await ask(chat, CADRE, "/推送 看 weixin://dl/x") == "weixin 开头的链接我不推，只推 http、https 的网页。"
    assert await ask(chat, CADRE, "/推送 看完务必转告 https://a.cn") == (
        "“务必”这个说法先不发：参不参加由青年自己定，文件七.3 写明不许强迫。换个说法再发一次就好。"
    )
    assert await ask(chat, CADRE, TEXT, 6) == "本群还没绑定。请团干部在群里发 /绑定本群。"
    assert await ask(chat, CADRE, "/推送 取消") == "要写上推送编号，例如：/推送 取消 G3"
    assert await ask(chat, CADRE, "/推送 取消 G9") == "没找到你能管的 G9，发 /推送 看看编号？"
    assert await ask(chat, CADRE, "/推送 G1", GROUP) == "大家怎么说的不在群里贴，私聊我发 /推送 G1。"
    assert not await Push.exists()


async def test_the_top_unit_insists_and_the_reason_is_not_posted(chat: Chat) -> None:
    await ask(chat, BOSS, "/推送 消防演练必须知道的事 https://a.edu.cn 安全 坚持 安全部门的原题目")
    push = await Push.get()
    assert (push.title, push.tags) == ("消防演练必须知道的事", ["安全"])
    assert (await Audit.get(action="wording.insist")).detail == "必须：安全部门的原题目"


async def test_good_things_say_what_is_missing(chat: Chat) -> None:
    assert await ask(chat, YOUTH, "/好物") == "近来还没有好物，过几天再来看看。"
    await ask(chat, CADRE, TEXT)
    for tag in ("跑步", "24节气"):
        assert await ask(chat, YOUTH, f"/好物 {tag}") == f"近来没有“{tag}”的好物。现在有的标签：读书"
    assert await ask(chat, YOUTH, "/好物 G9 有用") == "没找到 G9，发 /好物 看看编号？"
    assert await ask(chat, YOUTH, "/好物 G1 好看") == (
        "先写 有用 或 一般，再说为什么，例如：/好物 G3 有用 看完想去博物馆"
    )
    assert await ask(chat, CADRE, "/好物 G1 有用") == "有没有用听青年的，团干部发 /推送 编号 看大家怎么说。"
    assert not await Opinion.exists()


async def test_subscribing_and_leaving_again(chat: Chat) -> None:
    await ask(chat, CADRE, TEXT)
    assert await ask(chat, YOUTH, "/订阅") == "你还没订标签。还可以订：读书。"
    assert await ask(chat, YOUTH, "/订阅", GROUP) == (
        "订了什么只说给你听，私聊我发 /订阅。要订就写上标签，例如：/订阅 读书"
    )
    assert await ask(chat, YOUTH, "/订阅 电影", GROUP) == (
        "订上了，现在订着：电影。有新的，周六上午私下给你一份，没有就不打扰。"
    )
    assert await ask(chat, YOUTH, "/订阅") == (
        "你订着：电影。有新的，周六上午给你一份。还可以订：读书。退掉发 /退订 标签。"
    )
    assert await ask(chat, 99, "/订阅 电影") == "先在群里发 /加入，我才好私下给你送。不订也能随时发 /好物 看。"
    assert await ask(chat, YOUTH, "/退订 跑步") == "你没有订“跑步”，不用退。现在订着：电影。"
    assert await ask(chat, YOUTH, "/退订") == "退掉了：电影。以后不再给你送了。"
    assert await ask(chat, YOUTH, "/退订") == "你没有订标签，不用退。"
    assert not await Subscription.exists()


async def test_my_data_names_opinions_and_subscriptions(chat: Chat) -> None:
    await ask(chat, CADRE, TEXT)
    await ask(chat, YOUTH, "/好物 G1 有用 看完想去博物馆")
    await ask(chat, YOUTH, "/订阅 电影")
    held = await ask(chat, YOUTH, "/我的数据")
    assert "对好物说过的看法：1 条\n订着的标签：电影\n" in held
    await chat.say(YOUTH, "/我的数据 导出")
    data = json.loads(base64.b64decode(chat.calls[-1][1]["file"].removeprefix("base64://")))
    assert [(row["标题"], row["有用"], row["说的话"]) for row in data["对好物的看法"]] == [
        ("三分钟看懂五四", True, "看完想去博物馆")
    ]
    assert data["订阅"] == [{"标签": "电影"}]
