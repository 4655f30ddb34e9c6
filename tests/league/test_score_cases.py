"""从库里的事实算到底：产品说明第 7 节的三个例子，和想钻空子的几种做法各得几分。"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from bot.league import formula, scores
from bot.league.formula import Part
from bot.league.interactions import Heard, InteractionLog
from bot.league.periods import Quarter, local
from db.models import (
    Cadre,
    CadreKind,
    CheckKind,
    CheckState,
    Consent,
    Contact,
    ContactState,
    EvidenceGrade,
    Interaction,
    Person,
    Rating,
    RatingRound,
    Scope,
    Score,
    Slot,
    SpotCheck,
    Unit,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories

Q4 = Quarter(2026, 4)
MONDAY = date(2026, 11, 16)
L0, L1, L2 = EvidenceGrade.L0, EvidenceGrade.L1, EvidenceGrade.L2
SLOTS = (Slot.LESSON, Slot.TALK, Slot.VOLUNTEER, Slot.CULTURE, Slot.DEED)


@pytest.fixture
async def unit(database: str) -> Unit:
    return await factories.branch("计算机学院团总支", await factories.school())


@dataclass
class Town:
    """一位团干部和他的青年；事实整批写。"""

    cadre: Cadre
    youths: list[Person]

    @classmethod
    async def of(cls, cadre: Cadre, joined: int) -> "Town":
        name = f"{cadre.id}的青年"
        await Person.bulk_create([Person(name=name, created_at=factories.AT) for _ in range(joined)])
        youths = await Person.filter(name=name).order_by("id")
        await Consent.bulk_create([Consent(person=one, version="1", given_at=factories.AT) for one in youths])
        await Contact.bulk_create(
            [Contact(cadre=cadre, youth=one, state=ContactState.ACTIVE, since=factories.AT) for one in youths]
        )
        return cls(cadre, youths)

    async def met(self, people: Sequence[Person], day: date = MONDAY, *, messages: int = 3, sessions: int = 1) -> None:
        rows = [
            Interaction(
                cadre=self.cadre,
                youth=one,
                day=day,
                sessions=sessions,
                cadre_messages=messages,
                youth_messages=messages,
            )
            for one in people
        ]
        await Interaction.bulk_create(rows)

    async def wish(
        self,
        at: datetime,
        ending: WishEnding | None,
        *,
        late: bool = False,
        accepted: bool = False,
        answered: bool = True,
    ) -> None:
        submitted = at - timedelta(days=20)
        when = submitted + timedelta(days=9 if late else 0, hours=1) if answered else None
        await Wish.create(
            unit_id=self.cadre.unit_id,
            cadre=self.cadre,
            claimer=self.cadre if answered else None,
            text="心愿",
            digest="d",
            lane=WishLane.WALL,
            state=WishState.ENDED if ending else WishState.OPEN,
            ending=ending,
            accepted=accepted,
            submitted_at=submitted,
            answered_at=when,
            claimed_at=when,
            ended_at=when + timedelta(hours=1) if when else None,
        )

    async def did(self, *grades: EvidenceGrade) -> None:
        for slot, grade in zip(SLOTS, grades, strict=False):
            await factories.record(self.cadre, MONDAY, slot, grade)

    async def rated(self, at: datetime, *stars: int) -> None:
        closed = {"opens_at": at - timedelta(days=28), "closes_at": at - timedelta(days=1)}
        drawn, _ = await RatingRound.get_or_create(quarter=str(Q4), number=1, defaults={"seed": "s", **closed})
        for youth, given in zip(self.youths, stars, strict=False):
            await Rating.create(
                quarter=str(Q4),
                cadre=self.cadre,
                youth=youth,
                round=drawn,
                stars=given,
                given_at=at - timedelta(days=2),
            )

    async def score(self, at: datetime) -> Score:
        await scores.recompute(Q4, at=at)
        return await Score.get(quarter=str(Q4), cadre=self.cadre)

    async def total(self, at: datetime) -> float:
        return (await self.score(at)).total or 0


def points(score: Score) -> list[float | None]:
    parts = formula.parts_in(score)
    return [None if value is None else formula.points(part, value) for part, value in parts.items()]


async def town(unit: Unit, joined: int, kind: CadreKind = CadreKind.FULL_TIME, *, user: int = 1) -> Town:
    return await Town.of(await factories.cadre(user, f"干部{user}", unit, kind), joined)


# ---- 三个例子


async def test_the_diligent_full_timer(unit: Unit, at: datetime) -> None:
    one = await town(unit, 86)
    await one.met(one.youths[:52])
    await one.met(one.youths[:21], MONDAY - timedelta(days=7))
    for _ in range(3):
        await one.wish(at, WishEnding.FULFILLED)
    await one.wish(at, WishEnding.FULFILLED, late=True)
    await one.wish(at, WishEnding.UNCONFIRMED)
    await one.wish(at, WishEnding.UNCONFIRMED)
    await one.wish(at, WishEnding.IMPOSSIBLE, accepted=True)
    await one.did(L2, L2, L1)  # 第四件是青年确认办成的心愿，自己顶上“实事”
    await one.rated(at, 5, 5, 5, 5, 4, 4, 4, 4, 4)
    found = await one.score(at)
    assert points(found) == [19.4, 12.1, 19.2, 14.0, 12.4]
    # 九位青年凑不出正好 4.4 的均分，40 ÷ 9 比它多一点点；正好 4.4 的 77.1 在 test_formula
    assert found.total == 77.2


async def test_flooding_earns_next_to_nothing(unit: Unit, at: datetime) -> None:
    one = await town(unit, 100)
    await one.met(one.youths[:9])
    await one.met(one.youths[9:40], messages=100, sessions=0)  # 3,100 条刷屏
    await one.wish(at, None, answered=False)
    await one.did(L0, L0, L0, L0, L0)
    await one.rated(at, 5, 5)
    found = await one.score(at)
    assert points(found) == [7.5, 0.0, 0.0, 5.0, None]
    assert found.total == 14.7
    # 抽查八件、裁定不实三件
    for number in range(8):
        state = CheckState.CONTRADICTED if number < 3 else CheckState.HELD
        await SpotCheck.create(
            key=f"r1/{number}", kind=CheckKind.CLAIM, state=state, quarter=str(Quarter.of(at)), cadre_id=found.cadre_id,
            unit=unit, settled_at=at,
        )  # fmt: skip
    found = await one.score(at)
    assert found.total == 12.6


async def test_the_part_timer(unit: Unit, at: datetime) -> None:
    one = await town(unit, 12, CadreKind.PART_TIME)
    await one.met(one.youths[:10])
    await one.met(one.youths[:5], MONDAY - timedelta(days=7))
    await one.did(L2, L2, L2, L2, L1)
    await one.rated(at, 5, 5, 5, 5, 5, 4)
    found = await one.score(at)
    assert points(found) == [25.0, 15.0, None, 18.0, 12.9]  # 29 ÷ 6 比 4.8 多一点点
    assert found.total == 94.5


# ---- 想钻空子的


#: 一来一往，都是实在话
TALK = (
    (True, "周末的志愿服务还缺三个人手", 0),
    (False, "我可以去，需要提前准备什么吗", 40),
    (True, "带上水杯，八点在东门集合就好", 80),
    (False, "好呀那我再叫上室友一起过来", 120),
)


async def test_five_times_the_messages_gain_nothing(unit: Unit, at: datetime) -> None:
    log = InteractionLog(key=b"k" * 32)
    await log.start()
    try:
        plain, busy = [await _group(unit, number) for number in (1, 2)]
        _talk(log, 1, 1, at)
        _talk(log, 2, 5, at)
        await log.flush()
    finally:
        await log.stop()
    assert [await _messages(plain), await _messages(busy)] == [12, 60]
    await scores.recompute(Q4, at=at)
    one, other = [await Score.get(quarter=str(Q4), cadre=cadre) for cadre in (plain, busy)]
    assert one.facts["reached"] == other.facts["reached"] == 3
    assert (one.total, one.facts) == (other.total, other.facts)


async def _group(unit: Unit, number: int) -> Cadre:
    """账号 `number` 的团干部，群 70x，三名青年。"""
    cadre = await factories.cadre(number, f"干部{number}", unit)
    group = await factories.group(700 + number, cadre)
    for one in range(3):
        await factories.youth(1000 * number + one, cadre, group)
    return cadre


def _talk(log: InteractionLog, number: int, times: int, at: datetime) -> None:
    """三名青年依次和他聊，每名聊 `times` 遍，每遍说的话都不重样。"""
    start, ids = at.timestamp() - 6 * 3600, itertools.count()
    for youth in range(3):
        for turn in range(times):
            for by_cadre, text, after in TALK:
                heard = Heard(
                    message_id=f"{number}-{next(ids)}",
                    user_id=str(number if by_cadre else 1000 * number + youth),
                    at=start + youth * 7200 + turn * 1000 + after,
                    text=f"{'甲乙丙丁戊'[turn]}{'子丑寅'[youth]}{text}",
                    mentions=(),
                    everyone=False,
                    reply_to=None,
                    command=False,
                )
                log.hear((Scope.QQ, str(700 + number)), heard)


async def _messages(cadre: Cadre) -> int:
    rows = await Interaction.filter(cadre=cadre)
    return sum(row.cadre_messages + row.youth_messages for row in rows)


async def test_dropping_26_quiet_youths_gains_nothing_this_quarter(unit: Unit, at: datetime) -> None:
    one = await town(unit, 86)
    await one.met(one.youths[:52])
    before = await one.score(at)
    dropped = Contact.filter(youth_id__in=[youth.id for youth in one.youths[60:]])
    assert await dropped.update(state=ContactState.ENDED, ended_at=at, removed_by_cadre=True) == 26
    after = await one.score(at)
    assert (after.total, after.facts) == (before.total, before.facts)
    assert after.facts["base"] == 86
    # 真能从名册里抹掉的话：52 ÷ 60
    assert formula.points(Part.COVERAGE, formula.coverage(52, 60) or 0) > formula.points(
        Part.COVERAGE, after.coverage or 0
    )


async def test_one_staged_wish_is_worth_less_than_seven_real_ones(unit: Unit, at: datetime) -> None:
    staged, real = await town(unit, 10), await town(unit, 10, user=2)
    await staged.wish(at, WishEnding.FULFILLED)
    for _ in range(7):
        await real.wish(at, WishEnding.FULFILLED)
    assert [points(await one.score(at))[2] for one in (staged, real)] == [22.2, 23.9]
    # 再有一条真的没人答复，演的那条也救不回来
    await staged.wish(at, None, answered=False)
    assert points(await staged.score(at))[2] == 10.1


async def test_five_self_reports_are_a_quarter_each(unit: Unit, at: datetime) -> None:
    one = await town(unit, 10)
    await one.did(L0, L0, L0, L0, L0)
    assert points(await one.score(at))[3] == 5.0
    for slot in SLOTS:  # 再报一遍也填不到别处
        await factories.record(one.cadre, MONDAY, slot, L0)
    assert points(await one.score(at))[3] == 5.0


async def test_filing_twenty_records_of_one_kind_fills_one_place(unit: Unit, at: datetime) -> None:
    one = await town(unit, 10)
    for _ in range(20):
        await factories.record(one.cadre, MONDAY, Slot.TALK, L1)
    assert points(await one.score(at))[3] == 2.0


async def test_talking_only_before_the_quarter_ends_does_not_fill_depth(unit: Unit, at: datetime) -> None:
    one = await town(unit, 60)
    monday = local(at).date() - timedelta(days=local(at).weekday())
    for day in range(7):
        await one.met(one.youths[:30], monday + timedelta(days=day))
    found = await one.score(at)
    assert (found.facts["reached"], found.facts["twice"]) == (30, 0)
