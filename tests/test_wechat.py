"""微信也一样：别人写的 OneBot V12 实现（pylibob）经真的 WebSocket，接一个真的机器人进程。"""

import asyncio
import itertools
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from pylibob import Mention, Segment, Text

from tests.processes import bot_running, midday_zone, tuanbot
from tests.wechat import Json, WeChat

SELF_ID, CADRE, YOUTH, STRANGER, GROUP = "wxid_bot", "wxid_cadre", "wxid_youth", "wxid_stranger", "r_1@chatroom"


class Phone:
    """一个微信号看到的世界；`at` 是事件自己的时间，从一刻钟前开始走。"""

    def __init__(self, port: int) -> None:
        self.at = time.time() - 900
        self.sent: list[tuple[str, str]] = []
        self.wechat = WeChat(SELF_ID, f"ws://127.0.0.1:{port}/onebot/v12/ws", self._receive)
        self._ids = itertools.count(1)
        self._arrived = asyncio.Event()

    async def says(self, user: str, *words: str | Segment, group: str | None = GROUP, after: float = 5) -> None:
        self.at += after
        message = [Text(word) if isinstance(word, str) else word for word in words]
        await self.wechat.push(user, message, group=group, at=self.at, number=f"m{next(self._ids)}")

    async def asks(self, user: str, *words: str | Segment, group: str | None = GROUP, hears: str) -> str:
        """说一句，等同一处出现含有 `hears` 的回答。"""
        before = len(self.sent)
        await self.says(user, *words, group=group)
        async with asyncio.timeout(10):
            while True:
                for place, text in self.sent[before:]:
                    if place == (group or user) and hears in text:
                        return text
                self._arrived.clear()
                await self._arrived.wait()

    def _receive(self, group: str | None, user: str | None, message: list[Json]) -> None:
        text = "".join(part["data"].get("text", f"[{part['type']}]") for part in message)
        self.sent.append((group or user or "", text))
        self._arrived.set()


def write_roster(folder: Path) -> None:
    folder.mkdir()
    (folder / "单位.csv").write_text("名称,上级,类别\n示例大学团委,,校\n示例一团总支,示例大学团委,团总支\n", "utf-8")
    (folder / "干部.csv").write_text(
        f"姓名,单位,类别,职责,平台,账号\n团干部甲,示例一团总支,专职,,微信,{CADRE}\n", "gb18030"
    )


async def test_the_same_thread_runs_over_an_independent_onebot_12(tmp_path: Path) -> None:
    write_roster(tmp_path / "roster")
    imported = await asyncio.to_thread(tuanbot, "import", "roster", folder=tmp_path)
    assert imported.returncode == 0, imported.stderr
    with bot_running(tmp_path, TUAN_TIMEZONE=midday_zone()) as port:
        phone = Phone(port)
        async with phone.wechat.online():
            await phone.asks(CADRE, "/绑定本群", hears="/加入")
            await phone.asks(YOUTH, "/加入", hears="团干部甲")
            await phone.says(CADRE, "最近实习找得怎么样，有什么难处跟我说说", after=30)
            await phone.says(YOUTH, "投了十几份简历都没有回音，有点着急", after=40)
            await phone.says(CADRE, Mention(YOUTH), "把简历发我，我帮你约老师改一改", after=45)
            await phone.says(STRANGER, "我也想找老师改一改我的简历", after=5)
            await phone.asks(YOUTH, "/心愿 想学修自行车", hears="W1")
            await phone.asks(CADRE, "/认领 W1", hears="W1")
            await phone.asks(CADRE, "/办结 W1 周六下午在车棚教", group=None, hears="W1")
            await phone.asks(YOUTH, "/确认 W1 办成", group=None, hears="W1")
            await phone.asks(CADRE, "/进度 文字", group=None, hears="W")
    assert stored(tmp_path, "select ending from wish") == [("已圆梦",)]
    assert stored(tmp_path, "select count(*) from interaction where sessions > 0") == [(1,)]
    accounts = stored(tmp_path, "select scope, user_id from account order by user_id")
    assert accounts == [("wechat", CADRE), ("wechat", YOUTH)]


def stored(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "data" / "tuanbot.db")) as database:
        return database.execute(query).fetchall()
