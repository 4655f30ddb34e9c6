"""光荣榜与加油榜里的话：图上、文字版里、送出去的通知里都从这里来。"""

from bot.league.formula import BANDS, LABELS, WEIGHTS, Band, Part
from bot.league.honour_gaps import Gap
from bot.league.honour_rolls import MARGIN, Entry, Issue
from bot.league.periods import local
from bot.league.quantities import SHOWN_FROM
from db.models import RollKind

#: 先做哪一件最见效
ADVICE = {
    Part.COVERAGE: "请大家发 /雷达，从最久没聊的青年开始，一周主动聊两三位",
    Part.DEPTH: "聊过的青年隔一周再聊一次，就记进深度",
    Part.SERVICE: "心愿和心声两个工作日内先回一句，办结后请青年 /确认",
    Part.FIVE_ONES: "五个一里空着的先办一件，/记 一笔，请到场的青年确认",
    Part.RATINGS: "答应青年的事办到、有回音，分自己会涨，不用去要",
}
#: 光荣榜下面的一句
THANKS = "联系在平时，都是团干部们一位一位聊出来的。"
#: 加油榜上面的一句
WITH_YOU = "这一季还有时间，先做好下面一件就见效。"
NEXT_TIME = "这一季过去了，新的一季从下面一件做起。"


def title(issue: Issue) -> str:
    """叫什么。"""
    return f"{issue.name} {issue.kind}"


def edition(issue: Issue) -> str:
    """哪一季、第几版、什么时候。"""
    when = local(issue.at)
    if not issue.version:
        return f"{issue.quarter} · 还没发布，{when:%m-%d %H:%M} 算的"
    return f"{issue.quarter} · 第 {issue.version} 版，{when.month}月{when.day}日发布"


def rule(kind: RollKind) -> str:
    """怎么上榜、怎么下榜。"""
    top, low = BANDS[Band.HONOUR], BANDS[Band.STEADY]
    honour = f"{top:g} 分以上上榜，跌到 {top - MARGIN:g} 以下才下榜"
    effort = f"不到 {low:g} 分上榜，涨到 {low + MARGIN:g} 就下榜"
    line = honour if kind is RollKind.HONOUR else effort
    return f"单位取团干部积分的中位数，{line}；不足 {SHOWN_FROM} 人的单位不列。"


def motto(issue: Issue) -> str:
    """榜上的一句话。"""
    if issue.kind is RollKind.HONOUR:
        return THANKS
    return WITH_YOU if issue.at < issue.quarter.end else NEXT_TIME


def nobody(kind: RollKind) -> str:
    """榜上没有单位。"""
    if kind is RollKind.HONOUR:
        return f"还没有单位到 {BANDS[Band.HONOUR]:g} 分"
    return "没有需要加油的单位"


def detail(entry: Entry) -> str:
    """单位名下面的小字。"""
    return f"团干部 {entry.size} 人"


def advice(gap: Gap) -> str:
    """`差在服务（满分 25，平均 9.4）：……`。"""
    return f"差在{LABELS[gap.part]}（满分 {WEIGHTS[gap.part]}，平均 {gap.mean:g}）：{ADVICE[gap.part]}"


def line(issue: Issue, entry: Entry) -> str:
    """文字版的一行；加油榜不排先后。"""
    if issue.kind is RollKind.EFFORT:
        return f"· {entry.unit}（{detail(entry)}）{entry.median:.1f}"
    return f"{issue.place(entry)}. {entry.unit}（{detail(entry)}）{entry.median:.1f}{' 新上榜' if entry.fresh else ''}"


def twin(issue: Issue) -> str:
    """光荣榜的文字版。"""
    lines = [line(issue, entry) for entry in issue.entries]
    return "\n".join([f"{title(issue)}（{edition(issue)}）", *lines, THANKS, rule(issue.kind)])


def cheer(issue: Issue, entry: Entry, gap: Gap | None) -> str:
    """只说给那个单位自己的管理员的几句。"""
    now = f"团干部积分的中位数现在是 {entry.median:.1f}"
    first = f"{entry.unit}这一季（{issue.quarter}）{now}，离稳步还差一点，一起加把劲。"
    last = "这几句只说给你，不在群里说，也不排先后。看自己单位发 /排名"
    return "\n".join(filter(None, [first, f"{advice(gap)}。" if gap else "", last]))
