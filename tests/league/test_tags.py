"""标签上的字：洗净、归类、挡下不该贴的。"""

import pytest

from bot.league import industries, tags
from bot.league.errors import Refusal


@pytest.mark.parametrize(
    ("word", "tag"),
    [
        ("学生", "学生"),
        ("＃学\u200b生\u202e", "学生"),
        ("Ｃ＋＋", "C++"),
        ("程序员", "互联网"),
        ("ｉｔ", "互联网"),
        ("快递小哥", "快递物流"),
        ("骑手", "外卖配送"),
        ("心理咨询师", "医疗卫生"),
        ("待就业", "待就业"),
        ("考研", "考研"),
        ("学霸", "Ｘ学霸"[1:]),
    ],
)
def test_a_tag_is_cleaned_and_an_occupation_goes_to_its_industry(word: str, tag: str) -> None:
    assert tags.fit(word) == tag


def test_a_tag_used_before_keeps_its_spelling() -> None:
    assert tags.fit("程序员", ["程序员"]) == "程序员"
    assert tags.fit("ktv", ["KTV"]) == "KTV"


@pytest.mark.parametrize(
    "word", ["家庭困难", "困难学生", "低保户", "抑郁症", "抑\u200b郁", "有心脏病", "乙肝", "信基督", "穆斯林", "同性恋",
             "离异", "有前科", "欠债", "网贷", "残疾", "单亲", "ＨＩＶ"]
)  # fmt: skip
def test_what_would_hurt_to_read_is_not_made_a_tag(word: str) -> None:
    with pytest.raises(Refusal, match=r"记在心里就好，不贴标签（他自己也看得到）。想帮他，请他提一个 /心愿"):
        tags.fit(word)


def test_numbers_and_long_words_are_not_tags() -> None:
    with pytest.raises(Refusal, match="别写电话、证件号"):
        tags.fit("电话13800138000")
    with pytest.raises(Refusal, match="至多 20 个字"):
        tags.fit("长" * 21)


def test_every_word_of_the_dictionary_leads_to_one_industry_that_may_be_worn() -> None:
    words = [word for name, also in industries.INDUSTRIES.items() for word in (name, *also)]
    assert len({word.casefold() for word in words}) == len(words)
    for name, also in industries.INDUSTRIES.items():
        assert {tags.fit(word) for word in (name, *also)} == {name}
