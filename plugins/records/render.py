"""记录怎么说给人听。"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.activities import Sight
from bot.league.periods import day, local, moment
from db.models import Activity, ActivityKind, ActivityState, ActivityVersion, EvidenceGrade, Mode


def kept(record: Activity, people: int, at: datetime) -> str:
    """记下之后；说出写着几位，@ 漏了谁当场看得出来。"""
    then, today = local(record.starts_at).date(), local(at).date()
    year = "" if then.year == today.year else f"{then.year}年"
    when = "" if then == today else f"{year}{day(record.starts_at)}，"
    how = f"，{record.mode}" if record.mode else ""
    line = (
        f"记下了 {record.number}：{when}{record.slot}{how}，{people} 位。"
        "我问一次写着的人，本人确认够数，就算青年确认过（L2）。"
    )
    if record.mode is None:
        line += f"\n下次加上 {'、'.join(Mode)}，就算时间、方式、人员齐全（L1）。"
    return line


def corrected(record: Activity) -> str:
    """更正之后。"""
    return f"{record.number} 改好了，这是第 {record.version} 版；从前的留着，发 /查记录 {record.number} 看。"


def voided(record: Activity) -> str:
    """作废之后。"""
    return (
        f"{record.number} 作废了，不再算数；记过的每一版都还在。"
        f"只是想改的话，下次写 /纠错 {record.number} 原因 改为 对的。"
    )


def answered(activity: Activity) -> str:
    """青年回话之后。"""
    return f"谢谢，{activity.number} 记下了。谁说没有、谁没回，团干部看不到。"


def disputed(record: Activity) -> str:
    """提了异议之后。"""
    return f"收到，{record.number} 先不算数，请督导看过再说。谁提的，我不会告诉记的人。"


def ruled(record: Activity) -> str:
    """督导看过之后。"""
    return f"{record.number} {'恢复了，照常算数' if record.state is ActivityState.KEPT else '作废了，不再算数'}。"


def to_look_at(disputed: Sequence[Activity]) -> str:
    """督导手上有几条异议。"""
    if not disputed:
        return "现在没有等你看的异议。"
    lines = [f"· {record.number}（{record.unit.name}，{day(record.starts_at)}）" for record in disputed]
    return "\n".join([f"有青年提了异议的记录 {len(disputed)} 条：", *lines, f"看一条发 /异议 {disputed[0].number}"])


def look(record: Activity) -> str:
    """一条有异议的记录，给督导；谁提的不说，写着谁也不说。"""
    who = record.organiser.person.name or "团干部"
    return (
        f"{_name(record)}：{record.unit.name}的{who}记的，{day(record.starts_at)}。有青年说不对，先不算数了。\n"
        f"改没改过发 /核验 {record.number}；找{who}了解之后，记得不对发 /异议 {record.number} 成立（作废），"
        f"没记错发 /异议 {record.number} 不成立（恢复）。"
    )


def listing(sights: list[Sight]) -> Card | str:
    """自己发起的、记的；证据等级分开数，不相加。"""
    if not sights:
        return "还没有记录。办过的事这样记：/记 @小王 谈心 面对面 聊了找工作"
    counted = Counter(sight.activity.grade for sight in sights if _stands(sight.activity))
    grades = " · ".join(
        f"{grade} {counted[grade]} 条" for grade in reversed(EvidenceGrade) if counted[grade] or grade < "L3"
    )
    rows: list[Json] = [
        {
            "name": cut(_name(sight.activity), 30),
            "tags": [sight.activity.grade if _stands(sight.activity) else sight.activity.state],
            "right": f"{day(sight.activity.starts_at)} · 确认 {sight.arrived}/{sight.signed} 人",
            "warn": not _stands(sight.activity),
        }
        for sight in sights
    ]
    foot = "看一条发 /查记录 编号"
    data: dict[str, Json] = {"title": "我的记录", "subtitle": grades, "foot": foot, "more": "", "rows": rows}
    return Card("list", data, "\n".join([f"我的记录（{grades}）", *map(_line, sights), foot]))


def history(sight: Sight, versions: list[ActivityVersion]) -> str:
    """一条记录和它的每一版。"""
    head = f"{_line(sight)}；满 {sight.needed} 位确认是 L2" if _stands(sight.activity) else _line(sight)
    return "\n".join([head, *map(_version, versions)])


def _line(sight: Sight) -> str:
    activity = sight.activity
    state = activity.grade if _stands(activity) else activity.state
    return f"{_name(activity)}（{day(activity.starts_at)}）：{state}，确认 {sight.arrived}/{sight.signed} 人"


def _version(row: ActivityVersion) -> str:
    people = row.facts.get("people")
    parts = [
        str(row.facts["slot"]),
        day(datetime.fromisoformat(str(row.facts["starts_at"]))),
        str(row.facts["mode"] or row.facts["place"] or ""),
        f"{len(people)} 人" if isinstance(people, list) and people else "",
        row.note or "",
        f"原因：{row.reason}" if row.reason else "",
    ]
    return f"第 {row.version} 版（{moment(row.at)}）{' · '.join(filter(None, parts))}"


def _name(activity: Activity) -> str:
    if activity.kind is ActivityKind.ACTIVITY:
        return f"{activity.number} {activity.title}"
    return f"{activity.number} {activity.slot}{f'·{activity.mode}' if activity.mode else ''}"


def _stands(activity: Activity) -> bool:
    return activity.state not in (ActivityState.SUSPENDED, ActivityState.VOIDED)
