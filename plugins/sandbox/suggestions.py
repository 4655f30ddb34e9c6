"""现成的话：这个人在这里，眼下说什么有意思。点一下就发；还要自己写几个字的，先放进输入框。"""

from dataclasses import dataclass
from datetime import datetime

from bot.gateway.speaker import bound_group, speaker
from bot.league import activities, wish_sights, wishes
from bot.league.roster import Speaker
from db.models import Group, GroupKind, Scope, WishState
from plugins.sandbox.people import Member, Part, Place

#: 末尾这一点表示先放进输入框，改几个字再发
_DRAFT = "…"


@dataclass(frozen=True)
class Suggestion:
    """一句现成的话。"""

    text: str
    #: 点一下就发，不用再写
    ready: bool


_PRIVATE = {
    Part.YOUTH: (
        "/心愿 想学修自行车…",
        "/我的心愿",
        "/活动",
        "/心声 实习和课撞上了，不知道怎么选…",
        "/找团干",
        "/我的数据",
        "/我的数据 导出",
        "/帮助",
    ),
    Part.CADRE: ("/进度", "/排名", "/积分", "/雷达", "/心愿墙", "/待办", "/五个一", "/小伙伴", "/评价", "/帮助"),
    Part.ADMIN: ("/排名", "/排名 文字", "/心愿墙", "/单位五个一", "/季报", "/待办", "/回复", "/帮助"),
    Part.INSPECTOR: ("/帮助", "/待办", "/回复", "/排名", "/查记录 A2"),
}
_GROUP = {
    Part.YOUTH: ("/心愿 想借一间排练室…", "/活动", "/加入", "老师，社团招新一般在什么时候呀…", "/帮助"),
    Part.CADRE: (
        "/活动 发起 读书会 明天15:00 图书馆 限20人 文体…",
        "/话题 你心里的好社团是什么样…",
        "/投票 周末去哪 爬山/看展/桌游…",
        "大家最近有什么想一起做的事，跟我说说…",
        "/排名",
    ),
}
_WORK_GROUP = ("/排名", "/排名 文字", "/五个一")


async def offered(member: Member, place: Place | None, *, at: datetime) -> list[Suggestion]:
    """给 `member` 在 `place`（空是私聊）准备的几句，眼下就能接着办的排在前面。"""
    by = await speaker(Scope.QQ, member.user_id)
    group = await bound_group(Scope.QQ, place.group_id) if place else None
    if member.part is Part.YOUTH:
        timely = [*await _to_confirm(by, place), *await _to_join(by, group, at)]
    else:
        timely = await _to_handle(by) if not place else []
    return [_suggestion(text) for text in (*timely, *_usual(member, place, group))]


def _usual(member: Member, place: Place | None, group: Group | None) -> tuple[str, ...]:
    if place is None:
        return _PRIVATE[member.part]
    return _GROUP.get(member.part, ()) if group is None or group.kind is GroupKind.YOUTH else _WORK_GROUP


async def _to_confirm(by: Speaker, place: Place | None) -> list[str]:
    """办结了、等本人说一声的心愿。"""
    mine = [] if place else await wishes.mine(by)
    return [f"/确认 W{wish.id} 办成" for wish, _ in mine if wish.state is WishState.DONE]


async def _to_join(by: Speaker, group: Group | None, at: datetime) -> list[str]:
    """还能报名的活动。"""
    found = await activities.listed(by, at=at, group=group)
    return [f"/报名 A{sight.activity.id}" for sight in found if sight.mine is None][:2]


async def _to_handle(by: Speaker) -> list[str]:
    """等人认领的、自己在办的心愿，新的在前。"""
    if not by.is_cadre:
        return []
    seen = sorted(await wish_sights.wall(by, private=True), key=lambda wish: -wish.id)
    claimed = [wish for wish in seen if wish.state is WishState.CLAIMED and wish.claimer_id == by.cadre_id]
    waiting = [f"/认领 W{wish.id}" for wish in seen if wish.state is WishState.OPEN]
    return [*waiting[:2], *(f"/办结 W{wish.id} 已经约好周五下午四点{_DRAFT}" for wish in claimed[:2])]


def _suggestion(text: str) -> Suggestion:
    return Suggestion(text.removesuffix(_DRAFT), ready=not text.endswith(_DRAFT))
