"""一回抽查：谁也挑不了抽到谁，谁也看不出问了谁。"""

from datetime import datetime, timedelta

import pytest

from bot.league import check_answers, check_rounds, draws, seals
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from db.models import (
    CheckAnswer,
    CheckRound,
    CheckSeal,
    CheckState,
    Consent,
    EvidenceGrade,
    Notice,
    Participation,
    PartState,
    SpotCheck,
)
from tests.league import activity_town, check_town, wish_town
from tests.league.check_town import Q4, asked, finish, reply, start
from tests.league.wish_town import Town, who


@pytest.fixture
async def town(database: str, at: datetime) -> Town:
    return await check_town.build(at=at)


# --- 谁也挑不了 ---


async def test_the_seed_is_sealed_before_the_claims_exist_and_never_again(town: Town, at: datetime) -> None:
    first_minute = Q4.next.start
    await check_rounds.keep(first_minute)
    sealed = await seals.sealed(Q4.next, at=first_minute)
    assert (sealed.sealed_at, sealed.seed) == (first_minute, None)
    await check_rounds.keep(first_minute + timedelta(days=30))
    assert await seals.sealed(Q4.next, at=first_minute) == sealed


async def test_a_round_draws_by_the_seal_and_its_number_and_by_nothing_else(town: Town, at: datetime) -> None:
    """再抽一遍：公布的种子、名单，抽出来的就是问过的；种子由季初封好的总种子算出。"""
    await seals.seal_of(Q4, at=Q4.start)
    opened = await start(town, at=at)
    before = await seals.published(opened.round.id, at=at)
    assert before.seed is None
    assert before.asked == ()
    await finish(at=at)
    after = await seals.published(opened.round.id, at=at)
    assert after.seed
    assert draws.commitment(after.seed) == before.commitment
    assert after.listing == before.listing
    order = draws.draw(after.seed, after.listing.split(), 8)
    assert [(rank, order[rank - 1]) for rank, _ in after.asked] == list(after.asked)
    assert [rank for rank, _ in after.asked] == [1, 2, 3, 4, 5]
    seal = await CheckSeal.get(quarter="2026Q4")
    assert draws.seed_of(seal.seed, opened.round.id) == after.seed
    assert seal.sealed_at == Q4.start < opened.round.opened_at


async def test_the_master_seed_is_published_when_the_books_are_closed(town: Town, at: datetime) -> None:
    await seals.seal_of(Q4, at=Q4.start)
    assert (await seals.sealed(Q4, at=Q4.next.end - timedelta(minutes=1))).seed is None
    assert (await seals.sealed(Q4, at=Q4.next.end)).seed
    with pytest.raises(Refusal, match="2026Q4 的账已经结了"):
        await check_rounds.start(await who(110), 5, town.software, Q4, at=Q4.next.end)


async def test_claims_added_later_do_not_change_the_draw(town: Town, at: datetime) -> None:
    opened = await start(town, at=at)
    listing = (await seals.published(opened.round.id, at=at)).listing
    await Participation.filter(activity_id=1).update(state=PartState.LEFT)
    assert (await seals.published(opened.round.id, at=at)).listing == listing


async def test_every_grade_is_drawn_and_nothing_that_was_not_claimed(town: Town, at: datetime) -> None:
    """候补、没到场的、说过不想回答的、没加入的、退出的都不在名单里；圆了的梦在。"""
    [first, second, third] = await Participation.filter(activity_id__in=[1, 2, 3]).order_by("activity_id")
    await Participation.filter(id=first.id).update(state=PartState.DECLINED)
    await Participation.filter(id=second.id).update(state=PartState.CONFIRMED)
    await Consent.filter(person_id=third.person_id).update(withdrawn_at=at)
    wish = await wish_town.done(at=at - timedelta(days=3))
    await type(wish).filter(id=wish.id).update(ending="已圆梦", ended_at=at - timedelta(days=1), state="已结束")
    opened = await start(town, 7, at=at)
    assert opened.claims == 7
    assert await SpotCheck.filter(wish_id=wish.id).count() == 1
    assert not await SpotCheck.exists(activity_id__in=[1, 3])


async def test_one_youth_is_asked_once_in_a_round_and_rests_ninety_days(town: Town, at: datetime) -> None:
    for youth in await Participation.all().select_related("person"):
        await activity_town.record([youth.person], "团课 面对面", at=at - timedelta(days=3))
    opened = await start(town, 8, at=at)
    assert (opened.claims, opened.round.size, opened.reserves) == (16, 8, 0)
    rows = await finish(at=at)
    assert len({row.youth_id for row in rows}) == 8
    with pytest.raises(Refusal, match=r"软件学院团总支 2026Q4 能抽的只有 0 件，少了容易猜到问的是谁，攒到 5 件再抽。"):
        await start(town, 5, at=at + timedelta(days=1))
    assert await CheckRound.all().count() == 1, "拒绝了就什么也不留"


@pytest.mark.parametrize(("user", "size", "said"), [
    (100, 5, "抽查由管理员和督导来开，软件学院团总支要它自己或上级的。"),
    (122, 5, "抽查由管理员和督导来开，软件学院团总支要它自己或上级的。"),
    (110, 4, "一回抽 5 到 200 件，例如：/抽查 20"),
    (110, 201, "一回抽 5 到 200 件，例如：/抽查 20"),
])  # fmt: skip
async def test_who_may_open_and_how_many(town: Town, at: datetime, user: int, size: int, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        await check_rounds.start(await who(user), size, town.software, Q4, at=at)
    assert refused.value.sentence == said


async def test_one_round_at_a_time_and_no_future(town: Town, at: datetime) -> None:
    await start(town, at=at)
    with pytest.raises(Refusal, match="软件学院团总支 2026Q4 的第 1 回还没收完，发 /抽查 看到哪一步了。"):
        await start(town, at=at)
    with pytest.raises(Refusal, match="2027Q1 还没开始"):
        await check_rounds.start(await who(110), 5, town.software, Quarter(2027, 1), at=at)


# --- 谁也看不出 ---


async def test_the_question_is_private_discreet_and_has_one_thing_that_never_happened(town: Town, at: datetime) -> None:
    game = await activity_town.activity(at=at - timedelta(days=9))
    await type(game).filter(id=game.id).update(state="已结束")
    await start(town, at=at)
    [row, *_] = await asked()
    letter = await Notice.get(kind="check.ask", period=row.number)
    assert (letter.person_id, letter.discreet, letter.group_id) == (row.youth_id, True, None)
    assert letter.text
    head, claim, recognise, how = letter.text.split("\n")
    assert head == f"悄悄问你两句，随机抽到的（{row.number}）。答什么都不影响你，张三和单位都不知道问了谁。"
    assert claim == "一、张三记着 11月14日 和你谈心（面对面），有这回事吗？1 有　2 没有　3 不记得　4 不想说"
    assert "11月9日 篮球赛" in row.options
    assert row.decoy is not None
    fake = row.options[row.decoy]
    assert "篮球" not in fake
    assert not fake.startswith("11月9日")
    assert recognise == f"二、再认一认，下面哪件你知道？甲 {row.options[0]}　乙 {row.options[1]}（都不知道就写 无）"
    assert how.startswith(f"私聊我回一个数、一个字就行，如 /确认 {row.number} 3 无。11月24日前都可以")


async def test_nobody_else_is_told_anything_until_the_round_is_over(town: Town, at: datetime) -> None:
    """有人答了有、有人答了没有：收完之前，等级不动、案子不开、除了问到的人没有一条通知。"""
    await start(town, at=at)
    rows = await asked()
    await reply(rows[0], "有 无", at=at)
    await reply(rows[1], "没有 无", at=at)
    await check_rounds.keep(at + timedelta(days=1))
    recipients = await Notice.filter(kind__startswith="check.").values_list("person_id", flat=True)
    assert set(recipients) == {row.youth_id for row in rows}
    for row in rows:
        await row.fetch_related("activity")
        assert row.activity
        assert (row.activity.grade, row.activity.state) == (EvidenceGrade.L1, "已记录")
    [outcome] = await check_rounds.outcomes(await who(110), town.software)
    assert not outcome.shown


async def test_what_the_cadre_and_the_inspector_are_told_names_nobody_and_no_time_of_answering(
    town: Town, at: datetime
) -> None:
    row = await check_town.case(town, at=at)
    letters = await Notice.filter(kind__in=["check.case", "check.ruling", "check.ruled"])
    assert [letter.person_id for letter in letters] == [town.zhang.person_id]
    await row.fetch_related("youth__accounts")
    assert row.youth
    for letter in letters:
        assert row.youth.accounts[0].user_id not in (letter.text or "")
        assert str(row.claim) not in (letter.text or "")


async def test_a_decliner_is_replaced_from_the_reserves_in_the_order_drawn(town: Town, at: datetime) -> None:
    await start(town, at=at)
    rows = await asked()
    assert len(rows) == 5
    await reply(rows[0], "不想说", at=at)
    await reply(rows[1], "不记得", at=at)
    await check_rounds.keep(at)
    assert [row.rank for row in await asked()] == [3, 4, 5, 6, 7]
    await check_rounds.keep(at + timedelta(days=7))
    assert [row.rank for row in await asked()] == [8], "七天没回的换下一位"
    assert await SpotCheck.filter(state=CheckState.LAPSED).count() == 5


async def test_after_fourteen_days_it_is_over_whoever_has_not_answered(town: Town, at: datetime) -> None:
    await start(town, at=at)
    await reply((await asked())[0], "有 无", at=at)
    later = at + timedelta(days=14)
    await check_rounds.keep(later)
    assert (await CheckRound.get()).closed_at == later
    assert not await SpotCheck.exists(state__in=[CheckState.ASKED, CheckState.RESERVE, CheckState.ANSWERED])
    assert not await Notice.exists(kind="check.ask", state="due"), "没说出口的不再说"
    [outcome] = await check_rounds.outcomes(await who(110), town.software)
    assert (outcome.answers, outcome.shown) == ({CheckAnswer.YES: 1}, False), "不满 5 位不给数"


async def test_someone_who_left_meanwhile_is_not_asked(town: Town, at: datetime) -> None:
    opened = await check_rounds.start(await who(110), 5, town.software, Q4, at=at)
    first = await SpotCheck.get(round_id=opened.round.id, rank=1)
    await Consent.filter(person_id=first.youth_id).update(withdrawn_at=at)
    await check_rounds.keep(at)
    assert (await SpotCheck.get(id=first.id)).state is CheckState.VOID
    assert [row.rank for row in await asked()] == [2, 3, 4, 5, 6]


async def test_nobody_is_asked_at_night(town: Town, at: datetime) -> None:
    await start(town, at=at.replace(hour=23))
    assert await asked() == []


# --- 怎么答 ---


@pytest.mark.parametrize(("text", "answer"), [
    ("有 无", CheckAnswer.YES), ("1 甲", CheckAnswer.YES), ("１，都不知道", CheckAnswer.YES),
    ("有，a", CheckAnswer.YES),
    ("没有 无", CheckAnswer.NO), ("2无", CheckAnswer.NO), ("没 都没有", CheckAnswer.NO),
    ("不记得", CheckAnswer.FORGOT), ("3", CheckAnswer.FORGOT), ("不想说", CheckAnswer.SILENT),
    ("4 甲", CheckAnswer.SILENT),
])  # fmt: skip
async def test_ways_to_answer(town: Town, at: datetime, text: str, answer: CheckAnswer) -> None:
    await start(town, at=at)
    row = (await asked())[0]
    await SpotCheck.filter(id=row.id).update(options=["一", "二"], decoy=1)
    assert (await reply(row, text, at=at)).answer is answer


@pytest.mark.parametrize(("text", "said"), [
    ("有", "第二句也认一认：甲 一、乙 二，知道哪件就写哪个字，都不知道写 无。例如：/确认 {} 有 无"),
    ("", "有这回事吗？1 有、2 没有、3 不记得、4 不想说，后面跟上第二句知道的那件，如 /确认 {} 3 无。"),
    ("嗯嗯", "有这回事吗？1 有、2 没有、3 不记得、4 不想说，后面跟上第二句知道的那件，如 /确认 {} 3 无。"),
    ("12", "有这回事吗？1 有、2 没有、3 不记得、4 不想说，后面跟上第二句知道的那件，如 /确认 {} 3 无。"),
])  # fmt: skip
async def test_an_unclear_answer_stores_nothing(town: Town, at: datetime, text: str, said: str) -> None:
    await start(town, at=at)
    row = (await asked())[0]
    await SpotCheck.filter(id=row.id).update(options=["一", "二"], decoy=1)
    with pytest.raises(Refusal) as refused:
        await reply(row, text, at=at)
    assert refused.value.sentence == said.format(row.number)
    assert (await SpotCheck.get(id=row.id)).answer is None


async def test_an_answer_is_given_once_and_only_by_the_one_asked(town: Town, at: datetime) -> None:
    await start(town, at=at)
    row, other = (await asked())[:2]
    await reply(row, "没有 无", at=at)
    with pytest.raises(Refusal, match="已经答过了"):
        await reply(row, "有 无", at=at)
    other.id = row.id
    with pytest.raises(Refusal, match=f"没找到 {row.number}"):
        await reply(other, "有 无", at=at)
    with pytest.raises(Refusal, match=f"没找到 {row.number}"):
        await check_answers.answer(await who(100), row.id, "有 无", at=at)


async def test_whoever_recognises_what_never_happened_counts_for_nothing(town: Town, at: datetime) -> None:
    """照着念“有”的人认了没有过的事：不升等级，也不开案。"""
    await start(town, at=at)
    for row in (await asked())[:2]:
        assert row.decoy is not None
        careless = await reply(row, f"{'有' if row.rank == 1 else '没有'} {'甲乙丙'[row.decoy]}", at=at)
        assert (careless.state, careless.answer) == (CheckState.VOID, None)
