"""名额：不管几位团干部要找，一个人一周至多一次，一个群一周至多两次；提醒只给在任的人。"""

import asyncio
import subprocess
import sys
from datetime import date, datetime, timedelta
from itertools import chain

import pytest

from bot.league import budgets, notices, record_asks, roster, undelivered
from bot.league.budgets import WEEK
from bot.league.kinds import GROUPS, KINDS, OFFICERS, Kind, Who, Why
from bot.league.notices import LEASE, BotAccount
from bot.league.periods import MORNING, on
from db.models import Cadre, CalendarMark, Group, GroupKind, MarkKind, Notice, NoticeState, Person, Scope
from tests import factories
from tests.factories import ANY_KIND, AT, SELF_ID
from tests.league import activity_town, wish_town

HERE: BotAccount = (Scope.QQ, SELF_ID)
SECOND = timedelta(seconds=1)
QUESTION, PUSH, REMINDER = "test.question", "test.push", "test.reminder"
SPENT = ("expired", "一周的名额用完了，没再打扰")


@pytest.fixture(autouse=True)
def every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """每个理由一种，哪一片还没上线都试得到。"""
    for kind in (
        Kind(QUESTION, Why.QUESTION, Who.YOUTH),
        Kind(PUSH, Why.PUSH, Who.YOUTH, Who.GROUP),
        Kind(REMINDER, Why.REMINDER, Who.CADRE, Who.WORK_GROUP),
    ):
        monkeypatch.setitem(KINDS, kind.name, kind)


@pytest.fixture
async def cadre(database: str) -> Cadre:
    return await factories.cadre(1, "李老师", await factories.school())


@pytest.fixture
async def group(cadre: Cadre) -> Group:
    return await factories.group(500, cadre)


@pytest.fixture
async def youth(cadre: Cadre, group: Group) -> Person:
    return await factories.youth(11, cadre, group)


async def post(kind: str, to: Person | Group, period: str = "1", **extra: object) -> None:
    target = {"person_id": to.id} if isinstance(to, Person) else {"group_id": to.id}
    values = {"period": period, "text": "…", "at": AT, "expires_at": AT + timedelta(days=30)} | target | extra
    await notices.post(kind, **values)  # type: ignore[arg-type]


async def send_all(at: datetime = AT, state: NoticeState = NoticeState.SENT) -> list[str]:
    """领得到的都送掉，返回送了哪几种。"""
    kinds: list[str] = []
    while row := await notices.claim(HERE, among=[HERE], worker="a", at=at):
        await notices.settle(row, state, at=at)
        kinds.append(f"{row.kind}/{row.period}")
    return kinds


async def states() -> list[tuple[str, str | None]]:
    return await Notice.all().order_by("id").values_list("state", "reason")


async def test_a_youth_is_sought_once_a_week_whoever_seeks_him(cadre: Cadre, group: Group, youth: Person) -> None:
    other = await factories.cadre(2, "陈老师", await cadre.unit)
    await factories.group(501, other)
    for period, kind in enumerate((QUESTION, PUSH, "record.ask", QUESTION)):
        await post(kind, youth, str(period))
    assert await send_all() == [f"{QUESTION}/0"]
    assert await send_all(AT + WEEK - SECOND) == []
    assert await send_all(AT + WEEK) == [f"{PUSH}/1"]
    assert await send_all(AT + 2 * WEEK) == ["record.ask/2"]


async def test_his_own_matters_neither_wait_nor_count(youth: Person) -> None:
    await post(QUESTION, youth)
    own = ("wish.claimed", "voice.answered", "activity.soon", "wish.asked_again")
    for kind in own:
        await post(kind, youth)
    assert await send_all() == [f"{kind}/1" for kind in (QUESTION, *own)]
    await post("wish.progress", youth)
    assert await send_all(AT + SECOND) == ["wish.progress/1"]


async def test_own_matters_alone_leave_the_week_free(youth: Person) -> None:
    await post("wish.claimed", youth)
    await send_all()
    await post(QUESTION, youth)
    assert await send_all() == [f"{QUESTION}/1"]


async def test_a_group_is_pushed_to_twice_a_week(group: Group, youth: Person) -> None:
    for period in "123":
        await post(PUSH, group, period)
    await post(ANY_KIND, group)
    await post(PUSH, youth)  # 群里推过，不占他自己的
    assert await send_all() == [f"{PUSH}/1", f"{PUSH}/2", f"{ANY_KIND}/1", f"{PUSH}/1"]
    assert await send_all(AT + WEEK) == [f"{PUSH}/3"]


async def test_one_persons_surplus_holds_up_nobody_else(cadre: Cadre, group: Group, youth: Person) -> None:
    other = await factories.youth(12, cadre, group)
    for period in "123":
        await post(QUESTION, youth, period)
    await post(QUESTION, other, "9")
    assert await send_all() == [f"{QUESTION}/1", f"{QUESTION}/9"]


async def test_the_surplus_is_dropped_with_its_reason_when_stale(group: Group, youth: Person) -> None:
    await post(QUESTION, youth)
    await send_all()
    await post(QUESTION, youth, "2", expires_at=AT + timedelta(days=3))
    await post("wish.claimed", youth, "3", expires_at=AT + timedelta(days=3))
    await notices.sweep(AT + timedelta(days=3) - SECOND)
    assert [state for state, _ in await states()] == ["sent", "due", "due"]
    await notices.sweep(AT + timedelta(days=3))
    assert await states() == [("sent", None), SPENT, ("expired", "机器人不在线")]


async def test_what_went_stale_with_room_left_is_not_blamed_on_the_budget(group: Group) -> None:
    await post(PUSH, group, expires_at=AT + SECOND)
    await notices.sweep(AT + SECOND)
    assert await states() == [("expired", "机器人不在线")]


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (NoticeState.FAILED, True),  # 没送到，没打扰着
        (NoticeState.UNKNOWN, False),  # 可能送到了，就当打扰过
        (NoticeState.RIDING, False),  # 在群里叫过他了
    ],
)
async def test_only_what_surely_never_reached_him_gives_its_place_back(
    youth: Person, state: NoticeState, again: bool
) -> None:
    await post(QUESTION, youth)
    await send_all(state=state)
    await post(QUESTION, youth, "2")
    assert bool(await send_all()) is again


async def test_putting_it_back_gives_its_place_back_and_a_crash_does_not(youth: Person) -> None:
    await post(QUESTION, youth)
    row = await notices.claim(HERE, among=[HERE], worker="a", at=AT)
    assert row
    await notices.defer(row, AT + timedelta(hours=1), reason="机器人不在线")
    await post(QUESTION, youth, "2")
    assert await notices.claim(HERE, among=[HERE], worker="a", at=AT)  # 断在这里
    await notices.sweep(AT + LEASE)
    assert await send_all(AT + timedelta(hours=1)) == []
    assert [state for state, _ in await states()] == ["due", "unknown"]


async def test_coming_to_ask_is_no_disturbance(youth: Person) -> None:
    for period in "12":
        await post(QUESTION, youth, period)
    await send_all()
    row = await notices.claim_of(youth.id, worker="a", at=AT, everything=True)
    assert row
    assert (row.period, row.spent_at) == ("2", None)


async def test_asking_about_records_waits_until_there_is_room(cadre: Cadre, youth: Person) -> None:
    other = await factories.youth(12, cadre)
    await post(PUSH, youth)
    await send_all()
    assert await budgets.without_room([youth.id, other.id], at=AT) == {youth.id}
    assert await budgets.without_room([youth.id, other.id], at=AT + WEEK) == set()


async def test_a_record_is_asked_about_once_there_is_room(database: str, at: datetime) -> None:
    town = await wish_town.build()
    youth = town.xiaowang
    await post(PUSH, youth, at=at - WEEK + timedelta(days=2))
    await Notice.all().update(state=NoticeState.SENT, spent_at=at - WEEK + timedelta(days=2))
    for text in ("谈心", "志愿"):
        await activity_town.record([youth], text, at=at)
    await record_asks.ask(at + timedelta(days=2) - SECOND)
    assert not await Notice.exists(kind="record.ask")
    await record_asks.ask(at + timedelta(days=2))
    [asked] = await Notice.filter(kind="record.ask")
    assert ("A1" in (asked.text or ""), "A2" in (asked.text or "")) == (True, True)


async def test_ten_at_once_still_seek_him_once(cadre: Cadre, group: Group, youth: Person) -> None:
    for period in range(10):
        await post(QUESTION, youth, str(period))
        await post(PUSH, group, str(period))

    async def work(worker: str) -> list[str]:
        got = []
        while row := await notices.claim(HERE, among=[HERE], worker=worker, at=AT):
            got.append(row.recipient)
        return got

    got = await asyncio.gather(*(work(str(n)) for n in range(10)))
    assert sorted(chain(*got)) == [f"g{group.id}"] * 2 + [f"p{youth.id}"]


CLAIMING = """
import asyncio, sys
import db
from bot.league import notices
from bot.league.kinds import GROUPS, KINDS, OFFICERS, Kind, Who, Why
from tests.factories import AT, SELF_ID
KINDS["test.question"] = Kind("test.question", Why.QUESTION, Who.YOUTH)
here = ("qq", SELF_ID)

async def main():
    await db.connect(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    async def work(n):
        while row := await notices.claim(here, among=[here], worker=str(n), at=AT):
            print(row.recipient, flush=True)
    await asyncio.gather(*map(work, range(4)))
    await db.close()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_two_processes_keep_to_the_same_budget(engine: str, database: str, cadre: Cadre, group: Group) -> None:
    if engine == "sqlite":
        pytest.skip("SQLite 的库同时只有一个进程用")
    youths = [await factories.youth(100 + number, cadre, group) for number in range(20)]
    for youth in youths:
        for period in "123":
            await post(QUESTION, youth, period)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMING, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout
        assert await asyncio.to_thread(worker.stdout.readline) == "ready\n"
    outputs = await asyncio.gather(*(asyncio.to_thread(worker.communicate, "go\n", 60) for worker in workers))
    assert sorted("".join(out for out, _ in outputs).split()) == sorted(f"p{youth.id}" for youth in youths)


async def mark(cadre: Cadre, kind: MarkKind, first: date, last: date) -> None:
    await CalendarMark.create(unit_id=cadre.unit_id, kind=kind, set_at=AT, first_day=first, last_day=last)


async def test_in_exam_weeks_youths_are_neither_asked_nor_pushed_to(cadre: Cadre, group: Group, youth: Person) -> None:
    work = await factories.group(900, cadre, GroupKind.WORK)
    await mark(cadre, MarkKind.EXAMS, date(2026, 8, 31), date(2026, 9, 4))
    await post(QUESTION, youth)
    await post(PUSH, group)
    await post(PUSH, group, "考前就作废", expires_at=AT + timedelta(days=1))
    await post(REMINDER, work)
    assert await send_all() == [f"{REMINDER}/1"]
    assert await send_all(on(date(2026, 9, 5), MORNING)) == [f"{QUESTION}/1", f"{PUSH}/1"]
    await notices.sweep(AT + timedelta(days=4))
    assert ("expired", "考试周里没打扰") in await states()


async def test_a_reminder_held_back_waits_for_a_working_morning(cadre: Cadre, group: Group) -> None:
    """掉线、请假收着的提醒，到周六、到早上八点也不说，等下一个工作日 9:30；别的照常。"""
    saturday, monday = on(date(2026, 9, 5), MORNING), on(date(2026, 9, 7))
    person = await cadre.person
    await post(REMINDER, person)
    await post(REMINDER, await factories.group(900, cadre, GroupKind.WORK), expires_at=saturday + timedelta(days=1))
    await post(ANY_KIND, person)
    assert await send_all(saturday) == [f"{ANY_KIND}/1"]
    await notices.sweep(saturday + timedelta(days=1))
    assert ("expired", "不是工作时候，没打扰") in await states()
    assert await send_all(monday.replace(hour=8)) == []
    await mark(cadre, MarkKind.OFF, monday.date(), monday.date())
    roster.touch()
    assert await send_all(monday.replace(hour=10)) == []
    assert await send_all(monday + timedelta(days=1, hours=10)) == [f"{REMINDER}/1"]


async def test_put_back_by_hand_it_goes_at_once(cadre: Cadre, group: Group) -> None:
    await post(REMINDER, await cadre.person)
    await Notice.all().update(state=NoticeState.FAILED)
    saturday = on(date(2026, 9, 5), MORNING)
    await undelivered.retry([(await Notice.get()).id], at=saturday)
    assert await send_all(saturday) == [f"{REMINDER}/1"]


async def test_a_reminder_never_reaches_a_youth_or_a_youth_group(cadre: Cadre, group: Group, youth: Person) -> None:
    """就算哪一行写错了人，提醒也到不了青年那里。"""
    for kind in [kind for kind in KINDS.values() if kind.why is Why.REMINDER]:
        if kind.to & OFFICERS:
            await post(kind.name, youth)
        if kind.to & GROUPS:
            await post(kind.name, group)
    assert await send_all() == []
    await notices.sweep(AT)
    assert set(await states()) == {("expired", "不在任了，不用提醒"), ("expired", "不是工作群，不往这里提醒")}


async def test_a_reminder_reaches_those_in_office_until_they_leave(cadre: Cadre, group: Group) -> None:
    admin = await factories.admin(3, "王老师", await cadre.unit)
    for period in "12":
        await post(REMINDER, await cadre.person, period)
        await post(REMINDER, admin, period)
    row = await notices.claim(HERE, among=[HERE], worker="a", at=AT)
    assert row
    assert row.person_id == cadre.person_id
    await notices.settle(row, NoticeState.SENT, at=AT)
    await Cadre.all().update(left_at=AT)
    assert await send_all() == [f"{REMINDER}/1", f"{REMINDER}/2"]  # 管理员的两条
    await notices.sweep(AT)
    assert sorted(await states()) == [("expired", "不在任了，不用提醒"), ("sent", None), ("sent", None), ("sent", None)]


async def test_reminders_for_a_group_go_to_work_groups_only(cadre: Cadre, group: Group) -> None:
    work = await factories.group(900, cadre, GroupKind.WORK)
    await post(REMINDER, group)
    await post(REMINDER, work, "2")
    assert await send_all() == [f"{REMINDER}/2"]
    await notices.sweep(AT)
    assert await states() == [("expired", "不是工作群，不往这里提醒"), ("sent", None)]
