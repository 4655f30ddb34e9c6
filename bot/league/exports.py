"""整份导出：关于说话的人，库里有的全部，可以写成 JSON。每张连着人的表都要有交代，由测试对照 docs/privacy.md 看住。"""

from datetime import datetime

from tortoise.expressions import Q

from bot.league import erasures, export_rows
from bot.league.export_rows import cell as _cell
from bot.league.export_rows import rows as _rows
from bot.league.roster import Speaker
from db.models import (
    Absence,
    Account,
    Audit,
    Cadre,
    CadrePast,
    Consent,
    Contact,
    ContactPast,
    ContactTag,
    Erasure,
    HandoverAsk,
    Interaction,
    MaterialConsent,
    Nomination,
    Notice,
    Participation,
    Person,
    Rating,
    RatingAsk,
    Role,
    Voice,
    VoiceEvent,
    Wish,
    WishAction,
    WishEvent,
    WishLane,
)

#: 里面有别人的话的通知：转给值守人的求助，青年确认时说的，别人的申诉
_OTHERS_WORDS = ("wish.crisis", "wish.crisis_again", "wish.confirmed", "eligibility.appealed")


async def everything(by: Speaker, *, at: datetime) -> dict[str, object]:
    """说话的人自己的全部记录，可以写成 JSON；键用中文，给人看。"""
    person_id = erasures.person_of(by)
    return {
        "导出时间": _cell(at),
        **await _himself(person_id),
        **await _contacts(person_id),
        **await _wishes_and_voices(person_id),
        **await _activities_and_ratings(person_id),
        **await export_rows.work_of(person_id),
        **await export_rows.checks_of(person_id),
        **await export_rows.good_things_of(person_id),
        **await _rest(person_id),
    }


async def _himself(person_id: int) -> dict[str, object]:
    person = await Person.get(id=person_id)
    return {
        "姓名": person.name,
        "建立时间": _cell(person.created_at),
        "账号": await _rows(Account.filter(person_id=person_id), 平台="scope", 账号="user_id"),
        "任职": await _rows(
            Cadre.filter(person_id=person_id), 单位="unit__name", 类别="kind", 开始="since", 离任="left_at"
        ),
        "从前的任职": await _rows(
            CadrePast.filter(cadre__person_id=person_id), 单位="unit__name", 类别="kind", 开始="since", 结束="until"
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
    }


async def _contacts(person_id: int) -> dict[str, object]:
    """联系、标签、交接与互动。"""
    contacts = Contact.filter(youth_id=person_id).select_related("cadre__person", "cadre__unit")
    return {
        "联系": await _rows(
            contacts,
            团干部="cadre__person__name",
            单位="cadre__unit__name",
            群号="group__group_id",
            状态="state",
            开始="since",
            结束="ended_at",
        ),
        "从前的联系": await _rows(
            ContactPast.filter(contact__youth_id=person_id),
            团干部="contact__cadre__person__name",
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
    }


async def _wishes_and_voices(person_id: int) -> dict[str, object]:
    return {
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
    }


async def _activities_and_ratings(person_id: int) -> dict[str, object]:
    return {
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
    }


async def _rest(person_id: int) -> dict[str, object]:
    """通知、请假、推荐、宣传的同意、删除与留痕。"""
    return {
        "给我的通知": await _rows(
            Notice.filter(person_id=person_id).exclude(kind__in=_OTHERS_WORDS),
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
