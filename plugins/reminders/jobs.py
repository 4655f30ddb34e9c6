"""到点的事：看提醒、清理通知；投递随进程开始与停下；留意平台说的禁言与掉线。"""

from datetime import datetime

import nonebot
from nonebot import on
from nonebot.adapters import Event

from bot import clock
from bot.gateway import delivery, doubts
from bot.gateway.speaker import Bot, scope_of
from bot.league import absences, notices, reminders, roster
from bot.league.occasions import next_look
from bot.ticks import tick

from . import render

driver = nonebot.get_driver()

#: (看过的时刻, 歇到什么时候, 当时名册与校历的版本)
_rested: tuple[datetime, datetime, int] | None = None


@tick
async def post_reminders(at: datetime) -> None:
    """该说的放进队列，再记下看过了；中途断掉就重来，同一句不会放两次。

    每分钟来一次，多数时候一眼就过：看完歇到下一个 9:30；
    钟往回拨了、名册校历在这个进程里变了，就马上再看。
    """
    global _rested
    revision = roster.revision()
    if _rested and _rested[0] <= at < _rested[1] and _rested[2] == revision:
        return
    due = await reminders.due(at)
    await notices.post_all(
        [
            notices.draft(
                reminder.kind,
                period=reminder.period,
                text=render.reminder(reminder, at=at),
                at=at,
                person_id=reminder.person_id,
                group_id=reminder.group_id,
                expires_at=reminder.until,
            )
            for reminder in due
        ]
    )
    await reminders.mark(at)
    _rested = at, next_look(at), revision


@tick
async def tidy_notices(at: datetime) -> None:
    """过时的作废，说不清的记下，旧文字与过去的请假清空。"""
    await notices.sweep(at)
    await notices.forget(at)
    await absences.forget(at)


@tick
async def look_into_doubts(at: datetime) -> None:
    """说不清送到没有的，去平台的历史记录里核对。"""
    await doubts.look(at, delivery.obstacles)


driver.on_startup(delivery.start)
driver.on_shutdown(delivery.stop)


@driver.on_bot_connect
async def handle_connect(bot: Bot) -> None:
    """连上就当在线。"""
    delivery.obstacles.connected((scope_of(bot), bot.self_id))


async def handle_notice(bot: Bot, event: Event) -> None:
    """禁言、被移出、掉线、加好友。"""
    account = scope_of(bot), bot.self_id
    said = event.model_dump()
    delivery.obstacles.note(account, said, clock.now())
    if said.get("notice_type") == "friend_add":
        delivery.friends.forget(account)


for kind in ("notice", "meta_event", "meta"):
    on(kind, priority=1, block=False, handlers=[handle_notice])
