"""退群满七天的，当作退出；没报上来的退群，一天对一遍群里的人。"""

import asyncio
import logging
from datetime import date, datetime

from bot.gateway.attempts import obstacles
from bot.gateway.capabilities import Ability, able
from bot.gateway.roads import live, members_of
from bot.gateway.speaker import Bot
from bot.league import consents, headcounts, presences
from bot.league.periods import is_quiet, local
from bot.ticks import tick
from db.models import Group, GroupKind
from plugins.joining import members

#: 群 → 上一次对人是哪天；只在内存里，重启了多对一遍也无妨
_counted: dict[int, date] = {}
_log = logging.getLogger("tuanbot")


@tick
async def end_paused(at: datetime) -> None:
    """每分钟看一眼。"""
    await consents.end_paused(at)


@tick
async def count_heads(at: datetime) -> None:
    """白天，每个账号一分钟对一个群，一个群一天一次。"""
    bots = {} if is_quiet(at) else {key: bot for key, bot in live(obstacles).items() if able(bot, Ability.MEMBERS)}
    if not bots:
        return
    today = local(at).date()
    bound = await Group.filter(kind=GroupKind.YOUTH, unbound_at=None).order_by("id")
    due = [group for group in bound if _counted.get(group.id) != today]
    picked = {(group.scope, group.self_id): group for group in reversed(due)}
    _counted.update({group.id: today for key, group in picked.items() if key in bots})
    await asyncio.gather(*(_count(bots[key], group, at) for key, group in picked.items() if key in bots))


async def _count(bot: Bot, group: Group, at: datetime) -> None:
    """名单取不到、不像是全的，就当没问过。"""
    listed = await members_of(bot, group)
    changes = await headcounts.compare(group, listed) if listed is not None else None
    if changes is None:
        _log.warning("群 g%d 今天没有对上人：成员名单取不到或不全，联系都没有动", group.id)
        return
    for user_id in changes.gone:
        await members.gone(group.scope, group.group_id, user_id, at=at)
    for user_id in changes.back:
        await presences.resume(group.scope, group.group_id, user_id, at=at)
