"""下基层的天数：一位团干部的一年，和一片单位的合计。等级分开，不相加。"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.league.spans import Span
from bot.league.stay_quotas import quotas_for
from db import sql
from db.models import Cadre, EvidenceGrade, Scheme, Stay, StayDay, StayQuota, StayState, Unit

#: 各等级多少天
Days = dict[EvidenceGrade, int]


@dataclass(frozen=True)
class OwnYear:
    """一位团干部的一年。"""

    year: int
    #: 每一项多少天；一次算几项的，每项里各数一遍
    days: dict[Scheme, Days]
    #: 没写算哪一项的，天
    unsorted: Days
    quotas: dict[Scheme, StayQuota]
    #: 这一年有日子的，新的在前
    stays: list[Stay]


@dataclass(frozen=True)
class Share:
    """一位团干部在一段日子里、一个单位名下、某一项的天数；没写哪一项的 `scheme` 为空。"""

    cadre_id: int
    name: str
    unit: str
    #: 记下时的单位在哪里（`Unit.path`）
    path: str
    scheme: Scheme | None
    days: Days


@dataclass(frozen=True)
class Tally:
    """一个单位（连同下级）某一项：多少人、各等级多少天。"""

    people: int
    days: Days


def year_range(year: int) -> tuple[date, date]:
    """一年的第一天与下一年的第一天（不含）。"""
    return date(year, 1, 1), date(year + 1, 1, 1)


async def own_year(cadre_id: int, year: int) -> OwnYear:
    """某位团干部的一年。"""
    first, end = year_range(year)
    dates = StayDay.filter(cadre_id=cadre_id, day__gte=first, day__lt=end)
    ids: list[int] = [int(str(stay_id)) for stay_id in await dates.values_list("stay_id", flat=True)]
    stays = await Stay.filter(id__in=set(ids), state=StayState.KEPT).order_by("-first_day", "-id")
    days: dict[Scheme, Days] = {scheme: {} for scheme in Scheme}
    unsorted: Days = {}
    for stay in stays:
        counted = [days[Scheme(name)] for name in stay.schemes.split()] or [unsorted]
        for tally in counted:
            tally[stay.grade] = tally.get(stay.grade, 0) + ids.count(stay.id)
    path = str(await Cadre.get(id=cadre_id).values_list("unit__path", flat=True))
    return OwnYear(year, days, unsorted, await quotas_for(year, path), stays)


async def shares(span: Span, first: date, end: date) -> list[Share]:
    """`span` 里每位团干部、每一项在 [first, end) 的天数；一次查完。"""
    rows = await sql.query(
        f"""
        SELECT s.cadre_id, p.name, u.name AS unit, u.path, k.scheme, s.grade, COUNT(*) AS days
        FROM stay_day d JOIN stay s ON s.id = d.stay_id JOIN unit u ON u.id = s.unit_id
             JOIN cadre c ON c.id = s.cadre_id JOIN person p ON p.id = c.person_id
             JOIN ({" UNION ALL ".join(f"SELECT '{scheme}' AS scheme" for scheme in (*Scheme, ""))}) k
               ON (k.scheme <> '' AND ' ' || s.schemes || ' ' LIKE '% ' || k.scheme || ' %')
               OR (k.scheme = '' AND s.schemes = '')
        WHERE d.day >= $1 AND d.day < $2 AND u.path >= $3 AND u.path < $4
        GROUP BY s.cadre_id, p.name, u.name, u.path, k.scheme, s.grade
        ORDER BY s.cadre_id, u.path, k.scheme, s.grade
        """,
        first,
        end,
        span.path,
        span.path_end,
    )
    found: dict[tuple[int, str, str], Share] = {}
    for row in rows:
        scheme = Scheme(row["scheme"]) if row["scheme"] else None
        fresh = Share(row["cadre_id"], row["name"] or "（没写姓名）", row["unit"], row["path"], scheme, {})
        share = found.setdefault((row["cadre_id"], row["path"], row["scheme"]), fresh)
        share.days[EvidenceGrade(row["grade"])] = row["days"]
    return list(found.values())


def per_unit(span: Span, rows: Sequence[Share]) -> dict[str, dict[Scheme | None, Tally]]:
    """`span` 的下一级（和它本身）各多少人、多少天；键是 `Unit.path`。通报照这个汇总。"""
    grouped: dict[str, dict[Scheme | None, list[Share]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row.path[: len(span.path) + 6]][row.scheme].append(row)
    return {path: {scheme: tally(members) for scheme, members in schemes.items()} for path, schemes in grouped.items()}


async def names_below(span: Span, rows: Sequence[Share]) -> dict[str, str]:
    """这几行里 `span` 的下一级单位：`Unit.path` → 名字。"""
    paths = {row.path[: len(span.path) + 6] for row in rows} - {span.path}
    return dict(await Unit.filter(path__in=paths).values_list("path", "name"))


def tally(rows: Sequence[Share]) -> Tally:
    """同一项的几行合起来；换过单位的人只数一个。"""
    days: Days = {}
    for row in rows:
        for grade, count in row.days.items():
            days[grade] = days.get(grade, 0) + count
    return Tally(len({row.cadre_id for row in rows}), days)
