"""微心愿的团干部一边：看、认领、进展、办结、说明、转办，以及值守人处理危机求助。"""

import asyncio
from datetime import timedelta

import pytest

from bot.league import crises, roster, wish_claims, wish_sights, wishes
from bot.league.errors import Refusal
from bot.settings import settings
from db.models import (
    Account,
    Audit,
    Cadre,
    Notice,
    Role,
    RoleKind,
    Scope,
    Wish,
    WishAction,
    WishEnding,
    WishEvent,
    WishLane,
    WishState,
)
from tests import factories
from tests.factories import AT
from tests.league import wish_town as town
from tests.league.wish_town import told, who

DAY = timedelta(days=1)
HELP = "我不想活了"


@pytest.fixture(autouse=True)
def duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:900",))
    monkeypatch.setattr(settings(), "superusers", {"901"})


async def sees(user: int, *, private: bool = True) -> list[int]:
    return [row.id for row in await wish_sights.wall(await who(user), private=private)]


# 谁看得见


async def test_cadres_of_the_unit_and_of_units_above_see_it_others_do_not(database: str) -> None:
    await town.build()
    row = await town.wish()
    assert await sees(100) == await sees(101) == await sees(103) == await sees(110) == [row.id]
    assert await sees(102) == [], "别的团总支"
    with pytest.raises(Refusal, match="没找到 W1，"):
        await wish_claims.claim(await who(102), row.id, at=AT)
    await wish_claims.claim(await who(103), row.id, at=AT)


async def test_cadres_below_do_not_see_the_wishes_of_a_unit_above(database: str) -> None:
    await town.build()
    zhao = await who(103)
    group = await factories.group(557, await Cadre.get(id=zhao.cadre_id))
    row = (await wishes.submit(await who(300), "想逛校史馆", at=AT, group=group)).wish
    assert await sees(103) == [row.id]
    assert await sees(100) == await sees(110) == []


async def test_what_a_cadre_has_in_hand_stays_on_his_wall_when_he_moves_to_another_unit(database: str) -> None:
    place = await town.build()
    mine, waiting = await town.claimed("想学车"), await town.wish("想学画")
    await Cadre.filter(id=place.zhang.id).update(unit=place.law)
    roster.touch()
    assert await sees(100) == await sees(100, private=False) == [waiting.id, mine.id]
    assert await sees(102) == [], "人走了，心愿还是原单位的"
    await wish_claims.finish(await who(100), mine.id, "约好教练了", at=AT)


async def test_the_private_lane_is_for_the_responsible_cadre_and_the_units_admins_in_private(database: str) -> None:
    place = await town.build()
    await factories.admin(111, "校管理", place.school)
    row = await town.wish("想申请困难补助")
    assert await sees(100) == await sees(110) == await sees(111) == [row.id]
    assert await sees(101) == await sees(102) == await sees(103) == []
    assert await sees(100, private=False) == await sees(110, private=False) == []
    for user in (101, 103):
        with pytest.raises(Refusal, match="没找到 W1，"):
            await wish_claims.claim(await who(user), row.id, at=AT)
    await wish_claims.claim(await who(100), row.id, at=AT)


async def test_a_superuser_sees_all_but_private_wishes_only_in_private_and_never_a_crisis(database: str) -> None:
    await town.build()
    open_one = await town.wish()
    secret = await town.wish("想申请困难补助")
    await town.wish(HELP)
    boss = await roster.identify(Scope.QQ, "901", superuser=True)
    assert [row.id for row in await wish_sights.wall(boss, private=True)] == [open_one.id, secret.id]
    assert [row.id for row in await wish_sights.wall(boss, private=False)] == [open_one.id]


async def test_the_wall_shows_the_unclaimed_first_the_longest_waiting_on_top_and_no_ended_ones(database: str) -> None:
    await town.build()
    claimed = await town.claimed("想学车")
    later = await town.wish("想游泳", at=AT + DAY)
    earlier = await town.wish("想爬山")
    ended = await town.wish("想唱歌")
    await wishes.withdraw(await who(200), ended.id, at=AT)
    assert await sees(100) == [earlier.id, later.id, claimed.id]


# 认领


async def test_a_claim_starts_the_work_and_tells_the_author_who(database: str) -> None:
    place = await town.build()
    row = await town.wish()
    await wish_claims.claim(await who(100), row.id, at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.claimer_id, stored.submitted_at) == (WishState.CLAIMED, place.zhang.id, AT)
    assert stored.answered_at == stored.claimed_at == stored.progressed_at == AT + DAY
    assert await told(200) == [("wish.claimed", "你的心愿 W1 有人接了：张三认领了，有进展我就告诉你。")]
    assert await town.steps(row) == [WishAction.SUBMIT, WishAction.CLAIM]


async def test_of_twenty_claims_at_once_one_wins_and_the_others_are_told_who(database: str) -> None:
    place = await town.build()
    for number in range(18):
        await factories.cadre(1000 + number, f"干部{number}", place.software)
    row = await town.wish()
    people = [await who(user) for user in (100, 101, *range(1000, 1018))]
    results = await asyncio.gather(
        *(wish_claims.claim(person, row.id, at=AT) for person in people), return_exceptions=True
    )
    [winner] = [person for person, result in zip(people, results, strict=True) if isinstance(result, Wish)]
    losers = {str(result) for result in results if isinstance(result, Refusal)}
    assert losers == {f"W1 已经由{winner.name}认领了，谢谢你。"}
    assert (await Wish.get(id=row.id)).claimer_id == winner.cadre_id
    assert await WishEvent.filter(kind=WishAction.CLAIM).count() == 1
    assert len(await told(200)) == 1


async def test_five_open_claims_a_cadre_even_when_claimed_at_once(database: str) -> None:
    await town.build()
    rows = [await town.wish(f"心愿{number}") for number in range(8)]
    zhang = await who(100)
    results = await asyncio.gather(*(wish_claims.claim(zhang, row.id, at=AT) for row in rows), return_exceptions=True)
    assert sum(isinstance(result, Wish) for result in results) == wish_claims.MAX_CLAIMS == 5
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert {str(refusal) for refusal in refusals} == {"你手上已经有 5 件在办了，先办结或 /放弃 一件再来。"}
    held = await Wish.filter(state=WishState.CLAIMED).order_by("id")
    left = await Wish.filter(state=WishState.OPEN).order_by("id")
    await wish_claims.finish(zhang, held[0].id, "好了", at=AT)
    await wish_claims.claim(zhang, left[0].id, at=AT)


async def test_claiming_again_what_is_already_mine_says_so(database: str) -> None:
    await town.build()
    row = await town.claimed()
    with pytest.raises(Refusal, match="W1 已经在你手上了"):
        await wish_claims.claim(await who(100), row.id, at=AT)


async def test_nobody_claims_his_own_wish_and_an_admin_who_is_no_cadre_cannot_claim(database: str) -> None:
    await town.build()
    row = await town.wish(by=101)
    with pytest.raises(Refusal, match="自己提的心愿，请别的团干部来认领吧。"):
        await wish_claims.claim(await who(101), row.id, at=AT)
    with pytest.raises(Refusal, match="认领心愿的得是名册上的团干部"):
        await wish_claims.claim(await who(110), row.id, at=AT)
    with pytest.raises(Refusal, match="没找到 W99，"):
        await wish_claims.claim(await who(100), 99, at=AT)
    assert (await Wish.get(id=row.id)).state is WishState.OPEN


async def test_dropping_puts_it_back_and_keeps_the_clock_and_the_first_answer(database: str) -> None:
    place = await town.build()
    row = await town.wish()
    await wish_claims.claim(await who(101), row.id, at=AT)
    await wish_claims.drop(await who(101), row.id, at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.claimer_id, stored.submitted_at, stored.answered_at) == (WishState.OPEN, None, AT, AT)
    assert (await told(200))[-1][0] == "wish.dropped"
    assert (await told(100))[-1] == ("wish.dropped", "W1 又回到待认领了，能办就发 /认领 W1。")
    await wish_claims.claim(await who(100), row.id, at=AT + 3 * DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.answered_at, stored.claimed_at, stored.claimer_id) == (AT, AT + 3 * DAY, place.zhang.id)


# 进展、办结、办不成


async def test_progress_goes_to_the_author_and_restarts_the_five_days(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await Wish.filter(id=row.id).update(warned_at=AT)
    await wish_claims.progress(await who(100), row.id, "约好周五，打我 13812345678", at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.progressed_at, stored.warned_at, stored.answered_at) == (AT + DAY, None, AT)
    assert (await told(200))[-1] == ("wish.progress", "你的心愿 W1 有新进展：约好周五，打我 〔电话已隐去〕")


async def test_in_the_private_lane_no_notice_carries_the_note(database: str) -> None:
    await town.build()
    row = await town.claimed("想申请困难补助")
    zhang = await who(100)
    await wish_claims.progress(zhang, row.id, "补助批了", at=AT)
    await wish_claims.finish(zhang, row.id, "补助到账", at=AT)
    assert "补助" not in "".join(text for _, text in await told(200))
    assert (await told(200))[1][1] == "你的心愿 W1 有新进展，私聊我发 /我的心愿 看是怎么说的。"


async def test_finishing_asks_the_author(database: str) -> None:
    await town.build()
    row = await town.done()
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.done_at, stored.ended_at, stored.ending) == (WishState.DONE, AT, None, None)
    assert (await told(200))[-1] == (
        "wish.done",
        "你的心愿 W1 办结了：办好了\n"
        "办成了吗？回我 /确认 W1 办成，或者 /确认 W1 部分、/确认 W1 没办成，后面可以多写两句。",
    )


async def test_explaining_gives_the_reason_and_asks_whether_it_is_accepted(database: str) -> None:
    await town.build()
    row = await town.explained()
    assert (await told(200))[-1] == (
        "wish.explained",
        "你的心愿 W1 这次没能办成：场馆在修\n能理解就回 /确认 W1 接受；觉得还可以再试试，就回 /确认 W1 再想想。",
    )
    assert (await Wish.get(id=row.id)).done_at == AT


@pytest.mark.parametrize("verb", [wish_claims.progress, wish_claims.explain])
async def test_progress_and_reason_need_words(database: str, verb: object) -> None:
    await town.build()
    row = await town.claimed()
    with pytest.raises(Refusal, match="请写一句话，例如：/"):
        await verb(await who(100), row.id, " \u200b", at=AT)  # type: ignore[operator]
    assert (await Wish.get(id=row.id)).state is WishState.CLAIMED


@pytest.mark.parametrize("verb", [wish_claims.progress, wish_claims.finish, wish_claims.explain])
async def test_only_the_claimer_or_the_units_admin_may_speak_for_a_wish(database: str, verb: object) -> None:
    await town.build()
    row = await town.claimed()
    for user in (101, 103):
        with pytest.raises(Refusal, match="W1 不是你认领的，请认领人或单位管理员来操作。"):
            await verb(await who(user), row.id, "好了", at=AT)  # type: ignore[operator]
    with pytest.raises(Refusal, match="没找到 W1，"):
        await verb(await who(102), row.id, "好了", at=AT)  # type: ignore[operator]
    assert (await Wish.get(id=row.id)).progressed_at == AT
    await verb(await who(110), row.id, "好了", at=AT)  # type: ignore[operator]


async def test_the_claimer_learns_that_an_admin_finished_for_him(database: str) -> None:
    await town.build()
    row = await town.claimed()
    await wish_claims.finish(await who(110), row.id, "好了", at=AT)
    assert (await told(100))[-1] == ("wish.helped", "W1 由孙管理替你办结了，青年回话了我告诉你。")


async def test_only_the_claimer_drops(database: str) -> None:
    await town.build()
    row = await town.claimed()
    with pytest.raises(Refusal, match="W1 不是你认领的"):
        await wish_claims.drop(await who(101), row.id, at=AT)
    with pytest.raises(Refusal, match="W1 不是你认领的；要换人办，可以 /转办 W1 @某人。"):
        await wish_claims.drop(await who(110), row.id, at=AT)
    open_one = await town.wish("想游泳")
    with pytest.raises(Refusal, match="W2 还没有人认领，请先 /认领 W2。"):
        await wish_claims.drop(await who(100), open_one.id, at=AT)


# 转办


async def test_a_transfer_goes_back_to_the_wall_of_the_other_cadre_and_keeps_the_clock(database: str) -> None:
    await town.build()
    row = await town.claimed()
    li = await who(101)
    await wish_claims.transfer(await who(100), row.id, to=li, at=AT + DAY)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.claimer_id, stored.cadre_id) == (WishState.OPEN, None, li.cadre_id)
    assert (stored.submitted_at, stored.answered_at) == (AT, AT)
    assert await told(101) == [("wish.assigned", "W1 转到你这里了，发 /认领 W1 就归你办；时间从青年提的那天算。")]
    assert (await told(200))[-1] == ("wish.transferred", "你的心愿 W1 转给了李四，还是从你提的那天算时间。")


async def test_a_transfer_to_a_unit_goes_to_its_first_cadre(database: str) -> None:
    place = await town.build()
    row = await town.claimed()
    await wish_claims.transfer(await who(100), row.id, to="示例大学团委", at=AT)
    stored = await Wish.get(id=row.id)
    assert (stored.unit_id, stored.cadre_id) == (place.school.id, (await who(103)).cadre_id)
    assert await sees(100) == [], "到了上级那里，下级的墙上就没有了"


@pytest.mark.parametrize("named", ["李四", "@李四", "＠李四 "])
async def test_a_transfer_may_name_a_cadre_where_nobody_can_be_mentioned(database: str, named: str) -> None:
    await town.build()
    row = await town.claimed()
    _, cadre = await wish_claims.transfer(await who(100), row.id, to=named, at=AT)
    assert (await Wish.get(id=row.id)).cadre_id == cadre.id == (await who(101)).cadre_id
    with pytest.raises(Refusal, match="法学院团总支不归你这边管"):
        await wish_claims.transfer(await who(110), row.id, to="王五", at=AT)


async def test_transfers_stay_within_reach(database: str) -> None:
    place = await town.build()
    row = await town.claimed()
    zhang, wang = await who(100), await who(102)
    with pytest.raises(Refusal, match="法学院团总支不归你这边管"):
        await wish_claims.transfer(zhang, row.id, to=wang, at=AT)
    await factories.admin(111, "校管理", place.school)
    await wish_claims.transfer(await who(111), row.id, to=wang, at=AT)
    stored = await Wish.get(id=row.id)
    assert (stored.unit_id, stored.cadre_id) == (place.law.id, wang.cadre_id)
    assert (await told(100))[-1] == ("wish.transferred", "W1 由管理员转给王五了，不用再办。")


async def test_a_cadre_above_may_hand_it_down(database: str) -> None:
    await town.build()
    row = await town.wish()
    await wish_claims.claim(await who(103), row.id, at=AT)
    await wish_claims.transfer(await who(103), row.id, to=await who(102), at=AT)
    assert (await Wish.get(id=row.id)).cadre_id == (await who(102)).cadre_id


async def test_an_unclaimed_wish_is_handed_on_by_an_admin_only(database: str) -> None:
    await town.build()
    row = await town.wish()
    with pytest.raises(Refusal, match="W1 还没有人认领，要转的话请先 /认领 W1，或请单位管理员来转。"):
        await wish_claims.transfer(await who(100), row.id, to=await who(101), at=AT)
    await wish_claims.transfer(await who(110), row.id, to=await who(101), at=AT)
    assert (await told(101))[-1][0] == "wish.assigned"


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("没有这个单位", "没找到“没有这个单位”，请写名册上的单位全称，或团干部的姓名。"),
        ("@赵六", "名册上有几位赵六，请写单位名称，或到工作群里 @ 本人。"),
        ("好" * 500, f"没找到“{'好' * 20}”，请写名册上的单位全称，或团干部的姓名。"),
        ("空团支部", "空团支部还没有团干部，转过去没人接；请 @ 一位团干部。"),
        (200, "他不在团干部名册上，转不过去。可以写单位名称，例如：/转办 W12 校团委"),
        (100, "W1 已经在张三手上了。"),
    ],
)
async def test_a_transfer_to_nobody_is_refused(database: str, to: str | int, sentence: str) -> None:
    place = await town.build()
    await factories.branch("空团支部", place.software)
    await factories.cadre(104, "赵六", place.school)
    row = await town.claimed()
    with pytest.raises(Refusal) as refusal:
        await wish_claims.transfer(await who(100), row.id, to=await who(to) if isinstance(to, int) else to, at=AT)
    assert refusal.value.sentence == sentence
    assert (await Wish.get(id=row.id)).state is WishState.CLAIMED


# 危机求助


async def test_a_crisis_is_on_no_wall_and_nobody_can_claim_it(database: str) -> None:
    await town.build()
    row = await town.wish(HELP)
    for user in (100, 101, 103, 110):
        assert await sees(user) == []
        for verb in (wish_claims.claim, wish_claims.drop):
            with pytest.raises(Refusal):
                await verb(await who(user), row.id, at=AT)
        for speak in (wish_claims.progress, wish_claims.finish, wish_claims.explain):
            with pytest.raises(Refusal, match="没找到 W1，"):
                await speak(await who(user), row.id, "好了", at=AT)
        with pytest.raises(Refusal, match="这条命令是给值守人用的。"):
            await crises.waiting(await who(user))
        with pytest.raises(Refusal, match="这条命令是给值守人用的。"):
            await crises.reveal(await who(user), row.id, at=AT)
    stored = await Wish.get(id=row.id)
    assert (stored.state, stored.lane, stored.answered_at) == (WishState.OPEN, WishLane.CRISIS, None)
    assert not await Audit.filter(action="wish.reveal").exists()


async def test_only_the_duty_person_or_a_superuser_closes_it_and_it_has_no_ending(database: str) -> None:
    await town.build()
    first, second = await town.wish(HELP), await town.wish(HELP + "真的")
    await wish_claims.finish(await who(900), first.id, "已见到本人和辅导员", at=AT + DAY)
    boss = await roster.identify(Scope.QQ, "901", superuser=True)
    await wish_claims.finish(boss, second.id, "", at=AT + DAY)
    for row in await Wish.all():
        assert (row.state, row.ending, row.ended_at) == (WishState.ENDED, None, AT + DAY)
    assert await told(200) == [], "怎么处理的不会发给本人"
    assert [note for _, note in await wishes.mine(await who(200))] == [None, None]


async def test_the_duty_persons_words_reach_the_author_even_at_night(database: str) -> None:
    await town.build()
    row = await town.wish(HELP, anonymous=True)
    night = AT.replace(hour=23)
    await wish_claims.progress(await who(900), row.id, "我在，能打电话给你吗", at=night)
    [notice] = await Notice.filter(kind="wish.crisis_words")
    assert (notice.text, notice.due_at) == ("值守老师让我带句话给你：我在，能打电话给你吗", night)
    assert [note for _, note in await wishes.mine(await who(200))] == ["我在，能打电话给你吗"]


async def test_the_duty_person_sees_who_it_is_and_the_look_is_on_record(database: str) -> None:
    await town.build()
    row = await town.wish(HELP, anonymous=True)
    assert [wish.id for wish in await crises.waiting(await who(900))] == [row.id]
    wish, accounts = await crises.reveal(await who(900), row.id, at=AT)
    assert (wish.text, [account.user_id for account in accounts]) == (HELP, ["200"])
    assert await Audit.filter(action="wish.reveal", subject="W1", actor_id=(await who(900)).person_id).count() == 1
    ordinary = await town.wish()
    with pytest.raises(Refusal, match="W2 不是危机求助，或者没有这个编号。"):
        await crises.reveal(await who(900), ordinary.id, at=AT)


async def test_the_duty_person_may_use_another_account_of_his(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.build()
    assert not await crises.is_duty(await who(100))
    monkeypatch.setattr(settings(), "duty", ("QQ:100",))
    place = await who(100)
    await Account.create(scope=Scope.WECHAT, user_id="wxid_z", person_id=place.person_id)
    assert await crises.is_duty(place)
    assert await crises.is_duty(await roster.identify(Scope.WECHAT, "wxid_z"))
    assert not await crises.is_duty(await who(101))


async def test_roles_other_than_admin_give_no_say(database: str) -> None:
    place = await town.build()
    inspector = await factories.admin(120, "督导", place.school, RoleKind.INSPECTOR)
    row = await town.claimed()
    assert await Role.filter(person=inspector).exists()
    with pytest.raises(Refusal, match="没找到 W1，"):
        await wish_claims.finish(await who(120), row.id, "好了", at=AT)
    assert await sees(120) == []
    assert (await Wish.get(id=row.id)).ending is not WishEnding.FULFILLED
