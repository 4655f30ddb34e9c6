"""心愿每走一步要告诉谁、说什么。心愿原文从不写进通知；私密道连进展也不写，只请他私聊来看。"""

from datetime import datetime, timedelta

from bot.league import notices, roster, wish_sights
from bot.league.periods import moment
from db.models import Cadre, RoleKind, Wish, WishAction, WishEvent, WishLane, WishState

#: 心愿的消息不急也不该丢，两周之内送到都算数
WINDOW = timedelta(days=14)


async def tell_author(
    wish: Wish, event: WishEvent, text: str, *, kind: str, expires_at: datetime | None = None
) -> None:
    """告诉提交人；数据已删除的就没有人可告诉。匿名、私密的不在群里叫他：刚有进展就叫谁，等于说出是谁。"""
    if wish.author_id:
        discreet = wish.anonymous or wish.lane is not WishLane.WALL
        await _post(kind, wish, event, wish.author_id, text, expires_at=expires_at, discreet=discreet)


async def tell_cadre(
    cadre_id: int | None, wish: Wish, event: WishEvent, text: str, *, kind: str, expires_at: datetime | None = None
) -> None:
    """告诉一位团干部；离任的、自己就是提交人（已经另外告诉了）的不说。"""
    cadre = await Cadre.get_or_none(id=cadre_id, left_at=None) if cadre_id else None
    if cadre and cadre.person_id != wish.author_id:
        await _post(kind, wish, event, cadre.person_id, text, expires_at=expires_at)


async def _post(
    kind: str,
    wish: Wish,
    event: WishEvent,
    person_id: int,
    text: str,
    *,
    expires_at: datetime | None = None,
    urgent: bool = False,
    discreet: bool = False,
) -> None:
    await notices.post(
        kind,
        period=f"{wish.number}/{event.id}",
        person_id=person_id,
        text=text,
        at=event.at,
        expires_at=expires_at or event.at + WINDOW,
        urgent=urgent,
        discreet=discreet,
    )


async def submitted(wish: Wish, event: WishEvent) -> None:
    """提给谁，谁知道有一条新的。"""
    hint = "内容比较私密，请私聊我发 /心愿墙 看" if wish.lane is WishLane.PRIVATE else "发 /心愿墙 看，能办就认领"
    await tell_cadre(wish.cadre_id, wish, event, f"来了一个新心愿 {wish.number}，{hint}。", kind="wish.new")


async def claimed(wish: Wish, event: WishEvent, claimer: str | None) -> None:
    """有人认领了。"""
    who = claimer or "一位团干部"
    await tell_author(
        wish, event, f"你的心愿 {wish.number} 有人接了：{who}认领了，有进展我就告诉你。", kind="wish.claimed"
    )


async def progressed(wish: Wish, event: WishEvent) -> None:
    """有进展。"""
    text = f"你的心愿 {wish.number} 有新进展{_said(wish, event)}"
    await tell_author(wish, event, text, kind="wish.progress")


async def crisis_words(wish: Wish, event: WishEvent) -> None:
    """值守人让带的话，不等静默时段过去。"""
    if wish.author_id:
        text = f"值守老师让我带句话给你：{event.note}"
        await _post("wish.crisis_words", wish, event, wish.author_id, text, urgent=True)


async def finished(wish: Wish, event: WishEvent, by: str | None) -> None:
    """办结了，问本人；别人代办的，也告诉认领人。"""
    number = wish.number
    ask = f"办成了吗？回我 /确认 {number} 办成，或者 /确认 {number} 部分、/确认 {number} 没办成，后面可以多写两句。"
    await tell_author(wish, event, f"你的心愿 {number} 办结了{_said(wish, event)}\n{ask}", kind="wish.done")
    await _tell_helped(wish, event, by, "办结了")


async def explained(wish: Wish, event: WishEvent, by: str | None) -> None:
    """办不成，说明原因。"""
    number = wish.number
    ask = f"能理解就回 /确认 {number} 接受；觉得还可以再试试，就回 /确认 {number} 再想想。"
    await tell_author(wish, event, f"你的心愿 {number} 这次没能办成{_said(wish, event)}\n{ask}", kind="wish.explained")
    await _tell_helped(wish, event, by, "说明了办不成的原因")


async def _tell_helped(wish: Wish, event: WishEvent, by: str | None, what: str) -> None:
    claimer = await Cadre.get_or_none(id=wish.claimer_id)
    if claimer and claimer.person_id != event.by_id:
        text = f"{wish.number} 由{by or '管理员'}替你{what}，青年回话了我告诉你。"
        await tell_cadre(wish.claimer_id, wish, event, text, kind="wish.helped")


async def reopened_to_wall(wish: Wish, event: WishEvent, *, kind: str) -> None:
    """放弃或超时，回到待认领：告诉提交人和该负责的人。"""
    text = f"你的心愿 {wish.number} 换人接着办：上一位腾不出手，我在找下一位，排队的时间不重算。"
    await tell_author(wish, event, text, kind=kind)


async def orphaned(wish: Wish, event: WishEvent, *, last: int | None, kind: str) -> None:
    """没人办了，告诉该负责的人（就是刚放手的那位除外）。"""
    if wish.cadre_id != last:
        text = f"{wish.number} 又回到待认领了，能办就发 /认领 {wish.number}。"
        await tell_cadre(wish.cadre_id, wish, event, text, kind=kind)


async def transferred(wish: Wish, event: WishEvent, *, to: str, last: int | None) -> None:
    """转给了谁；不是自己转出去的认领人也要知道。"""
    number = wish.number
    claimer = await Cadre.get_or_none(id=last)
    if claimer and claimer.person_id != event.by_id:
        await tell_cadre(last, wish, event, f"{number} 由管理员转给{to}了，不用再办。", kind="wish.transferred")
    await tell_author(wish, event, f"你的心愿 {number} 转给了{to}，还是从你提的那天算时间。", kind="wish.transferred")
    text = f"{number} 转到你这里了，发 /认领 {number} 就归你办；时间从青年提的那天算。"
    await tell_cadre(wish.cadre_id, wish, event, text, kind="wish.assigned")


#: 青年回话之后对认领人说的
_ANSWERS = {
    WishAction.FULFIL: "青年说办成了，谢谢你把这件事办到底！",
    WishAction.PARTLY: "青年说办成了一部分，谢谢你。",
    WishAction.UNDONE: "青年说还没办成，又回到你手上了。不算你的差错，接着办就好。",
    WishAction.ACCEPT: "青年接受了你的说明，谢谢你讲清楚。",
    WishAction.RECONSIDER: "青年请你再想想办法，又回到你手上了。不算你的差错。",
    WishAction.WITHDRAW: "青年自己撤回了，不用再办。",
}


async def answered(wish: Wish, event: WishEvent) -> None:
    """青年回话了，告诉认领人。"""
    kind = "wish.withdrawn" if event.kind is WishAction.WITHDRAW else "wish.confirmed"
    text = f"{wish.number} {_ANSWERS[event.kind]}{_added(wish, event)}"
    await tell_cadre(wish.claimer_id, wish, event, text, kind=kind)


async def warned(wish: Wish, event: WishEvent, *, release_at: datetime) -> None:
    """认领后没动静，提醒认领人。"""
    number = wish.number
    text = f"{number} 有 5 天没有进展了，到 {moment(release_at)} 会放回心愿墙。发 /进展 {number} 话 说一声就好。"
    await tell_cadre(wish.claimer_id, wish, event, text, kind="wish.warned", expires_at=release_at)


async def released(wish: Wish, event: WishEvent, *, last: int | None) -> None:
    """七天没进展，放回待认领。"""
    text = f"{wish.number} 7 天没有进展，已经放回心愿墙，请别的团干部接着办；还想办可以再认领。"
    await tell_cadre(last, wish, event, text, kind="wish.released")
    await reopened_to_wall(wish, event, kind="wish.released")
    await orphaned(wish, event, last=last, kind="wish.released")


async def escalated(wish: Wish, event: WishEvent, people: list[int]) -> None:
    """没人认领，告诉单位管理员。"""
    number = wish.number
    for person_id in people:
        text = (
            f"{number} 过了 2 个工作日还没人认领，请安排一下：/转办 {number} 团干部的姓名，或私聊我发 /心愿墙 看内容。"
        )
        await _post("wish.escalated", wish, event, person_id, text)
    if wish.author_id not in people:
        text = f"你的心愿 {number} 还没人认领，我已经告诉单位负责的老师了，不会没人管。"
        await tell_author(wish, event, text, kind="wish.escalated")


async def asked_again(wish: Wish, event: WishEvent, *, close_at: datetime) -> None:
    """再问一次办成没有。"""
    number = wish.number
    choices = "接受、再想想" if wish.state is WishState.EXPLAINED else "办成、部分、没办成"
    text = (
        f"你的心愿 {number} 等你一句话：/确认 {number} 加上 {choices} 里的一个。"
        f"到 {moment(close_at)} 还没有回话，我就先收起来。"
    )
    await tell_author(wish, event, text, kind="wish.asked_again", expires_at=close_at)


async def closed(wish: Wish, event: WishEvent) -> None:
    """两周没回话，收起来。"""
    text = f"你的心愿 {wish.number} 没等到回话，先收起来了（{wish.ending}）。没办好的话，随时再发 /心愿 告诉我。"
    await tell_author(wish, event, text, kind="wish.closed")
    text = f"{wish.number} 两周没等到青年回话，按“{wish.ending}”收起来了。"
    await tell_cadre(wish.claimer_id, wish, event, text, kind="wish.closed")


async def admins_of(path: str) -> list[int]:
    """离 `path` 最近的、有管理员的本级或上级单位的管理员（`Person.id`）。"""
    return next(iter(await roster.officers_above(path, RoleKind.ADMIN)), [])


def _added(wish: Wish, event: WishEvent) -> str:
    """青年的附言；私密道请他私聊来看，没有回到他手上的看了也没有用。"""
    if not event.note:
        return ""
    if wish.lane is WishLane.WALL:
        return f"他说：{event.note}"
    return "他还说了几句，私聊我发 /心愿墙 看。" if event.kind in wish_sights.SENT_BACK else ""


def _said(wish: Wish, event: WishEvent) -> str:
    """冒号加那句话；私密道请他私聊来看。"""
    if not event.note:
        return "。"
    return "，私聊我发 /我的心愿 看是怎么说的。" if wish.lane is WishLane.PRIVATE else f"：{event.note}"
