"""联系青年：雷达、小伙伴。只看自己的联系人，看有没有真联系（有效互动）。标签见 `tag_batches`，筛选见 `filters`。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise.functions import Count

from bot.league import words
from bot.league.bonds import Bond, Bonds, bonds_of
from bot.league.errors import Refusal
from bot.league.periods import local
from db import sql
from db.models import Account, Contact, ContactState, ContactTag, Scope

#: 30 天没有有效互动算久没联系（产品说明第 4 节 /小伙伴）
QUIET_DAYS = 30
#: 雷达一次给几位：一周里真能去联系的人数
RADAR_SIZE = 10


@dataclass(frozen=True)
class Companion:
    """一位联系青年。"""

    contact_id: int
    #: 名册上的姓名；没有就是“QQ 尾号1234”
    name: str
    user_ids: tuple[str, ...]
    #: 上一次有效互动；从来没有过则为空
    last: date | None
    #: 距上一次有效互动（从没有过的，距加入）多少天
    quiet_days: int
    tags: tuple[str, ...]
    bond: Bond


async def companions(cadre_id: int, *, at: datetime) -> list[Companion]:
    """自己的联系青年，最久没联系的在前。"""
    rows = await sql.query(
        f"""
        SELECT c.id, c.youth_id, c.since, p.name, MAX(i.day) AS last
        FROM contact c JOIN person p ON p.id = c.youth_id
             LEFT JOIN interaction i ON i.cadre_id = c.cadre_id AND i.youth_id = c.youth_id AND i.sessions > 0
        WHERE c.cadre_id = $1 AND c.state = '{ContactState.ACTIVE}'
        GROUP BY c.id, c.youth_id, c.since, p.name
        """,
        cadre_id,
    )
    accounts: dict[int, list[Account]] = {}
    for account in await Account.filter(person__contacts__cadre_id=cadre_id).order_by("id"):
        accounts.setdefault(account.person_id, []).append(account)
    worn: dict[int, list[str]] = {}
    for row in await ContactTag.filter(contact__cadre_id=cadre_id).order_by("id"):
        worn.setdefault(row.contact_id, []).append(words.tidy(row.tag))
    bonds = await bonds_of(cadre_id, at=at)
    found = [_companion(row, accounts.get(row["youth_id"], []), worn.get(row["id"], []), bonds) for row in rows]
    return sorted(found, key=lambda one: (-one.quiet_days, one.contact_id))


async def radar(cadre_id: int, *, at: datetime, limit: int = RADAR_SIZE) -> list[Companion]:
    """谁最久没真联系；今天刚联系过的不在内。"""
    return [one for one in await companions(cadre_id, at=at) if one.quiet_days > 0][:limit]


async def tag_counts(cadre_id: int) -> list[tuple[str, int]]:
    """自己用过的标签，各贴了几人，多的在前。"""
    tags = ContactTag.filter(contact__cadre_id=cadre_id, contact__state=ContactState.ACTIVE)
    counted = await tags.annotate(count=Count("id")).group_by("tag").values_list("tag", "count")
    return sorted(counted, key=lambda row: (-row[1], row[0]))


async def mentioned(cadre_id: int, scope: Scope, user_ids: Sequence[str]) -> list[int]:
    """被 @ 的人 → 联系关系；有一位不是自己的联系青年就 `Refusal`。"""
    mine = Contact.filter(cadre_id=cadre_id, state=ContactState.ACTIVE)
    rows = mine.filter(youth__accounts__scope=scope, youth__accounts__user_id__in=user_ids).order_by("id")
    found = dict(await rows.values_list("youth__accounts__user_id", "id"))
    if missing := len(set(user_ids) - found.keys()):
        raise Refusal(f"有 {missing} 位不是你的联系青年，标签没有改动。请本人先发 /加入 @你，愿意的才算。")
    return sorted(set(found.values()))  # 两个账号可能是同一位


async def named(cadre_id: int, word: str, *, at: datetime) -> int:
    """姓名、账号或尾号 → 自己的一位联系青年；对不上或对上几位就 `Refusal`。"""
    digits = word.removeprefix("尾号")
    found = [
        one
        for one in await companions(cadre_id, at=at)
        if word == one.name or (len(digits) >= 3 and any(user_id.endswith(digits) for user_id in one.user_ids))
    ]
    if len(found) > 1:
        raise Refusal(f"“{word[:20]}”对得上 {len(found)} 位，请多写几位账号尾号。")
    if not found:
        raise Refusal(f"你的联系青年里没有“{word[:20]}”。可以写名册姓名或账号尾号，发 /小伙伴 看名单。")
    return found[0].contact_id


def _companion(row: dict[str, Any], accounts: Sequence[Account], tags: Sequence[str], bonds: Bonds) -> Companion:
    last = date.fromisoformat(str(row["last"])) if row["last"] else None
    since = last or local(_instant(row["since"])).date()
    return Companion(
        contact_id=row["id"],
        name=words.tidy(row["name"] or "") or _account_name(accounts),
        user_ids=tuple(account.user_id for account in accounts),
        last=last,
        quiet_days=max(0, (bonds.today - since).days),
        tags=tuple(tags),
        bond=bonds.of(row["youth_id"], last),
    )


def _account_name(accounts: Sequence[Account]) -> str:
    return f"{accounts[0].scope.label} 尾号{accounts[0].user_id[-4:]}" if accounts else "（账号已删除）"


def _instant(value: datetime | str) -> datetime:
    """SQLite 里时间是文本（UTC）。"""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
