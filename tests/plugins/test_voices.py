"""心声、建议、投诉的命令：在群里、在私聊里说了什么，听到什么，库里留下什么。"""

import pytest

from bot.settings import settings
from bot.ticks import run_ticks
from db.models import Cadre, Notice, RoleKind, Voice, VoiceState, Wish, WishLane
from plugins.voices.jobs import keep_voices
from tests import factories
from tests.chat import Chat
from tests.league import wish_town as town

GROUP = 555


@pytest.fixture(autouse=True)
async def place(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> town.Town:
    """学校另有 120 软件督导、901 超级管理员。"""
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901"})
    built = await town.build()
    await factories.admin(120, "钱督导", built.software, RoleKind.INSPECTOR)
    return built


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    """唯一的一句回答。"""
    [reply] = await chat.say(user, text, group=group)
    assert reply.group == (str(group) if group else None)
    return reply.text


async def told(user: int) -> str:
    """给某人的最近一条通知。"""
    notice = await Notice.filter(person__accounts__user_id=str(user)).order_by("-id").first()
    return notice.text or "" if notice else ""


async def test_a_heart_from_saying_it_to_its_answer(chat: Chat) -> None:
    assert await ask(chat, 200, "/心声 实习和考试撞在一起，有点累") == (
        "收到你的心声 V1，只有你的联系团干部看得到，不写你是谁。2 个工作日内给你回音，没有就往上报。\n"
        "看回音发 /我的心声，不想说了发 /撤回 V1。"
    )
    chat.later(days=1)
    listed = (await chat.say(100, "/回复"))[0].text
    assert listed == (
        "等你答的（1 条）\nV1 · 心声 · 1 天前 · 软件学院团总支 · 已收\n　实习和考试撞在一起，有点累\n"
        "回音发 /回复 V1 话，我带给本人。"
    )
    assert await ask(chat, 100, "/回复 V1 周三下午我来找你") == "我去把话带给说 V1 的人。"
    assert await told(200) == "你的心声 V1 有回音了，私聊我发 /我的心声 看。"
    assert (await chat.say(200, "/我的心声"))[0].text == (
        "V1 · 心声 · 1 天前 · 已答复\n　实习和考试撞在一起，有点累\n　回音：周三下午我来找你"
    )
    assert await ask(chat, 100, "/回复") == "现在没有等你答的心声、建议、投诉。"


async def test_a_heart_says_truly_who_reads_it_when_the_cadre_has_left(chat: Chat, place: town.Town) -> None:
    await Cadre.filter(id=place.zhang.id).update(left_at=chat.at)
    assert (await ask(chat, 200, "/心声 有点累")).startswith(
        "收到你的心声 V1，交给单位负责的老师了，不写你是谁。2 个工作日内给你回音，没有就往上报。"
    )


async def test_a_suggestion_walks_through_its_states(chat: Chat) -> None:
    assert (await ask(chat, 200, "/建议 团课放到周末上午", GROUP)).startswith(
        "收到你的建议 V1，交给单位负责的老师了，不写你是谁。5 个工作日内给你回音，没有就往上报。"
    )
    assert "建议先写 研究中、采纳" in (await chat.say(110, "/回复"))[0].text
    assert await ask(chat, 110, "/回复 V1 谢谢") == (
        "V1 是建议，请先写 研究中、采纳、部分采纳、不采纳（加理由）或 已落实，例如：/回复 V1 采纳 下个月就改"
    )
    assert await ask(chat, 110, "/回复 V1 采纳 从十二月起") == (
        "V1 记作“采纳”，我去告诉本人，落实了再发 /回复 V1 已落实。"
    )
    assert await told(200) == "你的建议 V1：采纳。从十二月起"
    assert await ask(chat, 110, "/回复 V1 不采纳 不行") == "V1 已经采纳了，落实了就发 /回复 V1 已落实。"
    assert await ask(chat, 110, "/回复 ｖ１ 已落实") == "V1 记作“已落实”，我去告诉本人。"
    assert (await Voice.get()).state is VoiceState.REALISED


async def test_declining_needs_a_reason(chat: Chat) -> None:
    await ask(chat, 200, "/建议 团课放到周末上午")
    assert await ask(chat, 110, "/回复 V1 不采纳") == ("请写一句话，例如：/回复 V1 不采纳 场地今年排满了，明年三月再议")
    await ask(chat, 110, "/回复 V1 不采纳 周末教室不开")
    assert "不采纳\n　团课放到周末上午\n　回音：周末教室不开" in (await chat.say(200, "/我的心声"))[0].text


async def test_a_complaint_about_piled_on_quotas_reaches_the_inspector_without_a_name(chat: Chat) -> None:
    assert (await ask(chat, 200, "/投诉 加码 文件说每月三次，要求我们每周两次")).startswith(
        "收到你的投诉 V1，只有督导看得到，不写你是谁。5 个工作日内给你回音"
    )
    assert await told(120) == "来了一条投诉 V1，请在 5 个工作日内给个回音。私聊我发 /回复 看内容。"
    seen = (await chat.say(120, "/回复"))[0].text
    assert "加码 文件说每月三次，要求我们每周两次" in seen
    for user in (100, 110):
        assert await ask(chat, user, "/回复") == "现在没有等你答的心声、建议、投诉。"
        assert await ask(chat, user, "/回复 V1 知道了") == "没找到 V1，看看编号对不对？"
        assert "投诉" not in await told(user)
    assert await ask(chat, 120, "/回复 V1 查实了，已经改回来") == "我去把话带给说 V1 的人。"
    spoken = [reply.text for reply in chat.sent if reply.user != "200"]
    notices = await Notice.exclude(person__accounts__user_id="200").values_list("text", flat=True)
    assert not [text for text in [*spoken, *notices] if "200" in str(text) or "用户" in str(text)]


@pytest.mark.parametrize("kind", ["心声", "投诉"])
@pytest.mark.parametrize("user", [200, 300])
async def test_in_a_group_it_is_neither_repeated_nor_kept(chat: Chat, kind: str, user: int) -> None:
    text = await ask(chat, user, f"/{kind} 有人欺负我", GROUP)
    assert text == f"{kind}是说给一个人听的，请私聊我发 /{kind}。群里这句我没有记，你可以自己撤回那条消息。"
    assert not await Voice.exists()
    assert not await Notice.exists()


@pytest.mark.parametrize("text", ["/回复", "/回复 V1 好的"])
async def test_answers_are_not_given_in_a_group(chat: Chat, text: str) -> None:
    await ask(chat, 200, "/心声 有点累")
    assert await ask(chat, 100, text, GROUP) == "这些话不在群里说，请私聊我发 /回复。"
    assert await ask(chat, 200, "/我的心声", GROUP) == "这是只说给你听的，请私聊我发 /我的心声。"
    assert (await Voice.get()).state is VoiceState.RECEIVED


@pytest.mark.parametrize("kind", ["心声", "建议", "投诉"])
@pytest.mark.parametrize("group", [GROUP, 777, None])
async def test_words_of_self_harm_get_help_lines_and_the_duty_person(chat: Chat, kind: str, group: int | None) -> None:
    assert (await ask(chat, 200, f"/{kind} 我不想活了", group)).startswith("谢谢你愿意说出来，你很重要。")
    assert await Notice.filter(kind="wish.crisis", urgent=True, person__accounts__user_id="900").count() == 1
    assert (await Wish.get()).lane is WishLane.CRISIS
    assert not await Voice.exists()


async def test_withdrawing_by_number(chat: Chat) -> None:
    await ask(chat, 200, "/心声 有点累")
    await ask(chat, 200, "/心愿 想学车")
    assert await ask(chat, 100, "/撤回 V1") == "没找到你说的 V1，私聊我发 /我的心声 看看编号？"
    assert await ask(chat, 200, "/撤回 v1") == "好的，V1 撤回了。有新的想法随时告诉我。"
    assert await ask(chat, 200, "/撤回 V1") == "V1 已经结束了（已撤回），不用再操作。"
    assert await ask(chat, 200, "/撤回 W1") == "好的，W1 撤回了。有新的想法随时告诉我。"


async def test_someone_who_has_not_joined_is_told_what_is_kept_and_numbers_are_hidden(chat: Chat) -> None:
    text = await ask(chat, 300, "/投诉 打 13812345678 的人骗我")
    assert text.endswith("里面的号码我替你隐去了。\n（你还没 /加入，我只存了你的账号和这条投诉。）")


async def test_time_passing_reports_it_upwards(chat: Chat) -> None:
    assert keep_voices
    await ask(chat, 200, "/心声 有点累")
    chat.later(days=2)
    await run_ticks(chat.at)
    assert (await told(110)).startswith("心声 V1 过了 2 个工作日还没有回音")


@pytest.mark.parametrize(
    ("user", "text", "sentence"),
    [
        (200, "/心声", "心声还没写内容呢，例如：/心声 最近实习和考试撞在一起，有点扛不住"),
        (200, "/建议", "建议还没写内容呢，例如：/建议 团课能不能放到周末上午"),
        (200, "/投诉 ：", "投诉还没写内容呢，例如：/投诉 加码 文件说每月三次，我们被要求每周两次"),
        (300, "/心声 有点累", "我还不知道该把心声交给谁。请先在你们的青年群里发 /加入，再来私聊我。"),
        (300, "/我的心声", "你还没有说过心声、建议或投诉，想说的时候发：/心声 实习和课撞上了，不知道怎么选"),
        (100, "/回复 谢谢你", "要写上心声编号，例如：/回复 V5 谢谢你告诉我，周三我来找你聊聊"),
        (100, "/回复 W1 好", "要写上心声编号，例如：/回复 V5 谢谢你告诉我，周三我来找你聊聊"),
        (100, "/回复 V9 好", "没找到 V9，看看编号对不对？"),
        (
            200,
            "/回复 V1 好",
            "这条命令是给团干部用的。你要是团干部，请管理员发 /任命 @你；换了账号的，用 /绑定 六位码 认回来。",
        ),
    ],
)
async def test_a_wrong_use_gets_one_friendly_line(chat: Chat, user: int, text: str, sentence: str) -> None:
    assert await ask(chat, user, text) == sentence


async def test_an_answer_without_words_is_asked_for(chat: Chat) -> None:
    await ask(chat, 200, "/心声 有点累")
    [reply, *_] = await chat.say(100, "/回复 V1")
    assert reply.text == "请写一句话，例如：/回复 V1 谢谢你告诉我，周三我来找你聊聊"
