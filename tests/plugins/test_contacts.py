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
        "王小明：还没聊过，加入 40 天；初识 · 本季没活动 · 今年没见面\n"
        "QQ 尾号1002：3 天没联系；聊过 · 本季没活动 · 今年没见面\n"
        "真聊起来一次，就从这里下去。"
    ]
    assert [str(r) for r in await chat.say(1, "/雷达")] == ["[image]"]
    for said in ("/雷达", "/小伙伴", "/小伙伴 学生", "/标签 全部 学生", "/标签 确认", "/标签 撤销"):
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
        "QQ 尾号1001（学生、待就业）：还没聊过，加入 40 天；初识 · 本季没活动 · 今年没见面\n"
        "你用过的标签：学生 3 人、待就业 1 人、考研 1 人。"
    ]
    assert [str(r) for r in await chat.say(1, "/小伙伴 50天没联系")] == [
        "没有符合“50 天没联系”的小伙伴。你用过的标签：学生 3 人、待就业 1 人、考研 1 人。"
    ]
    usage = (
        "群里写 /标签 @小王 学生，私聊写 /标签 姓名或尾号 学生；前面加 - 是揭下：-学生\n"
        "成批的在私聊里写：/标签 没标签的 学生、/标签 学生→毕业生；行业的统一叫法发 /标签 行业"
    )
    assert [str(r) for r in await chat.say(1, "/标签")] == [
        f"你用过的标签：学生 3 人、待就业 1 人、考研 1 人。\n{usage}"
    ]
    for said in ("/标签", "/标签 [@1001]", "/标签 [@1001] -"):
        assert [str(r) for r in await chat.say(1, said, group=5)] == [usage]


async def test_what_is_far_too_long_is_answered_in_a_line(chat: Chat, cadre: Cadre) -> None:
    await factories.youth(1001, cadre)
    [reply] = await chat.say(1, f"/小伙伴 {'长' * 5000}")
    assert len(reply.text) < 150
    for tag in ("长" * 500, f"-{'长' * 500}"):
        [reply] = await chat.say(1, f"/标签 [@1001] {tag}", group=5)
        assert reply.text == "标签至多 20 个字，短一点好找。"


async def test_only_own_contacts_can_be_tagged(chat: Chat, cadre: Cadre) -> None:
    await factories.youth(1001, cadre)
    await factories.person(1002)
    [reply] = await chat.say(1, "/标签 [@1001] [@1002] 学生", group=5)
    assert reply.text == "有 1 位不是你的联系青年，标签没有改动。请本人先发 /加入 @你，愿意的才算。"
    [reply] = await chat.say(1001, "/标签 [@1] 学生", group=5)
    assert "这条命令是给团干部用的" in reply.text
    [reply] = await chat.say(1, "/标签 小王 学生", group=5)
    assert reply.text == "名单里有具体的人，不方便在群里说。私聊我再发一次就好。"
    assert await ContactTag.all().count() == 0


async def tags_of(cadre: Cadre) -> dict[str, list[str]]:
    rows = (
        await ContactTag.filter(contact__cadre_id=cadre.id).order_by("id").prefetch_related("contact__youth__accounts")
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(next(account.user_id for account in row.contact.youth.accounts), []).append(row.tag)
    return found


async def one(chat: Chat, text: str) -> str:
    [reply] = await chat.say(1, text)
    return reply.text


async def test_a_batch_is_counted_first_written_on_a_word_and_taken_back(chat: Chat, cadre: Cadre) -> None:
    for user in (1001, 1002, 1003):
        await factories.youth(user, cadre, since=chat.at - timedelta(days=40))
    await one(chat, "/标签 1001 学生")
    before = await tags_of(cadre)
    assert await one(chat, "/标签 全部 学生 程序员") == (
        "会给 3 位小伙伴贴上 学生、互联网。（程序员 归到 互联网）现在还没改，要改就发 /标签 确认，十分钟内都行。"
    )
    assert await tags_of(cadre) == before
    assert await one(chat, "/标签 没标签的 学生") == (
        "会给 2 位小伙伴贴上 学生。现在还没改，要改就发 /标签 确认，十分钟内都行。"
    )
    assert await one(chat, "/标签 确认") == "好，2 位小伙伴的标签改好了。改错了，十分钟内发 /标签 撤销。"
    assert await tags_of(cadre) == {"1001": ["学生"], "1002": ["学生"], "1003": ["学生"]}
    assert await one(chat, "/标签 学生→毕业生") == (
        "会给 3 位小伙伴贴上 毕业生，揭下 学生。现在还没改，要改就发 /标签 确认，十分钟内都行。"
    )
    assert await one(chat, "/标签 撤销") == "好，刚才那次不改了，什么都没动。"
    assert await one(chat, "/标签 撤销") == "好，撤销了，2 位小伙伴的标签和改之前一样。"
    assert await tags_of(cadre) == before
    assert await one(chat, "/标签 撤销") == "好，撤销了，1 位小伙伴的标签和改之前一样。"
    assert await one(chat, "/标签 撤销") == "十分钟内没有可以撤销的标签改动。"
    assert await one(chat, "/标签 确认") == (
        "没有等着确认的改动（预览只留十分钟）。先说要改谁，例如：/标签 没标签的 学生"
    )


async def test_several_are_named_at_once_and_more_than_a_handful_is_counted_first(chat: Chat, cadre: Cadre) -> None:
    people = [await factories.youth(user, cadre) for user in range(1001, 1007)]
    await Person.filter(id=people[0].id).update(name="王小明")
    await Person.filter(id=people[1].id).update(name="李小红")
    assert await one(chat, "/标签 王小明、李小红 考研") == "好，2 位小伙伴贴上 考研。"
    assert await one(chat, "/标签 王小明 李小红 1003 -考研 学生") == "好，3 位小伙伴贴上 学生，揭下 考研。"
    assert await one(chat, "/标签 王小明 学生") == "不用改，这 1 位本来就是这样。"
    assert "没有“赵六”" in await one(chat, "/标签 王小明、赵六 学生")
    mentions = " ".join(f"[@{user}]" for user in range(1001, 1007))
    assert [str(r) for r in await chat.say(1, f"/标签 {mentions} 学生", group=5)] == [
        "会给 3 位小伙伴贴上 学生，另有 3 位本来就是这样。现在还没改，要改就发 /标签 确认，十分钟内都行。"
    ]
    assert await one(chat, "/标签 确认") == "好，3 位小伙伴的标签改好了。改错了，十分钟内发 /标签 撤销。"


async def test_batch_words_that_make_no_sense_are_explained(chat: Chat, cadre: Cadre) -> None:
    assert "还没有青年加入" in await one(chat, "/标签 全部 学生")
    await factories.youth(1001, cadre, since=chat.at)
    assert await one(chat, "/标签 考研→毕业生") == (
        "没认出“考研”。能写的有 30天未联系、未面对面、本季没活动、没标签、初识、聊过、常聊、朋友。"
    )
    assert await one(chat, "/标签 1001 家庭困难") == (
        "“家庭困难”是别人不愿被写下来的事，记在心里就好，不贴标签（他自己也看得到）。"
        "想帮他，请他提一个 /心愿，我会走私密的那条路。"
    )
    assert await one(chat, "/标签 全部 -学生 学生") == "“学生”又要贴又要揭，留一个就好。"
    assert await one(chat, "/标签 1001 未面对面") == "“未面对面”我会自己算，不用贴；要筛就发 /小伙伴 未面对面"
    assert await one(chat, "/标签 30天未联系 学生") == "没有符合“30 天没联系”的小伙伴，没有改动。"
    assert (await one(chat, "/标签 行业")).startswith("行业的统一叫法：互联网、快递物流、")
    assert await one(chat, "/小伙伴 没这回事") == (
        "没认出“没这回事”。能写的有 30天未联系、未面对面、本季没活动、没标签、初识、聊过、常聊、朋友。"
    )
    assert await ContactTag.all().count() == 0
