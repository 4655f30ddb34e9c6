"""全部通知种类，只此一张表：给谁、凭什么找他。不在表里的，`notices.draft` 不收。

加一种就在 `_ALL` 里添一行，挨着同一个词头的：

    Kind("wish.claimed", Why.OWN, Who.YOUTH),

其余都由“凭什么”决定，不用再写：

========== ================================ ============== ============ ==================
凭什么      说的是                           请假静音时      占每周名额    能给谁
========== ================================ ============== ============ ==================
OWN         他自己的事有了消息，或正等着他    照样送          不占          都行
QUESTION    问青年一句，不回也不影响他        先收着          占            青年、团干部
REMINDER    职责提醒：指标、进度、材料        先收着          不占          任职的人、工作群
PUSH        推给人看的：推送、话题、通报      先收着          占            都行
ALARM       急事；只有它能不等静默时段过去    照样送          不占          人
========== ================================ ============== ============ ==================

提醒从不到青年那里：不能登记给青年，领取时也只给在任的人与工作群（`budgets`）。
"""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """收的人。同一个人可以有几种身份，写他是凭哪一种收的。"""

    #: 青年，也包括提心愿、说心声、报名的任何人
    YOUTH = "青年"
    CADRE = "团干部"
    ADMIN = "管理员"
    INSPECTOR = "督导"
    DUTY = "值守人"
    SUPERUSER = "超级管理员"
    GROUP = "青年群"
    WORK_GROUP = "工作群"


class Why(StrEnum):
    """凭什么找他，见上表。"""

    OWN = "自己的事"
    QUESTION = "问一句"
    REMINDER = "职责提醒"
    PUSH = "推送"
    ALARM = "急事"


#: 任职的人；职责提醒只给他们和工作群
OFFICERS = frozenset({Who.CADRE, Who.ADMIN, Who.INSPECTOR})
GROUPS = frozenset({Who.GROUP, Who.WORK_GROUP})
_PEOPLE = frozenset(Who) - GROUPS

#: 凭什么找，就只能找谁
ALLOWED = {
    Why.OWN: frozenset(Who),
    Why.QUESTION: frozenset({Who.YOUTH, Who.CADRE}),
    Why.REMINDER: OFFICERS | {Who.WORK_GROUP},
    Why.PUSH: frozenset(Who),
    Why.ALARM: _PEOPLE,
}


@dataclass(frozen=True, init=False)
class Kind:
    """一种通知。"""

    name: str
    why: Why
    to: frozenset[Who]

    def __init__(self, name: str, why: Why, *to: Who) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "why", why)
        object.__setattr__(self, "to", frozenset(to))

    @property
    def even_if_away(self) -> bool:
        """请假、静音时也照样送。"""
        return self.why in (Why.OWN, Why.ALARM)

    @property
    def budgeted(self) -> bool:
        """占每周名额（产品说明第 8 节：青年一周至多一条，群一周至多两条）。"""
        return self.why in (Why.QUESTION, Why.PUSH)


_ALL = (
    # 活动：只告诉报了名的人；别人替他改了、取消了，也告诉负责的那位
    Kind("activity.cancelled", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("activity.edited", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("activity.led", Why.OWN, Who.CADRE),
    Kind("activity.promoted", Why.OWN, Who.YOUTH),
    Kind("activity.soon", Why.OWN, Who.YOUTH),
    # 机器人自己出了毛病、好了
    Kind("alarm.cleared", Why.ALARM, Who.SUPERUSER),
    Kind("alarm.raised", Why.ALARM, Who.SUPERUSER),
    # 季度通报
    Kind("bulletin.published", Why.PUSH, Who.WORK_GROUP),
    # 刚上任：先做什么
    Kind("cadre.appointed", Why.OWN, Who.CADRE),
    # 抽查：问青年；开了案告诉团干部，等裁定告诉督导（没有督导可裁定时告诉超级管理员）
    Kind("check.ask", Why.QUESTION, Who.YOUTH),
    Kind("check.case", Why.OWN, Who.CADRE),
    Kind("check.ruled", Why.OWN, Who.CADRE),
    Kind("check.ruling", Why.OWN, Who.INSPECTOR, Who.SUPERUSER),
    # 好物：订了标签的人一周一份，推到群里的占群的名额
    Kind("culture.digest", Why.PUSH, Who.YOUTH, Who.CADRE),
    Kind("culture.push", Why.PUSH, Who.GROUP),
    Kind("culture.stale", Why.OWN, Who.CADRE, Who.ADMIN),
    # 参评、评估：人定了、有异议、有答复
    Kind("eligibility.appealed", Why.OWN, Who.ADMIN),
    Kind("eligibility.decided", Why.OWN, Who.CADRE),
    Kind("evaluation.answered", Why.OWN, Who.ADMIN),
    Kind("evaluation.objected", Why.OWN, Who.ADMIN),
    Kind("evaluation.signed", Why.OWN, Who.ADMIN),
    # 交接：问青年愿不愿意换联系人，一次交接问一回
    Kind("handover.ask", Why.QUESTION, Who.YOUTH),
    Kind("handover.ended", Why.OWN, Who.CADRE),
    Kind("handover.started", Why.OWN, Who.CADRE),
    # 光荣榜送到工作群，加油的话只给那个单位自己的管理员
    Kind("honour.cheer", Why.REMINDER, Who.ADMIN),
    Kind("honour.published", Why.PUSH, Who.WORK_GROUP),
    # 最美青春故事
    Kind("nomination.ask", Why.QUESTION, Who.CADRE),
    # 他自己申请的事
    Kind("person.kept", Why.OWN, Who.YOUTH, Who.CADRE, Who.ADMIN, Who.INSPECTOR),
    # 投票、话题：群里自己的事到点有了结果
    Kind("poll.result", Why.OWN, Who.GROUP),
    # 青年评价
    Kind("rating.ask", Why.QUESTION, Who.YOUTH),
    # 记录
    Kind("record.ask", Why.QUESTION, Who.YOUTH),
    Kind("record.disputed", Why.OWN, Who.INSPECTOR, Who.SUPERUSER),
    Kind("record.voided", Why.OWN, Who.CADRE),
    # 提醒
    Kind("reminder.bulletin", Why.REMINDER, Who.ADMIN),
    Kind("reminder.digest", Why.REMINDER, Who.CADRE),
    Kind("reminder.monthly", Why.REMINDER, Who.CADRE),
    Kind("reminder.quarter", Why.REMINDER, Who.CADRE),
    Kind("reminder.report", Why.REMINDER, Who.ADMIN),
    Kind("reminder.units", Why.REMINDER, Who.WORK_GROUP),
    # 季报
    Kind("report.returned", Why.OWN, Who.ADMIN),
    Kind("topic.result", Why.OWN, Who.GROUP),
    # 心声、建议、投诉
    Kind("voice.answered", Why.OWN, Who.YOUTH),
    Kind("voice.escalated", Why.OWN, Who.YOUTH, Who.CADRE, Who.ADMIN, Who.INSPECTOR, Who.SUPERUSER),
    Kind("voice.new", Why.OWN, Who.CADRE, Who.ADMIN, Who.INSPECTOR, Who.SUPERUSER),
    Kind("voice.withdrawn", Why.OWN, Who.CADRE, Who.ADMIN, Who.INSPECTOR, Who.SUPERUSER),
    # 心愿
    Kind("wish.asked_again", Why.OWN, Who.YOUTH),
    Kind("wish.assigned", Why.OWN, Who.CADRE),
    Kind("wish.claimed", Why.OWN, Who.YOUTH),
    Kind("wish.closed", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("wish.confirmed", Why.OWN, Who.CADRE),
    Kind("wish.crisis", Why.ALARM, Who.DUTY, Who.SUPERUSER),
    Kind("wish.crisis_again", Why.ALARM, Who.DUTY, Who.SUPERUSER, Who.ADMIN),
    Kind("wish.crisis_waiting", Why.ALARM, Who.YOUTH),
    Kind("wish.crisis_words", Why.ALARM, Who.YOUTH),
    Kind("wish.done", Why.OWN, Who.YOUTH),
    Kind("wish.dropped", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("wish.escalated", Why.OWN, Who.YOUTH, Who.ADMIN, Who.SUPERUSER),
    Kind("wish.explained", Why.OWN, Who.YOUTH),
    Kind("wish.helped", Why.OWN, Who.CADRE),
    Kind("wish.new", Why.OWN, Who.CADRE),
    Kind("wish.progress", Why.OWN, Who.YOUTH),
    Kind("wish.released", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("wish.transferred", Why.OWN, Who.YOUTH, Who.CADRE),
    Kind("wish.warned", Why.OWN, Who.CADRE),
    Kind("wish.withdrawn", Why.OWN, Who.CADRE),
)

KINDS = {kind.name: kind for kind in _ALL}


def check(name: str, *, to_group: bool, urgent: bool) -> None:
    """登记过、给人的给人、给群的给群，才收；不对就是程序的错。"""
    kind = KINDS.get(name)
    assert kind, f"通知种类 {name} 没有登记，在 bot/league/kinds.py 添一行"
    assert kind.to & (GROUPS if to_group else _PEOPLE), f"{name} 不是给{'群' if to_group else '人'}的"
    assert not urgent or kind.why is Why.ALARM, f"{name} 不是急事，不能不等静默时段过去"


def even_if_away() -> list[str]:
    """请假、静音时也照样送的种类。"""
    return [kind.name for kind in KINDS.values() if kind.even_if_away]


def because(*why: Why) -> list[str]:
    """凭这些找人的种类。"""
    return [kind.name for kind in KINDS.values() if kind.why in why]
