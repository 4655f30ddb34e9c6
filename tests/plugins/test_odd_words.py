"""没想到的话：每条命令后面跟什么，都有一句正经的回答，从不出错。"""

import pytest

from bot.gateway import answers
from bot.gateway.router import COMMANDS, SORRY
from bot.settings import settings
from db.models import RoleKind
from tests import factories
from tests.chat import Chat

#: 每一句都让某条命令倒下过，或差一点：年份出了日历、别国的数字、长过姓名的姓名、库里存不下的字
ODD = ("0000Q1", "9999Q4", "0000年3月", "٣天 某县", "٣", "定 " + "长" * 60, "长" * 60, "\x00\u200b\ud800", "A999999999")


@pytest.fixture
async def everybody(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> int:
    """一个人身上什么职务都有：哪条命令都走得到底。"""

    async def in_words(card: answers.Card) -> None:
        await answers.say(card.text, words_only=True)

    monkeypatch.setattr(answers, "_show", in_words)
    monkeypatch.setattr(settings(), "superusers", {"1"})
    cadre = await factories.cadre(1, "张三", await factories.school())
    for kind in RoleKind:
        await factories.Role.create(person_id=cadre.person_id, unit_id=cadre.unit_id, kind=kind)
    await factories.group(5, cadre)
    return 1


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_no_command_falls_over_whatever_is_typed_after_it(chat: Chat, everybody: int, odd: str) -> None:
    fell = []
    for head in COMMANDS:
        replies = await chat.say(everybody, f"/{head} {odd}")
        if not replies or any(reply.text == SORRY for reply in replies):
            fell.append(head)
    assert fell == []
