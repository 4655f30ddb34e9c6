"""帮助的几页：先说想做什么，再说发什么。青年的一页至多 10 行。"""

from collections.abc import Iterable, Mapping, Sequence

from bot.cards import Card, Json
from bot.gateway.router import COMMANDS, Audience, Command, audiences
from bot.league.roster import Speaker
from db.models import Group, GroupKind
from plugins.joining.render import first_contact

EVERYTHING = "全部"
HOW = "某一条怎么用，发 /帮助 心愿 这样问我；全部发 /帮助 全部。"

#: 想做什么 → 哪几条
Shelf = Sequence[tuple[str, Sequence[str]]]

YOUTH: Shelf = (("我能帮你", ("加入", "心愿", "我的心愿", "心声", "活动", "找团干", "我的数据", "退出")),)
CADRE: Shelf = (
    ("今天做什么", ("待办", "进度", "雷达", "上手")),
    ("和青年在一起", ("小伙伴", "活动", "话题", "记", "签到")),
    ("心愿和心声", ("心愿墙", "认领", "办结", "回复")),
    ("做得怎么样", ("五个一", "积分", "排名")),
    ("安排自己", ("绑定本群", "请假", "静音")),
)
ADMIN: Shelf = (
    ("看看情况", ("排名", "光荣榜", "加油榜", "单位五个一", "反馈")),
    ("材料和评估", ("季报", "通报", "评估")),
    ("核实", ("抽查", "督办", "合规自检")),
    ("人和日子", ("任命", "导入", "导出", "校历")),
    ("机器", ("状态", "值守")),
)
INSPECTOR: Shelf = (
    ("等着你的", ("待办", "督办", "异议", "裁定", "回复")),
    ("自己去看", ("抽查", "核验")),
)
SHELVES = {
    Audience.YOUTH: YOUTH,
    Audience.CADRE: CADRE,
    Audience.INSPECTOR: INSPECTOR,
    Audience.ADMIN: ADMIN,
    Audience.SUPERUSER: ADMIN,
}
#: 常用页上的写法与说法：比命令自己的例子更短、只说这种人用得上的
SAID = {
    "加入": ("/加入", "在青年群里发，就和团干部联系上了"),
    "心愿": ("/心愿 想学修自行车", "提个小心愿；不想署名写 /心愿 匿名 …"),
    "我的心愿": ("/我的心愿", "看心愿办到哪一步了"),
    "心声": ("/心声 想说的话", "私聊我，说给联系你的团干部一个人听"),
    "活动": ("/活动", "看看有什么活动能报名"),
    "找团干": ("/找团干", "谁是联系我的团干部"),
    "我的数据": ("/我的数据", "看我存了什么，能导出，也能删"),
    "退出": ("/退出", "不联系了，马上停止记录"),
    "上手": ("/上手", "刚来，先做什么后做什么"),
    "雷达": ("/雷达", "谁最久没真聊过"),
    "小伙伴": ("/小伙伴", "我联系的青年，可以按标签筛"),
    "话题": ("/话题 什么是好社团", "在群里开个话题，说 结束 就收"),
    "记": ("/记 @小王 谈心", "办过的事记一笔，请青年确认"),
    "签到": ("/签到 A3", "活动现场要一个签到码"),
    "心愿墙": ("/心愿墙", "看等着办的心愿"),
    "办结": ("/办结 W12 车修好了", "办好了，请本人确认"),
    "回复": ("/回复 V5 话", "回心声、建议、投诉"),
    "五个一": ("/五个一", "这一季五件事做到哪了"),
    "积分": ("/积分", "五个部分各得几分、为什么、怎么涨"),
    "排名": ("/排名", "各单位与个人的名次"),
    "认领": ("/认领 W12", "这个心愿我来办"),
    "绑定本群": ("/绑定本群", "让我在这个群里工作"),
    "请假": ("/请假 10-01~10-07", "请几天假，提醒先收着"),
    "任命": ("/任命 @某 张三 专职 某团总支", "也能任命管理员、督导，或办离任"),
    "校历": ("/校历 10-01~10-07 放假", "放假、上班、考试周"),
    "导出": ("/导出", "把名册要回去，改好能再导入"),
}
#: 团干部的一页里说法不一样的
CADRES_SAY = SAID | {"活动": ("/活动 发起", "办一场活动，我给你例子"), "排名": ("/排名", "自己在单位、在全部里第几")}
#: 督导的一页里说法不一样的
INSPECTORS_SAY = SAID | {
    "异议": ("/异议", "有青年说记得不对的，看了再裁"),
    "裁定": ("/裁定 K7", "抽查对不上的，看一案、裁一案"),
    "抽查": ("/抽查 20", "随机抽几件，悄悄问青年本人"),
    "核验": ("/核验 A7", "一条记录、一季的记录改没改过"),
    "督办": ("/督办", "到点了没动的，各在哪个单位"),
}
SAYS = {Audience.CADRE: CADRES_SAY, Audience.INSPECTOR: INSPECTORS_SAY}
TITLES = {
    Audience.YOUTH: "我是团团",
    Audience.CADRE: "团干部常用的",
    Audience.INSPECTOR: "督导常用的",
    Audience.ADMIN: "管理员常用的",
    Audience.SUPERUSER: "管理员常用的",
}


def front(by: Speaker) -> Card:
    """不带词的 `/帮助`：他最常用的一页。"""
    if by.is_admin:
        return shelf(Audience.ADMIN, by)
    if by.is_inspector and not by.is_cadre:
        return shelf(Audience.INSPECTOR, by)
    return shelf(Audience.CADRE if by.is_cadre else Audience.YOUTH, by)


def shelf(audience: Audience, by: Speaker) -> Card:
    """一种身份的一页。管理员的一页里，没归类的管理命令放在最后，新添的不会漏。"""
    hidden = {"加入"} if by.joined or by.is_cadre else {"退出"}
    groups = [(title, [head for head in heads if head not in hidden]) for title, heads in SHELVES[audience]]
    if audience in (Audience.ADMIN, Audience.SUPERUSER):
        shown = {head for _, heads in groups for head in heads}
        left = [one.head for one in COMMANDS.values() if one.audience is Audience.ADMIN and one.head not in shown]
        groups.append(("别的", left))
    usable = {one.head for one in COMMANDS.values() if one.within(audiences(by))}
    groups = [(title, [head for head in heads if head in usable]) for title, heads in groups]
    return _page(TITLES[audience], groups, SAYS.get(audience, SAID), HOW + _others(audience, by))


def _others(audience: Audience, by: Speaker) -> str:
    if audience is Audience.YOUTH:
        return ""
    own = {Audience.YOUTH: True, Audience.CADRE: by.is_cadre, Audience.INSPECTOR: by.is_inspector}
    also = [other for other, has in own.items() if has and other is not audience]
    return f"看{'、'.join(also)}用的，发 {' 或 '.join(f'/帮助 {one}' for one in also)}。"


def _page(
    title: str, groups: Iterable[tuple[str, Sequence[str]]], says: Mapping[str, tuple[str, str]], foot: str
) -> Card:
    known = [
        (name, [says.get(head) or (f"/{head}", COMMANDS[head].about) for head in heads])
        for name, heads in groups
        if heads
    ]
    data: dict[str, Json] = {
        "title": title,
        "subtitle": "照着左边发就行",
        "foot": foot,
        "groups": [
            {"title": name, "rows": [{"head": head, "about": about} for head, about in rows]} for name, rows in known
        ],
        "columns": 1,
    }
    lines = [f"{title}，可以这样找我："]
    for name, rows in known:
        if len(known) > 1:
            lines.append(f"【{name}】")
        lines += [f"{head}　{about}" for head, about in rows]
    return Card("help", data, "\n".join([*lines, foot]))


def everything(whose: Sequence[Audience]) -> Card:
    """用得上的全部命令，一种身份一组；文字版一种身份一行。别的组里没有的，督导也用的归在督导一组。"""
    groups: dict[Audience, list[Command]] = {audience: [] for audience in whose}
    for one in COMMANDS.values():
        if one.within(whose):
            groups[one.audience if one.audience in groups else Audience.INSPECTOR].append(one)
    groups = {audience: commands for audience, commands in groups.items() if commands}
    foot = "某一条怎么用，发 /帮助 心愿 这样问我。"
    data: dict[str, Json] = {
        "title": "全部命令",
        "subtitle": "照着左边发就行",
        "foot": foot,
        "groups": [
            {"title": audience, "rows": [{"head": f"/{one.head}", "about": one.about} for one in commands]}
            for audience, commands in groups.items()
        ],
        "columns": 2,
    }
    lines = [f"【{audience}】{' '.join(f'/{one.head}' for one in commands)}" for audience, commands in groups.items()]
    return Card("help", data, "\n".join(["我认得这些：", *lines, foot]))


def one(known: Command) -> str:
    """一条命令做什么、怎么写。"""
    also = f"（也可以写 {'、'.join(f'/{alias}' for alias in known.aliases)}）" if known.aliases else ""
    return f"/{known.head}：{known.about}{also}\n例子：{known.example}"


def hello(by: Speaker, *, group: Group | None, private: bool) -> str:
    """有人打招呼。"""
    if not private and group is None:
        return first_contact()
    if by.is_cadre or by.is_admin or by.is_inspector:
        return "我在。手上有什么事发 /待办，会做什么发 /帮助。"
    if not private and group and group.kind is GroupKind.YOUTH and not by.joined:
        return "我在，我是团团。想和团干部联系上就发 /加入，有小心愿发 /心愿，别的看 /帮助。"
    return "我在，我是团团。有小心愿、想说的话都可以告诉我，发 /帮助 看怎么说。"
