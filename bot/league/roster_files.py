"""名册文件：`.xlsx` 或一个放 csv 的文件夹 → 一行行文字；也写空表。这里只管读写，不管对不对。"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import python_calamine
import xlsxwriter

from bot.league.errors import Refusal
from db.models import CadreKind, RoleKind, UnitKind

#: 三张表与各自的列；`青年` 可以没有
SHEETS: dict[str, tuple[str, ...]] = {
    "单位": ("名称", "上级", "类别"),
    "干部": ("姓名", "单位", "类别", "职责", "平台", "账号"),
    "青年": ("姓名", "联系干部账号", "平台", "账号", "标签"),
}
OPTIONAL = "青年"
PLATFORMS = ("QQ", "微信")

# 压缩炸弹的门槛（OWASP ASVS 12.1）：解开前先看目录
MAX_BYTES = 50 * 1024 * 1024
MAX_MEMBERS = 1_000
MAX_RATIO = 100
#: 一张表最多几行
MAX_ROWS = 300_000
#: 表格铺开后最多几格：读表的库按“最远的一格”分配内存，一个 XFD1048576 就能撑爆它
MAX_CELLS = 10_000_000
#: Excel 把更大的整数存成近似数
_EXACT = 2**53

_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


@dataclass(frozen=True)
class Problem:
    """一处不对：哪张表、表格软件里看到的第几行、为什么。"""

    sheet: str
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.sheet} 第 {self.row} 行：{self.reason}"


class ImportRefused(Refusal):
    """名册有不对的地方，一行也没有导入；`problems` 是全部不对的行。"""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(map(str, problems))
        super().__init__(f"名册有 {len(problems)} 处不对，一行也没有导入：\n{lines}")


@dataclass(frozen=True)
class Row:
    """一行：表格软件里的行号，和各列的文字（去掉首尾空白与看不见的字符）。"""

    number: int
    cells: dict[str, str]


def read(path: Path) -> dict[str, list[Row]]:
    """读出三张表；打不开、太大、缺表缺列都抛 `Refusal`。"""
    if path.is_dir():
        grids = _read_folder(path)
    elif not path.is_file():
        raise Refusal(f"找不到名册：{path}")
    elif path.suffix.lower() == ".xlsx":
        grids = _read_workbook(path)
    else:
        raise Refusal("名册要是 .xlsx 文件，或一个放着 单位.csv、干部.csv 的文件夹。")
    missing = [sheet for sheet in SHEETS if sheet not in grids and sheet != OPTIONAL]
    if missing:
        raise Refusal(f"名册里少了这张表：{'、'.join(missing)}")
    tables = {sheet: _table(sheet, grids[sheet]) for sheet in SHEETS if sheet in grids}
    problems = [problem for _, problem in tables.values() if problem]
    if problems:
        raise ImportRefused(problems)
    return {sheet: rows for sheet, (rows, _) in tables.items()}


def _table(sheet: str, grid: list[list[str]]) -> tuple[list[Row], Problem | None]:
    """第一个非空行是表头，列的次序不限，多出来的列不看。"""
    top = next((index for index, cells in enumerate(grid) if any(cells)), None)
    if top is None:
        return [], Problem(sheet, 1, f"没有表头，应当有：{'、'.join(SHEETS[sheet])}")
    header = grid[top]
    missing = [name for name in SHEETS[sheet] if header.count(name) != 1]
    if missing:
        return [], Problem(sheet, top + 1, f"表头里要恰好各有一列：{'、'.join(missing)}")
    if len(grid) - top - 1 > MAX_ROWS:
        return [], Problem(sheet, top + 1, f"超过 {MAX_ROWS} 行了，请分几次导入")
    places = {name: header.index(name) for name in SHEETS[sheet]}
    rows = [
        Row(number, {name: cells[place] if place < len(cells) else "" for name, place in places.items()})
        for number, cells in enumerate(grid[top + 1 :], top + 2)
        if any(cells)
    ]
    return [row for row in rows if any(row.cells.values())], None


def _read_folder(folder: Path) -> dict[str, list[list[str]]]:
    grids: dict[str, list[list[str]]] = {}
    for sheet in SHEETS:
        file = folder / f"{sheet}.csv"
        if not file.is_file():
            continue
        if file.stat().st_size > MAX_BYTES:
            raise Refusal(f"{file.name} 太大了，最多 50 MB。")
        try:
            grids[sheet] = [[_text(cell) for cell in record] for record in _records(file.read_bytes())]
        except (UnicodeDecodeError, csv.Error):
            raise Refusal(f"{file.name} 读不出来，请另存为“CSV UTF-8”再试。") from None
    return grids


def _records(data: bytes) -> Iterable[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return list(csv.reader(io.StringIO(text, newline="")))


def _read_workbook(path: Path) -> dict[str, list[list[str]]]:
    _check_workbook(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        return {
            sheet: [[_text(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python(False)]
            for sheet in SHEETS
            if sheet in book.sheet_names
        }
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Refusal("这个 .xlsx 打不开，请用表格软件另存一次再试。") from None


def _check_workbook(path: Path) -> None:
    """解析之前先确认它不是压缩炸弹，也没有一格远在天边。"""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            packed = max(path.stat().st_size, 1)
            climbing = any(".." in member.filename.split("/") for member in members)
            if climbing or len(members) > MAX_MEMBERS or max(size, packed) > MAX_BYTES or size / packed > MAX_RATIO:
                raise Refusal("这个 .xlsx 解开后大得不正常，没有读它。名册一般不到 50 MB。")
            if any(_extent(archive.read(member)) > MAX_CELLS for member in members):
                raise Refusal("这个 .xlsx 里有一格放得太远，请删掉表格右边和下面的空白区域再试。")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise Refusal("这个文件不是 .xlsx（或加了密），请用表格软件另存为 .xlsx 再试。") from None


def _extent(xml: bytes) -> int:
    """最右一列 × 最下一行。"""
    columns = rows = 0
    for found in _REFERENCE.finditer(xml):
        rows = max(rows, int(found[2]))
        columns = max(columns, _column(found[1]))
    return columns * rows


@cache
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """单元格 → 文字。整数不带小数点；存不准的大数写成科学计数法，留给检查的人说。"""
    if isinstance(cell, float):
        if abs(cell) >= _EXACT:
            return f"{cell:.6e}"
        return str(int(cell)) if cell.is_integer() else str(cell)
    visible = "".join(char for char in str(cell) if unicodedata.category(char) != "Cf")
    return visible.strip()


def write_template(path: Path) -> None:
    """写一个空名册：三张带表头和下拉选项的表，外加一张说明。"""
    choices = {
        ("单位", "类别"): list(UnitKind),
        ("干部", "类别"): list(CadreKind),
        ("干部", "职责"): list(RoleKind),
        ("干部", "平台"): list(PLATFORMS),
        ("青年", "平台"): list(PLATFORMS),
    }
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, as_text = book.add_format({"bold": True, "bg_color": "#DCE6F1"}), book.add_format({"num_format": "@"})
        for sheet, columns in SHEETS.items():
            page = book.add_worksheet(sheet)
            page.set_column(0, len(columns) - 1, 20, as_text)  # 账号按文本存，长号码才不会变样
            page.write_row(0, 0, columns, bold)
            page.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                if (sheet, column) in choices:
                    page.data_validation(
                        1, place, MAX_ROWS, place, {"validate": "list", "source": choices[sheet, column]}
                    )
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 90)
        for number, line in enumerate(_NOTES):
            notes.write_string(number, 0, line)


_NOTES = (
    "单位：名称全库唯一；最上一级的“上级”留空；上级写在下面也行。",
    "干部：“类别”定联系人数（专职、挂职、县级以上机关兼职 100 名，其他兼职 10 名）；只任职责的人“类别”留空。",
    "干部：一个人有几份职责、几个账号就写几行。姓名和单位相同、平台不同的行算同一个人。",
    "青年：只是邀请，本人在群里 /加入 之前什么都不记。标签之间用顿号或逗号隔开。",
    "账号：QQ 写号码，微信写 wxid。请把这一列保持为“文本”格式。",
    "有一行不对就一行也不导入，并逐行告诉你哪里不对。名册里没写到的人不会被删。",
)
