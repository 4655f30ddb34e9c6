"""什么算实质发言：去掉 @、表情、链接、数字、命令之后，还有内容，而且不是口水话（产品说明第 3 节）。"""

import re
import unicodedata

#: 至少这么多个汉字，或者这么多个词
HAN_CHARACTERS, WORDS = 6, 3
#: 再长的话也只看开头这么多字；够判断，也不怕一兆字节的刷屏
LONGEST = 2_000

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
#: CQ 码；微信把表情写成“[微笑]”；链接只吃 ASCII，后面紧跟的汉字还在；@ 到空白为止；打头的命令词
_NOISE = re.compile(
    r"\[CQ:[^\]]*\]|\[[^\[\]\s]{1,6}\]|(?:https?://|www\.)[!-~]+|@\S{1,24}|(?<!\S)/[^\s/]+",
    re.IGNORECASE,
)
_MAY_BE_NOISY = re.compile(r"[\[@/]|www", re.IGNORECASE)
#: 一串汉字，或一个别的文字的词
_TOKEN = re.compile(rf"[{_HAN}]+|[^\W\d_{_HAN}]+")
#: 接龙里一人一行的“1. 张三”
_NUMBERED = re.compile(r"^\s*\d+\s*[.、,)):：]")

#: 口水话：整句都由它们拼成，就不算实质
_STOP_PHRASES = """
收到 已收到 好的呢 好的 好滴 好嘞 好呀 好 嗯 哦 噢 喔 行 可以 是的 是 对的 对 没错 没问题 明白了 明白 了解
知道了 知道 清楚 谢谢 感谢 多谢 谢 辛苦了 辛苦 麻烦了 老师们 老师 书记 领导 部长 主任 学长 学姐 同学们 同学
各位 大家 您 你们 你 打卡 已打卡 完成 已完成 签到 已签到 到 已到 在 已 已阅 已读 已学习 已转发 转发 支持 点赞 赞
顶 加一 接龙 报名
加油 厉害 棒 真棒 太棒了 牛 优秀 恭喜 祝贺 欢迎 哈 呵 嘿 嘻 呜 啊 呀 哇 呢 吧 啦 了 的 哒 滴 噻 喽 嘛 哎 唉 诶 也
早上好 上午好 中午好 下午好 晚上好 早安 晚安 早 再见 拜拜
"""
_STOP = re.compile(f"(?>{'|'.join(sorted(_STOP_PHRASES.split(), key=len, reverse=True))})++")
_STOP_LATIN = """
ok okay k yes no yeah hi hello thanks thank thx you good nice great haha got it roger received please
"""
_STOP_WORDS = frozenset(_STOP_LATIN.split())


def wording(text: str) -> str:
    """实质发言里用来比对“是不是同一句话”的内容；单看这一句不够实质则为空，复读、刷屏由会话去判断。

    接龙只比开头，不比后面一人一行的名字。
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST])
    if len(text) < HAN_CHARACTERS - 1:  # 最短的三个词是“a b c”
        return ""
    said = _content(text)
    if not _is_enough(*said):
        return ""
    if "\n" in text:
        opening = _content("\n".join(line for line in text.splitlines() if not _NUMBERED.match(line)))
        if any(opening) and ("接龙" in text or _is_enough(*opening)):
            said = opening
    han, words = said
    return " ".join([han, *words]) if words else han


def _content(text: str) -> tuple[str, list[str]]:
    """汉字连成一串，与其余文字的词；标点、数字、表情都不留。"""
    if _MAY_BE_NOISY.search(text):
        text = _NOISE.sub(" ", text)
    tokens = _TOKEN.findall(text)
    words = [token.casefold() for token in tokens if not _is_han(token)]
    return "".join(filter(_is_han, tokens) if words else tokens), words


def _is_han(token: str) -> bool:
    first = token[0]
    return "\u3400" <= first <= "\u9fff" or first in "々〇" or first >= "\U00020000"


def _is_enough(han: str, words: list[str]) -> bool:
    if len(han) < HAN_CHARACTERS and len(words) < WORDS:
        return False
    only_stops = (not han or _STOP.fullmatch(han)) and _STOP_WORDS.issuperset(words)
    return not only_stops
