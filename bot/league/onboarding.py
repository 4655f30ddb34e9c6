"""上手：新任团干部今天、这一周、这一季先做什么。全从事实里看，做了自己打勾；做齐了或过了头一季就收起。

只说给团干部自己：不是指标，不进积分，不催青年。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.league import five_ones, notices
from bot.league.periods import Quarter
from bot.league.roster_writes import chunks
from db.models import (
    Activity,
    ActivityState,
    Cadre,
    Contact,
    ContactState,
    ContactTag,
    Group,
    GroupKind,
    Interaction,
    Notice,
)

KIND = "cadre.appointed"
#: 头一季：上任起一个季度（至多 92 天）
FIRST_QUARTER = timedelta(days=92)
#: 上任这么多天以内的，才说那一声；早就在任的不补
FRESH = timedelta(days=7)
#: 那一声等他多久来取
WAITS = timedelta(days=14)


class When(StrEnum):
    """什么时候做。"""

    TODAY = "今天"
    WEEK = "这一周"
    QUARTER = "这一季"


@dataclass(frozen=True)
class Step:
    """一步；`how` 是怎么做。"""

    when: When
    title: str
    how: str
    done: bool


#: 依次几步；最后还有一步五个一，另算
_STEPS = (
    (When.TODAY, "把我请进青年群，绑定它", "在群里发 /绑定本群"),
    (When.TODAY, "有青年加入", "说说我是做什么的，愿意的自己发 /加入"),
    (When.WEEK, "和一位青年真聊起来", "在群里接他一句话，一来一回几句就算"),
    (When.WEEK, "给青年贴个标签", "发 /标签 @小王 学生，以后好找"),
    (When.QUARTER, "办一件事，记一笔", "办一场发 /活动 发起，办过的发 /记"),
)


async def steps_of(cadre_id: int, *, at: datetime) -> list[Step]:
    """头一季里的几步；过了就是空的。"""
    cadre = await Cadre.get(id=cadre_id)
    if at >= cadre.since + FIRST_QUARTER:
        return []
    fives = await five_ones.slots_of(cadre_id, Quarter.of(at), at=at)
    done = sum(item.deed is not None for item in fives.items)
    return [
        *(Step(*step, cadre_id in who) for step, who in zip(_STEPS, await _done([cadre_id]), strict=True)),
        Step(When.QUARTER, f"五个一做了 {done}/{len(fives.items)} 件", "是哪五件发 /五个一", done == len(fives.items)),
    ]


async def next_steps(at: datetime, *, cadre_id: int | None = None) -> dict[int, Step]:
    """头一季里还没走完的团干部 → 下一步；几条查询，不随人数变多。五个一另有地方说，不在内。"""
    new = Cadre.filter(left_at=None, since__gt=at - FIRST_QUARTER)
    if cadre_id is not None:
        new = new.filter(id=cadre_id)
    found: dict[int, Step] = {}
    for some in chunks(await new.values_list("id", flat=True)):
        ids = [int(str(one)) for one in some]
        for step, who in zip(_STEPS, await _done(ids), strict=True):
            found |= {one: Step(*step, done=False) for one in ids if one not in who and one not in found}
    return found


async def _done(ids: Sequence[int]) -> list[set[int]]:
    """依次每一步，`ids` 里有哪几位做了。"""
    rows = (
        (Group.filter(cadre_id__in=ids, kind=GroupKind.YOUTH, unbound_at=None), "cadre_id"),
        (Contact.filter(cadre_id__in=ids, state=ContactState.ACTIVE), "cadre_id"),
        (Interaction.filter(cadre_id__in=ids, sessions__gt=0), "cadre_id"),
        (ContactTag.filter(contact__cadre_id__in=ids), "contact__cadre_id"),
        (Activity.filter(organiser_id__in=ids, state__in=[ActivityState.CLOSED, ActivityState.KEPT]), "organiser_id"),
    )
    did = [{int(str(one)) for one in await found.distinct().values_list(column, flat=True)} for found, column in rows]
    did[0] |= did[1]  # 同事绑的群里有人加入了，就不用自己再绑
    return did


async def greet(*, at: datetime) -> None:
    """刚上任的每人说一声，只说一次；怎么任命的（`/任命`、导入）都一样。"""
    fresh = await Cadre.filter(left_at=None, since__gt=at - FRESH, since__lte=at).select_related("person", "unit")
    periods = {f"p{cadre.person_id}": cadre.since.date().isoformat() for cadre in fresh}
    told = await Notice.filter(kind=KIND, recipient__in=list(periods)).values_list("recipient", "period")
    rows = [
        notices.draft(
            KIND,
            period=periods[f"p{cadre.person_id}"],
            text=_letter(cadre),
            at=at,
            person_id=cadre.person_id,
            expires_at=at + WAITS,
        )
        for cadre in fresh
        if (f"p{cadre.person_id}", periods[f"p{cadre.person_id}"]) not in told
    ]
    await notices.post_all(rows)


def _letter(cadre: Cadre) -> str:
    return (
        f"{cadre.person.name or '你好'}，你现在是{cadre.unit.name}的团干部了，"
        f"我是团团，帮你和 {cadre.quota} 名青年保持联系。\n"
        "今天先做一件事：把我请进你的青年群，在群里发 /绑定本群。接下来做什么，发 /上手，我陪你一步一步来。"
    )
