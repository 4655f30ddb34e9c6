"""导出名册：原样再导一次什么也不变，公式只是字，只拿得到自己管的。"""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from bot.league import roster, roster_exports, roster_files
from bot.league.errors import Refusal
from bot.league.imports import import_roster
from bot.league.roster_exports import Exported, export, scope_of
from db.models import (
    Account,
    Audit,
    Cadre,
    CadreKind,
    Contact,
    ContactState,
    ContactTag,
    Person,
    Role,
    RoleKind,
    Scope,
)
from tests import factories


async def town() -> None:
    """一所学校：兼任、双账号、两位同名、请了没来的和已经来了的。"""
    top = await factories.school()
    branch = await factories.branch("信息团总支", top)
    zhang = await factories.cadre(20001, "张三", branch)
    await Account.create(scope=Scope.WECHAT, user_id="wxid_zhang", person_id=zhang.person_id)
    for unit, kind in ((branch, RoleKind.ADMIN), (branch, RoleKind.INSPECTOR), (top, RoleKind.ADMIN)):
        await Role.create(person_id=zhang.person_id, unit=unit, kind=kind)
    await factories.admin(20003, "王五", top, RoleKind.INSPECTOR)
    await factories.cadre(20004, "张三", branch, CadreKind.PART_TIME)
    other = await Person.create(name="李四", created_at=factories.AT)
    await Account.create(scope=Scope.WECHAT, user_id="wxid_li", person=other)
    await Cadre.create(person=other, unit=branch, kind=CadreKind.PART_TIME, quota=10, since=factories.AT)
    await factories.cadre(20005, "李四", branch)
    await factories.cadre(20006, "=1+1", branch)
    gone = await factories.cadre(20007, "离任的", branch)
    await Cadre.filter(id=gone.id).update(left_at=factories.AT)
    joined = await factories.youth(30001, zhang)
    await Contact.create(
        cadre=await Cadre.get(person__accounts__user_id="20005"), youth=joined, state=ContactState.INVITED,
        since=factories.AT,
    )  # fmt: skip
    invited = await factories.person(30002, "@小明")
    contact = await Contact.create(cadre=zhang, youth=invited, state=ContactState.INVITED, since=factories.AT)
    for tag in ("学生", "篮球"):
        await ContactTag.create(contact=contact, tag=tag)
    roster.touch()


async def exported(at: datetime) -> Exported:
    return await export(await roster_exports.everywhere(), at=at)


async def test_importing_what_was_exported_changes_nothing(database: str, tmp_path: Path, at: datetime) -> None:
    await town()
    done = await exported(at)
    assert done.tables["单位"] == [("示例大学团委", "", "校"), ("信息团总支", "示例大学团委", "团总支")]
    assert done.tables["青年"] == [("@小明", "20001", "QQ", "30002", "学生、篮球")], "已经加入的不在名册里"
    assert not any("离任的" in row for row in done.tables["干部"])
    roster_files.write(tmp_path / "名册.xlsx", done.tables)
    before = [
        await model.all().order_by("id").values() for model in (Person, Account, Cadre, Role, Contact, ContactTag)
    ]
    report = await import_roster(tmp_path / "名册.xlsx", at=at)
    assert [(count.added, count.changed) for count in report.counts.values()] == [(0, 0)] * 3
    assert [count.unchanged for count in report.counts.values()] == [len(rows) for rows in done.tables.values()]
    assert before == [
        await model.all().order_by("id").values() for model in (Person, Account, Cadre, Role, Contact, ContactTag)
    ]
    assert (await exported(at)).tables == done.tables


async def test_every_office_and_every_account_has_its_row(database: str, at: datetime) -> None:
    await town()
    rows = (await exported(at)).tables["干部"]
    assert [row[1:] for row in rows if row[0] == "张三" and row[5] in ("20001", "wxid_zhang")] == [
        ("信息团总支", "专职", "管理员", "QQ", "20001"),
        ("信息团总支", "", "督导", "微信", "wxid_zhang"),
        ("示例大学团委", "", "管理员", "QQ", "20001"),
    ]


async def test_an_admin_gets_his_own_units_and_leaves_a_trace(database: str, at: datetime) -> None:
    top = await factories.school()
    mine, other = await factories.branch("甲", top), await factories.branch("乙", top)
    await factories.branch("甲一支部", mine)
    await factories.admin(1, "王管理", mine)
    await factories.cadre(12, "张三", other)
    by = await roster.identify(Scope.QQ, "1")
    done = await export(await scope_of(by), at=at, actor_id=by.person_id)
    assert [row[0] for row in done.tables["单位"]] == ["甲", "甲一支部"]
    assert done.tables["干部"] == [("王管理", "甲", "", "管理员", "QQ", "1")]
    trace = await Audit.get(action="roster.export")
    assert (trace.actor_id, trace.subject, trace.detail) == (
        by.person_id, f"u{mine.id}", "单位 2 行；干部 1 行；青年 0 行",
    )  # fmt: skip
    with pytest.raises(Refusal, match="你管不到乙"):
        await scope_of(by, "乙")
    with pytest.raises(Refusal, match="只给管理员"):
        await scope_of(await roster.identify(Scope.QQ, "12"))


async def test_those_who_cannot_be_written_are_counted(database: str, at: datetime) -> None:
    cadre = await factories.cadre(12, "张三", await factories.school())
    await Account.all().delete()
    done = await exported(at)
    assert (done.tables["干部"], done.skipped) == ([], 1)
    assert cadre.id


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """F36：`=` `+` `-` `@` 开头的，在表格软件里打开、再改，也还是字。"""
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")']
    roster_files.write(tmp_path / "a.xlsx", {"单位": [(name, "", "校") for name in risky]})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheet, styles = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/styles.xml").decode()
        assert "<f>" not in sheet
        assert "_rels/sheet1.xml.rels" not in " ".join(book.namelist()), "没有超链接"
    assert set(re.findall(r'<c r="A[2-6]"[^>]* t="(\w+)"', sheet)) == {"s"}
    assert 'quotePrefix="1"' in styles
    assert [row.cells["名称"] for row in roster_files.read(tmp_path / "a.xlsx")["单位"]] == risky
