"""通报给人看的样子：一张图（连同文字版）、三份文件。话都在 `bulletin_letters`。"""

from bot.cards import Card, Grid, Heading, Json, Paper, Paragraph, Sheet, cut, write_pdf, write_word, write_workbook
from bot.cards.papers import Block
from bot.league import bulletin_letters as letters
from bot.league.bulletin_tables import Issue, Pane, Row, Table
from bot.league.bulletin_works import MEDIAN, RANKED
from bot.league.formula import Band
from bot.league.periods import local
from bot.league.quantities import Figure

#: 图上至多画几个单位
BARS = 20


def preview(issue: Issue) -> Card:
    """草稿，或已经发布的一版；末尾说接下来发什么。"""
    return card(issue, notes=[_next(issue)])


def _next(issue: Issue) -> str:
    order = f"/通报 {issue.unit} {issue.quarter}"
    if issue.version is None:
        return f"看好了发 {order} 发布；要 Word、表格、PDF 发 {order} 文件"
    if issue.moved:
        return f"发布之后，再算会变的有 {len(issue.moved)} 处，如 {issue.moved[0]}。要更正发 {order} 更正 原因"
    return f"数字发布时就定住了。要 Word、表格、PDF 发 {order} 文件"


def published(issue: Issue, posted: int) -> str:
    """发布了，或更正了。"""
    where = f"送往 {posted} 个工作群" if posted else "还没有绑定工作群，没有往群里送"
    head = f"{letters.title(issue)}第 {issue.version} 版发布了，{where}。"
    return "\n".join([head, *letters.correction(issue), f"要文件发 /通报 {issue.unit} {issue.quarter} 文件"])


def card(issue: Issue, *, notes: list[str] | None = None) -> Card:
    """一张图和它的文字版。"""
    data: dict[str, Json] = {
        "title": cut(letters.title(issue), 40),
        "subtitle": letters.edition(issue),
        "foot": letters.foot(issue),
        "correction": letters.correction(issue),
        "panes": [_pane(issue, pane) for pane in Pane],
        "notes": [*(notes or [])],
    }
    return Card("bulletin", data, "\n".join([letters.twin(issue), *(notes or [])]))


def _pane(issue: Issue, pane: Pane) -> Json:
    bars = _bars(issue) if pane is Pane.DATA else []
    # 各档有哪些单位，图上已经用横杠画了
    bands = tuple(f"{band}：" for band in Band)
    lines = [line for line in letters.lines(issue, pane) if not line.startswith(bands)]
    more = [f"还有 {len(bars) - BARS} 个单位没画出来，见文件。"] if len(bars) > BARS else []
    return {
        "name": pane,
        "tiles": [_tile(name, figure) for name, figure in letters.headlines(issue, pane)],
        "bars": bars[:BARS],
        "lines": [*more, *lines],
    }


def _tile(name: str, figure: Figure) -> Json:
    return {
        "label": name,
        "value": str(figure).split()[0] if figure.number is not None else "",
        "unit": figure.word,
        "instead": figure.instead if figure.number is None else "",
    }


def _bars(issue: Issue) -> list[Json]:
    """光荣、稳步两档的单位，一个一行；画不下的由 `_pane` 说还有几个。"""
    table = issue.table("积分")
    median, ranked = table.columns.index(MEDIAN), table.columns.index(RANKED)
    return [
        _bar(row, band, float(row.cells[median].number or 0), row.cells[ranked])
        for band, rows in letters.banded(table).items()
        for row in rows
    ]


def _bar(row: Row, band: str, median: float, people: Figure) -> Json:
    return {
        "name": cut(row.name, 26),
        "band": band,
        "value": median,
        "shown": f"{median:.1f}",
        "detail": str(people) if people.number is not None else "",
    }


def text(issue: Issue) -> str:
    """文字版。"""
    return letters.twin(issue)


def handed(issue: Issue) -> str:
    """文件发出去了。"""
    what = "草稿" if issue.version is None else f"第 {issue.version} 版"
    return f"{letters.title(issue)}（{what}）：Word、表格、PDF 都发给你了，三份是同样的数。"


def files(issue: Issue) -> dict[str, bytes]:
    """文件名 → 内容：公文、工作簿、PDF。"""
    name = letters.title(issue) + ("草稿" if issue.version is None else f"第{issue.version}版")
    official = paper(issue)
    return {
        f"{name}.docx": write_word(official),
        f"{name}.xlsx": write_workbook(
            sheets(issue), title=official.one_line_title, author=issue.unit, day=official.day
        ),
        f"{name}.pdf": write_pdf(official),
    }


def paper(issue: Issue) -> Paper:
    """公文：三块各一大段，更正说明，数字口径。"""
    blocks: list[Block] = [Paragraph(letters.opening(issue))]
    for pane in Pane:
        blocks.append(Heading(1, pane))
        for table in issue.tables:
            if table.pane is pane:
                blocks += [Heading(2, table.title), Paragraph(letters.ABOUT[table.title]), _grid(table)]
    if issue.reason:
        changes = [Heading(3, change) for change in issue.changes]
        blocks += [Heading(1, "更正说明"), Paragraph(f"更正原因：{issue.reason}。与上一版相比："), *changes]
    blocks += [Heading(1, "数字口径"), *(Heading(3, rule) for rule in letters.RULES)]
    if issue.digest:
        blocks.append(Heading(3, f"本版内容的指纹（SHA-256）开头是 {issue.digest[: letters.DIGITS]}。"))
    return Paper(letters.heading(issue), "各单位", blocks, issue.unit, local(issue.at).date())


def _grid(table: Table) -> Grid:
    return Grid([table.head, *table.columns], [[row.name, *map(str, row.cells)] for row in table.rows])


def sheets(issue: Issue) -> list[Sheet]:
    """一张表一个工作表，头一个说明怎么看；数是数，单位写在列名里。"""
    about = [[letters.title(issue)], [letters.edition(issue)], *([line] for line in letters.RULES)]
    about += [[line] for line in letters.correction(issue, shown=len(issue.changes))]
    about += [[f"指纹（SHA-256）：{issue.digest}"]] if issue.digest else []
    return [Sheet("说明", ["说明"], about), *(_sheet(table) for table in issue.tables)]


def _sheet(table: Table) -> Sheet:
    words = [
        next((row.cells[place].word for row in table.rows if row.cells[place].word), "")
        for place in range(len(table.columns))
    ]
    columns = [f"{name}（{word}）" if word else name for name, word in zip(table.columns, words, strict=True)]
    rows = [
        [row.name, *(cell.instead if cell.number is None else cell.number for cell in row.cells)] for row in table.rows
    ]
    return Sheet(table.title, [table.head, *columns], rows)
