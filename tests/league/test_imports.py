"""导入名册：全对才动手，再导不变，每一处不对都说得清。"""

import csv
import io
import logging
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from bot.league import imports, roster_files, roster_grids
from bot.league.errors import Refusal
from bot.league.imports import ImportRefused, ImportReport, import_roster, write_template
from db.models import (
    Account,
    Audit,
    Cadre,
    CadreKind,
    CadrePast,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Person,
    Role,
    RoleKind,
    Scope,
    Unit,
    UnitKind,
)
from tests import factories

Rows = Sequence[Sequence[object]]

UNITS: Rows = [("信息团总支", "示例大学团委", "团总支"), ("示例大学团委", "", "校")]
CADRES: Rows = [
    ("张三", "信息团总支", "专职", "", "QQ", "20001"),
    ("李四", "信息团总支", "其他兼职", "管理员", "微信", "wxid_li"),
    ("王五", "示例大学团委", "", "督导", "QQ", "20003"),
]
YOUTHS: Rows = [("小明", "20001", "QQ", "30001", "学生、篮球"), ("", "wxid_li", "微信", "wxid_ming", "")]


def workbook(path: Path, units: Rows = UNITS, cadres: Rows = CADRES, youths: Rows | None = YOUTHS) -> Path:
    """写一个 .xlsx 名册。"""
    with xlsxwriter.Workbook(str(path / "名册.xlsx")) as book:
        for sheet, rows in (("单位", units), ("干部", cadres), ("青年", youths)):
            if rows is None:
                continue
            page = book.add_worksheet(sheet)
            for number, row in enumerate([roster_files.SHEETS[sheet], *rows]):
                page.write_row(number, 0, row)
    return path / "名册.xlsx"


@pytest.fixture
def load(database: str, tmp_path: Path, at: datetime) -> Callable[..., object]:
    """写一个名册并导入。"""

    async def load(units: Rows = UNITS, cadres: Rows = CADRES, youths: Rows | None = YOUTHS) -> ImportReport:
        return await import_roster(workbook(tmp_path, units, cadres, youths), at=at)

    return load


async def refused(load: Callable[..., object], **sheets: Rows) -> list[str]:
    """导入被拒绝：返回每一处不对，并确认什么都没改。"""
    before = await everything()
    with pytest.raises(ImportRefused) as caught:
        await load(**sheets)  # type: ignore[misc]
    assert await everything() == before
    assert f"名册有 {len(caught.value.problems)} 处不对，一行也没有导入：" in caught.value.sentence
    return [str(problem) for problem in caught.value.problems]


async def everything() -> list[object]:
    """库里与名册有关的全部行。"""
    tables = (Unit, Person, Account, Cadre, Role, Contact, ContactTag, Audit)
    return [sorted(map(str, await table.all().values_list())) for table in tables]


# --- 正常 ---


async def test_a_roster_becomes_units_people_posts_and_invitations(load, at: datetime) -> None:
    report = await load()
    assert report.text == (
        "名册导入好了。\n单位：新添 2，改动 0，没变 0\n干部：新添 3，改动 0，没变 0\n青年：新添 2，改动 0，没变 0\n"
        "名册里没写到的人和单位原样留着；有人离任请用 /任命 @某 离任。"
    )
    top, branch = await Unit.get(name="示例大学团委"), await Unit.get(name="信息团总支")
    assert (top.kind, top.parent_id, branch.parent_id) == (UnitKind.SCHOOL, None, top.id)
    assert (top.path, branch.path) == (f"{top.id:06d}", f"{top.id:06d}{branch.id:06d}")
    cadres = await Cadre.all().order_by("quota").select_related("person", "unit")
    assert [(c.person.name, c.unit_id, c.kind, c.quota, c.since) for c in cadres] == [
        ("李四", branch.id, CadreKind.PART_TIME, 10, at),
        ("张三", branch.id, CadreKind.FULL_TIME, 100, at),
    ]
    roles = await Role.all().select_related("person").order_by("kind")
    assert sorted((r.person.name, r.unit_id, r.kind) for r in roles) == sorted(
        [("李四", branch.id, RoleKind.ADMIN), ("王五", top.id, RoleKind.INSPECTOR)]
    )
    contact = await Contact.get(cadre__quota=100).prefetch_related("tags", "youth")
    assert (contact.youth.name, contact.state, contact.group_id) == ("小明", ContactState.INVITED, None)
    assert sorted(tag.tag for tag in contact.tags) == ["学生", "篮球"]
    assert (await Account.get(user_id="wxid_ming")).scope is Scope.WECHAT
    assert not await Consent.exists(), "导入替不了本人同意"
    assert sorted({row.action for row in await Audit.all()}) == ["role.appoint", "roster.import"]


async def test_importing_twice_changes_nothing(load) -> None:
    await load()
    before = await everything()
    report = await load()
    assert {sheet: (c.added, c.changed, c.unchanged) for sheet, c in report.counts.items()} == {
        "单位": (0, 0, 2),
        "干部": (0, 0, 3),
        "青年": (0, 0, 2),
    }
    assert (await everything())[:-1] == before[:-1], "只多一行留痕"


async def test_changed_rows_update_and_missing_ones_stay(load) -> None:
    await load()
    report = await load(
        units=[*UNITS, ("文学团总支", "示例大学团委", "团总支"), ("一班", "文学团总支", "团支部")],
        cadres=[("张叁", "文学团总支", "其他兼职", "管理员", "QQ", "20001")],
        youths=None,
    )
    assert (report.counts["单位"].added, report.counts["干部"].changed) == (2, 1)
    cadre = await Cadre.get(person__accounts__user_id="20001").select_related("person", "unit")
    assert (cadre.person.name, cadre.unit.name, cadre.quota) == ("张叁", "文学团总支", 10)
    assert await Role.exists(person_id=cadre.person_id, kind=RoleKind.ADMIN)
    assert await Cadre.all().count() == 2


async def test_a_moved_unit_takes_its_subtree_along(load) -> None:
    deep = [("省", "", "省"), ("市", "省", "市"), ("县", "市", "县"), ("乡", "县", "团支部"), ("另一市", "省", "市")]
    await load(units=deep, cadres=[], youths=None)
    report = await load(units=[("县", "另一市", "县")], cadres=[], youths=None)
    assert report.counts["单位"].changed == 1
    ids = dict(await Unit.all().values_list("name", "id"))
    village = await Unit.get(name="乡")
    assert village.path == "".join(f"{ids[name]:06d}" for name in ("省", "另一市", "县", "乡"))


async def test_swapping_two_branches_is_no_conflict(load) -> None:
    await load(units=[("甲", "", "省"), ("乙", "甲", "市")], cadres=[], youths=None)
    await load(units=[("乙", "", "省"), ("甲", "乙", "市")], cadres=[], youths=None)
    one, two = await Unit.get(name="甲"), await Unit.get(name="乙")
    assert (one.path, two.path) == (f"{two.id:06d}{one.id:06d}", f"{two.id:06d}")


async def test_parents_may_come_from_the_database(load) -> None:
    await load(units=UNITS, cadres=[], youths=None)
    await load(units=[("一班", "信息团总支", "团支部")], cadres=[], youths=None)
    assert (await Unit.get(name="一班").select_related("parent")).parent.name == "信息团总支"


@pytest.mark.parametrize("together", [True, False], ids=["一个文件", "分两次"])
async def test_a_second_platform_is_a_second_account_of_the_same_person(load, together: bool) -> None:
    qq, wechat = ("张三", "信息团总支", "专职", "", "QQ", "20001"), ("张三", "信息团总支", "专职", "", "微信", "wx_z")
    if together:
        await load(cadres=[qq, wechat], youths=None)
    else:
        await load(cadres=[qq], youths=None)
        await load(cadres=[wechat], youths=None)
    assert (await Person.all().count(), await Cadre.all().count(), await Account.all().count()) == (1, 1, 2)
    again = await load(cadres=[wechat, qq], youths=None)
    assert again.counts["干部"].unchanged == 2


async def test_namesakes_on_one_platform_are_two_people(load) -> None:
    rows = [("张三", "信息团总支", "专职", "", "QQ", "20001"), ("张三", "信息团总支", "专职", "", "QQ", "20002")]
    await load(cadres=rows, youths=None)
    assert (await Person.all().count(), await Cadre.all().count()) == (2, 2)


async def test_one_person_with_several_duties_takes_several_rows(load) -> None:
    rows = [
        ("张三", "信息团总支", "专职", "", "QQ", "20001"),
        ("张三", "示例大学团委", "", "管理员", "QQ", "20001"),
        ("张三", "信息团总支", "", "督导", "QQ", "20001"),
    ]
    await load(cadres=rows, youths=None)
    assert (await Person.all().count(), await Cadre.all().count(), await Role.all().count()) == (1, 1, 2)


async def test_excel_numbers_come_back_as_digits(load) -> None:
    post = ("信息团总支", "专职", "", "QQ")
    cadres = [("张三", *post, 20001), ("李四", *post, "20002.0")]
    await load(cadres=cadres, youths=[("小明", 20001, "QQ", 30001.0, "")])
    assert sorted(await Account.all().values_list("user_id", flat=True)) == ["20001", "20002", "30001"]


async def test_someone_listed_again_is_back_in_office(load, at: datetime) -> None:
    await load()
    await Cadre.all().update(since=at - timedelta(days=90), left_at=at - timedelta(days=30))
    report = await load()
    assert report.counts["干部"].changed == 2
    assert not await Cadre.filter(left_at__isnull=False).exists()
    assert set(await CadrePast.all().values_list("until", flat=True)) == {at - timedelta(days=30)}, "从前那一段还在"
    assert await CadrePast.all().count() == 2


async def test_joined_and_ended_contacts_are_left_alone(load, at: datetime) -> None:
    await load()
    first, second = await Contact.all().order_by("id")
    await Contact.filter(id=first.id).update(state=ContactState.ACTIVE)
    await Contact.filter(id=second.id).update(state=ContactState.ENDED, ended_at=at)
    report = await load(youths=[YOUTHS[0], ("", "wxid_li", "微信", "wxid_ming", "新标签")])
    assert report.counts["青年"].unchanged == 2
    assert sorted(c.state for c in await Contact.all()) == ["active", "ended"]
    assert not await ContactTag.exists(tag="新标签"), "已经退出的人不再贴标签"


async def test_a_cadre_may_be_another_ones_youth(load) -> None:
    await load(youths=[("李四", "20001", "微信", "wxid_li", "")])
    assert (await Contact.get()).youth_id == (await Cadre.get(quota=10)).person_id


async def test_a_youth_who_joined_first_gets_a_name_and_stays_joined(load) -> None:
    cadre = await factories.cadre(20009, "赵六", await factories.school())
    youth = await factories.youth(30001, cadre)
    await load()
    assert (await Person.get(id=youth.id)).name == "小明"
    assert await Consent.exists(person=youth, withdrawn_at=None)
    assert await Contact.filter(youth=youth).count() == 2


# --- 每一处不对 ---


async def test_every_bad_unit_is_listed_and_nothing_is_changed(load) -> None:
    rows = [
        ("示例大学团委", "", "校"),
        ("甲", "乙", "团总支"),
        ("乙", "甲", "团总支"),
        ("示例大学团委", "", "校"),
        ("丙", "没有的", "团总支"),
        ("丁", "示例大学团委", "学院"),
        ("", "示例大学团委", "校"),
        ("戊", "戊", "校"),
        ("己" * 61, "", "校"),
        ("庚", "", ""),
        ("辛\n壬", "", "校"),
    ]
    assert await refused(load, units=rows, cadres=[], youths=[]) == [
        "单位 第 3 行：上级绕成了圈：甲 又成了自己的上级",
        "单位 第 4 行：上级绕成了圈：乙 又成了自己的上级",
        "单位 第 5 行：“示例大学团委”和第 2 行重名",
        "单位 第 6 行：上级“没有的”不在表里，库里也没有",
        "单位 第 7 行：类别“学院”不认识，应当是：团中央、省、市、县、校、团总支、团支部",
        "单位 第 8 行：名称没有填",
        "单位 第 9 行：上级不能是自己",
        "单位 第 10 行：名称太长了，最多 60 个字",
        "单位 第 11 行：类别没有填，应当是：团中央、省、市、县、校、团总支、团支部",
        "单位 第 12 行：名称里有换行或看不见的控制字符",
    ]


async def test_a_cycle_through_the_database_is_found(load) -> None:
    await load(units=UNITS, cadres=[], youths=None)
    assert await refused(load, units=[("示例大学团委", "信息团总支", "校")], cadres=[], youths=[]) == [
        "单位 第 2 行：上级绕成了圈：示例大学团委 又成了自己的上级"
    ]


async def test_every_bad_cadre_is_listed_and_nothing_is_changed(load) -> None:
    good = ("张三", "信息团总支", "专职", "", "QQ", "20001")
    rows = [
        good,
        ("李四", "没有的", "专职", "", "QQ", "20002"),
        ("李四", "信息团总支", "", "", "QQ", "20002"),
        ("李四", "信息团总支", "全职", "", "QQ", "20002"),
        ("李四", "信息团总支", "专职", "书记", "QQ", "20002"),
        ("李四", "信息团总支", "专职", "", "钉钉", "20002"),
        ("李四", "信息团总支", "专职", "", "", "20002"),
        ("李四", "信息团总支", "专职", "", "QQ", ""),
        ("", "信息团总支", "专职", "", "QQ", "20002"),
        ("李四", "信息团总支", "专职", "", "QQ", "20001"),
        ("张三", "示例大学团委", "专职", "", "QQ", "20001"),
        ("李四", "信息团总支", "专职", "", "QQ", 2**60),
        ("李四", "信息团总支", "专职", "", "QQ", 12.5),
        ("李四", "信息团总支", "专职", "", "微信", "wx id"),
        ("李" * 41, "信息团总支", "专职", "", "QQ", "20002"),
        ("李四", "信息团总支", "专职", "", "微信", "x" * 81),
    ]
    assert await refused(load, cadres=rows, youths=[]) == [
        "干部 第 3 行：没有“没有的”这个单位",
        "干部 第 4 行：类别和职责都空着，至少填一个",
        "干部 第 5 行：类别“全职”不认识，应当是：专职、挂职、县级以上机关兼职、其他兼职",
        "干部 第 6 行：职责“书记”不认识，应当是：管理员、督导",
        "干部 第 7 行：平台“钉钉”不认识，应当是：QQ、微信、公众号、Satori",
        "干部 第 8 行：平台没有填",
        "干部 第 9 行：账号没有填",
        "干部 第 10 行：姓名没有填",
        "干部 第 11 行：同一个账号写了两个名字：张三、李四",
        "干部 第 12 行：同一个人写了两处任职，类别或单位对不上",
        "干部 第 13 行：账号太长，被表格软件改成了近似数，请把这一列设为“文本”格式后重填",
        "干部 第 14 行：“12.5”不像 QQ 号",
        "干部 第 15 行：账号“wx id”里有不该有的字符",
        "干部 第 16 行：姓名太长了，最多 40 个字",
        "干部 第 17 行：账号太长了，最多 80 个字",
    ]


async def test_an_account_that_could_be_two_peoples_is_refused(load) -> None:
    rows = [(*row, account) for row, account in (
        (("张三", "信息团总支", "专职", "", "QQ"), "20001"),
        (("张三", "信息团总支", "专职", "", "QQ"), "20002"),
        (("张三", "信息团总支", "专职", "", "微信"), "wx_z"),
    )]  # fmt: skip
    assert await refused(load, cadres=rows, youths=[]) == [
        "干部 第 4 行：信息团总支有 2 位张三，分不清这是谁的账号，请用 /绑定 来并"
    ]


async def test_two_known_people_are_not_merged_by_a_file(load) -> None:
    await load(cadres=[("张三", "信息团总支", "专职", "", "QQ", "20001")], youths=None)
    await factories.person("wx_z", scope=Scope.WECHAT)
    rows = [("张三", "信息团总支", "专职", "", "QQ", "20001"), ("张三", "信息团总支", "专职", "", "微信", "wx_z")]
    assert await refused(load, cadres=rows, youths=[]) == [
        "干部 第 3 行：这个账号在库里是另一个人，请先让本人用 /绑定 把两个账号并起来"
    ]


async def test_every_bad_youth_is_listed_and_nothing_is_changed(load) -> None:
    rows = [
        ("小明", "99999", "QQ", "30001", ""),
        ("王五的", "20003", "QQ", "30001", ""),
        ("张三", "20001", "QQ", "20001", ""),
        ("小明", "20001", "QQ", "30002", ""),
        ("小红", "20001", "QQ", "30002", ""),
        ("小明", "", "QQ", "30003", ""),
        ("小明", "20001", "QQ", "30004", "长" * 21),
        ("小明", "20001", "QQ", "30005", "学生、低保户"),
        ("小明", "20001", "QQ", "30006", "、".join("甲乙丙丁戊己庚辛壬")),
    ]
    assert await refused(load, youths=rows) == [
        "青年 第 2 行：联系干部账号“99999”不是团干部",
        "青年 第 3 行：联系干部账号“20003”不是团干部",
        "青年 第 4 行：青年和联系干部是同一个人",
        "青年 第 6 行：同一个账号写了两个名字：小明、小红",
        "青年 第 7 行：联系干部账号没有填",
        "青年 第 8 行：标签至多 20 个字，短一点好找。",
        "青年 第 9 行：“低保户”是别人不愿被写下来的事，记在心里就好，不贴标签（他自己也看得到）。"
        "想帮他，请他提一个 /心愿，我会走私密的那条路。",
        "青年 第 10 行：一位青年身上至多 8 个标签",
    ]


async def test_problems_of_all_sheets_come_together_in_order(load) -> None:
    rows = [(*CADRES[0][:5], ""), CADRES[0]]
    found = await refused(load, units=[*UNITS, UNITS[0]], cadres=rows, youths=[("小明", "1", "QQ", "2", "")])
    assert [line.split("：")[0] for line in found] == ["单位 第 4 行", "干部 第 2 行", "青年 第 2 行"]


async def test_a_failure_in_the_middle_of_writing_leaves_nothing(load, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(imports.audits, "record", broken)
    with pytest.raises(RuntimeError):
        await load()
    assert await everything() == [[]] * 8


async def test_a_thousand_rows_take_a_few_dozen_statements(load, caplog: pytest.LogCaptureFixture) -> None:
    cadres = [(f"干部{n}", "信息团总支", "专职", "", "QQ", str(10_000 + n)) for n in range(300)]
    youths = [(f"青年{n}", str(10_000 + n % 300), "QQ", str(90_000 + n), "学生") for n in range(900)]
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await load(cadres=cadres, youths=youths)
    assert 10 < len([record for record in caplog.records if record.name == "tortoise.db_client"]) < 60
    assert (await Cadre.all().count(), await Contact.all().count(), await ContactTag.all().count()) == (300, 900, 900)


# --- csv ---


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
async def test_a_folder_of_csv_is_a_roster_too(database: str, tmp_path: Path, at: datetime, encoding: str) -> None:
    for sheet, rows in (("单位", UNITS), ("干部", CADRES), ("青年", YOUTHS)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([roster_files.SHEETS[sheet], *rows])
        (tmp_path / f"{sheet}.csv").write_bytes(text.getvalue().encode(encoding))
    report = await import_roster(tmp_path, at=at)
    assert [count.added for count in report.counts.values()] == [2, 3, 2]


# --- 读文件：不用数据库 ---


def grid(folder: Path, **sheets: str) -> Path:
    for sheet, text in ({"单位": "名称,上级,类别\n", "干部": "姓名,单位,类别,职责,平台,账号\n"} | sheets).items():
        (folder / f"{sheet}.csv").write_text(text, "utf-8", newline="")
    return folder


def test_columns_in_any_order_extra_ones_and_blank_lines(tmp_path: Path) -> None:
    text = '\n,,\n备注,类别,名称,上级\n"换\n行",校,甲,\n\n x ,团总支,\u200b乙 ,甲\n'
    rows = roster_files.read(grid(tmp_path, 单位=text))["单位"]
    assert [(row.number, row.cells) for row in rows] == [
        (4, {"名称": "甲", "上级": "", "类别": "校"}),
        (6, {"名称": "乙", "上级": "甲", "类别": "团总支"}),
    ]


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"单位": "名称,类别\n"}, "单位 第 1 行：表头里要恰好各有一列：上级"),
        ({"单位": "名称,名称,上级,类别\n"}, "单位 第 1 行：表头里要恰好各有一列：名称"),
        ({"单位": ""}, "单位 第 1 行：没有表头，应当有：名称、上级、类别"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, sheets: dict[str, str], reason: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        roster_files.read(grid(tmp_path, **sheets))
    assert [str(problem) for problem in caught.value.problems] == [reason]


async def test_a_nul_in_a_csv_is_a_bad_row(database: str, tmp_path: Path, at: datetime) -> None:
    with pytest.raises(ImportRefused, match="单位 第 2 行：名称里有换行或看不见的控制字符"):
        await import_roster(grid(tmp_path, 单位="名称,上级,类别\n甲\x00乙,,校\n"), at=at)


def test_files_that_are_no_roster_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"x")
    (tmp_path / "b.xlsx").write_bytes(b"not a zip")
    (tmp_path / "空").mkdir()
    for name, sentence in (
        ("a.xls", "名册要是 .xlsx 文件"),
        ("b.xlsx", "这个文件不是 .xlsx"),
        ("c.xlsx", "找不到名册"),
        ("空", "名册里少了这张表：单位、干部"),
    ):
        with pytest.raises(Refusal, match=sentence):
            roster_files.read(tmp_path / name)


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("不该去解析")

    monkeypatch.setattr(roster_grids.python_calamine.CalamineWorkbook, "from_path", never, raising=False)
    cases: list[tuple[str, dict[str, bytes]]] = [
        ("ratio", {"xl/worksheets/sheet1.xml": b"0" * 5_000_000}),
        ("members", {f"m{n}": b"" for n in range(1_001)}),
        ("climb", {"../../etc/passwd": b"x"}),
    ]
    for name, members in cases:
        path = tmp_path / f"{name}.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        with pytest.raises(Refusal, match="大得不正常"):
            roster_files.read(path)


def test_more_than_fifty_megabytes_inside_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_grids, "MAX_BYTES", 1_000)
    with pytest.raises(Refusal, match="大得不正常"):
        roster_files.read(workbook(tmp_path))


def test_a_cell_at_the_end_of_the_world_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("单位")
        page.write(0, 0, "名称")
        page.write(1_048_575, 16_383, "远")
    with pytest.raises(Refusal, match="放得太远"):
        roster_files.read(path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_files, "MAX_ROWS", 2)
    with pytest.raises(ImportRefused, match="超过 2 行了"):
        roster_files.read(workbook(tmp_path))


def test_a_truncated_workbook_gets_a_sentence(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as new:
        for member in old.namelist():
            new.writestr(member, old.read(member)[:40])
    with pytest.raises(Refusal, match="打不开"):
        roster_files.read(tmp_path / "broken.xlsx")


async def test_the_template_is_empty_complete_and_importable(database: str, tmp_path: Path, at: datetime) -> None:
    write_template(tmp_path / "空表.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "空表.xlsx"))
    assert book.sheet_names == ["单位", "干部", "青年", "说明"]
    for sheet, columns in roster_files.SHEETS.items():
        assert book.get_sheet_by_name(sheet).to_python() == [list(columns)]
    with zipfile.ZipFile(tmp_path / "空表.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    assert '"专职,挂职,县级以上机关兼职,其他兼职"' in xml
    assert '"QQ,微信,公众号,Satori"' in xml
    report = await import_roster(tmp_path / "空表.xlsx", at=at)
    assert [count.added for count in report.counts.values()] == [0, 0, 0]


# --- 在另一个进程里读 ---


def test_reading_apart_gives_the_same(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    assert roster_files.read_apart(path) == roster_files.read(path)


@pytest.mark.parametrize("limits", [{"memory": 8 * 2**20}, {"seconds": 0}])
def test_a_file_that_eats_memory_or_time_only_ends_its_own_process(tmp_path: Path, limits: dict[str, int]) -> None:
    with pytest.raises(Refusal, match="读到一半撑不住了，没有导入"):
        roster_files.read_apart(workbook(tmp_path), **limits)


def test_what_is_wrong_with_the_file_is_said_from_over_there(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"not a zip")
    with pytest.raises(Refusal, match="这个文件不是"):
        roster_files.read_apart(tmp_path / "a.xlsx")
