"""微信也一样：别人写的 OneBot V12 实现（pylibob）经真的 WebSocket，接一个真的机器人进程。"""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from pylibob import Bot, GroupMessageEvent, Mention, OneBotImpl, PrivateMessageEvent, Segment, Text, WebSocketReverse

from tests.processes import bot_running, midday_zone, tuanbot

SELF_ID, CADRE, YOUTH, STRANGER, GROUP = "wxid_bot", "wxid_cadre", "wxid_youth", "wxid_stranger", "r_1@chatroom"


class WeChat:
    """一个微信号看到的世界；`at` 是事件自己的时间，从一刻钟前开始走。"""

    def __init__(self, url: str) -> None:
        self.at = time.time() - 900
        self.sent: list[dict[str, Any]] = []
        self.me = Bot("wechat", SELF_ID, online=True)
        self.connection = WebSocketReverse(url, enable_heartbeat=False, reconnect_interval=200)
        self.implementation = OneBotImpl("somewechat", "1.0", [self.connection], self.me)
        self.implementation.register_action_handler("send_message", self._send_message)
        self.implementation.register_action_handler("upload_file", self._upload_file)
        self._ids = itertools.count(1)
        self._arrived = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def online(cls, port: int) -> AsyncIterator["WeChat"]:
        phone = cls(f"ws://127.0.0.1:{port}/onebot/v12/ws")
        connecting = asyncio.create_task(phone.connection.connect_to_remote())
        try:
            async with asyncio.timeout(10):
                while not phone.connection.ws:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await phone.implementation.update_status()
            yield phone
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)

    async def says(self, user: str, *words: str | Segment, group: str | None = GROUP, after: float = 5) -> None:
        self.at += after
        message = [Text(word) if isinstance(word, str) else word for word in words]
        common: dict[str, Any] = {
            "id": str(uuid4()),
            "time": self.at,
            "self": self.me,
            "message_id": f"m{next(self._ids)}",
            "message": message,
            "user_id": user,
        }
        event = GroupMessageEvent(group_id=group, **common) if group else PrivateMessageEvent(**common)
        await self.implementation.emit(event)

    async def asks(self, user: str, *words: str | Segment, group: str | None = GROUP, hears: str) -> str:
        """说一句，等同一处出现含有 `hears` 的回答。"""
        before = len(self.sent)
        await self.says(user, *words, group=group)
        place = {"group_id": group} if group else {"user_id": user}
        async with asyncio.timeout(10):
            while True:
                for sent in self.sent[before:]:
                    if place.items() <= sent.items() and hears in sent["text"]:
                        return sent["text"]
                self._arrived.clear()
                await self._arrived.wait()

    async def _send_message(
        self,
        detail_type: str,
        message: list[dict[str, Any]],
        user_id: str | None = None,
        group_id: str | None = None,
    ) -> dict[str, Any]:
        text = "".join(part["data"].get("text", f"[{part['type']}]") for part in message)
        place = {"group_id": group_id} if detail_type == "group" else {"user_id": user_id}
        self.sent.append({**place, "text": text})
        self._arrived.set()
        return {"message_id": f"s{len(self.sent)}", "time": time.time()}

    async def _upload_file(self, type: str, name: str, data: Any = None) -> dict[str, str]:  # noqa: A002
        return {"file_id": f"f-{name}"}


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
        async with WeChat.online(port) as phone:
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
