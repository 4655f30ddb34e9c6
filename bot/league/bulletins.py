"""季度通报：先看草稿，发布一版就定住一版；更正另出一版，说明改了哪些。数字都由事实现算，发布之后事实再变也不改它。"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import (
    audits,
    bulletin_counts,
    bulletin_effects,
    bulletin_letters,
    bulletin_works,
    chains,
    notices,
    rankings,
    spans,
    wordings,
    words,
)
from bot.league import bulletin_tables as tables
from bot.league.bulletin_frames import Frame
from bot.league.bulletin_tables import OWN, Issue
from bot.league.errors import Refusal
from bot.league.periods import Quarter, local
from bot.league.roster import Speaker
from bot.league.spans import Span
from db.models import Bulletin, Group, GroupKind, Unit

#: 送到工作群的一张图：群的名额紧的话，两周之内排得上就送
POST_FOR = timedelta(days=14)
PUBLISHED = "bulletin.published"
EXAMPLE = "/通报 2026Q3"


class Action(StrEnum):
    """`/通报` 后面的一个词；什么也没写是看一看。"""

    LOOK = "预览"
    PUBLISH = "发布"
    CORRECT = "更正"
    FILES = "文件"


@dataclass(frozen=True)
class Order:
    """`/通报 某学院 2026Q3 更正 原因` 的意思；单位没写为空。"""

    action: Action
    quarter: Quarter
    unit_name: str = ""
    reason: str = ""


def read(said: Sequence[str], *, at: datetime) -> Order:
    """词序随意，只有“更正”后面全是原因；没写季度是刚过去的那一季。"""
    heads, reason = list(said), ""
    if Action.CORRECT in heads:
        place = heads.index(Action.CORRECT)
        heads, reason = heads[:place], " ".join(heads[place + 1 :])
    actions = [word for word in heads if word in set(Action)]
    rest = [word for word in heads if word not in actions]
    quarters = [word for word in rest if re.match(r"\d{4}(?![级届])|[本这上]个?季", word)]
    if len(quarters) > 1 or len(actions) + (Action.CORRECT in said) > 1:
        raise Refusal(f"一次说一季、一件事：看草稿发 {EXAMPLE}，后面加 发布、文件，或 更正 原因。")
    action = Action.CORRECT if Action.CORRECT in said else Action(actions[0]) if actions else Action.LOOK
    quarter = Quarter.parse(quarters[0], at=at) if quarters else Quarter.of(at).previous
    if quarter > Quarter.of(at):
        raise Refusal(f"{quarter} 还没到呢，看刚过去的一季发 /通报 {Quarter.of(at).previous}")
    return Order(action, quarter, "".join(word for word in rest if word not in quarters), reason)


async def unit_for(by: Speaker, name: str, *, example: str = EXAMPLE) -> Unit:
    """给哪个单位出通报：写了的，或自己管的最上一级；管不到的 `Refusal`。"""
    if not by.is_admin:
        raise Refusal("通报由单位管理员来看、来发布，发布了会送到工作群。")
    span = await spans.span_for(by, name, ask=example)
    unit = await Unit.get_or_none(path=span.path)
    if unit is None:
        raise Refusal(f"给哪个单位出通报？写上名字，例如：{example} 示例大学团委")
    return unit


async def look(unit: Unit, quarter: Quarter, *, at: datetime) -> Issue:
    """最新发布的一版，带上此刻再算会变的几处；还没发布就是草稿。"""
    draft = await draw_up(unit, quarter, at=at)
    row = await latest(unit, quarter)
    if row is None:
        return draft
    issue = issue_of(row)
    return replace(issue, moved=tuple(tables.changes(issue.tables, draft.tables)))


async def draw_up(unit: Unit, quarter: Quarter, *, at: datetime) -> Issue:
    """照此刻的事实起草；一种事实一条查询，不随人数变多。"""
    await rankings.refresh(at=at)
    until = min(at, quarter.end)
    below = await Unit.filter(parent_id=unit.id).order_by("path")
    names = {str(one.path): str(one.name) for one in below} | {str(unit.path): OWN}
    end_day = local(until - timedelta(microseconds=1)).date() + timedelta(days=1)
    frame = Frame(Span.of(unit), quarter, until, end_day, names)
    made = [
        await bulletin_counts.participation(frame),
        await bulletin_works.scores(frame),
        await bulletin_counts.interactions(frame),
        await bulletin_counts.activities(frame),
        await bulletin_works.five_ones(frame),
        await bulletin_works.works(frame),
        await bulletin_works.stays(frame),
        await bulletin_works.guided(frame),
        await bulletin_works.topics(frame),
        await bulletin_effects.wishes(frame),
        await bulletin_effects.voices(frame),
        await bulletin_effects.left_out(frame),
    ]
    root = await chains.root(quarter) if at >= quarter.end else None
    return Issue(str(unit.name), quarter, tuple(made), at, root=root.digest if root else "")


async def latest(unit: Unit, quarter: Quarter) -> Bulletin | None:
    """最新发布的一版。"""
    return await Bulletin.filter(unit_id=unit.id, quarter=str(quarter)).order_by("-version").first()


def issue_of(row: Bulletin) -> Issue:
    """发布了的一版，原样。"""
    quarter = Quarter(int(row.quarter[:4]), int(row.quarter[5]))
    return Issue(
        unit=row.name,
        quarter=quarter,
        tables=tuple(tables.load(row.figures)),
        at=row.published_at,
        version=row.version,
        reason=row.reason or "",
        changes=tuple(row.changes),
        digest=row.digest,
        root=row.root or "",
    )


async def publish(by: Speaker, unit: Unit, quarter: Quarter, *, at: datetime) -> tuple[Issue, int]:
    """发布第 1 版，返回它和送往几个工作群。"""
    if quarter >= Quarter.of(at):
        raise Refusal(f"{quarter} 还没结束，{quarter.end_day.month}月{quarter.end_day.day}日起才能发布。先看草稿吧。")
    if row := await latest(unit, quarter):
        raise Refusal(
            f"{unit.name} {quarter} 的通报已经发布过了（第 {row.version} 版）。"
            f"数字有错，发 /通报 {unit.name} {quarter} 更正 原因"
        )
    return await _issue(by, unit, await draw_up(unit, quarter, at=at), at=at)


async def correct(by: Speaker, unit: Unit, quarter: Quarter, reason: str, *, at: datetime) -> tuple[Issue, int]:
    """再出一版，说明改了哪些；数字没变就不用出。"""
    before = await latest(unit, quarter)
    if before is None:
        raise Refusal(f"{unit.name} {quarter} 的通报还没发布，没有可更正的。发布发 /通报 {unit.name} {quarter} 发布")
    reason = words.sentence(reason, example=f"/通报 {unit.name} {quarter} 更正 漏算了一个学院")
    reason = await wordings.allow(by, reason, subject=f"u{unit.id}", at=at)
    draft = await draw_up(unit, quarter, at=at)
    changed = tables.changes(issue_of(before).tables, draft.tables)
    if not changed:
        raise Refusal(f"现在再算一遍，和第 {before.version} 版一个数也不差，不用更正。")
    return await _issue(by, unit, draft, at=at, after=before.version, reason=reason, changes=changed)


async def _issue(
    by: Speaker,
    unit: Unit,
    draft: Issue,
    *,
    at: datetime,
    after: int = 0,
    reason: str = "",
    changes: Sequence[str] = (),
) -> tuple[Issue, int]:
    """存下一版，同一个事务里排好给各工作群的图：要么都有，要么都没有。"""
    figures = tables.dump(draft.tables)
    content = [draft.unit, str(draft.quarter), after + 1, figures, reason, list(changes), draft.root]
    try:
        async with in_transaction():
            row = await Bulletin.create(
                unit_id=unit.id,
                quarter=str(draft.quarter),
                version=after + 1,
                name=draft.unit,
                figures=figures,
                reason=reason or None,
                changes=list(changes),
                digest=digest(content),
                root=draft.root or None,
                published_by=by.person_id,
                published_at=at,
            )
            posted = await _post(unit, row, at=at)
            detail = f"{draft.quarter} 第 {row.version} 版"
            await audits.record("bulletin.publish", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    except IntegrityError:  # 两位管理员同一刻各发了一次
        raise Refusal(f"{unit.name} {draft.quarter} 的通报刚刚已经发布了，发 /通报 {draft.quarter} 看看。") from None
    return issue_of(row), posted


async def _post(unit: Unit, row: Bulletin, *, at: datetime) -> int:
    """给这个单位和下级的每个工作群排一张图；一个群一版只有一次。"""
    span = Span.of(unit)
    within = {"unit__path__gte": span.path, "unit__path__lt": span.path_end}
    groups = await Group.filter(kind=GroupKind.WORK, unbound_at=None, **within).order_by("id")
    text = bulletin_letters.twin(issue_of(row))
    rows = [
        notices.draft(
            PUBLISHED,
            period=f"{row.quarter}/u{unit.id}/v{row.version}",
            text=text,
            card=f"bulletin/{row.id}",
            at=at,
            group_id=group.id,
            expires_at=at + POST_FOR,
        )
        for group in groups
    ]
    await notices.post_all(rows)
    return len(rows)


def digest(content: object) -> str:
    """内容的 SHA-256：谁都能照着再算一遍。"""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
