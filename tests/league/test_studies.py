"""年度课题：一人一年一个；走法表说了算；题目留着，说的话到期清空。"""

import asyncio
import itertools
from datetime import datetime, timedelta

import pytest

from bot.league import erasures, spans, studies
from bot.league.errors import Refusal
from bot.league.studies import ENDINGS, STEPS
from db.models import Cadre, Study, StudyAction, StudyEvent, StudyState
from tests.league import wish_town
from tests.league.wish_town import Town, who

SETTLED, UNDER_WAY, SUBMITTED, DROPPED = StudyState
SETTLE, RENAME, PROGRESS, SUBMIT, DROP = StudyAction

#: 另写一遍
ARROWS = """
- 定题 已定
已定 改题 已定
已定 进展 进行中
已定 结题 已提交
已定 放弃 已放弃
进行中 改题 进行中
进行中 进展 进行中
进行中 结题 已提交
进行中 放弃 已放弃
已提交 结题 已提交
已放弃 定题 已定
"""


@pytest.fixture
async def town(database: str) -> Town:
    return await wish_town.build()


async def act(action: StudyAction, text: str, at: datetime, by: int = 100) -> Study:
    return await studies.act(await who(by), action, text, at=at)


def test_the_table_is_what_was_meant_and_nothing_else() -> None:
    lines = [line.split() for line in ARROWS.split("\n") if line]
    assert {
        (None if start == "-" else StudyState(start), StudyAction(action)): StudyState(end)
        for start, action, end in lines
    } == STEPS


@pytest.mark.parametrize(("state", "action"), [*itertools.product((None, *StudyState), StudyAction)])
def test_every_arrow_is_walked_and_every_other_refused(state: StudyState | None, action: StudyAction) -> None:
    study = Study(title="青年想要什么", state=state) if state else None
    if (state, action) in STEPS:
        assert studies.check(study, action) is STEPS[state, action]
        return
    with pytest.raises(Refusal) as refusal:
        studies.check(study, action)
    assert refusal.value.sentence.startswith(
        {
            None: "今年还没定课题，先定一个，例如：/课题 ",
            SETTLED: "今年的课题已经定了：“青年想要什么”（已定），一年一个。换题目发 /课题 改 ",
            UNDER_WAY: "今年的课题已经定了：“青年想要什么”（进行中），一年一个。换题目发 /课题 改 ",
            SUBMITTED: "“青年想要什么”已经提交了。还要补交，例如：/课题 结题 ",
            DROPPED: "“青年想要什么”已经放弃了。另定一个，例如：/课题 ",
        }[state]
    )


async def test_a_topic_from_first_to_last_keeps_every_word_said(town: Town, at: datetime) -> None:
    await act(SETTLE, "青年为什么\n不来", at)
    await act(RENAME, "青年想要什么", at)
    await act(PROGRESS, "访谈了十位，电话13812345678", at)
    study = await act(SUBMIT, "https://example.com/1", at)
    assert (study.title, study.state, study.ended_at) == ("青年想要什么", SUBMITTED, at)
    [(_, events)] = await studies.mine(await who(100), at=at)
    assert [(event.action, event.note) for event in events] == [
        (SETTLE, None),
        (RENAME, "青年为什么 不来"),
        (PROGRESS, "访谈了十位，电话〔电话已隐去〕"),
        (SUBMIT, "https://example.com/1"),
    ]


async def test_words_are_needed_and_not_too_long(town: Town, at: datetime) -> None:
    for action, text, sentence in (
        (SETTLE, "", "题目写 40 个字以内，例如：/课题 青年为什么不来参加活动"),
        (SETTLE, "很" * 41, "题目写 40 个字以内"),
        (PROGRESS, "", "请写一句话，例如：/课题 进展 访谈了十位青年"),
        (SUBMIT, "话" * 201, "这句话有点长（201 字）"),
        (PROGRESS, "访谈", "今年还没定课题，先定一个"),
    ):
        with pytest.raises(Refusal) as refusal:
            await act(action, text, at)
        assert refusal.value.sentence.startswith(sentence)
    assert not await Study.exists()


async def test_one_topic_a_year_even_when_asked_twice_at_once(town: Town, at: datetime) -> None:
    results = await asyncio.gather(*(act(SETTLE, f"题目{n}", at) for n in range(2)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Refusal", "Study"]
    assert await Study.all().count() == 1


async def test_a_dropped_topic_makes_room_for_another_in_the_same_year(town: Town, at: datetime) -> None:
    await act(SETTLE, "旧题目", at)
    await act(DROP, "换了岗位", at)
    study = await act(SETTLE, "新题目", at)
    assert (study.title, study.state, study.ended_at) == ("新题目", SETTLED, None)
    assert await Study.all().count() == 1


async def test_last_years_topic_may_still_be_finished_in_the_new_year(town: Town, at: datetime) -> None:
    await act(SETTLE, "去年的", at)
    january = at.replace(year=2027, month=1, day=5)
    assert (await act(PROGRESS, "还在写", january)).year == 2026
    await act(SETTLE, "今年的", january)
    with_both = await studies.mine(await who(100), at=january)
    assert [study.title for study, _ in with_both] == ["今年的", "去年的"]
    assert (await act(SUBMIT, "链接", january)).title == "今年的"


async def test_the_admin_sees_who_settled_what_and_who_has_not(town: Town, at: datetime) -> None:
    await act(SETTLE, "去年的", at.replace(year=2025), by=101)
    await act(SETTLE, "青年想要什么", at)
    await act(SETTLE, "法律援助", at, by=102)
    await act(PROGRESS, "开题了", at, by=102)
    await Cadre.filter(person__accounts__user_id="103").update(left_at=at)
    span = spans.Span.of(town.school)
    found = await studies.in_span(span, 2026)
    assert [(name, unit, study.title if study else None) for name, unit, study in found.rows] == [
        ("张三", "软件学院团总支", "青年想要什么"),
        ("王五", "法学院团总支", "法律援助"),
        ("李四", "软件学院团总支", None),
    ]
    assert [found.count(state) for state in (SETTLED, UNDER_WAY, SUBMITTED, None)] == [1, 1, 0, 1]
    assert await studies.per_unit(span, 2026) == {town.software.path: {SETTLED: 1}, town.law.path: {UNDER_WAY: 1}}
    assert len((await studies.in_span(spans.Span.of(town.law), 2026)).rows) == 1


async def test_the_words_go_ninety_days_after_the_end_and_the_title_stays(town: Town, at: datetime) -> None:
    await act(SETTLE, "青年想要什么", at)
    await act(PROGRESS, "访谈", at)
    await act(SUBMIT, "链接", at)
    await studies.forget(at + timedelta(days=90) - timedelta(seconds=1))
    assert await StudyEvent.filter(note__isnull=False).count() == 2
    await studies.forget(at + timedelta(days=90))
    assert not await StudyEvent.filter(note__isnull=False).exists()
    assert (await Study.get()).title == "青年想要什么"
    assert {SUBMITTED, DROPPED} == ENDINGS


async def test_the_words_of_a_topic_never_finished_go_ninety_days_after_its_year(town: Town, at: datetime) -> None:
    await act(SETTLE, "青年想要什么", at)
    await act(PROGRESS, "访谈", at)
    new_year = at.replace(year=2027, month=1, day=1, hour=0)
    await studies.forget(new_year + timedelta(days=90) - timedelta(seconds=1))
    assert await StudyEvent.filter(note="访谈").exists()
    await studies.forget(new_year + timedelta(days=90))
    assert not await StudyEvent.filter(note="访谈").exists()


async def test_when_he_asks_to_be_forgotten_title_and_words_go(town: Town, at: datetime) -> None:
    await act(SETTLE, "青年想要什么", at)
    await act(PROGRESS, "访谈", at)
    await erasures.erase(town.zhang.person_id, at=at)
    assert ((await Study.get()).title, await StudyEvent.filter(note__isnull=False).count()) == ("", 0)
