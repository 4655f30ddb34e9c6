"""青年评价：打几分、说一句，和团干部看得到的大概。抽谁来评见 `rating_rounds`，怎么进积分见 `scored_ratings`。"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from bot.league import consents, formula, moments, wishes, words
from bot.league.errors import Refusal
from bot.league.periods import Quarter
from bot.league.roster import Speaker
from bot.league.scored_ratings import Satisfaction, ratings_of, satisfaction
from db.models import Cadre, Person, Rating, RatingAsk, WishLane

#: 自己主动评的，三天内可以改；抽问到的，截止前都可以改
CHANGE_WITHIN = timedelta(days=3)
#: 季末满 90 天，附的话清空
KEEP_TEXT = timedelta(days=90)
#: 够这么多句才打乱了给团干部看；凑不够的，季末就清空
TEXTS_NEEDED = formula.RATINGS_NEEDED

EXAMPLE = "/评价 4 有事问得到人"
_OUT_OF_RANGE = f"打 1 到 5 的整数分，5 分最好，例如：{EXAMPLE}"

_TAIL = r"\s*[分星]?[\s,，.。、:：;；!！]*(.*)"
_DIGITS = re.compile(rf"([+-]?\d+(?:\.\d+)?(?:/\d+)?){_TAIL}", re.S)
_HAN = re.compile(r"([一两二三四五])(?:[分星]|(?=[\s,，.。、:：;；!！]|$))[\s,，.。、:：;；!！]*(.*)", re.S)
#: 照着打出来的 @（私聊里 @ 不出人来）
_AT = re.compile(r"(?:^|(?<=\s))[@＠]([^\s,，。、:：;；!！]+)[\s,，。、:：;；!！]*")


@dataclass(frozen=True)
class Said:
    """`/评价` 后面的话：`name` 是写明了的团干部（写在前面，或后面用 @），没写为空。"""

    name: str
    stars: int
    text: str


@dataclass(frozen=True)
class Given:
    """收下的一份。"""

    cadre: str
    stars: int
    #: 答的是抽问
    sampled: bool
    #: 改了先前的
    changed: bool
    has_text: bool
    #: 问过他，但截止了
    late: bool
    #: 有号码被隐去了
    masked: bool


@dataclass(frozen=True)
class Results:
    """团干部看得到的：本季、上季各一个大概，和上季打乱了的几句话。"""

    quarter: Quarter
    current: Satisfaction | None
    previous: Satisfaction | None
    texts: tuple[str, ...]


def read(text: str) -> Said:
    """`4`、`４分 讲得清楚`、`四分`、`张三 4 有事问得到人`、`4 @张三`；看不出几分就 `Refusal`。"""
    text = text.strip()
    if found := _score(text):
        stars, rest = found
        at = _AT.search(rest)
        return Said(at[1], stars, rest[: at.start()] + rest[at.end() :]) if at else Said("", stars, rest)
    name, *rest = text.split(maxsplit=1) or [""]
    if rest and (found := _score(rest[0])):
        return Said(name.lstrip("@＠"), *found)
    raise Refusal(f"没看出你打几分。{_OUT_OF_RANGE}")


def _score(text: str) -> tuple[int, str] | None:
    """开头的几分和后面的话；不是以分数开头就 `None`。"""
    head = unicodedata.normalize("NFKC", text[:8]) + text[8:]
    if found := _HAN.match(head):
        return moments.number(found[1]), found[2]
    if not (found := _DIGITS.match(head)):
        return None
    if found[1] not in ("1", "2", "3", "4", "5"):
        raise Refusal(_OUT_OF_RANGE)
    return int(found[1]), found[2]


async def rate(by: Speaker, text: str, *, mentioned: Sequence[Speaker] = (), at: datetime) -> Given | wishes.Submission:
    """评一次；@ 到了人就评那一位。话里有伤害自己的意思的，按危机求助走（返回 `Submission`），不当评价。"""
    text = words.tidy(text)
    if words.lane_of(text) is WishLane.CRISIS:
        return await wishes.submit(by, text, at=at)
    cadres = await consents.cadres_of(by.person_id) if by.person_id is not None else []
    asked = await _asked(by.person_id, at) if by.person_id is not None else None
    if asked and asked.cadre_id not in [cadre.id for cadre in cadres]:
        cadres.append(asked.cadre)
    if by.person_id is None or not cadres:
        raise Refusal("你还没有联系团干部，先在你们的青年群里发 /加入，以后就能评价了。")
    said = read(text)
    note = words.sentence(said.text)
    cadre = _mentioned(mentioned, cadres) if mentioned else _whom(said.name, cadres, asked)
    answering = asked if asked and asked.cadre_id == cadre.id else None
    changed = await _keep(by.person_id, cadre.id, said.stars, note or None, answering, at=at)
    return Given(
        cadre=cadre.person.name or "团干部",
        stars=said.stars,
        sampled=answering is not None and at < answering.round.closes_at,
        changed=changed,
        has_text=bool(note),
        late=answering is not None and at >= answering.round.closes_at,
        masked=note != said.text.strip(),
    )


async def _asked(person_id: int, at: datetime) -> RatingAsk | None:
    """本季问过他的那一回。"""
    mine = RatingAsk.filter(youth_id=person_id, quarter=str(Quarter.of(at)), asked_at__lte=at)
    return await mine.first().select_related("round", "cadre__person")


def _mentioned(people: Sequence[Speaker], cadres: Sequence[Cadre]) -> Cadre:
    if len(people) > 1:
        raise Refusal(f"一次评一位，只 @ 一个人，例如：/评价 {cadres[0].person.name or '团干部'} 4")
    found = next((cadre for cadre in cadres if cadre.id == people[0].cadre_id), None)
    if found is None:
        names = "、".join(cadre.person.name or "团干部" for cadre in cadres)
        raise Refusal(f"你 @ 的这位不是你的联系团干部，没有记。你能评的是：{names}。只打分就写：{EXAMPLE}")
    return found


def _whom(name: str, cadres: Sequence[Cadre], asked: RatingAsk | None) -> Cadre:
    """评的是谁：写明了的；没写就是问到的那位；只有一位联系团干部就是他。"""
    names = "、".join(cadre.person.name or "团干部" for cadre in cadres)
    if name:
        found = [cadre for cadre in cadres if cadre.person.name == name]
        if not found:
            raise Refusal(f"你的联系团干部里没有“{name[:12]}”，现在是：{names}。只打分就写：{EXAMPLE}")
    else:
        found = [cadre for cadre in cadres if asked is None or cadre.id == asked.cadre_id]
    if len(found) == 1:
        return found[0]
    first = cadres[0].person.name or "团干部"
    if name:
        raise Refusal(f"你有几位叫{name[:12]}的联系团干部，我分不清。等我来问你的时候再答就好。")
    raise Refusal(f"你有 {len(cadres)} 位联系团干部：{names}。写上评的是谁，例如：/评价 {first} 4")


async def _keep(
    person_id: int, cadre_id: int, stars: int, text: str | None, asked: RatingAsk | None, *, at: datetime
) -> bool:
    """存下或改掉先前的，返回是不是改；过了能改的时候就 `Refusal`。"""
    answering = asked if asked and at < asked.round.closes_at else None
    round_id = answering.round_id if answering else None
    async with in_transaction():
        await Person.select_for_update(no_key=True).get(id=person_id)
        row = await Rating.get_or_none(quarter=str(Quarter.of(at)), cadre_id=cadre_id, youth_id=person_id)
        if row is None:
            key = {"quarter": str(Quarter.of(at)), "cadre_id": cadre_id, "youth_id": person_id}
            await Rating.create(**key, round_id=round_id, stars=stars, text=text, given_at=at)
            return False
        if answering is None and (row.round_id is not None or at >= row.given_at + CHANGE_WITHIN):
            raise Refusal("这一季你已经评过了，过了能改的时候。心里有话随时可以发 /心声 或 /建议。")
        await Rating.filter(id=row.id).update(stars=stars, text=text, round_id=round_id)
    return True


async def results(cadre_id: int, *, at: datetime) -> Results:
    """团干部自己的：揭晓了、满 5 份的才有。上季的话满 5 句才有，按字排，看不出先后。"""
    quarter = Quarter.of(at)
    found = [(await ratings_of(one, [cadre_id], at=at)).get(cadre_id) for one in (quarter, quarter.previous)]
    current, previous = [satisfaction(one.mean) if one and one.shown else None for one in found]
    rows = Rating.filter(cadre_id=cadre_id, quarter=str(quarter.previous), text__isnull=False)
    texts = sorted(str(text) for text in await rows.values_list("text", flat=True))
    return Results(quarter, current, previous, tuple(texts) if len(texts) >= TEXTS_NEEDED else ())


async def forget(at: datetime) -> None:
    """季末满 90 天的话清空；季末凑不够 5 句的不会给谁看，当时就清空。"""
    quarter = Quarter.of(at)
    spoken = Rating.filter(text__isnull=False, quarter__lt=str(quarter))
    if at >= quarter.start + KEEP_TEXT:
        await spoken.update(text=None)
        return
    await spoken.filter(quarter__lt=str(quarter.previous)).update(text=None)
    counted = await spoken.annotate(count=Count("id")).group_by("cadre_id").values_list("cadre_id", "count")
    if few := [cadre_id for cadre_id, count in counted if count < TEXTS_NEEDED]:
        await spoken.filter(cadre_id__in=few).update(text=None)


async def erase_words(person_id: int) -> None:
    """本人要求删除数据：还没问的不问了，附的话清空；分数留着，连不回他。"""
    await RatingAsk.filter(youth_id=person_id, asked_at=None).delete()
    await Rating.filter(youth_id=person_id).update(text=None)


async def merge(source: int, target: int) -> None:
    """两个人并成一个：一季对一位团干部只留一份（抽问到的优先），也不评自己；要在事务里调用。"""
    if own := await Cadre.get_or_none(person_id=target):
        await Rating.filter(cadre_id=own.id, youth_id=source).delete()
        await RatingAsk.filter(cadre_id=own.id, youth_id=source).delete()
    kept = {(row.quarter, row.cadre_id): row for row in await Rating.filter(youth_id=target)}
    for row in await Rating.filter(youth_id=source):
        if twin := kept.get((row.quarter, row.cadre_id)):
            weaker = twin if row.round_id is not None and twin.round_id is None else row
            await Rating.filter(id=weaker.id).delete()
    await Rating.filter(youth_id=source).update(youth_id=target)
    asks = {row.quarter: row for row in await RatingAsk.filter(youth_id=target)}
    for ask in await RatingAsk.filter(youth_id=source):
        if twin := asks.get(ask.quarter):
            weaker = twin if ask.asked_at is not None and twin.asked_at is None else ask
            await RatingAsk.filter(id=weaker.id).delete()
    await RatingAsk.filter(youth_id=source).update(youth_id=target)
