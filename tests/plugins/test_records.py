"""记录的命令：说了什么，听到什么，库里留下什么。"""

import pytest

from db.models import Activity, ActivityState, EvidenceGrade, Mode, Participation, Person, RoleKind
from tests import factories
from tests.chat import Chat
from tests.league import wish_town as town
from tests.league.activity_town import states

GROUP = 555


@pytest.fixture
async def school(chat: Chat) -> town.Town:
    built = await town.build()
    await factories.youth(201, built.zhang, built.group)
    return built


async def ask(chat: Chat, user: int, text: str, group: int | None = None, **extra: object) -> str:
    """唯一的一句回答。"""
    [reply] = await chat.say(user, text, group=group, **extra)
    return reply.text


async def test_a_record_from_writing_to_confirmation(chat: Chat, school: town.Town) -> None:
    assert await ask(chat, 100, "/记 [@200] [@201] 谈心 面对面 聊了找工作", GROUP) == (
        "记下了 A1：谈心，面对面，2 位。我问一次写着的人，本人确认够数，就算青年确认过（L2）。"
    )
    assert await states() == {"200": "待确认", "201": "待确认"}
    thanks = "谢谢，A1 记下了。谁说没有、谁没回，团干部看不到。"
    assert await ask(chat, 200, "/确认 A1 有") == thanks
    assert await ask(chat, 201, "/确认 a1 有的", GROUP) == thanks
    assert (await Activity.get()).grade is EvidenceGrade.L2
    assert await ask(chat, 100, "/查记录 文字") == (
        "我的记录（L2 1 条 · L1 0 条 · L0 0 条）\nA1 谈心·面对面（11月18日）：L2，确认 2/2 人\n看一条发 /查记录 编号"
    )


async def test_a_correction_keeps_every_version(chat: Chat, school: town.Town) -> None:
    assert await ask(chat, 100, "/记 [@200] 谈心", GROUP) == (
        "记下了 A1：谈心，1 位。我问一次写着的人，本人确认够数，就算青年确认过（L2）。\n"
        "下次加上 面对面、电话、线上，就算时间、方式、人员齐全（L1）。"
    )
    assert await ask(chat, 100, "/纠错 A1 漏了一位，改为 [@200] [@201] 电话 昨天 聊了考研", GROUP) == (
        "A1 改好了，这是第 2 版；从前的留着，发 /查记录 A1 看。"
    )
    assert await ask(chat, 100, "/查记录 A1") == (
        "A1 谈心·电话（11月17日）：L1，确认 0/2 人；满 2 位确认是 L2\n"
        "第 1 版（11月18日 14:00）谈心 · 11月18日 · 1 人\n"
        "第 2 版（11月18日 14:00）谈心 · 11月17日 · 电话 · 2 人 · 聊了考研 · 原因：漏了一位"
    )
    assert (await ask(chat, 100, "/纠错 A1 记错人了")).startswith("A1 作废了，不再算数；记过的每一版都还在。")
    assert (await Activity.get()).state is ActivityState.VOIDED
    assert "A1 谈心·电话（11月17日）：已作废" in await ask(chat, 100, "/查记录 文字")


async def test_in_private_names_and_tails_do(chat: Chat, school: town.Town) -> None:
    await Person.filter(accounts__user_id="200").update(name="小王")
    await ask(chat, 100, "/记 小王 尾号201 谈心 线上")
    assert await states() == {"200": "待确认", "201": "待确认"}
    assert (await Activity.get()).mode is Mode.ONLINE
    assert (await ask(chat, 100, "/记 小李 谈心")).startswith("你的联系青年里没有“小李”")
    assert (await ask(chat, 100, "/记 小王 谈心", GROUP)).startswith("群里请直接 @ 人")


async def test_a_reply_names_the_one_replied_to(chat: Chat, school: town.Town, monkeypatch: pytest.MonkeyPatch) -> None:
    call = chat.bot.call_api

    async def platform(api: str, **data: object) -> object:
        return {"sender": {"user_id": 201}} if api == "get_msg" else await call(api, **data)

    monkeypatch.setattr(chat.bot, "call_api", platform)
    message = [{"type": "reply", "data": {"id": "77"}}, {"type": "text", "data": {"text": "/记 谈心 面对面"}}]
    assert (await ask(chat, 100, "", GROUP, message=message)).startswith("记下了 A1")
    assert await states() == {"201": "待确认"}


async def test_where_the_platform_does_not_tell_it_asks_for_a_mention(chat: Chat, school: town.Town) -> None:
    message = [{"type": "reply", "data": {"id": "77"}}, {"type": "text", "data": {"text": "/记 谈心 面对面"}}]
    assert (await ask(chat, 100, "", GROUP, message=message)).startswith("和谁？@ 上自己的联系青年")


@pytest.mark.parametrize(
    ("user", "text", "group", "sentence"),
    [
        (200, "/记 [@201] 谈心", GROUP, "这条命令是给团干部用的。"),
        (100, "/记", GROUP, "是哪一类？"),
        (100, "/记 谈心", GROUP, "和谁？@ 上自己的联系青年"),
        (100, "/记 [@200] 聊天", GROUP, "是哪一类？写 实事、团课、谈心、志愿、文体、其他 里的一个"),
        (100, "/记 [@999] 谈心", GROUP, "有 1 位不是你的联系青年，没有记。"),
        (100, "/记 [@200] 谈心 11-01", GROUP, "这是 7 天以前的事了"),
        (100, "/纠错", GROUP, "要写上记录编号，例如：/纠错 A7 记错日子了 改为 昨天"),
        (100, "/纠错 A9 记错了", GROUP, "没找到 A9"),
        (100, "/纠错 A9", GROUP, "写一句为什么"),
        (100, "/查记录", GROUP, "记录里有具体的人和事，请私聊我发 /查记录。"),
        (100, "/查记录", None, "还没有记录。"),
        (100, "/查记录 A9", None, "没找到 A9"),
        (200, "/查记录", None, "这条命令是给团干部用的。"),
        (200, "/确认 A9 有", None, "没找到 A9"),
        (200, "/确认 A9", None, "有这回事吗？回 /确认 A9 有，或者 没有、不想回答。"),
        (200, "/异议", None, "要写上记录编号，例如：/异议 A7"),
        (200, "/异议 A9", None, "没找到 A9"),
        (200, "/异议 A9", GROUP, "请私聊我发 /异议"),
        (100, "/异议 A9 成立", None, "没找到 A9"),
    ],
)
async def test_a_wrong_use_gets_one_friendly_line(
    chat: Chat, school: town.Town, user: int, text: str, group: int | None, sentence: str
) -> None:
    assert (await ask(chat, user, text, group)).startswith(sentence)
    assert not await Activity.exists()
    assert not await Participation.exists()


async def test_a_no_is_never_taken_in_a_group(chat: Chat, school: town.Town) -> None:
    """群里说“没有”，团干部就看见是谁说的了；说“有”没有妨碍。"""
    await ask(chat, 100, "/记 [@200] [@201] 谈心 面对面", GROUP)
    for word in ("没有", "不想回答"):
        told = await ask(chat, 200, f"/确认 A1 {word}", GROUP)
        assert told.startswith("这句只说给我一个人听，请私聊我发 /确认 A1。群里这句我没有记")
    assert await states() == {"200": "待确认", "201": "待确认"}
    assert (await ask(chat, 200, "/确认 A1 有", GROUP)).startswith("谢谢，A1 记下了")


async def test_a_wish_of_the_same_number_is_still_confirmed_by_its_letter(chat: Chat, school: town.Town) -> None:
    await town.done(at=chat.at)
    await ask(chat, 100, "/记 [@200] 谈心 面对面", GROUP)
    assert await ask(chat, 200, "/确认 W1 办成") == "太好了，W1 记作已圆梦！"
    assert (await ask(chat, 200, "/确认 A1 没有")).startswith("谢谢，A1 记下了")
    assert await states() == {"200": "没有"}


async def test_a_youth_sees_what_is_written_about_him_and_may_dispute_it(chat: Chat, school: town.Town) -> None:
    await factories.admin(120, "督导", school.school, RoleKind.INSPECTOR)
    await ask(chat, 100, "/记 [@200] 谈心 面对面 聊了找工作", GROUP)
    line = "张三记的 A1（11月18日）谈心（面对面）：聊了找工作；已记录，你说：待确认。写得不对发 /异议 A1"
    assert line in await ask(chat, 200, "/我的数据")
    assert await ask(chat, 200, "/异议 A1") == ("收到，A1 先不算数，请督导看过再说。谁提的，我不会告诉记的人。")
    assert await ask(chat, 201, "/异议 A1") == "没找到 A1，看看编号对不对？"
    assert "A1 被提出异议" in await ask(chat, 120, "/待办")
    assert await ask(chat, 120, "/待办") == "手上的事：\n· 有青年提了异议的记录：A1，发 /异议 A1 看。"
    listed = "有青年提了异议的记录 1 条：\n· A1（软件学院团总支，11月18日）\n看一条发 /异议 A1"
    assert await ask(chat, 120, "/异议") == listed
    for said in ("/异议 A1", "/异议 a1", "/异议 1"):
        assert await ask(chat, 120, said) == (
            "A1 谈心·面对面：软件学院团总支的张三记的，11月18日。有青年说不对，先不算数了。\n"
            "改没改过发 /核验 A1；找张三了解之后，记得不对发 /异议 A1 成立（作废），没记错发 /异议 A1 不成立（恢复）。"
        )
    assert (await ask(chat, 120, "/异议 A1", GROUP)).startswith("请私聊我发 /异议")
    assert (await ask(chat, 120, "/异议 A1 不成立", GROUP)).startswith("请私聊我发 /异议"), "裁定也不在群里说"
    assert await ask(chat, 120, "/异议 A1 不成立") == "A1 恢复了，照常算数。"
    assert await ask(chat, 120, "/异议") == "现在没有等你看的异议。"
    await ask(chat, 200, "/异议 A1")
    assert await ask(chat, 120, "/异议 A1 成立，那天没去") == "A1 作废了，不再算数。"
