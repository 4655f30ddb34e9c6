"""发送的节奏：一个群、一个账号一分钟至多几条，条与条之间错开。只管主动发送，回答命令不受影响。"""

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable

#: 产品说明第 8 节：一个群一分钟至多 15 条，一个账号 20 条
PER_GROUP, PER_ACCOUNT = 15, 20
WINDOW = 60.0
#: 每条之前随机停一停，秒
JITTER = (0.3, 1.2)


class Pace:
    """最近一分钟里每个目标发了几条。`enabled` 关掉后不等也不记（沙盒与测试）。"""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        enabled: bool = True,
    ) -> None:
        self.enabled = enabled
        self._clock = clock
        self._sleep = sleep
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    async def room(self, key: str, limit: int) -> None:
        """等到 `key` 还能再发一条为止；不占名额。"""
        while self.enabled and (wait := self._wait(key, limit)) > 0:
            await self._sleep(wait)

    async def turn(self, limits: dict[str, int]) -> None:
        """等到每个目标都有名额，停一停，然后占掉名额。"""
        if not self.enabled:
            return
        await self._sleep(random.uniform(*JITTER))
        while (wait := max(self._wait(key, limit) for key, limit in limits.items())) > 0:
            await self._sleep(wait)
        for key in limits:
            self._sent[key].append(self._clock())

    def remember(self, keys: Iterable[str], *, ago: float) -> None:
        """`ago` 秒前已经发过一条（由远到近地记）。"""
        for key in keys if self.enabled else ():
            self._sent[key].append(self._clock() - ago)

    def _wait(self, key: str, limit: int) -> float:
        sent = self._sent.get(key)
        if not sent:
            return 0
        while sent and sent[0] <= self._clock() - WINDOW:
            sent.popleft()
        if not sent:
            del self._sent[key]
            return 0
        return sent[-limit] + WINDOW - self._clock() if len(sent) >= limit else 0
