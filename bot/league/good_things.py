"""好物：近来推过的，与青年的回响：回复与看法（产品说明第 4 节 /推送）。有没有用由人说，不数点开、点赞、转发。"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.functions import Count
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from bot.league import pushes, replies, roster, wishes, words
from bot.league.errors import Refusal
from bot.league.quantities import SHOWN_FROM
from bot.league.roster import Speaker
from db.models import Contact, ContactState, Group, Opinion, Person, Push, PushState, Unit, WishLane

#: 列近三个月的，一次至多几条
RECENT, LISTED = timedelta(days=90), 6
#: 说的话 90 天后清空
KEEP_TEXT = timedelta(days=90)

OPINION_EXAMPLE = "/好物 G3 有用 看完想去博物馆"
#: 单位 path 一层几位
_LEVEL = 6


@dataclass(frozen=True)
class GoodThing:
    """一条好物与回响的合计，人；回复与看法可以是同一个人，从不相加。"""

    push: Push
    useful: int = 0
    plain: int = 0
    #: 在群里回复过这条推送的青年
    replied: int = 0

    @property
    def shown(self) -> bool:
        """说了看法的够不够列数。"""
        return self.useful + self.plain >= SHOWN_FROM

    @property
    def replies_shown(self) -> bool:
        """回复的够不够列数。"""
        return self.replied >= SHOWN_FROM


async def recent(
    by: Speaker, *, at: datetime, group: Group | None, tags: Collection[str] = ()
) -> tuple[list[GoodThing], list[str]]:
    """(他看得到的，新的在前，有任一标签的；这些好物用过的全部标签)。"""
    rows = await visible(await levels(by, group)).filter(pushed_at__gt=at - RECENT).order_by("-id")
    used = list(dict.fromkeys(tag for push in rows for tag in push.tags))
    chosen = [push for push in rows if not tags or set(tags) & set(push.tags)][:LISTED]
    return await _counted(chosen), used


async def one(by: Speaker, push_id: int, *, group: Group | None) -> GoodThing:
    """看得到的一条；看不到的当作没有。"""
    push = await visible(await levels(by, group)).get_or_none(id=push_id)
    if push is None:
        raise Refusal(f"没找到 G{push_id}，发 /好物 看看编号？")
    [found] = await _counted([push])
    return found


def visible(paths: Collection[str]) -> QuerySet[Push]:
    """这些单位（`Unit.path`）推的，撤下的不算。"""
    return Push.filter(unit__path__in=list(paths)).exclude(state=PushState.CANCELLED)


async def levels(by: Speaker, group: Group | None) -> set[str]:
    """他属于哪些单位，连同各级上级（`Unit.path`）：任职的、管的、联系他的团干部的、说话的群的。"""
    own = {by.unit_path, *(duty.unit_path for duty in by.duties)} - {None}
    ids = {group.unit_id} if group else set()
    if by.person_id is not None:
        mine = Contact.filter(youth_id=by.person_id, state=ContactState.ACTIVE)
        ids |= {int(str(unit)) for unit in await mine.values_list("cadre__unit_id", flat=True)}
    own |= {str(path) for path in await Unit.filter(id__in=ids).values_list("path", flat=True)}
    return above(str(path) for path in own)


def above(paths: Iterable[str]) -> set[str]:
    """这些单位与各级上级。"""
    return {path[:end] for path in paths for end in range(_LEVEL, len(path) + 1, _LEVEL)}


async def opine(
    by: Speaker, push_id: int, text: str, *, useful: bool, group: Group | None, group_id: str | None, at: datetime
) -> Push | wishes.Submission:
    """说一句有用没用，后说的顶掉先说的；话里有伤害自己的意思的按危机求助走。"""
    if words.lane_of(words.tidy(text)) is WishLane.CRISIS:
        return await wishes.submit(by, text, at=at, group=group, group_id=group_id)
    if by.is_cadre:
        raise Refusal("有没有用听青年的，团干部发 /推送 编号 看大家怎么说。")
    said = words.sentence(text) or None
    push = (await one(by, push_id, group=group)).push
    author = await roster.ensure_person(by.scope, by.user_id, at=at)
    async with in_transaction():
        await Person.select_for_update(no_key=True).get(id=author.id)
        fields = {"useful": useful, "words": said, "said_at": at}
        await Opinion.update_or_create(push_id=push.id, person_id=author.id, defaults=fields)
    return push


async def opinions(by: Speaker, push_id: int) -> tuple[GoodThing, list[str]]:
    """(合计, 说的话，新的在前)：给推的人与管理员看，不写是谁。"""
    push = await pushes.found(by, push_id)
    said = Opinion.filter(push_id=push.id, words__isnull=False).order_by("-said_at", "-id").limit(20)
    [counted] = await _counted([push])
    return counted, [str(row.words) for row in await said]


async def _counted(rows: Sequence[Push]) -> list[GoodThing]:
    said = Opinion.filter(push_id__in=[push.id for push in rows]).annotate(count=Count("id"))
    grouped = await said.group_by("push_id", "useful").values_list("push_id", "useful", "count")
    counts = {(push, bool(useful)): count for push, useful, count in grouped}
    replied = await replies.counts([push.id for push in rows])
    return [
        GoodThing(push, counts.get((push.id, True), 0), counts.get((push.id, False), 0), replied.get(push.id, 0))
        for push in rows
    ]


async def forget(at: datetime) -> None:
    """说的话满 90 天清空，只留有用没用。"""
    await Opinion.filter(said_at__lte=at - KEEP_TEXT, words__isnull=False).update(words=None)


async def merge(source: int, target: int) -> None:
    """两个账号并成一个人：同一条都说过的，留下后说的。要在事务里调用。"""
    kept = {row.push_id: row for row in await Opinion.filter(person_id=target)}
    for row in await Opinion.filter(person_id=source):
        twin = kept.get(row.push_id)
        if twin is not None:
            await Opinion.filter(id=(twin if twin.said_at <= row.said_at else row).id).delete()
    await Opinion.filter(person_id=source).update(person_id=target)


async def erase(person_id: int) -> None:
    """本人要求删除：话清空，不再连着他；有用没用留作合计。"""
    await Opinion.filter(person_id=person_id).update(person_id=None, words=None)
