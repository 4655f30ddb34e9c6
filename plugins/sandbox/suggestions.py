"""现成的话：这个人在这里，眼下说什么有意思。点一下就发；还要自己写几个字的，先放进输入框。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gateway.speaker import bound_group, speaker
from bot.league import activities, check_cases, oversights, voice_sights, wish_sights, wishes
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from db.models import ActivityState, Group, GroupKind, Participation, Scope, WishState
from plugins.sandbox.people import Member, Part, Place

#: 末尾这一点表示先放进输入框，改几个字再发
_DRAFT = "…"
#: 一季结束后这么久，通报说的还是它
_LATE = timedelta(days=30)


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
        "/投诉 加码 要求每周两次活动…",
        "/找团干",
        "/我的数据",
        "/我的数据 导出",
        "/帮助",
    ),
    Part.CADRE: ("/进度", "/排名", "/积分", "/雷达", "/心愿墙", "/待办", "/五个一", "/小伙伴", "/评价", "/帮助"),
    Part.ADMIN: (
        "/排名",
        "/排名 文字",
        "/心愿墙",
        "/单位五个一",
        "/季报",
        "/参评 名单",
        "/合规自检",
        "/导出",
        "/状态",
        "/待办",
        "/帮助",
    ),
    Part.INSPECTOR: ("/待办", "/督办", "/抽查", "/抽查 种子", "/核验 本季度", "/帮助"),
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
    timely = await _by_himself(by, group, at) if member.part is Part.YOUTH else []
    if not place:
        timely += await _privately(by, member.part, at)
    return [_suggestion(text) for text in (*timely, *_usual(member, place, group))]


def _usual(member: Member, place: Place | None, group: Group | None) -> tuple[str, ...]:
    if place is None:
        return _PRIVATE[member.part]
    return _GROUP.get(member.part, ()) if group is None or group.kind is GroupKind.YOUTH else _WORK_GROUP


async def _by_himself(by: Speaker, group: Group | None, at: datetime) -> list[str]:
    """青年还能报名的活动。"""
    found = await activities.listed(by, at=at, group=group)
    return [f"/报名 A{sight.activity.id}" for sight in found if sight.mine is None][:2]


async def _privately(by: Speaker, part: Part, at: datetime) -> list[str]:
    """私聊里眼下等着他的：青年要确认的、可以提异议的；别人要答的、要办的、要裁的。"""
    match part:
        case Part.YOUTH:
            done = [wish.id for wish, _ in await wishes.mine(by) if wish.state is WishState.DONE]
            return [*(f"/确认 W{number} 办成" for number in done), *await _to_dispute(by)]
        case Part.CADRE:
            return [*await _to_handle(by), *await _to_answer(by)]
        case Part.ADMIN:
            return [*await _to_answer(by), f"/通报 {Quarter.of(at - _LATE)}"]
        case Part.INSPECTOR:
            return [*await _to_rule(by), *await _to_answer(by)]


async def _to_rule(by: Speaker) -> list[str]:
    """等他看的异议、等他裁定的案。"""
    disputed = [row.number for row in await oversights.disputes(by)]
    said = [f"/异议 {number}{ruling}" for number in disputed for ruling in ("", " 成立", " 不成立")]
    checks = [f"/核验 {number}" for number in disputed]
    return [*said, *checks, *(f"/裁定 {row.number}" for row in await check_cases.to_rule(by))]


async def _to_dispute(by: Speaker) -> list[str]:
    """写着他的、最近的一条记录。"""
    mine = Participation.filter(person_id=by.person_id or 0, activity__state=ActivityState.KEPT)
    return [f"/异议 A{row.activity_id}" for row in await mine.order_by("-id").limit(1)]


async def _to_handle(by: Speaker) -> list[str]:
    """等人认领的、自己在办的心愿，新的在前。"""
    seen = sorted(await wish_sights.wall(by, private=True), key=lambda wish: -wish.id)
    claimed = [wish for wish in seen if wish.state is WishState.CLAIMED and wish.claimer_id == by.cadre_id]
    waiting = [f"/认领 W{wish.id}" for wish in seen if wish.state is WishState.OPEN]
    return [*waiting[:2], *(f"/办结 W{wish.id} 已经约好周五下午四点{_DRAFT}" for wish in claimed[:2])]


async def _to_answer(by: Speaker) -> list[str]:
    """等他答的心声、建议、投诉。"""
    return [f"/回复 V{voice.id} 谢谢你告诉我，我来看看{_DRAFT}" for voice in (await voice_sights.inbox(by))[:2]]


def _suggestion(text: str) -> Suggestion:
    return Suggestion(text.removesuffix(_DRAFT), ready=not text.endswith(_DRAFT))
