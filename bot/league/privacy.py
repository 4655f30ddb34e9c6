"""我的数据：关于一个人，库里有什么，给他看的一页。整份导出见 `exports`。"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from bot.league import erasures, record_answers, subscriptions
from bot.league.record_answers import HeldRecord
from bot.league.roster import Speaker
from db.models import (
    Account,
    ActivityKind,
    Cadre,
    Consent,
    Contact,
    ContactState,
    Interaction,
    Nomination,
    Opinion,
    Participation,
    PartState,
    PushReply,
    Rating,
    Role,
    Scope,
    Voice,
    Wish,
)


@dataclass(frozen=True)
class HeldContact:
    """一段联系关系里存了什么。"""

    cadre: str
    unit: str
    state: ContactState
    #: 那位团干部离任了，联系着也没在记
    cadre_left: bool
    since: datetime
    #: 有往来的天数，天
    days: int
    #: 其中算有效互动的，天
    effective_days: int
    #: 那位团干部贴的标签
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Holdings:
    """关于一个人，库里有什么。"""

    name: str | None
    #: 在任的职务：单位与类别、职责
    posts: tuple[str, ...]
    #: (平台, 打了码的账号)
    accounts: tuple[tuple[Scope, str], ...]
    joined_at: datetime | None
    contacts: tuple[HeldContact, ...]
    wishes: int
    #: 说过的心声、建议、投诉，条
    voices: int
    #: 报名、到场过几场活动
    activities: int
    #: 推荐过几位团干部参加最美青春故事，位
    nominations: int
    #: 给联系团干部的评价，份
    ratings: int
    #: 对好物说过的看法，条
    opinions: int
    #: 在群里回复过的推送，条
    push_replies: int
    #: 订着的标签
    subscriptions: tuple[str, ...]
    #: 写着他的记录，新的在前
    records: tuple[HeldRecord, ...]
    #: 排着的删除，到这时执行
    erasing_at: datetime | None


def mask(user_id: str) -> str:
    """账号只露头尾：`12345678` → `12****78`。"""
    if len(user_id) <= 4:
        return user_id[:1] + "**"
    return f"{user_id[:2]}****{user_id[-2:]}"


async def holdings(by: Speaker) -> Holdings:
    """说话的人自己的那一份；什么都没有就 `Refusal`。"""
    person_id = erasures.person_of(by)
    accounts = await Account.filter(person_id=person_id).order_by("id")
    consent = await Consent.filter(person_id=person_id, withdrawn_at=None).order_by("given_at").first()
    erasure = await erasures.pending(person_id)
    return Holdings(
        name=by.name,
        posts=tuple(await _posts(person_id)),
        accounts=tuple((account.scope, mask(account.user_id)) for account in accounts),
        joined_at=consent.given_at if consent else None,
        contacts=tuple(await _held_contacts(person_id)),
        wishes=await Wish.filter(author_id=person_id).count(),
        voices=await Voice.filter(author_id=person_id).count(),
        activities=await Participation.filter(
            person_id=person_id, activity__kind=ActivityKind.ACTIVITY, state__not=PartState.LEFT
        ).count(),
        nominations=await Nomination.filter(author_id=person_id).count(),
        ratings=await Rating.filter(youth_id=person_id).count(),
        opinions=await Opinion.filter(person_id=person_id).count(),
        push_replies=await PushReply.filter(person_id=person_id).count(),
        subscriptions=tuple(await subscriptions.mine(by)),
        records=tuple(await record_answers.about(person_id)),
        erasing_at=erasure.due_at if erasure else None,
    )


async def _posts(person_id: int) -> list[str]:
    cadres = await Cadre.filter(person_id=person_id, left_at=None).values_list("unit__name", "kind")
    roles = await Role.filter(person_id=person_id).order_by("id").values_list("unit__name", "kind")
    return [f"{unit} {kind}" for unit, kind in (*cadres, *roles)]


async def _held_contacts(person_id: int) -> list[HeldContact]:
    days = await _day_counts(Interaction.filter(youth_id=person_id))
    effective = await _day_counts(Interaction.filter(youth_id=person_id, sessions__gt=0))
    rows = Contact.filter(youth_id=person_id).select_related("cadre__person", "cadre__unit").prefetch_related("tags")
    return [
        HeldContact(
            cadre=row.cadre.person.name or "团干部",
            unit=row.cadre.unit.name,
            state=row.state,
            cadre_left=row.cadre.left_at is not None,
            since=row.since,
            days=days.get(row.cadre_id, 0),
            effective_days=effective.get(row.cadre_id, 0),
            tags=tuple(tag.tag for tag in row.tags),
        )
        for row in await rows.order_by("id")
    ]


async def _day_counts(rows: QuerySet[Interaction]) -> dict[int, int]:
    counted = rows.annotate(days=Count("id")).group_by("cadre_id").values_list("cadre_id", "days")
    return {int(cadre): int(days) for cadre, days in await counted}
