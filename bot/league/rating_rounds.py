"""抽问：一季随机请几位青年评一评自己的联系团干部。谁被抽到只由秘密的种子定，团干部挑不了。

从全部联系青年里抽，不只从聊过的里抽：只问聊过的，团干部跟谁聊就等于挑了谁。
没聊过的人也说得出有没有人管他；不想答就不答，从不催。
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

from tortoise.transactions import in_transaction

from bot.league import formula, notices
from bot.league.periods import Quarter, is_quiet, local, on
from db import sql
from db.models import Cadre, ContactState, RatingAsk, RatingRound

#: 每位团干部一季至多问几名：照产品说明第 7 节的例子（9 份、6 份），一多半会答
SAMPLE = 12
#: 联系满一周的才抽：临抽前拉进来的不算
KNOWN_FOR = timedelta(days=7)
#: 每季第二、第三个月的一号各抽一回，第二回只抽头一回没轮到的；一天里问人的钟点
ROUNDS, OPENS, ASKS_UNTIL = (1, 2), time(10), time(20)
#: 头两周里分散着问，再留两周答；截止才揭晓，中间分数不动，谁刚答的也就推不出来
ASKING, ANSWERING = timedelta(days=14), timedelta(days=14)
#: 离截止不到三天就不问了
LEAST = timedelta(days=3)
#: 一次抽几位团干部的、问几位青年，其余的接着来
_CHUNK = 200

# 还能问的一对：还联系着（或本季被团干部移出的，移出不满意的人躲不掉），还同意着，没请假静音，没在等删除
_MAY_BE_ASKED = f"""
    (c.state = '{ContactState.ACTIVE}' OR (c.removed_by_cadre AND c.ended_at >= $2))
    AND d.left_at IS NULL
    AND EXISTS (SELECT 1 FROM consent s WHERE s.person_id = c.youth_id AND s.withdrawn_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM erasure e
        WHERE e.person_id = c.youth_id AND e.done_at IS NULL AND e.cancelled_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM absence b
        WHERE b.person_id = c.youth_id AND b.cancelled_at IS NULL AND b.since <= $1 AND b.until > $1)
"""


def opening(quarter: Quarter, number: int) -> datetime:
    """第 `number` 回什么时候抽。"""
    return on(date(quarter.year, quarter.first_day.month + number, 1), OPENS)


def closing(opens_at: datetime) -> datetime:
    """什么时候截止：总在季内，28 天后的零点。"""
    return on(local(opens_at).date() + ASKING + ANSWERING)


def choose(seed: str, pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """`(团干部, 青年)` 各对里抽：团干部 → 抽到的青年。有几位团干部的青年先由签定归谁，所以只会抽到一次。

    只看种子与各对的编号，次序无关；够不上 5 人的不抽，问了也揭不了晓。
    """
    cadres_of: dict[int, list[int]] = defaultdict(list)
    for cadre, youth in pairs:
        cadres_of[youth].append(cadre)
    pools: dict[int, list[int]] = defaultdict(list)
    for youth, cadres in cadres_of.items():
        pools[min(cadres, key=lambda cadre: _lot(seed, cadre, youth))].append(youth)
    return {
        cadre: sorted(pool, key=lambda youth: _lot(seed, youth))[:SAMPLE]
        for cadre, pool in sorted(pools.items())
        if len(pool) >= formula.RATINGS_NEEDED
    }


def _lot(seed: str, *numbers: int) -> int:
    """这一签。"""
    digest = blake2b("/".join(map(str, numbers)).encode(), key=bytes.fromhex(seed), digest_size=8)
    return int.from_bytes(digest.digest())


async def draw(at: datetime) -> None:
    """到日子就抽；停机错过的两周内补上。抽好的留在库里，再叫一次什么也不变。"""
    quarter = Quarter.of(at)
    for number in ROUNDS:
        opens_at = opening(quarter, number)
        if opens_at <= at < opens_at + ASKING:
            fresh = {"seed": secrets.token_hex(16), "opens_at": opens_at, "closes_at": closing(opens_at)}
            found, _ = await RatingRound.get_or_create(quarter=str(quarter), number=number, defaults=fresh)
            if found.drawn_at is None:
                await _draw(found, quarter)
                await RatingRound.filter(id=found.id, drawn_at=None).update(drawn_at=at)


async def _draw(drawn: RatingRound, quarter: Quarter) -> None:
    cadres = [int(str(one)) for one in await Cadre.filter(left_at=None).order_by("id").values_list("id", flat=True)]
    for start in range(0, len(cadres), _CHUNK):
        chunk = set(cadres[start : start + _CHUNK])
        chosen = choose(drawn.seed, await _pool(drawn, quarter, chunk))
        rows = [
            RatingAsk(round=drawn, quarter=drawn.quarter, cadre_id=cadre, youth_id=youth, ask_at=_when(drawn, youth))
            for cadre, youths in chosen.items()
            if cadre in chunk
            for youth in youths
        ]
        await RatingAsk.bulk_create(rows, ignore_conflicts=True, batch_size=500)


async def _pool(drawn: RatingRound, quarter: Quarter, cadres: Collection[int]) -> list[tuple[int, int]]:
    """这些团干部的联系青年，连同这些青年的别的团干部；本季别的回里轮到过的不在内。"""
    rows = await sql.query(
        f"""
        SELECT c.cadre_id, c.youth_id FROM contact c JOIN cadre d ON d.id = c.cadre_id
        WHERE c.youth_id IN (SELECT youth_id FROM contact WHERE cadre_id IN ({",".join(map(str, cadres))}))
          AND c.since <= $3 AND {_MAY_BE_ASKED}
          AND NOT EXISTS (SELECT 1 FROM rating_ask a
              WHERE a.quarter = $4 AND a.youth_id = c.youth_id AND a.round_id <> $5)
          AND NOT EXISTS (SELECT 1 FROM rating_ask a
              WHERE a.quarter = $4 AND a.cadre_id = c.cadre_id AND a.round_id <> $5)
        """,
        drawn.opens_at,
        quarter.start,
        drawn.opens_at - KNOWN_FOR,
        drawn.quarter,
        drawn.id,
    )
    return [(row["cadre_id"], row["youth_id"]) for row in rows]


def _when(drawn: RatingRound, youth: int) -> datetime:
    """哪天几点问他：也由签定，一个班的人不会同一刻收到。"""
    minutes_a_day = (ASKS_UNTIL.hour - OPENS.hour) * 60
    day, minute = divmod(_lot(drawn.seed, youth, 0) % (ASKING.days * minutes_a_day), minutes_a_day)
    return local(drawn.opens_at) + timedelta(days=day, minutes=minute)


async def ask(at: datetime) -> None:
    """排到的问一次，夜里不问；这期间退出、离开、静音、要删数据的不问。"""
    if is_quiet(at):
        return
    rows = await sql.query(
        f"""
        SELECT a.id FROM rating_ask a JOIN rating_round r ON r.id = a.round_id
          JOIN contact c ON c.cadre_id = a.cadre_id AND c.youth_id = a.youth_id JOIN cadre d ON d.id = a.cadre_id
        WHERE a.asked_at IS NULL AND a.ask_at <= $1 AND r.closes_at > $3 AND {_MAY_BE_ASKED}
        ORDER BY a.ask_at, a.id LIMIT {_CHUNK}
        """,
        at,
        Quarter.of(at).start,
        at + LEAST,
    )
    due = RatingAsk.filter(id__in=[row["id"] for row in rows]).order_by("ask_at", "id")
    for row in await due.select_related("round", "cadre__person"):
        await _ask_one(row, at=at)


async def _ask_one(row: RatingAsk, *, at: datetime) -> None:
    last_day = local(row.round.closes_at) - timedelta(days=1)
    async with in_transaction():
        posted = await notices.post(
            "rating.ask",
            period=row.quarter,
            person_id=row.youth_id,
            text=_question(row.cadre.person.name or "你的联系团干部", last_day),
            at=at,
            expires_at=row.round.closes_at,
            discreet=True,
        )
        if posted:
            await RatingAsk.filter(id=row.id, asked_at=None).update(asked_at=at)


def _question(name: str, last_day: datetime) -> str:
    return (
        f"悄悄问你一句：这一季{name}和你们联系得怎么样？1 到 5 分，5 分最好，私聊我发 /评价 4，后面想说一句也行。\n"
        f"随机问到了你，几分不会告诉任何人，满 5 个人才合起来说个大概。"
        f"{last_day.month}月{last_day.day}日前都可以，不想答就不用管，不会再问。"
    )
