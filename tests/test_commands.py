"""对全部命令一视同仁的要求。"""

import itertools

import pytest

from bot.gateway.router import COMMANDS, Command

NAMES = [name for command in COMMANDS.values() for name in (command.head, *command.aliases)]


def test_no_two_commands_share_a_name() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_one_name_never_hides_inside_another_command_typed_without_a_blank() -> None:
    """`/心愿墙` 不能被当成 `/心愿 墙`：两个名字一个是另一个的开头时，长的优先，且都要登记。"""
    nested = [(short, long) for short, long in itertools.permutations(NAMES, 2) if long.startswith(short)]
    assert all(long in NAMES for _, long in nested)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_what_it_does_and_how(command: Command) -> None:
    assert command.about
    assert len(command.about) <= 30, "帮助里一行放得下"
    assert command.example.startswith(f"/{command.head}")
    assert "\n" not in command.about + command.example
