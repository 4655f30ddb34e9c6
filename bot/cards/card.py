"""一张卡片与画它的人。"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

TEMPLATES = Path(__file__).parent / "templates"

#: 字体里没有的彩色表情，画之前去掉（文字版保留）
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


@dataclass(frozen=True)
class Card:
    """`template` 是 `templates/` 里的文件名（不带 .typ），`data` 是给它的 JSON，`text` 是文字版。"""

    template: str
    data: dict[str, Any]
    text: str


def draw(card: Card) -> bytes:
    """画成 PNG。"""
    data = _EMOJI.sub("", json.dumps(card.data, ensure_ascii=False))
    return _compiler().compile(
        str(TEMPLATES / f"{card.template}.typ"), format="png", ppi=144.0, sys_inputs={"data": data}
    )


@lru_cache
def _compiler() -> typst.Compiler:
    fonts = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Compiler(root=str(TEMPLATES), font_paths=[str(fonts)], ignore_system_fonts=True)
