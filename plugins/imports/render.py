"""名册进出的话术。"""

from collections.abc import Sequence
from datetime import datetime

from bot.league.imports import ImportReport, Problem
from bot.league.periods import local
from bot.league.roster_exports import Exported

BLANK = "名册（空表）.xlsx"
#: `.xlsx` 是一个 zip，开头是这几个字节
XLSX = b"PK\x03\x04"
#: 表格的名字
TABLES = (".xlsx", ".xls", ".csv", ".et")
#: 一次至多说几处不对
SHOWN = 30

NOT_XLSX = "这不是 .xlsx 文件。请用我发的那张表填，或在表格软件里“另存为 .xlsx”，再发给我。"
UNEXPECTED = "要导入名册的话，先发 /导入，再把这个文件发我一次。"
NO_FILES = "这里发不了文件。在装着我的那台电脑上用 tuanbot export 名册.xlsx 也一样。"


def may_be_table(name: str) -> bool:
    """像不像表格；微信的文件不说名字，也许是。"""
    return not name or name.lower().endswith(TABLES)


def waiting(*, sent: bool) -> str:
    """等他把表发回来。"""
    if not sent:
        return (
            "这里发不了文件给你。在装着我的那台电脑上用 tuanbot import --template 名册.xlsx 写一张空表，"
            "填好发给我，半小时内都等着。"
        )
    return (
        "填好发回给我，半小时内都等着。\n"
        "有一行不对就一行也不动，我会说清是哪一行。想在现有名册上改，发 /导出 把它要回去。"
    )


def imported(report: ImportReport) -> str:
    """导好了，接着做什么。"""
    if not report.counts["干部"].added:
        return report.text
    return f"{report.text}\n接下来请团干部到自己的青年群里发 /绑定本群。"


def refused(problems: Sequence[Problem]) -> str:
    """哪里不对；太多的先说前面的。"""
    lines = [f"有 {len(problems)} 处不对，一行也没有导入：", *map(str, problems[:SHOWN])]
    if len(problems) > SHOWN:
        lines.append(f"……还有 {len(problems) - SHOWN} 处，先改这些。")
    return "\n".join([*lines, "改好直接把文件再发给我。"])


def file_name(at: datetime) -> str:
    """带上日期，好认哪份新。"""
    return f"名册-{local(at):%Y-%m-%d}.xlsx"


def exported(done: Exported) -> str:
    """发去的是什么。"""
    units, cadres, youths = (len(rows) for rows in done.tables.values())
    line = f"名册在上面：单位 {units} 个，团干部 {cadres} 行，请了还没加入的青年 {youths} 行。里面有账号，别转发。"
    if done.skipped:
        line += f"\n另有 {done.skipped} 位没有账号或姓名，写不进表。"
    return f"{line}\n改好了发 /导入，再把文件发给我；没改的原样留着。"
