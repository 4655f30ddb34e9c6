"""退群、回群、机器人被请出群：只记状态，不说话；机器人刚被请进来，打个招呼。"""

import contextlib
from datetime import UTC, datetime

from nonebot import on_notice
from nonebot.adapters.onebot import v11, v12

from bot.gateway.attempts import obstacles
from bot.gateway.greetings import may_answer
from bot.gateway.roads import is_member, live
from bot.gateway.sending import Ambiguous, Refused, Unreachable, send_group
from bot.gateway.speaker import Bot, bound_group, scope_of
from bot.league import groups, presences
from db.models import Group, Scope

from .render import first_contact

Left = v11.GroupDecreaseNoticeEvent | v12.GroupMemberDecreaseEvent
Came = v11.GroupIncreaseNoticeEvent | v12.GroupMemberIncreaseEvent

left_cmd = on_notice(priority=10, block=False)
came_cmd = on_notice(priority=10, block=False)


@left_cmd.handle()
async def handle_left(bot: Bot, event: Left) -> None:
    """有人走了；走的是机器人自己，群的绑定就结束。走的青年还在同一位团干部的另一个群里，就不停。"""
    scope, group_id, user_id, at = scope_of(bot), str(event.group_id), str(event.user_id), _time(event)
    if user_id == _self(bot, event):
        await groups.release_lost(scope, group_id, self_id=bot.self_id, at=at)
        return
    await gone(scope, group_id, user_id, at=at)


@came_cmd.handle()
async def handle_came(bot: Bot, event: Came) -> None:
    """有人来了；七天内走过的接着算。来的是机器人自己，说一声是来做什么的。"""
    scope, group_id, user_id = scope_of(bot), str(event.group_id), str(event.user_id)
    if user_id == _self(bot, event):
        await _introduce(bot, group_id, at=_time(event))
        return
    await presences.resume(scope, group_id, user_id, at=_time(event))


async def gone(scope: Scope, group_id: str, user_id: str, *, at: datetime) -> None:
    """他不在这个群里了：联系先停下，还在同一位团干部的另一个群里（换个平台也算）就跟过去。"""
    others = await presences.other_places(scope, group_id, user_id)
    still_in = [group for group, account in others if await _is_in(group, account)]
    await presences.pause(scope, group_id, user_id, at=at, still_in=still_in)


async def _is_in(group: Group, user_id: str) -> bool:
    """他还在不在这个群里；管那个群的机器人账号不在线，就当不在。"""
    bot = live(obstacles).get((group.scope, group.self_id))
    return bot is not None and await is_member(bot, group, user_id)


async def _introduce(bot: Bot, group_id: str, *, at: datetime) -> None:
    """绑定着的群里不用再说；说不出去就算了，等人来 @。"""
    scope = scope_of(bot)
    if await bound_group(scope, group_id) or not may_answer(scope, group_id, at):
        return
    with contextlib.suppress(Refused, Ambiguous, Unreachable):
        await send_group(bot, group_id, first_contact())


def _self(bot: Bot, event: Left | Came) -> str:
    return (
        event.self.user_id
        if isinstance(event, v12.GroupMemberDecreaseEvent | v12.GroupMemberIncreaseEvent)
        else bot.self_id
    )


def _time(event: Left | Came) -> datetime:
    return event.time if isinstance(event.time, datetime) else datetime.fromtimestamp(event.time, UTC)
