"""联系青年的名单。"""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Card, Json, cut
from bot.league.bonds import Bond
from bot.league.contacts import QUIET_DAYS, RADAR_SIZE, Companion
from bot.league.filters import Filter
from bot.league.industries import INDUSTRIES
from bot.league.tag_batches import Done, Edit

#: 一张图至多列几位，再多就请他筛
ROWS_MAX = 60

NOBODY = "还没有青年加入。在群里发 /绑定本群，请愿意的青年自己发 /加入 @你。"


def radar(everyone: list[Companion], *, at: datetime) -> Card | str:
    """最久没真联系的几位。"""
    if not everyone:
        return NOBODY
    shown = [one for one in everyone if one.quiet_days > 0][:RADAR_SIZE]
    if not shown:
        return "今天都聊过了，雷达上没有人。"
    quiet = sum(one.quiet_days >= QUIET_DAYS for one in everyone) - len(shown)
    more = f"还有 {quiet} 位 {QUIET_DAYS} 天没联系，发 /小伙伴 {QUIET_DAYS}天未联系 看全部" if quiet > 0 else ""
    foot = "真聊起来一次，就从这里下去。"
    return _list("雷达：谁最久没真联系", f"{at.month} 月 {at.day} 日 · 共联系 {len(everyone)} 人", shown, more, foot)


def companions(found: list[Companion], chosen: Filter, used: Sequence[tuple[str, int]], *, at: datetime) -> Card | str:
    """筛出来的小伙伴。"""
    asked = chosen.spoken
    if not found:
        return f"没有符合“{cut(asked, 64)}”的小伙伴。{_used(used)}".rstrip() if asked else NOBODY
    more = f"还有 {len(found) - ROWS_MAX} 位没列，用标签或 {QUIET_DAYS}天未联系 筛一下" if len(found) > ROWS_MAX else ""
    about = " · ".join(filter(None, [asked, f"{len(found)} 人", f"{at.month} 月 {at.day} 日"]))
    return _list("小伙伴", about, found[:ROWS_MAX], more, _used(used))


def usage(used: Sequence[tuple[str, int]]) -> str:
    """`/标签` 怎么写，连同用过的标签。"""
    lines = [
        _used(used),
        "群里写 /标签 @小王 学生，私聊写 /标签 姓名或尾号 学生；前面加 - 是揭下：-学生",
        "成批的在私聊里写：/标签 没标签的 学生、/标签 学生→毕业生；行业的统一叫法发 /标签 行业",
    ]
    return "\n".join(filter(None, lines))


def industries() -> str:
    """行业字典。"""
    names = "、".join(INDUSTRIES)
    return f"行业的统一叫法：{names}。写 程序员、快递小哥 这样的，我会归进去；别的标签照样能贴。"


def tagged(done: Done, edit: Edit, renamed: Sequence[tuple[str, str]]) -> str:
    """贴好了，或者会改几位。"""
    what = "，".join(
        [
            *([f"贴上 {'、'.join(edit.add)}"] if edit.add else []),
            *([f"揭下 {'、'.join(edit.remove)}"] if edit.remove else []),
        ]
    )
    note = "".join(f"（{word} 归到 {tag}）" for word, tag in renamed)
    if not done.changed:
        return f"不用改，这 {done.people} 位本来就是这样。{note}"
    if done.written:
        return f"好，{done.people} 位小伙伴{what}。{note}"
    same = f"，另有 {done.people - done.changed} 位本来就是这样" if done.people > done.changed else ""
    return f"会给 {done.changed} 位小伙伴{what}{same}。{note}现在还没改，要改就发 /标签 确认，十分钟内都行。"


def written(done: Done) -> str:
    """确认之后。"""
    return f"好，{done.changed} 位小伙伴的标签改好了。改错了，十分钟内发 /标签 撤销。"


def undone(done: Done) -> str:
    """撤销了，或者预览不要了。"""
    if not done.written:
        return "好，刚才那次不改了，什么都没动。"
    return f"好，撤销了，{done.people} 位小伙伴的标签和改之前一样。"


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
        "note": _bond(one.bond),
        "right": _quiet(one),
        "warn": one.quiet_days >= QUIET_DAYS,
    }


def _line(one: Companion) -> str:
    tags = f"（{'、'.join(one.tags)}）" if one.tags else ""
    return f"{one.name}{tags}：{_quiet(one)}；{_bond(one.bond)}"


def _bond(bond: Bond) -> str:
    return f"{bond.stage} · 本季{'有' if bond.active else '没'}活动 · 今年{'见过' if bond.met else '没见'}面"


def _quiet(one: Companion) -> str:
    if one.last is None:
        return f"还没聊过，加入 {one.quiet_days} 天" if one.quiet_days else "还没聊过，今天加入"
    return f"{one.quiet_days} 天没联系" if one.quiet_days else "今天聊过"


def _used(used: Sequence[tuple[str, int]]) -> str:
    return f"你用过的标签：{'、'.join(f'{tag} {count} 人' for tag, count in used[:12])}。" if used else ""
