"""README 与文档说的都是真的：命令齐全、设置齐全、链接走得通。"""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.__main__ import cli
from bot.gateway.router import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
CLI = get_command(cli)
assert isinstance(CLI, TyperGroup)


def test_the_command_table_is_complete_and_nothing_in_it_is_made_up() -> None:
    rows = re.findall(r"^\| `/(\S+?)[ `].*?\| (.+?) \|$", README, re.MULTILINE)
    assert sorted(rows) == sorted((command.head, command.about) for command in COMMANDS.values())


def test_the_two_commands_are_on_top() -> None:
    assert "pip install uv && uv run tuanbot try" in README
    assert "pip install uv && uv run pytest" in README
    assert "pip install -q uv && uv run pytest" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_code_shown_to_contributors_is_the_code_that_runs() -> None:
    real = [(ROOT / path).read_text("utf-8") for path in ("plugins/wishes/commands.py", "tests/plugins/test_wishes.py")]
    shown = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    pieces = [piece.strip() for block in shown for piece in block.split("\n\n\n")]
    assert len(pieces) == 3
    assert [piece for piece in pieces if not any(piece in text for text in real)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_resolves(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_setting_named_in_the_docs_exists() -> None:
    known = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`(TUAN_[A-Z_]+)`", page.read_text("utf-8"))) <= known


@pytest.mark.parametrize("name", sorted(CLI.commands))
def test_every_command_of_the_command_line_and_every_option_is_in_the_docs(name: str) -> None:
    assert f"`tuanbot {name}" in README
    options = [option for one in CLI.commands[name].params for option in one.opts if option.startswith("--")]
    assert [option for option in options if option not in TEXT] == []


def test_every_benchmark_and_script_named_in_the_docs_is_there() -> None:
    named = set(re.findall(r"\b((?:benchmarks|deploy|tests)/[\w./-]+\.\w+)", TEXT))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_chat_command_named_in_the_docs_exists() -> None:
    known = {name for command in COMMANDS.values() for name in (command.head, *command.aliases)}
    named = re.findall(r"`/([\u4e00-\u9fff]+)", TEXT)
    assert {head for head in named if head not in known and not any(head.startswith(one) for one in known)} == set()
