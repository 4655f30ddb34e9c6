"""心愿的命令：在群里、在私聊里说了什么，听到什么，库里留下什么。"""

from datetime import timedelta

import pytest

from bot.settings import settings
from bot.ticks import run_ticks
from db.models import GroupKind, Notice, Wish, WishEnding, WishLane, WishState
from plugins.wishes.jobs import keep_deadlines
from tests import factories
from tests.chat import Chat
from tests.league import wish_town as town

GROUP = 555


@pytest.fixture(autouse=True)
def duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901"})


async def ask(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    """唯一的一句回答。"""
    [reply] = await chat.say(user, text, group=group)
    assert reply.group == (str(group) if group else None)
    return reply.text


async def test_a_wish_from_submission_to_fulfilment(chat: Chat) -> None:
    await town.build()
    assert await ask(chat, 200, "/心愿 想学修自行车", GROUP) == (
        "收到你的心愿 W1，已经放上心愿墙。有人认领、有了进展，我都告诉你。"
    )
    submitted = chat.at
    chat.later(days=1)
    assert await ask(chat, 100, "/心愿墙") == (
        "心愿墙（1 条）\nW1 · 1 天前 · 软件学院团总支 · 待认领\n　想学修自行车\n认领发 /认领 编号"
    )
    assert await ask(chat, 100, "/认领 W1", GROUP) == (
        "W1 归你办了，1 天前提的。\n　想学修自行车\n"
        "在群 555 里提的，要说的话由我带到：/进展 W1 话；办好了：/办结 W1 话。"
    )
    assert await ask(chat, 101, "/认领 W1", GROUP) == "W1 已经由张三认领了，谢谢你。"
    assert await ask(chat, 100, "/进展 W1周五约好", GROUP) == "记下了，我去告诉提 W1 的人。"
    assert await ask(chat, 200, "/我的心愿") == "W1 · 1 天前 · 办理中\n　想学修自行车\n　回音：周五约好"
    assert await ask(chat, 100, "/办结 W1 教会他了") == "辛苦了！我去问本人 W1 办成没有，有了回话告诉你。"
    chat.later(hours=1)
    assert await ask(chat, 200, "/确认 W1 办成了，谢谢！") == "太好了，W1 记作已圆梦！"
    row = await Wish.get(id=1)
    assert (row.state, row.ending, row.ended_at) == (WishState.ENDED, WishEnding.FULFILLED, chat.at)
    assert (row.submitted_at, row.answered_at) == (submitted, submitted + timedelta(days=1))
    assert await ask(chat, 100, "/心愿墙") == "心愿墙上现在没有等着办的心愿。"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("我的心愿是……学游泳", "学游泳"),
        ("我的心愿：学游泳", "学游泳"),
        ("我的心愿是学游泳", "学游泳"),
        ("/心愿想学车", "想学车"),
        ("／心愿 学游泳", "学游泳"),
        ("/心愿 [CQ:at,qq=all] {0}\n第二行", "[CQ:at,qq=all] {0}\n第二行"),
    ],
)
async def test_ways_to_make_a_wish(chat: Chat, text: str, kept: str) -> None:
    await town.build()
    frame = [{"type": "text", "data": {"text": text}}]
    [reply] = await chat.say(200, text, group=GROUP, message=frame)
    assert reply.text.startswith("收到你的心愿 W1")
    assert (await Wish.get(id=1)).text == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [("/心愿 匿名 想学车", "想学车"), ("/心愿 匿名：想学车", "想学车"), ("/心愿 匿名想学车", "匿名想学车")],
)
async def test_an_anonymous_wish_is_anonymous_however_it_is_typed(chat: Chat, text: str, kept: str) -> None:
    await town.build()
    assert await ask(chat, 200, text) == (
        "收到你的心愿 W1，已经放上心愿墙。有人认领、有了进展，我都告诉你。\n墙上和认领的人都看不到是谁提的。"
    )
    row = await Wish.get(id=1)
    assert (row.text, row.anonymous) == (kept, True)


async def test_an_anonymous_author_shows_up_nowhere_but_in_his_own_private_commands(chat: Chat) -> None:
    await town.build()
    await ask(chat, 200, "/心愿 匿名 想学车")
    heard = [await ask(chat, 100, text) for text in ("/心愿墙", "/认领 W1", "/进展 W1 好", "/办结 W1 好")]
    assert heard[1].endswith("提的人选了匿名，要说的话由我带到：/进展 W1 话；办好了：/办结 W1 话。")
    assert await ask(chat, 200, "/我的心愿", GROUP) == "这里只列在本群公开提的，私聊我发 /我的心愿 看全部。"
    assert "想学车" in await ask(chat, 200, "/我的心愿")
    await ask(chat, 200, "/确认 W1 部分")
    others = await Notice.exclude(person__accounts__user_id="200").values_list("text", flat=True)
    assert not [text for text in [*heard, *others] if "200" in str(text) or "用户" in str(text)]


async def test_someone_who_has_not_joined_is_told_what_is_kept(chat: Chat) -> None:
    await town.build()
    assert (await ask(chat, 300, "/心愿 想学车", GROUP)).endswith("\n（你还没 /加入，我只存了你的账号和这个心愿。）")
    assert (await ask(chat, 300, "/我的心愿", GROUP)).startswith("W1 · 今天 · 待认领")


async def test_numbers_are_hidden_and_the_author_is_told(chat: Chat) -> None:
    await town.build()
    assert (await ask(chat, 200, "/心愿 想学车，打 13812345678", GROUP)).endswith("里面的号码我替你隐去了。")


async def test_a_private_wish_is_not_repeated_in_any_group(chat: Chat) -> None:
    place = await town.build()
    await factories.group(600, place.zhang, GroupKind.WORK)
    assert await ask(chat, 200, "/心愿 想申请困难补助", GROUP) == (
        "收到，W1 不上墙，只有你的联系团干部和单位管理员看得到，进展我悄悄告诉你。"
    )
    assert (await Wish.get(id=1)).lane is WishLane.PRIVATE
    heard = [
        await ask(chat, user, text, group)
        for user, text, group in [
            (200, "/我的心愿", GROUP),
            (100, "/心愿墙", GROUP),
            (100, "/心愿墙", 600),
            (100, "/认领 W1", 600),
            (100, "/进展 W1 补助批了", 600),
            (100, "/办结 W1 补助到了", 600),
            (200, "/确认 W1 办成", GROUP),
        ]
    ]
    assert not [text for text in heard if "补助" in text]
    assert not await Notice.filter(text__contains="补助").exists()
    assert "想申请困难补助" in await ask(chat, 200, "/我的心愿")


HELP_LINES = (
    "谢谢你愿意说出来，你很重要。我这就告诉值守的老师，请他尽快找你。\n"
    "想马上有人听你说：12355（青少年服务台）、12356（全国统一心理援助热线）。\n"
    "现在就有危险的话，请拨 110 或 120，或者请身边的人陪着你。"
)


@pytest.mark.parametrize("group", [GROUP, 777, None])
@pytest.mark.parametrize("user", [200, 300])
async def test_words_of_self_harm_get_help_lines_wherever_and_whoever(chat: Chat, user: int, group: int | None) -> None:
    await town.build()
    text = await ask(chat, user, "/心愿 我不想活了", group)
    assert text == (HELP_LINES if user == 200 else f"{HELP_LINES}\n（我只记下了你的账号和这句话。）")
    assert await Notice.filter(kind="wish.crisis", urgent=True, person__accounts__user_id="900").count() == 1


async def test_the_duty_person_follows_a_crisis_to_its_end(chat: Chat) -> None:
    await town.build()
    await ask(chat, 200, "/心愿 匿名 我不想活了", GROUP)
    assert await ask(chat, 100, "/心愿墙") == "心愿墙上现在没有等着办的心愿。"
    assert await ask(chat, 900, "/值守", GROUP) == "请私聊我发 /值守。"
    assert await ask(chat, 100, "/值守") == "这条命令是给值守人用的。"
    assert await ask(chat, 900, "/值守") == "W1 · 今天 · 软件学院团总支 · 群 555\n看详情发 /值守 编号"
    assert "账号：qq:200\n我不想活了\n" in await ask(chat, 900, "/值守 W1")
    assert await ask(chat, 900, "/进展 W1 我在") == "马上带给本人（W1）。"
    assert await ask(chat, 200, "/我的心愿") == "W1 · 今天 · 值守老师跟进中\n　我不想活了\n　回音：我在"
    assert await ask(chat, 100, "/办结 W1 好") == "没找到 W1，看看编号对不对？"
    assert await ask(chat, 900, "/办结 W1 见到本人了") == "W1 已办结，辛苦了。"
    assert await ask(chat, 900, "/值守") == "现在没有等着跟进的求助。"


@pytest.mark.parametrize(
    "text", ["/确认 W1 没办成，我不想活了", "/确认 W1 我不想活了", "/撤回 W7 我不想活了", "/撤回 不想活了"]
)
async def test_a_cry_in_an_answer_can_be_followed_to_its_end(chat: Chat, text: str) -> None:
    await town.build()
    await town.done(at=chat.at)
    assert await ask(chat, 200, text, GROUP) == HELP_LINES
    assert "账号：qq:200\n" in await ask(chat, 900, "/值守 W2")
    assert await ask(chat, 900, "/进展 W2 我在") == "马上带给本人（W2）。"
    assert await ask(chat, 900, "/办结 W2 见到本人了") == "W2 已办结，辛苦了。"


async def test_in_a_group_nothing_shows_that_it_was_a_cry(chat: Chat) -> None:
    await town.build()
    await ask(chat, 200, "/心愿 我不想活了")
    assert await ask(chat, 200, "/确认 W1 办成", GROUP) == "W1 不用确认，私聊我发 /我的心愿 看看。"
    assert await ask(chat, 200, "/撤回 W1", GROUP) == "好的，W1 撤回了。有新的想法随时告诉我。"


async def test_a_unit_name_of_any_length_is_answered(chat: Chat) -> None:
    await town.build()
    await town.claimed()
    assert (await ask(chat, 100, f"/转办 W1 {'长' * 500}")).startswith("没找到“长长")


async def test_what_was_wished_in_private_is_not_listed_in_a_group(chat: Chat) -> None:
    await town.build()
    await ask(chat, 200, "/心愿 想换专业")
    await ask(chat, 200, "/心愿 想学车", GROUP)
    assert await ask(chat, 200, "/我的心愿", GROUP) == (
        "W2 · 今天 · 待认领\n　想学车\n这里只列在本群公开提的，私聊我发 /我的心愿 看全部。"
    )
    nothing = "这里只列在本群公开提的，私聊我发 /我的心愿 看全部。"
    assert await ask(chat, 200, "/我的心愿", 777) == await ask(chat, 201, "/我的心愿", GROUP) == nothing


@pytest.mark.parametrize("answer", ["部分", "办成一部分", "办成了一部分，谢谢", "一部分"])
async def test_partly_done_is_never_taken_for_done(chat: Chat, answer: str) -> None:
    await town.build()
    await town.done(at=chat.at)
    await ask(chat, 200, f"/确认 W1 {answer}")
    assert (await Wish.get(id=1)).ending is WishEnding.PARTLY


@pytest.mark.parametrize("answer", ["不接受", "接受不了", "理解不了", "不理解"])
async def test_not_accepting_is_never_taken_for_accepting(chat: Chat, answer: str) -> None:
    await town.build()
    await town.explained(at=chat.at)
    await ask(chat, 200, f"/确认 W1 {answer}")
    assert (await Wish.get(id=1)).state is WishState.CLAIMED


async def test_without_anyone_to_tell_it_does_not_claim_to_have_told(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "duty", ())
    monkeypatch.setattr(settings(), "superusers", set())
    await town.build()
    text = await ask(chat, 200, "/心愿 我不想活了")
    assert "值守" not in text
    assert "12355" in text


@pytest.mark.parametrize("number", ["W1", "w1", "1", "W 1", "Ｗ１", "１", "w01", "W1，"])
async def test_ids_are_read_however_they_are_typed(chat: Chat, number: str) -> None:
    await town.build()
    await town.wish(at=chat.at)
    assert (await ask(chat, 100, f"/认领 {number}")).startswith("W1 归你办了")


@pytest.mark.parametrize(
    ("user", "text", "sentence"),
    [
        (200, "/心愿", "心愿还没写内容呢，例如：/心愿 想学修自行车"),
        (200, "/心愿 匿名", "心愿还没写内容呢，例如：/心愿 想学修自行车"),
        (200, "/撤回", "要写上心愿编号，例如：/撤回 W12"),
        (200, "/撤回 W0", "要写上心愿编号，例如：/撤回 W12"),
        (200, "/撤回 W99999999999999999999", "要写上心愿编号，例如：/撤回 W12"),
        (200, "/撤回 W999999999", "没找到 W999999999，看看编号对不对？"),
        (200, "/确认 办成", "要写上心愿编号，例如：/确认 W12 办成"),
        (200, "/确认 W1", "办成了、办成一部分，还是没办成？例如：/确认 W1 办成"),
        (200, "/确认 W1 还行吧", "办成了、办成一部分，还是没办成？例如：/确认 W1 办成"),
        (200, "/确认 W1 办成", "W1 还没办结，等有了结果我会来问你；不想要了可以 /撤回 W1。"),
        (100, "/认领", "要写上心愿编号，例如：/认领 W12"),
        (100, "/认领 A3", "要写上心愿编号，例如：/认领 W12"),
        (100, "/认领 W77", "没找到 W77，看看编号对不对？"),
        (100, "/放弃 那个", "要写上心愿编号，例如：/放弃 W12"),
        (100, "/进展 约好了", "要写上心愿编号，例如：/进展 W12 约好了周五"),
        (100, "/进展 W1", "请写一句话，例如：/进展 W1 已经联系了老师，周五给你回音"),
        (100, "/办结", "要写上心愿编号，例如：/办结 W12 教练已经联系好"),
        (100, "/办不成 W1", "请写一句话，例如：/办不成 W1 体育馆年底前都在修，明年三月重开"),
        (100, "/转办 W1", "转给谁呢？写团干部的姓名或单位名称，例如：/转办 W1 校团委"),
        (
            200,
            "/认领 W1",
            "这条命令是给团干部用的。你要是团干部，请管理员发 /任命 @你；换了账号的，用 /绑定 六位码 认回来。",
        ),
        (
            300,
            "/心愿墙",
            "这条命令是给团干部用的。你要是团干部，请管理员发 /任命 @你；换了账号的，用 /绑定 六位码 认回来。",
        ),
        (300, "/我的心愿", "你还没有提过心愿，想到什么就发：/心愿 想学修自行车"),
        (
            300,
            "/心愿 想学车",
            "我还不认识你在哪个群。请到你们的青年群里发 /心愿，或先在群里 /加入，之后私聊我也行。",
        ),
    ],
)
async def test_a_wrong_use_gets_one_friendly_line(chat: Chat, user: int, text: str, sentence: str) -> None:
    await town.build()
    await town.wish(at=chat.at)
    before = await Wish.all().values()
    assert await ask(chat, user, text) == sentence
    assert await Wish.all().values() == before


async def test_an_unbound_group_says_so(chat: Chat) -> None:
    await town.build()
    assert (await ask(chat, 300, "/心愿 想学车", 777)).startswith("本群没有联系团干部")


@pytest.mark.parametrize(
    ("words", "ending", "state"),
    [
        ("办成", WishEnding.FULFILLED, WishState.ENDED),
        ("部分办成，还差一点", WishEnding.PARTLY, WishState.ENDED),
        ("没办成 还差一步", None, WishState.CLAIMED),
        ("没有办成", None, WishState.CLAIMED),
    ],
)
async def test_what_the_author_says_is_what_is_recorded(
    chat: Chat, words: str, ending: WishEnding | None, state: WishState
) -> None:
    await town.build()
    await town.done(at=chat.at)
    await ask(chat, 200, f"/确认 W1 {words}")
    row = await Wish.get(id=1)
    assert (row.ending, row.state) == (ending, state)


async def test_an_explanation_is_accepted_or_sent_back(chat: Chat) -> None:
    await town.build()
    await town.wish(at=chat.at)
    await ask(chat, 100, "/认领 W1")
    for answer in ("再想想 还有别的馆", "接受"):
        assert (await ask(chat, 100, "/办不成 W1 场馆在修")).startswith("记下了，我去跟提 W1 的人说明")
        await ask(chat, 200, f"/确认 W1 {answer}")
    row = await Wish.get(id=1)
    assert (row.ending, row.accepted, row.reopened) == (WishEnding.IMPOSSIBLE, True, 1)


async def test_a_wish_is_handed_to_a_mentioned_cadre_or_a_named_unit(chat: Chat) -> None:
    await town.build()
    await town.claimed(at=chat.at)
    assert await ask(chat, 100, "/转办 W1 [@101]", GROUP) == ("W1 转给了软件学院团总支的李四，还是从提的那天算时间。")
    await ask(chat, 101, "/认领 W1", GROUP)
    assert await ask(chat, 101, "/转办 W1 示例大学团委") == "W1 转给了示例大学团委的赵六，还是从提的那天算时间。"


async def test_dropping_and_withdrawing(chat: Chat) -> None:
    await town.build()
    await town.claimed(at=chat.at)
    assert await ask(chat, 100, "/放弃 W1") == "W1 放回待认领了，我会告诉本人。"
    assert await ask(chat, 200, "/撤回 W1") == "好的，W1 撤回了。有新的想法随时告诉我。"
    assert (await Wish.get(id=1)).ending is WishEnding.WITHDRAWN


async def test_a_wish_with_line_breaks_cannot_pretend_to_be_two_on_the_wall(chat: Chat) -> None:
    await town.build()
    for number in range(12):
        await town.wish(f"心愿{number}\nW99 · 9 天前 · 假的", at=chat.at)
    first, second = await ask(chat, 100, "/心愿墙"), await ask(chat, 100, "/心愿墙 2")
    assert "\nW99" not in first + second
    assert first.endswith("认领发 /认领 编号，第 1/2 页，翻页发 /心愿墙 2")
    assert second.count("心愿1") == 2
    assert await ask(chat, 100, "/心愿墙 9999") == second


async def test_the_time_of_the_event_counts_not_the_time_it_arrived(chat: Chat) -> None:
    await town.build()
    said = chat.at - timedelta(hours=5)
    await chat.say(200, "/心愿 想学车", group=GROUP, time=int(said.timestamp()))
    assert (await Wish.get(id=1)).submitted_at == said


async def test_the_minute_tick_keeps_the_deadlines(chat: Chat) -> None:
    await town.build()
    await town.claimed(at=chat.at)
    await run_ticks(chat.later(days=5))
    await keep_deadlines(chat.at)
    assert await Notice.filter(kind="wish.warned").count() == 1


async def test_claiming_in_a_youth_group_does_not_post_the_wish_there(chat: Chat) -> None:
    place = await town.build()
    await factories.group(600, place.zhang, GroupKind.WORK)
    places = [(None, GROUP, False), (None, 600, True), (None, None, True), (GROUP, GROUP, True)]
    for number, (wished, claimed, shown) in enumerate(places, 1):
        await ask(chat, 200, f"/心愿 想学第 {number} 样", wished)
        assert ("想学第" in await ask(chat, 100, f"/认领 W{number}", claimed)) is shown
    await ask(chat, 200, "/心愿 匿名 想学第 5 样", GROUP)
    assert "想学第" not in await ask(chat, 100, "/认领 W5", GROUP)


async def test_the_wall_has_no_names_and_is_never_posted_in_a_youth_group(chat: Chat) -> None:
    place = await town.build()
    await factories.group(600, place.zhang, GroupKind.WORK)
    await town.claimed(at=chat.at)
    text = "心愿墙（1 条）\nW1 · 今天 · 软件学院团总支 · 办理中\n　想学修自行车\n认领发 /认领 编号"
    assert await ask(chat, 100, "/心愿墙", 600) == text
    for group in (GROUP, 777):
        assert await ask(chat, 100, "/心愿墙", group) == "墙上有别的青年的心愿，不在这里贴出来。私聊我发 /心愿墙 看。"
