"""任命、绑定账号、绑定群、找团干：说的话与存的行。"""

import asyncio
import re

import pytest

from bot.league import accounts, groups, notices, roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from bot.ticks import run_ticks
from db.models import (
    Account,
    Audit,
    BindCode,
    Cadre,
    CadreKind,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Erasure,
    Group,
    GroupKind,
    Interaction,
    Notice,
    NoticeState,
    Person,
    Role,
    RoleKind,
    Scope,
    Wish,
    WishLane,
    WishState,
)
from tests import factories
from tests.chat import Chat


async def one(chat: Chat, user: str | int, text: str, group: str | int | None = None) -> str:
    """说一句，恰好得一句回答。"""
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    assert replies[0].group == (str(group) if group else None)
    return str(replies[0])


# --- 任命 ---


async def test_a_superuser_sets_up_the_first_cadre_and_admin(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"1"})
    top = await factories.school()
    await factories.branch("信息团总支", top)
    said = await one(chat, 1, "/任命 [@11] 张三 专职 信息团总支", group=5)
    assert said == "好，张三现在是信息团总支的专职，应联系 100 名青年。"
    said = await one(chat, 1, "/任命 12 李四 其他兼职 管理员 信息团总支")
    assert said == "好，李四现在是信息团总支的其他兼职、管理员，应联系 10 名青年。"
    cadres = await Cadre.all().order_by("id").select_related("person", "unit")
    assert [(c.person.name, c.unit.name, c.kind, c.quota) for c in cadres] == [
        ("张三", "信息团总支", CadreKind.FULL_TIME, 100),
        ("李四", "信息团总支", CadreKind.PART_TIME, 10),
    ]
    assert (await Role.get().select_related("unit")).unit.name == "信息团总支"
    assert {row.action for row in await Audit.all()} == {"cadre.appoint", "role.appoint"}


async def test_an_appointment_without_a_name_says_so_and_can_be_completed(chat: Chat) -> None:
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    said = await one(chat, 1, "/任命 [@20012345] 专职 示例大学团委", group=5)
    assert said.startswith("好，团干部2345现在是示例大学团委的专职，应联系 100 名青年。\n还不知道姓名")
    await one(chat, 1, "/任命 [@20012345] 张三 挂职 示例大学团委", group=5)
    cadre = await Cadre.get().select_related("person")
    assert (cadre.person.name, cadre.kind) == ("张三", CadreKind.SECONDED)
    await one(chat, 1, "/任命 [@20019876] 督导 示例大学团委", group=5)
    said = await one(chat, 1, "/任命 [@20019876] 赵\u200b六 督导 示例大学团委", group=5)
    assert said == "好，赵六现在是示例大学团委的督导。", "只任职责的也补得上；看不见的字不算"
    assert await one(chat, 1, "/任命 [@20019876] 离任", group=5) == "好，赵六的职责收回了。"


async def test_appointing_twice_changes_nothing(chat: Chat) -> None:
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    for _ in range(2):
        await one(chat, 1, "/任命 [@12] 张三 专职 督导 示例大学团委", group=5)
    assert (await Cadre.all().count(), await Role.filter(kind=RoleKind.INSPECTOR).count()) == (1, 1)


async def test_power_ends_at_the_own_subtree(chat: Chat) -> None:
    top = await factories.school()
    mine, other = await factories.branch("信息团总支", top), await factories.branch("文学团总支", top)
    await factories.admin(1, "王管理", mine)
    await factories.cadre(22, "李四", other)
    said = await one(chat, 1, "/任命 [@12] 张三 专职 文学团总支", group=5)
    assert said == "你管不到文学团总支，请那边或上级的管理员来办。"
    assert "管不到示例大学团委" in await one(chat, 1, "/任命 [@12] 张三 管理员 示例大学团委", group=5)
    assert "请那边的管理员先" in await one(chat, 1, "/任命 [@22] 专职 信息团总支", group=5), "不能挖别处的人"
    assert "管不到文学团总支" in await one(chat, 1, "/任命 [@22] 离任", group=5)
    assert (
        await one(chat, 22, "/任命 [@12] 张三 专职 文学团总支", group=5)
        == "任命要由管理员来做。请你们单位或上级的管理员来发。"
    )
    assert await Cadre.all().count() == 1
    assert not await Account.exists(user_id="12")


async def test_an_admin_elsewhere_does_not_learn_whose_account_it_is(chat: Chat) -> None:
    top = await factories.school()
    await factories.admin(11, "管理员", await factories.branch("信息团总支", top))
    await factories.admin(20, "王书记", await factories.branch("文学团总支", top))
    said = await one(chat, 11, "/任命 20 李四 专职 信息团总支")
    assert said == "名册里这个账号不叫“李四”，核对一下账号和姓名。"
    assert not await Cadre.exists()


async def test_an_unknown_unit_gets_the_closest_names(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"1"})
    assert "还没有任何单位" in await one(chat, 1, "/任命 [@12] 张三 专职 信息团总支", group=5)
    await factories.branch("信息团总支", await factories.school())
    said = await one(chat, 1, "/任命 [@12] 张三 专职 信息学院团总支", group=5)
    assert said == "没有叫“信息学院团总支”的单位。是不是：信息团总支？"
    assert (await one(chat, 1, f"/任命 [@12] 张三 专职 {'长' * 500}", group=5)).startswith("没有叫“长长")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[@12]",
        "[@12] 专职",
        "[@12] 信息团总支",
        "[@12] [@13] 专职 信息团总支",
        "张三 专职 信息团总支",
        "zhangsan 专职 示例大学团委",
    ],
)
async def test_a_wrong_appointment_gets_one_line_with_an_example(chat: Chat, text: str) -> None:
    await factories.admin(1, "王管理", await factories.school())
    said = await one(chat, 1, f"/任命 {text}".strip(), group=5)
    assert "/任命 @某 张三 专职 某团总支" in said
    assert "\n" not in said


async def test_leaving_office_ends_the_post_and_the_duties(chat: Chat) -> None:
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    cadre = await factories.cadre(12, "张三", top)
    await Role.create(person_id=cadre.person_id, unit=top, kind=RoleKind.ADMIN)
    youth = await factories.youth(30, cadre)
    assert (await one(chat, 1, "/任命 [@12] 离任", group=5)).startswith("好，张三离任了")
    left = await Cadre.get(id=cadre.id)
    assert left.left_at == chat.at.replace(microsecond=0)
    assert not await Role.exists(person_id=cadre.person_id)
    assert await Consent.exists(person=youth, withdrawn_at=None), "青年的加入不受影响"
    assert await one(chat, 1, "/任命 [@12] 离任", group=5) == (
        "名册上没有这位团干部，看看 @ 的人、账号对不对？例如：/任命 @某 离任"
    )
    await one(chat, 1, "/任命 [@12] 专职 示例大学团委", group=5)
    again = await Cadre.get(id=cadre.id)
    assert (again.left_at, again.since) == (None, left.left_at)


async def test_what_is_asked_of_the_office_is_not_said_to_one_who_left_it(chat: Chat) -> None:
    """夜里攒着的“新心愿等人认领”，离任了就不说；裁定、参评是他自己的事，照说。"""
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    cadre = await factories.cadre(12, "张三", top)
    for kind in ("wish.new", "voice.new", "check.ruled"):
        await notices.post(kind, period="1", text="话", at=chat.at, person_id=cadre.person_id)
    await one(chat, 1, "/任命 [@12] 离任", group=5)
    rows = await Notice.filter(person_id=cadre.person_id).order_by("kind").values_list("kind", "state", "reason")
    assert rows == [
        ("check.ruled", NoticeState.DUE, None),
        ("voice.new", NoticeState.EXPIRED, "不在任了，不用提醒"),
        ("wish.new", NoticeState.EXPIRED, "不在任了，不用提醒"),
    ]


# --- 绑定账号 ---


async def code_of(chat: Chat, user: int) -> str:
    found = re.match(r"\d{6}", await one(chat, user, "/绑定"))
    assert found
    return found[0]


async def test_a_code_joins_a_second_account(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    code = await code_of(chat, 12)
    stored = await BindCode.get()
    assert code not in stored.digest
    assert await one(chat, 77, f"/绑定 {code}") == "好，这个账号和张三认作同一个人了，两边记的合在一起。"
    assert (await Account.get(user_id="77")).person_id == cadre.person_id
    assert (await Audit.get(action="account.bind")).subject == f"p{cadre.person_id}"
    assert "码不对" in await one(chat, 78, f"/绑定 {code}"), "一个码只用一次"


async def test_a_code_may_be_typed_wide_or_in_two_halves(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    for user in (77, 78):
        code = await code_of(chat, 12)
        wide = code.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
        assert "认作同一个人" in await one(chat, user, f"/绑定 {wide if user == 77 else f'{code[:3]} {code[3:]}'}")


async def test_a_code_lives_ten_minutes_and_a_new_one_replaces_it(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    first, second = await code_of(chat, 12), await code_of(chat, 12)
    assert first == second or "码不对" in await one(chat, 701, f"/绑定 {first}")
    chat.later(minutes=10)
    assert "码不对" in await one(chat, 702, f"/绑定 {second}")
    assert not await Account.exists(user_id="702")
    await run_ticks(chat.at)
    assert not await BindCode.exists(), "过了时候连摘要也不留"


async def test_guessing_stops_after_five_tries_an_hour(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    code = await code_of(chat, 12)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1, 0):
        assert f"还能试 {left} 次" in await one(chat, 703, f"/绑定 {wrong}")
    assert await one(chat, 703, f"/绑定 {code}") == "试错太多次了，一小时后再来。"
    assert not await Account.exists(user_id="703"), "没加入的人什么都不留"
    chat.later(hours=1)
    code = await code_of(chat, 12)
    assert "认作同一个人" in await one(chat, 703, f"/绑定 {code}")


async def test_codes_are_for_private_talk_and_known_people(chat: Chat) -> None:
    await factories.cadre(12, "张三", await factories.school())
    assert await one(chat, 12, "/绑定", group=5) == "六位码等于你的身份，别在群里发。请私聊我 /绑定。"
    assert not await BindCode.exists()
    assert "还不认识这个账号" in await one(chat, 88, "/绑定")
    assert await one(chat, 88, "/绑定 12ab") == "六位码是六个数字，例如：/绑定 482913"
    assert "本来就是你的" in await one(chat, 12, f"/绑定 {await code_of(chat, 12)}")


async def test_two_cadres_are_never_merged(chat: Chat) -> None:
    top = await factories.school()
    await factories.cadre(12, "张三", top)
    await factories.cadre(13, "李四", top)
    assert "两个都是团干部的，找管理员" in await one(chat, 13, f"/绑定 {await code_of(chat, 12)}")
    assert await Cadre.filter(left_at=None).count() == 2
    assert await BindCode.exists(used_at=None), "没用掉"


async def test_a_stranger_cannot_swallow_a_cadre_with_his_own_code(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    await factories.youth(30, cadre)
    assert "请反过来" in await one(chat, 12, f"/绑定 {await code_of(chat, 30)}")
    assert (await Account.get(user_id="12")).person_id == cadre.person_id


async def test_merging_moves_the_whole_youth_history(chat: Chat) -> None:
    top = await factories.school()
    a, b = await factories.cadre(12, "张三", top), await factories.cadre(13, "李四", top)
    keep, gone = await factories.youth(30, a), await factories.youth(31, a)
    await Contact.create(cadre=b, youth=gone, state=ContactState.ACTIVE, since=chat.at)
    await Contact.filter(cadre=a, youth=keep).update(state=ContactState.ENDED, ended_at=chat.at)
    await ContactTag.create(contact=await Contact.get(cadre=a, youth=gone), tag="学生")
    day = chat.at.date()
    await Interaction.create(cadre=a, youth=keep, day=day, cadre_messages=1, youth_messages=2)
    await Interaction.create(cadre=a, youth=gone, day=day, cadre_messages=3, youth_messages=4, sessions=1)
    await Interaction.create(cadre=b, youth=gone, day=day, youth_messages=1)
    wish = await Wish.create(
        author=gone, unit=top, cadre=a, text="学车", digest="x", lane=WishLane.WALL, state=WishState.OPEN,
        submitted_at=chat.at,
    )  # fmt: skip
    for person, period in ((keep, "1"), (gone, "1"), (gone, "2")):
        await Notice.create(
            kind="k", recipient=f"p{person.id}", period=period, person=person, text="话", state=NoticeState.DUE,
            due_at=chat.later(hours=0).replace(year=2099), expires_at=chat.at.replace(year=2100), created_at=chat.at,
        )  # fmt: skip
    await Notice.filter(person=gone, period="2").update(state=NoticeState.SENT, spent_at=chat.at)
    await one(chat, 31, f"/绑定 {await code_of(chat, 30)}")
    assert await Account.filter(person=keep).count() == 2
    contacts = await Contact.filter(youth=keep).order_by("cadre_id").prefetch_related("tags")
    assert [(c.cadre_id, c.state, [t.tag for t in c.tags]) for c in contacts] == [
        (a.id, ContactState.ACTIVE, ["学生"]),
        (b.id, ContactState.ACTIVE, []),
    ]
    days = await Interaction.filter(youth=keep).order_by("cadre_id")
    assert [(d.cadre_messages, d.youth_messages, d.sessions) for d in days] == [(4, 6, 1), (0, 1, 0)]
    assert (await Wish.get(id=wish.id)).author_id == keep.id
    assert sorted(await Notice.filter(recipient=f"p{keep.id}").values_list("period", flat=True)) == ["1", "2"]
    for model in (Contact, Interaction, Notice):
        field = "person_id" if model is Notice else "youth_id"
        assert not await model.filter(**{field: gone.id}).exists()
    assert (await Person.get(id=gone.id)).erased_at is not None


async def test_an_erasure_that_was_asked_for_is_not_lost_in_a_merge(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    await factories.youth(30, cadre)
    await factories.youth(31, cadre)
    code = await code_of(chat, 30)
    for asked in (30, 31):
        await one(chat, asked, "/删除我的数据")
        assert "有一个排着删除数据" in await one(chat, 31, f"/绑定 {code}")
        assert await Erasure.exists(cancelled_at=None), "没有悄悄取消"
        await one(chat, asked, "/取消删除")
    assert "认作同一个人" in await one(chat, 31, f"/绑定 {code}")


async def test_merging_an_own_contact_away_leaves_no_self_contact(chat: Chat) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    await factories.youth(31, cadre)
    await one(chat, 31, f"/绑定 {await code_of(chat, 12)}")
    assert not await Contact.exists()


async def test_a_merge_that_fails_half_way_changes_nothing(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    youth = await factories.youth(31, cadre)
    code = await code_of(chat, 12)

    async def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(accounts, "_merge_notices", broken)
    by = await roster.identify((await Account.get(user_id="31")).scope, "31")
    with pytest.raises(RuntimeError):
        await accounts.redeem(code, by=by, at=chat.at)
    assert (await Account.get(user_id="31")).person_id == youth.id
    assert await BindCode.exists(used_at=None)


# --- 绑定群 ---


async def test_binding_posts_the_notice_and_stores_the_group(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "contact", "团委办公室 8888")
    cadre = await factories.cadre(12, "张三", await factories.school())
    said = await one(chat, 12, "/绑定本群", group=5)
    assert len(said.splitlines()) == 6
    for word in (
        "示例大学团委",
        "团委办公室 8888",
        "聊天内容一个字都不存",
        "/加入",
        "/退出",
        "/我的数据",
        "/删除我的数据",
    ):
        assert word in said
    group = await Group.get()
    assert (group.group_id, group.self_id, group.kind, group.cadre_id, group.unit_id, group.unbound_at) == (
        "5", "10000", GroupKind.YOUTH, cadre.id, cadre.unit_id, None,
    )  # fmt: skip
    assert (await Audit.get(action="group.bind")).subject == f"g{group.id}"


async def test_a_bound_group_says_by_whom_until_it_is_unbound(chat: Chat) -> None:
    top = await factories.school()
    await factories.cadre(12, "张三", top)
    other = await factories.cadre(13, "李四", top)
    await one(chat, 12, "/绑定本群", group=5)
    taken = "本群已经由张三绑定为青年群了。要换人，先请绑定的人或管理员发 /解绑本群。"
    assert await one(chat, 13, "/绑定本群", group=5) == taken
    assert await one(chat, 12, "/绑定本群", group=5) == taken
    assert await one(chat, 13, "/解绑本群", group=5) == "只有绑定本群的人或管理员可以解绑。"
    assert (await one(chat, 12, "/解绑本群", group=5)).startswith("已解绑")
    assert "还没绑定" in await one(chat, 12, "/解绑本群", group=5)
    await one(chat, 13, "/绑定本群", group=5)
    group = await Group.get()
    assert (group.cadre_id, group.unbound_at) == (other.id, None)


async def test_of_two_who_bind_at_once_one_wins(chat: Chat) -> None:
    top = await factories.school()
    for user, name in ((12, "张三"), (13, "李四")):
        await factories.cadre(user, name, top)
    speakers = [await roster.identify(Scope.QQ, user) for user in ("12", "13")]

    async def bind(by: Speaker) -> str:
        try:
            await groups.bind(Scope.QQ, "5", self_id="1", kind=GroupKind.YOUTH, by=by, at=chat.at)
        except Refusal as refusal:
            return refusal.sentence
        return "绑好了"

    for _ in range(2):
        said = await asyncio.gather(*map(bind, speakers))
        name = "张三" if (await Group.get()).cadre_id == speakers[0].cadre_id else "李四"
        assert sorted(said) == sorted(
            ["绑好了", f"本群已经由{name}绑定为青年群了。要换人，先请绑定的人或管理员发 /解绑本群。"]
        )
        await Group.all().update(unbound_at=chat.at)


async def test_an_admin_may_unbind_and_a_successor_may_take_over(chat: Chat) -> None:
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    cadre = await factories.cadre(12, "张三", await factories.branch("信息团总支", top))
    await factories.cadre(13, "李四", top)
    group = await factories.group(5, cadre)
    await notices.post("topic.result", period="1", text="…", at=chat.at, group_id=group.id)
    assert (await one(chat, 1, "/解绑本群", group=5)).startswith("已解绑")
    await one(chat, 12, "/绑定本群", group=5)
    await notices.post("topic.result", period="2", text="…", at=chat.at, group_id=group.id)
    await one(chat, 1, "/任命 [@12] 离任", group=5)
    assert (await one(chat, 13, "/绑定本群", group=5)).startswith("大家好")
    left = await Notice.filter(kind="topic.result").order_by("id").values_list("state", "reason")
    assert left == [("expired", "群已解绑"), ("expired", "群换了人绑定")], "前一家没说出口的，不说给后一家听"


@pytest.mark.parametrize("crash", ["解绑", "改绑"])
async def test_a_crash_between_the_group_and_its_notices_changes_neither(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    top = await factories.school()
    cadre = await factories.cadre(12, "张三", top)
    await factories.cadre(13, "李四", top)
    group = await factories.group(5, cadre)
    await notices.post("topic.result", period="1", text="…", at=chat.at, group_id=group.id)
    if crash == "改绑":
        await Cadre.filter(id=cadre.id).update(left_at=chat.at)

    async def die(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(notices, "withdraw", die)
    said = await one(chat, *((12, "/解绑本群") if crash == "解绑" else (13, "/绑定本群")), group=5)
    assert said == "出了点问题，我记下了，过一会儿再试试。"
    same = await Group.get(id=group.id)
    assert (same.cadre_id, same.unbound_at) == (cadre.id, None)


async def test_who_may_bind_what_where(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    top = await factories.school()
    await factories.admin(1, "王管理", top)
    await factories.cadre(12, "张三", top)
    assert "青年群要由团干部来绑定" in await one(chat, 1, "/绑定本群", group=5)
    assert await one(chat, 30, "/绑定本群 工作群", group=5) == "工作群要由管理员或团干部来绑定。"
    assert "到要绑定的那个群里" in await one(chat, 12, "/绑定本群")
    assert await one(chat, 12, "/解绑本群") == "这条命令要在群里说。"
    assert "请发 /绑定本群" in await one(chat, 12, "/绑定本群 随便", group=5)
    assert not await Group.exists()
    assert "示例大学团委的工作群" in await one(chat, 1, "/绑定本群 工作群", group=5)
    assert "由示例大学团委管理员绑定为工作群" in await one(chat, 12, "/绑定本群", group=5)
    monkeypatch.setattr(settings(), "superusers", {"9"})
    assert "请写上是哪个单位的工作群" in await one(chat, 9, "/绑定本群 工作群", group=6)
    assert "示例大学团委的工作群" in await one(chat, 9, "/绑定本群 工作群 示例大学团委", group=6)
    assert "管不到" in await one(chat, 30, "/绑定本群 工作群 示例大学团委", group=7)


# --- 找团干 ---


async def test_finding_ones_cadre(chat: Chat) -> None:
    top = await factories.school()
    first = await factories.cadre(12, "张三", top)
    mine = await factories.cadre(13, "李四", await factories.branch("信息团总支", top))
    group = await factories.group(5, first)
    await factories.youth(30, mine, group)
    assert await one(chat, 30, "/找团干", group=5) == "你的联系团干部：李四（信息团总支）。"
    assert await one(chat, 30, "/找团干") == "你的联系团干部：李四（信息团总支）。"
    said = await one(chat, 31, "/找团干", group=5)
    assert said == "本群的团干部是张三（示例大学团委）。想联系上就发 /加入。"
    assert await one(chat, 31, "/找团干") == "你还没有联系团干部。在你们的青年群里发 /加入，就有了。"
    assert await one(chat, 31, "/找团干", group=6) == "本群还没绑定。请团干部在群里发 /绑定本群。"
    await factories.group(7, first, GroupKind.WORK)
    assert (await one(chat, 31, "/找团干", group=7)).startswith("这里是工作群。")
    assert not await Account.exists(user_id="31")
