"""`/帮助`：按身份，短，只说真有的命令。"""

import re

import pytest

from bot.gateway.router import COMMANDS, Audience
from bot.settings import settings
from tests import factories
from tests.chat import Chat


async def heads(chat: Chat, user: int) -> set[str]:
    """某人的帮助里列出的命令。"""
    (reply,) = await chat.say(user, "/帮助")
    listed = [line for line in str(reply).splitlines() if line.startswith("【")]
    assert len(str(reply).splitlines()) <= 12
    return {head for line in listed for head in re.findall(r"/(\S+)", line)}


def of(*audiences: Audience) -> set[str]:
    return {known.head for known in COMMANDS.values() if known.audience in audiences}


async def test_everyone_sees_what_they_can_use(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    top = await factories.school()
    await factories.cadre(12, "张三", top)
    await factories.admin(1, "王管理", top)
    monkeypatch.setattr(settings(), "superusers", {"9"})
    assert await heads(chat, 30) == of(Audience.YOUTH)
    assert await heads(chat, 12) == of(Audience.YOUTH, Audience.CADRE)
    assert await heads(chat, 1) == of(Audience.YOUTH, Audience.CADRE, Audience.ADMIN)
    assert await heads(chat, 9) == set(COMMANDS)


async def test_one_command_with_its_example(chat: Chat) -> None:
    for text in ("/帮助 加入", "/help /加入", "／菜单 加入"):
        (reply,) = await chat.say(30, text, group=5)
        assert str(reply) == "/加入：和团干部联系上（只能本人说）\n例子：/加入"


async def test_a_name_nearly_right_is_guessed(chat: Chat) -> None:
    (reply,) = await chat.say(30, "/帮助 家入")
    assert str(reply).startswith("没有 /家入 这条命令。是不是 /加入")
    (reply,) = await chat.say(30, "/帮助 xyzxyz")
    assert str(reply) == "没有 /xyzxyz 这条命令。发 /帮助 看看有哪些。"
