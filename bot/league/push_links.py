"""推送里的链接：只收 http、https 的网站地址，原样给人看，不缩短、不藏在别的字后面。"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.league.errors import Refusal

#: 一条链接最多多少个字
LONGEST = 300

_LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_OTHER = re.compile(r"(?<![a-z])([a-z][a-z0-9+.\-]{1,19})://|(?<![a-z])(javascript|data|mailto|file|tel):", re.I)
_BARE = re.compile(r"(?<![A-Za-z0-9@.])(?:[a-z0-9\-]+\.)+(?:com|cn|net|org|edu|gov|top|xyz|cc|io)\b", re.I)
#: 紧跟在链接后面的英文标点
_TAIL = ".,;!"


def split(text: str) -> tuple[str, str, str] | None:
    """(链接前面的话, 链接, 后面的话)；一个链接也没有就 `None`，收不得的 `Refusal`。"""
    found = _LINK.search(text)
    if other := _OTHER.search(text[: found.start()] if found else text):
        if (other[1] or "").lower() in ("http", "https"):
            raise Refusal("这个链接不完整，复制整条再发一次？网址里要是英文字母。")
        raise Refusal(f"{(other[1] or other[2]).lower()} 开头的链接我不推，只推 http、https 的网页。")
    if found is None:
        if bare := _BARE.search(text):
            raise Refusal(f"链接要写全，像 https://{bare[0]} 这样，大家才看得清要去哪。")
        return None
    link = found[0].rstrip(_TAIL)
    rest = text[found.start() + len(link) :].lstrip(_TAIL)
    if _LINK.search(rest):
        raise Refusal("一次推一个链接，分两次发吧。")
    _check(link)
    return text[: found.start()].strip(), link, rest.strip()


def site(link: str) -> str:
    """去的是哪个网站。"""
    return urlsplit(link).hostname or ""


def _check(link: str) -> None:
    if len(link) > LONGEST:
        raise Refusal(f"链接太长了（{len(link)} 个字），去掉后面的跟踪参数再发，{LONGEST} 个字以内。")
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Refusal("这个链接不完整，复制整条再发一次？") from None
    if parts.username is not None or "@" in parts.netloc:
        raise Refusal("链接里不能带 @，看着像一个网站，点进去是另一个。")
    if _is_address(host) or "." not in host.strip("."):
        raise Refusal("链接要是大家都打得开的网站，不能是内网地址或 IP。")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit()
    return True
