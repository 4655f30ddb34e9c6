"""季报怎么成文：照事实起草，人来改，本单位管理员签发。签发的一版从此不动；退回改好再签，是新的一版。"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from bot.league import audits, report_drafts, report_facts, reports, words
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.report_drafts import NUMBER, Sentence
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import (
    Activity,
    Person,
    ReportPart,
    ReportState,
    ReportText,
    ReportVersion,
    RoleKind,
    Unit,
    UnitReport,
    Wish,
    WishLane,
)

#: 一部分至多几个字
PART_MAX = 1500
#: 体会和打算事实里没有，要人写过才签发（校青字〔2017〕10号 末段要的是经验与安排，不是数）
BY_HAND = (ReportPart.LESSONS, ReportPart.PLANS)


@dataclass(frozen=True)
class Section:
    """一部分。"""

    part: ReportPart
    text: str
    records: tuple[str, ...]
    #: 人改过
    by_hand: bool


@dataclass(frozen=True)
class Paper:
    """一份季报此刻的样子：没签发的是草稿，签发了的是冻结的那一版。"""

    unit: Unit
    quarter: Quarter
    state: ReportState
    #: 第几版；草稿为 0
    version: int
    sections: tuple[Section, ...]
    #: 报给谁：上一级单位
    above: str
    #: 退回的原因
    reason: str | None = None
    signer: str | None = None
    signed_at: datetime | None = None

    @property
    def wanting(self) -> tuple[ReportPart, ...]:
        """签发之前还要人写的。"""
        return tuple(one.part for one in self.sections if not one.by_hand and (one.part in BY_HAND or not one.text))

    @property
    def records(self) -> list[str]:
        """依据的全部编号，不重复。"""
        return list(dict.fromkeys(number for one in self.sections for number in one.records))


async def look(by: Speaker, unit: Unit, quarter: Quarter, *, at: datetime, version: int | None = None) -> Paper:
    """本单位管理员看草稿或最新一版；上级只看签发了的。"""
    reports.check_owes(unit, quarter, at=at)
    if not by.administers(unit.path or "-"):
        raise Refusal(f"{unit.name}的季报给它自己和上级的管理员看。")
    row = await UnitReport.get_or_none(unit=unit, quarter=str(quarter))
    if version is None and _runs(by, unit) and (row is None or row.state is not ReportState.SENT):
        return await _draft(unit, quarter, row, at=at)
    if row is None or not row.version:
        how = "是线下交的，团团这里没有全文" if row and row.state is ReportState.SENT else "还没签发，草稿先归它自己改"
        raise Refusal(f"{unit.name} {quarter} 的季报{how}。谁交了发 /季报 表")
    return await _signed(unit, quarter, row, version or row.version)


def _runs(by: Speaker, unit: Unit) -> bool:
    """是这个单位自己的管理员，不是上级的。"""
    return any(duty.kind is RoleKind.ADMIN and duty.unit_id == unit.id for duty in by.duties)


async def _draft(unit: Unit, quarter: Quarter, row: UnitReport | None, *, at: datetime) -> Paper:
    drafted = report_drafts.draft(await report_facts.gather(unit, quarter, at=at))
    edited = {one.part: one for one in await ReportText.filter(report_id=row.id)} if row else {}
    return Paper(
        unit=unit,
        quarter=quarter,
        state=row.state if row else ReportState.MISSING,
        version=0,
        sections=tuple(_section(part, drafted[part], edited.get(part)) for part in ReportPart),
        above=await _above(unit),
        reason=row.reason if row else None,
    )


async def _above(unit: Unit) -> str:
    parent = await Unit.get_or_none(id=unit.parent_id) if unit.parent_id else None
    return parent.name if parent else settings().organisation


def _section(part: ReportPart, drafted: tuple[Sentence, ...], edited: ReportText | None) -> Section:
    if edited:
        return Section(part, edited.text, tuple(NUMBER.findall(edited.text)), by_hand=True)
    records = tuple(number for sentence in drafted for number in sentence.records)
    return Section(part, "\n".join(map(str, drafted)), records, by_hand=False)


async def _signed(unit: Unit, quarter: Quarter, row: UnitReport, version: int) -> Paper:
    frozen = await ReportVersion.get_or_none(report_id=row.id, version=version)
    if frozen is None:
        raise Refusal(f"没有第 {version} 版，签发到第 {row.version} 版。")
    sections = (Section(part, frozen.texts[part], (), by_hand=True) for part in ReportPart)
    whole = Section(ReportPart.PLANS, frozen.texts[ReportPart.PLANS], tuple(frozen.records), by_hand=True)
    signer = await Person.get_or_none(id=frozen.by)
    return Paper(
        unit=unit,
        quarter=quarter,
        state=row.state if version == row.version else ReportState.RETURNED,
        version=version,
        sections=(*list(sections)[:-1], whole),
        above=await _above(unit),
        reason=row.reason if version == row.version else None,
        signer=signer.name if signer else None,
        signed_at=frozen.at,
    )


async def edit(
    by: Speaker, unit: Unit, quarter: Quarter, part: ReportPart, text: str, *, adding: bool, at: datetime
) -> Paper:
    """把一部分换成人写的，`adding` 是接在后面另起一行；提到的编号要是本单位的。"""
    said = words.mask(words.tidy(text))
    if not said:
        raise Refusal(f"{part}写什么？写在后面，例如：/季报 改 {part} 话（W12）")
    paper = await _to_edit(by, unit, quarter, at=at)
    if adding:
        before = next(one.text for one in paper.sections if one.part is part)
        said = f"{before}\n{said}".strip()
    if len(said) > PART_MAX:
        raise Refusal(f"{part}有点长（{len(said)} 字），请写到 {PART_MAX} 字以内。")
    if foreign := await _strangers(unit, NUMBER.findall(text)):
        raise Refusal(f"{'、'.join(foreign)} 不在{unit.name}名下，核对一下编号再发。")
    row = await reports.row_of(unit, quarter, at=at)
    async with in_transaction():
        await _hold(row)
        values = {"text": said, "by": by.person_id, "at": at}
        await ReportText.update_or_create(report_id=row.id, part=part, defaults=values)
    return await _draft(unit, quarter, row, at=at)


async def restore(by: Speaker, unit: Unit, quarter: Quarter, part: ReportPart, *, at: datetime) -> Paper:
    """不要人改的，回到照事实写的样子。"""
    await _to_edit(by, unit, quarter, at=at)
    row = await reports.row_of(unit, quarter, at=at)
    async with in_transaction():
        await _hold(row)
        await ReportText.filter(report_id=row.id, part=part).delete()
    return await _draft(unit, quarter, row, at=at)


async def sign(by: Speaker, unit: Unit, quarter: Quarter, *, at: datetime) -> Paper:
    """签发：此刻的四个部分冻成新的一版，状态成为已报。"""
    await _to_edit(by, unit, quarter, at=at)
    row = await reports.row_of(unit, quarter, at=at)
    async with in_transaction():
        await _hold(row)
        paper = await _draft(unit, quarter, row, at=at)
        if paper.wanting:
            asked = "、".join(paper.wanting)
            raise Refusal(f"{asked}还没有人写过，事实里没有的要你来写，例如：/季报 改 {paper.wanting[0]} 话")
        version = row.version + 1
        await reports.step(row, unit, ReportState.SENT, by=by, at=at, version=version)
        texts = {one.part.value: one.text for one in paper.sections}
        await ReportVersion.create(
            report_id=row.id, version=version, texts=texts, records=paper.records, by=by.person_id, at=at
        )
        detail = f"{quarter} 第 {version} 版"
        await audits.record("report.sign", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    return await _signed(unit, quarter, row, version)


async def _to_edit(by: Speaker, unit: Unit, quarter: Quarter, *, at: datetime) -> Paper:
    """能改的草稿；不是本单位管理员，或已经报了，就 `Refusal`。"""
    reports.check_owes(unit, quarter, at=at)
    if not _runs(by, unit):
        raise Refusal(f"{unit.name}的季报由它自己的管理员来改、来签发。")
    if await reports.state_of(unit.id, quarter) is ReportState.SENT:
        raise Refusal(f"{unit.name} {quarter} 的季报已经报了，不再改。要改请上级先退回。")
    row = await UnitReport.get_or_none(unit=unit, quarter=str(quarter))
    return await _draft(unit, quarter, row, at=at)


async def _hold(row: UnitReport) -> None:
    """锁住这一行；这一刻刚签发了就 `Refusal`。"""
    now = await UnitReport.select_for_update(no_key=True).get(id=row.id)
    if now.state is ReportState.SENT:
        raise Refusal("刚刚签发了，不再改。要改请上级先退回。")


async def _strangers(unit: Unit, said: list[str]) -> list[str]:
    """提到的活动、心愿里，不在这个单位名下的。"""
    within = {"unit__path__gte": unit.path, "unit__path__lt": unit.path_end}
    known = set[str]()
    for letter, rows in (("A", Activity.filter(**within)), ("W", Wish.filter(**within, lane=WishLane.WALL))):
        asked = [int(number[1:]) for number in said if number[0] == letter and int(number[1:]) < 2**31]
        known |= {f"{letter}{found}" for found in await rows.filter(id__in=asked).values_list("id", flat=True)}
    return [number for number in dict.fromkeys(said) if number[0] in "AW" and number not in known]
