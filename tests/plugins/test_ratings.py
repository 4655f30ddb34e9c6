"""`/评价`：青年说了什么、听到什么；团干部看得到什么、看不到什么。"""

from datetime import timedelta

import pytest

from bot.league import rating_rounds
from bot.league.periods import Quarter
from bot.settings import settings
from bot.ticks import run_ticks
from db.models import Cadre, Contact, ContactState, Notice, Person, Rating, RatingAsk, RatingRound, Wish, WishLane
from tests import factories
from tests.chat import Chat

Q4 = Quarter(2026, 4)
SECOND = rating_rounds.opening(Q4, 2)
CLOSES = rating_rounds.closing(SECOND)
VOLUNTARY = "你主动说的不进积分，只有随机问到的才算，这样谁也不用去要分。"


@pytest.fixture
async def cadre(chat: Chat) -> Cadre:
    """1 张三，6 名联系青年 1000–1005，群 5。"""
    cadre = await factories.cadre(1, "张三", await factories.school())
    group = await factories.group(5, cadre)
    for n in range(6):
        await factories.youth(1000 + n, cadre, group)
    return cadre


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return replies[0].text


async def asking(chat: Chat) -> None:
    """到十二月的那一回抽了、都问了。"""
    for moment in (SECOND, SECOND + timedelta(days=14)):
        chat.later(seconds=(moment - chat.at).total_seconds())
        await run_ticks(chat.at)
    assert await RatingAsk.filter(asked_at__isnull=False).count() == 6


async def test_an_asked_youth_answers_and_the_cadre_sees_a_band_only_after_the_closing(
    chat: Chat, cadre: Cadre
) -> None:
    await asking(chat)
    assert await one(chat, 1000, "/评价 4 有事问得到人，电话 13812345678") == (
        "记下了：给张三 4 分。几分不会告诉任何人。\n截止前改主意了，再发一次就行。\n"
        "你写的话，满 5 个人都写了，季末打乱了给张三看，不写是谁；不够就删掉。"
        "不想让他看到，再发 /评价 4 就只留分数。\n里面的号码我替你隐去了。"
    )
    assert (await Rating.get()).text == "有事问得到人，电话 〔电话已隐去〕"
    assert await one(chat, 1000, "/评价 5") == "改好了：给张三 5 分。几分不会告诉任何人。"
    for user in (1001, 1002, 1003, 1004):
        assert (await one(chat, user, "/评价4")).startswith("记下了：给张三 4 分。")
    waiting = "还没揭晓，或不满 5 份，不显示"
    tail = "每季随机问几位青年，谁被问到、打了几分，谁也不知道；不用去要，也请别打听。"
    assert await one(chat, 1, "/评价") == f"2026Q4：{waiting}\n2026Q3：{waiting}\n{tail}"
    assert "青年评价 不适用（没揭晓或不满 5 份）：每季随机问几位青年，截止后满 5 份才算\n" in await one(
        chat, 1, "/积分 文字"
    )
    chat.later(seconds=(CLOSES - chat.at).total_seconds())
    assert await one(chat, 1, "/评价") == f"2026Q4：问到的青年总体觉得满意\n2026Q3：{waiting}\n{tail}"
    said = await one(chat, 1, "/积分 文字")
    assert (
        "青年评价 12.0/15：随机问到的青年总体觉得满意，人少时往全库的平均靠；"
        "说好的事办到，心愿、心声有回音，青年记得住；分不用去要\n"
    ) in said
    assert "其中五个一 不适用（还没有数据），青年评价 12.0/15" in await one(chat, 1, "/进度 文字")
    assert "青年评价" not in await one(chat, 1, "/进度 文字", group=5)
    for shown in (said, await one(chat, 1, "/我的数据")):
        assert "4.2" not in shown


async def test_words_reach_the_cadre_after_the_quarter_without_names(chat: Chat, cadre: Cadre) -> None:
    await asking(chat)
    for n, words in enumerate(("有事问得到人", "多办点活动", "说话算数", "回得慢", "挺好")):
        await one(chat, 1000 + n, f"/评价 4 {words}")
    chat.later(seconds=(Q4.end - chat.at).total_seconds() + 36_000)
    await run_ticks(chat.at)
    assert (await one(chat, 1, "/评价")).splitlines()[1:-1] == [
        "2026Q4：问到的青年总体觉得满意",
        "上季青年说的（打乱了次序，不写是谁）",
        *sorted(("· 有事问得到人", "· 多办点活动", "· 说话算数", "· 回得慢", "· 挺好")),
    ]


async def test_a_voluntary_rating_is_taken_and_kept_apart(chat: Chat, cadre: Cadre) -> None:
    assert await one(chat, 1000, "/评价 五分") == f"记下了：给张三 5 分。几分不会告诉任何人。\n{VOLUNTARY}"
    assert (await Rating.get()).round_id is None
    assert "给联系团干部的评价：1 份，只有你自己看得到几分" in await one(chat, 1000, "/我的数据")


async def test_refusals_are_friendly(chat: Chat, cadre: Cadre) -> None:
    example = "例如：/评价 4 有事问得到人"
    assert await one(chat, 1000, "/评价") == f"没看出你打几分。打 1 到 5 的整数分，5 分最好，{example}"
    assert await one(chat, 1000, "/评价 很好") == f"没看出你打几分。打 1 到 5 的整数分，5 分最好，{example}"
    assert await one(chat, 1000, "/评价 6") == f"打 1 到 5 的整数分，5 分最好，{example}"
    assert await one(chat, 1000, "/评价 5 好", group=5) == (
        "评价只说给我一个人听，请私聊我发 /评价。群里这句我没有记，你可以自己撤回那条消息。"
    )
    nobody = "你还没有联系团干部，先在你们的青年群里发 /加入，以后就能评价了。"
    assert await one(chat, 77, "/评价 5") == nobody
    assert await one(chat, 1, "/评价 5") == nobody, "团干部没有自己的联系团干部"
    assert await one(chat, 1000, "/评价 李四 5") == (
        "你的联系团干部里没有“李四”，现在是：张三。只打分就写：/评价 4 有事问得到人"
    )
    for text in ("/评价 4 @李四", "/评价 4 讲得清楚 @李四，有耐心", "/评价 4@李四"):
        assert (await one(chat, 1000, text)).startswith("你的联系团干部里没有“李四”，现在是：张三。"), text
    await factories.cadre(2, "李四", await cadre.unit)
    for text in ("/评价 4 [@2]", "/评价 [@2] 4", "/评价 4 [@77]"):
        assert await one(chat, 1000, text) == (
            "你 @ 的这位不是你的联系团干部，没有记。你能评的是：张三。只打分就写：/评价 4 有事问得到人"
        )
    assert await one(chat, 1000, "/评价 4 [@1] [@2]") == "一次评一位，只 @ 一个人，例如：/评价 张三 4"
    assert "这句话有点长（201 字）" in await one(chat, 1000, f"/评价 5 {'好' * 201}")
    assert not await Rating.exists()
    await one(chat, 1000, "/评价 5")
    chat.later(days=3)
    assert await one(chat, 1000, "/评价 4") == (
        "这一季你已经评过了，过了能改的时候。心里有话随时可以发 /心声 或 /建议。"
    )


async def test_with_several_cadres_one_says_whom_or_answers_the_question(chat: Chat, cadre: Cadre) -> None:
    other = await factories.cadre(2, "李四", await cadre.unit)
    youth = await Person.get(accounts__user_id="1000")
    await Contact.create(cadre=other, youth=youth, state=ContactState.ACTIVE, since=cadre.since)
    assert await one(chat, 1000, "/评价 5") == ("你有 2 位联系团干部：张三、李四。写上评的是谁，例如：/评价 张三 4")
    assert (await one(chat, 1000, "/评价 李四 3")).startswith("记下了：给李四 3 分。")
    assert (await one(chat, 1000, "/评价 4 [@2]")).startswith("改好了：给李四 4 分。")
    assert (await one(chat, 1000, "/评价 3 @李四 讲得清楚")).startswith("改好了：给李四 3 分。")
    assert (await Rating.get()).text == "讲得清楚"
    assert (await one(chat, 1000, "/评价 3 [@2]")).startswith("改好了：给李四 3 分。")
    found = await RatingRound.create(
        quarter="2026Q4", number=1, seed="ab" * 16, opens_at=chat.at, closes_at=chat.at + timedelta(days=9)
    )
    await RatingAsk.create(round=found, quarter="2026Q4", cadre=cadre, youth=youth, ask_at=chat.at, asked_at=chat.at)
    assert (await one(chat, 1000, "/评价 5")).startswith("记下了：给张三 5 分。")
    rows = await Rating.all().order_by("cadre_id").values_list("cadre_id", "stars", "round_id")
    assert rows == [(cadre.id, 5, found.id), (other.id, 3, None)]


async def test_a_cry_for_help_is_not_a_rating(chat: Chat, cadre: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    assert "12355" in (await chat.say(1000, "/评价 1 我真的撑不下去了"))[0].text
    assert not await Rating.exists()
    assert (await Wish.get()).lane is WishLane.CRISIS


async def test_the_question_is_private_and_asked_once_a_quarter(chat: Chat, cadre: Cadre) -> None:
    other = await factories.cadre(2, "李四", await cadre.unit)
    for person in await Person.filter(accounts__user_id__gte="1000"):
        await Contact.create(cadre=other, youth=person, state=ContactState.ACTIVE, since=cadre.since)
    for n in range(6):
        await factories.youth(3000 + n, other)
    for moment in (SECOND, SECOND + timedelta(days=14), SECOND + timedelta(days=20)):
        await run_ticks(moment)
    rows = await Notice.filter(kind="rating.ask").values_list("person_id", "period", "discreet")
    assert len(rows) == len({person for person, _, _ in rows})
    assert {row[1:] for row in rows} == {("2026Q4", True)}
