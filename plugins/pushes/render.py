"""好物怎么说给人听：链接原样写出来，旁边写明是哪个网站。"""

from collections.abc import Sequence

from bot.league import push_links, pushes
from bot.league.good_things import GoodThing
from bot.league.pushes import Queued
from bot.league.quantities import SHOWN_FROM
from bot.league.subscriptions import Digest
from db.models import Push


def pushed(push: Push) -> str:
    """推到群里的样子。"""
    return "\n".join(
        [
            f"好物 {push.number}：{_headed(push)}",
            *_linked(push),
            f"有话想说就直接回复这条；也可以说一声 /好物 {push.number} 有用（或 一般）。近来的好物发 /好物。",
        ]
    )


def queued(found: Queued) -> str:
    """排上队之后。"""
    number = found.push.number
    where = "这个群" if found.groups == 1 else f"{found.groups} 个青年群"
    return (
        f"{number} 排上了，推给{where}：{_headed(found.push)}。\n"
        f"白天推，一个群一天至多一条、一周至多两条。不想推了发 /推送 取消 {number}。"
    )


def queue(rows: Sequence[Queued]) -> str:
    """排着队的。"""
    if not rows:
        return f"现在没有排着的推送。推一条：{pushes.EXAMPLE}"
    lines = [f"{row.push.number} {_headed(row.push)} · 推了 {row.sent}/{row.groups} 个群" for row in rows[:20]]
    more = [f"还有 {len(rows) - 20} 条没列"] if len(rows) > 20 else []
    return "\n".join([f"排着的推送（{len(rows)} 条）", *lines, *more, f"不推了发 /推送 取消 {rows[0].push.number}"])


def cancelled(found: Queued) -> str:
    """撤下之后。"""
    kept = f"已经推了的 {found.sent} 个群收不回来，其余的不推了。" if found.sent else "一个群也没推。"
    return f"{found.push.number} 撤下了，{kept}"


def stale(found: Queued) -> str:
    """排了四周没推完。"""
    left = found.groups - found.sent
    where = "一个群也没推到" if not found.sent else f"还有 {left} 个群没推到"
    return f"{found.push.number} {_headed(found.push)} 排了四周，{where}，不再推了。还想推，再发一次 /推送 就好。"


def opinions(found: GoodThing, said: Sequence[str]) -> str:
    """大家怎么说，不写是谁。"""
    lines = [f"　{' '.join(words.split())}" for words in said]
    return "\n".join([f"{found.push.number} {_headed(found.push)}", _figures(found), *lines])


def things(found: Sequence[GoodThing], used: Sequence[str], tags: Sequence[str]) -> str:
    """近来的好物。"""
    if not found:
        about = f"近来没有“{'、'.join(tags)[:24]}”的好物。" if tags else "近来还没有好物，过几天再来看看。"
        return f"{about}现在有的标签：{'、'.join(used[:12])}" if used else about
    lines = ["近来的好物"]
    for one in found:
        lines += [f"{one.push.number} {_headed(one.push)}", f"　{one.push.link}"]
        if one.shown or one.replies_shown:
            lines.append(f"　{_figures(one)}")
    lines.append(f"看了说一声：/好物 {found[0].push.number} 有用；只看一类：/好物 标签；想每周收一份：/订阅 标签")
    return "\n".join(lines)


def thing(one: GoodThing) -> str:
    """一条好物。"""
    number = one.push.number
    return "\n".join(
        [f"{number} {_headed(one.push)}", *_linked(one.push), _figures(one), f"说一声：/好物 {number} 有用"]
    )


def opined(push: Push, verdict: str, *, joined: bool) -> str:
    """说过之后。"""
    line = f"谢谢，{push.number} 记下了：{verdict}。改主意了再说一次就好。"
    return line if joined else f"{line}（你还没 /加入，我只存了你的账号和这句看法。）"


def subscriptions(tags: Sequence[str], used: Sequence[str]) -> str:
    """自己订了什么，还能订什么。"""
    others = [tag for tag in used if tag not in tags][:12]
    have = f"你订着：{'、'.join(tags)}。有新的，周六上午给你一份。" if tags else "你还没订标签。"
    return have + (f"还可以订：{'、'.join(others)}。" if others else "") + "退掉发 /退订 标签。" * bool(tags)


def subscribed(tags: Sequence[str]) -> str:
    """订上之后。"""
    return f"订上了，现在订着：{'、'.join(tags)}。有新的，周六上午私下给你一份，没有就不打扰。"


def unsubscribed(gone: Sequence[str], left: Sequence[str]) -> str:
    """退订之后。"""
    return f"退掉了：{'、'.join(gone)}。" + (f"还订着：{'、'.join(left)}。" if left else "以后不再给你送了。")


def digest(found: Digest) -> str:
    """一周一份。"""
    lines = ["这周你订的标签有新好物："]
    for push in found.pushes:
        lines += [f"{push.number} {_headed(push)}", f"　{push.link}"]
    return "\n".join([*lines, "不想收了发 /退订"])


def _headed(push: Push) -> str:
    return f"{push.title}（{'、'.join(push.tags)}）" if push.tags else push.title


def _linked(push: Push) -> list[str]:
    return [push.link, f"（去的是 {push_links.site(push.link)}）"]


def _figures(one: GoodThing) -> str:
    """回复与看法各说各的，不到 5 人的不列。"""
    if not (one.shown or one.replies_shown):
        return f"回复的、说了看法的都不到 {SHOWN_FROM} 人，不列数"
    few = f"不到 {SHOWN_FROM} 人"
    replied = f"{one.replied} 人" if one.replies_shown else few
    said = f"{one.useful + one.plain} 人（有用 {one.useful} 人，一般 {one.plain} 人）" if one.shown else few
    return f"回复 {replied} · 看法 {said}"
