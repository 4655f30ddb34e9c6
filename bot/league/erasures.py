"""删除我的数据：24 小时冷静期之后，抹掉这个人，只留连不回任何人的计数。"""

from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import (
    activity_signups,
    audits,
    callings,
    chains,
    check_cases,
    consents,
    eligibilities,
    good_things,
    material_consents,
    nominations,
    notices,
    ratings,
    records,
    replies,
    roster,
    stays,
    studies,
    voices,
    wishes,
)
from bot.league.consents import ConsentEnd
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import (
    Absence,
    Account,
    BindCode,
    Cadre,
    Consent,
    Contact,
    ContactTag,
    Erasure,
    HandoverAsk,
    Notice,
    Person,
    Role,
    Subscription,
    TagChange,
    Wish,
    WishEvent,
)

#: 产品说明第 2 节：删除前有 24 小时冷静期
COOLING_OFF = timedelta(hours=24)
#: 一次定时检查最多删几位，其余的下一分钟再说
BATCH = 100


def person_of(by: Speaker) -> int:
    """说话的人在库里的号；不认识就 `Refusal`。"""
    if by.person_id is None:
        raise Refusal("我这里没有任何关于你的记录。")
    return by.person_id


async def ask(by: Speaker, *, at: datetime) -> datetime:
    """申请删除，返回执行的时刻；已经申请过就返回原来那个时刻。"""
    person_id = person_of(by)
    if by.is_cadre or by.duties:
        raise Refusal("你还在名册上任职，先请管理员发 /任命 @你 离任，再来删除。")
    if waiting := await pending(person_id):
        return waiting.due_at
    await Erasure.create(person_id=person_id, asked_at=at, due_at=at + COOLING_OFF)
    return at + COOLING_OFF


async def cancel(by: Speaker, *, at: datetime) -> bool:
    """取消删除；本来就没有排着的返回否。"""
    if by.person_id is None:
        return False
    mine = Erasure.filter(person_id=by.person_id, done_at=None, cancelled_at=None)
    return bool(await mine.update(cancelled_at=at))


async def pending(person_id: int) -> Erasure | None:
    """排着的那次删除。"""
    return await Erasure.filter(person_id=person_id, done_at=None, cancelled_at=None).order_by("id").first()


async def erase_due(at: datetime) -> int:
    """执行到期的删除，返回删了几位；一位出错不耽误别的，最后一并抛出。"""
    done, failed = 0, list[Exception]()
    for erasure in await Erasure.filter(done_at=None, cancelled_at=None, due_at__lte=at).order_by("id").limit(BATCH):
        try:
            done += await _carry_out(erasure, at=at)
        except Exception as error:
            failed.append(error)
    roster.touch()
    if failed:
        raise ExceptionGroup("有删除没做成，下一分钟再试", failed)
    return done


async def _carry_out(erasure: Erasure, *, at: datetime) -> bool:
    """删一位；这期间又任了职的不删，告诉他为什么。"""
    async with in_transaction():
        mine = Erasure.filter(id=erasure.id, done_at=None, cancelled_at=None)
        if await _in_office(erasure.person_id):
            if await mine.update(cancelled_at=at):
                await _explain(erasure, at=at)
            return False
        if not await mine.update(done_at=at):
            return False
        await erase(erasure.person_id, at=at)
    return True


async def _in_office(person_id: int) -> bool:
    return await Cadre.exists(person_id=person_id, left_at=None) or await Role.exists(person_id=person_id)


async def _explain(erasure: Erasure, *, at: datetime) -> None:
    text = "你申请删除数据之后又在名册上任了职，这次没有删。离任以后再发 /删除我的数据 就行。"
    await notices.post("person.kept", period=f"e{erasure.id}", person_id=erasure.person_id, text=text, at=at)


async def erase(person_id: int, *, at: datetime) -> None:
    """抹掉一个人：账号、姓名、标签、心愿与心声的内容都没有了，只剩连不回任何人的计数。要在事务里调用。"""
    numbers = [f"W{wish_id}/" for wish_id in await Wish.filter(author_id=person_id).values_list("id", flat=True)]
    await callings.unname(person_id)
    await consents.end_for(person_id, ConsentEnd.ERASED, at=at)
    await wishes.erase_author(person_id, at=at)
    await WishEvent.filter(by_id=person_id).update(by_id=None)
    await voices.erase_author(person_id, at=at)
    await activity_signups.leave_all(person_id, at=at)
    await records.erase_words_about(person_id)
    await nominations.erase(person_id)
    await material_consents.erase(person_id)
    await eligibilities.erase_words_of(person_id)
    await ratings.erase_words(person_id)
    await check_cases.erase(person_id, at=at)
    await chains.forget(person_id)
    await stays.erase_words_of(person_id)
    await studies.erase_words_of(person_id)
    await good_things.erase(person_id)
    await replies.erase(person_id)
    await Subscription.filter(person_id=person_id).delete()
    for number in numbers:  # 说给别人听的话里也可能带着他的原话；还没送到值守人的除外
        await Notice.filter(period__startswith=number, state__in=notices.OVER).update(text=None)
        await Notice.filter(period__startswith=number, kind="wish.confirmed").exclude(state__in=notices.OVER).delete()
    await Notice.filter(person_id=person_id).delete()
    await ContactTag.filter(contact__youth_id=person_id).delete()
    await TagChange.filter(contact__youth_id=person_id).delete()
    await HandoverAsk.filter(youth_id=person_id).delete()
    await Contact.filter(youth_id=person_id).update(group_id=None)
    await Consent.filter(person_id=person_id).update(group_id=None)
    await BindCode.filter(person_id=person_id).delete()
    await Absence.filter(person_id=person_id).delete()
    await Account.filter(person_id=person_id).delete()
    await Person.filter(id=person_id).update(name=None, erased_at=at)
    await audits.record("person.erase", subject=f"p{person_id}", at=at)
