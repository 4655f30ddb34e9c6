"""交接：走法，一位一位问，愿意的才换，不回就是不换。"""

import itertools
from datetime import datetime, timedelta

import pytest

from bot.league import (
    accounts,
    appointments,
    consents,
    erasures,
    exports,
    handover_answers,
    handover_letters,
    handovers,
    presences,
    wish_claims,
)
from bot.league.consents import ConsentEnd
from bot.league.errors import Refusal
from bot.league.handover_steps import MOVES, STEPS, Move, Say, advance, holding, step
from db.models import (
    AskState,
    Cadre,
    Consent,
    Contact,
    ContactState,
    Erasure,
    Group,
    Handover,
    HandoverAsk,
    HandoverState,
    Interaction,
    Notice,
    NoticeState,
    Person,
    Scope,
    Wish,
    WishState,
)
from tests import factories
from tests.league import wish_town
from tests.league.wish_town import Town, told, who

OPEN, CLOSED, CANCELLED = HandoverState
ASKED, AGREED, DECLINED, LAPSED, DROPPED = AskState

#: 另写一遍
ARROWS = """
等回话 agree 愿意
等回话 decline 不换
等回话 lapse 没回话
等回话 drop 不算了
不换 agree 愿意
没回话 agree 愿意
"""


def test_the_tables_are_what_the_product_says_and_nothing_else() -> None:
    arrows = (line.split() for line in ARROWS.split("\n") if line)
    assert {(AskState(start), Say(say)): AskState(end) for start, say, end in arrows} == STEPS
    assert {(OPEN, Move.CLOSE): CLOSED, (OPEN, Move.CANCEL): CANCELLED} == MOVES


@pytest.fixture
async def town(database: str) -> Town:
    """软件学院的张三，六名青年：200–205。"""
    built = await wish_town.build()
    for user in range(201, 206):
        await factories.youth(user, built.zhang, built.group)
    return built


async def cadre(user_id: int) -> Cadre:
    return await handovers.find(str(user_id), Scope.QQ, mentioned=True, left_too=True)


async def start(by: int = 100, *, giver: int = 100, taker: int = 101, at: datetime) -> int:
    return await handovers.start(await who(by), giver=await cadre(giver), taker=await cadre(taker), at=at)


async def say(user: int, what: Say, whom: str = "", *, at: datetime) -> handover_answers.Answered:
    return await handover_answers.answer(await who(user), what, whom, at=at)


async def contacts_of(user: int) -> dict[str, ContactState]:
    rows = Contact.filter(youth__accounts__user_id=str(user)).order_by("id").select_related("cadre__person")
    return {row.cadre.person.name or "": row.state for row in await rows}


async def leave(user: int, *, at: datetime) -> None:
    await appointments.dismiss(str(user), scope=Scope.QQ, by=await who(110), at=at)


@pytest.mark.parametrize(("state", "what"), list(itertools.product(AskState, Say)))
async def test_every_arrow_of_an_ask_is_walked_and_every_other_refused(
    town: Town, at: datetime, state: AskState, what: Say
) -> None:
    await start(at=at)
    ask = await HandoverAsk.all().order_by("id").first()
    assert ask
    await HandoverAsk.filter(id=ask.id).update(state=state)
    await ask.refresh_from_db()
    if after := STEPS.get((state, what)):
        await step(ask, what, at=at)
        assert (await HandoverAsk.get(id=ask.id)).state is after
    else:
        with pytest.raises(Refusal) as refused:
            await step(ask, what, at=at)
        assert refused.value.sentence.endswith("。")
        assert (await HandoverAsk.get(id=ask.id)).state is state


@pytest.mark.parametrize(("state", "move"), list(itertools.product(HandoverState, Move)))
async def test_every_arrow_of_a_handover_is_walked_and_every_other_refused(
    town: Town, at: datetime, state: HandoverState, move: Move
) -> None:
    row = await Handover.create(giver=town.zhang, taker_id=2, state=state, opened_at=at, closes_at=at)
    async with holding(row.id) as handover:
        if after := MOVES.get((state, move)):
            await advance(handover, move, at=at)
            assert (handover.state, handover.ended_at) == (after, at)
        else:
            with pytest.raises(Refusal, match=f"这次交接{state}，不用再操作。"):
                await advance(handover, move, at=at)


async def test_each_youth_is_asked_once_in_private_and_nothing_moves_before_he_answers(
    town: Town, at: datetime
) -> None:
    assert await start(at=at) == 6
    for user in range(200, 206):
        assert await contacts_of(user) == {"张三": ContactState.ACTIVE}
        assert await told(user) == [
            (
                "handover.ask",
                "张三想请李四接着做你的联系团干部。愿意就回我 /愿意，想留在张三这边就回 /不了，不回也不会换。"
                "从前你们聊过几次，不会交过去。",
            )
        ]
    assert await told(101) == [
        (
            "handover.started",
            "张三想请你接着联系自己的青年。我在一位一位问本人，愿意的才换，不用去催。问得怎样，私聊我发 /交接 看。",
        )
    ]
    assert await told(100) == []


async def test_a_yes_moves_only_him_and_what_was_stays_with_the_old_one(town: Town, at: datetime) -> None:
    await factories.interaction(town.zhang, town.xiaowang, at.date())
    await start(at=at)
    done = await say(200, Say.AGREE, "谢谢", at=at + timedelta(hours=1))
    assert (done.giver, done.taker, done.state, done.giver_left) == ("张三", "李四", AGREED, False)
    assert await contacts_of(200) == {"张三": ContactState.ENDED, "李四": ContactState.ACTIVE}
    assert await contacts_of(201) == {"张三": ContactState.ACTIVE}
    fresh = await Contact.get(youth=town.xiaowang, state=ContactState.ACTIVE)
    assert (fresh.group_id, fresh.since) == (town.group.id, at + timedelta(hours=1))
    assert not (await Contact.get(youth=town.xiaowang, state=ContactState.ENDED)).removed_by_cadre
    assert (await Interaction.get()).cadre_id == town.zhang.id
    with pytest.raises(Refusal, match="你说过愿意了，已经换好了"):
        await say(200, Say.DECLINE, at=at)


async def test_no_and_silence_leave_everything_as_it_was_while_the_old_one_is_in_office(
    town: Town, at: datetime
) -> None:
    await start(at=at)
    assert (await say(201, Say.DECLINE, at=at)).state is DECLINED
    await handovers.keep(at + handovers.ASK_FOR - timedelta(minutes=1))
    assert (await Handover.get()).state is OPEN
    for _ in range(2):
        await handovers.keep(at + handovers.ASK_FOR)
    assert (await Handover.get()).state is CLOSED
    assert await HandoverAsk.filter(state=LAPSED).count() == 5
    for user in range(200, 206):
        assert await contacts_of(user) == {"张三": ContactState.ACTIVE}
    assert [text for _, text in await told(100)] == ["交接问完了，私聊我发 /交接 看。"]
    assert [kind for kind, _ in await told(101)] == ["handover.started", "handover.ended"]
    assert not await Notice.filter(kind="handover.ask").exists(), "没送出去的问话收回"
    await say(201, Say.AGREE, at=at + handovers.ASK_FOR)
    assert await contacts_of(201) == {"张三": ContactState.ENDED, "李四": ContactState.ACTIVE}


async def test_when_the_old_one_has_left_no_pauses_at_once_and_silence_at_the_end_then_exit_by_the_old_rule(
    town: Town, at: datetime
) -> None:
    await leave(100, at=at)
    assert await start(110, at=at) == 6
    assert [text for _, text in await told(101)] == [
        f"张三离任了，管理员想请你接着联系张三的青年。{handover_letters._HOW}"
    ]
    [(_, question)] = await told(200)
    assert question == (
        "张三离任了，李四可以接着做你的联系团干部。愿意就回我 /愿意，不用就回 /不了；"
        "到12月2日没回就当不用，联系会停下。从前你们聊过几次，不会交过去。"
    )
    assert (await say(200, Say.DECLINE, at=at)).giver_left
    assert await contacts_of(200) == {"张三": ContactState.PAUSED}
    await say(201, Say.AGREE, at=at)
    end = at + handovers.ASK_FOR
    await handovers.keep(end)
    assert await contacts_of(202) == {"张三": ContactState.PAUSED}
    assert await contacts_of(201) == {"张三": ContactState.ENDED, "李四": ContactState.ACTIVE}
    await consents.end_paused(end + timedelta(days=6))
    assert await Consent.filter(withdrawn_at=None).count() == 5
    await consents.end_paused(end + timedelta(days=7))
    assert {str(row.reason) for row in await Consent.filter(withdrawn_at__isnull=False)} == {ConsentEnd.CADRE_LEFT}
    assert await Consent.filter(withdrawn_at=None).count() == 1


async def test_coming_back_to_the_group_does_not_wake_a_contact_whose_cadre_left(town: Town, at: datetime) -> None:
    await leave(100, at=at)
    await consents.pause_without_cadre(town.zhang.id, [town.xiaowang.id], at=at)
    assert await presences.resume(Scope.QQ, "555", "200", at=at) == 0


async def test_only_those_really_to_be_asked_are_asked(town: Town, at: datetime) -> None:
    li = await cadre(101)
    people = {user: await Person.get(accounts__user_id=str(user)) for user in range(200, 206)}
    await Contact.create(cadre=li, youth=people[200], state=ContactState.ACTIVE, since=at)
    await Contact.filter(youth=people[201]).update(state=ContactState.PAUSED, paused_at=at)
    await Erasure.create(person=people[202], asked_at=at, due_at=at + timedelta(days=1))
    await Contact.create(cadre=town.zhang, youth_id=li.person_id, state=ContactState.ACTIVE, since=at)
    assert await start(at=at) == 3
    assert {ask.youth_id for ask in await HandoverAsk.all()} == {people[user].id for user in (203, 204, 205)}


async def test_nobody_is_asked_twice_within_a_month_unless_the_question_never_reached_him(
    town: Town, at: datetime
) -> None:
    await start(at=at)
    await Notice.filter(kind="handover.ask").exclude(person_id=town.xiaowang.id).update(state=NoticeState.SENT)
    await handovers.cancel(await who(100), None, at=at)
    assert {ask.state for ask in await HandoverAsk.all()} == {DROPPED}
    assert not await Notice.exists(kind="handover.ask", person_id=town.xiaowang.id)
    later = at + timedelta(days=1)
    assert await start(taker=103, at=later) == 1
    await Notice.filter(kind="handover.ask").update(state=NoticeState.SENT)
    await handovers.keep(later + handovers.ASK_FOR)
    with pytest.raises(Refusal, match="没有要问的青年"):
        await start(at=at + timedelta(days=29))
    assert await start(at=at + timedelta(days=30)) == 5


async def test_who_may_hand_over_and_to_whom(town: Town, at: datetime) -> None:
    with pytest.raises(Refusal, match="要由本人或管得到的管理员来交接"):
        await start(102, at=at)
    with pytest.raises(Refusal, match="要由本人或管得到的管理员来交接"):
        await start(110, giver=102, at=at)
    with pytest.raises(Refusal, match="不能交给自己"):
        await start(taker=100, at=at)
    with pytest.raises(Refusal, match="法学院团总支不在这条线上"):
        await start(taker=102, at=at)
    with pytest.raises(Refusal, match="没有要问的青年"):
        await start(101, giver=101, taker=100, at=at)
    assert await Handover.all().count() == 0
    assert await start(taker=103, at=at) == 6
    with pytest.raises(Refusal, match="正在问要不要换成赵六，到12月2日为止"):
        await start(at=at)
    assert [kind for kind, _ in await told(103)] == ["handover.started"]


async def test_an_admin_hands_over_for_one_in_office_who_is_told(town: Town, at: datetime) -> None:
    await start(110, at=at)
    assert [text for _, text in await told(100)] == [f"管理员请李四接着联系你的青年。{handover_letters._HOW}"]


async def test_wishes_in_hand_go_along_but_anonymous_and_unclaimed_ones_do_not(town: Town, at: datetime) -> None:
    named = await wish_town.claimed("想学修自行车", at=at)
    hidden = await wish_town.wish("想换个宿舍", at=at, anonymous=True)
    await wish_claims.claim(await who(100), hidden.id, at=at)
    waiting = await wish_town.wish("想办读书会", at=at)
    await start(at=at)
    assert (await Wish.get(id=named.id)).claimer_id == town.zhang.id
    await say(200, Say.AGREE, at=at)
    li = await cadre(101)
    row = await Wish.get(id=named.id)
    assert (row.state, row.claimer_id, row.cadre_id, row.submitted_at) == (WishState.OPEN, None, li.id, at)
    assert (await Wish.get(id=hidden.id)).claimer_id == town.zhang.id
    assert (await Wish.get(id=waiting.id)).cadre_id == town.zhang.id
    assert ("wish.transferred", f"你的心愿 W{named.id} 转给了李四，还是从你提的那天算时间。") in await told(200)


async def test_leaving_or_switching_settles_the_question(town: Town, at: datetime) -> None:
    await start(at=at)
    await consents.leave(await who(200), at=at)
    await consents.switch(await Group.get(group_id="555"), await who(201), to=await who(103), at=at)
    assert await HandoverAsk.filter(state=DROPPED).count() == 2
    for user in (200, 201):
        assert "handover.ask" not in dict(await told(user))
    with pytest.raises(Refusal, match="你已经退出了。想回来，在群里发 /加入 @李四。"):
        await say(200, Say.AGREE, at=at)
    with pytest.raises(Refusal, match="这次交接不算了，不用回。"):
        await say(201, Say.AGREE, at=at)


async def test_if_the_new_one_leaves_the_handover_stops(town: Town, at: datetime) -> None:
    await start(at=at)
    await leave(101, at=at)
    with pytest.raises(Refusal, match="李四也离任了，这件事不算了"):
        await say(200, Say.AGREE, at=at)
    await handovers.keep(at)
    assert (await Handover.get()).state is CANCELLED
    assert {ask.state for ask in await HandoverAsk.all()} == {DROPPED}
    assert [text for _, text in await told(100)] == ["李四离任了，交接停了，没换的都没有动。"]
    with pytest.raises(Refusal, match="现在没有等你回话的交接"):
        await say(200, Say.AGREE, at=at)


async def test_two_questions_at_once_are_told_apart_by_a_name(town: Town, at: datetime) -> None:
    wang = await cadre(102)
    await Contact.create(cadre=wang, youth=town.xiaowang, state=ContactState.ACTIVE, since=at)
    await start(at=at)
    await Notice.all().delete()  # 第一句没送到
    await start(102, giver=102, taker=103, at=at)
    with pytest.raises(Refusal) as refused:
        await say(200, Say.AGREE, at=at)
    assert refused.value.sentence == "问着你的有 2 件：王五换成赵六；张三换成李四。写上是谁，例如：/愿意 王五"
    assert (await say(200, Say.DECLINE, "张三", at=at)).taker == "李四"
    assert (await say(200, Say.AGREE, at=at)).taker == "赵六"
    assert await contacts_of(200) == {
        "张三": ContactState.ACTIVE,
        "王五": ContactState.ENDED,
        "赵六": ContactState.ACTIVE,
    }


async def test_a_stranger_has_nothing_to_answer(town: Town, at: datetime) -> None:
    for user in (999, 102, 205):
        with pytest.raises(Refusal, match="现在没有等你回话的交接"):
            await say(user, Say.AGREE, at=at)


async def test_cancelling_is_for_the_giver_and_his_admin(town: Town, at: datetime) -> None:
    await start(at=at)
    with pytest.raises(Refusal, match="没有正在问的交接"):
        await handovers.cancel(await who(101), None, at=at)
    with pytest.raises(Refusal, match="要由本人或管得到的管理员来停"):
        await handovers.cancel(await who(102), await cadre(100), at=at)
    await say(200, Say.AGREE, at=at)
    await handovers.cancel(await who(110), await cadre(100), at=at)
    assert (await Handover.get()).state is CANCELLED
    assert "李四" in await contacts_of(200)


async def test_the_count_is_seen_by_the_two_and_the_admins_above(town: Town, at: datetime) -> None:
    await start(at=at)
    await say(200, Say.AGREE, at=at)
    await say(201, Say.DECLINE, at=at)
    for user in (100, 101, 110):
        [tally] = await handovers.tallies(await who(user))
        assert (tally.asked, tally.agreed, tally.declined, tally.silent) == (6, 1, 1, 4)
    assert await handovers.tallies(await who(102)) == []


async def test_two_accounts_of_one_person_keep_the_clearer_answer(town: Town, at: datetime) -> None:
    await start(at=at)
    await say(201, Say.DECLINE, at=at)
    first, second = [await Person.get(accounts__user_id=str(user)) for user in (200, 201)]
    await accounts.merge(second.id, first.id, at=at)
    [ask] = await HandoverAsk.filter(youth_id__in=[first.id, second.id])
    assert (ask.youth_id, ask.state) == (first.id, DECLINED)


async def test_what_was_asked_is_in_my_data_goes_on_erasing_and_is_gone_after_ninety_days(
    town: Town, at: datetime
) -> None:
    await start(at=at)
    await say(200, Say.DECLINE, at=at)
    [row] = (await exports.everything(await who(200), at=at))["问我换联系人"]  # type: ignore[misc]
    assert (row["原来"], row["新的"], row["我的回答"]) == ("张三", "李四", "不换")
    await erasures.erase(town.xiaowang.id, at=at)
    assert await HandoverAsk.filter(youth=town.xiaowang).count() == 0
    end = at + handovers.ASK_FOR
    await handovers.keep(end)
    await handovers.keep(end + handovers.KEEP - timedelta(minutes=1))
    assert await Handover.all().count() == 1
    await handovers.keep(end + handovers.KEEP)
    assert (await Handover.all().count(), await HandoverAsk.all().count()) == (0, 0)


async def test_a_cadre_is_found_by_mention_name_or_account(town: Town, at: datetime) -> None:
    for word in ("李四", "李\u202e四", "101"):
        assert (await handovers.find(word, Scope.QQ, mentioned=False)).person.name == "李四"
    with pytest.raises(Refusal, match="“李四四”不在团干部名册上，或已经离任。例如：/交接 @新干部"):
        await handovers.find("李四四", Scope.QQ, mentioned=False)
    with pytest.raises(Refusal, match="你 @ 的不在团干部名册上"):
        await handovers.find("200", Scope.QQ, mentioned=True)
    await factories.cadre(120, "李四", town.law)
    with pytest.raises(Refusal, match="叫“李四”的团干部有 2 位，请写账号"):
        await handovers.find("李四", Scope.QQ, mentioned=False)
