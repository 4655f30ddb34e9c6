"""把名册文件读成一格格文字。在另一个进程里读（`python -m bot.league.roster_grids 文件`），内存与时间都有上限。

坏文件至多弄死那个进程；这里不 import 数据库，起得快。
"""

import contextlib
import csv
import io
import json
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import python_calamine

from bot.league.errors import Refusal

#: 三张表与各自的列；`青年` 可以没有
SHEETS: dict[str, tuple[str, ...]] = {
    "单位": ("名称", "上级", "类别"),
    "干部": ("姓名", "单位", "类别", "职责", "平台", "账号"),
    "青年": ("姓名", "联系干部账号", "平台", "账号", "标签"),
}

# 压缩炸弹的门槛（OWASP ASVS 12.1）：解开前先看目录
MAX_BYTES = 50 * 1024 * 1024
MAX_MEMBERS = 1_000
MAX_RATIO = 100
#: 表格铺开后最多几格：读表的库按“最远的一格”分配内存，一个 XFD1048576 就能撑爆它
MAX_CELLS = 10_000_000
#: Excel 把更大的整数存成近似数
_EXACT = 2**53

_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')

#: 表名 → 一行行、一格格
Grids = dict[str, list[list[str]]]


def read_grids(path: Path) -> Grids:
    """读出三张表；打不开、太大都抛 `Refusal`。"""
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise Refusal(f"找不到名册：{path}")
    if path.suffix.lower() == ".xlsx":
        return _read_workbook(path)
    raise Refusal("名册要是 .xlsx 文件，或一个放着 单位.csv、干部.csv 的文件夹。")


def _read_folder(folder: Path) -> Grids:
    grids: Grids = {}
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


def _read_workbook(path: Path) -> Grids:
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


def _limit(memory: int, seconds: int) -> None:
    """给本进程封顶；没有 `resource` 的系统（Windows）只靠外面的时限。"""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def main(path: str, memory: str, seconds: str) -> None:
    """把读到的（或不收的理由）写到标准输出，一份 JSON。"""
    _limit(int(memory), int(seconds))
    try:
        answer: object = {"grids": read_grids(Path(path))}
    except Refusal as refusal:
        answer = {"refusal": refusal.sentence}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main(*sys.argv[1:])
