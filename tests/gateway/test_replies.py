"""推到群里的那条的消息号：平台给了就记下，说不清的核对到了也记下；别的通知不记。"""

from collections.abc import Iterator

import pytest

from bot.gateway import delivery, doubts
from bot.gateway.delivery import deliver_due
from bot.league import notices, pushes, replies, roster
from db.models import Group, Notice, PushTarget, Scope
from plugins.pushes.jobs import send_pushes
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.platforms import Platform, connected
from tests.gateway.test_doubts import BEFORE, SOON, TIMEOUT, frame


@pytest.fixture
def qq() -> Iterator[Platform]:
    with connected(SELF_ID, "wechat:wxid_bot") as platform:
        yield platform


@pytest.fixture
async def group(database: str) -> Group:
    """群 500 轮到了 G1。"""
    group = await factories.group(500, await factories.cadre(1, "李老师", await factories.school()))
    by = await roster.identify(Scope.QQ, "1")
    await pushes.submit(by, "看懂五四 https://a.edu.cn", group=group, at=AT)
    await send_pushes(AT)
    return group


async def watched() -> list[dict[str, int]]:
    return list((await replies.watched()).values())


@pytest.mark.parametrize("scope", [Scope.QQ, Scope.WECHAT])
async def test_the_number_the_platform_gives_is_kept(qq: Platform, group: Group, scope: Scope) -> None:
    if scope is Scope.WECHAT:
        await Group.filter(id=group.id).update(scope=scope, self_id="wxid_bot")
    await notices.post(ANY_KIND, period="G1", text="别的", at=AT, group_id=group.id)
    await deliver_due(AT)
    assert len(qq.sent) == 2
    assert await watched() == [{"1": 1}]


async def test_one_in_doubt_is_found_again_with_its_number(qq: Platform, group: Group) -> None:
    qq.fails, qq.went_out = lambda _: TIMEOUT, True
    await deliver_due(AT)
    assert await watched() == []
    told = (await Notice.get()).text or ""
    qq.history = [BEFORE, frame(told, after=1) | {"message_id": -77}]
    assert await doubts.look(SOON, delivery.obstacles) == 1
    assert await watched() == [{"-77": 1}]


async def test_a_platform_that_gives_no_number_is_no_trouble(
    qq: Platform, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        return None

    monkeypatch.setattr(qq, "call", silent)
    assert await deliver_due(AT) == 1
    assert not await PushTarget.filter(message_id__not_isnull=True).exists()
