"""`/交接` `/愿意` `/不了`：在聊天里怎么说、怎么答。"""

import pytest

from bot.ticks import run_ticks
from db.models import Contact, ContactState, Handover
from tests import factories
from tests.chat import Chat
from tests.league import wish_town
from tests.league.wish_town import Town


@pytest.fixture
async def town(chat: Chat) -> Town:
    """软件学院的张三（100），六名青年：200–205；管理员 110。"""
    built = await wish_town.build()
    for user in range(201, 206):
        await factories.youth(user, built.zhang, built.group)
    return built


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    [reply] = await chat.say(user, text, group=group)
    return reply.text


async def test_a_handover_from_the_first_word_to_the_count(chat: Chat, town: Town) -> None:
    assert await one(chat, 100, "/交接") == (
        "还没有交接。要请人接着联系你的青年，发 /交接 @新干部；愿意的才换，不会悄悄换。"
    )
    assert await one(chat, 100, "/交接 [@101]", 555) == (
        "好，我一位一位私下问，愿意的才换，14 天没回就当不换。请别去催；问得怎样，私聊我发 /交接 看。"
    )
    assert await one(chat, 100, "/交接") == "张三→李四（问到12月2日）：问了 6 人，愿意 0 人，不换 0 人，还没回 6 人"
    assert await one(chat, 200, "/愿意") == "好，李四现在是你的联系团干部了。想停随时发 /退出。"
    assert await one(chat, 201, "/不了", 555) == "好，记下了。"
    assert await one(chat, 202, "/不了") == "好，不换，还是张三。"
    assert await one(chat, 202, "/不了") == "你说过不换了，不用再回。"
    # 只有两位说不换：不说几位，免得猜到是谁
    assert await one(chat, 101, "/交接") == "张三→李四（问到12月2日）：问了 6 人，愿意 1 人，不换或还没回 5 人"
    await run_ticks(chat.later(days=14))
    assert await one(chat, 100, "/交接 文字") == "张三→李四（已结束）：问了 6 人，愿意 1 人，不换或没回 5 人"


async def test_fewer_than_five_are_not_told_apart(chat: Chat, town: Town) -> None:
    await Contact.filter(youth__accounts__user_id__in=["203", "204"]).update(state=ContactState.ENDED)
    await one(chat, 100, "/交接 李四")
    await one(chat, 200, "/不了")
    assert await one(chat, 100, "/交接") == "张三→李四（问到12月2日）：问了不到 5 位，不分开说"


async def test_an_admin_hands_over_for_one_who_left(chat: Chat, town: Town) -> None:
    [reply] = await chat.say(110, "/任命 [@100] 离任", group=555)
    assert reply.text == (
        "好，张三离任了，不再排名、不再提醒。原来联系的青年，发 /交接 @原来那位 @新团干部，我去一位一位问愿不愿意换；"
        "青年自己也可以发 /换联系人 @新团干部。"
    )
    assert (await one(chat, 110, "/交接 张三 李四")).startswith("好，要问 6 位，我一位一位私下问")
    assert await one(chat, 200, "/不了") == (
        "好，不换。张三离任了，这段联系先停下；七天内想找别的团干部，在群里发 /加入 @干部，不发就结束了。"
    )
    assert await one(chat, 110, "/交接 取消 张三") == "好，不再问了。已经说愿意的照旧，其余的都没有动。"
    assert await one(chat, 201, "/愿意") == "现在没有等你回话的交接。想换联系人，在群里发 /换联系人 @干部。"


async def test_what_is_wrong_is_explained(chat: Chat, town: Town) -> None:
    for user, text, group, sentence in (
        (200, "/交接 [@101]", 555, "这条命令是给团干部用的"),
        (100, "/交接", 555, "问得怎样，私聊我发 /交接 看。要交接就写接手的人：/交接 @新干部"),
        (100, "/交接 [@200]", 555, "你 @ 的不在团干部名册上，或已经离任。例如：/交接 @新干部"),
        (100, "/交接 没这个人", None, "“没这个人”不在团干部名册上，或已经离任。例如：/交接 @新干部"),
        (100, "/交接 [@100]", 555, "不能交给自己，要写接手的那一位：/交接 @新干部"),
        (100, "/交接 [@102]", 555, "法学院团总支不在这条线上，只能交给本单位、上级或下级的团干部"),
        (100, "/交接 [@102] [@101]", 555, "王五的联系青年，要由本人或管得到的管理员来交接。自己的就发：/交接 @新干部"),
        (100, "/交接 [@100] [@101] [@102]", 555, "写清谁交给谁：/交接 @原来的 @新的"),
        (110, "/交接 李四", None, "写清谁交给谁：/交接 @原来的 @新的；交自己的只写接手的人：/交接 @新干部"),
        (100, "/交接 取消", None, "没有正在问的交接，不用取消。"),
        (200, "/愿意", None, "现在没有等你回话的交接。想换联系人，在群里发 /换联系人 @干部。"),
        (999, "/不了", None, "现在没有等你回话的交接。"),
    ):
        assert (await one(chat, user, text, group)).startswith(sentence), text
    assert await Handover.all().count() == 0
