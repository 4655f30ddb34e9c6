"""两套五个一：团干部自己的，单位的。名字怎么认、文件里原来是哪五件。只认字，不碰库。"""

from dataclasses import dataclass
from functools import lru_cache

from db.models import Side, Slot

#: 每季五件，两套都是（校青字〔2017〕10号 三）
COUNT = 5
DOCUMENT = "校青字〔2017〕10号"


@dataclass(frozen=True)
class Standard:
    """一套五件事在文件里的原样，和怎么说起它。"""

    side: Side
    #: 说给人听的叫法
    title: str
    names: tuple[str, ...]
    #: 每月几次；只按季算的为 0
    monthly: int
    #: 名字里没写明类别的，用这一类来算
    spare: Slot
    #: 有没有牵头的部门
    led: bool
    example: str


#: 校青字〔2017〕10号 三：团干部每季五件事；三.2：每月不少于 3 次
CADRE = Standard(
    Side.CADRE,
    "五个一",
    ("办一件实事", "上一堂团课", "谈心谈话", "志愿服务", "文体活动"),
    3,
    Slot.OTHER,
    led=False,
    example="/五个一 设 2026Q4 实事/团课/谈心/志愿/文体",
)
#: 校青字〔2017〕10号 三：单位每季五件事，组织部或宣传部牵头
UNIT = Standard(
    Side.UNIT,
    "单位五个一",
    ("机关开放日", "分享活动", "面对面活动", "集中志愿服务", "自主设计活动"),
    0,
    Slot.OWN_DESIGN,
    led=True,
    example="/单位五个一 设 2026Q4 开放日/分享/面对面/志愿/自主 组织部",
)
STANDARDS = {one.side: one for one in (CADRE, UNIT)}

#: 名字里有这几个字就是这一类；没列的用类别自己的名字
_STEMS = {Slot.SERVICE: "志愿", Slot.OWN_DESIGN: "自主"}


def slots(side: Side) -> list[Slot]:
    """算这一边的各类。"""
    return [slot for slot in Slot if slot.side is side]


@lru_cache(4096)  # 每看一遍提醒，每位团干部要问十来次
def kind_of(name: str, side: Side = Side.CADRE) -> Slot:
    """一件事用哪一类活动来算；名字里没有写明类别的，用那一套里兜底的一类。"""
    return next((slot for slot in slots(side) if _STEMS.get(slot, slot) in name), STANDARDS[side].spare)


def slot_named(word: str, side: Side) -> Slot | None:
    """单独一个词是不是类别：`文体`、单位的 `志愿`、`集中志愿服务`；不是就 `None`。"""
    known = {slot.value: slot for slot in slots(side)} | {_STEMS.get(slot, slot): slot for slot in slots(side)}
    if side is Side.UNIT:
        known |= {name: kind_of(name, side) for name in UNIT.names}
    return known.get(word)
