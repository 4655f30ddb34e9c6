"""案：先说明、后裁定，裁定了才算数；裁定的得是别的单位的督导。"""

from datetime import datetime, timedelta

import pytest

from bot.league import (
    accounts,
    check_cases,
    check_rounds,
    erasures,
    exports,
    formula,
    record_answers,
    record_lines,
    records,
    scores,
)
from bot.league.errors import Refusal
from bot.league.formula import Grade
from bot.league.periods import Quarter
from db.models import (
    Activity,
    ActivityState,
    CheckAnswer,
    CheckKind,
    CheckState,
    EvidenceGrade,
    Notice,
    Participation,
    PartState,
    Role,
    Score,
    SpotCheck,
    Wish,
    WishEnding,
)
from tests import factories
from tests.league import activity_town, check_town, wish_town
from tests.league.check_town import Q4, asked, case, finish, start
from tests.league.wish_town import Town, told, who


@pytest.fixture
async def town(database: str, at: datetime) -> Town:
    return await check_town.build(at=at)


async def ruled(row: SpotCheck, *, upheld: bool, at: datetime) -> SpotCheck:
    """张三说明了，校里的督导裁定。"""
    await check_cases.explain(await who(100), row.id, "那天在图书馆，他也许忘了", at=at)
    return await check_cases.rule(await who(120), row.id, upheld=upheld, reason="问过在场的人", at=at)


async def integrity(town: Town, *, at: datetime) -> float:
    await scores.recompute(Q4, at=at)
    return (await Score.get(cadre=town.zhang)).integrity


# --- 站得住的 ---


async def test_what_the_youth_agrees_to_becomes_l3(town: Town, at: datetime) -> None:
    await start(town, at=at)
    rows = await finish(at=at)
    assert {row.state for row in rows} == {CheckState.HELD}
    grades = await Activity.filter(id__in=[row.activity_id for row in rows]).values_list("grade", flat=True)
    assert set(grades) == {EvidenceGrade.L3}
    assert await Activity.filter(grade=EvidenceGrade.L1).count() == 3, "没问到的照旧"
    await scores.recompute(Q4, at=at)
    facts = (await Score.get(cadre=town.zhang)).facts
    assert (facts["checked"], facts["contradicted"], facts["L3"]) == (5, 0, 1)


async def test_a_record_corrected_after_the_check_is_no_longer_l3(town: Town, at: datetime) -> None:
    await start(town, at=at)
    row = (await finish(at=at))[0]
    later = at + timedelta(hours=1)
    assert row.activity_id
    line = record_lines.read("团课 面对面", at=later)
    assert (await records.correct(await who(100), row.activity_id, "记错了", line, [], at=later)).grade == "L1"


# --- 对不上的 ---


async def test_a_contradiction_suspends_the_record_and_asks_the_cadre(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    assert (row.state, row.answer, row.suspended) == (CheckState.EXPLAINING, CheckAnswer.NO, True)
    record = await Activity.get(id=row.activity_id)
    assert record.state is ActivityState.SUSPENDED
    [letter] = [text for kind, text in await told(100) if kind == "check.case"]
    assert letter == (
        f"抽查 {row.number}：{record.number}（11月14日，谈心，面对面）里有一处，和青年本人说的对不上，"
        f"{record.number} 先不算数。这还不是结论。\n"
        f"请在 11月25日前私聊我发 /说明 {row.number} 怎么回事，之后由别的单位的督导来看。"
        "有签到表、通知、照片之类能说明的就写上。请别打听问了谁、是谁说的。"
    )
    assert await integrity(town, at=at) == 1.0, "裁定之前一分不扣"


async def test_seven_days_without_a_word_goes_to_the_inspector(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    await check_cases.keep(at + timedelta(days=7) - timedelta(minutes=1))
    assert (await SpotCheck.get(id=row.id)).state is CheckState.EXPLAINING
    await check_cases.keep(at + timedelta(days=7))
    assert (await SpotCheck.get(id=row.id)).state is CheckState.RULING
    assert [kind for kind, _ in await told(120)] == ["check.ruling"]
    for insider in (121, 122):
        assert await told(insider) == [], "上级有督导，就不找本单位和同级的"


async def test_ruled_untrue_voids_the_record_and_enters_the_integrity(town: Town, at: datetime) -> None:
    row = await ruled(await case(town, at=at), upheld=False, at=at)
    assert row.state is CheckState.CONTRADICTED
    assert (await Activity.get(id=row.activity_id)).state is ActivityState.VOIDED
    await scores.recompute(Q4, at=at)
    score = await Score.get(cadre=town.zhang)
    assert (score.facts["checked"], score.facts["contradicted"]) == (5, 1)
    assert score.integrity == formula.integrity(1, 5)
    assert town.zhang.id in await scores.changed_since(Q4, at)
    assert [text for kind, text in await told(100) if kind == "check.ruled"] == [
        f"{row.number} 裁定了：不实，A{row.activity_id} 这一处不再算数，也记进本季的诚信系数。理由：问过在场的人\n"
        "有不同意见，私聊我发 /投诉 说给上级督导。"
    ]


async def test_three_untrue_of_eight_costs_what_the_worked_example_says(town: Town, at: datetime) -> None:
    await start(town, 8, at=at)
    rows = await finish("没有 无", "没有 无", "没有 无", at=at)
    for row in rows[:3]:
        await ruled(row, upheld=False, at=at)
    assert round(await integrity(town, at=at), 3) == 0.857


async def test_ruled_true_is_a_false_alarm_and_counts_for_the_cadre(town: Town, at: datetime) -> None:
    row = await ruled(await case(town, at=at), upheld=True, at=at)
    record = await Activity.get(id=row.activity_id)
    assert (record.state, record.grade) == (ActivityState.KEPT, EvidenceGrade.L3)
    assert await integrity(town, at=at) == 1.0
    [outcome] = await check_rounds.outcomes(await who(110), town.software)
    assert (outcome.shown, outcome.false_alarms) == (True, 1)


async def test_a_ruling_after_the_next_quarter_changes_no_old_account(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    await check_cases.keep(at + timedelta(days=7))
    await check_cases.rule(await who(120), row.id, upheld=False, reason="迟了", at=Q4.next.end)
    await scores.recompute(Q4, at=Q4.next.end)
    assert (await Score.get(cadre=town.zhang)).facts.get("contradicted") == 0


async def test_what_the_cadre_put_right_before_the_round_was_over_is_not_pursued(town: Town, at: datetime) -> None:
    await start(town, at=at)
    row = (await asked())[0]
    assert row.activity_id
    await records.void(await who(100), row.activity_id, "记错人了", at=at + timedelta(hours=1))
    rows = await finish("没有 无", at=at + timedelta(hours=2))
    assert rows[0].state is CheckState.VOID
    assert await told(100) == []


async def test_a_youth_of_an_activity_no_longer_counts(town: Town, at: datetime) -> None:
    await Activity.all().update(state=ActivityState.VOIDED)
    game = await activity_town.activity(at=at - timedelta(days=9))
    for youth in await Participation.all():
        await Participation.create(
            activity=game, person_id=youth.person_id, state=PartState.ARRIVED, turn=youth.id, at=game.starts_at
        )
    await Activity.filter(id=game.id).update(state=ActivityState.CLOSED)
    row = await case(town, at=at)
    assert (await Activity.get(id=game.id)).state is ActivityState.CLOSED, "活动等裁定"
    await ruled(row, upheld=False, at=at)
    part = await Participation.get(activity=game, person_id=row.youth_id)
    assert part.state is PartState.DENIED
    assert (await Activity.get(id=game.id)).grade is EvidenceGrade.L2, "有一位对不上，就不是 L3"


async def test_a_wish_that_was_not_granted_is_no_longer_granted(town: Town, at: datetime) -> None:
    await Activity.all().update(state=ActivityState.VOIDED)
    for _ in range(5):
        wish = await wish_town.done(f"想学第{_}件事", at=at - timedelta(days=3))
        author = await Participation.filter(activity_id=_ + 1).first()
        assert author
        ended = at - timedelta(days=1)
        await Wish.filter(id=wish.id).update(
            author_id=author.person_id, ending=WishEnding.FULFILLED, ended_at=ended, state="已结束"
        )
    row = await case(town, at=at)
    await scores.recompute(Q4, at=at)
    assert (await Score.get(cadre=town.zhang)).facts[Grade.L3] == 1, "问过站得住的心愿是 L3 的实事"
    await ruled(row, upheld=False, at=at)
    wish = await Wish.get(id=row.wish_id)
    assert (wish.ending, wish.ended_at) == (WishEnding.UNCONFIRMED, at - timedelta(days=1))


# --- 谁来裁定 ---


@pytest.mark.parametrize("user", [100, 101, 110, 121, 122, 300, 999])
async def test_only_an_inspector_of_another_unit_may_rule(town: Town, at: datetime, user: int) -> None:
    """事主、同事、本单位的管理员和督导、没轮到的同级督导都不行。"""
    row = await case(town, at=at)
    await check_cases.explain(await who(100), row.id, "说明", at=at)
    with pytest.raises(Refusal, match=f"没找到 {row.number}"):
        await check_cases.rule(await who(user), row.id, upheld=True, reason="行", at=at)


async def test_without_one_above_a_neighbour_rules_and_without_any_the_boss_is_told(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    await row.fetch_related("unit", "cadre__person")
    await Role.filter(person__accounts__user_id="120").delete()
    neighbour = (await who(122)).person_id
    assert await check_cases.rulers(row) == {neighbour}
    await factories.cadre(123, "兼着督导的同事", town.software)
    colleague = (await who(123)).person_id
    await Role.create(person_id=colleague, unit=town.school, kind="督导")
    assert await check_cases.rulers(row) == {neighbour}, "在本单位任职的，别处的督导也不行"
    await Role.filter(person_id=neighbour).delete()
    assert await check_cases.rulers(row) == set()


async def test_a_ruling_waits_for_the_explanation_and_needs_a_reason(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    with pytest.raises(Refusal, match=f"{row.number} 正在等团干部说明，过了七天或他说明了再裁定。"):
        await check_cases.rule(await who(120), row.id, upheld=False, reason="不像", at=at)
    with pytest.raises(Refusal, match="请写一句话，例如：/说明"):
        await check_cases.explain(await who(100), row.id, " ", at=at)
    with pytest.raises(Refusal, match=f"没找到 {row.number}"):
        await check_cases.explain(await who(101), row.id, "替他说", at=at)
    await check_cases.explain(await who(100), row.id, "说明", at=at)
    with pytest.raises(Refusal, match="已经说明过，正等督导裁定"):
        await check_cases.explain(await who(100), row.id, "再说一次", at=at)
    with pytest.raises(Refusal, match="请写一句话，例如：/裁定"):
        await check_cases.rule(await who(120), row.id, upheld=False, reason="", at=at)


async def test_a_dispute_and_a_case_on_the_same_record_are_ruled_together(town: Town, at: datetime) -> None:
    row = await case(town, at=at)
    assert row.activity_id
    with pytest.raises(Refusal, match=rf"也在抽查里（{row.number}），发 /裁定 {row.number} 看，一起裁定。"):
        await record_answers.rule(await who(120), row.activity_id, upheld=False, at=at)
    await SpotCheck.filter(id=row.id).update(suspended=False)  # 就当是异议先停下的
    await ruled(row, upheld=True, at=at)
    assert (await Activity.get(id=row.activity_id)).state is ActivityState.SUSPENDED, "异议还没看，不替它恢复"


# --- 留多久 ---


async def test_after_ninety_days_the_answer_has_no_name(town: Town, at: datetime) -> None:
    row = await ruled(await case(town, at=at), upheld=False, at=at)
    await check_cases.forget(at + check_cases.KEEP - timedelta(minutes=1))
    assert (await SpotCheck.get(id=row.id)).youth_id is not None
    await check_cases.forget(at + check_cases.KEEP)
    kept = await SpotCheck.get(id=row.id)
    assert (kept.youth_id, kept.explanation, kept.ruling) == (None, None, None)
    assert (kept.answer, kept.state) == (CheckAnswer.NO, CheckState.CONTRADICTED)
    assert not await SpotCheck.exists(youth_id__isnull=False)


async def test_a_cadre_who_has_left_takes_his_explanation_with_him(town: Town, at: datetime) -> None:
    row = await check_town.case(town, at=at)
    await check_cases.explain(await who(100), row.id, "那天他临时有事先走了", at=at)
    await erasures.erase(town.zhang.person_id, at=at)
    row = await SpotCheck.get(id=row.id)
    assert (row.explanation, row.state) == (None, CheckState.RULING)


async def test_whoever_erases_his_data_is_in_no_answer(town: Town, at: datetime) -> None:
    await start(town, at=at)
    first, second = (await asked())[:2]
    await check_town.reply(first, "有 无", at=at)
    for youth in (first.youth_id, second.youth_id):
        assert youth
        await erasures.erase(youth, at=at)
    first, second = await SpotCheck.get(id=first.id), await SpotCheck.get(id=second.id)
    assert (first.youth_id, first.answer, first.state) == (None, CheckAnswer.YES, CheckState.ANSWERED)
    assert (second.youth_id, second.state) == (None, CheckState.LAPSED)
    await check_rounds.keep(at)  # 空出来的一位问备选的
    await finish(at=at)
    assert (await SpotCheck.get(id=first.id)).state is CheckState.HELD


async def test_the_export_of_the_youth_has_his_answer_and_that_of_the_cadre_has_no_youth(
    town: Town, at: datetime
) -> None:
    row = await case(town, at=at)
    await row.fetch_related("youth__accounts")
    assert row.youth
    user = row.youth.accounts[0].user_id
    mine = await exports.everything(await who(int(user)), at=at)
    assert [(one["编号"], one["我的回答"]) for one in mine["问过我的抽查"]] == [(row.id, "没有")]  # type: ignore[attr-defined]
    theirs = await exports.everything(await who(100), at=at)
    assert [one["编号"] for one in theirs["我的案"]] == [row.id]  # type: ignore[attr-defined]
    assert theirs["问过我的抽查"] == []
    reserve = await exports.everything(await who(200), at=at)
    assert reserve["问过我的抽查"] == []


async def test_two_accounts_becoming_one_keep_the_question(town: Town, at: datetime) -> None:
    await start(town, at=at)
    row = (await asked())[0]
    other = await factories.person(900)
    assert row.youth_id
    await accounts.merge(row.youth_id, other.id, at=at)
    assert (await SpotCheck.get(id=row.id)).youth_id == other.id
    await accounts.merge(other.id, town.zhang.person_id, at=at)
    assert (await SpotCheck.get(id=row.id)).state is CheckState.LAPSED, "原来是抽他自己的事"


async def test_an_anomaly_never_enters_the_score(town: Town, at: datetime) -> None:
    row = await SpotCheck.create(
        key="x", kind=CheckKind.FLOOD, state=CheckState.EXPLAINING, quarter=str(Q4), cadre=town.zhang,
        unit=town.software, evidence={"messages": 300, "empty": 300}, opened_at=at,
    )  # fmt: skip
    row = await ruled(row, upheld=False, at=at)
    assert row.state is CheckState.CONTRADICTED
    await scores.recompute(Q4, at=at)
    score = await Score.get(cadre=town.zhang)
    assert score.integrity == 1.0
    assert "checked" not in score.facts
    assert [text for kind, text in await told(100) if kind == "check.ruled"] == [
        f"{row.number} 裁定了：确有不妥；异常不扣分，以后注意就好。理由：问过在场的人\n"
        "有不同意见，私聊我发 /投诉 说给上级督导。"
    ]
    assert Quarter.of(at) == Q4
    assert await Notice.filter(kind="check.ruled").count() == 1
