"""请假与静音：这段时间里不打扰他，到日子自己恢复。请假不让心愿的钟停下，青年还等着。"""

import re
from datetime import date, datetime, timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from bot.league import kinds, moments
from bot.league.errors import Refusal
from bot.league.moments import Moment
from bot.league.periods import local, on
from bot.league.roster import Speaker
from db.models import Absence, AbsenceKind

LEAVE_EXAMPLE = "/请假 10-01~10-07"
MUTE_EXAMPLE = "/静音 7天"
#: 静音最长 60 天：再久就是忘了关
MUTE_DAYS = 60
#: 请假最长半年：再久该交接了
LEAVE_DAYS = 183
#: 过去满 30 天就删掉，与通知的文字一样久
KEEP = timedelta(days=30)

_LENGTH = re.compile(r"(?:请|静音|休息?)?\s*([0-9]{1,4}|[一两二三四五六七八九十])\s*(天|周|个?星期|个?礼拜)?整?")
_STARTING = re.compile(r"^\s*(?:起|开始)?请?")
_TO = re.compile(r"\s*(?:上午|下午|晚上)?\s*(?:[~\-—–到至]+\s*|(?=\d{1,2}[月\-/]\d))")
_DAY_ONLY = re.compile(r"(\d{1,2})\s*[日号]?(?!\d|\s*[月\-/天])")
_DOT = re.compile(r"(?<=\d)\.(?=\d)")
_DASHES = str.maketrans("～－０１２３４５６７８９", "~-0123456789")


async def take_leave(by: Speaker, text: str, *, at: datetime) -> tuple[Absence, bool]:
    """`10-01~10-07`、`明天到周五`、`3天` → 请一段假；与它重叠的旧假不算了，返回有没有这样的。"""
    if by.person_id is None or not (by.is_cadre or by.duties):
        raise Refusal(f"请假是给团干部用的。想清静几天，发 {MUTE_EXAMPLE} 就好。")
    first, last = read_days(text, at=at)
    if last < local(at).date():
        raise Refusal(f"这几天已经过去了，再看看日期？例如：{LEAVE_EXAMPLE}")
    if (last - first).days >= LEAVE_DAYS:
        raise Refusal(f"一次最多请半年假；更久的话请管理员安排人接手。例如：{LEAVE_EXAMPLE}")
    return await _start(by.person_id, AbsenceKind.LEAVE, on(first), on(last + timedelta(days=1)), at=at)


async def mute(by: Speaker, text: str, *, at: datetime) -> Absence:
    """`7天` → 从此刻起静音；再说一次就按新的算。"""
    if by.person_id is None:
        raise Refusal("我还不认识你，本来也不会主动找你，不用静音。")
    days = length(text)
    if days is None or not 1 <= days <= MUTE_DAYS:
        raise Refusal(f"静音几天？1 到 {MUTE_DAYS} 天都行，例如：{MUTE_EXAMPLE}")
    started, _ = await _start(by.person_id, AbsenceKind.MUTE, at, at + timedelta(days=days), at=at)
    return started


async def _start(
    person_id: int, kind: AbsenceKind, since: datetime, until: datetime, *, at: datetime
) -> tuple[Absence, bool]:
    async with in_transaction():
        overlapping = _open(person_id, at).filter(kind=kind, since__lt=until, until__gt=since)
        replaced = await overlapping.update(cancelled_at=at)
        return await Absence.create(person_id=person_id, kind=kind, since=since, until=until), bool(replaced)


async def cancel(by: Speaker, kind: AbsenceKind, *, at: datetime) -> int:
    """把没过完的、还没到的都取消，返回几段；本来就没有的 `Refusal`。"""
    mine = _open(by.person_id, at).filter(kind=kind) if by.person_id is not None else None
    count = await mine.update(cancelled_at=at) if mine is not None else 0
    if not count:
        raise Refusal(f"你现在没有{kind}，不用取消。")
    return count


async def current(person_id: int, at: datetime) -> Absence | None:
    """此刻正在请假或静音的那一段；几段重叠时，最晚结束的那段。"""
    return await Absence.filter(covering(at), person_id=person_id).order_by("-until").first()


async def ahead(person_id: int | None, kind: AbsenceKind, *, at: datetime) -> list[Absence]:
    """没过完的与还没到的，按时间排。"""
    return await _open(person_id, at).filter(kind=kind).order_by("since", "id")


def covering(at: datetime) -> Q:
    """此刻生效的请假与静音。"""
    return Q(cancelled_at=None, since__lte=at, until__gt=at)


def anyway() -> Q:
    """不在时也照样送的通知。"""
    return Q(urgent=True) | Q(kind__in=kinds.even_if_away())


async def forget(at: datetime) -> None:
    """过去满 30 天的删掉。"""
    old = at - KEEP
    await Absence.filter(Q(until__lte=old) | Q(cancelled_at__lte=old)).delete()


def _open(person_id: int | None, at: datetime) -> QuerySet[Absence]:
    return Absence.filter(person_id=person_id, cancelled_at=None, until__gt=at)


def read_days(text: str, *, at: datetime, example: str = LEAVE_EXAMPLE) -> tuple[date, date]:
    """说的是哪几天，首尾都算；后面多写的事由不看。看不懂就 `Refusal`。"""
    text = _DOT.sub("-", text.translate(_DASHES)).strip()
    today = local(at).date()
    if days := length(text):
        return today, today + timedelta(days=_bounded(days) - 1)
    first = moments.find(text, at=at)
    if first is None or first.start > 0:
        raise Refusal(f"哪几天？例如：{example}，也可以写 明天到周五、3天。")
    rest = text[first.end :]
    if separator := _TO.match(rest):
        return _until(text, first, rest[separator.end() :], at=at, example=example)
    words = _STARTING.sub("", rest, count=1).split()
    days = length(words[0]) if words else None
    return first.day, first.day + timedelta(days=_bounded(days or 1) - 1)


def _until(text: str, first: Moment, rest: str, *, at: datetime, example: str) -> tuple[date, date]:
    """“到”后面那一天。假已经开始了的（10-03 说 10-01~10-07）从过去的那天算，不当成明年。"""
    begun = moments.find(text, at=at, past=True)
    if begun is None or (begun.day.month, begun.day.day) != (first.day.month, first.day.day):
        begun = first
    if day := _DAY_ONLY.match(rest):  # 10月1日到7日
        last, counted = _same_month(begun.day, day[1], example), _same_month(first.day, day[1], example)
    else:
        last, counted = _last(rest, at=at, example=example), _last(rest, at=first.at, example=example)
    if begun.day <= last and local(at).date() <= last and (last - begun.day).days < LEAVE_DAYS:
        return begun.day, last
    backwards = last < first.day
    last = counted if backwards else last
    # 11-25~11-20 是写反了，不是请到明年 11 月；12-28~1-3、下周一到周三 才是往后数
    if last < first.day or (backwards and (last - first.day).days >= LEAVE_DAYS):
        raise Refusal(f"结束的日子在开始前面了，再看看？例如：{example}")
    return first.day, last


def _last(rest: str, *, at: datetime, example: str) -> date:
    last = moments.find(rest, at=at)
    if last is None or last.start > 0:
        raise Refusal(f"到哪天？例如：{example}，也可以写 明天到周五、3天。")
    return last.day


def _same_month(first: date, day: str, example: str) -> date:
    try:
        return first.replace(day=int(day))
    except ValueError:
        raise Refusal(f"没有“{first.month}月{day}日”这一天，再看看日期？例如：{example}") from None


def length(text: str) -> int | None:
    """`7天`、`7`、`一周` → 天数；不是就 `None`。"""
    found = _LENGTH.fullmatch(text.translate(_DASHES).strip())
    if not found:
        return None
    return moments.number(found[1]) * (1 if found[2] in (None, "天") else 7)


def _bounded(days: int) -> int:
    """再大的数也算得出日子，由后面的“最多半年”去拒绝。"""
    return min(days, LEAVE_DAYS + 1)
