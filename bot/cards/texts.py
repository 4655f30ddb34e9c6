"""一段长文字画成的卡片（`text` 模板）：并不成转发的地方，一张图比好几条消息少打扰人。"""

from bot.cards.card import Card

#: 头一行这么长以内就当标题
_TITLE = 20
#: 没有这么短的头一行时用的标题
_PLAIN = "团团说"


def written(text: str) -> Card:
    """把一段文字一字不差地画下来（画不出的彩色表情除外）。"""
    lines = text.strip().splitlines()
    title, rest = (lines[0].strip(), lines[1:]) if lines and len(lines[0]) <= _TITLE else (_PLAIN, lines)
    return Card("text", {"title": title, "lines": [line.strip() for line in rest], "foot": ""}, text)
