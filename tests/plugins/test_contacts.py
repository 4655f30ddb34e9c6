from datetime import timedelta

import pytest

from db.models import Cadre, ContactTag, Person
from tests import factories
from tests.chat import Chat


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    row = await factories.cadre(1, "张三", await factories.school())
    await factories.group(5, row)
    return row


async def test_the_radar_is_told_in_private_only(chat: Chat, cadre: Cadre) -> None:
    quiet, recent = [await factories.youth(n, cadre, since=chat.at - timedelta(days=40)) for n in (1001, 1002)]
    await Person.filter(id=quiet.id).update(name="王小明")
    await factories.interaction(cadre, recent, (chat.at - timedelta(days=3)).date())
    assert [str(r) for r in await chat.say(1, "/雷达 文字")] == [
        "雷达：谁最久没真联系（11 月 18 日 · 共联系 2 人）\n"
        "王小明：还没聊过，加入 40 天\n"
        "QQ 尾号1002：3 天没联系\n"
        "有一次有效互动，就从这里下去。"
    ]
    assert [str(r) for r in await chat.say(1, "/雷达")] == ["[image]"]
    for said in ("/雷达", "/小伙伴", "/小伙伴 学生"):
        assert [str(r) for r in await chat.say(1, said, group=5)] == [
            "名单里有具体的人，不方便在群里说。私聊我再发一次就好。"
        ]
    [reply] = await chat.say(9, "/雷达")
    assert "这条命令是给团干部用的" in reply.text


async def test_without_contacts_the_radar_says_how_to_get_some(chat: Chat, cadre: Cadre) -> None:
    for said in ("/雷达", "/小伙伴"):
        [reply] = await chat.say(1, said)
        assert reply.text == "还没有青年加入。在群里发 /绑定本群，请愿意的青年自己发 /加入 @你。"


async def test_tags_are_put_on_and_taken_off_and_filter_companions(chat: Chat, cadre: Cadre) -> None:
    for user in (1001, 1002, 1003):
        await factories.youth(user, cadre, since=chat.at - timedelta(days=40))
    assert [str(r) for r in await chat.say(1, "/标签 [@1001] [@1002] 学生 #考研", group=5)] == [
        "好，2 位小伙伴贴上 学生、考研。"
    ]
    assert [str(r) for r in await chat.say(1, "/标签 [@1001] -考研 待就业", group=5)] == [
        "好，1 位小伙伴贴上 待就业，揭下 考研。"
    ]
    assert [str(r) for r in await chat.say(1, "/标签 1003 学生")] == ["好，1 位小伙伴贴上 学生。"]
    assert [str(r) for r in await chat.say(1, "/小伙伴 待就业 30天未联系 文字")] == [
        "小伙伴（标签 待就业 · 30 天没联系 · 1 人 · 11 月 18 日）\n"
        "QQ 尾号1001（学生、待就业）：还没聊过，加入 40 天\n"
        "你用过的标签：学生 3 人、待就业 1 人、考研 1 人。"
    ]
    assert [str(r) for r in await chat.say(1, "/小伙伴 50天没联系")] == [
        "没有符合“50 天没联系”的小伙伴。你用过的标签：学生 3 人、待就业 1 人、考研 1 人。"
    ]
    usage = "群里写 /标签 @小王 学生，私聊写 /标签 姓名或尾号 学生；前面加 - 是揭下：-学生"
    assert [str(r) for r in await chat.say(1, "/标签")] == [
        f"你用过的标签：学生 3 人、待就业 1 人、考研 1 人。\n{usage}"
    ]
    for said in ("/标签", "/标签 [@1001]", "/标签 [@1001] -"):
        assert [str(r) for r in await chat.say(1, said, group=5)] == [usage]


async def test_what_is_far_too_long_is_answered_in_a_line(chat: Chat, cadre: Cadre) -> None:
    await factories.youth(1001, cadre)
    [reply] = await chat.say(1, f"/小伙伴 {'长' * 5000}")
    assert len(reply.text) < 100
    for tag in ("长" * 500, f"-{'长' * 500}"):
        [reply] = await chat.say(1, f"/标签 [@1001] {tag}", group=5)
        assert reply.text == "标签至多 20 个字，短一点好找。"


async def test_only_own_contacts_can_be_tagged(chat: Chat, cadre: Cadre) -> None:
    await factories.youth(1001, cadre)
    await factories.person(1002)
    [reply] = await chat.say(1, "/标签 [@1001] [@1002] 学生", group=5)
    assert reply.text == "有 1 位不是你的联系青年，标签没有改动。请对方先发 /加入 @你，愿意的才算。"
    [reply] = await chat.say(1001, "/标签 [@1] 学生", group=5)
    assert "这条命令是给团干部用的" in reply.text
    [reply] = await chat.say(1, "/标签 小王 学生", group=5)
    assert reply.text == "名单里有具体的人，不方便在群里说。私聊我再发一次就好。"
    assert await ContactTag.all().count() == 0
