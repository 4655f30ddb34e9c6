"""谁可以认识谁：`plugins → bot → db`，读 import 便知；NoneBot 只在插件、门口与装配处出现。"""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = sorted(path.relative_to(ROOT) for layer in ("plugins", "bot", "db") for path in (ROOT / layer).rglob("*.py"))
TREES = {path: ast.parse((ROOT / path).read_text("utf-8")) for path in MODULES}
#: 认得聊天框架的：插件、门口、装配
FRAMEWORK = ("nonebot", "nonebot_plugin_alconna", "nonebot_plugin_apscheduler", "nonebot_plugin_uninfo", "arclet")
#: 说不出自己装着什么的名字
EMPTY_NAMES = {
    "utils",
    "helpers",
    "common",
    "core",
    "service",
    "services",
    "manager",
    "managers",
    "misc",
    "data_source",
}
#: 装载慢、启动时用不着的：写文件、画表时才在函数里 import
SLOW = ("docx", "xlsxwriter", "rich", "typer.rich_utils")
#: 一个插件可以分成的屋子；`members` 听成员进出的通知
ROOMS = {"__init__", "commands", "jobs", "render", "members"}


def imports(path: Path, nodes: Iterable[ast.AST] | None = None) -> Iterator[str]:
    """这个模块 import 的名字，函数里的也算；给了 `nodes` 就只看它们。"""
    for node in ast.walk(TREES[path]) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.parts[: len(path.parts) - node.level])
            name = f"{package}.{node.module or ''}".strip(".") if node.level else node.module or ""
            yield from (f"{name}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offenders(wrong: Callable[[Path], object]) -> dict[str, object]:
    return {str(path): what for path in MODULES if (what := wrong(path))}


def test_dependencies_point_inwards() -> None:
    above = {"db": ("bot", "plugins"), "bot": ("plugins",), "plugins": ()}
    assert offenders(lambda path: [name for name in imports(path) if within(name, *above[path.parts[0]])]) == {}


def test_only_the_door_and_the_plugins_know_nonebot() -> None:
    def allowed(path: Path) -> bool:
        return path.parts[0] == "plugins" or path.parts[:2] == ("bot", "gateway") or path == Path("bot/app.py")

    assert offenders(lambda path: not allowed(path) and [n for n in imports(path) if within(n, *FRAMEWORK)]) == {}


def test_the_league_knows_no_gateway_and_no_clock() -> None:
    outside = ("bot.gateway", "bot.app", "bot.clock", "bot.cards")

    def wrong(path: Path) -> list[str]:
        if path.parts[:2] != ("bot", "league"):
            return []
        calls = [ast.unparse(node.func) for node in ast.walk(TREES[path]) if isinstance(node, ast.Call)]
        now = [call for call in calls if call in ("datetime.now", "date.today", "time.time")]
        return now + [name for name in imports(path) if within(name, *outside)]

    assert offenders(wrong) == {}


def test_the_rooms_behind_the_interaction_log_are_known_only_to_it() -> None:
    home = Path("bot/league/interactions")
    rooms = [f"bot.league.interactions.{path.stem}" for path in MODULES if path.parent == home]
    assert len(rooms) > 5
    assert offenders(lambda p: p.parent != home and [name for name in imports(p) if within(name, *rooms)]) == {}


def test_names_say_what_is_inside() -> None:
    assert offenders(lambda path: EMPTY_NAMES & {path.stem, *path.parent.parts}) == {}


def test_plugins_are_split_only_into_known_rooms() -> None:
    def wrong(path: Path) -> bool:
        # 演一个下午的 sandbox 有自己的戏台
        return (
            path.parts[0] == "plugins" and path.parts[1] != "sandbox" and len(path.parts) > 2 and path.stem not in ROOMS
        )

    assert offenders(wrong) == {}


def test_signatures_stay_readable_at_run_time() -> None:
    """依赖注入在运行时读注解。"""
    assert offenders(lambda path: "__future__.annotations" in [*imports(path)]) == {}


def test_what_starting_does_not_need_is_not_loaded_at_the_start() -> None:
    def wrong(path: Path) -> list[str]:
        if path == Path("bot/cards/word.py") or path.parts[:2] == ("plugins", "sandbox"):
            return []  # 写 Word 时、演一个下午时才整个装
        loaded = [node for node in TREES[path].body if isinstance(node, ast.Import | ast.ImportFrom)]
        return [name for name in imports(path, loaded) if within(name, *SLOW, "bot.cards.word")]

    assert offenders(wrong) == {}
