"""工作簿：一张表一个工作表，数是数、字是字。同样的内容，写出来的字节一样。"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Value = str | int | float

#: Excel 工作表名字里不能有的字，和至多几个字
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_NAME_MAX = 31
#: 一列至多这么宽，再长就折行
_WIDEST = 40
#: 一行字多高，磅
_LINE = 15


@dataclass(frozen=True)
class Sheet:
    """一个工作表；头一行是列名，冻结不动。"""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def write_workbook(sheets: Sequence[Sheet], *, title: str, author: str, day: date) -> bytes:
    """写成 .xlsx。以 = 开头的字也只是字，不当公式。"""
    import xlsxwriter  # 装载慢，写表时才要

    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": title, "author": author, "created": datetime(day.year, day.month, day.day)})
    head = book.add_format({"bold": True, "bg_color": "#f3f0eb", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    body = book.add_format({"text_wrap": True, "valign": "vcenter"})
    names = set[str]()
    for sheet in sheets:
        page = book.add_worksheet(_named(sheet.name, names))
        page.freeze_panes(1, 0)
        _for_print(page)
        page.write_row(0, 0, sheet.columns, head)
        for column in range(len(sheet.columns)):
            texts = [str(row[column]) for row in (sheet.columns, *sheet.rows)]
            page.set_column(column, column, min(_WIDEST, 2 + max(map(_width, texts))))
        for place, row in enumerate(sheet.rows, 1):
            page.write_row(place, 0, row, body)
            # 折了行的写明行高，有的表格软件不会自己撑开
            lines = max((-(-_width(str(value)) // (_WIDEST - 2)) for value in row), default=1)
            page.set_row(place, _LINE * lines if lines > 1 else None)
    book.close()
    return written.getvalue()


def _for_print(page: "Worksheet") -> None:
    """打印出来：A4 横放，宽度缩到一页，每页都有列名和页码。"""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&C第 &P 页，共 &N 页")


def _named(name: str, taken: set[str]) -> str:
    """合规、不重的名字。"""
    base = _FORBIDDEN.sub("·", name)[:_NAME_MAX] or "表"
    found, count = base, 1
    while found.casefold() in taken:
        count += 1
        found = f"{base[: _NAME_MAX - 3]}({count})"
    taken.add(found.casefold())
    return found


def _width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)
