"""通知的状态机：恰好一次，断在哪一步都说得清。"""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from bot.league import budgets, incidents, notices, queues
from bot.league.notices import GONE, KEEP_TEXT, LEASE, BotAccount
from bot.league.periods import on
from db import sql
from db.models import Account, Cadre, Group, Notice, NoticeState, Person, Scope
from tests import factories, postgres, shared
from tests.factories import ANY_KIND, AT, SELF_ID

HERE: BotAccount = (Scope.QQ, SELF_ID)
ELSEWHERE: BotAccount = (Scope.QQ, "10001")


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


@pytest.fixture
async def group(cadre: Cadre) -> Group:
    return await factories.group(500, cadre)


async def post(person: Person | None = None, *, period: str = "1", kind: str = ANY_KIND, **extra: object) -> None:
    target = {} if person is None else {"person_id": person.id}
    await notices.post(kind, period=period, text="悄悄话", **({"at": AT} | target | extra))  # type: ignore[arg-type]


async def claim(worker: str = "a", *, at: datetime = AT, account: BotAccount = HERE) -> Notice | None:
    return await notices.claim(account, among=[account], worker=worker, at=at)


async def states() -> list[NoticeState]:
    return [row.state for row in await Notice.all().order_by("id")]


async def test_the_same_thing_is_said_once(cadre: Cadre) -> None:
    first = await notices.post(ANY_KIND, period="p", text="一", at=AT, person_id=cadre.person_id)
    again = await notices.post(ANY_KIND, period="p", text="二", at=AT, person_id=cadre.person_id)
    assert (first, again, await Notice.all().values_list("text", flat=True)) == (True, False, ["一"])


async def test_the_database_itself_refuses_a_second_row(cadre: Cadre) -> None:
    for expected in (None, IntegrityError):
        row = notices.draft(ANY_KIND, period="p", text="一", at=AT, person_id=cadre.person_id)
        if expected is None:
            await row.save()
        else:
            with pytest.raises(expected):
                await row.save()


async def test_many_posting_the_same_at_once_leave_one_row(cadre: Cadre) -> None:
    await asyncio.gather(
        *(notices.post(ANY_KIND, period="p", text=str(n), at=AT, person_id=cadre.person_id) for n in range(20))
    )
    assert await Notice.all().count() == 1


async def test_two_workers_share_200_notices_without_taking_one_twice(cadre: Cadre, group: Group) -> None:
    await notices.post_all(
        [notices.draft(ANY_KIND, period=str(n), text="x", at=AT, group_id=group.id) for n in range(200)]
    )
    taken: dict[str, list[int]] = {"a": [], "b": []}

    async def work(worker: str) -> None:
        while row := await claim(worker):
            taken[worker].append(row.id)
            await notices.settle(row, NoticeState.SENT, at=AT)

    await asyncio.gather(work("a"), work("b"), work("a"), work("b"))
    assert sorted(taken["a"] + taken["b"]) == sorted(await Notice.all().values_list("id", flat=True))
    assert await Notice.filter(state=NoticeState.SENT, attempts=1).count() == 200


async def test_a_crash_after_claiming_ends_as_unknown_and_is_never_sent_again(cadre: Cadre, group: Group) -> None:
    await post(group_id=group.id)
    assert await claim()
    await notices.sweep(AT + LEASE - timedelta(seconds=1))
    assert await states() == [NoticeState.CLAIMED]
    await notices.sweep(AT + LEASE)
    [row] = await Notice.all()
    assert (row.state, row.reason) == (NoticeState.UNKNOWN, "送的时候断了，说不清到没到")
    assert await claim("b", at=AT + LEASE) is None


async def test_the_old_owner_cannot_write_after_its_lease(cadre: Cadre, group: Group) -> None:
    await post(group_id=group.id)
    row = await claim()
    assert row
    await notices.sweep(AT + LEASE)
    assert not await notices.settle(row, NoticeState.SENT, at=AT)
    assert not await notices.defer(row, AT, reason="")
    assert await states() == [NoticeState.UNKNOWN]
    assert await notices.troubles(at=AT + timedelta(days=1)) == {"unknown": 1, "failed": 0}
    assert await notices.troubles(at=AT + timedelta(days=40)) == {"unknown": 0, "failed": 0}


async def test_a_claim_given_back_and_taken_anew_belongs_to_the_new_owner(cadre: Cadre, group: Group) -> None:
    await post(group_id=group.id)
    old = await claim()
    assert old
    assert await notices.defer(old, AT, reason="群里禁言中")
    new = await claim()
    assert new
    assert not await notices.settle(old, NoticeState.FAILED, at=AT, reason="旧的")
    assert await notices.settle(new, NoticeState.SENT, at=AT)
    [row] = await Notice.all()
    assert (row.state, row.attempts, row.sent_at) == (NoticeState.SENT, 2, AT)


async def test_expired_ones_keep_their_reason(cadre: Cadre, group: Group) -> None:
    later = AT + timedelta(days=3)
    await post(group_id=group.id)
    await post(group_id=group.id, period="2")
    await post(await cadre.person, period="3")
    muted = await claim()
    assert muted
    await notices.defer(muted, AT + timedelta(minutes=10), reason="群里禁言中")
    await Notice.filter(period="3").update(state=NoticeState.RIDING)
    assert await claim(at=later) is None
    await notices.sweep(later - timedelta(seconds=1))
    assert NoticeState.EXPIRED not in await states()
    await notices.sweep(later)
    assert await Notice.all().order_by("period").values_list("state", "reason") == [
        ("expired", "群里禁言中"),
        ("expired", "机器人不在线"),
        ("expired", "没等到本人来说话"),
    ]


async def test_quiet_hours_hold_all_but_the_urgent(cadre: Cadre, group: Group) -> None:
    night = AT.replace(hour=23)
    await post(group_id=group.id, period="晚上来的", at=night)
    await post(group_id=group.id, period="白天来的", at=AT)
    await post(await cadre.person, period="紧急", at=night, kind="wish.crisis", urgent=True)
    first = await claim(at=night)
    assert first
    assert first.period == "紧急"
    assert await claim(at=night) is None
    morning = on(AT.date() + timedelta(days=1)).replace(hour=8)
    assert await claim(at=morning - timedelta(seconds=1)) is None
    periods = [row.period for _ in range(2) if (row := await claim(at=morning))]
    assert periods == ["白天来的", "晚上来的"]


async def test_deferring_into_the_night_waits_for_the_morning(cadre: Cadre, group: Group) -> None:
    await post(group_id=group.id)
    row = await claim()
    assert row
    await notices.defer(row, AT.replace(hour=22, minute=5), reason="群里禁言中")
    [held] = await Notice.all()
    assert held.due_at == on(AT.date() + timedelta(days=1)).replace(hour=8)


async def test_only_the_account_that_can_reach_them_takes_it(cadre: Cadre, group: Group) -> None:
    stranger = await factories.person(7)
    await Account.filter(user_id="7").update(self_id="10001")
    youth = await factories.youth(11, cadre, group)
    await Account.filter(user_id="11").update(self_id="99999")  # 跟一个已经不在的账号私聊过
    await incidents.present([ELSEWHERE], at=AT)
    for person in (stranger, youth):
        await post(person)
    await post(group_id=group.id)
    here = [row.recipient for _ in range(3) if (row := await claim())]
    there = [row.recipient for _ in range(3) if (row := await claim(account=ELSEWHERE))]
    assert (here, there) == ([f"p{youth.id}", f"g{group.id}"], [f"p{stranger.id}"])


async def test_the_account_one_has_talked_to_comes_before_a_shared_group(cadre: Cadre, group: Group) -> None:
    youth = await factories.youth(11, cadre, group)
    await Account.filter(user_id="11").update(self_id="10001")
    await post(youth)
    assert await notices.claim(HERE, among=[HERE, ELSEWHERE], worker="a", at=AT) is None
    assert await notices.claim(ELSEWHERE, among=[HERE, ELSEWHERE], worker="a", at=AT)


async def test_an_unbound_group_is_nobodys(cadre: Cadre, group: Group) -> None:
    await post(group_id=group.id)
    await Group.all().update(unbound_at=AT)
    assert await claim() is None


async def test_texts_are_emptied_after_30_days(cadre: Cadre, group: Group) -> None:
    for period in "1234":
        await post(group_id=group.id, period=period)
    sent, failed, waiting = [row for _ in range(3) if (row := await claim())]
    await notices.settle(sent, NoticeState.SENT, at=AT)
    await notices.settle(failed, NoticeState.FAILED, at=AT, reason="平台拒收（100）")
    await notices.settle(waiting, NoticeState.RIDING, at=AT)
    await notices.forget(AT + KEEP_TEXT - timedelta(seconds=1))
    assert await Notice.filter(text=None).count() == 0
    await notices.forget(AT + KEEP_TEXT)
    assert await Notice.filter(text=None).values_list("period", flat=True) == ["1"]
    await notices.forget(AT + KEEP_TEXT + notices.WINDOW)
    assert await Notice.filter(text=None).order_by("period").values_list("period", flat=True) == ["1", "2"]


async def test_listeners_hear_of_new_notices(cadre: Cadre, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(notices, "_listeners", [])
    notices.listen(lambda: heard.append(1))
    await post(group_id=group.id)
    await post(group_id=group.id)
    assert heard == [1]


async def test_claiming_right_after_an_import_does_not_scan_every_account(
    postgres_server: postgres.Server, empty_postgres: str
) -> None:
    """刚导入完 PostgreSQL 还没有统计信息：曾经为每一条到点的通知把整张账号表扫一遍，领一条要几秒。"""
    await postgres_server.clear(empty_postgres)
    await postgres_server.create("imported", template=empty_postgres)
    await postgres_server.clear("imported")  # 样板里可能留着上一个测试的行
    async with shared.connected(postgres_server.url("imported")):
        for table, columns, values, count in (
            ("person", "id, created_at", "n, now()", 40_000),
            ("account", "scope, user_id, self_id, person_id", "'qq', n::text, '77777', n", 40_000),  # 归别的账号送
            ("bot_presence", "scope, self_id, seen_at", "'qq', '77777', now()", 1),
            ("notice", _COLUMNS, _VALUES, 1_000),
        ):
            await sql.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series(1, {count}) n")
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queues.claimable([HERE])}"
        now = datetime.now(UTC)
        [row] = await sql.query(explain, now, False, *HERE, now - budgets.WEEK, now - GONE, *HERE)
        [plan] = json.loads(row["QUERY PLAN"])
        assert plan["Plan"]["Shared Hit Blocks"] < 20_000, "一千条，每条只看它自己的账号"


_COLUMNS = "kind, recipient, period, person_id, text, state, urgent, discreet, due_at, expires_at, attempts, created_at"
_VALUES = (
    "'wish.claimed', 'p' || n, '1', n, '', 'due', false, false,"
    " now() - '1 hour'::interval, now() + '1 day'::interval, 0, now()"
)
