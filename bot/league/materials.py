"""宣传部用的素材：只有办成了的事和本人点了头的话。团干部同意了才写姓名，青年从不写姓名，私密的事一概不收。"""

from dataclasses import dataclass
from datetime import date, datetime

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from bot.league import audits, five_ones, units, words
from bot.league.boards import Span
from bot.league.campaigns import WORKS
from bot.league.errors import Refusal
from bot.league.periods import local, on
from bot.league.quantities import SHOWN_FROM
from bot.league.roster import Speaker
from db.models import (
    Activity,
    ActivityKind,
    EvidenceGrade,
    MaterialConsent,
    Nomination,
    NominationState,
    Participation,
    PartState,
    Unit,
    Wish,
    WishEnding,
    WishLane,
)

EXAMPLE = "/素材 2026 甲学院团总支"


@dataclass(frozen=True)
class Event:
    """一场活动；不足 5 人的不写人数。"""

    number: str
    title: str
    day: date
    place: str | None
    unit: str
    people: int | None


@dataclass(frozen=True)
class Story:
    """一位同意写上姓名的团干部，和写的人也同意用的那几段。"""

    cadre: str
    unit: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """一个单位（连同下级）一年的素材。"""

    unit: Unit
    year: int
    events: tuple[Event, ...]
    stories: tuple[Story, ...]
    #: 青年确认办成的心愿（墙上的）的编号
    granted: tuple[str, ...]
    #: 其中本人同意用的原话
    wishes: tuple[str, ...]


async def pack(by: Speaker, unit_name: str | None, year: int | None, *, at: datetime) -> Pack:
    """管理员取管得到的一个单位一年的素材；取一次留一次痕。"""
    if not by.is_admin:
        raise Refusal("素材给单位管理员（宣传部）取。愿意让素材里用你的话或姓名，发 /素材 同意")
    unit = await units.governed(by, unit_name, example=EXAMPLE)
    year = year or local(at).year
    if year > local(at).year:
        raise Refusal(f"{year} 年还没到呢，现在是 {local(at).year} 年。")
    await audits.record("material.pack", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=str(year))
    agreed = {int(str(one)) for one in await MaterialConsent.filter(year=year).values_list("person_id", flat=True)}
    granted = await _granted(Span.of(unit), year)
    quoted = [wish for wish in granted if wish.author_id in agreed and not wish.anonymous]
    return Pack(
        unit=unit,
        year=year,
        events=tuple(await _events(Span.of(unit), year, at=at)),
        stories=tuple(await _stories(Span.of(unit), year, agreed)),
        granted=tuple(wish.number for wish in granted),
        wishes=tuple(wish.text for wish in quoted if wish.text and _is_open(wish.text)),
    )


def _is_open(text: str) -> bool:
    """不是困难、就医、钱，更不是求助：这些一概不进素材。"""
    return words.lane_of(text) is WishLane.WALL


async def _granted(span: Span, year: int) -> list[Wish]:
    rows = Wish.filter(lane=WishLane.WALL, ending=WishEnding.FULFILLED)
    rows = rows.filter(unit__path__gte=span.path, unit__path__lt=span.path_end)
    return await rows.filter(ended_at__gte=on(date(year, 1, 1)), ended_at__lt=on(date(year + 1, 1, 1))).order_by("id")


async def _events(span: Span, year: int, *, at: datetime) -> list[Event]:
    """青年确认过的活动；那几项里有难处的工作不收，名字里带难处的也不收。"""
    found = _held(span, year, at).exclude(grade__in=(EvidenceGrade.L0, EvidenceGrade.L1))
    rows = await found.order_by("starts_at", "id").select_related("unit")
    there = Participation.filter(activity_id__in=[row.id for row in rows])
    there = there.filter(state__in=(PartState.ARRIVED, PartState.CONFIRMED))
    came = dict(await there.annotate(count=Count("id")).group_by("activity_id").values_list("activity_id", "count"))
    return [
        Event(
            number=row.number,
            title=row.title or row.slot,
            day=local(row.starts_at).date(),
            place=row.place,
            unit=row.unit.name,
            people=people if (people := came.get(row.id, 0)) >= SHOWN_FROM else None,
        )
        for row in rows
        if not (row.campaign and WORKS[row.campaign].hushed) and _is_open(f"{row.title or ''}，{row.place or ''}")
    ]


def _held(span: Span, year: int, at: datetime) -> QuerySet[Activity]:
    rows = Activity.filter(five_ones.HELD, kind=ActivityKind.ACTIVITY)
    rows = rows.filter(unit__path__gte=span.path, unit__path__lt=span.path_end)
    return rows.filter(starts_at__gte=on(date(year, 1, 1)), starts_at__lt=min(at, on(date(year + 1, 1, 1))))


async def _stories(span: Span, year: int, agreed: set[int]) -> list[Story]:
    """评审点头不等于宣传点头：团干部两样都同意了才有名字，写的青年也同意了才用那段话。"""
    rows = Nomination.filter(year=year, state=NominationState.AGREED)
    rows = rows.filter(cadre__unit__path__gte=span.path, cadre__unit__path__lt=span.path_end)
    found: dict[int, tuple[str, str, list[str]]] = {}
    for row in await rows.order_by("cadre__unit__path", "cadre_id", "id").select_related(
        "cadre__person", "cadre__unit"
    ):
        if row.cadre.person_id not in agreed or not row.cadre.person.name:
            continue
        _, _, texts = found.setdefault(row.cadre_id, (row.cadre.person.name, row.cadre.unit.name, []))
        if row.author_id in agreed and _is_open(row.text):
            texts.append(row.text)
    return [Story(name, unit, tuple(texts)) for name, unit, texts in found.values()]
