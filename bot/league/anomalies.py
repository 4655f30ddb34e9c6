"""异常：每天看一遍近来的互动，不寻常的开案请团干部说明。只开案、从不扣分；一人一季一种至多一案。"""

from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import check_letters
from bot.league.check_cases import EXPLAIN_WITHIN
from bot.league.check_steps import EXPLAINING
from bot.league.periods import Quarter, local
from bot.settings import settings
from db import sql
from db.models import CheckKind, GroupKind, PartState, SpotCheck

#: 看近几天的
LOOK_BACK = timedelta(days=7)
#: 产品说明第 7 节刷屏的例子是一季 3,100 条、没有一次深谈，合每周 240 条
FLOOD_MESSAGES = 240
#: 其中八成以上那天没有一次有效互动；有来有往的多聊几句不算
EMPTY_PERCENT = 80
#: 至少几位一样的才算：5 人以下的数字不拿出来说（产品说明第 7 节）
CHORUS_YOUTHS = 5
#: 总在同样的几天里：一两天多半是一起参加了什么，三天都一样就少见了
CHORUS_DAYS = 3
#: 十个人以上说了话，有内容的不到一成：像“收到”“+1”排队
RELAY_SPEAKERS, RELAY_SUBSTANTIVE_PERCENT = 10, 10
#: 一周里有三天这样：偶尔一次通知大家回“收到”不算
RELAY_DAYS = 3

#: 加入那天的本地日期
_JOINED = {"sqlite": "date(c.since, '{offset} seconds')", "postgres": "(c.since AT TIME ZONE '{zone}')::date"}

_Found = list[tuple[CheckKind, int, int, dict[str, object]]]


async def watch(at: datetime) -> int:
    """看一遍，返回新开几案；一天看几遍都一样。"""
    quarter = Quarter.of(at)
    found = [*await _floods(at), *await _choruses(quarter, at), *await _relays(at)]
    keys = {_key(kind, quarter, cadre_id): (kind, cadre_id, unit_id, seen) for kind, cadre_id, unit_id, seen in found}
    known = set(await SpotCheck.filter(key__in=list(keys)).values_list("key", flat=True))
    fresh = {key: one for key, one in keys.items() if key not in known}
    for key, (kind, cadre_id, unit_id, seen) in sorted(fresh.items()):
        case = {"kind": kind, "state": EXPLAINING, "quarter": str(quarter), "cadre_id": cadre_id, "unit_id": unit_id}
        async with in_transaction():
            row, created = await SpotCheck.get_or_create(key=key, defaults=case | {"evidence": seen, "opened_at": at})
            if created:
                await row.fetch_related("cadre__person", "unit")
                await check_letters.opened(row, at=at, until=at + EXPLAIN_WITHIN)
    return len(fresh)


def _key(kind: CheckKind, quarter: Quarter, cadre_id: int) -> str:
    return f"{kind}/{quarter}/c{cadre_id}"


async def _floods(at: datetime) -> _Found:
    """刷屏：消息很多，却几乎没有一天聊成。"""
    empty = "SUM(CASE WHEN i.sessions = 0 THEN i.cadre_messages + i.youth_messages ELSE 0 END)"
    rows = await sql.query(
        f"""
        SELECT i.cadre_id, d.unit_id, SUM(i.cadre_messages + i.youth_messages) AS messages, {empty} AS empty
        FROM interaction i JOIN cadre d ON d.id = i.cadre_id
        WHERE i.day >= $1 AND i.day <= $2 AND d.left_at IS NULL
        GROUP BY i.cadre_id, d.unit_id
        HAVING SUM(i.cadre_messages + i.youth_messages) >= {FLOOD_MESSAGES}
          AND {empty} * 100 >= SUM(i.cadre_messages + i.youth_messages) * {EMPTY_PERCENT}
        """,
        local(at - LOOK_BACK).date(),
        local(at).date(),
    )
    return [
        (
            CheckKind.FLOOD,
            row["cadre_id"],
            row["unit_id"],
            {"messages": int(row["messages"]), "empty": int(row["empty"])},
        )
        for row in rows
    ]


async def _choruses(quarter: Quarter, at: datetime) -> _Found:
    """齐声：同一天加入、从没跟别的团干部说过话、没许过愿也没报过名，说话还总在同样的日子。"""
    offset = local(at).utcoffset() or timedelta()
    joined = _JOINED[sql.dialect()].format(offset=int(offset.total_seconds()), zone=settings().timezone)
    rows = await sql.query(
        f"""
        SELECT cadre_id, unit_id, joined, days, COUNT(*) AS youths FROM (
          SELECT i.cadre_id, d.unit_id, i.youth_id, {joined} AS joined,
                 MIN(i.day) AS first_day, MAX(i.day) AS last_day, COUNT(*) AS days
          FROM interaction i JOIN cadre d ON d.id = i.cadre_id
            JOIN contact c ON c.cadre_id = i.cadre_id AND c.youth_id = i.youth_id
          WHERE i.sessions > 0 AND i.day >= $1 AND i.day < $2 AND d.left_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM interaction x WHERE x.youth_id = i.youth_id AND x.cadre_id <> i.cadre_id)
            AND NOT EXISTS (SELECT 1 FROM wish w WHERE w.author_id = i.youth_id)
            AND NOT EXISTS (SELECT 1 FROM participation p
                WHERE p.person_id = i.youth_id AND p.state IN ('{PartState.SIGNED}', '{PartState.ARRIVED}'))
          GROUP BY i.cadre_id, d.unit_id, i.youth_id, c.since
          HAVING COUNT(*) >= {CHORUS_DAYS}
        ) AS one GROUP BY cadre_id, unit_id, joined, first_day, last_day, days HAVING COUNT(*) >= {CHORUS_YOUTHS}
        ORDER BY COUNT(*), cadre_id
        """,
        quarter.first_day,
        quarter.end_day,
    )
    return [
        (
            CheckKind.CHORUS,
            row["cadre_id"],
            row["unit_id"],
            {"joined": str(row["joined"]), "youths": int(row["youths"]), "days": int(row["days"])},
        )
        for row in rows
    ]


async def _relays(at: datetime) -> _Found:
    """接龙：一群人排着队说话，没几句有内容。"""
    rows = await sql.query(
        f"""
        SELECT g.cadre_id, d.unit_id, COUNT(*) AS days, SUM(y.speakers) AS speakers
        FROM group_day y JOIN chat_group g ON g.id = y.group_id JOIN cadre d ON d.id = g.cadre_id
        WHERE y.day >= $1 AND y.day <= $2 AND g.kind = '{GroupKind.YOUTH}' AND g.unbound_at IS NULL
          AND d.left_at IS NULL AND y.speakers >= {RELAY_SPEAKERS}
          AND y.substantive_speakers * 100 <= y.speakers * {RELAY_SUBSTANTIVE_PERCENT}
        GROUP BY g.id, g.cadre_id, d.unit_id HAVING COUNT(*) >= {RELAY_DAYS}
        ORDER BY COUNT(*), g.id
        """,
        local(at - LOOK_BACK).date(),
        local(at).date(),
    )
    return [
        (
            CheckKind.RELAY,
            row["cadre_id"],
            row["unit_id"],
            {"days": int(row["days"]), "speakers": int(row["speakers"])},
        )
        for row in rows
    ]
