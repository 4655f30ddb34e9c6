"""实质发言：汉字、词、口水话、杂质。"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.league.interactions.substance import wording


@pytest.mark.parametrize(
    "text",
    [
        "一二三四五六",
        "谢谢老师，请问奖学金怎么申请",
        "@李书记 我想参加志愿活动吗",
        "https://a.cn/x?y=1看看这个活动怎么报名",
        "好的[微笑]我明天下午过去一趟",
        "what is this",
        "ياخشىمۇسىز ساۋاقداش قانداق",
        "第3期青年大学习什么时候上线",
    ],
)
def test_something_is_said(text: str) -> None:
    assert wording(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一二三四五",
        "what is",
        "收到",
        "收到收到收到",
        "好的",
        "嗯",
        "1",
        "+1",
        "打卡",
        "谢谢老师",
        "好的收到谢谢老师辛苦了",
        "哈哈哈哈哈哈哈哈",
        "ok thank you",
        "ＯＫ ＯＫ ＯＫ",
        "👍👍👍👍👍👍👍",
        "123456789",
        "https://example.org/a/b/c",
        "@张三丰同学你好呀 @李四光同学你好呀",
        "[CQ:image,file=一二三四五六七]",
        "[微笑][强][玫瑰]",
        "/心愿",
        "\u200b\u200b\u200b\u200b\u200b\u200b\u200b",
        "a" * 1_000_000,
        "好的" * 500_000,
        "。，！？…——《》",
    ],
)
def test_filler_is_not(text: str) -> None:
    assert not wording(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("周末一起去图书馆", "周末，一起去图书馆！！"),
        ("周末一起去图书馆", "@张三 周末一起去图书馆👍"),
        ("第1组周末一起去图书馆", "第2组周末一起去图书馆"),
        ("What Is This", "what is this?"),
        ("#接龙\n春游报名\n1. 张三同学", "#接龙\n春游报名\n1. 张三同学\n2. 李四同学"),
        ("周末去植物园的请接上\n1、张三", "周末去植物园的请接上\n1、张三\n2、李四"),
    ],
)
def test_the_same_text_in_other_clothes_is_the_same(one: str, other: str) -> None:
    assert wording(one) == wording(other) != ""


def test_a_numbered_list_of_thoughts_is_compared_as_a_whole() -> None:
    assert wording("1. 先去图书馆看书\n2. 再去操场") != wording("1. 先去图书馆看书\n2. 再去食堂")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_weighed_without_error(text: str) -> None:
    assert isinstance(wording(text), str)


def test_text_no_database_would_take_is_weighed() -> None:
    assert wording("今天\x00的团课\ud800讲得真好")
