"""节奏：断了再起来，近一分钟里说过的照样占着名额。"""

from datetime import timedelta

import pytest

from bot.gateway import attempts
from bot.gateway.attempts import account_key
from bot.gateway.delivery import deliver_due
from bot.gateway.pace import JITTER, PER_ACCOUNT, PER_GROUP, Pace
from bot.league import notices
from db.models import Account, Cadre, Group, Notice, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.gateway.platforms import Platform

ME = account_key((Scope.QQ, SELF_ID))
THERE = f"{Scope.QQ}/g/500"
SOON = AT + timedelta(seconds=20)


async def waits_after_a_restart(monkeypatch: pytest.MonkeyPatch, key: str, limit: int) -> float:
    """新起来的进程，要等多久才能再说一条。"""
    now, waited = 0.0, 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now, waited
        now += seconds
        waited += seconds

    fresh = Pace(clock=lambda: now, sleep=sleep)
    monkeypatch.setattr(attempts, "pace", fresh)
    await attempts.recall(SOON)
    await fresh.room(key, limit)
    return waited


async def test_a_full_bucket_is_still_full_after_a_restart(
    qq: Platform, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [notices.draft(ANY_KIND, period=str(n), text="群里的话", at=AT, group_id=group.id) for n in range(PER_GROUP)]
    await notices.post_all(rows)
    assert await deliver_due(AT) == PER_GROUP
    left = 40 + JITTER[1]  # 二十秒前说满的，一分钟里还差这么多
    assert await waits_after_a_restart(monkeypatch, THERE, PER_GROUP) == pytest.approx(left)
    assert await waits_after_a_restart(monkeypatch, ME, PER_ACCOUNT) == 0
    youth = await factories.youth(11, await Cadre.get(id=group.cadre_id), group)
    await Account.filter(person_id=youth.id).update(self_id=SELF_ID)
    more = range(PER_ACCOUNT - PER_GROUP)
    await notices.post_all(
        [notices.draft(ANY_KIND, period=str(n), text="悄悄话", at=AT, person_id=youth.id) for n in more]
    )
    await Notice.filter(person_id=youth.id, period="0").update(
        state="claimed", claimed_by="a", claimed_until=AT + notices.LEASE
    )
    assert await deliver_due(AT) == len(more) - 1
    assert await waits_after_a_restart(monkeypatch, ME, PER_ACCOUNT) == pytest.approx(left), "正说着断掉的也算一条"


async def test_what_was_said_over_a_minute_ago_holds_nobody_up(
    qq: Platform, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [notices.draft(ANY_KIND, period=str(n), text="群里的话", at=AT, group_id=group.id) for n in range(PER_GROUP)]
    await notices.post_all(rows)
    await deliver_due(AT)
    await Notice.all().update(sent_at=SOON - timedelta(minutes=1))
    assert await waits_after_a_restart(monkeypatch, THERE, PER_GROUP) == 0
