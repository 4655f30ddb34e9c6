"""通知里的图：送的时候才画，画不出就没有图；两种 OneBot 各按自己的样子发。"""

from types import SimpleNamespace
from typing import Any

import pytest
from nonebot.adapters.onebot.v12.exception import ActionFailedWithRetcode
from nonebot.exception import NetworkError

from bot.cards import Card
from bot.gateway import pictures
from bot.gateway.files import hand_over
from bot.gateway.sending import Ambiguous, show_group


class WeChat:
    """说 OneBot V12 的一家；`refuses` 是发消息时的错误码，`deaf` 是传文件就断。"""

    platform, self_id = "wechat", "wxid_bot"

    def __init__(self, refuses: int = 0, *, deaf: bool = False) -> None:
        self.deaf = deaf
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuses = refuses

    async def upload_file(self, **data: Any) -> dict[str, str]:
        if self.deaf:
            raise NetworkError("断了")
        self.calls.append(("upload_file", data))
        return {"file_id": "f1"}

    async def send_message(self, **data: Any) -> None:
        self.calls.append(("send_message", data))
        if self.refuses:
            raise ActionFailedWithRetcode("failed", self.refuses, "no", None)


async def test_v12_uploads_the_picture_then_sends_it() -> None:
    bot: Any = WeChat()
    assert await show_group(bot, "群", b"png")
    (_, uploaded), (_, sent) = bot.calls
    assert uploaded == {"type": "data", "name": "card.png", "data": b"png"}
    assert (sent["detail_type"], sent["group_id"]) == ("group", "群")
    assert [(part.type, part.data) for part in sent["message"]] == [("image", {"file_id": "f1"})]


async def test_v12_hands_a_file_only_to_the_person_even_when_asked_in_a_group() -> None:
    bot: Any = WeChat()
    said: Any = SimpleNamespace(bot=bot, by=SimpleNamespace(user_id="wxid_a"), group_id="群")
    assert await hand_over(said, b"xlsx", name="名册.xlsx")
    (_, uploaded), (_, sent) = bot.calls
    assert uploaded["name"] == "名册.xlsx"
    assert (sent["detail_type"], sent["user_id"], "group_id" in sent) == ("private", "wxid_a", False)
    assert [(part.type, part.data) for part in sent["message"]] == [("file", {"file_id": "f1"})]
    for deaf in (WeChat(deaf=True), WeChat(10002)):
        said.bot = deaf
        assert not await hand_over(said, b"xlsx", name="名册.xlsx")


async def test_a_refused_picture_may_be_said_in_words_an_unclear_one_may_not() -> None:
    bots: list[Any] = [WeChat(10005), WeChat(20001)]
    assert not await show_group(bots[0], "群", b"png")
    with pytest.raises(Ambiguous):
        await show_group(bots[1], "群", b"png")


async def test_a_picture_that_could_not_be_uploaded_was_surely_not_said() -> None:
    bot: Any = WeChat(deaf=True)
    assert not await show_group(bot, "群", b"png")
    assert bot.calls == []


async def test_what_cannot_be_painted_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    async def paint(number: int) -> Card | None:
        return Card("list", {"title": "题"}, "") if number == 1 else None

    monkeypatch.setitem(pictures._PAINTERS, "test", paint)
    assert await pictures.paint(None) is None
    assert await pictures.paint("test/2") is None
    assert await pictures.paint("test/1") is None
    assert await pictures.paint("没有这种/1") is None
