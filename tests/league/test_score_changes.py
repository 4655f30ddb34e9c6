"""只看动过的人重算，和从头算一遍是同样的分：事实是真的一步一步走出来的。"""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.league import accounts, calendar_marks, scores, voices, wish_claims, wishes
from bot.league.calendar_marks import Order
from bot.league.periods import Quarter
from db.models import Cadre, MarkKind, Score, VoiceKind, WishAction
from tests import factories
from tests.factories import AT
from tests.league import wish_town
from tests.league.wish_town import Town, who

Q3 = Quarter(2026, 3)
HOUR = timedelta(hours=1)


@pytest.fixture
async def town(database: str) -> AsyncIterator[Town]:
    yield await wish_town.build()
    now = AT + 60 * HOUR
    await scores.recompute(Q3, at=now, only=await scores.changed_since(Q3, AT + 50 * HOUR, until=now))
    assert await scores.recompute(Q3, at=now) == 0  # 只看动过的，一位也没漏


async def facts(cadre: Cadre) -> dict[str, float]:
    """从头算一遍，他的数。"""
    await scores.recompute(Q3, at=AT + 50 * HOUR)
    return (await Score.get(quarter=str(Q3), cadre=cadre)).facts


async def test_a_wish_a_colleague_put_back_is_his_again(town: Town) -> None:
    row = await wish_town.wish()
    await wish_claims.claim(await who(101), row.id, at=AT + HOUR)
    assert (await facts(town.zhang))["effective"] == 0
    await wish_claims.drop(await who(101), row.id, at=AT + 55 * HOUR)


async def test_a_wish_handed_on_leaves_the_one_before(town: Town) -> None:
    row = await wish_town.claimed()
    assert (await facts(town.zhang))["wishes"] == 1
    await wish_claims.transfer(await who(110), row.id, at=AT + 55 * HOUR, to=await who(101))


async def test_a_day_off_declared_late_moves_the_deadline(town: Town) -> None:
    await factories.admin(120, "校管理", town.school)
    row = await wish_town.wish()
    await wish_claims.claim(await who(100), row.id, at=AT + 49 * HOUR)  # 周三提的，周五下午三点才认领
    assert (await facts(town.zhang))["in_time"] == 0
    friday = date(2026, 9, 4)
    await calendar_marks.add(await who(120), Order(MarkKind.OFF, friday, friday, None), at=AT + 51 * HOUR)


async def test_two_accounts_of_one_youth_are_one_youth(town: Town) -> None:
    for youth in (town.xiaowang, await factories.youth(201, town.zhang)):
        await factories.interaction(town.zhang, youth, AT.date())
    assert (await facts(town.zhang))["reached"] == 2
    code = await accounts.issue_code(await who(200), at=AT + 55 * HOUR)
    await accounts.redeem(code, by=await who(201), at=AT + 55 * HOUR)


async def test_what_he_asked_of_himself_from_another_account_counts_no_more(town: Town) -> None:
    await factories.record(await Cadre.get(person__name="李四"), AT.date())  # 五个一从这一季开始算
    await factories.youth(300, town.zhang, town.group)
    row = await wish_town.done()
    own = await wish_town.wish("想要一辆新车", by=300)
    await wish_claims.claim(await who(100), own.id, at=AT)
    await wish_claims.finish(await who(100), own.id, "买好了", at=AT)
    await wishes.confirm(await who(300), own.id, WishAction.FULFIL, "", at=AT)
    heard = await voices.submit(await who(300), VoiceKind.HEART, "最近有点累", at=AT)
    assert isinstance(heard, voices.Heard)
    await voices.reply(await who(100), heard.voice.id, "周三聊聊", at=AT)
    before = await facts(town.zhang)
    assert (before["wishes"], before["confirmed"], before["L2"]) == (3, 1, 1)

    code = await accounts.issue_code(await who(100), at=AT + 55 * HOUR)
    await accounts.redeem(code, by=await who(300), at=AT + 55 * HOUR)
    after = await facts(town.zhang)
    assert (after["wishes"], after["confirmed"], after["L2"]) == (1, 0, 0)
    await wishes.confirm(await who(200), row.id, WishAction.FULFIL, "", at=AT + HOUR)  # 真有人提的照算
    assert (await facts(town.zhang))["confirmed"] == 1
