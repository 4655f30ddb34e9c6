"""名册文件 ↔ 三张表的一行行。这里只管读写，不管对不对。"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import bot
from bot.league import roster_grids
from bot.league.errors import Refusal
from bot.league.roster_grids import SHEETS, Grids, read_grids
from db.models import CadreKind, RoleKind, Scope, UnitKind

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

OPTIONAL = "青年"
PLATFORMS = tuple(scope.label for scope in Scope)

#: 一张表最多几行
MAX_ROWS = 300_000
#: 读一份名册最多用这么多内存（字节，地址空间）与时间（秒）；十五万行实测占 290 MB、3.6 秒
MEMORY = 2 * 1024**3
SECONDS = 60
_ROOT = Path(bot.__file__).parent.parent


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
    return _tables(read_grids(path))


def read_apart(path: Path, *, memory: int = MEMORY, seconds: int = SECONDS) -> dict[str, list[Row]]:
    """同 `read`，只是在另一个进程里读：撑爆内存、没完没了的文件只坏那一个进程。"""
    command = [sys.executable, "-m", roster_grids.__name__, str(path.absolute()), str(memory), str(seconds)]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, timeout=seconds * 2, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Refusal("这份名册读到一半撑不住了，没有导入。请把内容复制到一份新的空表里再试。") from None
    answer = json.loads(done.stdout)
    if "refusal" in answer:
        raise Refusal(answer["refusal"])
    return _tables(answer["grids"])


def _tables(grids: Grids) -> dict[str, list[Row]]:
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


def write_template(path: Path | BinaryIO) -> None:
    """写一个空名册：三张带表头和下拉选项的表，外加一张说明。"""
    write(path, {})


def write(target: Path | BinaryIO, tables: Mapping[str, Iterable[Sequence[str]]]) -> None:
    """写一份名册。每一格都是文字：`=1+1` 之类打开也还是字，不会算（OWASP CSV Injection）。"""
    import xlsxwriter  # 装载慢，写表时才要

    choices = {
        ("单位", "类别"): list(UnitKind),
        ("干部", "类别"): list(CadreKind),
        ("干部", "职责"): list(RoleKind),
        ("干部", "平台"): list(PLATFORMS),
        ("青年", "平台"): list(PLATFORMS),
    }
    with xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {"strings_to_formulas": False, "strings_to_urls": False},
    ) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DCE6F1"})
        as_text = book.add_format({"num_format": "@", "quote_prefix": True})
        for sheet, columns in SHEETS.items():
            page = book.add_worksheet(sheet)
            page.set_column(0, len(columns) - 1, 20, as_text)  # 账号按文本存，长号码才不会变样
            _fill(page, 0, [columns], bold)
            _fill(page, 1, tables.get(sheet, ()), as_text)
            page.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                if (sheet, column) in choices:
                    page.data_validation(
                        1, place, MAX_ROWS, place, {"validate": "list", "source": choices[sheet, column]}
                    )
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 90)
        _fill(notes, 0, [[line] for line in _NOTES])


def _fill(page: "Worksheet", top: int, rows: Iterable[Sequence[str]], style: "Format | None" = None) -> None:
    for number, row in enumerate(rows, top):
        for place, cell in enumerate(row):
            if cell:
                page.write_string(number, place, cell, style)


_NOTES = (
    "单位：名称全库唯一；最上一级的“上级”留空；上级写在下面也行。",
    "干部：“类别”定联系人数（专职、挂职、县级以上机关兼职 100 名，其他兼职 10 名）；只任职责的人“类别”留空。",
    "干部：一个人有几份职责、几个账号就写几行。姓名和单位相同、平台不同的行算同一个人。",
    "青年：只是邀请，本人在群里 /加入 之前什么都不记。标签之间用顿号或逗号隔开。",
    "账号：QQ 写号码，微信写 wxid，别的照机器人看到的写。请把这一列保持为“文本”格式。",
    "有一行不对就一行也不导入，并逐行告诉你哪里不对。名册里没写到的人不会被删。",
    "填好了：私聊团团发 /导入，再把这个文件发给它；或者在机器上 tuanbot import 名册.xlsx。",
)
