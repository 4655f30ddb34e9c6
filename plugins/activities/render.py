"""活动怎么说给人听。只说人数，不列名字。"""

from collections import Counter
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league import campaigns
from bot.league.activities import Sight
from bot.league.activity_letters import about
from bot.league.activity_plans import EXAMPLE, Ask
from bot.league.activity_signups import SignUp
from bot.league.campaign_coverage import Coverage
from bot.league.campaigns import WORKS, Work
from bot.league.formula import Grade
from bot.league.periods import moment
from db.models import Activity, ActivityState, Cadre, EvidenceGrade, PartState, Side, Unit

#: 一句一句问的次序
QUESTIONS = {
    Ask.TITLE: "办什么活动？发个名字就行，比如 篮球赛（不想发起了就说 算了）",
    Ask.WHEN: "什么时候开始？比如 10月3日15:00、周五19:30、明天下午3点",
    Ask.PLACE: "在哪里？",
    Ask.REST: "限多少人、算哪一类？比如 限20人 文体；都没有就说 无",
}

#: 一项工作办到了哪里，至多列几个单位
PLACES_SHOWN = 30

_GRADES = {
    EvidenceGrade.L0: "L0 自报",
    EvidenceGrade.L1: "L1 时间、地点、人员齐全",
    EvidenceGrade.L2: "L2 青年本人确认",
    EvidenceGrade.L3: "L3 抽查问过，站得住",
}


def listing(sights: list[Sight]) -> Card | str:
    """能报名的活动。"""
    if not sights:
        return f"现在没有能报名的活动。团干部可以发起：{EXAMPLE}"
    rows: list[Json] = [
        {
            "name": cut(f"{sight.activity.number} {sight.activity.title}", 26),
            "tags": [_kind(sight.activity), *([sight.mine] if sight.mine in _MINE else [])],
            "right": f"{moment(sight.activity.starts_at)} · {_count(sight)}",
            "warn": False,
        }
        for sight in sights
    ]
    lines = [
        f"{about(sight.activity)}：{_count(sight)}{f'，你{sight.mine}' if sight.mine in _MINE else ''}"
        for sight in sights
    ]
    foot = "想去就发 /报名 编号，细看发 /活动 编号"
    data: dict[str, Json] = {"title": "活动", "subtitle": f"{len(sights)} 场", "foot": foot, "more": "", "rows": rows}
    return Card("list", data, "\n".join([f"活动（{len(sights)} 场）", *lines, foot]))


_MINE = (PartState.SIGNED, PartState.WAITING, PartState.ARRIVED)


def one(sight: Sight) -> Card:
    """一项活动；结束了的就是小结。"""
    activity = sight.activity
    facts = [("时间", moment(activity.starts_at)), ("地点", activity.place or ""), ("报名", _count(sight))]
    if sight.waiting:
        facts.append(("候补", f"{sight.waiting} 人"))
    if activity.deadline:
        facts.append(("截止", moment(activity.deadline)))
    if sight.arrived or activity.state is ActivityState.CLOSED:
        facts += [("到场", f"{sight.arrived} 人"), ("证据", _GRADES[activity.grade])]
    title = f"{activity.number} {activity.title}"
    subtitle = f"{_kind(activity)} · {activity.state}"
    foot = _foot(sight)
    rows: list[Json] = [{"name": name, "tags": [], "right": cut(value, 44), "warn": False} for name, value in facts]
    data: dict[str, Json] = {"title": cut(title, 40), "subtitle": subtitle, "foot": foot, "more": "", "rows": rows}
    return Card(
        "list", data, "\n".join([f"{title}（{subtitle}）", *(f"{name}：{value}" for name, value in facts), foot])
    )


def _foot(sight: Sight) -> str:
    activity = sight.activity
    if activity.state is ActivityState.CLOSED:
        return "辛苦了！" if activity.grade >= EvidenceGrade.L2 else f"本人确认满 {sight.needed} 位就是 L2"
    if activity.state is ActivityState.CANCELLED:
        return "不办了"
    if sight.mine in _MINE:
        return f"你{sight.mine}" + (
            f"，来不了发 /取消 {activity.number}" if sight.mine is not PartState.ARRIVED else ""
        )
    return f"想去就发 /报名 {activity.number}"


def started(activity: Activity, lead: Cadre | None = None) -> str:
    """发起之后；请了人负责的，签到码由那位来要。"""
    code = f"到时候私聊我 /签到 {activity.number} 拿签到码"
    if lead:
        code = f"由{lead.person.name or '那位团干部'}负责，我去说一声，签到码由本人来要"
    cap = f"，限 {activity.cap} 人" if activity.cap else ""
    until = f"，{moment(activity.deadline)} 截止" if activity.deadline else ""
    return (
        f"{about(activity)}发起了，算{_whose(activity)}{cap}{until}。{_tip(activity)}\n"
        f"大家发 /报名 {activity.number} 就行，不用接龙；{code}。"
    )


def _kind(activity: Activity) -> str:
    """`文体`、`单位·开放日`、`主题宣讲`。"""
    kind = activity.campaign or activity.slot
    return f"单位·{kind}" if activity.slot.side is Side.UNIT else kind


def _whose(activity: Activity) -> str:
    """算谁的哪一类；单位的写出单位名，就不再算自己的。"""
    work = f"{activity.campaign}，" if activity.campaign else ""
    if activity.slot.side is Side.CADRE:
        return f"{work}{activity.slot}"
    unit = activity.unit.name if isinstance(activity.unit, Unit) else "单位"
    return f"{work}{unit}的{activity.slot}"


def _tip(activity: Activity) -> str:
    return WORKS[activity.campaign].tip if activity.campaign else ""


def edited(activity: Activity) -> str:
    """改好之后。"""
    cap = f"，限 {activity.cap} 人" if activity.cap else ""
    whose = f"，算{_whose(activity)}" if activity.campaign or activity.slot.side is Side.UNIT else ""
    return f"改好了，现在是 {about(activity)}{cap}{whose}。时间、地点有变的，报了名的我去告诉。"


def works(at: datetime) -> Card:
    """有窗口期的工作：正在办的在前，写明谁牵头、怎么发起。"""
    now = sorted(WORKS.values(), key=lambda work: not campaigns.is_on(work, at))
    rows: list[Json] = [
        {
            "name": work.campaign,
            "tags": [_left(work, at)] if campaigns.is_on(work, at) else [],
            "right": f"{campaigns.days(work)} · {work.leads}",
            "warn": False,
        }
        for work in now
    ]
    lines = [f"{work.campaign}：{_when(work, at)}，{work.leads}牵头。{_how(work)}" for work in now]
    count = sum(campaigns.is_on(work, at) for work in now)
    about = f"{count} 项正在办 · 依据{campaigns.SOURCE}"
    foot = (
        "发起就写它的名字：/活动 发起 主题宣讲 时间 地点；最美青春故事由青年发 /推荐。"
        "办到了哪里，发 /活动 工作 主题宣讲 这样看。"
    )
    data: dict[str, Json] = {"title": "工作", "subtitle": about, "foot": foot, "more": "", "rows": rows}
    return Card("list", data, "\n".join([f"工作（{about}）", *lines, foot]))


def _when(work: Work, at: datetime) -> str:
    if not campaigns.is_on(work, at):
        return f"{campaigns.days(work)}，现在不在办"
    return campaigns.days(work) if work.all_year else f"{campaigns.days(work)}，{_left(work, at)}"


def _left(work: Work, at: datetime) -> str:
    return "正在办" if work.all_year else f"还有 {campaigns.days_left(work, at)} 天"


def _how(work: Work) -> str:
    if work.slot:
        return f"发起：/活动 发起 {work.campaign} 时间 地点"
    return f"{work.tip}推荐 {work.due[0]} 月 {work.due[1]} 日截止。" if work.due else work.tip


def coverage(found: Coverage) -> Card:
    """办到了哪里：等级分开数，没办到的列出来。"""
    counted = Counter(place.grade for place in found.places)
    shown = [f"{grade} {counted[grade]} 个" for grade in reversed(Grade) if counted[grade]]
    about = " · ".join([*shown, f"还没有 {counted[None]} 个"] if counted[None] else shown)
    noun = "团支部" if found.work.covers else "单位"
    title = f"{found.work.campaign}：{found.unit.name}"
    subtitle = f"{found.window.since:%Y-%m-%d} 到 {found.window.until:%Y-%m-%d} · {noun}：{about or '一个也没有'}"
    places = sorted(found.places, key=lambda place: place.grade is not None)  # 还没办到的在前，其余照单位的次序
    rows: list[Json] = [
        {
            "name": cut(place.unit.name, 30),
            "tags": [place.grade] if place.grade else [],
            "right": "办过了" if place.grade else "还没有",
            "warn": place.grade is None,
        }
        for place in places[:PLACES_SHOWN]
    ]
    lines = [f"{place.unit.name}：{f'{place.grade}，办过了' if place.grade else '还没有'}" for place in places]
    more = f"只列前 {PLACES_SHOWN} 个，其余的写上单位名分开看。" if len(places) > PLACES_SHOWN else ""
    foot = f"{more}{found.work.tip}依据{found.work.source}。"
    data: dict[str, Json] = {"title": cut(title, 40), "subtitle": subtitle, "foot": foot, "more": "", "rows": rows}
    return Card("list", data, "\n".join([f"{title}（{subtitle}）", *lines[:PLACES_SHOWN], foot]))


def cancelled(activity_id: int, told: int) -> str:
    """取消之后。"""
    return f"A{activity_id} 取消了。" + (f"报了名的 {told} 位我去告诉。" if told else "还没有人报名，不用通知谁。")


def signed_up(result: SignUp, *, joined: bool) -> str:
    """报名之后，一行人数。"""
    activity = result.activity
    if result.place:
        line = f"{activity.number} 满了，你排候补第 {result.place} 位，有空位我私聊告诉你。"
    else:
        count = f"{result.signed}/{activity.cap}" if activity.cap else f"{result.signed}"
        line = f"报上了：{about(activity)}，现在 {count} 人。"
    return line if joined else f"{line}（你还没 /加入，我只存了你的账号和这次报名。）"


def left(result: SignUp) -> str:
    """取消报名之后。"""
    cap = f"/{result.activity.cap}" if result.activity.cap else ""
    return f"好，{result.activity.number} 替你取消了，现在 {result.signed}{cap} 人。"


def code(activity: Activity, digits: str) -> str:
    """签到码。"""
    return (
        f"{activity.number} {activity.title}的签到码：{digits}\n"
        f"十分钟内有效，请在场的人发 /到场 {digits}。再要一个，这个就作废。"
    )


def arrived(activity: Activity) -> str:
    """签到之后。"""
    return f"签到好了：{activity.number} {activity.title}。玩得开心！"


def _count(sight: Sight) -> str:
    return f"{sight.signed}/{sight.activity.cap} 人" if sight.activity.cap else f"{sight.signed} 人"
