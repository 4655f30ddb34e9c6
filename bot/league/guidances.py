"""学习教育指导：一年指导一个团总支、参加一个团支部，五项做了一项勾一项；3 月到 9 月。"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from tortoise.transactions import in_transaction

from bot.league import roster, words
from bot.league.belated import check_belated, split_reason
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from bot.league.spans import Span
from bot.league.stay_orders import PEOPLE, day_in
from db.models import EvidenceGrade, Guidance, GuidanceItem, GuidanceTick, Unit, UnitKind

#: 学习教育从 3 月到 9 月（产品说明第 6 节的学习教育指导；首尾的月份都算）
FIRST_MONTH, LAST_MONTH = 3, 9
#: 指导团总支，参加团支部
KINDS = {UnitKind.BRANCH_COMMITTEE: "指导", UnitKind.BRANCH: "参加"}
#: 到了多少人，再多多半是写错了
PEOPLE_MAX = 10_000

EXAMPLE = "/指导 软件学院团总支 组织生活会"


@dataclass(frozen=True)
class Line:
    """`/指导` 后面的话；没说到的为空。"""

    unit: str
    item: GuidanceItem | None
    day: date | None
    people: int | None
    reason: str


@dataclass(frozen=True)
class Sheet:
    """一位团干部的一张单子：哪个单位，勾了哪几项。"""

    unit: str
    kind: UnitKind
    ticks: dict[GuidanceItem, GuidanceTick]


@dataclass(frozen=True)
class Covered:
    """一个团总支或团支部：几个人在指导，五项里各项最好的证据等级。"""

    unit: str
    path: str
    kind: UnitKind
    #: 谁在指导
    guides: tuple[str, ...]
    items: dict[GuidanceItem, EvidenceGrade]


def read(said: Sequence[str], *, at: datetime) -> Line:
    """`软件学院团总支 组织生活会 5月3日 18人 原因：…`；单位写在前面。"""
    text, reason = split_reason(" ".join(said))
    unit, item, day, people = "", None, None, None
    for word in text.split():
        if not unit:
            unit = words.tidy(word)
        elif counted := PEOPLE.fullmatch(word):
            people = int(counted[1])
        elif found := day_in(word, at=at):
            day = found
        elif item is None:
            item = _item(word)
        else:
            raise Refusal(f"没看懂“{word[:12]}”。一次勾一项，例如：{EXAMPLE} 5月3日 18人")
    if not unit:
        raise Refusal(f"指导哪个单位？例如：{EXAMPLE}")
    if people is not None and not 1 <= people <= PEOPLE_MAX:
        raise Refusal("到了多少人，写个实在的数，例如：18人")
    return Line(unit, item, day, people, reason)


def _item(word: str) -> GuidanceItem:
    """五项里的哪一项；写一部分也认，像的提醒一句。"""
    part = [item for item in GuidanceItem if word in item or item in word] if len(word) > 1 else []
    if len(part) == 1:
        return part[0]
    near = part or get_close_matches(word, list(GuidanceItem), n=2, cutoff=0.4)
    hint = f"是不是 {' 或 '.join(near)}？" if near else ""
    raise Refusal(f"没有“{word[:12]}”这一项。{hint}五项是：{'、'.join(GuidanceItem)}。")


async def take(by: Speaker, line: Line, *, at: datetime) -> Sheet:
    """定下指导哪个单位，写了项目就勾上；已经勾过别的单位的不能换。"""
    unit, day = await _checked(line, at=at)
    async with _holding(by, unit, day.year, at=at) as guidance:
        if line.item:
            grade = EvidenceGrade.L1 if line.people else EvidenceGrade.L0
            tick, fresh = await GuidanceTick.get_or_create(
                guidance_id=guidance.id,
                item=line.item,
                defaults={"day": day, "people": line.people, "grade": grade, "at": at},
            )
            if not fresh:
                undo = f"/指导 撤回 {unit.name} {line.item}"
                raise Refusal(f"{line.item}已经勾过了（{tick.day.month}月{tick.day.day}日）。勾错了发 {undo}")
    return await _sheet(guidance, unit)


async def untick(by: Speaker, line: Line, *, at: datetime) -> Sheet:
    """撤回勾错的一项。"""
    cadre_id, _ = by.office()
    unit = await roster.find_unit(line.unit)
    if line.item is None:
        raise Refusal(f"撤回哪一项？例如：/指导 撤回 {unit.name} 组织生活会")
    year = (line.day or local(at).date()).year
    guidance = await Guidance.get_or_none(cadre_id=cadre_id, unit_id=unit.id, year=year)
    gone = await GuidanceTick.filter(guidance_id=guidance.id, item=line.item).delete() if guidance else 0
    if guidance is None or not gone:
        raise Refusal(f"{unit.name}的{line.item}本来就没勾，不用撤回。")
    return await _sheet(guidance, unit)


async def _checked(line: Line, *, at: datetime) -> tuple[Unit, date]:
    today = local(at).date()
    day = line.day or today
    unit = await roster.find_unit(line.unit)
    if unit.kind not in KINDS:
        raise Refusal(f"学习教育指导到团总支、团支部，{unit.name}是“{unit.kind}”一级的。例如：{EXAMPLE}")
    if not FIRST_MONTH <= day.month <= LAST_MONTH:
        late = f"早些时候做的，补上日子和原因：{EXAMPLE} 9月20日 原因：出差刚回来" if today.month > LAST_MONTH else ""
        raise Refusal(f"学习教育是 {FIRST_MONTH} 月到 {LAST_MONTH} 月的事，{day.month}月{day.day}日不在里面。{late}")
    if day > today:
        raise Refusal("还没到那一天，做了再勾。")
    check_belated(day, line.reason, today=today)
    return unit, day


@asynccontextmanager
async def _holding(by: Speaker, unit: Unit, year: int, *, at: datetime) -> AsyncIterator[Guidance]:
    """锁住他这一年的这一个；还没有就定下，一项没勾的可以换单位。"""
    cadre_id, _ = by.office()
    key = {"cadre_id": cadre_id, "year": year, "kind": unit.kind}
    await Guidance.get_or_create(**key, defaults={"unit_id": unit.id, "since": at})
    async with in_transaction():
        guidance = await Guidance.select_for_update(no_key=True).get(**key)
        if guidance.unit_id != unit.id:
            if await GuidanceTick.exists(guidance_id=guidance.id):
                old = await Unit.get(id=guidance.unit_id)
                raise Refusal(
                    f"{year} 年你{KINDS[unit.kind]}的是{old.name}，一人一年一个{unit.kind}。"
                    f"弄错了先把勾的撤回：/指导 撤回 {old.name} 组织生活会"
                )
            guidance.unit_id, guidance.since = unit.id, at
            await guidance.save(update_fields=["unit_id", "since"])
        yield guidance


async def _sheet(guidance: Guidance, unit: Unit) -> Sheet:
    ticks = await GuidanceTick.filter(guidance_id=guidance.id)
    return Sheet(unit.name, unit.kind, {tick.item: tick for tick in ticks})


async def sheets_of(cadre_id: int, year: int) -> list[Sheet]:
    """某位团干部这一年的单子：团总支在前。"""
    rows = await Guidance.filter(cadre_id=cadre_id, year=year).select_related("unit").prefetch_related("ticks")
    sheets = [Sheet(row.unit.name, row.kind, {tick.item: tick for tick in row.ticks}) for row in rows]
    return sorted(sheets, key=lambda sheet: list(KINDS).index(sheet.kind))


async def coverage(span: Span, year: int) -> list[Covered]:
    """`span` 里的每个团总支、团支部，没人指导的也在；按单位树的次序。通报照这个汇总。"""
    units = await Unit.filter(path__gte=span.path, path__lt=span.path_end, kind__in=list(KINDS)).order_by("path")
    inside = Guidance.filter(year=year, unit__path__gte=span.path, unit__path__lt=span.path_end)
    rows = await inside.order_by("id").select_related("cadre__person").prefetch_related("ticks")
    guided: dict[int, list[Guidance]] = {}
    for row in rows:
        guided.setdefault(row.unit_id, []).append(row)
    return [_covered(unit, guided.get(unit.id, [])) for unit in units]


def _covered(unit: Unit, rows: Sequence[Guidance]) -> Covered:
    items: dict[GuidanceItem, EvidenceGrade] = {}
    for tick in sorted((tick for row in rows for tick in row.ticks), key=lambda tick: tick.grade):
        items[tick.item] = tick.grade  # 几个人都勾了的，取证据好的
    guides = tuple(row.cadre.person.name or "（没写姓名）" for row in rows)
    return Covered(unit.name, unit.path or "", unit.kind, guides, items)
