"""PDF：同一份公文，由 typst 照一个模板排。同样的内容，写出来的字节一样。"""

from bot.cards.card import Json, compiled, drawable
from bot.cards.papers import Grid, Heading, Paper, Paragraph, spoken


def write_pdf(paper: Paper) -> bytes:
    """写成 .pdf，A4。"""
    data: dict[str, Json] = {
        "title": paper.one_line_title,
        "lines": drawable(paper.title).split("\n"),
        "addressee": drawable(paper.addressee),
        "signer": drawable(paper.signer),
        "day": spoken(paper.day),
        "date": [paper.day.year, paper.day.month, paper.day.day],
        "blocks": [_block(block) for block in paper.numbered()],
    }
    return compiled("paper", data, kind="pdf")


def _block(block: Heading | Paragraph | Grid) -> Json:
    match block:
        case Heading(level, text):
            return {"kind": "heading", "level": level, "text": text}
        case Paragraph(text):
            return {"kind": "paragraph", "text": text}
        case Grid(columns, rows):
            return {"kind": "grid", "columns": [*columns], "rows": [[*row] for row in rows]}
