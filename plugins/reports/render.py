"""季报的措辞。"""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Heading, Paragraph, listing, row, write_word
from bot.cards import Paper as Document
from bot.league.periods import Quarter, local
from bot.league.report_drafts import NUMBER
from bot.league.report_papers import BY_HAND, Paper, Section
from bot.league.reports import due_day
from db.models import ReportPart, ReportState, Unit, UnitReport

_ORDINALS = "一二三四"
_ASKED = {
    ReportPart.LESSONS: "（要你来写：哪件事为什么办得好）",
    ReportPart.PLANS: "（要你来写：哪天前办到什么样）",
}


def table(quarter: Quarter, rows: Sequence[tuple[Unit, UnitReport | None]], *, private: bool) -> str | Card:
    """谁交了：没交的在前。退回的原因只在私聊里写。"""
    if not rows:
        return "你管的单位里没有要交季报的团总支。"
    order = (ReportState.RETURNED, ReportState.MISSING, ReportState.SENT)
    states = [(unit, found, found.state if found else ReportState.MISSING) for unit, found in rows]
    states.sort(key=lambda one: order.index(one[2]))
    counts = [f"{state} {n} 个" for state in order if (n := sum(one[2] is state for one in states))]
    said = [(unit.name, _state(found, state, private=private), state) for unit, found, state in states]
    day = due_day(quarter)
    foot = "看一份：/季报 某团总支；退回：/季报 退回 某团总支 原因"
    return listing(
        f"{quarter} 季报 · {'，'.join(counts)}",
        f"{day.month}月{day.day}日前交到",
        [row(name, text, warn=state is not ReportState.SENT) for name, text, state in said],
        lines=[f"· {name}：{text}" for name, text, _ in said],
        foot=foot if private else "",
    )


def _state(found: UnitReport | None, state: ReportState, *, private: bool) -> str:
    if found is None or state is ReportState.MISSING:
        return state.value
    when = local(found.at)
    day = f"{when.month}月{when.day}日"
    if state is ReportState.RETURNED:
        return f"{day} 退回" + (f"：{found.reason}" if private and found.reason else "")
    return f"{day} 已报" + (f"，第 {found.version} 版" if found.version else "（线下交的）")


def paper(found: Paper) -> str:
    """草稿，或签发了的一版。"""
    lines = [_title(found)]
    if found.reason:
        lines.append(f"退回的原因：{found.reason}")
    lines += body(found)
    if found.version:
        lines.append(f"要 Word 文件发 /季报 文件 {found.quarter} {found.unit.name}")
    else:
        lines.append("改一部分：/季报 改 二 话（整段换掉）；接着写：/季报 加 二 话；不要改的了：/季报 还原 二")
        wanting = "、".join(found.wanting)
        lines.append(f"{wanting}写好以后发 /季报 签发" if wanting else "改好了发 /季报 签发")
    return "\n".join(lines)


def _title(found: Paper) -> str:
    day = due_day(found.quarter)
    if not found.version:
        return f"{found.unit.name} {found.quarter} 季报（草稿，{day.month}月{day.day}日前签发）"
    return f"{found.unit.name} {found.quarter} 季报（第 {found.version} 版，{_signature(found)}）"


def _signature(found: Paper) -> str:
    when = local(found.signed_at) if found.signed_at else None
    return f"{found.signer or '（没写姓名）'} {when.year}年{when.month}月{when.day}日签发" if when else ""


def body(found: Paper) -> list[str]:
    """四个部分，一段一行。"""
    lines = list[str]()
    for number, one in zip(_ORDINALS, found.sections, strict=True):
        lines.append(f"{number}、{one.part}{'' if one.by_hand or found.version else _ASKED.get(one.part, '')}")
        lines += one.text.split("\n") if one.text else ["（没查到可写的事实；确实没有，就写一句没有）"]
    return lines


def edited(found: Paper, part: ReportPart) -> str:
    """改好了一部分，原样念一遍。"""
    one = next(one for one in found.sections if one.part is part)
    lines = [f"{one.part}现在是：", one.text or "（空的）"]
    if one.by_hand and (bare := _without_number(one)):
        lines.append(f"有 {bare} 段没带编号，上面问起依据不好说，能带就带上，如（W12）。")
    wanting = "、".join(found.wanting)
    lines.append(f"还差{wanting}。" if wanting else "四个部分都齐了，看一遍发 /季报，签发发 /季报 签发")
    return "\n".join(lines)


def _without_number(one: Section) -> int:
    """体会和打算不一定有依据，只数别的部分。"""
    if one.part in BY_HAND:
        return 0
    return sum(1 for line in one.text.split("\n") if line.strip() and not NUMBER.search(line))


def signed(found: Paper) -> str:
    """签发了。"""
    return (
        f"签发了：{found.unit.name} {found.quarter} 季报第 {found.version} 版，从此不动，不再为它提醒。"
        f"上级看得到了；要文件发 /季报 文件"
    )


def settled(unit: Unit, report: UnitReport) -> str:
    """记下了。"""
    if report.state is ReportState.RETURNED:
        return f"退回了：{unit.name} {report.quarter} 的季报。原因已经告诉它的管理员，改好会再签发一版。"
    return f"记下了：{unit.name} {report.quarter} 的季报已报，不再为它提醒。"


def file_name(found: Paper) -> str:
    """文件叫什么。"""
    return f"{found.unit.name}{found.quarter}季报{f'第{found.version}版' if found.version else '草稿'}.docx"


def file(found: Paper, *, at: datetime) -> bytes:
    """公文格式的 Word，末尾是依据的全部编号；签发了的日期是签发那天，字节不再变。"""
    blocks: list[Heading | Paragraph] = []
    for one in found.sections:
        blocks.append(Heading(1, one.part))
        blocks += [Paragraph(line) for line in (one.text or "（还没写）").split("\n") if line.strip()]
    if found.records:
        blocks.append(Paragraph(f"依据的记录：{'、'.join(found.records)}"))
    ordinal = _ORDINALS[found.quarter.number - 1]
    return write_word(
        Document(
            title=f"{found.unit.name}\n{found.quarter.year}年第{ordinal}季度工作情况报告"
            + ("" if found.version else "（草稿）"),
            addressee=found.above,
            blocks=blocks,
            signer=found.unit.name,
            day=local(found.signed_at or at).date(),
        )
    )
