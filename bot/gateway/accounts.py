"""机器人账号：谁在线，同一个群里有几个时由谁来办。"""

import time
from collections.abc import Set as AbstractSet

from bot.league import roster
from bot.league.interactions import GroupKey
from db.models import Group, Scope

#: 别的进程绑了群，至多这么久后知道，秒
_FRESH = 60.0
#: 没绑定的群里临时由谁来办，最多记这么多个群
_STAND_INS = 20_000
#: 临时的这么久没听见群里的话，就当它已经不在群里，谁听见归谁，秒
_STAND_IN_FOR = 60.0


class Accounts:
    """在线的账号，与每个绑定的群归哪个账号（绑定时所用的那个）。"""

    def __init__(self) -> None:
        self._online: dict[Scope, set[str]] = {scope: set() for scope in Scope}
        self._owners: dict[GroupKey, str] = {}
        #: 谁临时办着，最近何时听见群里的话
        self._stand_ins: dict[GroupKey, tuple[str, float]] = {}
        self._ours: dict[Scope, set[str]] = {scope: set() for scope in Scope}
        self._revision = -1
        self._read_at = 0.0

    def came(self, scope: Scope, self_id: str) -> None:
        """账号连上了。"""
        self._online[scope].add(self_id)
        self._ours[scope].add(self_id)

    def left(self, scope: Scope, self_id: str) -> None:
        """账号断开了。"""
        self._online[scope].discard(self_id)

    @property
    def online(self) -> int:
        """在线几个账号。"""
        return sum(map(len, self._online.values()))

    def ours(self, scope: Scope) -> AbstractSet[str]:
        """这个平台上我们的机器人账号：连上过的，与管着群的。它们在群里说的话不是谁在说话。"""
        return self._ours[scope]

    async def refresh(self) -> None:
        """名册变过，或太久没看，就重读群的归属。"""
        revision = roster.revision()
        if revision == self._revision and time.monotonic() - self._read_at < _FRESH:
            return
        rows = await Group.filter(unbound_at=None).values_list("scope", "group_id", "self_id")
        self._owners = {(Scope(scope), group_id): self_id for scope, group_id, self_id in rows}
        for (scope, _), self_id in self._owners.items():
            self._ours[scope].add(self_id)
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
        return owner == self_id if owner in online else self._stands_in(key, self_id, online)

    def _stands_in(self, key: GroupKey, self_id: str, online: set[str]) -> bool:
        """先到先得；先到的那个掉了线、不在群里了，换下一个听见的。"""
        now = time.monotonic()
        owner, heard_at = self._stand_ins.get(key, (self_id, now))
        if owner != self_id and owner in online and now - heard_at < _STAND_IN_FOR:
            return False
        if len(self._stand_ins) >= _STAND_INS:
            self._stand_ins.clear()
        self._stand_ins[key] = self_id, now
        return True
