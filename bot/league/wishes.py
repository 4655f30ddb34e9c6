"""微心愿的青年一边：提、回话、撤回、查看。团干部一边见 `wish_claims`，流程见 `wish_steps`，期限见 `wish_deadlines`。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import crises, crisis_rings, homes, roster, wish_letters, wish_sights, words
from bot.league.crisis_rings import Told
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.league.wish_steps import advance, holding
from db.models import (
    Cadre,
    Group,
    Person,
    Wish,
    WishAction,
    WishEnding,
    WishEvent,
    WishLane,
    WishState,
)

#: 产品说明第 5 节：24 小时内说过的一样的心愿不再收
REPEAT_WINDOW = timedelta(hours=24)


_HOMELESS_PRIVATE = "我还不认识你在哪个群。请到你们的青年群里发 /心愿，或先在群里 /加入，之后私聊我也行。"
_HOMELESS_GROUP = "本群没有联系团干部，我不知道该把心愿交给谁。请到你们的青年群里说，或请团干部先在本群发 /绑定本群。"

#: 给提交人看的回音
_REPLIES = (WishAction.PROGRESS, WishAction.FINISH, WishAction.EXPLAIN)


@dataclass(frozen=True)
class Submission:
    """收下的一条心愿。"""

    wish: Wish
    #: 有号码被隐去了
    masked: bool
    #: 危机求助：告诉值守人了没有
    told: Told | None = None


async def submit(
    by: Speaker,
    text: str,
    *,
    at: datetime,
    anonymous: bool = False,
    group: Group | None = None,
    group_id: str | None = None,
) -> Submission:
    """提一条心愿；在没绑定的群里说的，`group` 为空而 `group_id` 有值。危机求助无论在哪里、谁说的都收下。"""
    text = words.tidy(text)
    lane = words.lane_of(text)
    if lane is WishLane.CRISIS:
        text = text[: words.MAX_CRISIS_LENGTH]
    else:
        words.check_length(text, "心愿", example="/心愿 想学修自行车", later="细节认领后再慢慢聊")
    home = await homes.home_of(by, group)
    if home is None and lane is not WishLane.CRISIS:
        raise Refusal(_HOMELESS_GROUP if group_id else _HOMELESS_PRIVATE)
    masked = words.mask(text)
    digest = words.digest(text)
    author = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with in_transaction():
        await Person.select_for_update(no_key=True).get(id=author.id)
        if repeated := await _repeated(author, digest, at):
            return await _again(repeated, at)
        wish = await Wish.create(
            author=author,
            group=group,
            unit_id=home.unit_id if home else None,
            cadre=home if home and _can_answer(home, author) else None,
            text=masked,
            digest=digest,
            anonymous=anonymous,
            lane=lane,
            state=WishState.OPEN,
            submitted_at=at,
        )
        event = await WishEvent.create(wish=wish, kind=WishAction.SUBMIT, by=author, at=at)
        if lane is not WishLane.CRISIS:
            await wish_letters.submitted(wish, event)
            return Submission(wish, masked != text)
        told = await crises.alert(wish, event, by, text, place=f"群 {group_id}" if group_id else "私聊", at=at)
    return Submission(wish, masked != text, Told.TELLING if told else Told.NOBODY)


def _can_answer(home: Cadre, author: Person) -> bool:
    """离任了的答不了；自己提的也不算自己该回应的，攒不出服务分。"""
    return home.left_at is None and home.person_id != author.id


async def _repeated(author: Person, digest: str, at: datetime) -> Wish | None:
    """24 小时内提过的同样一条；自己撤回了的、值守人已经了结的求助不算。"""
    rows = Wish.filter(author=author, digest=digest, submitted_at__gt=at - REPEAT_WINDOW)
    rows = rows.filter(~Q(lane=WishLane.CRISIS, state=WishState.ENDED))
    return await rows.filter(ending__not=WishEnding.WITHDRAWN).order_by("-id").first()


async def _again(wish: Wish, at: datetime) -> Submission:
    """重复的求助照样温和地回，再催值守人一声；别的说一声提过了。"""
    if wish.lane is WishLane.CRISIS:
        return Submission(wish, masked=False, told=await crisis_rings.said_again(wish, at))
    raise Refusal(f"这条和你刚提过的 {wish.number} 一样，我记着呢，发 /我的心愿 看进展。")


async def hear(
    by: Speaker, text: str, *, at: datetime, group: Group | None = None, group_id: str | None = None
) -> Submission | None:
    """撤回、回话里说了伤害自己的话，另收成一条求助，值守人才好带话、了结；没有就是空。

    说的也许是匿名心愿，所以一律按匿名收。
    """
    return await submit(by, text, at=at, anonymous=True, group=group, group_id=group_id) if _is_cry(text) else None


def _is_cry(text: str) -> bool:
    return words.lane_of(words.tidy(text)) is WishLane.CRISIS


async def withdraw(by: Speaker, wish_id: int, *, at: datetime) -> Wish:
    """本人撤回；没结束的都可以。撤回了求助，值守人也要知道。"""
    async with holding(wish_id) as wish:
        await wish_sights.only_author(by, wish)
        event = await advance(wish, WishAction.WITHDRAW, at=at, by_id=by.person_id)
        await wish_letters.answered(wish, event)
        if wish.lane is WishLane.CRISIS:
            await crises.hush(wish)
            await crises.withdrawn(wish, event)
    return wish


async def confirm(by: Speaker, wish_id: int, verdict: WishAction, note: str, *, at: datetime) -> Wish:
    """本人回话。`verdict` 是 FULFIL、PARTLY、UNDONE，或对办不成的说明 ACCEPT、RECONSIDER。

    附言里求助的话只到值守人（见 `hear`），不转给认领人。
    """
    note = "" if _is_cry(note) else words.sentence(note)
    async with holding(wish_id) as wish:
        await wish_sights.only_author(by, wish)
        changes: dict[str, datetime | int | bool | None] = {}
        if verdict in (WishAction.UNDONE, WishAction.RECONSIDER):
            changes = {"reopened": wish.reopened + 1, "progressed_at": at, "warned_at": None, "done_at": None}
        elif verdict is WishAction.ACCEPT:
            changes = {"accepted": True}
        event = await advance(wish, verdict, at=at, by_id=by.person_id, note=note, **changes)
        await wish_letters.answered(wish, event)
    return wish


async def mine(by: Speaker) -> list[tuple[Wish, str | None]]:
    """自己提的心愿（新的在前，最多 20 条）和各自最近一句回音。"""
    if by.person_id is None:
        return []
    rows = await Wish.filter(author_id=by.person_id).order_by("-id").limit(20)
    replies = WishEvent.filter(wish_id__in=[row.id for row in rows], kind__in=_REPLIES, note__isnull=False)
    theirs = ~Q(kind=WishAction.FINISH, wish__lane=WishLane.CRISIS)  # 值守人怎么处理的，不是写给本人的
    latest = {event.wish_id: event.note for event in await replies.filter(theirs).order_by("id")}
    return [(row, latest.get(row.id)) for row in rows]


async def erase_author(person_id: int, *, at: datetime) -> None:
    """本人要求删除数据：没结束的撤回，内容与他说的话清空，不再连着他；行留着，合计不变。"""
    for wish_id in await Wish.filter(author_id=person_id).values_list("id", flat=True):
        async with holding(int(str(wish_id))) as wish:
            if wish.state is not WishState.ENDED:
                event = await advance(wish, WishAction.WITHDRAW, at=at)
                await wish_letters.answered(wish, event)
            await WishEvent.filter(wish_id=wish.id).update(note=None)
            await WishEvent.filter(wish_id=wish.id, by_id=person_id).update(by_id=None)
            await Wish.filter(id=wish.id).update(author_id=None, text=None, digest="")
