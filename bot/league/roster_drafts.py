"""名册的行与库里已有的对上号：谁是谁、新添什么、改动什么、哪里自相矛盾。不写库。"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.league.roster_files import Problem
from bot.league.roster_rows import AccountKey, BadRow, CadreRow, UnitRow, YouthRow
from db.models import CadreKind, RoleKind, Scope, UnitKind

R = TypeVar("R", CadreRow, YouthRow)

#: `path` 每层 6 位、共 120 位
MAX_DEPTH = 20

#: 在哪个单位、什么类别
Post = tuple[str, CadreKind]
Grant = tuple[str, RoleKind]


@dataclass
class Known:
    """导入之前库里的样子，只取用得上的。"""

    #: 单位名 → (类别, 上级名)
    units: dict[str, tuple[UnitKind, str | None]] = field(default_factory=dict)
    accounts: dict[AccountKey, int] = field(default_factory=dict)
    names: dict[int, str | None] = field(default_factory=dict)
    #: 在任的
    posts: dict[int, Post] = field(default_factory=dict)
    grants: dict[int, set[Grant]] = field(default_factory=lambda: defaultdict(set))
    #: (姓名, 单位) → 在那里任职的人
    namesakes: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    #: 上面这些人各有哪些平台的账号
    scopes: dict[int, set[Scope]] = field(default_factory=lambda: defaultdict(set))
    #: (团干部, 青年) → 标签；联系已经结束的为空，导入不去动它
    contacts: dict[tuple[int, int], set[str] | None] = field(default_factory=dict)


@dataclass(eq=False)
class Draft:
    """名册里的一个人；`person_id` 为空就是还没有的人。"""

    name: str | None
    person_id: int | None = None
    accounts: set[AccountKey] = field(default_factory=set)
    scopes: set[Scope] = field(default_factory=set)
    post: Post | None = None
    grants: set[Grant] = field(default_factory=set)
    #: 请了哪些青年，各贴什么标签
    invites: "dict[Draft, set[str]]" = field(default_factory=dict)


@dataclass
class Count:
    """一张表里几行是新添的、改动的、没变的，行。"""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def add(self, *, new: bool, changed: bool) -> None:
        """记一行。"""
        if new:
            self.added += 1
        elif changed:
            self.changed += 1
        else:
            self.unchanged += 1


def check_units(rows: list[UnitRow], known: Known, problems: list[Problem]) -> Count:
    """单位名不重复、上级找得到、不成圈、不太深。"""
    count, first = Count(), dict[str, int]()
    parents = {name: parent for name, (_, parent) in known.units.items()} | {row.name: row.parent for row in rows}
    for row in rows:
        if row.name in first:
            problems.append(Problem("单位", row.number, f"“{row.name}”和第 {first[row.name]} 行重名"))
            continue
        first[row.name] = row.number
        if row.parent and row.parent not in parents:
            problems.append(Problem("单位", row.number, f"上级“{row.parent}”不在表里，库里也没有"))
        elif reason := _bad_line(row.name, parents):
            problems.append(Problem("单位", row.number, reason))
        count.add(new=row.name not in known.units, changed=known.units.get(row.name) != (row.kind, row.parent))
    return count


def _bad_line(name: str, parents: dict[str, str | None]) -> str | None:
    seen, above = {name}, parents[name]
    while above is not None:
        if above in seen:
            return f"上级绕成了圈：{name} 又成了自己的上级" if above == name else "上级那里绕成了圈"
        seen.add(above)
        above = parents.get(above)
    return f"层级太深，最多 {MAX_DEPTH} 层" if len(seen) > MAX_DEPTH else None


class Matching:
    """一行行对号。同一账号必是一个人；姓名、单位相同而平台不同的也是一个人。"""

    def __init__(self, known: Known, units: set[str], problems: list[Problem]) -> None:
        self.known, self.units, self.problems = known, units | set(known.units), problems
        self.people: list[Draft] = []
        self.by_account: dict[AccountKey, Draft] = {}
        self.by_person: dict[int, Draft] = {}
        self.by_name: dict[tuple[str, str], list[Draft]] = defaultdict(list)

    def add_cadres(self, rows: list[CadreRow]) -> Count:
        """干部表。"""
        return self._each("干部", rows, self._add_cadre)

    def add_youths(self, rows: list[YouthRow]) -> Count:
        """青年表；要在干部表之后。"""
        return self._each("青年", rows, self._add_youth)

    def _each(self, sheet: str, rows: list[R], add: Callable[[R], tuple[bool, bool]]) -> Count:
        count = Count()
        for row in rows:
            try:
                new, changed = add(row)
            except BadRow as bad:
                self.problems.append(Problem(sheet, row.number, str(bad)))
            else:
                count.add(new=new, changed=changed)
        return count

    def _add_cadre(self, row: CadreRow) -> tuple[bool, bool]:
        if row.unit not in self.units:
            raise BadRow(f"没有“{row.unit}”这个单位")
        draft = self._find(row.account) or self._namesake(row)
        if draft is None:
            draft = self._draft(row.account, row.name)
        self._rename(draft, row.name)
        self._own(draft, row.account)
        if draft not in self.by_name[row.name, row.unit]:
            self.by_name[row.name, row.unit].append(draft)
        was = draft.person_id
        changed = was is None or self.known.names.get(was) != row.name
        if row.kind:
            if draft.post not in (None, (row.unit, row.kind)):
                raise BadRow("同一个人写了两处任职，类别或单位对不上")
            draft.post = (row.unit, row.kind)
            changed |= was is None or self.known.posts.get(was) != draft.post
        if row.role:
            draft.grants.add((row.unit, row.role))
            changed |= was is None or (row.unit, row.role) not in self.known.grants[was]
        return row.account not in self.known.accounts, changed

    def _add_youth(self, row: YouthRow) -> tuple[bool, bool]:
        cadre = self._inviter(row)
        draft = self._find(row.account) or self._draft(row.account, row.name)
        if row.name:
            self._rename(draft, row.name)
        self._own(draft, row.account)
        if draft is cadre:
            raise BadRow("青年和联系干部是同一个人")
        cadre.invites.setdefault(draft, set()).update(row.tags)
        changed = bool(row.name) and self.known.names.get(draft.person_id or 0) != row.name
        pair = (cadre.person_id or 0, draft.person_id or 0)
        if pair not in self.known.contacts:
            return True, changed
        tags = self.known.contacts[pair]
        return False, changed or (tags is not None and not tags.issuperset(row.tags))

    def _find(self, account: AccountKey) -> Draft | None:
        """这个账号是谁：名册里前面写过的，或库里有的。"""
        if account in self.by_account:
            return self.by_account[account]
        person_id = self.known.accounts.get(account)
        return self.by_person.get(person_id) if person_id is not None else None

    def _namesake(self, row: CadreRow) -> Draft | None:
        """姓名、单位相同、还没有这个平台账号的那一位；有两位就分不清了。"""
        scope, person_id = row.account[0], self.known.accounts.get(row.account)
        if person_id in self.known.namesakes.get((row.name, row.unit), ()):
            return None  # 库里就有这一位，同名同单位的另有其人
        mates = [draft for draft in self.by_name[row.name, row.unit] if scope not in draft.scopes]
        if person_id is None:
            mates += [
                self._known(mate)
                for mate in sorted(self.known.namesakes.get((row.name, row.unit), ()))
                if mate not in self.by_person and scope not in self.known.scopes[mate]
            ]
        if len(mates) > 1:
            raise BadRow(f"{row.unit}有 {len(mates)} 位{row.name}，分不清这是谁的账号，请用 /绑定 来并")
        return mates[0] if mates else None

    def _known(self, person_id: int) -> Draft:
        draft = Draft(self.known.names.get(person_id), person_id, scopes=set(self.known.scopes[person_id]))
        self.people.append(draft)
        self.by_person[person_id] = draft
        return draft

    def _draft(self, account: AccountKey, name: str | None) -> Draft:
        person_id = self.known.accounts.get(account)
        if person_id is not None:
            return self._known(person_id)
        draft = Draft(name)
        self.people.append(draft)
        return draft

    def _rename(self, draft: Draft, name: str) -> None:
        """库里的名字可以改；名册里前后写了两个名字不行。"""
        named = draft.name if draft.accounts else None
        if named not in (None, name):
            raise BadRow(f"同一个账号写了两个名字：{named}、{name}")
        draft.name = name

    def _own(self, draft: Draft, account: AccountKey) -> None:
        person_id = self.known.accounts.get(account)
        if person_id is not None and draft.person_id not in (None, person_id):
            raise BadRow("这个账号在库里是另一个人，请先让本人用 /绑定 把两个账号并起来")
        if person_id is not None and draft.person_id is None:
            draft.person_id = person_id
            draft.scopes |= self.known.scopes[person_id]
            self.by_person[person_id] = draft
        draft.accounts.add(account)
        draft.scopes.add(account[0])
        self.by_account[account] = draft

    def _inviter(self, row: YouthRow) -> Draft:
        """联系干部：先看同一平台的账号，再看别的平台。"""
        for scope in sorted(Scope, key=lambda scope: scope is not row.account[0]):
            account = (scope, row.cadre_user_id)
            person_id = self.known.accounts.get(account)
            draft = self._find(account)
            if draft and (draft.post or draft.person_id in self.known.posts):
                return draft
            if draft is None and person_id in self.known.posts:
                return self._known(person_id)
        raise BadRow(f"联系干部账号“{row.cadre_user_id}”不是团干部")
