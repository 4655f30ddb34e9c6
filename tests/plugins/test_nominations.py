"""`/推荐`：青年说一句，本人点头，管理员私聊看名单。"""

import base64
import json

import pytest

from bot.ticks import run_ticks
from db.models import Nomination
from tests.chat import Chat
from tests.league import wish_town

GROUP = 555
STORY = "每周五陪我们改简历"


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    [reply] = await chat.say(user, text, group=group)
    return reply.text


async def test_from_a_word_in_the_group_to_the_jurys_list(chat: Chat) -> None:
    await wish_town.build()
    assert await ask(chat, 200, f"/推荐 [@100] {STORY}", GROUP) == (
        "收下了，谢谢你。我先问张三本人，愿意了才给评审看；不写是谁推荐的，推荐多少也不排先后。"
        "想撤回，私聊我发 /推荐 撤回。愿意让宣传材料用这段话（只写“一位青年”），私聊我发 /素材 同意。"
    )
    assert await ask(chat, 200, "/推荐") == f"今年你推荐了张三：{STORY}\n想撤回，发 /推荐 撤回。"
    await run_ticks(chat.at)
    said = await chat.say(100, "/推荐")
    assert said[0].text == (
        f"有 1 份推荐了你（不写是谁）：\n· {STORY}（等本人回话）\n"
        "愿意给评审看，发 /推荐 同意；不愿意，发 /推荐 婉拒。随时可以改主意。"
    )
    assert await ask(chat, 110, "/推荐 名单") == (
        "2026 年最美青春故事 · 软件学院团总支（按单位排；推荐多少不算数，请评审看事迹）\n"
        "还没有本人点了头的。\n还有“等本人回话”的，点了头才会出现。\n只给评审用，请不要往外转。"
    )
    replies = await chat.say(100, "/推荐 同意")
    assert replies[0].text == (
        "好，眼下这几份给评审看。以后再有新的，我再问你；改主意发 /推荐 婉拒。"
        "这只是给评审看，愿意在宣传材料里写上姓名和事迹，另发 /素材 同意。"
    )
    assert await ask(chat, 110, "/推荐 名单 2026") == (
        "2026 年最美青春故事 · 软件学院团总支（按单位排；推荐多少不算数，请评审看事迹）\n"
        f"张三（软件学院团总支）\n· {STORY}\n只给评审用，请不要往外转。"
    )
    assert await ask(chat, 100, "/推荐 婉拒") == "好，谁也不会看到，也没有人知道你说过不。改主意发 /推荐 同意。"
    assert await ask(chat, 200, "/推荐 撤回") == "撤回了，那几句话一个字也没留。想换一位，再发 /推荐 就行。"
    assert not await Nomination.exists()


@pytest.mark.parametrize("text", ["/推荐", "/推荐 撤回", "/推荐 名单"])
async def test_what_is_for_ones_own_eyes_is_not_said_in_the_group(chat: Chat, text: str) -> None:
    await wish_town.build()
    for user in (200, 110):
        assert await ask(chat, user, text, GROUP) == "推荐的事不在群里说，私聊我再发一次就好。"
    assert await ask(chat, 100, "/推荐 同意", GROUP) == "推荐的事不在群里说，私聊我再发一次就好。"


async def test_every_wrong_word_gets_a_sentence(chat: Chat) -> None:
    await wish_town.build()
    assert await ask(chat, 200, "/推荐") == (
        "最美青春故事由青年来推荐，每人每年一位，例如：/推荐 @李老师 每周五陪我们改简历，改到第三稿才收工"
    )
    assert (await ask(chat, 110, "/推荐")).endswith("看本人同意了的名单，发 /推荐 名单")
    assert await ask(chat, 200, "/推荐 名单") == "名单给组织评审的管理员看。看自己的，发 /推荐"
    assert "这条命令是给团干部用的" in await ask(chat, 200, "/推荐 同意")
    assert await ask(chat, 100, "/推荐 同意") == "今年还没有人推荐你，有了我私聊告诉你。"
    assert await ask(chat, 200, "/推荐 [@200] 我自己", GROUP) == "这位不在团干部名册上，推荐的得是团干部。"
    assert (await ask(chat, 99, "/推荐 [@100] 很好", GROUP)).startswith("推荐要先 /加入")


async def test_my_data_tells_the_author_and_the_nominee_each_his_part(chat: Chat) -> None:
    await wish_town.build()
    await ask(chat, 200, f"/推荐 [@100] {STORY}", GROUP)
    assert "推荐过最美青春故事：1 位，谁推荐的没有别人知道" in await ask(chat, 200, "/我的数据")
    parts = {}
    for user in (200, 100):
        await chat.say(user, "/我的数据 导出")
        file = next(call for api, call in reversed(chat.calls) if api == "upload_private_file")
        parts[user] = json.loads(base64.b64decode(file["file"].removeprefix("base64://")))
    assert [(row["推荐了谁"], row["事迹"]) for row in parts[200]["推荐"]] == [("张三", STORY)]
    assert parts[100]["推荐我的"] == [{"年份": 2026, "事迹": STORY, "我的回话": "等本人回话"}]
