"""每分钟看一遍：白天轮到的推到群里，周六上午给订了的人一份，旧的话清空。"""

from datetime import datetime

from tortoise.transactions import in_transaction

from bot.league import good_things, notices, push_turns, pushes, replies, subscriptions
from bot.ticks import tick
from plugins.pushes import render


@tick
async def send_pushes(at: datetime) -> None:
    """放进待送队列与记下推过，在一个事务里；重复做也只推一次。没送成的排回来，四周没推完的告诉推的人。"""
    await _close(at)
    targets = await push_turns.due(at)
    async with in_transaction():
        await notices.post_all(
            [
                notices.draft(
                    pushes.KIND,
                    period=push_turns.period_of(target),
                    group_id=target.group_id,
                    text=render.pushed(target.push),
                    at=at,
                )
                for target in targets
            ]
        )
        await push_turns.hand_over(targets, at=at)


async def _close(at: datetime) -> None:
    await push_turns.come_back()
    async with in_transaction():
        await notices.post_all(
            [
                notices.draft(
                    pushes.STALE_KIND,
                    period=one.push.number,
                    person_id=one.push.pushed_by,
                    text=render.stale(one),
                    at=at,
                )
                for one in await push_turns.close(at)
                if one.push.pushed_by is not None
            ]
        )


@tick
async def send_digests(at: datetime) -> None:
    """一周一份；只私下给，群里不提。"""
    await notices.post_all(
        [
            notices.draft(
                subscriptions.KIND,
                period=digest.period,
                person_id=digest.person_id,
                text=render.digest(digest),
                at=at,
                discreet=True,
            )
            for digest in await subscriptions.digests(at)
        ]
    )
    await subscriptions.mark(at)


@tick
async def forget_opinions(at: datetime) -> None:
    """说的话满 90 天清空，谁回复过推送也不再留。"""
    await good_things.forget(at)
    await replies.forget(at)
