"""原始帧 → 一条发言：各家实现的写法都认，坏的说得出坏在哪。"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from nonebot.adapters.onebot import v11

from bot import clock
from bot.gateway.errands import first_valid
from bot.gateway.frames import BadFrame, Fault, Reading, decode, read_segments, read_v11, read_v12, recalled
from bot.gateway.mending import mend_v11
from bot.gateway.onebot import V11Adapter

ME = "10000"


def frame(**more: Any) -> dict[str, Any]:
    base = {"post_type": "message", "message_type": "group", "group_id": 300, "user_id": 7, "message_id": -5}
    return base | {"time": 1_760_000_000, "self_id": 10000, "message": [text("你好")]} | more


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "data": {"text": words}}


def at(user: object) -> dict[str, Any]:
    return {"type": "at", "data": {"qq": user}}


REPLY = {"type": "reply", "data": {"id": "-331723533"}}


def read(*segments: dict[str, Any]) -> Reading:
    spoken = read_v11(frame(message=list(segments)), {ME})
    assert spoken
    return spoken.reading


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ('{"a":', Fault.MALFORMED),
        ("", Fault.MALFORMED),
        (b"\xff\x00\xfe", Fault.MALFORMED),
        ("[1]", Fault.NOT_OBJECT),
        ("null", Fault.NOT_OBJECT),
        ('{"a":' + "[" * 5000 + "]" * 5000 + "}", Fault.MALFORMED),
        ('{"a":"\\ud800", "b":' + "[" * 5000, Fault.MALFORMED),
        ("x" * (5 * 2**20), Fault.HUGE),
    ],
)
def test_bad_frames_say_what_is_wrong(data: str | bytes, fault: Fault) -> None:
    with pytest.raises(BadFrame) as bad:
        decode(data)
    assert bad.value.fault is fault


def test_lone_surrogates_are_dropped_and_the_rest_kept() -> None:
    assert decode('{"text":"a\\ud800b\\u0000c"}') == {"text": "ab\0c"}


@pytest.mark.parametrize(
    "led", [[], [text("\u200b")], [at(10000)], [at("10000"), text(" ")], [REPLY], [REPLY, at(9), text(" "), at(9)]]
)
def test_a_command_may_follow_the_bots_mention_or_a_reply(led: list[dict[str, Any]]) -> None:
    assert read(*led, text("  /记 谈心")).opening == "/记 谈心"


@pytest.mark.parametrize("led", [[at(9)], [{"type": "image", "data": {}}], [text("我说 ")]])
def test_a_command_after_anything_else_is_talk(led: list[dict[str, Any]]) -> None:
    assert not read(*led, text("/记 谈心")).opening.startswith("/")


def test_everyone_and_many_mentions_are_told_apart() -> None:
    reading = read(at("all"), at(9), at("9"), at(8), at(10000), text("开会"))
    assert (reading.everyone, reading.mentions) == (True, ("9", "8"))


def test_text_parts_around_a_mention_do_not_run_together() -> None:
    assert read(text("/记"), at(9), text("谈心")).text == "/记 谈心"


def test_a_wechat_mention_typed_as_text_is_skipped() -> None:
    reading = read_segments([("text", {"text": "@团团\u2005/心愿 学车"})], {ME})
    assert reading.opening == "/心愿 学车"


def test_a_cq_string_is_the_same_message_and_escaped_codes_stay_text() -> None:
    spoken = read_v11(
        frame(message="[CQ:reply,id=-3][CQ:at,qq=9,name=小王] a&#91;CQ:at,qq=all&#93;&amp;b[CQ:face,id=1]"), {ME}
    )
    assert spoken
    assert spoken.reading == Reading("a[CQ:at,qq=all]&b", ("9",), False, "-3", "a[CQ:at,qq=all]&b")


def test_typed_codes_in_an_array_are_only_text() -> None:
    reading = read(text("[CQ:at,qq=all] {bot.config}"))
    assert (reading.everyone, reading.text) == (False, "[CQ:at,qq=all] {bot.config}")


@pytest.mark.parametrize("missing", ["user_id", "group_id"])
@pytest.mark.parametrize("nothing", [None, "", 0])
def test_a_message_from_nobody_or_nowhere_is_none(missing: str, nothing: object) -> None:
    assert read_v11(frame(**{missing: nothing}), {ME}) is None


def test_ids_are_texts_whatever_they_were() -> None:
    spoken = read_v11(frame(user_id="7A1B", group_id="F00D", message_id=-2147480159), {ME})
    assert spoken
    assert (spoken.user_id, spoken.group_id, spoken.message_id) == ("7A1B", "F00D", "-2147480159")


def test_without_an_id_the_same_message_is_still_the_same() -> None:
    one, again = (read_v11(frame(message_id=None), {ME}) for _ in range(2))
    other = read_v11(frame(message_id=None, message=[text("别的")]), {ME})
    assert one
    assert again
    assert other
    assert one.message_id == again.message_id != other.message_id


@pytest.mark.parametrize(
    ("given", "at"), [(1_760_000_000, 1.76e9), ("1760000000", 1.76e9), (1_760_000_000_500, 1760000000.5)]
)
def test_time_is_in_seconds(given: object, at: float) -> None:
    spoken = read_v11(frame(time=given), {ME})
    assert spoken
    assert spoken.at == at


@pytest.mark.parametrize("given", [None, -1, "昨天", [], 1e300])
def test_an_absurd_time_is_now(given: object) -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    clock.travel(now)
    try:
        spoken = read_v11(frame(time=given), {ME})
    finally:
        clock.travel(None)
    assert spoken
    assert abs(spoken.at - now.timestamp()) < 60


@pytest.mark.parametrize(
    ("given", "seq"),
    [({"message_seq": 12}, 12), ({"message_seq": -5}, None), ({"message_seq": -5, "real_seq": "77"}, 77), ({}, None)],
)
def test_a_sequence_that_is_only_the_message_id_is_none(given: dict[str, Any], seq: int | None) -> None:
    """NapCat 的 `message_seq` 就是消息号，次序在 `real_seq`。"""
    spoken = read_v11(frame(**given), {ME})
    assert spoken
    assert spoken.seq == seq


def test_v12_reads_the_same() -> None:
    message = [
        {"type": "mention", "data": {"user_id": "wx_me"}},
        text("\u2005/心愿 学车"),
        {"type": "mention_all", "data": {}},
    ]
    spoken = read_v12(
        {"detail_type": "group", "group_id": "r@chatroom", "user_id": "wx_a", "message": message}, {"wx_me"}
    )
    assert spoken
    assert (spoken.group_id, spoken.session) == ("r@chatroom", "group_r@chatroom_wx_a")
    assert spoken.reading.opening == "/心愿 学车"
    assert spoken.reading.everyone


def test_a_recall_names_its_message() -> None:
    assert recalled({"group_id": 300, "message_id": -7, "time": 5}) == ("300", "-7", 5.0)
    assert recalled({"group_id": 300, "message_id": None}) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"font": "宋体"},
        {"font": None, "sender": None, "sub_type": None, "raw_message": None},
        {"user_id": "7", "group_id": "300", "message_id": "5", "self_id": "10000", "sender": {"user_id": "7"}},
        {"message": "[CQ:at,qq=9] 你好"},
        {"message": None, "raw_message": "你好"},
        {"message": text("你好")},
        {"message_id": None},
    ],
)
def test_nonebot_can_read_what_was_mended(odd: dict[str, Any]) -> None:
    event = V11Adapter.json_to_event(frame(**odd))
    assert isinstance(event, v11.GroupMessageEvent)
    assert "你好" in event.get_plaintext()


def test_ids_nonebot_cannot_hold_become_no_message_and_no_error() -> None:
    assert not isinstance(V11Adapter.json_to_event(frame(user_id="7A1B", group_id="F00D")), v11.MessageEvent)
    assert first_valid([v11.GroupMessageEvent], mend_v11(frame(user_id="7A1B"))) is None


def test_a_request_with_a_number_for_a_flag_is_read() -> None:
    request = {
        "post_type": "request",
        "request_type": "group",
        "sub_type": "add",
        "user_id": 1,
        "group_id": 2,
        "flag": 3,
    }
    event = V11Adapter.json_to_event(request | {"self_id": 10000, "time": 1})
    assert isinstance(event, v11.GroupRequestEvent)
    assert json.loads(event.model_dump_json())["flag"] == "3"
