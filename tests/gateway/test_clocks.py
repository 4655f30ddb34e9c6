"""钟与停机：到点时停着、正忙，钟被拨来拨去，容器的时区不对，都各说一次，说的都是该说的那一期。

F21、F22、F23。进程、库、连接都是真的，kill -9 也是真的；两种库各跑一遍。
"""

import asyncio
import signal
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.league.periods import on
from db.models import Cadre, Group
from plugins.reminders import jobs
from tests import factories, shared
from tests.process import CADRE, YOUTH, Phone, Robot, until
from tests.travelling import Traveller

pytestmark = pytest.mark.slow

SELF, GROUP, BACKLOG = 10000, 300, 1000
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=seconds) for seconds in (1, 60, 3600, 86400))
MONTHLY = "SELECT period FROM notice WHERE kind = 'reminder.monthly' AND state = 'sent' ORDER BY id"
MISSED = "SELECT period, reason FROM notice_round WHERE kind = 'reminder.monthly' AND done_at IS NULL"


def at(text: str) -> datetime:
    return on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:]))


async def test_down_busy_or_dizzy_each_period_is_said_once_and_stale_ones_never(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    due = at("2026-08-20 09:30")
    await _live_until(due - MINUTE, database_url)
    bot = Traveller(tmp_path, database_url, SELF)
    # F21 停了一分钟；F23 容器的时区是 UTC，钟拨回一小时、拨快一小时
    async with bot.living(due + MINUTE, TZ="UTC") as (robot, phone):
        await bot.travel(robot, due - HOUR, due + 2 * MINUTE, due + HOUR, at("2026-09-21 09:29"))
        assert await bot.rows(MONTHLY) == [("2026-08/20",)]
        await _busy_at(at("2026-09-21 09:30"), bot, robot, phone)
        assert await bot.rows(MONTHLY) == [("2026-08/20",), ("2026-09/20",)]
        await bot.travel(robot, at("2026-10-19 17:00"))
        said = _reminders(phone)
    # F21 停了一天；F23 没设时区，月底 23:59:59 被校时拨回一秒
    async with bot.living(at("2026-10-21 10:00")) as (robot, phone):
        assert (await bot.rows(MONTHLY))[2:] == [("2026-10/20",)]
        night = at("2026-11-01 00:00")
        await bot.travel(robot, night - SECOND, night, night - SECOND, at("2026-11-12 10:00"))
        said += _reminders(phone)
    # F21 停了四十天；F23 跨年那一夜拨来拨去、拨快四十天又拨回来、2 月 29 日
    async with bot.living(at("2026-12-22 10:00"), TZ="Asia/Shanghai") as (robot, phone):
        assert (await bot.rows(MONTHLY))[3:] == [("2026-12/20",)], "这个月的补，上个月的不补"
        year, monday, leap = at("2027-01-01 00:00"), at("2027-01-04 10:00"), at("2028-03-01 00:00")
        await bot.travel(robot, year - SECOND, year, year - HOUR, monday, monday + 40 * DAY, monday + MINUTE)
        await bot.travel(robot, at("2028-02-28 09:30"), at("2028-02-29 10:00"), leap - SECOND, leap, leap - SECOND)
        said += _reminders(phone)
    periods = [period for (period,) in await bot.rows(MONTHLY)]
    assert periods == ["2026-08/20", "2026-09/20", "2026-10/20", "2026-12/20", "2028-02/26"]
    assert max(Counter(said).values()) == 1
    assert await bot.rows("SELECT state, count(*) FROM notice GROUP BY state") == [("sent", len(said))]
    missed = dict(await bot.rows(MISSED))
    assert missed["2026-11/20"] == "到 11-27 09:30 都没能看，不补了"
    assert missed["2026-11/27"] == "到 12-01 00:00 都没能看，不补了"


async def _busy_at(moment: datetime, bot: Traveller, robot: Robot, phone: Phone) -> None:
    """F22：到点的那一刻冻住三秒，醒来又是一堆积压：照样说，迟了多久写进日志，积压一条不少。"""
    robot.process.send_signal(signal.SIGSTOP)
    bot.set_clock(moment)
    words = [phone.message(f"积压的第{n}句话", group=GROUP) for n in range(BACKLOG)]
    backlog = asyncio.create_task(phone.send(*words))
    await asyncio.sleep(3.5)  # 真的要忙这么久
    robot.process.send_signal(signal.SIGCONT)
    await backlog
    await bot.looks(robot, moment)
    await until(lambda: "到点的检查晚了" in robot.log, seconds=5)
    assert "到点的检查晚了" in robot.log
    await bot.reads("SELECT sum(messages) FROM group_day", BACKLOG)


def _reminders(phone: Phone) -> list[str]:
    """私聊里说过的。"""
    sends = [call["params"]["message"] for call in phone.calls if call["action"] == "send_private_msg"]
    return [message[0]["data"]["text"] for message in sends]


async def _live_until(moment: datetime, url: str) -> None:
    """一位团干部，一个青年群、一名青年；夏天办过一回活动，`moment` 看过一眼，进程就没了。"""
    async with shared.connected(url):
        try:
            cadre = await factories.cadre(CADRE, "李老师", await factories.school())
            await factories.youth(YOUTH, cadre, await factories.group(GROUP, cadre))
            await factories.record(cadre, date(2026, 7, 2))
            await Cadre.all().update(since=at("2026-07-01 09:00"))
            await Group.all().update(bound_at=at("2020-07-01 09:00"))
            await jobs.post_reminders(moment)
        finally:
            jobs._rested = None
