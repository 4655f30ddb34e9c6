"""积分公式：只有数进、数出。推导与例子见 docs/score.md，每个参数旁边写着出处。"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.models import Score


class Part(StrEnum):
    """积分的五个部分；值就是 `Score` 里的列名。"""

    COVERAGE = "coverage"
    DEPTH = "depth"
    SERVICE = "service"
    FIVE_ONES = "five_ones"
    RATINGS = "ratings"


#: 说给人听的叫法
LABELS = {
    Part.COVERAGE: "覆盖",
    Part.DEPTH: "深度",
    Part.SERVICE: "服务",
    Part.FIVE_ONES: "五个一",
    Part.RATINGS: "青年评价",
}

# 以下参数除另注外都是我们的建议（产品说明第 7 节），依据是全团要讯2017第2期“1+100”与校青字〔2017〕10号
WEIGHTS = {Part.COVERAGE: 25, Part.DEPTH: 15, Part.SERVICE: 25, Part.FIVE_ONES: 20, Part.RATINGS: 15}

#: 基数至少是应联系人数的六成：名册再小，也不能靠“只联系三个人”拿满分
BASE_PERCENT = 60
#: 深度的满分线：三成的人在两个不同的周里都联系到
DEPTH_PERCENT = 30
#: 服务里“本人确认”按几条虚拟心愿平滑，免得一条心愿定生死
SERVICE_SMOOTHING = 3
#: 全库已结束的心愿不足 30 条时，先假定七成会得到确认
CONFIRMED_SHARE = 0.7
#: 部分圆梦算半条
PARTLY = 0.5
#: 评价少于 5 份不计；平滑用 10 份虚拟评价，均值在满 30 份之前取 4.2
RATINGS_NEEDED, RATINGS_SMOOTHING, RATINGS_MEAN = 5, 10, 4.2
#: 少于这么多条时用上面假定的均值，够了就用全库自己的
ENOUGH = 30
#: 抽查矛盾率 (矛盾+1)/(查过+20)：8% 以内不打折，到 30% 线性降到对折
CONTRADICTED_FROM, CONTRADICTED_TO, INTEGRITY_FLOOR = 0.08, 0.30, 0.5


class Grade(StrEnum):
    """五个一的证据等级（产品说明第 6 节）。"""

    L0 = "L0"  # 自报
    L1 = "L1"  # 时间、地点、人员齐全
    L2 = "L2"  # 青年本人确认
    L3 = "L3"  # 经得起抽查


#: 各等级算几成
GRADES = {Grade.L0: 0.25, Grade.L1: 0.5, Grade.L2: 1.0, Grade.L3: 1.0}


@dataclass(frozen=True)
class WishFacts:
    """一季里由某人负责的心愿与心声，条（心声只看答复）。危机求助不在内，还没到答复期限又没答复的不在内。"""

    count: int = 0
    answered: int = 0
    #: 两个工作日内答复的
    in_time: int = 0
    #: 青年确认办成的，部分圆梦算半条
    confirmed: float = 0
    #: 除去心声、已撤回、别人代办、办不成而青年接受的
    effective: int = 0


@dataclass(frozen=True)
class Facts:
    """算一个人一季积分要用的全部数。空表示还没有这类数据，那一部分就不适用。"""

    quota: int
    roster: int
    reached: int
    twice: int
    wishes: WishFacts = WishFacts()
    confirmed_share: float = CONFIRMED_SHARE
    #: 五件事各自的等级，没做的为空
    five_ones: Sequence[Grade | None] | None = None
    ratings: int = 0
    ratings_mean: float = 0
    installation_mean: float = RATINGS_MEAN
    checked: int = 0
    contradicted: int = 0


def base(quota: int, roster: int) -> int:
    """基数 D，人：max(⌈0.6·应联系⌉, min(应联系, 名册))。"""
    return max(_ceil_percent(BASE_PERCENT, quota), min(quota, roster))


def coverage(reached: int, of: int) -> float | None:
    """覆盖 R：开方，让从零到一半比从一半到满更值钱。"""
    return math.sqrt(min(1, reached / of)) if of else None


def depth_needed(of: int) -> int:
    """深度满分要几人。"""
    return _ceil_percent(DEPTH_PERCENT, of)


def depth(twice: int, of: int) -> float | None:
    """深度 D：至少在两个 ISO 周里联系到的人。"""
    return min(1, twice / depth_needed(of)) if of else None


def service(wishes: WishFacts, confirmed_share: float = CONFIRMED_SHARE) -> float | None:
    """服务 S：一半看答复及时，一半看答复了没有、本人认不认。没有心愿就不适用。"""
    if not wishes.count:
        return None
    confirmed = (wishes.confirmed + SERVICE_SMOOTHING * confirmed_share) / (wishes.effective + SERVICE_SMOOTHING)
    return wishes.in_time / wishes.count / 2 + wishes.answered / wishes.count * confirmed / 2


def five_ones(grades: Sequence[Grade | None] | None) -> float | None:
    """五个一 F：五件事按证据等级相加。"""
    return sum(GRADES[grade] for grade in grades if grade) / 5 if grades is not None else None


def ratings(count: int, mean: float, installation_mean: float = RATINGS_MEAN) -> float | None:
    """青年评价 V：1–5 分平滑后换到 0–1；不足 5 份不适用。"""
    if count < RATINGS_NEEDED:
        return None
    smoothed = (count * mean + RATINGS_SMOOTHING * installation_mean) / (count + RATINGS_SMOOTHING)
    return (smoothed - 1) / 4


def integrity(contradicted: int, checked: int) -> float:
    """诚信系数，只在督导裁定之后才会低于 1。"""
    rate = (contradicted + 1) / (checked + 20)
    slope = (1 - INTEGRITY_FLOOR) / (CONTRADICTED_TO - CONTRADICTED_FROM)
    return min(1.0, max(INTEGRITY_FLOOR, 1 - slope * (rate - CONTRADICTED_FROM)))


def parts_of(facts: Facts) -> dict[Part, float | None]:
    """五个部分，各 0–1；不适用的为空。"""
    of = base(facts.quota, facts.roster)
    return {
        Part.COVERAGE: coverage(facts.reached, of),
        Part.DEPTH: depth(facts.twice, of),
        Part.SERVICE: service(facts.wishes, facts.confirmed_share),
        Part.FIVE_ONES: five_ones(facts.five_ones),
        Part.RATINGS: ratings(facts.ratings, facts.ratings_mean, facts.installation_mean),
    }


def total(parts: Mapping[Part, float | None], factor: float = 1.0) -> float | None:
    """0–100，一位小数（同名次就看这一位）；不适用的部分不占权重。"""
    applied = {part: value for part, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[part] for part in applied)
    return (
        round(factor * 100 * sum(WEIGHTS[part] * value for part, value in applied.items()) / weight, 1)
        if weight
        else None
    )


def parts_in(score: Score) -> dict[Part, float | None]:
    """从存下的一行里取回五个部分。"""
    return {part: getattr(score, part.value) for part in Part}


def points(part: Part, value: float) -> float:
    """这一部分得几分，一位小数，满分是它的权重。"""
    return round(WEIGHTS[part] * value, 1)


class Band(StrEnum):
    """三档；`加油` 只给本人与管理员看。"""

    HONOUR = "光荣"
    STEADY = "稳步"
    EFFORT = "加油"


#: 各档的下限
BANDS = {Band.HONOUR: 85.0, Band.STEADY: 60.0, Band.EFFORT: 0.0}


def band(score: float) -> Band:
    """属于哪一档。"""
    return next(band for band, floor in BANDS.items() if score >= floor)


def _ceil_percent(percent: int, of: int) -> int:
    """⌈percent%·of⌉，用整数算，免得 0.3×… 多出一点点就进一位。"""
    return -(-percent * of // 100)
