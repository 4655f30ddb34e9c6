"""危机求助：有人说了伤害自己的话，马上告诉值守人。没有期限、不上墙、不计分。"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from tortoise.expressions import Q

from bot.league import audits, notices, roster
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.settings import settings
from db.models import Account, Scope, Wish, WishEvent, WishLane, WishState

LETTER, RING = "wish.crisis", "wish.crisis_again"
SEEN = "已经有人看过了"
#: 值守人一时联系不上，这句话也一直留着
WINDOW = timedelta(days=30)


async def is_duty(by: Speaker) -> bool:
    """值守人或超级管理员；用同一个人的另一个账号说话也算。"""
    listed = {account(name) for name in settings().duty}
    if by.superuser or (by.scope, by.user_id) in listed:
        return True
    if not listed or by.person_id is None:
        return False
    accounts = await Account.filter(person_id=by.person_id)
    return any((account.scope, account.user_id) in listed for account in accounts)


async def duty_people(at: datetime) -> list[int]:
    """该惊动的人（`Person.id`）：值守人；没设就是超级管理员。"""
    return await _people(settings().duty, at) or await superusers(at)


async def superusers(at: datetime) -> list[int]:
    """超级管理员（`Person.id`）。"""
    return await _people(sorted(settings().superusers), at)


async def _people(names: Iterable[str], at: datetime) -> list[int]:
    people = [await roster.ensure_person(*account(name), at=at) for name in names]
    return list(dict.fromkeys(person.id for person in people))


async def alert(wish: Wish, event: WishEvent, by: Speaker, text: str, *, place: str, at: datetime) -> bool:
    """马上告诉每位值守人，不等静默时段过去；`text` 是原话，号码也留着，好找到人。返回有没有人可告诉。"""
    who = f"本人选了匿名，账号没写在这里；要找到人时私聊我发 /值守 {wish.number}" if wish.anonymous else _who(by)
    letter = (
        f"【危机求助 {wish.number}】有人说了可能伤害自己的话，请马上联系。\n"
        f"{who}\n在哪里说的：{place}\n原话：{text}\n"
        f"要我给本人带话：/进展 {wish.number} 话\n处理好了：/办结 {wish.number} 怎么处理的"
    )
    told = await _tell(wish, event, letter, at=at)
    if not told:
        logging.getLogger("tuanbot").error("有危机求助 %s，却没有值守人也没有超级管理员可以告诉", wish.number)
    return bool(told)


async def withdrawn(wish: Wish, event: WishEvent) -> None:
    """本人撤回了求助；人还是要联系一下。"""
    await _tell(wish, event, f"{wish.number} 本人撤回了，仍请联系一下，确认平安。", at=event.at)


async def _tell(wish: Wish, event: WishEvent, letter: str, *, at: datetime) -> list[int]:
    people = await duty_people(at)
    for person_id in people:
        await notices.post(
            LETTER,
            period=f"{wish.number}/{event.id}",
            person_id=person_id,
            text=letter,
            at=at,
            expires_at=at + WINDOW,
            urgent=True,
        )
    return people


async def waiting(by: Speaker) -> list[Wish]:
    """还没办结的危机求助，早的在前；只给值守人。"""
    await _only_duty(by)
    rows = Wish.filter(lane=WishLane.CRISIS, state=WishState.OPEN)
    return await rows.order_by("submitted_at", "id").select_related("unit", "group")


async def reveal(by: Speaker, wish_id: int, *, at: datetime) -> tuple[Wish, list[Account]]:
    """一条危机求助和提的人的账号，匿名的也给；每看一次都留痕。"""
    await _only_duty(by)
    wish = await Wish.get_or_none(id=wish_id, lane=WishLane.CRISIS).select_related("unit", "group")
    if wish is None:
        raise Refusal(f"W{wish_id} 不是危机求助，或者没有这个编号。")
    if wish.state is WishState.OPEN:
        await Wish.filter(id=wish.id, answered_at=None).update(answered_at=at)
        await hush(wish)
    await audits.record("wish.reveal", subject=wish.number, at=at, actor_id=by.person_id, detail="值守人查看求助人账号")
    return wish, await Account.filter(person_id=wish.author_id).order_by("id") if wish.author_id else []


async def hush(wish: Wish) -> None:
    """有人看过了：还没送出去的催促不再送。"""
    await notices.withdraw(Q(kind=RING, period__startswith=f"{wish.number}/"), reason=SEEN)


async def _only_duty(by: Speaker) -> None:
    if not await is_duty(by):
        raise Refusal("这条命令是给值守人用的。")


def account(name: str) -> tuple[Scope, str]:
    """`qq:10001`，或没写平台的 `10001`（数字是 QQ）。"""
    scope, _, user_id = name.rpartition(":")
    if scope.lower() in set(Scope):
        return Scope(scope.lower()), user_id
    return (Scope.QQ if name.isdigit() else Scope.WECHAT), name


def _who(by: Speaker) -> str:
    return f"账号：{by.scope}:{by.user_id}{f'（{by.name}）' if by.name else ''}"
