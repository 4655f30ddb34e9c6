import pytest

from bot.gateway.heads import Heads, Match


@pytest.fixture
def heads() -> Heads:
    heads = Heads()
    heads.add("心愿", phrases=("我的心愿是",), glued=True)
    heads.add("心愿墙")
    heads.add("帮助", aliases=("help",))
    heads.add("ping", guessable=False)
    return heads


@pytest.mark.parametrize(
    ("said", "head", "rest"),
    [
        ("/心愿 想学车", "心愿", "想学车"),
        ("／心愿 想学车", "心愿", "想学车"),
        ("/心愿", "心愿", ""),
        ("/心愿\n想学车\n也想学琴", "心愿", "想学车\n也想学琴"),
        ("/心愿想学车 和游泳", "心愿", "想学车 和游泳"),
        ("/心愿4", "心愿", "4"),
        ("/心愿墙W3", "心愿墙", "W3"),
        ("/心愿墙Ｗ３ 全部", "心愿墙", "Ｗ３ 全部"),
        ("/心愿： 想学车。", "心愿", "想学车。"),
        ("/心愿墙，全部", "心愿墙", "全部"),
        ("/幫助！", "帮助", ""),
        ("/心愿墙", "心愿墙", ""),
        ("/心愿墙 全部", "心愿墙", "全部"),
        ("我的心愿是……想学车", "心愿", "想学车"),
        ("/ＰＩＮＧ ＡＢ", "ping", "ＡＢ"),
        ("/\u200b心\u2060愿 想\u200b学", "心愿", "想\u200b学"),
        ("/Help", "帮助", ""),
    ],
)
def test_a_command_is_found_and_the_words_stay_as_written(heads: Heads, said: str, head: str, rest: str) -> None:
    assert heads.looks_like_command(said)
    assert heads.find(said) == Match(head, rest)


@pytest.mark.parametrize(
    "said", ["/", "//", "/ 心愿", "/心愿墙看看", "/心愿单", "/help2", "/帮助？", "/天气 北京", "心愿 想学车", "/帮", ""]
)
def test_what_is_no_command(heads: Heads, said: str) -> None:
    assert heads.find(said) is None


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("/心原 想学车", ("心愿",)),
        ("/帮住", ("帮助",)),
        ("/心愿单", ("心愿", "心愿墙")),
        ("/愿心", ("心愿",)),
        ("/助力", ()),
        ("/pin", ()),
        ("/天气", ()),
        ("/" + "心" * 5_000, ()),
    ],
)
def test_only_what_is_close_is_guessed_and_never_a_superusers_command(
    heads: Heads, said: str, near: tuple[str, ...]
) -> None:
    assert heads.near(said) == near
