"""退群、回群、机器人被请出群：只记状态，不说话。"""

from datetime import UTC, datetime

from nonebot import on_notice
from nonebot.adapters.onebot import v11, v12

from bot.gateway.speaker import Bot, scope_of
from bot.league import consents, groups

Left = v11.GroupDecreaseNoticeEvent | v12.GroupMemberDecreaseEvent
Came = v11.GroupIncreaseNoticeEvent | v12.GroupMemberIncreaseEvent

left_cmd = on_notice(priority=10, block=False)
came_cmd = on_notice(priority=10, block=False)


@left_cmd.handle()
async def handle_left(bot: Bot, event: Left) -> None:
    """有人走了；走的是机器人自己，群的绑定就结束。"""
    scope, group_id, user_id, at = scope_of(bot), str(event.group_id), str(event.user_id), _time(event)
    if user_id == _self(bot, event):
        await groups.release_lost(scope, group_id, self_id=bot.self_id, at=at)
    else:
        await consents.pause(scope, group_id, user_id, at=at)


@came_cmd.handle()
async def handle_came(bot: Bot, event: Came) -> None:
    """有人来了；七天内走过的接着算。"""
    await consents.resume(scope_of(bot), str(event.group_id), str(event.user_id), at=_time(event))


def _self(bot: Bot, event: Left) -> str:
    return event.self.user_id if isinstance(event, v12.GroupMemberDecreaseEvent) else bot.self_id


def _time(event: Left | Came) -> datetime:
    return event.time if isinstance(event.time, datetime) else datetime.fromtimestamp(event.time, UTC)
