"""服务分要用的心愿与心声：哪些算、算几条。危机求助永远不算，建议与投诉也不算。

自己提的也不算：提的时候还是另一个账号、后来并成一个人的，并了就不算（`wishes.submit` 收的时候就不归自己）。
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.league import calendars, formula
from bot.league.formula import WishFacts
from bot.league.periods import NATIONAL, Calendar, Quarter, add_working_days
from db import sql
from db.models import Cadre, Voice, VoiceKind, Wish, WishEnding, WishLane

#: 两个工作日内答复算及时（产品说明第 7 节）
ANSWER_DAYS = 2

_VOICE_COLUMNS = ("id", "unit_id", "author_id", "cadre_id", "submitted_at", "answered_at", "ended_at")

_COLUMNS = (*_VOICE_COLUMNS, "claimer_id", "ending", "accepted")

_CONFIRMED = {WishEnding.FULFILLED: 1.0, WishEnding.PARTLY: formula.PARTLY}


async def wishes_of(quarter: Quarter, only: Collection[int], *, at: datetime) -> dict[int, WishFacts]:
    """本季提交、由他负责的心愿与心声。"""
    book = await calendars.load()
    until = min(at, quarter.next.end)  # 再晚的变化不改旧账：隔了一季的分数就此不动
    span = {"cadre_id__in": only, "submitted_at__gte": quarter.start, "submitted_at__lt": quarter.end}
    people = dict(await Cadre.filter(id__in=only).values_list("id", "person_id"))
    found: dict[int, list[WishFacts]] = defaultdict(list)
    for wish in await Wish.filter(**span).exclude(lane=WishLane.CRISIS).only(*_COLUMNS):
        facts = wish_facts(wish, book.of(wish.unit_id), until=until)
        if facts and wish.cadre_id is not None and wish.author_id != people[wish.cadre_id]:
            found[wish.cadre_id].append(facts)
    for voice in await Voice.filter(**span, kind=VoiceKind.HEART).only(*_VOICE_COLUMNS):
        facts = voice_facts(voice, book.of(voice.unit_id), until=until)
        if facts and voice.cadre_id is not None and voice.author_id != people[voice.cadre_id]:
            found[voice.cadre_id].append(facts)
    return {cadre_id: _sum(facts) for cadre_id, facts in found.items()}


def wish_facts(wish: Wish, calendar: Calendar = NATIONAL, *, until: datetime) -> WishFacts | None:
    """一条心愿到 `until` 为止算什么；还在答复期限里没答复的，先不算。"""
    facts = voice_facts(wish, calendar, until=until)
    if facts is None:
        return None
    ended = wish.ended_at is not None and wish.ended_at < until
    return replace(
        facts,
        confirmed=_CONFIRMED.get(wish.ending, 0) if ended and wish.ending and _is_his(wish) else 0,
        effective=int(_is_his(wish) and not (ended and _is_neutral(wish))),
    )


def voice_facts(voice: Voice | Wish, calendar: Calendar = NATIONAL, *, until: datetime) -> WishFacts | None:
    """只看答复：心声没有“办成没有”可确认，不进 n′。"""
    due = add_working_days(voice.submitted_at, ANSWER_DAYS, calendar)
    ended = voice.ended_at if voice.ended_at and voice.ended_at < until else None
    answered = voice.answered_at if voice.answered_at and voice.answered_at < until else None
    if answered is None and due >= (ended or until):
        return None
    return WishFacts(count=1, answered=int(answered is not None), in_time=int(answered is not None and answered <= due))


def _is_his(wish: Wish) -> bool:
    """没有被别人接手。"""
    return wish.claimer_id in (None, wish.cadre_id)


def _is_neutral(wish: Wish) -> bool:
    """已撤回，或办不成而青年接受了说明：不加分也不扣分。"""
    return wish.ending is WishEnding.WITHDRAWN or (wish.ending is WishEnding.IMPOSSIBLE and wish.accepted)


def _sum(facts: list[WishFacts]) -> WishFacts:
    return WishFacts(
        count=sum(one.count for one in facts),
        answered=sum(one.answered for one in facts),
        in_time=sum(one.in_time for one in facts),
        confirmed=sum(one.confirmed for one in facts),
        effective=sum(one.effective for one in facts),
    )


async def confirmed_share(quarter: Quarter) -> float:
    """全库在本季之前结束的心愿里青年确认办成的比例；不足 30 条时取 0.7。季内不变，随时重算都一样。"""
    [row] = await sql.query(
        f"""
        SELECT COUNT(*) AS n, SUM(CASE ending WHEN '{WishEnding.FULFILLED}' THEN 1.0
                                              WHEN '{WishEnding.PARTLY}' THEN {formula.PARTLY} ELSE 0 END) AS confirmed
        FROM wish
        WHERE ended_at < $1 AND lane <> '{WishLane.CRISIS}' AND (claimer_id IS NULL OR claimer_id = cadre_id)
          AND ending <> '{WishEnding.WITHDRAWN}' AND NOT (ending = '{WishEnding.IMPOSSIBLE}' AND accepted)
          AND NOT EXISTS (SELECT 1 FROM cadre d WHERE d.id = wish.cadre_id AND d.person_id = wish.author_id)
        """,
        quarter.start,
    )
    return float(row["confirmed"]) / row["n"] if row["n"] >= formula.ENOUGH else formula.CONFIRMED_SHARE
