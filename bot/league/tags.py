"""标签上的字：洗净、归到一种写法，不该贴的挡下。全是纯函数。"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from bot.league import industries, words
from bot.league.errors import Refusal
from db.models import WishLane

#: 一位青年身上至多几个标签，一个标签至多几个字
TAGS_MAX, TAG_LENGTH = 8, 20

#: 个人信息保护法第二十八条的敏感个人信息里，会被写成标签的：信仰、健康、特定身份、婚恋与性取向、财务
_SENSITIVE = re.compile(
    "宗教|信教|信佛|佛教|道教|基督|天主教|伊斯兰|穆斯林|教徒|教友|"
    "困难|贫困|低保|孤儿|留守|单亲|家暴|疾病|慢性病|传染|病史|[有得患](?:\\S{0,4})病|肝炎|乙肝|艾滋|hiv|糖尿|癫痫|"
    "残障|残疾|智力|心理问题|心理异常|心理疾病|精神(?:病|障碍|异常)|抑郁|焦虑|自闭|多动|怀孕|孕妇|不孕|"
    "同性恋|双性恋|跨性别|性取向|离异|离婚|丧偶|犯罪|前科|案底|坐牢|刑满|吸毒|戒毒|涉毒|赌博|赌徒|征信|老赖|失信|负债|欠债"
)


def tidy(word: str) -> str:
    """去掉看不见的字与开头的井号，全角归半角，空白并成一个。"""
    return " ".join(unicodedata.normalize("NFKC", words.tidy(word)).split()).lstrip("#").strip()


def fold(tag: str) -> str:
    """比较用的写法：不分大小写。"""
    return tidy(tag).casefold()


def spelled(word: str, used: Iterable[str] = ()) -> str:
    """行业归到字典里的叫法；自己用过的照原来的写法。"""
    word = tidy(word)
    known = {fold(tag): tag for tag in used}
    return known.get(word.casefold()) or industries.industry_of(word) or word


def fit(word: str, used: Iterable[str] = ()) -> str:
    """能贴的标签，写法已经归好；太长的、会伤人的 `Refusal`。"""
    tag = spelled(word, used)
    if len(tag) > TAG_LENGTH:
        raise Refusal(f"标签至多 {TAG_LENGTH} 个字，短一点好找。")
    if industries.industry_of(tag):
        return tag
    if words.mask(tag) != tag:
        raise Refusal("标签里别写电话、证件号，写个好认的词就行。")
    if _SENSITIVE.search(tag.casefold()) or words.lane_of(tag) is not WishLane.WALL:
        raise Refusal(
            f"“{tag}”是别人不愿被写下来的事，记在心里就好，不贴标签（他自己也看得到）。"
            "想帮他，请他提一个 /心愿，我会走私密的那条路。"
        )
    return tag


def among(word: str, used: Collection[str]) -> str | None:
    """`word` 是用过的哪个标签；没用过就 `None`。"""
    tag = spelled(word, used)
    return tag if tag in used else None
