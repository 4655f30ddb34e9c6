import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.cards import Card, cut, draw
from bot.cards.card import TEMPLATES, _drawable


def row(name: str = "张三", **changes: object) -> dict[str, object]:
    return {
        "place": 1,
        "name": name,
        "detail": "计算机学院团总支",
        "value": 88.0,
        "shown": "88.0",
        "band": "光荣",
    } | changes


def ranking(rows: list[dict[str, object]], title: str = "排名") -> Card:
    section = {"heading": "100 人档", "note": "共 20 人", "rows": rows, "more": "", "stacked": len(rows) == 1}
    return Card("ranking", {"title": title, "subtitle": "2026Q4", "foot": "", "sections": [section]}, "")  # type: ignore[dict-item]


def part(*, applies: bool = True) -> dict[str, object]:
    return {
        "label": "覆盖",
        "points": "19.4" if applies else "",
        "weight": "25",
        "share": 0.776 if applies else 0,
        "applies": applies,
        "why": "52 名青年有过有效互动",
        "raise": "再和 34 名聊过" if applies else "",
    }


def honoured(place: int | None) -> dict[str, object]:
    advice = "" if place else "差在服务（满分 25，平均 9.4）：心愿和心声两个工作日内先回一句"
    return {
        "place": place,
        "name": "计算机学院团总支",
        "detail": "团干部 12 人",
        "value": 88.0,
        "shown": "88.0",
        "chip": "新上榜" if place else "",
        "advice": advice,
    }


TILES = [{"value": "3", "unit": "人", "label": "本月联系到", "warn": warn} for warn in (False, True, False)]
PROGRESS = {
    "contacts": {
        "joined": "34",
        "quota": "100",
        "left": "还差 66 人",
        "share": 0.34,
        "line": "今年见过面 3 人",
        "tiles": TILES,
    },
    "wishes": {"tiles": TILES, "lines": ["W12 提交 3 天没人认领：/认领 W12"]},
}
FIVES = {
    "fives": {
        "month": "本月活动 2/3 次",
        "outlook": "照这样，季末能做到四件",
        "rows": [
            {"name": "谈心谈话", "grade": "L2", "missing": "没做"},
            {"name": "文体活动", "grade": "", "missing": "没做"},
        ],
    }
}
HEAD = {"title": "张三的进度", "subtitle": "2026Q4", "foot": "落款"}
SHAPES: dict[str, tuple[str, dict[str, object]]] = {
    "排名：空": ("ranking", HEAD | {"sections": []}),
    "排名：一行": ("ranking", dict(ranking([row()]).data)),
    "排名：五十行": ("ranking", dict(ranking([row(place=n + 1) for n in range(50)]).data)),
    "排名：不显示": ("ranking", dict(ranking([row(place=None, value=None, shown="不显示", band="")]).data)),
    "积分": (
        "score",
        HEAD | {"total": "77.1", "band": "稳步", "places": ["第 1 名"], "parts": [part(), part(applies=False)]},
    ),
    "帮助": (
        "help",
        HEAD | {"columns": 2, "groups": [{"title": "心愿", "rows": [{"head": "/心愿 想学车", "about": "提一个"}]}]},
    ),
    "光荣榜": (
        "honours",
        HEAD | {"band": "光荣", "words": "一句话", "rows": [honoured(1), honoured(12)]},
    ),
    "加油榜": ("honours", HEAD | {"band": "加油", "words": "一句话", "rows": [honoured(None)]}),
    "进度": (
        "progress",
        HEAD
        | PROGRESS
        | FIVES
        | {"score": {"total": "77.1", "band": "加油", "places": ["第 1 名"], "parts": ["五个一 14.0/20"]}},
    ),
    "进度：群里": ("progress", HEAD | PROGRESS | {"score": None, "fives": None}),
    "名单": (
        "list",
        HEAD | {"more": "还有", "rows": [{"name": "王", "tags": ["学生"], "right": "3 天", "warn": True}]},
    ),
    "通报": (
        "bulletin",
        HEAD
        | {
            "correction": ["更正原因：漏算了"],
            "notes": ["看好了发 /通报 发布"],
            "panes": [
                {
                    "name": "数据",
                    "tiles": [
                        {"label": "联系青年", "value": "55", "unit": "人", "instead": ""},
                        {"label": "圆了的心愿", "value": "", "unit": "", "instead": "不足 5 人，不公布"},
                        {"label": "活动", "value": "3", "unit": "场", "instead": ""},
                    ],
                    "bars": [{"name": "软件学院", "band": "光荣", "value": 94.4, "shown": "94.4", "detail": "6 人"}],
                    "lines": ["一句话"],
                }
            ],
        },
    ),
    "长文字": ("text", HEAD | {"lines": ["一、心愿", "· 一条", "", "https://example.edu.cn/" + "x" * 200]}),
    "名单：空": ("list", HEAD | {"more": "", "rows": []}),
}


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("shape", SHAPES)
def test_every_card_is_drawn_720_wide(shape: str) -> None:
    template, data = SHAPES[shape]
    width, height = size(draw(Card(template, data, "")))  # type: ignore[arg-type]
    assert width == 720
    assert height > 100


def test_every_template_is_drawn_here() -> None:
    drawn = {template for template, _ in SHAPES.values()}
    assert drawn == {path.stem for path in Path(TEMPLATES).glob("*.typ")} - {"design", "paper"}


def test_the_same_card_gives_the_same_bytes() -> None:
    card = ranking([row()])
    assert zlib.crc32(draw(card)) == zlib.crc32(draw(card))


def test_names_from_people_are_text_not_markup() -> None:
    for name in ('#panic("x")', "$x^2$", "*粗*_斜_", "`码`", '"\\', "#{", "<标签>", "@引用"):
        assert size(draw(ranking([row(name)])))[0] == 720


def test_emoji_and_direction_marks_do_not_change_the_picture() -> None:
    assert draw(ranking([row("张三🎉\u202e\u200b")])) == draw(ranking([row("张三")]))


def test_a_long_name_is_cut_and_takes_no_second_line() -> None:
    assert size(draw(ranking([row(cut("欧阳" * 20, 12))]))) == size(draw(ranking([row()])))


def test_several_threads_may_draw_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(draw, [ranking([row(f"{n % 2}")]) for n in range(12)]))) == 2


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("张三", 4, "张三"),
        ("张三丰", 6, "张三丰"),
        ("张三丰", 5, "张…"),
        ("QQ 尾号1234", 11, "QQ 尾号1234"),
        ("QQ 尾号1234", 10, "QQ 尾号1…"),
        ("张三🎉", 4, "张三"),
        ("a" + "\u0301" * 50, 1, "a" + "\u0301" * 50),
    ],
)
def test_cut_counts_a_han_character_as_two(text: str, width: int, expected: str) -> None:
    assert cut(text, width) == expected


def test_a_command_is_never_split_after_its_slash() -> None:
    """“发 /”在行尾、“上手”在下一行的话，谁也看不出那是一条命令：中间夹一个不许断行的记号。"""
    assert _drawable(["发 /上手，看 https://example.cn/54"]) == ["发 /\u2060上手，看 https://example.cn/54"]
