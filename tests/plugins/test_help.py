"""`/帮助`：按身份，短，只说真有的命令；打错的、打招呼的，都有一句对得上的话。"""

import re
from dataclasses import replace

import pytest

from bot.cards import draw
from bot.gateway.router import COMMANDS, Audience
from bot.league.roster import Duty, Speaker
from db.models import Group, RoleKind, Scope
from plugins.help import render
from tests import factories
from tests.chat import Chat

YOUTH = Speaker(Scope.QQ, "30")
CADRE = Speaker(Scope.QQ, "12", 1, "张三", 1, 1, "000001", 100)
INSPECTOR = Speaker(Scope.QQ, "2", 3, "督导", duties=(Duty(RoleKind.INSPECTOR, 1, "000001", "000001~"),))
ADMIN = Speaker(Scope.QQ, "1", 2, "王管理", duties=(Duty(RoleKind.ADMIN, 1, "000001", "000001~"),))


def test_every_shelf_holds_only_commands_there_are() -> None:
    written = {head for shelf in render.SHELVES.values() for _, heads in shelf for head in heads}
    assert written - COMMANDS.keys() == set()


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    (reply,) = await chat.say(user, text, group=group)
    return str(reply)


def heads(text: str) -> set[str]:
    return set(re.findall(r"^/(\S+)", text, re.MULTILINE))


def of(*audiences: Audience) -> set[str]:
    return {known.head for known in COMMANDS.values() if known.audience in audiences}


# --- 几页 ---


def test_what_a_youth_sees_is_tiny() -> None:
    text = render.front(YOUTH).text
    assert len(text.splitlines()) <= 10
    assert heads(text) == {"加入", "心愿", "我的心愿", "心声", "活动", "找团干", "我的数据"}
    assert "/退出" in render.front(Speaker(Scope.QQ, "30", 3, joined=True)).text
    assert "【" not in text, "一组就不用小标题"


def test_each_role_has_its_own_page_of_what_it_may_use() -> None:
    cadre, admin = render.front(CADRE).text, render.front(ADMIN).text
    assert heads(cadre) <= of(Audience.YOUTH, Audience.CADRE)
    assert {"待办", "雷达", "绑定本群", "认领"} <= heads(cadre)
    assert of(Audience.ADMIN) <= heads(admin), "管理命令一条不漏，新添的也在"
    assert "发 /帮助 青年。" in cadre
    assert "/帮助 团干部" not in admin, "他不是团干部"


def test_an_inspector_sees_what_waits_for_him_and_what_he_may_look_into() -> None:
    text = render.front(INSPECTOR).text
    assert heads(text) == {"待办", "督办", "异议", "裁定", "回复", "抽查", "核验"}
    assert heads(text) <= set(COMMANDS)
    assert "发 /帮助 青年。" in text
    assert render.shelf(Audience.INSPECTOR, replace(ADMIN, duties=(*ADMIN.duties, *INSPECTOR.duties))).text.startswith(
        "督导常用的"
    )
    assert render.hello(INSPECTOR, group=None, private=True).startswith("我在。手上有什么事发 /待办")


def test_everything_is_there_when_asked() -> None:
    text = render.everything([Audience.YOUTH, Audience.CADRE]).text
    assert len(text.splitlines()) <= 12
    listed = {head for line in text.splitlines() if line.startswith("【") for head in re.findall(r"/(\S+)", line)}
    assert listed == of(Audience.YOUTH, Audience.CADRE)


async def test_an_inspector_finds_his_commands_under_everything_and_by_name(chat: Chat) -> None:
    await factories.admin(2, "督导", await factories.school(), RoleKind.INSPECTOR)
    text = await one(chat, 2, "/帮助 全部 文字")
    assert "\n【督导】/抽查 /裁定 /核验 /单位五个一 /督办 /请假 /绑定 /回复\n" in text
    assert "【团干部】" not in text
    assert "【管理员】" not in text
    assert (await one(chat, 2, "/帮助 督导 文字")).startswith("督导常用的，可以这样找我：")
    assert "没有 /督导 这条命令" in await one(chat, 30, "/帮助 督导")
    assert await one(chat, 2, "/帮助 督班") == "没有 /督班 这条命令。是不是 /督办？"


async def test_an_inspector_who_is_also_an_admin_sees_nothing_twice() -> None:
    text = render.everything([Audience.YOUTH, Audience.CADRE, Audience.INSPECTOR, Audience.ADMIN]).text
    listed = [head for line in text.splitlines() if line.startswith("【") for head in re.findall(r"/(\S+)", line)]
    assert sorted(listed) == sorted(of(Audience.YOUTH, Audience.CADRE, Audience.ADMIN))
    assert "【督导】" not in text


@pytest.mark.parametrize("by", [YOUTH, CADRE, ADMIN, INSPECTOR])
def test_every_page_can_be_drawn(by: Speaker) -> None:
    assert draw(render.front(by)).startswith(b"\x89PNG")
    assert draw(render.everything(list(Audience))).startswith(b"\x89PNG")


async def test_a_picture_with_a_text_twin(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    assert await one(chat, 30, "/帮助") == "[image]"
    assert await one(chat, 30, "/帮助 文字") == render.front(YOUTH).text
    assert (await one(chat, 12, "/帮助 青年 文字")).startswith("我是团团，可以这样找我：")
    assert (await one(chat, 12, "/帮助 全部 文字")).startswith("我认得这些：\n【青年】")
    assert "没有 /团干部 这条命令" in await one(chat, 30, "/帮助 团干部"), "青年没有那一页"


async def test_one_command_with_its_example(chat: Chat) -> None:
    for text in ("/帮助 加入", "/help /加入", "／菜单 加入"):
        assert await one(chat, 30, text, group=5) == "/加入：和团干部联系上（只能本人说）\n例子：/加入"


async def test_a_name_nearly_right_is_guessed(chat: Chat) -> None:
    assert await one(chat, 30, "/帮助 家入") == "没有 /家入 这条命令。是不是 /加入？"
    assert await one(chat, 30, "/帮助 xyzxyz") == "没有 /xyzxyz 这条命令。发 /帮助 看看有哪些。"


# --- 打错的 ---

SO = "就差一点，像这样发："


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/心原 想学车", "没有 /心原 这条命令，是不是想说 /心愿 或 /心声？"),
        ("/wish 想学车", "没有 /wish 这条命令，是不是想说 /心愿？像这样发：/心愿 想学修自行车"),
        ("/许愿", "没有 /许愿 这条命令，是不是想说 /心愿？像这样发：/心愿 想学修自行车"),
        ("/绑定群", "没有这条命令。发 /帮助 看看我能做什么。"),
        ("/加入？", "后面不带问号，像这样发：/加入"),
        ("/心愿?", "后面不带问号，像这样发：/心愿 想学修自行车"),
        ("/打卡", "没有 /打卡 这条命令，是不是想说 /到场？像这样发：/到场 4821"),
        ("/ 心愿 想学车", f"{SO}/心愿 想学修自行车"),
        ("／ 到场 4821", f"{SO}/到场 4821"),
        ("/找 团干", f"{SO}/找团干"),
        ("//帮助", f"{SO}/帮助 心愿"),
        ("、心愿 想学车", f"{SO}/心愿 想学修自行车"),
        ("\\报名 A3", f"{SO}/报名 A3"),
        ("心愿 想学车", f"{SO}/心愿 想学修自行车"),
        ("ＨＥＬＰ", f"{SO}/帮助 心愿"),
        ("/xinyuan 想学车", "没有 /xinyuan 这条命令，是不是想说 /心愿？像这样发：/心愿 想学修自行车"),
        ("/幫助 加入", "/加入：和团干部联系上（只能本人说）\n例子：/加入"),
    ],
)
async def test_a_slip_gets_a_kind_word_and_the_right_way(chat: Chat, said: str, answer: str) -> None:
    assert await one(chat, 30, said) == answer


async def test_hints_name_only_what_one_may_use(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    assert await one(chat, 12, "/绑定群") == ("没有 /绑定群 这条命令，是不是想说 /绑定本群？")
    assert "/排名" in await one(chat, 12, "/排民")
    assert "/排名" not in await one(chat, 30, "/排民")


async def test_an_inspector_is_hinted_at_what_inspectors_use(chat: Chat) -> None:
    await factories.admin(2, "督导", await factories.school(), RoleKind.INSPECTOR)
    assert await one(chat, 2, "/督班") == "没有 /督班 这条命令，是不是想说 /督办？"
    assert (await one(chat, 2, "/抽察 20")).startswith("没有 /抽察 这条命令，是不是想说 /抽查？")
    assert "/排名" not in await one(chat, 2, "/排民"), "排名不给督导看"
    for said in ("/督班", "/抽察 20"):
        assert await one(chat, 30, said) == "没有这条命令。发 /帮助 看看我能做什么。"


async def test_in_a_group_only_what_looks_like_a_command_is_answered(chat: Chat) -> None:
    for said in ("心愿 想学车", "活动几点开始", "、这样也行", "/天气 北京", "在吗", "我想报名 谁一起"):
        assert await chat.say(30, said, group=5) == [], said
    assert await one(chat, 30, "[@10000] 心愿 想学车", group=5) == f"{SO}/心愿 想学修自行车"
    assert await one(chat, 30, "、报名 A3", group=5) == f"{SO}/报名 A3"
    assert await chat.say(31, "、报名 A4", group=5) == [], "同一个词一天提醒一次"


# --- 打招呼 ---


async def test_a_greeting_is_answered_once(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    first = "大家好，我是团团，帮团干部和青年保持联系。现在什么都不记；请团干部发 /绑定本群，我先说清楚记什么，再开始。"
    assert await one(chat, 30, "[@10000] 你好", group=5) == first
    assert await chat.say(31, "[@10000]", group=5) == []
    await factories.group(6, cadre)
    assert await one(chat, 30, "[@10000]", group=6) == (
        "我在，我是团团。想和团干部联系上就发 /加入，有小心愿发 /心愿，别的看 /帮助。"
    )
    assert await one(chat, 30, "在吗？") == "我在，我是团团。有小心愿、想说的话都可以告诉我，发 /帮助 看怎么说。"
    assert await one(chat, 12, "你好！") == "我在。手上有什么事发 /待办，会做什么发 /帮助。"
    assert await chat.say(30, "[@10000] 今天天气不错", group=6) == []
    assert await chat.say(30, "今天天气不错") == []


async def test_when_invited_it_says_what_it_is_for_once(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    frame = {
        "post_type": "notice", "notice_type": "group_increase", "sub_type": "invite", "self_id": 10000,
        "user_id": 10000, "operator_id": 12, "group_id": 5, "time": int(chat.at.timestamp()),
    }  # fmt: skip
    (reply,) = await chat.push(frame)
    assert (str(reply).startswith("大家好，我是团团"), reply.group) == (True, "5")
    assert await chat.push(frame) == []
    await factories.group(6, cadre)
    assert await chat.push(frame | {"group_id": 6}) == [], "绑着的群不用再说"
    assert await Group.all().count() == 1
