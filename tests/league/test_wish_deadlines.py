"""心愿的期限：到点做一次，停机再久也不多做、不乱序。"""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.league import wish_claims, wish_deadlines, wishes
from bot.league.periods import on
from bot.league.wish_deadlines import is_abandoned, is_ignored, is_silent, is_stale, is_unanswered, keep
from bot.settings import settings
from db.models import Notice, NoticeState, Unit, Wish, WishAction, WishEnding, WishEvent, WishState
from tests import factories
from tests.factories import AT  # 2026-09-02，星期三 14:00
from tests.league import wish_town as town
from tests.league.wish_town import steps, told, who

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
QUIET = [WishAction.SUBMIT, WishAction.CLAIM]


@pytest.fixture(autouse=True)
def duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ())
    monkeypatch.setattr(settings(), "superusers", {"901"})


@pytest.mark.parametrize(
    ("after", "warned", "stale", "abandoned"),
    [
        (5 * DAY - MINUTE, False, False, False),
        (5 * DAY, False, True, False),
        (5 * DAY, True, False, False),
        (7 * DAY - MINUTE, False, True, False),
        (7 * DAY, False, False, True),  # 该放回的不再提醒
        (7 * DAY, True, False, True),
        (-DAY, False, False, False),  # 钟往回跳
    ],
)
def test_warn_between_five_and_seven_days_then_release(
    after: timedelta, warned: bool, stale: bool, abandoned: bool
) -> None:
    row = Wish(state=WishState.CLAIMED, progressed_at=AT, warned_at=AT if warned else None)
    assert (is_stale(row, AT + after), is_abandoned(row, AT + after)) == (stale, abandoned)


@pytest.mark.parametrize(
    ("after", "asked", "unanswered", "silent"),
    [
        (7 * DAY - MINUTE, False, False, False),
        (7 * DAY, False, True, False),
        (7 * DAY, True, False, False),
        (14 * DAY - MINUTE, False, True, False),
        (14 * DAY, False, False, True),  # 该收起来的不再问
        (14 * DAY, True, False, True),
    ],
)
@pytest.mark.parametrize("state", [WishState.DONE, WishState.EXPLAINED])
def test_ask_between_seven_and_fourteen_days_then_close(
    state: WishState, after: timedelta, asked: bool, unanswered: bool, silent: bool
) -> None:
    row = Wish(state=state, done_at=AT, asked_again_at=AT if asked else None)
    assert (is_unanswered(row, AT + after), is_silent(row, AT + after)) == (unanswered, silent)


@pytest.mark.parametrize("state", WishState)
def test_a_deadline_belongs_to_one_state_only(state: WishState) -> None:
    row = Wish(state=state, submitted_at=AT, progressed_at=AT, done_at=AT)
    late = AT + 40 * DAY
    assert (is_abandoned(row, late), is_ignored(row, late), is_silent(row, late)) == (
        state is WishState.CLAIMED,
        state is WishState.OPEN,
        state in (WishState.DONE, WishState.EXPLAINED),
    )


# 没进展


async def test_five_days_without_progress_warn_the_claimer_once(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await keep(AT + 5 * DAY - MINUTE)
    assert await steps(row) == QUIET
    for _ in range(3):
        await keep(AT + 5 * DAY)
    assert await steps(row) == [*QUIET, WishAction.WARN]
    [notice] = await Notice.filter(kind="wish.warned")
    assert notice.text == "W1 有 5 天没有进展了，到 9月9日 14:00 会放回心愿墙。发 /进展 W1 话 说一声就好。"
    assert notice.person_id == (await who(100)).person_id
    assert notice.expires_at == AT + 7 * DAY, "过了放回的时候就不必再提醒"


async def test_seven_days_without_progress_release_it_and_both_are_told(database: str) -> None:
    await town.build()
    row = await town.wish()
    await wish_claims.claim(await who(101), row.id, at=AT)
    await keep(AT + 7 * DAY - MINUTE)
    assert (await Wish.get(id=row.id)).state is WishState.CLAIMED
    await keep(AT + 7 * DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.claimer_id, stored.submitted_at, stored.answered_at) == (WishState.OPEN, None, AT, AT)
    assert (await told(101))[-1] == (
        "wish.released",
        "W1 7 天没有进展，已经放回心愿墙，请别的团干部接着办；还想办可以再认领。",
    )
    assert "wish.released" in [kind for kind, _ in await told(200)]
    assert "wish.released" in [kind for kind, _ in await told(100)], "该负责的人也知道又没人办了"


async def test_progress_starts_the_days_again_and_allows_a_second_warning(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await keep(AT + 5 * DAY)
    await wish_claims.progress(await who(100), row.id, "快了", at=AT + 6 * DAY)
    await keep(AT + 8 * DAY)
    assert (await Wish.get(id=row.id)).state is WishState.CLAIMED
    await keep(AT + 11 * DAY)
    assert (await steps(row)).count(WishAction.WARN) == 2
    assert await Notice.filter(kind="wish.warned").count() == 2
    await keep(AT + 13 * DAY)
    assert (await Wish.get(id=row.id)).state is WishState.OPEN


async def test_a_reopened_wish_has_its_days_again(database: str) -> None:
    await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, WishAction.UNDONE, "", at=AT + 10 * DAY)
    await keep(AT + 15 * DAY - MINUTE)
    assert WishAction.WARN not in await steps(row)
    await keep(AT + 15 * DAY)
    assert WishAction.WARN in await steps(row)


# 没人认领


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-09-02T14:00", "2026-09-04T14:00"),  # 周三 → 周五
        ("2026-09-04T14:00", "2026-09-08T14:00"),  # 周五 → 周二
        ("2026-09-05T10:00", "2026-09-09T00:00"),  # 周六提的，从周一零点算
    ],
)
def test_two_working_days_skip_the_weekend(submitted: str, due: str) -> None:
    def moment(text: str) -> datetime:
        day, clock = text.split("T")
        return on(datetime.fromisoformat(day).date(), datetime.fromisoformat(f"{day}T{clock}").time())

    row = Wish(state=WishState.OPEN, submitted_at=moment(submitted))
    assert not is_ignored(row, moment(due) - MINUTE)
    assert is_ignored(row, moment(due))


async def test_unclaimed_for_two_working_days_goes_to_the_units_admin_once(database: str) -> None:
    await town.build()
    row = await town.wish()
    await keep(AT + 2 * DAY - MINUTE)
    assert await told(110) == []
    for _ in range(3):
        await keep(AT + 2 * DAY)
    assert await told(110) == [
        (
            "wish.escalated",
            "W1 过了 2 个工作日还没人认领，请安排一下：/转办 W1 团干部的姓名，或私聊我发 /心愿墙 看内容。",
        )
    ]
    assert (await told(200))[-1] == (
        "wish.escalated",
        "你的心愿 W1 还没人认领，我已经告诉单位负责的老师了，不会没人管。",
    )
    stored = await Wish.get(id=row.id)
    assert (stored.escalated_at, stored.state) == (AT + 2 * DAY, WishState.OPEN)


async def test_the_nearest_unit_above_that_has_an_admin_is_told(database: str) -> None:
    place = await town.build()
    branch = await factories.branch("软件三班团支部", place.software)
    deep = await factories.branch("软件三班团小组", await Unit.get(id=branch.id))
    cadre = await factories.cadre(104, "周七", deep)
    group = await factories.group(558, cadre)
    await factories.admin(111, "校管理", place.school)
    await factories.admin(112, "法学管理", place.law)
    await wishes.submit(await who(300), "想学车", at=AT, group=group)
    await keep(AT + 2 * DAY)
    assert [kind for kind, _ in await told(110)] == ["wish.escalated"]
    assert await told(111) == await told(112) == await told(901) == []


async def test_without_any_admin_the_superuser_is_told(database: str) -> None:
    place = await town.build()
    await wishes.submit(await who(300), "想学车", at=AT, group=await factories.group(559, place.zhang))
    await (await factories.Role.get(person__accounts__user_id="110")).delete()
    await keep(AT + 2 * DAY)
    assert [kind for kind, _ in await told(901)] == ["wish.escalated"]


async def test_no_transfer_or_dropping_resets_the_clock(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await keep(AT + 3 * DAY)
    assert await told(110) == []
    await wish_claims.drop(await who(100), row.id, at=AT + 3 * DAY)
    await keep(AT + 3 * DAY + MINUTE)
    assert [kind for kind, _ in await told(110)] == ["wish.escalated"], "提了三天了，放回来马上就该有人管"


@pytest.mark.parametrize("how", ["release", "drop", "transfer"])
async def test_what_comes_back_after_it_was_reported_is_reported_again(database: str, how: str) -> None:
    place = await town.build()
    await factories.admin(111, "校管理", place.school)
    row = await town.wish()
    await keep(AT + 2 * DAY)
    await wish_claims.claim(await who(100), row.id, at=AT + 2 * DAY)
    if how == "drop":
        await wish_claims.drop(await who(100), row.id, at=AT + 9 * DAY)
    if how == "transfer":  # 转给了上级，上级的管理员还不知道
        await wish_claims.transfer(await who(100), row.id, to=await who(103), at=AT + 9 * DAY)
    for _ in range(3):
        await keep(AT + 9 * DAY)
    reported = [[kind for kind, _ in await told(user)].count("wish.escalated") for user in (110, 111)]
    assert reported == ([1, 1] if how == "transfer" else [2, 0])


async def test_an_admin_who_hands_it_on_is_not_told_at_once_what_he_just_arranged(database: str) -> None:
    await town.build()
    row = await town.wish()
    await keep(AT + 2 * DAY)
    await wish_claims.transfer(await who(110), row.id, to=await who(101), at=AT + 2 * DAY)
    await keep(AT + 2 * DAY + MINUTE)
    assert [kind for kind, _ in await told(110)] == ["wish.escalated"]


# 没回话


@pytest.mark.parametrize("make", [town.done, town.explained])
async def test_the_author_is_asked_once_more_at_seven_days(database: str, make: object) -> None:
    await town.build()
    row = await make()  # type: ignore[operator]
    before = await steps(row)
    await keep(AT + 7 * DAY - MINUTE)
    assert await steps(row) == before
    for _ in range(3):
        await keep(AT + 7 * DAY)
    assert await steps(row) == [*before, WishAction.ASK_AGAIN]
    [notice] = await Notice.filter(kind="wish.asked_again")
    assert notice.person_id == row.author_id
    assert notice.expires_at == AT + 14 * DAY
    choices = "办成、部分、没办成" if row.state is WishState.DONE else "接受、再想想"
    assert (
        notice.text
        == f"你的心愿 W1 等你一句话：/确认 W1 加上 {choices} 里的一个。到 9月16日 14:00 还没有回话，我就先收起来。"
    )


@pytest.mark.parametrize(
    ("make", "ending"), [(town.done, WishEnding.UNCONFIRMED), (town.explained, WishEnding.IMPOSSIBLE)]
)
async def test_fourteen_days_of_silence_end_it_without_success(database: str, make: object, ending: WishEnding) -> None:
    await town.build()
    row = await make()  # type: ignore[operator]
    await keep(AT + 7 * DAY)
    await keep(AT + 14 * DAY - MINUTE)
    assert (await Wish.get(id=row.id)).ending is None
    for _ in range(3):
        await keep(AT + 14 * DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.ending, stored.accepted) == (WishState.ENDED, ending, False)
    assert stored.ended_at == AT + 14 * DAY
    assert await Notice.filter(kind="wish.closed").count() == 2, "青年和认领人各一句"
    assert (await steps(row)).count(WishAction.CLOSE) == 1


async def test_after_a_pause_the_letters_still_name_the_day_that_counts(database: str) -> None:
    await town.build()
    await town.claimed("甲")
    await town.done("乙")
    await keep(AT + 6 * DAY)
    await keep(AT + 12 * DAY)
    [warned] = await Notice.filter(kind="wish.warned")
    [asked] = await Notice.filter(kind="wish.asked_again")
    assert "到 9月9日 14:00 会放回心愿墙" in (warned.text or "")
    assert "到 9月16日 14:00 还没有回话" in (asked.text or "")


async def test_an_answer_in_time_stops_the_clock(database: str) -> None:
    await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, WishAction.FULFIL, "", at=AT + 13 * DAY)
    await keep(AT + 40 * DAY)
    assert (await Wish.get(id=row.id)).ending is WishEnding.FULFILLED


async def test_finishing_again_asks_again_from_the_new_day(database: str) -> None:
    await town.build()
    row = await town.done()
    await keep(AT + 7 * DAY)
    await wishes.confirm(await who(200), row.id, WishAction.UNDONE, "", at=AT + 8 * DAY)
    await wish_claims.finish(await who(100), row.id, "这回好了", at=AT + 9 * DAY)
    await keep(AT + 14 * DAY)
    assert (await Wish.get(id=row.id)).state is WishState.DONE
    await keep(AT + 16 * DAY)
    assert await Notice.filter(kind="wish.asked_again").count() == 2
    await keep(AT + 23 * DAY)
    assert (await Wish.get(id=row.id)).ending is WishEnding.UNCONFIRMED


# 停机、两个进程、夜里


async def test_after_forty_days_asleep_each_wish_takes_only_the_step_it_is_due(database: str) -> None:
    await town.build()
    rows = [await make() for make in (lambda: town.wish("甲"), lambda: town.claimed("乙"), lambda: town.done("丙"))]
    before = await Notice.all().count()
    late = AT + 40 * DAY
    for _ in range(2):
        await keep(late)
        await keep(late + MINUTE)
    waiting, dropped, silent = [(await steps(row))[1:] for row in rows]
    assert waiting == [WishAction.ESCALATE]
    assert dropped == [WishAction.CLAIM, WishAction.RELEASE, WishAction.ESCALATE]
    assert silent == [WishAction.CLAIM, WishAction.FINISH, WishAction.CLOSE]
    kinds = await Notice.filter(id__gt=before).values_list("kind", flat=True)
    assert sorted(str(kind) for kind in kinds) == sorted(
        ["wish.escalated"] * 4 + ["wish.released"] * 2 + ["wish.closed"] * 2
    ), "过时的提醒、追问不再发"


async def test_several_processes_at_once_do_each_thing_once(database: str) -> None:
    await town.build()
    for make in (lambda: town.wish("甲"), lambda: town.claimed("乙"), lambda: town.done("丙")):
        await make()
    steps_before, notices_before = await WishEvent.all().count(), await Notice.all().count()
    await asyncio.gather(*(keep(AT + 40 * DAY) for _ in range(8)))
    assert await WishEvent.all().count() == steps_before + 4
    assert await Notice.all().count() == notices_before + 8


async def test_a_release_racing_with_progress_never_takes_a_wish_just_worked_on(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await wish_claims.progress(await who(100), row.id, "有了", at=AT + 7 * DAY - MINUTE)
    await asyncio.gather(keep(AT + 7 * DAY), wish_claims.finish(await who(100), row.id, "好", at=AT + 7 * DAY))
    assert (await Wish.get(id=row.id)).state is WishState.DONE


async def test_deadlines_pass_at_night_but_the_message_waits_for_the_morning(database: str) -> None:
    await town.build()
    night = AT.replace(hour=23)
    row = await town.claimed(at=night)
    await keep(night + 5 * DAY)
    assert (await Wish.get(id=row.id)).warned_at == night + 5 * DAY
    [notice] = await Notice.filter(kind="wish.warned")
    assert notice.due_at == (night + 6 * DAY).replace(hour=8)


async def test_what_asks_for_a_step_already_taken_is_not_said(database: str) -> None:
    """夜里提了又撤了、提醒还没送到就有了进展、没等再问就回了话：请人做那一步的话不再说；已经发生的照说。"""
    await town.build()

    async def unsaid(row: Wish) -> list[str]:
        rows = Notice.filter(period__startswith=f"{row.number}/", state=NoticeState.DUE).order_by("id")
        return [str(kind) for kind in await rows.values_list("kind", flat=True)]

    gone = await town.wish("想学游泳")
    assert await unsaid(gone) == ["wish.new"]
    await wishes.withdraw(await who(200), gone.id, at=AT)
    assert await unsaid(gone) == []
    row = await town.claimed()
    assert await unsaid(row) == ["wish.claimed"]
    await keep(AT + 5 * DAY)
    assert await unsaid(row) == ["wish.claimed", "wish.warned"]
    await wish_claims.progress(await who(100), row.id, "在问了", at=AT + 6 * DAY)
    assert await unsaid(row) == ["wish.claimed", "wish.progress"]
    await wish_claims.finish(await who(100), row.id, "办好了", at=AT + 6 * DAY)
    await keep(AT + 13 * DAY)
    assert await unsaid(row) == ["wish.claimed", "wish.progress", "wish.done", "wish.asked_again"]
    await wishes.confirm(await who(200), row.id, WishAction.FULFIL, "", at=AT + 13 * DAY)
    assert await unsaid(row) == ["wish.claimed", "wish.progress", "wish.confirmed"]


async def test_a_crisis_has_no_deadline(database: str) -> None:
    await town.build()
    row = await town.wish("我不想活了")
    before = await Notice.all().count()
    await keep(AT + 400 * DAY)
    assert await steps(row) == [WishAction.SUBMIT]
    assert await Notice.all().count() == before


async def test_an_erased_author_is_not_written_to(database: str) -> None:
    place = await town.build()
    row = await town.done()
    await Wish.filter(id=row.id).update(author_id=None)
    await keep(AT + 14 * DAY)
    assert (await Wish.get(id=row.id)).ending is WishEnding.UNCONFIRMED
    assert not await Notice.filter(kind="wish.closed", person_id=place.xiaowang.id).exists()


# 保留期


async def test_text_and_notes_are_emptied_180_days_after_the_end_and_the_rest_stays(database: str) -> None:
    await town.build()
    row = await town.done()
    await wishes.confirm(await who(200), row.id, WishAction.FULFIL, "谢谢", at=AT)
    young = await town.wish("想游泳", at=AT + DAY)
    await wishes.withdraw(await who(200), young.id, at=AT + DAY)
    open_one = await town.claimed("想爬山", at=AT + 2 * DAY)
    await wish_claims.progress(await who(100), open_one.id, "在办", at=AT + 179 * DAY)
    await keep(AT + 180 * DAY - MINUTE)
    assert (await Wish.get(id=row.id)).text == "想学修自行车"
    await keep(AT + 180 * DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.text, stored.digest, stored.ending) == (None, "", WishEnding.FULFILLED)
    assert not await WishEvent.filter(wish_id=row.id, note__isnull=False).exists()
    assert (await steps(row))[-1] is WishAction.FULFIL
    assert (await Wish.get(id=young.id)).text == "想游泳"
    assert (await Wish.get(id=open_one.id)).text == "想爬山"
    assert await WishEvent.filter(wish_id=open_one.id, note="在办").exists()
    assert wish_deadlines.KEEP_TEXT == 180 * DAY
