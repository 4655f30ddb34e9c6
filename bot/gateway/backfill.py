"""补课：连上之后，把断开期间群里说过的话从实现的历史记录里取回来，每条恰好算一次。"""

import asyncio
import logging
from collections.abc import Sequence

from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, AdapterException

from bot.gateway import capabilities
from bot.gateway.admission import ACCOUNTS
from bot.gateway.capabilities import Ability
from bot.gateway.frames import Frame, Spoken, read_v11
from bot.gateway.heads import HEADS
from bot.gateway.hearing import as_heard
from bot.gateway.histories import turn_back
from bot.league.interactions import GroupKey, InteractionLog
from db.models import Scope

#: 同时补几个群
LANES = 4

_log = logging.getLogger("tuanbot")


class Backfill:
    """一个账号连上时的补课。先 `hold` 住它的群，再读第一帧；补完一个放开一个。"""

    def __init__(self, bot: v11.Bot, groups: Sequence[GroupKey], log: InteractionLog) -> None:
        self._bot = bot
        self._left = list(groups)
        self._interactions = log
        for group in groups:
            log.hold(group)

    async def run(self) -> None:
        """补完所有群；平台不答了，余下的就此放开。"""
        lanes = asyncio.Semaphore(LANES)
        try:
            await capabilities.learn(self._bot)
            cursors = await self._interactions.cursors()
            async with asyncio.TaskGroup() as tasks:
                for group in self._left:
                    tasks.create_task(self._catch_up(group, cursors.get(group, ()), lanes))
        except* (AdapterException, TimeoutError) as errors:
            kind = type(errors.exceptions[0]).__name__
            _log.warning("取不到历史消息（%s），断开期间的群聊可能没有记上", kind)
        finally:
            for group in list(self._left):
                self._release(group, [])

    async def _catch_up(self, group: GroupKey, cursor: tuple[float, ...], lanes: asyncio.Semaphore) -> None:
        """补一个群；只是这个群取不到（比如已经不在群里），不耽误别的群。"""
        history: list[Spoken] = []
        async with lanes:
            if cursor and capabilities.able(self._bot, Ability.HISTORY):
                try:
                    history = await self._history(group[1], since=min(cursor))
                except ActionFailed as error:
                    capabilities.tried(self._bot, Ability.HISTORY, error)
        self._release(group, history)

    def _release(self, group: GroupKey, history: list[Spoken]) -> None:
        self._left.remove(group)
        heard = [as_heard(spoken, command=HEADS.looks_like_command(spoken.reading.opening)) for spoken in history]
        self._interactions.release(group, heard)

    async def _history(self, group_id: str, *, since: float) -> list[Spoken]:
        """`since`（Unix 秒）以后的发言，早的在前。"""
        found: dict[str, Spoken] = {}

        def wanted(page: list[Frame]) -> bool:
            news = [spoken for frame in page if (spoken := self._read(frame, group_id))]
            fresh = {spoken.message_id: spoken for spoken in news if spoken.message_id not in found}
            # 越往后翻越早，放在前面：同一秒里的几句也照原来的次序
            earlier = fresh | found
            found.clear()
            found.update(earlier)
            return bool(fresh) and min(spoken.at for spoken in fresh.values()) >= since

        await turn_back(self._bot, "get_group_msg_history", wanted=wanted, group_id=int(group_id))
        return sorted((spoken for spoken in found.values() if spoken.at >= since), key=lambda spoken: spoken.at)

    def _read(self, frame: Frame, group_id: str) -> Spoken | None:
        ours = ACCOUNTS.ours(Scope.QQ) | {self._bot.self_id}
        spoken = read_v11(frame | {"message_type": "group", "group_id": group_id}, ours)
        return spoken if spoken and spoken.user_id not in ours else None
