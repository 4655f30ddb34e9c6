"""机器人账号：谁在线，同一个群里有几个时由谁来办。"""

import time

from bot.league import roster
from bot.league.interactions import GroupKey
from db.models import Group, Scope

#: 别的进程绑了群，至多这么久后知道，秒
_FRESH = 60.0
#: 没绑定的群里临时由谁来办，最多记这么多个群
_STAND_INS = 20_000


class Accounts:
    """在线的账号，与每个绑定的群归哪个账号（绑定时所用的那个）。"""

    def __init__(self) -> None:
        self._online: dict[Scope, set[str]] = {scope: set() for scope in Scope}
        self._owners: dict[GroupKey, str] = {}
        self._stand_ins: dict[GroupKey, str] = {}
        self._revision = -1
        self._read_at = 0.0

    def came(self, scope: Scope, self_id: str) -> None:
        """账号连上了。"""
        self._online[scope].add(self_id)

    def left(self, scope: Scope, self_id: str) -> None:
        """账号断开了。"""
        self._online[scope].discard(self_id)

    @property
    def online(self) -> int:
        """在线几个账号。"""
        return sum(map(len, self._online.values()))

    async def refresh(self) -> None:
        """名册变过，或太久没看，就重读群的归属。"""
        revision = roster.revision()
        if revision == self._revision and time.monotonic() - self._read_at < _FRESH:
            return
        rows = await Group.filter(unbound_at=None).values_list("scope", "group_id", "self_id")
        self._owners = {(Scope(scope), group_id): self_id for scope, group_id, self_id in rows}
        self._revision, self._read_at = revision, time.monotonic()

    def groups_of(self, scope: Scope, self_id: str) -> list[GroupKey]:
        """归这个账号的绑定群。"""
        return [key for key, owner in self._owners.items() if owner == self_id and key[0] is scope]

    def minds(self, scope: Scope, group_id: str, self_id: str) -> bool:
        """这个群的消息是不是该由 `self_id` 办：绑定的账号在线就归它，否则先到先得。"""
        online = self._online[scope]
        if len(online) <= 1:
            return True
        key = scope, group_id
        owner = self._owners.get(key)
        if owner not in online:
            owner = self._stand_ins.get(key)
        if owner not in online:
            if len(self._stand_ins) >= _STAND_INS:
                self._stand_ins.clear()
            owner = self._stand_ins[key] = self_id
        return owner == self_id
