"""推送里的链接：哪些收，哪些不收，为什么。"""

import pytest

from bot.league import push_links
from bot.league.errors import Refusal


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("看懂五四 https://a.edu.cn/54 读书", ("看懂五四", "https://a.edu.cn/54", "读书")),
        ("看懂五四https://a.edu.cn/54，读书", ("看懂五四", "https://a.edu.cn/54", "，读书")),
        ("看懂五四 HTTP://A.edu.cn:8080/x?y=1#z.", ("看懂五四", "HTTP://A.edu.cn:8080/x?y=1#z", "")),
        ("https://a.cn", ("", "https://a.cn", "")),
    ],
)
def test_a_web_address_is_cut_out_as_it_stands(text: str, parts: tuple[str, str, str]) -> None:
    assert push_links.split(text) == parts


@pytest.mark.parametrize("text", ["看懂五四", "时间：8点", "TED 演讲", ""])
def test_no_link_is_none(text: str) -> None:
    assert push_links.split(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("看 javascript:alert(1)", "javascript 开头的链接我不推，只推 http、https 的网页。"),
        ("看 ftp://a.cn/x", "ftp 开头的链接我不推，只推 http、https 的网页。"),
        ("看 mqqapi://card/show", "mqqapi 开头的链接我不推，只推 http、https 的网页。"),
        ("看 data:text/html,x https://a.cn", "data 开头的链接我不推，只推 http、https 的网页。"),
        ("看 www.a.com/x", "链接要写全，像 https://www.a.com 这样，大家才看得清要去哪。"),
        ("看 https://好看.中国/x", "这个链接不完整，复制整条再发一次？网址里要是英文字母。"),
        ("看 https://qq.com@evil.cn/x", "链接里不能带 @，看着像一个网站，点进去是另一个。"),
        ("看 https://127.0.0.1/x", "链接要是大家都打得开的网站，不能是内网地址或 IP。"),
        ("看 https://[::1]/x", "链接要是大家都打得开的网站，不能是内网地址或 IP。"),
        ("看 http://2130706433/", "链接要是大家都打得开的网站，不能是内网地址或 IP。"),
        ("看 http://localhost/", "链接要是大家都打得开的网站，不能是内网地址或 IP。"),
        ("看 https://a.cn:99999/", "这个链接不完整，复制整条再发一次？"),
        ("看 https://[a/", "这个链接不完整，复制整条再发一次？"),
        ("看 https://a.cn https://b.cn", "一次推一个链接，分两次发吧。"),
        (f"看 https://a.cn/{'x' * 300}", "链接太长了（313 个字），去掉后面的跟踪参数再发，300 个字以内。"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        push_links.split(text)
    assert refused.value.sentence == why


def test_the_site_is_named() -> None:
    assert push_links.site("https://A.edu.cn:8080/x") == "a.edu.cn"
