"""提醒：谁、凭什么、哪一天，错过了怎么补。F21、F23 的规矩在这里，真进程的在 tests/gateway/test_clocks.py。"""

import time as clock
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from tortoise.connection import get_connection

from bot.league import notices, reminders
from bot.league.five_ones import Deed, FiveOnesNow, Item
from bot.league.five_ones_rules import NAMES, default_rule
from bot.league.formula import Grade
from bot.league.occasions import DIGEST, MONTHLY, QUARTER, Occasion
from bot.league.periods import Quarter, local, on
from bot.league.reminders import has_news, is_behind
from bot.league.standings import OpenVoice, OpenWish, SilentYouth, Standing
from db.models import (
    Activity,
    ActivityState,
    Cadre,
    Contact,
    ContactState,
    Interaction,
    Notice,
    Person,
    Round,
    Slot,
    Voice,
    VoiceKind,
    VoiceState,
    Wish,
    WishLane,
    WishState,
)
from plugins.reminders.jobs import post_reminders, tidy_notices
from tests import factories

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:]))


def standing(**facts: object) -> Standing:
    plain = {"cadre_id": 1, "person_id": 1, "quota": 100, "joined": 0, "reached": 0, "fives": fives(3, done=5)}
    return Standing(**(plain | facts))  # type: ignore[arg-type]


def fives(month: int = 0, *, done: int = 0, monthly: int = 3) -> FiveOnesNow:
    """本月办了 `month` 次，五件里做了 `done` 件。"""
    deed = Deed("A1", Slot.OTHER, Grade.L1, at("2026-10-08 10:00"))
    items = tuple(Item(name, deed if place < done else None) for place, name in enumerate(NAMES))
    return FiveOnesNow(Quarter(2026, 4), replace(default_rule(), monthly=monthly), items, month)


TWENTIETH = Occasion(MONTHLY, "2026-11/20", at("2026-11-20 09:30"), at("2026-11-27 09:30"))
CLOSING = Occasion(MONTHLY, "2026-11/27", at("2026-11-27 09:30"), at("2026-12-01 00:00"))


@pytest.mark.parametrize(
    ("month", "monthly", "joined", "on_20th", "at_the_end"),
    [
        (0, 3, 0, True, True),  # 一位青年也没加入，活动也一样该办
        (0, 3, 1, True, True),
        (1, 3, 1, True, True),
        (2, 3, 1, False, True),  # 过了三分之二，做了三分之二
        (3, 3, 1, False, False),
        (9, 3, 1, False, False),
        (0, 1, 1, True, True),  # 单位定得少，就按少的
        (1, 1, 1, False, False),
        (1, 2, 1, True, True),
    ],
)
def test_behind_is_short_of_the_activities_of_the_month(
    month: int, monthly: int, joined: int, on_20th: bool, at_the_end: bool
) -> None:
    who = standing(joined=joined, fives=fives(month, monthly=monthly))
    assert (is_behind(who, TWENTIETH), is_behind(who, CLOSING)) == (on_20th, at_the_end)


def test_no_quota_on_top_of_the_quota() -> None:
    """聊过几个、心愿拖没拖，都不算月度落后：心愿有自己的期限提醒，聊过几个文件没有按月定。"""
    overdue = (OpenWish(1, 9, overdue=True),)
    assert not is_behind(standing(joined=90, reached=0, fives=fives(3), claimed=overdue, waiting=overdue), CLOSING)


@pytest.mark.parametrize(
    ("facts", "news", "in_exams"),
    [
        ({"joined": 40}, False, False),
        ({"unclaimed": 1}, True, True),
        ({"voices": (OpenVoice(1, 0, overdue=False),)}, True, True),
        ({"silent": (SilentYouth("小王", None),)}, True, False),
        ({"joined": 1, "fives": fives(1, done=5)}, True, False),  # 23 日该有 2 次
        ({"joined": 1, "fives": fives(2, done=5)}, False, False),
        ({"joined": 1, "fives": fives(2, done=2)}, True, False),  # 54 天做了 2 件，季末大约 3 件
        ({"joined": 1, "fives": fives(2, done=3)}, False, False),
        ({"joined": 0, "fives": fives(0)}, False, False),
    ],
)
def test_digest_needs_something_to_say(facts: dict[str, object], news: bool, in_exams: bool) -> None:
    monday = at("2026-11-23 09:30")
    assert has_news(standing(**facts), at=monday) is news
    assert has_news(standing(**facts), at=monday, exams=True) is in_exams


@pytest.fixture
async def li(database: str) -> Cadre:
    """李老师，专职，三名青年，上个月底都聊过、做过一件事；这个月一个没聊过、一次活动没办。"""
    cadre = await factories.cadre(1, "李老师", await factories.school())
    for number in range(11, 14):
        youth = await factories.youth(number, cadre)
        await met(cadre, youth, date(2026, 10, 31))
    await factories.record(cadre, date(2026, 10, 31), Slot.LESSON)
    await look("2026-11-16 09:30")  # 季度过半的那条已经说过
    await Notice.all().delete()
    return cadre


async def look(moment: str) -> None:
    await post_reminders(at(moment))


async def met(cadre: Cadre, youth: Person, day: date, *, sessions: int = 1) -> None:
    await Interaction.create(cadre=cadre, youth=youth, day=day, cadre_messages=3, youth_messages=3, sessions=sessions)


async def wish(cadre: Cadre, submitted: datetime, **extra: object) -> Wish:
    fields: dict[str, object] = {"state": WishState.OPEN, "lane": WishLane.WALL, "digest": "x", "text": "想要一盏台灯"}
    return await Wish.create(cadre=cadre, unit_id=cadre.unit_id, submitted_at=submitted, **(fields | extra))


async def voice(cadre: Cadre, submitted: datetime, state: str, **extra: object) -> Voice:
    fields: dict[str, object] = {"kind": VoiceKind.HEART, "digest": "x", "text": "有点累"}
    states = {"received": VoiceState.RECEIVED, "answered": VoiceState.ANSWERED}
    fields |= {"state": states[state], "submitted_at": submitted} | extra
    return await Voice.create(cadre=cadre, unit_id=cadre.unit_id, **fields)


async def posted() -> list[tuple[str, str, int | None]]:
    return [(row.kind, row.period, row.person_id) for row in await Notice.all().order_by("id")]


async def test_monthly_text_says_what_is_missing(li: Cadre) -> None:
    await wish(li, at("2026-11-11 10:00"), state=WishState.CLAIMED, claimer=li, claimed_at=at("2026-11-12 10:00"))
    await post_reminders(at("2026-11-20 09:30"))
    [row] = await Notice.all()
    assert (row.kind, row.period, row.recipient) == (MONTHLY, "2026-11/20", f"p{li.person_id}")
    assert (local(row.due_at), local(row.expires_at)) == (at("2026-11-20 09:30"), at("2026-11-27 09:30"))
    assert row.text == (
        "11 月还有 11 天，活动办了 0/3 次，还差 3 次。办一场发 /活动 发起，做了没记的发 /记。\n"
        "· 加入的 3 位青年，这个月真正聊过 0 位。\n"
        "· 五个一 1/5；照过去 51 天的快慢，季末大约 1/5。"
        "还差 办一件实事、谈心谈话、志愿服务、文体活动，12月31日前做完就齐，还有 42 天。\n"
        "· 你认领的心愿：W1（7 天没有进展）。\n"
        "看全部：/进度、/雷达、/心愿墙"
    )


async def test_the_digest_names_only_what_he_can_act_on(li: Cadre) -> None:
    youths = await Contact.filter(cadre=li).order_by("id").prefetch_related("youth")
    await Person.filter(id=youths[0].youth_id).update(name="小王")
    await Interaction.filter(youth_id=youths[1].youth_id).delete()
    await met(li, youths[2].youth, date(2026, 11, 30))
    await wish(li, at("2026-12-04 10:00"))
    await wish(li, at("2026-12-01 10:00"), lane=WishLane.PRIVATE)
    other = await factories.cadre(2, "陈老师", await li.unit)
    await wish(other, at("2026-12-04 11:00"))
    await wish(li, at("2026-12-01 09:00"), lane=WishLane.CRISIS)  # 只到值守人
    await factories.youth(14, li, since=at("2026-11-20 09:00"))  # 刚加入，还不算久没聊
    await factories.record(li, date(2026, 12, 4), Slot.CULTURE)
    for day, state in (("03", "received"), ("06", "received"), ("02", "answered")):
        await voice(li, at(f"2026-12-{day} 09:00"), state)
    await post_reminders(at("2026-12-07 09:30"))
    row = await Notice.get(recipient=f"p{li.person_id}")
    assert (row.kind, row.period) == (DIGEST, "2026-W50")
    assert row.text == (
        "这周的几件事：\n"
        "· 加入的 4 位青年，这个月真正聊过 0 位。\n"
        "· 本月活动 1/3 次，还差 2 次，这个月还有 25 天。\n"
        "· 五个一 2/5；照过去 68 天的快慢，季末大约 2/5。"
        "还差 办一件实事、谈心谈话、志愿服务，12月31日前做完就齐，还有 25 天。\n"
        "· 等你回应的心愿：W2（5 天没人认领）、W1。\n"
        "· 本单位心愿墙上还有 1 件待认领。\n"
        "· 等你回的心声：V1（4 天没回）、V2，发 /回复 V1 话\n"
        "· 很久没聊的：QQ 尾号12（还没聊过）、小王（37 天）。\n"
        "看全部：/进度、/雷达、/心愿墙"
    )


async def test_the_digest_carries_one_line_of_a_newcomers_next_step(li: Cadre) -> None:
    newcomer = await factories.cadre(2, "陈老师", await li.unit)
    await Cadre.filter(id=newcomer.id).update(since=at("2026-11-30 09:00"))
    for cadre in (li, newcomer):
        await wish(cadre, at("2026-12-04 10:00"))
    await post_reminders(at("2026-12-07 09:30"))
    told = {row.person_id: row.text for row in await Notice.filter(kind=DIGEST)}
    line = "· 上手下一步：把我请进青年群，绑定它，在群里发 /绑定本群。走到哪了发 /上手\n看全部：/进度、/雷达、/心愿墙"
    assert told[newcomer.person_id].endswith(line)
    assert "上手" not in told[li.person_id], "上任过了一季"


async def test_only_those_behind_are_reminded(li: Cadre) -> None:
    fine = await factories.cadre(2, "陈老师", await li.unit)
    for number in range(21, 24):
        await met(fine, await factories.youth(number, fine), date(2026, 11, 2))
        await factories.record(fine, date(2026, 11, 2))
    lonely = await factories.cadre(3, "孙老师", await li.unit)
    gone = await factories.cadre(4, "周老师", await li.unit)
    await factories.youth(41, gone)
    await Cadre.filter(id=gone.id).update(left_at=at("2026-11-01 09:00"))
    await post_reminders(at("2026-11-20 09:30"))
    behind = [li.person_id, lonely.person_id]  # 一位青年也没有的，活动也一样该办
    assert await posted() == [(MONTHLY, "2026-11/20", person) for person in behind]


async def test_only_this_months_activities_that_took_place_count(li: Cadre) -> None:
    for day in (date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 30)):
        await factories.record(li, day)
    voided = await factories.record(li, date(2026, 11, 3))
    await Activity.filter(id=voided.id).update(state=ActivityState.VOIDED)
    await post_reminders(at("2026-11-20 09:30"))
    [row] = await Notice.all()
    assert "活动办了 1/3 次，还差 2 次" in (row.text or "")


async def test_those_who_left_do_not_count_as_joined(li: Cadre) -> None:
    await Contact.filter(cadre=li).update(state=ContactState.ENDED)
    await post_reminders(at("2026-11-20 09:30"))
    [row] = await Notice.all()
    assert "还没有青年加入：在青年群里发 /绑定本群，请大家自己发 /加入。" in (row.text or "")


async def test_nobody_but_cadres_is_ever_reminded(li: Cadre) -> None:
    """不为谁的指标提醒青年：一整个季度每天都看，全部提醒都只给在任团干部。"""
    await factories.admin(9, "组织部", await li.unit)
    moment = at("2026-10-01 09:30")
    while moment < at("2027-01-01 00:00"):
        await post_reminders(moment)
        moment += timedelta(days=1)
    cadres = {cadre.person_id for cadre in await Cadre.all()}
    rows = await Notice.all()
    assert {row.kind for row in rows} == {MONTHLY, DIGEST, QUARTER}
    assert {row.person_id for row in rows} <= cadres
    assert all(row.group_id is None for row in rows)
    youths = {contact.youth_id for contact in await Contact.all()}
    assert not youths & {row.person_id for row in rows}


async def test_each_reminder_is_posted_once_however_often_one_looks(li: Cadre) -> None:
    moment = at("2026-11-20 09:30")
    for _ in range(200):
        await post_reminders(moment)
        moment += MINUTE
    assert await posted() == [(MONTHLY, "2026-11/20", li.person_id)]
    await post_reminders(at("2026-11-27 09:30"))
    assert await posted() == [(MONTHLY, "2026-11/20", li.person_id), (MONTHLY, "2026-11/27", li.person_id)]


async def test_a_tick_cut_off_before_marking_leaves_no_second_reminder(li: Cadre) -> None:
    moment = at("2026-11-20 09:30")
    for late in (moment, moment + MINUTE):  # 放进队列后断掉，没来得及记“看过了”
        for reminder in await reminders.due(late):
            await notices.post(
                reminder.kind,
                period=reminder.period,
                text="…",
                at=late,
                person_id=reminder.person_id,
            )
    assert len(await posted()) == 1
    assert not await Round.filter(period="2026-11/20").exists()
    await post_reminders(moment + 2 * MINUTE)
    assert len(await posted()) == 1


async def test_falling_behind_after_the_look_waits_for_the_next_one(li: Cadre) -> None:
    done = [await factories.record(li, date(2026, 11, 3)) for _ in range(2)]
    await post_reminders(at("2026-11-20 09:30"))
    await Activity.filter(id=done[0].id).delete()
    await post_reminders(at("2026-11-21 09:30"))
    await post_reminders(at("2026-11-24 09:30"))
    assert [period for kind, period, _ in await posted() if kind == MONTHLY] == []
    await post_reminders(at("2026-11-27 09:30"))
    assert [period for kind, period, _ in await posted() if kind == MONTHLY] == ["2026-11/27"]


async def test_nothing_before_the_hour(li: Cadre) -> None:
    await post_reminders(at("2026-11-20 09:29"))
    assert await posted() == []


async def test_saturday_the_20th_moves_to_monday_and_replaces_that_days_digest(li: Cadre) -> None:
    await wish(li, at("2026-06-19 10:00"))
    await factories.record(li, date(2026, 5, 6))
    await Cadre.all().update(since=at("2026-01-01 09:00"))
    for day in ("2026-06-20", "2026-06-21"):
        await post_reminders(at(f"{day} 09:30"))
    assert await posted() == []
    await post_reminders(at("2026-06-22 09:30"))
    assert await posted() == [(MONTHLY, "2026-06/20", li.person_id)]
    await post_reminders(at("2026-06-22 12:00"))
    assert len(await posted()) == 1


async def test_late_by_a_minute_or_a_day_is_caught_up_once(li: Cadre) -> None:
    await post_reminders(at("2026-11-20 09:31"))
    assert await posted() == [(MONTHLY, "2026-11/20", li.person_id)]
    await Notice.all().delete()
    await Round.all().delete()
    await post_reminders(at("2026-11-20 22:30"))  # 夜里回来：不打扰
    await post_reminders(at("2026-11-21 10:00"))  # 周六：不打扰
    assert await posted() == []
    await post_reminders(at("2026-11-23 09:30"))
    assert (MONTHLY, "2026-11/20", li.person_id) in await posted()


async def test_both_monthly_reminders_missed_means_one_message(li: Cadre) -> None:
    await post_reminders(at("2026-11-19 09:30"))
    await post_reminders(at("2026-11-30 10:00"))
    assert [row for row in await posted() if row[0] == MONTHLY] == [(MONTHLY, "2026-11/27", li.person_id)]


async def test_forty_days_away_drops_what_is_stale_and_keeps_the_reason(li: Cadre) -> None:
    await post_reminders(at("2026-11-19 09:30"))
    await post_reminders(at("2026-11-20 09:30"))
    await Notice.all().delete()
    await post_reminders(at("2026-12-30 10:00"))
    assert [row for row in await posted() if row[0] == MONTHLY] == [(MONTHLY, "2026-12/28", li.person_id)]
    missed = {row.period: row.reason for row in await Round.filter(done_at=None)}
    assert missed["2026-11/27"] == "到 12-01 00:00 都没能看，不补了"
    assert missed["2026-12/20"] == "到 12-28 09:30 都没能看，不补了"
    assert missed["2026-W49"] == "到 12-01 22:00 都没能看，不补了"
    assert "2026-11/20" not in missed


async def test_a_fresh_installation_misses_nothing(li: Cadre) -> None:
    await post_reminders(at("2026-11-18 14:00"))
    assert not await Round.filter(done_at=None).exists()


async def test_a_cadre_appointed_after_the_day_is_not_reminded_of_it(li: Cadre) -> None:
    await Cadre.all().update(since=at("2026-11-21 09:00"))
    await post_reminders(at("2026-11-23 09:30"))
    assert [row for row in await posted() if row[0] == MONTHLY] == []


async def test_clock_jumping_about_makes_no_second_reminder_and_loses_none(li: Cadre) -> None:
    for moment in (
        "2026-11-20 09:30",
        "2026-11-20 08:30",  # 拨回一小时
        "2026-11-20 09:31",
        "2026-11-20 10:31",  # 拨快一小时
        "2026-12-30 09:30",  # 拨快四十天
        "2026-11-20 09:32",  # 又拨回来
        "2026-11-27 09:30",
        "2026-11-30 23:59",
        "2026-12-01 00:00",
        "2026-12-21 09:30",
        "2026-12-28 09:30",
        "2026-12-30 09:30",
    ):
        await post_reminders(at(moment))
    assert sorted(row[1] for row in await posted() if row[0] == MONTHLY) == [
        "2026-11/20",
        "2026-11/27",
        "2026-12/20",
        "2026-12/28",
    ]


async def test_each_stage_of_the_quarter_survives_a_minute_a_day_and_forty_days(li: Cadre) -> None:
    """T-14 迟一分钟、迟一天都补；T-3 整个错过了，下一季只说下一季的。"""
    await look("2026-12-16 09:30")
    await Notice.all().delete()
    for moment in ("2026-12-17 09:31", "2026-12-17 09:31", "2026-12-18 09:30"):
        await look(moment)
    await look("2027-01-26 09:30")  # 四十天没开机
    await look("2027-01-26 10:30")
    assert [(kind, period) for kind, period, _ in await posted() if kind == QUARTER] == [(QUARTER, "2026Q4/T-14")]
    missed = await Round.get(kind=QUARTER, period="2026Q4/T-3")
    assert (missed.done_at, missed.reason) == (None, "到 01-01 00:00 都没能看，不补了")
    assert (await Round.get(period="2027Q1/start")).reason == "到 01-15 00:00 都没能看，不补了"


async def test_the_clock_jumping_on_the_last_night_of_the_year(li: Cadre) -> None:
    """月底、季末、年底同一夜：NTP 把钟拨来拨去，一轮也不多、一轮也不少，说的都是该说的那一季。"""
    for moment in (
        "2026-12-28 09:30",
        "2026-12-31 23:59",
        "2027-01-01 00:00",
        "2026-12-31 22:59",  # 拨回一小时
        "2027-01-04 09:30",
        "2026-12-31 23:59",
        "2027-01-04 10:30",
        "2027-02-13 10:30",  # 拨快四十天
        "2027-01-04 10:31",
    ):
        await look(moment)
    found = [(kind, period) for kind, period, _ in await posted() if kind == QUARTER or "/" in period]
    assert sorted(found) == [(MONTHLY, "2026-12/28"), (QUARTER, "2027Q1/start")]


async def test_a_container_whose_zone_is_utc_reminds_at_the_same_moments(
    li: Cadre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    clock.tzset()
    try:
        await post_reminders(datetime(2026, 11, 20, 1, 29, tzinfo=UTC))
        assert await posted() == []
        await post_reminders(datetime(2026, 11, 20, 1, 30, tzinfo=UTC))  # 北京 9:30
        [row] = await Notice.all()
        assert (row.kind, row.period) == (MONTHLY, "2026-11/20")
        assert (row.text or "").startswith("11 月还有 11 天")
        await post_reminders(datetime(2026, 11, 30, 16, 0, tzinfo=UTC))  # 北京已是 12 月 1 日零点
        assert len(await posted()) == 1
    finally:
        monkeypatch.undo()
        clock.tzset()


async def test_a_reminder_not_delivered_in_its_window_expires_with_the_reason(li: Cadre) -> None:
    await post_reminders(at("2026-11-20 09:30"))
    await tidy_notices(at("2026-11-27 09:29"))
    assert await Notice.exists(state="due")
    await tidy_notices(at("2026-11-27 09:30"))
    [row] = await Notice.all()
    assert (row.state, row.reason) == ("expired", "机器人不在线")


async def test_no_query_per_cadre(li: Cadre, monkeypatch: pytest.MonkeyPatch) -> None:
    """人多一百倍，查询条数不变。"""
    counts = []
    for more in (0, 30):
        for number in range(more):
            await factories.youth(f"9{number}", await factories.cadre(f"8{number}", "某某", await li.unit))
        counter = _count_queries(monkeypatch)
        assert len(await reminders.due(at("2026-11-20 09:30"))) == 1 + more
        counts.append(len(counter))
        monkeypatch.undo()
    assert 0 < counts[0] == counts[1] <= 24


def _count_queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    client = get_connection("default")
    ran: list[str] = []
    for name in ("execute_query", "execute_query_dict"):
        original = getattr(client, name)

        async def run(query: str, *args: object, _original=original, **kwargs: object):
            ran.append(query)
            return await _original(query, *args, **kwargs)

        monkeypatch.setattr(client, name, run)
    return ran
