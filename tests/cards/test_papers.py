"""公文、工作簿、PDF：写出来再读回来；同样的内容在别的钟、别的散列种子下字节也一样。"""

import hashlib
import os
import subprocess
import sys
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bot.cards import Grid, Heading, Paper, Paragraph, Sheet, write_pdf, write_word, write_workbook
from bot.cards.papers import chinese, number

PAPER = Paper(
    title="关于2026年第三季度\n团干部联系青年工作情况的通报",
    addressee="各单位",
    blocks=[
        Paragraph("现将情况通报如下🎉。"),
        Heading(1, "数据"),
        Heading(2, "参与"),
        Grid(["单位", "联系青年"], [["合计", "55 人"], ["#panic(1) *法学院*", "不足 5 人，不公布"]]),
        Heading(3, "甲"),
        Heading(4, "乙"),
        Heading(4, "丙"),
        Heading(3, "丁"),
        Heading(1, "过程"),
        Heading(2, "互动"),
    ],
    signer="示例大学团委",
    day=date(2026, 10, 1),
)
NUMBERED = ["一、数据", "（一）参与", "1.甲", "（1）乙", "（2）丙", "2.丁", "二、过程", "（一）互动"]
SHEETS = [
    Sheet("参与", ["单位", "联系青年（人）"], [["合计", 55], ["=1+1", "不足 5 人，不公布"], ["007", 4.5]]),
    Sheet("参与", ["单位"], []),
    Sheet("心声/建议[投诉]:很长很长很长很长很长很长很长很长很长", ["哪一种"], [["建议"]]),
]


def workbook() -> bytes:
    return write_workbook(SHEETS, title="通报", author="示例大学团委", day=date(2026, 10, 1))


def test_numbers_go_down_four_levels() -> None:
    assert [chinese(n) for n in (1, 9, 10, 11, 20, 35)] == ["一", "九", "十", "十一", "二十", "三十五"]
    assert [number(level, 2) for level in (1, 2, 3, 4)] == ["二、", "（二）", "2.", "（2）"]
    assert [block.text for block in PAPER.numbered() if isinstance(block, Heading)] == NUMBERED


def test_the_word_paper_is_laid_out_as_the_standard_says() -> None:
    document: Any = docx.Document(BytesIO(write_word(PAPER)))
    section = document.sections[0]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(margin / Mm(1)) for margin in margins] == [37, 35, 28, 26]
    texts = [line.text for line in document.paragraphs if line.text]
    assert texts[:3] == ["关于2026年第三季度\n团干部联系青年工作情况的通报", "各单位：", "现将情况通报如下。"]
    assert [text for text in texts if text in NUMBERED] == NUMBERED
    assert texts[-2:] == ["示例大学团委", "2026年10月1日"]
    faces = {line.text: (_face(line), line.runs[0].font.size) for line in document.paragraphs if line.text}
    assert faces[texts[0]] == ("方正小标宋简体", Pt(22))
    assert [faces[text] for text in NUMBERED[:4]] == [
        ("黑体", Pt(16)),
        ("楷体_GB2312", Pt(16)),
        ("仿宋_GB2312", Pt(16)),
        ("仿宋_GB2312", Pt(16)),
    ]
    assert {line.paragraph_format.line_spacing for line in document.paragraphs if line.text} == {Pt(28)}
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["单位", "联系青年"],
        ["合计", "55 人"],
        ["#panic(1) *法学院*", "不足 5 人，不公布"],
    ]
    assert document.core_properties.created == datetime(2026, 10, 1).astimezone().replace(tzinfo=_zone(document))
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text == "— 1 —"
        assert "PAGE" in footer._element.xml
    fonts = next(part for part in document.part.package.iter_parts() if str(part.partname) == "/word/fontTable.xml")
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,'.encode() in fonts.blob


def test_the_word_table_keeps_row_names_whole_and_the_signature_is_shifted_by_counted_characters() -> None:
    document: Any = docx.Document(BytesIO(write_word(PAPER)))
    table = document.tables[0]
    name, rest = (column.width for column in table.columns)
    assert name < rest  # 行名短，余下的都给数
    assert all(round((row.cells[0].width + row.cells[1].width) / Mm(1)) == 156 for row in table.rows)
    signer, day = document.paragraphs[-2:]
    # 数字算半个字，自动加的空会让它不止右移二字
    assert all(line._p.pPr.find(qn("w:autoSpaceDN")).get(qn("w:val")) == "0" for line in (signer, day))
    ends = [line.paragraph_format.right_indent / Pt(16) for line in (signer, day)]
    assert (ends[0] + 6) - (ends[1] + 6.5) == 2
    language = next(document.styles.element.iter(qn("w:lang")))
    assert language.get(qn("w:eastAsia")) == "zh-CN"


def test_the_workbook_prints_one_page_wide_and_long_words_wrap() -> None:
    xml = _member(workbook(), "xl/worksheets/sheet1.xml")
    assert b'fitToHeight="0" orientation="landscape"' in xml
    long = Sheet("说明", ["说明"], [["字" * 60], ["短"]])
    page = _member(
        write_workbook([long], title="通报", author="团委", day=date(2026, 10, 1)), "xl/worksheets/sheet1.xml"
    )
    assert b'<row r="2" spans="1:1" ht="60" customHeight="1">' in page
    assert b'<row r="3" spans="1:1">' in page


def _face(line: Any) -> str:
    return line.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))


def _zone(document: Any) -> Any:
    return document.core_properties.created.tzinfo


def test_the_workbook_has_a_sheet_a_table_with_numbers_as_numbers_and_no_formulas() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(workbook()))
    assert book.sheet_names == ["参与", "参与(2)", "心声·建议·投诉··很长很长很长很长很长很长很长很长很长"[:31]]
    assert book.get_sheet_by_name("参与").to_python() == [
        ["单位", "联系青年（人）"],
        ["合计", 55],
        ["=1+1", "不足 5 人，不公布"],
        ["007", 4.5],
    ]
    xml = _member(workbook(), "xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml
    assert b'<pane ySplit="1"' in xml


def _member(data: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(BytesIO(data)) as book:
        return book.read(name)


def test_the_pdf_reads_back() -> None:
    reader = PdfReader(BytesIO(write_pdf(PAPER)))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    for wanted in (
        *NUMBERED,
        "各单位：",
        "现将情况通报如下。",
        "不足5人，不公布",
        "#panic(1)*法学院*",
        "2026年10月1日",
        "—1—",
    ):
        assert wanted.replace(" ", "") in text
    assert reader.metadata
    assert reader.metadata.title == "关于2026年第三季度团干部联系青年工作情况的通报"


_WRITE = """
import hashlib, sys, time, datetime
real = time.time
late = float(sys.argv[1])
local, gmt = time.localtime, time.gmtime
time.time = lambda: real() + late
time.localtime = lambda at=None: local(time.time() if at is None else at)
time.gmtime = lambda at=None: gmt(time.time() if at is None else at)
from tests.cards import test_papers as papers
for data in (papers.write_word(papers.PAPER), papers.workbook(), papers.write_pdf(papers.PAPER)):
    print(hashlib.sha256(data).hexdigest())
"""


@pytest.mark.parametrize(("seed", "zone", "late"), [("1", "Asia/Shanghai", 0), ("2", "America/New_York", 90_000_000)])
def test_the_same_paper_gives_the_same_bytes_whatever_the_clock(seed: str, zone: str, late: int) -> None:
    root = Path(__file__).parent.parent.parent
    again = subprocess.run(
        [sys.executable, "-c", _WRITE, str(late)],
        cwd=root,
        env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
        capture_output=True,
        check=True,
        text=True,
    )
    here = [hashlib.sha256(data).hexdigest() for data in (write_word(PAPER), workbook(), write_pdf(PAPER))]
    assert again.stdout.split() == here
