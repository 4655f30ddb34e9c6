"""推送的队：白天才推，一个群一天至多一条、一周至多两条；看得见，撤得下。"""

import itertools
from datetime import datetime, timedelta

import pytest

from bot.league import budgets, notices, pushes, roster
from bot.league.errors import Refusal
from bot.league.periods import on
from bot.league.pushes import STEPS, PushAction, Queued
from bot.league.roster import Speaker
from db.models import Group, GroupKind, Notice, NoticeState, Push, PushState, PushTarget, Scope
from plugins.pushes.jobs import send_pushes
from tests import factories

#: 一个星期三下午
AT = on(datetime(2026, 11, 18).date()).replace(hour=14)
TEXT = "看懂五四 https://a.edu.cn/{} 读书"


@pytest.fixture
async def group(database: str) -> Group:
    """软件学院张三（1）的群 5、6；学校的王部长（9）；法学院李四（2）的群 7。"""
    school = await factories.school()
    zhang = await factories.cadre(1, "张三", await factories.branch("软件学院团总支", school))
    group = await factories.group(5, zhang)
    await factories.group(6, zhang)
    await factories.group(7, await factories.cadre(2, "李四", await factories.branch("法学院团总支", school)))
    await factories.admin(9, "王部长", school)
    return group


async def who(user: int) -> Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def push(number: int, group: Group | None, *, by: int = 1, at: datetime = AT) -> Queued:
    return await pushes.submit(await who(by), TEXT.format(number), group=group, at=at)


async def sent(at: datetime) -> list[tuple[str, str]]:
    """这一分钟新放进队列的：(编号, 群)，随后当作都送到了，下一分钟看见。"""
    await send_pushes(at)
    fresh = await Notice.filter(kind=pushes.KIND, state=NoticeState.DUE).order_by("id").select_related("group")
    found = [(row.period, row.group.group_id if row.group else "") for row in fresh]
    await Notice.filter(id__in=[row.id for row in fresh]).update(state=NoticeState.SENT, spent_at=at, sent_at=at)
    await send_pushes(at)
    return found


def test_every_arrow_of_the_table_and_no_other() -> None:
    arrows = {("排着队", "推完"): "推完了", ("排着队", "撤下"): "撤下了", ("排着队", "过期"): "过期了"}
    assert {(state.value, action.value): end.value for (state, action), end in STEPS.items()} == arrows


async def test_each_step_is_taken_or_refused_as_the_table_says(group: Group) -> None:
    row = (await push(1, group)).push
    for state, action in itertools.product(PushState, PushAction):
        await Push.filter(id=row.id).update(state=state)
        row.state = state
        if onward := STEPS.get((state, action)):
            await pushes.advance(row, action)
            assert (await Push.get()).state is onward
        else:
            with pytest.raises(Refusal, match=rf"^G1 {state}，不能再{action}。$"):
                await pushes.advance(row, action)
            assert (await Push.get()).state is state


async def test_where_it_goes_depends_on_where_and_by_whom_it_is_said(group: Group) -> None:
    assert (await push(1, group)).groups == 1
    assert (await push(2, None)).groups == 2
    everywhere = await push(3, None, by=9)
    assert everywhere.groups == 3
    assert (await everywhere.push.unit).name == "示例大学团委"
    assert (await push(4, await Group.get(group_id="7"), by=9)).groups == 1
    with pytest.raises(Refusal, match=r"^这个群的推送由群里的团干部来开。$"):
        await push(5, group, by=2)


async def test_by_day_one_a_day_and_two_a_week_oldest_first(group: Group) -> None:
    for number in range(1, 5):
        await push(number, group)
    assert await sent(AT.replace(hour=9, minute=59)) == []
    assert await sent(AT.replace(hour=20)) == []
    assert await sent(AT) == [("G1", "5")]
    assert await sent(AT + timedelta(minutes=1)) == []
    assert await sent(AT + timedelta(hours=23)) == [], "一天至多一条"
    assert await sent(AT + timedelta(hours=24)) == [("G2", "5")]
    for days in range(2, 7):
        assert await sent(AT + timedelta(days=days, hours=1)) == [], "一周至多两条"
    assert await sent(AT + timedelta(days=7)) == [("G3", "5")]
    assert [row.state for row in await Push.all().order_by("id")] == ["推完了"] * 3 + ["排着队"]


async def test_other_pushes_to_the_group_use_the_same_two_places(group: Group) -> None:
    await push(1, group)
    for number in range(budgets.GROUP_A_WEEK):
        await notices.post(pushes.KIND, period=f"别的{number}", group_id=group.id, text="…", at=AT)
    earlier = AT - timedelta(days=2)
    await Notice.all().update(state=NoticeState.SENT, spent_at=earlier)
    assert await sent(AT) == []
    await Notice.filter(period="别的0").update(spent_at=AT - timedelta(days=8))
    assert await sent(AT) == [("G1", "5")]


async def test_one_still_on_its_way_holds_the_next_back(group: Group) -> None:
    await push(1, group)
    await push(2, group)
    await send_pushes(AT)
    await send_pushes(AT)
    await send_pushes(AT + timedelta(days=2))
    assert await Notice.filter(kind=pushes.KIND).count() == 1


async def test_what_was_queued_can_be_seen_and_taken_down(group: Group) -> None:
    mine = await push(1, None)
    await push(2, None, by=9)
    assert [row.push.number for row in await pushes.queue(await who(1))] == ["G1", "G2"]
    assert [row.push.number for row in await pushes.queue(await who(9))] == ["G1", "G2"]
    assert [row.push.number for row in await pushes.queue(await who(2))] == ["G2"]
    assert await sent(AT) == [("G1", "5"), ("G1", "6"), ("G2", "7")]
    with pytest.raises(Refusal, match=r"^G1 推完了，不能再撤下。$"):
        await pushes.cancel(await who(1), mine.push.id)
    with pytest.raises(Refusal, match=r"^没找到你能管的 G2，发 /推送 看看编号？$"):
        await pushes.cancel(await who(1), 2)
    cancelled = await pushes.cancel(await who(9), 2)
    assert (cancelled.sent, cancelled.groups) == (1, 3)
    assert await sent(AT + timedelta(days=1)) == []


async def test_a_group_unbound_gets_nothing_and_four_weeks_are_enough(group: Group) -> None:
    await push(1, group)
    await Group.filter(id=group.id).update(unbound_at=AT)
    assert await sent(AT) == []
    assert (await Push.get()).state is PushState.QUEUED
    assert await sent(AT + timedelta(days=28)) == []
    assert (await Push.get()).state is PushState.EXPIRED


async def test_a_group_bound_again_elsewhere_does_not_get_what_was_queued_for_the_old_one(group: Group) -> None:
    await push(1, group)
    await push(2, None, by=9)
    fresh = {"bound_at": AT + timedelta(minutes=1)}
    law = await Group.get(group_id="7")
    await Group.filter(id=group.id).update(unit_id=law.unit_id, cadre_id=law.cadre_id, **fresh)
    await Group.filter(group_id="6").update(kind=GroupKind.WORK, **fresh)
    assert await sent(AT + timedelta(minutes=2)) == [("G2", "5"), ("G2", "7")], "学校推的，到了法学院也还是它的群"


async def test_the_same_link_again_and_a_full_queue_are_refused(group: Group) -> None:
    await push(1, group)
    with pytest.raises(Refusal, match=r"^这个链接推过了（G1 看懂五四），一个月内不重复推。$"):
        await push(1, group, at=AT + timedelta(days=29))
    await pushes.cancel(await who(1), 1)
    for number in range(1, 9):
        await push(number, group)
    with pytest.raises(Refusal, match=r"^已经排了 8 条，够推四周了。发 /推送 看看，撤下几条再来。$"):
        await push(9, group)
    assert (await push(9, None)).groups == 1, "别的群还排得下"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("看懂五四", "推送写成 标题 链接 [标签]，例如：/推送 三分钟看懂五四 https://example.edu.cn/54 读书"),
        ("https://a.cn 读书", "推送写成 标题 链接 [标签]，例如：/推送 三分钟看懂五四 https://example.edu.cn/54 读书"),
        (f"{'好' * 41} https://a.cn", "标题 40 个字以内，短一点大家才看。"),
        ("看 https://a.cn 一 二 三 四", "标签至多 3 个，每个 12 个字以内，例如：读书 电影"),
        (f"看 https://a.cn {'长' * 13}", "标签至多 3 个，每个 12 个字以内，例如：读书 电影"),
    ],
)
def test_what_cannot_be_read_gets_an_example(text: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        pushes.read(text)
    assert refused.value.sentence == why


def test_a_push_is_read_as_title_link_and_tags() -> None:
    assert pushes.read("看懂 五四 https://a.cn #读书、电影，读书") == pushes.Draft(
        "看懂 五四", "https://a.cn", ("读书", "电影")
    )


async def test_wording_is_checked_and_a_group_without_a_bot_is_said(group: Group) -> None:
    with pytest.raises(Refusal, match=r"^“转发到”这个说法先不发：不要求转发点赞"):
        await pushes.submit(await who(1), "转发到朋友圈 https://a.cn", group=group, at=AT)
    await Group.all().update(unbound_at=AT)
    with pytest.raises(Refusal, match=r"^还没有绑定的青年群，先在群里发 /绑定本群。$"):
        await push(1, None)
    assert not await Push.exists()
    assert not await PushTarget.exists()


async def test_what_could_not_be_delivered_comes_back_for_the_next_place(group: Group) -> None:
    """机器人三天不在线：那一条作废，群排回来，下一个白天再推；已经送到的不再推。"""
    await push(1, None)
    await send_pushes(AT)
    await Notice.filter(group_id=group.id).update(state=NoticeState.SENT, spent_at=AT, sent_at=AT)
    later = AT + timedelta(days=3, minutes=1)
    await send_pushes(AT + timedelta(minutes=1))
    assert await Notice.filter(kind=pushes.KIND).count() == 2, "还在路上的不算没送成"
    assert (await Push.get()).state is PushState.QUEUED, "没有下落不算推完"
    await notices.sweep(later)
    assert await sent(later) == [("G1/2", "6")]
    assert (await Push.get()).state is PushState.SENT
    assert await sent(later + timedelta(days=8)) == []


async def test_the_one_who_pushed_is_told_what_never_arrived_in_four_weeks(group: Group) -> None:
    await push(1, None)
    for days in range(0, 29, 4):
        await send_pushes(AT + timedelta(days=days))
        await notices.sweep(AT + timedelta(days=days + 3, hours=1))
    assert (await Push.get()).state is PushState.EXPIRED
    told = await Notice.get(kind="culture.stale").select_related("person")
    assert told.person
    assert told.person.name == "张三"
    assert told.text == ("G1 看懂五四（读书） 排了四周，一个群也没推到，不再推了。还想推，再发一次 /推送 就好。")
    assert (await push(1, None, at=AT + timedelta(days=29))).groups == 2, "过期的可以再推"


async def test_taking_down_stops_what_is_still_on_its_way(group: Group) -> None:
    await push(1, None)
    await send_pushes(AT)
    await Notice.filter(group_id=group.id).update(state=NoticeState.SENT, spent_at=AT, sent_at=AT)
    cancelled = await pushes.cancel(await who(1), 1)
    assert (cancelled.sent, cancelled.groups) == (1, 2)
    assert sorted(await Notice.all().values_list("state", "reason")) == [
        (NoticeState.EXPIRED, "撤下了，不推了"),
        (NoticeState.SENT, None),
    ]
    assert await sent(AT + timedelta(days=1)) == []
