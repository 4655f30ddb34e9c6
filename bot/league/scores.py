"""积分：从事实算出 `Score` 行。每个部分一句按人分组的查询；整表删掉再算，结果一样。公式在 `formula`。"""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.league import five_ones, formula, postings
from bot.league.contact_terms import past
from bot.league.formula import Facts, Grade, WishFacts
from bot.league.periods import Quarter, local
from bot.league.postings import Post
from bot.league.reached import reached, reached_twice
from bot.league.scored_checks import CheckFacts, checks_of
from bot.league.scored_ratings import RatingFacts, installation_mean, ratings_of
from bot.league.scored_wishes import confirmed_share, wishes_of
from db import sql
from db.models import ContactState, Score, WishAction

#: 积分只看这些表里的这些列。登录、点赞、转发、在线时长、连续签到、照片数一概不算
#: （2023、2026 年整治“指尖上的形式主义”的规定）；测试按这张单子核对
SCORE_INPUTS = {
    "cadre": ("id", "person_id", "unit_id", "quota", "since", "left_at"),
    "cadre_past": ("cadre_id", "unit_id", "quota", "since", "until"),
    "unit": ("path",),
    "contact": ("cadre_id", "state", "since", "ended_at", "removed_by_cadre"),
    "contact_past": ("contact_id", "since", "ended_at", "removed_by_cadre"),
    "interaction": ("cadre_id", "youth_id", "day", "sessions"),
    "calendar_mark": ("unit_id", "kind", "first_day", "last_day", "cancelled_at"),
    "activity": ("organiser_id", "slot", "state", "starts_at", "grade", "graded_at", "created_at", "ended_at"),
    "five_ones": ("unit_id", "quarter", "names", "set_at"),
    "participation": ("activity_id", "person_id", "state", "at"),
    "wish": (
        "author_id",
        "cadre_id",
        "claimer_id",
        "lane",
        "ending",
        "accepted",
        "submitted_at",
        "answered_at",
        "ended_at",
    ),
    "voice": ("author_id", "cadre_id", "kind", "submitted_at", "answered_at", "ended_at"),
    "rating": ("quarter", "cadre_id", "round_id", "stars"),
    "rating_round": ("closes_at",),
    "spot_check": ("quarter", "cadre_id", "wish_id", "kind", "state", "settled_at"),
}

# 一次算多少人：再多，SQL 的参数就放不下了
_CHUNK = 5000

_Counts = dict[int, int]


async def recompute(quarter: Quarter, *, at: datetime, only: Collection[int] | None = None) -> int:
    """重算 `only` 里的人（空为全部），只写变了的行；返回写了几行。"""
    share, mean = await confirmed_share(quarter), await installation_mean(quarter)
    posts = await postings.served(quarter, only)
    written = 0
    for start in range(0, len(posts), _CHUNK):
        chunk = posts[start : start + _CHUNK]
        written += await _store(quarter, await gather(quarter, chunk, share, mean, at=at), at=at)
    return written


async def gather(
    quarter: Quarter, posts: Collection[Post], share: float, mean: float, *, at: datetime
) -> dict[int, Facts]:
    """每位团干部一季的事实；`share` 是全库确认率，`mean` 是全库评价均分。"""
    only = [post.cadre_id for post in posts]
    if not only:
        return {}
    roster = await _rosters(quarter, only)
    met = await reached(quarter.first_day, quarter.end_day, only)
    twice = await reached_twice(quarter.first_day, quarter.end_day, only)
    wishes = await wishes_of(quarter, only, at=at)
    fives = await five_ones.grades_of(quarter, {post.cadre_id: post.path for post in posts})
    rated = await ratings_of(quarter, only, at=at)
    checks = await checks_of(quarter, only)
    return {
        post.cadre_id: Facts(
            quota=post.quota,
            roster=roster.get(post.cadre_id, 0),
            reached=met.get(post.cadre_id, 0),
            twice=twice.get(post.cadre_id, 0),
            wishes=wishes.get(post.cadre_id, WishFacts()),
            confirmed_share=share,
            five_ones=fives.get(post.cadre_id),
            ratings=rated.get(post.cadre_id, RatingFacts()).count,
            ratings_mean=rated.get(post.cadre_id, RatingFacts()).mean,
            installation_mean=mean,
            checked=checks.get(post.cadre_id, CheckFacts()).checked,
            contradicted=checks.get(post.cadre_id, CheckFacts()).contradicted,
        )
        for post in posts
    }


async def _store(quarter: Quarter, facts: dict[int, Facts], *, at: datetime) -> int:
    stored = {row.cadre_id: row for row in await Score.filter(quarter=str(quarter), cadre_id__in=list(facts))}
    fresh = [_row(quarter, cadre_id, fact, at=at) for cadre_id, fact in facts.items()]
    changed = [row for row in fresh if row.cadre_id not in stored or _figures(stored[row.cadre_id]) != _figures(row)]
    await Score.bulk_create(
        changed,
        batch_size=500,
        on_conflict=["quarter", "cadre_id"],
        update_fields=[*(part.value for part in formula.Part), "integrity", "total", "facts", "computed_at"],
    )
    return len(changed)


# $1 起的互动、$3 起的别的事，动了谁这一季（$4 到 $5）的分；$2 是季末那天，$6 是看到几时，$7 是哪一季。
# 转走的心愿从前归谁没有记下，校历一改谁的期限变了也没有：有服务分的都算动过
_MOVED = f"""
SELECT cadre_id FROM interaction WHERE day >= $1 AND day < $2
UNION SELECT cadre_id FROM contact WHERE since >= $3 OR ended_at >= $3
UNION SELECT organiser_id FROM activity WHERE graded_at >= $3 OR ended_at >= $3
UNION SELECT claimer_id FROM wish WHERE ended_at >= $3
UNION SELECT id FROM cadre
  WHERE EXISTS (SELECT 1 FROM five_ones WHERE set_at >= $3)
    OR (SELECT MIN(created_at) FROM activity) >= $3
UNION SELECT a.organiser_id FROM activity a JOIN participation p ON p.activity_id = a.id WHERE p.at >= $3
UNION SELECT w.cadre_id FROM wish w
  WHERE w.submitted_at >= $4 AND w.submitted_at < $5
    AND (w.answered_at IS NULL OR w.submitted_at >= $3 OR w.ended_at >= $3 OR w.ended_at IS NULL
      AND EXISTS (SELECT 1 FROM wish_event e WHERE e.wish_id = w.id AND e.at >= $3))
UNION SELECT cadre_id FROM score
  WHERE quarter = $7 AND service IS NOT NULL
    AND (EXISTS (SELECT 1 FROM wish w JOIN wish_event e ON e.wish_id = w.id
        WHERE w.submitted_at >= $4 AND w.submitted_at < $5 AND (w.ended_at IS NULL OR w.ended_at >= $3)
          AND e.kind = '{WishAction.TRANSFER}' AND e.at >= $3)
      OR EXISTS (SELECT 1 FROM audit WHERE at >= $3 AND action IN ('calendar.add', 'calendar.remove')))
UNION SELECT cadre_id FROM voice
  WHERE submitted_at >= $4 AND submitted_at < $5
    AND (answered_at IS NULL OR submitted_at >= $3 OR answered_at >= $3 OR ended_at >= $3)
UNION SELECT r.cadre_id FROM rating r JOIN rating_round d ON d.id = r.round_id
  WHERE d.closes_at >= $3 AND d.closes_at <= $6
UNION SELECT cadre_id FROM spot_check WHERE settled_at >= $3
"""

# 两个账号并成了一个（`accounts.redeem` 留的痕）：联系他的人，和他自己
_MERGED = """
WITH one AS (SELECT CAST(SUBSTR(subject, 2) AS INTEGER) AS id FROM audit WHERE at >= $1 AND action = 'account.bind')
SELECT cadre_id FROM contact WHERE youth_id IN (SELECT id FROM one)
UNION SELECT id AS cadre_id FROM cadre WHERE person_id IN (SELECT id FROM one)
"""


async def changed_since(quarter: Quarter, since: datetime, *, until: datetime | None = None) -> set[int]:
    """`since` 以来事实动过的团干部，宁多勿漏；等着答复的心愿、心声会随时间过期，也算动过。

    五个一换了一版、本机头一回有活动，人人都算动过；评价到截止（不晚于 `until`，默认季末）才动。
    互动多看前一天：跨夜的话、补回来的话、撤回的话，记在前一天。
    """
    days = local(since - timedelta(days=1)).date(), quarter.end_day
    span = since, quarter.start, quarter.end, until or quarter.end, str(quarter)
    rows = await sql.query(_MOVED, *days, *span) + await sql.query(_MERGED, since)
    return {row["cadre_id"] for row in rows if row["cadre_id"] is not None}


async def _rosters(quarter: Quarter, only: Collection[int]) -> _Counts:
    """名册，人：季末（或此刻）还联系着的，加上本季被团干部移出的。移出安静的人不会让基数变小。"""
    rows = await sql.query(
        f"""
        SELECT cadre_id, COUNT(*) AS n FROM contact
        WHERE cadre_id IN ({_ids(only)}) AND (
          state <> '{ContactState.INVITED}' AND since < $2
            AND (ended_at IS NULL OR ended_at >= $2 OR (removed_by_cadre AND ended_at >= $1))
          OR {past("contact", "s.since < $2 AND (s.ended_at >= $2 OR (s.removed_by_cadre AND s.ended_at >= $1))")})
        GROUP BY cadre_id
        """,
        quarter.start,
        quarter.end,
    )
    return _counts(rows)


def _row(quarter: Quarter, cadre_id: int, facts: Facts, *, at: datetime) -> Score:
    parts = formula.parts_of(facts)
    integrity = formula.integrity(facts.contradicted, facts.checked)
    return Score(
        quarter=str(quarter),
        cadre_id=cadre_id,
        **{part.value: value for part, value in parts.items()},
        integrity=integrity,
        total=formula.total(parts, integrity),
        facts=_kept(facts),
        computed_at=at,
    )


def _kept(facts: Facts) -> dict[str, float]:
    """随分数存下的数，给人解释“为什么”用。"""
    of = formula.base(facts.quota, facts.roster)
    fives = {grade.value: list(facts.five_ones or ()).count(grade) for grade in Grade}
    rated = facts.ratings >= formula.RATINGS_NEEDED  # 不足 5 份的，连数都不存
    return {
        "quota": facts.quota,
        "roster": facts.roster,
        "base": of,
        "reached": facts.reached,
        "twice": facts.twice,
        "depth_needed": formula.depth_needed(of),
        "wishes": facts.wishes.count,
        "answered": facts.wishes.answered,
        "in_time": facts.wishes.in_time,
        "confirmed": facts.wishes.confirmed,
        "effective": facts.wishes.effective,
        **(fives if facts.five_ones is not None else {}),
        **({"ratings": facts.ratings, "ratings_mean": facts.ratings_mean} if rated else {}),
        **({"checked": facts.checked, "contradicted": facts.contradicted} if facts.checked else {}),
    }


def _figures(score: Score) -> tuple[object, ...]:
    return (*formula.parts_in(score).values(), score.integrity, score.total, score.facts)


def _ids(only: Collection[int]) -> str:
    return ",".join(str(int(number)) for number in only)


def _counts(rows: list[dict[str, int]]) -> _Counts:
    return {row["cadre_id"]: row["n"] for row in rows}
