"""公众号的一问一答：这一句办的时候说的话攒在一起，作为对这次推送的回应（被动回复）。

放不下的、办得慢的先欠着，他回“继续”再给。
"""

import asyncio
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from nonebot.adapters.onebot import v12

from bot.gateway.bridges import Bridge, must_be_whole, plain, refused, unsupported
from bot.gateway.errands import Errand
from bot.gateway.waiting import awaited
from bot.gateway.workers import WORKERS

#: 微信等五秒，收不到回应就重推；留一点路上的时间，秒
WINDOW = 4.0
#: 被动回复的文字至多 2048 字节（微信公众平台文档“被动回复用户消息”）
LARGEST = 2048
#: 同时欠着多少人的话，满了先丢最早的
OWED = 500

MORE = "\n（没完，回“继续”看后面）"
WAIT = "还在办，过几秒回“继续”看结果。"
BUSY = "现在问的人太多，过一会儿再发一次。"
CONTINUE = "继续"


@dataclass(eq=False)
class Turn:
    """一问一答：回应还没给出去之前说的话。"""

    user_id: str
    said: str = ""
    open: bool = True
    done: bool = False
    #: 说了一句，或办完了一件
    moved: asyncio.Event = field(default_factory=asyncio.Event)


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@dataclass(eq=False)
class OfficialBridge(Bridge):
    """一个公众号。"""

    #: 欠着没说完的，按人
    owed: dict[str, str] = field(default_factory=dict)
    #: 过了时限还在办的人
    late: set[str] = field(default_factory=set)
    #: 还没办完的，按人：几件
    busy: dict[str, int] = field(default_factory=dict)
    #: 正等着回应的那一句，按人
    turns: dict[str, Turn] = field(default_factory=dict)
    #: (人, 消息号) → 给他的回应：微信没收到会重推，重推的给同一份
    answers: dict[tuple[str, int], "asyncio.Task[str]"] = field(default_factory=dict)

    async def act(self, bot: v12.Bot, action: str, params: Mapping[str, Any]) -> Any:
        """只有“回一句”和“报名字”。"""
        if action == "get_version":
            return {"impl": self.impl, "version": "", "onebot_version": "12"}
        if action != "send_message" or params.get("detail_type") != "private":
            raise unsupported(action)
        self._say(plain(params["message"]), str(params.get("user_id") or ""))
        return {"message_id": "", "time": time.time()}

    def _say(self, text: str, user_id: str) -> None:
        turn = _turn.get()
        if turn is None or turn.user_id != user_id:
            raise refused(35001, "公众号不能主动说话")
        # 一句一句问的，问第二句时那一次的回应早给了：跟着他刚说的那句走
        turn = turn if turn.open else self.turns.get(user_id)
        said = _joined(turn.said, text) if turn else text
        if must_be_whole() and not (turn and _size(said) <= LARGEST):
            raise refused(35002, "这一次放不下了")
        if turn:
            turn.said = said
            turn.moved.set()
        else:
            self.owe(user_id, text)

    def owe(self, user_id: str, text: str) -> None:
        """先欠着，接在原来欠的后面。"""
        text = _joined(self.owed.pop(user_id, ""), text)
        if len(self.owed) >= OWED:
            del self.owed[next(iter(self.owed))]
        self.owed[user_id] = text

    def go_on(self, user_id: str) -> str:
        """欠着的下一段；还在办的说一声，都没有就是空。"""
        owed = self.owed.pop(user_id, "")
        if not owed and user_id in self.late:
            return WAIT
        return self.portion(user_id, owed)

    def portion(self, user_id: str, text: str) -> str:
        """一次说得下的一段，余下的欠着。"""
        if _size(text) <= LARGEST:
            return text
        piece, rest = cut(text, LARGEST - _size(MORE))
        self.owe(user_id, rest)
        return piece + MORE

    async def turn(self, user_id: str, errand: Errand) -> str:
        """办一句，返回回应；过了时限就先说还在办，办完的欠着。"""
        self.owed.pop(user_id, None)
        turn = self.turns[user_id] = Turn(user_id)
        self.busy[user_id] = self.busy.get(user_id, 0) + 1
        if not WORKERS.submit(errand.queue, lambda: self._run(turn, errand)):
            self._finish(turn)
            return BUSY
        try:
            async with asyncio.timeout(WINDOW):
                while not self._settled(turn):
                    turn.moved.clear()
                    await turn.moved.wait()
        except TimeoutError:
            if user_id in self.busy:
                self.late.add(user_id)
        turn.open = False
        if self.turns.get(user_id) is turn:
            del self.turns[user_id]
        return self.portion(user_id, turn.said) or (WAIT if user_id in self.late else "")

    def _settled(self, turn: Turn) -> bool:
        """办完了也说了；这个人的都办完了；或者问了他一句，正等他答。"""
        return turn.user_id not in self.busy or bool(turn.said and (turn.done or awaited(turn.user_id)))

    async def _run(self, turn: Turn, errand: Errand) -> None:
        _turn.set(turn)
        try:
            await errand.run()
        finally:
            self._finish(turn)

    def _finish(self, turn: Turn) -> None:
        turn.done = True
        user_id = turn.user_id
        self.busy[user_id] -= 1
        if not self.busy[user_id]:
            del self.busy[user_id]
            self.late.discard(user_id)
        for waiting in (turn, self.turns.get(user_id, turn)):
            waiting.moved.set()


def cut(text: str, room: int) -> tuple[str, str]:
    """按行切，第一段不超过 `room` 字节；一行就超过的硬切。"""
    if _size(text) <= room:
        return text, ""
    head = text.encode()[:room].decode("utf-8", "ignore")
    line = head.rfind("\n")
    head = head[:line] if line > 0 else head
    return head, text[len(head) :].lstrip("\n")


def _joined(before: str, text: str) -> str:
    return f"{before}\n\n{text}" if before else text


def _size(text: str) -> int:
    return len(text.encode())
