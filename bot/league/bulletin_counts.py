"""通报里谁在做、聊了多少、办了几场：参与、有效互动、活动与记录。"""

from bot.league.bulletin_frames import CHILD, INSIDE, KEPT, Frame, counted, counting, people, quoted
from bot.league.bulletin_tables import Pane, Table, by_unit
from bot.league.contact_terms import past
from bot.league.evidence import VOUCHED
from bot.league.postings import in_post, posts
from bot.league.quantities import Events, Visits
from db.models import ActivityState, ContactState, EvidenceGrade, GroupKind


async def participation(frame: Frame) -> Table:
    """谁在做：团干部、群、联系青年的来去。换了一位团干部、还在这个单位的，不算来也不算去。"""
    cadres = await counted(
        frame,
        f"""
        SELECT {CHILD}, EXISTS (
            SELECT 1 FROM chat_group g WHERE g.cadre_id = c.id AND g.kind = '{GroupKind.YOUTH}'
            AND g.bound_at < $4 AND (g.unbound_at IS NULL OR g.unbound_at >= $4)) AS bound
        FROM {posts("$4")} c JOIN unit u ON u.id = c.unit_id
        WHERE {INSIDE} AND {in_post("c", "$4")}
        """,
        "COUNT(*) AS cadres, SUM(CASE WHEN bound THEN 1 ELSE 0 END) AS bound",
        frame.until,
    )
    youths = await counted(
        frame,
        f"""
        SELECT {CHILD}, c.youth_id, {KEPT} AS kept,
               (c.since < $5 OR {past("c", "s.since < $5")}) AS old,
               NOT {KEPT} AND (c.ended_at >= $5 AND c.ended_at < $4
                   OR {past("c", "s.ended_at >= $5 AND s.ended_at < $4")}) AS gone
        FROM contact c JOIN {posts("$4")} d ON d.id = c.cadre_id JOIN unit u ON u.id = d.unit_id
        WHERE {INSIDE} AND c.state <> '{ContactState.INVITED}' AND (c.since < $4 OR {past("c", "s.since < $4")})
        """,
        "COUNT(DISTINCT CASE WHEN kept THEN youth_id END) AS kept, "
        "COUNT(DISTINCT youth_id) - COUNT(DISTINCT CASE WHEN old THEN youth_id END) AS fresh, "
        "COUNT(DISTINCT CASE WHEN kept OR gone THEN youth_id END) "
        "- COUNT(DISTINCT CASE WHEN kept THEN youth_id END) AS gone",
        frame.until,
        frame.quarter.start,
    )
    counts = {key: {**cadres.get(key, {}), **youths.get(key, {})} for key in {*cadres, *youths}}
    columns = {
        "在任团干部": "cadres",
        "绑了青年群的团干部": "bound",
        "联系青年": "kept",
        "本季新联系上": "fresh",
        "本季结束联系": "gone",
    }
    return by_unit(
        Pane.DATA,
        "参与",
        {name: people(key) for name, key in columns.items()},
        counts,
        frame.names,
    )


async def interactions(frame: Frame) -> Table:
    """真聊过多少人、多少人次；一对人一天至多算一次。"""
    counts = await counted(
        frame,
        f"""
        SELECT {CHILD}, i.cadre_id, i.youth_id
        FROM interaction i JOIN {posts("$6")} c ON c.id = i.cadre_id JOIN unit u ON u.id = c.unit_id
        WHERE {INSIDE} AND i.sessions > 0 AND i.day >= $4 AND i.day < $5
        """,
        "COUNT(*) AS visits, COUNT(DISTINCT youth_id) AS visits_people, COUNT(DISTINCT cadre_id) AS cadres",
        frame.quarter.first_day,
        frame.end_day,
        frame.until,
    )
    return by_unit(
        Pane.PROCESS,
        "有效互动",
        {
            "聊过的青年": people("visits_people"),
            "聊过的人次": counting(Visits, "visits"),
            "真聊过青年的团干部": people("cadres"),
        },
        counts,
        frame.names,
    )


#: 办过了的，同 `five_ones.HELD`
_HELD = f"""(a.state IN ('{ActivityState.CLOSED}', '{ActivityState.KEPT}')
    OR a.state = '{ActivityState.OPEN}' AND a.grade <> '{EvidenceGrade.L0}')
    AND a.starts_at >= $4 AND a.starts_at < $5 AND a.created_at < $6"""


async def activities(frame: Frame) -> Table:
    """办了几场，证据等级各归各；来了多少人、多少人次（本人账号作证的）。"""
    window = (frame.quarter.start, frame.until, frame.quarter.next.end)
    held = await counted(
        frame,
        f"SELECT {CHILD}, a.grade FROM activity a JOIN unit u ON u.id = a.unit_id WHERE {INSIDE} AND {_HELD}",
        ", ".join(f"SUM(CASE WHEN grade = '{grade}' THEN 1 ELSE 0 END) AS {grade}" for grade in EvidenceGrade),
        *window,
    )
    came = await counted(
        frame,
        f"""
        SELECT {CHILD}, p.person_id
        FROM activity a JOIN unit u ON u.id = a.unit_id JOIN participation p ON p.activity_id = a.id
        WHERE {INSIDE} AND {_HELD} AND p.state IN ({quoted(*VOUCHED)})
        """,
        "COUNT(*) AS visits, COUNT(DISTINCT person_id) AS visits_people",
        *window,
    )
    lower = {key: {name.upper(): number for name, number in counts.items()} for key, counts in held.items()}
    counts = {key: {**lower.get(key, {}), **came.get(key, {})} for key in {*held, *came}}
    return by_unit(
        Pane.PROCESS,
        "活动与记录",
        {
            **{str(grade): lambda one, grade=grade: Events(one.get(grade, 0)) for grade in reversed(EvidenceGrade)},
            "作证的青年": people("visits_people"),
            "作证的人次": counting(Visits, "visits"),
        },
        counts,
        frame.names,
    )
