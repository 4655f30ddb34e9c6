"""抽查问青年的那两句：有没有这回事；再认一认，里头有一件从没有过。"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.league import draws
from bot.league.periods import Quarter, day, local
from db.models import Activity, ActivityKind, ActivityState, CheckAnswer, SpotCheck, Unit, Wish

#: 听着像真有的事；近一季里真有过一样的就换一件
DECOYS = (
    "参观校史馆",
    "整理图书馆书架",
    "慰问离退休老师",
    "校园植树",
    "旧书交换集市",
    "消防体验课",
    "非遗剪纸体验",
    "校园定向越野",
    "急救知识培训",
    "夜跑打卡活动",
)
#: 真有过的至多放几件；加上没有过的一件，一共三件
REAL = 2
MARKS = "甲乙丙"
_LOOSE = 2


@dataclass(frozen=True)
class Recognition:
    """给他认的几件，和其中从没有过的是第几件（从 0 起）。"""

    options: list[str]
    decoy: int


async def recognition(check: SpotCheck, unit: Unit, seed: str, *, at: datetime) -> Recognition:
    """真有过的从本单位和上级这一季办过的活动里抽；没有过的那件，日子和名字都跟真的对不上。"""
    quarter = Quarter.parse(check.quarter, at=at)
    path = unit.path or ""
    levels = [path[:end] for end in range(6, len(path) + 1, 6)]
    held = Activity.filter(
        kind=ActivityKind.ACTIVITY, unit__path__in=levels, starts_at__gte=quarter.start, starts_at__lt=quarter.end
    )
    rows = await held.exclude(state=ActivityState.CANCELLED).order_by("id")
    claim = f"{check.claim}"
    known = [_option(local(row.starts_at).date(), row.title or "") for row in rows if _is_over(row, check, at)]
    real = draws.pick(seed, f"real/{claim}", known, REAL)
    titles = "".join(row.title or "" for row in rows)
    fake = draws.pick(seed, f"decoy/{claim}", [one for one in DECOYS if not _resembles(one, titles)] or DECOYS, 1)[0]
    busy = {local(row.starts_at).date() for row in rows}
    decoy = _option(_free_day(quarter, busy, seed, claim, at=at), fake)
    options = draws.pick(seed, f"order/{claim}", [*real, decoy], len(real) + 1)
    return Recognition(options, options.index(decoy))


def _is_over(row: Activity, check: SpotCheck, at: datetime) -> bool:
    return row.id != check.activity_id and row.starts_at < at and row.state is not ActivityState.OPEN


def _resembles(decoy: str, titles: str) -> bool:
    """名字里有两个字连着一样，就可能真有人参加过差不多的。"""
    return any(decoy[start : start + _LOOSE] in titles for start in range(len(decoy) - _LOOSE + 1))


def _free_day(quarter: Quarter, busy: set[date], seed: str, claim: str, *, at: datetime) -> date:
    last = min(local(at).date(), quarter.end_day)
    days = [quarter.first_day + timedelta(days=n) for n in range(max(1, (last - quarter.first_day).days))]
    free = [day.isoformat() for day in days if day not in busy] or [days[0].isoformat()]
    return date.fromisoformat(draws.pick(seed, f"day/{claim}", free, 1)[0])


def _option(day: date, title: str) -> str:
    return f"{day.month}月{day.day}日 {title}"


def question(check: SpotCheck, cadre: str, found: Recognition, last_day: datetime) -> str:
    """问他的话；四种回答一样轻重，例子里写的是“不记得”。"""
    answers = "　".join(f"{n} {answer}" for n, answer in enumerate(CheckAnswer, 1))
    options = "　".join(f"{mark} {option}" for mark, option in zip(MARKS, found.options, strict=False))
    return (
        f"悄悄问你两句，随机抽到的（{check.number}）。答什么都不影响你，{cadre}和单位都不知道问了谁。\n"
        f"一、{claim_of(check, cadre)}，有这回事吗？{answers}\n"
        f"二、再认一认，下面哪件你知道？{options}（都不知道就写 无）\n"
        f"私聊我回一个数、一个字就行，如 /确认 {check.number} 3 无。"
        f"{last_day.month}月{last_day.day}日前都可以，不想答就不用管，不会再问。"
    )


def claim_of(check: SpotCheck, cadre: str) -> str:
    """说给青年本人听的这一件。"""
    if check.wish:
        return f"你的心愿 {check.wish.number} 说是 {_day(check.wish)} 由{cadre}办成了"
    assert check.activity
    on_day = day(check.activity.starts_at)
    if check.activity.kind is ActivityKind.RECORD:
        how = f"（{check.activity.mode}）" if check.activity.mode else ""
        return f"{cadre}记着 {on_day} 和你{check.activity.slot}{how}"
    return f"{cadre}那里记着你 {on_day} 到了“{check.activity.title}”"


def subject_of(check: SpotCheck) -> str:
    """说给团干部、督导听的这一件：不比记录本身多露出一点是谁。"""
    if check.wish:
        return f"{check.wish.number}（{_day(check.wish)} 已圆梦）"
    assert check.activity
    name = check.activity.title or f"{check.activity.slot}{f'，{check.activity.mode}' if check.activity.mode else ''}"
    return f"{check.activity.number}（{day(check.activity.starts_at)}，{name}）"


def _day(wish: Wish) -> str:
    return day(wish.ended_at) if wish.ended_at else ""
