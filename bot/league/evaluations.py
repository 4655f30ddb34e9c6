"""评估：年中、年底一个单位一份。数由团团摆，意见由上级的人写、人签；那个单位七天内可以提异议，签的人来答。"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from bot.league import audits, evaluation_figures, notices, rankings, reports, roster, units, words
from bot.league.errors import Refusal
from bot.league.evaluation_figures import Figures, Term
from bot.league.periods import local, on
from bot.league.roster import Speaker
from db.models import Evaluation, EvaluationState, Person, Role, RoleKind, Unit

#: 产品说明第 7 节：评估由人签、可以提异议；七天与抽查的说明期一样（我们的建议）
OBJECT_WITHIN = timedelta(days=7)

SIGN_EXAMPLE = "/评估 签 2026上半年 甲学院团总支 联系扎实，心愿答得慢了些"
OBJECT_EXAMPLE = "/评估 异议 三月的两件心愿是转来的，不该算我们慢"
ANSWER_EXAMPLE = "/评估 答复 甲学院团总支 维持 查过了，两件都是本单位接的"

SIGNED, OBJECTED, UPHELD, REVISED = EvaluationState


class Move(StrEnum):
    """一步。"""

    SIGN = "签"
    OBJECT = "异议"
    UPHOLD = "维持"
    REVISE = "改为"


#: 头一步从 `None` 开始；表里没有的都不行
STEPS: dict[tuple[EvaluationState | None, Move], EvaluationState] = {
    (None, Move.SIGN): SIGNED,
    (SIGNED, Move.OBJECT): OBJECTED,
    (OBJECTED, Move.UPHOLD): UPHELD,
    (OBJECTED, Move.REVISE): REVISED,
}


@dataclass(frozen=True)
class View:
    """一个单位的评估：签过的是冻住的数，没签的是此刻的。"""

    unit: Unit
    term: Term
    figures: Figures
    row: Evaluation | None
    signer: str | None = None


def opens_at(term: Term) -> datetime:
    """最早什么时候签：最后一季的季报该交到的那天。"""
    return on(reports.due_day(term.quarters[-1]))


async def look(by: Speaker, unit: Unit, term: Term, *, at: datetime) -> View:
    """那个单位和上级的管理员看得到。"""
    if not by.administers(unit.path or "-"):
        raise Refusal(f"{unit.name}的评估给它自己和上级的管理员看。")
    _check_unit(unit, term, at=at)
    row = await Evaluation.get_or_none(unit_id=unit.id, term=term.code)
    if row is None:
        await rankings.refresh(at=at)
        return View(unit, term, await evaluation_figures.gather(unit, term, at=at), None)
    signer = await Person.get_or_none(id=row.signed_by)
    return View(unit, term, Figures.from_json(row.figures), row, signer.name if signer else None)


async def overview(by: Speaker, term: Term) -> tuple[Unit, list[tuple[Unit, Evaluation | None]]]:
    """自己管的最上一级单位的下一级，各签到哪一步。"""
    top = await units.seen(by, None, example="/评估 2026上半年")
    rows = {row.unit_id: row for row in await Evaluation.filter(term=term.code)}
    below = await Unit.filter(parent_id=top.id).order_by("path")
    return top, [(unit, rows.get(unit.id)) for unit in below]


def _check_unit(unit: Unit, term: Term, *, at: datetime) -> None:
    if unit.parent_id is None:
        raise Refusal(f"{unit.name}上面没有单位来评。看下级的，发 /评估 {term} 某团总支")
    if term.quarters[0].start > at:
        raise Refusal(f"{term}还没开始。")


async def sign(by: Speaker, unit: Unit, term: Term, opinion: str, *, at: datetime) -> View:
    """上级的管理员写意见、签；签了把数冻住，告诉那个单位。"""
    _check_unit(unit, term, at=at)
    _only_above(by, unit)
    if by.person_id is None:
        raise Refusal("签字要认得出是谁，请先用 /绑定 六位码 认领名册上的身份。")
    if at < opens_at(term):
        day = local(opens_at(term))
        raise Refusal(f"{term}的评估 {day.month} 月 {day.day} 日起才签，现在先看数：/评估 {term} {unit.name}")
    said = words.sentence(opinion, example=SIGN_EXAMPLE)
    before = await Evaluation.get_or_none(unit_id=unit.id, term=term.code)
    _check_step(before, Move.SIGN, unit)
    await rankings.refresh(at=at)
    figures = await evaluation_figures.gather(unit, term, at=at)
    try:
        async with in_transaction():
            row = await Evaluation.create(
                unit_id=unit.id, term=term.code, state=SIGNED, figures=figures.to_json(), opinion=said,
                signed_by=by.person_id, signed_at=at,
            )  # fmt: skip
            await _record(by, row, Move.SIGN, at=at)
            text = (
                f"{unit.name} {term}的评估签了：{said}\n看全部发 /评估 {term}。"
                f"觉得不对，{OBJECT_WITHIN.days} 天内发 {OBJECT_EXAMPLE}"
            )
            for person in (await reports.admins_of([unit])).get(unit.id, []):
                await notices.post("evaluation.signed", period=f"e{row.id}", person_id=person, text=text, at=at)
    except IntegrityError:
        raise Refusal(f"{unit.name} {term}的评估刚刚有人签了，发 /评估 {term} {unit.name} 看看。") from None
    return View(unit, term, figures, row, by.name)


async def object_to(by: Speaker, term: Term | None, reason: str, *, at: datetime) -> tuple[Unit, Evaluation]:
    """管理员替自己的单位提异议，签后七天内；告诉签的人。不写哪一期的是最近签的那份。"""
    unit = await unit_for(by, None)
    said = words.sentence(reason, example=OBJECT_EXAMPLE)
    rows = Evaluation.filter(unit_id=unit.id, **({"term": term.code} if term else {}))
    row = await rows.order_by("-signed_at").first()
    _check_step(row, Move.OBJECT, unit)
    assert row
    if at >= row.signed_at + OBJECT_WITHIN:
        raise Refusal(f"签了超过 {OBJECT_WITHIN.days} 天，异议提不了了；还有话可以发 /建议 或 /投诉。")
    async with in_transaction():
        await _move(row, Move.OBJECT, unit, objection=said, objected_by=by.person_id, objected_at=at)
        await _record(by, row, Move.OBJECT, at=at)
        text = (
            f"{unit.name}对 {Term.of(row.term)}的评估有异议：{said}\n"
            f"查过以后发 /评估 答复 {unit.name} 维持 话，或 改为 新的意见"
        )
        await notices.post("evaluation.objected", period=f"e{row.id}", person_id=row.signed_by, text=text, at=at)
    return unit, row


async def answer(by: Speaker, unit: Unit, move: Move, text: str, *, at: datetime) -> Evaluation:
    """签的人答复：维持，或改成新的意见；他不再管这个单位了，由上级别的管理员答。"""
    _only_above(by, unit)
    said = words.sentence(text, example=ANSWER_EXAMPLE)
    rows = Evaluation.filter(unit_id=unit.id).order_by("-signed_at")
    row = await rows.filter(state=OBJECTED).first() or await rows.first()
    _check_step(row, move, unit)
    assert row
    if row.signed_by != by.person_id and await _still_above(row.signed_by, unit):
        raise Refusal("异议由当时签的那位来答。")
    changes = {"opinion": said} if move is Move.REVISE else {}
    async with in_transaction():
        await _move(row, move, unit, answer=said, answered_by=by.person_id, answered_at=at, **changes)
        await _record(by, row, move, at=at)
        for person in (await reports.admins_of([unit])).get(unit.id, []):
            text = f"{unit.name} {Term.of(row.term)}评估的异议有了答复，{row.state}：{said}"
            await notices.post("evaluation.answered", period=f"e{row.id}", person_id=person, text=text, at=at)
    return row


def _only_above(by: Speaker, unit: Unit) -> None:
    """要是上级的管理员：自己不能评自己。"""
    if not by.administers((unit.path or "")[:-6] or "-"):
        raise Refusal(f"{unit.name}的评估由上级的管理员来签、来答。")


async def _still_above(person_id: int, unit: Unit) -> bool:
    path = unit.path or ""
    above = [path[:end] for end in range(6, len(path), 6)]
    return await Role.filter(person_id=person_id, kind=RoleKind.ADMIN, unit__path__in=above).exists()


def _check_step(row: Evaluation | None, move: Move, unit: Unit) -> EvaluationState:
    """走得了就返回走到哪里，否则 `Refusal`。"""
    if after := STEPS.get((row.state if row else None, move)):
        return after
    if row is None:
        raise Refusal(f"{unit.name}还没有签过的评估。")
    if move is Move.SIGN:
        raise Refusal(f"{unit.name} {Term.of(row.term)}的评估已经签了（{row.state}），一期一份。")
    if move is Move.OBJECT:
        raise Refusal(f"{unit.name} {Term.of(row.term)}的评估已经提过异议了（{row.state}）。")
    raise Refusal(f"{unit.name}没有等着答复的异议。")


async def _move(row: Evaluation, move: Move, unit: Unit, **changes: str | int | datetime | None) -> None:
    after = _check_step(row, move, unit)
    if not await Evaluation.filter(id=row.id, state=row.state).update(state=after, **changes):
        raise Refusal("刚刚有变化，请再发一次。")
    row.update_from_dict({"state": after, **changes})


async def _record(by: Speaker, row: Evaluation, move: Move, *, at: datetime) -> None:
    detail = f"{row.term} {move}"
    await audits.record("evaluation.step", subject=f"u{row.unit_id}", at=at, actor_id=by.person_id, detail=detail)


async def unit_for(by: Speaker, name: str | None) -> Unit:
    """说的是哪个单位：写了就是它，没写是自己当管理员的、有上级的那一个。"""
    if name:
        return await roster.find_unit(name)
    mine = [duty.unit_id for duty in by.duties if duty.kind is RoleKind.ADMIN]
    found = await Unit.filter(id__in=mine, parent_id__isnull=False).order_by("path")
    if len(found) != 1:
        raise Refusal("说的是哪个单位？把全名写上，例如：/评估 2026上半年 甲学院团总支")
    return found[0]
