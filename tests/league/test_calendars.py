"""校历：谁能定、定了算到哪里、工作日的地方都照它；看不懂、没有用的都说清楚。"""

from datetime import date, datetime, time

import pytest

from bot.league import calendar_marks, calendars, roster, voices, wish_deadlines
from bot.league.calendar_marks import add, ahead, read, removal, remove
from bot.league.errors import Refusal
from bot.league.periods import NATIONAL, add_working_days, on
from bot.league.scored_wishes import wish_facts
from bot.league.standings import survey
from db.models import Audit, CalendarMark, MarkKind, Notice, Scope, Unit, UnitKind, VoiceKind, Wish, WishLane, WishState
from tests import factories

OFF, WORKING, EXAMS = MarkKind.OFF, MarkKind.WORKING, MarkKind.EXAMS


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:]))


NOW = at("2026-11-18 14:00")


@pytest.mark.parametrize(
    ("text", "kind", "first", "last", "unit"),
    [
        ("10-01~10-07 放假", OFF, "2027-10-01", "2027-10-07", None),
        ("放假 12-01~12-03", OFF, "2026-12-01", "2026-12-03", None),
        ("11-28 上班", WORKING, "2026-11-28", "2026-11-28", None),
        ("11月28日调休上班", WORKING, "2026-11-28", "2026-11-28", None),
        ("01-05~01-16 考试周", EXAMS, "2027-01-05", "2027-01-16", None),
        ("1月5日到1月16日 期末考试", EXAMS, "2027-01-05", "2027-01-16", None),
        ("明天到周五 放假 示例大学团委", OFF, "2026-11-19", "2026-11-20", "示例大学团委"),
        ("示例大学团委 2026-12-20 ~ 2026-12-25 考试", EXAMS, "2026-12-20", "2026-12-25", "示例大学团委"),
        ("3天 放假", OFF, "2026-11-18", "2026-11-20", None),
        ("２０２６年１２月１日 休息", OFF, "2026-12-01", "2026-12-01", None),
    ],
)
def test_it_is_read_as_people_write_it(text: str, kind: MarkKind, first: str, last: str, unit: str | None) -> None:
    order = read(text, at=NOW)
    assert (order.kind, order.first, order.last) == (kind, date.fromisoformat(first), date.fromisoformat(last))
    assert order.unit_name == unit


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10-01~10-07", "这几天怎么算？后面写 放假、上班 或 考试周，例如：/校历 10-01~10-07 放假"),
        ("放假", "哪几天？例如：/校历 10-01~10-07 放假，也可以写 明天到周五、3天。"),
        ("10-01 放假 上班", "这几天怎么算？后面写 放假、上班 或 考试周，例如：/校历 10-01~10-07 放假"),
        ("13-40 放假", "没有“13-40”这一天，再看看日期？"),
        ("2026-12-07~2026-12-01 放假", "结束的日子在开始前面了，再看看？例如：/校历 10-01~10-07 放假"),
        ("12-01 放假 甲学院 乙学院", "没看懂“甲学院”和“乙学院”，单位只写一个。例如：/校历 10-01~10-07 放假"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(text, at=NOW)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(("text", "number"), [("删 3", 3), ("删除第3条", 3), ("取消 12", 12), ("12-01 放假", None)])
def test_removing_names_a_number(text: str, number: int | None) -> None:
    assert removal(text) == number


def test_removing_without_a_number_is_asked_back() -> None:
    with pytest.raises(Refusal, match="删哪一条？发 /校历 看编号"):
        removal("删 十月一号那条")


@pytest.fixture
async def school(database: str) -> Unit:
    """示例大学团委，管理员是 9；下面一个团总支，管理员是 8。"""
    school = await factories.school()
    await factories.admin(9, "组织部", school)
    await factories.admin(8, "总支书记", await factories.branch("甲学院团总支", school))
    return school


async def who(user: int) -> roster.Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def mark(text: str, *, user: int = 9, moment: datetime = NOW) -> CalendarMark:
    return await add(await who(user), read(text, at=moment), at=moment)


async def test_units_below_inherit_and_units_beside_do_not(school: Unit) -> None:
    branch = await Unit.get(name="甲学院团总支")
    other = await roster.add_unit("另一所示例大学团委", UnitKind.SCHOOL)
    await mark("11-23~11-25 放假")
    book = await calendars.load()
    for unit, working in ((school, False), (branch, False), (other, True)):
        assert book.of(unit.id).is_working(date(2026, 11, 24)) is working
    assert book.of(other.id) is book.of(None) is NATIONAL
    assert book.of(branch.id) is book.of(school.id)
    newer = await factories.branch("乙学院团总支", school)  # 后来才建的也照走
    assert not (await calendars.load()).of(newer.id).is_working(date(2026, 11, 24))


async def test_the_nearer_and_the_later_win(school: Unit) -> None:
    above = await roster.add_unit("示例省团委", UnitKind.PROVINCE)
    await factories.admin(7, "省里", above)
    below = await roster.add_unit("第三示例大学团委", UnitKind.SCHOOL, above)
    await mark("11-23~11-25 放假", user=7)
    await mark("11-24 上班 第三示例大学团委", user=7)
    calendar = (await calendars.load()).of(below.id)
    assert [calendar.is_working(date(2026, 11, day)) for day in (23, 24, 25)] == [False, True, False]
    assert not (await calendars.load()).of(above.id).is_working(date(2026, 11, 24))
    await mark("11-24 放假 第三示例大学团委", user=7)
    assert not (await calendars.load()).of(below.id).is_working(date(2026, 11, 24))


async def test_exam_weeks_are_working_days_but_known(school: Unit) -> None:
    await mark("01-05~01-16 考试周")
    book = await calendars.load()
    calendar = book.of(school.id)
    assert calendar.is_working(date(2027, 1, 5))
    assert (min(calendar.exams), max(calendar.exams)) == (date(2027, 1, 5), date(2027, 1, 16))
    assert not book.of(None).exams


@pytest.mark.parametrize(
    ("user", "text", "sentence"),
    [
        (8, "11-23 放假", "校历由校级以上定，甲学院团总支照上级的走。要改请找上级管理员。"),
        (8, "11-23 放假 示例大学团委", "你管不到示例大学团委，请那边或上级的管理员来定。"),
        (5, "11-23 放假", "校历由校级以上的管理员来定。看已经定了哪些，发 /校历"),
        (9, "11-23 放假 国庆", "没有叫“国庆”的单位。单位要写名册里的全名。"),
        (9, "2026-10-01~2026-10-07 放假", "这几天已经过去了，算过的期限不改。只能定今天和以后的。"),
        (9, "2026-11-21 放假", "这天本来就休息，不用另记。"),
        (9, "11-19~11-20 上班", "这几天本来就上班，不用另记。"),
        (9, "12-01~02-28 放假", "一段至多 62 天，再长的分几段写。例如：/校历 10-01~10-07 放假"),
        (9, "2028-01-01~2028-01-05 放假", "2028-01-05 太远了，只能定到一年以后，看看年份对不对？"),
    ],
)
async def test_refusals_leave_nothing_behind(school: Unit, user: int, text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        await mark(text, user=user)
    assert refused.value.sentence == sentence
    assert not await CalendarMark.exists()
    assert not await Audit.exists()


async def test_the_past_never_changes(school: Unit) -> None:
    begun = await mark("2026-11-16~2026-11-20 放假")
    assert (begun.first_day, begun.last_day) == (date(2026, 11, 18), date(2026, 11, 20))  # 从今天算起
    admin = await who(9)
    with pytest.raises(Refusal, match="第 1 条已经过去了"):
        await remove(admin, begun.id, at=at("2026-11-21 09:00"))
    kept = await remove(admin, begun.id, at=at("2026-11-20 09:00"))
    assert (kept.last_day, kept.cancelled_at) == (date(2026, 11, 19), None)  # 过了的两天留着
    later = await mark("12-01~12-02 放假")
    await remove(admin, later.id, at=NOW)
    assert (await calendars.load()).of(school.id).is_working(date(2026, 12, 1))
    assert [row.id for row in await ahead(admin, at=NOW)] == [begun.id]
    with pytest.raises(Refusal, match="没找到第 2 条"):
        await remove(admin, later.id, at=NOW)
    with pytest.raises(Refusal, match="没找到第 1 条"):
        await remove(await who(8), begun.id, at=NOW)
    details = [(row.action, row.detail) for row in await Audit.all().order_by("id")]
    assert details == [
        ("calendar.add", "第 1 条 2026-11-18~2026-11-20 放假"),
        ("calendar.remove", "第 1 条 2026-11-18~2026-11-19 放假"),
        ("calendar.add", "第 2 条 2026-12-01~2026-12-02 放假"),
        ("calendar.remove", "第 2 条 2026-12-01~2026-12-02 放假"),
    ]


async def test_who_sees_what_is_ahead(school: Unit) -> None:
    await mark("12-01 放假")
    other = await roster.add_unit("另一所示例大学团委", UnitKind.SCHOOL)
    await factories.cadre(3, "别处", other)
    await factories.cadre(4, "本校", await Unit.get(name="甲学院团总支"))
    assert [len(await ahead(await who(user), at=NOW)) for user in (9, 8, 4, 3)] == [1, 1, 1, 0]
    with pytest.raises(Refusal, match="校历是给团干部和管理员看的"):
        await ahead(await who(77), at=NOW)


async def test_two_working_days_of_a_wish_follow_the_units_calendar(school: Unit) -> None:
    cadre = await factories.cadre(1, "李老师", await Unit.get(name="甲学院团总支"))
    await mark("11-19~11-20 放假")
    wish = await Wish.create(
        cadre=cadre,
        unit_id=cadre.unit_id,
        submitted_at=NOW,
        state=WishState.OPEN,
        lane=WishLane.WALL,
        digest="x",
        text="想要一盏台灯",
    )
    calendar = (await calendars.load()).of(cadre.unit_id)
    assert add_working_days(NOW, 2, calendar) == at("2026-11-24 14:00")
    for moment, overdue in (("2026-11-20 14:00", False), ("2026-11-24 13:59", False), ("2026-11-24 14:00", True)):
        [standing] = await survey(at(moment))
        assert standing.waiting[0].overdue is overdue
        await wish_deadlines.keep(at(moment))
        assert await Notice.filter(kind="wish.escalated").exists() is overdue
    wish.answered_at = at("2026-11-24 13:00")
    facts = [wish_facts(wish, its, until=at("2026-12-01 00:00")) for its in (calendar, NATIONAL)]
    assert [one.in_time for one in facts if one] == [1, 0]


async def test_a_voices_deadline_follows_it_too(school: Unit) -> None:
    cadre = await factories.cadre(1, "李老师", await Unit.get(name="甲学院团总支"))
    await factories.youth(20, cadre)
    await mark("11-19~11-20 放假")
    heard = await voices.submit(await who(20), VoiceKind.HEART, "最近有点累，想找人聊聊", at=NOW)
    assert isinstance(heard, voices.Heard)
    assert heard.voice.due_at == at("2026-11-24 14:00")


async def test_it_is_read_again_only_when_something_changed(school: Unit) -> None:
    assert await calendars.load() is await calendars.load()
    await mark("12-01 放假")
    first = await calendars.load()
    assert await calendars.load() is first
    await CalendarMark.all().update(last_day=date(2026, 12, 3))  # 别的进程改的
    assert not (await calendars.load()).of(school.id).is_working(date(2026, 12, 3))


def test_the_longest_a_stretch_may_be_is_a_summer() -> None:
    assert calendar_marks.DAYS_MAX == 62
