"""我的数据：关于一个人，库里有什么；整份导出。每张连着人的表都要有交代，由测试对照 docs/privacy.md 看住。"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from bot.league import erasures, export_rows, record_answers, subscriptions
from bot.league.export_rows import cell as _cell
from bot.league.export_rows import rows as _rows
from bot.league.record_answers import HeldRecord
from bot.league.roster import Speaker
from db.models import (
    Absence,
    Account,
    ActivityKind,
    Audit,
    Cadre,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Erasure,
    HandoverAsk,
    Interaction,
    MaterialConsent,
    Nomination,
    Notice,
    Opinion,
    Participation,
    PartState,
    Person,
    PushReply,
    Rating,
    RatingAsk,
    Role,
    Scope,
    Voice,
    VoiceEvent,
    Wish,
    WishAction,
    WishEvent,
    WishLane,
)


@dataclass(frozen=True)
class HeldContact:
    """一段联系关系里存了什么。"""

    cadre: str
    unit: str
    state: ContactState
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


async def export(by: Speaker, *, at: datetime) -> dict[str, object]:
    """说话的人自己的全部记录，可以写成 JSON；键用中文，给人看。"""
    person_id = erasures.person_of(by)
    person = await Person.get(id=person_id)
    contacts = Contact.filter(youth_id=person_id).select_related("cadre__person", "cadre__unit")
    return {
        "导出时间": _cell(at),
        "姓名": person.name,
        "建立时间": _cell(person.created_at),
        "账号": await _rows(Account.filter(person_id=person_id), 平台="scope", 账号="user_id"),
        "任职": await _rows(
            Cadre.filter(person_id=person_id), 单位="unit__name", 类别="kind", 开始="since", 离任="left_at"
        ),
        "职责": await _rows(Role.filter(person_id=person_id), 单位="unit__name", 职责="kind"),
        "同意": await _rows(
            Consent.filter(person_id=person_id),
            告知版本="version",
            群号="group__group_id",
            时间="given_at",
            结束="withdrawn_at",
            原因="reason",
        ),
        "联系": await _rows(
            contacts,
            团干部="cadre__person__name",
            单位="cadre__unit__name",
            群号="group__group_id",
            状态="state",
            开始="since",
            结束="ended_at",
        ),
        "标签": await _rows(
            ContactTag.filter(contact__youth_id=person_id), 谁贴的="contact__cadre__person__name", 标签="tag"
        ),
        "问我换联系人": await _rows(
            HandoverAsk.filter(youth_id=person_id),
            原来="handover__giver__person__name",
            新的="handover__taker__person__name",
            我的回答="state",
            时间="at",
        ),
        "互动": await _rows(
            Interaction.filter(youth_id=person_id),
            团干部="cadre__person__name",
            日期="day",
            我的条数="youth_messages",
            团干部的条数="cadre_messages",
            有效会话="sessions",
        ),
        "心愿": await _rows(
            Wish.filter(author_id=person_id),
            编号="id",
            内容="text",
            匿名="anonymous",
            状态="state",
            结局="ending",
            提交="submitted_at",
            结束="ended_at",
        ),
        "心愿经过": await _rows(
            # 值守人怎么处理的，不是写给本人的
            WishEvent.filter(~Q(kind=WishAction.FINISH, wish__lane=WishLane.CRISIS), wish__author_id=person_id),
            心愿="wish_id",
            步骤="kind",
            时间="at",
            说的话="note",
        ),
        "心声建议投诉": await _rows(
            Voice.filter(author_id=person_id),
            编号="id",
            种类="kind",
            内容="text",
            状态="state",
            提交="submitted_at",
            了结="ended_at",
        ),
        "心声经过": await _rows(
            VoiceEvent.filter(voice__author_id=person_id), 编号="voice_id", 步骤="kind", 时间="at", 说的话="note"
        ),
        "活动与记录": await _rows(
            Participation.filter(person_id=person_id),
            编号="activity_id",
            种类="activity__kind",
            名称="activity__title",
            类别="activity__slot",
            时间="activity__starts_at",
            谁办的="activity__organiser__person__name",
            内容="activity__note",
            我的状态="state",
        ),
        "评价": await _rows(
            Rating.filter(youth_id=person_id),
            季度="quarter",
            评的是谁="cadre__person__name",
            几分="stars",
            说的话="text",
            时间="given_at",
            第几回抽问="round__number",
        ),
        "请我评价": await _rows(
            RatingAsk.filter(youth_id=person_id), 季度="quarter", 评的是谁="cadre__person__name", 问了="asked_at"
        ),
        **await export_rows.work_of(person_id),
        **await export_rows.checks_of(person_id),
        **await export_rows.culture_of(person_id),
        "给我的通知": await _rows(
            # 转给值守人的求助是别人的话
            Notice.filter(person_id=person_id).exclude(kind__in=["wish.crisis", "wish.crisis_again"]),
            种类="kind",
            时间="created_at",
            内容="text",
            去向="state",
        ),
        "请假与静音": await _rows(
            Absence.filter(person_id=person_id), 种类="kind", 开始="since", 结束="until", 取消="cancelled_at"
        ),
        "推荐": await _rows(
            # 那位愿不愿意，不是他的数据
            Nomination.filter(author_id=person_id),
            年份="year",
            推荐了谁="cadre__person__name",
            事迹="text",
            时间="created_at",
        ),
        "同意用作宣传素材": await _rows(MaterialConsent.filter(person_id=person_id), 年份="year", 时间="given_at"),
        "推荐我的": await _rows(
            Nomination.filter(cadre__person_id=person_id), 年份="year", 事迹="text", 我的回话="state"
        ),
        "删除申请": await _rows(
            Erasure.filter(person_id=person_id), 申请="asked_at", 执行="due_at", 取消="cancelled_at"
        ),
        "操作留痕": await _rows(Audit.filter(subject=f"p{person_id}"), 时间="at", 操作="action", 说明="detail"),
    }
