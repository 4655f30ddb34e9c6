"""通报里的话：图上、文字版里、文件里都从这里来，所以说的是一样的。"""

from collections.abc import Sequence
from datetime import timedelta

from bot.league.bulletin_tables import TOTAL, Issue, Pane, Row, Table
from bot.league.bulletin_works import BAND, MEDIAN, MISSING, RANKED
from bot.league.formula import Band, Grade
from bot.league.periods import Quarter, local, moment
from bot.league.quantities import FEW, TOGETHER, Figure

#: 指纹印出来的几位
DIGITS = 12
#: 一张图、一段话里至多写几处更正；全的在文件里
CHANGES_SHOWN = 6

RULES = (
    f"说的不足 5 人的数写“{FEW}”；公布了就能从合计里减出它的，写“{TOGETHER}”。",
    "人是一个人只数一遍，人次是同一个人每有一天数一次，场是活动；单位不同的数从不相加。",
    "证据等级分开数：L0 是自报，L1 是时间、地点、人员齐全，L2 是青年本人的账号确认过，L3 是抽查问过、站得住。",
    "积分是各单位团干部的中位数，不适用的部分不占分，不到 60 的单位不单列；登录、点赞、转发、在线时长一概不算。",
)


def period(quarter: Quarter) -> str:
    """`2026年第三季度`。"""
    return f"{quarter.year}年第{'一二三四'[quarter.number - 1]}季度"


def title(issue: Issue) -> str:
    """叫什么。"""
    return f"{issue.unit}{period(issue.quarter)}通报"


def edition(issue: Issue) -> str:
    """第几版、什么时候。"""
    when = local(issue.at)
    if issue.version is None:
        unfinished = "，这一季还没完" if issue.at < issue.quarter.end else ""
        return f"草稿，{moment(issue.at)} 算的{unfinished}"
    return f"第 {issue.version} 版，{when.year}年{when.month}月{when.day}日发布"


def foot(issue: Issue) -> str:
    """落款前的一行小字。"""
    mark = f"指纹 {issue.digest[:DIGITS]}。" if issue.digest else ""
    root = f"记录的链到季末的根 {issue.root[:DIGITS]}，随时可以 /核验 {issue.quarter}。" if issue.root else ""
    return f"不足 5 人的数不公布；人、人次、场、天各归各，不相加。{mark}{root}"


#: 每一块最要紧的三个数：(表, 列, 图上叫什么)
HEADLINES = {
    Pane.DATA: (
        ("参与", "在任团干部", "在任团干部"),
        ("参与", "联系青年", "联系青年"),
        ("参与", "本季新联系上", "本季新联系上"),
    ),
    Pane.PROCESS: (
        ("有效互动", "聊过的青年", "真聊过的青年"),
        ("有效互动", "聊过的人次", "真聊过的人次"),
        ("活动与记录", "作证的人次", "青年作证的人次"),
    ),
    Pane.EFFECT: (
        ("微心愿", "提出", "提出的心愿"),
        ("微心愿", "已圆梦", "圆了的心愿"),
        ("还没照顾到的青年", "两样都没有", "没活动也没见面"),
    ),
}


def headlines(issue: Issue, pane: Pane) -> list[tuple[str, Figure]]:
    """每一块最要紧的三个数，和图上怎么叫。"""
    return [(label, issue.table(name).cell(column)) for name, column, label in HEADLINES[pane]]


def lines(issue: Issue, pane: Pane) -> list[str]:
    """每一块三个数之外的几句话。"""
    match pane:
        case Pane.DATA:
            return [*_rest(issue.table("参与"), pane, "群与来去"), *_bands(issue.table("积分"))]
        case Pane.PROCESS:
            return [
                *_rest(issue.table("有效互动"), pane),
                *_rest(issue.table("活动与记录"), pane),
                _fives(issue.table("单位五个一")),
                *(_work(row) for row in issue.table("几项工作").rows if row.cells[0].number),
                *_rows(issue.table("下基层")),
                *_guided(issue.table("学习教育指导（今年）")),
                *_rows(issue.table("年度课题（今年）")),
            ]
        case Pane.EFFECT:
            return [
                *_rest(issue.table("微心愿"), pane),
                *_rows(issue.table("心声、建议与投诉")),
                *_rest(issue.table("还没照顾到的青年"), pane, "青年里"),
            ]


def banded(table: Table) -> dict[Band, list[Row]]:
    """光荣、稳步两档各有哪些单位；加油的不点名（那只给管理员看）。"""
    rows = [row for row in table.rows if row.name != TOTAL]
    return {
        band: [row for row in rows if row.cells[table.columns.index(BAND)].instead == band]
        for band in (Band.HONOUR, Band.STEADY)
    }


def _bands(table: Table) -> list[str]:
    median, missing = table.cell(MEDIAN), table.cell(MISSING)
    if median.number is None:
        return [f"积分：{median}"]
    found = [f"积分：{RANKED} {table.cell(RANKED)}，中位数 {median}，平均 {missing} 的分不适用"]
    return found + [f"{band}：{'、'.join(row.name for row in rows)}" for band, rows in banded(table).items() if rows]


def _rest(table: Table, pane: Pane, name: str = "") -> list[str]:
    """合计那一行里，三个数没说到的。"""
    told = {column for title, column, _ in HEADLINES[pane] if title == table.title}
    left = [(column, table.cell(column)) for column in table.columns if column not in told]
    return [f"{name or table.title}：{said(left)}"] if left else []


def _fives(table: Table) -> str:
    done = sum(row.cells[-1].number == 0 for row in table.rows)
    return f"单位五个一：{len(table.rows)} 个单位，五件都做了的 {done} 个"


def _work(row: Row) -> str:
    due, *graded, missing = row.cells
    done = int(due.number or 0) - int(missing.number or 0)
    grades = [f"{grade} {cell.number} 个" for grade, cell in zip(reversed(Grade), graded, strict=True) if cell.number]
    return f"{row.name}：{due}里办到 {done} 个" + (f"（{'，'.join(grades)}）" if grades else "")


def _guided(table: Table) -> list[str]:
    each = [
        f"{row.name} {row.cells[0]}里有人管的 {row.cells[1].number} 个" for row in table.rows if row.cells[0].number
    ]
    return [f"{table.title}：{'，'.join(each)}"] if each else []


def _rows(table: Table) -> list[str]:
    """一行一段，连成一句；整行都不公布的并在一起说。"""
    few = [row.name for row in table.rows if all(cell.number is None for cell in row.cells)]
    shown = [
        f"{row.name} {said(list(zip(table.columns, row.cells, strict=True)))}"
        for row in table.rows
        if row.name not in few
    ]
    hidden = [f"{'、'.join(few)} {FEW}"] if few else []
    return [f"{table.title}：{'；'.join([*shown, *hidden])}"]


def said(cells: Sequence[tuple[str, Figure]]) -> str:
    """`提出 12 件，已圆梦 8 件；已撤回 不足 5 人，不公布`；没有这回事的不说。"""
    shown = [f"{column} {cell}" for column, cell in cells if cell.number is not None]
    few = [column for column, cell in cells if cell.instead in (FEW, TOGETHER) and cell.number is None]
    return "；".join(filter(None, ["，".join(shown), f"{'、'.join(few)} {FEW}" if few else ""]))


def correction(issue: Issue, *, shown: int = CHANGES_SHOWN) -> list[str]:
    """这一版更正了什么；第 1 版没有。"""
    if not issue.reason:
        return []
    more = len(issue.changes) - shown
    rest = [f"还有 {more} 处，见文件。"] if more > 0 else []
    return [f"更正原因：{issue.reason}", *issue.changes[:shown], *rest]


def twin(issue: Issue) -> str:
    """文字版。"""
    parts = [f"{title(issue)}（{edition(issue)}）", *correction(issue)]
    for pane in Pane:
        heads = "，".join(f"{label} {figure}" for label, figure in headlines(issue, pane))
        parts += [f"【{pane}】{heads}", *lines(issue, pane)]
    return "\n".join([*parts, foot(issue)])


#: 每张表前面的一句话：说的是什么、怎么数的
ABOUT = {
    "参与": "在任团干部和他们联系的青年，数到季末；退出、离开、换到别的单位是结束联系，本单位里换一位团干部不算来去。",
    "积分": "积分由公开的公式从事实算出，这里是中位数；“不适用”是平均有几成分没有数据、不参加计算。",
    "有效互动": "有来有往、说了实质的话才算一次，一对人一天至多算一次；刷屏、接龙、口水话不算。",
    "活动与记录": "办过的活动和事后的记录，证据等级分开；作证的是青年自己的账号。",
    "单位五个一": "各单位自己名下的五件事，每件取等级最高的一次；不含下级单位和团干部个人的。",
    "几项工作": "窗口与本季有重叠的工作，从窗口开始数到季末；主题宣讲看讲到了几个团支部。",
    "下基层": "一天只记一次；一次算几项的，每项里各数一遍，各项之间不相加。",
    "学习教育指导（今年）": "从年初数起；五项里各有几个单位做到了。",
    "年度课题（今年）": "一人一年一个，从年初数起。",
    "微心愿": "提出的按本季提交数，五种结局按本季结束数，互不充数；还在办的数到季末。危机求助不在内。",
    "心声、建议与投诉": "本季收到的，撤回的不算；投诉只数条数，内容只有督导看得到。",
    "还没照顾到的青年": "每位青年一季一次活动、一年见一次面；这里是还没轮到的。只为关心，不向青年催。",
}


def heading(issue: Issue) -> str:
    """公文的标题，在词意完整的地方换行。"""
    draft = "（草稿）" if issue.version is None else f"（第{issue.version}版）" if issue.version > 1 else ""
    return f"关于{period(issue.quarter)}\n团干部联系青年工作情况的通报{draft}"


def opening(issue: Issue) -> str:
    """公文的头一段。"""
    until = min(issue.at, issue.quarter.end)
    last = local(until - timedelta(microseconds=1))
    return (
        f"现将{issue.unit}{period(issue.quarter)}团干部联系青年工作情况通报如下。"
        f"各项数字由日常工作的事实直接汇总，截至{last.year}年{last.month}月{last.day}日，没有另外要求填报。"
    )
