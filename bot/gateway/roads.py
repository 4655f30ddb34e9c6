"""到一个人那里有哪些路：哪个机器人账号能私聊他，哪个群里能叫他一声。"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from nonebot import get_bots
from nonebot.adapters.onebot import v11, v12
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError, WebSocketClosed
from tortoise.expressions import Q

from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.obstacles import Obstacles
from bot.gateway.sending import FAILURES
from bot.gateway.speaker import Bot, scope_of
from bot.league.notices import BotAccount
from db.models import Account, Cadre, ContactState, Group, GroupKind

#: 好友列表隔多久重新问一次
FRIENDS_FOR = timedelta(minutes=10)
#: 成员名单等多久，秒；几千人的群也答得完
PATIENCE = 10.0

Live = Mapping[BotAccount, Bot]


def live(obstacles: Obstacles) -> Live:
    """本进程连着、账号也在线的机器人。"""
    bots = {(scope_of(bot), bot.self_id): bot for bot in get_bots().values() if isinstance(bot, v11.Bot | v12.Bot)}
    return {account: bot for account, bot in bots.items() if obstacles.online(account)}


class Friends:
    """每个账号的好友列表，记十分钟。"""

    def __init__(self) -> None:
        self._known: dict[BotAccount, tuple[datetime, frozenset[str]]] = {}

    async def has(self, bot: Bot, user_id: str, at: datetime) -> bool:
        """能不能直接私聊他。V12 没有可靠的好友列表、V11 问不到时，都当能，试了再说。"""
        if not isinstance(bot, v11.Bot):
            return True
        account = scope_of(bot), bot.self_id
        until, friends = self._known.get(account, (at, frozenset[str]()))
        if not at < until <= at + FRIENDS_FOR:
            try:
                listed = await bot.get_friend_list()
            except FAILURES:
                return True
            friends = frozenset(str(friend.get("user_id")) for friend in listed or [])
            self._known[account] = at + FRIENDS_FOR, friends
        return user_id in friends

    def forget(self, account: BotAccount) -> None:
        """加了新好友，或私聊被拒：下次重新问。"""
        self._known.pop(account, None)


def private(accounts: list[Account], first: BotAccount, bots: Live) -> list[tuple[BotAccount, str]]:
    """(机器人账号, 对方用户号)，按该先试谁排：跟他私聊过的、领到这条的、同平台其余的。"""
    found: list[tuple[BotAccount, str]] = []
    for account in accounts:
        here = [bot for bot in bots if bot[0] == account.scope]
        here.sort(key=lambda bot: (bot[1] != account.self_id, bot != first, bot[1]))
        found += [(bot, account.user_id) for bot in here]
    talked = {(account.scope, account.self_id) for account in accounts}
    return sorted(found, key=lambda road: road[0] not in talked)


async def shared_groups(person_id: int, accounts: list[Account], bots: Live) -> list[tuple[Group, str]]:
    """(群, 他在那里的用户号)：我们和他都在的群。团干部先工作群；青年是加入的群、提心愿的群。"""
    cadre = await Cadre.get_or_none(person_id=person_id, left_at=None).select_related("unit")
    ours = (
        Q(contacts__youth_id=person_id, contacts__state=ContactState.ACTIVE)
        | Q(wishes__author_id=person_id)
        | Q(cadre__person_id=person_id)
    )
    groups = set(await Group.filter(ours, unbound_at=None).distinct())
    maybe: set[Group] = set()
    if cadre and cadre.unit.path:
        above = [cadre.unit.path[:end] for end in range(6, len(cadre.unit.path) + 1, 6)]
        work = Group.filter(kind=GroupKind.WORK, unit__path__in=above, unbound_at=None)
        maybe = {group for group in await work if group not in groups}
    found: list[tuple[Group, str]] = []
    order = sorted(groups | maybe, key=lambda one: (not cadre or one.kind is not GroupKind.WORK, one.id))
    for group in order:
        here = [account.user_id for account in accounts if account.scope == group.scope]
        bot = bots.get((group.scope, group.self_id))
        if not bot or not here:
            continue
        if group not in groups or len(here) > 1:  # 几个账号的，先叫在群里的那个
            there = [user_id for user_id in here if await is_member(bot, group, user_id)]
            here = there or (here if group in groups else [])
        found += [(group, user_id) for user_id in here]
    return found


async def is_member(bot: Bot, group: Group, user_id: str) -> bool:
    """他在不在这个群里，现问平台；问不到就当不在。"""
    group_id = group.group_id
    try:
        if isinstance(bot, v11.Bot) and user_id.isdigit() and group_id.isdigit():
            member = await bot.get_group_member_info(group_id=int(group_id), user_id=int(user_id), no_cache=True)
        else:
            member = await bot.call_api("get_group_member_info", group_id=group_id, user_id=user_id)
    except FAILURES:
        return False
    return str((member or {}).get("user_id")) == user_id


async def members_of(bot: Bot, group: Group) -> frozenset[str] | None:
    """这个群此刻有哪些账号，现问平台；不会、没答、答得不成样子都是 `None`。"""
    if not capabilities.able(bot, Ability.MEMBERS):
        return None
    group_id = group.group_id
    try:
        async with asyncio.timeout(PATIENCE):
            if isinstance(bot, v11.Bot) and group_id.isdigit():
                listed = await bot.call_api("get_group_member_list", group_id=int(group_id), no_cache=True)
            else:
                listed = await bot.call_api("get_group_member_list", group_id=group_id)
    except ActionFailed as error:
        capabilities.tried(bot, Ability.MEMBERS, error)
        return None
    except (ApiNotAvailable, NetworkError, WebSocketClosed, TimeoutError):
        return None
    if not isinstance(listed, list):
        return None
    return frozenset(str(one["user_id"]) for one in listed if isinstance(one, dict) and one.get("user_id"))
