"""一张卡片与画它的人。"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Literal

import manimgx_fonts_cjk
import typst

TEMPLATES = Path(__file__).parent / "templates"

# 字体里没有的彩色表情，与会打乱排版的控制字符；画之前去掉，文字版保留表情
_UNDRAWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\U0001f000-\U0001faff\u2600-\u27bf\ufe00-\ufe0f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

#: 命令开头的斜线
_HEAD = re.compile("/(?=[\u4e00-\u9fff])")

# 编译器不让两个线程同时用（会抛 Already borrowed）
_one_at_a_time = Lock()

#: JSON 能表示的值
Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True)
class Card:
    """`template` 是 `templates/` 里的文件名（不带 .typ），`data` 是给它的 JSON，`text` 是文字版。"""

    template: str
    data: Mapping[str, Json]
    text: str


def draw(card: Card) -> bytes:
    """画成 PNG，宽 720 像素。"""
    return compiled(card.template, _drawable(card.data), kind="png")  # 高度自适应，总是一页


def compiled(template: str, data: Json, *, kind: Literal["png", "pdf"]) -> bytes:
    """照模板排出来；`data` 里的字要先去掉画不出的。"""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        found = _compiler().compile(str(TEMPLATES / f"{template}.typ"), format=kind, ppi=144.0, sys_inputs=inputs)
    assert isinstance(found, bytes)
    return found


def drawable(text: str) -> str:
    """去掉字体里没有的彩色表情，与会打乱排版的控制字符。"""
    return _UNDRAWABLE.sub("", text)


def cut(text: str, width: int) -> str:
    """把放不下的截成“…”；`width` 按半个汉字算，一个汉字占 2。"""
    text = drawable(text)
    if sum(map(_width, text)) <= width:
        return text
    kept, used = "", 2
    for character in text:
        used += _width(character)
        if used > width:
            break
        kept += character
    return kept.rstrip() + "…"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _drawable(value: Json) -> Json:
    if isinstance(value, str):
        # 中文里的间隔号自带空隙；斜线与命令不拆到两行
        return _HEAD.sub("/\u2060", drawable(value).replace(" · ", "·"))
    if isinstance(value, Mapping):
        return {key: _drawable(item) for key, item in value.items()}
    return [_drawable(item) for item in value] if isinstance(value, Sequence) else value


@lru_cache
def _compiler() -> typst.Compiler:
    fonts = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Compiler(root=str(TEMPLATES), font_paths=[str(fonts)], ignore_system_fonts=True)
