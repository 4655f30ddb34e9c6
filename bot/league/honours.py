"""光荣榜与加油榜：说的都是单位（全团要讯2017第2期），由管理员看好了发布。光荣榜送到工作群，加油的话只说给那个单位自己。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import audits, boards, honour_letters, notices, rankings, shadows
from bot.league.boards import UnitRank
from bot.league.errors import Refusal
from bot.league.honour_gaps import Gap, gaps_of
from bot.league.honour_rolls import Entry, Issue, belongs, issue_of, latest
from bot.league.periods import Quarter, on
from bot.league.roster import Speaker
from bot.league.spans import Span, span_for
from db.models import Group, GroupKind, Role, RoleKind, Roll, RollKind, Unit

#: 送到工作群的，群的名额紧的话，两周之内排得上就送
POST_FOR = timedelta(days=14)
PUBLISHED, CHEER = "honour.published", "honour.cheer"


@dataclass(frozen=True)
class Draft:
    """此刻的一张榜。"""

    issue: Issue
    #: 各单位最该使劲的地方；只有加油榜有
    gaps: dict[str, Gap]
    #: 发布的话送到几个工作群；加油榜是几个单位有自己的管理员
    reaches: int
    #: 不足 5 人、没有中位数的单位，个
    hidden: int


async def draw_up(by: Speaker, kind: RollKind, unit: str, quarter: Quarter, *, at: datetime) -> Draft:
    """管理员看 `unit`（空为自己管的全部）下一级单位的榜；试算的、没有可比的 `Refusal`。"""
    if not by.is_admin:
        raise Refusal(f"{kind}由单位管理员来看、来发布。自己的分，私聊我发 /积分")
    span = await span_for(by, unit, ask=f"/{kind}")
    shadows.refuse_in(quarter)
    await rankings.refresh(at=at)
    ranked = [one for one in await boards.units(quarter, span) if one.path != span.path]
    if not ranked:
        raise Refusal(f"{span.name} {quarter} 下面没有可比的单位。自己单位的积分，发 /排名 看。")
    before = await latest(kind, span.path, until=quarter)
    entries = _entries(kind, ranked, {entry.path for entry in before.entries} if before else set())
    gaps = await gaps_of(quarter, [entry.path for entry in entries]) if kind is RollKind.EFFORT else {}
    reaches = len(await _work_groups(span)) if kind is RollKind.HONOUR else len(await _admins(entries))
    issue = Issue(kind, span.path, span.name, quarter, entries, at)
    return Draft(issue, gaps, reaches, sum(one.median is None for one in ranked))


def _entries(kind: RollKind, ranked: Sequence[UnitRank], before: set[str]) -> tuple[Entry, ...]:
    """光荣榜高的在前；加油榜照名册的次序，不排先后。"""
    found = [
        Entry(one.path, one.unit, one.size, one.median, fresh=one.path not in before)
        for one in ranked
        if one.median is not None and belongs(kind, one.median, was_on=one.path in before)
    ]
    return tuple(found if kind is RollKind.HONOUR else sorted(found, key=lambda one: one.path))


def ready_day(quarter: Quarter) -> date:
    """哪天起可以发布：季中。再早，分都没长起来，谁也不公道。"""
    return date(quarter.year, quarter.first_day.month + 1, 15)


async def publish(
    by: Speaker, kind: RollKind, unit: str, quarter: Quarter, *, at: datetime
) -> tuple[Issue, int, list[str]]:
    """定下一版并排好送出去；返回它、送到几处、还没有自己的管理员的单位。"""
    draft = await draw_up(by, kind, unit, quarter, at=at)
    issue = draft.issue
    if at < on(ready_day(quarter)):
        day = ready_day(quarter)
        raise Refusal(f"{quarter} 才开了个头，分还没长起来，{day.month}月{day.day}日起再发布。先看看发 /{kind}")
    if not issue.entries:
        raise Refusal(f"{quarter} {honour_letters.nobody(kind)}，没有可以发布的。")
    before = await latest(kind, issue.path, until=quarter)
    if before and before.quarter == quarter and before.same_as(issue):
        raise Refusal(f"和第 {before.version} 版一样的单位、一样的分，不用再发布。")
    version = before.version + 1 if before and before.quarter == quarter else 1
    return await _issue(by, draft, version, at=at)


async def _issue(by: Speaker, draft: Draft, version: int, *, at: datetime) -> tuple[Issue, int, list[str]]:
    """存下一版，同一个事务里排好要送的：要么都有，要么都没有。"""
    issue = draft.issue
    try:
        async with in_transaction():
            row = await Roll.create(
                kind=issue.kind,
                path=issue.path,
                name=issue.name,
                quarter=str(issue.quarter),
                version=version,
                entries=[entry.kept() for entry in issue.entries],
                published_at=at,
            )
            sent, unreached = await _send(row, draft, at=at)
            detail = f"{row.kind} {row.quarter} 第 {version} 版"
            await audits.record("honour.publish", subject=f"o{row.id}", at=at, actor_id=by.person_id, detail=detail)
    except IntegrityError:  # 两位管理员同一刻各发了一次
        raise Refusal(f"{issue.quarter} 的{issue.kind}刚刚已经发布了，发 /{issue.kind} 看看。") from None
    return issue_of(row), sent, unreached


async def _send(row: Roll, draft: Draft, *, at: datetime) -> tuple[int, list[str]]:
    issue, until = issue_of(row), at + POST_FOR
    period = f"{row.quarter}/o{row.id}"  # 一版一行；单位的 path 一深就放不下
    if row.kind is RollKind.HONOUR:
        text = honour_letters.twin(issue)
        groups = await _work_groups(Span(row.name, row.path, _end(row.path)))
        card = f"honour/{row.id}"
        rows = [
            notices.draft(PUBLISHED, period=period, text=text, card=card, at=at, group_id=group, expires_at=until)
            for group in groups
        ]
        await notices.post_all(rows)
        return len(rows), []
    admins = await _admins(issue.entries)
    rows = [
        notices.draft(
            CHEER,
            period=f"{period}/{place}",
            text=honour_letters.cheer(issue, entry, draft.gaps.get(entry.path)),
            at=at,
            person_id=person,
            expires_at=until,
        )
        for place, entry in enumerate(issue.entries, 1)
        for person in admins.get(entry.path, ())
    ]
    await notices.post_all(rows)
    return len(rows), [entry.unit for entry in issue.entries if entry.path not in admins]


async def _work_groups(span: Span) -> list[int]:
    within = {"unit__path__gte": span.path, "unit__path__lt": span.path_end}
    groups = await Group.filter(kind=GroupKind.WORK, unbound_at=None, **within).order_by("id").only("id")
    return [group.id for group in groups]


async def _admins(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """榜上的单位（path）→ 它自己的管理员（`Person.id`）；上级的不算，话是说给单位自己的。"""
    paths = [entry.path for entry in entries]
    found: dict[str, list[int]] = {}
    for role in await Role.filter(kind=RoleKind.ADMIN, unit__path__in=paths).order_by("id").select_related("unit"):
        found.setdefault(str(role.unit.path), []).append(role.person_id)
    return found


def _end(path: str) -> str:
    return Unit(path=path).path_end if path else "Z"
