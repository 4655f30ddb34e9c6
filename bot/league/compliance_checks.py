"""合规自检的每一项怎么查：读表的结构、积分的来源、设置和留痕，查到什么说什么。"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise import Model
from tortoise.functions import Max

import db.models as tables
from bot.league import budgets, five_ones_sets, kinds, wordings
from bot.league.kinds import GROUPS, Who, Why
from bot.league.periods import QUIET_FROM, QUIET_UNTIL, local
from bot.league.scores import SCORE_INPUTS
from bot.settings import is_loopback, settings
from db import sql
from db.models import Audit, FiveOnes, Group, GroupDay, GroupKind, Person, Ranking, Role, RoleKind, Score

#: 往回看多久的留痕
LOOKBACK = timedelta(days=90)
#: 多久没有声音算没用的群（我们的建议：一整季）
IDLE = timedelta(days=90)
#: 同一份季报退回这么多次，算来回要材料（我们的建议）
BOUNCED = 3

#: 列名里不该有的词：使用痕迹、照片轨迹
_TRACES = frozenset(
    [
        "login",
        "logins",
        "online",
        "streak",
        "checkin",
        "like",
        "likes",
        "liked",
        "forward",
        "forwards",
        "forwarded",
        "share",
        "shares",
        "photo",
        "photos",
        "image",
        "video",
        "screenshot",
        "latitude",
        "longitude",
        "gps",
        "location",
        "track",
        "tracks",
        "learning",
        "studied_minutes",
    ]
)
_SALES = frozenset(["price", "amount", "fee", "payment", "order", "orders", "paid", "coupon", "product"])
#: 不能拿来算分的表：投票、话题、推送
_NOT_SCORED = frozenset(
    {"poll", "poll_option", "ballot", "topic", "topic_voice"}
    | {"push", "push_target", "push_reply", "opinion", "subscription"}
)
#: 该被词表拦下的话，每回都真拿去过一遍
_FORBIDDEN = ("请接龙打卡", "收到请回复", "每人必须参加", "转发到朋友圈")


@dataclass(frozen=True)
class Finding:
    """查到什么；不合适的带着怎么办。"""

    seen: str
    remedy: str = ""

    @property
    def fine(self) -> bool:
        """没查到不合适的。"""
        return not self.remedy


def _columns() -> Iterator[tuple[str, str]]:
    """（表，列），全库。"""
    for model in vars(tables).values():
        if isinstance(model, type) and issubclass(model, Model):
            for column in model._meta.fields_db_projection.values():
                yield model._meta.db_table, column


def _named(columns: Collection[tuple[str, str]], words: Collection[str]) -> list[str]:
    return [f"{table}.{column}" for table, column in columns if {*table.split("_"), *column.split("_")} & {*words}]


async def no_traces_stored(_: datetime) -> Finding:
    """表名、列名里有没有打卡、时长、照片、轨迹。"""
    columns = list(_columns())
    found = _named(columns, _TRACES)
    if found:
        return Finding(f"有这样的列：{'、'.join(found)}", "这一版程序动过，请换回发布的版本，或请开发的人说明。")
    return Finding(f"全库 {len(columns)} 列，没有放打卡、在线时长、照片、轨迹的")


async def score_inputs_are_clean(_: datetime) -> Finding:
    """积分的来源里有没有点赞、投票、转发、时长。"""
    columns = [(table, column) for table, listed in SCORE_INPUTS.items() for column in listed]
    found = _named(columns, _TRACES) + sorted(_NOT_SCORED & set(SCORE_INPUTS))
    if found:
        return Finding(f"积分看了：{'、'.join(found)}", "这一版程序动过，请换回发布的版本，或请开发的人说明。")
    return Finding(f"积分只看 {len(SCORE_INPUTS)} 张表的 {len(columns)} 列，没有这些")


async def ranking_stays_small(_: datetime) -> Finding:
    """分数有没有连到青年；名次有没有在工作群里贴。"""
    people = [
        model._meta.db_table
        for model in (Score, Ranking)
        for name in model._meta.fk_fields
        if getattr(model._meta.fields_map[name], "related_model", None) is Person
    ]
    if people:
        return Finding("分数直接连着人，不只是团干部", "这一版程序动过，请换回发布的版本，或请开发的人说明。")
    groups = await Group.filter(kind=GroupKind.WORK, unbound_at=None).count()
    if groups:
        return Finding(
            f"青年不计分；有 {groups} 个工作群，管理员在那里发 /排名 会列出个人",
            "请书面写明积分只作工作参考、不单独作考核依据；拿不准就只在私聊里看。",
        )
    return Finding("青年不计分；没有工作群，名次只在私聊里给本人和管理员看")


async def nobody_is_pushed(_: datetime) -> Finding:
    """提醒给不给青年，主动找人一周几次，夜里说不说。"""
    youths = {Who.YOUTH, *(GROUPS - {Who.WORK_GROUP})}
    wrong = [kind.name for kind in kinds.KINDS.values() if kind.why is Why.REMINDER and kind.to & youths]
    if wrong or budgets.PERSON_A_WEEK > 1:
        return Finding(f"会催到青年：{'、'.join(wrong) or '一周不止一次'}", "这一版程序动过，请换回发布的版本。")
    return Finding(
        f"{len(kinds.KINDS)} 种通知里，提醒没有一种给青年；主动找青年一周至多 {budgets.PERSON_A_WEEK} 次，"
        f"{QUIET_FROM:%H:%M}–{QUIET_UNTIL:%H:%M} 不说话"
    )


async def wordings_are_watched(at: datetime) -> Finding:
    """词表还拦不拦，近来有没有人坚持要发。"""
    if missed := [said for said in _FORBIDDEN if not wordings.find(said)]:
        return Finding(f"没拦住：{'、'.join(missed)}", "这一版程序动过，请换回发布的版本。")
    insisted = await Audit.filter(action="wording.insist", at__gte=at - LOOKBACK).count()
    if insisted:
        return Finding(f"近 {LOOKBACK.days} 天有 {insisted} 次坚持发了", "看看当时写的理由站不站得住，留痕里查得到。")
    return Finding(f"词表拦得住；近 {LOOKBACK.days} 天没有人坚持要发")


async def reports_are_not_bounced(at: datetime) -> Finding:
    """有没有一份季报来回退。"""
    rows = await sql.query(
        """SELECT subject, detail, COUNT(*) AS n FROM audit
        WHERE action = 'report.settle' AND detail LIKE '%退回' AND at >= $1
        GROUP BY subject, detail HAVING COUNT(*) >= $2""",
        at - LOOKBACK,
        BOUNCED,
    )
    if rows:
        return Finding(
            f"有 {len(rows)} 份季报退回了 {BOUNCED} 次以上", "一次把要改的说全，或当面说；谁的发 /季报 表 看。"
        )
    return Finding(f"近 {LOOKBACK.days} 天没有一份季报退回 {BOUNCED} 次以上")


async def nobody_asks_more(at: datetime) -> Finding:
    """现在定着的，有没有比文件要得多的；近来有没有人想加。"""
    more = [
        row
        for row in await FiveOnes.all()
        if row.monthly > five_ones_sets.STANDARDS[row.side].monthly or len(row.names) > five_ones_sets.COUNT
    ]
    if more:
        return Finding(f"有 {len(more)} 条五个一比文件要得多", "重新定一次，每季五件、每月至多三次。")
    tried = await Audit.filter(action="five_ones.refuse", at__gte=at - LOOKBACK).count()
    if tried:
        return Finding(
            f"近 {LOOKBACK.days} 天有 {tried} 次想加码，都没让", "问问是谁、为什么；青年有话可以 /投诉 加码。"
        )
    return Finding("定着的五个一都不比文件要得多")


async def complaints_have_a_reader(_: datetime) -> Finding:
    """有没有督导接投诉。"""
    people = await Role.filter(kind=RoleKind.INSPECTOR).count()
    if not people:
        return Finding("还没有督导，投诉只能转给超级管理员", "任命一位：/任命 @某 张三 督导 单位全名")
    return Finding(f"有 {people} 位督导接投诉")


async def groups_are_alive(at: datetime) -> Finding:
    """绑着的青年群里，很久没有声音的。"""
    since = local(at - IDLE).date()
    bound = Group.filter(kind=GroupKind.YOUTH, unbound_at=None, bound_at__lt=at - IDLE)
    ids = [int(str(one)) for one in await bound.values_list("id", flat=True)]
    heard = await (
        GroupDay.filter(group_id__in=ids, speakers__gt=0)
        .annotate(last=Max("day"))
        .group_by("group_id")
        .values_list("group_id", "last")
    )
    alive = {group for group, last in heard if str(last) >= str(since)}
    idle = len(set(ids) - alive)
    if idle:
        return Finding(f"有 {idle} 个青年群 {IDLE.days} 天没有声音", "问问还用不用，不用就在群里 /解绑本群。")
    return Finding(f"绑着的青年群里，没有 {IDLE.days} 天没声音的")


async def nothing_is_sold(_: datetime) -> Finding:
    """库里有没有价钱、订单。"""
    if found := _named(list(_columns()), _SALES):
        return Finding(f"有这样的列：{'、'.join(found)}", "这一版程序动过，请换回发布的版本。")
    return Finding("没有放价钱、订单的表和列")


async def consent_comes_first(_: datetime) -> Finding:
    """联系着的人是不是都有没撤回的同意；告知里写没写找谁。"""
    [row] = await sql.query(
        """SELECT COUNT(*) AS n FROM contact c WHERE c.state = 'active' AND NOT EXISTS (
        SELECT 1 FROM consent s WHERE s.person_id = c.youth_id AND s.withdrawn_at IS NULL)"""
    )
    if row["n"]:
        return Finding(f"有 {row['n']} 段联系找不到本人的同意", "先别用这几段，请超级管理员看数据库是怎么来的。")
    if not settings().contact:
        return Finding("联系着的都有本人同意；告知里没写有事找谁", "在设置里填 TUAN_CONTACT，重启后新贴的告知就有了。")
    return Finding("联系着的都有本人同意；告知里写着有事找谁")


async def doors_are_shut(_: datetime) -> Finding:
    """外面连不连得上，危机求助有没有人接。"""
    now = settings()
    if not is_loopback(now.host) and not now.onebot_access_token:
        return Finding(f"监听 {now.host} 却没有令牌", "在设置里填 ONEBOT_ACCESS_TOKEN。")
    if not now.duty and not now.superusers:
        return Finding("危机求助没有人接", "在设置里填 TUAN_DUTY，写值守人的账号。")
    return Finding("外面连不上，或要令牌；危机求助有人接")
