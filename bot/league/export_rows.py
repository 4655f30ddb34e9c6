"""整份导出里的行：键用中文，给人看；和团干部自己下基层、指导、课题的那几段。"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from tortoise import Model
from tortoise.queryset import QuerySet

from bot.league.periods import local
from db.models import (
    Eligibility,
    Guidance,
    GuidanceTick,
    Opinion,
    PushReply,
    SpotCheck,
    StayVersion,
    Study,
    StudyEvent,
    Subscription,
)

M = TypeVar("M", bound=Model)

#: 导出文件里的一格
Cell = str | int | bool | None


async def good_things_of(person_id: int) -> dict[str, object]:
    """对好物的看法、回复过的推送（没有文字）、订着的标签。"""
    return {
        "对好物的看法": await rows(
            Opinion.filter(person_id=person_id),
            编号="push_id",
            标题="push__title",
            有用="useful",
            说的话="words",
            时间="said_at",
        ),
        "回复过的推送": await rows(
            PushReply.filter(person_id=person_id), 编号="push_id", 标题="push__title", 几条="messages"
        ),
        "订阅": await rows(Subscription.filter(person_id=person_id), 标签="tag"),
    }


async def work_of(person_id: int) -> dict[str, object]:
    """团干部自己的下基层、学习教育指导、课题、参评。"""
    return {
        "下基层": await rows(
            StayVersion.filter(stay__cadre__person_id=person_id),
            编号="stay_id",
            第几版="version",
            时间="at",
            地点="place",
            第一天="first_day",
            天数="days",
            算哪几项="schemes",
            见了多少人="people",
            原因="reason",
            状态="state",
        ),
        "学习教育指导": await rows(
            Guidance.filter(cadre__person_id=person_id), 年份="year", 单位="unit__name", 开始="since"
        ),
        "学习教育五项": await rows(
            GuidanceTick.filter(guidance__cadre__person_id=person_id),
            单位="guidance__unit__name",
            项目="item",
            日期="day",
            到了多少人="people",
        ),
        "课题": await rows(
            Study.filter(cadre__person_id=person_id), 年份="year", 题目="title", 状态="state", 定题="settled_at"
        ),
        "课题经过": await rows(
            StudyEvent.filter(study__cadre__person_id=person_id),
            年份="study__year",
            步骤="action",
            时间="at",
            说的话="note",
        ),
        "参评": await rows(
            Eligibility.filter(cadre__person_id=person_id),
            年份="year",
            状态="state",
            理由="reason",
            什么时候定的="decided_at",
            我的申诉="appeal",
        ),
    }


async def checks_of(person_id: int) -> dict[str, object]:
    """问过他的抽查，和他自己的案；没问到的备选、案子问了谁，都不在里面。"""
    return {
        "问过我的抽查": await rows(
            SpotCheck.filter(youth_id=person_id, asked_at__isnull=False), 编号="id", 问了="asked_at", 我的回答="answer"
        ),
        "我的案": await rows(
            SpotCheck.filter(cadre__person_id=person_id, opened_at__isnull=False),
            编号="id",
            种类="kind",
            状态="state",
            开案="opened_at",
            我的说明="explanation",
            裁定的理由="ruling",
        ),
    }


async def rows(query: QuerySet[M], **columns: str) -> list[dict[str, Cell]]:
    """按 id 次序取几列；键是给人看的列名。"""
    found: Iterable[Sequence[object]] = await query.order_by("id").values_list(*columns.values())
    return [dict(zip(columns, map(cell, row), strict=True)) for row in found]


def cell(value: object) -> Cell:
    """一个值写成 JSON 里的样子；时间是本地时间。"""
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="seconds")
    return value if value is None or isinstance(value, (bool, int)) else str(value)
