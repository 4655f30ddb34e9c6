"""五个一定的是哪五件、每月几次、谁定的、依据什么。没有自己定的单位照上级的；谁也不能比上级要得多。"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.league import audits, roster, words
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import Activity, FiveOnes, RoleKind, Slot, Unit

#: 校青字〔2017〕10号 三：团干部每季五件事
NAMES = ("办一件实事", "上一堂团课", "谈心谈话", "志愿服务", "文体活动")
#: 校青字〔2017〕10号 三.2：每月不少于 3 次
MONTHLY = 3
DOCUMENT = "校青字〔2017〕10号"
#: 一件事的名字至多几个字
NAME_MAX = 12

EXAMPLE = "/五个一 设 2026Q4 实事/团课/谈心/志愿/文体"

_DOCUMENT = re.compile(r".{1,20}[\[(（〔]\d{4}[\])）〕]第?\d{1,4}号")
_MONTHLY = re.compile(r"每月(\d{1,2})次?")


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


@dataclass(frozen=True)
class Order:
    """`/五个一 设` 后面几个词的意思；没说到的为空。"""

    quarter: Quarter
    names: tuple[str, ...]
    monthly: int | None
    document: str | None
    unit_name: str | None


def kind_of(name: str) -> Slot:
    """一件事用哪一类活动来算；名字里没有写明类别的，用“其他”类。"""
    return next((slot for slot in Slot if slot in name), Slot.OTHER)


def default_rule() -> Rule:
    """谁也没定时，照文件。"""
    return Rule(NAMES, MONTHLY, settings().organisation, DOCUMENT)


async def begun(quarter: Quarter) -> bool:
    """本机从哪一季起用五个一：有人定过，或有了第一场活动、第一条记录。之前的季度不适用。"""
    return (
        await FiveOnes.filter(quarter__lte=str(quarter)).exists()
        or await Activity.filter(created_at__lt=quarter.end).exists()
    )


async def rules_for(quarter: Quarter, paths: Collection[str]) -> dict[str, Rule]:
    """这些单位（`Unit.path`）各照哪一版；一次查完。"""
    rows = await FiveOnes.filter(quarter=str(quarter)).order_by("id").select_related("unit")
    return {path: _rule(path, rows) for path in paths}


def _rule(path: str, rows: Sequence[FiveOnes]) -> Rule:
    chain = [row for row in rows if path.startswith(row.unit.path or "-")]
    if not chain:
        return default_rule()
    newest = {row.unit.path or "": row for row in chain}  # 按 id 排的，后来的顶掉先来的
    current = newest[max(newest, key=len)]
    older = [*NAMES, *(name for row in chain if row.id < current.id for name in row.names)]
    kinds, kinds_before = {kind_of(name) for name in current.names}, {kind_of(name) for name in older}
    dropped = {kind_of(name): name for name in older if kind_of(name) not in kinds}
    return Rule(
        names=tuple(current.names),
        monthly=min(MONTHLY, *(row.monthly for row in newest.values())),
        issuer=current.issuer,
        document=current.document,
        unit=current.unit.name,
        set_at=current.set_at,
        dropped=tuple(dropped.values()),
        added=tuple(name for name in current.names if kind_of(name) not in kinds_before),
    )


def read(text: Sequence[str], *, at: datetime) -> Order:
    """`2026Q4 实事/团课/谈心/志愿/文体 [每月3次] [文号] [单位]`，词序随意。"""
    quarter, names, monthly, document, rest = Quarter.of(at), (), None, None, list[str]()
    for word in text:
        plain = unicodedata.normalize("NFKC", word)
        if re.fullmatch(r"\d{4}[Qq年].*|本季度|下季度", plain):
            quarter = Quarter.of(at).next if plain == "下季度" else Quarter.parse(plain, at=at)
        elif found := _MONTHLY.fullmatch(plain):
            monthly = int(found[1])
        elif _DOCUMENT.fullmatch(word):
            document = word
        elif re.search(r"[/、]", plain):
            names = tuple(words.mask(words.tidy(name)) for name in re.split(r"[/、]", plain) if name.strip())
        else:
            rest.append(plain)
    if not names or len(rest) > 1:
        raise Refusal(f"五件事用 / 隔开，例如：{EXAMPLE}（后面可以写 每月3次、文号、单位）")
    return Order(quarter, names, monthly, document, rest[0] if rest else None)


async def settle(by: Speaker, order: Order, *, at: datetime) -> tuple[FiveOnes, Rule]:
    """给一个单位定这一季的五件事，存成新的一版；要得比上级多的不收，记一笔。"""
    unit = await _unit(by, order.unit_name)
    if order.quarter < Quarter.of(at):
        raise Refusal(f"{order.quarter} 已经过去了，只能定本季和以后的。")
    path = unit.path or ""
    above = (await rules_for(order.quarter, [path[:-6]]))[path[:-6]]
    monthly = above.monthly if order.monthly is None else order.monthly
    if monthly > above.monthly or len(order.names) > len(NAMES):
        asked = f"{order.quarter} 每月 {monthly} 次，{len(order.names)} 件"
        await audits.record("five_ones.refuse", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=asked)
        raise Refusal(
            f"不能层层加码（{DOCUMENT} 七.4）：上面定的是每月 {above.monthly} 次、每季五件"
            f"（{above.issuer}，{above.document}），下面不能要得更多。"
        )
    _check(order.names, monthly)
    row = await FiveOnes.create(
        unit=unit,
        quarter=str(order.quarter),
        names=list(order.names),
        issuer=unit.name,
        document=order.document or DOCUMENT,
        monthly=monthly,
        set_by=by.person_id,
        set_at=at,
    )
    await audits.record("five_ones.set", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=row.quarter)
    return row, (await rules_for(order.quarter, [path]))[path]


def _check(names: Sequence[str], monthly: int) -> None:
    if len(names) != len(NAMES) or len(set(names)) != len(names):
        raise Refusal(f"要正好五件、各不相同，现在认出 {len(set(names))} 件。例如：{EXAMPLE}")
    if any(len(name) > NAME_MAX for name in names):
        raise Refusal(f"每件事的名字 {NAME_MAX} 个字以内。")
    if monthly < 1:
        raise Refusal("每月至少 1 次。")


async def _unit(by: Speaker, name: str | None) -> Unit:
    """要定的单位：写了就是它，没写就是自己管的那一个。"""
    if not by.is_admin:
        raise Refusal("五个一由单位管理员（组织部）来定。看自己的，发 /五个一")
    mine = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    if name is None and len(mine) != 1:
        raise Refusal(f"给哪个单位定？把单位全名写在后面，例如：{EXAMPLE} 示例大学团委")
    unit = await roster.find_unit(name) if name else await Unit.get(id=mine[0])
    if not by.administers(unit.path or ""):
        raise Refusal(f"你管不到{unit.name}，请那边或上级的管理员来定。")
    return unit
