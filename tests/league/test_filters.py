"""筛小伙伴的话：认得哪些，认不出的说清楚。"""

import pytest

from bot.league import filters
from bot.league.bonds import Bond, Stage
from bot.league.contacts import Companion
from bot.league.errors import Refusal
from bot.league.filters import Filter


def one(name: str, *tags: str, quiet: int = 0, bond: Bond | None = None) -> Companion:
    return Companion(1, name, (), None, quiet, tags, bond or Bond())


PEOPLE = [
    one("甲", "学生", "考研", quiet=40),
    one("乙", "学生", quiet=29, bond=Bond(Stage.OFTEN, active=True, met=True)),
    one("丙", quiet=30, bond=Bond(Stage.TALKED, active=True)),
    one("丁", "KTV", bond=Bond(Stage.FRIEND, met=True)),
]
USED = ["学生", "考研", "KTV", "互联网"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "甲乙丙丁"),
        ("学生", "甲乙"),
        ("学生的", "甲乙"),
        ("#学生 考研", "甲"),
        ("学生 学\u200b生", "甲乙"),
        ("ｋｔｖ", "丁"),
        ("程序员", ""),
        ("30天未联系", "甲丙"),
        ("３０ 天以上没有联系", "甲丙"),
        ("未联系", "甲丙"),
        ("超过35天没联系过的", "甲"),
        ("未面对面", "甲丙"),
        ("今年没见过面", "甲丙"),
        ("本季没活动", "甲丁"),
        ("没参加过活动的", "甲丁"),
        ("没标签", "丙"),
        ("未贴标签的", "丙"),
        ("朋友", "丁"),
        ("常聊的 学生", "乙"),
        ("学生 30天未联系 未面对面 本季没活动", "甲"),
    ],
)
def test_conditions_narrow_the_list_together(text: str, names: str) -> None:
    assert "".join(found.name for found in filters.pick(PEOPLE, filters.read(text, USED))) == names


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("未面对", "没认出“未面对”。是不是“未面对面”？能写的有你用过的标签（学生、考研、KTV、互联网），或"),
        ("考验", "没认出“考验”。是不是“考研”？"),
        ("0天未联系", "天数写 1 到 999，例如：/小伙伴 30天未联系"),
        ("99999999999999999999天未联系", "天数写 1 到 999，例如：/小伙伴 30天未联系"),
        ("1000天未联系", "天数写 1 到 999，例如：/小伙伴 30天未联系"),
        ("3天未联系 30天未联系", "几天没联系只写一个，例如：/小伙伴 30天未联系"),
        ("学生 没标签", "“没标签”和“学生”放在一起就没有人了，留一个吧。"),
        ("常聊 朋友", "“常聊”和“朋友”只能写一个。"),
    ],
)
def test_what_makes_no_sense_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        filters.read(text, USED)
    assert refused.value.sentence.startswith(sentence)


def test_without_any_tag_the_words_that_work_are_told() -> None:
    with pytest.raises(Refusal) as refused:
        filters.read("学生", [])
    assert refused.value.sentence == (
        "没认出“学生”。能写的有 30天未联系、未面对面、本季没活动、没标签、初识、聊过、常聊、朋友。"
    )


def test_a_filter_says_itself() -> None:
    chosen = Filter(("学生",), quiet=30, not_met=True, idle=True, stage=Stage.TALKED)
    assert chosen.spoken == "标签 学生 · 30 天没联系 · 今年没见面 · 本季没活动 · 聊过"
    assert Filter(untagged=True).spoken == "没有标签"
    assert Filter().spoken == ""
