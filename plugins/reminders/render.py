"""提醒、请假与静音的措辞。"""

from datetime import datetime, timedelta

from bot.league.activity_letters import day, moment
from bot.league.occasions import MONTHLY
from bot.league.periods import local
from bot.league.reminders import Reminder, has_news
from bot.league.standings import OpenWish, Standing
from db.models import Absence

#: 心愿一次至多点名这么多个
WISHES_SHOWN = 5

BACK = "欢迎回来，假取消了，该提醒的照常提醒你。"
LOUD = "好，不静音了，有事我照常找你。"


def reminder(due: Reminder) -> str:
    """一次提醒的全文。"""
    return monthly(due) if due.occasion.kind == MONTHLY else digest(due)


def monthly(due: Reminder) -> str:
    """月度提醒：差多少、先找谁。"""
    standing = due.standing
    month = int(due.occasion.period[5:7])
    lines = [f"{month} 月快过完了，跟你说一声："]
    if standing.reached < standing.share:
        lines.append(
            f"· 加入的 {standing.joined} 位青年，这个月真正聊过 {standing.reached} 位；"
            f"按一季都聊到算，这个月聊到 {standing.share} 位就跟上了。"
        )
    return "\n".join([*lines, *_wishes(standing), *_silent(standing), "看全部：/雷达、/心愿墙"])


def digest(due: Reminder) -> str:
    """每周摘要。"""
    return "\n".join(["这周的几件事：", *_body(due.standing), "看全部：/雷达、/心愿墙"])


def todo(standing: Standing | None, *, handed: int) -> str | None:
    """`/待办` 的回答；已经说过等着的话、又没有别的，就不再多说。"""
    if standing and has_news(standing):
        return "\n".join(["手上的事：", *_body(standing)])
    return None if handed else "眼下没有等着你的事。"


def _body(standing: Standing) -> list[str]:
    contacts = f"· 加入的 {standing.joined} 位青年，这个月真正聊过 {standing.reached} 位。"
    return [*([contacts] if standing.joined else []), *_wishes(standing), *_silent(standing)]


def _wishes(standing: Standing) -> list[str]:
    lines = []
    if standing.claimed:
        lines.append(f"· 你认领的心愿：{_list(standing.claimed, '天没有进展')}。")
    if standing.waiting:
        lines.append(f"· 等你回应的心愿：{_list(standing.waiting, '天没人认领')}。")
    if standing.unclaimed:
        lines.append(f"· 本单位心愿墙上还有 {standing.unclaimed} 个待认领。")
    return lines


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
