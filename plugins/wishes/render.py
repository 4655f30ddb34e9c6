"""心愿怎么说给人听。群里不复述私密道的内容，墙上没有名字。"""

from collections.abc import Mapping
from datetime import datetime

from bot.league.crisis_rings import HELP_LINES, Told
from bot.league.periods import local
from bot.league.wishes import Submission
from db.models import Account, Cadre, Group, Voice, Wish, WishAction, WishLane, WishState

#: 墙上一页几条
PAGE = 10
_PASSED_ON = {
    Told.NOBODY: "",
    Told.TELLING: "我这就告诉值守的老师，请他尽快找你。",
    Told.TRYING: "值守的老师我还没联系上，正在接着找。",
    Told.REACHED: "值守的老师已经知道了，我再催他一声。",
}


def comfort(told: Told) -> str:
    """听到求助时说的话；值守人那边只说实情。"""
    return f"谢谢你愿意说出来，你很重要。{_PASSED_ON[told]}\n{HELP_LINES}"


def submitted(result: Submission, *, joined: bool, private: bool) -> str:
    """收下之后的回答。"""
    wish = result.wish
    if result.told is not None:
        words = comfort(result.told)
        return words if joined else f"{words}\n（我只记下了你的账号和这句话。）"
    if wish.lane is WishLane.PRIVATE:
        lines = [f"收到，{wish.number} 不上墙，只有你的联系团干部和单位管理员看得到，进展我悄悄告诉你。"]
    else:
        lines = [f"收到你的心愿 {wish.number}，已经放上心愿墙。有人认领、有了进展，我都告诉你。"]
    if wish.anonymous:
        lines.append(
            "墙上和认领的人都看不到是谁提的。" + ("" if private else "不过群里看得到你这句话，下次可以私聊我提。")
        )
    if result.masked:
        lines.append("里面的号码我替你隐去了。")
    if not joined:
        lines.append("（你还没 /加入，我只存了你的账号和这个心愿。）")
    return "\n".join(lines)


def wall(wishes: list[Wish], sent_back: Mapping[int, str], page: int, at: datetime) -> str:
    """心愿墙的一页；`sent_back` 是请人接着办时青年说的话。"""
    if not wishes:
        return "心愿墙上现在没有等着办的心愿。"
    pages = -(-len(wishes) // PAGE)
    page = min(max(page, 1), pages)
    lines = [f"心愿墙（{len(wishes)} 条）"]
    for wish in wishes[(page - 1) * PAGE : page * PAGE]:
        lines.append(f"{wish.number} · {_waited(wish, at)} · {wish.unit.name if wish.unit else ''} · {_state(wish)}")
        lines.append(f"　{'〔私密〕' if wish.lane is WishLane.PRIVATE else ''}{_one_line(wish.text)}")
        if note := sent_back.get(wish.id):
            lines.append(f"　青年说：{_one_line(note)}")
    lines.append(
        "认领发 /认领 编号" + (f"，第 {page}/{pages} 页，翻页发 /心愿墙 {page % pages + 1}" if pages > 1 else "")
    )
    return "\n".join(lines)


def mine(rows: list[tuple[Wish, str | None]], at: datetime, *, group: Group | None, private: bool) -> str:
    """自己的心愿；在群里只列在本群公开说过的，别处提没提过也看不出来。"""

    def said_here(wish: Wish) -> bool:
        return wish.lane is WishLane.WALL and not wish.anonymous and group is not None and wish.group_id == group.id

    shown = [(wish, note) for wish, note in rows if private or said_here(wish)]
    lines = []
    for wish, note in shown:
        lines.append(f"{wish.number} · {_waited(wish, at)} · {_state(wish)}")
        lines.append(f"　{_one_line(wish.text)}")
        if note:
            lines.append(f"　回音：{_one_line(note)}")
    if not private:
        lines.append("这里只列在本群公开提的，私聊我发 /我的心愿 看全部。")
    return "\n".join(lines) or "你还没有提过心愿，想到什么就发：/心愿 想学修自行车"


def claimed(wish: Wish, at: datetime, *, shown: bool) -> str:
    """认领成功；`shown` 是这里说得出内容。"""
    number = wish.number
    text, where = "内容请私聊我发 /心愿墙 看", ""
    if shown:
        text = _one_line(wish.text)
        where = f"在群 {wish.group.group_id} 里提的，" if wish.group else "私聊提的，"
        where = "提的人选了匿名，" if wish.anonymous else where
    return (
        f"{number} 归你办了，{_waited(wish, at)}提的。\n"
        f"　{text}\n"
        f"{where}要说的话由我带到：/进展 {number} 话；办好了：/办结 {number} 话。"
    )


def dropped(wish: Wish) -> str:
    """放弃之后。"""
    return f"{wish.number} 放回待认领了，我会告诉本人。"


def progressed(wish: Wish) -> str:
    """进展记下之后；危机求助是带话。"""
    if wish.lane is WishLane.CRISIS:
        return f"马上带给本人（{wish.number}）。"
    return f"记下了，我去告诉提 {wish.number} 的人。"


def finished(wish: Wish) -> str:
    """办结之后。"""
    if wish.lane is WishLane.CRISIS:
        return f"{wish.number} 已办结，辛苦了。"
    return f"辛苦了！我去问本人 {wish.number} 办成没有，有了回话告诉你。"


def explained(wish: Wish) -> str:
    """说明办不成之后。"""
    return f"记下了，我去跟提 {wish.number} 的人说明，他接受或请你再想想，我都告诉你。"


def transferred(wish: Wish, cadre: Cadre) -> str:
    """转办之后。"""
    return f"{wish.number} 转给了{cadre.unit.name}的{cadre.person.name}，还是从提的那天算时间。"


def withdrawn(row: Wish | Voice, *, private: bool) -> str:
    """撤回之后；在群里不露出撤回的是求助。"""
    if private and isinstance(row, Wish) and row.lane is WishLane.CRISIS:
        return f"好的，{row.number} 撤回了。想说话的时候，12355、12356 都有人接。"
    return f"好的，{row.number} 撤回了。有新的想法随时告诉我。"


_THANKS = {
    WishAction.FULFIL: "太好了，{} 记作已圆梦！",
    WishAction.PARTLY: "谢谢告诉我，{} 记作部分圆梦。没办到的部分可以再提一个。",
    WishAction.UNDONE: "知道了，{} 请他接着办，不用重新排队。",
    WishAction.ACCEPT: "谢谢你的理解，{} 就先到这里。",
    WishAction.RECONSIDER: "好的，{} 请他再想想办法，不用重新排队。",
}


def confirmed(wish: Wish, verdict: WishAction) -> str:
    """青年回话之后。"""
    return _THANKS[verdict].format(wish.number)


def crises(wishes: list[Wish], at: datetime) -> str:
    """还没办结的危机求助。"""
    lines = [f"{wish.number} · {_waited(wish, at)} · {_place(wish)}" for wish in wishes]
    return "\n".join([*lines, "看详情发 /值守 编号"]) if lines else "现在没有等着跟进的求助。"


def crisis(wish: Wish, accounts: list[Account], at: datetime) -> str:
    """一条危机求助和怎么找到本人。"""
    who = "、".join(f"{account.scope}:{account.user_id}" for account in accounts) or "本人的数据已删除"
    return (
        f"{wish.number} · {_waited(wish, at)} · {_place(wish)} · {_state(wish)}\n"
        f"账号：{who}\n{wish.text or '内容已清空'}\n"
        f"带话：/进展 {wish.number} 话；处理好了：/办结 {wish.number} 怎么处理的\n（看过一次，已留痕。）"
    )


def _place(wish: Wish) -> str:
    return f"{wish.unit.name if wish.unit else '单位不明'} · {f'群 {wish.group.group_id}' if wish.group else '私聊'}"


def _waited(wish: Wish, at: datetime) -> str:
    days = (local(at).date() - local(wish.submitted_at).date()).days
    return f"{days} 天前" if days > 0 else "今天"


def _state(wish: Wish) -> str:
    if wish.lane is WishLane.CRISIS:
        return "值守老师跟进中" if wish.state is WishState.OPEN else "已结束"
    return wish.ending or wish.state


def _one_line(text: str | None) -> str:
    """墙上一条占一行，换行也不能冒充另一条。"""
    return " ".join((text or "内容已清空").split())
