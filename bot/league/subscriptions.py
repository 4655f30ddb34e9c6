"""订阅：本人订几个标签，一周至多收一份新好物；没有新的就不打扰。"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tortoise.expressions import Subquery
from tortoise.transactions import in_transaction

from bot.league import good_things
from bot.league.errors import Refusal
from bot.league.periods import local, on
from bot.league.pushes import tags_in
from bot.league.roster import Speaker
from db.models import Cadre, Contact, ContactState, Person, Push, PushState, Round, Subscription

EXAMPLE = "/订阅 读书"
KIND = "culture.digest"
#: 周六上午给一份，到傍晚还没能给就算了
WEEKDAY, FROM, UNTIL = 5, time(10), time(20)
#: 一份至多几条，一人至多订几个标签
DIGEST_MAX, TAGS_MAX = 5, 8


@dataclass(frozen=True)
class Digest:
    """给一个人的一份。"""

    person_id: int
    #: 如 2026-W47
    period: str
    pushes: tuple[Push, ...]


async def mine(by: Speaker) -> list[str]:
    """自己订的标签。"""
    rows = Subscription.filter(person_id=by.person_id or 0).order_by("id")
    return [str(tag) for tag in await rows.values_list("tag", flat=True)]


async def subscribe(by: Speaker, text: str) -> list[str]:
    """订上，返回现在订着的；只能替自己订。"""
    if by.person_id is None or not (by.joined or by.is_cadre):
        raise Refusal("先在群里发 /加入，我才好私下给你送。不订也能随时发 /好物 看。")
    tags = tags_in(text)
    if not tags:
        raise Refusal(f"订哪个标签？例如：{EXAMPLE}")
    async with in_transaction():
        await Person.select_for_update(no_key=True).get(id=by.person_id)
        if len({*await mine(by), *tags}) > TAGS_MAX:
            raise Refusal(f"至多订 {TAGS_MAX} 个标签，先发 /退订 标签 退掉几个。")
        rows = [Subscription(person_id=by.person_id, tag=tag) for tag in tags]
        await Subscription.bulk_create(rows, ignore_conflicts=True)
    return await mine(by)


async def unsubscribe(by: Speaker, text: str) -> list[str]:
    """退掉写明的，没写就全退；返回退掉了哪些。"""
    have = await mine(by)
    gone = [tag for tag in tags_in(text) or have if tag in have]
    if not gone:
        asked = f"“{text[:20]}”" if text and have else "标签"
        raise Refusal(f"你没有订{asked}，不用退。" + (f"现在订着：{'、'.join(have)}。" if have else ""))
    await Subscription.filter(person_id=by.person_id, tag__in=gone).delete()
    return gone


async def digests(at: datetime) -> list[Digest]:
    """此刻该给的：周六白天，一周一轮，只给有新好物的人。说完叫一声 `mark(at)`。"""
    today = local(at).date()
    if today.weekday() != WEEKDAY or not FROM <= local(at).time() < UNTIL:
        return []
    period, until = _period(at), on(today, FROM)
    if await Round.filter(kind=KIND, period=period).exists():
        return []
    fresh = Push.filter(pushed_at__gte=until - timedelta(days=7), pushed_at__lt=until)
    things = await fresh.exclude(state=PushState.CANCELLED).order_by("-id").select_related("unit")
    if not things:
        return []
    wanted: dict[int, set[str]] = defaultdict(set)
    for person, tag in await Subscription.all().values_list("person_id", "tag"):
        wanted[person].add(tag)
    places = await _places()
    found = (
        (person, tuple(push for push in things if tags & set(push.tags) and push.unit.path in places[person]))
        for person, tags in wanted.items()
    )
    return [Digest(person, period, chosen[:DIGEST_MAX]) for person, chosen in found if chosen]


async def mark(at: datetime) -> None:
    """`digests(at)` 的都放进队列之后：记下这一轮给过了。"""
    today = local(at).date()
    if today.weekday() == WEEKDAY and FROM <= local(at).time() < UNTIL:
        row = Round(kind=KIND, period=_period(at), due_at=on(today, FROM), done_at=at)
        await Round.bulk_create([row], ignore_conflicts=True)


def _period(at: datetime) -> str:
    year, week, _ = local(at).isocalendar()
    return f"{year}-W{week:02}"


async def _places() -> dict[int, set[str]]:
    """订了的人各看得到哪些单位推的；退出了的人没有联系，也就没有。"""
    found: dict[int, set[str]] = defaultdict(set)
    subscribed = Subquery(Subscription.all().values("person_id"))
    contacts = Contact.filter(youth_id__in=subscribed, state=ContactState.ACTIVE, cadre__left_at=None)
    cadres = Cadre.filter(person_id__in=subscribed, left_at=None)
    for person, path in (
        *await contacts.values_list("youth_id", "cadre__unit__path"),
        *await cadres.values_list("person_id", "unit__path"),
    ):
        found[person] |= good_things.above([str(path)])
    return found


async def merge(source: int, target: int) -> None:
    """两个账号并成一个人。要在事务里调用。"""
    have = await Subscription.filter(person_id=target).values_list("tag", flat=True)
    await Subscription.filter(person_id=source, tag__in=have).delete()
    await Subscription.filter(person_id=source).update(person_id=target)
