"""群发的话里不该有的字：强迫、摊派、留痕。词表是逐条看过的，不猜；每个词说得出为什么。"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.league import audits, words
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Unit


class Reason(StrEnum):
    """为什么不发。"""

    #: 校青字〔2017〕10号 七.3：决不允许强迫青年配合参与
    FORCED = "参不参加由青年自己定，文件七.3 写明不许强迫"
    #: 同上：人人到齐是给数字看的
    HEADCOUNT = "不按人头摊派，愿意来的才算"
    #: 2023、2026 年整治指尖上的形式主义：不要求截图、打卡
    TRACES = "不要截图打卡这类留痕，团团自己会记"
    #: 同上：不要求转发、点赞、关注
    SPREAD = "不要求转发点赞，这些也不算分"


#: 逐条看过的词表；字与字之间夹空白、间隔号也认
_LIST: dict[Reason, str] = {
    Reason.FORCED: (
        "必须 务必 一律 强制参加 强制要求 强制报名 强制打卡 不得缺席 不得请假 不得无故 无故不 点名批评 通报批评"
    ),
    Reason.HEADCOUNT: (
        "全员 全体参加 全体参与 全体到场 全部参加 人人参与 人人参加 人人过关 每人必 应到尽到 应参尽参 一个不落 "
        "一个都不能少"
    ),
    Reason.TRACES: (
        "截图 截屏 接龙打卡 打卡接龙 接龙报名 接龙签到 接龙回复 群接龙 请接龙 每日打卡 每天打卡 按时打卡 打卡签到 "
        "签到打卡 学习打卡 上传照片 拍照上传 拍照打卡 收到请回复"
    ),
    Reason.SPREAD: (
        "转发到 转发至 到朋友圈 至朋友圈 发朋友圈 转朋友圈 转发本 转发并 请转发 转发扩散 扩散转发 转发集赞 集赞 "
        "请点赞 点赞并 点赞转发 转发点赞 并点赞 拉票 关注公众号"
    ),
}
_REASONS = {word: reason for reason, listed in _LIST.items() for word in listed.split()}

#: 紧挨在前面就是“不要求”的意思
_NEGATIONS = "不用 不必 不需 不需要 无需 无须 毋须 毋需 不要求 不强求 不要 不是 不再 不搞 不许 没有 免 别 非 不 未 勿"
_NEGATED = re.compile(rf"(?<![分特个区级])(?:{'|'.join(_NEGATIONS.split())})\s?$")
#: 含这些字却是别的意思：安全员、健全员工、截图工具、千篇一律
_HARMLESS = re.compile("安全员|健全员工|截图(?:工具|软件|快捷键)|千篇一律")
#: 书名号里是名字
_NAMED = re.compile("《[^《》]{1,30}》")
#: 字与字之间可以夹着这些，仍是那个词
_GAP = r"[\s·・•*＊_~\-—|]{0,2}"
_WORD = re.compile("|".join(_GAP.join(word) for word in sorted(_REASONS, key=len, reverse=True)))
_TRADITIONAL = str.maketrans(
    "須務強員體參與圖轉發點讚贊號關註龍報簽無過請應盡個", "须务强员体参与图转发点赞赞号关注龙报签无过请应尽个"
)
#: 组织部坚持要发：空一格写 坚持，后面是理由
_INSIST = re.compile(r"(.*)\s坚持\s*[:：]?\s*(\S.*)?", re.S)


@dataclass(frozen=True)
class Found:
    """一处不该有的字。"""

    word: str
    reason: Reason


def find(text: str, names: Collection[str] = ()) -> Found | None:
    """第一处不该有的字；`names` 是单位名之类，里面的字不算。"""
    for name in names:
        text = text.replace(name, "，")
    text = unicodedata.normalize("NFKC", words.tidy(text)).translate(_TRADITIONAL)
    text = _HARMLESS.sub("，", _NAMED.sub("，", text))
    for hit in _WORD.finditer(text):
        if not _NEGATED.search(text[: hit.start()]):
            word = re.sub(_GAP, "", hit[0])
            return Found(word, _REASONS[word])
    return None


async def allow(by: Speaker, text: str, *, subject: str, at: datetime) -> str:
    """群发之前过一遍，返回可以发的话；不该有的字 `Refusal`。

    组织部在末尾写 `坚持 理由` 就照发，记一笔；`subject` 是留痕里写的对象，如 g3。
    """
    found = find(text, await _unit_names(text)) if find(text) else None
    if found is None:
        return text
    insisted = _INSIST.fullmatch(text)
    if not insisted:
        raise Refusal(f"“{found.word}”这个说法先不发：{found.reason}。换个说法再发一次就好。")
    if not by.at_the_top:
        raise Refusal(f"“{found.word}”这个说法先不发：{found.reason}。要坚持的话，请组织部来发。")
    if not insisted[2]:
        raise Refusal("要坚持就写上理由，我记一笔，例如：坚持 上级文件的原话")
    reason = words.sentence(insisted[2])
    detail = f"{found.word}：{reason}"
    await audits.record("wording.insist", subject=subject, at=at, actor_id=by.person_id, detail=detail)
    return insisted[1]


async def _unit_names(text: str) -> list[str]:
    """`text` 里提到的单位全名，长的在前。"""
    names = [str(name) for name in await Unit.all().values_list("name", flat=True)]
    return sorted((name for name in names if name in text and find(name)), key=len, reverse=True)
