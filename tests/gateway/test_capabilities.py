"""各家会什么：投递与回答都照那张表走；不认识的先试，平台说没有就记住。"""

from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot import v11

from bot.gateway import doubts
from bot.gateway.attempts import NEUTRAL
from bot.gateway.backfill import Backfill
from bot.gateway.capabilities import CONNECTED, IMPLEMENTATIONS, Ability, Connected, Implementation, learn, recognise
from bot.gateway.delivery import deliver_due
from bot.gateway.sending import send_private, show_group
from bot.league import notices
from db.models import Cadre, Group, Notice, Person, Scope, Unit
from tests import factories
from tests.chat import Chat
from tests.factories import AT, SELF_ID
from tests.gateway import test_backfill as backfills
from tests.gateway.platforms import Platform, connected

LONG = "\n".join(["一段很长的话" * 20] * 30)
UNKNOWN_API = v11.ActionFailed(status="failed", retcode=1404, message="不支持的API")
REJECTED = v11.ActionFailed(status="failed", retcode=200, message="EventChecker Failed")
ME = Scope.QQ, SELF_ID


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


@pytest.fixture
async def group(cadre: Cadre) -> Group:
    return await factories.group(500, cadre)


@pytest.fixture
async def youth(cadre: Cadre, group: Group) -> Person:
    return await factories.youth(11, cadre, group)


def connect(*able: Ability) -> Connected:
    """连着的是一家只会 `able` 的。"""
    found = CONNECTED[ME] = Connected("某家", "1", Implementation("某家", "某家", frozenset(able)))
    return found


def stranger() -> Connected:
    """连着的是一家没听说过的。"""
    found = CONNECTED[ME] = Connected("没听说过", "1", None)
    return found


class Forwarding(Platform):
    """合并转发按 `answer` 答的平台。"""

    answer: Exception | None = None

    async def call(self, bot: Any, api: str, data: dict[str, Any]) -> Any:
        if "forward" not in api:
            return await super().call(bot, api, data)
        self.calls.append(api)
        if self.answer:
            raise self.answer
        return {"message_id": 1}


def me() -> v11.Bot:
    bot = nonebot.get_bot(SELF_ID)
    assert isinstance(bot, v11.Bot)
    return bot


async def test_what_cannot_forward_is_not_asked_to() -> None:
    connect(Ability.PICTURE)
    with connected(platform=Forwarding()) as qq:
        await send_private(me(), "11", LONG)
    assert set(qq.calls) == {"send_private_msg"}


@pytest.mark.parametrize(("error", "asked"), [(UNKNOWN_API, 1), (REJECTED, 2)])
async def test_an_unknown_one_is_tried_and_only_a_missing_ability_is_remembered(error: Exception, asked: int) -> None:
    found, platform = stranger(), Forwarding()
    platform.answer = error
    with connected(platform=platform):
        await send_private(me(), "11", LONG)
        await send_private(me(), "11", LONG)
    assert platform.calls.count("send_private_forward_msg") == asked
    assert (Ability.FORWARD in found.missing) is (asked == 1)


async def test_what_cannot_initiate_leaves_notices_for_the_next_command(youth: Person) -> None:
    connect(Ability.MENTION)
    with connected(platform=Platform(friends={"11"}, members={"11"})) as qq:
        await notices.post("wish.claimed", period="1", text="有人认领了", at=AT, person_id=youth.id)
        await deliver_due(AT)
    assert qq.private() == []
    assert [(row.state, row.reason) for row in await Notice.all()] == [("riding", "私聊不通，等本人来取")]
    assert qq.texts == [f" {NEUTRAL}"]


async def test_where_nobody_can_be_mentioned_the_name_is_said_and_without_one_nothing(
    youth: Person, cadre: Cadre
) -> None:
    connect(Ability.PICTURE)
    with connected() as qq:
        for person_id in (youth.id, cadre.person_id):
            await notices.post("wish.claimed", period="1", text="有人认领了", at=AT, person_id=person_id)
        await deliver_due(AT)
    assert [(sent.text, sent.mention) for sent in qq.sent] == [(f"李老师，{NEUTRAL}", None)]
    assert {row.state for row in await Notice.all()} == {"riding"}


async def test_a_bulletin_without_pictures_is_told_in_words() -> None:
    connect(Ability.MENTION)
    with connected() as qq:
        assert not await show_group(me(), "500", b"png")
    assert qq.calls == []


async def test_where_pictures_do_not_go_the_words_do(chat: Chat, cadre: Cadre) -> None:
    connect(Ability.FILE)
    [reply] = await chat.say(1, "/进度")
    assert reply.text.startswith("李老师")
    assert [api for api, _ in chat.calls] == ["send_msg"]


async def test_a_picture_the_platform_has_no_call_for_is_tried_once(chat: Chat, cadre: Cadre) -> None:
    found = stranger()
    pictures: list[str] = []
    call = chat.bot.call_api

    async def no_pictures(api: str, **data: Any) -> Any:
        if "image" in str(data.get("message")):
            pictures.append(api)
            raise UNKNOWN_API
        return await call(api, **data)

    chat.bot.call_api = no_pictures  # type: ignore[method-assign]
    for _ in range(2):
        [reply] = await chat.say(1, "/进度")
        assert reply.text.startswith("李老师")
    assert len(pictures) == 1
    assert found.missing == [Ability.PICTURE]


async def test_where_files_do_not_go_it_says_where_to_get_it(chat: Chat, cadre: Cadre) -> None:
    connect(Ability.PICTURE)
    await factories.appoint_admin(cadre, await Unit.get(id=cadre.unit_id))
    [reply] = await chat.say(1, "/导出")
    assert reply.text == "这里发不了文件。在装着我的那台电脑上用 tuanbot export 名册.xlsx 也一样。"
    assert [api for api, _ in chat.calls] == ["send_msg"]


async def test_without_history_nothing_is_asked_and_nobody_waits() -> None:
    class Gensokyo(backfills.Bot):
        async def get_version(self) -> dict[str, Any]:
            return {"app_name": "Gensokyo", "app_version": "v1"}

    log, bot = backfills.Log(g300=backfills.NOW), Gensokyo()
    await Backfill(bot, list(log.since), log).run()  # type: ignore[arg-type]
    assert (log.released, bot.asked) == ({"300": []}, [])


async def test_without_history_a_doubt_stays_a_doubt() -> None:
    connect(Ability.FORWARD)
    with connected(platform=Platform(history=[])) as qq:
        road = doubts._Road(me(), "get_group_msg_history", {"group_id": 500})
        assert await doubts._look_on(road, "群里的话", AT) == (doubts.Verdict.UNCLEAR, None)
    assert qq.calls == []


async def test_the_name_is_asked_once_and_an_odd_answer_is_no_name() -> None:
    class Odd(Platform):
        async def call(self, bot: Any, api: str, data: dict[str, Any]) -> Any:
            self.calls.append(api)
            return ["不是对象"]

    with connected(platform=Odd()) as qq:
        first, again = await learn(me()), await learn(me())
    assert first is again
    assert (first.name, first.missing) == ("没有报名字", [])
    assert qq.calls == ["get_version_info"]


@pytest.mark.parametrize(
    ("name", "title"), [("NapCat.Onebot", "NapCat（QQ）"), ("LLBot", "LLOneBot / LLBot（QQ）"), ("somewechat", None)]
)
def test_a_name_is_recognised_by_its_beginning(name: str, title: str | None) -> None:
    known = recognise(name)
    assert (known.title if known else None) == title
    assert len({one.name for one in IMPLEMENTATIONS}) == len(IMPLEMENTATIONS)
