"""通报里的效果：心愿的结局、心声的回音、还没照顾到的青年。"""

from bot.league.bulletin_frames import CHILD, INSIDE, KEPT, Frame, counted, counting, people, quoted
from bot.league.bulletin_tables import Pane, Row, Table, by_unit
from bot.league.evidence import STANDING, VOUCHED
from bot.league.periods import Quarter
from bot.league.postings import posts
from bot.league.quantities import BLANK, Voices, Wishes, figure
from db import sql
from db.models import ActivityKind, EvidenceGrade, Mode, VoiceKind, VoiceState, WishEnding, WishLane


async def wishes(frame: Frame) -> Table:
    """提了几件，五种结局各归各，季末还在办几件；危机求助不在内。"""
    kinds = {
        "提出": "fresh",
        **{str(ending): f"e{place}" for place, ending in enumerate(WishEnding)},
        "还在办": "ongoing",
    }
    ended = [f"ended AND ending = '{ending}'" for ending in WishEnding]
    columns = [
        f"SUM(CASE WHEN {met} THEN 1 ELSE 0 END) AS {key}, "
        f"COUNT(DISTINCT CASE WHEN {met} THEN author_id END) AS {key}_people"
        for key, met in zip(kinds.values(), ["fresh", *ended, "ongoing"], strict=True)
    ]
    counts = await counted(
        frame,
        f"""
        SELECT {CHILD}, w.author_id, w.ending, w.submitted_at >= $5 AS fresh,
               COALESCE(w.ended_at >= $5 AND w.ended_at < $4, FALSE) AS ended,
               w.ended_at IS NULL OR w.ended_at >= $4 AS ongoing
        FROM wish w JOIN unit u ON u.id = w.unit_id
        WHERE {INSIDE} AND w.lane <> '{WishLane.CRISIS}' AND w.submitted_at < $4
        """,
        ", ".join(columns),
        frame.until,
        frame.quarter.start,
    )
    return by_unit(
        Pane.EFFECT, "微心愿", {name: counting(Wishes, key) for name, key in kinds.items()}, counts, frame.names
    )


async def voices(frame: Frame) -> Table:
    """心声、建议、投诉各收到几条、几条有回音；建议几条采纳。不分单位。"""
    adopted = quoted(VoiceState.ADOPTED, VoiceState.PARTLY, VoiceState.REALISED)
    met = {"heard": "TRUE", "answered": "answered", "adopted": f"state IN ({adopted})"}
    columns = [
        f"SUM(CASE WHEN {flag} THEN 1 ELSE 0 END) AS {key}, "
        f"COUNT(DISTINCT CASE WHEN {flag} THEN author_id END) AS {key}_people"
        for key, flag in met.items()
    ]
    rows = await sql.query(
        f"""
        SELECT kind, {", ".join(columns)} FROM (
            SELECT v.kind, v.state, v.author_id, COALESCE(v.answered_at < $4, FALSE) AS answered
            FROM voice v JOIN unit u ON u.id = v.unit_id
            WHERE {INSIDE} AND v.submitted_at >= $3 AND v.submitted_at < $4 AND v.state <> '{VoiceState.WITHDRAWN}'
        ) AS said GROUP BY kind
        """,
        frame.span.path,
        frame.span.path_end,
        frame.quarter.start,
        frame.until,
    )
    found = {row["kind"]: row for row in rows}
    cells = {
        kind: [figure(counting(Voices, key)(found.get(kind, {}))) for key in ("heard", "answered", "adopted")]
        for kind in VoiceKind
    }
    for kind in (VoiceKind.HEART, VoiceKind.COMPLAINT):
        cells[kind][2] = BLANK
    table = tuple(Row(kind.value, tuple(figures)) for kind, figures in cells.items())
    return Table(Pane.EFFECT, "心声、建议与投诉", "哪一种", ("收到", "有回音", "采纳"), table)


async def left_out(frame: Frame) -> Table:
    """联系青年里，本季没来过活动、今年没见过面、两样都没有的（全团要讯2017第2期：一季一次活动、一年见一次面）。"""
    came = f"""p.state IN ({quoted(*VOUCHED)}) AND a.state IN ({quoted(*STANDING)}) AND a.starts_at < $4"""
    real = f"(a.kind = '{ActivityKind.ACTIVITY}' OR a.grade NOT IN ('{EvidenceGrade.L0}', '{EvidenceGrade.L1}'))"
    together = f"(a.kind = '{ActivityKind.ACTIVITY}' OR a.mode = '{Mode.FACE}')"
    counts = await counted(
        frame,
        f"""
        SELECT {CHILD}, c.youth_id, met.youth_id IS NULL AS unmet, active.youth_id IS NULL AS idle
        FROM contact c JOIN {posts("$4")} d ON d.id = c.cadre_id JOIN unit u ON u.id = d.unit_id
        LEFT JOIN (SELECT DISTINCT p.person_id AS youth_id FROM participation p JOIN activity a ON a.id = p.activity_id
            WHERE {came} AND {real} AND a.starts_at >= $5) AS active ON active.youth_id = c.youth_id
        LEFT JOIN (SELECT DISTINCT p.person_id AS youth_id FROM participation p JOIN activity a ON a.id = p.activity_id
            WHERE {came} AND {together} AND {_OFFLINE} AND a.starts_at >= $6) AS met ON met.youth_id = c.youth_id
        WHERE {INSIDE} AND {KEPT}
        """,
        "COUNT(DISTINCT youth_id) AS everyone, COUNT(DISTINCT CASE WHEN idle THEN youth_id END) AS idle, "
        "COUNT(DISTINCT CASE WHEN unmet THEN youth_id END) AS unmet, "
        "COUNT(DISTINCT CASE WHEN idle AND unmet THEN youth_id END) AS neither",
        frame.until,
        frame.quarter.start,
        Quarter(frame.quarter.year, 1).start,
    )
    columns = {
        "联系青年": "everyone",
        "本季没来过活动": "idle",
        "今年没见过面": "unmet",
        "两样都没有": "neither",
    }
    return by_unit(
        Pane.EFFECT,
        "还没照顾到的青年",
        {name: people(key) for name, key in columns.items()},
        counts,
        frame.names,
    )


#: 地点写着这些是隔着屏幕，同 `bonds`
_OFFLINE = " AND ".join(
    f"COALESCE(a.place, '') NOT LIKE '%{word}%'"
    for word in ("线上", "网上", "云端", "直播", "会议号", "腾讯会议", "钉钉", "飞书", "zoom", "Zoom", "ZOOM")
)
