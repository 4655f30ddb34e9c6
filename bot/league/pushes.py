"""推送：先排队，白天一个群一天至多推一条，一周至多两条（轮到哪个群见 `push_turns`）。排着的看得见、撤得下。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from bot.league import hosts, push_links, steps, wordings, words
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Group, GroupKind, Notice, NoticeState, Push, PushState, PushTarget, RoleKind, Unit

EXAMPLE = "/推送 三分钟看懂五四 https://example.edu.cn/54 读书"
#: 存在库里的老名字，改不得
KIND, STALE_KIND = "culture.push", "culture.stale"
#: 一个群排满八条（四周的名额）就先不收；排了四周还没轮到的不推了
QUEUE_MAX, STALE = 8, timedelta(days=28)
#: 同一个链接一个月内推过，不再推
AGAIN_AFTER = timedelta(days=30)
TITLE_MAX, TAG_MAX, TAGS_MAX = 40, 12, 3

_CHUNK = 500


class PushAction(StrEnum):
    """推送的每一步。"""

    FINISH = "推完"
    CANCEL = "撤下"
    EXPIRE = "过期"


#: 表里没有的都不行
STEPS: dict[tuple[PushState, PushAction], PushState] = {
    (PushState.QUEUED, PushAction.FINISH): PushState.SENT,
    (PushState.QUEUED, PushAction.CANCEL): PushState.CANCELLED,
    (PushState.QUEUED, PushAction.EXPIRE): PushState.EXPIRED,
}


@dataclass(frozen=True)
class Draft:
    """`/推送` 后面的话。"""

    title: str
    link: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Queued:
    """排着队的一条：要推几个群，推了几个。"""

    push: Push
    groups: int
    sent: int


def read(text: str) -> Draft:
    """`标题 链接 [标签…]`；看不懂、太长都 `Refusal`。"""
    found = push_links.split(words.tidy(text))
    if found is None or not found[0]:
        raise Refusal(f"推送写成 标题 链接 [标签]，例如：{EXAMPLE}")
    before, link, after = found
    title = words.mask(" ".join(before.split()))
    if len(title) > TITLE_MAX:
        raise Refusal(f"标题 {TITLE_MAX} 个字以内，短一点大家才看。")
    return Draft(title, link, tags_in(after))


def tags_in(text: str) -> tuple[str, ...]:
    """几个标签，空白、顿号、逗号、# 隔开；太多太长 `Refusal`。"""
    for mark in "#＃、,，":
        text = text.replace(mark, " ")
    tags = tuple(dict.fromkeys(words.tidy(text).split()))
    if len(tags) > TAGS_MAX or any(len(tag) > TAG_MAX for tag in tags):
        raise Refusal(f"标签至多 {TAGS_MAX} 个，每个 {TAG_MAX} 个字以内，例如：读书 电影")
    return tags


async def submit(by: Speaker, text: str, *, group: Group | None, at: datetime) -> Queued:
    """排进队里。在群里说的推给这个群；私聊的，管理员推给所管单位的青年群，团干部推给自己的青年群。"""
    if group is not None:
        await hosts.check_host(by, group, "推送")
    unit, groups = await _targets(by, group)
    async with in_transaction():
        await Unit.select_for_update(no_key=True).get(id=unit.id)
        draft = read(await wordings.allow(by, text, subject=f"u{unit.id}", at=at))
        await _refuse_repeated(unit, draft.link, at)
        open_groups = await _with_place(groups)
        push = await Push.create(
            title=draft.title,
            link=draft.link,
            tags=list(draft.tags),
            unit=unit,
            pushed_by=by.person_id,
            state=PushState.QUEUED,
            pushed_at=at,
        )
        await PushTarget.bulk_create([PushTarget(push=push, group_id=one) for one in open_groups], batch_size=_CHUNK)
    return Queued(push, len(open_groups), 0)


async def _targets(by: Speaker, group: Group | None) -> tuple[Unit, list[int]]:
    if group is not None:
        return await Unit.get(id=group.unit_id), [group.id]
    bound = Group.filter(kind=GroupKind.YOUTH, unbound_at=None)
    duties = [duty for duty in by.duties if duty.kind is RoleKind.ADMIN]
    if top := min(duties, key=lambda duty: len(duty.unit_path), default=None):
        unit = await Unit.get(id=top.unit_id)
        bound = bound.filter(unit__path__gte=top.unit_path, unit__path__lt=top.unit_path_end)
    elif by.cadre_id is not None:
        unit = await Unit.get(id=by.unit_id)
        bound = bound.filter(cadre_id=by.cadre_id)
    else:
        raise Refusal("推给哪个群？请在那个青年群里发一次 /推送。")
    groups = [int(str(number)) for number in await bound.order_by("id").values_list("id", flat=True)]
    if not groups:
        raise Refusal("还没有绑定的青年群，先在群里发 /绑定本群。")
    return unit, groups


async def _refuse_repeated(unit: Unit, link: str, at: datetime) -> None:
    alive = Push.filter(unit_id=unit.id, link=link, pushed_at__gt=at - AGAIN_AFTER)
    if known := await alive.exclude(state__in=[PushState.CANCELLED, PushState.EXPIRED]).first():
        raise Refusal(f"这个链接推过了（{known.number} {known.title}），一个月内不重复推。")


async def _with_place(groups: Sequence[int]) -> list[int]:
    """还排得下的群；一个也没有就 `Refusal`。"""
    waiting = PushTarget.filter(sent_at=None, push__state=PushState.QUEUED).annotate(count=Count("id"))
    queued = dict(await waiting.group_by("group_id").values_list("group_id", "count"))
    found = [group for group in groups if queued.get(group, 0) < QUEUE_MAX]
    if not found:
        raise Refusal(f"已经排了 {QUEUE_MAX} 条，够推四周了。发 /推送 看看，撤下几条再来。")
    return found


async def queue(by: Speaker) -> list[Queued]:
    """排着队的：自己推的，推给自己的群的，所管单位的。早的在前。"""
    mine = Q(pushed_by=by.person_id or 0)
    if by.cadre_id is not None:
        targeted = PushTarget.filter(group__cadre_id=by.cadre_id, sent_at=None)
        mine |= Q(id__in=Subquery(targeted.values("push_id")))
    for duty in by.duties:
        if duty.kind is RoleKind.ADMIN:
            mine |= Q(unit__path__gte=duty.unit_path, unit__path__lt=duty.unit_path_end)
    rows = Push.filter(state=PushState.QUEUED) if by.superuser else Push.filter(mine, state=PushState.QUEUED)
    return await counted(await rows.order_by("id"))


async def counted(pushes: Sequence[Push]) -> list[Queued]:
    """各要推几个群、推了（放进待送队列）几个。"""
    targets = PushTarget.filter(push_id__in=[push.id for push in pushes]).annotate(count=Count("id"))
    groups = dict(await targets.group_by("push_id").values_list("push_id", "count"))
    waiting = dict(await targets.filter(sent_at=None).group_by("push_id").values_list("push_id", "count"))
    counts = ((push, groups.get(push.id, 0), waiting.get(push.id, 0)) for push in pushes)
    return [Queued(push, total, total - left) for push, total, left in counts]


async def cancel(by: Speaker, push_id: int) -> Queued:
    """撤下：推的人自己，或管得到那个单位的管理员；已经推了的群收不回来，还没送出去的不送了。"""
    push = await found(by, push_id)
    async with in_transaction():
        await advance(push, PushAction.CANCEL)
        its = Q(period=push.number) | Q(period__startswith=f"{push.number}/")
        unsent = Notice.filter(its, kind=KIND, state=NoticeState.DUE)
        groups = await unsent.select_for_update().values_list("group_id", flat=True)
        await unsent.update(state=NoticeState.EXPIRED, reason="撤下了，不推了")
        await PushTarget.filter(push_id=push.id, group_id__in=groups).update(sent_at=None)
    [one] = await counted([push])
    return one


async def found(by: Speaker, push_id: int) -> Push:
    """自己推的、或管得到的一条；别的当作没有。"""
    push = await Push.get_or_none(id=push_id).select_related("unit")
    own = push is not None and by.person_id is not None and push.pushed_by == by.person_id
    if push is None or not (own or (by.is_admin and by.administers(push.unit.path or ""))):
        raise Refusal(f"没找到你能管的 G{push_id}，发 /推送 看看编号？")
    return push


async def advance(push: Push, action: PushAction) -> None:
    """按表走一步；走不了、别处先走了都 `Refusal`。"""
    onward = STEPS.get((push.state, action))
    if onward is None:
        raise Refusal(f"{push.number} {push.state}，不能再{action}。")
    await steps.move(push, push.number, unless_changed=("state",), state=onward)
