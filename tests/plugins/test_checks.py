"""抽查、案子、核验、督办说的话。"""

import base64
from datetime import timedelta

import pytest

from bot.league import chains, check_rounds, draws, seals
from db.models import Activity, ActivityVersion, CheckRound, RoleKind, SpotCheck, WishState
from tests import factories
from tests.chat import Chat
from tests.league import activity_town, check_town, wish_town
from tests.league.wish_town import Town


@pytest.fixture
async def town(chat: Chat) -> Town:
    return await check_town.build(at=chat.at)


async def one(chat: Chat, user: str | int, text: str, group: str | int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def asked(chat: Chat) -> list[tuple[int, str]]:
    """问到的：(账号, 编号)。"""
    await check_rounds.keep(chat.at)
    rows = await SpotCheck.filter(state="已问").order_by("rank").prefetch_related("youth__accounts")
    return [(int(row.youth.accounts[0].user_id), row.number) for row in rows if row.youth]


async def test_a_whole_round_in_talk(chat: Chat, town: Town) -> None:
    opening = (await one(chat, 110, "/抽查 5")).splitlines()
    drawn = await CheckRound.get()
    assert opening == [
        "抽查第 1 回开始了：软件学院团总支 2026Q4，8 件里抽了 5 件，备选 3 件。",
        f"种子的哈希 {draws.commitment(drawn.seed)}",
        "我私下问青年本人，问了谁、怎么答的谁也看不到；12月1日前收完，对不上的才开案。",
        "收完发 /抽查 种子 1，谁都能照着再抽一遍。",
    ]
    assert "第 1 回（软件学院团总支 2026Q4，5 件）：还在问，12月1日前收完。" in await one(chat, 110, "/抽查")
    people = await asked(chat)
    (liar, number), *others = people
    assert await one(chat, liar, f"/确认 {number} 没有 无") == f"谢谢，{number} 收下了。谁也不知道问过你；不会再问了。"
    for user, other in others:
        await one(chat, user, f"/确认 {other} 1 无")
    assert "还没收完；收完就公布种子和名单。" in await one(chat, 307, "/抽查 种子 1")
    assert await one(chat, 307, "/抽查 种子 1 名单") == (
        "第 1 回还没收完，收完才公布名单；现在能看的是哈希：/抽查 种子 1"
    )
    await check_rounds.keep(chat.at)
    assert (await one(chat, 110, "/抽查")).splitlines()[0] == (
        "第 1 回（软件学院团总支 2026Q4，5 件）：收完了，有 4、没有 1、不记得 0、不想说 0（人）。"
        "开的案：裁定不实 0，属实（误报）0，还没裁定 1（件）。"
    )
    published = await one(chat, 307, "/抽查 种子 K1")
    assert f"种子 {drawn.seed}" in published.splitlines()
    assert await chat.say(307, "/抽查 种子 1 名单") == []
    api, sent = chat.calls[-1]
    assert (api, sent["name"]) == ("upload_private_file", "抽查第1回名单.txt")
    listing = base64.b64decode(sent["file"].removeprefix("base64://")).decode()
    order = draws.draw(drawn.seed, listing.split(), 5)
    assert " · ".join(f"{rank} {code}" for rank, code in enumerate(order, 1)) in published


async def test_a_case_in_talk(chat: Chat, town: Town) -> None:
    await one(chat, 110, "/抽查 5")
    (user, number), *others = await asked(chat)
    await one(chat, user, f"/确认 {number} 没有 无")
    for other, its in others:
        await one(chat, other, f"/确认 {its} 有 无")
    await check_rounds.keep(chat.at)
    row = await SpotCheck.get(id=int(number[1:]))
    record = f"A{row.activity_id}"
    assert f"· 案子还没了结，等说明或别的单位的督导 1 件：{number}（软件学院团总支 待说明）" in await one(
        chat, 110, "/督办"
    )
    replies = [str(reply) for reply in await chat.say(100, "/待办")]
    assert any(said.startswith(f"抽查 {number}：{record}（11月14日，谈心，面对面）里有一处") for said in replies)
    assert f"· 等你说明的案：{number}，发 /说明 {number} 怎么回事。" in replies[-1]
    assert await one(chat, 100, f"/说明 {number} 那天在图书馆", group=555) == "说明只给督导看，请私聊我发 /说明。"
    assert await one(chat, 100, f"/说明 {number} 那天在图书馆，电话 13812345678") == (
        f"{number} 的说明交给别的单位的督导了，裁定了我告诉你。"
    )
    assert await one(chat, 120, "/督办") == f"· 案子等你裁定 1 件：{number}（软件学院团总支 待裁定）　→ /裁定 {number}"
    assert (await one(chat, 120, f"/裁定 {number}")).splitlines() == [
        f"{number} 软件学院团总支（抽查）：{record}（11月14日，谈心，面对面），和青年本人说的对不上。",
        "团干部的说明：那天在图书馆，电话 〔电话已隐去〕",
        f"裁定发 /裁定 {number} 属实 理由，或 /裁定 {number} 不实 理由。",
    ]
    assert await one(chat, 120, f"/裁定 {number} 好像是真的") == (
        f"属实还是不实？后面写上理由，例如：/裁定 {number} 属实 签到表和照片都对得上"
    )
    assert await one(chat, 120, f"/裁定 {number} 不实") == f"请写一句话，例如：/裁定 {number} 属实 签到表和照片都对得上"
    assert await one(chat, 120, f"/裁定 {number} 不实，当天他在外地") == (
        f"{number} 裁定不实，这一处不再算数，记进那位团干部这一季的诚信系数；结果和理由我告诉他。"
    )
    assert await one(chat, 120, f"/裁定 {number} 属实 改主意了") == f"{number} 已经裁定过了：不实。"
    assert await one(chat, 120, "/督办") == "都没有拖着的，辛苦了。"
    assert "已经裁定：不实。" in await one(chat, 120, f"/裁定 {number}")


@pytest.mark.parametrize(("user", "text", "group", "said"), [
    (110, "/抽查 20", 555, "抽查请私聊我发 /抽查，群里不说。看种子的哈希可以在群里发 /抽查 种子。"),
    (110, "/抽查 几件", None, "要抽几件？例如：/抽查 20，后面可以写单位和季度：/抽查 20 软件学院团总支 上季度"),
    (110, "/抽查 3", None, "一回抽 5 到 200 件，例如：/抽查 20"),
    (110, "/抽查 20 法学院团总支", None, "法学院团总支的要那边或上级的管理员才看得到。看自己单位的，发 /抽查 20"),
    (100, "/抽查 20", None, "抽查由管理员和督导来开，软件学院团总支要它自己或上级的。"),
    (100, "/抽查", None, "抽查由管理员和督导来开，软件学院团总支要它自己或上级的。"),
    (300, "/抽查 20", None, "这是给团干部和单位管理员看的。想参加活动，发 /活动 看看有哪些。"),
    (110, "/抽查", None, "软件学院团总支还没有抽查过。开一回发 /抽查 20，后面可以写单位和季度。"),
    (300, "/抽查 种子", None, "2026Q4 没有封过种子。看本季的发 /抽查 种子。"),
    (300, "/抽查 种子 9", None, "没有第 9 回抽查。看这一季封好的种子发 /抽查 种子。"),
    (300, "/确认 K7 有 无", 555, "这一句请私聊我说，群里的我没有记，你可以自己撤回那条消息。"),
    (300, "/确认 K7 有 无", None, "没找到 K7，看看编号对不对？"),
    (100, "/说明", None, "要写上抽查编号，例如：/说明 K7 那天他临时有事先走了，签到表上有他"),
    (100, "/说明 K7 没这回事", None, "没找到 K7，看看编号对不对？"),
    (100, "/裁定 K7 属实 真的", None, "裁定由别的单位的督导来做。"),
    (120, "/裁定 K7 属实 真的", 555, "案子请私聊我发 /裁定。"),
    (120, "/裁定 K7", None, "没找到 K7，看看编号对不对？"),
    (120, "/裁定", None, "要写上抽查编号，例如：/裁定 K7 属实 签到表和照片都对得上"),
    (300, "/督办", None, "督办是给管理员和督导看的。自己手上的事，发 /进度 或 /心愿墙 看。"),
    (110, "/督办", 555, "督办里有各单位的事，请私聊我发 /督办。"),
    (110, "/督办", None, "都没有拖着的，辛苦了。"),
    (100, "/核验", None, "要写上记录编号，例如：/核验 A7"),
    (100, "/核验 A99", None, "没找到 A99，看看编号对不对？"),
    (100, "/核验 2026Q4", None, "一整季的由管理员、督导来核；核一条发 /核验 A7。"),
    (120, "/核验 2026Q4", None, "2026Q4 还没有封好的记录。"),
])  # fmt: skip
async def test_every_no_says_what_to_send_instead(
    chat: Chat, town: Town, user: int, text: str, group: int | None, said: str
) -> None:
    assert await one(chat, user, text, group) == said


async def test_the_seal_is_there_for_everyone(chat: Chat, town: Town) -> None:
    seal = await seals.seal_of(check_town.Q4, at=check_town.Q4.start)
    assert await one(chat, 300, "/抽查 种子", group=555) == (
        f"2026Q4 的总种子 10月1日 00:00 就封好了，哈希 {draws.commitment(seal.seed)}\n"
        "每一回的种子由它和第几回算出，开抽查的人定不了，也换不了。"
    )


async def test_an_inspector_may_open_a_round_of_what_he_oversees(chat: Chat, town: Town) -> None:
    assert (await one(chat, 120, "/抽查 20 软件学院团总支 本季度")).startswith(
        "抽查第 1 回开始了：软件学院团总支 2026Q4，8 件里抽了 8 件，备选 0 件。"
    )


async def test_verifying_in_talk(chat: Chat, town: Town) -> None:
    assert await one(chat, 100, "/核验 A1") == ("A1 没改过，11月14日 14:00 记的。刚记的过一分钟才封好，稍后再核一次。")
    await chains.extend(chat.at)
    assert await one(chat, 100, "/核验 A1") == "A1 没改过，11月14日 14:00 记的。前后都对得上。"
    root = await chains.root(check_town.Q4)
    assert root
    assert (
        await one(chat, 120, "/核验 2026Q4")
        == f"2026Q4 的记录一共封了 8 版，从头到尾对得上。\n末尾的指纹（根）{root.digest}"
    )
    await one(chat, 100, "/纠错 A1 记错了 改为 团课 面对面")
    await chains.extend(chat.at)
    assert await one(chat, 300, "/核验 A1") == (
        "A1 现在是第 2 版：第 1 版 11月14日 14:00 记的；第 2 版 11月18日 14:00 记的。前后都对得上。"
    )
    version = await ActivityVersion.get(activity_id=1, version=1)
    await ActivityVersion.filter(id=version.id).update(facts=version.facts | {"slot": "志愿"})
    assert await one(chat, 300, "/核验 A1") == (
        "A1 第 1 版和当时封好的对不上，库里的也许被动过，请马上告诉超级管理员。"
    )
    assert await one(chat, 120, "/核验 2026Q4") == "2026Q4 封好的记录里第 1 版对不上，库里的也许被动过，请马上查。"


async def test_what_an_admin_has_to_follow_up(chat: Chat, town: Town) -> None:
    old = chat.at - timedelta(days=8)
    await wish_town.wish("想要自习室", at=old)
    stalled = await wish_town.claimed("想学游泳", at=old)
    assert stalled.state is WishState.CLAIMED
    await chat.say(200, "/建议 团课放到周末上午")
    await Activity.filter(id=1).update(state="核实中")
    chat.later(days=40)
    await factories.admin(131, "组织部", town.school)
    assert (await one(chat, 110, "/督办")).splitlines() == [
        "· 心愿过了两个工作日没人认领 1 件：W1（软件学院团总支）　→ /转办 W1 单位名",
        "· 心愿认领了五天没进展 1 件：W2（软件学院团总支）　→ /转办 W2 @某",
        "· 心声、建议、投诉等你回音 1 条：V1（建议）　→ /回复 V1 话",
        "· 季报过了日子没交 1 个单位：软件学院团总支　→ /季报",
    ]
    assert "2 个单位：软件学院团总支、法学院团总支" in await one(chat, 131, "/督办")
    assert (await one(chat, 120, "/督办")).splitlines() == [
        "· 记录有青年提了异议 1 条：A1（软件学院团总支）　→ /异议 A1 成立，或 不成立"
    ]
    await factories.admin(132, "法学管理员", town.law, RoleKind.ADMIN)
    assert await one(chat, 132, "/督办") == "· 季报过了日子没交 1 个单位：法学院团总支　→ /季报"
    assert await activity_town.states(2)


async def test_what_held_up_is_shown_as_l3_wherever_a_grade_is_shown(chat: Chat, town: Town) -> None:
    game = await activity_town.activity(at=chat.at)
    await Activity.filter(id=game.id).update(state="已结束", grade="L3")
    shown = await one(chat, 100, f"/活动 {game.number} 文字")
    assert "L3 抽查问过，站得住" in shown
    assert shown.endswith("辛苦了！")
    assert "我的记录（L3 1 条 · L2 0 条 · L1 8 条 · L0 0 条）" in await one(chat, 100, "/查记录 文字")
