"""命令词的索引：一句话的开头是不是命令，命令词后面是什么。只看文字，花的时间与命令多少无关。"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from operator import eq

#: 命令前的斜杠，半角全角都算
SLASHES = ("/", "／")
#: 打成了斜杠的邻居：中文键盘上 / 键出来的是顿号
MARKS = ("、", "\\", "＼")
#: 别处的说法 → 我们的命令词；只用来提醒，不当命令办
_SAYINGS = {
    "wish": "心愿", "许愿": "心愿", "愿望": "心愿", "join": "加入", "注册": "加入", "报到": "到场", "打卡": "到场",
    "quit": "退出", "exit": "退出", "leave": "退出", "bind": "绑定本群", "绑定群": "绑定本群", "绑群": "绑定本群",
    "todo": "待办", "rank": "排名", "排行": "排名", "排行榜": "排名", "score": "积分", "分数": "积分",
    "xinyuan": "心愿", "jiaru": "加入", "tuichu": "退出", "bangzhu": "帮助", "huodong": "活动", "baoming": "报名",
    "jindu": "进度", "paiming": "排名", "daiban": "待办", "参加": "加入", "举报": "投诉",
    "mydata": "我的数据", "注销": "删除我的数据", "signup": "报名", "import": "导入", "export": "导出",
}  # fmt: skip
#: 看不见的字符：零宽、方向控制、变体选择符。只在认命令词时去掉，人写的话原样保留
INVISIBLE = "".join(
    map(chr, [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
)
_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
#: 命令词里的字，繁体 → 简体；人写的话不动
_TRADITIONAL = str.maketrans(
    "個們夥價刪單歷曆參團團場牆聲復覆導層幫幹異棄錄態願報換據數標檢狀"
    "確積簽籤糾綁結聯繫榮訂認議記評訴話說課轉達進錯閱靜領題饋驗辦動羣",
    "个们伙价删单历历参团团场墙声复复导层帮干异弃录态愿报换据数标检状"
    "确积签签纠绑结联系荣订认议记评诉话说课转达进错阅静领题馈验办动群",
)
#: `我的心愿是……` 后面这些不算内容
_FILLER = " \t\r\n：:，,。.…、—-"
#: 命令词后面紧跟这些，当作打了空格：`/心愿：想学车`、`/加入。`；问号不在里面，`/加入？` 不是加入
_BREAKS = "：:，,。.…、；;！!～~"
#: 编号、数字前也不必打空格：`/报名A3`、`/到场4821`
_NUMBER = re.compile(r"[a-z]?\d")
#: 命令词后面紧跟至少这么多个字，才当作忘了打空格；只多一个字更像打错了命令词
_GLUED_AT_LEAST = 2
#: 不打斜杠、打错样子的话这么长以内才理，免得把一段话当命令
_LONGEST_SLIP = 60
#: 超过这么长就不猜是不是打错了
_GUESSABLE = 8


@dataclass(frozen=True, slots=True)
class Match:
    """认出来的命令：登记的命令词，与它后面的文字（去首尾空白）。"""

    head: str
    rest: str


class Heads:
    """命令词、别名与不带斜杠的说法 → 登记的命令词。"""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._glued: set[str] = set()
        self._guessable: list[str] = []
        self._phrases: dict[str, str] = {}
        self._openings: tuple[str, ...] = SLASHES
        self._longest = 0

    def add(
        self,
        head: str,
        *,
        aliases: tuple[str, ...] = (),
        phrases: tuple[str, ...] = (),
        glued: bool = False,
        guessable: bool = True,
    ) -> None:
        """登记一个命令词；`glued` 的后面可以不打空格，不 `guessable` 的不会出现在“是不是想说”里。"""
        for name in (head, *aliases):
            self._names[fold(name)] = head
            self._longest = max(self._longest, len(name))
            if glued:
                self._glued.add(fold(name))
            if guessable:
                self._guessable.append(fold(name))
        self._phrases.update(dict.fromkeys(phrases, head))
        self._openings = (*SLASHES, *self._phrases)
        _guess.cache_clear()

    def looks_like_command(self, text: str) -> bool:
        """以斜杠或登记过的说法开头；每条群聊都要过一遍，所以只比开头。"""
        return text.startswith(self._openings)

    def find(self, text: str) -> Match | None:
        """`text`（去掉开头的 @ 与空白）是哪条命令；不是就 `None`。"""
        if not text.startswith(SLASHES):
            return self._find_phrase(text)
        word, _, rest = _split(text[1:])
        if head := self._names.get(word) or self._names.get(fold(word)):
            return Match(head, rest)
        body = text[1:].translate(_INVISIBLE)
        for length in range(min(len(body), self._longest), 0, -1):
            if (name := fold(body[:length])) in self._names:
                rest = body[length:].strip()
                return Match(self._names[name], rest.lstrip(_BREAKS).lstrip()) if self._fits(name, rest) else None
        return None

    def head(self, name: str) -> str:
        """`near` 说出来的一个名字是哪条命令。"""
        return self._names[fold(name)]

    def near(self, text: str) -> tuple[str, ...]:
        """打错的命令像哪一条（像得一样时至多两条）；不像就是空。"""
        word = fold(_split(text[1:])[0]) if text.startswith(SLASHES) else ""
        if (meant := _SAYINGS.get(word)) in self._guessable and word not in self._names:
            return (meant,)
        return _guess(word, tuple(self._guessable)) if 2 <= len(word) <= _GUESSABLE else ()

    def slip(self, text: str, *, bare: bool = False) -> str | None:
        """词没打错、样子打错了的：斜杠后多了空格、词里有空格、斜杠打成顿号；`bare` 时不打斜杠的也算。"""
        body = text.lstrip("".join((*SLASHES, *MARKS)))
        words = body.split(None, 2)
        if not words or len(body) > _LONGEST_SLIP or not (bare or text.startswith((*SLASHES, *MARKS))):
            return None
        joined = "".join(words[:2]) if text.startswith(SLASHES) else ""
        name = next((fold(word) for word in (words[0], joined) if fold(word) in self._guessable), None)
        return self._names[name] if name and not self.find(text) else None

    def _fits(self, name: str, rest: str) -> bool:
        if rest.startswith(tuple(_BREAKS)) or (not name.isascii() and _NUMBER.match(fold(rest[:2]))):
            return True
        return name in self._glued and len(rest) >= _GLUED_AT_LEAST

    def _find_phrase(self, text: str) -> Match | None:
        for phrase, head in self._phrases.items():
            if text.startswith(phrase):
                return Match(head, text[len(phrase) :].strip().lstrip(_FILLER))
        return None


def fold(word: str) -> str:
    """认命令词用的写法：全角归半角，繁体归简体，去掉看不见的字符，不分大小写。"""
    return unicodedata.normalize("NFKC", word.translate(_INVISIBLE)).casefold().translate(_TRADITIONAL)


def _split(body: str) -> tuple[str, str, str]:
    parts = body.split(None, 1)
    if not parts or body[0].isspace():
        return "", "", body.strip()
    return parts[0], " ", parts[1].strip() if len(parts) > 1 else ""


@lru_cache(1024)
def _guess(word: str, names: tuple[str, ...]) -> tuple[str, ...]:
    # 两个字的命令词错一个字，相似度恰好 0.5；再长的要求像三分之二
    close = get_close_matches(word, names, n=3, cutoff=0.5 if len(word) == 2 else 0.66)
    return tuple(name for name in close if abs(len(name) - len(word)) <= 1 and name != word and _alike(name, word))[:2]


def _alike(name: str, word: str) -> bool:
    """两个字的，错的是哪个字要说得通：`/领取` 不是 `/取消`，`/愿心` 是 `/心愿`。"""
    return len(word) > 2 or any(map(eq, name, word)) or sorted(name) == sorted(word)


#: 本进程登记过的全部命令词
HEADS = Heads()
