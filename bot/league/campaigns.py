"""有窗口期的工作：一张表，写明什么时候办、谁牵头、出处、用哪一类活动去办。表里没有的不算。"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.league.errors import Refusal
from bot.league.periods import local
from db.models import Campaign, Side, Slot


@dataclass(frozen=True)
class Work:
    """一项工作；窗口按（月，日）写，`begins` 晚于 `ends` 的跨年。"""

    campaign: Campaign
    begins: tuple[int, int]
    ends: tuple[int, int]
    leads: str
    source: str
    #: 用哪一类活动去办；不办活动的为空
    slot: Slot | None
    #: 发起之后提一句怎么办好
    tip: str
    #: 也认得的叫法
    aliases: tuple[str, ...] = ()
    #: 推荐截止（月，日）
    due: tuple[int, int] | None = None
    #: 看讲到了哪些团支部
    covers: bool = False
    #: 团支部的团干部不是管理员也能发起
    branches_too: bool = False
    #: 谁家有难处不能写进名字、地点：活动人人看得见，也会进导出
    hushed: bool = False

    @property
    def all_year(self) -> bool:
        """一年到头都开着。"""
        return (self.begins, self.ends) == ((1, 1), (12, 31))


@dataclass(frozen=True)
class Window:
    """一次窗口，两头都含。"""

    since: date
    until: date

    @property
    def after(self) -> date:
        """结束的后一天。"""
        return self.until + timedelta(days=1)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.since <= day <= self.until


SOURCE = "校青字〔2017〕10号"

#: 哪几项、大致什么时候，出自产品说明第 6 节；原文只说“五四”“元旦春节”的，前后各宽出些日子
WORKS = {
    work.campaign: work
    for work in (
        Work(
            Campaign.OPEN_DAY,
            (4, 15),
            (5, 31),
            "组织部或宣传部",
            SOURCE,
            Slot.OPEN_DAY,
            "带大家看一看、坐下来聊一聊，当场有想法的请发 /心愿。",
            ("五四开放日",),
        ),
        Work(
            Campaign.LECTURE,
            (1, 1),
            (12, 31),
            "宣传部",
            SOURCE,
            Slot.LESSON,
            "讲给谁听写 到：某某团支部，没写的开讲前发 /活动 改 编号 到：某某团支部 补上；讲完请在场的人 /到场。",
            covers=True,
        ),
        Work(
            Campaign.STORY,
            (7, 1),
            (12, 31),
            "宣传部",
            SOURCE,
            None,
            "由青年推荐：/推荐 @干部 事迹。",
            ("最美故事", "青春故事"),
            due=(11, 30),
        ),
        Work(
            Campaign.SERVICE,
            (12, 15),
            (2, 28),
            "组织部或宣传部",
            SOURCE,
            Slot.SERVICE,
            "谁家有难处不写在活动里，请他私聊我 /心愿，只有管得着的人看得见。",
            ("服务青年月",),
            hushed=True,
        ),
        Work(
            Campaign.SHARING,
            (1, 1),
            (12, 31),
            "团总支负责人、团支部书记",
            SOURCE,
            Slot.SHARING,
            "请团总支负责人、团支部书记讲讲自己怎么联系青年。",
            ("1+100分享",),
            branches_too=True,
        ),
    )
}
_NAMES = {name: work for work in WORKS.values() for name in (work.campaign.value, *work.aliases)}


def named(word: str) -> Work | None:
    """叫这个名字的工作；全角的 ＋ 也认。"""
    return _NAMES.get(word.replace("＋", "+").upper())


def find(name: str) -> Work:
    """叫这个名字的工作；没有就 `Refusal`，说出有哪些。"""
    if work := named(name):
        return work
    raise Refusal(f"没有叫“{name[:12]}”的工作，有这几项：{'、'.join(Campaign)}。例如：/活动 工作 主题宣讲")


def window(work: Work, day: date) -> Window:
    """`day` 所在的那一次窗口；不在里面就是下一次。"""
    for year in (day.year - 1, day.year, day.year + 1):
        over = year + (work.begins > work.ends)
        found = Window(date(year, *work.begins), date(over, *work.ends))
        if found.until >= day:
            return found
    raise AssertionError(day)


def latest(work: Work, day: date) -> Window:
    """`day` 所在的那一次窗口；不在里面就是上一次。"""
    found = window(work, day)
    if found.since <= day:
        return found
    return window(work, found.since.replace(year=found.since.year - 1))


def is_on(work: Work, at: datetime) -> bool:
    """此刻开着没有。"""
    day = local(at).date()
    return day in window(work, day)


def check(work: Work, starts_at: datetime) -> None:
    """要在窗口里办；不在就 `Refusal`，说出什么时候、平时怎么写。"""
    if work.slot is None:
        raise Refusal(f"{work.campaign}不用发起活动，{work.tip}")
    day = local(starts_at).date()
    if day in window(work, day):
        return
    usual = f"平时办的换个名字，末尾写上 单位 {work.slot} 就行。" if work.slot.side is Side.UNIT else ""
    raise Refusal(f"{work.campaign}在 {days(work)} 办，{_of(day.month, day.day)}不在里面。{usual}")


def days(work: Work) -> str:
    """`4月15日–5月31日`；一年到头的说“全年”。"""
    return "全年" if work.all_year else f"{_of(*work.begins)}–{_of(*work.ends)}"


def days_left(work: Work, at: datetime) -> int:
    """窗口还剩几天，今天算一天。"""
    day = local(at).date()
    return (window(work, day).after - day).days


def _of(month: int, day: int) -> str:
    return f"{month}月{day}日"
