"""积分与排名的样子：图上的数据与文字版由同样的值来。"""

from bot.cards import Card, Json, cut
from bot.league import formula
from bot.league.boards import Board, Page, Ranked, UnitRank
from bot.league.formula import LABELS, RATINGS_NEEDED, WEIGHTS, Band, Grade, Part
from bot.league.periods import Quarter, local
from bot.league.quantities import SHOWN_FROM
from bot.league.rankings import OwnRank
from bot.league.roster import Speaker
from bot.league.scored_ratings import satisfaction
from bot.league.shadows import SENTENCE
from bot.league.spans import Span

NOT_APPLICABLE = "不适用（还没有数据）"
#: 评价有没有数据也不说，说了就知道谁答没答
NOT_REVEALED = f"不适用（没揭晓或不满 {RATINGS_NEEDED} 份）"
NEVER_COUNTED = "登录、点赞、转发、在线时长一概不算"

#: 不适用是因为什么
_WHY_NOT = {
    Part.SERVICE: "本季还没有该算的心愿与心声（答复期限内的先不算）",
    Part.FIVE_ONES: "还没有人办过活动、记过一笔，也没有定过五件事，人人都先不算",
    Part.RATINGS: f"每季随机问几位青年，截止后满 {RATINGS_NEEDED} 份才算",
}

_FOR_YOUTH = "排名是给团干部看的，只看单位和团干部，从不涉及青年个人。"
_FOR_INSPECTOR = "排名是给团干部和单位管理员看的。督导看的是真不真，不看名次。"


def score(own: OwnRank | None, name: str | None, everywhere: Span) -> Card | str:
    """五个部分、为什么、怎么涨。"""
    if own is None:
        return "本季还没有你的积分。刚上任的话，过一会儿再发 /积分 看。"
    title, about = f"{name or '我'}的积分", f"{own.quarter} · {own.quota} 人档"
    foot = f"{_sum_up(own)}，不适用的不占分。{NEVER_COUNTED}。"
    lines = [f"{title}（{about}）：{total(own)}", *places(own, everywhere)]
    lines += [_part_line(own, part) for part in Part]
    data: dict[str, Json] = {
        "title": cut(title, 36),
        "subtitle": about,
        "foot": foot,
        "total": f"{own.total:.1f}",
        "band": own.band or "",
        "places": places(own, everywhere),
        "parts": [_part_row(own, part) for part in Part],
    }
    return Card("score", data, "\n".join([*lines, foot]))


def total(own: OwnRank) -> str:
    """`62.5，稳步`；只试算的不分档。"""
    return f"{own.total:.1f}，{own.band}" if own.band else f"{own.total:.1f}"


def places(own: OwnRank, everywhere: Span) -> list[str]:
    """本单位与全部的名次；不足 5 人、只试算的不排。"""
    if own.shadow:
        return [SENTENCE]
    unit = f"第 {own.unit_place} 名，共 {own.unit_size} 人" if own.unit_place else f"同档不足 {SHOWN_FROM} 人，不排名次"
    whole = f"第 {own.place} 名，共 {own.size} 人" if own.place else f"同档不足 {SHOWN_FROM} 人，不排名次"
    return [f"本单位{unit}", f"{cut(everywhere.name, 18)}{whole}"]


def own_place(own: OwnRank | None, quarter: Quarter, everywhere: Span, *, note: str = "") -> str:
    """团干部自己的名次；`note` 是要先说明的一句。"""
    if own is None:
        return f"{quarter} 还没有你的名次：那时你还没上任，或团团还没开始记。"
    head = f"{quarter} 你的积分 {total(own)}（{own.quota} 人档）"
    return "\n".join(filter(None, [note, head, *places(own, everywhere), "怎么来的、怎么涨，私聊发 /积分 看。"]))


def bands(found: dict[Band, list[str]], quarter: Quarter, *, for_youth: bool) -> str:
    """群里看的：只有单位的档位。"""
    lines = [f"{band}：{'、'.join(names)}" for band, names in found.items() if names]
    shown = [f"{quarter} 各单位的档位", *lines] if lines else [f"{quarter} 还没有可以公布的单位档位。"]
    return "\n".join([_FOR_YOUTH, *shown] if for_youth else [*shown, "自己的名次，私聊我发 /排名。"])


def nothing(by: Speaker) -> str:
    """不给看，说清楚为什么。"""
    if by.is_cadre or by.is_admin:
        return "这个群还没绑定，我不知道都有谁在看。私聊我发 /排名 吧。"
    return _FOR_INSPECTOR if by.is_inspector else _FOR_YOUTH


def board(page: Page, *, top: int, notes: list[str]) -> Card:
    """管理员的榜：单位在前，人按档分开；`notes` 是要先说明的几句。"""
    people = "" if page.public else f" · 团干部 {sum(one.size or 0 for one in page.boards)} 人"
    about = f"{page.quarter}{people}" + (" · 本机收录的最大范围" if page.widest else "")
    foot = "".join([*notes, f"数据截至 {local(page.as_of):%m-%d %H:%M}，100 人档与 10 人档分开排。"])
    lines = [f"{page.span.name} 积分排名（{about}）"]
    sections: list[Json] = []
    if page.units:
        note, more = f"团干部积分的中位数，不足 {SHOWN_FROM} 人不显示", "“不适用”指还没有数据、不占分的比重。"
        lines += [f"【单位】{note}", *map(_unit_line, page.units), more]
        sections.append(_section("单位", note, [_unit_row(unit) for unit in page.units], more, stacked=True))
    for one in page.boards:
        heading, note, more = f"{one.quota} 人档", _size_note(one), _more(one, top)
        lines += [f"【{heading}】{note}", *map(_person_line, one.rows), more]
        sections.append(_section(heading, note, [_person_row(ranked) for ranked in one.rows], more))
    data: dict[str, Json] = {
        "title": f"{cut(page.span.name, 28)} 积分排名",
        "subtitle": about,
        "foot": foot,
        "sections": sections,
    }
    return Card("ranking", data, "\n".join(line for line in [*lines, foot] if line))


def _section(heading: str, note: str, rows: list[Json], more: str, *, stacked: bool = False) -> Json:
    return {"heading": heading, "note": note, "rows": rows, "more": more, "stacked": stacked}


def _unit_row(unit: UnitRank) -> Json:
    return {
        "place": unit.place,
        "name": cut(unit.unit, 26),
        "detail": _unit_detail(unit),
        "value": unit.median,
        "shown": _median(unit),
        "band": unit.band or "",
    }


def _unit_line(unit: UnitRank) -> str:
    return f"{unit.place or '–'}. {unit.unit}（{_unit_detail(unit)}）{_median(unit)} {unit.band or ''}".rstrip()


def _unit_detail(unit: UnitRank) -> str:
    if unit.not_applicable is None:
        return f"不足 {SHOWN_FROM} 人"
    return f"{unit.size} 人，不适用 {unit.not_applicable:.0%}"


def _median(unit: UnitRank) -> str:
    return "不显示" if unit.median is None else f"{unit.median:.1f}"


def _size_note(one: Board) -> str:
    if one.size is None:
        return ""
    counts = " · ".join(f"{band} {count}" for band, count in one.bands.items())
    return f"共 {one.size} 人 · {counts}" if one.size >= SHOWN_FROM else f"共 {one.size} 人"


def _more(one: Board, top: int) -> str:
    if one.size is None:  # 有没有没列的都说，不说就知道都在上面了
        return f"群里只列 {formula.BANDS[Band.STEADY]:g} 分以上的前 {top} 名，全部的请私聊我发 /排名"
    hidden = one.size - len(one.rows)
    return f"列了前 {top} 名（并列的都在），还有 {hidden} 人，想多看发 /排名 前50" if hidden else ""


def _person_row(ranked: Ranked) -> Json:
    return {
        "place": ranked.place,
        "name": cut(ranked.name, 12),
        "detail": cut(ranked.unit, 18),
        "value": ranked.total,
        "shown": f"{ranked.total:.1f}",
        "band": ranked.band,
    }


def _person_line(ranked: Ranked) -> str:
    return f"{ranked.place}. {ranked.name}（{ranked.unit}）{ranked.total:.1f} {ranked.band}"


def _part_row(own: OwnRank, part: Part) -> Json:
    value = formula.parts_in(own.score)[part]
    return {
        "label": LABELS[part],
        "points": _absent(part) if value is None else f"{formula.points(part, value):.1f}",
        "weight": str(WEIGHTS[part]),
        "share": value or 0,
        "applies": value is not None,
        "why": _why(own, part),
        "raise": _how_to_raise(own, part),
    }


def _part_line(own: OwnRank, part: Part) -> str:
    reasons = "；".join(filter(None, [_why(own, part), _how_to_raise(own, part)]))
    return points_of(own, part) + (f"：{reasons}" if reasons else "")


def points_of(own: OwnRank, part: Part) -> str:
    """这一部分得几分，如 `五个一 14.0/20`；没有就说不适用。"""
    value = formula.parts_in(own.score)[part]
    shown = _absent(part) if value is None else f"{formula.points(part, value):.1f}/{WEIGHTS[part]}"
    return f"{LABELS[part]} {shown}"


def _absent(part: Part) -> str:
    return NOT_REVEALED if part is Part.RATINGS else NOT_APPLICABLE


def _sum_up(own: OwnRank) -> str:
    applied = {part: value for part, value in formula.parts_in(own.score).items() if value is not None}
    earned = sum(WEIGHTS[part] * value for part, value in applied.items())
    facts = own.score.facts
    honest = ""
    if own.score.integrity < 1:
        checked = (
            f"（抽查 {facts['checked']:g} 件，裁定不实 {facts['contradicted']:g} 件）" if "checked" in facts else ""
        )
        honest = f" × 诚信系数 {own.score.integrity:.3f}{checked}"
    return f"总分 = {earned:.1f} ÷ {sum(WEIGHTS[part] for part in applied)} × 100{honest}"


def _why(own: OwnRank, part: Part) -> str:
    """这一部分是怎么算出来的。"""
    facts = {key: f"{value:g}" for key, value in own.score.facts.items()}
    if part is Part.COVERAGE:
        return (
            f"联系到 {facts['reached']} 名青年（有过有效互动，或在 L2 的活动、记录里作了证），"
            f"基数 {facts['base']} 人（名册 {facts['roster']} 人，应联系 {facts['quota']} 人）"
        )
    if part is Part.DEPTH:
        return f"{facts['twice']} 名青年在两个以上的周里都联系到，满分线 {facts['depth_needed']} 人"
    if part is Part.SERVICE and own.score.service is not None:
        return (
            f"{facts['wishes']} 件心愿与心声：答复 {facts['answered']} 件，"
            f"两个工作日内 {facts['in_time']} 件，青年确认 {facts['confirmed']} 件"
        )
    if part is Part.FIVE_ONES and own.score.five_ones is not None:
        done = [f"{grade} {facts[grade]} 件" for grade in reversed(Grade) if own.score.facts[grade]]
        return "五件事里，" + "，".join(done) if done else "五件事还没有做了的"
    if part is Part.RATINGS and own.score.ratings is not None:
        return f"随机问到的青年总体觉得{satisfaction(own.score.facts['ratings_mean'])}，人少时往全库的平均靠"
    return _WHY_NOT[part]


def _how_to_raise(own: OwnRank, part: Part) -> str:
    """怎么涨：差多少到满分。"""
    facts = own.score.facts
    if part is Part.COVERAGE and (short := facts["base"] - facts["reached"]) > 0:
        return f"再联系到 {short:g} 名，就是满分（看 /雷达）"
    if part is Part.DEPTH and (short := facts["depth_needed"] - facts["twice"]) > 0:
        return f"再和 {short:g} 名青年隔周又聊一次，就是满分"
    if part is Part.SERVICE and own.score.service is not None and own.score.service < 1:
        return "两个工作日内答复、办结后请青年 /确认，就会涨"
    if part is Part.FIVE_ONES and own.score.five_ones is not None and own.score.five_ones < 1:
        return "空着的做一件，做了的请青年确认到 L2，就会涨（看 /五个一）"
    if part is Part.RATINGS and own.score.ratings is not None and own.score.ratings < 1:
        return "说好的事办到，心愿、心声有回音，青年记得住；分不用去要"
    return ""
