"""`/通报`：看草稿、发布、更正、要文件；工作群里收到一张图。"""

import base64
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import docx
import pytest
from nonebot.adapters.onebot import v11
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bot.gateway import delivery
from bot.league import bulletin_letters, bulletins
from bot.league.periods import Quarter
from db.models import Bulletin, Notice, NoticeState, Unit
from plugins.bulletins import render
from tests import factories
from tests.chat import Chat
from tests.league import bulletin_town
from tests.league.bulletin_town import AT
from tests.plugins.school_town import one

BOSS = 900


@pytest.fixture
async def school(chat: Chat) -> Unit:
    chat.later(seconds=(AT - chat.at).total_seconds())
    return await bulletin_town.build()


def pictures(chat: Chat, group: int) -> list[bytes]:
    """发到这个群的图。"""
    sent = [data for api, data in chat.calls if api == "send_group_msg" and data["group_id"] == group]
    parts = [part for data in sent for part in v11.Message(data["message"]) if part.type == "image"]
    return [_bytes(part.data["file"]) for part in parts]


def _bytes(file: Any) -> bytes:
    if isinstance(file, BytesIO):
        return file.getvalue()
    return file if isinstance(file, bytes) else base64.b64decode(str(file).removeprefix("base64://"))


async def test_the_admin_looks_then_publishes_and_the_groups_get_the_picture_once(chat: Chat, school: Unit) -> None:
    draft = await one(chat, BOSS, "/通报 文字")
    assert draft.startswith("示例大学团委2026年第三季度通报（草稿，10月8日 10:00 算的）\n【数据】在任团干部 13 人")
    assert draft.endswith(
        "看好了发 /通报 示例大学团委 2026Q3 发布；要 Word、表格、PDF 发 /通报 示例大学团委 2026Q3 文件"
    )
    assert await one(chat, BOSS, "/通报 2026Q3") == "[image]"
    assert not await Bulletin.exists()
    assert await one(chat, BOSS, "/通报 2026Q3 发布") == (
        "示例大学团委2026年第三季度通报第 1 版发布了，送往 2 个工作群。\n要文件发 /通报 示例大学团委 2026Q3 文件"
    )
    for _ in range(2):
        await delivery.deliver_due(chat.later(minutes=1))
    for group in (61, 62):
        [picture] = pictures(chat, group)
        assert picture.startswith(b"\x89PNG")
    assert await one(chat, BOSS, "/通报 2026Q3 发布") == (
        "示例大学团委 2026Q3 的通报已经发布过了（第 1 版）。数字有错，发 /通报 示例大学团委 2026Q3 更正 原因"
    )
    assert (await one(chat, BOSS, "/通报 文字")).endswith(
        "数字发布时就定住了。要 Word、表格、PDF 发 /通报 示例大学团委 2026Q3 文件"
    )


async def test_a_group_that_takes_no_pictures_gets_the_words(chat: Chat, school: Unit, monkeypatch: Any) -> None:
    await one(chat, BOSS, "/通报 2026Q3 发布")
    original = chat._call_api

    async def picky(api: str, **data: Any) -> Any:
        if api == "send_group_msg" and any(part.type == "image" for part in v11.Message(data["message"])):
            raise v11.ActionFailed(status="failed", retcode=1404, message="不支持的消息段")
        return await original(api, **data)

    monkeypatch.setattr(chat.bot, "call_api", picky)
    await delivery.deliver_due(chat.later(minutes=1))
    said = [reply.text for reply in chat.sent if reply.group == "61"]
    assert said == [(await Notice.filter(group__group_id="61").get()).text]
    assert await Notice.filter(state=NoticeState.SENT).count() == 2


async def test_an_unclear_failure_is_never_said_twice(chat: Chat, school: Unit, monkeypatch: Any) -> None:
    await one(chat, BOSS, "/通报 2026Q3 发布")
    calls = list[str]()

    async def silent(api: str, **data: Any) -> Any:
        calls.append(api)
        raise v11.ActionFailed(status="failed", retcode=1200, message="Timeout")

    monkeypatch.setattr(chat.bot, "call_api", silent)
    for _ in range(2):
        await delivery.deliver_due(chat.later(minutes=1))
    assert calls.count("send_group_msg") == 2
    assert await Notice.filter(state=NoticeState.UNKNOWN).count() == 2


async def test_a_correction_says_why_and_what(chat: Chat, school: Unit) -> None:
    assert await one(chat, BOSS, "/通报 2026Q3 更正 漏了") == (
        "示例大学团委 2026Q3 的通报还没发布，没有可更正的。发布发 /通报 示例大学团委 2026Q3 发布"
    )
    await one(chat, BOSS, "/通报 2026Q3 发布")
    law = await Unit.get(name="法学院团总支")
    await factories.cadre(888, "新来的", law)
    shown = await one(chat, BOSS, "/通报 文字")
    assert "发布之后，再算会变的有" in shown
    assert shown.endswith("要更正发 /通报 示例大学团委 2026Q3 更正 原因")
    answer = await one(chat, BOSS, "/通报 2026Q3 更正 漏了一位团干部")
    assert answer.splitlines()[:3] == [
        "示例大学团委2026年第三季度通报第 2 版发布了，送往 2 个工作群。",
        "更正原因：漏了一位团干部",
        "参与·合计·在任团干部：13 人 → 14 人",
    ]
    assert await one(chat, BOSS, "/通报 2026Q3 更正 全员必须整改") == (
        "“全员”这个说法先不发：不按人头摊派，愿意来的才算。换个说法再发一次就好。"
    )


async def test_wrong_people_places_and_words_are_answered(chat: Chat, school: Unit) -> None:
    not_yours = "通报由单位管理员来看、来发布，发布了会送到工作群。"
    assert await one(chat, 601, "/通报") == not_yours
    assert await one(chat, 601, "/通报 发布", group=61) == not_yours
    assert await one(chat, 70000, "/通报 2026Q3") == not_yours
    assert await one(chat, BOSS, "/通报 2026Q3 发布", group=61) == (
        "通报先私聊我看好：/通报 2026Q3。发布了我会送到各工作群。"
    )
    assert await one(chat, BOSS, "/通报 2027Q1") == "2027Q1 还没到呢，看刚过去的一季发 /通报 2026Q3"
    assert await one(chat, BOSS, "/通报 本季度 发布") == "2026Q4 还没结束，1月1日起才能发布。先看草稿吧。"
    assert await one(chat, BOSS, "/通报 2026Q7") == ("没看懂“2026Q7”是哪个季度，可以写 本季度、上季度 或 2026Q3。")
    assert await one(chat, BOSS, "/通报 火星学院") == (
        "你能看的单位里没有“火星学院”。直接发 /通报 2026Q3 看全部，或写名册里的单位名。"
    )
    assert not await Bulletin.exists()


async def test_a_unit_below_has_its_own_bulletin_for_its_own_group(chat: Chat, school: Unit) -> None:
    assert await one(chat, BOSS, "/通报 软件学院 2026Q3 发布") == (
        "软件学院团总支2026年第三季度通报第 1 版发布了，送往 1 个工作群。\n要文件发 /通报 软件学院团总支 2026Q3 文件"
    )
    row = await Bulletin.get()
    assert (row.name, row.digest[: bulletin_letters.DIGITS]) == ("软件学院团总支", row.digest[:12])
    assert await Notice.filter(kind="bulletin.published").values_list("group__group_id", flat=True) == ["62"]


def handed(chat: Chat) -> dict[str, bytes]:
    """私聊发来的文件。"""
    return {
        data["name"]: base64.b64decode(data["file"].removeprefix("base64://"))
        for api, data in chat.calls
        if api == "upload_private_file"
    }


def words_in(name: str, data: bytes) -> str:
    """一份文件里的全部文字，空白都去掉。"""
    if name.endswith(".pdf"):
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    elif name.endswith(".docx"):
        document = docx.Document(BytesIO(data))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        text = "\n".join([*(line.text for line in document.paragraphs), *cells])
    else:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        pages = [book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names]
        text = "\n".join([*book.sheet_names, *(str(cell) for page in pages for row in page for cell in row)])
    return "".join(text.split())


async def test_the_three_files_come_in_private_and_say_the_same(chat: Chat, school: Unit) -> None:
    assert await one(chat, BOSS, "/通报 2026Q3 文件") == (
        "示例大学团委2026年第三季度通报（草稿）：Word、表格、PDF 都发给你了，三份是同样的数。"
    )
    assert "（草稿）" in words_in("x.docx", handed(chat)["示例大学团委2026年第三季度通报草稿.docx"])
    await one(chat, BOSS, "/通报 2026Q3 发布")
    chat.calls.clear()
    await one(chat, BOSS, "/通报 2026Q3 文件")
    files = handed(chat)
    stem = "示例大学团委2026年第三季度通报第1版"
    assert list(files) == [f"{stem}.docx", f"{stem}.xlsx", f"{stem}.pdf"]
    digest = (await Bulletin.get()).digest[:12]
    for name, data in files.items():
        told = words_in(name, data)
        for wanted in ("软件学院团总支", "不足5人，不公布", digest, "微心愿", "94.4"):
            assert wanted in told, (name, wanted)
    document = docx.Document(BytesIO(files[f"{stem}.docx"]))
    heads = [line.text for line in document.paragraphs if line.text.startswith(("一、", "二、", "三、", "四、"))]
    assert heads == ["一、数据", "二、过程", "三、效果", "四、数字口径"]
    book = CalamineWorkbook.from_filelike(BytesIO(files[f"{stem}.xlsx"]))
    assert book.sheet_names[:4] == ["说明", "参与", "积分", "有效互动"]
    assert book.get_sheet_by_name("有效互动").to_python()[:3] == [
        ["单位", "聊过的青年（人）", "聊过的人次（人次）", "真聊过青年的团干部（人）"],
        ["合计", 55, 110, 13],
        ["软件学院团总支", 36, 72, 6],
    ]
    chat.calls.clear()
    chat.later(days=3)
    await one(chat, BOSS, "/通报 2026Q3 文件")
    assert handed(chat) == files


async def test_no_name_no_word_and_no_small_number_leaks_into_any_file(chat: Chat, school: Unit) -> None:
    await one(chat, BOSS, "/通报 2026Q3 文件")
    await one(chat, BOSS, "/通报 外语学院团总支 2026Q3 文件")
    assert len(handed(chat)) == 6
    for name, data in handed(chat).items():
        told = words_in(name, data)
        for secret in ("钱某", "孙管理员", bulletin_town.SECRET, "70000"):
            assert secret not in told, (name, secret)
        assert not re.findall(r"(?<!\d)[0-4](?:人次|人|件|条)", told), name
    book = CalamineWorkbook.from_filelike(BytesIO(handed(chat)["示例大学团委2026年第三季度通报草稿.xlsx"]))
    for sheet in book.sheet_names[1:]:
        head, *rows = book.get_sheet_by_name(sheet).to_python()
        for place, column in enumerate(head):
            if re.search("（人|（件|（条", str(column)):
                assert all(row[place] >= 5 for row in rows if isinstance(row[place], int | float)), (sheet, column)


async def test_where_files_cannot_be_sent_the_words_come_instead(chat: Chat, school: Unit) -> None:
    chat.refuses["upload_private_file"] = 1404
    first, text = await chat.say(BOSS, "/通报 2026Q3 文件")
    assert first.text == "这里发不出文件，换个能收文件的账号私聊我再试试。先给你文字版："
    assert text.text.startswith("示例大学团委2026年第三季度通报（草稿")


async def test_twenty_units_are_drawn_and_the_rest_counted(school: Unit) -> None:
    issue = await bulletins.draw_up(school, Quarter(2026, 3), at=AT)
    table = issue.table("积分")
    many = replace(table, rows=(table.rows[0], *[replace(table.rows[1], name=f"第{n}学院") for n in range(23)]))
    tables = tuple(many if one is table else one for one in issue.tables)
    data: Any = render.card(replace(issue, tables=tables)).data["panes"]
    assert len(data[0]["bars"]) == 20
    assert data[0]["lines"][0] == "还有 3 个单位没画出来，见文件。"
