"""联系青年的名单。"""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.contacts import QUIET_DAYS, RADAR_SIZE, Companion

#: 一张图至多列几位，再多就请他筛
ROWS_MAX = 60

_NOBODY = "还没有青年加入。在群里发 /绑定本群，请愿意的青年自己发 /加入 @你。"


def radar(everyone: list[Companion], *, at: datetime) -> Card | str:
    """最久没真联系的几位。"""
    if not everyone:
        return _NOBODY
    shown = [one for one in everyone if one.quiet_days > 0][:RADAR_SIZE]
    if not shown:
        return "今天都聊过了，雷达上没有人。"
    quiet = sum(one.quiet_days >= QUIET_DAYS for one in everyone) - len(shown)
    more = f"还有 {quiet} 位 {QUIET_DAYS} 天没联系，发 /小伙伴 {QUIET_DAYS}天未联系 看全部" if quiet > 0 else ""
    foot = "有一次有效互动，就从这里下去。"
    return _list("雷达：谁最久没真联系", f"{at.month} 月 {at.day} 日 · 共联系 {len(everyone)} 人", shown, more, foot)


def companions(
    found: list[Companion], tags: Sequence[str], days: int, used: Sequence[tuple[str, int]], *, at: datetime
) -> Card | str:
    """筛出来的小伙伴。"""
    asked = " · ".join([*(f"标签 {tag}" for tag in tags), *([f"{days} 天没联系"] if days else [])])
    if not found:
        return f"没有符合“{cut(asked, 64)}”的小伙伴。{_used(used)}".rstrip() if asked else _NOBODY
    more = f"还有 {len(found) - ROWS_MAX} 位没列，用标签或 {QUIET_DAYS}天未联系 筛一下" if len(found) > ROWS_MAX else ""
    about = " · ".join(filter(None, [asked, f"{len(found)} 人", f"{at.month} 月 {at.day} 日"]))
    return _list("小伙伴", about, found[:ROWS_MAX], more, _used(used))


def usage(used: Sequence[tuple[str, int]]) -> str:
    """`/标签` 怎么写，连同用过的标签。"""
    return "\n".join(
        filter(None, [_used(used), "群里写 /标签 @小王 学生，私聊写 /标签 姓名或尾号 学生；前面加 - 是揭下：-学生"])
    )


def tagged(people: int, add: Sequence[str], remove: Sequence[str]) -> str:
    """贴好了。"""
    done = [f"贴上 {'、'.join(add)}" if add else "", f"揭下 {'、'.join(remove)}" if remove else ""]
    return f"好，{people} 位小伙伴{'，'.join(filter(None, done))}。"


def _list(title: str, about: str, people: list[Companion], more: str, foot: str) -> Card:
    data: dict[str, Json] = {
        "title": title,
        "subtitle": cut(about, 64),
        "foot": foot,
        "more": more,
        "rows": [_row(one) for one in people],
    }
    lines = [f"{title}（{about}）", *map(_line, people), more, foot]
    return Card("list", data, "\n".join(filter(None, lines)))


def _row(one: Companion) -> Json:
    tags: list[Json] = [cut(tag, 12) for tag in one.tags]
    return {
        "name": cut(one.name, 20),
        "tags": tags,
        "right": _quiet(one),
        "warn": one.quiet_days >= QUIET_DAYS,
    }


def _line(one: Companion) -> str:
    tags = f"（{'、'.join(one.tags)}）" if one.tags else ""
    return f"{one.name}{tags}：{_quiet(one)}"


def _quiet(one: Companion) -> str:
    if one.last is None:
        return f"还没聊过，加入 {one.quiet_days} 天" if one.quiet_days else "还没聊过，今天加入"
    return f"{one.quiet_days} 天没联系" if one.quiet_days else "今天聊过"


def _used(used: Sequence[tuple[str, int]]) -> str:
    return f"你用过的标签：{'、'.join(f'{tag} {count} 人' for tag, count in used[:12])}。" if used else ""
