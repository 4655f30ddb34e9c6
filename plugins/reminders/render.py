"""提醒、请假与静音的措辞。"""

from datetime import datetime, timedelta

from bot.league.desks import Desk
from bot.league.five_ones import FiveOnesNow
from bot.league.forecasts import days_left_in_month, forecast
from bot.league.occasions import DIGEST, MONTHLY, QUARTER, Occasion
from bot.league.pending import Pending
from bot.league.periods import day, local, moment
from bot.league.reminders import Reminder, has_news
from bot.league.reports import EXAMPLE, due_day
from bot.league.standings import OpenWish, Standing
from bot.league.summaries import Summary
from db.models import Absence, ReportState
from plugins.five_ones.render import outlook
from plugins.onboarding.render import next_step

#: 心愿一次至多点名这么多个
WISHES_SHOWN = 5

ALL = "看全部：/进度、/雷达、/心愿墙"
HOW = "办一场发 /活动 发起，做了没记的发 /记。"

MORE = "后面还有，再发一次 /待办 接着看。"
BACK = "好，假取消了，该提醒的照常提醒你。"
LOUD = "好，不静音了，有事我照常找你。"


def reminder(due: Reminder, *, at: datetime) -> str:
    """一次提醒的全文：同一天轮到的几样说成一条。"""
    if due.summary:
        return progress_of_unit(due.summary, due.occasions[0])
    parts = [*reports(due.desk, at=at), *drafts(due.desk)]
    if due.standing:
        parts += for_cadre(due, due.standing, at=at)
    return "\n".join(parts)


def for_cadre(due: Reminder, now: Standing, *, at: datetime) -> list[str]:
    """对团干部说的：为什么今天说、差什么、还有多久、发什么。"""
    mine = [one for one in due.occasions if one.kind in (MONTHLY, QUARTER, DIGEST)]
    heads = [head for one in mine if (head := _head(one, now, at=at))]
    if due.exams:
        heads.insert(0, "正考试，不用去找青年，活动也不催；做过没记的发 /记 补上就好。")
    if [one.stage for one in mine] == ["start"]:
        return heads
    is_monthly = any(one.kind == MONTHLY for one in mine)
    body = _body(now, at=at, exams=due.exams, month=not is_monthly)
    if now.next_step and not due.exams and any(one.kind == DIGEST for one in mine):
        body.append(f"· {next_step(now.next_step)}")
    return [*(heads or ["这周的几件事："]), *body, ALL]


def _head(one: Occasion, now: Standing, *, at: datetime) -> str | None:
    fives, rule = now.fives, now.fives.rule
    if one.stage == "start":
        return (
            f"{one.quarter} 开始了，这一季的五件事：{'、'.join(rule.names)}（{rule.issuer}，{rule.document}）；"
            f"每月活动 {rule.monthly} 次，五件算在里面。做到哪了随时发 /五个一"
        )
    if one.kind == DIGEST:
        return None
    if one.kind == MONTHLY:
        return (
            f"{local(at).month} 月还有 {days_left_in_month(at)} 天，活动办了 {fives.month}/{rule.monthly} 次，"
            f"还差 {rule.monthly - fives.month} 次。{HOW}"
        )
    if one.stage == "middle":
        return f"{one.quarter} 过半了，说说进度："
    return f"{one.quarter} 还有 {forecast(fives, at=at).left} 天结束："


def reports(desk: Desk, *, at: datetime) -> list[str]:
    """没交的季报：哪天该交、还有几天、交了发什么。"""
    if not desk.owing or desk.quarter is None:
        return []
    today, due_on = local(at).date(), due_day(desk.quarter)
    left = (desk.quarter.end_day - today).days
    late = (today - due_on).days
    when = f"{due_on.month}月{due_on.day}日" + (
        "前该交" if late < 0 else "该交，就是今天" if not late else f"该交，晚了 {late} 天"
    )
    names = "、".join(unit.name + ("（被退回）" if state is ReportState.RETURNED else "") for unit, state in desk.owing)
    example = EXAMPLE if len(desk.owing) == 1 else f"{EXAMPLE} {desk.owing[0][0].name}"
    return [
        f"{names} {desk.quarter} 的季报还没交：{when}；这一季还有 {left} 天。"
        f"草稿照事实写好了，发 {example} 看看，改好签发。"
    ]


def drafts(desk: Desk) -> list[str]:
    """通报可以起草了。"""
    lines = []
    for unit in desk.drafting:
        order = f"/通报 {unit.name} {desk.quarter}"
        lines.append(f"{desk.quarter} 结束了，{unit.name}的通报草稿备好了：发 {order} 看，看好了发 {order} 发布")
        lines += [line for summary in desk.drafts if summary.unit_id == unit.id for line in totals(summary)]
    return lines


def progress_of_unit(now: Summary, occasion: Occasion) -> str:
    """给工作群的单位进度。"""
    when = "过半了" if occasion.stage == "middle" else "到季末了"
    lines = [f"{now.unit} {now.quarter} {when}，到现在的合计：", *totals(now)]
    for band, units in now.bands.items():
        if units:
            lines.append(f"· {band}：{'、'.join(units)}")
    return "\n".join([*lines, "自己的进度私聊我发 /进度"])


def totals(now: Summary) -> list[str]:
    """合计几行；不足 5 人的不给数。"""
    return [
        f"· 在任团干部 {now.cadres} 人，办活动和记录 {now.activities} 场{_granted(now.granted)}",
        f"· 联系到青年 {_people(now.reached)}，五个一都做了的团干部 {_people(now.complete)}",
    ]


def _granted(wishes: int | None) -> str:
    return "" if wishes is None else f"，办成心愿 {wishes} 件"


def _people(count: int | None) -> str:
    return "不足 5 人" if count is None else f"{count} 人"


def todo(standing: Standing | None, awaited: Pending, *, handed: int, at: datetime) -> str | None:
    """`/待办` 的回答；已经说过等着的话、又没有别的，就不再多说。"""
    lines = _body(standing, at=at) if standing and has_news(standing, at=at) else []
    if awaited.voices:
        lines.append(f"· 等你回音的：{_some(awaited.voices)}，发 /回复 看。")
    if awaited.wishes and not handed:
        lines.append(f"· 等你一句话的心愿：{_some(awaited.wishes)}，发 /我的心愿 看怎么回。")
    if awaited.records and not handed:
        lines.append(
            f"· 问你有没有这回事：{_some(awaited.records)}，回 /确认 {awaited.records[0]} 有，或 没有、不想回答。"
        )
    if awaited.cases:
        lines.append(f"· 等你说明的案：{_some(awaited.cases)}，发 /说明 {awaited.cases[0]} 怎么回事。")
    if awaited.rulings:
        lines.append(f"· 等你裁定的案：{_some(awaited.rulings)}，发 /裁定 {awaited.rulings[0]} 看。")
    if awaited.disputes and not handed:
        lines.append(f"· 有青年提了异议的记录：{_some(awaited.disputes)}，发 /异议 {awaited.disputes[0]} 看。")
    if lines:
        return "\n".join(["手上的事：", *lines])
    return None if handed else "眼下没有等着你的事。"


def _some(numbers: tuple[str, ...]) -> str:
    more = f" 等 {len(numbers)} 件" if len(numbers) > WISHES_SHOWN else ""
    return "、".join(numbers[:WISHES_SHOWN]) + more


def _body(now: Standing, *, at: datetime, exams: bool = False, month: bool = True) -> list[str]:
    lines = []
    if now.joined and not exams:
        lines.append(f"· 加入的 {now.joined} 位青年，这个月真正聊过 {now.reached} 位。")
    elif not exams:
        lines.append("· 还没有青年加入：在青年群里发 /绑定本群，请大家自己发 /加入。")
    if month and not exams:
        lines.append(f"· {_month(now.fives, at)}")
    lines.append(f"· {outlook(forecast(now.fives, at=at))}")
    return [*lines, *_wishes(now), *_voices(now), *([] if exams else _silent(now))]


def _month(now: FiveOnesNow, at: datetime) -> str:
    missing = now.rule.monthly - now.month
    done = f"本月活动 {now.month}/{now.rule.monthly} 次"
    return (
        f"{done}，够数了。" if missing <= 0 else f"{done}，还差 {missing} 次，这个月还有 {days_left_in_month(at)} 天。"
    )


def _wishes(standing: Standing) -> list[str]:
    lines = []
    if standing.claimed:
        lines.append(f"· 你认领的心愿：{_list(standing.claimed, '天没有进展')}。")
    if standing.waiting:
        lines.append(f"· 等你回应的心愿：{_list(standing.waiting, '天没人认领')}。")
    if standing.unclaimed:
        lines.append(f"· 本单位心愿墙上还有 {standing.unclaimed} 件待认领。")
    return lines


def _voices(standing: Standing) -> list[str]:
    if not standing.voices:
        return []
    shown = [
        f"V{one.id}（{one.days} 天没回）" if one.overdue else f"V{one.id}" for one in standing.voices[:WISHES_SHOWN]
    ]
    rest = f" 等 {len(standing.voices)} 条" if len(standing.voices) > WISHES_SHOWN else ""
    return [f"· 等你回的心声：{'、'.join(shown)}{rest}，发 /回复 V{standing.voices[0].id} 话"]


def _list(wishes: tuple[OpenWish, ...], what: str) -> str:
    shown = [f"W{wish.id}（{wish.days} {what}）" if wish.overdue else f"W{wish.id}" for wish in wishes[:WISHES_SHOWN]]
    rest = len(wishes) - len(shown)
    return "、".join(shown) + (f" 等 {len(wishes)} 个" if rest > 0 else "")


def _silent(standing: Standing) -> list[str]:
    names = [f"{youth.name}（{f'{youth.days} 天' if youth.days else '还没聊过'}）" for youth in standing.silent]
    return [f"· 很久没聊的：{'、'.join(names)}。"] if names else []


def left(leave: Absence, *, replaced: bool, at: datetime) -> str:
    """记下了一段假。"""
    instead = "，原来那段不算了" if replaced else ""
    return (
        f"记下了，{_leave_days(leave, at)}请假{instead}，提醒我先收着。"
        "请假期间心愿的钟照走，手上的心愿可以 /转办 或 /放弃。早回来就发 /请假 取消。"
    )


def leaves(rows: list[Absence], *, at: datetime) -> str:
    """现在请着、排着的假。"""
    return f"你请的假：{'；'.join(_leave_days(row, at) for row in rows)}。要取消就发 /请假 取消。"


def muted(mute: Absence) -> str:
    """记下了静音。"""
    return (
        f"好，到 {moment(mute.until)} 我不主动找你；心愿、心声、报名有消息照样告诉你。"
        "攒着的发 /待办 随时能看，不想静音了发 /静音 取消。"
    )


def mutes(mute: Absence) -> str:
    """还静音到什么时候。"""
    return f"正静音着，到 {moment(mute.until)} 为止。不想静音了发 /静音 取消。"


def _leave_days(leave: Absence, at: datetime) -> str:
    """`10月1日到10月7日`；不是今年开始的带上年份。"""
    since = local(leave.since)
    year = "" if since.year == local(at).year else f"{since.year}年"
    first, last = day(since), day(leave.until - timedelta(days=1))
    return year + (first if first == last else f"{first}到{last}")
