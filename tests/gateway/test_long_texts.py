"""长文字：并成一份转发，不收就画成图，再不收才拆开；说到一半断了，绝不从头再说一遍；私聊的话不进群。"""

import base64
from collections.abc import Callable
from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot import v11, v12

from bot.gateway import sending
from bot.gateway.long_texts import LONGEST, paragraphs
from bot.gateway.sending import Ambiguous, Refused, Unreachable, send_group, send_private

LONG = "\n".join("一" * 100 for _ in range(40))
UNKNOWN_API = v11.ActionFailed(status="failed", retcode=1404, message="不支持的API")
REFUSED = v11.ActionFailed(status="failed", retcode=100, message="拒绝")
TIMEOUT = v11.ActionFailed(status="failed", retcode=1200, message="Timeout: NTEvent sendMsg")
NOT_FRIEND = v11.ActionFailed(status="failed", retcode=100, wording="请先添加对方为好友")
MUTED = v11.ActionFailed(status="failed", retcode=200, message='EventChecker Failed: {"result": 120}')

Calls = list[tuple[str, dict[str, Any]]]


def bot(calls: Calls, fails: Callable[[str, int], Exception | None] = lambda *_: None, *, wechat: bool = False) -> Any:
    """`fails` 收接口名与这是第几次调用。"""
    robot = (
        v12.Bot(nonebot.get_adapter("OneBot V12"), "wx", "fake", "wechat")
        if wechat
        else v11.Bot(nonebot.get_adapter("OneBot V11"), "10000")
    )

    async def call_api(api: str, **data: Any) -> dict[str, str]:
        calls.append((api, data))
        if error := fails(api, len(calls)):
            raise error
        return {"file_id": "7"}

    robot.call_api = call_api  # type: ignore[method-assign]
    return robot


def names(calls: Calls) -> list[str]:
    return [api for api, _ in calls]


def no_forward(api: str, _: int) -> Exception | None:
    return UNKNOWN_API if "forward" in api else None


async def test_what_fits_is_sent_as_it_is() -> None:
    calls: Calls = []
    await send_private(bot(calls), "11", "一" * LONGEST)
    assert names(calls) == ["send_private_msg"]


async def test_a_long_private_text_is_one_forward_with_no_group_in_it() -> None:
    calls: Calls = []
    await send_private(bot(calls), "11", LONG)
    [(api, data)] = calls
    assert (api, data["user_id"], "group_id" in data) == ("send_private_forward_msg", 11, False)
    nodes = [node["data"] for node in data["messages"]]
    assert {(node["user_id"], node["uin"], node["nickname"], node["name"]) for node in nodes} == {
        ("10000", "10000", "团团", "团团")
    }
    assert "\n".join(str(node["content"][0]) for node in nodes) == LONG
    assert all(node["content"][0].type == "text" for node in nodes)


async def test_a_long_group_text_is_one_forward() -> None:
    calls: Calls = []
    await send_group(bot(calls), "500", LONG)
    [(api, data)] = calls
    assert (api, data["group_id"], "user_id" in data) == ("send_group_forward_msg", 500, False)


@pytest.mark.parametrize("error", [UNKNOWN_API, REFUSED], ids=["没有这个接口", "不收这一条"])
async def test_where_forwards_are_refused_it_is_one_picture(error: Exception) -> None:
    for group in (None, "500"):
        calls: Calls = []
        robot = bot(calls, lambda api, _: error if "forward" in api else None)
        await (send_group(robot, group, LONG) if group else send_private(robot, "11", LONG))
        [_, (api, data)] = calls
        assert api == ("send_group_msg" if group else "send_private_msg")
        assert ("group_id" in data, "user_id" in data) == (bool(group), not group), "私聊的图不进群"
        [picture] = data["message"]
        assert picture.type == "image"
        png = base64.b64decode(picture.data["file"].removeprefix("base64://"))
        assert png.startswith(b"\x89PNG")


def no_picture(api: str, n: int) -> Exception | None:
    """不会转发，也不收图：头两次都不成。"""
    return no_forward(api, n) or (REFUSED if n == 2 else None)


async def test_where_pictures_are_refused_too_it_is_sent_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "draw", lambda _: b"png")
    calls: Calls = []
    await send_private(bot(calls, no_picture), "11", LONG)
    assert names(calls) == ["send_private_forward_msg", *["send_private_msg"] * 4]
    assert "\n".join(str(data["message"]) for _, data in calls[2:]) == LONG


async def test_what_cannot_or_must_not_be_drawn_is_sent_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> bytes:
        raise RuntimeError("画不出")

    monkeypatch.setattr(sending, "draw", broken)
    calls: Calls = []
    await send_private(bot(calls, no_forward), "11", LONG)
    assert len(calls) == 1 + 3
    monkeypatch.setattr(sending, "draw", lambda _: pytest.fail("不该画"))
    calls.clear()
    await send_private(bot(calls, no_forward), "11", LONG * 2)  # 长得看不清
    assert len(calls) == 1 + 6


async def test_a_picture_nobody_can_vouch_for_is_not_said_again_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "draw", lambda _: b"png")
    for error in (TIMEOUT, v11.NetworkError("timeout")):
        calls: Calls = []
        with pytest.raises(Ambiguous):
            await send_private(bot(calls, lambda api, n: no_forward(api, n) or error), "11", LONG)  # noqa: B023
        assert names(calls) == ["send_private_forward_msg", "send_private_msg"]


async def test_wechat_has_no_forward_and_gets_a_picture_where_it_can_upload_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "draw", lambda _: b"png")
    calls: Calls = []
    await send_group(bot(calls, wechat=True), "g", LONG)
    assert [(api, data.get("group_id")) for api, data in calls] == [("upload_file", None), ("send_message", "g")]
    assert calls[1][1]["message"][0].type == "image"
    calls.clear()
    unknown = v12.exception.UnsupportedAction("failed", 10002, "没有这个动作", None)
    await send_group(bot(calls, lambda api, _: unknown if api == "upload_file" else None, wechat=True), "g", LONG)
    assert names(calls) == ["upload_file", *["send_message"] * 3]


async def test_a_forward_nobody_can_vouch_for_is_not_said_again_in_parts() -> None:
    for error in (TIMEOUT, v11.NetworkError("timeout")):
        calls: Calls = []
        with pytest.raises(Ambiguous):
            await send_private(bot(calls, lambda *_: error), "11", LONG)  # noqa: B023
        assert names(calls) == ["send_private_forward_msg"]


@pytest.mark.parametrize(("error", "reason"), [(NOT_FRIEND, "不是好友"), (MUTED, "被禁言")])
async def test_what_no_cutting_would_cure_is_not_tried_in_parts(error: Exception, reason: str) -> None:
    calls: Calls = []
    with pytest.raises(Refused) as refused:
        await send_private(bot(calls, lambda *_: error), "11", LONG)
    assert (refused.value.reason, len(calls)) == (reason, 1)


async def test_broken_off_halfway_is_unknown_never_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "draw", lambda _: b"png")
    calls: Calls = []
    with pytest.raises(Ambiguous):
        await send_private(bot(calls, lambda api, n: no_picture(api, n) or (REFUSED if n == 4 else None)), "11", LONG)
    assert names(calls) == ["send_private_forward_msg", *["send_private_msg"] * 3]


async def test_refused_at_the_first_part_is_a_plain_refusal() -> None:
    calls: Calls = []
    with pytest.raises(Refused):
        await send_private(bot(calls, lambda api, _: no_forward(api, 0) or REFUSED), "11", LONG)
    from nonebot.exception import ApiNotAvailable

    with pytest.raises(Unreachable):
        await send_private(bot(calls, lambda *_: ApiNotAvailable("OneBot V11")), "11", LONG)


def test_one_endless_line_is_cut_hard() -> None:
    assert [len(part) for part in paragraphs("一" * 3_001)] == [1_500, 1_500, 1]
    assert [*paragraphs("")] == [""]
