"""一回抽查：开、问、补、收。名单开的时候定下，种子是季初封好的（`seals`）。

收完才见分晓：谁先答谁后答，从等级的变化和开案的时间里都看不出来。
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import audits, check_cases, check_questions, claims, draws, notices, seals, units
from bot.league.check_steps import ANSWERED, ASKED, RESERVE, Move, advance, holding
from bot.league.claims import Claim
from bot.league.errors import Refusal
from bot.league.periods import Quarter, is_quiet, local
from bot.league.roster import Speaker
from db.models import CheckAnswer, CheckKind, CheckRound, CheckState, Notice, SpotCheck, Unit

#: 至少抽几件：少于 5 人的数字不显示（产品说明第 7 节），问的人太少也容易猜到是谁
FEWEST = 5
#: 一回至多抽几件
MOST = 200
#: 问出去等几天；没等到就问备选的。两拨各一周，两周收完
ANSWER_WITHIN, ROUND = timedelta(days=7), timedelta(days=14)
#: 离收只剩不到这么久就不再问新的人
LEAST = timedelta(days=2)
EXAMPLE = "/抽查 20"


@dataclass(frozen=True)
class Opened:
    """开好的一回。"""

    round: CheckRound
    unit: Unit
    #: 能抽的几件、备选几件
    claims: int
    reserves: int


@dataclass(frozen=True)
class Outcome:
    """一回到哪一步了；没收完或不满 5 份，答了什么不给数。"""

    round: CheckRound
    unit: Unit
    states: Mapping[CheckState, int]
    answers: Mapping[CheckAnswer, int]
    #: 说“没有”而督导裁定属实的
    false_alarms: int

    @property
    def shown(self) -> bool:
        """答了什么可以说了。"""
        return self.round.closed_at is not None and sum(self.answers.values()) >= FEWEST


async def start(by: Speaker, size: int, unit: Unit, quarter: Quarter, *, at: datetime) -> Opened:
    """开一回：名单定下、签抽好，问话由 `keep` 去问。"""
    _check(by, size, unit, quarter, at=at)
    seal = await seals.seal_of(quarter, at=at)
    rested = await claims.resting(at)
    found = {claim.code: claim for claim in await claims.claims_in(unit, quarter, at=at)}
    async with in_transaction():
        await Unit.select_for_update(no_key=True).get(id=unit.id)
        if going := await CheckRound.filter(unit=unit, quarter=str(quarter), closed_at=None).first():
            raise Refusal(f"{unit.name} {quarter} 的第 {going.id} 回还没收完，发 /抽查 看到哪一步了。")
        fresh = await CheckRound.create(
            unit=unit,
            quarter=str(quarter),
            size=size,
            seed="",
            claims=draws.pack(found),
            by=by.person_id,
            opened_at=at,
            closes_at=at + ROUND,
        )
        fresh.seed = draws.seed_of(seal.seed, fresh.id)
        rows = _taken(fresh, [found[code] for code in draws.draw(fresh.seed, found, len(found))], rested)
        if len(rows) < FEWEST:
            raise Refusal(
                f"{unit.name} {quarter} 能抽的只有 {len(rows)} 件，少了容易猜到问的是谁，攒到 {FEWEST} 件再抽。"
            )
        fresh.size = min(size, len(rows))
        await fresh.save(update_fields=["seed", "size"])
        await SpotCheck.bulk_create(rows, batch_size=500)
        detail = f"{quarter} {fresh.size} 件"
        await audits.record("check.start", subject=f"u{unit.id}", at=at, actor_id=by.person_id, detail=detail)
    return Opened(fresh, unit, len(found), len(rows) - fresh.size)


def _only_overseer(by: Speaker, unit: Unit) -> None:
    if not units.oversees(by, unit):
        raise Refusal(f"抽查由管理员和督导来开，{unit.name}要它自己或上级的。")


def _check(by: Speaker, size: int, unit: Unit, quarter: Quarter, *, at: datetime) -> None:
    _only_overseer(by, unit)
    if not FEWEST <= size <= MOST:
        raise Refusal(f"一回抽 {FEWEST} 到 {MOST} 件，例如：{EXAMPLE}")
    if quarter > Quarter.of(at):
        raise Refusal(f"{quarter} 还没开始，没有可抽的。")
    if quarter < Quarter.of(at).previous:
        raise Refusal(f"只抽本季和上季的事；{quarter} 的账已经结了。")


def _taken(drawn: CheckRound, order: Sequence[Claim], rested: set[int]) -> list[SpotCheck]:
    """照抽到的次序取，一位青年只取一件，近来问过的不取；取够一倍的备选为止。"""
    rows, met = list[SpotCheck](), set(rested)
    for rank, claim in enumerate(order, 1):
        if claim.youth_id in met or len(rows) >= 2 * drawn.size:
            continue
        met.add(claim.youth_id)
        rows.append(
            SpotCheck(
                key=f"r{drawn.id}/{claim.code}",
                kind=CheckKind.CLAIM,
                state=RESERVE,
                round=drawn,
                quarter=drawn.quarter,
                cadre_id=claim.cadre_id,
                unit_id=claim.unit_id,
                youth_id=claim.youth_id,
                activity_id=claim.activity_id,
                wish_id=claim.wish_id,
                claim=claim.code,
                rank=rank,
            )
        )
    return rows


async def keep(at: datetime) -> None:
    """该问的问，没等到的换下一位，该收的收；可以随便重复。夜里不问。"""
    await seals.seal_of(Quarter.of(at), at=at)
    for going in await CheckRound.filter(closed_at=None).order_by("id"):
        await _lapse(going, at=at)
        if at < going.closes_at - LEAST and not is_quiet(at):
            await _ask(going, at=at)
        if at >= going.closes_at or await _is_done(going):
            await _close(going, at=at)


async def _lapse(going: CheckRound, *, at: datetime) -> None:
    late = SpotCheck.filter(round=going, state=ASKED, asked_at__lte=at - ANSWER_WITHIN)
    for check_id in await late.order_by("id").values_list("id", flat=True):
        async with holding(int(str(check_id))) as row:
            if row.state is ASKED:
                await advance(row, Move.LAPSE, settled_at=at)


async def _ask(going: CheckRound, *, at: datetime) -> None:
    """在问的与答了的不满要问的数，就照次序问下一位。"""
    live = await SpotCheck.filter(round=going, state__in=(ASKED, ANSWERED)).count()
    rows = SpotCheck.filter(round=going, state=RESERVE).order_by("rank")
    for check_id in await rows.values_list("id", flat=True):
        if live >= going.size:
            return
        live += await _ask_one(going, int(str(check_id)), at=at)


async def _ask_one(going: CheckRound, check_id: int, *, at: datetime) -> bool:
    async with holding(check_id) as row:
        await row.fetch_related("activity", "wish", "unit", "cadre__person")
        if row.state is not RESERVE:
            return False
        if row.youth_id is None or not await claims.reachable(row.youth_id, row.cadre_id):
            await advance(row, Move.SKIP, settled_at=at)
            return False
        found = await check_questions.recognition(row, row.unit, going.seed, at=going.opened_at)
        until = min(at + ANSWER_WITHIN, going.closes_at)
        last_day = local(until) - timedelta(days=1)
        await advance(row, Move.ASK, asked_at=at, options=found.options, decoy=found.decoy)
        name = row.cadre.person.name or "团干部"
        await notices.post(
            "check.ask",
            period=row.number,
            person_id=row.youth_id,
            text=check_questions.question(row, name, found, last_day),
            at=at,
            expires_at=until,
            discreet=True,
        )
    return True


async def _is_done(going: CheckRound) -> bool:
    """没有在问的了，答够了或没有备选的了。"""
    rows = SpotCheck.filter(round=going)
    answered = await rows.filter(state=ANSWERED).count()
    waiting = await rows.filter(state=ASKED).exists()
    return not waiting and (answered >= going.size or not await rows.filter(state=RESERVE).exists())


async def _close(going: CheckRound, *, at: datetime) -> None:
    """收：没答的不等了，答了的见分晓。"""
    async with in_transaction():
        if not await CheckRound.filter(id=going.id, closed_at=None).update(closed_at=at):
            return
        await SpotCheck.filter(round=going, state=ASKED).update(state=CheckState.LAPSED, settled_at=at)
        await SpotCheck.filter(round=going, state=RESERVE).delete()  # 没问到的，名字不留
        rows = SpotCheck.filter(round=going, state=ANSWERED).order_by("id").select_for_update(no_key=True)
        for row in await rows:
            await check_cases.conclude(row, at=at)
    await Notice.filter(kind="check.ask", period__in=await _numbers(going), state__in=("due", "riding")).delete()


async def _numbers(going: CheckRound) -> list[str]:
    rows = await SpotCheck.filter(round=going).values_list("id", flat=True)
    return [f"K{check_id}" for check_id in rows]


async def outcomes(by: Speaker, unit: Unit) -> list[Outcome]:
    """`unit`（及下级）近来的几回，新的在前。"""
    _only_overseer(by, unit)
    rows = CheckRound.filter(unit__path__gte=unit.path, unit__path__lt=unit.path_end)
    found = await rows.order_by("-id").limit(FEWEST).select_related("unit").only(*_LIGHT)
    return [await _outcome(one) for one in found]


#: 名单可能很长，看进度时不读
_LIGHT = ("id", "unit_id", "quarter", "size", "opened_at", "closes_at", "closed_at", "unit__id", "unit__name")


async def _outcome(one: CheckRound) -> Outcome:
    rows = await SpotCheck.filter(round_id=one.id)
    answers = Counter(row.answer for row in rows if row.answer)
    false_alarms = sum(row.answer is CheckAnswer.NO and row.state is CheckState.HELD for row in rows)
    return Outcome(one, one.unit, Counter(row.state for row in rows), answers, false_alarms)
