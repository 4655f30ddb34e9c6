"""抽签：同样的种子抽出同样的，谁也挑不了；文档里教人再抽一遍的几行照着跑得通。"""

import re
from pathlib import Path

from bot.league import draws

SEED = draws.seed_of("ab" * 32, 3)
CLAIMS = [f"{number:016x}" for number in range(500)]


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_list() -> None:
    assert draws.draw(SEED, CLAIMS, 20) == draws.draw(SEED, reversed(CLAIMS), 20)
    assert draws.draw(SEED, CLAIMS, 20) == draws.draw(SEED, [*CLAIMS, *CLAIMS], 500)[:20]


def test_another_seed_or_another_round_draws_others() -> None:
    drawn = set(draws.draw(SEED, CLAIMS, 20))
    assert len(drawn) == 20
    assert drawn != set(draws.draw(draws.seed_of("ab" * 32, 4), CLAIMS, 20))
    assert drawn != set(draws.draw(draws.seed_of("ac" * 32, 3), CLAIMS, 20))


def test_nobody_is_favoured() -> None:
    """两千粒种子各抽一半，每一件都抽到一千次上下。"""
    claims = CLAIMS[:10]
    counts = dict.fromkeys(claims, 0)
    for number in range(2000):
        for claim in draws.draw(draws.seed_of("ab" * 32, number), claims, 5):
            counts[claim] += 1
    assert all(850 < count < 1150 for count in counts.values()), counts


def test_the_list_is_kept_and_read_back() -> None:
    assert draws.unpack(draws.pack(reversed(CLAIMS))) == sorted(CLAIMS)
    assert draws.listing(CLAIMS[:2]) == "0000000000000000\n0000000000000001\n"


def test_codes_say_nothing_without_the_key() -> None:
    assert draws.code("part", 7, b"a") != draws.code("part", 7, b"b")
    assert re.fullmatch(r"[0-9a-f]{16}", draws.code("part", 7, b"a"))


def test_the_lines_in_the_document_draw_the_same(tmp_path: Path, monkeypatch) -> None:
    document = (Path(__file__).parents[2] / "docs" / "checks.md").read_text("utf-8")
    lines = re.findall(r"```python\n(.*?)```", document, re.DOTALL)[0]
    (tmp_path / "名单.txt").write_text(draws.listing(CLAIMS), "utf-8")
    monkeypatch.chdir(tmp_path)
    said = list[tuple[object, ...]]()
    exec(lines, {"seed": SEED, "print": lambda *words: said.append(words)})
    assert said == [
        ("名单的哈希", draws.commitment(draws.listing(CLAIMS))),
        ("种子的哈希", draws.commitment(SEED)),
        (draws.draw(SEED, CLAIMS, 20),),
    ]
