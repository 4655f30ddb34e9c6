"""“刚才这一下记了什么”：前后各数一遍库里的行，多出来的就是留下的痕迹。"""

from tortoise import Model

from db.models import (
    Activity,
    Audit,
    Ballot,
    Consent,
    Contact,
    GroupDay,
    Interaction,
    Notice,
    Participation,
    Person,
    Rating,
    Topic,
    Voice,
    Wish,
    WishEvent,
)
from plugins.sandbox.screen import Sheet

#: 叫什么 → 哪张表，数行
_ROWS: dict[str, type[Model]] = {
    "认识的人": Person,
    "加入时的同意": Consent,
    "联系关系": Contact,
    "心愿": Wish,
    "心愿走的步": WishEvent,
    "心声、建议、投诉": Voice,
    "活动与记录": Activity,
    "报名与到场": Participation,
    "青年评价": Rating,
    "话题": Topic,
    "投过票的": Ballot,
    "团团主动要说的话": Notice,
    "谁动了什么的留痕": Audit,
}
_MESSAGES, _TALKS = "群里的消息条数（不记是谁、不记内容）", "有效互动"
_NOTHING = ("什么也没多记", "", "闲聊的原话一个字也不存")
_NOT_YET = ("你还没开口", "", "说一句，这里就列出库里多了什么")
_WHY = {
    _MESSAGES: "只进全群的匿名合计",
    _TALKS: "来回三轮以上，双方都有实质的话，前后超过一分钟",
    "心愿走的步": "提交、认领、进展、办结、确认，每步一行",
    "心愿": "本人自己许的，结束 180 天后清空文字",
    "心声、建议、投诉": "本人自己说的，只给该看的人看",
    "团团主动要说的话": "同一件事对同一个人只说一次",
    "加入时的同意": "本人说了 /加入 才有",
    "谁动了什么的留痕": "谁看过、改过，事后查得到",
}


async def counted() -> dict[str, int]:
    """此刻各有几行。"""
    counts = {name: await model.all().count() for name, model in _ROWS.items()}
    counts[_MESSAGES] = sum([day.messages for day in await GroupDay.all()])
    counts[_TALKS] = sum([row.sessions > 0 for row in await Interaction.all()])
    return counts


def fresh(before: dict[str, int], after: dict[str, int]) -> Sheet:
    """从 `before` 到 `after` 多了（或少了）什么。"""
    rows = [
        (name, f"{count - before[name]:+d}", _WHY.get(name, ""))
        for name, count in after.items()
        if before and count != before[name]
    ]
    return Sheet("刚才这一下", ("记了什么", "多了", "为什么"), rows or [_NOTHING if before else _NOT_YET])
