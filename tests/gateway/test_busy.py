"""到点的那一刻正忙（进程冻住三秒，醒来又是一堆积压）：照样送，只送一次，迟了多久写进日志。"""

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.process import Phone, bind, start, stop, until
from tests.processes import midday_zone

pytestmark = pytest.mark.slow

SELF, GROUP, BACKLOG = 10000, 300, 1000
#: 一分钟的定时检查改成一秒，好等得到
HASTY = ("-c", "import bot.app; bot.app.TICK_EVERY = 1; from bot.__main__ import main; main()")


async def test_what_falls_due_while_busy_is_still_said_once_and_the_delay_is_logged(tmp_path: Path) -> None:
    zone = midday_zone()  # 静默时段不送
    await bind(tmp_path, GROUP, self_id=SELF)
    robot = start(tmp_path, program=HASTY, TUAN_TIMEZONE=zone)
    try:
        async with Phone.online(robot, SELF) as phone:
            await phone.pings("醒着", group=GROUP)
            await until(lambda: json.loads(robot.ask("/health")[1])["looked_at"], seconds=15)
            robot.process.send_signal(signal.SIGSTOP)
            _falls_due(tmp_path)
            backlog = asyncio.create_task(
                phone.send(*(phone.message(f"积压的第{n}句话", group=GROUP) for n in range(BACKLOG)))
            )
            await asyncio.sleep(3.5)  # 真的要忙这么久
            robot.process.send_signal(signal.SIGCONT)
            await backlog
            await phone.hears("到点的一句")
            assert await robot.counts(GROUP, BACKLOG + 1) == BACKLOG + 1
            await until(lambda: "到点的检查晚了" in robot.log, seconds=5)
            await phone.pings("还醒着", group=GROUP)
            assert phone.said.count("到点的一句") == 1
    finally:
        robot.process.send_signal(signal.SIGCONT)
        stop(robot)
    assert "到点的检查晚了" in robot.log
    assert robot.rows("SELECT state, attempts FROM notice") == [("sent", 1)]


def _falls_due(folder: Path) -> None:
    """一句给群的话，冻着的时候到点。"""
    at = datetime.now(UTC) + timedelta(seconds=1)
    row = {
        "kind": "bulletin",
        "recipient": "g1",
        "period": "1",
        "group_id": 1,
        "text": "到点的一句",
        "state": "due",
        "urgent": 0,
        "discreet": 0,
        "due_at": str(at),
        "expires_at": str(at + timedelta(days=1)),
        "attempts": 0,
        "created_at": str(at),
    }
    with closing(sqlite3.connect(folder / "data" / "tuanbot.db", timeout=30)) as connection:
        sql = f"INSERT INTO notice ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        connection.execute(sql, list(row.values()))
        connection.commit()
