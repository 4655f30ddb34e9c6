"""补记与更正的原因：隔了几天才记的要说为什么，改从前的也要说为什么。"""

import re
from datetime import date, timedelta

from bot.league import words
from bot.league.errors import Refusal

REASON_MAX = 60
#: 补记超过这么多天的，要写原因
BACKDATE = timedelta(days=7)
#: 原因与记录的文字留这么久（产品说明第 2 节：心声、建议同样 90 天）
KEEP_TEXT = timedelta(days=90)

_INSTEAD = re.compile(r"[\s,，。;；]*改[为成][\s:：]*")
#: 话头上的才是在说原因：`聊了挂科的原因` 里的不是
_REASON = re.compile(r"(?:(?:^|(?<=[\s,，。;；、（(]))(?:原因|因为)|原因(?=[:：]))[:：是\s]*(.*)$", re.S)


def split_reason(text: str) -> tuple[str, str]:
    """`谈心 昨天，原因：出差` → (`谈心 昨天`, `出差`)；原因已洗净、隐去号码。"""
    found = _REASON.search(text)
    return (text[: found.start()].rstrip(" ,，。;；、（("), words.mask(words.tidy(found[1]))) if found else (text, "")


def split_change(text: str) -> tuple[str, str | None]:
    """`记错了 改为 昨天` → (`记错了`, `昨天`)；没有“改为”就是作废，后一个为空。"""
    reason, *instead = _INSTEAD.split(text, maxsplit=1)
    return reason, instead[0] if instead else None


def check_belated(day: date, reason: str, *, today: date) -> None:
    """七天以前的事要有原因，原因不能太长，否则 `Refusal`。"""
    if len(reason) > REASON_MAX:
        raise Refusal(f"原因写 {REASON_MAX} 个字以内就好。")
    if day < today - BACKDATE and not reason:
        raise Refusal(f"这是 {BACKDATE.days} 天以前的事了，补记请在后面写上原因，例如：原因：出差刚回来")


def reason_for_change(reason: str, *, example: str) -> str:
    """更正、作废的原因，洗净、隐去号码；没写、太长是 `Refusal`。"""
    reason = words.mask(words.tidy(reason))
    if not reason or len(reason) > REASON_MAX:
        raise Refusal(f"写一句为什么（{REASON_MAX} 字以内），例如：{example}")
    return reason
