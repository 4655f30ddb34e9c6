"""季度通报：数字由事实现算，发布就定住，更正说明改了哪些；不足 5 人的哪里也没有。"""

import asyncio
import json
from collections.abc import Awaitable
from datetime import date, datetime, timedelta

import pytest

from bot.league import bulletin_letters, bulletins, chains
from bot.league.bulletin_tables import Issue, Pane
from bot.league.bulletins import Action, Order
from bot.league.errors import Refusal
from bot.league.periods import Quarter, on
from bot.league.quantities import FEW, TOGETHER
from bot.league.roster import Speaker, identify
from bot.settings import settings
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    ActivityVersion,
    Audit,
    Bulletin,
    Cadre,
    ChainLink,
    Contact,
    ContactState,
    EvidenceGrade,
    Interaction,
    Notice,
    Person,
    Scheme,
    Scope,
    Slot,
    Stay,
    StayDay,
    StayState,
    Unit,
    Wish,
    WishEnding,
    WishLane,
)
from tests import factories
from tests.league import bulletin_town
from tests.league.bulletin_town import AT, DAY, SECRET

Q3 = Quarter(2026, 3)
SOFTWARE, LAW, FOREIGN = bulletin_town.COLLEGES


@pytest.fixture
async def school(database: str) -> Unit:
    return await bulletin_town.build()


async def boss() -> Speaker:
    return await identify(Scope.QQ, "900")


async def refused(publishing: Awaitable[object]) -> str:
    with pytest.raises(Refusal) as refusal:
        await publishing
    return refusal.value.sentence


def shown(issue: Issue, title: str) -> dict[str, list[str]]:
    return {row.name: [str(cell) for cell in row.cells] for row in issue.table(title).rows}


# --- 读 ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Order(Action.LOOK, Q3)),
        ("2026Q3", Order(Action.LOOK, Q3)),
        ("预览 2026年三季度", Order(Action.LOOK, Q3)),
        ("本季度", Order(Action.LOOK, Quarter(2026, 4))),
        ("软件学院 发布 2026Q2", Order(Action.PUBLISH, Quarter(2026, 2), "软件学院")),
        ("2023级团总支 2026Q3", Order(Action.LOOK, Q3, "2023级团总支")),
        ("2026Q3 文件", Order(Action.FILES, Q3)),
        ("上季度 更正 漏了 发布 的", Order(Action.CORRECT, Q3, "", "漏了 发布 的")),
    ],
)
def test_words_come_in_any_order(text: str, expected: Order) -> None:
    assert bulletins.read(text.split(), at=AT) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2027Q1", "2027Q1 还没到呢，看刚过去的一季发 /通报 2026Q3"),
        ("2026Q5", "没看懂“2026Q5”是哪个季度，可以写 本季度、上季度 或 2026Q3。"),
        ("2026Q3 2026Q2", "一次说一季、一件事：看草稿发 /通报 2026Q3，后面加 发布、文件，或 更正 原因。"),
        ("发布 文件", "一次说一季、一件事：看草稿发 /通报 2026Q3，后面加 发布、文件，或 更正 原因。"),
        ("发布 更正 漏了", "一次说一季、一件事：看草稿发 /通报 2026Q3，后面加 发布、文件，或 更正 原因。"),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        bulletins.read(text.split(), at=AT)
    assert refusal.value.sentence == sentence


# --- 数 ---


async def test_every_table_has_its_literal_figures(school: Unit) -> None:
    issue = await bulletins.draw_up(school, Q3, at=AT)
    few3, few5, few7 = [FEW] * 3, [FEW] * 5, [FEW] * 7
    assert shown(issue, "参与") == {
        "合计": ["13 人", "13 人", "55 人", "55 人", FEW],
        SOFTWARE: ["6 人", "6 人", "36 人", "36 人", FEW],
        LAW: [TOGETHER, TOGETHER, TOGETHER, TOGETHER, FEW],
        FOREIGN: few5,
    }
    assert shown(issue, "积分") == {
        "合计": ["13 人", "71.7 分", "17.7 分", "15.0 分", "20.2 分", "8.0 分", FEW, "15%", "稳步"],
        SOFTWARE: ["6 人", "94.4 分", "25.0 分", "15.0 分", "20.2 分", "20.0 分", FEW, "15%", "光荣"],
        LAW: [TOGETHER, "71.7 分", "17.7 分", "15.0 分", "20.2 分", "8.0 分", FEW, "15%", "稳步"],
        FOREIGN: [*few7, FEW, "—"],
    }
    assert shown(issue, "有效互动") == {
        "合计": ["55 人", "110 人次", "13 人"],
        SOFTWARE: ["36 人", "72 人次", "6 人"],
        LAW: [TOGETHER] * 3,
        FOREIGN: few3,
    }
    assert shown(issue, "活动与记录")["合计"] == ["0 场", "53 场", "0 场", "0 场", "25 人", "25 人次"]
    assert shown(issue, "微心愿") == {
        "合计": ["37 件", "13 件", FEW, "13 件", FEW, FEW, "11 件"],
        SOFTWARE: ["18 件", "6 件", FEW, "6 件", FEW, FEW, "6 件"],
        LAW: [TOGETHER, TOGETHER, FEW, TOGETHER, FEW, FEW, "5 件"],
        FOREIGN: few7,
    }
    assert shown(issue, "心声、建议与投诉") == {
        "心声": ["55 条", "55 条", "—"],
        "建议": few3,
        "投诉": [FEW, FEW, "—"],
    }
    assert shown(issue, "还没照顾到的青年")["合计"] == ["55 人", "30 人", "30 人", "30 人"]
    assert shown(issue, "单位五个一")["（本级）"] == ["0 项", "0 项", "0 项", "0 项", "5 项"]
    assert shown(issue, "学习教育指导（今年）")["指导团总支"][:2] == ["3 个单位", "0 个单位"]
    assert [table.title for table in issue.tables if table.pane is Pane.EFFECT] == [
        "微心愿",
        "心声、建议与投诉",
        "还没照顾到的青年",
    ]


async def test_a_unit_that_needs_effort_is_not_singled_out(school: Unit) -> None:
    await Interaction.filter(cadre__unit__name=LAW).delete()
    issue = await bulletins.draw_up(school, Q3, at=AT)
    assert shown(issue, "积分")[LAW] == [TOGETHER, *["不单列"] * 8]
    assert list(shown(issue, "积分")) == ["合计", SOFTWARE, LAW, FOREIGN]
    assert LAW not in bulletin_letters.twin(issue)


async def test_a_trial_quarter_has_no_scores_in_it(school: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "shadow_quarters", ("2026Q3",))
    issue = await bulletins.draw_up(school, Q3, at=AT)
    assert shown(issue, "积分") == {"合计": ["—", "这一季先试算，不排名", *["—"] * 7]}
    assert "积分：这一季先试算，不排名" in bulletin_letters.twin(issue)


async def test_a_youth_of_two_units_is_one_person_in_the_total(school: Unit) -> None:
    youth = await Person.get(accounts__user_id="70000")
    law = await Cadre.get(person__accounts__user_id="501")
    contact = await Contact.get(youth_id=youth.id)
    await Contact.create(cadre=law, youth=youth, state=contact.state, since=contact.since)
    await factories.interaction(law, youth, DAY)
    issue = await bulletins.draw_up(school, Q3, at=AT)
    assert shown(issue, "有效互动")["合计"] == ["55 人", "111 人次", "13 人"]
    assert shown(issue, "参与")["合计"][2] == "55 人"


async def test_a_change_of_hands_inside_a_unit_is_neither_coming_nor_going(school: Unit) -> None:
    before = await bulletins.draw_up(school, Q3, at=AT)
    colleague, outsider = [await Cadre.get(person__accounts__user_id=user) for user in ("602", "501")]
    await Contact.filter(cadre__person__accounts__user_id="601").update(since=Q3.start - timedelta(days=9))
    old = await bulletins.draw_up(school, Q3, at=AT)
    for place, contact in enumerate(await Contact.filter(cadre__person__accounts__user_id="601").order_by("id")):
        await Contact.filter(id=contact.id).update(state=ContactState.ENDED, ended_at=on(DAY))
        to = colleague if place else outsider
        await Contact.create(cadre=to, youth_id=contact.youth_id, state=ContactState.ACTIVE, since=on(DAY))
    issue = await bulletins.draw_up(school, Q3, at=AT)
    assert shown(before, "参与")["合计"] != shown(old, "参与")["合计"]  # 上一季就联系着的，不是新联系上
    assert shown(issue, "参与")["合计"] == shown(old, "参与")["合计"]
    assert shown(issue, "参与")["软件学院团总支"][2:4] == ["35 人", "30 人"]  # 走到法学院的一位不在了


async def test_only_this_quarter_counts_and_a_crisis_never_does(school: Unit) -> None:
    before = (await bulletins.draw_up(school, Q3, at=AT)).tables
    cadre = await Cadre.get(person__accounts__user_id="601").select_related("unit")
    youth = await Person.get(accounts__user_id="70000")
    await factories.interaction(cadre, youth, date(2026, 10, 1))
    await factories.interaction(cadre, youth, date(2026, 6, 30))
    await bulletin_town.wish(cadre.unit, cadre, youth, None, date(2026, 10, 1))
    crisis = await bulletin_town.wish(cadre.unit, cadre, youth, WishEnding.FULFILLED)
    await Wish.filter(id=crisis.id).update(lane=WishLane.CRISIS)
    await bulletin_town.game(cadre.unit, cadre, [youth], date(2026, 10, 1))
    await factories.cadre(999, "赵新来", cadre.unit)
    await Cadre.filter(person__accounts__user_id="999").update(since=on(date(2026, 10, 1)))
    assert (await bulletins.draw_up(school, Q3, at=AT)).tables == before


async def test_days_at_the_grassroots_are_counted_once_a_scheme_and_grades_stay_apart(school: Unit) -> None:
    for user in range(601, 607):
        cadre = await Cadre.get(person__accounts__user_id=str(user))
        grade = EvidenceGrade.L1 if user < 606 else EvidenceGrade.L0
        stay = await Stay.create(
            cadre=cadre,
            unit_id=cadre.unit_id,
            place=SECRET,
            first_day=DAY,
            days=2,
            schemes=f"{Scheme.EIGHT_FOUR} {Scheme.STATIONED}",
            grade=grade,
            state=StayState.KEPT,
            created_at=AT,
        )
        for n in range(2):
            await StayDay.create(cadre=cadre, stay=stay, day=DAY + timedelta(days=n))
    issue = await bulletins.draw_up(school, Q3, at=AT)
    assert shown(issue, "下基层") == {
        "8+4": ["6 人", FEW, "10 天", FEW],
        "4+1": [FEW] * 4,
        "蹲点": ["6 人", FEW, "10 天", FEW],
    }


async def test_a_work_with_a_window_shows_how_many_units_held_it(school: Unit) -> None:
    unit = await Unit.get(name=SOFTWARE)
    cadre = await Cadre.get(person__accounts__user_id="601")
    for day in (DAY, date(2026, 10, 3)):
        await Activity.create(
            kind=ActivityKind.ACTIVITY,
            organiser=cadre,
            unit=unit if day == DAY else school,
            title="1+100分享活动",
            slot=Slot.SHARING,
            campaign="1+100分享活动",
            place="东操场",
            starts_at=on(day),
            state=ActivityState.CLOSED,
            grade=EvidenceGrade.L1,
            graded_at=on(day),
            created_at=on(day),
            asked_from=on(day),
        )
    issue = await bulletins.draw_up(school, Q3, at=AT)
    # 本级 10 月办的那一场不算进三季度
    assert shown(issue, "几项工作")["1+100分享活动（全年）"] == [f"{n} 个单位" for n in (4, 0, 0, 1, 0, 3)]
    assert shown(issue, "单位五个一")[SOFTWARE] == ["0 项", "0 项", "1 项", "0 项", "4 项"]
    assert "1+100分享活动（全年）：4 个单位里办到 1 个（L1 1 个）" in bulletin_letters.twin(issue)


# --- 发布 ---


async def test_a_published_version_does_not_move_when_facts_do(school: Unit) -> None:
    issue, posted = await bulletins.publish(await boss(), school, Q3, at=AT)
    assert (issue.version, posted) == (1, 2)
    cadre = await Cadre.get(person__accounts__user_id="601")
    youth = await Person.get(accounts__user_id="70000")
    await factories.interaction(cadre, youth, DAY + timedelta(days=1))
    again = await bulletins.look(school, Q3, at=AT + timedelta(days=1))
    assert again.tables == issue.tables
    assert (again.version, again.at, again.digest) == (1, AT, issue.digest)
    assert again.moved == (
        "有效互动·合计·聊过的人次：110 人次 → 111 人次",
        f"有效互动·{SOFTWARE}·聊过的人次：72 人次 → 73 人次",
    )


async def test_each_work_group_below_gets_one_picture_a_version(school: Unit) -> None:
    other = await factories.branch("理学院团总支", school)
    await Unit.filter(id=other.id).update(path="999999")
    await factories.group(63, await factories.cadre(777, "李外人", other))
    await bulletins.publish(await boss(), school, Q3, at=AT)
    rows = await Notice.filter(kind="bulletin.published").order_by("group__group_id").select_related("group")
    assert [row.group.group_id for row in rows if row.group] == ["61", "62"]
    row = await Bulletin.get()
    assert {(one.card, one.period) for one in rows} == {(f"bulletin/{row.id}", f"2026Q3/u{school.id}/v1")}
    assert rows[0].text == bulletin_letters.twin(bulletins.issue_of(row))


async def test_a_correction_is_a_new_version_that_says_what_changed(school: Unit) -> None:
    first, _ = await bulletins.publish(await boss(), school, Q3, at=AT)
    assert await refused(bulletins.correct(await boss(), school, Q3, "漏算了", at=AT)) == (
        "现在再算一遍，和第 1 版一个数也不差，不用更正。"
    )
    wish = await Wish.filter(unit__name=SOFTWARE, ending=None).first()
    assert wish
    await Wish.filter(id=wish.id).update(state="已结束", ending=WishEnding.FULFILLED, ended_at=on(DAY))
    assert await refused(bulletins.correct(await boss(), school, Q3, " ", at=AT)) == (
        "请写一句话，例如：/通报 示例大学团委 2026Q3 更正 漏算了一个学院"
    )
    second, posted = await bulletins.correct(await boss(), school, Q3, "漏算了一条 13812345678", at=AT)
    assert (second.version, posted) == (2, 2)
    assert second.reason == "漏算了一条 〔电话已隐去〕"
    assert second.changes == (
        "微心愿·合计·已圆梦：13 件 → 14 件",
        "微心愿·合计·还在办：11 件 → 10 件",
        f"微心愿·{SOFTWARE}·已圆梦：6 件 → 7 件",
        f"微心愿·{SOFTWARE}·还在办：6 件 → 5 件",
    )
    assert second.digest != first.digest
    assert bulletins.issue_of(await Bulletin.get(version=1)) == first
    assert bulletin_letters.twin(second).splitlines()[1:3] == [
        "更正原因：漏算了一条 〔电话已隐去〕",
        "微心愿·合计·已圆梦：13 件 → 14 件",
    ]
    assert await Notice.filter(kind="bulletin.published").count() == 4
    audits = [row.detail async for row in Audit.filter(action="bulletin.publish").order_by("id")]
    assert audits == ["2026Q3 第 1 版", "2026Q3 第 2 版"]


async def test_publishing_is_refused_with_a_sentence(school: Unit) -> None:
    by = await boss()
    assert await refused(bulletins.publish(by, school, Quarter(2026, 4), at=AT)) == (
        "2026Q4 还没结束，1月1日起才能发布。先看草稿吧。"
    )
    assert await refused(bulletins.correct(by, school, Q3, "漏了", at=AT)) == (
        "示例大学团委 2026Q3 的通报还没发布，没有可更正的。发布发 /通报 示例大学团委 2026Q3 发布"
    )
    await bulletins.publish(by, school, Q3, at=AT)
    assert await refused(bulletins.publish(by, school, Q3, at=AT)) == (
        "示例大学团委 2026Q3 的通报已经发布过了（第 1 版）。数字有错，发 /通报 示例大学团委 2026Q3 更正 原因"
    )
    assert await Bulletin.all().count() == 1


async def test_two_admins_publish_at_once_and_one_version_stands(school: Unit) -> None:
    by = await boss()
    results = await asyncio.gather(
        *(bulletins.publish(by, school, Q3, at=AT) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == ["Refusal", "tuple"]
    assert await Bulletin.all().count() == 1
    assert await Notice.filter(kind="bulletin.published").count() == 2


async def test_an_admin_speaks_for_his_own_units_only(school: Unit) -> None:
    law = await Unit.get(name=LAW)
    await factories.admin(901, "周管理员", law)
    by = await identify(Scope.QQ, "901")
    assert (await bulletins.unit_for(by, "")).id == law.id
    assert "你能看的单位里没有“软件学院”" in await refused(bulletins.unit_for(by, "软件学院"))
    assert (await bulletins.unit_for(await boss(), "软件学院")).name == SOFTWARE
    cadre = await identify(Scope.QQ, "601")
    assert await refused(bulletins.unit_for(cadre, "")) == "通报由单位管理员来看、来发布，发布了会送到工作群。"


async def test_neither_names_nor_words_nor_small_numbers_are_stored(school: Unit) -> None:
    foreign = await Unit.get(name=FOREIGN)
    issue, _ = await bulletins.publish(await boss(), foreign, Q3, at=AT)
    row = await Bulletin.get()
    stored = json.dumps(row.figures, ensure_ascii=False)
    assert "钱某" not in stored
    assert SECRET not in stored
    # 外语学院只有两位团干部、四位青年：说到人的一个数也没有
    told = [
        (table["title"], one["name"], cell)
        for table in row.figures
        for one in table["rows"]  # type: ignore[union-attr]
        for cell in one["cells"]
        if cell["number"] is not None
    ]
    assert {cell["word"] for *_, cell in told} <= {"场", "项", "个单位"}
    assert issue.table("参与").rows[0].cells[0].number is None


def test_the_digest_follows_every_word() -> None:
    assert bulletins.digest(["甲", 1]) == bulletins.digest(["甲", 1])
    assert len({bulletins.digest(one) for one in (["甲", 1], ["甲", 2], ["乙", 1])}) == 3


async def test_a_quarter_that_has_not_ended_is_counted_up_to_now(school: Unit) -> None:
    at: datetime = on(date(2026, 9, 10))
    issue = await bulletins.draw_up(school, Q3, at=at)
    assert shown(issue, "有效互动")["合计"] == ["55 人", "55 人次", "13 人"]
    assert bulletin_letters.edition(issue) == "草稿，9月10日 00:00 算的，这一季还没完"


async def test_the_root_of_the_chain_is_printed_once_the_quarter_is_over_and_stays(school: Unit) -> None:
    """季末之前还会变，不印；印上的一版，链再长也不动。"""
    quarter = Quarter(2026, 3)
    await ActivityVersion.create(
        activity=await Activity.all().first(), version=90, at=AT, facts={"slot": "团课", "people": []}
    )
    await chains.extend(quarter.end - timedelta(days=1))
    assert (await bulletins.draw_up(school, quarter, at=quarter.end - timedelta(minutes=1))).root == ""
    root = await chains.root(quarter)
    assert root
    issue, _ = await bulletins.publish(await boss(), school, quarter, at=AT)
    assert issue.root == root.digest
    line = f"记录的链到季末的根 {root.digest[:12]}，随时可以 /核验 2026Q3。"
    assert bulletin_letters.foot(issue).endswith(line)
    assert bulletin_letters.twin(issue).endswith(line)
    await ChainLink.all().delete()
    assert (await bulletins.look(school, quarter, at=AT)).root == root.digest
