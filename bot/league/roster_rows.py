"""名册的一行行文字 → 有类型的行；一行自己能看出来的毛病都在这里说。"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.league import tags
from bot.league.errors import Refusal
from bot.league.roster_files import Problem, Row
from db.models import CadreKind, RoleKind, Scope, UnitKind

T = TypeVar("T")
E = TypeVar("E", UnitKind, CadreKind, RoleKind)

#: (平台, 账号)
AccountKey = tuple[Scope, str]

_SCOPES = {scope.label.upper(): scope for scope in Scope}
#: 与表里的列宽一致
_LONGEST = {"名称": 60, "上级": 60, "单位": 60, "姓名": 40, "账号": 80, "联系干部账号": 80, "标签": 400}


class BadRow(ValueError):
    """这一行不对，理由在里面。"""


@dataclass(frozen=True)
class UnitRow:
    """单位表的一行。"""

    number: int
    name: str
    parent: str | None
    kind: UnitKind


@dataclass(frozen=True)
class CadreRow:
    """干部表的一行；`kind` 为空是只任职责。"""

    number: int
    name: str
    unit: str
    kind: CadreKind | None
    role: RoleKind | None
    account: AccountKey


@dataclass(frozen=True)
class YouthRow:
    """青年表的一行。`cadre_user_id` 先在同一平台找，再到别的平台找。"""

    number: int
    name: str | None
    cadre_user_id: str
    account: AccountKey
    tags: tuple[str, ...]


def read_unit(row: Row) -> UnitRow:
    """单位表的一行。"""
    kind = _choice(row, "类别", UnitKind)
    if kind is None:
        raise BadRow(f"类别没有填，应当是：{'、'.join(UnitKind)}")
    name, parent = _needed(row, "名称"), row.cells["上级"] or None
    if parent == name:
        raise BadRow("上级不能是自己")
    return UnitRow(row.number, name, parent, kind)


def read_cadre(row: Row) -> CadreRow:
    """干部表的一行。"""
    kind, role = _choice(row, "类别", CadreKind), _choice(row, "职责", RoleKind)
    if kind is None and role is None:
        raise BadRow("类别和职责都空着，至少填一个")
    return CadreRow(row.number, _needed(row, "姓名"), _needed(row, "单位"), kind, role, _account(row))


def read_youth(row: Row) -> YouthRow:
    """青年表的一行。"""
    return YouthRow(row.number, row.cells["姓名"] or None, _user_id(row, "联系干部账号"), _account(row), _tags(row))


def read_rows(sheet: str, rows: list[Row], reader: Callable[[Row], T], problems: list[Problem]) -> list[T]:
    """逐行读；不对的记进 `problems`，接着读下一行。"""
    good: list[T] = []
    for row in rows:
        try:
            _check_cells(row)
            good.append(reader(row))
        except BadRow as bad:
            problems.append(Problem(sheet, row.number, str(bad)))
    return good


def _tags(row: Row) -> tuple[str, ...]:
    """和 `/标签` 一样的规矩：写法归好，不该贴的不收。"""
    try:
        found = dict.fromkeys(
            tags.fit(word) for word in re.split(r"[、,，;；|\s]+", row.cells["标签"]) if tags.tidy(word)
        )
    except Refusal as refusal:
        raise BadRow(refusal.sentence) from None
    if len(found) > tags.TAGS_MAX:
        raise BadRow(f"一位青年身上至多 {tags.TAGS_MAX} 个标签")
    return tuple(found)


def _check_cells(row: Row) -> None:
    for column, text in row.cells.items():
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
            raise BadRow(f"{column}里有换行或看不见的控制字符")
        if len(text) > _LONGEST.get(column, 60):
            raise BadRow(f"{column}太长了，最多 {_LONGEST.get(column, 60)} 个字")


def _needed(row: Row, column: str) -> str:
    if not row.cells[column]:
        raise BadRow(f"{column}没有填")
    return row.cells[column]


def _choice(row: Row, column: str, kinds: type[E]) -> E | None:
    text = unicodedata.normalize("NFKC", row.cells[column])
    if not text:
        return None
    try:
        return kinds(text)
    except ValueError:
        raise BadRow(f"{column}“{text[:20]}”不认识，应当是：{'、'.join(kinds)}") from None


def _account(row: Row) -> AccountKey:
    platform = unicodedata.normalize("NFKC", _needed(row, "平台")).upper()
    if platform not in _SCOPES:
        raise BadRow(f"平台“{row.cells['平台'][:20]}”不认识，应当是：{'、'.join(scope.label for scope in Scope)}")
    scope, user_id = _SCOPES[platform], _user_id(row, "账号")
    if scope is Scope.QQ and not re.fullmatch(r"[0-9]+", user_id):
        raise BadRow(f"“{user_id[:20]}”不像 QQ 号")
    return scope, user_id


def _user_id(row: Row, column: str) -> str:
    """账号：`12345.0` 是表格软件的写法，当 12345；科学计数法说明号码已经变了样，不能要。"""
    text = unicodedata.normalize("NFKC", _needed(row, column))
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text):
        raise BadRow(f"{column}太长，被表格软件改成了近似数，请把这一列设为“文本”格式后重填")
    if re.fullmatch(r"[0-9]+\.0+", text):
        text = text.partition(".")[0]
    if not re.fullmatch(r"[A-Za-z0-9_@.-]+", text):
        raise BadRow(f"{column}“{text[:20]}”里有不该有的字符")
    return text
