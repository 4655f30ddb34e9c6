"""示例平台上说过的每一句话，依次排好：网页照着画，新来的一句立刻看得见。"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class File:
    """机器人或人发来的一个文件。"""

    name: str
    data: bytes


@dataclass(frozen=True)
class Line:
    """一句话。`group_id` 与 `user_id` 恰有一个：在哪个群，或跟谁私聊。"""

    number: int
    group_id: str | None
    user_id: str | None
    #: 谁说的；机器人自己的账号也算
    by: str
    text: str
    at: datetime
    pictures: tuple[bytes, ...] = ()
    files: tuple[File, ...] = ()


@dataclass
class Transcript:
    """一句一句往后添，从不改。"""

    lines: list[Line] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(
        self,
        by: str,
        text: str,
        *,
        group_id: str | None,
        user_id: str | None,
        at: datetime,
        pictures: tuple[bytes, ...] = (),
        files: tuple[File, ...] = (),
    ) -> None:
        """添一句。"""
        self.lines.append(Line(len(self.lines) + 1, group_id, user_id, by, text, at, pictures, files))
        self.stir()

    def stir(self) -> None:
        """叫醒等着的：有新的话，或钟走了。"""
        self._news.set()
        self._news = asyncio.Event()

    async def stirred(self, *, within: float) -> None:
        """等下一次 `stir`，至多 `within` 秒。"""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), within)
