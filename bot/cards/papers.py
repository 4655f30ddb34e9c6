"""一份公文：标题、主送、各级小标题与正文、表、落款。Word 与 PDF 都照它写，编号也在这里编好。"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.cards.card import drawable


@dataclass(frozen=True)
class Heading:
    """第几级小标题（1–4），不带编号；三、四级后面可以接着是正文。"""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """一段正文。"""

    text: str


@dataclass(frozen=True)
class Grid:
    """一张表：头一行是列名，头一列是行名。"""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Heading | Paragraph | Grid


@dataclass(frozen=True)
class Paper:
    """一份公文；同样的内容写出来的字节也一样，所以日期要给。"""

    #: 长的写上换行
    title: str
    #: 主送谁，不带冒号
    addressee: str
    blocks: Sequence[Block]
    #: 落款的单位
    signer: str
    day: date

    @property
    def one_line_title(self) -> str:
        """不换行的标题。"""
        return drawable(self.title).replace("\n", "")

    def numbered(self) -> Iterator[Block]:
        """小标题编上 `一、`、`（一）`、`1.`、`（1）`（GB/T 9704 的次序）；字体里没有的字去掉。"""
        counts = [0, 0, 0, 0]
        for block in self.blocks:
            match block:
                case Heading(level, text):
                    counts[level - 1] += 1
                    counts[level:] = [0] * (4 - level)
                    yield Heading(level, number(level, counts[level - 1]) + drawable(text))
                case Paragraph(text):
                    yield Paragraph(drawable(text))
                case Grid(columns, rows):
                    yield Grid([*map(drawable, columns)], [[*map(drawable, row)] for row in rows])


_DIGITS = "零一二三四五六七八九"


def chinese(n: int) -> str:
    """1–99 的汉字。"""
    tens, ones = divmod(n, 10)
    return (("" if tens < 2 else _DIGITS[tens]) + "十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


def number(level: int, n: int) -> str:
    """某一级第几个的编号。"""
    return (f"{chinese(n)}、", f"（{chinese(n)}）", f"{n}.", f"（{n}）")[level - 1]


def spoken(day: date) -> str:
    """成文日期：`2026年10月1日`。"""
    return f"{day.year}年{day.month}月{day.day}日"
