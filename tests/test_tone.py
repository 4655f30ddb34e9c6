"""说话的口气：对人说的每一句都短、平、像同事。拿不准的几样由这里看住。"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: 演示里的台词是人说的
FILES = sorted(
    path for each in ("bot", "plugins") for path in (ROOT / each).rglob("*.py") if "sandbox" not in path.parts
)
#: 认别人怎么说话的词表，不是自己说的
HEARD = {
    "bot/gateway/greetings.py",
    "bot/league/words.py",
    "bot/league/interactions/substance.py",
    "bot/league/wordings.py",
}
#: 不这样说 → 这样说
AVOID = {
    "您": "你",
    r"(?<![A-Za-z_])TA(?![A-Za-z_])": "本人、那位",
    "同志": "团干部",
    "请知悉|特此|望周知|敬请|须知|务必": "平常话",
    "团支部的?群": "青年群",
    r"心愿[^，。：]{0,6}[0-9}] [条个]|[条]新?心愿": "心愿论件数，说的时候是“一个心愿”",
    r"[\u4e00-\u9fff][,!?;](?![\w*(])": "中文标点",
}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """代码里对人说的话：有汉字的字面量，docstring 除外。"""
    tree = ast.parse(path.read_text("utf-8"))
    quiet = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        spoken = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet
        if spoken and not re.search(r"\\|\(\?|\)\?|\]\?", node.value):  # 正则不是话
            yield node.lineno, node.value


@pytest.mark.parametrize("word", AVOID)
def test_nobody_is_spoken_to_like_that(word: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {said}"
        for path in FILES
        if str(path.relative_to(ROOT)) not in HEARD
        for line, said in sentences(path)
        if re.search(r"[\u4e00-\u9fff]", said) and re.search(word, said)
    ]
    assert found == [], f"换成：{AVOID[word]}"
