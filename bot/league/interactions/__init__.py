"""自动记录互动（产品说明第 3 节）。门口只管把听见的话交进来；判断与落库由书记员成批做，恰好一次。

外面只认这一页，里面的几间屋子互相认识。文字只在内存里待到这一批判断完，不到一秒；落库的只有计数、时间与指纹。一句话走过的路：
`scribes` 排队 → `hearsay` 认人（`acquaintances`），洗干净（`substance`）、变成指纹（`fingerprints`）
→ `session_engines` 比着近来的（`memories`）接成会话（`sessions`）→ `ledgers` 落库，`trails` 写下记到了哪里。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.league.interactions import ledgers
from bot.league.interactions.hearsay import GroupKey, Heard, Recalled
from bot.league.interactions.scribes import Scribe

__all__ = ["GroupKey", "Health", "Heard", "InteractionLog"]

#: 队列超过这么多，读帧的人要等一等
BOUND = 30_000
#: 合理的时间，秒；之外的是坏数据
_LATEST = 4_102_444_800.0


@dataclass(frozen=True, slots=True)
class Health:
    """记录得怎么样：给 `/状态` 与健康页看。"""

    #: 还没落库的条数
    queued: int
    #: 最早一条没落库的等了多久，秒
    oldest: float
    #: 已经落库的条数
    written: int
    #: 重试过几次
    retries: int
    #: 写不进去、只好剔掉的有几处
    poisoned: int
    #: 写入任务重起过几次
    restarts: int
    last_error: str | None
    alive: bool


class InteractionLog:
    """一个进程一份。`hear`、`recall`、`hold`、`release` 是同步的，只进队列。"""

    def __init__(self, *, key: bytes) -> None:
        self._scribe = Scribe(key)
        self._held: dict[GroupKey, list[Heard | Recalled]] = {}

    async def start(self) -> None:
        """开工。数据库要先连上。"""
        await self._scribe.start()

    async def stop(self) -> None:
        """全部落库再停。"""
        for group in list(self._held):
            self.release(group, ())
        await self._scribe.stop()

    def hear(self, group: GroupKey, heard: Heard) -> None:
        """群里有人说了一句；没绑定的群立刻返回。"""
        if not self._scribe.listens_to(group):
            return
        if 0 < heard.at < _LATEST:
            self._put(group, heard)
        else:
            self._scribe.poisoned += 1

    def recall(self, group: GroupKey, message_id: str, at: float) -> None:
        """有一条撤回了。"""
        if self._scribe.listens_to(group):
            self._put(group, Recalled(message_id, at))

    async def room(self) -> None:
        """队列不满就立刻返回，满了就等到有空：读帧的人据此放慢。"""
        while len(self._scribe.queue) > BOUND:
            self._scribe.space.clear()
            await self._scribe.space.wait()

    def hold(self, group: GroupKey) -> None:
        """开始补课：这个群新来的话先攒着。"""
        self._held.setdefault(group, [])

    def release(self, group: GroupKey, history: Sequence[Heard]) -> None:
        """补课完毕：历史与攒着的按发送时间排好，一起记；重复的只算一次。"""
        held = self._held.pop(group, [])
        heard = [one for one in (*history, *held) if isinstance(one, Heard)]
        numbered = all(one.seq is not None for one in heard)
        heard.sort(key=lambda one: (one.at, one.seq or 0 if numbered else 0))
        for one in heard:
            self.hear(group, one)
        for one in held:
            if isinstance(one, Recalled):
                self.recall(group, one.message_id, one.at)

    def holding(self, group: GroupKey) -> bool:
        """这个群正在补课，还没补完。"""
        return group in self._held

    async def flush(self) -> None:
        """此前听见的（攒着的除外）全部落库后返回。"""
        await self._scribe.flush()

    def health(self) -> Health:
        """此刻的样子。"""
        scribe = self._scribe
        return Health(
            queued=scribe.left + sum(map(len, self._held.values())),
            oldest=scribe.oldest,
            written=scribe.written,
            retries=scribe.retries,
            poisoned=scribe.poisoned,
            restarts=scribe.restarts,
            last_error=scribe.last_error,
            alive=scribe.alive,
        )

    async def cursors(self) -> dict[GroupKey, tuple[float, ...]]:
        """绑着的群 → 记到了何时（还没记过的，是绑定的时间）；补课从这里开始。"""
        await self._scribe.look_at_groups()
        stored = await ledgers.last_times()
        awake = self._scribe.listener.last_at
        return {
            group: (awake(bound.id) or stored.get(bound.id) or bound.since,)
            for group, bound in self._scribe.groups.items()
        }

    async def forget(self, *, at: datetime) -> int:
        """一天没有动静的群，指纹与会话都清掉，只留记到何时；返回清了几个。每天看一次就行。"""
        return await self._scribe.forget(at)

    def _put(self, group: GroupKey, item: Heard | Recalled) -> None:
        if self._held and (held := self._held.get(group)) is not None:
            held.append(item)
        else:
            self._scribe.put(group, item)
