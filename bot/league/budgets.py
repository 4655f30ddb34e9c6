"""打扰的分寸，只在领取通知时把关：每周的名额，考试周，提醒只在工作日、只给在任的人。

名额（产品说明第 8 节）不管是几位团干部要找：一个人一周至多被主动找一次，一个群一周至多推送两次。
哪些种类占名额见 `kinds`；占了的记在 `Notice.spent_at`，没说成的退回来。排不上的等着，过了时候作废并留下原因。
本人自己来取（`/待办`）不算打扰，不看也不占名额。
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from tortoise.queryset import QuerySet

from bot.league import calendars, kinds
from bot.league.kinds import Who, Why
from bot.league.periods import MORNING, Calendar, local, may_remind, next_working_day, on
from db import sql
from db.models import Cadre, Contact, ContactState, Group, GroupKind, Notice, NoticeState, Person, Role

#: 产品说明第 8 节
PERSON_A_WEEK, GROUP_A_WEEK = 1, 2
#: 从上一次算起满七天，不是周一清零：周日、周一连着找也是打扰
WEEK = timedelta(days=7)

SPENT = "一周的名额用完了，没再打扰"
LEFT_OFFICE = "不在任了，不用提醒"
NOT_WORK = "不是工作群，不往这里提醒"
EXAMS = "考试周里没打扰"
DAY_OFF = "不是工作时候，没打扰"
RENEWED = "有了更新的一条，旧的不说了"
BY_HAND = "人工放回来，再送一次"

_BUDGETED = (Why.QUESTION, Why.PUSH)
#: 季报的提醒
_REPORT = "reminder.report"
#: 说的是同样的事的提醒：后一条里前一条的都有
_ALIKE = (("reminder.digest", "reminder.monthly", "reminder.quarter"), (_REPORT,))
_ONCE = "/start"


def has_room(notice: str, week_ago: str) -> str:
    """查询里的条件：`notice`（表的别名）不占名额，或名额还有。`week_ago` 是参数的写法。"""
    budgeted = sql.words(kinds.because(*_BUDGETED))
    return f"""({notice}.kind NOT IN ({budgeted}) OR (
        SELECT count(*) FROM notice spent
        WHERE spent.kind IN ({budgeted}) AND spent.recipient = {notice}.recipient AND spent.spent_at > {week_ago}
    ) < CASE WHEN {notice}.group_id IS NULL THEN {PERSON_A_WEEK} ELSE {GROUP_A_WEEK} END)"""


def is_owed(notice: str) -> str:
    """查询里的条件：不是职责提醒，或收的人在任、收的群是工作群。"""
    return f"""({notice}.kind NOT IN ({sql.words(kinds.because(Why.REMINDER))})
        OR EXISTS (SELECT 1 FROM chat_group w WHERE w.id = {notice}.group_id AND w.kind = '{GroupKind.WORK}')
        OR EXISTS (SELECT 1 FROM cadre o WHERE o.person_id = {notice}.person_id AND o.left_at IS NULL)
        OR EXISTS (SELECT 1 FROM role o WHERE o.person_id = {notice}.person_id))"""


async def spend(notice: Notice, *, at: datetime) -> bool:
    """占一个名额（`spent_at` 由领取一并写下）；刚被别处占满就 `False`。要在领取的事务里调用。

    锁住收的人再数一遍：两个进程同时领到给同一个人的两条，也只有一条走得下去。
    """
    if notice.kind in kinds.because(Why.REMINDER) and notice.reason != BY_HAND:
        if await drop_renewed(notice):
            return False
        calendar = (await calendars.load()).of(await _office_of(notice))
        if not may_remind(at, calendar):
            await Notice.filter(id=notice.id).update(due_at=_next_morning(at, calendar), reason=DAY_OFF)
            return False
    if notice.kind not in kinds.because(*_BUDGETED):
        return True
    if until := await _exams_end(notice, at):
        await Notice.filter(id=notice.id).update(due_at=until, reason=EXAMS)
        return False
    if notice.person_id:
        await Person.filter(id=notice.person_id).select_for_update(no_key=True).first()
    else:
        await Group.filter(id=notice.group_id).select_for_update(no_key=True).first()
    spent = await _recent(at).filter(recipient=notice.recipient).count()
    if spent >= _limit(to_person=notice.person_id is not None):
        return False
    notice.spent_at = at
    return True


async def without_room(people: Collection[int], *, at: datetime) -> set[int]:
    """这些人（`Person.id`）里，这一周已经找过、先别再问的。"""
    found = await _recent(at).filter(person_id__in=people).values_list("person_id", flat=True)
    return {int(str(person_id)) for person_id in found}


async def stop_asking(youths: Collection[int]) -> None:
    """这几位退出了：问青年的话，没说出口的收回。"""
    asking = [kind.name for kind in kinds.KINDS.values() if kind.why is Why.QUESTION and Who.YOUTH in kind.to]
    waiting = Notice.filter(kind__in=asking, person_id__in=youths, state__in=(NoticeState.DUE, NoticeState.RIDING))
    await waiting.delete()


async def full(recipients: Collection[str], *, at: datetime) -> set[str]:
    """这些收的人与群（`Notice.recipient`）里，这一周名额用完了的。"""
    used = Counter(await _recent(at).filter(recipient__in=recipients).values_list("recipient", flat=True))
    return {str(one) for one, times in used.items() if times >= _limit(to_person=str(one).startswith("p"))}


def _limit(*, to_person: bool) -> int:
    return PERSON_A_WEEK if to_person else GROUP_A_WEEK


async def _exams_end(notice: Notice, at: datetime) -> datetime | None:
    """收的青年、青年群正在考试周里：到考完的早上再说。"""
    if not kinds.KINDS[notice.kind].to & {Who.YOUTH, Who.GROUP}:
        return None
    known = await calendars.load()
    if known.marked and (calendar := known.of(await _unit_of(notice))).exams:
        day = local(at).date()
        while day in calendar.exams:
            day += timedelta(days=1)
        return on(day, MORNING) if day > local(at).date() else None
    return None


async def drop_renewed(notice: Notice) -> bool:
    """同一个人有了更新的一条提醒，这一条没说到就作废：里面的新的都有。季初的五件事、通报起草只说一次，不让。"""
    kinds_alike = next((alike for alike in _ALIKE if notice.kind in alike), ())
    if not kinds_alike or notice.period.endswith(_ONCE) or notice.reason == BY_HAND:
        return False
    rows = Notice.filter(kind__in=kinds_alike, recipient=notice.recipient, created_at__gt=notice.created_at)
    if notice.kind == _REPORT:  # 一人管几个单位的，各说各的
        rows = rows.filter(period__endswith=notice.period.rpartition("/")[2])
    newer = rows.exclude(period__endswith=_ONCE).exclude(state__in=[NoticeState.EXPIRED, NoticeState.FAILED])
    if not await newer.exists():
        return False
    return bool(await Notice.filter(id=notice.id, state=notice.state).update(state=NoticeState.EXPIRED, reason=RENEWED))


def _next_morning(at: datetime, calendar: Calendar) -> datetime:
    """下一次可以说提醒的时刻：工作日 9:30。"""
    today = local(at).date()
    morning = on(next_working_day(today, calendar), MORNING)
    return morning if morning > at else on(next_working_day(today + timedelta(days=1), calendar), MORNING)


async def _office_of(notice: Notice) -> int | None:
    """收提醒的在哪个单位：群看群的；人看任职的单位，不是团干部的看管的单位。"""
    if notice.group_id:
        return (await Group.get(id=notice.group_id)).unit_id
    cadre = await Cadre.get_or_none(person_id=notice.person_id, left_at=None)
    post = cadre or await Role.filter(person_id=notice.person_id).order_by("id").first()
    return post.unit_id if post else None


async def _unit_of(notice: Notice) -> int | None:
    """青年看他联系团干部的单位；群看群的。"""
    if notice.group_id:
        return (await Group.get(id=notice.group_id)).unit_id
    contact = Contact.filter(youth_id=notice.person_id, state=ContactState.ACTIVE).order_by("id").first()
    found = await contact.select_related("cadre")
    return found.cadre.unit_id if found else None


def _recent(at: datetime) -> QuerySet[Notice]:
    return Notice.filter(kind__in=kinds.because(*_BUDGETED), spent_at__gt=at - WEEK)


async def drop(at: datetime) -> None:
    """没排上名额、过了时候的作废；收的人离了任的提醒不等过时，马上作废。"""
    expire = f"UPDATE notice SET state = '{NoticeState.EXPIRED}', reason ="
    waiting = f"state IN ('{NoticeState.DUE}', '{NoticeState.RIDING}') AND NOT {is_owed('notice')}"
    await sql.execute(
        f"{expire} '{SPENT}' WHERE state = '{NoticeState.DUE}' AND reason IS NULL AND expires_at <= $1"
        f" AND NOT {has_room('notice', '$2')}",
        at,
        at - WEEK,
    )
    await sql.execute(f"{expire} '{LEFT_OFFICE}' WHERE person_id IS NOT NULL AND {waiting}")
    await sql.execute(f"{expire} '{NOT_WORK}' WHERE group_id IS NOT NULL AND {waiting}")
