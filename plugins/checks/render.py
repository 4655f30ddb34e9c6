"""抽查怎么说给人听。对谁都不说问了哪位青年；不满 5 份的，连几个“有”也不说。"""

from datetime import timedelta

from bot.league.chains import Root, Verdict
from bot.league.check_cases import EXPLAIN_WITHIN, CaseFile
from bot.league.check_rounds import Opened, Outcome
from bot.league.check_steps import CASES
from bot.league.draws import commitment
from bot.league.periods import Quarter, day, moment
from bot.league.seals import Published, Sealed
from db.models import CheckAnswer, CheckKind, CheckState, SpotCheck, Unit

#: 问过的代号至多列几个，再多看名单
_CODES = 40


def opened(found: Opened) -> str:
    """开了一回：先把哈希亮出来。"""
    one = found.round
    last = one.closes_at - timedelta(days=1)
    return "\n".join(
        [
            f"抽查第 {one.id} 回开始了：{found.unit.name} {one.quarter}，"
            f"{found.claims} 件里抽了 {one.size} 件，备选 {found.reserves} 件。",
            f"种子的哈希 {commitment(one.seed)}",
            f"我私下问青年本人，问了谁、怎么答的谁也看不到；{day(last)}前收完，对不上的才开案。",
            f"收完发 /抽查 种子 {one.id}，谁都能照着再抽一遍。",
        ]
    )


def outcomes(unit: Unit, found: list[Outcome]) -> str:
    """近来几回到哪一步了。"""
    if not found:
        return f"{unit.name}还没有抽查过。开一回发 /抽查 20，后面可以写单位和季度。"
    return "\n".join([*map(_outcome, found), "看种子和名单发 /抽查 种子 1（第几回）；等着裁定的发 /督办 看。"])


def _outcome(one: Outcome) -> str:
    head = f"第 {one.round.id} 回（{one.unit.name} {one.round.quarter}，{one.round.size} 件）："
    if one.round.closed_at is None:
        return f"{head}还在问，{day(one.round.closes_at - timedelta(days=1))}前收完。"
    if not one.shown:
        return f"{head}收完了，答的不满 5 位，不给数。"
    said = "、".join(f"{answer} {one.answers.get(answer, 0)}" for answer in CheckAnswer)
    waiting = sum(one.states.get(state, 0) for state in CASES)
    return (
        f"{head}收完了，{said}（人）。开的案：裁定不实 {one.states.get(CheckState.CONTRADICTED, 0)}，"
        f"属实（误报）{one.false_alarms}，还没裁定 {waiting}（件）。"
    )


def seal(found: Sealed) -> str:
    """这一季封好的总种子。"""
    lines = [
        f"{found.quarter} 的总种子 {moment(found.sealed_at)} 就封好了，哈希 {found.commitment}",
        "每一回的种子由它和第几回算出，开抽查的人定不了，也换不了。",
    ]
    if found.seed:
        lines.append(f"这一季的账结了，公布总种子：{found.seed}")
    return "\n".join(lines)


def published(found: Published) -> str:
    """一回的种子；没收完只有哈希。"""
    lines = [
        f"抽查第 {found.number} 回（{found.sealed.quarter}），{moment(found.opened_at)} 开的",
        f"总种子的哈希 {found.sealed.commitment}（{moment(found.sealed.sealed_at)} 封的）",
        f"种子的哈希 {found.commitment}",
        f"名单 {found.claims} 件，哈希 {commitment(found.listing)}",
    ]
    if found.seed is None:
        return "\n".join([*lines, "还没收完；收完就公布种子和名单。"])
    codes = " · ".join(f"{rank} {code}" for rank, code in found.asked[:_CODES])
    more = f" 等 {len(found.asked)} 件" if len(found.asked) > _CODES else ""
    return "\n".join(
        [
            *lines,
            f"种子 {found.seed}",
            f"问过的（抽到的第几位、代号）：{codes}{more}",
            f"整份名单发 /抽查 种子 {found.number} 名单；怎么再抽一遍，写在 docs/checks.md。",
        ]
    )


def answered(row: SpotCheck) -> str:
    """青年答完之后；答得作不作数都说一样的话。"""
    return f"谢谢，{row.number} 收下了。谁也不知道问过你；不会再问了。"


def explained(row: SpotCheck) -> str:
    """说明之后。"""
    return f"{row.number} 的说明交给别的单位的督导了，裁定了我告诉你。"


def case(found: CaseFile) -> str:
    """一案的全部，给督导。"""
    row = found.check
    head = f"{row.number} {row.unit.name}（{row.kind}）：{found.subject}"
    if row.kind is CheckKind.CLAIM:
        head += "，和青年本人说的对不上。"
    if row.state is CheckState.EXPLAINING and row.opened_at:
        return f"{head}\n等团干部说明，{day(row.opened_at + EXPLAIN_WITHIN)}为止，之后再裁定。"
    said = row.explanation or "（没有说明）"
    lines = [head, f"团干部的说明：{said}"]
    if row.state is CheckState.RULING:
        lines.append(f"裁定发 /裁定 {row.number} 属实 理由，或 /裁定 {row.number} 不实 理由。")
    else:
        lines.append(f"已经裁定：{row.state}。")
    return "\n".join(lines)


def ruled(row: SpotCheck) -> str:
    """裁定之后。"""
    if row.kind is not CheckKind.CLAIM:
        return f"{row.number} 裁定{row.state}。异常不扣分；要查实到具体的事，请那边的管理员发 /抽查。"
    done = "照常算数" if row.state is CheckState.HELD else "这一处不再算数，记进那位团干部这一季的诚信系数"
    return f"{row.number} 裁定{row.state}，{done}；结果和理由我告诉他。"


def verified(found: Verdict) -> str:
    """一条记录改没改过。"""
    number, count = found.activity.number, len(found.written)
    if found.broken:
        which = "、".join(str(version) for version in found.broken)
        return f"{number} 第 {which} 版和当时封好的对不上，库里的也许被动过，请马上告诉超级管理员。"
    if not count:
        return f"{number} 没有留下过版本，核不了。"
    head = f"{number} 没改过" if count == 1 else f"{number} 现在是第 {count} 版"
    written = "；".join(
        f"第 {version} 版 {moment(at)} 记的" if count > 1 else f"，{moment(at)} 记的"
        for version, at in enumerate(found.written, 1)
    )
    waiting = "刚记的过一分钟才封好，稍后再核一次。" if found.waiting else "前后都对得上。"
    return f"{head}{'：' if count > 1 else ''}{written}。{waiting}"


def chain(quarter: Quarter, root: Root | None, broken: list[int]) -> str:
    """一季的链。"""
    if root is None:
        return f"{quarter} 还没有封好的记录。"
    if broken:
        which = "、".join(map(str, broken[:10]))
        return f"{quarter} 封好的记录里第 {which} 版对不上，库里的也许被动过，请马上查。"
    return f"{quarter} 的记录一共封了 {root.links} 版，从头到尾对得上。\n末尾的指纹（根）{root.digest}"
