"""群里说话的人里，谁认识谁：账号 → 名册上的人 → 在任团干部与已加入的青年之间的联系关系。开口了才查，查到的记着。"""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from bot.league import roster
from bot.league.interactions.sessions import Pair, Partners
from db.fields import clean
from db.models import Account, Contact, ContactState, Scope

#: 别的进程改了名册，最迟这么久之后看见，秒
REFRESH = 60.0
#: 名册刚改过时再多看一眼，秒：叫 `touch` 的人也许还没提交
SETTLE = 1.0
#: 一次查这么多人
_CHUNK = 5_000
#: 记着的账号多到这个数就从头来
_REMEMBERED = 100_000

K = TypeVar("K", int, str)
User = tuple[Scope, str]
_NOBODY: Partners = {}


class Acquaintances:
    """查过的账号与联系关系；`roster.touch()` 之后、或过了一分钟，从头来过。"""

    def __init__(self) -> None:
        #: 账号 → 人；0 是不认识
        self._people: dict[User, int] = {}
        #: 人 → 联系关系；没有联系关系的人也记着
        self._partners: dict[int, Partners] = {}
        #: 人 → 最早的联系关系从何时起
        self._since: dict[int, float] = {}
        self._revision = -1
        self._expires = 0.0

    def expired(self, clock: float) -> bool:
        """是否该从头来过；`clock` 是单调的秒数。"""
        return self._revision != roster.revision() or clock >= self._expires

    def renew(self, clock: float) -> None:
        """从头来过。"""
        changed = self._revision != roster.revision()
        self._revision = roster.revision()
        self._expires = clock + (SETTLE if changed else REFRESH)
        self._people.clear()
        self._partners.clear()
        self._since.clear()

    async def meet(self, users: Iterable[User], people: Iterable[int] = ()) -> None:
        """把还没查过的账号与人查一遍。"""
        if len(self._people) > _REMEMBERED:
            self.renew(self._expires - REFRESH)
        unknown = set(users) - self._people.keys()
        found = dict.fromkeys(unknown, 0)
        for scope in {scope for scope, _ in unknown}:
            # 带着库里存不下的字符的账号不会在名册上，拿去查还会出错
            names = [user for its_scope, user in unknown if its_scope is scope and clean(user) == user]
            for chunk in _chunks(names):
                rows = await Account.filter(scope=scope, user_id__in=chunk).values_list("user_id", "person_id")
                found |= {(scope, str(user)): int(person) for user, person in rows}
        await self._learn({*people, *filter(None, found.values())} - self._partners.keys())
        self._people |= found

    def person(self, user: User, at: float) -> int:
        """账号在 `at` 时是名册上的谁；不认识、没有联系关系、那时还没加入，都是 0。"""
        person = self._people.get(user, 0)
        return person if person and at >= self._since[person] else 0

    def partners(self, person: int) -> Partners:
        """某人的联系关系；要先 `meet`。"""
        return self._partners.get(person, _NOBODY)

    def is_youth(self, person: int) -> bool:
        """某人此刻是不是谁的联系青年；要先 `meet`。"""
        return any(pair.youth == person for pairs in self.partners(person).values() for pair in pairs)

    async def _learn(self, people: set[int]) -> None:
        active = Contact.filter(state=ContactState.ACTIVE, cadre__left_at=None)
        pairs: set[Pair] = set()
        for chunk in _chunks(people):
            for mine in (active.filter(youth_id__in=chunk), active.filter(cadre__person_id__in=chunk)):
                rows = await mine.values_list("cadre_id", "youth_id", "cadre__person_id", "since")
                # 消息的时间是整秒，同一秒里在 `/加入` 之后说的也算
                pairs |= {Pair(cadre, youth, who, math.floor(since.timestamp())) for cadre, youth, who, since in rows}
        partners: dict[int, dict[int, tuple[Pair, ...]]] = {person: {} for person in people}
        for pair in sorted(pairs):
            for one, other in ((pair.youth, pair.cadre), (pair.cadre, pair.youth)):
                if one in partners and one != other:
                    partners[one][other] = (*partners[one].get(other, ()), pair)
        for person, theirs in partners.items():
            self._since[person] = min((pair.since for known in theirs.values() for pair in known), default=math.inf)
        self._partners |= partners


def _chunks(values: Iterable[K]) -> Iterator[list[K]]:
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
