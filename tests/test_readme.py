"""README 与文档说的都是真的：命令齐全、设置齐全、链接走得通。"""

import re
from pathlib import Path

import pytest

from bot.gateway.router import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_command_table_is_complete_and_nothing_in_it_is_made_up() -> None:
    rows = re.findall(r"^\| `/(\S+?)[ `].*?\| (.+?) \|$", README, re.MULTILINE)
    assert sorted(rows) == sorted((command.head, command.about) for command in COMMANDS.values())


def test_the_two_commands_are_on_top() -> None:
    assert "pip install uv && uv run tuanbot try" in README
    assert "pip install uv && uv run pytest" in README
    assert "pip install -q uv && uv run pytest" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_resolves(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_setting_named_in_the_docs_exists() -> None:
    known = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`(TUAN_[A-Z_]+)`", page.read_text("utf-8"))) <= known
