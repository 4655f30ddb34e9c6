"""公文格式的 Word：GB/T 9704—2012 的版面与字体。同样的内容，写出来的字节一样。"""

import re
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION_START
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph as Line

from bot.cards.card import drawable
from bot.cards.papers import Grid, Heading, Paper, Paragraph, spoken

# GB/T 9704—2012：A4，天头 37 mm、订口 28 mm、版心 156×225 mm，每页 22 行、每行 28 字
TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
LINE = Pt(28)
#: 字号：二号、三号、四号、小四
ERHAO, SANHAO, SIHAO, XIAOSI, WUHAO = Pt(22), Pt(16), Pt(14), Pt(12), Pt(10.5)
TITLE, BODY, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
#: 电脑上没有时依次换成
FALLBACKS = {
    TITLE: "FZXiaoBiaoSong-B05S,小标宋体,华文中宋,宋体,Noto Serif CJK SC",
    BODY: "仿宋,FangSong,华文仿宋,Noto Serif CJK SC",
    KAI: "楷体,KaiTi,华文楷体,Noto Serif CJK SC",
    HEI: "SimHei,Noto Sans CJK SC",
    SONG: "SimSun,Noto Serif CJK SC",
}
#: 各级小标题的字体：黑体、楷体、仿宋、仿宋
HEADINGS = {1: HEI, 2: KAI, 3: BODY, 4: BODY}
#: 压缩包里的时间一律写成它
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MANY = 5


def write_word(paper: Paper) -> bytes:
    """写成 .docx。"""
    document = docx.Document()
    _lay_out(document)
    _line(document, drawable(paper.title), TITLE, ERHAO, align=WD_ALIGN_PARAGRAPH.CENTER, before=LINE, after=LINE)
    _line(document, f"{drawable(paper.addressee)}：")
    for block in paper.numbered():
        match block:
            case Heading(level, text):
                _line(document, text, HEADINGS[level], indent=2).paragraph_format.keep_with_next = level < 3
            case Paragraph(text):
                _line(document, text, indent=2)
            case Grid():
                _table(document, block)
    _sign(document, paper)
    _describe(document, paper)
    saved = BytesIO()
    document.save(saved)
    return repacked(saved.getvalue())


def repacked(data: bytes) -> bytes:
    """压缩包里每个文件的时间换成同一个，字节就只看内容。"""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED, 6)
    return packed.getvalue()


def _lay_out(document: Document) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION_START.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    # 页码在版心下边缘之下 7 mm
    section.footer_distance = BOTTOM - Mm(7) - SIHAO
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    style: Any = document.styles["Normal"]
    style.font.size = SANHAO
    _fonts(style.element.get_or_add_rPr(), BODY)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")  # 不说是中文，换字体时会换成日文字形
    package: Any = document.part.package
    part = next(part for part in package.iter_parts() if str(part.partname) == "/word/fontTable.xml")
    fonts = "".join(f'<w:font w:name="{name}"><w:altName w:val="{FALLBACKS[name]}"/></w:font>' for name in FALLBACKS)
    part._blob = re.sub(rb"</w:fonts>\s*$", fonts.encode() + b"</w:fonts>", part.blob)


def _page_number(line: Line, align: WD_ALIGN_PARAGRAPH) -> None:
    """`— 1 —`，四号宋体；单页居右空一字，双页居左空一字。"""
    line.alignment = align
    line.paragraph_format.right_indent = line.paragraph_format.left_indent = SIHAO
    for text, field in (
        ("— ", ""),
        ("", "begin"),
        ("PAGE", "instr"),
        ("", "separate"),
        ("1", ""),
        ("", "end"),
        (" —", ""),
    ):
        run = line.add_run("" if field else text)
        run.font.size = SIHAO
        _fonts(run._r.get_or_add_rPr(), SONG, SONG)
        if field == "instr":
            element = OxmlElement("w:instrText")
            element.text = text
            run._r.append(element)
        elif field:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), field)
            run._r.append(element)


def _fonts(properties: Any, name: str, latin: str = LATIN) -> None:
    fonts = properties.get_or_add_rFonts()
    for attribute, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", name), ("cs", latin)):
        fonts.set(qn(f"w:{attribute}"), value)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _line(
    place: Any,
    text: str,
    font: str = BODY,
    size: Pt = SANHAO,
    *,
    indent: int = 0,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    before: Pt | int = 0,
    after: Pt | int = 0,
) -> Line:
    """一段：固定行距 28 磅，`indent` 是首行空几个字。"""
    line = place.add_paragraph()
    shape = line.paragraph_format
    shape.alignment, shape.line_spacing_rule, shape.line_spacing = align, WD_LINE_SPACING.EXACTLY, LINE
    shape.space_before, shape.space_after = Pt(0) + before, Pt(0) + after
    if indent:
        shape.first_line_indent = size * indent
        line._p.get_or_add_pPr().ind.set(qn("w:firstLineChars"), str(indent * 100))
    run = line.add_run(text)
    run.font.size = size
    _fonts(run._r.get_or_add_rPr(), font)
    return line


def _table(document: Document, grid: Grid) -> None:
    """头一行换页重复；列多的用小一号的字。"""
    size = WUHAO if len(grid.columns) > _MANY else XIAOSI
    table = document.add_table(rows=0, cols=len(grid.columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _pad(table)
    widths = _widths(grid, size)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for place, row in enumerate((grid.columns, *grid.rows)):
        cells = table.add_row()
        for column, (cell, text) in enumerate(zip(cells.cells, row, strict=True)):
            cell.width, cell.vertical_alignment = widths[column], WD_CELL_VERTICAL_ALIGNMENT.CENTER
            line = cell.paragraphs[0]
            centred = place == 0 or column > 0
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
            line.paragraph_format.space_after = Pt(0)
            run = line.add_run(text)
            run.font.size = size
            _fonts(run._r.get_or_add_rPr(), HEI if place == 0 else BODY)
        properties = cells._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))
    _line(document, "").paragraph_format.line_spacing = Pt(12)


def _pad(table: Any) -> None:
    """字不贴着格子的上下边。"""
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", 40), ("left", 60), ("bottom", 40), ("right", 60)):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(width))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _widths(grid: Grid, size: Pt) -> list[Length]:
    """头一列的行名尽量不折行（至多占版心三成），其余的列平分。"""
    whole, others = Mm(156), len(grid.columns) - 1
    if not others:
        return [whole]
    name = max(_han(row[0]) for row in (grid.columns, *grid.rows))
    first = min(int(size * (name + 1)), int(whole * 0.3))
    return [Length(first), *[Length((whole - first) // others)] * others]


def _sign(document: Document, paper: Paper) -> None:
    """不盖章的落款：空一行，署名右空二字，日期首字比它右移二字；日期更长就让日期右空二字。"""
    signer, day = drawable(paper.signer), spoken(paper.day)
    longer = _han(day) - _han(signer)
    right = (4 + longer, 2.0) if longer > 0 else (2.0, -longer)
    for place, text in enumerate((signer, day)):
        line = _line(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT, before=0 if place else LINE)
        line.paragraph_format.right_indent = int(SANHAO * right[place])
        _no_gaps(line)
        line.paragraph_format.keep_with_next = not place


def _no_gaps(line: Line) -> None:
    """数字与汉字之间不自动加空：右移几个字是照字数算的。"""
    properties = line._p.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        element = OxmlElement(name)
        element.set(qn("w:val"), "0")
        properties.insert_element_before(
            element, "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )


def _han(text: str) -> float:
    """多宽，按汉字算；数字是半个字。"""
    return sum(0.5 if character.isascii() else 1 for character in text)


def _describe(document: Document, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.author = paper.one_line_title, drawable(paper.signer)
    properties.last_modified_by, properties.comments, properties.revision = drawable(paper.signer), "", 1
    when = _midnight(paper.day)
    properties.created = properties.modified = when


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
