"""两套五个一（见 `five_ones_sets`）定的是哪五件、谁定的、依据什么。没有自己定的单位照上级的；谁也不能比上级要得多。"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from bot.league import audits, five_ones_sets, units, words
from bot.league.errors import Refusal
from bot.league.five_ones_sets import COUNT, DOCUMENT, STANDARDS, Standard, kind_of
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import Activity, FiveOnes, Lead, Side

#: 团干部的那一套
NAMES, MONTHLY, EXAMPLE = five_ones_sets.CADRE.names, five_ones_sets.CADRE.monthly, five_ones_sets.CADRE.example
#: 一件事的名字至多几个字
NAME_MAX = 12

_DOCUMENT = re.compile(r".{1,20}[\[(（〔]\d{4}[\])）〕]第?\d{1,4}号")
_MONTHLY = re.compile(r"每月(\d{1,2})次?")
_LEAD = re.compile(rf"({'|'.join(Lead)})(?:牵头)?")


@dataclass(frozen=True)
class Rule:
    """对一个单位算数的五件事。"""

    names: tuple[str, ...]
    monthly: int
    issuer: str
    document: str
    #: 哪个单位定的；空是照文件的原样
    unit: str | None = None
    set_at: datetime | None = None
    #: 季中换下的、换上的
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    side: Side = Side.CADRE
    #: 单位的由谁牵头；没有单位定过为空
    lead: Lead | None = None


@dataclass(frozen=True)
class Order:
    """`/五个一 设`、`/单位五个一 设` 后面几个词的意思；没说到的为空。"""

    quarter: Quarter
    names: tuple[str, ...]
    monthly: int | None
    document: str | None
    unit_name: str | None
    side: Side = Side.CADRE
    lead: Lead | None = None


def default_rule(side: Side = Side.CADRE) -> Rule:
    """谁也没定时，照文件。"""
    standard = STANDARDS[side]
    return Rule(standard.names, standard.monthly, settings().organisation, DOCUMENT, side=side)


async def begun(quarter: Quarter) -> bool:
    """本机从哪一季起用团干部的五个一：有人定过，或有了第一场活动、第一条记录。之前的季度不适用；单位的不算在内。"""
    return (
        await FiveOnes.filter(side=Side.CADRE, quarter__lte=str(quarter)).exists()
        or await Activity.filter(created_at__lt=quarter.end, slot__in=five_ones_sets.slots(Side.CADRE)).exists()
    )


async def rules_for(quarter: Quarter, paths: Collection[str], side: Side = Side.CADRE) -> dict[str, Rule]:
    """这些单位（`Unit.path`）各照哪一版；一次查完。"""
    rows = await FiveOnes.filter(quarter=str(quarter), side=side).order_by("id").select_related("unit")
    return {path: _rule(path, rows, side) for path in paths}


def _rule(path: str, rows: Sequence[FiveOnes], side: Side) -> Rule:
    chain = [row for row in rows if path.startswith(row.unit.path or "-")]
    if not chain:
        return default_rule(side)
    standard = STANDARDS[side]
    newest = {row.unit.path or "": row for row in chain}  # 按 id 排的，后来的顶掉先来的
    current = newest[max(newest, key=len)]
    older = [*standard.names, *(name for row in chain if row.id < current.id for name in row.names)]
    kinds, kinds_before = ({kind_of(name, side) for name in names} for names in (current.names, older))
    dropped = {kind_of(name, side): name for name in older if kind_of(name, side) not in kinds}
    return Rule(
        names=tuple(current.names),
        monthly=min(standard.monthly, *(row.monthly for row in newest.values())),
        issuer=current.issuer,
        document=current.document,
        unit=current.unit.name,
        set_at=current.set_at,
        dropped=tuple(dropped.values()),
        added=tuple(name for name in current.names if kind_of(name, side) not in kinds_before),
        side=side,
        lead=current.lead,
    )


def read(text: Sequence[str], *, at: datetime, side: Side = Side.CADRE) -> Order:
    """`2026Q4 实事/团课/谈心/志愿/文体 [每月3次] [文号] [单位]`，词序随意；单位的还有 `组织部` 或 `宣传部`。"""
    standard = STANDARDS[side]
    quarter, names, monthly, document, lead, rest = Quarter.of(at), (), None, None, None, list[str]()
    for word in text:
        plain = unicodedata.normalize("NFKC", word)
        if re.fullmatch(r"\d{4}[Qq年].*|本季度|下季度", plain):
            quarter = Quarter.of(at).next if plain == "下季度" else Quarter.parse(plain, at=at)
        elif found := _MONTHLY.fullmatch(plain):
            monthly = int(found[1])
        elif _DOCUMENT.fullmatch(word):
            document = word
        elif standard.led and (found := _LEAD.fullmatch(plain)):
            lead = Lead(found[1])
        elif re.search(r"[/、]", plain):
            names = tuple(words.mask(words.tidy(name)) for name in re.split(r"[/、]", plain) if name.strip())
        else:
            rest.append(plain)
    if not names or len(rest) > 1:
        more = "文号、单位" if standard.led else "每月3次、文号、单位"
        raise Refusal(f"五件事用 / 隔开，例如：{standard.example}（后面可以写 {more}）")
    return Order(quarter, names, monthly, document, rest[0] if rest else None, side, lead)


async def settle(by: Speaker, order: Order, *, at: datetime) -> tuple[FiveOnes, Rule]:
    """给一个单位定这一季的五件事，存成新的一版；要得比上级多的不收，记一笔。"""
    standard = STANDARDS[order.side]
    if not by.is_admin:
        raise Refusal(f"{standard.title}由单位管理员（组织部）来定。看自己的，发 /{standard.title}")
    unit = await units.governed(by, order.unit_name, example=f"{standard.example} 示例大学团委")
    if order.quarter < Quarter.of(at):
        raise Refusal(f"{order.quarter} 已经过去了，只能定本季和以后的。")
    path = unit.path or ""
    above = (await rules_for(order.quarter, [path[:-6]], order.side))[path[:-6]]
    monthly = above.monthly if order.monthly is None else order.monthly
    if monthly > above.monthly or len(order.names) > COUNT:
        await _refuse_more(by, order, unit.id, monthly, above, at=at)
    _check(standard, order.names, monthly)
    lead = order.lead or above.lead
    if standard.led and lead is None:
        raise Refusal(f"哪个部门牵头？写上 {' 或 '.join(Lead)}，例如：{standard.example}")
    row = await FiveOnes.create(
        unit=unit,
        side=order.side,
        quarter=str(order.quarter),
        names=list(order.names),
        issuer=unit.name,
        document=order.document or DOCUMENT,
        monthly=monthly,
        lead=lead,
        set_by=by.person_id,
        set_at=at,
    )
    detail = f"{row.quarter} {standard.title}"
    await audits.record("five_ones.set", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    return row, (await rules_for(order.quarter, [path], order.side))[path]


async def _refuse_more(by: Speaker, order: Order, unit_id: int, monthly: int, above: Rule, *, at: datetime) -> NoReturn:
    """要得比上级多：记一笔，说出那一条。"""
    asked = f"{order.quarter} {STANDARDS[order.side].title} 每月 {monthly} 次，{len(order.names)} 件"
    await audits.record("five_ones.refuse", subject=f"u{unit_id}", at=at, actor_id=by.person_id, detail=asked)
    allowed = f"每月 {above.monthly} 次、每季五件" if above.monthly else "每季五件、不按月算"
    raise Refusal(
        f"不能层层加码（{DOCUMENT} 七.4）：上面定的是{allowed}（{above.issuer}，{above.document}），下面不能要得更多。"
    )


def _check(standard: Standard, names: Sequence[str], monthly: int) -> None:
    if len(names) != COUNT or len(set(names)) != len(names):
        raise Refusal(f"要正好五件、各不相同，现在认出 {len(set(names))} 件。例如：{standard.example}")
    if any(len(name) > NAME_MAX for name in names):
        raise Refusal(f"每件事的名字 {NAME_MAX} 个字以内。")
    if standard.monthly and monthly < 1:
        raise Refusal("每月至少 1 次。")
