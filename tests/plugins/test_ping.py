from bot.settings import settings
from tests.chat import Chat


async def test_superuser_is_answered_and_nobody_else(chat: Chat, monkeypatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"1"})
    assert [str(r) for r in await chat.say(1, "/ping 你好", group=5)] == ["pong 你好"]
    assert [str(r) for r in await chat.say(1, "／ping 在吗")] == ["pong 在吗"]
    assert await chat.say(2, "/ping 你好", group=5) == []
