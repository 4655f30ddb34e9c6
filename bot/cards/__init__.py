"""卡片：值进去，图片的字节出来。每张图都有同样内容的文字版。"""

from bot.cards.card import Card, Json, cut, draw
from bot.cards.lists import listing, row

__all__ = ["Card", "Json", "cut", "draw", "listing", "row"]
