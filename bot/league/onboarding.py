"""上手：新任团干部今天、这一周、这一季先做什么。全从事实里看，做了自己打勾；做齐了或过了头一季就收起。

只说给团干部自己：不是指标，不进积分，不催青年。
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.league import five_ones, notices
from bot.league.periods import Quarter
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


async def steps_of(cadre_id: int, *, at: datetime) -> list[Step]:
    """头一季里的几步；过了就是空的。"""
    cadre = await Cadre.get(id=cadre_id)
    if at >= cadre.since + FIRST_QUARTER:
        return []
    bound = await Group.exists(cadre_id=cadre_id, kind=GroupKind.YOUTH, unbound_at=None)
    joined = await Contact.filter(cadre_id=cadre_id, state=ContactState.ACTIVE).count()
    talked = await Interaction.exists(cadre_id=cadre_id, sessions__gt=0)
    tagged = await ContactTag.exists(contact__cadre_id=cadre_id)
    held = await Activity.exists(organiser_id=cadre_id, state__in=[ActivityState.CLOSED, ActivityState.KEPT])
    fives = await five_ones.slots_of(cadre_id, Quarter.of(at), at=at)
    done = sum(item.deed is not None for item in fives.items)
    return [
        Step(When.TODAY, "把我请进青年群，绑定它", "在群里发 /绑定本群", bound),
        Step(When.TODAY, "有青年加入", "说说我是做什么的，愿意的自己发 /加入", joined > 0),
        Step(When.WEEK, "和一位青年真聊起来", "在群里接他一句话，一来一回几句就算", talked),
        Step(When.WEEK, "给青年贴个标签", "发 /标签 @小王 学生，以后好找", tagged),
        Step(When.QUARTER, "办一件事，记一笔", "办一场发 /活动 发起，办过的发 /记", held),
        Step(When.QUARTER, f"五个一做了 {done}/{len(fives.items)} 件", "是哪五件发 /五个一", done == len(fives.items)),
    ]


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
