"""进度卡片。"""

from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.contacts import QUIET_DAYS
from bot.league.formula import Part
from bot.league.progress import Progress
from bot.league.rankings import OwnRank
from bot.league.spans import Span
from bot.league.standings import OpenWish
from plugins.five_ones.render import grades, outlook
from plugins.onboarding.render import next_step
from plugins.scores.render import places, points_of, total

#: 拖久了的心愿至多点几件的名
_WISHES_SHOWN = 3


def progress(now: Progress, name: str | None, everywhere: Span, *, with_score: bool, at: datetime) -> Card:
    """联系、心愿、五个一、积分四块；`with_score` 为否时只有前两块。"""
    title, about = f"{name or '我'}的进度", f"{now.quarter} · {at.month} 月 {at.day} 日"
    left = f"还差 {now.quota - now.joined} 人" if now.joined < now.quota else "人数够了"
    foot = "本人 /加入 的才算联系；有过有效互动，或在 L2 的活动、记录里作了证，算联系到。"
    step = next_step(now.next_step) if now.next_step and with_score else ""
    overdue = [_overdue(wish, now) for wish in now.overdue[:_WISHES_SHOWN]]
    data: dict[str, Json] = {
        "title": cut(title, 36),
        "subtitle": about,
        "foot": foot,
        "step": step,
        "contacts": {
            "joined": str(now.joined),
            "quota": str(now.quota),
            "left": left,
            "share": min(1, now.joined / now.quota) if now.quota else 0,
            "line": _once(now),
            "tiles": [
                _tile(now.reached_month, "人", "本月联系到"),
                _tile(now.reached_quarter, "人", "本季联系到"),
                _tile(now.quiet, "人", f"{QUIET_DAYS} 天没联系", warn=now.quiet > 0),
            ],
        },
        "wishes": {
            "tiles": [
                _tile(len(now.in_hand), "件", "你在办"),
                _tile(len(now.waiting), "件", "等人认领"),
                _tile(len(now.overdue), "件", "拖久了", warn=bool(now.overdue)),
            ],
            "lines": list(overdue),
        },
        "fives": _fives(now) if with_score else None,
        "score": _score(now, everywhere) if with_score else None,
    }
    head = [f"{title}（{about}）", *([step] if step else [])]
    return Card("progress", data, _text(now, everywhere, head, left, overdue, foot, with_score))


def _text(
    now: Progress, everywhere: Span, head: list[str], left: str, overdue: list[str], foot: str, with_score: bool
) -> str:
    lines = [
        *head,
        f"联系青年 {now.joined}/{now.quota} 人，{left}",
        f"本月联系到 {now.reached_month} 人，本季 {now.reached_quarter} 人，{QUIET_DAYS} 天没联系 {now.quiet} 人",
        _once(now),
        f"心愿：你在办 {len(now.in_hand)} 件，等人认领 {len(now.waiting)} 件，拖久了 {len(now.overdue)} 件",
        *overdue,
    ]
    if with_score:
        lines.append(f"本月活动 {_month(now)} 次；五个一：{grades(now.fives.items)}，逐件的发 /五个一")
        lines.append(outlook(now.forecast))
    if with_score and now.rank:
        lines += [f"本季积分 {total(now.rank)}", *places(now.rank, everywhere), *_parts(now.rank)]
    return "\n".join([*lines, foot])


def _once(now: Progress) -> str:
    return f"本季参加过活动 {now.active} 人，今年见过面 {now.met} 人"


def _tile(value: int, unit: str, label: str, *, warn: bool = False) -> Json:
    return {"value": str(value), "unit": unit, "label": label, "warn": warn}


def _month(now: Progress) -> str:
    return f"{now.fives.month}/{now.fives.rule.monthly}"


def _fives(now: Progress) -> Json:
    return {
        "month": f"本月活动 {_month(now)} 次",
        "outlook": outlook(now.forecast),
        "rows": [{"name": item.name, "grade": item.grade or "", "missing": "还没做"} for item in now.fives.items],
    }


def _score(now: Progress, everywhere: Span) -> Json:
    if now.rank is None:
        return None
    return {
        "total": f"{now.rank.total:.1f}",
        "band": now.rank.band or "",
        "places": places(now.rank, everywhere),
        "parts": list(_parts(now.rank)),
    }


def _parts(rank: OwnRank) -> list[str]:
    """要青年点头的两部分；怎么来的、怎么涨在 `/积分`。"""
    return [
        f"其中{points_of(rank, Part.FIVE_ONES)}，{points_of(rank, Part.RATINGS)}",
        "为什么、怎么涨，私聊发 /积分 看",
    ]


def _overdue(wish: OpenWish, now: Progress) -> str:
    if wish in now.in_hand:
        return f"W{wish.id}：{wish.days} 天没有进展，写一句 /进展 W{wish.id} 话"
    return f"W{wish.id}：提交 {wish.days} 天没人认领，发 /认领 W{wish.id}"
