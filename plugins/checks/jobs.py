"""每分钟看一遍：该问的问、该收的收、到期的交给督导；记录接上链。异常一天看一遍。"""

from datetime import datetime

from bot.league import anomalies, chains, check_cases, check_rounds
from bot.league.periods import local
from bot.ticks import tick

#: 异常一天看一遍，错过一天第二天补上（看的是近七天）
WATCHING = 10, 20
#: 清空按天算，一小时看一回就够
CLEARING_MINUTE = 17


@tick
async def keep_checks(at: datetime) -> None:
    """可以随便重复。"""
    await check_rounds.keep(at)
    await check_cases.keep(at)
    when = local(at)
    if (when.hour, when.minute) == WATCHING:
        await anomalies.watch(at)
    if when.minute == CLEARING_MINUTE:
        await check_cases.forget(at)


@tick
async def keep_chain(at: datetime) -> None:
    """可以随便重复。"""
    await chains.extend(at)
