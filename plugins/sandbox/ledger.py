"""“记了什么、为什么”：演完从库里数出来，每一段聊天对上它该不该记的道理。"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from bot.league import ratings
from bot.league.kinds import KINDS
from bot.league.periods import Quarter
from db.models import (
    Account,
    Cadre,
    GroupDay,
    Interaction,
    Notice,
    NoticeState,
    Ranking,
    Rating,
    RatingAsk,
    Wish,
    WishLane,
)
from plugins.sandbox import people as actors
from plugins.sandbox.people import Member
from plugins.sandbox.screen import Sheet
from plugins.sandbox.stage import Stage

_LANES = {WishLane.WALL: "心愿墙", WishLane.PRIVATE: "私密", WishLane.CRISIS: "危机求助"}
_STATES = {NoticeState.SENT: "送到了", NoticeState.RIDING: "等本人来取", NoticeState.EXPIRED: "过时没送"}

#: 通知种类点号前面的字 → 说的什么
_SUBJECTS = {
    "activity": "报了名的活动",
    "bulletin": "季度通报",
    "cadre": "刚上任，先做什么",
    "check": "抽查",
    "culture": "好物",
    "handover": "交接",
    "honour": "光荣榜",
    "nomination": "最美青春故事",
    "person": "本人申请的事",
    "poll": "投票有了结果",
    "rating": "问问联系得怎么样",
    "record": "记录里写着他",
    "reminder": "提醒",
    "report": "季报",
    "topic": "话题有了结果",
    "voice": "心声、建议、投诉",
    "wish": "心愿走到哪一步",
}

_COUNTED = "来回三轮以上，双方都有实质的话，前后超过一分钟"
_NOT_YET = "还不够：要来回三轮，双方都有实质的话，前后超过一分钟"


async def person_id(member: Member) -> int | None:
    """这个人在库里的号；没留下任何东西就没有。"""
    account = await Account.get_or_none(scope=actors.SCOPE, user_id=member.user_id)
    return account.person_id if account else None


async def all_between(cadre: Member, youth: Member) -> list[Interaction]:
    """两人的互动，一天一行。"""
    ids = await person_id(cadre), await person_id(youth)
    return [] if None in ids else await Interaction.filter(cadre__person_id=ids[0], youth_id=ids[1]).order_by("day")


async def between(cadre: Member, youth: Member) -> Interaction | None:
    """两人第一天的互动；整场演出里，聊天都在第一天。"""
    return next(iter(await all_between(cadre, youth)), None)


async def sheets(stage: Stage) -> list[Sheet]:
    """最后的几张表。"""
    return [
        await _interactions(stage),
        await _groups(stage),
        await _wishes(),
        await _ratings(stage),
        await _notices(),
        await _ranks(stage),
    ]


async def _interactions(stage: Stage) -> Sheet:
    rows = []
    for talk in stage.talks:
        row = await between(talk.cadre, talk.youth)
        said = f"{row.cadre_messages} / {row.youth_messages}" if row else "没有记"
        rows.append((talk.cadre.name, talk.youth.name, said, "是" if row and row.sessions else "否", talk.why))
    return Sheet("聊天：算没算、为什么", ("团干部", "青年", "两边各几条", "有效互动", "为什么"), rows)


async def lately(stage: Stage, since: date) -> list[Sheet]:
    """`since` 那天起聊的，一天一行；一段也没有就不列。"""
    names = {member.user_id: member.name for member in stage.town.everyone}
    accounts = Account.filter(scope=actors.SCOPE, user_id__in=list(names))
    people = {account.person_id: names[account.user_id] for account in await accounts}
    rows = []
    for row in await Interaction.filter(day__gte=since).select_related("cadre").order_by("-day", "-id"):
        pair = people.get(row.cadre.person_id, "团干部"), people.get(row.youth_id, "青年")
        counted = row.sessions > 0
        said = f"{row.cadre_messages} / {row.youth_messages}"
        rows.append((*pair, f"{row.day:%m-%d}", said, "是" if counted else "否", _COUNTED if counted else _NOT_YET))
    return [Sheet("后来聊的", ("团干部", "青年", "日期", "两边各几条", "有效互动", "为什么"), rows)] if rows else []


async def _groups(stage: Stage) -> Sheet:
    names = {place.group_id: place.name for place in stage.town.places}
    days = await GroupDay.all().select_related("group").order_by("group_id", "day")
    rows = [
        (
            names[day.group.group_id],
            f"{day.day:%m-%d}",
            f"{day.messages} 条",
            f"{day.speakers} 人",
            " ".join(_lights(day)) or "都没亮",
        )
        for day in days
    ]
    return Sheet("群里的匿名合计", ("群", "日期", "消息", "说过话的", "三盏灯"), rows)


def _lights(day: GroupDay) -> Iterable[str]:
    if day.has_voice:
        yield "有声音"
    if day.has_interaction:
        yield "有互动"
    if day.has_topic:
        yield "有话题"


async def _wishes() -> Sheet:
    wishes = await Wish.all().select_related("unit").order_by("id")
    rows = [
        (f"W{wish.id}", wish.unit.name if wish.unit else "", _LANES[wish.lane], wish.ending or wish.state)
        for wish in wishes
    ]
    return Sheet("心愿", ("编号", "归口", "通道", "到哪一步"), rows)


async def _ratings(stage: Stage) -> Sheet:
    quarter = Quarter.of(stage.now)
    rows = []
    for cadre in await Cadre.all().select_related("person").order_by("id"):
        asked = await RatingAsk.filter(cadre=cadre, quarter=str(quarter), asked_at__isnull=False).count()
        given = Rating.filter(cadre=cadre, quarter=str(quarter))
        answered, voluntary = (
            await given.filter(round_id__isnull=False).count(),
            await given.filter(round_id=None).count(),
        )
        seen = (await ratings.results(cadre.id, at=stage.now)).current
        if asked or voluntary:
            shown = seen or "什么也看不到"
            rows.append((cadre.person.name or "", f"{asked} 人", f"{answered} 份", f"{voluntary} 份", shown))
    return Sheet("青年评价", ("团干部", "随机问了", "答了，进积分", "主动评的，不进", "他看得到的"), rows)


async def _notices() -> Sheet:
    counts = Counter((*_about(row.kind), _STATES.get(row.state, "还没送")) for row in await Notice.all())
    rows = [(*key, f"{count} 条") for key, count in sorted(counts.items())]
    return Sheet("主动说过的话", ("说的什么", "凭什么找他", "去向", "几条"), rows)


def _about(kind: str) -> tuple[str, str]:
    return _SUBJECTS.get(kind.partition(".")[0], "别的"), KINDS[kind].why


async def _ranks(stage: Stage) -> Sheet:
    rows = (
        await Ranking.filter(quarter=str(Quarter.of(stage.now)))
        .select_related("cadre__person")
        .order_by("-quota", "place", "cadre_id")
    )
    return Sheet(
        "名次",
        ("档", "名次", "团干部", "积分"),
        [
            (f"{row.quota} 人档", f"{row.place}/{row.size}", row.cadre.person.name or "", f"{row.total:.1f}")
            for row in rows
        ],
    )
