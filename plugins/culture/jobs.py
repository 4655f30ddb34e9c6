"""每分钟看一遍：白天轮到的推到群里，周六上午给订了的人一份，旧的话清空。"""

from datetime import datetime

from tortoise.transactions import in_transaction

from bot.league import good_things, notices, pushes, subscriptions
from bot.ticks import tick
from plugins.culture import render


@tick
async def send_pushes(at: datetime) -> None:
    """放进待送队列与记下推过，在一个事务里；重复做也只推一次。"""
    targets = await pushes.due(at)
    async with in_transaction():
        await notices.post_all(
            [
                notices.draft(
                    pushes.KIND,
                    period=target.push.number,
                    group_id=target.group_id,
                    text=render.pushed(target.push),
                    at=at,
                )
                for target in targets
            ]
        )
        await pushes.sent(targets, at=at)


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
    """说的话满 90 天清空。"""
    await good_things.forget(at)
