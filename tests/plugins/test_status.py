"""`/状态`：几行说清机器人好不好；没送成的由人重送或作废。"""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot import ticks
from bot.gateway import answers as answering
from bot.gateway import conditions, hearing
from bot.league import notices
from bot.settings import settings
from db.models import Cadre, Notice, NoticeState, Presence, Scope, Unit
from tests import factories
from tests.chat import Chat
from tests.factories import ANY_KIND

BOSS, TOP, BRANCH = 900, 20, 30


@pytest.fixture(autouse=True)
async def school(database: str, monkeypatch: pytest.MonkeyPatch, chat: Chat) -> Unit:
    state = SimpleNamespace(alive=True, oldest=0.25, queued=3)
    monkeypatch.setattr(hearing, "_log", SimpleNamespace(health=lambda: state, hear=lambda *_: None))
    monkeypatch.setattr(ticks, "_looked_at", chat.at - timedelta(seconds=40))
    monkeypatch.setattr(ticks, "_failing", {})
    monkeypatch.setattr(conditions, "_started_at", chat.at - timedelta(hours=5))
    monkeypatch.setattr(conditions, "version", lambda _: "9.9")
    monkeypatch.setattr(settings(), "superusers", {str(BOSS)})
    top = await factories.school()
    await factories.admin(TOP, "王老师", top)
    await factories.admin(BRANCH, "赵老师", await factories.branch("示例团总支", top))
    return top


@pytest.fixture
async def cadre(school: Unit) -> Cadre:
    return await factories.cadre(1, "李老师", school)


async def one(chat: Chat, user: int, text: str, **extra: object) -> str:
    [reply] = await chat.say(user, text, **extra)  # type: ignore[arg-type]
    return reply.text


async def failed(chat: Chat, cadre: Cadre, period: str, state: NoticeState, reason: str) -> int:
    await notices.post(ANY_KIND, period=period, text="悄悄话", at=chat.at, person_id=cadre.person_id)
    await Notice.filter(period=period).update(state=state, reason=reason)
    return (await Notice.get(period=period)).id


async def test_it_says_everything_in_a_few_lines(chat: Chat, cadre: Cadre, database: str) -> None:
    await Presence.create(scope=Scope.WECHAT, self_id="wx", seen_at=chat.at - timedelta(minutes=12))
    refused = await failed(chat, cadre, "1", NoticeState.FAILED, "平台拒收（100）")
    vague = await failed(chat, cadre, "2", NoticeState.UNKNOWN, "连接断了或超时")
    await notices.post(ANY_KIND, period="3", text="悄悄话", at=chat.at, person_id=cadre.person_id)
    held = await Notice.get(period="3")
    engine = "SQLite" if database.startswith("sqlite") else "PostgreSQL"
    assert await one(chat, BOSS, "/状态 文字") == (
        f"团团的状态（11-18 14:00 · 9.9 · {engine} · 运行 5 小时）\n"
        "！微信 wx：12 分钟没见\n"
        "QQ 10000：在线\n"
        "互动记录：积压 3 条、0.2 秒\n"
        "到点的事：40 秒前看过\n"
        "通知：等着送 1\n  近 30 天送到 0，作废 0\n"
        f"！送不到：1 条\n  {refused} 平台拒收（100）\n"
        f"！说不清：1 条\n  {vague} 连接断了或超时\n"
        f"到点了还留着：1 条\n  {held.id} 到点了，等机器人账号来送\n"
        "重送发 /状态 重送 12，作废发 /状态 作废 12；全部在服务器上用 tuanbot notices 看。"
    )


async def test_trouble_stands_out(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_log", None)
    monkeypatch.setattr(ticks, "_failing", {"plugins.wishes.jobs.keep": chat.at})
    text = await one(chat, BOSS, "/状态 文字")
    assert "！互动记录：停了\n  看日志和磁盘，再重启" in text
    assert "！到点的事：40 秒前看过\n  出错的：plugins.wishes.jobs.keep" in text


async def test_it_is_a_picture_and_no_text_of_a_notice_is_in_it(chat: Chat, cadre: Cadre) -> None:
    await failed(chat, cadre, "1", NoticeState.FAILED, "平台拒收（100）")
    assert await one(chat, TOP, "/状态") == "[image]"
    assert "悄悄话" not in await one(chat, TOP, "/状态 文字")


@pytest.mark.parametrize("user", [BRANCH, 1, 77])
async def test_only_superusers_and_the_top_units_admins_see_it(chat: Chat, cadre: Cadre, user: int) -> None:
    assert await one(chat, user, "/状态") == "这条命令是给超级管理员和最上级单位的管理员用的。"


async def test_it_is_said_in_private_only(chat: Chat, cadre: Cadre) -> None:
    await factories.group(300, cadre)
    assert await one(chat, BOSS, "/状态", group=300) == "里面有账号，不在群里说，请私聊我发 /状态。"


async def test_retrying_and_dropping_by_hand(chat: Chat, cadre: Cadre) -> None:
    first = await failed(chat, cadre, "1", NoticeState.FAILED, "平台拒收（100）")
    second = await failed(chat, cadre, "2", NoticeState.UNKNOWN, "连接断了或超时")
    assert await one(chat, BOSS, f"/状态 重送 {first}，{second}") == (
        "2 条放回去了，这就再送一次；说不清的那些，对方可能会看到两遍。"
    )
    assert await one(chat, BOSS, f"/状态 作废 {second}") == "1 条作废了，不再送。"
    assert await Notice.all().order_by("id").values_list("state", "reason") == [
        ("due", "人工放回来，再送一次"),
        ("expired", "人工作废"),
    ]
    assert await one(chat, TOP, "/状态 重送 999") == "没有编号是 999 的通知。"
    for text in ("重送", "重送 W12", "重送 12345678901", f"重送 {'1' * 60}x", "看看"):
        assert await one(chat, BOSS, f"/状态 {text}") == (
            f"看不懂“{text[:20]}”。只看发 /状态；重送没送成的发 /状态 重送 12，作废发 /状态 作废 12。"
        )


async def test_without_a_picture_it_is_told_in_words(chat: Chat, cadre: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "draw", _undrawable)
    assert (await one(chat, BOSS, "/状态")).startswith("团团的状态（")


def _undrawable(_: object) -> bytes:
    raise RuntimeError
