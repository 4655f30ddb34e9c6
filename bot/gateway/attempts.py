"""一条通知的一次尝试：给群的发到群里；给人的先私聊，不通就在同群里提一声、正文等他来取。

私聊的正文从不进群：往群里说的只有给群的通知和 `NEUTRAL` 这一句。
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.obstacles import AGAIN, KICKED, MUTED, Obstacles
from bot.gateway.pace import JITTER, PER_ACCOUNT, PER_GROUP, WINDOW, Pace
from bot.gateway.pictures import paint
from bot.gateway.roads import Friends, live, private, shared_groups
from bot.gateway.sending import Ambiguous, Refused, Unreachable, send_group, send_private, show_group
from bot.gateway.speaker import Bot
from bot.league import notices
from bot.league.notices import LEASE, OFFLINE, BotAccount
from db.models import Account, Group, Notice, NoticeState, Person

#: 群里叫人的话：什么也不透露
NEUTRAL = "团团有条消息想单独告诉你，私聊我发 /待办 就能看到。"
#: 掉线的隔多久再试
SOON = timedelta(minutes=1)
RESTING = "连着几次没送到，歇一小时"

pace = Pace()
friends = Friends()
obstacles = Obstacles()


@dataclass(frozen=True)
class Outcome:
    """一次尝试的结果；`again_at` 有值就是放回队列，到时再试。"""

    state: NoticeState
    reason: str | None = None
    again_at: datetime | None = None
    #: 说不清的那一次是谁说的
    tried_by: BotAccount | None = None
    #: 说到群里的那条的消息号；平台没给为空
    message_id: str | None = None

    @property
    def spoken(self) -> bool:
        """说出去了，或在群里叫到他了。"""
        return self.state in (NoticeState.SENT, NoticeState.RIDING)


async def recall(at: datetime) -> None:
    """刚启动：上一个进程近一分钟里说过的照样占着名额，连着断几次也不会多说。"""
    since = at - timedelta(seconds=WINDOW)
    spoken = await Notice.filter(Q(sent_at__gt=since) | Q(claimed_until__gt=since + LEASE)).select_related("group")
    ours = defaultdict(set)
    for account in await Account.filter(person_id__in=[one.person_id for one in spoken if one.person_id]):
        if account.self_id:
            ours[account.person_id].add(account_key((account.scope, account.self_id)))
    for notice in sorted(spoken, key=_said_at):
        group = notice.group
        keys = {_group_key(group), account_key((group.scope, group.self_id))} if group else ours[notice.person_id]
        # 记下的是领的那一刻，说出口以前还停了一停
        pace.remember(keys, ago=max(0.0, (at - _said_at(notice)).total_seconds() - JITTER[1]))


def _said_at(notice: Notice) -> datetime:
    """说出口的时刻；没记完账的，是领的时刻。"""
    assert notice.sent_at or notice.claimed_until
    return notice.sent_at or notice.claimed_until - LEASE


async def to_group(notice: Notice, account: BotAccount, at: datetime) -> Outcome:
    """发到群里。"""
    group = await Group.get_or_none(id=notice.group_id, unbound_at=None)
    bot = live(obstacles).get(account)
    if group is None:
        return Outcome(NoticeState.FAILED, "群已解绑")
    if bot is None:
        return _later(at + SOON, OFFLINE)
    picture = await paint(notice.card)
    return await _say_in_group(bot, account, group, notices.worded(notice, at), at, picture=picture)


async def _say_in_group(
    bot: Bot,
    account: BotAccount,
    group: Group,
    text: str,
    at: datetime,
    *,
    mention: str | None = None,
    called: str | None = None,
    picture: bytes | None = None,
) -> Outcome:
    """在群里说，返回说成了，还是该怎么办。有图先发图，平台明确不收才说文字。"""
    target = _group_key(group)
    if reason := obstacles.silenced(group.scope, group.group_id, at):
        return _later(at + AGAIN, reason)
    if until := obstacles.paused_until(target, at):
        return _later(until, RESTING)
    await pace.turn({account_key(account): PER_ACCOUNT, target: PER_GROUP})
    message_id = None
    try:
        if picture is None or not await show_group(bot, group.group_id, picture):
            message_id = await send_group(bot, group.group_id, text, mention=mention, called=called)
    except Unreachable:
        return _later(at + SOON, OFFLINE)
    except Refused as refusal:
        reason = MUTED if refusal.muted else refusal.reason
        if reason in (MUTED, KICKED):
            return _later(obstacles.refused(group.scope, group.group_id, at, reason), reason)
        obstacles.failed(target, at)
        return Outcome(NoticeState.FAILED, reason)
    except Ambiguous as doubt:
        obstacles.failed(target, at)
        return Outcome(NoticeState.UNKNOWN, doubt.reason, tried_by=account)
    obstacles.succeeded(target)
    obstacles.accepted(group.scope, group.group_id)
    return Outcome(NoticeState.SENT, message_id=message_id)


async def to_person(notice: Notice, account: BotAccount, at: datetime) -> Outcome:
    """逐条路试：能私聊他的机器人账号，然后是群里提一声。"""
    assert notice.person_id
    accounts = await Account.filter(person_id=notice.person_id).order_by("id")
    bots = live(obstacles)
    held = None
    for road, user_id in private(accounts, account, bots):
        target = f"{road[0]}/{road[1]}/u/{user_id}"
        if not capabilities.able(bots[road], Ability.INITIATE) or not await friends.has(bots[road], user_id, at):
            continue
        if until := obstacles.paused_until(target, at):
            held = _later(until, RESTING)
            continue
        await pace.turn({account_key(road): PER_ACCOUNT})
        try:
            await send_private(bots[road], user_id, notices.worded(notice, at))
        except Unreachable:
            return _later(at + SOON, OFFLINE)
        except Refused:
            obstacles.failed(target, at)
            friends.forget(road)
            continue
        except Ambiguous as doubt:
            obstacles.failed(target, at)
            return Outcome(NoticeState.UNKNOWN, doubt.reason, tried_by=road)
        obstacles.succeeded(target)
        return Outcome(NoticeState.SENT)
    if held and not notice.urgent:
        return held
    return await _call_over(notice, accounts, at)


async def _call_over(notice: Notice, accounts: list[Account], at: datetime) -> Outcome:
    """私聊不通：在一个同群里提一声，正文等他来取。不便提的、已经提过还没来的，不提。"""
    assert notice.person_id
    riding = Outcome(NoticeState.RIDING, "私聊不通，等本人来取")
    bots = live(obstacles)
    # 跟他私聊过的账号掉线了：它一回来就能说，不必等他来取
    missing = any(one.self_id and (one.scope, one.self_id) not in bots for one in accounts)
    silent = _later(at + AGAIN, OFFLINE) if missing else riding
    if notice.discreet or (not notice.urgent and await notices.has_riding(notice.person_id)):
        return silent
    held = None
    name = (await Person.get(id=notice.person_id)).name
    for group, user_id in await shared_groups(notice.person_id, accounts, bots):
        account = group.scope, group.self_id
        if not name and not capabilities.able(bots[account], Ability.MENTION):
            continue  # 叫不出是谁，说了也白说
        called = await _say_in_group(bots[account], account, group, NEUTRAL, at, mention=user_id, called=name)
        if called.state in (NoticeState.SENT, NoticeState.UNKNOWN):
            return riding
        held = called if called.again_at else held
    return held or silent


def _later(at: datetime, reason: str) -> Outcome:
    return Outcome(NoticeState.DUE, reason, again_at=at)


def _group_key(group: Group) -> str:
    return f"{group.scope}/g/{group.group_id}"


def account_key(account: BotAccount) -> str:
    """账号在 `pace` 里的名字。"""
    return f"{account[0]}/a/{account[1]}"
