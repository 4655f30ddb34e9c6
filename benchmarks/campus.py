"""成批的事实：一所示例大学的一季，和全国那么多团干部的分数。整批写进库，两种引擎一样的行。"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from benchmarks.pouring import Batch, Row
from bot.league.periods import Quarter, local
from bot.league.roster import QUOTAS
from db.models import (
    Account,
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    Consent,
    Contact,
    ContactState,
    EvidenceGrade,
    Interaction,
    Participation,
    PartState,
    Person,
    Rating,
    RatingRound,
    Scope,
    Score,
    Slot,
    Unit,
    UnitKind,
    Voice,
    VoiceKind,
    VoiceState,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)

#: 一季的天数：往回数这么多天
DAYS = 92
#: 一位团干部一季办几次活动，每次写着几位青年
ACTIVITIES, NAMED = 12, 10
#: 一位团干部名下一季几条心愿、几条心声、几份抽问到的评价
WISHES, VOICES, RATINGS = 15, 5, 8
SLOTS = tuple(Slot)[:6]
GRADES = tuple(EvidenceGrade)
ENDINGS = (WishEnding.FULFILLED, WishEnding.FULFILLED, WishEnding.PARTLY, WishEnding.UNCONFIRMED, WishEnding.WITHDRAWN)


@dataclass(frozen=True)
class Campus:
    """多大的一所学校。"""

    units: int = 20
    cadres: int = 200
    youths: int = 8_000
    #: 互动一共多少行：一位团干部、一位青年、一天一行
    interactions: int = 400_000

    def facts(self, *, at: datetime) -> Iterator[Batch]:
        """到 `at` 为止一季的事实。"""
        long_ago, chance = at - timedelta(days=400), random.Random(2017)
        yield _units(self.units)
        yield Batch(Person, ("id", "name", "created_at"), ((n, f"团干{n}", long_ago) for n in self._cadres))
        yield Batch(Person, ("id", "created_at"), ((n, long_ago) for n in self._youths))
        yield Batch(
            Account,
            ("scope", "user_id", "person_id"),
            ((Scope.QQ, str(20_000_000 + n), n) for n in (*self._cadres, *self._youths)),
        )
        yield Batch(
            Cadre,
            ("id", "person_id", "unit_id", "kind", "quota", "since"),
            ((n, n, self._unit(n), kind, QUOTAS[kind], long_ago) for n in self._cadres for kind in (_kind(n),)),
        )
        yield Batch(Consent, ("person_id", "version", "given_at"), ((n, "1", long_ago) for n in self._youths))
        yield Batch(
            Contact,
            ("cadre_id", "youth_id", "state", "since"),
            ((self._cadre_of(n), n, ContactState.ACTIVE, long_ago) for n in self._youths),
        )
        yield Batch(
            Interaction,
            ("cadre_id", "youth_id", "day", "cadre_messages", "youth_messages", "sessions"),
            self._interactions(local(at).date(), chance),
        )
        yield from self._deeds(at, chance)
        yield from self._wishes(at, chance)
        yield from self._ratings(at, chance)

    @property
    def _cadres(self) -> range:
        return range(1, self.cadres + 1)

    @property
    def _youths(self) -> range:
        return range(self.cadres + 1, self.cadres + self.youths + 1)

    def _unit(self, cadre: int) -> int:
        return 2 + cadre % self.units

    def _cadre_of(self, youth: int) -> int:
        return 1 + youth % self.cadres

    def _interactions(self, today: date, chance: random.Random) -> Iterator[Row]:
        """每对在随机的几天里有往来；勤快的团干部够得上有效的多些。"""
        each, days = divmod(self.interactions, self.youths)[0], [today - timedelta(days=n) for n in range(DAYS)]
        for youth in self._youths:
            cadre = self._cadre_of(youth)
            for day in chance.sample(days, min(each, DAYS)):
                effective = chance.random() < 0.002 * (1 + cadre % 40)
                yield cadre, youth, day, chance.randrange(1, 20), chance.randrange(1, 20), int(effective)

    def _deeds(self, at: datetime, chance: random.Random) -> Iterator[Batch]:
        activities, parts = list[Row](), list[Row]()
        for cadre in self._cadres:
            youths = [
                youth
                for youth in range(self.cadres + cadre - 1, self._youths.stop, self.cadres)
                if youth in self._youths
            ]
            for _ in range(ACTIVITIES):
                number, when = len(activities) + 1, at - timedelta(days=chance.randrange(DAYS))
                grade = chance.choice(GRADES)
                what = (number, ActivityKind.RECORD, cadre, self._unit(cadre), chance.choice(SLOTS))
                activities.append((*what, when, ActivityState.KEPT, grade, when, when, when))
                for turn, youth in enumerate(chance.sample(youths, min(NAMED, len(youths)))):
                    state = PartState.CONFIRMED if grade is EvidenceGrade.L2 else PartState.NAMED
                    parts.append((number, youth, state, turn, when))
        columns = (
            "id",
            "kind",
            "organiser_id",
            "unit_id",
            "slot",
            "starts_at",
            "state",
            "grade",
            "graded_at",
            "created_at",
        )
        yield Batch(Activity, (*columns, "asked_from"), activities)
        yield Batch(Participation, ("activity_id", "person_id", "state", "turn", "at"), parts)

    def _wishes(self, at: datetime, chance: random.Random) -> Iterator[Batch]:
        wishes, voices = list[Row](), list[Row]()
        for cadre in self._cadres:
            for _ in range(WISHES):
                when = at - timedelta(days=chance.randrange(2, DAYS))
                ended = when + timedelta(days=1)
                answered = when + timedelta(hours=chance.randrange(1, 90))
                what = (cadre, self._unit(cadre), cadre, "心愿", "d", WishLane.WALL, WishState.ENDED)
                wishes.append((*what, chance.choice(ENDINGS), when, answered, ended))
            for _ in range(VOICES):
                when = at - timedelta(days=chance.randrange(2, DAYS))
                voices.append(
                    (
                        cadre,
                        self._unit(cadre),
                        VoiceKind.HEART,
                        VoiceState.ANSWERED,
                        "心声",
                        when,
                        when + timedelta(hours=5),
                    )
                )
        columns = ("cadre_id", "unit_id", "claimer_id", "text", "digest", "lane", "state", "ending")
        yield Batch(Wish, (*columns, "submitted_at", "answered_at", "ended_at"), wishes)
        yield Batch(Voice, ("cadre_id", "unit_id", "kind", "state", "text", "submitted_at", "answered_at"), voices)

    def _ratings(self, at: datetime, chance: random.Random) -> Iterator[Batch]:
        quarters = (Quarter.of(at).previous, Quarter.of(at))
        yield Batch(
            RatingRound,
            ("id", "quarter", "number", "seed", "opens_at", "closes_at", "drawn_at"),
            (
                (n, str(quarter), 1, "s", quarter.start, min(at, quarter.end - timedelta(days=1)), quarter.start)
                for n, quarter in enumerate(quarters, 1)
            ),
        )
        rows = (
            (str(quarter), cadre, youth, n, chance.randrange(3, 6), at)
            for n, quarter in enumerate(quarters, 1)
            for cadre in self._cadres
            for youth in self._youths[cadre - 1 :: self.cadres][:RATINGS]
        )
        yield Batch(Rating, ("quarter", "cadre_id", "youth_id", "round_id", "stars", "given_at"), rows)


def country(cadres: int, *, at: datetime) -> Iterator[Batch]:
    """全国那么多团干部这一季的积分，一百人一个单位。"""
    chance, since = random.Random(2017), at - timedelta(days=400)
    units = max(1, cadres // 100)
    yield _units(units)
    numbers = range(1, cadres + 1)
    yield Batch(Person, ("id", "created_at"), ((n, since) for n in numbers))
    yield Batch(
        Cadre,
        ("id", "person_id", "unit_id", "kind", "quota", "since"),
        ((n, n, 2 + n % units, kind, QUOTAS[kind], since) for n in numbers for kind in (_kind(n),)),
    )
    parts = ("coverage", "depth", "service", "five_ones", "ratings")
    yield Batch(
        Score,
        ("quarter", "cadre_id", *parts, "integrity", "total", "facts", "computed_at"),
        (
            (str(Quarter.of(at)), n, *[chance.random() for _ in parts], 1.0, round(chance.uniform(0, 100), 1), "{}", at)
            for n in numbers
        ),
    )


def _units(below: int) -> Batch:
    rows: list[Row] = [(1, "示例大学团委", UnitKind.SCHOOL, None, "000001")]
    rows += [(n, f"第{n - 1}学院团总支", UnitKind.BRANCH_COMMITTEE, 1, f"000001{n:06d}") for n in range(2, below + 2)]
    return Batch(Unit, ("id", "name", "kind", "parent_id", "path"), rows)


def _kind(cadre: int) -> CadreKind:
    """一半一半，两档都有人。"""
    return CadreKind.FULL_TIME if cadre % 2 else CadreKind.PART_TIME
