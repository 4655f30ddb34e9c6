"""参评资格：团团摆建议和理由，管理员来定，本人可以申诉，换一位来复核。从不自动定。"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.league import audits, eligibility_rules, notices, roster, units, words
from bot.league.belated import KEEP_TEXT
from bot.league.eligibility_rules import Suggestion
from bot.league.errors import Refusal
from bot.league.periods import local
from bot.league.roster import Speaker
from db.models import Cadre, Eligibility, EligibilityState, Notice, RoleKind, Unit

#: 定了之后多少天内可以申诉（我们的建议，与评估的异议一样）
APPEAL_WITHIN = timedelta(days=7)

#: 告诉管理员有申诉的那条通知，里面有原话
TOLD = "eligibility.appealed"

EXAMPLE = "/参评 定 张三 暂不 抽查还有一件没说清"
APPEAL_EXAMPLE = "/申诉 二季度我在休产假，次数不该照常算"

APPEALED, ALLOWED, HELD, FINAL = EligibilityState


class Move(StrEnum):
    """一步。"""

    APPEAL = "申诉"
    ALLOW = "可参评"
    HOLD = "暂不"


#: 只有建议、还没有人定，是 `None`；表里没有的都不行
STEPS: dict[tuple[EligibilityState | None, Move], EligibilityState] = {
    (None, Move.APPEAL): APPEALED,
    (None, Move.ALLOW): ALLOWED,
    (None, Move.HOLD): HELD,
    (HELD, Move.APPEAL): APPEALED,
    (HELD, Move.ALLOW): ALLOWED,
    (ALLOWED, Move.HOLD): HELD,
    (APPEALED, Move.ALLOW): ALLOWED,
    (APPEALED, Move.HOLD): FINAL,
}


@dataclass(frozen=True)
class Case:
    """一位团干部：建议，和定了没有。"""

    cadre: Cadre
    suggestion: Suggestion
    row: Eligibility | None

    @property
    def state(self) -> str:
        """定到哪一步。"""
        return self.row.state if self.row else "还没有人定"


async def mine(by: Speaker, *, at: datetime) -> Case:
    """自己的。"""
    cadre_id, _ = by.office()
    return await _case(await Cadre.get(id=cadre_id).select_related("person", "unit"), at=at)


async def _case(cadre: Cadre, *, at: datetime) -> Case:
    """一位此刻说的那一年：等复核的、还在申诉期里的先了结，七月换了年份也不丢下。"""
    pending = Q(state=APPEALED) | Q(state=HELD, decided_at__gt=at - APPEAL_WITHIN)
    row = await Eligibility.filter(pending, cadre_id=cadre.id).order_by("year").first()
    [case] = await _cases([cadre], year=row.year if row else None, at=at)
    return case


async def listed(by: Speaker, unit_name: str | None, year: int | None, *, at: datetime) -> tuple[Unit, list[Case]]:
    """管理员看管得到的一个单位（连同下级）的在任团干部；看一次留一次痕。"""
    if not by.is_admin:
        raise Refusal("名单给单位管理员看。看自己的，发 /参评")
    unit = await units.seen(by, unit_name, example="/参评 名单")
    if not by.administers(unit.path or "-"):
        raise Refusal("名单给单位管理员看。看自己的，发 /参评")
    below = Cadre.filter(left_at=None, unit__path__gte=unit.path, unit__path__lt=unit.path_end)
    cadres = await below.order_by("unit__path", "id").select_related("person", "unit")
    await audits.record("eligibility.view", subject=f"u{unit.id}", at=at, actor_id=by.person_id)
    return unit, await _cases(cadres, year=year, at=at)


async def _cases(cadres: list[Cadre], *, year: int | None, at: datetime) -> list[Case]:
    year = year or eligibility_rules.year_of(at)
    ids = [cadre.id for cadre in cadres]
    found = await eligibility_rules.suggestions(ids, year, at=at)
    rows = {row.cadre_id: row for row in await Eligibility.filter(cadre_id__in=ids, year=year)}
    return [Case(cadre, found[cadre.id], rows.get(cadre.id)) for cadre in cadres]


async def decide(by: Speaker, cadre: Cadre, move: Move, reason: str, *, at: datetime) -> Case:
    """管理员来定，暂不的要写理由；申诉的要换一位来复核，上面没有别人了才由原来那位。"""
    path = cadre.unit.path or "-"
    if not by.administers(path):
        raise Refusal(f"{cadre.unit.name}的参评由它自己或上级的管理员来定。")
    if cadre.person_id == by.person_id or by.person_id is None:
        raise Refusal(
            "自己的参评要别的管理员来定。" if by.person_id else "请先用 /绑定 六位码 认领名册上的身份再来定。"
        )
    said = words.sentence(reason) or None
    if move is Move.HOLD and said is None:
        raise Refusal(f"暂不参评要写理由，本人看得到，例如：{EXAMPLE}")
    case = await _case(cadre, at=at)
    await _check_reviewer(by, case, path)
    row = await _step(case, move, reason=said, decided_by=by.person_id, decided_at=at)
    detail = f"{row.year} {row.state}"
    await audits.record("eligibility.decide", subject=f"c{cadre.id}", at=at, actor_id=by.person_id, detail=detail)
    await _tell_decided(cadre, row, at=at)
    return Case(cadre, case.suggestion, row)


async def _check_reviewer(by: Speaker, case: Case, path: str) -> None:
    if case.row is None or case.row.state is not APPEALED or case.row.decided_by != by.person_id:
        return
    others = {person for level in await roster.officers_above(path, RoleKind.ADMIN) for person in level}
    if others - {by.person_id, case.cadre.person_id}:
        raise Refusal("申诉要换一位管理员来复核，不由原来定的那位。")


async def _tell_decided(cadre: Cadre, row: Eligibility, *, at: datetime) -> None:
    why = f"：{row.reason}" if row.reason else ""
    more = f"\n觉得不对，{APPEAL_WITHIN.days} 天内私聊我发 {APPEAL_EXAMPLE}" if row.state is HELD else ""
    await notices.post(
        "eligibility.decided",
        period=f"{row.year}/{int(at.timestamp())}",
        person_id=cadre.person_id,
        text=f"{row.year} 年的参评定了，{row.state}{why}{more}",
        at=at,
        discreet=True,
    )


async def appeal(by: Speaker, reason: str, *, at: datetime) -> Eligibility:
    """本人申诉：不认建议，或七天内不认定下的；告诉管得到他的管理员。"""
    case = await mine(by, at=at)
    said = words.sentence(reason, example=APPEAL_EXAMPLE)
    if case.row is None and case.suggestion.favourable:
        raise Refusal("现在的建议就是可参评，不用申诉。看理由发 /参评")
    if case.row and case.row.state is HELD and case.row.decided_at and at >= case.row.decided_at + APPEAL_WITHIN:
        raise Refusal(f"定了超过 {APPEAL_WITHIN.days} 天，申诉不了了；还有话可以发 /建议 或 /投诉。")
    row = await _step(case, Move.APPEAL, appeal=said, appealed_at=at)
    await audits.record("eligibility.appeal", subject=f"c{row.cadre_id}", at=at, actor_id=by.person_id)
    await _tell_appealed(case, row, said, at=at)
    return row


async def _tell_appealed(case: Case, row: Eligibility, said: str, *, at: datetime) -> None:
    levels = await roster.officers_above(case.cadre.unit.path or "", RoleKind.ADMIN)
    told = {person for level in levels for person in level} - {case.cadre.person_id}
    others = told - {row.decided_by} or told
    name = case.cadre.person.name or "一位团干部"
    for person in sorted(others):
        await notices.post(
            TOLD,
            period=f"{row.year}/c{row.cadre_id}/{int(at.timestamp())}",
            person_id=person,
            text=f"{name}（{case.cadre.unit.name}）申诉 {row.year} 年的参评：{said}\n"
            f"复核发 /参评 定 {name} 可参评，或 /参评 定 {name} 暂不 理由",
            at=at,
            discreet=True,
        )


async def _step(case: Case, move: Move, **changes: str | int | datetime | None) -> Eligibility:
    """走一步；走不了，或别人先走了一步，就 `Refusal`。"""
    before = case.row.state if case.row else None
    after = STEPS.get((before, move))
    if after is None:
        raise Refusal(f"{case.suggestion.year} 年的参评现在是“{case.state}”，这一步走不了。")
    try:
        async with in_transaction():
            if case.row is None:
                year = case.suggestion.year
                row = Eligibility(cadre_id=case.cadre.id, year=year, state=after)
                await row.update_from_dict(changes).save()
                return row
            if await Eligibility.filter(id=case.row.id, state=before).update(state=after, **changes):
                return await Eligibility.get(id=case.row.id)
    except IntegrityError:
        pass
    raise Refusal("刚刚有变化，请再发一次。")


async def find(by: Speaker, name: str, mentions: tuple[str, ...]) -> Cadre:
    """说的是哪位在任团干部：@ 到的，或管得到的单位里的姓名；同名的要 @。"""
    rows = Cadre.filter(left_at=None).select_related("person", "unit")
    if mentions:
        found = await rows.filter(person__accounts__scope=by.scope, person__accounts__user_id=mentions[0])
    else:
        named = await rows.filter(person__name=name) if len(name) <= roster.NAME_MAX else []
        found = [one for one in named if by.administers(one.unit.path or "-")]
    if len(found) > 1:
        raise Refusal(f"有几位{name}，请 @ 本人再发一次。")
    if not found:
        raise Refusal(f"没有找到这位在任的团干部。写全名或 @ 本人，例如：{EXAMPLE}")
    return found[0]


async def forget(at: datetime) -> None:
    """理由与申诉的话，定了满 90 天清空；一直没人定的，从那一年的后一年过完算起。"""
    old = at - KEEP_TEXT
    over = Q(state__not=APPEALED, decided_at__lte=old) | Q(year__lt=local(old).year - 1)
    await (
        Eligibility.filter(over)
        .filter(Q(reason__isnull=False) | Q(appeal__isnull=False))
        .update(reason=None, appeal=None)
    )


async def erase_words_of(person_id: int) -> None:
    """本人要求删除数据：理由与申诉的话清空，说给管理员的那几条也是。"""
    for row in await Eligibility.filter(cadre__person_id=person_id):
        await Eligibility.filter(id=row.id).update(reason=None, appeal=None)
        told = Notice.filter(kind=TOLD, period__startswith=f"{row.year}/c{row.cadre_id}/")
        await told.filter(state__in=notices.OVER).update(text=None)
        await told.exclude(state__in=notices.OVER).delete()
