"""通知种类：一张封闭的表；没有一条路从指标通到青年。"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.league import kinds, notices
from bot.league.kinds import ALLOWED, KINDS, OFFICERS, Kind, Who, Why
from tests.factories import ANY_KIND, AT
from tests.test_architecture import MODULES, TREES, imports, within

REAL = [kind for name, kind in KINDS.items() if name != ANY_KIND]
#: 算得出“谁还差多少”的模块
QUOTAS = {
    Path(f"bot/league/{name}.py") for name in ("standings", "reminders", "occasions", "progress", "rankings", "scores")
}
#: 头一个参数是种类的函数
POSTING = {"post", "draft", "_post"}


@pytest.mark.parametrize("kind", REAL, ids=lambda kind: kind.name)
def test_a_kind_goes_only_to_those_its_reason_allows(kind: Kind) -> None:
    assert kind.to
    assert kind.to <= ALLOWED[kind.why]
    assert len(kind.name) <= 32  # 库里的列这么宽


def test_no_reminder_is_for_a_youth() -> None:
    """提醒只给任职的人和工作群；这里一个字也不许松。"""
    assert ALLOWED[Why.REMINDER] == OFFICERS | {Who.WORK_GROUP} == {"团干部", "管理员", "督导", "工作群"}
    assert [kind.name for kind in REAL if kind.name.startswith("reminder.") and kind.why is not Why.REMINDER] == []


def test_only_his_own_matters_and_alarms_reach_someone_away() -> None:
    held = {kind.name for kind in REAL if not kind.even_if_away}
    assert {"reminder.monthly", "reminder.digest", "record.ask"} <= held
    assert held.isdisjoint({"wish.claimed", "voice.answered", "activity.soon", "record.disputed", "person.kept"})


def test_questions_and_pushes_alone_count_against_the_weekly_budget() -> None:
    assert {kind.why for kind in REAL if kind.budgeted} <= {Why.QUESTION, Why.PUSH}
    assert KINDS["record.ask"].budgeted
    assert not KINDS["wish.asked_again"].budgeted


def test_every_kind_is_written_down_once_in_order_of_name() -> None:
    names = [kind.name for kind in kinds._ALL]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("kind", "extra", "why"),
    [
        ("wish.claimd", {"person_id": 1}, "通知种类 wish.claimd 没有登记，在 bot/league/kinds.py 添一行"),
        ("wish.claimed", {"group_id": 1}, "wish.claimed 不是给群的"),
        ("wish.claimed", {"person_id": 1, "urgent": True}, "wish.claimed 不是急事，不能不等静默时段过去"),
    ],
)
def test_what_is_not_in_the_table_is_not_taken(kind: str, extra: dict[str, int], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        notices.draft(kind, period="1", text="…", at=AT, **extra)


def calls(path: Path) -> Iterator[ast.Call]:
    """这个模块里放通知的那些调用。"""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in POSTING or any(keyword.arg == "kind" for keyword in node.keywords):
                yield node


def posted(path: Path) -> set[str]:
    """这个模块写死的种类：直接写的、经 `kind=` 给的，与写成常量的。"""
    given = [value for call in calls(path) for value in (*call.args[:1], *(k.value for k in call.keywords))]
    found = {node.value for value in given for node in ast.walk(value) if isinstance(node, ast.Constant)}
    found |= {
        node.value.value
        for node in TREES[path].body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    return {name for name in found if isinstance(name, str) and name in KINDS}


def written(path: Path) -> set[str]:
    return {node.value for node in ast.walk(TREES[path]) if isinstance(node, ast.Constant) and node.value in KINDS}


LEAGUE = [path for path in MODULES if path.parts[0] in ("bot", "plugins") and path.name != "kinds.py"]


def test_every_kind_in_the_code_is_in_the_table() -> None:
    """写死在 `post`、`draft`、`kind=` 里的种类都登记过；拼错一个字母，在这里就看得见。"""
    heads = {name.partition(".")[0] for name in KINDS}
    wrong = {
        f"{path}:{call.lineno}": value.value
        for path in LEAGUE
        for call in calls(path)
        for value in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "kind"))
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
        if value.value.partition(".")[0] in heads and value.value not in KINDS
    }
    assert wrong == {}


def test_no_kind_in_the_table_is_without_a_sender() -> None:
    assert {kind.name for kind in REAL} - {name for path in LEAGUE for name in written(path)} == set()


def modules(name: str) -> Iterator[Path]:
    """`bot.league.a.b` 经过的模块：包，与包里的那一个。"""
    parts = name.split(".")
    package, room = Path(*parts[:3]), Path(*parts[:4])
    yield from {package.with_suffix(".py"), package / "__init__.py", room.with_suffix(".py")}.intersection(MODULES)


def known(path: Path, seen: set[Path]) -> set[Path]:
    """从这个模块顺着 import 走下去，认识的 `bot.league` 里的全部模块。"""
    for name in imports(path):
        if within(name, "bot.league"):
            for below in {*modules(name)} - seen:
                seen.add(below)
                known(below, seen)
    return seen


def test_no_path_leads_from_a_quota_to_a_youth() -> None:
    """说话给青年本人的模块，一路 import 下去都碰不到算指标的：它不知道谁差多少，也就不会替谁去催。"""
    to_youths = {path: {name for name in posted(path) if Who.YOUTH in KINDS[name].to} for path in LEAGUE}
    assert {
        str(path): reached for path, names in to_youths.items() if names and (reached := known(path, set()) & QUOTAS)
    } == {}
    assert sum(map(len, to_youths.values())) >= 15  # 真的走到了放通知的地方
