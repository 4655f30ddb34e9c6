"""合规自检：整治“指尖上的形式主义”等规定，一条一条对着现在的设置、表和数据查，不凭记得打勾。

查的办法在 `compliance_checks`；要人来判断的照实说要看一看，不替人说合规。
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.league import audits
from bot.league import compliance_checks as checks
from bot.league.compliance_checks import Finding
from bot.league.errors import Refusal
from bot.league.roster import Speaker


class Source(StrEnum):
    """出处。"""

    #: 2023 年，中央网络安全和信息化委员会
    OPINIONS = "《关于防治“指尖上的形式主义”的若干意见》（2023）"
    #: 2026 年，国务院办公厅
    MEASURES = "《政务移动互联网应用程序规范化管理办法》（国办函〔2026〕12号）"
    NOTICE = "校青字〔2017〕10号"
    PRIVACY = "《个人信息保护法》"


@dataclass(frozen=True)
class Rule:
    """一条规定，团团怎么做，怎么查。"""

    says: str
    sources: tuple[Source, ...]
    does: str
    check: Callable[[datetime], Awaitable[Finding]]


@dataclass(frozen=True)
class Result:
    """一条的结果。"""

    rule: Rule
    finding: Finding


#: 全部规定，只此一张表
RULES = (
    Rule(
        "不设打卡签到，不统计在线时长，不要求传照片、视频、轨迹",
        (Source.OPINIONS, Source.MEASURES),
        "库里没有放这些的地方；活动的 /到场 只认本人在不在现场，不连续计、不到也不扣分",
        checks.no_traces_stored,
    ),
    Rule(
        "不拿点赞量、投票数、转发量、学习时长考评",
        (Source.OPINIONS, Source.MEASURES),
        "积分只看联系、心愿、活动、评价的事实",
        checks.score_inputs_are_clean,
    ),
    Rule(
        "不设积分排名之类的强制性功能",
        (Source.OPINIONS, Source.MEASURES),
        "青年不计分不排名；团干部的名次是不是拿来硬考核，要人来管",
        checks.ranking_stays_small,
    ),
    Rule(
        "不强制使用、不要求定期登录、不考核使用率",
        (Source.OPINIONS, Source.MEASURES),
        "加入只能青年自己说；提醒从不到青年那里，夜里不打扰",
        checks.nobody_is_pushed,
    ),
    Rule(
        "工作群里不搞打卡接龙、即时响应、随意摊派",
        (Source.OPINIONS,),
        "群发的话先过一遍词表；坚持要发的留痕",
        checks.wordings_are_watched,
    ),
    Rule(
        "不随意、不重复要基层填表报材料",
        (Source.MEASURES,),
        "季报照已有的记录起草；来回退的看得见",
        checks.reports_are_not_bounced,
    ),
    Rule("不层层加码", (Source.NOTICE,), "下级不能比上级要得多，要了就拒绝并记一笔", checks.nobody_asks_more),
    Rule(
        "要给人投诉、建议的地方",
        (Source.MEASURES,),
        "/投诉 只到督导，/建议 到单位管理员",
        checks.complaints_have_a_reader,
    ),
    Rule("没用的群、没声音的群及时清", (Source.OPINIONS,), "看得出哪些群很久没有声音", checks.groups_are_alive),
    Rule("不从事经营性活动", (Source.MEASURES,), "库里没有价钱、订单", checks.nothing_is_sold),
    Rule(
        "个人信息要本人同意，说得清找谁",
        (Source.PRIVACY, Source.NOTICE),
        "没有 /加入 就不记；告知里写着有事找谁",
        checks.consent_comes_first,
    ),
    Rule(
        "数据要管得住", (Source.OPINIONS, Source.MEASURES), "对外监听必须有令牌；危机求助有人接", checks.doors_are_shut
    ),
)


async def examine(by: Speaker, *, at: datetime) -> list[Result]:
    """逐条查一遍；给超级管理员和最上一级单位的管理员，看一次留一次痕。"""
    if not by.at_the_top:
        raise Refusal("合规自检给最上一级单位的管理员和超级管理员看。觉得哪里不对，私聊我发 /投诉 内容")
    await audits.record("compliance.view", subject="all", at=at, actor_id=by.person_id)
    return [Result(rule, await rule.check(at)) for rule in RULES]
