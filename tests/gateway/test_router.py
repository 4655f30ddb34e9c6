"""路由与回答：只运行对的那一个；写错有提醒；出错只说一句；发不出去不抛错。"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from nonebot.adapters.onebot import v11
from nonebot.exception import WebSocketClosed
from nonebot.internal.matcher import matchers
from nonebot.matcher import Matcher
from nonebot_plugin_alconna import UniMessage

from bot.cards import Card
from bot.gateway import answers as answering
from bot.gateway import router
from bot.gateway.answers import Answer, answers
from bot.gateway.heads import Heads
from bot.gateway.long_texts import LONGEST
from bot.gateway.router import Audience, command
from bot.gateway.speaker import Said, Saying
from bot.league.errors import Refusal
from tests.chat import Chat

LONG = "\n".join("一" * 100 for _ in range(40))
#: 测试命令收到的
said: list[Said] = []


@pytest.fixture
def engine() -> str:
    """这里不关数据库的事，跑一种就够。"""
    return "sqlite"


@pytest.fixture(scope="module", autouse=True)
def commands() -> Iterator[None]:
    """几条只在这里有的命令；用完拆掉。"""
    patch, heads = pytest.MonkeyPatch(), Heads()
    for module in ("router", "speaker", "admission"):
        patch.setattr(f"bot.gateway.{module}.HEADS", heads)
    patch.setattr(router, "COMMANDS", {})
    known = list(matchers[10])

    def add(head: str, handler: Any, **more: Any) -> None:
        command(head, about="试试", example=f"/{head}", audience=Audience.YOUTH, **more).handle()(handler)

    add("试说", echo, aliases=("听我说",), phrases=("我想说",), glued=True)
    add("试说墙", refuse)
    add("出错", crash)
    add("图片", show)
    add("长文", long)
    add("拼好", compose)
    add("问我", ask)
    yield
    for matcher in [one for one in matchers[10] if one not in known]:
        matcher.destroy()
    patch.undo()


@pytest.fixture(autouse=True)
def nothing_said() -> None:
    said.clear()


@answers
async def echo(words: Saying) -> Answer:
    said.append(words)
    return f"听到{words.text}"


@answers
async def refuse(words: Saying) -> Answer:
    raise Refusal("不行。")


@answers
async def crash(words: Saying) -> Answer:
    raise ValueError(words.text)


@answers
async def show(words: Saying) -> Answer:
    return Card("nothing", {}, "文字版")


@answers
async def long(words: Saying) -> Answer:
    return LONG


@answers
async def compose(words: Saying) -> Answer:
    return UniMessage.text("第一段 ").at("7")


async def ask(matcher: Matcher, event: v11.MessageEvent) -> None:
    if event.get_plaintext() == "/问我":
        await matcher.reject("你叫什么？")
    await matcher.finish(f"你好，{event.get_plaintext()}")


async def say(chat: Chat, text: str, **more: Any) -> list[str]:
    return [str(reply) for reply in await chat.say(7, text, group=300, **more)]


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/试说 学车", "学车"),
        ("／试说 学车", "学车"),
        ("/试说学车", "学车"),
        ("/听我说 学车", "学车"),
        ("我想说：学车", "学车"),
        ("[@10000] /试说 学车", "学车"),
        ("/试说 学\n车", "学\n车"),
        ("/试说 --help", "--help"),
        ("/试说 他说“好 '又\" 走", "他说“好 '又\" 走"),
        ("/试说 {bot.config} {0.__class__}", "{bot.config} {0.__class__}"),
        ("/试说 %s &amp; [CQ:at,qq=all]", "%s &amp; [CQ:at,qq=all]"),
        ("/试说 学\0车", "学车"),
    ],
)
async def test_what_was_said_reaches_the_handler_as_written(chat: Chat, typed: str, heard: str) -> None:
    assert await say(chat, typed) == [f"听到{heard}"]


async def test_answers_go_out_as_text_segments_never_as_codes(chat: Chat) -> None:
    await say(chat, "/试说 [CQ:at,qq=all]")
    message = chat.calls[-1][1]["message"]
    assert [(part.type, part.data["text"]) for part in message] == [("text", "听到[CQ:at,qq=all]")]


async def test_the_longer_command_wins(chat: Chat) -> None:
    assert await say(chat, "/试说墙") == ["不行。"]


async def test_a_reply_costs_no_call_and_its_message_is_known(chat: Chat) -> None:
    frame = chat.frame(7, "/试说 [@9] 谈心", group=300)
    frame["message"].insert(0, {"type": "reply", "data": {"id": "-5"}})
    await chat.push(frame)
    assert (said[0].reply_to, said[0].mentions, said[0].text) == ("-5", ("9",), "谈心")
    assert [name for name, _ in chat.calls] == ["send_msg"]


async def test_a_near_miss_gets_a_hint_once_a_day_in_a_group(chat: Chat) -> None:
    hint = ["没有 /诗说 这条命令，是不是想说 /试说？"]
    assert await say(chat, "/诗说 学车") == hint
    assert await say(chat, "/诗说 学车") == []
    assert [str(one) for one in await chat.say(7, "/诗说 学车", group=301)] == hint
    assert await say(chat, "/试说强") == ["没有 /试说强 这条命令，是不是想说 /试说 或 /试说墙？"]


async def test_what_is_nothing_like_ours_is_silence_in_a_group_and_a_line_in_private(chat: Chat) -> None:
    assert await say(chat, "/天气 北京") == []
    assert [str(one) for one in await chat.say(7, "/天气")] == ["没有这条命令。发 /帮助 看看我能做什么。"]
    assert await chat.say(7, "今天天气不错") == []


async def test_a_bug_says_one_sentence_and_logs_no_word(
    chat: Chat, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.ERROR):
        assert await say(chat, "/出错 秘密") == ["出了点问题，我记下了，过一会儿再试试。"]
    assert caplog.records[-1].getMessage() == "命令 /出错 出错"
    assert "秘密" not in caplog.records[-1].getMessage()


async def test_a_bug_before_the_handler_says_the_same(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OSError("数据库不在")

    monkeypatch.setattr("bot.league.roster.identify", broken)
    assert [str(one) for one in await chat.say(987, "/试说 在吗", group=300)] == [
        "出了点问题，我记下了，过一会儿再试试。"
    ]


async def test_a_card_is_a_picture_unless_text_is_asked_for(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "draw", lambda _: b"png")
    assert await say(chat, "/图片") == ["[image]"]
    assert await say(chat, "/图片 文字") == ["文字版"]


async def test_a_card_that_cannot_be_drawn_becomes_text(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Card) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(answering, "draw", fail)
    assert await say(chat, "/图片") == ["文字版"]


@pytest.mark.parametrize(
    ("failure", "then"),
    [
        (v11.ActionFailed(retcode=100, wording="不支持图片"), ["文字版"]),
        (v11.ActionFailed(retcode=1200, wording="Timeout: NTEvent"), []),
        (v11.NetworkError("timeout"), []),
        (v11.ApiNotAvailable(), []),
    ],
)
async def test_a_picture_refused_becomes_text_but_an_unclear_one_is_not_said_twice(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, failure: Exception, then: list[str]
) -> None:
    monkeypatch.setattr(answering, "draw", lambda _: b"png")
    real = chat._call_api

    async def refuse_pictures(api: str, **data: Any) -> Any:
        if "image" in str(data):
            raise failure
        return await real(api, **data)

    chat.bot.call_api = refuse_pictures  # type: ignore[method-assign]
    assert await say(chat, "/图片") == then


@pytest.mark.parametrize("text", ["/试说 在吗", "/试书 在吗", "/图片", "/出错"], ids=["回答", "提醒", "图", "出错"])
async def test_a_connection_gone_before_the_answer_is_one_line_in_the_log(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    async def gone(api: str, **_: Any) -> Any:
        raise WebSocketClosed(1006)

    monkeypatch.setattr(answering, "draw", lambda _: b"png")
    chat.bot.call_api = gone  # type: ignore[method-assign]
    assert await say(chat, text) == []
    assert caplog.records[-1].getMessage() == "回答没发出去：WebSocketClosed "


@pytest.mark.parametrize("group", [300, None])
async def test_a_long_answer_becomes_one_forward_where_it_was_asked(chat: Chat, group: int | None) -> None:
    [reply] = await chat.say(7, "/长文", group=group)
    assert (reply.forwarded, reply.group, reply.user) == (True, group and str(group), None if group else "7")
    assert reply.text == LONG


@pytest.mark.parametrize("refusal", [1404, 1200])
async def test_a_refused_forward_is_a_picture_unless_words_were_asked_for(chat: Chat, refusal: int) -> None:
    chat.refuses["send_private_forward_msg"] = refusal
    [picture] = await chat.say(7, "/长文")
    assert (picture.text, picture.user) == ("[image]", "7")
    parts = [reply.text for reply in await chat.say(7, "/长文 文字")]
    assert "\n".join(parts) == LONG
    assert [len(part) <= LONGEST for part in parts] == [True] * 3


async def test_a_private_event_that_carries_a_group_number_is_answered_in_private(chat: Chat) -> None:
    [reply] = await chat.say(7, "/长文", message_type="private", sub_type="group", group_id=300)
    assert (reply.group, reply.user) == (None, "7")


async def test_a_matcher_that_asked_gets_the_answer_and_others_talk_is_left_alone(chat: Chat) -> None:
    assert await say(chat, "/问我") == ["你叫什么？"]
    assert [str(one) for one in await chat.say(8, "小李", group=300)] == []
    assert await say(chat, "小王") == ["你好，小王"]
    assert await say(chat, "小王") == []


async def test_only_the_matcher_of_the_command_is_asked(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    check = Matcher.check_rule.__func__  # type: ignore[attr-defined]

    async def spy(cls: Any, *args: Any, **more: Any) -> bool:
        asked.append(cls._command_path)
        return await check(cls, *args, **more)

    monkeypatch.setattr(Matcher, "check_rule", classmethod(spy))
    assert await say(chat, "/试说 学车") == ["听到学车"]
    assert [path.rpartition("::")[2] for path in asked] == ["试说"]


async def test_notices_never_ask_the_commands(chat: Chat) -> None:
    assert all(known.matcher.type == "message" for known in router.COMMANDS.values())


async def test_a_message_made_by_a_handler_is_sent_as_it_is(chat: Chat) -> None:
    assert await say(chat, "/拼好") == ["第一段 [at]"]
