"""卡片与文件：值进去，字节出来。每张图都有同样内容的文字版。"""

from bot.cards.card import Card, Json, cut, draw
from bot.cards.lists import listing, row
from bot.cards.papers import Grid, Heading, Paper, Paragraph
from bot.cards.pdf import write_pdf
from bot.cards.texts import written
from bot.cards.workbooks import Sheet, write_workbook


def write_word(paper: Paper) -> bytes:
    """写成公文格式的 .docx。"""
    from bot.cards import word  # Word 那一套库装载慢，写的时候才要

    return word.write_word(paper)


__all__ = [
    "Card",
    "Grid",
    "Heading",
    "Json",
    "Paper",
    "Paragraph",
    "Sheet",
    "cut",
    "draw",
    "listing",
    "row",
    "write_pdf",
    "write_word",
    "write_workbook",
    "written",
]
