"""过一年：365 天、一分钟看一次，三百位团干部，有请假、节假日、停机、掉线。

每条通知都有下落：送到一次，或说得出为什么没送。
库是真的文件，提醒、领取、投递、记账走的都是真的；假的只有平台和钟。没有可送的时候，投递那一头歇着（真的进程里也是这样）。
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import nonebot
import pytest
from nonebot.adapters.onebot.v11 import ActionFailed

from bot.gateway import delivery
from bot.gateway.delivery import deliver_due
from bot.league import calendars, notices, roster
from bot.league.calendar_marks import add, read
from bot.league.occasions import MONTHLY, occasions
from bot.league.periods import is_quiet, local, on
from bot.league.reminder_rounds import key
from db.models import (
    Absence,
    AbsenceKind,
    Account,
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    Contact,
    ContactState,
    EvidenceGrade,
    Group,
    GroupKind,
    Interaction,
    Notice,
    NoticeState,
    Person,
    Role,
    RoleKind,
    Round,
    Scope,
    Slot,
)
from plugins.reminders import jobs
from plugins.reminders.jobs import post_reminders, tidy_notices
from tests import factories, shared
from tests.chat import SELF_ID, Chat

pytestmark = pytest.mark.slow

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
CADRES, IDLE, COLLEGES = 300, 15, 6
#: 校历是它定的
_SCHOOL = 1
#: 有通知等着时，隔多久再送一遍
AGAIN = timedelta(hours=2)


def at(text: str) -> datetime:
    return on(date.fromisoformat(f"2026-{text[:5]}"), time.fromisoformat(text[6:] or "00:00"))


#: 进程停着：碰上一分钟、半天、三天、四十天
DOWN = [
    (at("01-20 09:30"), at("01-20 09:31")),
    (at("03-16 08:00"), at("03-16 13:00")),
    (at("05-27 09:00"), at("05-30 12:00")),
    (at("07-20 00:00"), at("08-29 00:00")),
    (at("12-28 09:29"), at("12-28 09:32")),
]
#: 进程在，账号掉线
OFFLINE = [(at("04-20 09:00"), at("04-22 20:00")), (at("06-16 09:00"), at("06-16 18:00"))]
#: 钟往回拨一小时、领走一条之后断电
BACK = [at("02-25 10:00"), at("10-20 09:45")]
KILLED = [at("01-04 09:30"), at("02-24 09:30"), at("10-08 09:30"), at("11-16 09:30")]


@dataclass
class Platform:
    """会拒收、会说不清的平台；记下说成了的。"""

    chance: random.Random
    said: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    quiet: list[datetime] = field(default_factory=list)
    now: datetime | None = None

    async def call(self, api: str, **data: Any) -> Any:
        if api == "get_friend_list":
            return [{"user_id": number} for number in range(1, 2000) if number % 10]
        if api == "get_group_member_info":
            return {"user_id": data["user_id"]}
        if api not in ("send_private_msg", "send_group_msg"):
            return {}
        assert self.now
        if is_quiet(self.now):
            self.quiet.append(self.now)
        luck = self.chance.random()
        if luck < 0.01:
            raise ActionFailed(retcode=100, message="拒收")
        if luck < 0.02:
            self.doubtful += 1
            raise ActionFailed(retcode=1200, message="Timeout")
        private = api == "send_private_msg"
        self.said[f"u{data['user_id']}" if private else f"g{data['group_id']}"] += 1
        return {"message_id": self.chance.randrange(2**31)}


@pytest.fixture
async def year(empty_sqlite: Path, tmp_path: Path) -> AsyncIterator[Platform]:
    """一所示例大学、六个团总支、三百位团干部；一成不是好友；十五位整年不动。"""
    path = tmp_path / "year.db"
    path.write_bytes(empty_sqlite.read_bytes())
    # 断电另有测试，这里不等磁盘
    async with shared.connected(f"sqlite://{path}?synchronous=OFF"), Chat.open(at("01-01 00:00")) as chat:
        roster.touch()
        platform = Platform(random.Random(1))
        chat.bot.call_api = platform.call  # type: ignore[method-assign]
        await _people()
        yield platform


async def _people() -> None:
    since = on(date(2025, 12, 1))
    school = await factories.school()
    colleges = [await factories.branch(f"学院{n}团总支", school) for n in range(COLLEGES)]
    total = CADRES * 2
    await Person.bulk_create([Person(name=f"某{n}", created_at=since) for n in range(1, total + 1)])
    persons = await Person.all().order_by("id")
    await Account.bulk_create(
        [Account(scope=Scope.QQ, user_id=str(n + 1), person=one, self_id=SELF_ID) for n, one in enumerate(persons)]
    )
    await Cadre.bulk_create(
        [
            Cadre(person=persons[n], unit=colleges[n % COLLEGES], kind=CadreKind.FULL_TIME, quota=100, since=since)
            for n in range(CADRES)
        ]
    )
    cadres = await Cadre.all().order_by("id")
    await Contact.bulk_create(
        [
            Contact(cadre=one, youth=persons[CADRES + n], state=ContactState.ACTIVE, since=since)
            for n, one in enumerate(cadres)
        ]
    )
    for n, college in enumerate(colleges):
        await Role.create(person=persons[n], unit=college, kind=RoleKind.ADMIN)
        group = await factories.group(900 + n, cadres[n], GroupKind.WORK)
        await Group.filter(id=group.id).update(bound_at=since)
    await factories.admin(9999, "组织部", school)
    away = [
        Absence(
            person=persons[(7 * n) % CADRES],
            kind=AbsenceKind.LEAVE,
            since=on(FIRST) + (9 * n) * DAY,
            until=on(FIRST) + (9 * n + 4 + n % 9) * DAY,
        )
        for n in range(40)
    ]
    await Absence.bulk_create(away)
    boss = await roster.identify(Scope.QQ, "9999")
    for line in ("01-19~02-20 放假", "06-15~06-30 考试周", "09-26 上班", "11-09~11-10 放假"):
        await add(boss, read(line, at=at("01-01 08:00")), at=at("01-01 08:00"))
    roster.touch()


#: 一个月三次，一季里五件都有
_SLOTS = (
    (Slot.DEED, Slot.LESSON, Slot.TALK),
    (Slot.LESSON, Slot.VOLUNTEER, Slot.TALK),
    (Slot.CULTURE, Slot.DEED, Slot.TALK),
)


async def _work(first: date) -> None:
    """这个月大家办的事、聊的天；后十五位什么也不做。"""
    cadres = await Cadre.all().order_by("id")
    contacts = {row.cadre_id: row.youth_id for row in await Contact.all()}
    records = [
        Activity(
            kind=ActivityKind.RECORD,
            organiser=one,
            unit_id=one.unit_id,
            slot=slot,
            starts_at=on(first),
            state=ActivityState.KEPT,
            grade=EvidenceGrade.L1,
            graded_at=on(first),
            created_at=on(first),
            asked_from=on(first),
        )
        for one in cadres[:-IDLE]
        for slot in _SLOTS[first.month % 3]
    ]
    await Activity.bulk_create(records, batch_size=400)
    talks = [
        Interaction(
            cadre=one,
            youth_id=contacts[one.id],
            day=first + 14 * n * DAY,
            cadre_messages=3,
            youth_messages=3,
            sessions=1,
        )
        for one in cadres[:-IDLE]
        for n in range(2)
    ]
    await Interaction.bulk_create(talks, batch_size=400)


async def _die_holding_one(moment: datetime) -> None:
    """领走一条，没来得及送就断了。"""
    here = (Scope.QQ, SELF_ID)
    await notices.claim(here, among=[here], worker="dead", at=moment)


def _minutes() -> Iterator[datetime]:
    """一年的每一分钟；停着的跳过去，钟拨回的那两小时再来一遍。"""
    moment, jumps, down = on(FIRST), set(BACK), list(DOWN)
    while moment < on(LAST + DAY):
        if down and moment >= down[0][0]:
            moment = down.pop(0)[1]
            jobs._rested = None  # 再起来的是新的进程
        yield moment
        if moment in jumps:
            jumps.discard(moment)
            moment -= timedelta(hours=1)
        moment += MINUTE


async def _live(platform: Platform) -> None:
    """一分钟一次，从元旦零点到次年元旦零点。"""
    woken = delivery._wake
    bot = nonebot.get_bot(SELF_ID)
    waiting, deliver_at = False, on(FIRST)
    month = 0
    for moment in _minutes():
        platform.now = moment
        if moment.month != month:
            month = moment.month
            await _work(moment.date())
        await post_reminders(moment)
        if woken.is_set() or (waiting and moment >= deliver_at and not is_quiet(moment)):
            woken.clear()
            if moment in KILLED:
                await _die_holding_one(moment)
            driver = nonebot.get_driver()
            if any(start <= moment < end for start, end in OFFLINE):
                driver._bots.pop(SELF_ID, None)
            else:
                driver._bots[SELF_ID] = bot
            await deliver_due(moment)
            waiting = await Notice.filter(state__in=[NoticeState.DUE, NoticeState.CLAIMED]).exists()
            deliver_at = moment + AGAIN
        if moment.hour == 12 and not moment.minute:
            await tidy_notices(moment)
            if moment.isoweekday() == 3:
                await _come_by(moment, platform)
    await tidy_notices(on(LAST) + timedelta(days=30))


async def _come_by(moment: datetime, platform: Platform) -> None:
    """加不上好友的人里，单数的有空来问一句，把等着的话取走。"""
    for row in await Notice.filter(state=NoticeState.RIDING).order_by("id"):
        account = await Account.get(person_id=row.person_id)
        if (int(account.user_id) // 10) % 2:
            taken = await notices.claim_of(row.person_id or 0, worker="here", at=moment, everything=False)
            if taken and await notices.settle(taken, NoticeState.SENT, at=moment):
                platform.said[f"u{account.user_id}"] += 1


async def _expected() -> dict[tuple[str, str], datetime]:
    """这一年照校历该有的每一轮：(种类, 期) → 该看的时刻。"""
    calendar = (await calendars.load()).every()[-1]
    found = {}
    for n in range(13):
        for one in occasions(min(on(FIRST) + 31 * n * DAY, on(LAST + DAY)), calendar):
            if one.due_at >= on(FIRST):
                found[key(one, calendar.owner)] = one.due_at
    return found


async def test_a_year_ends_with_every_notice_accounted_for(year: Platform) -> None:
    await _live(year)
    rows = await Notice.all().order_by("id")
    assert len(rows) > 2000
    # 每一条都有下落；没送到的都说得出为什么
    states = Counter(row.state for row in rows)
    ended = {NoticeState.SENT, NoticeState.EXPIRED, NoticeState.UNKNOWN}
    assert ended <= set(states) <= ended | {NoticeState.FAILED}
    assert [row.id for row in rows if row.state is not NoticeState.SENT and not row.reason] == []
    # 恰好一次：(种类, 给谁, 哪一期) 各一行，说成的次数等于记为送到的行数
    assert max(Counter((row.kind, row.recipient, row.period) for row in rows).values()) == 1
    users = {row.person_id: row.user_id for row in await Account.all()}
    groups = {row.id: row.group_id for row in await Group.all()}
    recorded = Counter(
        f"u{users[row.person_id]}" if row.person_id else f"g{groups[row.group_id or 0]}"
        for row in rows
        if row.state is NoticeState.SENT
    )
    private = {who: count for who, count in year.said.items() if who.startswith("u")}
    assert private == {who: count for who, count in recorded.items() if who.startswith("u")}
    assert all(year.said[who] >= count for who, count in recorded.items())  # 群里另有叫人来取的话
    assert states[NoticeState.UNKNOWN] >= len(KILLED)
    assert year.quiet == []
    # 一个人一天至多一条
    per_day = Counter((row.recipient, local(row.created_at).date()) for row in rows if row.person_id)
    assert max(per_day.values()) == 1
    # 没有一条到了青年那里
    youths = {row.youth_id for row in await Contact.all()}
    assert not youths & {row.person_id for row in rows}
    await _every_round_was_looked_at()


async def _every_round_was_looked_at() -> None:
    """该有的每一轮都看过了，没看的说得出为什么。"""
    rounds = {(row.kind, row.period): row for row in await Round.all()}
    expected = await _expected()
    assert len(expected) > 100
    assert {one: due for one, due in expected.items() if one not in rounds} == {}
    reasons = {row.period: row.reason for row in rounds.values() if row.done_at is None}
    assert None not in reasons.values()
    assert {reason for reason in reasons.values() if reason} > {"考试周，不催"}
    assert rounds[MONTHLY, f"2026-08/20@u{_SCHOOL}"].reason == "到 08-28 09:30 都没能看，不补了"
